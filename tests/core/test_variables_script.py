"""`$avp`, flags, time, the process; the values are those of Kamailio 5.6.3."""

from __future__ import annotations

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.core.functions import core
from sipway.language.signatures import Routes
from tests.fakes import context, counted, read, write
from tests.modules import running
from tests.modules.running import load, mistakes, run


def test_a_var_is_a_slot() -> None:
    assert core.signature.variables["var"].slot
    assert not core.signature.variables["var"].nullable


def test_the_newest_avp_comes_first() -> None:
    ctx = context()
    assert read(ctx, "avp", "x") is None
    for value in (1, "b", 3):
        write(ctx, "avp", value, "x")
    assert [read(ctx, "avp", "x", index) for index in (None, 0, 1, 2, 3)] == [3, 3, "b", 1, None]
    assert [read(ctx, "avp", "x", index) for index in (-1, -3, -4)] == [1, 3, None]
    assert read(ctx, "avp", "x", "*") == "3, b, 1"
    assert (counted(ctx, "avp", "x"), counted(ctx, "avp", "none")) == (3, 0)


def test_null_takes_the_top_avp_away_and_star_all() -> None:
    ctx = context()
    write(ctx, "avp", None, "x")
    for value in (1, 2):
        write(ctx, "avp", value, "x")
    write(ctx, "avp", None, "x")
    assert read(ctx, "avp", "x") == 1
    write(ctx, "avp", None, "x")
    assert read(ctx, "avp", "x") is None
    for value in (1, 2):
        write(ctx, "avp", value, "x")
    write(ctx, "avp", 9, "x", "*")
    assert read(ctx, "avp", "x", "*") == "9"
    write(ctx, "avp", None, "x", "*")
    assert read(ctx, "avp", "x", "*") is None


def test_an_index_is_ignored_when_an_avp_is_set() -> None:
    ctx = context()
    for value in (1, 2):
        write(ctx, "avp", value, "x")
    write(ctx, "avp", 9, "x", 1)
    assert read(ctx, "avp", "x", "*") == "9, 2, 1"


def test_an_empty_avp_is_not_null() -> None:
    ctx = context()
    write(ctx, "avp", "", "x")
    assert read(ctx, "avp", "x") == ""


def test_old_names_of_avps() -> None:
    ctx = context()
    write(ctx, "avp", "text", "s:x")
    write(ctx, "avp", "number", "i:5")
    assert read(ctx, "avp", "x") == read(ctx, "avp", "S:x") == "text"
    assert read(ctx, "avp", "I:05") == "number"
    assert read(ctx, "avp", "5") is None
    assert read(ctx, "avp", "X") is None


@pytest.mark.parametrize(
    ("name", "inner"),
    [("avp", ""), ("avp", "i:x"), ("xavp", "a=>"), ("xavp", "a[x]"), ("xavu", "a[0]"),
     ("branch", "x"), ("sbranch", "x"), ("rpl", "x"), ("rcv", "x"), ("sndto", "x"), ("ltt", "y"),
     ("K", "udp"), ("TV", "x"),
     ("time", "x"), ("version", "x"), ("nh", "x"), ("C", "x"), ("C", "xR"), ("msg", "x"),
     ("hdr", " "), ("via0", "x"), ("expires", "x")],
)  # fmt: skip
def test_an_inner_name_that_means_nothing_is_refused(name: str, inner: str) -> None:
    prepare = core.signature.variables[name].prepare
    assert prepare is not None
    with pytest.raises(ValueError, match=r"\w \w"):
        prepare(inner)


def test_flags() -> None:
    ctx = context()
    write(ctx, "mf", 8)
    assert (read(ctx, "mf"), read(ctx, "mF")) == (8, "00000008")
    write(ctx, "mf", -1)
    assert (read(ctx, "mf"), read(ctx, "mF")) == (4294967295, "ffffffff")
    with pytest.raises(ValueError, match="number"):
        write(ctx, "mf", "5")
    assert read(ctx, "mf") == 4294967295
    write(ctx, "mF", 255)
    assert read(ctx, "mf") == 255
    write(ctx, "mf", None)
    assert read(ctx, "mf") == 0


def test_time_of_the_message() -> None:
    ctx = context(now=1795483209.5)
    assert (read(ctx, "Ts"), read(ctx, "TV", "s"), read(ctx, "TV", "u")) == (
        1795483209, 1795483209, 500000,
    )  # fmt: skip
    assert re.fullmatch(r"\w{3} \w{3} [ \d]\d \d\d:\d\d:\d\d 2026", str(read(ctx, "Tf")))


