"""Edits that wait for the socket, among others."""

from __future__ import annotations

from sipway.core import forwarding
from sipway.core.context import Context
from sipway.core.late_edits import add_late, edits_for
from sipway.core.sockets import ListenSocket
from sipway.sip.addresses import sockaddr
from sipway.sip.edits import Edit, edited
from tests.fakes import context

OTHER = ListenSocket("udp", "192.0.2.8", 5070)


def line(ctx: Context, socket: ListenSocket) -> bytes:
    return b"X: from %d to %d\r\n" % (ctx.socket.port, socket.port)


def test_each_socket_gets_its_own_and_the_order_stays() -> None:
    ctx = context()
    at = ctx.message.line_end
    ctx.edits = [Edit(at, at, b"A: 1\r\n")]
    add_late(ctx, at, line)
    ctx.edits.append(Edit(at, at, b"B: 1\r\n"))
    assert b"\r\nA: 1\r\nX: from 5060 to 5070\r\nB: 1\r\nVia: " in edited(
        ctx.message, edits_for(ctx, OTHER)
    )
    assert b"\r\nX: from 5060 to 5060\r\n" in edited(ctx.message, edits_for(ctx, ctx.socket))


def test_others_see_nothing_of_it() -> None:
    ctx = context()
    add_late(ctx, ctx.message.line_end, line)
    assert edited(ctx.message, ctx.edits or ()) == ctx.message.data


def test_without_any_the_edits_are_those_of_the_message() -> None:
    ctx = context()
    assert list(edits_for(ctx, OTHER)) == []
    ctx.edits = [Edit(0, 0, b"")]
    assert edits_for(ctx, OTHER) is ctx.edits


def test_forward_makes_them_for_the_socket_it_sends_by() -> None:
    ctx = context()
    add_late(ctx, ctx.message.line_end, line)
    ctx.send_socket = OTHER
    assert forwarding.forward(ctx, "udp", sockaddr("192.0.2.5", 5060)) == 1
    [(data, _)] = OTHER.outgoing
    assert b"\r\nX: from 5060 to 5070\r\nVia: SIP/2.0/UDP 192.0.2.8:5070;" in data
