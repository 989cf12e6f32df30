"""tmx: variables of transactions, suspended requests, branches cancelled by hand."""

from __future__ import annotations

import pytest

from tests.core.proxy.calls import TO_BOB, TO_CAROL, Calls, only, whats
from tests.modules.test_tm import call


def _show(*names: str) -> str:
    return f'xlog("{" ".join(f"${name}" for name in names)}\\n");'


def test_variables_of_a_reply() -> None:
    calls = Calls(
        f'request_route {{ setflag(3); $avp(a) = "x"; t_on_reply("R"); {TO_BOB}'
        f" append_branch({TO_CAROL}); t_relay(); }} onreply_route[R] {{"
        + _show("T_branch_idx", "T_reply_code", "T_reply_reason", "T_reply_last", "T_branch(uri)")
        + _show("T_req($ru)", "T_req($rm)", "T_req($mf)", "T_req($avp(a))", "T_req($hdr(X-A))")
        + _show("T_rpl($rs)", "T_inv($ru)")
        + "}"
    )
    sent = calls.invite("MESSAGE", extra="X-A: alice\r\n")
    calls.answer(sent[1], 404, "Not Found")
    assert calls.lines == [
        "1 404 Not Found 404 sip:carol@192.0.2.3",
        "sip:bob@callee.example MESSAGE 8 x alice",
        "<null> <null>",
    ]


def test_variables_of_a_failure() -> None:
    calls = Calls(
        f'request_route {{ $avp(a) = "x"; t_on_failure("F"); {TO_BOB} t_relay(); }}'
        " failure_route[F] {"
        + _show("T_branch_idx", "T_reply_code", "T_reply_reason", "T(reply_type)", "T_reply_ruid")
        + _show("T_rpl($rs)", "T_rpl($rr)", "T_rpl($hdr(X-B))", "T_rpl($avp(a))", "T_rpl($si)")
        + _show("T_req($ru)", "T_branch(uri)", "T_branch(flags)")
        + "}"
    )
    calls.answer(calls.invite("MESSAGE")[0], 486, "Busy", extra="X-B: bob\r\n")
    assert calls.lines == [
        "1 486 Busy 0 ",
        "486 Busy bob x 192.0.2.2",
        "<null> <null> 0",
    ]


def test_there_is_no_winning_reply_after_a_timeout() -> None:
    calls = Calls(
        f'request_route {{ t_on_failure("F"); {TO_BOB} t_relay(); }}'
        f" failure_route[F] {{ {_show('T_reply_code', 'T_reply_reason', 'T_rpl($rs)')} }}"
    )
    calls.invite("MESSAGE")
    calls.wait(31)
    assert calls.lines == ["408 Request Timeout <null>"]


def test_variables_of_the_invite_of_a_cancel() -> None:
    calls = Calls(
        f'request_route {{ if ($rm == "CANCEL") {{ {_show("T_inv($mf)", "T_inv($rm)")} exit; }}'
        f" setflag(2); {_show('T_inv($mf)')} {TO_BOB} t_relay(); }}"
    )
    calls.invite()
    calls.invite("CANCEL")
    calls.invite("CANCEL", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-other")
    assert calls.lines == ["<null>", "4 INVITE", "<null> <null>"]


def test_outside_of_transactions() -> None:
    calls = Calls(
        "request_route {"
        + _show("T_branch_idx", "T_reply_code", "T_reply_reason", "T_reply_last")
        + _show("T(id_index)", "T(reply_type)", "T(ruid)", "T_branch(flags)", "T_req($ru)")
        + "}"
    )
    calls.invite("MESSAGE")
    assert calls.lines == ["0 0  ", "<null> <null> <null> <null> <null>"]


def test_numbers_of_a_transaction_make_one_if_they_are_to() -> None:
    calls = Calls(
        'request_route { if ($T(id_index_n) != $null && $T(id_label) != $null) xlog("made\\n");'
        f" {call('t_lookup_request()')} t_reply(480, 'x'); }}"
    )
    assert whats(calls.invite("MESSAGE")) == ["480"]
    assert calls.lines == ["made", "1"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("request", "1 -1 -1 -1"), ("branch", "-1 1 -1 -1"), ("reply", "-1 -1 1 -1"),
        ("failure", "-1 -1 -1 1"),
    ],
)  # fmt: skip
def test_in_which_kind_of_block(where: str, expected: str) -> None:
    kinds = ("request", "branch", "reply", "failure")
    ask = "".join(f"$var({each}) = t_is_{each}_route();" for each in kinds)
    shown = " ".join(f"$var({each})" for each in kinds)
    calls = Calls(
        f'request_route {{ t_on_branch("B"); t_on_reply("R"); t_on_failure("F"); route(ASK);'
        f" {TO_BOB} t_relay(); }} branch_route[B] {{ route(ASK); }}"
        " onreply_route[R] { route(ASK); } failure_route[F] { route(ASK); }"
        f' route[ASK] {{ {ask} xlog("{shown}\\n"); }}'
    )
    calls.answer(calls.invite("MESSAGE")[0], 486)
    assert calls.lines[kinds.index(where)] == expected