def test_time_of_this_moment() -> None:
    ctx = context()
    now = read(ctx, "TS")
    started = read(ctx, "Tb")
    assert isinstance(now, int)
    assert isinstance(started, int)
    assert started <= now
    assert re.fullmatch(r"\d+\.\d{6}", str(read(ctx, "TV", "Sn")))
    assert re.fullmatch(r"\d\d:\d\d", str(read(ctx, "utimef", "%H:%M")))
    ranges = {"sec": 60, "min": 59, "hour": 23, "mday": 31, "mon": 12, "wday": 7, "yday": 366}
    for name, most in ranges.items():
        for variable in ("time", "utime"):
            value = read(ctx, variable, name)
            assert isinstance(value, int)
            assert 0 <= value <= most


def test_process_and_constants(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPWAY_TEST", "x")
    ctx = context()
    assert read(ctx, "pp") == os.getpid()
    assert (read(ctx, "env", "SIPWAY_TEST"), read(ctx, "env", "SIPWAY_NOT_THERE")) == ("x", None)
    assert [read(ctx, "K", name) for name in ("IPv4", "UDP", "TCP", "WSS")] == [2, 1, 2, 6]
    assert str(read(ctx, "version", "full")).startswith(f"sipway {read(ctx, 'version', 'num')} (")


@pytest.mark.parametrize(
    ("name", "sequence"),
    [("xx", "\x1b[0;39;49m"), ("rg", "\x1b[0;31;42m"), ("Rx", "\x1b[1;31;49m"),
     ("sw", "\x1b[0;30;47m"), ("bp", "\x1b[0;34;45m"), ("cy", "\x1b[0;36;43m")],
)  # fmt: skip
def test_colours(name: str, sequence: str) -> None:
    assert read(context(), "C", name) == sequence


_OPERATIONS = st.lists(
    st.tuples(st.one_of(st.none(), st.integers(0, 9)), st.sampled_from([None, "*"])), max_size=12
)


@settings(max_examples=60)
@given(_OPERATIONS)
def test_an_avp_is_a_stack(operations: list[tuple[int | None, str | None]]) -> None:
    ctx = context()
    model: list[int] = []
    for value, index in operations:
        write(ctx, "avp", value, "x", index)
        if index == "*":
            model = [] if value is None else [value]
        elif value is None:
            model = model[1:]
        else:
            model = [value, *model]
    assert [read(ctx, "avp", "x", index) for index in range(len(model) + 1)] == [*model, None]
    assert counted(ctx, "avp", "x") == len(model)


def test_defines_as_values() -> None:
    defines = "#!define PLAIN word\n#!define QUOTED 'in quotes'\n#!define N 12\n#!define EMPTY"
    shown = "|".join(
        f"$def({n}),$defs({n}),$defv({n})" for n in ("PLAIN", "QUOTED", "EMPTY", "NONE")
    )
    ran = run(f'$var(n) = $defn(N) + $defn(NONE); xlog("{shown}|$var(n)");', parameters=defines)
    assert ran.lines == [
        "word,\"word\",word|'in quotes','in quotes',in quotes|,\"\",|<null>,<null>,<null>|12"
    ]


@pytest.mark.parametrize(
    "code", ["$(ru[0])", "$(xavp(a)[0])", "$(var(x)[0])", "$(sbranch(uri)[0])"]
)
def test_an_index_where_none_is_taken(code: str) -> None:
    found = mistakes(f"request_route {{ $var(y) = {code}; }}")
    assert [each.partition(" ")[2] for each in found] == ["takes no index in brackets behind it"]


# --- $ccp ------------------------------------------------------------------------------------

OWN = 'gv.text = "hello" desc "a text"\ngv.number = 10 desc "a number"'


def test_parameters_of_the_script_s_own() -> None:
    ran = run(
        '$var(x) = $ccp(gv.number) + 1; $var(n) = "text";'
        'xlog("$ccp(gv.text) $ccp(gv.number) $var(x) $ccp(gv.$var(n)) $ccp(gv.none) $ccp(core.x)");'
        'xlog(" $ccp(core.debug)");',
        parameters=OWN,
    )
    assert ran.lines == ["hello 10 11 hello <null> <null>", " 0"]


@pytest.mark.parametrize("name", ["gv", ".text", "gv.", "."])
def test_a_parameter_has_a_group_and_a_name(name: str) -> None:
    (found,) = mistakes(f'request_route {{ xlog("$ccp({name})"); }}', OWN)
    assert found == f'$ccp({name}): a parameter is written group.name, not "{name}"'


def test_a_parameter_that_there_is_not_is_a_warning() -> None:
    (found,) = mistakes('request_route { xlog("$ccp(gv.txt)"); }', OWN, hints=True)
    assert found == "there is no parameter gv.txt, so $ccp(gv.txt) is null: did you mean gv.text?"


# --- cfg_select() --------------------------------------------------------------------------

GROUPS = """
mine.number = 1
mine.text = "usual"
mine[1].number = "15"
mine[1].text = 7
mine[2].number = 3
other.x = 5
"""
SHOW = 'xlog("$ccp(mine.number) $ccp(mine.text) $sel(cfg_get.mine.number)");'


def test_values_for_a_number_are_read_after_cfg_select() -> None:
    ran = run(
        f'{SHOW} cfg_select("mine", 1); {SHOW} cfg_select("mine", "2"); {SHOW}'
        f'$var(i) = 1; cfg_select("mine", $var(i)); {SHOW} cfg_reset("mine"); {SHOW}',
        parameters=GROUPS,
    )
    assert ran.lines == ["1 usual 1", "15 7 15", "3 usual 3", "15 7 15", "1 usual 1"]


def test_values_for_a_number_have_the_type_of_the_parameter() -> None:
    ran = run(
        'cfg_select("mine", 1); if ($ccp(mine.number) == 15 && $ccp(mine.text) == "7")'
        '    xlog("equal"); if (@cfg_get.mine.number == "15") xlog("text");',
        parameters=GROUPS,
    )
    assert ran.lines == ["equal", "text"]


def test_a_number_that_there_is_not_changes_nothing() -> None:
    ran = run(
        f'cfg_select("mine", 1); $var(r) = cfg_select("mine", 9); {SHOW}xlog("$var(r)");',
        parameters=GROUPS,
    )
    assert ran.lines == ["<core>: cfg_select(): there is no mine[9]", "15 7 15", "-1"]


def test_what_is_selected() -> None:
    show = 'xlog("[$sel(cfg_selected.mine)]");'
    ran = run(f'{show} cfg_select("mine", 2); {show} cfg_reset("mine"); {show}', parameters=GROUPS)
    assert ran.lines == ["[]", "[2]", "[]"]


def test_the_choice_is_one_for_each_group_and_each_message() -> None:
    program, log, _ = load(
        f'request_route {{ cfg_reset("other"); {SHOW} cfg_select("mine", 2); route(X); }}'
        f'route[X] {{ cfg_select("other", 1); {SHOW} }}',
        parameters=GROUPS,
    )
    for _ in range(2):
        assert program.request_route is not None
        program.request_route(running.context(program))
    shown = [text for _, text in log.written if "cfg_select" not in text]
    assert shown == ["<script>: 1 usual 1", "<script>: 3 usual 3"] * 2


def test_a_choice_in_a_request_is_none_in_its_failure_route() -> None:
    program, log, _ = load(
        f'request_route {{ cfg_select("mine", 2); }} failure_route[F] {{ {SHOW} }}',
        parameters=GROUPS,
    )
    ctx = running.context(program)
    assert program.request_route is not None
    program.request_route(ctx)
    ctx.kind = Routes.FAILURE.value
    program.failure_routes["F"](ctx)
    assert [text for _, text in log.written] == ["<script>: 1 usual 1"]


NO_PARAMETER = "there is no parameter {} that this could be another value of"


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("mine[1].nope = 2", NO_PARAMETER.format("mine.nope")),
        ("none[1].number = 2", NO_PARAMETER.format("none.number")),
        ('mine[1].number = "x"', "mine.number is a number, and this is none"),
        ("core[1].number = 2", "the group core is Kamailio's own"),
        ("sl[1].default_code = 2", "parameters of a module, sl[1], have one value here"),
    ],
)
def test_values_for_a_number_that_mean_nothing(own: str, expected: str) -> None:
    assert mistakes("request_route { exit; }", f"{GROUPS}{own}\n") == [expected]


