"""Requests relayed with a transaction, without a network and with a clock of the test's own."""

from __future__ import annotations

import pytest

from tests.core.proxy.calls import ALICE, TO_BOB, TO_CAROL, Calls, only, whats
from tests.fakes import request

FORK = f"request_route {{ {TO_BOB} append_branch({TO_CAROL}); %s t_relay(); }} %s"


def fork(before: str = "", blocks: str = "") -> Calls:
    return Calls(FORK % (before, blocks))


def test_a_request_goes_out_with_one_more_via() -> None:
    sent = Calls(f"request_route {{ {TO_BOB} t_relay(); }}").invite("MESSAGE")
    assert whats(sent) == ["MESSAGE"]
    assert sent[0].to == "192.0.2.2"
    assert sent[0].text.count("\r\nVia: ") == 2


def test_an_invite_is_answered_100_first() -> None:
    assert whats(Calls(f"request_route {{ {TO_BOB} t_relay(); }}").invite()) == ["100", "INVITE"]


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ('t_set_auto_inv_100("0");', ["INVITE"]),
        ('t_newtran(); t_set_auto_inv_100("0");', ["INVITE"]),
        ("t_newtran();", ["100", "INVITE"]),
        ('t_newtran(); t_reply("180", "Ringing");', ["180", "INVITE"]),
    ],
)
def test_the_100_is_sent_once_and_only_if_it_is_wanted(before: str, expected: list[str]) -> None:
    calls = Calls(f"request_route {{ {TO_BOB} {before} t_relay(); }}")
    assert whats(calls.invite()) == expected


def test_branches_go_out_one_by_one_and_the_best_response_comes_back() -> None:
    calls = fork()
    sent = calls.invite("MESSAGE")
    assert [each.to for each in sent] == ["192.0.2.2", "192.0.2.3"]
    assert calls.answer(sent[0], 486) == []
    assert whats(calls.answer(sent[1], 404)) == ["404"]


def test_a_success_cancels_the_other_branches() -> None:
    calls = fork()
    sent = calls.invite()
    bob, carol = [each for each in sent if each.what == "INVITE"]
    assert whats(calls.answer(carol, 180)) == ["180"]
    answered = calls.answer(bob, 200)
    assert whats(answered) == ["200", "CANCEL"]
    assert only(answered, "CANCEL").to == "192.0.2.3"
    assert only(answered, "CANCEL").header("Reason") == (
        'SIP;cause=200;text="Call completed elsewhere"'
    )


def test_a_branch_that_says_nothing_is_cancelled_when_it_rings() -> None:
    calls = fork()
    bob, carol = [each for each in calls.invite() if each.what == "INVITE"]
    assert whats(calls.answer(bob, 200)) == ["200"]
    late = calls.answer(carol, 180)
    assert whats(late) == ["CANCEL"]
    assert late[0].header("Reason") == 'SIP;cause=200;text="Call completed elsewhere"'


def test_nothing_is_sent_for_a_wrong_request_uri() -> None:
    calls = Calls('request_route { $ru = "sip:"; $var(r) = t_relay(); xlog("$var(r)\\n"); }')
    assert calls.invite() == []
    assert calls.lines == ["-400"]
    assert len(calls.program.layer) == 0


@pytest.mark.parametrize(
    ("uri", "code", "status"),
    [
        ("sip:bob@192.0.2.2;transport=tcp", -7, "500"),
        ("sip:bob@[2001:db8::1]", -478, "478"),
        ("tel:123", -478, "478"),
    ],
)
def test_what_cannot_be_sent_is_answered_when_the_script_ends(
    uri: str, code: int, status: str
) -> None:
    calls = Calls(f'request_route {{ $ru = "{uri}"; $var(r) = t_relay(); xlog("$var(r)\\n"); }}')
    assert whats(calls.invite("MESSAGE")) == [status]
    assert calls.lines == [str(code)]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ('t_reply("503", "Mine");', ["503"]),
        ('send_reply("503", "Mine");', ["503"]),
        ('sl_send_reply("503", "Mine");', ["503"]),
        ("sl_reply_error();", ["500"]),
        (f"{TO_BOB} t_relay();", ["MESSAGE"]),
    ],
)
def test_the_script_can_do_better(then: str, expected: list[str]) -> None:
    calls = Calls(
        f'request_route {{ $ru = "sip:b@192.0.2.2;transport=tcp"; if (!t_relay()) {{ {then} }} }}'
    )
    assert whats(calls.invite("MESSAGE")) == expected


