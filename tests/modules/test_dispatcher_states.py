"""dispatcher: states that scripts set, and the events that come of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.core.proxy.calls import only, whats
from tests.modules.commanding import give
from tests.modules.dispatching import (
    EVENTS,
    FAILOVER,
    FOUR,
    ONE,
    Dispatching,
    dispatched,
    parameter,
)

# --- ds_mark_dst() -------------------------------------------------------------------------------

DOWN, UP = "down", "up"


@pytest.mark.parametrize(
    ("threshold", "steps"),
    [
        (
            1,
            [
                ("i", "IX", DOWN), ("a", "AX", UP), ("d", "DX", DOWN), ("ap", "AP", UP),
                ("t", "IX", DOWN), ("tp", "IP", ""), ("t", "IX", ""), ("p", "AP", UP),
                ("ip", "IP", DOWN), ("dp", "DX", ""), ("ta", "AX", UP), ("A", "AX", ""),
                ("IP", "IP", DOWN), ("", "IX", ""),
            ],
        ),
        (
            3,
            [
                ("t", "TX", ""), ("tp", "TP", ""), ("t", "IX", DOWN), ("t", "IX", ""),
                ("a", "AX", UP), ("t", "TX", ""), ("t", "TX", ""), ("d", "DX", DOWN),
                ("a", "AX", UP), ("t", "TX", ""), ("p", "AP", ""), ("tp", "TP", ""),
                ("tp", "TP", ""), ("tp", "IP", DOWN),
            ],
        ),
    ],
)  # fmt: skip
def test_marks(tmp_path: Path, threshold: int, steps: list[tuple[str, str, str]]) -> None:
    """As seen on Kamailio 5.6.3."""
    marks = "".join(
        f'if ($hdr(X) == "{at}") {{ ds_mark_dst("{state}"); }}\n'
        for at, (state, _, _) in enumerate(steps)
    )
    found = dispatched(
        tmp_path,
        ONE.format(flags=0),
        f'$xavp(_dsdst_=>uri) = "sip:192.0.2.2"; $xavp(_dsdst_[0]=>grp) = 1;\n{marks}',
        FAILOVER + parameter("ds_probing_threshold", threshold),
        EVENTS,
    )
    seen = []
    for at in range(len(steps)):
        lines = found.lines(extra=f"X: {at}\r\n")
        seen.append((steps[at][0], found.states, lines[0].split()[0] if lines else ""))
    assert seen == steps


@pytest.mark.parametrize(
    ("state", "after"),
    [
        ("ip", "DX"), ("tp", "DX"), ("i", "DX"), ("t", "DX"), ("", "DX"), ("p", "DX"),
        ("dp", "DX"), ("a", "AX"), ("ap", "AP"), ("ta", "AX"),
    ],
)  # fmt: skip
def test_who_was_disabled_meanwhile_stays_so(tmp_path: Path, state: str, after: str) -> None:
    """An operator's word outlives the calls that were on their way when it was given."""
    calls = Dispatching(
        tmp_path,
        ONE.format(flags=0),
        'request_route { ds_select_dst("1", "8"); t_on_failure("F"); t_relay(); }\n'
        f'failure_route[F] {{ ds_mark_dst("{state}"); xlog("$rc\\n"); }}\n{EVENTS}',
    )
    call = only(calls.invite(), "INVITE")
    give(calls.program, "dispatcher.set_state", "d", 1, "sip:192.0.2.2")
    calls.answer(call, 503)
    assert calls.states == after
    events = [] if after == "DX" else ["up"]
    assert [line.split()[0] for line in calls.lines] == [*events, "1"]


@pytest.mark.parametrize("state", ["q", "ax", "i p"])
def test_no_such_state(tmp_path: Path, state: str) -> None:
    code = f'ds_select_dst("1", "8"); $var(r) = ds_mark_dst("{state}"); xlog("$var(r)\\n");'
    found = dispatched(tmp_path, FOUR, code)
    assert found.lines() == ["-1"]
    assert f'a state is made of a, i, t, d and p, not "{state}"' in found.said()[-1]


