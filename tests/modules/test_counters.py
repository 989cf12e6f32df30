"""counters; what 5.6.3 does too is held by `tests/compat/cases/statistics.cfg`."""

from __future__ import annotations

import pytest

from sipway.core.statistics import statistics
from tests.modules.running import load, mistakes, run

COUNTERS = (
    'modparam("counters", "script_counter", "plain")\n'
    'modparam("counters", "script_counter", "out.sent  requests sent")\n'
    'modparam("counters", "script_counter", "a.b:another example")\n'
)


def test_counters() -> None:
    ran = run(
        'cnt_inc("plain"); cnt_add("out.sent", 10); cnt_add("out.sent", "$var(n)"); cnt_inc("a.b");'
        'cnt_reset("a.b"); xlog("$rc $stat(plain) $stat(sent) $stat(b)");',
        parameters=COUNTERS,
    )
    assert ran.lines == ["1 1 10 0"]


def test_groups_and_descriptions() -> None:
    program, _, _ = load("", parameters=COUNTERS)
    found = {
        key: each.description
        for key in (("script", "plain"), ("out", "sent"), ("a", "b"))
        if (each := statistics(program).get(*key))
    }
    assert found == {
        ("script", "plain"): "custom script counter",
        ("out", "sent"): "requests sent",
        ("a", "b"): "another example",
    }


def test_another_default_group() -> None:
    parameters = COUNTERS + 'modparam("counters", "script_cnt_grp_name", "mine")'
    ran = run(
        'cnt_inc("plain"); cnt_inc("mine.plain"); xlog("$stat(plain)");', parameters=parameters
    )
    assert ran.lines == ["2"]
    assert statistics(ran.ctx.program).get("script", "plain") is None


def test_one_name_in_two_groups() -> None:
    parameters = (
        'modparam("counters", "script_counter", "one.x")\n'
        'modparam("counters", "script_counter", "two.x")\n'
    )
    ran = run('cnt_inc("one.x"); cnt_add("two.x", 5); xlog("$stat(x)");', parameters=parameters)
    assert ran.lines == ["5"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('cnt_inc("nope")', 'there is no modparam("counters", "script_counter", "nope")'),
        ('cnt_reset("x.plain")', 'there is no modparam("counters", "script_counter", "x.plain")'),
        ('cnt_inc("$var(x)")', 'there is no modparam("counters", "script_counter", "$var(x)")'),
        ("cnt_inc($var(x))", "known when the script is read"),
        ('cnt_add("plain", "x")', '"x" is not a number'),
        ('cnt_add("plain")', "takes 2 arguments"),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}", COUNTERS)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize("value", ["", ".x", ":x", "a."])
def test_wrong_parameters_are_found_too(value: str) -> None:
    parameter = f'modparam("counters", "script_counter", "{value}")'
    found = mistakes("request_route { exit; }", parameter)
    assert len(found) == 1
    assert "[group.]name[:description] is wanted" in found[0]
