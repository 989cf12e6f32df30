"""What a script's `$xavp` says of our Via; `tests/compat/cases/forward.py` compares the usual."""

from __future__ import annotations

import pytest

from sipway.core.engine import Engine
from sipway.sip.addresses import sockaddr
from tests.core.proxy.calls import TO_BOB, Calls
from tests.fakes import reply, request
from tests.modules.running import NOW, load, mistakes, run

PARAMS = 'xavp_via_params = "via"'
FIELDS = 'xavp_via_fields = "place"'
SEND = "forward(192.0.2.5, 5060);"


def _via(code: str, parameters: str = "") -> str:
    """Our Via behind its branch, or its host and port if the code asks for fields."""
    ran = run(code + SEND, parameters=parameters)
    line = ran.sent[0].decode().split("\r\n")[1].removeprefix("Via: SIP/2.0/UDP ")
    place, _, rest = line.partition(";branch=")
    return place if parameters == FIELDS else rest.partition(";")[2]


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ('$xavp(via=>a) = "1";', "a=1"),
        ('$xavp(via=>a) = "1"; $xavp(via[0]=>b) = 2;', "b=2;a=1"),
        ('$xavp(via=>a) = "";', "a"),
        ('$xavp(via=>a) = "1"; $xavp(via=>b) = "2";', "b=2"),
        ('$xavp(via) = "plain";', ""),
        ('$xavp(other=>a) = "1";', ""),
        ('$xavp(via=>a) = "1;b=2";', ""),
        ('$xavp(via=>a) = "x\\r\\nEvil: 1";', ""),
        ('$xavp(via=>a) = "x y"; $xavp(via[0]=>ok) = "yes";', "ok=yes"),
    ],
)
def test_parameters(code: str, shown: str) -> None:
    assert _via(code + 'via_add_xavp_params("1");', PARAMS) == shown


def test_no_parameters_unless_both_ask_for_them() -> None:
    code = '$xavp(via=>a) = "1";'
    assert _via(code, PARAMS) == ""
    assert _via(code + 'via_add_xavp_params("1");') == ""
    assert _via(code + 'via_add_xavp_params("1"); via_add_xavp_params("0");', PARAMS) == ""


def test_a_flood_of_parameters_is_cut() -> None:
    code = "".join(f'$xavp(via[0]=>p{each}) = "1";' for each in range(40))
    assert _via(f'$xavp(via=>p) = "1";{code}via_add_xavp_params("1");', PARAMS).count("=") == 32


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        (
            '$xavp(place=>address) = "198.51.100.1"; $xavp(place[0]=>port) = "5080";',
            "198.51.100.1:5080",
        ),
        (
            '$xavp(place=>address) = "2001:db8::1"; $xavp(place[0]=>port) = 5080;',
            "[2001:db8::1]:5080",
        ),
        ('$xavp(place=>address) = "198.51.100.1";', "192.0.2.9:5060"),
        ('$xavp(place=>port) = "5080";', "192.0.2.9:5060"),
        ('$xavp(place=>address) = "a b"; $xavp(place[0]=>port) = "5080";', "192.0.2.9:5060"),
        (
            '$xavp(place=>address) = "198.51.100.1"; $xavp(place[0]=>port) = "70000";',
            "192.0.2.9:5060",
        ),
        ('$xavp(place=>address) = "198.51.100.1"; $xavp(place[0]=>port) = "x";', "192.0.2.9:5060"),
    ],
)
def test_host_and_port(code: str, shown: str) -> None:
    assert _via(code + 'via_use_xavp_fields("1");', FIELDS) == shown


@pytest.mark.parametrize("call", ["via_add_xavp_params()", 'via_use_xavp_fields("x")'])
def test_bad_arguments(call: str) -> None:
    assert mistakes(f"{call};")


_REPLY_PARAMS = 'xavp_via_reply_params = "rpl"'
_ASK = '$xavp(rpl=>a) = "1"; $xavp(rpl[0]=>b) = "x\\r\\ny"; via_reply_add_xavp_params("1");'


def _reply_via(code: str, parameters: str = _REPLY_PARAMS, data: bytes | None = None) -> str:
    """The topmost Via of what leaves, from its sent-by on."""
    ran = run(code, data, parameters=parameters)
    return ran.sent[0].decode().split("\r\n")[1].removeprefix("Via: SIP/2.0/UDP ")


def test_replies_of_our_own_have_parameters_too() -> None:
    code = f'{_ASK} sl_send_reply("404", "x");'
    assert _reply_via(code) == "192.0.2.1:5070;branch=z9hG4bK-1;a=1"
    assert _reply_via(code, "") == "192.0.2.1:5070;branch=z9hG4bK-1"
    assert _reply_via(code.replace('params("1")', 'params("0")')).endswith("z9hG4bK-1")


def test_of_several_vias_in_a_line_it_is_the_first() -> None:
    data = request(via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1, SIP/2.0/UDP x;branch=b")
    found = _reply_via(f'{_ASK} sl_send_reply("404", "x");', data=data)
    assert found == "192.0.2.1:5070;branch=z9hG4bK-1;a=1, SIP/2.0/UDP x;branch=b"


def test_replies_that_are_passed_on_have_parameters_too() -> None:
    program, _, socket = load(f"reply_route {{ {_ASK} }}", parameters=_REPLY_PARAMS)
    source = sockaddr("192.0.2.77", 5060)
    Engine(program).receive([(reply(), source)], socket, NOW)
    assert b"\r\nVia: SIP/2.0/UDP 192.0.2.7:5077;branch=z9hG4bK-2;a=1\r\n" in socket.outgoing[0][0]


def test_replies_to_a_transaction_have_parameters_too() -> None:
    calls = Calls(
        f'{_REPLY_PARAMS}\nrequest_route {{ {TO_BOB} t_on_reply("R"); t_relay(); }}'
        f" onreply_route[R] {{ {_ASK} }}"
    )
    (sent,) = [each for each in calls.invite("OPTIONS") if each.what == "OPTIONS"]
    (passed,) = calls.answer(sent, 200)
    assert passed.header("Via") == "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1;a=1"
