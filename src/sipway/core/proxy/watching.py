"""Modules that watch transactions: told of each that begins, and of what comes of those they chose.

A Program that nobody watches has no `Watching`, a transaction that nobody chose no watchers, so
both cost one comparison. What a watcher does wrong is logged and changes nothing for the call.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Program
    from sipway.core.proxy.state import ResponseContext
    from sipway.sip.message import Message
    from sipway.tx.transaction import Transaction

logger = logging.getLogger("sipway.engine")

_FAULT: Final = "a watcher of transactions stopped at a fault of sipway's own"


class Watcher:
    """What a module does about one transaction; it refers to none, as the transaction has it."""

    def failed(self, ctx: Context, transaction: Transaction) -> None:
        """All branches have failed; the best response is that of the branch `ctx.branch`.

        failure_route, if there is one, runs on `ctx` afterwards; flags that are changed here stay.
        """

    def answered(
        self, ctx: Context, transaction: Transaction, status: int, reply: Message | None
    ) -> None:
        """A provisional answer, or the first final one, has been sent.

        `reply` is what was passed on, as it came in; None for an answer made here. `ctx.branch` is
        the branch that it came from, or that failed last; -1 without one. `ctx` is the Context of
        that reply, or of the request.
        """


class Watching:
    """Who wants to be told.

    begun         called when a transaction was made of a request: a Watcher, or None
    acknowledged  called for each ACK that is sent on by t_relay(), before that
    """

    def __init__(self) -> None:
        self.begun: list[Callable[[Context, Transaction], Watcher | None]] = []
        self.acknowledged: list[Callable[[Context], None]] = []


def watching_of(program: Program) -> Watching:
    """The Watching of a Program, made if there is none yet."""
    found: Watching | None = program.watching
    if found is None:
        found = program.watching = Watching()
    return found


def tell_begun(watching: Watching, ctx: Context, transaction: Transaction) -> None:
    """A transaction has been made of the request of `ctx`."""
    state: ResponseContext = transaction.user
    for begun in watching.begun:
        try:
            watcher = begun(ctx, transaction)
        except Exception as error:
            logger.error(_FAULT, exc_info=error)
            continue
        if watcher is not None:
            if state.watchers is None:
                state.watchers = []
            state.watchers.append(watcher)


def tell_acknowledged(watching: Watching, ctx: Context) -> None:
    """The ACK of `ctx` is sent on."""
    for acknowledged in watching.acknowledged:
        try:
            acknowledged(ctx)
        except Exception as error:
            logger.error(_FAULT, exc_info=error)


def tell_failed(ctx: Context, transaction: Transaction) -> None:
    """All branches of a transaction with watchers have failed."""
    for watcher in transaction.user.watchers:
        try:
            watcher.failed(ctx, transaction)
        except Exception as error:
            logger.error(_FAULT, exc_info=error)


def tell_answered(
    ctx: Context, transaction: Transaction, status: int, reply: Message | None
) -> None:
    """A transaction with watchers has been answered."""
    for watcher in transaction.user.watchers:
        try:
            watcher.answered(ctx, transaction, status, reply)
        except Exception as error:
            logger.error(_FAULT, exc_info=error)
