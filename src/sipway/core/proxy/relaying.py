"""A request becomes branches, each sent to a next hop (RFC 3261 section 16.6).

Source of what scripts see of it: README of tm, t_relay() and t_newtran().

A destination that is an address is sent to at once. A name is looked up after the script has gone
on; that it has no address is then a response of the branch, 478, as a busy phone's would be.

Compiled (see `relaying.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sipway.core import applying, forwarding, replies, streams
from sipway.core import log as levels
from sipway.core.branches import Branch
from sipway.core.context import Context
from sipway.core.destinations import look_up
from sipway.core.extras import extras
from sipway.core.late_edits import edits_for
from sipway.core.locating import locate
from sipway.core.proxy import blocking, options, responses
from sipway.core.proxy.contexts import snapshot
from sipway.core.proxy.hops import Destination, destination_of
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.core.waiting import at_once
from sipway.errors import SipParseError
from sipway.language.signatures import Routes
from sipway.sip.addresses import family
from sipway.sip.edits import Edit
from sipway.sip.headers import ROUTE
from sipway.sip.methods import METHODS
from sipway.sip.uri import routable_uri
from sipway.tx.flow import Flow
from sipway.tx.keys import branch_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipway.core.locating import Hop
    from sipway.core.program import Block, Program
    from sipway.core.sockets import ListenSocket
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

_INVITE = METHODS["INVITE"]
_BRANCH = Routes.BRANCH.value
_FAILURE = FAILURE = Routes.FAILURE.value
_EVENT = Routes.EVENT.value

# Kamailio's codes for why nothing was sent, and what is answered then.
BAD_REQUEST_URI: Final = -400
NO_BRANCH: Final = -6
QUIET: Final = -4
_ERRORS: Final = {
    BAD_REQUEST_URI: (500, "I'm terribly sorry, server error occurred (1/SL)"),
    forwarding.NOT_RESOLVED: (478, "Unresolvable destination (478/TM)"),
    forwarding.NO_SOCKET: (500, "I'm terribly sorry, server error occurred (7/TM)"),
    forwarding.STOPPED: (477, "Unfortunately error on sending to next hop occurred (477/TM)"),
    NO_BRANCH: (500, "I'm terribly sorry, server error occurred (6/TM)"),
    forwarding.BLOCKED: (477, "Unfortunately error on sending to next hop occurred (477/TM)"),
}

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
        ctx.error = _ERRORS[BAD_REQUEST_URI]
        return BAD_REQUEST_URI
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
        code = _send_branches(ctx, transaction, state, forced, main)
    finally:
        state.pending -= 1
    if state.undecided:
        responses.settle(transaction, ctx.now)
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
    ctx.error = _ERRORS[NO_BRANCH]
    return NO_BRANCH if failing else 0


def _not_sent(ctx: Context, state: ResponseContext, code: int) -> int:
    """Nothing could be sent: remember what to answer when the script ends."""
    if code == forwarding.BAD_URI:  # of a next hop
        code = forwarding.NOT_RESOLVED
    error = _ERRORS.get(code, _ERRORS[NO_BRANCH])
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
    code = relay(ctx, forced)
    if before is None and ctx.transaction is not None:
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
    data = replies.local_reply(ctx, status, reason, extra, stateful=True)
    if not ctx.program.layer.reply(transaction, status, data, ctx.now):
        return False
    ctx.program.shared.generated_replies += 1
    if ctx.program.events:
        _local_response(ctx)
    return True


def _local_response(ctx: Context) -> None:
    """Run event_route[tm:local-response]: an answer of our own has been sent."""
    block = ctx.program.events.get("tm:local-response")
    if block is None:
        return
    mine = snapshot(ctx)
    mine.kind = _EVENT
    run_event(mine, block, "tm:local-response")


def run_event(ctx: Context, block: Block, name: str) -> None:
    """Run the block of an event route; a fault in it is logged and ends it."""
    responses.run(ctx, block, f"event_route[{name}]")


def reason_of(status: int) -> str:
    """What a branch that failed here says why."""
    return next((text for code, text in _ERRORS.values() if code == status), "Server Error")


def _send_branches(
    ctx: Context,
    transaction: Transaction,
    state: ResponseContext,
    forced: Destination | None,
    main: bool,
) -> int:
    code = NO_BRANCH
    sent = False
    counts = ctx.program.proxy.local_failures
    if main:
        code = _send_branch(ctx, transaction, state, forced)
        if counts and code < 0 and code != NO_BRANCH:
            code = _fail_branch(ctx, transaction, code)
        sent = code > 0
    branches = ctx.branches
    if branches is not None:
        for each in branches:
            more = _send_added(ctx, transaction, state, forced, each)
            if counts and more < 0 and more != NO_BRANCH:
                more = _fail_branch(ctx, transaction, more)
            sent = sent or more > 0
            if not sent:
                code = more
        ctx.branches = None
    return 1 if sent else code


def _fail_branch(ctx: Context, transaction: Transaction, code: int) -> int:
    """A branch that could not be sent has failed: failure_route sees it (`failure_exec_mode`)."""
    branch = ctx.program.layer.add_failed(transaction)
    branch.user = BranchState(ctx.ruri, ctx.dst_uri, ctx.branch_flags)
    if code == forwarding.BAD_URI:  # of a next hop
        code = forwarding.NOT_RESOLVED
    status = _ERRORS.get(code, _ERRORS[NO_BRANCH])[0]
    responses.fail(transaction, branch, status, ctx.now)
    return 1


def _send_added(
    ctx: Context,
    transaction: Transaction,
    state: ResponseContext,
    forced: Destination | None,
    added: Branch,
) -> int:
    """Send a branch of append_branch(); what the Context says of the first one is put back."""
    ruri, dst_uri, flags, socket = ctx.ruri, ctx.dst_uri, ctx.branch_flags, ctx.send_socket
    main = None if ctx.extras is None else ctx.extras.main
    ctx.ruri, ctx.dst_uri, ctx.branch_flags = added.uri, added.dst_uri, added.flags
    ctx.send_socket = added.socket or socket
    if main is not None or added.path is not None or added.ruid is not None:
        extras(ctx).main = added
    try:
        return _send_branch(ctx, transaction, state, forced)
    finally:
        ctx.ruri, ctx.dst_uri, ctx.branch_flags, ctx.send_socket = ruri, dst_uri, flags, socket
        if ctx.extras is not None:
            ctx.extras.main = main


def _send_branch(
    ctx: Context, transaction: Transaction, state: ResponseContext, forced: Destination | None
) -> int:
    block = state.on_branch
    if block is None:
        return _send_to(ctx, transaction, state, forced)
    # What branch_route changes is this branch's alone; flags of the message are the request's.
    edits, ruri, dst_uri, socket = ctx.edits, ctx.ruri, ctx.dst_uri, ctx.send_socket
    flags, script_flags, on_reply = ctx.branch_flags, ctx.script_flags, ctx.on_reply
    event, message = ctx.on_branch_failure, ctx.message
    ctx.edits = None if edits is None else edits[:]
    ctx.script_flags = 0
    try:
        if not _run_branch_route(ctx, transaction, block):
            return NO_BRANCH
        return _send_to(ctx, transaction, state, forced)
    finally:
        ctx.edits, ctx.ruri, ctx.dst_uri, ctx.send_socket = edits, ruri, dst_uri, socket
        ctx.branch_flags, ctx.script_flags, ctx.on_reply = flags, script_flags, on_reply
        ctx.on_branch_failure, ctx.message = event, message


def _run_branch_route(ctx: Context, transaction: Transaction, block: Block) -> bool:
    """Run branch_route; False if it says drop."""
    kind, dropped, code, index = ctx.kind, ctx.dropped, ctx.retcode, ctx.branch
    ctx.kind, ctx.dropped, ctx.retcode = _BRANCH, False, 0
    ctx.branch = len(transaction.branches)
    try:
        if block in ctx.program.waiting:
            at_once(block(ctx), ctx.program.log, "branch_route")
        else:
            block(ctx)
        return not ctx.dropped
    finally:
        ctx.kind, ctx.dropped, ctx.retcode, ctx.branch = kind, dropped, code, index


def _send_to(
    ctx: Context, transaction: Transaction, state: ResponseContext, forced: Destination | None
) -> int:
    """Send the request as the Context has it now, as one more branch."""
    if len(transaction.branches) >= ctx.program.max_branches:
        return NO_BRANCH
    hop = forced
    if hop is None:
        uri = ctx.dst_uri
        if uri is None:
            uri = ctx.ruri
            if uri is None:
                uri = ctx.message.uri
        try:
            hop = destination_of(uri)
        except ValueError:
            return forwarding.BAD_URI
    address = hop.address
    if address is None:
        if not hop.target.host:
            return forwarding.NOT_RESOLVED
        state.pending += 1
        later = snapshot(ctx)
        ctx.program.start(_send_later(later, transaction, state, hop), later)
        return 1
    if ctx.program.blocklist is not None and blocking.is_blocked(ctx, hop.protocol, address):
        return forwarding.BLOCKED
    socket = ctx.send_socket
    if socket is None or socket.protocol != hop.protocol:
        socket = forwarding.socket_for(ctx, hop.protocol, address)
        if socket is None:
            return forwarding.NOT_RESOLVED if hop.protocol == "udp" else forwarding.NO_SOCKET
    return _send_by(ctx, transaction, socket, address)


async def _send_later(
    ctx: Context, transaction: Transaction, state: ResponseContext, hop: Destination
) -> None:
    """Send one more branch as soon as the name of its hop has been looked up."""
    try:
        places = await locate(ctx.program, hop.target)
    finally:
        state.pending -= 1
    code = forwarding.NOT_RESOLVED
    if places and ctx.program.blocklist is not None:
        places = [
            each for each in places if not blocking.is_blocked(ctx, each.protocol, each.address)
        ]
        code = forwarding.NOT_RESOLVED if places else forwarding.BLOCKED
    server = transaction.server
    if state.cancelled or (server is not None and server.status >= 200):
        failed_with: int | None = 487  # what it was to reach has been given up meanwhile
    elif not places:
        failed_with = None
    else:
        place = places[0]
        socket = forwarding.socket_for(ctx, place.protocol, place.address)
        code = forwarding.NO_SOCKET
        if socket is not None:
            code = _send_by(ctx, transaction, socket, place.address)
        if code > 0:
            if len(places) > 1 and not state.single:
                transaction.branches[-1].user.more = places[1:]
            return
        failed_with = None
    branch = ctx.program.layer.add_failed(transaction)
    branch.user = BranchState(ctx.ruri, ctx.dst_uri, ctx.branch_flags)
    status = failed_with or _ERRORS.get(code, _ERRORS[NO_BRANCH])[0]
    responses.fail(transaction, branch, status, ctx.now)


def fail_over(
    program: Program, transaction: Transaction, branch: ClientTransaction, now: float
) -> bool:
    """Send what a branch sent to its next hop, as one more branch; False if there is none.

    RFC 3263 section 4.3. The request is the one that was sent, with another Via.
    """
    kept: BranchState = branch.user
    places, kept.more = kept.more, None
    while places:
        place = places.pop(0)
        blocked = program.blocklist
        if blocked is not None and blocked.has(place.protocol, place.address, now):
            continue
        old = cast("ListenSocket", branch.flow.sender)
        socket = _socket_like(program, old, place)
        if socket is None:
            continue
        parameter = program.layer.next_branch(transaction)
        start, end = branch.data.index(b"\r\n") + 2, branch.data.index(b";branch=")
        rest = branch.data.index(branch_parameter(transaction.identity, branch.number), end)
        rest += len(branch_parameter(transaction.identity, branch.number))
        data = b"%b%b%b%b" % (
            branch.data[:start],
            branch.data[start : end + 8] if socket is old else socket.via_start,
            parameter,
            branch.data[rest:],
        )
        flow = Flow(socket, place.address, socket.reliable)
        made = program.layer.send(transaction, data, flow, now, branch.timing)
        made.user = kept.again(places)
        return True
    return False


def _socket_like(program: Program, socket: ListenSocket, place: Hop) -> ListenSocket | None:
    """A socket for a hop: the same if it fits, else the first that does."""
    wanted = family(place.address)
    for each in (socket, *program.sockets):
        if each.protocol == place.protocol and each.family == wanted:
            return each
    return None


async def _forward_later(ctx: Context, hop: Destination) -> None:
    place = await look_up(ctx.program, hop.target)
    if place is not None:
        forwarding.forward(ctx, place.protocol, place.address)


def _send_by(
    ctx: Context,
    transaction: Transaction,
    socket: ListenSocket,
    address: bytes,
) -> int:
    layer = ctx.program.layer
    edits = edits_for(ctx, socket)
    parameter = layer.next_branch(transaction)
    data = _with_path(ctx, socket, parameter, edits)
    # Of the rest only the Via follows the switch to another protocol, as in Kamailio.
    other = forwarding.socket_for_long(ctx, socket, len(data), address)
    if other is not None:
        socket = other
        data = _with_path(ctx, socket, parameter, edits)
    if ctx.program.onsend_route is not None and not forwarding.onsend(ctx, data, address, socket):
        return forwarding.STOPPED
    server = transaction.server
    timing = ctx.program.proxy.timing if server is None else server.timing
    flow = Flow(socket, address, socket.reliable)
    if ctx.extras is not None:
        flow.options = ctx.extras.forward_options
    branch = layer.send(transaction, data, flow, ctx.now, timing)
    state: ResponseContext = transaction.user
    if branch.wait_until > state.ends_at:
        branch.give_up_at(state.ends_at)
        layer.reschedule(transaction)
    made = BranchState(ctx.ruri, ctx.dst_uri, ctx.branch_flags)
    if ctx.extras is not None and ctx.extras.main is not None:
        made.ruid, made.instance = ctx.extras.main.ruid, ctx.extras.main.instance
    made.on_reply = ctx.on_reply
    made.on_failure = ctx.on_branch_failure
    branch.user = made
    return 1


def _with_path(
    ctx: Context, socket: ListenSocket, parameter: bytes, edits: Sequence[Edit]
) -> bytes:
    """The request for a branch; its path comes in front of the Route that there is (RFC 3327)."""
    main = None if ctx.extras is None else ctx.extras.main
    if main is None or main.path is None:
        return forwarding.request(ctx, socket, parameter, edits)
    route = f"Route: {main.path}\r\n".encode("utf-8", "surrogateescape")
    first = ctx.message.find(ROUTE)
    if first >= 0:
        at = ctx.message.line(first)[0]
        return forwarding.request(ctx, socket, parameter, [*edits, Edit(at, at, route)])
    data = forwarding.request(ctx, socket, parameter, edits)
    behind_via = data.index(b"\r\n", data.index(b"\r\n") + 2) + 2
    return data[:behind_via] + route + data[behind_via:]
