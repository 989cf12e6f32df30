"""statistics, and `$stat` of pv; what 5.6.3 does too: `tests/compat/cases/statistics.cfg`."""

from __future__ import annotations

import pytest

from sipway.errors import ModuleError
from tests.modules.running import context, load, mistakes, run

COUNTERS = (
    'modparam("statistics", "variable", "calls")\n'
    'modparam("statistics", "variable", "kept/no_reset")\n'
)


def told(code: str) -> list[str]:
    return run(code, parameters=COUNTERS).lines


def test_counters_begin_at_0_and_are_added_to() -> None:
    code = 'xlog("$stat(calls)"); update_stat("calls", "+2"); update_stat("calls", -1);'
    assert told(f'{code} xlog("$rc $stat(calls)");') == ["0", "1 1"]


def test_a_value_has_no_sign() -> None:
    assert told('update_stat("calls", "-2"); xlog("$stat(calls)");') == ["4294967294"]


def test_counters_set_to_0_but_for_one_that_keeps_its_value() -> None:
    code = 'update_stat("calls", 3); update_stat("kept", 3); reset_stat("calls");'
    assert told(f'{code} reset_stat("kept"); xlog("$rc $stat(calls) $stat(kept)");') == ["1 0 3"]


def test_names_and_numbers_from_variables() -> None:
    code = '$var(n) = "calls"; $var(v) = "+4"; update_stat("$var(n)", "$var(v)");'
    assert told(f'{code} xlog("$rc $stat(calls) $stat($var(n))");') == ["1 4 4"]


@pytest.mark.parametrize("value", ['"x"', '""', '"1.5"', '"99999999999"', "$null"])
def test_numbers_that_are_none(value: str) -> None:
    code = f'$var(v) = "x"; $avp(v) = {value}; update_stat("calls", "$avp(v)"); xlog("$rc");'
    assert told(code)[-1] == "-1"
    assert told(f'{code} xlog("$stat(calls)");')[-1] == "0"


def test_names_that_are_not_known_when_the_script_runs() -> None:
    lines = told('$var(n) = "nope"; update_stat("$var(n)", 1); reset_stat("$var(n)"); xlog("$rc");')
    assert lines == [
        "<core>: update_stat(): there is no statistic nope",
        "<core>: reset_stat(): there is no statistic nope",
        "-1",
    ]


def test_a_statistic_that_is_not_there_is_null_and_told_once() -> None:
    lines = told('xlog("$stat(nope)"); xlog("$stat(nope)");')
    assert lines == ["<core>: $stat: there is no statistic nope", "<null>", "<null>"]


def test_counters_outlive_the_message() -> None:
    program, log, _ = load(
        'request_route { update_stat("calls", 1); xlog("$stat(calls)"); }', parameters=COUNTERS
    )
    assert program.request_route is not None
    for _ in range(3):
        program.request_route(context(program))
    assert [text.removeprefix("<script>: ") for _, text in log.written] == ["1", "2", "3"]


def test_a_counter_that_is_there_twice_stops_the_start() -> None:
    with pytest.raises(ModuleError, match="the variable calls is there twice"):
        load("", parameters=COUNTERS + 'modparam("statistics", "variable", "calls")')


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('update_stat("nope", "1")', 'there is no modparam("statistics", "variable", "nope")'),
        ('reset_stat("nope")', 'there is no modparam("statistics", "variable", "nope")'),
        ('update_stat("calls", "x")', '"x" is not a number'),
        ('update_stat("calls", "0x10")', '"0x10" is not a number'),
        ('update_stat("calls", "0")', "0 changes nothing"),
        ('update_stat("calls", "")', '"" is not a number'),
        ('update_stat("calls")', "takes 2 arguments"),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}", COUNTERS)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("value", "message"), [("b/x", 'there is no flag "x"'), ("", "the name is missing")]
)
def test_wrong_parameters_are_found_too(value: str, message: str) -> None:
    found = mistakes("request_route { exit; }", f'modparam("statistics", "variable", "{value}")')
    assert len(found) == 1
    assert message in found[0]
