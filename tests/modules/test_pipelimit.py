"""pipelimit: pipes of a script and of a database, and what operators see and set of them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sipway.core.databases import finish, prepare
from sipway.core.limiting.pipes import TAILDROP
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.modules.pipelimit import _module
from sipway.modules.pipelimit.pipes import Pipes
from tests.fakes import LogInMemory, request
from tests.modules.commanding import give
from tests.modules.running import NOW, context, load, mistakes, run

_LOAD = 'loadmodule "pipelimit.so"\nmodparam("pipelimit", "timer_interval", 5)\n'
_START = NOW - NOW % 5
_CHECK = """
$var(a) = $(hdr(Limit){s.int});
if ($hdr(A) != $null) { pl_check("$hdr(X)", "$hdr(A)", "$var(a)"); }
else { pl_check("$hdr(X)"); }
xlog("$rc");
"""


def _program(code: str = _CHECK, parameters: str = "") -> Program:
    program = load(f"{_LOAD}{parameters}\nrequest_route {{ {code} }}")[0]
    program.clock = lambda: _START + 1
    return program


def _written(program: Program) -> list[str]:
    assert isinstance(program.log, LogInMemory)
    return [text.removeprefix("<script>: ") for _, text in program.log.written]


def _codes(program: Program, count: int, name: str, *given: Any, now: float = _START) -> list[int]:
    """What pl_check() returns: with a name, or name, algorithm and limit."""
    assert isinstance(program.log, LogInMemory)
    program.log.written.clear()
    extra = f"X: {name}\r\n"
    if given:
        extra += f"A: {given[0]}\r\nLimit: {given[1]}\r\n"
    for _ in range(count):
        ctx = context(program, request(extra=extra))
        ctx.now = now
        assert program.request_route is not None
        program.request_route(ctx)
    return [int(text) for text in _written(program) if len(text) < 3]


def test_a_pipe_is_made_by_its_first_check() -> None:
    program = _program()
    assert _codes(program, 1, "a") == [-2]
    assert _codes(program, 4, "a", "TAILDROP", 2) == [1, 1, -1, -1]
    assert _codes(program, 1, "a") == [-1]
    assert _codes(program, 3, "a", now=_START + 5) == [1, 1, -1]
    assert _codes(program, 2, "b", "NOP", 2) == [2, 2]
    assert _codes(program, 2, "c", "red", 0) == [1, 1], "in small letters too"
    assert _codes(program, 2, "d", "NETWORK", 5) == [1, 1]
    assert _codes(program, 2, "e", "FEEDBACK", 50) == [1, 1]


def test_only_the_limit_is_changed_and_only_if_it_is_above_0() -> None:
    program = _program()
    assert _codes(program, 3, "a", "TAILDROP", 1) == [1, -1, -1]
    assert _codes(program, 3, "a", "RED", 5) == [1, 1, -1]
    assert _codes(program, 1, "a", "XXX", 9) == [1]
    assert _codes(program, 1, "a", "RED", 0) == [1]
    assert give(program, "pl.list", "a")[0]["limit"] == 9
    assert give(program, "pl.list", "a")[0]["algorithm"] == "TAILDROP"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (("XXX", 2), -2),
        (("", 2), -2),
        (("RED", -1), -1),
        (("FEEDBACK", 101), -2),
    ],
)
def test_what_makes_no_pipe(given: tuple[str, int], code: int) -> None:
    program = _program()
    assert _codes(program, 2, "a", *given) == [code, code]
    assert give(program, "pl.get_pipes") == []
    assert _codes(program, 1, "a" * 256, "RED", 1) == [-2]
    assert "at most 255" in _written(program)[0]


def test_a_limit_that_is_no_number() -> None:
    program = _program('pl_check("a", "RED", "$hdr(X)"); xlog("$rc");')
    assert _codes(program, 1, "x") == [-1]
    assert give(program, "pl.get_pipes") == []


def test_pl_active() -> None:
    program = _program(
        """
        pl_active("a"); xlog("$rc"); pl_check("a", "TAILDROP", 0); xlog("$rc");
        pl_active("a"); xlog("$rc"); pl_active("$hdr(None)"); xlog("$rc");
        """
    )
    assert _codes(program, 1, "") == [-1, -1, 1, -1]


def test_red() -> None:
    program = _program()
    _codes(program, 15, "a", "RED", 5)
    assert _codes(program, 6, "a", now=_START + 5) == [-1, -1, 1, -1, -1, 1]


def test_pipes_that_nobody_uses() -> None:
    program = _program(parameters='modparam("pipelimit", "clean_unused", 2)')
    seen = []
    _codes(program, 1, "a", "TAILDROP", 5)
    for number in range(5):
        now = _START + 5 * number
        program.clock = lambda now=now: now
        asyncio.run(_module.clean(program))
        seen.append([each["unused_intervals"] for each in give(program, "pl.list")])
    assert seen == [[0], [0], [1], [2], []]
    # Also without the timer, with the requests of others.
    _codes(program, 1, "a", "TAILDROP", 5)
    assert _codes(program, 1, "b", now=_START + 20) == [-2]
    assert give(program, "pl.get_pipes") == []


def test_each_interval_is_looked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = """
    modparam("pipelimit", "clean_unused", 1)
    modparam("pipelimit", "load_fetch", 0)
    """
    program = _program(parameters=parameters)
    for number in range(500):
        _codes(program, 1, f"pipe-{number}", "TAILDROP", 5)
    waits: list[float] = []
    now = _START

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        waits.append(seconds)
        if waits.count(5) == 4:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    program.clock = lambda: now
    (service,) = program.services
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(service())
    assert len(waits) > 4, "a pause between slices"
    assert give(program, "pl.get_pipes") == []


def test_without_clean_unused_all_stay() -> None:
    program = _program()
    _codes(program, 1, "a", "TAILDROP", 5)
    _codes(program, 1, "b", "TAILDROP", 5, now=_START + 5_000_000)
    assert len(give(program, "pl.get_pipes")) == 2


def test_the_pipes_are_few_whatever_names_come() -> None:
    pipes = Pipes(most=10)
    pipes.keep("kept", TAILDROP, 5, 0)
    for number in range(1_000):
        pipe = pipes.set(f"pipe-{number}", TAILDROP, 5, 0)
        pipes.check(pipe, 0)
        assert len(pipes) <= 11
    assert pipes.get("kept") is not None
    assert pipes.get("pipe-999") is not None
    assert pipes.get("pipe-0") is None


def test_a_clock_that_is_set_back_keeps_nothing_for_ever() -> None:
    pipes = Pipes()
    pipes.check(pipes.set("a", TAILDROP, 5, 1000), 1000)
    pipes.sweep(10, 2)
    assert len(pipes) == 0


# --- the database ------------------------------------------------------------------------

_SCHEMA = """
create table {table} (id integer primary key, {columns[0]} text, {columns[1]} text,
                      {columns[2]} integer);
