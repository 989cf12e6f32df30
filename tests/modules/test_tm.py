"""tm: what scripts ask and say of transactions; mistakes are named when the script is checked."""

from __future__ import annotations

import pytest

from tests.core.proxy.calls import ALICE, BOB, TO_BOB, TO_CAROL, Calls, check, only, whats
from tests.fakes import request

BLOCKS = """
failure_route[F] { ; } onreply_route[R] { ; } branch_route[B] { ; }
event_route[tm:branch-failure:F] { ; } route[X] { ; }
"""


def mistakes(call: str, block: str = "request_route") -> list[str]:
    rest = "" if block == "request_route" else "request_route { ; }\n"
    others = BLOCKS if "[Y]" in block or block == "request_route" else ""
    return [
        each
        for each in check(f"{rest}{block} {{ {call}; }}\n{others}")
        if "never" not in each and "not used" not in each
    ]


WRONG = [
    ('t_relay("a b", "5060")', '"a b" is no host'),
    ('t_relay("192.0.2.1", "x")', "x is no port"),
    ('t_relay("192.0.2.1", 70000)', "70000 is no port"),
    ('t_relay("192.0.2.1")', "t_relay"),
    ('t_relay_to("udp:192.0.2.1", "9")', "9 is none of the flags 0 to 7"),
    ('t_relay_to("0x20")', "0x20 is none of the flags"),
    ('t_relay_to_proxy("udp:a b")', '"a b" is no host'),
    ('t_replicate("")', "is no URI"),
    ('t_replicate_to("foo", "192.0.2.1")', "udp, tcp, tls, sctp is wanted"),
    ('t_reply("99", "x")', "a status code is 100 to 699"),
    ('t_reply("abc", "x")', "is not a status code"),
    ('t_is_set("route")', "branch_route, failure_route or onreply_route is wanted"),
    ('t_check_status("[")', "t_check_status"),
    ('t_grep_status("x")', "is not a status code"),
    ('t_set_fr("x")', '"x" is not a number'),
    ('t_set_max_lifetime("1")', "t_set_max_lifetime"),
    ('t_load_contacts("2")', "0 (by q value) or 1 (by chance) is wanted"),
    ('t_cancel_callid("a", "x", "1")', '"x" is not a number'),
    ('t_drop("1000")', "a status code is 100 to 699"),
    ('xlog("$T(nothing)")', "id_index"),
    ('xlog("$T_branch(x)")', "a branch has uri and flags"),
    ('xlog("$T_req(ru)")', "a variable is wanted in the parentheses"),
    ('xlog("$T_rpl")', "$T_rpl needs a name in parentheses"),
    ('xlog("$T_inv($nothing)")', "there is no variable $nothing"),
]


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[each[0] for each in WRONG])
def test_a_wrong_argument_is_named_when_the_script_is_checked(call: str, message: str) -> None:
    found = mistakes(call)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("call", "block"),
    [
        ("t_relay()", "onreply_route[Y]"),
        ("t_relay()", "branch_route[Y]"),
        ("t_newtran()", "failure_route[Y]"),
        ('t_drop_replies("x")', "failure_route[Y]"),
        ("t_drop_replies()", "request_route"),
        ('t_on_branch("B")', "branch_route[Y]"),
        ("t_is_retr_async_reply()", "request_route"),
        ('t_cancel_branches("all")', "failure_route[Y]"),
        ('t_cancel_branches("some")', "onreply_route[Y]"),
        ("t_load_contacts()", "branch_route[Y]"),
        ("t_next_contact_flow()", "failure_route[Y]"),
        ("t_branch_timeout()", "branch_route[Y]"),
    ],
)
def test_a_block_that_it_cannot_be_called_in(call: str, block: str) -> None:
    assert len(mistakes(call, block)) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("fr_timer", "0"), ("fr_timer", "-1"), ("failure_reply_mode", "4"),
        ("cancel_b_method", "3"), ("unmatched_cancel", "3"), ("default_code", "200"),
        ("reply_408_code", "100"), ("rich_redirect", "4"), ("fr_timer_avp", '"frtimer"'),
        ("failover_reply_codes", '"code=200"'), ("failover_reply_codes", '"all"'),
    ],
)  # fmt: skip
def test_a_parameter_out_of_range(name: str, value: str) -> None:
    assert len(check(f'modparam("tm", "{name}", {value})\nrequest_route {{ ; }}')) == 1


