"""htable: definitions, variables, time; what 5.6.3 does too is held by `compat/flows/tables.py`."""

from __future__ import annotations

import pytest

from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.signatures import Meaning
from sipway.modules.htable._module import mod
from sipway.modules.htable.definition import Definition, definition
from tests.fakes import LogInMemory
from tests.modules.running import Ran, load, mistakes, run

TABLES = """loadmodule "htable.so"
modparam("htable", "htable", "t=>size=8;")
modparam("htable", "htable", "i=>size=8;initval=5;")
modparam("htable", "htable", "e=>size=8;autoexpire=100;")
modparam("htable", "htable", "k=>size=8;autoexpire=100;updateexpire=0")
"""


def played(code: str, *, more: str = "") -> Ran:
    return run(code, parameters=TABLES, more=more)


def shown(code: str, text: str) -> str:
    return played(f'{code} xlog("{text}");').lines[-1]


def program_of(code: str = "", more: str = "") -> tuple[Program, LogInMemory]:
    program, log, _ = load(f"request_route {{ {code} }} {more}", parameters=TABLES)
    return program, log


# --- the parameter -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("t=>", Definition("t")),
        ("=>size=4", Definition("", 4)),
        (" t =>size=4", Definition("t", 4)),
        ("t-a.b=> size = 4 ; autoexpire=10;", Definition("t-a.b", 4, 10)),
        ("t=>size=4,autoexpire=3", Definition("t", 4, 3)),
        ('t=>size="4";initval=-3', Definition("t", 4, initval=-3)),
        ("t=>size=;initval=", Definition("t", 3, initval=0)),
        ("t=>size=1", Definition("t", 3)),
        ("t=>size=32", Definition("t", 14)),
        ("t=>size=31", Definition("t", 31)),
        ("t=>size=4;size=5", Definition("t", 5)),
        ("t=>updateexpire=0;dbmode=2", Definition("t", updateexpire=False, dbmode=True)),
        ("t=>dmqreplicate=1;reloadat=60", Definition("t", dmqreplicate=True, reloadat=60)),
        (
            "t=>dbtable=x;cols='a, b';coldelim=';';colnull=''",
            Definition("t", dbtable="x", columns=("a", "b"), coldelim=";", colnull=""),
        ),
    ],
)
def test_definitions(text: str, made: Definition) -> None:
    assert definition(text) == made


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is not name=>attribute=value"),
        ("t", "is not name=>attribute=value"),
        ("t:size=4", "is not name=>attribute=value"),
        ("t a=>size=4", "is not name=>attribute=value"),
        ("t=>size", '"size" does not begin with attribute=value'),
        ("t=>size=4 5", "does not begin with attribute=value"),
        ("t=>size=4 autoexpire=3", "does not begin with attribute=value"),
        ("t=>SIZE=4", "a table has no attribute SIZE, only size, autoexpire"),
        ("t=>size=x", 'size is a number, not "x"'),
        ("t=>size=-1", "size is a number from 0 on, not -1"),
        ("t=>autoexpire=-1", "autoexpire is a number from 0 on, not -1"),
        ("t=>initval=abc", 'initval is a number, not "abc"'),
        ("t=>initval=0x10", 'initval is a number, not "0x10"'),
        ("t=>initval=2147483648", "initval is a number, not"),
        ("t=>cols='a'", "cols has the column of the key and one with a value"),
        ("t=>cols='a,'", "cols has the column of the key and one with a value"),
        ("t=>coldelim=''", "coldelim is one character"),
        ("t=>colnull='NULL'", "colnull is one character or none"),
    ],
)
def test_wrong_definitions_are_found_before_the_script_runs(text: str, message: str) -> None:
    parameters = f'loadmodule "htable.so"\nmodparam("htable", "htable", "{text}")'
    found = mistakes("request_route { exit; }", parameters)
    assert len(found) == 1
    assert message in found[0]


def test_a_table_is_declared_once() -> None:
    with pytest.raises(ModuleError, match="the table t is there twice"):
        run("exit;", parameters=TABLES + 'modparam("htable", "htable", "t=>size=4")')


