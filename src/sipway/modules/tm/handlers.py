"""Blocks that are to run later: t_on_failure() and its like."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.tm._module import mod

_NONE = "0"
_REQUEST: Routes = Routes.REQUEST | Routes.FAILURE
_ANY: Routes = _REQUEST | Routes.REPLY | Routes.BRANCH
_OF_BRANCH = Routes.BRANCH.value


@mod.function("t_on_failure", routes=_ANY)
def t_on_failure(ctx: Context, name: str) -> int:
    """Run failure_route[NAME] when all branches have failed; 0 for none. Returns 1."""
    block = ctx.program.failure_routes.get(name)
    ctx.on_failure = block
    if ctx.transaction is not None:
        ctx.transaction.user.on_failure = block
    return 1


@mod.function("t_on_reply", routes=_ANY)
def t_on_reply(ctx: Context, name: str) -> int:
    """Run onreply_route[NAME] for each response; 0 for none. Returns 1.

    In a branch_route for those to that branch.
    """
    block = ctx.program.reply_routes.get(name)
    ctx.on_reply = block
    if ctx.transaction is not None and ctx.kind != _OF_BRANCH:
        ctx.transaction.user.on_reply = block
    return 1


@mod.function("t_on_branch", routes=_REQUEST)
def t_on_branch(ctx: Context, name: str) -> int:
    """Run branch_route[NAME] for each branch before it is sent; 0 for none. Returns 1."""
    block = ctx.program.branch_routes.get(name)
    ctx.on_branch = block
    if ctx.transaction is not None:
        ctx.transaction.user.on_branch = block
    return 1


@mod.function("t_on_branch_failure", routes=_ANY)
def t_on_branch_failure(ctx: Context, name: str) -> int:
    """Run event_route[tm:branch-failure:NAME] when a branch fails; 0 for none. Returns 1."""
    event = None if name == _NONE else name
    ctx.on_branch_failure = event
    if ctx.transaction is not None and ctx.kind != _OF_BRANCH:
        ctx.transaction.user.on_branch_failure = event
    return 1