def codes(script: str, blocks: str = "", parameters: str = "") -> list[str]:
    """What the script logs for an INVITE."""
    calls = Calls(f"{parameters}\nrequest_route {{ {script} }}\n{blocks}")
    calls.invite()
    return calls.lines


def call(what: str) -> str:
    return f'$var(r) = {what}; xlog("$var(r)\\n");'


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("t_set_fr(0, 0)", "1"), ("t_set_fr(-1)", "-1"), ('t_set_fr("100", "-1")', "-1"),
        ("t_reset_fr()", "1"), ('t_set_retr("100", "70000")', "-1"), ("t_reset_retr()", "1"),
        ("t_set_max_lifetime(0, 0)", "1"), ("t_set_max_lifetime(-1, 0)", "-1"),
        ("t_reset_max_lifetime()", "1"), ("t_set_disable_failover(1)", "1"),
        ("t_use_uac_headers()", "1"), ("t_clean()", "1"),
        ("t_release()", "1"), ("t_retransmit_reply()", "-1"), ("t_save_lumps()", "-1"),
        ('t_reply("480", "x")', "-1"), ("t_reply_error()", "-1"), ("t_lookup_request()", "-1"),
        ("t_exists()", "-1"), ("t_lookup_cancel()", "-1"), ("t_relay_cancel()", "1"),
        ("t_forward_nonack_uri()", "-1"), ("t_load_contacts()", "-1"),
        ("t_next_contacts()", "-1"), ("t_next_contact_flow()", "-1"), ("t_flush_flags()", "-1"),
        ("t_flush_xflags()", "-1"), ("t_reuse_branch()", "-1"), ("t_precheck_trans()", "-1"),
        ('t_cancel_callid("x", "1", "2")', "-1"), ('t_cancel_branch_idx("1", "2", "3")', "-1"),
        ('t_reply_callid("x", "1", "480", "y")', "-1"), ('t_continue("1", "2", "X")', "-1"),
        ("t_get_status_code()", "-1"), ('t_check_status("1..")', "-1"),
    ],
)  # fmt: skip
def test_codes_without_a_transaction(what: str, expected: str) -> None:
    assert codes(call(what), "route[X] { ; }") == [expected]


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("t_newtran()", "-10"), ("t_lookup_request()", "1"), ("t_exists()", "1"),
        ('t_reply("180", "x")', "1"), ("t_save_lumps()", "1"), ("t_flush_flags()", "1"),
        ("t_reply_error()", "1"), ("t_is_canceled()", "-1"), ("t_is_expired()", "-1"),
        ('t_set_fr("100", "200")', "1"), ("t_reset_fr()", "1"), ('t_set_retr("100", "0")', "1"),
        ("t_reset_retr()", "1"), ('t_set_max_lifetime("100", "0")', "1"),
        ("t_reset_max_lifetime()", "1"), ("t_forward_nonack_uri()", "-478"),
    ],
)  # fmt: skip
def test_codes_with_a_transaction(what: str, expected: str) -> None:
    script = f'$ru = "sip:b@[2001:db8::1]"; t_newtran(); {call(what)}'
    assert codes(script) == [expected]


def test_a_reply_error_has_the_default_code_and_reason() -> None:
    calls = Calls(
        'modparam("tm", "default_code", 505)\nmodparam("tm", "default_reason", "Dunno")\n'
        "request_route { t_newtran(); t_reply_error(); }"
    )
    assert calls.invite()[0].text.startswith("SIP/2.0 505 Dunno\r\n")


def test_only_one_final_answer() -> None:
    script = 't_newtran(); t_reply("480", "x"); ' + call('t_reply("481", "x")')
    assert codes(script) == ["-1"]


