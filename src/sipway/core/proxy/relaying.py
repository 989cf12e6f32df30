"""A request becomes branches, each sent to a next hop (RFC 3261 section 16.6).

Source of what scripts see of it: README of tm, t_relay() and t_newtran().

Compiled (see `relaying.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core import applying, forwarding, replies, streams
from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.destinations import look_up
from sipway.core.proxy import failures, options, running, sending, watching
from sipway.core.proxy.contexts import snapshot
from sipway.core.proxy.hops import Destination, destination_of
from sipway.core.proxy.state import ResponseContext
from sipway.errors import SipParseError
from sipway.language.signatures import Routes
from sipway.sip.methods import ACK, METHODS
from sipway.sip.uri import routable_uri
from sipway.tx.flow import Flow

if TYPE_CHECKING:
    from sipway.core.program import Block
    from sipway.tx.transaction import Transaction

_INVITE = METHODS["INVITE"]
_FAILURE = FAILURE = Routes.FAILURE.value
_EVENT = Routes.EVENT.value

QUIET: Final = -4

# The server side outlives the branches by so many seconds, for their 408 to find it there.
_GRACE: Final = 5.0


def begin(ctx: Context) -> Transaction:
    """Make a transaction of the request of `ctx`, unless there is one already."""
    transaction = ctx.transaction
    if transaction is None:
        program = ctx.program
        settings = program.proxy
        if settings.applies_changes:
            _apply_changes(ctx)
        flow = Flow(ctx.socket, replies.destination(ctx), ctx.socket.reliable)
        if flow.reliable:
            flow.connection = streams.connection_of(ctx)
        if ctx.extras is not None:
            flow.options = ctx.extras.reply_options
        message = ctx.message
        timing = settings.timing
        lifetime = settings.lifetimes[0 if message.method_id == _INVITE else 1]
        if ctx.avps is None:
            ctx.avps = {}  # shared with what runs later, also if one is set only then
        asked = options.are_given(ctx)
        if asked or settings.timer_avps is not None:
            timing = options.timing_for(ctx, settings)
            lifetime = options.lifetime_for(ctx, settings)
        transaction = program.layer.create(message, flow, ctx.now, timing, lifetime + _GRACE)
        state = ResponseContext(ctx)
        state.ends_at = ctx.now + lifetime
        state.keep_6xx = settings.keep_6xx
        state.auto_100 = settings.auto_100
        state.pass_reason = settings.pass_reason
        state.on_failure = ctx.on_failure
        state.on_reply = ctx.on_reply
        state.on_branch = ctx.on_branch
        state.on_branch_failure = ctx.on_branch_failure
        if asked:
            options.apply(ctx, state)
        transaction.user = state
        ctx.transaction = transaction
        if program.watching is not None:
            watching.tell_begun(program.watching, ctx, transaction)
    return transaction


def _apply_changes(ctx: Context) -> None:
    """`msg_apply_changes_mode`: what comes after sees the request as it is changed now.

    The Request-URI stays the script's: it is not among the changes of a message.
    """
    ruri, ctx.ruri = ctx.ruri, None
    try:
        applying.take(ctx, applying.changed(ctx))
    except (SipParseError, ValueError) as error:
        ctx.program.log.line(levels.ERR, f"msg_apply_changes_mode: {error}")
    finally:
        ctx.ruri = ruri


def relay(ctx: Context, forced: Destination | None = None) -> int:
    """Send the request on with a transaction; to `forced` instead of where its URIs lead.

    Returns 1, or a code of Kamailio's below 0. Then `ctx.error` says what to answer; it is
    answered when the script ends, if nothing else has been. 0, which ends the script, if the
    caller gave up while the script waited.
    """
    if forced is None and routable_uri(ctx.message.uri if ctx.ruri is None else ctx.ruri) is None:
        ctx.error = sending.ERRORS[sending.BAD_REQUEST_URI]
        return sending.BAD_REQUEST_URI
    transaction = begin(ctx)
    state: ResponseContext = transaction.user
    failing = ctx.kind == _FAILURE
    if state.cancelled or (failing and ctx.now >= state.ends_at):
        return _too_late(ctx, failing)
    before = len(transaction.branches)
    if failing:
        # The Request-URI has had its chance, unless it was set anew.
        main = state.goes_on or ctx.ruri is not state.ruri or ctx.dst_uri is not state.dst_uri
        state.take_back(ctx)  # the next failure_route begins where this one did
    else:
        main = True
        if before:
            return -1
        state.save(ctx)
        send_trying(ctx, transaction, state)
    if not main and ctx.branches is None:
        return -1
    state.pending += 1  # a branch that fails at once does not decide before all are there
    try:
        code = sending.send_branches(ctx, transaction, state, forced, main)
    finally:
        state.pending -= 1
    if state.undecided:
        failures.settle(transaction, ctx.now)
    state.on_branch = ctx.on_branch = None
    state.flags = ctx.flags
    if code < 0:
        return _not_sent(ctx, state, code)
    state.error = ctx.error = None
    if failing and not state.in_branch_failure:
        state.first = before
    return code


def send_trying(ctx: Context, transaction: Transaction, state: ResponseContext) -> None:
    """Answer an INVITE with 100, unless that is not wanted or it has been answered."""
    server = transaction.server
    if server is not None and server.status == 0 and server.invite and state.auto_100:
        reply(ctx, transaction, 100, ctx.program.proxy.trying_reason)


def _too_late(ctx: Context, failing: bool) -> int:
    """Nothing is sent any more for a request that was cancelled, or whose lifetime is over."""
    ctx.error = sending.ERRORS[sending.NO_BRANCH]
    return sending.NO_BRANCH if failing else 0


def _not_sent(ctx: Context, state: ResponseContext, code: int) -> int:
    """Nothing could be sent: remember what to answer when the script ends."""
    if code == forwarding.BAD_URI:  # of a next hop
        code = forwarding.NOT_RESOLVED
    error = sending.ERRORS.get(code, sending.ERRORS[sending.NO_BRANCH])
    ctx.error = error
    if state.quiet:
        return QUIET
    if ctx.kind == _FAILURE:
        return code
    state.error = error
    return code


def relay_ack(ctx: Context, forced: Destination | None = None) -> int:
    """Send an ACK on: it has no transaction and no answer (RFC 3261 section 16.11).

    Returns as `relay`.
    """
    if ctx.program.watching is not None and ctx.message.method_id == ACK:
        watching.tell_acknowledged(ctx.program.watching, ctx)
    try:
        hop = forced or destination_of(ctx.dst_uri or ctx.uri or "")
    except ValueError:
        return forwarding.BAD_URI
    if hop.address is None:
        later = snapshot(ctx)
        ctx.program.start(_forward_later(later, hop), later)
        return 1
    return forwarding.forward(ctx, hop.protocol, hop.address)


def replicate(ctx: Context, forced: Destination | None) -> int:
    """Send the request on as `relay` does, and do nothing about the responses."""
    before = ctx.transaction
    alone = before is None or not before.branches
    code = relay(ctx, forced)
    if alone and ctx.transaction is not None:
        ctx.transaction.user.replicating = True
    return code


def leave(ctx: Context) -> None:
    """The script has ended: what it has left undone of its transaction.

    One that could not be sent anywhere is answered, one that nothing was done with let go.
    """
    transaction = ctx.transaction
    if transaction is None:
        return
    state: ResponseContext = transaction.user
    state.avps, state.extras = ctx.avps, ctx.extras
    error = state.error
    state.error = None
    if transaction.branches:
        return
    server = transaction.server
    if server is None or server.status >= 200 or state.suspended or state.pending:
        return
    if error is not None:
        reply(ctx, transaction, *error)
    elif server.status == 0:  # one that has been told that it rings may be cancelled
        ctx.program.layer.forget(transaction)


def reply(
    ctx: Context, transaction: Transaction, status: int, reason: str, extra: bytes = b""
) -> bool:
    """Answer the request of a transaction; False if it has a final answer already."""
    state: ResponseContext = transaction.user
    data = replies.local_reply(ctx, status, reason, extra, stateful=True)
    if not ctx.program.layer.reply(transaction, status, data, ctx.now):
        return False
    ctx.program.shared.generated_replies += 1
    if state.watchers is not None:
        watching.tell_answered(ctx, transaction, status, None)
    if ctx.program.events:
        tell_of_answer(ctx)
    return True


def tell_of_answer(ctx: Context) -> None:
    """Run event_route[tm:local-response]: an answer of our own has been sent."""
    block = ctx.program.events.get("tm:local-response")
    if block is None:
        return
    mine = snapshot(ctx)
    mine.kind = _EVENT
    run_event(mine, block, "tm:local-response")


def run_event(ctx: Context, block: Block, name: str) -> None:
    """Run the block of an event route; a fault in it is logged and ends it."""
    running.run(ctx, block, f"event_route[{name}]")


async def _forward_later(ctx: Context, hop: Destination) -> None:
    place = await look_up(ctx.program, hop.target)
    if place is not None:
        forwarding.forward(ctx, place.protocol, place.address)
