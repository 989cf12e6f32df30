"""Operators, row by row as Kamailio 5.6.3 was seen to have them: types, calls, what is refused.

What thousands of made-up expressions are worth in both servers is compared in `tests/compat`; these
are the rows that were wrong once.
"""

from __future__ import annotations

import pytest

from sipway.core.loader import ModuleCatalog
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostic, Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from tests.language.test_compiler import notes

ROUTES = "\nroute[FIVE] { return 5; } route[MINUS] { return -3; } route[END] { exit; }"
SETUP = (
    '$var(i1) = 1; $var(i5) = 5; $var(m1) = -1; $var(m3) = -3; $var(s5) = "5"; $var(s05) = "05"; '
    '$var(abc) = "abc"; $var(e) = ""; $avp(e) = ""; $avp(s5) = "5"; '
)


def value_of(expression: str) -> str:
    body = f'{SETUP} $var(r) = {expression}; note("$var(r)");'
    return notes(f"request_route {{ {body} }}{ROUTES}")[0]


def ran(body: str) -> list[str]:
    return notes(f"request_route {{ {SETUP} {body} }}{ROUTES}")


def found(statement: str) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("test.cfg", f"request_route {{ {statement} }}{ROUTES}"))
    diagnostics.extend(parsed.diagnostics)
    compile_script(parsed, ModuleCatalog(), diagnostics)
    return list(diagnostics.errors)


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        # A sum where a number is wanted, a longer text elsewhere.
        ("$var(s5) + $var(s5)", "55"), ("($var(s5) + $var(s5)) * 1", "10"),
        ("(int)($var(s5) + $var(s5))", "10"), ("-($var(s5) + $var(s5))", "-10"),
        ("($var(s5) + $var(s5)) > 11", "0"), ("3 + ($var(s05) + 2)", "10"),
        ("10 == ($var(s5) + $var(s5))", "1"), ("($var(s5) + $var(s5)) == 55", "1"),
        ('(int)("1" + "2")', "12"), ('"a" + ($var(i5) + 2)', "a7"),
        # Null is text on the left.
        ("($avp(x) + 1) + 1", "11"), ("$null + $null", ""), ("$null - 1", "-1"),
        # A call is 1 or 0 beside others, and its code alone.
        ("route(MINUS) + 1", "1"), ("1 + route(FIVE)", "2"), ("$var(s5) + route(MINUS)", "50"),
        ("route(MINUS) + 0", "-3"), ("0 + route(MINUS)", "-3"), ("(route(MINUS))", "-3"),
        ('"a" + route(FIVE)', "a1"), ("$avp(x) + route(MINUS)", "0"),
        # eq and ne compare texts, ieq and ine numbers.
        ("$var(s05) eq 5", "0"), ("$var(s05) ieq 5", "1"), ("$avp(x) eq 0", "0"),
        ("$avp(x) ieq 0", "1"), ("$var(abc) ieq $var(e)", "1"), ("$var(abc) ine $var(e)", "0"),
        ('"5" ne 5', "0"), ("$var(i1) ne 32", "1"),
        # Only null is equal to $null; to a null on the left, the empty text and 0 are too.
        ("$avp(e) eq $null", "0"), ("$avp(e) ieq $null", "0"), ("$avp(x) ieq $null", "1"),
        ('$null == ""', "1"), ("$null == 0", "1"), ("$null == $avp(e)", "1"),
        ("$null != 5", "1"), ("$null == $null", "1"),
        ("$var(abc) =~ $null", "0"), ("$null =~ $null", "1"), ("$var(abc) =~ $avp(x)", "1"),
        # >> binds tighter than <<.
        ("1 << 4 >> 2", "2"), ("32 >> 2 << 1", "16"), ("1 << 1 >> $var(m1)", "1"),
        # Everything but zero is true in && and ||, casts included.
        ("$var(m3) && (int)$var(m3)", "1"), ("(int)4294967295 && $var(i1)", "1"),
        ("!!$var(m3)", "1"), ("defined $var(i5) == 0", "0"),
        # selval() is one of two values.
        ('selval($var(i1), "a", "b")', "a"), ('selval($var(m3), "a", "b")', "b"),
        ('"x" + selval($var(i5) == 1, "a", $var(i5))', "x5"), ("selval($var(i1), $null, 1)", ""),
        ("selval(route(MINUS), 1, route(FIVE))", "1"),
    ],
)  # fmt: skip
def test_values(expression: str, value: str) -> None:
    assert value_of(expression) == value


