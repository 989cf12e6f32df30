"""cfgutils; what 5.6.3 does too is held by `tests/compat/cases/cfgutils.cfg`."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest

from sipway.errors import ModuleError
from sipway.modules.cfgutils import locks
from sipway.modules.cfgutils._module import kept
from tests.modules.running import code_of, context, load, mistakes, run

LOCKS = 'modparam("cfgutils", "lock_set_size", 4)'


# --- chance ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("probability", "code"), [(0, -1), (100, 1)])
def test_chance(probability: int, code: int) -> None:
    for _ in range(50):
        assert code_of("rand_event()", before=f'rand_set_prob("{probability}");') == code


def test_chance_is_near_what_is_set() -> None:
    ran = run(
        "$var(n) = 0; $var(i) = 0; while ($var(i) < 1000) { if (rand_event())"
        ' $var(n) = $var(n) + 1; $var(i) = $var(i) + 1; } xlog("$var(n)");',
        parameters='max_while_loops=2000\nmodparam("cfgutils", "initial_probability", 30)',
    )
    assert 200 < int(ran.lines[-1]) < 400


def test_the_probability_is_ten_unless_it_is_set() -> None:
    assert code_of("rand_get_prob()") == 10
    assert code_of("rand_get_prob()", before='rand_set_prob("40");') == 40
    before = 'rand_set_prob("40"); rand_reset_prob();'
    parameters = 'modparam("cfgutils", "initial_probability", 15)'
    assert code_of("rand_get_prob()", before=before, parameters=parameters) == 15


def test_a_probability_of_0_as_code_ends_the_script() -> None:
    assert run('rand_set_prob("0"); rand_get_prob(); xlog("on");').lines == []


def test_random_numbers() -> None:
    ran = run('xlog("$RANDOM $RANDOM $RANDOM");')
    numbers = [int(each) for each in ran.lines[0].split()]
    assert all(0 <= each < 2**31 for each in numbers)
    assert len(set(numbers)) > 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('core_hash("abc", "", 4)', 3),
        ('core_hash("abc", "def", 4)', 2),
        ('core_hash("", "", 16)', 1),
        ('core_hash("abcdefgh", "xyz12", 30)', 245069621),
        ('core_hash("abcdef", "", 0)', 2),
        ('core_hash("abcdef", "", 32)', 1),
        ('core_hash("abcdef", "", "$var(size)")', -1),
    ],
)
def test_hashes(call: str, code: int) -> None:
    assert code_of(call, before='$var(size) = "x";') == code


# --- global flags ------------------------------------------------------------------------------


def test_global_flags() -> None:
    assert code_of('is_gflag("4")') == -1
    assert code_of('is_gflag("4")', before="set_gflag(4);") == 1
    assert code_of('is_gflag("5")', before="set_gflag(4);") == -1
    assert code_of('is_gflag("4")', before="set_gflag(4); reset_gflag(4);") == -1
    assert code_of('is_gflag("2")', parameters='modparam("cfgutils", "initial_gflags", 4)') == 1
    assert code_of('is_gflag("31")', parameters='modparam("cfgutils", "initial_gflags", -1)') == 1


def test_flags_and_probability_outlive_the_message() -> None:
    program, log, _ = load(
        'request_route { xlog("$rc"); is_gflag("3"); xlog("$rc"); set_gflag("3"); }'
    )
    for _ in range(2):
        assert program.request_route is not None
        program.request_route(context(program))
    assert [text.strip() for _, text in log.written][1::2] == ["<script>: -1", "<script>: 1"]


# --- pauses and locks --------------------------------------------------------------------------


@pytest.mark.parametrize("call", ["usleep(1)", "sleep(0)", 'usleep("-1")', 'sleep("$var(t)")'])
def test_pauses(call: str) -> None:
    assert code_of(call, before="$var(t) = -5;") == 1


async def _together(code: str, count: int = 2, parameters: str = "") -> list[str]:
    """What is logged when several requests run at a time."""
    program, log, _ = load(f"request_route {{ {code} }}", parameters=parameters)
    assert program.request_route is not None
    await asyncio.gather(*(program.request_route(context(program)) for _ in range(count)))
    return [text.removeprefix("<script>: ") for _, text in log.written]


def test_a_pause_lets_others_run() -> None:
    lines = asyncio.run(_together('xlog("in"); usleep(1); xlog("out");'))
    assert lines == ["in", "in", "out", "out"]


def test_a_lock_keeps_others_out_while_the_route_waits() -> None:
    code = 'lock("$ci"); xlog("in"); usleep(1); xlog("out"); unlock("$ci");'
    assert asyncio.run(_together(code, 3, parameters=LOCKS)) == ["in", "out"] * 3


def test_locks_of_other_keys_keep_nobody_out() -> None:
    code = (
        '$shv(n) = $shv(n) + 1; $var(k) = $shv(n); lock("$var(k)"); xlog("in"); usleep(1);'
        ' xlog("out"); $var(k) = 1; unlock("1"); unlock("2");'
    )
    assert asyncio.run(_together(code, parameters=LOCKS)) == ["in", "in", "out", "out"]


def test_a_lock_that_nobody_unlocks_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "LONGEST_WAIT", 0.001)
    lines = asyncio.run(_together('lock("a"); xlog("$rc");', parameters=LOCKS))
    assert lines == ["1", "<core>: lock(): it was not free within 0.001 seconds\n", "-1"]


def test_not_everybody_can_wait_for_a_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "MAX_WAITING", 1)
    code = 'lock("a"); $var(r) = $rc; usleep(1); xlog("$var(r)"); if ($var(r) > 0) unlock("a");'
    lines = asyncio.run(_together(code, 3, parameters=LOCKS))
    assert lines[0] == "<core>: lock(): 1 messages wait for it already\n"
    assert sorted(lines[1:]) == ["-1", "1", "1"]


@pytest.mark.parametrize(
    ("call", "before", "code"),
    [
        ('lock("a")', "", 1),
        ('lock("a", "b")', "", 1),
        ('trylock("a")', "", 1),
        ('trylock("a")', 'lock("a");', -1),
        ('trylock("a", "b")', 'lock("a", "b");', -1),
        ('trylock("a")', 'lock("a"); unlock("a");', 1),
        ('unlock("a")', "", 1),
        ('unlock("a", "b")', "", 1),
    ],
)
def test_locks(call: str, before: str, code: int) -> None:
    assert code_of(call, before=before, parameters=LOCKS) == code


@pytest.mark.parametrize("call", ['lock("a")', 'trylock("a")', 'unlock("a")'])
def test_no_locks_without_their_number(call: str) -> None:
    assert code_of(call) == -1


@pytest.mark.parametrize("size", [40, -1])
def test_the_number_of_locks_has_a_limit(size: int) -> None:
    ran = run(
        'lock("a"); xlog("$rc");', parameters=f'modparam("cfgutils", "lock_set_size", {size})'
    )
    assert ran.lines == [f"<core>: cfgutils: lock_set_size {size} is too large, 14 is taken", "1"]


# --- routes ------------------------------------------------------------------------------------

ROUTES = "route[FIVE] { return 5; } route[MINUS] { return -3; } route[END] { exit; } "


@pytest.mark.parametrize(
    ("name", "exists", "code"),
    [("FIVE", "1", "5"), ("MINUS", "1", "-3"), ("NOPE", "-1", "-1"), ("", "-1", "-1")],
)
def test_routes_that_may_be_there(name: str, exists: str, code: str) -> None:
    script = (
        f'$var(n) = "{name}"; check_route_exists("$var(n)"); xlog("$rc");'
        'route_if_exists("$var(n)"); xlog("$rc");'
    )
    assert run(script, more=ROUTES).lines == [exists, code]


def test_a_route_that_ends_the_script() -> None:
    assert run('route_if_exists("END"); xlog("on");', more=ROUTES).lines == []


def test_a_route_that_waits() -> None:
    more = 'route[WAITS] { usleep(1); xlog("waited"); return 7; }'
    assert run('route_if_exists("WAITS"); xlog("$rc");', more=more).lines == ["waited", "7"]


def test_routes_that_call_themselves_are_left() -> None:
    more = 'route[AGAIN] { $var(n) = $var(n) + 1; route_if_exists("AGAIN"); }'
    ran = run('route_if_exists("AGAIN"); xlog("$var(n)");', more=more)
    assert ran.lines == [
        "<core>: route_if_exists(): routes call each other more than 64 deep",
        "64",
    ]


# --- the rest ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["pkg_status", "pkg_summary", "shm_status", "shm_summary"])
def test_memory_is_told_for_debugging(name: str) -> None:
    ran = run(f'{name}(); xlog("$rc");')
    assert ran.lines[0].startswith("<core>: memory: at most ")
    assert ran.lines[1] == "1"
    assert run(f"{name}();", level=2).lines == []


def test_abort_ends_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    class EndedError(Exception):
        pass

    def end() -> None:
        raise EndedError

    monkeypatch.setattr(os, "abort", end)
    with pytest.raises(EndedError):
        run("abort();")


def test_the_hash_of_a_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"abc")
    program, _, _ = load("", parameters=f'modparam("cfgutils", "hash_file", "{path}")')
    assert kept(program).file_hash == hashlib.md5(b"abc").hexdigest()


def test_a_file_to_hash_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ModuleError, match="hash_file cannot be read"):
        load("", parameters=f'modparam("cfgutils", "hash_file", "{tmp_path}/none")')


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('set_gflag("32")', "a flag is a number from 0 to 31, not 32"),
        ('is_gflag("x")', '"x" is not a number'),
        ('reset_gflag("$var(x)")', '"$var(x)" is not a number'),
        ("reset_gflag($var(x))", "known when the script is read"),
        ('rand_set_prob("101")', "a probability is a number from 0 to 100, not 101"),
        ('rand_set_prob("x")', '"x" is not a number'),
        ('rand_set_prob("$var(x)")', '"$var(x)" is not a number'),
        ('sleep("x")', '"x" is not a number'),
        ("usleep()", "usleep() takes 1 argument, only 0 are given"),
        ('core_hash("a", "b")', "core_hash() takes 3 arguments, only 2 are given"),
        ('core_hash("a", "", "x")', '"x" is not a number'),
        ("lock()", "lock() takes 1 to 2 arguments, only 0 are given"),
        ("rand_event(1)", "rand_event() takes no arguments, 1 is given"),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}")
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("initial_probability", "101", "a probability is a number from 0 to 100, not 101"),
        ("initial_gflags", '"x"', "initial_gflags"),
        ("nonsense", "1", "nonsense"),
    ],
)
def test_wrong_parameters_are_found_too(name: str, value: str, message: str) -> None:
    found = mistakes("request_route { exit; }", f'modparam("cfgutils", "{name}", {value})')
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize("pause", ['usleep("1");', ""])
def test_routes_that_call_themselves_end_also_if_they_wait(pause: str) -> None:
    ran = run(
        'route(A); xlog("$var(n)\\n");',
        more=f"route[A] {{ {pause} $var(n) = $var(n) + 1; route(A); }}",
    )
    assert ran.lines[-1].endswith("256")
