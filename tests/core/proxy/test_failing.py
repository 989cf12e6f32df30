"""failure_route, branch failures, timeouts; which of the responses goes back."""

from __future__ import annotations

import pytest

from tests.core.proxy.calls import TO_BOB, TO_CAROL, Calls, only, whats

SERIAL = (
    f'request_route {{ t_on_failure("F"); {TO_BOB} t_relay(); }}'
    f" failure_route[F] {{ %s $ru = {TO_CAROL}; t_relay(); }}"
)


def _serial(mode: int | None, inside: str, first: int, second: int) -> str:
    parameter = "" if mode is None else f'modparam("tm", "failure_reply_mode", {mode})\n'
    calls = Calls(parameter + SERIAL % inside)
    (bob,) = calls.invite("MESSAGE")
    (carol,) = calls.answer(bob, first)
    (back,) = calls.answer(carol, second)
    return back.what


@pytest.mark.parametrize(
    ("mode", "inside", "expected"),
    [
        (None, "", "486"),
        (0, "", "302"),
        (0, "t_drop_replies();", "486"),
        (0, 't_drop_replies("l");', "486"),
        (0, 't_drop_replies("n");', "302"),
        (1, "", "486"),
        (2, "", "486"),
        (3, 't_drop_replies("n");', "302"),
    ],
)
def test_which_responses_count_in_serial_forking(
    mode: int | None, inside: str, expected: str
) -> None:
    assert _serial(mode, inside, 302, 486) == expected


def test_dropped_replies_leave_nothing_to_answer_with() -> None:
    calls = Calls(
        f'request_route {{ t_on_failure("F"); {TO_BOB} t_relay(); }}'
        " failure_route[F] { t_drop_replies(); }"
    )
    (back,) = calls.answer(calls.invite("MESSAGE")[0], 404)
    assert back.what == "500"


def test_the_flags_of_the_branch_that_won_are_those_of_failure_route() -> None:
    calls = Calls(
        f'request_route {{ t_on_failure("F"); t_on_branch("B"); {TO_BOB}'
        f" append_branch({TO_CAROL}); t_relay(); }}"
        " branch_route[B] { if ($T_branch_idx == 1) setbflag(5); }"
        ' failure_route[F] { xlog("$T_branch(flags)\\n"); }'
    )
    bob, carol = calls.invite("MESSAGE")
    calls.answer(bob, 500)
    calls.answer(carol, 404)
    assert calls.lines == ["32"]


@pytest.mark.parametrize(
    ("what", "expected"),
    [("", "410"), ('t_reply("480", "Mine");', "480"), ('send_reply("481", "Mine");', "481")],
)
def test_failure_route_answers_or_lets_the_response_go_back(what: str, expected: str) -> None:
    calls = Calls(
        f'request_route {{ t_on_failure("F"); {TO_BOB} t_relay(); }}'
        f" failure_route[F] {{ {what or ';'} }}"
    )
    assert whats(calls.answer(calls.invite("MESSAGE")[0], 410)) == [expected]


def test_relaying_again_without_a_change_does_nothing() -> None:
    calls = Calls(
        f'request_route {{ t_on_failure("F"); {TO_BOB} t_relay(); }}'
        ' failure_route[F] { $var(r) = t_relay(); xlog("$var(r)\\n"); }'
    )
    assert whats(calls.answer(calls.invite("MESSAGE")[0], 410)) == ["410"]
    assert calls.lines == ["-1"]


def test_a_branch_failure_runs_for_each_branch_before_failure_route() -> None:
    calls = Calls(
        f'request_route {{ t_on_branch_failure("BF"); t_on_failure("F"); {TO_BOB}'
        f" append_branch({TO_CAROL}); t_relay(); }}"
        ' event_route[tm:branch-failure:BF] { xlog("branch $T_branch_idx $T_reply_code\\n"); }'
        ' failure_route[F] { xlog("all $T_reply_code\\n"); }'
    )
    bob, carol = calls.invite("MESSAGE")
    calls.answer(bob, 486)
    assert calls.lines == ["branch 0 486"]
    calls.answer(carol, 404)
    assert calls.lines == ["branch 1 404", "all 404"]


