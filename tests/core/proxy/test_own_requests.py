"""Requests of the server's own: who acknowledges them, where to, and what CANCELs may become."""

from __future__ import annotations

import pytest

from sipway.sip.addresses import sockaddr
from tests.core.proxy.calls import TO_BOB, Calls, Sent, check

_HEADERS = "From: <sip:me@x>;tag=1\\r\\nTo: <sip:bob@x>\\r\\nCall-ID: own\\r\\nCSeq: 7 INVITE\\r\\n"
_SEND = (
    f't_uac_send("INVITE", "sip:bob@192.0.2.2", "", "", "{_HEADERS}", "");'
    ' sl_send_reply("200", "OK");'
)
_ACK = (
    'if ($rU == "ack") { $var(r) = t_uac_ack_local("own", "7"); xlog("$var(r)\\n"); exit; }'
    ' if ($rU == "rich") { $var(r) = t_uac_ack_local("own", "7", "X-A: 1\\r\\nX-B: 2\\r\\n",'
    ' "body"); xlog("$var(r)\\n"); exit; }'
    ' if ($rU == "wrong") { $var(r) = t_uac_ack_local("own", "8"); xlog("$var(r)\\n");'
    ' $var(r) = t_uac_ack_local("none", "7"); xlog("$var(r)\\n");'
    ' $var(r) = t_uac_ack_local("own", "7", "nonsense"); xlog("$var(r)\\n"); exit; }'
)
_OK = "Contact: <sip:bob@192.0.2.3>\r\n"


def _sent(calls: Calls, method: str = "INVITE") -> Sent:
    return next(each for each in calls.invite("OPTIONS") if each.what == method)


def _acks(found: list[Sent]) -> list[Sent]:
    return [each for each in found if each.what == "ACK"]


@pytest.mark.parametrize(("mode", "to"), [(0, "192.0.2.3"), (1, "192.0.2.2"), (2, "192.0.2.2")])
def test_where_an_ack_goes(mode: int, to: str) -> None:
    calls = Calls(f'modparam("tm", "local_ack_mode", {mode})\nrequest_route {{ {_SEND} }}')
    (ack,) = _acks(calls.answer(_sent(calls), 200, extra=_OK))
    assert ack.to == to
    assert ack.text.startswith("ACK sip:bob@192.0.2.3 SIP/2.0\r\n")


def test_an_ack_may_go_to_where_the_2xx_came_from() -> None:
    calls = Calls(f'modparam("tm", "local_ack_mode", 2)\nrequest_route {{ {_SEND} }}')
    sent = _sent(calls)
    via = sent.header("Via")
    reply = (
        f"SIP/2.0 200 OK\r\nVia: {via}\r\nFrom: <sip:me@x>;tag=1\r\nTo: <sip:bob@x>;tag=b\r\n"
        "Call-ID: own\r\nCSeq: 7 INVITE\r\nContent-Length: 0\r\n\r\n"
    )
    (ack,) = _acks(calls.receive(reply, sockaddr("192.0.2.66", 6066)))
    assert ack.to == "192.0.2.66"


def _unacknowledged(more: str = "") -> Calls:
    calls = Calls(
        f"request_route {{ {_ACK} {_SEND} }}"
        f" event_route[tm:local-request] {{ t_set_no_auto_ack(1); {more} }}"
    )
    assert _acks(calls.answer(_sent(calls), 200, extra=_OK)) == []
    return calls


def test_a_2xx_may_be_left_to_the_script_to_acknowledge() -> None:
    calls = _unacknowledged()
    (ack,) = _acks(calls.invite("MESSAGE", uri="sip:ack@x"))
    assert (ack.to, ack.header("CSeq"), ack.header("To")) == (
        "192.0.2.3", "7 ACK", "<sip:bob@x>;tag=b",
    )  # fmt: skip
    assert calls.lines == ["1"]


def test_its_ack_may_say_more() -> None:
    calls = _unacknowledged()
    (ack,) = _acks(calls.invite("MESSAGE", uri="sip:rich@x"))
    assert (ack.header("X-A"), ack.header("X-B"), ack.header("Content-Length")) == ("1", "2", "4")
    assert ack.text.endswith("\r\n\r\nbody")


def test_what_is_not_there_is_not_acknowledged() -> None:
    calls = _unacknowledged()
    assert _acks(calls.invite("MESSAGE", uri="sip:wrong@x")) == []
    assert calls.lines == ["-1", "-1", "-1"]


