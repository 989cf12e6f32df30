"""How long the script took, told in the log."""

from __future__ import annotations

import asyncio
import re

import pytest

from sipway.core.timing import timed
from tests.modules.running import context, load, mistakes, run

LIMIT = "latency_limit_action=1000\n"
_SLOW = re.compile(
    r"<core>: alert - action \[(\w+)\] cfg \[test\.cfg:(\d+)\] took too long \[\d+ us\]"
)


def slow(code: str, parameters: str = LIMIT, more: str = "") -> list[tuple[str, int]]:
    """Levels and names of the statements that were too slow."""
    ran = run(code, parameters=parameters, more=more)
    found = [(_SLOW.fullmatch(text.strip()), level) for level, text in ran.log]
    return [(match[1], level) for match, level in found if match]


def test_slow_statements_are_logged() -> None:
    assert slow('xlog("fast"); usleep("3000"); $var(x) = 1;') == [("usleep", -1)]
    assert slow('$var(x) = usleep("3000") + 1;') == [("assign", -1)]
    assert slow('if (usleep("3000")) { xlog("x"); }') == [("if", -1)]


def test_a_statement_is_logged_together_with_those_around_it() -> None:
    code = 'while ($var(i) < 1) { $var(i) = $var(i) + 1; usleep("3000"); } route(X);'
    found = slow(code, more='route[X] { usleep("3000"); }')
    assert found == [("usleep", -1), ("while", -1), ("usleep", -1), ("route", -1)]


def test_the_level_of_what_was_slow() -> None:
    assert slow('usleep("3000");', f"{LIMIT}latency_log=2\n") == [("usleep", 2)]


def test_without_a_limit_nothing_is_timed() -> None:
    assert slow('usleep("3000");', "") == []
    assert slow('usleep("3000");', "latency_limit_action=0\n") == []


def test_a_script_does_the_same_when_it_is_timed() -> None:
    code = 'switch ($rm) { case "OPTIONS": return 5; default: exit; }'
    for parameters in ("", LIMIT):
        ran = run('route(X); xlog("$rc");', parameters=parameters, more=f"route[X] {{ {code} }}")
        assert ran.lines == ["5"]


def test_a_limit_is_a_number_from_0() -> None:
    (found,) = mistakes("request_route { exit; }", "latency_limit_action=-5")
    assert "-5" in found


@pytest.mark.parametrize("code", ["exit;", 'usleep("2000"); exit;'])
def test_how_long_a_block_took(code: str) -> None:
    program, log, _ = load(f"request_route {{ {code} }}")
    block = program.request_route
    assert block is not None
    waits = block in program.waiting
    for level in (1, 9):
        result = timed(block, waits, "request-route", log, level)(context(program))
        if waits:
            result = asyncio.run(result)
        assert result == 0
    ((level, text),) = log.written
    found = re.fullmatch(r"<core>: request-route executed in: (\d+) usec", text.strip())
    assert found
    assert level == 1
    assert not waits or int(found[1]) >= 2000
