"""A request becomes branches, each sent to a next hop (RFC 3261 section 16.6).

Source of what scripts see of it: README of tm, t_relay() and t_newtran().

A destination that is an address is sent to at once. A name is looked up after the script has gone
on; that it has no address is then a response of the branch, 478, as a busy phone's would be.

Compiled (see `relaying.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sipway.core import forwarding, replies
from sipway.core.branches import Branch
from sipway.core.context import Context
from sipway.core.destinations import Target, look_up
from sipway.core.late_edits import edits_for
from sipway.core.locating import locate
from sipway.core.proxy import responses
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.core.waiting import at_once
from sipway.language.signatures import Routes
from sipway.sip.addresses import family
from sipway.sip.methods import METHODS
from sipway.tx.flow import Flow
from sipway.tx.keys import branch_parameter

if TYPE_CHECKING:
    from sipway.core.locating import Hop
    from sipway.core.program import Block, Program
    from sipway.core.sockets import ListenSocket
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

_INVITE = METHODS["INVITE"]
_BRANCH = Routes.BRANCH.value
_FAILURE = Routes.FAILURE.value

# Kamailio's codes for why nothing was sent, and what sl_reply_error() makes of them.
NO_BRANCH: Final = -6
_ERRORS: Final = {
    forwarding.BAD_URI: (479, "Regretfully, we were not able to process the URI (479/TM)"),
    forwarding.NOT_RESOLVED: (478, "Unresolvable destination (478/TM)"),
    forwarding.NO_SOCKET: (477, "Unfortunately error on sending to next hop occurred (477/TM)"),
    forwarding.STOPPED: (500, "Server error occurred (500/TM)"),
    NO_BRANCH: (500, "Server error occurred (6/TM)"),
}

# The hops of URIs whose host is an address: a server sends to the same few again and again.
_REMEMBERED: Final = 4096
_hops: dict[str, Destination] = {}


class Destination:
    """What a URI says of the next hop: the protocol, and the raw address if the host is one."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.protocol = target.protocol
        self.address = target.address


def destination_of(uri: str) -> Destination:
    """Where a URI leads. Raises ValueError for what is no URI."""
    hop = _hops.get(uri)
    if hop is None:
        hop = Destination(Target.from_uri(uri))
        if len(_hops) >= _REMEMBERED:
            _hops.clear()
        _hops[uri] = hop
    return hop


def begin(ctx: Context) -> Transaction:
    """Make a transaction of the request of `ctx`, unless there is one already."""
    transaction = ctx.transaction
    if transaction is None:
        program = ctx.program
        settings = program.proxy
        flow = Flow(ctx.socket, replies.destination(ctx), ctx.socket.reliable)
        if ctx.extras is not None:
            flow.options = ctx.extras.reply_options
        message = ctx.message
        lifetime = settings.lifetimes[0 if message.method_id == _INVITE else 1]
        transaction = program.layer.create(message, flow, ctx.now, settings.timing, lifetime)
        state = ResponseContext(ctx)
        state.keep_6xx = settings.keep_6xx
        state.on_failure = ctx.on_failure
        state.on_reply = ctx.on_reply
        state.on_branch = ctx.on_branch
        state.on_branch_failure = ctx.on_branch_failure
        transaction.user = state
        ctx.transaction = transaction
    return transaction


def relay(ctx: Context, forced: Destination | None = None) -> int:
    """Send the request on with a transaction; to `forced` instead of where its URIs lead.

    Returns 1, or a code of Kamailio's below 0; then `ctx.error` says what to answer.
    """
    transaction = ctx.transaction
    if transaction is None:
        transaction = begin(ctx)
        settings = ctx.program.proxy
        if settings.auto_100 and ctx.message.method_id == _INVITE:
            reply(ctx, transaction, 100, settings.trying_reason)
    state: ResponseContext = transaction.user
    # In failure_route the Request-URI has had its chance, unless it was set anew.
    main = ctx.kind != _FAILURE or ctx.ruri is not state.ruri or ctx.dst_uri is not state.dst_uri
    if ctx.kind == _FAILURE:
        state.take_back(ctx)  # the next failure_route begins where this one did
    else:
        state.save(ctx)
    if state.program.proxy.reply_mode == 3:
        state.first = len(transaction.branches)
    state.pending += 1  # a branch that fails at once does not decide before all are there
    try:
        code = _send_branches(ctx, transaction, state, forced, main)
    finally:
        state.pending -= 1
    if state.undecided:
        responses.settle(transaction, ctx.now)
    state.on_branch = None
    if code < 0:
        ctx.error = _ERRORS.get(code, _ERRORS[NO_BRANCH])
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
        ctx.program.start(_forward_later(_snapshot(ctx), hop))
        return 1
    return forwarding.forward(ctx, hop.protocol, hop.address)


