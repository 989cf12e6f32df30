"""Functions that make functions, and how what they made is made again.

A compiled script is bound to such functions, and is stored (see `storing`) with what makes them.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_made: Final[weakref.WeakKeyDictionary[Any, tuple[Any, ...]]] = weakref.WeakKeyDictionary()


def remakable(maker: Callable[P, T]) -> Callable[P, T]:
    """Mark a function of a module: what it returns is made again by the same call.

    What cannot be referred to weakly (a method of a regular expression) has to be known to
    `storing` by its kind.
    """

    @wraps(maker)
    def make(*args: P.args, **kwargs: P.kwargs) -> T:
        result = maker(*args, **kwargs)
        with suppress(TypeError):
            _made[result] = (make, args, kwargs)
        return result

    return make


def call_for(thing: object) -> tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]] | None:
    """Function, arguments and keyword arguments that make `thing` again, if they are known."""
    try:
        return _made.get(thing)
    except TypeError:
        return None
