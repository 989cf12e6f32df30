"""htable: items that expire, event routes, a changed script."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.core.context import Context
from sipway.core.databases import prepare
from sipway.core.loader import load_program
from sipway.core.program import Program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.errors import ModuleError
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.modules.htable._module import tables
from sipway.modules.htable.definition import definition
from sipway.modules.htable.events import sweep
from sipway.modules.htable.table import Table, Tables
from tests.fakes import LogInMemory, request
from tests.modules.running import NOW, _catalog, context, mistakes
from tests.modules.test_htable import TABLES, program_of, shown


def at(program: Program, seconds: float) -> Context:
    ctx = context(program)
    ctx.now = NOW + seconds
    return ctx


# --- time --------------------------------------------------------------------------------


def test_items_expire() -> None:
    program, _ = program_of("$sht(e=>x) = 1;")
    route = program.request_route
    assert route is not None
    route(at(program, 0))
    table = tables(program)["e"]
    assert table.get("x", NOW + 100) == 1
    assert table.get("x", NOW + 101) is None
    assert table.left("x", NOW + 40) == 60
    route(at(program, 40))
    assert table.get("x", NOW + 140) == 1
    assert table.get("x", NOW + 141) is None


def test_what_has_expired_is_not_there_to_anybody() -> None:
    program, log = program_of(
        'xlog("$sht(e=>x) $shtex(e=>x) $shtcn(e=>**) $shtcv(e=>eq1)");'
        'sht_match_name("e", "eq", "x"); xlog("$rc");'
        'sht_iterator_start("i", "e"); sht_iterator_next("i"); xlog("$rc");'
        '$shtex(e=>x) = 50; xlog("$sht(e=>x)"); $var(n) = $shtinc(e=>x); xlog("$sht(e=>x)");'
    )
    tables(program)["e"].set("x", 1, NOW)
    route = program.request_route
    assert route is not None
    route(at(program, 101))
    assert [text.strip() for _, text in log.written] == [
        f"<script>: {each}" for each in ("<null> 0 0 0", "-1", "-1", "<null>", "<null>")
    ]


@pytest.mark.parametrize(
    ("code", "text", "seen"),
    [
        ("$sht(e=>x) = 1;", "$shtex(e=>x)", "100"),
        ("$sht(e=>x) = 1; $shtex(e=>x) = 10;", "$shtex(e=>x)", "10"),
        ("$sht(e=>x) = 1; $shtex(e=>x) = 10; $sht(e=>x) = 2;", "$shtex(e=>x)", "100"),
        ("$sht(k=>x) = 1; $shtex(k=>x) = 10; $sht(k=>x) = 2;", "$shtex(k=>x) $sht(k=>x)", "10 2"),
        ("$sht(e=>x) = 1; $shtex(e=>x) = 10;", "$shtinc(e=>x) $shtex(e=>x)", "2 100"),
        ("$sht(k=>x) = 1; $shtex(k=>x) = 10;", "$shtinc(k=>x) $shtex(k=>x)", "2 10"),
        ("$shtex(e=>x) = 10;", "$shtex(e=>x) $sht(e=>x)", "0 <null>"),
        ("$sht(t=>x) = 1; $shtex(t=>x) = 10;", "$shtex(t=>x)", "0"),
        ('$sht(e=>x) = 1; $shtex(e=>x) = "20";', "$shtex(e=>x)", "20"),
        ("$sht(e=>x) = 1; $shtex(e=>x) = 0;", "$shtex(e=>x) $sht(e=>x)", "0 1"),
        ("$sht(e=>x) = 1; $shtex(e=>x) = -5;", "$shtex(e=>x) $sht(e=>x)", "0 1"),
        ("$sht(e=>x) = 1; $shtex(e=>x) = $null;", "$shtex(e=>x) $sht(e=>x)", "0 1"),
    ],
)
def test_how_long_items_live(code: str, text: str, seen: str) -> None:
    assert shown(code, text) == seen


def test_what_stays_outlives_the_others() -> None:
    table = Table(definition("e=>autoexpire=10"))
    table.set("stays", 1, 1000)
    table.set("goes", 1, 1000)
    table.expire_in("stays", 0, 1000)
    assert table.sweep(1011, 10) == ([("goes", 1)], False)
    assert table.get("stays", 5000) == 1


def test_a_sweep_does_a_little_at_a_time() -> None:
    table = Table(definition("e=>autoexpire=10"))
    for number in range(25):
        table.set(str(number), number, 1000 + number % 3)
    found, more = table.sweep(1010, 10)
    assert (found, more) == ([], False)
    gone = []
    for left in (True, True, False):
        found, more = table.sweep(1013, 10)
        assert more is left
        gone += found
    assert sorted(gone) == sorted((str(number), number) for number in range(25))
    assert len(table) == 0
    assert not table.gone


def test_a_sweep_finds_what_was_given_less_time_and_passes_over_what_got_more() -> None:
    table = Table(definition("e=>autoexpire=100"))
    for key in ("less", "more", "never", "removed", "again"):
        table.set(key, 1, 1000)
    table.expire_in("less", 5, 1000)
    table.set("more", 2, 1050)
    table.expire_in("never", 0, 1000)
    table.remove("removed")
    table.remove("again")
    table.set("again", 3, 1040)
    assert table.sweep(1006, 10) == ([("less", 1)], False)
    assert table.sweep(1101, 10) == ([], False)
    assert table.sweep(1141, 10) == ([("again", 3)], False)
    assert table.sweep(1151, 10) == ([("more", 2)], False)
    assert table.sweep(9999, 10) == ([], False)
    assert table.values == {"never": 1}


def test_times_of_an_item_that_is_set_over_and_over_take_no_memory() -> None:
    table = Table(definition("e=>autoexpire=1000"))
    for second in range(500):
        table.set("x", second, second)
        table.expire_in("x", 5, second)
        table.sweep(second, 10)
    assert sum(map(len, table._buckets.values())) <= 8


def _places(table: Table) -> list[tuple[str, float]]:
    return [(key, second) for second, keys in table._buckets.items() for key in keys]


def test_what_is_taken_out_leaves_nothing_behind() -> None:
    """Keys are Call-IDs of strangers: there is no end of new ones."""
    table = Table(definition("e=>autoexpire=10000"))
    for number in range(1000):
        key = str(number)
        table.set(key, 1, 1000)
        if number % 5 == 1:
            table.set(key, 2, 1000 + number)
        elif number % 5 == 2:
            table.expire_in(key, 20_000, 1000)
        elif number % 5 == 3:
            table.expire_in(key, 50, 1000)
        elif number % 5 == 4:
            table.expire_in(key, 0, 1000)
        table.remove(key)
    assert _places(table) == []
    assert not table._early


def test_seconds_at_which_nothing_goes_any_more_are_forgotten() -> None:
    table = Table(definition("e=>autoexpire=100000"))
    for number in range(20_000):
        table.set("x", 1, 1000)
        table.expire_in("x", 20_000 + number, 1000)
        table.remove("x")
    assert len(table._buckets) == len(table._seconds) < 5000
    table.set("x", 1, 1000)
    assert table.sweep(999_999, 10) == ([("x", 1)], False)
    assert not table._seconds


_KEYS = st.sampled_from("abc")
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), _KEYS),
        st.tuples(st.just("remove"), _KEYS),
        st.tuples(st.just("live"), _KEYS, st.integers(-1, 30)),
        st.tuples(st.just("pass"), st.integers(1, 12)),
        st.tuples(st.just("sweep"), st.integers(0, 3)),
    ),
    max_size=40,
)


@given(_STEPS, st.booleans())
def test_each_item_that_is_to_go_is_in_one_bucket_in_time(
    steps: list[tuple[Any, ...]], renews: bool
) -> None:
    table = Table(definition(f"e=>autoexpire=10;updateexpire={int(renews)}"))
    model: dict[str, float] = {}  # the first second at which each is gone
    now = 1000
    for name, *rest in steps:
        if name == "set":
            (key,) = rest
            alive = key in model and (not model[key] or now < model[key])
            if renews or not alive:
                model[key] = now + 11
            table.set(key, 1, now + 0.5)
        elif name == "remove":
            assert table.remove(rest[0]) is (model.pop(rest[0], None) is not None)
        elif name == "live":
            key, seconds = rest
            if key in model and (not model[key] or now < model[key]):
                model[key] = now + seconds + 1 if seconds > 0 else 0
            table.expire_in(key, seconds, now + 0.5)
        elif name == "pass":
            now += rest[0]
        else:
            found, more = table.sweep(now, rest[0])
            for key, _ in found:
                assert 0 < model.pop(key) <= now
            assert more or not any(0 < gone <= now for gone in model.values())
        assert table.gone == model
        assert table.values.keys() == model.keys()
        places = _places(table)
        assert sorted(key for key, _ in places) == sorted(key for key in model if model[key])
        assert all(second <= model[key] for key, second in places)
        assert sorted(table._seconds) == sorted(table._buckets)


# --- event routes ------------------------------------------------------------------------


def test_the_script_is_told_of_what_has_expired() -> None:
    program, log = program_of(
        more="event_route[htable:expired:e] {"
        ' if ($shtrecord(value) == 6) $sht(t=>copy) = $shtrecord(value) + 1;'
        ' if ($shtrecord(key) == "again") $sht(e=>again) = "new";'
        ' xlog("$shtrecord(key) $shtrecord(value) $sht(e=>$shtrecord(key)) $rm"); }'
    )  # fmt: skip
    table = tables(program)["e"]
    later = NOW + 200
    program.clock = lambda: later
    table.set("number", 6, NOW)
    table.set("again", "old", NOW + 1)
    assert asyncio.run(sweep(program, table)) is False
    assert [text.strip() for _, text in log.written] == [
        "<script>: number 6 <null> OPTIONS",
        "<script>: again old new OPTIONS",
    ]
    assert tables(program)["t"].values == {"copy": 7}
    assert table.values == {"again": "new"}


def test_no_record_elsewhere() -> None:
    assert shown("", "[$shtrecord(key)] [$shtrecord(value)]") == "[] []"


def test_what_expires_without_a_route_of_its_own_goes_too() -> None:
    program, _ = program_of()
    table = tables(program)["e"]
    program.clock = lambda: NOW + 500
    for number in range(1200):
        table.set(str(number), 1, NOW)
    rounds = 1
    while asyncio.run(sweep(program, table)):
        rounds += 1
    assert rounds == 6
    assert len(table) == 0


def test_a_script_begins_with_mod_init() -> None:
    program, log = program_of(
        more='event_route[htable:mod-init] { $sht(t=>x) = 1; xlog("$sht(t=>x) $rm $ci"); }'
    )
    assert tables(program)["t"].values == {}
    asyncio.run(prepare(program))
    assert tables(program)["t"].values == {"x": 1}
    assert [text.strip() for _, text in log.written] == ["<script>: 1 OPTIONS 123"]


def test_mod_init_can_say_that_the_server_is_not_to_start() -> None:
    program, _ = program_of(more="event_route[htable:mod-init] { drop; }")
    with pytest.raises(ModuleError, match="says drop"):
        asyncio.run(prepare(program))


def test_events_are_known() -> None:
    events = (
        "event_route[htable:mod-init] { exit; } event_route[htable:expired:e] { exit; }"
        " event_route[htable:reloaded:e] { exit; } request_route { exit; }"
    )
    assert mistakes(events, TABLES) == []


# --- a changed script --------------------------------------------------------------------


def test_a_changed_script_goes_on_with_the_tables() -> None:
    known = Tables()
    before = [definition(each) for each in ("a=>", "b=>autoexpire=10", "gone=>")]
    assert [each.definition.name for each in known.declare(before)] == ["a", "b", "gone"]
    known["a"].set("x", 1, 1000)
    known["b"].set("y", 2, 1000)
    after = [definition(each) for each in ("b=>initval=3", "a=>autoexpire=5", "new=>")]
    assert [each.definition.name for each in known.declare(after)] == ["new"]
    assert list(known) == ["b", "a", "new"]
    assert known["b"].get("y", 9999) == 2
    assert known["a"].get("x", 9999) == 1
    assert known["b"].initval == 3
    known["a"].set("x", 2, 1000)
    assert known["a"].sweep(1006, 10) == ([("x", 2)], False)


def test_two_programs_of_one_script_have_tables_of_their_own() -> None:
    diagnostics = Diagnostics()
    text = f'{TABLES}loadmodule "xlog.so"\nrequest_route {{ $sht(i=>n) = $sht(i=>n) + 1; }}'
    compiled = compile_script(parse(SourceFile("test.cfg", text)), _catalog, diagnostics)
    assert compiled is not None
    settings = Settings.from_items(compiled.parameters)
    socket = ListenSocket("udp", "192.0.2.9", 5060)
    one, two = (
        load_program(compiled, _catalog, settings, LogInMemory(), (socket,)) for _ in range(2)
    )
    for program in (one, one, two):
        route = program.request_route
        assert route is not None
        route(context(program, request()))
    assert tables(one)["i"].values == {"n": 7}
    assert tables(two)["i"].values == {"n": 6}


# --- memory ------------------------------------------------------------------------------


def test_tables_take_no_more_than_their_memory(caplog: pytest.LogCaptureFixture) -> None:
    program, log = program_of(
        '$sht(t=>$var(n)) = "x"; $sht(e=>$var(n)) = "y"; sht_setxs("t", "$var(n)z", "x", 1);'
        'xlog("$rc"); $var(m) = $shtinc(i=>$var(n)); if ($var(m) == 0) xlog("no");'
    )
    known = tables(program)
    known.memory.most = 10_000
    route = program.request_route
    assert route is not None
    for number in range(100):
        ctx = context(program)
        ctx.vars[program.variable_names.index("n")] = number
        route(ctx)
    assert 0 < len(known["t"]) < 100
    assert 0 < len(known["e"]) < 100
    assert known["e"].values.keys() == known["e"].gone.keys()
    assert known.memory.used <= 10_000
    assert known.memory.used == sum(each.used for each in known.values())
    assert "get no more" in caplog.text
    lines = [text.removeprefix("<script>: ").strip() for _, text in log.written]
    assert "1" in lines
    assert "-1" in lines
    assert "no" in lines
    for each in known.values():
        each.clear()
    assert known.memory.used == 0


def test_memory_comes_back() -> None:
    known = Tables()
    known.declare([definition("e=>autoexpire=10"), definition("t=>")])
    for table in known.values():
        for key in ("removed", "swept", "set again"):
            table.set(key, "x" * 1000, 1000)
        table.set("set again", 5, 1000)
        table.set("set again", 6, 1000)
        table.set("set again", "y", 1000)
        table.remove("removed")
        table.remove("removed")
        table.sweep(2000, 10)
        table.remove("swept")
        table.remove("set again")
        assert table.used == 0
    known["t"].set("x", "y", 1000)
    known.declare([])
    assert known.memory.used == 0
