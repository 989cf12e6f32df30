"""Which transactions are accounted, and when.

A transaction is looked at if one of the flags is set when it is made; what is then accounted is up
to the flags that it has when it is answered, or when its branches have failed (missed calls).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.proxy.watching import Watcher, watching_of
from sipway.errors import ModuleError
from sipway.modules.acc import _module as parameters
from sipway.modules.acc import record
from sipway.modules.acc._module import mod
from sipway.modules.acc.acks import Acks
from sipway.modules.acc.engines import Engines, engines_of
from sipway.modules.rr import is_upstream, own_route_params
from sipway.sip.methods import CANCEL, INVITE

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Program
    from sipway.core.proxy.state import ResponseContext
    from sipway.sip.message import Message
    from sipway.tx.transaction import Transaction

_ANSWERED: Final = "transaction answered"
_MISSED: Final = "call missed"
_ACKNOWLEDGED: Final = "request acknowledged"


class _Accounting:
    """What the parameters of a Program say."""

    def __init__(self, program: Program, engines: Engines) -> None:
        self.engines = engines
        self.prepare_mask = parameters.prepare_mask(program)
        self.always = bool(parameters.prepare_always(program))
        self.failed_mask = parameters.failed_mask(program)
        self.failed_filter = parameters.failed_filter(program)
        self.early_media = bool(parameters.early_media(program))
        self.cancels = bool(parameters.report_cancels(program))
        self.directions = bool(parameters.detect_direction(program))
        self.reason_header = bool(parameters.reason_from_hf(program))
        self.acks: Acks | None = None
        if parameters.report_ack(program):
            self.acks = program.shared.of_module("acc", Acks)
        self._chosen = engines.mask | engines.missed_mask | self.prepare_mask

    def begun(self, ctx: Context, transaction: Transaction) -> Watcher | None:
        """Look at a transaction from now on, or not."""
        flags = ctx.flags
        if not (flags & self._chosen or self.always):
            return None
        message = transaction.request
        if message.method_id == CANCEL and not self.cancels:
            return None
        failures = flags & (self.engines.missed_mask | self.prepare_mask) or self.always
        return _Account(
            self,
            invite=message.method_id == INVITE,
            acks=bool(flags & self.engines.mask),
            failures=bool(failures),
            upstream=self.directions and is_upstream(ctx, own_route_params(ctx)),
        )

    def acknowledged(self, ctx: Context) -> None:
        """Account the first ACK to the 2xx of a transaction that is accounted."""
        assert self.acks is not None
        transaction = self.acks.take(ctx)
        if transaction is None or transaction.server is None:
            return
        flags = transaction.user.flags & self.engines.mask
        if flags:
            status = transaction.server.status
            upstream = self.directions and is_upstream(ctx, own_route_params(ctx))
            accounted = record.of_ack(ctx, transaction, status, upstream=upstream)
            self.engines.account(_ACKNOWLEDGED, accounted, flags)


class _Account(Watcher):
    """One transaction that may be accounted.

    invite    it is a call
    acks      an ACK to it is accounted
    failures  that it was missed is accounted before failure_route already
    upstream  the callee of the dialog has sent it
    """

    __slots__ = ("_accounting", "_acks", "_failures", "_invite", "_upstream")

    def __init__(
        self, accounting: _Accounting, *, invite: bool, acks: bool, failures: bool, upstream: bool
    ) -> None:
        self._accounting = accounting
        self._invite = invite
        self._acks = acks and invite and accounting.acks is not None
        self._failures = failures
        self._upstream = upstream

    def failed(self, ctx: Context, transaction: Transaction) -> None:
        """What failure_route sees has the flags for missed calls no more; t_reply() in it does."""
        if self._invite and self._failures:
            kept = transaction.branches[ctx.branch].user
            flags = ctx.flags & self._accounting.engines.missed_mask
            if flags:
                shown = self._record(ctx, transaction, kept.status, kept.reply)
                self._accounting.engines.account_missed(_MISSED, shown, flags)
                ctx.flags &= ~flags

    def answered(
        self, ctx: Context, transaction: Transaction, status: int, reply: Message | None
    ) -> None:
        accounting = self._accounting
        engines = accounting.engines
        state: ResponseContext = transaction.user
        if state.replicating:  # its answers are nobody's
            return
        if self._invite and status >= 300:
            flags = state.flags & engines.missed_mask
            if flags:
                shown = self._record(ctx, transaction, status, reply)
                engines.account_missed(_MISSED, shown, flags)
                state.flags &= ~flags
        flags = state.flags & engines.mask
        if not flags or not self._counts(state.flags, status, reply):
            return
        shown = self._record(ctx, transaction, status, reply)
        engines.account(_ANSWERED, shown, flags)
        if self._acks and reply is not None and 200 <= status < 300:
            assert accounting.acks is not None
            accounting.acks.expect(transaction, reply, ctx.now)

    def _counts(self, flags: int, status: int, reply: Message | None) -> bool:
        """Whether an answer with this status is accounted at all."""
        accounting = self._accounting
        if status >= 300:
            return bool(flags & accounting.failed_mask) and status not in accounting.failed_filter
        if status >= 200:
            return True
        return accounting.early_media and reply is not None and reply.content_length > 0

    def _record(
        self, ctx: Context, transaction: Transaction, status: int, reply: Message | None
    ) -> record.Accounted:
        return record.of_transaction(
            transaction,
            ctx,
            status,
            reply,
            upstream=self._upstream,
            reason_header=self._accounting.reason_header,
        )


@mod.on_start
def _start(program: Program) -> None:
    """Raises ModuleError for parameters that cannot work."""
    if "tm" not in program.modules:
        raise ModuleError("acc needs the module tm", hint='loadmodule "tm.so"')
    if parameters.detect_direction(program) and "rr" not in program.modules:
        raise ModuleError("acc: detect_direction needs the module rr", hint='loadmodule "rr.so"')
    accounting = _Accounting(program, engines_of(program))
    watching = watching_of(program)
    watching.begun.append(accounting.begun)
    if accounting.acks is not None:
        watching.acknowledged.append(accounting.acknowledged)
