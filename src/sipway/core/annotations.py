"""The parameters of a Python function as it is written, for what turns them into arguments.

As `inspect.signature()` says them, but for what a start cannot afford: some 300 functions are
read when sipway starts, and `inspect` alone takes longer to import than all of that.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator
from types import FunctionType
from typing import Any, Final, NamedTuple, cast

_BUILTINS: Final = vars(builtins)
_VARIADIC: Final = 4
"""The flag of code with `*names` (`inspect.CO_VARARGS`)."""


class Parameter(NamedTuple):
    """`annotation` is its value, not its text; `variadic`: `*names`, which is optional too."""

    name: str
    annotation: Any
    optional: bool
    variadic: bool


def parameters(function: Callable[..., Any], skip: int = 0) -> Iterator[Parameter]:
    """What can be given by place, without the first `skip` of them."""
    while hasattr(function, "__wrapped__"):
        function = function.__wrapped__
    function = cast(FunctionType, function)  # or a compiled one, which has the same
    code, notes, space = function.__code__, function.__annotations__, function.__globals__
    required = code.co_argcount - len(function.__defaults__ or ())
    for at in range(skip, code.co_argcount):
        name = code.co_varnames[at]
        yield Parameter(name, _value(notes[name], space), at >= required, False)
    if code.co_flags & _VARIADIC:
        name = code.co_varnames[code.co_argcount + code.co_kwonlyargcount]
        yield Parameter(name, _value(notes[name], space), True, True)


def _value(annotation: Any, space: dict[str, Any]) -> Any:
    if not isinstance(annotation, str):
        return annotation
    found = space.get(annotation, _BUILTINS.get(annotation))
    return eval(annotation, space) if found is None else found
