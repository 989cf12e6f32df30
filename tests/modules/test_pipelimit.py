"""pipelimit: pipes of a script and of a database, and what operators see and set of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sipway.core.limiting.pipes import TAILDROP
from sipway.core.program import Program
from sipway.modules.pipelimit import _module
from sipway.modules.pipelimit.pipes import Pipes
from tests.fakes import request
from tests.modules.commanding import give
from tests.modules.piping import LOAD, START, codes, program_of, written
from tests.modules.running import mistakes, run


def test_a_pipe_is_made_by_its_first_check() -> None:
    program = program_of()
    assert codes(program, 1, "a") == [-2]
    assert codes(program, 4, "a", "TAILDROP", 2) == [1, 1, -1, -1]
    assert codes(program, 1, "a") == [-1]
    assert codes(program, 3, "a", now=START + 5) == [1, 1, -1]
    assert codes(program, 2, "b", "NOP", 2) == [2, 2]
    assert codes(program, 2, "c", "red", 0) == [1, 1], "in small letters too"
    assert codes(program, 2, "d", "NETWORK", 5) == [1, 1]
    assert codes(program, 2, "e", "FEEDBACK", 50) == [1, 1]


def test_only_the_limit_is_changed_and_only_if_it_is_above_0() -> None:
    program = program_of()
    assert codes(program, 3, "a", "TAILDROP", 1) == [1, -1, -1]
    assert codes(program, 3, "a", "RED", 5) == [1, 1, -1]
    assert codes(program, 1, "a", "XXX", 9) == [1]
    assert codes(program, 1, "a", "RED", 0) == [1]
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
    program = program_of()
    assert codes(program, 2, "a", *given) == [code, code]
    assert give(program, "pl.get_pipes") == []
    assert codes(program, 1, "a" * 256, "RED", 1) == [-2]
    assert "at most 255" in written(program)[0]


def test_a_limit_that_is_no_number() -> None:
    program = program_of('pl_check("a", "RED", "$hdr(X)"); xlog("$rc");')
    assert codes(program, 1, "x") == [-1]
    assert give(program, "pl.get_pipes") == []


def test_pl_active() -> None:
    program = program_of(
        """
        pl_active("a"); xlog("$rc"); pl_check("a", "TAILDROP", 0); xlog("$rc");
        pl_active("a"); xlog("$rc"); pl_active("$hdr(None)"); xlog("$rc");
        """
    )
    assert codes(program, 1, "") == [-1, -1, 1, -1]


def test_red() -> None:
    program = program_of()
    codes(program, 15, "a", "RED", 5)
    assert codes(program, 6, "a", now=START + 5) == [-1, -1, 1, -1, -1, 1]


def test_pipes_that_nobody_uses() -> None:
    program = program_of(parameters='modparam("pipelimit", "clean_unused", 2)')
    seen = []
    codes(program, 1, "a", "TAILDROP", 5)
    for number in range(5):
        now = START + 5 * number
        program.clock = lambda now=now: now
        asyncio.run(_module.clean(program))
        seen.append([each["unused_intervals"] for each in give(program, "pl.list")])
    assert seen == [[0], [0], [1], [2], []]
    # Also without the timer, with the requests of others.
    codes(program, 1, "a", "TAILDROP", 5)
    assert codes(program, 1, "b", now=START + 20) == [-2]
    assert give(program, "pl.get_pipes") == []


def test_each_interval_is_looked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    parameters = """
    modparam("pipelimit", "clean_unused", 1)
    modparam("pipelimit", "load_fetch", 0)
    """
    program = program_of(parameters=parameters)
    for number in range(500):
        codes(program, 1, f"pipe-{number}", "TAILDROP", 5)
    waits: list[float] = []
    now = START

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
    program = program_of()
    codes(program, 1, "a", "TAILDROP", 5)
    codes(program, 1, "b", "TAILDROP", 5, now=START + 5_000_000)
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


# --- pl_drop() ---------------------------------------------------------------------------


def _sent(call: str, parameters: str = "") -> str:
    ran = run(call, parameters=LOAD + parameters)
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
        parameters=LOAD,
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
    ran = run('pl_drop("3"); xlog("$rc");', request("ACK"), parameters=LOAD)
    assert (ran.sent, ran.lines) == ([], ["-1"])


def test_seconds_that_are_none() -> None:
    ran = run('$var(a) = -1; pl_drop("$var(a)"); xlog("$rc");', parameters=LOAD)
    assert (ran.sent, ran.lines[-1]) == ([], "-1")


# --- commands ----------------------------------------------------------------------------


def _with_pipes() -> Program:
    program = program_of()
    codes(program, 7, "one", "TAILDROP", 3)
    codes(program, 2, "fb", "FEEDBACK", 50)
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
    program.clock = lambda: START + 6
    assert give(program, "pl.list", "one") == [row | {"counter": 0, "last_counter": 7}]
    assert give(program, "pl.stats") == [
        "PIPE: id=one load=2 counter=7",
        "PIPE: id=fb load=0 counter=2",
    ]


def test_commands_that_change_a_pipe() -> None:
    program = _with_pipes()
    assert give(program, "pl.set_pipe", "one", "TAILDROP", 8) is None
    assert codes(program, 2, "one") == [1, -1]
    assert give(program, "pl.reset_pipe", "one") is None
    assert give(program, "pl.list", "one")[0]["counter"] == 0
    assert give(program, "pl.set_pipe", "one", "FEEDBACK", 30) is None
    assert give(program, "pl.rm_pipe", "one") is None
    assert codes(program, 1, "one") == [-2]


def test_the_controller() -> None:
    program = _with_pipes()
    assert give(program, "pl.get_pid") == "ki[-25.000000] kp[0.000000] kd[0.000000] "
    assert give(program, "pl.set_pid", -100, 0, "0.5") is None
    assert give(program, "pl.get_pid") == "ki[-100.000000] kp[0.000000] kd[0.500000] "
    assert give(program, "pl.push_load", 0.75) is None
    assert give(program, "pl.stats")[1] == "PIPE: id=fb load=24 counter=0"
    assert codes(program, 100, "fb").count(-1) == 24


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
    with_it = len(program_of().services)
    assert len(program_of(parameters='modparam("pipelimit", "load_fetch", 0)').services) == (
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
