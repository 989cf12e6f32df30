"""What a script's `$xavp` says of our Via; `tests/compat/cases/forward.py` compares the usual."""

from __future__ import annotations

import pytest

from tests.modules.running import mistakes, run

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
