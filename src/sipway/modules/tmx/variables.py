"""`$T_reply_code` and other variables of transactions.

Source: pseudo-variables cookbook, TMX module; what each is where as Kamailio 5.6.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.context import Context
from sipway.core.proxy import contexts, relaying
from sipway.core.proxy.identities import numbers_of
from sipway.core.proxy.state import BranchState
from sipway.language.signatures import Inner, Routes
from sipway.modules.tm.questions import looked_at, state_of
from sipway.modules.tmx._module import mod
from sipway.sip.methods import METHODS

Value = int | str | None

_CANCEL: Final = METHODS["CANCEL"]
_BRANCH: Final = Routes.BRANCH.value
_FAILURE: Final = Routes.FAILURE.value


def _in_failure_route(ctx: Context) -> bool:
    state = state_of(ctx)
    return ctx.kind == _FAILURE and state is not None and not state.in_branch_failure


@mod.variable("T_branch_idx", values=(int,), nullable=False)
def _branch_index(ctx: Context) -> int:
    """The number of the branch: in branch_route, for a reply and in event_route[tm:branch-failure].

    In failure_route how many there have been; 0 elsewhere.
    """
    transaction = ctx.transaction
    if transaction is None:
        return 0
    if ctx.kind == _FAILURE and not transaction.user.in_branch_failure:
        return len(transaction.branches)
    return max(0, ctx.branch)


@mod.variable("T_reply_code", values=(int,), nullable=False)
def _reply_code(ctx: Context) -> int:
    """The status of the reply; in failure_route of the best response; else of the last answer
    sent. 0 where there is none.
    """
    if not ctx.message.is_request:
        return ctx.message.status
    kept = looked_at(ctx)
    if kept is not None:
        return kept.status
    transaction = ctx.transaction
    if transaction is None or transaction.server is None or ctx.kind == _FAILURE:
        return 0
    return transaction.server.status


@mod.variable("T_reply_reason", values=(str,), nullable=False)
def _reply_reason(ctx: Context) -> str:
    """The reason phrase of the reply, or of the best response in failure_route; else empty."""
    if not ctx.message.is_request:
        return ctx.message.reason
    kept = looked_at(ctx)
    if kept is None or not _in_failure_route(ctx):
        return ""
    return kept.reason if kept.reply is None else kept.reply.reason


@mod.variable("T_reply_last", values=(int, str), nullable=False)
def _reply_last(ctx: Context) -> int | str:
    """The status of the last reply that was received, in blocks for replies; else empty."""
    return "" if ctx.message.is_request else ctx.message.status


def _ruid(ctx: Context) -> str:
    kept = looked_at(ctx)
    if kept is None and not ctx.message.is_request and ctx.transaction is not None:
        kept = ctx.transaction.branches[ctx.branch].user
    return "" if kept is None else kept.ruid or ""


@mod.variable("T_reply_ruid", values=(str,), nullable=False)
def _reply_ruid(ctx: Context) -> str:
    """The id of the location record that the branch came from; empty where there is none."""
    return _ruid(ctx)


# --- $T(...) -------------------------------------------------------------------------------------


def _number(ctx: Context, place: int, make: bool) -> int | None:
    if ctx.transaction is None and make and ctx.message.is_request:
        relaying.begin(ctx)
    return None if ctx.transaction is None else numbers_of(ctx.transaction)[place]


def _reply_type(ctx: Context) -> int | None:
    if ctx.transaction is None:
        return None
    kept = looked_at(ctx)
    return 1 if kept is not None and kept.reply is None and _in_failure_route(ctx) else 0


_READ: Final[dict[str, Callable[[Context], Value]]] = {
    "id_index": lambda ctx: _number(ctx, 0, False),
    "id_label": lambda ctx: _number(ctx, 1, False),
    "id_index_n": lambda ctx: _number(ctx, 0, True),
    "id_label_n": lambda ctx: _number(ctx, 1, True),
    "reply_code": _reply_code,
    "reply_reason": _reply_reason,
    "reply_last": _reply_last,
    "branch_index": _branch_index,
    "ruid": lambda ctx: _ruid(ctx) or None,
    "reply_type": _reply_type,
}


def _known(name: str) -> str:
    if name not in _READ:
        raise ValueError(f"{', '.join(_READ)} are there, not {name}")
    return name


@mod.variable("T", inner=Inner.REQUIRED, prepare=_known)
def _transaction(ctx: Context, name: str) -> Value:
    """Of the transaction `id_index` and `id_label` (with `_n`: one is made), `reply_code`,
    `reply_reason`, `reply_last`, `branch_index`, `ruid`, and `reply_type`: 1 for a response made
    here, in failure_route.
    """
    return _READ[name](ctx)


# --- $T_branch(...) ------------------------------------------------------------------------------


def _branch_name(name: str) -> str:
    if name not in ("uri", "flags"):
        raise ValueError(f"a branch has uri and flags, not {name}")
    return name


@mod.variable("T_branch", inner=Inner.REQUIRED, prepare=_branch_name)
def _branch(ctx: Context, name: str) -> Value:
    """`flags` of the branch of a reply, or of the best response in failure_route; `uri`, its
    Request-URI, for a reply only.
    """
    if ctx.message.is_request:
        kept: BranchState | None = looked_at(ctx)
        return ctx.branch_flags if kept is not None and name == "flags" else None
    transaction = ctx.transaction
    if transaction is None or ctx.branch < 0:
        return None
    if name == "flags":
        return ctx.branch_flags
    kept = transaction.branches[ctx.branch].user
    return kept.uri or transaction.request.uri


# --- of another message --------------------------------------------------------------------------


@mod.variable("T_req", inner=Inner.REQUIRED, elsewhere=True)
def _of_request(ctx: Context, read: Callable[[Context], Value]) -> Value:
    """In a block for replies a variable of the request."""
    transaction = ctx.transaction
    if ctx.message.is_request or transaction is None:
        return None
    request = contexts.context_of(transaction, ctx.now)
    request.ruri = request.dst_uri = None
    request.vars = ctx.vars
    return read(request)


@mod.variable("T_rpl", inner=Inner.REQUIRED, elsewhere=True)
def _of_reply(ctx: Context, read: Callable[[Context], Value]) -> Value:
    """In failure_route a variable of the best response; null if that was made here."""
    kept = looked_at(ctx)
    if kept is None or kept.reply is None or ctx.transaction is None:
        return None
    flow = ctx.transaction.branches[ctx.transaction.user.best].flow
    reply = Context(
        kept.reply, ctx.program, ctx.socket, flow.destination, ctx.now, Routes.REPLY.value
    )
    ctx.transaction.user.lend(reply)
    reply.avps, reply.extras, reply.vars = ctx.avps, ctx.extras, ctx.vars
    return read(reply)


@mod.variable("T_inv", inner=Inner.REQUIRED, elsewhere=True)
def _of_invite(ctx: Context, read: Callable[[Context], Value]) -> Value:
    """For a CANCEL a variable of the INVITE that it means."""
    if ctx.message.method_id != _CANCEL or not ctx.message.is_request:
        return None
    invite = ctx.program.layer.find_request(ctx.message)
    if invite is None:
        return None
    request = contexts.context_of(invite, ctx.now)
    request.ruri = request.dst_uri = None
    request.avps, request.vars = ctx.avps, ctx.vars
    return read(request)