NO_GROUP = '{}() wants a group of parameters: there is no parameter "nope.NAME" in this script'


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('cfg_select("nope", 1);', NO_GROUP.format("cfg_select")),
        ('cfg_reset("nope");', NO_GROUP.format("cfg_reset")),
        ('cfg_select("mine", "x");', 'cfg_select() wants a number: "x" is not a number'),
        ('xlog("$sel(cfg_selected.nope)");', "there is no group of parameters nope"),
    ],
)
def test_groups_that_there_are_not(code: str, expected: str) -> None:
    assert mistakes(f"request_route {{ {code} }}", GROUPS) == [expected]


# --- one flag -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("$Mf(32)", "$Mf(32): a flag is a number from 0 to 31, not 32"),
        ("$Sf(-1)", "$Sf(-1): a flag is a number from 0 to 31, not -1"),
        ("$Bf(NONE)", "there is no flag NONE"),
        ("$af(nope)", "$af(nope): $af takes id or name, not nope"),
        ("$ksr(nope)", "$ksr(nope): $ksr takes ver or verval, not nope"),
    ],
)
def test_names_that_there_are_not(code: str, expected: str) -> None:
    assert mistakes(f'request_route {{ xlog("{code}"); }}') == [expected]


def test_a_flag_by_a_number_from_a_variable() -> None:
    ran = run('setflag(4); $var(n) = 4; xlog("$Mf($var(n))"); $var(n) = 99; xlog("$Mf($var(n))");')
    assert ran.lines[0] == "1"