# --- suspended -----------------------------------------------------------------------------------

SUSPENDING = (
    'modparam("pv", "shvset", "i=i:0")\nmodparam("pv", "shvset", "l=i:0")\n'
    'request_route { if ($rm == "OPTIONS") {'
    ' $var(r) = t_continue("$shv(i)", "$shv(l)", "NEXT"); xlog("$var(r)\\n"); exit; }'
    f' {TO_BOB} $avp(a) = 1; t_on_failure("F"); t_suspend();'
    " $shv(i) = $T(id_index); $shv(l) = $T(id_label); }"
    ' failure_route[F] { xlog("failure $T_reply_code\\n"); }\n'
    "route[NEXT] { %s }"
)


def test_a_suspended_request_goes_on() -> None:
    calls = Calls(SUSPENDING % 'xlog("next $avp(a) $ru\\n"); t_relay();')
    assert whats(calls.invite()) == ["100"]
    sent = calls.invite("OPTIONS", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2")
    assert [(each.what, each.to) for each in sent] == [("INVITE", "192.0.2.2")]
    assert calls.lines == ["next 1 sip:bob@192.0.2.2", "1"]
    assert whats(calls.answer(sent[0], 200)) == ["200"]


def test_a_suspended_request_is_answered() -> None:
    calls = Calls(SUSPENDING % 't_reply("480", "Later");')
    calls.invite("MESSAGE")
    sent = calls.invite("OPTIONS", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2")
    assert whats(sent) == ["480"]


def test_a_suspended_request_that_nothing_is_done_about() -> None:
    calls = Calls(SUSPENDING % ";")
    calls.invite("MESSAGE")
    sent = calls.invite("OPTIONS", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2")
    assert sent[0].text.startswith("SIP/2.0 500 I'm terribly sorry, server error occurred (1/TM)")


def test_a_suspended_request_runs_out_of_time() -> None:
    calls = Calls(SUSPENDING % ";")
    calls.invite("MESSAGE")
    assert whats(calls.wait(31)) == ["408"]
    assert calls.lines == ["failure 408"]
    calls.invite("OPTIONS", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2")
    assert calls.lines == ["-1"]
    calls.wait(60)
    assert len(calls.program.layer) == 0


def test_a_suspended_request_is_cancelled() -> None:
    calls = Calls(
        SUSPENDING.replace('if ($rm == "OPTIONS")', 'if ($rm == "CANCEL") { t_relay(); exit; }\n'
        'if ($rm == "OPTIONS")') % ";"
    )  # fmt: skip
    calls.invite()
    assert whats(calls.invite("CANCEL")) == ["487", "200"]


def test_a_suspended_reply_goes_on() -> None:
    calls = Calls(
        'modparam("pv", "shvset", "i=i:0")\nmodparam("pv", "shvset", "l=i:0")\n'
        'request_route { if ($rm == "OPTIONS") {'
        ' t_continue("$shv(i)", "$shv(l)", "NEXT"); exit; }'
        f' {TO_BOB} t_on_reply("R"); t_relay(); }}'
        " onreply_route[R] { if (t_is_retr_async_reply()) { drop; }"
        ' append_hf("X-One: 1\\r\\n"); t_suspend();'
        " $shv(i) = $T(id_index); $shv(l) = $T(id_label); }"
        ' route[NEXT] { xlog("next $rs\\n"); append_hf("X-Two: 1\\r\\n"); }'
    )
    (sent,) = calls.invite("MESSAGE")
    assert calls.answer(sent, 200) == []
    (back,) = calls.invite("OPTIONS", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2")
    assert (back.what, back.header("X-One"), back.header("X-Two")) == ("200", "1", "1")
    assert calls.lines == ["next 200"]


# --- by hand -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("which", "expected"),
    [("this", ["192.0.2.2"]), ("others", ["192.0.2.3"]), ("all", ["192.0.2.2", "192.0.2.3"])],
)
def test_branches_are_cancelled(which: str, expected: list[str]) -> None:
    calls = Calls(
        f'request_route {{ t_on_reply("R"); {TO_BOB} append_branch({TO_CAROL}); t_relay(); }}'
        f' onreply_route[R] {{ if ($rs == 183) t_cancel_branches("{which}"); }}'
    )
    bob, carol = [each for each in calls.invite() if each.what == "INVITE"]
    calls.answer(carol, 180)
    sent = calls.answer(bob, 183)
    assert [each.to for each in sent if each.what == "CANCEL"] == expected


def test_a_call_is_cancelled_by_its_call_id() -> None:
    calls = Calls(
        f'request_route {{ if ($rm == "OPTIONS") {{ {call("t_cancel_callid($hdr(X), 1, 5, 603)")}'
        f' exit; }} t_on_failure("F"); {TO_BOB} t_relay(); }}'
        ' failure_route[F] { xlog("$mf\\n"); }'
    )
    invite = only(calls.invite(), "INVITE")
    calls.answer(invite, 180)
    other = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2"
    (cancel,) = calls.invite("OPTIONS", via=other, call_id="call-2", extra="X: call-1\r\n")
    assert (cancel.what, cancel.header("Reason")) == ("CANCEL", "SIP;cause=603")
    calls.answer(invite, 487)
    assert calls.lines == ["1", "32"]


def test_a_call_is_answered_by_its_call_id() -> None:
    calls = Calls(
        'request_route { if ($rm == "OPTIONS") {'
        f" {call(chr(39).join(['t_reply_callid($hdr(X), 1, 458, ', 'By hand', ')']))} exit; }}"
        f" {TO_BOB} t_relay(); }}"
    )
    calls.invite()
    other = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2"
    (back,) = calls.invite("OPTIONS", via=other, call_id="call-2", extra="X: call-1\r\n")
    assert back.text.startswith("SIP/2.0 458 By hand\r\n")


def test_a_dropped_transaction_is_not_answered() -> None:
    calls = Calls(
        f'request_route {{ t_on_failure("F"); {TO_BOB} t_relay(); }}'
        ' failure_route[F] { t_drop(); xlog("goes on\\n"); }'
    )
    assert calls.answer(calls.invite("MESSAGE")[0], 486) == []
    assert calls.lines == []
    calls.wait(60)
    assert len(calls.program.layer) == 0


def test_flags_are_handed_over() -> None:
    calls = Calls(
        "request_route { t_newtran(); setflag(7); t_flush_flags();"
        ' t_on_reply("R"); $ru = "sip:bob@192.0.2.2"; t_relay(); setflag(8); t_flush_flags(); }'
        ' onreply_route[R] { xlog("$mf\\n"); }'
    )
    calls.answer(calls.invite("MESSAGE")[0], 200)
    assert calls.lines == ["384"]