@pytest.mark.parametrize("name", ["enable_dmq", "dmq_init_sync", "dmq_peer_id", "event_callback"])
def test_what_is_not_there_is_said_to_come_later(name: str) -> None:
    assert mod.signature.parameters[name].meaning is Meaning.LATER


def test_what_is_wrong_with_other_parameters() -> None:
    found = mistakes("request_route { exit; }", TABLES + 'modparam("htable", "fetch_rows", 0)')
    assert found == ["a number from 1 on is wanted, not 0"]


# --- $sht --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "text", "seen"),
    [
        ("", "$sht(t=>x) $sht(i=>x)", "<null> 5"),
        ('$sht(t=>x) = 5; $sht(t=>y) = "a";', "$sht(t=>x) $sht(t=>y)", "5 a"),
        ("$sht(t=>x) = 5; $sht(t=>x) = $null;", "$sht(t=>x)", "<null>"),
        ("$sht(i=>x) = 7; $sht(i=>x) = $null;", "$sht(i=>x)", "5"),
        ('$sht(t=>x) = "";', "[$sht(t=>x)]", "[]"),
        ("$sht(t=>x) = 0;", "$sht(t=>x)", "0"),
        ("$sht(t=> x ) = 1;", "[$sht(t=>x)] [$sht(t=> x )]", "[<null>] [1]"),
        ("$sht( t =>x) = 1;", "$sht(t=>x)", "1"),
        ("$sht(t=>a=>b) = 8;", "$sht(t=>a=>b) $sht(t=>a)", "8 <null>"),
        ("$sht(t=>) = 9;", "$sht(t=>)", "9"),
        ("$sht(t=>X) = 1;", "$sht(t=>x)", "<null>"),
        ("$sht(t=>$ci::x) = 7;", "$sht(t=>$ci::x) $(sht(t=>$ci::x){s.len})", "7 1"),
        ("$sht(t=>$avp(no)) = 1;", "$sht(t=><null>)", "1"),
        ("$sht(t=>$var(a)$var(b)) = 1;", "$sht(t=>00)", "1"),
        ("$sht(t=>$(ci{s.len})) = 1;", "$sht(t=>$(ci{s.len}))", "1"),
        ("$sht(t=>n) = $sht(t=>n) + 1;", "$sht(t=>n)", "1"),
        ("$sht(i=>n) = $sht(i=>n) + 1;", "$sht(i=>n)", "6"),
        ("$sht(t=>$sht(t=>a)) = 2;", "$sht(t=><null>)", "2"),
    ],
)  # fmt: skip
def test_items(code: str, text: str, seen: str) -> None:
    assert shown(code, text) == seen


def test_a_value_cannot_choose_the_table() -> None:
    assert shown('$var(k) = "i=>x"; $sht(t=>$var(k)) = 1;', "$sht(i=>x) $sht(t=>$var(k))") == "5 1"


def test_variables_in_functions() -> None:
    ran = played('$sht(t=>x) = "abc"; pv_unset("$sht(t=>x)"); xlog("$sht(t=>x)");')
    assert ran.lines == ["<null>"]


@pytest.mark.parametrize("name", ["sht", "shtex", "shtinc", "shtdec", "shtcn", "shtcv"])
def test_a_table_that_nobody_declares_is_null(name: str) -> None:
    code = f'xlog("${name}(tt=>x)");'
    hint = 'modparam("htable", "htable", "tt=>size=8") makes one'
    found = mistakes(f"request_route {{ {code} }}", TABLES, hints=True)
    assert found == [f"there is no table tt, so ${name}(tt=>x) is null: {hint}"]
    assert played(code).lines == ["<null>"]


