"""What a script can ask of transactions.

Source: README of tm, sections 4.14, 4.29 to 4.35, 4.43, 4.44, 4.53, 4.55, 4.57, 4.59.
"""

from __future__ import annotations

from typing import Annotated, Final

from sipway.core.arguments import Regex
from sipway.core.context import Context
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.sl import Status
from sipway.modules.tm._module import mod
from sipway.sip.methods import METHODS

_REQUEST: Final = Routes.REQUEST | Routes.FAILURE
_ANY: Final = _REQUEST | Routes.REPLY | Routes.BRANCH
_FAILURE: Final = Routes.FAILURE.value
_BRANCH: Final = Routes.BRANCH.value
_CANCEL: Final = METHODS["CANCEL"]


def _exists(ctx: Context) -> bool:
    """Whether there is a transaction of this message, as an INVITE's is of its CANCEL not."""
    if ctx.transaction is not None:
        return True
    layer = ctx.program.layer
    if not ctx.message.is_request:
        return layer.find_reply(ctx.message)[0] is not None
    return ctx.message.method_id != _CANCEL and layer.find_request(ctx.message) is not None


@mod.function("t_check_trans", routes=Routes.REQUEST | Routes.REPLY | Routes.BRANCH)
def t_check_trans(ctx: Context) -> int:
    """Whether the message belongs to a transaction: a CANCEL to one of an INVITE. 1 or -1.

    Retransmissions, and ACKs to failures, have been dealt with before the script.
    """
    if not ctx.message.is_request:
        return 1 if _exists(ctx) else -1
    return 1 if ctx.program.layer.find_request(ctx.message) is not None else -1


@mod.function("t_lookup_request", routes=Routes.REQUEST)
@mod.function("t_exists")
def t_exists(ctx: Context) -> int:
    """Whether there is a transaction of this message. 1 or -1."""
    return 1 if _exists(ctx) else -1


@mod.function("t_lookup_cancel", routes=Routes.REQUEST)
def t_lookup_cancel(ctx: Context, flags: int = 0) -> int:
    """Whether there is a transaction of the INVITE that this CANCEL means. 1 or -1.

    With 1 the flags of the message become those of the INVITE.
    """
    if ctx.message.method_id != _CANCEL:
        return -1
    invite = ctx.program.layer.find_request(ctx.message)
    if invite is None:
        return -1
    if flags == 1:
        ctx.flags = invite.user.flags
    return 1


def state_of(ctx: Context) -> ResponseContext | None:
    """What is kept of the transaction of this message, None if it has none."""
    transaction = ctx.transaction
    if transaction is None:
        return None
    state: ResponseContext = transaction.user
    return state


def branches_of(ctx: Context) -> list[BranchState]:
    """What is kept of the branches of the transaction of this message."""
    transaction = ctx.transaction
    return [] if transaction is None else [each.user for each in transaction.branches]


def looked_at(ctx: Context) -> BranchState | None:
    """The branch whose response failure_route, or its like, looks at."""
    state = state_of(ctx)
    if ctx.kind != _FAILURE or state is None or ctx.transaction is None or state.best < 0:
        return None
    kept: BranchState = ctx.transaction.branches[state.best].user
    return kept


@mod.function("t_branch_timeout", routes=_REQUEST)
def t_branch_timeout(ctx: Context) -> int:
    """Whether the branch that failure_route runs for ran out of time. 1 or -1."""
    kept = looked_at(ctx)
    return 1 if kept is not None and kept.timed_out else -1


@mod.function("t_branch_replied", routes=_REQUEST)
def t_branch_replied(ctx: Context) -> int:
    """Whether the branch that failure_route runs for had a response before. 1 or -1."""
    kept = looked_at(ctx)
    return 1 if kept is not None and kept.replied else -1


@mod.function("t_any_timeout", routes=_ANY)
def t_any_timeout(ctx: Context) -> int:
    """Whether a branch of the transaction ran out of time. 1 or -1."""
    return 1 if any(each.timed_out for each in branches_of(ctx)) else -1


@mod.function("t_any_replied", routes=_ANY)
def t_any_replied(ctx: Context) -> int:
    """Whether a branch of the transaction had a response, but for the one at hand. 1 or -1."""
    return 1 if any(each.replied for each in branches_of(ctx)) else -1


@mod.function("t_grep_status", routes=_ANY)
def t_grep_status(ctx: Context, code: Status) -> int:
    """Whether a branch of the transaction ended with this status. 1 or -1."""
    return 1 if any(code in (each.status, each.last) for each in branches_of(ctx)) else -1


@mod.function("t_is_canceled", routes=_ANY)
def t_is_canceled(ctx: Context) -> int:
    """Whether the caller has sent a CANCEL. 1 or -1."""
    state = state_of(ctx)
    return 1 if state is not None and state.cancelled else -1


@mod.function("t_is_expired", routes=_ANY)
def t_is_expired(ctx: Context) -> int:
    """Whether the request has gone on for longer than it may. 1 or -1."""
    state = state_of(ctx)
    return 1 if state is not None and ctx.now >= state.ends_at else -1


def status_of(ctx: Context) -> int:
    """The status that counts: of the reply, of the best response in failure_route, else of the
    last answer sent; 0 before one, -1 without a transaction.
    """
    if not ctx.message.is_request:
        return ctx.message.status
    kept = looked_at(ctx)
    if kept is not None:
        return kept.status
    if ctx.transaction is None or ctx.transaction.server is None or ctx.kind == _BRANCH:
        return -1
    return ctx.transaction.server.status


@mod.function("t_get_status_code", routes=_ANY)
def t_get_status_code(ctx: Context) -> int:
    """The status of the reply, of the best response in failure_route, else of the last answer
    sent; -1 if there is none.
    """
    return status_of(ctx) or -1


@mod.function("t_check_status", routes=_REQUEST | Routes.REPLY)
def t_check_status(ctx: Context, pattern: Regex) -> int:
    """Whether the status, as of t_get_status_code(), matches a regular expression. 1 or -1."""
    status = status_of(ctx)
    return 1 if status > 0 and pattern(str(status)) else -1


_TARGETS: Final = ("branch_route", "failure_route", "onreply_route")


def _to_target(text: str) -> str:
    if text not in _TARGETS:
        raise ValueError(f'branch_route, failure_route or onreply_route is wanted, not "{text}"')
    return text


_TARGET: Final = ArgumentKind("a kind of block", base=str, dynamic=False, convert=_to_target)


@mod.function("t_is_set")
def t_is_set(ctx: Context, target: Annotated[str, _TARGET]) -> int:
    """Whether a branch_route, failure_route or onreply_route is to run later. 1 or -1."""
    state = state_of(ctx)
    if target == "branch_route":
        if ctx.kind == _BRANCH:  # it runs already
            return -1
        block = ctx.on_branch if state is None else state.on_branch
    elif target == "failure_route":
        block = ctx.on_failure if state is None else state.on_failure
    else:
        block = ctx.on_reply if state is None else state.on_reply
    return -1 if block is None else 1


@mod.function("t_is_retr_async_reply", routes=Routes.REPLY)
def t_is_retr_async_reply(ctx: Context) -> int:
    """Whether the transaction of this reply is suspended at the moment. 1 or -1."""
    state = state_of(ctx)
    if state is None:
        transaction = ctx.program.layer.find_reply(ctx.message)[0]
        state = None if transaction is None else transaction.user
    return 1 if state is not None and state.suspended else -1