def test_a_branch_can_be_used_once_more_where_it_failed() -> None:
    calls = Calls(
        f'request_route {{ t_on_branch_failure("BF"); setbflag(3); {TO_BOB} t_relay(); }}'
        " event_route[tm:branch-failure:BF] {"
        ' if ($avp(x) == $null) { $avp(x) = 1; t_reuse_branch(); $du = "sip:192.0.2.3";'
        ' if (isbflagset(3)) xlog("flag\\n"); t_relay(); } }'
    )
    (again,) = calls.answer(calls.invite("MESSAGE")[0], 430)
    assert (again.to, again.text.split(" ")[1]) == ("192.0.2.3", "sip:bob@192.0.2.2")
    assert calls.lines == ["flag"]
    assert whats(calls.answer(again, 200)) == ["200"]


def test_nobody_answers() -> None:
    calls = Calls(
        f'modparam("tm", "fr_timer", 5000)\nrequest_route {{ t_on_failure("F"); {TO_BOB}'
        " t_relay(); } failure_route[F] {"
        " $var(a) = t_branch_timeout(); $var(b) = t_branch_replied(); $var(c) = t_any_timeout();"
        ' xlog("$T_reply_code $var(a) $var(b) $var(c) $T(reply_type)\\n"); }'
    )
    calls.invite("MESSAGE")
    assert whats(calls.wait(4.5)).count("408") == 0
    assert whats(calls.wait(1.0))[-1] == "408"
    assert calls.lines == ["408 1 -1 1 1"]


def test_code_and_reason_of_a_timeout_are_parameters() -> None:
    calls = Calls(
        'modparam("tm", "reply_408_code", 410)\nmodparam("tm", "reply_408_reason", "Gone")\n'
        f"request_route {{ {TO_BOB} t_relay(); }}"
    )
    calls.invite("MESSAGE")
    assert calls.wait(31.0)[-1].text.startswith("SIP/2.0 410 Gone\r\n")


def test_an_invite_that_nobody_answers_can_go_unanswered() -> None:
    calls = Calls(f'modparam("tm", "noisy_ctimer", 0)\nrequest_route {{ {TO_BOB} t_relay(); }}')
    calls.invite()
    assert set(whats(calls.wait(200.0))) == {"INVITE"}
    assert len(calls.program.layer) == 0


def test_a_timeout_can_be_made_worse_than_a_response() -> None:
    results = []
    for priority in (0, 2000):
        calls = Calls(
            f'modparam("tm", "faked_reply_prio", {priority})\n'
            f"request_route {{ {TO_BOB} append_branch({TO_CAROL}); t_relay(); }}"
        )
        calls.answer(calls.invite("MESSAGE")[0], 486)
        results.append(calls.wait(31.0)[-1].what)
    assert results == ["408", "486"]


def test_challenges_are_joined_unless_they_are_not_to_be() -> None:
    results = []
    for joined in (1, 0):
        calls = Calls(
            f'modparam("tm", "aggregate_challenges", {joined})\n'
            f"request_route {{ {TO_BOB} append_branch({TO_CAROL}); t_relay(); }}"
        )
        bob, carol = calls.invite("MESSAGE")
        calls.answer(bob, 407, extra='Proxy-Authenticate: Digest realm="b"\r\n')
        (back,) = calls.answer(carol, 401, extra='WWW-Authenticate: Digest realm="c"\r\n')
        assert back.what == "401"
        results.append(back.text.count("-Authenticate:"))
    assert results == [2, 1]


def test_a_503_becomes_a_500_unless_it_is_not_to() -> None:
    results = []
    for remap in (1, 0):
        calls = Calls(
            f'modparam("tm", "remap_503_500", {remap})\nrequest_route {{ {TO_BOB} t_relay(); }}'
        )
        results += whats(calls.answer(calls.invite("MESSAGE")[0], 503))
    assert results == ["500", "503"]


def test_a_6xx_ends_the_other_branches_unless_it_is_not_to() -> None:
    results = []
    for call in ("", 't_set_disable_6xx("1");'):
        calls = Calls(f"request_route {{ {TO_BOB} append_branch({TO_CAROL}); {call} t_relay(); }}")
        bob, carol = [each for each in calls.invite() if each.what == "INVITE"]
        calls.answer(carol, 180)
        results.append(whats(calls.answer(bob, 603)))
    assert results == [["ACK", "CANCEL"], ["ACK"]]


def test_a_drop_in_onreply_route_holds_for_provisional_responses_only() -> None:
    calls = Calls(
        f'request_route {{ t_on_reply("R"); {TO_BOB} t_relay(); }} onreply_route[R] {{ drop; }}'
    )
    invite = only(calls.invite(), "INVITE")
    assert calls.answer(invite, 180) == []
    assert whats(calls.answer(invite, 200)) == ["200"]