@pytest.mark.parametrize(
    ("body", "wanted"),
    [
        ('if ($var(i1) || route(FIVE)) note("then");', ["then"]),
        ('if ($avp(x) && route(FIVE)) note("then"); note("on");', ["on"]),
        ('$var(r) = $var(i1) || route(END); note("on");', ["on"]),
        ('$var(r) = $avp(x) || route(END); note("on");', []),
        ('switch ($var(i1) || route(END)) { case 1: note("one"); }', ["one"]),
        ('if (!($avp(x) && route(END))) note("then");', ["then"]),
    ],
)
def test_a_call_that_is_skipped_ends_nothing(body: str, wanted: list[str]) -> None:
    assert ran(body) == wanted


@pytest.mark.parametrize(
    "condition",
    [
        'route(END) || note("second")',
        'route(END) && note("second")',
        '!route(END) && note("second")',
        '!route(END) || note("second")',
        '!(!route(END)) || note("second")',
    ],
)
def test_after_a_call_that_ended_the_script_no_other_runs(condition: str) -> None:
    assert ran(f'if ({condition}) note("then"); else note("else"); note("on");') == []


def test_a_name_that_is_none_leaves_the_code_of_a_call_as_it_is() -> None:
    body = 'route(MINUS); $var(n) = "NOPE"; route($var(n)); note("$rc"); $var(n) = "FIVE"; '
    assert ran(body + 'route($var(n)); note("$rc");') == ["-3", "5"]


def test_a_fault_in_what_a_call_gets_is_the_calls() -> None:
    assert ran('$var(z) = 0; note("$(avp($var(abc) x))"); note("on");')[-1] == "on"


def test_a_fault_in_a_switch_makes_it_a_null() -> None:
    body = '$var(z) = 0; switch (1 / $var(z)) { case 1: note("one"); default: note("other"); }'
    assert ran(body) == ["other"]


@pytest.mark.parametrize(
    ("expression", "marked"),
    [
        ('!"abc"', '"abc"'), ('-"5"', '"5"'), ('~"5"', '"5"'), ('$var(x) * "5"', '"5"'),
        ('"a" < 5', '"a"'), ('1 < "5"', '"5"'), ('2 || "x"', '"x"'), ('"x" && 1', '"x"'),
        ('1 + "a"', '"a"'), ('5 == "5"', '"5"'), ("!(str)$var(x)", "(str)$var(x)"),
        ('("5" + $var(x)) > 11', '"5" + $var(x)'), ("5 eq $var(x)", "5"), ("5 ne $var(x)", "5"),
        ('$var(x) ieq "5"', '"5"'), ("5 =~ $var(x)", "5"), ("$var(x) =~ 5", "5"),
        ("strlen(5)", "5"), ("strempty(5)", "5"), ("defined 5", "5"),
        ("route(FIVE) eq 5", "route(FIVE)"),
    ],
)  # fmt: skip
def test_what_an_operator_cannot_take_is_refused(expression: str, marked: str) -> None:
    (error,) = found(f"$var(x) = 1; $var(r) = {expression};")
    assert (error.code, error.span.text) == ("wrong-type", marked)


@pytest.mark.parametrize(
    ("cases", "code"),
    [
        ("case 5: case 5: exit;", "duplicate-case"), ("case 31: case 0x1F:", "duplicate-case"),
        ('case "a": exit; case "a": drop;', "duplicate-case"),
        ("default: exit; default: drop;", "duplicate-case"),
        ("case 2+3: case 5:", "duplicate-case"),
        ('case 5: case "a":', "wrong-type"), ('case /"a": case 5:', "wrong-type"),
        ("case $rm: exit;", "constant-wanted"),
    ],
)  # fmt: skip
def test_labels_that_do_not_fit(cases: str, code: str) -> None:
    assert [error.code for error in found(f"switch ($rU) {{ {cases} }}")] == [code]


def test_selval_wants_three_values() -> None:
    (error,) = found("$var(x) = selval(1, 2);")
    assert error.code == "wrong-arguments"


def test_a_constant_is_compared_with_null_without_a_word_of_python(
    recwarn: pytest.WarningsRecorder,
) -> None:
    assert ran('if ("" == $null) note("then"); if (defined "a") note("defined");') == ["defined"]
    assert not recwarn.list
