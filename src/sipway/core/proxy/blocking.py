"""Which destinations a proxy leaves alone for a while, and why (`use_dst_blocklist`).

Source: README of tm, `blst_*`. Whoever calls has looked whether there is a blocklist at all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sipway.sip.headers import RETRY_AFTER

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Program
    from sipway.core.sockets import ListenSocket
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction


def is_blocked(ctx: Context, protocol: str, address: bytes) -> bool:
    """Whether this request is not to be sent to a destination."""
    program = ctx.program
    blocked = program.blocklist
    return (
        blocked is not None
        and bool(ctx.message.method_id & program.proxy.block_lookup)
        and blocked.has(protocol, address, ctx.now)
    )


def overloaded(ctx: Context, branch: ClientTransaction) -> None:
    """A 503 has come: it says for how long its sender is to be left alone."""
    limits = ctx.program.proxy.block_503
    if limits is None:
        return
    default, least, most = limits
    said = (ctx.message.value(RETRY_AFTER) or "").partition(";")[0].partition("(")[0].strip()
    seconds = default
    if said.isascii() and said.isdecimal() and len(said) <= 10:
        seconds = min(max(int(said), least), most)
    if seconds:
        _add(ctx.program, branch, ctx.now, seconds)


def silent(
    program: Program, transaction: Transaction, branch: ClientTransaction, now: float
) -> None:
    """A branch has run out of time without any response."""
    if transaction.request.method_id & program.proxy.block_add:
        _add(program, branch, now, None)


def _add(program: Program, branch: ClientTransaction, now: float, seconds: int | None) -> None:
    blocked = program.blocklist
    if blocked is not None:
        socket = cast("ListenSocket", branch.flow.sender)
        blocked.add(socket.protocol, branch.flow.destination, now, seconds)