create table version (table_name text, table_version integer);
insert into version values ('{table}', {version});
"""


def _database(
    path: Path,
    *rows: tuple[Any, ...],
    table: str = "pl_pipes",
    columns: tuple[str, ...] = ("pipeid", "algorithm", "plimit"),
    version: int = 1,
) -> str:
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_SCHEMA.format(table=table, columns=columns, version=version))
        names = ", ".join(columns)
        database.executemany(f"insert into {table} ({names}) values (?, ?, ?)", rows)
    return f"""
    loadmodule "db_sqlite.so"
    modparam("pipelimit", "db_url", "sqlite://{path}")
    modparam("pipelimit", "plp_table_name", "{table}")
    modparam("pipelimit", "plp_pipeid_column", "{columns[0]}")
    modparam("pipelimit", "plp_algorithm_column", "{columns[1]}")
    modparam("pipelimit", "plp_limit_column", "{columns[2]}")
    """


def _read(program: Program) -> list[str]:
    """What is there after the start."""

    async def start() -> None:
        await prepare(program)
        await finish(program)

    asyncio.run(start())
    found: list[str] = give(program, "pl.get_pipes")
    return [each.removeprefix("PIPE: id=").removesuffix(" counter=0") for each in found]


def test_pipes_of_the_database(tmp_path: Path) -> None:
    parameters = _database(
        tmp_path / "database",
        *(("one", "TAILDROP", 3), ("two", "red", 2), ("", "RED", 1), ("nop", "NOP", -1)),
    )
    program = _program(parameters=parameters)
    assert _read(program) == [
        "one algorithm=TAILDROP limit=3",
        "two algorithm=RED limit=2",
        " algorithm=RED limit=1",
        "nop algorithm=NOP limit=-1",
    ]
    assert _codes(program, 4, "one") == [1, 1, 1, -1]


def test_other_names_of_table_and_columns(tmp_path: Path) -> None:
    parameters = _database(
        tmp_path / "database", ("one", "RED", 3), table="mine", columns=("a", "b", "c")
    )
    assert _read(_program(parameters=parameters)) == ["one algorithm=RED limit=3"]


def test_rows_that_are_wrong_are_left_out_and_told(tmp_path: Path) -> None:
    parameters = _database(
        tmp_path / "database",
        ("one", "RED", 3),
        ("one", "RED", 4),
        ("bad", "XXX", 3),
        ("empty", "", 3),
        ("null", None, 3),
        (None, "RED", 3),
        ("text", "RED", "x"),
        ("hot", "FEEDBACK", 101),
        ("two", "RED", 4),
    )
    program = _program(parameters=parameters)
    assert _read(program) == ["one algorithm=RED limit=3", "two algorithm=RED limit=4"]
    told = [each for each in _written(program) if "pl_pipes" in each]
    assert len(told) == 7
    assert sum("is left out" in each for each in told) == 6


def test_a_database_that_is_not_as_it_should_be(tmp_path: Path) -> None:
    program = _program(parameters=_database(tmp_path / "database", version=2))
    assert _read(program) == []
    assert any("table pl_pipes" in each and "version 2" in each for each in _written(program))
    with pytest.raises(ModuleError, match="db_sqlite is not loaded"):
        _program(parameters='modparam("pipelimit", "db_url", "sqlite:///x")')
    with pytest.raises(ModuleError, match="pipelimit"):
        _program(parameters='modparam("pipelimit", "db_url", "nonsense")')


# --- pl_drop() ---------------------------------------------------------------------------


def _sent(call: str, parameters: str = "") -> str:
    ran = run(call, parameters=_LOAD + parameters)
    assert len(ran.sent) == 1
    return ran.sent[0].decode()


@pytest.mark.parametrize(
    ("call", "seconds"),
    [
        ("pl_drop();", None),
        ('pl_drop("4");', "4"),
        ("pl_drop(7);", "7"),
        ('pl_drop("0");', "5"),
        ('pl_drop("5", "5");', "5"),
        ('pl_drop("5", "3");', "5"),
        ('pl_drop("0", "0");', None),
        ('$var(a) = 6; pl_drop("$var(a)");', "6"),
    ],
)
def test_pl_drop(call: str, seconds: str | None) -> None:
    answer = _sent(call)
    assert answer.startswith("SIP/2.0 503 Server Unavailable\r\n")
    lines = [line for line in answer.split("\r\n") if line.startswith("Retry-After")]
    assert lines == ([] if seconds is None else [f"Retry-After: {seconds}"])


def test_retry_after_is_spread() -> None:
    found = {_sent('pl_drop("2", "4");').partition("Retry-After: ")[2][0] for _ in range(60)}
    assert found == {"2", "3", "4"}


def test_other_answers_have_no_retry_after() -> None:
    ran = run(
        'append_to_reply("X-A: b\\r\\n"); pl_drop("4"); xlog("$rc"); sl_send_reply("500", "No");',
        parameters=_LOAD,
    )
    first, second = (each.decode() for each in ran.sent)
    assert "X-A: b\r\nRetry-After: 4\r\n" in first
    assert "X-A: b\r\n" in second
    assert "Retry-After" not in second
    assert ran.lines == ["1"]


def test_reply_code_and_reply_reason() -> None:
    parameters = """
    modparam("pipelimit", "reply_code", 480)
    modparam("pipelimit", "reply_reason", "Full")
    """
    assert _sent("pl_drop();", parameters).startswith("SIP/2.0 480 Full\r\n")


def test_an_ack_is_not_answered() -> None:
    ran = run('pl_drop("3"); xlog("$rc");', request("ACK"), parameters=_LOAD)
    assert (ran.sent, ran.lines) == ([], ["-1"])


def test_seconds_that_are_none() -> None:
    ran = run('$var(a) = -1; pl_drop("$var(a)"); xlog("$rc");', parameters=_LOAD)
    assert (ran.sent, ran.lines[-1]) == ([], "-1")


# --- commands ----------------------------------------------------------------------------


def _with_pipes() -> Program:
    program = _program()
    _codes(program, 7, "one", "TAILDROP", 3)
    _codes(program, 2, "fb", "FEEDBACK", 50)
    return program


def test_commands_that_list() -> None:
    program = _with_pipes()
    assert give(program, "pl.get_pipes") == [
        "PIPE: id=one algorithm=TAILDROP limit=3 counter=7",
        "PIPE: id=fb algorithm=FEEDBACK limit=50 counter=2",
    ]
    row = {
        "name": "one",
        "algorithm": "TAILDROP",
        "limit": 3,
        "counter": 7,
        "last_counter": 0,
        "unused_intervals": 0,
    }
    assert give(program, "pl.list", "one") == [row]
    assert [each["name"] for each in give(program, "pl.list")] == ["one", "fb"]
    program.clock = lambda: _START + 6
    assert give(program, "pl.list", "one") == [row | {"counter": 0, "last_counter": 7}]
    assert give(program, "pl.stats") == [
        "PIPE: id=one load=2 counter=7",
        "PIPE: id=fb load=0 counter=2",
    ]


def test_commands_that_change_a_pipe() -> None:
    program = _with_pipes()
    assert give(program, "pl.set_pipe", "one", "TAILDROP", 8) is None
    assert _codes(program, 2, "one") == [1, -1]
    assert give(program, "pl.reset_pipe", "one") is None
    assert give(program, "pl.list", "one")[0]["counter"] == 0
    assert give(program, "pl.set_pipe", "one", "FEEDBACK", 30) is None
    assert give(program, "pl.rm_pipe", "one") is None
    assert _codes(program, 1, "one") == [-2]


def test_the_controller() -> None:
    program = _with_pipes()
    assert give(program, "pl.get_pid") == "ki[-25.000000] kp[0.000000] kd[0.000000] "
    assert give(program, "pl.set_pid", -100, 0, "0.5") is None
    assert give(program, "pl.get_pid") == "ki[-100.000000] kp[0.000000] kd[0.500000] "
    assert give(program, "pl.push_load", 0.75) is None
    assert give(program, "pl.stats")[1] == "PIPE: id=fb load=24 counter=0"
    assert _codes(program, 100, "fb").count(-1) == 24


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("pl.list", "none"), "Unknown pipe id none"),
        (("pl.set_pipe", "none", "RED", 5), "Unknown pipe id none"),
        (("pl.set_pipe", "one", "XXX", 5), "Unknown algorithm"),
        (("pl.set_pipe", "one", "taildrop", 5), "Unknown algorithm"),
        (("pl.set_pipe", "one", "FEEDBACK", 101), "Feedback limits don't match"),
        (("pl.set_pipe", "one", "FEEDBACK", -1), "Feedback limits don't match"),
        (("pl.set_pipe", "one", "RED", "x"), 'parameter 3 (pipe_limit) is a number, not "x"'),
        (("pl.set_pipe", "one"), "parameter 2 (pipe_algorithm) is missing"),
        (("pl.reset_pipe", "none"), "Unknown pipe id none"),
        (("pl.reset_pipe",), "parameter 1 (pipe_id) is missing"),
        (("pl.rm_pipe", "none"), "Unknown pipe id none"),
        (("pl.rm_pipe",), "parameter 1 (pipe_id) is missing"),
        (("pl.set_pid", 1, 2), "parameter 3 (kd) is missing"),
        (("pl.push_load", 1.5), "Value out of range"),
        (("pl.push_load", "x"), 'parameter 1 (load) is a number, not "x"'),
    ],
)
def test_commands_that_are_wrong_change_nothing(given: tuple[Any, ...], reason: str) -> None:
    program = _with_pipes()
    before = give(program, "pl.list")
    assert give(program, *given) == (400, reason)
    assert give(program, "pl.list") == before


def test_load_fetch() -> None:
    with_it = len(_program().services)
    assert len(_program(parameters='modparam("pipelimit", "load_fetch", 0)').services) == (
        with_it - 1
    )


@pytest.mark.parametrize(
    "parameter",
    [
        '"timer_interval", 0',
        '"timer_interval", -1',
        '"hash_size", 0',
        '"hash_size", 32',
        '"timer_mode", 2',
        '"reply_code", 99',
        '"reply_code", 700',
        '"clean_unused", -1',
        '"load_fetch", "x"',
        '"db_url"',
        '"none", 1',
    ],
)
def test_parameters_that_are_wrong(parameter: str) -> None:
    parameters = f'modparam("pipelimit", {parameter})'
    assert mistakes("request_route { exit; }", parameters, modules=("pipelimit",)) != []


@pytest.mark.parametrize(
    "call",
    [
        "pl_check()",
        'pl_check("a", "RED")',
        'pl_check("a", "RED", "x")',
        'pl_check("a", "RED", 1, 2)',
        "pl_active()",
        'pl_drop("x")',
        'pl_drop("")',
        'pl_drop("-1")',
        'pl_drop("1", "x")',
        'pl_drop("1", "2", "3")',
    ],
)
def test_arguments_that_are_wrong(call: str) -> None:
    assert mistakes(f"request_route {{ {call}; }}", modules=("pipelimit",)) != []


def test_pl_drop_is_not_for_replies() -> None:
    assert mistakes("reply_route { pl_drop(); }", modules=("pipelimit",)) != []
    for block in ("failure_route[F]", "branch_route[F]", "onsend_route"):
        code = f'{block} {{ pl_drop(); pl_check("a"); pl_active("a"); }}'
        code += ' request_route { t_on_failure("F"); t_on_branch("F"); }'
        found = mistakes(code, modules=("tm", "pipelimit"))
        assert [each for each in found if "pl_" in each] == []
