"""Destinations that are left alone, and for how long."""

from __future__ import annotations

import pytest

from sipway.core.blocklist import Blocklist
from sipway.core.engine import Engine
from sipway.core.program import Program
from sipway.core.sockets import ListenSocket
from sipway.sip.addresses import sockaddr
from tests.fakes import reply, request
from tests.modules.running import NOW, load

_PEER = sockaddr("192.0.2.77", 5060)
_SOURCE = sockaddr("192.0.2.1", 5070)


def test_an_entry_holds_for_a_while() -> None:
    blocked = Blocklist(60, 250)
    assert not blocked.has("udp", _PEER, NOW)
    blocked.add("udp", _PEER, NOW)
    assert blocked.has("udp", _PEER, NOW + 59)
    assert not blocked.has("tcp", _PEER, NOW)
    assert not blocked.has("udp", _PEER, NOW + 60)
    assert len(blocked) == 0
    blocked.add("udp", _PEER, NOW, 5)
    assert not blocked.has("udp", _PEER, NOW + 5)


def test_there_is_an_end_to_how_many() -> None:
    blocked = Blocklist(60, 1)
    for number in range(100):
        blocked.add("udp", sockaddr("192.0.2.1", number + 1), NOW)
    assert len(blocked) == 10
    blocked.add("udp", _PEER, NOW + 61)
    assert len(blocked) == 1
    assert blocked.has("udp", _PEER, NOW + 61)


_RELAY = (
    'request_route { $du = "sip:192.0.2.77"; if ($rm == "ACK") exit;'
    ' if ($rU == "forward") { if (forward() > 0) xlog("forward yes\\n");'
    ' else xlog("forward no\\n"); exit; }'
    ' t_relay(); xlog("relay $rc\\n"); }'
)


def _server(parameters: str = "") -> tuple[Program, Engine, ListenSocket, list[tuple[int, str]]]:
    program, log, socket = load(
        _RELAY, parameters=f'use_dst_blocklist=on\nloadmodule "tm.so"\n{parameters}'
    )
    return program, Engine(program), socket, log.written


def _said(log: list[tuple[int, str]]) -> list[str]:
    said = [text.removeprefix("<script>: ").rstrip("\n") for _, text in log]
    log.clear()
    return said


def _invite(number: int, method: str = "INVITE", user: str = "bob") -> bytes:
    via = f"SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-{number}"
    return request(method, f"sip:{user}@x.example", via=via, call_id=f"call-{number}")


def test_a_request_is_not_sent_there() -> None:
    program, engine, socket, log = _server()
    assert program.blocklist is not None
    program.blocklist.add("udp", _PEER, NOW)
    engine.receive([(_invite(1), _SOURCE)], socket, NOW)
    assert [to for _, to in socket.outgoing] == [_SOURCE, _SOURCE]  # 100, and the answer
    assert socket.outgoing[-1][0].startswith(
        b"SIP/2.0 477 Unfortunately error on sending to next hop occurred (477/TM)\r\n"
    )
    engine.receive([(_invite(2, "OPTIONS", "forward"), _SOURCE)], socket, NOW)
    assert _said(log) == ["relay -1", "forward no"]
    assert _PEER not in [to for _, to in socket.outgoing]
    # A BYE is sent all the same, and so is anything once the time is over.
    socket.outgoing.clear()
    engine.receive([(_invite(3, "BYE"), _SOURCE)], socket, NOW)
    engine.receive([(_invite(4, "OPTIONS"), _SOURCE)], socket, NOW + 60)
    assert [to for _, to in socket.outgoing] == [_PEER, _PEER]
    assert _said(log) == ["relay 1", "relay 1"]


@pytest.mark.parametrize(
    ("method", "parameters", "is_blocked"),
    [
        ("INVITE", "", True),
        ("OPTIONS", "", False),
        ("OPTIONS", 'modparam("tm", "blst_methods_add", 512)', True),
        ("INVITE", 'modparam("tm", "blst_methods_add", 512)', False),
        ("INVITE", "dst_blocklist_init=no", False),
        ("INVITE", "dst_blocklist_expire=10", True),
        ("INVITE", "dst_blocklist_mem=0", False),
    ],
)
def test_who_does_not_answer_is_left_alone(method: str, parameters: str, is_blocked: bool) -> None:
    program, engine, socket, _ = _server(f'modparam("tm", "fr_timer", 5000)\n{parameters}')
    engine.receive([(_invite(1, method), _SOURCE)], socket, NOW)
    engine.expire(NOW + 6)
    blocked = program.blocklist
    assert (blocked is not None and blocked.has("udp", _PEER, NOW + 7)) == is_blocked
    if "expire=10" in parameters:
        assert blocked is not None
        assert not blocked.has("udp", _PEER, NOW + 17)


def test_who_answered_once_is_not() -> None:
    program, engine, socket, _ = _server(
        'modparam("tm", "fr_timer", 5000)modparam("tm", "fr_inv_timer", 6000)'
    )
    engine.receive([(_invite(1), _SOURCE)], socket, NOW)
    _answer(engine, socket, reply(180, "Ringing", method="INVITE"))
    engine.expire(NOW + 20)
    assert program.blocklist is not None
    assert not program.blocklist.has("udp", _PEER, NOW + 20)


def _answer(engine: Engine, socket: ListenSocket, data: bytes) -> None:
    (sent,) = [data for data, to in socket.outgoing if to == _PEER]
    via = sent.split(b"\r\n")[1].removeprefix(b"Via: ")
    data = data.replace(b"SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-1", via)
    engine.receive([(data, _PEER)], socket, NOW + 1)


@pytest.mark.parametrize(
    ("parameters", "header", "seconds"),
    [
        ("", "Retry-After: 30\r\n", 0),
        ('"blst_503", 1', "Retry-After: 30 (soon);duration=5\r\n", 30),
        ('"blst_503", 1', "", 0),
        ('"blst_503", 1', "Retry-After: soon\r\n", 0),
        ('"blst_503", 1)modparam("tm", "blst_503_def_timeout", 7', "", 7),
        ('"blst_503", 1)modparam("tm", "blst_503_max_timeout", 9', "Retry-After: 99\r\n", 9),
        ('"blst_503", 1)modparam("tm", "blst_503_min_timeout", 8', "Retry-After: 1\r\n", 8),
    ],
)
def test_a_503_says_for_how_long(parameters: str, header: str, seconds: int) -> None:
    program, engine, socket, _ = _server(f'modparam("tm", {parameters})' if parameters else "")
    engine.receive([(_invite(1), _SOURCE)], socket, NOW)
    _answer(engine, socket, reply(503, "Busy", method="INVITE", extra=header))
    blocked = program.blocklist
    assert blocked is not None
    assert blocked.has("udp", _PEER, NOW + 1) == (seconds > 0)
    assert not blocked.has("udp", _PEER, NOW + 1 + seconds)


def test_without_the_parameter_there_is_none() -> None:
    program, _, _ = load(_RELAY, parameters='loadmodule "tm.so"')
    assert program.blocklist is None
