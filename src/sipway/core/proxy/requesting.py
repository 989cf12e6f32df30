"""Requests of our own, with a transaction and nobody behind it (tm: t_uac_send()).

The request is made as a message first, so that event_route[tm:local-request] can look at it and
change it as any other; then it is sent as the one branch of a transaction without a server side.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final, cast

from sipway.core import forwarding
from sipway.core.context import Context
from sipway.core.destinations import look_up
from sipway.core.extras import extras
from sipway.core.late_edits import edits_for
from sipway.core.proxy import contexts, hops, options, relaying
from sipway.core.proxy.state import BranchState, ResponseContext
from sipway.errors import SipParseError
from sipway.language.record import Record
from sipway.language.signatures import Routes
from sipway.sip import headers as kinds
from sipway.sip.edits import Edit, edited
from sipway.sip.message import Message, parse
from sipway.sip.methods import METHODS
from sipway.sip.nameaddr import parse_name_addr
from sipway.tx.flow import Flow

if TYPE_CHECKING:
    from collections.abc import Callable

    from sipway.core.extras import Extras
    from sipway.core.program import Program
    from sipway.core.sockets import ListenSocket
    from sipway.tx.machine import ClientTransaction
    from sipway.tx.transaction import Transaction

_EVENT: Final = Routes.EVENT.value
_REPLY: Final = Routes.REPLY.value
_INVITE: Final = METHODS["INVITE"]
_FIRST_CSEQ: Final = 10
_UNRESOLVED: Final = 478
# Of `local_ack_mode`.
_WHERE_IT_WENT: Final = 1
_WHERE_IT_CAME_FROM: Final = 2

_UNACKNOWLEDGED: Final = "tm:unacknowledged"
_COPIED: Final = (kinds.FROM, kinds.CALL_ID)
_FULL_NAMES: Final = {"f": "from", "t": "to", "i": "call-id", "l": "content-length"}
_OWN_FIELDS: Final = ("from", "to", "call-id", "cseq", "content-length")


class Request(Record):
    """What is to be sent; `next_hop` and `headers` may be empty.

    headers  complete lines; From and To must be among them, Call-ID and CSeq may be
    on_end   as in `Extras`
    acknowledged
             a 2xx to an INVITE gets its ACK
    give_up  seconds to wait for any answer; 0: as tm says
    """

    method: str
    uri: str
    next_hop: str
    headers: str
    body: str
    socket: ListenSocket | None
    on_end: Callable[[Context, int, bool], None] | None = None
    acknowledged: bool = True
    give_up: float = 0.0


def send_request(asking: Context, request: Request) -> int:
    """Send a request of our own; `asking` is the message for which the script does so.

    Returns 1, also where event_route[tm:local-request] drops it; -1 if it is no request, or cannot
    be sent anywhere. Raises ValueError for headers
    that lack something, or a wrong URI.
    """
    program = asking.program
    socket = request.socket or asking.socket
    message = _message(program, socket, request)
    ctx = Context(message, program, socket, asking.source, asking.now, _EVENT)
    ctx.dst_uri = request.next_hop or request.uri
    ctx.send_socket = request.socket
    if request.on_end is not None:
        extras(ctx).on_end = request.on_end
    if not request.acknowledged:
        extras(ctx).of_modules[_UNACKNOWLEDGED] = True
    if request.give_up:
        options.ask(ctx, give_up=request.give_up)
    block = program.events.get("tm:local-request")
    if block is not None:
        relaying.run_event(ctx, block, "tm:local-request")
        if ctx.dropped:
            return 1
    hop = hops.destination_of(ctx.dst_uri or ctx.uri or "")
    if hop.address is None:
        program.start(_send_later(ctx, hop), ctx)
        return 1
    return _send(ctx, hop.protocol, hop.address)


async def _send_later(ctx: Context, hop: hops.Destination) -> None:
    place = await look_up(ctx.program, hop.target)
    if place is None or _send(ctx, place.protocol, place.address) < 0:
        _end(ctx.extras, ctx, _UNRESOLVED, False)


def _send(ctx: Context, protocol: str, address: bytes) -> int:
    program = ctx.program
    socket = forwarding.socket_for(ctx, protocol, address)
    if socket is None:
        return -1
    layer = program.layer
    message = ctx.message
    transaction = layer.create(message, None, ctx.now)
    state = ResponseContext(ctx)
    state.ends_at = ctx.now + options.lifetime_for(ctx, program.proxy)
    transaction.user = state
    via = message.line(message.find(kinds.VIA))
    changes = [
        *edits_for(ctx, socket),
        Edit(*via, forwarding.via_line(ctx, socket, layer.next_branch(transaction))),
    ]
    if ctx.ruri is not None:
        uri = ctx.ruri.encode("utf-8", "surrogateescape")
        changes.append(Edit(message.uri_start, message.uri_end, uri))
    data = edited(message, changes)
    timing = options.timing_for(ctx, program.proxy)
    branch = layer.send(transaction, data, Flow(socket, address, socket.reliable), ctx.now, timing)
    branch.user = BranchState(ctx.ruri, ctx.dst_uri, 0)
    return 1


def _message(program: Program, socket: ListenSocket, request: Request) -> Message:
    """The request, with a Via that is replaced when it is sent."""
    fields: dict[str, str] = {}
    others = []
    for line in request.headers.replace("\r\n", "\n").split("\n"):
        name, colon, value = line.partition(":")
        key = name.strip().lower()
        key = _FULL_NAMES.get(key, key)
        if key in _OWN_FIELDS and colon:
            fields.setdefault(key, value.strip())
        elif line.strip():
            others.append(f"{line}\r\n")
    for name in ("from", "to"):
        if name not in fields:
            raise ValueError(f"a request needs a {name.capitalize()} field")
    sender = fields["from"]
    if ";tag=" not in sender:
        sender += f";tag={secrets.token_hex(16)}"
    call_id = fields.get("call-id") or f"{secrets.token_hex(12)}@{socket.ip}"
    number = fields.get("cseq", "").partition(" ")[0]
    body = request.body.encode("utf-8", "surrogateescape")
    text = (
        f"{request.method} {request.uri} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {socket.host};branch=z9hG4bK0\r\n"
        f"To: {fields['to']}\r\nFrom: {sender}\r\n"
        f"CSeq: {number if number.isdecimal() else _FIRST_CSEQ} {request.method}\r\n"
        f"Call-ID: {call_id}\r\nMax-Forwards: 70\r\nContent-Length: {len(body)}\r\n"
        f"{program.settings.user_agent_line.decode('utf-8', 'surrogateescape')}"
        f"{''.join(others)}\r\n"
    )
    try:
        return parse(text.encode("utf-8", "surrogateescape") + body)
    except SipParseError as error:
        raise ValueError(f"that makes no request: {error.reason}") from None


def receive(ctx: Context, transaction: Transaction, branch: ClientTransaction) -> None:
    """Deal with a response to a request of our own: a 2xx to an INVITE is acknowledged."""
    kept: BranchState = branch.user
    status = ctx.message.status
    if status < 200:
        return
    kept.status = status
    state: ResponseContext = transaction.user
    if branch.invite and status < 300:
        if _is_acknowledged(state):
            ctx.transaction = transaction
            _acknowledge_and_tell(ctx, branch)
        else:
            kept.reply = ctx.message  # for whoever acknowledges it: `acknowledge_call`
    if ctx.program is not state.program:  # the script was reloaded meanwhile
        ctx.program = state.program
        ctx.vars = state.program.fresh_vars[:]
    _end(state.extras, ctx, status, True)


def failed(transaction: Transaction, status: int, now: float) -> None:
    """A request of our own has failed here, without a final response."""
    ctx = contexts.context_of(transaction, now)
    _end(ctx.extras, ctx, status, False)


def _end(kept: Extras | None, ctx: Context, status: int, received: bool) -> None:
    """Tell who wants to know, once, that a request has ended."""
    if kept is None or kept.on_end is None:
        return
    on_end, kept.on_end = kept.on_end, None
    ctx.kind = _EVENT
    on_end(ctx, status, received)


def leave_unacknowledged(ctx: Context, *, leaves: bool) -> None:
    """Whether the 2xx to the INVITE of our own that this is is for somebody else to acknowledge."""
    of_modules = extras(ctx).of_modules
    if leaves:
        of_modules[_UNACKNOWLEDGED] = True
    else:
        of_modules.pop(_UNACKNOWLEDGED, None)


def acknowledge_call(asking: Context, call_id: bytes, cseq: int, headers: str, body: str) -> bool:
    """Send the ACK that `leave_unacknowledged` left; False if there is nothing to acknowledge.

    `headers` are complete lines.
    """
    transaction = asking.program.layer.find_call(call_id, cseq, own=True)
    if transaction is None:
        return False
    for branch in transaction.branches:
        kept: BranchState = branch.user
        if branch.invite and kept.reply is not None and 200 <= kept.status < 300:
            ctx = contexts.context_of(transaction, asking.now)
            ctx.message = kept.reply
            ctx.change_source(branch.flow.destination)
            lines = "".join(f"{each}\r\n" for each in headers.splitlines() if each.strip())
            return _acknowledge(
                ctx,
                branch,
                lines.encode("utf-8", "surrogateescape"),
                body.encode("utf-8", "surrogateescape"),
            )
    return False


def _is_acknowledged(state: ResponseContext) -> bool:
    return state.extras is None or _UNACKNOWLEDGED not in state.extras.of_modules


def _acknowledge_and_tell(ctx: Context, branch: ClientTransaction) -> None:
    if not _acknowledge(ctx, branch):
        return
    block = ctx.program.events.get("tm:local-ack-sent")
    if block is not None:
        ctx.kind = _EVENT
        relaying.run_event(ctx, block, "tm:local-ack-sent")


def _acknowledge(
    ctx: Context, branch: ClientTransaction, headers: bytes = b"", body: bytes = b""
) -> bool:
    """Send the ACK to a 2xx, to its Contact by way of its Record-Routes (RFC 3261 13.2.2.4).

    `local_ack_mode` of tm may have it sent to where the INVITE went, or the 2xx came from.
    """
    reply = ctx.message
    request = parse(branch.data)
    target = _contact(reply) or request.uri
    routes = [each for line in reply.values(kinds.RECORD_ROUTE) for each in _split(line)]
    routes.reverse()
    next_hop = parse_name_addr(routes[0]).uri if routes else target
    try:
        hop = hops.destination_of(next_hop)
    except ValueError:
        return False
    address = hop.address or branch.flow.destination
    socket = forwarding.socket_for(ctx, hop.protocol, address)
    mode = ctx.program.proxy.local_ack
    if mode == _WHERE_IT_WENT:
        socket, address = cast("ListenSocket", branch.flow.sender), branch.flow.destination
    elif mode == _WHERE_IT_CAME_FROM:
        socket, address = ctx.socket, ctx.source
    if socket is None:
        return False
    token = secrets.token_hex(12).encode()
    lines = [
        f"ACK {target} SIP/2.0\r\n".encode("utf-8", "surrogateescape"),
        forwarding.via_line(ctx, socket, b"z9hG4bK" + token),
        *(f"Route: {each}\r\n".encode("utf-8", "surrogateescape") for each in routes),
        *(request.data[slice(*request.line(request.find(kind)))] for kind in _COPIED),
        reply.data[slice(*reply.line(reply.find(kinds.TO)))],
        b"CSeq: %d ACK\r\nMax-Forwards: 70\r\n" % request.cseq_number,
        ctx.program.settings.user_agent_line,
        headers,
        b"Content-Length: %d\r\n\r\n" % len(body),
        body,
    ]
    socket.outgoing.append((b"".join(lines), address))
    return True


def _contact(reply: Message) -> str | None:
    values = reply.values(kinds.CONTACT)
    return parse_name_addr(values[0]).uri or None if values else None


def _split(line: str) -> list[str]:
    """The values of a line, at the commas outside of quotes and brackets."""
    found = [""]
    quoted = angled = False
    for character in line:
        if character == '"' and not found[-1].endswith("\\"):
            quoted = not quoted
        elif character in "<>" and not quoted:
            angled = character == "<"
        if character == "," and not quoted and not angled:
            found.append("")
        else:
            found[-1] += character
    return [each.strip() for each in found if each.strip()]