def test_which_blocks_are_set() -> None:
    script = "".join(
        f'if (t_is_set("{kind}")) xlog("{kind}\\n"); else xlog("no {kind}\\n"); {after}'
        for kind, after in (
            ("failure_route", 't_on_failure("F");'),
            ("failure_route", 't_on_reply("R");'),
            ("onreply_route", 't_on_branch("B");'),
            ("branch_route", 't_on_branch("0");'),
            ("branch_route", ""),
        )
    )
    assert codes(script, BLOCKS) == [
        "no failure_route", "failure_route", "onreply_route", "branch_route", "no branch_route",
    ]  # fmt: skip


def test_which_phones_had_answered() -> None:
    calls = Calls(
        f'request_route {{ t_on_reply("R"); {TO_BOB} append_branch({TO_CAROL}); t_relay(); }}'
        f" onreply_route[R] {{ {call('t_any_replied()')} {call('t_grep_status(486)')} }}"
    )
    bob, carol = [each for each in calls.invite() if each.what == "INVITE"]
    calls.answer(bob, 180)
    assert calls.lines == ["-1", "-1"]
    calls.answer(bob, 486)
    assert calls.lines == ["1", "1"]
    calls.answer(carol, 404)
    assert calls.lines == ["1", "1"]


# --- time ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "parameters", "seconds"),
    [
        ('t_set_fr("0", "2000");', "", "", 2),
        ("", 't_set_fr("0", "2000");', "", 2),
        ("t_newtran(); t_set_fr(0, 3000);", "", "", 3),
        ('t_set_fr("0", "2000"); t_reset_fr();', "", 'modparam("tm", "fr_timer", 4000)', 4),
        ('t_set_max_lifetime("3000", "3000");', "", "", 3),
        ("", 't_set_max_lifetime("0", "3000");', "", 3),
        ("$avp(fr) = 6;", "", 'modparam("tm", "fr_timer_avp", "$avp(fr)")', 6),
        ('$avp(fr) = "5";', "", 'modparam("tm", "fr_timer_avp", "$avp(fr)")', 5),
        ('$avp(fr) = "x";', "", 'modparam("tm", "fr_timer_avp", "$avp(fr)")', 30),
        ("", "", 'modparam("tm", "max_noninv_lifetime", 7000)', 7),
    ],
)
def test_how_long_a_request_waits(before: str, after: str, parameters: str, seconds: float) -> None:
    calls = Calls(f"{parameters}\nrequest_route {{ {TO_BOB} {before} t_relay(); {after} }}")
    calls.invite("MESSAGE")
    assert "408" not in whats(calls.wait(seconds - 0.1))
    assert "408" in whats(calls.wait(0.2))


@pytest.mark.parametrize(
    ("restart", "answers", "seconds"),
    [(1, 3, 60), (0, 3, 40)],
)
def test_each_ringing_starts_the_timer_anew_or_the_first_only(
    restart: int, answers: int, seconds: float
) -> None:
    calls = Calls(
        f'modparam("tm", "restart_fr_on_each_reply", {restart})\n'
        f'modparam("tm", "fr_inv_timer", 40000)\nrequest_route {{ {TO_BOB} t_relay(); }}'
    )
    invite = only(calls.invite(), "INVITE")
    for _ in range(answers):
        calls.answer(invite, 180)
        calls.wait(10)
    assert "CANCEL" not in whats(calls.wait(seconds - 10 * answers - 0.5))
    assert "CANCEL" in whats(calls.wait(1))


def test_a_higher_ringing_starts_the_timer_anew_all_the_same() -> None:
    calls = Calls(
        'modparam("tm", "restart_fr_on_each_reply", 0)\nmodparam("tm", "fr_inv_timer", 40000)\n'
        f"request_route {{ {TO_BOB} t_relay(); }}"
    )
    invite = only(calls.invite(), "INVITE")
    calls.answer(invite, 180)
    calls.wait(30)
    calls.answer(invite, 183)
    assert "CANCEL" not in whats(calls.wait(39.5))
    assert "CANCEL" in whats(calls.wait(1))