@pytest.mark.parametrize(
    ("code", "flags"),
    [("", 2), ('ds_select_dst("1", "8"); $xavp(_dsdst_[0]=>grp) = 9;', 2), ("", 0)],
)
def test_nobody_to_mark(tmp_path: Path, code: str, flags: int) -> None:
    shown = f'{code} $var(r) = ds_mark_dst(); xlog("$var(r)\\n");'
    assert dispatched(tmp_path, FOUR, shown, parameter("flags", flags)).lines() == ["-1"]


def test_marks_that_run_no_event(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("event_callback_mode", 1)
    code = 'ds_select_dst("1", "8"); ds_mark_dst();'
    found = dispatched(tmp_path, ONE.format(flags=0), code, parameters, EVENTS)
    assert (found.lines(), found.states) == ([], "IX")


@pytest.mark.parametrize(
    ("arguments", "code", "states"),
    [
        ('"ip", "1", "sip:192.0.2.2"', 1, "IP"),
        ('"$var(s)", "$var(n)", "sip:$var(h)"', 1, "DX"),
        ('"q", "1", "sip:192.0.2.2"', -1, "AX"),
        ('"i", "1", "sip:192.0.2.9"', -1, "AX"),
        ('"i", "9", "sip:192.0.2.2"', -1, "AX"),
    ],
)
def test_ds_mark_addr(tmp_path: Path, arguments: str, code: int, states: str) -> None:
    before = '$var(s) = "d"; $var(n) = 1; $var(h) = "192.0.2.2";'
    shown = f'{before} $var(r) = ds_mark_addr({arguments}); xlog("$var(r)\\n");'
    found = dispatched(tmp_path, ONE.format(flags=0), shown, parameter("flags", 0))
    assert (found.lines(), found.states) == ([str(code)], states)


def test_an_event_runs_on_the_message_that_caused_it(tmp_path: Path) -> None:
    code = 'ds_select_dst("1", "8"); ds_mark_dst(); xlog("$dsv(code)\\n");'
    found = dispatched(tmp_path, ONE.format(flags=0), code, more=EVENTS)
    assert found.lines() == [
        "down OPTIONS sip:bob@callee.example sip:192.0.2.2 820 <null> 0",
        "<null>",
    ]


def test_failover_in_failure_route(tmp_path: Path) -> None:
    """What was chosen goes with the call; who fails is marked."""
    calls = Dispatching(
        tmp_path,
        "1 sip:192.0.2.2 0 9 duid=a\n1 sip:192.0.2.3 0 8 duid=b\n1 sip:192.0.2.4 0 7 duid=c\n",
        'request_route { ds_select_dst("1", "10"); t_on_failure("F"); t_relay(); }\n'
        'failure_route[F] { ds_mark_dst("ip"); if (ds_next_dst()) {'
        ' xlog("next $du\\n"); t_on_failure("F"); t_relay(); exit; }'
        " ds_load_unset(); }\n",
        FAILOVER + parameter("ds_hash_size", 4),
    )
    first = only(calls.invite(), "INVITE")
    assert first.to == "192.0.2.2"
    second = only(calls.answer(first, 503), "INVITE")
    assert second.to == "192.0.2.3"
    third = only(calls.answer(second, 503), "INVITE")
    assert third.to == "192.0.2.4"
    loads = [calls.board.calls.load(each) for each in calls.board.sets.destinations()]
    assert loads == [0, 0, 1]
    assert "500" in whats(calls.answer(third, 503))
    assert len(calls.board.calls) == 0
    assert calls.lines == ["next sip:192.0.2.3", "next sip:192.0.2.4"]
    assert calls.states == "IP IP IP"


def test_events_say_whose_they_are(tmp_path: Path) -> None:
    event = 'event_route[dispatcher:dst-down] { xlog("$dsv(uri) $dsv(setid) $dsv(group)\\n"); }'
    code = 'ds_select_dst("1", "8"); ds_mark_dst(); xlog("$dsv(uri)\\n");'
    found = dispatched(tmp_path, ONE.format(flags=0), code, more=event)
    assert found.lines() == ["sip:192.0.2.2 1 1", "<null>"]