def test_without_an_internal_reply_nobody_answers() -> None:
    calls = Calls(
        'request_route { t_set_disable_internal_reply("1"); $ru = "sip:b@192.0.2.2;transport=tcp";'
        ' $var(r) = t_relay(); xlog("$var(r)\\n"); }'
    )
    assert calls.invite("MESSAGE") == []
    assert calls.lines == ["-4"]
    assert len(calls.program.layer) == 0


def test_a_branch_that_branch_route_drops_is_not_sent() -> None:
    calls = fork('t_on_branch("B");', 'branch_route[B] { if ($rd == "192.0.2.2") drop; }')
    sent = calls.invite("MESSAGE")
    assert [each.to for each in sent] == ["192.0.2.3"]


def test_what_branch_route_changes_is_of_that_branch_alone() -> None:
    calls = fork(
        't_on_branch("B"); append_hf("X-All: 1\\r\\n"); setbflag(1);',
        'branch_route[B] { append_hf("X-Branch: $T_branch_idx\\r\\n");'
        ' $rU = "b" + $T_branch_idx; }',
    )
    bob, carol = calls.invite("MESSAGE")
    assert bob.text.startswith("MESSAGE sip:b0@192.0.2.2 ")
    assert carol.text.startswith("MESSAGE sip:b1@192.0.2.3 ")
    assert (bob.header("X-Branch"), carol.header("X-Branch")) == ("0", "1")
    assert (bob.header("X-All"), carol.header("X-All")) == ("1", "1")
    assert bob.text.count("X-Branch") == carol.text.count("X-Branch") == 1


def test_a_second_relay_in_the_same_script_does_nothing() -> None:
    calls = Calls(
        f'request_route {{ {TO_BOB} t_relay(); $var(r) = t_relay(); xlog("$var(r)\\n"); }}'
    )
    assert whats(calls.invite("MESSAGE")) == ["MESSAGE"]
    assert calls.lines == ["-1"]


def test_avps_set_after_relaying_are_seen_by_later_blocks() -> None:
    calls = Calls(
        f'request_route {{ t_on_reply("R"); {TO_BOB} t_relay(); $avp(a) = "late"; }}'
        ' onreply_route[R] { xlog("$avp(a)\\n"); }'
    )
    calls.answer(calls.invite("MESSAGE")[0], 200)
    assert calls.lines == ["late"]


def test_header_changes_after_relaying_come_too_late() -> None:
    calls = Calls(
        f'request_route {{ t_on_failure("F"); {TO_BOB} append_hf("X-One: 1\\r\\n"); t_relay();'
        ' append_hf("X-Two: 1\\r\\n"); }'
        f" failure_route[F] {{ $ru = {TO_CAROL}; t_relay(); }}"
    )
    again = calls.answer(calls.invite("MESSAGE")[0], 486)
    assert "X-One" in again[0].text
    assert "X-Two" not in again[0].text


