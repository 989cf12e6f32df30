"""Requests sent on, without a server: sockets chosen, branches, edits."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.core import forwarding
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import Routes
from sipway.sip.addresses import sockaddr
from sipway.sip.edits import Edit
from sipway.sip.message import parse
from tests.fakes import LogInMemory, request

THERE = sockaddr("192.0.2.77", 5077)
_SOURCE = sockaddr("192.0.2.1", 5070)


class _Setting:
    """A Context with several sockets of ours."""

    def __init__(self, data: bytes | None = None, **settings: Any) -> None:
        self.four = ListenSocket("udp", "192.0.2.9", 5060)
        self.other = ListenSocket("udp", "192.0.2.10", 5062, "other", ("203.0.113.9", 6060))
        self.six = ListenSocket("udp", "2001:db8::9", 5060)
        self.log = LogInMemory()
        sockets = (self.four, self.other, self.six)
        self.program = Program(
            "test.cfg",
            Settings(**settings),
            self.log,
            sockets,
        )
        message = parse(request() if data is None else data)
        kind = Routes.REQUEST.value
        self.ctx = Context(message, self.program, self.four, _SOURCE, 1.0, kind)

    def forward(self, to: bytes = THERE, protocol: str = "udp") -> int:
        return forwarding.forward(self.ctx, protocol, to)

    @property
    def sent(self) -> str:
        """The one message that was sent by any socket."""
        ((data, _),) = [each for socket in self.program.sockets for each in socket.outgoing]
        return data.decode()


def _branch(data: bytes) -> bytes:
    return forwarding.stateless_branch(parse(data))


def test_what_is_sent() -> None:
    setting = _Setting()
    assert setting.forward() == 1
    assert setting.four.outgoing[0][1] == THERE
    line, via, rest = setting.sent.split("\r\n", 2)
    assert line == "OPTIONS sip:bob@callee.example SIP/2.0"
    assert via.startswith("Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK")
    assert rest == request().decode().partition("\r\n")[2]


def test_the_script_s_uri_and_edits() -> None:
    setting = _Setting()
    setting.ctx.ruri = "sip:ann@other.example"
    end = setting.ctx.message.headers_end
    setting.ctx.edits = [Edit(end, end, b"X-A: 1\r\n")]
    setting.forward()
    assert setting.sent.startswith("OPTIONS sip:ann@other.example SIP/2.0\r\nVia: ")
    assert setting.sent.endswith("\r\nX-A: 1\r\n\r\n")


def test_our_via_stays_where_the_script_takes_out_the_others() -> None:
    setting = _Setting()
    setting.ctx.edits = [Edit(*setting.ctx.message.line(0), b"")]
    setting.forward()
    assert setting.sent.count("Via:") == 1
    assert "192.0.2.9:5060" in setting.sent


# --- the socket ------------------------------------------------------------------------------


def test_the_socket_of_the_message_then_one_of_the_family() -> None:
    setting = _Setting()
    setting.ctx.socket = setting.other
    assert setting.forward() == 1
    assert setting.other.outgoing
    assert setting.forward(sockaddr("2001:db8::1", 5060)) == 1
    assert setting.six.outgoing
    assert b"[2001:db8::9]:5060" in setting.six.outgoing[0][0]


def test_the_forced_socket_unless_its_family_is_another() -> None:
    setting = _Setting()
    setting.ctx.send_socket = setting.other
    setting.forward()
    assert setting.other.outgoing
    setting.ctx.send_socket = setting.six
    setting.forward()
    assert setting.four.outgoing
    assert not setting.six.outgoing


@pytest.mark.parametrize(
    ("protocol", "why"),
    [
        ("tcp", "no socket of ours is for TCP and of its family"),
        *((each, "sipway sends over UDP and TCP only so far") for each in ("tls", "ws", "sctp")),
    ],
)
def test_what_cannot_be_sent_is_said_once(protocol: str, why: str) -> None:
    setting = _Setting()
    assert [setting.forward(protocol=protocol) for _ in range(3)] == [forwarding.NO_SOCKET] * 3
    assert [text for _, text in setting.log.written] == [
        f"<core>: cannot send to {protocol}:192.0.2.77:5077: {why}\n"
    ]


def test_no_socket_of_the_family() -> None:
    setting = _Setting()
    setting.program = Program("test.cfg", Settings(), setting.log, (setting.four,))
    setting.ctx.program = setting.program
    assert setting.forward(sockaddr("2001:db8::1", 5060)) == forwarding.NO_SOCKET
    assert "no socket of ours is of its family" in setting.log.written[0][1]


def test_mhomed_asks_the_system_for_the_socket() -> None:
    """From 127.0.0.1 nobody but a socket of the loopback interface can be reached."""
    setting = _Setting(mhomed=True)
    loopback = ListenSocket("udp", "127.0.0.1", 5062)
    sockets = (setting.four, loopback, ListenSocket("udp", "127.0.0.1", 5060))
    setting.program = setting.ctx.program = Program(
        "test.cfg", Settings(mhomed=True), setting.log, sockets
    )
    assert setting.forward(sockaddr("127.0.0.5", 5060)) == 1
    assert sockets[2].outgoing, "of two the one with the port that the message came by"
    setting.ctx.send_socket = loopback
    assert setting.forward(sockaddr("127.0.0.5", 5060)) == 1
    assert loopback.outgoing, "what the script says goes first"


# --- our Via ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "changes", "shown"),
    [
        ({}, {}, "203.0.113.9:6060"),
        ({}, {"advertised_host": "x.example"}, "x.example:6060"),
        ({}, {"advertised_port": 77}, "203.0.113.9:77"),
        ({"advertised_address": "g.example"}, {}, "g.example:6060"),
        ({"advertised_port": 99}, {}, "203.0.113.9:99"),
        ({"advertised_address": "g.example"}, {"advertised_host": "x.example"}, "x.example:6060"),
        ({}, {"advertised_host": "2001:db8::1"}, "[2001:db8::1]:6060"),
    ],
)
def test_what_our_via_shows(settings: dict[str, Any], changes: dict[str, Any], shown: str) -> None:
    setting = _Setting(**settings)
    setting.ctx.send_socket = setting.other
    for name, value in changes.items():
        setattr(extras(setting.ctx), name, value)
    setting.forward()
    assert f"\r\nVia: SIP/2.0/UDP {shown};branch=z9hG4bK" in setting.sent


@pytest.mark.parametrize(
    ("settings", "changes", "end"),
    [
        ({"local_rport": True}, {}, ";rport"),
        ({}, {"local_rport": True}, ";rport"),
        ({"local_rport": True}, {"local_rport": False}, ""),
        ({"server_id": 7}, {}, ""),
        ({"server_id": 7}, {"via_server_id": True}, ";srvid=7"),
        ({"server_id": 0}, {"via_server_id": True}, ""),
    ],
)
def test_parameters_of_our_via(settings: dict[str, Any], changes: dict[str, Any], end: str) -> None:
    setting = _Setting(**settings)
    for name, value in changes.items():
        setattr(extras(setting.ctx), name, value)
    setting.forward()
    via = setting.sent.split("\r\n")[1]
    assert via.partition(";branch=")[2][7 + 16 :] == end


def test_the_branch_of_a_request_sent_again_is_the_same() -> None:
    assert _branch(request()) == _branch(request(extra="X-More: 1\r\n"))
    assert len(_branch(request())) == 7 + 16


def test_the_branch_of_another_request_is_another() -> None:
    others = [
        request(via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2"),
        request(via="SIP/2.0/UDP 192.0.2.2:5070;branch=z9hG4bK-1"),
        request(via="SIP/2.0/UDP 192.0.2.1:5071;branch=z9hG4bK-1"),
    ]
    assert len({_branch(each) for each in (request(), *others)}) == 4


@pytest.mark.parametrize("branch", ["branch=z9hG4bK-1", "branch=old", ""])
def test_ack_and_cancel_have_the_branch_of_their_invite(branch: str) -> None:
    via = f"SIP/2.0/UDP 192.0.2.1:5070;{branch}".rstrip(";")
    branches = {_branch(request(method, via=via)) for method in ("INVITE", "CANCEL")}
    branches.add(_branch(request("ACK", via=via, to="<sip:bob@callee.example>;tag=b1")))
    assert len(branches) == 1


@pytest.mark.parametrize(
    "other",
    [{"call_id": "call-2"}, {"uri": "sip:ann@callee.example"}, {"cseq": "2 OPTIONS"},
     {"from_": "<sip:alice@caller.example>;tag=a2"}],
)  # fmt: skip
def test_of_old_clients_the_branch_is_made_from_more(other: dict[str, str]) -> None:
    via = "SIP/2.0/UDP 192.0.2.1:5070"
    assert _branch(request(via=via)) != _branch(request(via=via, **other))


# --- onsend_route ----------------------------------------------------------------------------


def test_onsend_route_sees_what_is_sent_and_may_stop_it() -> None:
    setting = _Setting()
    seen: list[object] = []

    def onsend(ctx: Context) -> int:
        assert ctx.sending is not None
        seen.append((ctx.kind, ctx.sending[1], ctx.sending[2], ctx.retcode))
        ctx.dropped = len(seen) == 2
        return 0

    setting.program = setting.ctx.program = Program(
        "test.cfg", Settings(), setting.log, (setting.four,), onsend_route=onsend
    )
    setting.ctx.retcode = 5
    assert setting.forward() == 1
    assert setting.forward() == forwarding.STOPPED
    assert len(setting.four.outgoing) == 1
    assert seen == [(Routes.ONSEND.value, THERE, setting.four, 0)] * 2
    ctx = setting.ctx
    assert (ctx.kind, ctx.retcode, ctx.dropped, ctx.sending) == (
        Routes.REQUEST.value, 5, False, None,
    )  # fmt: skip