def test_how_often_a_request_is_sent() -> None:
    calls = Calls(
        f'request_route {{ t_set_retr("1000", "2000"); t_set_fr(0, 8500); {TO_BOB} t_relay(); }}'
    )
    calls.invite("MESSAGE")
    assert whats(calls.wait(8)).count("MESSAGE") == 4


def test_an_invite_ends_at_the_end_of_its_lifetime_though_it_rings() -> None:
    calls = Calls(
        'modparam("tm", "max_inv_lifetime", 50000)\nmodparam("tm", "fr_inv_timer", 40000)\n'
        f'request_route {{ t_on_failure("F"); {TO_BOB} t_relay(); }}'
        f" failure_route[F] {{ {call('t_is_expired()')} }}"
    )
    invite = only(calls.invite(), "INVITE")
    for _ in range(4):
        calls.answer(invite, 180)
        calls.wait(12)
    assert "408" in whats(calls.wait(3))
    assert calls.lines == ["1"]
    calls.wait(300)
    assert len(calls.program.layer) == 0


# --- CANCEL --------------------------------------------------------------------------------------

CANCELLING = f'request_route {{ if ($rm == "CANCEL") {{ %s }} {TO_BOB} t_relay(); }}'


def test_a_cancel_goes_on_with_its_reason() -> None:
    calls = Calls(CANCELLING % "t_relay(); exit;")
    invite = only(calls.invite(), "INVITE")
    calls.answer(invite, 180)
    sent = calls.invite("CANCEL", extra="Reason: Q.850;cause=16\r\n")
    assert sorted(whats(sent)) == ["200", "CANCEL"]
    assert only(sent, "CANCEL").header("Reason") == "Q.850;cause=16"


def test_a_cancel_for_a_silent_phone_waits_with_its_reason() -> None:
    calls = Calls(CANCELLING % "t_relay(); exit;")
    invite = only(calls.invite(), "INVITE")
    assert whats(calls.invite("CANCEL", extra="Reason: Q.850;cause=16\r\n")) == ["200"]
    (cancel,) = calls.answer(invite, 180)
    assert (cancel.what, cancel.header("Reason")) == ("CANCEL", "Q.850;cause=16")


@pytest.mark.parametrize("how", ['t_set_no_e2e_cancel_reason("1");', ""])
def test_the_reason_of_a_cancel_is_left_out_if_it_is_not_wanted(how: str) -> None:
    parameter = "" if how else 'modparam("tm", "e2e_cancel_reason", 0)\n'
    calls = Calls(
        f'{parameter}request_route {{ if ($rm == "CANCEL") {{ t_relay(); exit; }} {how}'
        f" {TO_BOB} t_relay(); }}"
    )
    calls.answer(only(calls.invite(), "INVITE"), 180)
    sent = calls.invite("CANCEL", extra="Reason: Q.850;cause=16\r\n")
    assert only(sent, "CANCEL").header("Reason") is None