@pytest.mark.parametrize("name", ["sht", "shtex"])
def test_what_is_assigned_to_such_a_table_is_lost(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    ran = played(f'${name}($var(t)=>x) = 1; xlog("on");')
    assert ran.lines == ["on"]
    assert "there is no table $var(t)" in caplog.text


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('xlog("$sht(t)");', '$sht(t): "t" is not table=>key'),
        ('xlog("$sht($ci)");', '$sht($ci): "$ci" is not table=>key'),
        ('xlog("$sht");', "$sht needs a name in parentheses"),
        ('xlog("$(sht(t=>x)[0])");', "$sht takes no index in brackets behind it"),
        ("$shtcn(t=>x) = 1;", "$shtcn cannot be assigned to"),
        ("$shtinc(t=>x) = 1;", "$shtinc cannot be assigned to"),
        ('xlog("$shtrecord(x)");', '$shtrecord(x): there are the parts key and value, not "x"'),
    ],
)
def test_wrong_names_are_found_before_the_script_runs(code: str, message: str) -> None:
    assert message in mistakes(f"request_route {{ {code} }}", TABLES)


@pytest.mark.parametrize(
    ("code", "text", "seen"),
    [
        ("", "$shtinc(t=>n) $shtdec(t=>n) $sht(t=>n)", "<null> <null> <null>"),
        ("", "$shtinc(i=>n) $shtinc(i=>n) $shtdec(i=>n) $sht(i=>n)", "6 7 6 6"),
        ("$sht(t=>n) = 1;", "$shtinc(t=>n) $sht(t=>n)", "2 2"),
        ('$sht(t=>n) = "1";', "$shtinc(t=>n) $sht(t=>n)", "<null> 1"),
        ("$sht(t=>n) = 2147483647;", "$shtinc(t=>n) $shtdec(t=>n)", "-2147483648 2147483647"),
    ],
)
def test_numbers_are_added_to(code: str, text: str, seen: str) -> None:
    assert shown(code, text) == seen


FILLED = (
    '$sht(t=>abc) = "Value1"; $sht(t=>abd) = "other"; $sht(t=>xyz) = 5; $sht(t=>x55) = 55;'
    '$sht(t=>zero) = 0; $sht(t=>neg) = -5; $sht(t=>n55) = "55";'
)


@pytest.mark.parametrize(
    ("expression", "names", "values"),
    [
        ("**", 7, 7),
        ("***", 7, 7),
        ("", 0, 0),
        ("ab.", 2, 0),
        ("~~AB.", 2, 0),
        ("%~ab", 2, 0),
        ("%~AB", 0, 0),
        ("%~Val", 0, 1),
        ("~%c", 1, 0),
        ("~%1", 0, 1),
        ("==abc", 1, 0),
        ("==5", 0, 0),
        ("==55", 0, 1),
        ("eq5", 0, 1),
        ("eq-5", 0, 1),
        ("eq 5", 0, 1),
        ("eq55x", 0, 1),
        ("eqabc", 0, 1),
        ("val", 0, 1),
        ("5", 2, 1),
        ("%~", 0, 0),
        ("ab|xy", 3, 0),
    ],
)
def test_counting(expression: str, names: int, values: int) -> None:
    text = f"$shtcn(t=>{expression}) $shtcv(t=>{expression})"
    assert shown(FILLED, text) == f"{names} {values}"


def test_counting_by_what_is_no_expression() -> None:
    ran = played('$sht(t=>a) = 1; xlog("$shtcn(t=>[) $shtcv(t=>~~[)");')
    assert ran.lines[-1] == "0 0"
    assert "is not a regular expression" in ran.lines[0]


def test_a_table_that_is_declared_wrongly_is_none_for_those_who_name_it() -> None:
    found = mistakes(
        "request_route { $sht(bad=>y) = 1; $sht(t=>y) = 1; }",
        TABLES + 'modparam("htable", "htable", "=>bad")',
    )
    assert len(found) == 2
    assert "does not begin with attribute=value" in found[0]
    assert "there is no table bad" in found[1]


def test_events_of_tables_that_nobody_declares_are_named_by_the_check() -> None:
    code = "".join(
        f"event_route[htable:{event}:{table}] {{ exit; }}\n"
        for event in ("expired", "reloaded")
        for table in ("e", "tt")
    )
    assert mistakes(f"request_route {{ exit; }}\n{code}", TABLES) == [
        f"event_route[htable:{event}:tt] is never run here: there is no table tt"
        for event in ("expired", "reloaded")
    ]
