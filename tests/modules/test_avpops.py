"""avpops; what 5.6.3 does too is held by `tests/compat/cases/avpops.cfg`."""

from __future__ import annotations

import pytest

from tests.modules.running import code_of, mistakes, run

THREE = '$avp(a) = "1"; $avp(a) = "2"; $avp(a) = "3";'


def told(code: str) -> str:
    """What statements leave in the AVPs a and b, and the code of the last call."""
    return run(f'{THREE} {code}; xlog("$rc $(avp(a)[*]) $(avp(b)[*])");').lines[-1]


@pytest.mark.parametrize(
    ("value", "flags", "code"),
    [
        ('"x"', "", 1),
        ('"x"', "/s", 1),
        ('"x"', "/n", -1),
        ('"x"', "/e", -1),
        ('""', "/e", 1),
        ('""', "/se", 1),
        ("0", "/ne", 1),
        ("5", "/n", 1),
        ("5", "/s", -1),
        ("$null", "", -1),
        ("$null", "/e", -1),
    ],
)
def test_whether_an_avp_is_set(value: str, flags: str, code: int) -> None:
    assert code_of(f'is_avp_set("$avp(x){flags}")', before=f"$avp(x) = {value};") == code


def test_a_name_that_the_script_makes() -> None:
    before = 'setflag(1); $var(n) = "a"; $avp(a) = 1;'
    assert code_of('is_avp_set("$avp($var(n))")', before=before) == 1
    assert code_of('is_avp_set("$avp($avp(none))")', before=before) == -1
    assert code_of('avp_delete("$avp($avp(none))")', before=before) == -1
    assert code_of('avp_copy("$avp(a)", "$avp($avp(none))")', before=before) == -1


def test_other_names_for_avps_count() -> None:
    ran = run(
        '$avp(email) = "x"; is_avp_set("$avp(s:address)"); xlog("$rc"); avp_delete("$avp(email)");'
        'xlog("$avp(address)");',
        parameters='modparam("pv", "avp_aliases", "email=s:address")',
    )
    assert ran.lines == ["1", "<null>"]


@pytest.mark.parametrize(
    ("call", "left"),
    [
        ('avp_delete("$avp(a)")', "1 2, 1 <null>"),
        ('avp_delete("$avp(a)/g")', "1 <null> <null>"),
        ('avp_delete("s")', "1 <null> <null>"),
        ('avp_delete("i/g")', "-1 3, 2, 1 <null>"),
        ('avp_delete("*")', "1 <null> <null>"),
        ('avp_copy("$avp(a)", "$avp(b)")', "1 3, 2, 1 3"),
        ('avp_copy("$avp(a)", "$avp(b)/gd")', "1 <null> 1, 2, 3"),
        ('avp_copy("$avp(a)", "$avp(a)/gd")', "1 1, 2, 3 <null>"),
        ('avp_copy("$avp(none)", "$avp(b)")', "-1 3, 2, 1 <null>"),
        ('avp_subst("$avp(a)", "/2/x/")', "1 x, 3, 1 <null>"),
        ('avp_subst("$avp(a)/$avp(b)/gd", "/[12]/<\\0>/")', "1 3 <1>, <2>"),
        ('avp_subst("$avp(a)/g", "/./$rm/")', "1 OPTIONS, OPTIONS, OPTIONS <null>"),
        ('avp_subst("$avp(a)", "/9/x/")', "-1 3, 2, 1 <null>"),
        ('avp_subst_pv("$avp(a)", "/$var(none)/x/")', "-1 3, 2, 1 <null>"),
    ],
)
def test_avps_changed(call: str, left: str) -> None:
    assert told(call) == left


def test_a_dollar_in_what_variables_hold_means_nothing() -> None:
    ran = run(
        '$avp(a) = "x"; $var(s) = "/x/$" + "rm/"; avp_subst_pv("$avp(a)", "$var(s)");'
        'xlog("$avp(a)");'
    )
    assert ran.lines == ["$rm"]


@pytest.mark.parametrize("text", ["nonsense", "/[/x/", "/a/b", "/a/b/q", ""])
def test_a_substitution_that_is_none(text: str) -> None:
    before = f'$avp(a) = "x"; $var(s) = "{text}";'
    assert code_of('avp_subst_pv("$avp(a)", "$var(s)")', before=before) == -3


@pytest.mark.parametrize(
    ("operation", "result"),
    [
        ("add/i:3", "10"),
        ("sub/i:0x10", "-9"),
        ("mul/i:2147483647", "2147483641"),
        ("div/i:-2", "-3"),
        ("mod/i:4", "3"),
        ("div/i:0", "0"),
        ("not/i:5", "-6"),
        ("xor/$var(n)", "5"),
    ],
)
def test_numbers_reckoned_with(operation: str, result: str) -> None:
    code = f'$var(n) = 2; $avp(a) = 7; avp_op("$avp(a)", "{operation}/d"); xlog("$(avp(a)[*])");'
    assert run(code).lines == [result]


def test_an_avp_does_not_grow_without_end() -> None:
    ran = run(
        '$avp(a) = 1; $var(i) = 0; while ($var(i) < 20) { avp_op("$avp(a)", "add/i:1");'
        ' $var(i) = $var(i) + 1; } xlog("$cnt($avp(a))");'
    )
    assert ran.lines[0] == "<core>: avp_op(): an AVP gets at most 1024 values"
    assert ran.lines[-1] == "1024"


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ("eq/s:3", 1),
        ("eq/1", -1),
        ("eq/1/g", 1),
        ("gt/s:2", 1),
        ("re/^[12]$/g", 1),
        ("re/^[12]$", -1),
        ("fm/\\\\*/g", -1),
        ("fm/?", 1),
        ("eq/i:3", -1),
        ("and/i:3", -1),
        ("eq/$avp(none)/g", -1),
    ],
)
def test_checks(check: str, code: int) -> None:
    assert code_of(f'avp_check("$avp(a)", "{check}")', before=THREE) == code