@pytest.mark.parametrize(
    ("call", "to"),
    [
        ('t_relay("192.0.2.3", "5062")', "192.0.2.3"),
        ('t_relay_to_udp("192.0.2.3", 5062)', "192.0.2.3"),
        ('t_relay_to("udp:192.0.2.3:5062")', "192.0.2.3"),
        ('t_relay_to("192.0.2.3")', "192.0.2.3"),
        ('t_relay_to("192.0.2.3", "1")', "192.0.2.3"),
        ('t_relay_to_proxy("udp:$var(host):5062")', "192.0.2.3"),
        ("t_relay_to()", "192.0.2.2"),
        ('t_relay_to("0x02")', "192.0.2.2"),
        ("t_relay_to_udp()", "192.0.2.2"),
    ],
)
def test_other_ways_to_say_where_to(call: str, to: str) -> None:
    calls = Calls(f'request_route {{ {TO_BOB} $var(host) = "192.0.2.3"; {call}; }}')
    assert [each.to for each in calls.invite("MESSAGE")] == [to]


def test_no_way_over_tcp_yet() -> None:
    calls = Calls(f'request_route {{ {TO_BOB} $var(r) = t_relay_to_tcp(); xlog("$var(r)\\n"); }}')
    assert whats(calls.invite("MESSAGE")) == ["500"]
    assert calls.lines == ["-7"]


def test_the_path_of_a_branch_becomes_a_route() -> None:
    calls = fork('$(branch(path)[0]) = "<sip:edge.example;lr>";')
    bob, carol = calls.invite("MESSAGE")
    assert bob.header("Route") is None
    assert carol.header("Route") == "<sip:edge.example;lr>"


def test_a_replica_goes_out_and_its_responses_nowhere() -> None:
    calls = Calls(
        'request_route { $var(r) = t_replicate("sip:192.0.2.3"); sl_send_reply("200", "OK"); }'
    )
    sent = calls.invite("MESSAGE")
    assert whats(sent) == ["MESSAGE", "200"]
    assert calls.answer(sent[0], 404) == []
    assert len(calls.program.layer) == 0


def test_a_replica_of_a_request_that_has_a_transaction() -> None:
    begins = 't_newtran(); t_replicate("sip:192.0.2.3");'
    calls = Calls(f'request_route {{ {begins} t_reply("200", "OK"); }}')
    sent = calls.invite("MESSAGE")
    assert whats(sent) == ["MESSAGE", "200"]
    assert calls.answer(sent[0], 404) == []


def test_a_retransmission_makes_no_second_transaction() -> None:
    calls = Calls(f"request_route {{ {TO_BOB} t_relay(); }}")
    calls.invite()
    assert whats(calls.receive(request("INVITE"), ALICE)) == ["100"]
    assert len(calls.program.layer) == 1


def test_the_message_of_a_branch_can_be_made_anew() -> None:
    calls = fork(
        't_on_branch("B");',
        'branch_route[B] { append_hf("X-Branch: 1\\r\\n"); t_msg_apply_changes();'
        ' xlog("$hdr(X-Branch)\\n"); if ($T_branch_idx == 1) remove_hf("X-Branch"); }',
    )
    bob, carol = calls.invite("MESSAGE")
    assert calls.lines == ["1", "1"]
    assert (bob.header("X-Branch"), carol.header("X-Branch")) == ("1", None)


def test_branches_are_added_to_another_transaction() -> None:
    calls = Calls(
        'modparam("pv", "shvset", "i=i:0")\nmodparam("pv", "shvset", "l=i:0")\n'
        'request_route { if ($rm == "OPTIONS") { append_branch("sip:carol@192.0.2.3");'
        ' $var(r) = t_cell_append_branches("$shv(i)", "$shv(l)"); xlog("$var(r)\\n");'
        ' $var(r) = t_cell_append_branches("$shv(i)", "$shv(l)"); xlog("$var(r)\\n"); exit; }'
        f" {TO_BOB} t_relay(); $shv(i) = $T(id_index); $shv(l) = $T(id_label); }}"
    )
    (bob,) = calls.invite("MESSAGE")
    (carol,) = calls.invite("OPTIONS", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2")
    assert (carol.what, carol.to) == ("MESSAGE", "192.0.2.3")
    assert calls.lines == ["1", "-1"]
    assert calls.answer(bob, 404) == []
    assert whats(calls.answer(carol, 200)) == ["200"]
