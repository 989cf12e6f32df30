"""Each branch of a request is sent to its next hop (RFC 3261 section 16.6, RFC 3263).

Source of what scripts see of it: README of tm, t_relay() and t_on_branch().

A destination that is an address is sent to at once. A name is looked up after the script has gone
on; that it has no address is then a response of the branch, 478, as a busy phone's would be.

Compiled (see `sending.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from sipway.core import forwarding
from sipway.core.branches import Branch
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.late_edits import edits_for
from sipway.core.locating import locate
from sipway.core.proxy import blocking, failures
from sipway.core.proxy.contexts import snapshot
from sipway.core.proxy.hops import Destination, destination_of
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.core.waiting import at_once
from sipway.language.signatures import Routes
from sipway.sip.addresses import family
from sipway.sip.edits import Edit
from sipway.sip.headers import ROUTE
from sipway.tx.flow import Flow
from sipway.tx.keys import branch_parameter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sipway.core.locating import Hop
    from sipway.core.program import Block, Program
    from sipway.core.sockets import ListenSocket
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

_BRANCH = Routes.BRANCH.value

# Kamailio's codes for why nothing was sent, and what is answered then.
BAD_REQUEST_URI: Final = -400
NO_BRANCH: Final = -6
ERRORS: Final = {
    BAD_REQUEST_URI: (500, "I'm terribly sorry, server error occurred (1/SL)"),
    forwarding.NOT_RESOLVED: (478, "Unresolvable destination (478/TM)"),
    forwarding.NO_SOCKET: (500, "I'm terribly sorry, server error occurred (7/TM)"),
    forwarding.STOPPED: (477, "Unfortunately error on sending to next hop occurred (477/TM)"),
    NO_BRANCH: (500, "I'm terribly sorry, server error occurred (6/TM)"),
    forwarding.BLOCKED: (477, "Unfortunately error on sending to next hop occurred (477/TM)"),
}


def reason_of(status: int) -> str:
    """What a branch that failed here says why."""
    return next((text for code, text in ERRORS.values() if code == status), "Server Error")


def send_branches(
    ctx: Context,
    transaction: Transaction,
    state: ResponseContext,
    forced: Destination | None,
    main: bool,
) -> int:
    """Send the request to all its branches; 1, or the code of why nothing was sent."""
    code = NO_BRANCH
    sent = False
    failed: list[tuple[BranchState, int]] = []
    if main:
        code = _send_branch(ctx, transaction, state, forced)
        sent = code > 0
        if code < 0:
            failed.append((BranchState(ctx.ruri, ctx.dst_uri, ctx.branch_flags), code))
    branches = ctx.branches
    if branches is not None:
        for each in branches:
            more = _send_added(ctx, transaction, state, forced, each)
            sent = sent or more > 0
            if more < 0:
                failed.append((BranchState(each.uri, each.dst_uri, each.flags), more))
            if not sent:
                code = more
        ctx.branches = None
    if not sent:
        return code
    if failed and ctx.program.proxy.local_failures:
        for fields, why in failed:
            _fail_branch(ctx, transaction, fields, why)
    return 1


def _fail_branch(ctx: Context, transaction: Transaction, fields: BranchState, code: int) -> None:
    """A branch that could not be sent beside others has failed (`failure_exec_mode`)."""
    if code == NO_BRANCH:
        return
    branch = ctx.program.layer.add_failed(transaction)
    branch.user = fields
    if code == forwarding.BAD_URI:  # of a next hop
        code = forwarding.NOT_RESOLVED
    status = ERRORS.get(code, ERRORS[NO_BRANCH])[0]
    failures.fail(transaction, branch, status, ctx.now)


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
    status = failed_with or ERRORS.get(code, ERRORS[NO_BRANCH])[0]
    failures.fail(transaction, branch, status, ctx.now)


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