def test_it_may_change_its_mind() -> None:
    calls = Calls(
        f"request_route {{ {_SEND} }}"
        " event_route[tm:local-request] { t_set_no_auto_ack(1); t_set_no_auto_ack(0); }"
    )
    assert len(_acks(calls.answer(_sent(calls), 200, extra=_OK))) == 1


_CANCELLED = (
    f'request_route {{ {TO_BOB} if ($rm == "CANCEL") {{ t_relay_cancel(); exit; }} t_relay(); }}'
)


def _cancel(script: str) -> list[Sent]:
    calls = Calls(script)
    (invite,) = [each for each in calls.invite() if each.what == "INVITE"]
    calls.answer(invite, 180)
    return [each for each in calls.invite("CANCEL", cseq="1 CANCEL") if each.what == "CANCEL"]


@pytest.mark.parametrize(("mode", "header"), [(0, None), (1, "1")])
def test_a_cancel_of_ours_runs_the_event_route_if_wanted(mode: int, header: str | None) -> None:
    (cancel,) = _cancel(
        f'modparam("tm", "evlreq_mode", {mode})\n{_CANCELLED}'
        ' event_route[tm:local-request] { if ($rm == "CANCEL") append_hf("X-A: 1\\r\\n"); }'
    )
    assert cancel.header("X-A") == header


def test_a_cancel_of_ours_may_be_dropped() -> None:
    found = _cancel(
        f'modparam("tm", "evlreq_mode", 1)\n{_CANCELLED} event_route[tm:local-request] {{ drop; }}'
    )
    assert found == []


@pytest.mark.parametrize(
    ("parameter", "message"),
    [
        ('"local_ack_mode", 3', "local_ack_mode is a number from 0 to 2, not 3"),
        ('"evlreq_mode", 2', "evlreq_mode is a number from 0 to 1, not 2"),
    ],
)
def test_parameters_have_their_limits(parameter: str, message: str) -> None:
    assert message in check(f'modparam("tm", {parameter})\nrequest_route {{ exit; }}')[0]


_FAILING = (
    'request_route { $du = "sip:192.0.2.2;transport=tcp"; t_on_failure("F");'
    ' $var(r) = t_relay(); xlog("relay $var(r)\\n"); }'
    ' failure_route[F] { xlog("failure $T_reply_code\\n");'
    f" if ($T_reply_code == 500) {{ {TO_BOB} $du = $null; t_relay(); }} }}"
)


def test_what_cannot_be_sent_fails_t_relay() -> None:
    calls = Calls(_FAILING)
    assert [each.what for each in calls.invite("OPTIONS")] == ["500"]
    assert calls.lines == ["relay -7"]


def test_what_cannot_be_sent_alone_fails_t_relay_always() -> None:
    calls = Calls(f'modparam("tm", "failure_exec_mode", 1)\n{_FAILING}')
    assert [each.what for each in calls.invite("OPTIONS")] == ["500"]
    assert calls.lines == ["relay -7"]


@pytest.mark.parametrize(("mode", "code"), [(0, 501), (1, 500)])
def test_what_cannot_be_sent_beside_others(mode: int, code: int) -> None:
    calls = Calls(
        f'modparam("tm", "failure_exec_mode", {mode})\nrequest_route {{'
        ' $ru = "sip:x@192.0.2.3;transport=tcp"; append_branch("sip:bob@192.0.2.2", "1.0");'
        ' t_on_failure("F"); $var(r) = t_relay(); xlog("relay $var(r)\n"); }'
        ' failure_route[F] { xlog("failure $T_reply_code\n"); }'
    )
    (sent,) = calls.invite("OPTIONS")
    assert calls.lines == ["relay 1"]
    (answer,) = calls.answer(sent, 501)
    assert (answer.what, calls.lines) == (str(code), [f"failure {code}"])


def test_a_branch_beside_it_goes_on() -> None:
    calls = Calls(
        'modparam("tm", "failure_exec_mode", 1)\nrequest_route {'
        f' {TO_BOB} append_branch("sip:x@192.0.2.3;transport=tcp"); t_on_failure("F");'
        ' $var(r) = t_relay(); xlog("relay $var(r)\\n"); }'
        ' failure_route[F] { xlog("failure $T_reply_code\\n"); }'
    )
    (sent,) = calls.invite("OPTIONS")
    assert calls.lines == ["relay 1"]
    (answer,) = calls.answer(sent, 404)
    assert (answer.what, calls.lines) == ("404", ["failure 404"])
