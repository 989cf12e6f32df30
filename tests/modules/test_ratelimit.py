"""ratelimit: queues, pipes, and what operators see and set of them."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.core.program import Program
from sipway.errors import ModuleError
from tests.fakes import LogInMemory, reply, request
from tests.modules.commanding import give
from tests.modules.running import NOW, context, load, mistakes

_HEAD = """
loadmodule "ratelimit.so"
modparam("ratelimit", "timer_interval", 5)
modparam("ratelimit", "queue", "0:REGISTER")
modparam("ratelimit", "queue", "3:INVITE")
modparam("ratelimit", "queue", "2:*")
modparam("ratelimit", "pipe", "0:TAILDROP:1")
modparam("ratelimit", "pipe", "1:RED:2")
modparam("ratelimit", "pipe", "2:TAILDROP:2")
modparam("ratelimit", "pipe", "3:FEEDBACK:50")
modparam("ratelimit", "pipe", "4:NETWORK:1000")
"""
_START = NOW - NOW % 5


def _program(code: str = 'rl_check(); xlog("$rc");', head: str = _HEAD) -> Program:
    program = load(f"{head}\nrequest_route {{ {code} }}")[0]
    program.clock = lambda: _START + 1
    return program


def _codes(
    program: Program, count: int, method: str = "OPTIONS", now: float = _START, extra: str = ""
) -> str:
    log = program.log
    assert isinstance(log, LogInMemory)
    log.written.clear()
    for _ in range(count):
        ctx = context(program, request(method, extra=extra))
        ctx.now = now
        assert program.request_route is not None
        program.request_route(ctx)
    said = [text.removeprefix("<script>: ") for _, text in log.written]
    return "".join({"1": "+", "-1": "."}[each] for each in said if len(each) < 3)


def test_queues_by_method() -> None:
    program = _program()
    assert _codes(program, 7, "REGISTER") == "+++++.."
    assert _codes(program, 12) == "++++++++++.."
    assert _codes(program, 1, "MESSAGE") == "."
    assert _codes(program, 20, "INVITE") == "+" * 20
    assert _codes(program, 6, "REGISTER", _START + 5) == "+++++."
    assert _codes(program, 2, "register", _START + 6) == "..", "in the same queue"


def test_the_first_queue_counts() -> None:
    head = """
    loadmodule "ratelimit.so"
    modparam("ratelimit", "queue", "0:*")
    modparam("ratelimit", "queue", "1:OPTIONS")
    modparam("ratelimit", "pipe", "0:TAILDROP:0")
    modparam("ratelimit", "pipe", "1:TAILDROP:9")
    """
    assert _codes(_program(head=head), 2) == ".."


def test_without_a_queue() -> None:
    head = _HEAD.replace('modparam("ratelimit", "queue", "2:*")', "")
    assert _codes(_program(head=head), 2) == ".."


def test_a_queue_without_a_pipe_is_told_and_holds_nothing_back() -> None:
    program = _program(head='loadmodule "ratelimit.so"\nmodparam("ratelimit", "queue", "7:*")')
    log = program.log
    assert isinstance(log, LogInMemory)
    assert any("pipe 7, which is none" in text for _, text in log.written)
    assert _codes(program, 99) == "+" * 99


@pytest.mark.parametrize("call", ["rl_check", "rl_check_pipe"])
def test_a_pipe_by_its_number(call: str) -> None:
    program = _program(f'$var(p) = $(hdr(X){{s.int}}); {call}("$var(p)"); xlog("$rc");')
    assert _codes(program, 7, extra="X: 0\r\n") == "+++++.."
    assert _codes(program, 2, "INVITE", extra="X: 0\r\n") == "..", "whatever the method"
    for number in (5, 31, 32, -1):
        assert _codes(program, 2, extra=f"X: {number}\r\n") == ".."
        said = [text for _, text in program.log.written if "no pipe" in text]  # type: ignore[attr-defined]
        assert said == [f"<core>: rl_check(): there is no pipe {number}\n"], "once"
    assert _codes(_program(f'{call}("2"); xlog("$rc");'), 11) == "++++++++++."
    assert _codes(_program(f'{call}("$hdr(X)"); xlog("$rc");'), 1, extra="X: a\r\n") == "."


def test_replies_have_the_method_of_their_request() -> None:
    program = load(f'{_HEAD}\nreply_route {{ rl_check(); xlog("$rc"); }}')[0]
    for _ in range(6):
        assert program.reply_route is not None
        program.reply_route(context(program, reply(method="REGISTER")))
    log = program.log
    assert isinstance(log, LogInMemory)
    assert [text for _, text in log.written] == ["<script>: 1"] * 5 + ["<script>: -1"]


def test_every_nth_and_feedback() -> None:
    program = _program('rl_check_pipe("1"); xlog("$rc");')
    assert _codes(program, 30) == "+" * 30
    assert _codes(program, 7, now=_START + 5) == "..+..+."
    program = _program()
    give(program, "rl.set_pid", "-100", "0", "0")
    give(program, "rl.push_load", 0.75)
    assert _codes(program, 8, "INVITE") == "+++.+++."


def test_commands_that_list() -> None:
    program = _program()
    _codes(program, 7, "REGISTER")
    assert give(program, "rl.get_pipes") == [
        "PIPE[0]: 2:TAILDROP 0/1 (drop rate: 0) [7]",
        "PIPE[1]: 1:RED 0/2 (drop rate: 0) [0]",
        "PIPE[2]: 2:TAILDROP 0/2 (drop rate: 0) [0]",
        "PIPE[3]: 3:FEEDBACK 0/50 (drop rate: 0) [0]",
        "PIPE[4]: 4:NETWORK 0/1000 (drop rate: -1) [0]",
    ]
    assert give(program, "rl.get_queues") == [
        "QUEUE[0]: 0:REGISTER",
        "QUEUE[1]: 3:INVITE",
        "QUEUE[2]: 2:*",
    ]
    program.clock = lambda: _START + 6
    found = give(program, "rl.stats")
    assert len(found) == 32
    assert found[0] == "PIPE[0]: 7/1 (drop rate: 1)"
    assert found[31] == "PIPE[31]: 0/0 (drop rate: 0)"


def test_set_pipe_and_set_queue() -> None:
    program = _program()
    assert give(program, "rl.set_pipe", 2, "TAILDROP", 1) is None
    assert _codes(program, 6) == "+++++."
    assert give(program, "rl.set_pipe", 7, "NETWORK", 1) is None
    assert give(program, "rl.set_queue", 2, "*", 7) is None
    assert _codes(program, 6) == "++++++"
    assert give(program, "rl.set_pipe", 7, "NOP", 0) is None
    assert give(program, "rl.get_queues")[2] == "QUEUE[2]: 7:*"
    assert len(give(program, "rl.get_pipes")) == 5
    assert give(program, "rl.set_pipe", 3, "FEEDBACK", 70) is None
    assert give(program, "rl.push_load", 0.9) is None
    assert give(program, "rl.get_pipes")[3] == "PIPE[3]: 3:FEEDBACK 0/70 (drop rate: 5) [0]"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("rl.set_pipe", 1, "none", 1), "Unknown algorithm"),
        (("rl.set_pipe", 0, "taildrop", 5), "Unknown algorithm"),
        (("rl.set_pipe", 32, "RED", 1), "Unknown pipe"),
        (("rl.set_pipe", -1, "RED", 1), "Unknown pipe"),
        (("rl.set_pipe", 1, "RED", -1), "a limit is a number from 0 to 2147483647"),
        (("rl.set_pipe", 1, "FEEDBACK", 101), "Feedback limits don't match"),
        (("rl.set_pipe", 1, "FEEDBACK", 49), "Feedback limits don't match"),
        (("rl.set_pipe", 1, "RED"), "parameter 3 (pipe_limit) is missing"),
        (("rl.set_pipe", 1, "RED", "x"), 'parameter 3 (pipe_limit) is a number, not "x"'),
        (("rl.set_queue", 3, "INVITE", 1), "MAX_QUEUES reached"),
        (("rl.set_queue", -1, "INVITE", 1), "MAX_QUEUES reached"),
        (("rl.set_queue", 9, "INVITE", 32), "Invalid pipe number"),
        (("rl.set_queue", 1), "parameter 2 (queue_method) is missing"),
        (("rl.set_pid", "x", 1, 1), 'parameter 1 (ki) is a number, not "x"'),
        (("rl.set_pid", 1), "parameter 2 (kp) is missing"),
        (("rl.push_load", 1.5), "Value out of range"),
        (("rl.push_load", -0.1), "Value out of range"),
        (("rl.push_load",), "parameter 1 (load) is missing"),
        (("rl.set_dbg", "x"), 'parameter 1 (dbg) is a number, not "x"'),
    ],
)
def test_commands_that_are_wrong_change_nothing(given: tuple[Any, ...], reason: str) -> None:
    program = _program()
    before = [give(program, each) for each in ("rl.get_pipes", "rl.get_queues", "rl.get_pid")]
    assert give(program, *given) == (400, reason)
    after = [give(program, each) for each in ("rl.get_pipes", "rl.get_queues", "rl.get_pid")]
    assert after == before


def test_the_controller() -> None:
    program = _program()
    assert give(program, "rl.get_pid") == "ki[-25.000000] kp[0.000000] kd[0.000000] "
    assert give(program, "rl.set_pid", 0.5, 0.25, -1) is None
    assert give(program, "rl.get_pid") == "ki[0.500000] kp[0.250000] kd[-1.000000] "


def test_counts_are_told_once_in_an_interval() -> None:
    program = _program()
    _codes(program, 3, "REGISTER")
    give(program, "rl.set_dbg", 1)
    _codes(program, 2, now=_START + 5)
    log = program.log
    assert isinstance(log, LogInMemory)
    told = [text for _, text in log.written if "by pipe" in text]
    assert told == ["<core>: ratelimit: requests by pipe: 0: 3, 1: 0, 2: 0, 3: 0, 4: 0\n"]
    give(program, "rl.set_dbg", 0)
    _codes(program, 2, now=_START + 10)
    assert not any("by pipe" in text for _, text in log.written)


@pytest.mark.parametrize(
    "parameter",
    [
        '"timer_interval", 0',
        '"timer_interval", -1',
        '"timer_interval", "x"',
        '"queue", "x"',
        '"queue", "0:REGISTER:x"',
        '"queue", "32:REGISTER"',
        '"queue", "0:"',
        '"queue", 1',
        '"pipe", "x"',
        '"pipe", "0:x:1"',
        '"pipe", "0:red:1"',
        '"pipe", "0:TAILDROP"',
        '"pipe", "0:TAILDROP:x"',
        '"pipe", "0:TAILDROP:-1"',
        '"pipe", "32:TAILDROP:1"',
        '"pipe", " 0 : RED : 20 "',
        '"pipe", "0:FEEDBACK:101"',
        '"pipe", "0:RED:99999999999"',
        '"none", 1',
    ],
)
def test_parameters_that_are_wrong(parameter: str) -> None:
    parameters = f'modparam("ratelimit", {parameter})'
    assert mistakes("request_route { exit; }", parameters, modules=("ratelimit",)) != []


@pytest.mark.parametrize("call", ['rl_check("x")', "rl_check_pipe()", "rl_check(1, 2)"])
def test_arguments_that_are_wrong(call: str) -> None:
    assert mistakes(f"request_route {{ {call}; }}", modules=("ratelimit",)) != []


@pytest.mark.parametrize(
    "parameters",
    [
        "".join(f'modparam("ratelimit", "pipe", "{x}:FEEDBACK:{x}")\n' for x in (1, 2)),
        'modparam("ratelimit", "queue", "0:INVITE")\n' * 33,
    ],
)
def test_what_the_start_refuses(parameters: str) -> None:
    with pytest.raises(ModuleError, match="ratelimit"):
        _program(head=f'loadmodule "ratelimit.so"\n{parameters}')
