"""cfg_rpc: what a script reads as cfg_get.group.name is read and set by commands."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.core.program import Program
from tests.fakes import LogInMemory
from tests.modules.commanding import give
from tests.modules.running import context, load

_SCRIPT = """
loadmodule "cfg_rpc.so"
mine.v = 5 desc "a number"
mine.s = "text" desc "a text"
mine[3].v = 33
request_route {
    xlog("$sel(cfg_get.mine.v) $sel(cfg_get.mine.s)");
    $var(s) = @cfg_get.mine.s;
    xlog("$var(s)");
}
"""


@pytest.fixture
def program() -> Program:
    return load(_SCRIPT)[0]


def _seen(program: Program) -> list[str]:
    """What the script sees of it in its next message."""
    log = program.log
    assert isinstance(log, LogInMemory)
    log.written.clear()
    assert program.request_route is not None
    program.request_route(context(program))
    return [text.removeprefix("<script>: ").rstrip("\n") for _, text in log.written]


def test_what_is_set_the_next_message_sees(program: Program) -> None:
    assert _seen(program) == ["5 text", "text"]
    assert give(program, "cfg.set", "mine", "s", "other") is None
    assert give(program, "cfg.seti", "mine", "v", 7) is None
    assert _seen(program) == ["7 other", "other"]
    assert give(program, "cfg.get", "mine") == {"v": 7, "s": "other"}
    assert give(program, "cfg.reset", "mine", "s") is None
    assert give(program, "cfg.get", "mine", "s") == "text"


def test_a_program_of_the_same_script_begins_anew(program: Program) -> None:
    give(program, "cfg.set", "mine", "v", "7")
    give(program, "cfg.set", "mine[3]", "v", "34")
    again = load(_SCRIPT)[0]
    assert give(again, "cfg.get", "mine", "v") == 5
    assert give(again, "cfg.get", "mine[3]", "v") == 33


def test_changes_that_wait(program: Program) -> None:
    assert give(program, "cfg.set_delayed", "mine", "v", "8") is None
    assert give(program, "cfg.set_delayed_int", "mine[3]", "v", 9) is None
    assert give(program, "cfg.diff") == [
        {"group name": "mine", "variable name": "v", "old value": 5, "new value": 8},
        {
            "group name": "mine",
            "group id": 3,
            "variable name": "v",
            "old value": 33,
            "new value": 9,
        },
    ]
    assert give(program, "cfg.get", "mine", "v") == 5
    assert give(program, "cfg.commit") is None
    assert give(program, "cfg.diff") is None
    assert give(program, "cfg.get", "mine", "v") == 8
    give(program, "cfg.set_delayed_string", "mine", "s", "x")
    assert give(program, "cfg.rollback") is None
    assert give(program, "cfg.commit") is None
    assert give(program, "cfg.get", "mine", "s") == "text"


def test_values_for_a_number(program: Program) -> None:
    assert give(program, "cfg.add_group_inst", "mine[4]") is None
    assert give(program, "cfg.get", "mine[4]") == {"v": 5, "s": "text"}
    assert give(program, "cfg.set", "mine[4]", "v", "44") is None
    assert give(program, "cfg.get", "mine[4]", "v") == 44
    assert give(program, "cfg.del", "mine[4]", "v") is None
    assert give(program, "cfg.get", "mine[4]", "v") == 5
    assert give(program, "cfg.del_delayed", "mine[3]", "v") is None
    assert give(program, "cfg.get", "mine[3]", "v") == 33
    assert give(program, "cfg.commit") is None
    assert give(program, "cfg.get", "mine[3]", "v") == 5
    assert give(program, "cfg.reset", "mine[3]", "v") is None
    assert give(program, "cfg.del_group_inst", "mine[4]") is None
    assert give(program, "cfg.get", "mine[4]", "v") == (400, "Failed to get the variable")


def test_the_core(program: Program) -> None:
    level = program.log.level
    assert give(program, "cfg.get", "core", "debug") == level
    assert give(program, "cfg.set", "core", "debug", "1") is None
    assert program.log.level == 1
    assert give(program, "cfg.set_delayed_int", "core", "debug", 2) is None
    assert give(program, "cfg.commit") is None
    assert program.log.level == 2
    assert give(program, "cfg.reset", "core", "debug") is None
    assert program.log.level == program.log.started_level
    assert give(program, "cfg.get", "core")["max_while_loops"] == 100
    assert "core: udp_mtu" in give(program, "cfg.list")
    assert give(program, "cfg.list", "mine") == ["mine: v", "mine: s"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("cfg.get", "mine", "none"), "Failed to get the variable"),
        (("cfg.get", "none", "v"), "Failed to get the variable"),
        (("cfg.get", "mine[9]", "v"), "Failed to get the variable"),
        (("cfg.get", "mine[x]", "v"), 'Wrong group syntax. Use "group[id]"'),
        (("cfg.help", "mine", "none"), "Failed to get the variable description"),
        (("cfg.set", "mine", "v", "x"), "Failed to set the variable"),
        (("cfg.sets", "mine", "v", "x"), "Failed to set the variable"),
        (("cfg.set", "mine", "none", "1"), "Failed to set the variable"),
        (("cfg.set", "mine[9]", "v", "1"), "Failed to set the variable"),
        (("cfg.set", "core", "udp_mtu", "1"), "Failed to set the variable"),
        (("cfg.set_delayed", "core", "udp_mtu", "1"), "Failed to set the variable"),
        (("cfg.reset", "mine", "none"), "Failed to set the variable"),
        (("cfg.reset", "mine[9]", "v"), "Failed to set the variable"),
        (("cfg.seti", "mine", "v", "x"), 'parameter 3 (value) is a number, not "x"'),
        (("cfg.set", "mine", "v"), "parameter 3 (value) is missing"),
        (("cfg.add_group_inst", "mine"), 'Wrong group syntax. Use "group[id]"'),
        (("cfg.add_group_inst", "none[1]"), "Failed to add the group instance"),
        (("cfg.del_group_inst", "mine[9]"), "Failed to delete the group instance"),
        (("cfg.del", "mine", "v"), 'Wrong group syntax. Use "group[id]"'),
        (("cfg.del", "mine[9]", "v"), "Failed to delete the value from the group instance"),
    ],
)
def test_what_is_wrong(program: Program, given: tuple[Any, ...], reason: str) -> None:
    assert give(program, *given) == (400, reason)


def test_help_and_a_missing_group(program: Program) -> None:
    assert give(program, "cfg.help", "mine", "v") == "(parameter type is integer)"
    assert give(program, "cfg.help", "mine", "s") == "(parameter type is string)"
    assert give(program, "cfg.get") == (500, "Failed to get the parameters")
    assert give(program, "cfg.get", "none") == {}
    assert give(program, "cfg.get", "mine[9]") == {}
