"""pv; its return codes are held by `tests/compat/cases/siputils.cfg` too."""

from __future__ import annotations

import pytest

from tests.modules.running import code_of, mistakes, run

BEFORE = '$var(i) = 5; $var(s) = "x"; $avp(e) = ""; $avp(i) = 0;'


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('pv_isset("$var(i)")', 1),
        ('pv_isset("$avp(e)")', 1),
        ('pv_isset("$avp(never)")', -1),
        ("pv_isset($ru)", 1),
        ('is_int("$var(i)")', 1),
        ('is_int("$var(s)")', -1),
        ('is_int("$avp(i)")', 1),
        ('is_int("$avp(never)")', -1),
        ('typeof("$var(i)", "int")', 1),
        ('typeof("$var(s)", "str")', 1),
        ('typeof("$avp(never)", "null")', 1),
        ('typeof("$var(s)", "int")', -1),
        ('not_empty("$var(s)")', 1),
        ('not_empty("$avp(e)")', -1),
        ('not_empty("$avp(never)")', -1),
        ('not_empty("$var(i)")', -1),
        ('pv_unset("$var(i)")', 1),
        ('pv_unset("$ft")', 1),
        ('pv_unset("$ru")', -1),
    ],
)
def test_codes(call: str, code: int) -> None:
    assert code_of(call, before=BEFORE) == code


def test_pv_unset_takes_the_value_away() -> None:
    unset = 'pv_unset("$avp(x)"); pv_unset("$var(y)");'
    ran = run(f'$avp(x) = 1; $var(y) = 2; {unset} xlog("$avp(x) $var(y)");')
    assert ran.lines == ["<null> 0"]


def test_varset_gives_variables_their_first_value() -> None:
    parameters = "\n".join(
        f'modparam("pv", "varset", "{each}")' for each in ("n=i:-7", "t=s:a=b:c", "none=i:1")
    )
    ran = run('xlog("$var(n) $var(t) $var(other)");', parameters=parameters)
    assert ran.lines == ["-7 a=b:c 0"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('modparam("pv", "varset", "n")', "name=i:NUMBER or name=s:TEXT is wanted"),
        ('modparam("pv", "varset", "n=i:x")', '"x" is not a number'),
        ('request_route { pv_isset("x"); }', "wants a variable"),
        ('request_route { typeof("$ru"); }', "takes 2 arguments"),
        ('modparam("pv", "nothing", 1)', "has no parameter nothing"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(
        code if "request_route" in code else "request_route { exit; }",
        parameters="" if "request_route" in code else code,
    )
    assert len(found) == 1
    assert message in found[0]
