"""In which kind of block the script is: t_is_failure_route() and its like; t_precheck_trans().

Source: README of tmx, sections 3.1, 4.8 to 4.11 and 4.16.
"""

from __future__ import annotations

from sipway.core.context import Context
from sipway.language.signatures import Meaning, Routes
from sipway.modules.tmx._module import mod

_FAILURE = Routes.FAILURE.value
_BRANCH = Routes.BRANCH.value
_REPLY = Routes.REPLY.value
_REQUEST = Routes.REQUEST.value

mod.param(
    "precheck_trans", int, 1, meaning=Meaning.IGNORED, doc="one process handles a transaction"
)


@mod.function("t_is_failure_route")
def t_is_failure_route(ctx: Context) -> int:
    """Whether the block that runs is a failure_route, or was called by one. 1 or -1."""
    return 1 if ctx.kind == _FAILURE else -1


@mod.function("t_is_branch_route")
def t_is_branch_route(ctx: Context) -> int:
    """Whether the block that runs is a branch_route, or was called by one. 1 or -1."""
    return 1 if ctx.kind == _BRANCH else -1


@mod.function("t_is_reply_route")
def t_is_reply_route(ctx: Context) -> int:
    """Whether the block that runs is one for replies, or was called by one. 1 or -1."""
    return 1 if ctx.kind == _REPLY else -1


@mod.function("t_is_request_route")
def t_is_request_route(ctx: Context) -> int:
    """Whether the block that runs is request_route, or was called by it. 1 or -1."""
    return 1 if ctx.kind == _REQUEST else -1


@mod.function("t_precheck_trans", routes=Routes.REQUEST)
def t_precheck_trans(ctx: Context) -> int:
    """Returns -1: no other process works at the same request; a retransmission is absorbed."""
    del ctx
    return -1
