"""Branches taken away; they are added by corex, kex and pv."""

from __future__ import annotations

from typing import Annotated

from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind, Routes

_ROUTES = Routes.REQUEST | Routes.FAILURE


def _to_index(value: int) -> int:
    if value < 0:
        raise ValueError(f"branches are counted from 0, not {value}")
    return value


_INDEX = ArgumentKind("the number of a branch", base=int, dynamic=False, convert=_to_index)


@core.function("remove_branch", routes=_ROUTES)
def remove_branch(ctx: Context, index: Annotated[int, _INDEX] = 0) -> int:
    """Take an added branch away, the first one unless a number from 0 is given.

    Returns 1, also if there is no such branch.
    """
    branches = ctx.branches
    if branches is not None and index < len(branches):
        del branches[index]
    return 1


@core.function("clear_branches", routes=_ROUTES)
def clear_branches(ctx: Context) -> int:
    """Take all added branches away."""
    ctx.branches = None
    return 1