def test_t_relay_cancel_ends_the_script() -> None:
    calls = Calls(CANCELLING % 't_relay_cancel(); xlog("goes on\\n"); exit;')
    calls.answer(only(calls.invite(), "INVITE"), 180)
    assert sorted(whats(calls.invite("CANCEL"))) == ["200", "CANCEL"]
    assert calls.lines == []
    calls.invite("CANCEL", via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-other")
    assert calls.lines == ["goes on"]


def test_the_flags_of_the_invite_for_its_cancel() -> None:
    calls = Calls(
        'request_route { if ($rm == "CANCEL") { t_lookup_cancel(); xlog("$mf\\n");'
        f' t_lookup_cancel("1"); xlog("$mf\\n"); exit; }} setflag(4); {TO_BOB} t_relay(); }}'
    )
    calls.invite()
    calls.invite("CANCEL")
    assert calls.lines == ["0", "16"]


@pytest.mark.parametrize(
    ("method", "expected"),
    [(0, ["487", "200"]), (1, ["200"]), (2, ["CANCEL", "200"])],
)
def test_a_cancel_for_a_branch_without_any_reply(method: int, expected: list[str]) -> None:
    calls = Calls(
        f'modparam("tm", "cancel_b_method", {method})\n' + CANCELLING % "t_relay(); exit;"
    )
    calls.invite()
    assert whats(calls.invite("CANCEL")) == expected


def test_a_cancel_where_nothing_has_been_sent_yet() -> None:
    calls = Calls(
        'request_route { if ($rm == "CANCEL") { t_relay(); exit; }'
        ' t_newtran(); t_reply("180", "Ringing"); }'
    )
    calls.invite()
    sent = calls.invite("CANCEL")
    assert [each.text.partition("\r\n")[0] for each in sent] == [
        "SIP/2.0 487 Request canceled",
        "SIP/2.0 200 ok -- no more pending branches",
    ]
    assert "487" in whats(calls.wait(1))  # retransmitted until it is acknowledged


@pytest.mark.parametrize(("mode", "expected"), [(0, ["CANCEL"]), (1, ["CANCEL"]), (2, [])])
def test_a_cancel_for_nothing(mode: int, expected: list[str]) -> None:
    calls = Calls(
        f'modparam("tm", "unmatched_cancel", {mode})\nrequest_route {{ {TO_BOB} t_relay(); }}'
    )
    assert whats(calls.invite("CANCEL")) == expected
    assert len(calls.program.layer) == (1 if mode == 0 else 0)


def test_t_reply_ends_open_branches() -> None:
    calls = Calls(f'request_route {{ {TO_BOB} t_relay(); t_reply("480", "Away"); }}')
    sent = calls.invite()
    (cancel,) = calls.answer(only(sent, "INVITE"), 180)
    assert (cancel.what, cancel.header("Reason")) == ("CANCEL", "SIP;cause=480")


def test_header_fields_that_acks_and_cancels_take_over() -> None:
    calls = Calls('modparam("tm", "ac_extra_hdrs", "X-Keep")\n' + CANCELLING % "t_relay(); exit;")
    invite = only(calls.invite(extra="X-Keep-Me: 1\r\nX-Other: 1\r\n"), "INVITE")
    calls.answer(invite, 180)
    cancel = only(calls.invite("CANCEL"), "CANCEL")
    ack = only(calls.answer(invite, 487), "ACK")
    assert (cancel.header("X-Keep-Me"), cancel.header("X-Other")) == ("1", None)
    assert (ack.header("X-Keep-Me"), ack.header("X-Other")) == ("1", None)


# --- replies without a transaction ----------------------------------------------------------------

STRAY = (
    "SIP/2.0 %d Stray\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKx\r\n"
    "Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bKy\r\nFrom: <sip:a@b>;tag=1\r\n"
    "To: <sip:c@d>;tag=2\r\nCall-ID: x\r\nCSeq: 1 MESSAGE\r\nContent-Length: 0\r\n\r\n"
)


@pytest.mark.parametrize(("status", "expected"), [(200, ["200"]), (404, []), (405, [])])
def test_a_block_for_replies_without_a_transaction(status: int, expected: list[str]) -> None:
    calls = Calls(
        'modparam("tm", "on_sl_reply", "STRAY")\nrequest_route { ; }\n'
        'onreply_route[STRAY] { xlog("$rs\\n"); if ($rs == 404) drop; if ($rs == 405) return 0; }'
    )
    assert whats(calls.receive(STRAY % status, BOB)) == expected
    assert calls.lines == [str(status)]


def test_a_response_with_another_call_id_is_a_stray_one_if_that_counts() -> None:
    calls = Calls(f'modparam("tm", "callid_matching", 1)\nrequest_route {{ {TO_BOB} t_relay(); }}')
    (sent,) = calls.invite("MESSAGE")
    calls.answer(type(sent)(sent.text.replace("call-1", "call-2"), sent.to), 200)
    assert len(calls.program.layer) == 1
    assert whats(calls.answer(sent, 200)) == ["200"]


# --- serial forking by q values ------------------------------------------------------------------

CONTACTS = (
    'modparam("tm", "contacts_avp", "tm_contacts")\n'
    'modparam("tm", "contact_flows_avp", "tm_flows")\n'
    f'request_route {{ {TO_BOB} append_branch({TO_CAROL}, "0.5");'
    ' append_branch("sip:dave@192.0.2.4", "%s"); t_load_contacts(%s); %s }'
    " failure_route[NEXT] { if (t_next_contacts() > 0) {"
    ' t_on_failure("NEXT"); t_relay(); } }'
)
GO = 't_next_contacts(); t_on_failure("NEXT"); t_relay();'


@pytest.mark.parametrize(
    ("q", "mode", "legs"),
    [
        ("1.0", "", [["192.0.2.4"], ["192.0.2.3"], ["192.0.2.2"]]),
        ("0.5", "", [["192.0.2.4", "192.0.2.3"], ["192.0.2.2"]]),
        ("0", '"1"', [["192.0.2.3"], ["192.0.2.4"], ["192.0.2.2"]]),
    ],
)
def test_contacts_are_tried_by_their_q_values(q: str, mode: str, legs: list[list[str]]) -> None:
    calls = Calls(CONTACTS % (q, mode, GO))
    leg = calls.invite("MESSAGE")
    found = []
    while leg and leg[0].what == "MESSAGE":
        found.append([each.to for each in leg])
        answered = [calls.answer(each, 480) for each in leg]
        leg = answered[-1]
    assert found == legs
    assert whats(leg) == ["480"]


def test_there_are_no_contacts_left() -> None:
    script = CONTACTS % ("1.0", "", "t_next_contacts();" * 3 + call("t_next_contacts()"))
    calls = Calls(script)
    calls.invite("MESSAGE")
    assert calls.lines == ["-2"]


# --- requests of our own -------------------------------------------------------------------------

FIELDS = "From: <sip:me@here.example>;tag=m\\r\\nTo: <sip:you@there.example>\\r\\n"


def _uac(method: str, more: str = "", blocks: str = "", hop: str = "") -> str:
    return (
        f'request_route {{ $var(r) = t_uac_send("{method}", "sip:bob@192.0.2.2", "{hop}", "",'
        f' "{FIELDS}{more}", ""); xlog("$var(r)\\n"); }}\n{blocks}'
    )


def test_a_request_of_our_own() -> None:
    calls = Calls(_uac("OPTIONS", "X-More: 1\\r\\n"))
    (sent,) = calls.invite()
    assert (sent.what, sent.to, sent.header("X-More")) == ("OPTIONS", "192.0.2.2", "1")
    assert sent.header("CSeq") == "10 OPTIONS"
    assert calls.answer(sent, 200) == []
    assert calls.lines == ["1"]
    calls.wait(60)
    assert len(calls.program.layer) == 0


def test_one_that_nobody_answers_ends() -> None:
    calls = Calls(_uac("OPTIONS"))
    calls.invite()
    assert "OPTIONS" in whats(calls.wait(2))
    calls.wait(60)
    assert len(calls.program.layer) == 0


def test_an_invite_of_our_own_is_acknowledged() -> None:
    calls = Calls(
        _uac("INVITE", blocks='event_route[tm:local-ack-sent] { xlog("ack for $rs\\n"); }')
    )
    (sent,) = calls.invite()
    (ack,) = calls.answer(
        sent, 200, extra="Contact: <sip:there@192.0.2.5>\r\n"
        "Record-Route: <sip:192.0.2.7;lr>, <sip:192.0.2.6;lr>\r\n",
    )  # fmt: skip
    assert ack.text.startswith("ACK sip:there@192.0.2.5 SIP/2.0\r\n")
    assert ack.to == "192.0.2.6"
    assert ack.text.index("192.0.2.6;lr") < ack.text.index("192.0.2.7;lr")
    assert calls.lines == ["1", "ack for 200"]


def test_a_dot_leaves_the_ack_to_somebody_else() -> None:
    calls = Calls(
        _uac("INVITE.", blocks='event_route[tm:local-ack-sent] { xlog("ack for $rs\\n"); }')
    )
    (sent,) = calls.invite()
    assert sent.header("CSeq") == "10 INVITE"
    assert calls.answer(sent, 200, extra="Contact: <sip:there@192.0.2.5>\r\n") == []
    assert calls.lines == ["1"]


def test_the_script_can_change_it() -> None:
    calls = Calls(
        _uac(
            "OPTIONS",
            blocks="event_route[tm:local-request] {"
            ' xlog("$rm $ru\\n"); $du = "sip:192.0.2.3"; append_hf("X-Local: 1\\r\\n"); }',
        )
    )
    (sent,) = calls.invite()
    assert (sent.to, sent.header("X-Local")) == ("192.0.2.3", "1")
    assert calls.lines == ["OPTIONS sip:bob@192.0.2.2", "1"]


@pytest.mark.parametrize(
    "arguments",
    [
        '"a b", "sip:b@192.0.2.2", "", "", "From: <sip:a@b>\\r\\nTo: <sip:a@b>\\r\\n", ""',
        '"INFO", "nothing", "", "", "From: <sip:a@b>\\r\\nTo: <sip:a@b>\\r\\n", ""',
        '"INFO", "sip:b@192.0.2.2", "nothing", "", "From: <sip:a@b>\\r\\nTo: <sip:a@b>\\r\\n", ""',
        '"INFO", "sip:b@192.0.2.2", "", "a:b:c:d", "From: <sip:a@b>\\r\\nTo: <sip:a@b>\\r\\n", ""',
        '"INFO", "sip:b@192.0.2.2", "", "", "From: <sip:a@b>\\r\\n", ""',
        '"INFO", "sip:b@192.0.2.2", "", "", "From: x\\r\\nTo: <sip:a@b>\\r\\nX\\r\\n", ""',
        '"INFO", "sip:b@[2001:db8::1]", "", "", "From: <sip:a@b>\\r\\nTo: <sip:a@b>\\r\\n", ""',
    ],
)
def test_what_is_no_request(arguments: str) -> None:
    calls = Calls(f"request_route {{ {call(f't_uac_send({arguments})')} }}")
    assert calls.invite() == []
    assert calls.lines == ["-1"]


def test_an_event_tells_of_answers_of_our_own() -> None:
    calls = Calls(
        'request_route { t_newtran(); t_reply("480", "x"); }'
        ' event_route[tm:local-response] { xlog("$rm $T_reply_code\\n"); }'
    )
    calls.receive(request("MESSAGE"), ALICE)
    assert calls.lines == ["MESSAGE 480"]


# --- sl where there are transactions --------------------------------------------------------------


@pytest.mark.parametrize(("bind", "left"), [(1, 1), (0, 0)])
def test_send_reply_answers_with_the_transaction_unless_sl_is_not_to(bind: int, left: int) -> None:
    calls = Calls(
        f'modparam("sl", "bind_tm", {bind})\n'
        'request_route { t_newtran(); send_reply("480", "Gone"); }'
    )
    assert whats(calls.invite("MESSAGE")) == ["480"]
    assert len(calls.program.layer) == left


@pytest.mark.parametrize(
    ("rich", "contact"),
    [
        (0, "<sip:bob@192.0.2.2>, <sip:carol@192.0.2.3>"),
        (1, "<sip:bob@192.0.2.2>;flags=4, <sip:carol@192.0.2.3>;flags=0"),
        (2, "<sip:bob@192.0.2.2>, <sip:carol@192.0.2.3?Route=%3csip:x%3blr%3e>"),
    ],
)
@pytest.mark.parametrize("module", ["tm", "sl"])
def test_what_a_redirection_tells(rich: int, contact: str, module: str) -> None:
    calls = Calls(
        f'modparam("{module}", "rich_redirect", {rich})\nrequest_route {{ {TO_BOB}'
        f' append_branch({TO_CAROL}); setbflag(2); $(branch(path)[0]) = "<sip:x;lr>";'
        + (' t_newtran(); t_reply("302", "x"); }' if module == "tm" else ' sl_reply("302", "x"); }')
    )
    (sent,) = calls.invite("MESSAGE")
    assert sent.header("Contact") == contact
