"""event_route[core:msg-received] and event_route[network:msg]: messages before they are parsed."""

from __future__ import annotations

import pytest

from sipway.core.engine import Engine
from sipway.core.interception import replaced
from sipway.core.program import Program
from sipway.sip.addresses import sockaddr
from sipway.sip.outgoing import Directed, SendOption
from tests.fakes import request
from tests.modules.running import NOW, load

_SOURCE = sockaddr("192.0.2.1", 5070)
_REQUEST = 'request_route { xlog("request $ci\\n"); sl_send_reply("200", "OK"); } '


def _lines(code: str, *messages: bytes, parameters: str = "") -> list[str]:
    """What a script says of messages."""
    program, log, socket = load(_REQUEST + code, parameters=parameters)
    Engine(program).receive([(data, _SOURCE) for data in messages], socket, NOW)
    return [text.removeprefix("<script>: ").rstrip("\n") for _, text in log.written]


_RECEIVED = (
    'event_route[core:msg-received] { xlog("$rcv(evtype) $rcv(len) $rcv(sproto) $rcv(srcip)'
    ' $rcv(srcport) $rcv(rcvport) $rcv(safe) $(rcv(buf){s.substr,0,4}) $si\\n");'
    " if ($rcv(len) == 20) drop; if ($rcv(len) == 21) exit; }"
)


@pytest.mark.parametrize(("mode", "kinds"), [(0, []), (1, [1]), (2, [2]), (3, [2, 1])])
def test_an_event_route_sees_what_was_received(mode: int, kinds: list[int]) -> None:
    data = request()
    found = _lines(_RECEIVED, data, parameters=f"received_route_mode={mode}")
    told = [f"{kind} {len(data)} udp 192.0.2.1 5070 5060 1 OPTI 192.0.2.1" for kind in kinds]
    assert found == [*told, "request call-1"]


def test_what_it_drops_is_gone() -> None:
    sizes = [request(call_id="x" * n) for n in range(1, 9)]
    length = len(sizes[3])
    code = f"event_route[core:msg-received] {{ if ($rcv(len) == {length}) drop; }}"
    found = _lines(code, *sizes, parameters="received_route_mode=1")
    assert found == [f"request {'x' * n}" for n in range(1, 9) if n != 4]


def test_what_is_no_message_is_seen_too() -> None:
    found = _lines(_RECEIVED, b"\1" * 20, parameters="received_route_mode=1")
    assert found == ["1 20 udp 192.0.2.1 5070 5060 0 \1\1\1\1 192.0.2.1"]


def test_it_does_not_run_for_nothing() -> None:
    assert load(_REQUEST + _RECEIVED)[0].incoming is None
    assert load(_REQUEST, parameters="received_route_mode=1")[0].incoming is None


_NETWORK = (
    "event_route[network:msg] { if (is_incoming()) {"
    ' xlog("in $ml $si $(mb{s.substr,0,3})\\n");'
    ' if ($(mb{s.substr,0,3}) == "ENC") $avp(msg) = $(mb{s.substr,3,0});'
    " else if ($ml > 50) $avp(msg) = $mb; }"
    ' else { xlog("out $ml $si\\n"); $avp(msg) = "ENC" + $mb; } }'
)
_PARAMETERS = (
    'modparam("corex", "nio_intercept", 1)modparam("corex", "nio_min_msg_len", 32)'
    'modparam("corex", "nio_msg_avp", "$avp(msg)")'
)


def _exchanging(parameters: str = _PARAMETERS) -> tuple[Program, list[tuple[int, str]]]:
    program, log, _ = load(_REQUEST + _NETWORK, parameters=parameters)
    return program, log.written


def test_what_comes_in_is_exchanged() -> None:
    data = request()
    found = _lines(_NETWORK, b"ENC" + data, data, parameters=_PARAMETERS)
    assert found == [
        f"in {len(data) + 3} 192.0.2.1 ENC", f"in {len(data)} 192.0.2.1 OPT",
        "request call-1", "request call-1",
    ]  # fmt: skip


def test_what_leaves_is_exchanged() -> None:
    program, log = _exchanging()
    (socket,) = program.sockets
    assert program.outgoing is not None
    sent = Directed.to(request(), _SOURCE, 7, SendOption.CLOSE)
    found = program.outgoing([sent, (b"short", _SOURCE)], socket, NOW)
    assert found == [(b"ENC" + request(), _SOURCE), (b"short", _SOURCE)]
    assert isinstance(found[0], Directed)
    assert (found[0].connection, found[0].options) == (7, SendOption.CLOSE)
    assert [text for _, text in log] == [f"<script>: out {len(request())} 192.0.2.1\n"]


def test_without_a_value_it_goes_on_unchanged_and_says_so() -> None:
    program, log = _exchanging()
    (socket,) = program.sockets
    assert program.incoming is not None
    data = b"x" * 40
    assert program.incoming([(data, _SOURCE)], socket, NOW) == [(data, _SOURCE)]
    assert "left nothing" in log[-1][1]


def test_it_is_off_unless_the_script_wants_it() -> None:
    program, _ = _exchanging('modparam("corex", "nio_msg_avp", "$avp(msg)")')
    assert (program.incoming, program.outgoing) == (None, None)
    assert load(_REQUEST, parameters=_PARAMETERS)[0].outgoing is None


def test_both_may_look() -> None:
    code = _NETWORK + "event_route[core:msg-received] { if ($rcv(len) == 40) drop; }"
    found = _lines(code, b"x" * 40, parameters=_PARAMETERS + "\nreceived_route_mode=1\n")
    assert found == []


def test_nowhere_else_is_anything_incoming() -> None:
    code = (
        'event_route[sl:local-response] { if (is_incoming()) xlog("yes\\n"); else xlog("no\\n"); }'
    )
    assert _lines(code, request()) == ["request call-1", "no"]


def test_another_text_for_the_same_connection() -> None:
    assert replaced((b"a", _SOURCE), b"b") == (b"b", _SOURCE)
    assert not isinstance(replaced((b"a", _SOURCE), b"b"), Directed)


def test_each_reply_that_leaves_may_be_looked_at() -> None:
    code = 'event_route[corex:reply-out] { xlog("$rs $si $hdr(Server)\\n"); }'
    program, log, socket = load(_REQUEST + code, parameters=_PARAMETERS)
    assert program.outgoing is not None
    reply = b"SIP/2.0 404 X\r\nVia: SIP/2.0/UDP x\r\nFrom: <sip:a>\r\nTo: <sip:a>\r\n"
    reply += b"Call-ID: 1\r\nCSeq: 1 OPTIONS\r\n\r\n"
    messages = [(reply, _SOURCE), (request(), _SOURCE)]
    assert program.outgoing(messages, socket, NOW) == messages
    assert [text for _, text in log.written] == ["<script>: 404 192.0.2.1 <null>\n"]


def test_both_may_look_at_what_leaves() -> None:
    code = _NETWORK + 'event_route[corex:reply-out] { xlog("reply\\n"); }'
    program, log, socket = load(_REQUEST + code, parameters=_PARAMETERS)
    assert program.outgoing is not None
    data = b"SIP/2.0 404 X\r\n" + b"x" * 40
    assert program.outgoing([(data, _SOURCE)], socket, NOW) == [(b"ENC" + data, _SOURCE)]
    assert [text.split(": ")[1] for _, text in log.written] == [
        "reply\n",
        f"out {len(data)} 192.0.2.1\n",
    ]
