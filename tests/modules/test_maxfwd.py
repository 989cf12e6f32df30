"""Counting hops, as Kamailio 5.6.3 was seen to do it."""

from __future__ import annotations

import re

import pytest

from tests.fakes import request
from tests.modules.running import code_of, mistakes, run


def _request(value: str | None) -> bytes:
    line = "" if value is None else f"Max-Forwards:{value}\r\n"
    return request().replace(b"Max-Forwards: 70\r\n", line.encode())


def _value(text: str) -> list[str]:
    return re.findall(r"(?im)^max-forwards:(?:[ \t]|\r\n )*(.*?)[ \t]*\r$", text)


@pytest.mark.parametrize(
    ("value", "code", "left"),
    [
        (None, 2, ["10"]),
        (" 70", 1, ["69"]),
        (" 1", 1, ["0"]),
        (" 0", -1, ["0"]),
        ("", -1, [""]),
        (" abc", -2, ["abc"]),
        (" 10x", -2, ["10x"]),
        (" -1", -2, ["-1"]),
        (" 5, 6", -2, ["5, 6"]),
        (" 99999999999", -2, ["99999999999"]),
        ("   7  ", 1, ["6"]),
        (" 007", 1, ["6"]),
        ("\r\n 9", 1, ["8"]),
        (" 71", 1, ["70"]),
        (" 255", 1, ["70"]),
        (" 300", 1, ["70"]),
    ],
)
def test_process_maxfwd(value: str | None, code: int, left: list[str]) -> None:
    assert code_of('process_maxfwd("10")', _request(value)) == code
    ran = run('process_maxfwd("10");', _request(value))
    assert _value(ran.edited) == left


@pytest.mark.parametrize("name", ["mf_process_maxfwd_header", "process_maxfwd", "maxfwd_process"])
def test_names(name: str) -> None:
    assert code_of(f"{name}(10)") == 1


def test_it_is_added_as_the_first_field_and_whatever_the_limit() -> None:
    ran = run('process_maxfwd("80");', _request(None))
    assert ran.edited.split("\r\n")[1] == "Max-Forwards: 80"


def test_a_second_call_counts_on() -> None:
    ran = run("process_maxfwd(10); process_maxfwd(10);", _request(" 10"))
    assert _value(ran.edited) == ["8"]
    assert code_of("process_maxfwd(10)", _request(" 1"), before="process_maxfwd(10);") == -1


def test_what_was_added_is_not_seen() -> None:
    data = _request(None)
    assert code_of("is_maxfwd_lt(99)", data, before="process_maxfwd(10);") == -2
    assert code_of("process_maxfwd(10)", data, before="process_maxfwd(10);") == 2


@pytest.mark.parametrize("name", ["is_maxfwd_lt", "mf_lowlimit", "maxfwd_at_least"])
@pytest.mark.parametrize(
    ("value", "code"),
    [(" 5", 1), (" 6", -1), (" 7", -1), ("", 1), (None, -2), (" x", -3), (" 5 5", -3)],
)
def test_is_maxfwd_lt(name: str, value: str | None, code: int) -> None:
    assert code_of(f'{name}("6")', _request(value)) == code


def test_is_maxfwd_lt_sees_the_count() -> None:
    assert code_of('is_maxfwd_lt("6")', _request(" 6"), before="process_maxfwd(10);") == 1


@pytest.mark.parametrize("argument", ["$avp(never)", "$rm", "$var(s)", "$var(n)"])
def test_variables_that_are_no_number_of_hops(argument: str) -> None:
    before = '$var(s) = "abc"; $var(n) = 257;'
    assert code_of(f'process_maxfwd("{argument}")', before=before) == -1
    assert code_of(f'is_maxfwd_lt("{argument}")', before=before) == -1


def test_a_variable() -> None:
    assert code_of('process_maxfwd("$var(n)")', _request(None), before="$var(n) = 5;") == 2
    assert code_of("is_maxfwd_lt($var(n))", before="$var(n) = 71;") == 1


def test_max_limit() -> None:
    ran = run("process_maxfwd(10);", parameters='modparam("maxfwd", "max_limit", 20)')
    assert _value(ran.edited) == ["20"]


@pytest.mark.parametrize(
    ("value", "error"), [(" 0", (483, "Too Many Hops")), (" x", (400, "Invalid Max-Forwards"))]
)
def test_the_error_is_there_for_the_reply(value: str, error: tuple[int, str]) -> None:
    assert run("process_maxfwd(10);", _request(value)).ctx.error == error


@pytest.mark.parametrize(
    "call", ['process_maxfwd("abc")', "process_maxfwd(300)", 'is_maxfwd_lt("-1")', "is_maxfwd_lt()"]
)
def test_wrong_arguments_are_found_in_the_script(call: str) -> None:
    assert len(mistakes(f"request_route {{ {call}; }}")) == 1
    assert len(mistakes("request_route { exit; }", 'modparam("maxfwd", "max_limit", 300)')) == 1
