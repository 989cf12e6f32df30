"""Connections as the script's side sees them: numbers, what is sent how, aliases."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.core import forwarding, replies, streams
from sipway.core.context import Context
from sipway.core.extras import SendOption, extras
from sipway.core.program import Program
from sipway.core.proxy import answering, relaying
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import Routes
from sipway.sip.addresses import sockaddr
from sipway.sip.message import parse
from sipway.sip.outgoing import Directed
from tests.fakes import LogInMemory, call, read, request

PEER = sockaddr("192.0.2.1", 5070)
THERE = sockaddr("192.0.2.77", 5077)


def _over_tcp(data: bytes | None = None, *more: ListenSocket, **settings: Any) -> Context:
    """A message by connection 26 of a TCP socket, with a UDP socket beside it and `more`."""
    stream = ListenSocket("tcp", "192.0.2.9", 5060)
    stream.connections = {PEER: 26}
    sockets = (ListenSocket("udp", "192.0.2.9", 5060), stream, *more)
    program = Program("test.cfg", Settings(**settings), LogInMemory(), sockets)
    message = parse(data or request(via="SIP/2.0/TCP 192.0.2.1:5099;branch=z9hG4bK-1"))
    return Context(message, program, stream, PEER, 1.0, Routes.REQUEST.value)


def _sent(socket: ListenSocket) -> tuple[bytes, bytes, int, int]:
    """The one entry of a socket: data, destination, connection and options."""
    (entry,) = socket.outgoing
    if isinstance(entry, Directed):
        return (*entry, entry.connection, entry.options)
    return (*entry, 0, 0)


def test_the_number_of_the_connection() -> None:
    ctx = _over_tcp()
    assert (read(ctx, "conid"), read(ctx, "proto")) == (26, "tcp")
    ctx.change_source(THERE)
    assert read(ctx, "conid") is None
    ctx.socket = ctx.program.sockets[0]
    assert read(ctx, "conid") is None


def test_a_reply_goes_by_the_connection_and_else_to_the_port_of_the_via() -> None:
    ctx = _over_tcp()
    extras(ctx).reply_options = SendOption.CLOSE
    replies.send_reply(ctx, 200, "OK")
    data, destination, connection, options = _sent(ctx.socket)
    assert data.startswith(b"SIP/2.0 200 OK\r\n")
    assert (destination, connection, options) == (
        sockaddr("192.0.2.1", 5099), 26, SendOption.CLOSE,
    )  # fmt: skip


def test_answers_of_transactions_go_by_the_connection_and_to_sent_by_when_it_has_gone() -> None:
    ctx = _over_tcp()
    assert replies.destination(ctx) == sockaddr("192.0.2.1", 5099)
    ctx.force_rport = True
    assert replies.destination(ctx) == sockaddr("192.0.2.1", 5099)
    relaying.begin(ctx)
    assert answering.answer(ctx, 200, "OK") == 1
    _, destination, connection, _ = _sent(ctx.socket)
    assert (destination, connection) == (sockaddr("192.0.2.1", 5099), 26)


def test_our_via_names_the_connection() -> None:
    ctx = _over_tcp()
    assert forwarding.forward(ctx, "udp", THERE) == 1
    sent = _sent(ctx.program.sockets[0])[0]
    assert b"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK" in sent
    assert parse(sent).via.params["i"] == "1a"
    extras(ctx).local_rport = True
    assert forwarding.via_line(ctx, ctx.socket, b"z9hG4bK").endswith(b";i=1a;rport\r\n")


@pytest.mark.parametrize(("protocol", "which"), [("TCP", 1), ("UDP", 0)])
def test_a_reply_of_others_goes_by_what_the_via_below_names(protocol: str, which: int) -> None:
    data = (
        "SIP/2.0 200 OK\r\n"
        "Via: SIP/2.0/TCP 192.0.2.9:5060;branch=z9hG4bK-1;i=1a\r\n"
        f"Via: SIP/2.0/{protocol} 192.0.2.7:5077;branch=z9hG4bK-2\r\n"
        "From: <sip:a@a.example>;tag=a1\r\nTo: <sip:b@b.example>;tag=b1\r\n"
        "Call-ID: call-1\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )
    ctx = _over_tcp(data.encode())
    assert replies.forward_reply(ctx)
    _, destination, connection, _ = _sent(ctx.program.sockets[which])
    assert destination == sockaddr("192.0.2.7", 5077)
    assert connection == (26 if protocol == "TCP" else 0)


@pytest.mark.parametrize(
    ("value", "number"), [("1a", 26), ("", 0), ("x", 0), ("f" * 13, 0), ("-1", 0)]
)
def test_a_number_in_a_via(value: str, number: int) -> None:
    via = parse(request(via=f"SIP/2.0/TCP h;i={value};branch=z9hG4bK-1")).via
    assert streams.named_connection(via) == number


def test_the_socket_with_a_connection_goes_first() -> None:
    second = ListenSocket("tcp", "192.0.2.10", 5060)
    second.connections = {THERE: 3}
    ctx = _over_tcp(None, second)
    assert forwarding.socket_for(ctx, "tcp", THERE) is second
    assert forwarding.socket_for(ctx, "tcp", PEER) is ctx.socket
    ctx.send_socket = ctx.socket
    assert forwarding.socket_for(ctx, "tcp", THERE) is ctx.socket, "what the script says"


@pytest.mark.parametrize(
    ("settings", "function", "protocol"),
    [
        ({}, None, "udp"),
        ({"udp_mtu": 200}, None, "udp"),
        ({"udp_mtu": 200, "udp_mtu_try_proto": "tcp"}, None, "tcp"),
        ({"udp_mtu": 200}, "tcp", "tcp"),
        ({"udp_mtu": 200, "udp_mtu_try_proto": "tcp"}, "udp", "udp"),
        ({"udp_mtu": 200, "udp_mtu_try_proto": "sctp"}, None, "udp"),
        ({"udp_mtu": 2000, "udp_mtu_try_proto": "tcp"}, None, "udp"),
    ],
)
def test_what_is_too_long_for_udp(
    settings: dict[str, Any], function: str | None, protocol: str
) -> None:
    ctx = _over_tcp(**settings)
    extras(ctx).mtu_protocol = function
    extras(ctx).forward_options = SendOption.NO_CONNECT
    assert forwarding.forward(ctx, "udp", THERE) == 1
    (socket,) = (each for each in ctx.program.sockets if each.outgoing)
    data, destination, _, options = _sent(socket)
    assert (socket.protocol, destination) == (protocol, THERE)
    assert parse(data).via.protocol == protocol.upper()
    assert options == (SendOption.NO_CONNECT if protocol == "tcp" else 0)


def test_aliases_that_the_script_wants() -> None:
    ctx = _over_tcp()
    assert [call(ctx, "force_tcp_alias"), call(ctx, "add_tcp_alias", 7)] == [1, 1]
    assert ctx.socket.new_aliases == [(PEER, 5099), (PEER, 7)]
    assert [call(ctx, "add_tcp_alias", port) for port in (-1, 65_536)] == [-1, -1]
    ctx.change_source(THERE)
    assert call(ctx, "add_tcp_alias", 7) == -1, "that connection has gone"


@pytest.mark.parametrize(("accept", "wanted"), [(True, [(PEER, 5099)]), (False, [])])
def test_aliases_that_the_via_wants(accept: bool, wanted: list[tuple[bytes, int]]) -> None:
    via = "SIP/2.0/TCP 192.0.2.1:5099;alias;branch=z9hG4bK-1"
    ctx = _over_tcp(request(via=via), tcp_accept_aliases=accept)
    found = streams.filters(ctx.program.settings, ctx.program.sockets)
    assert all(check(ctx) for _, check in found)
    assert ctx.socket.new_aliases == wanted
    assert streams.filters(ctx.program.settings, ctx.program.sockets[:1]) == ()