def leave(ctx: Context) -> None:
    """The script has ended: a transaction that it made and did nothing with is let go."""
    transaction = ctx.transaction
    if transaction is None or transaction.branches:
        return
    server = transaction.server
    state: ResponseContext = transaction.user
    if server is not None and server.status < 200 and not state.suspended and not state.pending:
        ctx.program.layer.forget(transaction)


def reply(
    ctx: Context, transaction: Transaction, status: int, reason: str, extra: bytes = b""
) -> bool:
    """Answer the request of a transaction; False if it has a final answer already."""
    data = replies.local_reply(ctx, status, reason, extra)
    sent: bool = ctx.program.layer.reply(transaction, status, data, ctx.now)
    return sent


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
    if main:
        code = _send_branch(ctx, transaction, state, forced)
        sent = code > 0
    branches = ctx.branches
    if branches is not None:
        ctx.branches = None
        for each in branches:
            more = _send_added(ctx, transaction, state, forced, each)
            sent = sent or more > 0
            if not sent:
                code = more
    return 1 if sent else code


def _send_added(
    ctx: Context,
    transaction: Transaction,
    state: ResponseContext,
    forced: Destination | None,
    added: Branch,
) -> int:
    """Send a branch of append_branch(); what the Context says of the first one is put back."""
    ruri, dst_uri, flags, socket = ctx.ruri, ctx.dst_uri, ctx.branch_flags, ctx.send_socket
    ctx.ruri, ctx.dst_uri, ctx.branch_flags = added.uri, added.dst_uri, added.flags
    ctx.send_socket = added.socket or socket
    try:
        return _send_branch(ctx, transaction, state, forced)
    finally:
        ctx.ruri, ctx.dst_uri, ctx.branch_flags, ctx.send_socket = ruri, dst_uri, flags, socket


def _send_branch(
    ctx: Context, transaction: Transaction, state: ResponseContext, forced: Destination | None
) -> int:
    block = state.on_branch
    if block is None:
        return _send_to(ctx, transaction, state, forced)
    # What branch_route changes is this branch's alone.
    edits, ruri, dst_uri, socket = ctx.edits, ctx.ruri, ctx.dst_uri, ctx.send_socket
    ctx.edits = None if edits is None else edits[:]
    try:
        if not _run_branch_route(ctx, transaction, block):
            return NO_BRANCH
        return _send_to(ctx, transaction, state, forced)
    finally:
        ctx.edits, ctx.ruri, ctx.dst_uri, ctx.send_socket = edits, ruri, dst_uri, socket


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
        state.pending += 1
        ctx.program.start(_send_later(_snapshot(ctx), transaction, state, hop))
        return 1
    socket = ctx.send_socket
    if socket is None or socket.protocol != hop.protocol:
        socket = forwarding.socket_for(ctx, hop.protocol, address)
        if socket is None:
            return forwarding.NO_SOCKET
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
            if len(places) > 1:
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


def _snapshot(ctx: Context) -> Context:
    """Another Context of the same request, as the script has left it by now."""
    copy = Context(ctx.message, ctx.program, ctx.socket, ctx.source, ctx.now, ctx.kind)
    kept = ResponseContext(ctx)
    kept.restore(copy)
    copy.transaction = ctx.transaction
    copy.on_reply = ctx.on_reply
    copy.on_branch_failure = ctx.on_branch_failure
    return copy


def _send_by(
    ctx: Context,
    transaction: Transaction,
    socket: ListenSocket,
    address: bytes,
) -> int:
    layer = ctx.program.layer
    edits = edits_for(ctx, socket)
    parameter = layer.next_branch(transaction)
    data = forwarding.request(ctx, socket, parameter, edits)
    # Of the rest only the Via follows the switch to another protocol, as in Kamailio.
    other = forwarding.socket_for_long(ctx, socket, len(data), address)
    if other is not None:
        socket = other
        data = forwarding.request(ctx, socket, parameter, edits)
    if ctx.program.onsend_route is not None and not forwarding.onsend(ctx, data, address, socket):
        return forwarding.STOPPED
    server = transaction.server
    timing = ctx.program.proxy.timing if server is None else server.timing
    flow = Flow(socket, address, socket.reliable)
    if ctx.extras is not None:
        flow.options = ctx.extras.forward_options
    branch = layer.send(transaction, data, flow, ctx.now, timing)
    made = BranchState(ctx.ruri, ctx.dst_uri, ctx.branch_flags)
    made.on_reply = ctx.on_reply
    made.on_failure = ctx.on_branch_failure
    branch.user = made
    return 1
