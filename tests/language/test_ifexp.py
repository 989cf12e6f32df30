"""Expressions of `#!ifexp` and `#!defexp`, as the core cookbook 6.1 has them."""

from __future__ import annotations

import pytest

from sipway.language.ifexp import IfexpError, evaluate_ifexp, evaluate_text
from sipway.language.parser import parse
from sipway.language.source import SourceFile

DEFINES = {
    "A": None,
    "N": "5",
    "ZERO": "0",
    "EMPTY": '""',
    "S": '"x"',
    "IP": "127.0.0.1",
    "OS_NAME": "linux",
    "KAMAILIO_VERSION": "5006003",
}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("A", True), ("B", False), ("!A", False), ("!B", True), ("!!A", True),
        # A value is a text, and a text is true unless it is empty.
        ("ZERO", True), ("EMPTY", False), ("0", False), ("1", True), ("''", False), ("'0'", True),
        ("A && !B", True), ("B || A", True), ("A && B || A", True), ("A && (B || A)", True),
        ("N == 5", True), ("N != 5", False), ("5 == N", True), ('S == "x"', True),
        ("S == 'x'", True), ("S == x", False), ("B == 0", True),
        ('OS_NAME == "linux"', True), ('A && (OS_NAME == "darwin")', False),
        ("KAMAILIO_VERSION >= 5006000", True), ("KAMAILIO_VERSION < 5007000", True),
        # The right operand takes the type of the left one.
        ('4 > "20"', False), ('"4" > 20', True), ('"a" < "b"', True), ('"b" <= "a"', False),
        ("2 >= 2", True), ("2 <= 2", True), ("3 < 2", False),
        ("N + 1 == 51", True), ("1 + N == 6", True), ("(N - 1) * 2 == 8", True),
        ("-N < 0", True), ("N / 2 == 2.5", True), ("7 % 3 == 1", True), ("-7 % 3 == -1", True),
        ("2 ** 3 ** 1 == 8", True), ("1 << 4 == 16", True), ("256 >> 4 == 16", True),
        ("6 & 3 == 3", False), ("(6 & 3) == 2", True), ("(6 | 1) == 7", True),
        ("(6 ^ 3) == 5", True), ("^0 == -1", True), ("2 + 3 * 4 == 14", True),
        ("x = 4, x * 2 == 8", True), ("y = x = 2, y + x == 4", True), ("1, 0", False),
        ("A # a comment", True), ("'#' == '#'", True),
    ],
)  # fmt: skip
def test_expressions(expression: str, value: bool) -> None:
    assert evaluate_ifexp(expression, DEFINES) is value


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        ('1 + "20"', "21"),
        ('"1" + 20', "120"),
        ('"sip:" + IP + ":5060"', "sip:127.0.0.1:5060"),
        ("'\"sip:' + IP + ':5060\"'", '"sip:127.0.0.1:5060"'),
        ("1<<4", "16"),
        ("5 / 2", "2.5"),
        ("6 / 2", "3"),
        ("A", "1"),
        ("UNKNOWN", "0"),
    ],
)
def test_values(expression: str, text: str) -> None:
    assert evaluate_text(expression, DEFINES) == text


@pytest.mark.parametrize(
    ("expression", "fault"),
    [
        ("", "ends where a value should follow"),
        ("A &&", "ends where a value should follow"),
        ("(A", "a closing parenthesis is missing"),
        ("A)", ") can't stand here"),
        ("A B", "B can't stand here"),
        ("?", "? can't stand here"),
        ("A =~ B", "=~ can't stand here"),
        ('"a', "\" can't stand here"),
        ("* 2", "* can't stand here"),
        ("defined(A)", "there is no function defined()"),
        ("1 / 0", "division by zero"),
        ("1 % B", "division by zero"),
        ("1 << 64", "0 to 63 places"),
        ("1 << -1", "0 to 63 places"),
        ("9 ** 9999", "too large"),
        ("9 ** 999", "too large"),
        ("0 ** -1", "too large"),
        ("(0 - 8) ** 0.5", "no such power"),
        ("9" * 500, "too large"),
        ("!" * 100 + "A", "nested too deep"),
        ("(" * 100, "nested too deep"),
        ("x=" * 100 + "1", "nested too deep"),
        ("x = 'aaaaaaaa', " + "x = x + x, " * 20 + "x", "too long"),
    ],
)
def test_what_is_no_expression(expression: str, fault: str) -> None:
    with pytest.raises(IfexpError) as caught:
        evaluate_ifexp(expression, DEFINES)
    assert fault in str(caught.value)
    source = SourceFile("test.cfg", f"#!define A\n#!ifexp {expression}\n#!endif\n")
    assert [item.code for item in parse(source).diagnostics] == ["bad-ifexp"]