def test_checks_of_values_of_several_kinds() -> None:
    before = '$avp(m) = 5; $avp(m) = "x";'
    assert code_of('avp_check("$avp(m)", "eq/i:5/g")', before=before) == 1
    assert code_of('avp_check("$avp(m)", "eq/i:6/g")', before=before) == -1


def test_checks_of_all_values_in_a_table() -> None:
    before = '$xavp(x=>v) = "p"; $xavp(x[0]=>v) = "q";'
    assert code_of('avp_check("$xavp(x=>v[*])", "eq/p/g")', before=before) == 1
    assert code_of('avp_check("$xavp(x=>v)", "eq/p/g")', before=before) == -1
    assert code_of('avp_check("$rm", "eq/$xavp(x=>v[*])/g")', before=before) == -1


def test_a_pattern_that_is_none() -> None:
    before = '$var(p) = "[";'
    assert code_of('avp_check("$rm", "re/$var(p)")', before=before) == -1


@pytest.mark.parametrize(
    ("destination", "value", "shown"),
    [
        ("$ru", '"sip:a@b"', "1 sip:a@b <null>"),
        ("$ru/username", '"joe"', "1 sip:joe@callee.example <null>"),
        ("$ru/domain", '"d"', "1 sip:bob@d <null>"),
        ("$du", '"sip:a@b"', "1 sip:bob@callee.example sip:a@b"),
        ("$ru", '"nonsense"', "-1 sip:bob@callee.example <null>"),
        ("$du", "5", "-1 sip:bob@callee.example <null>"),
        ("$ru/username", '"a\\r\\nX: y"', "-1 sip:bob@callee.example <null>"),
        ("$ru/domain", '""', "-1 sip:bob@callee.example <null>"),
        ("$ru", "$null", "-1 sip:bob@callee.example <null>"),
    ],
)
def test_values_pushed(destination: str, value: str, shown: str) -> None:
    code = f'$avp(x) = {value}; avp_pushto("{destination}", "$avp(x)"); xlog("$rc $ru $du");'
    assert run(code).lines[-1] == shown


def test_no_more_branches_than_there_may_be() -> None:
    add = '$avp(b) = "sip:a@b";' * 20
    assert code_of('avp_pushto("$br", "$avp(b)/g")', before=add) == -1


def test_all_avps_are_logged() -> None:
    ran = run('$avp(a) = "x"; $avp(a) = 1; $avp(i:5) = 2; avp_print();')
    assert [line.removeprefix("<core>: ") for line in ran.lines] == [
        "$avp(a) = 1",
        "$avp(a) = 'x'",
        "$avp(i:5) = 2",
    ]
    assert run("$avp(a) = 1; avp_print();", level=1).lines == []


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('is_avp_set("$avp(a)/x")', "there is no flag x: e, s, n are known"),
        ('is_avp_set("$var(a)")', "$var(a) is not an AVP"),
        ('is_avp_set("a")', '"a" does not begin with a variable'),
        ('is_avp_set("$avp(a){s.len}")', '"{s.len}" is not / and flags'),
        ('is_avp_set("$(avp(a){s.len})")', "is not an AVP"),
        ('is_avp_set("$nonsense(a)")', "$nonsense"),
        ('avp_delete("x")', '$avp(name), *, a, i or s is wanted, not "x"'),
        ('avp_delete("")', "is wanted"),
        ('avp_delete("a3")', "AVPs have no script flags"),
        ('avp_copy("$avp(a)", "$var(b)")', "$var(b) is not an AVP"),
        ('avp_copy("$avp(a)", "$avp(b)/x")', "there is no flag x"),
        ('avp_op("$avp(a)", "add/3")', '"3" is not a number, written i:5'),
        ('avp_op("$avp(a)", "foo/i:3")', '"foo" is none of add'),
        ('avp_op("$avp(a)", "not")', "the value is missing"),
        ('avp_op("$avp(a)/$avp(b)/g", "add/i:1")', '"/g" follows it'),
        ('avp_check("$avp(a)", "xx/x")', '"xx" is none of eq'),
        ('avp_check("$avp(a)", "eq/")', "the value is missing"),
        ('avp_check("$avp(a)", "eq/i:x")', '"x" is not a number'),
        ('avp_check("$avp(a)", "re/[")', "avp_check() wants a comparison"),
        ('avp_check("$avp(a)", "fm/i:3")', "fm wants a text"),
        ('avp_check("$avp(a)", "eq/s:a/b")', "there is no flag b"),
        ('avp_check("a", "eq/x")', '"a" does not begin with a variable'),
        ('avp_subst("$avp(a)//g", "/a/b/")', "there is no flag /"),
        ('avp_subst("$avp(a)", "a")', "avp_subst() wants a substitution"),
        ('avp_pushto("$fu", "$avp(a)")', '$ru, $du or $br is wanted, not "$fu"'),
        ('avp_pushto("$ru/x", "$avp(a)")', '$ru has no part "x"'),
        ('avp_pushto("$du/domain", "$avp(a)")', '$du has no part "domain"'),
        ('avp_pushto("$ru", "x")', '"x" does not begin with a variable'),
        ("avp_print(1)", "avp_print() takes no arguments"),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}")
    assert len(found) == 1
    assert message in found[0]
