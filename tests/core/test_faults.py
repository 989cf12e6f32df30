"""What goes wrong around a proxy: each is answered or dropped, and nothing is left of it."""

from __future__ import annotations

import pytest

from sipway.sip.addresses import sockaddr
from tests.core.stateful import BOB, CAROL, RELAY, Proxy, answer, invite, name
from tests.fakes import LogInMemory, request
from tests.simulation.script import program_of

_ACK = request("ACK", "sip:bob@192.0.2.2", to="<sip:bob@callee.example>;tag=b1")
_CANCEL = request("CANCEL", "sip:bob@192.0.2.2")


# --- branches that fail -----------------------------------------------------------------------


def test_a_dead_host() -> None:
    proxy = Proxy()
    proxy.invite()
    sent = proxy.wait(29.0)
    assert {name(each) for each in sent} == {"INVITE"}
    assert len(sent) == 5  # after 0.5, 1.5, 3.5, 7.5 and 15.5 seconds
    assert proxy.wait_for(1.2) == ["408 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_another_transport_failure_is_a_failure_of_the_branch() -> None:
    proxy = Proxy()
    proxy.receive(invite("sip:bob@[2001:db8::1]"))
    assert proxy.ends()


# --- lifetimes --------------------------------------------------------------------------------


_RINGS = 'modparam("tm", "max_inv_lifetime", 60000)\nmodparam("tm", "max_noninv_lifetime", 10000)\n'


def test_an_invite_is_answered_when_its_lifetime_is_over() -> None:
    """As on Kamailio: 408, and what rings is cancelled (max_inv_lifetime of tm)."""
    proxy = Proxy(_RINGS + RELAY)
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 180), source=BOB)
    assert proxy.wait_for(59.9) == []
    assert proxy.wait_for(0.2) == ["CANCEL", "408 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_another_request_is_answered_when_its_lifetime_is_over() -> None:
    proxy = Proxy(_RINGS + RELAY)
    (sent,) = proxy.receive(request("MESSAGE", "sip:bob@192.0.2.2"))
    proxy.receive(answer(sent, 100), source=BOB)
    assert set(map(name, proxy.wait(9.9))) == {"MESSAGE"}
    assert proxy.wait_for(0.2) == ["408 MESSAGE"]
    assert proxy.ends()


def test_no_branch_is_sent_when_the_lifetime_is_over() -> None:
    script = RELAY.replace("$avp(failed) = 1;", 't_on_failure("FAILED"); t_relay();')
    proxy = Proxy(_RINGS + script)
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 180), source=BOB)
    assert proxy.wait_for(60.1) == ["CANCEL", "408 INVITE"]
    assert proxy.ends()


def test_failure_route_does_not_go_on_forever() -> None:
    """All in all a request has `max_branches` branches."""
    script = RELAY.replace("$avp(failed) = 1;", 't_on_failure("FAILED"); $ru = $ru; t_relay();')
    proxy = Proxy(script)
    sent = proxy.invite()
    invites = 0
    while sent and name(sent[-1]) == "INVITE":
        invites += 1
        sent = proxy.receive(answer(sent[-1], 486), source=BOB)
    assert invites == 12
    assert list(map(name, sent)) == ["ACK", "486 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


# --- answers too many -------------------------------------------------------------------------


def test_two_branches_answer() -> None:
    """The caller gets both, and hangs up one of them (RFC 3261 section 16.7, step 5)."""
    proxy = Proxy()
    one, two = proxy.invite("sip:fork@callee.example")
    proxy.receive(answer(one, 180), source=BOB)
    assert proxy.what(answer(two, 200, tag="c1"), source=CAROL) == ["200 INVITE", "CANCEL"]
    assert proxy.what(answer(one, 200), source=BOB) == ["200 INVITE"]
    assert proxy.ends()


@pytest.mark.parametrize("acknowledged", [True, False])
def test_a_success_after_a_failure_goes_on(acknowledged: bool) -> None:
    """As on Kamailio, and as RFC 3261 wants it (16.7, step 5): nobody else could hang up."""
    proxy = Proxy()
    (sent,) = proxy.invite()
    assert proxy.what(answer(sent, 486), source=BOB) == ["ACK", "486 INVITE"]
    if acknowledged:
        assert proxy.what(_ACK) == []
    assert proxy.what(answer(sent, 200), source=BOB) == ["200 INVITE"]
    assert proxy.what(answer(sent, 200), source=BOB) == ["200 INVITE"]
    assert proxy.what(_ACK) == []  # to the failure, whenever it comes: its branch says so
    assert proxy.ends()


def test_a_success_after_the_timeout_goes_on() -> None:
    proxy = Proxy()
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 180), source=BOB)
    assert proxy.wait_for(120.1) == ["CANCEL", "408 INVITE"]
    assert proxy.what(answer(sent, 200), source=BOB) == ["200 INVITE"]
    assert proxy.ends()


def test_what_rings_after_the_timeout_is_cancelled() -> None:
    """As on Kamailio: nobody would answer."""
    proxy = Proxy()
    (sent,) = proxy.invite()
    assert proxy.wait_for(30.1)[-1] == "408 INVITE"
    assert proxy.what(answer(sent, 180), answer(sent, 180), source=BOB) == ["CANCEL"]
    assert proxy.what(answer(sent, 487), source=BOB) == ["ACK"]
    assert proxy.ends()


def test_a_success_long_after_the_timeout_goes_on() -> None:
    proxy = Proxy()
    (sent,) = proxy.invite()
    assert proxy.wait_for(30.1)[-1] == "408 INVITE"
    assert proxy.what(answer(sent, 200), source=BOB) == ["200 INVITE"]
    assert proxy.ends()


def test_a_failure_after_a_success_is_acknowledged_and_goes_nowhere() -> None:
    proxy = Proxy()
    (sent,) = proxy.invite()
    assert proxy.what(answer(sent, 200), source=BOB) == ["200 INVITE"]
    assert proxy.what(answer(sent, 486), source=BOB) == ["ACK"]
    assert proxy.ends()


# --- strays -----------------------------------------------------------------------------------


def test_a_reply_with_a_forged_branch_changes_nothing() -> None:
    proxy = Proxy()
    (sent,) = proxy.invite()
    ours = (sent.via.branch or "").encode()
    for forged in (ours[:-1] + b"1", ours[:-2], ours[:-4] + b"xx.0", b"z9hG4bK.0", b"z9hG4bK"):
        data = answer(sent, 200).replace(ours, forged)
        proxy.receive(data, source=BOB)
    assert proxy.what(answer(sent, 404), source=BOB) == ["ACK", "404 INVITE"]
    assert proxy.ends()


def test_a_cancel_for_nothing_makes_nothing() -> None:
    proxy = Proxy()
    assert proxy.what(_CANCEL) == []
    assert proxy.is_empty()


@pytest.mark.parametrize("status", [200, 486])
def test_a_cancel_after_the_final_reply_says_so(status: int) -> None:
    """As Kamailio 5.6.3 words it."""
    proxy = Proxy()
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, status), source=BOB)
    (reply,) = proxy.receive(_CANCEL)
    assert (reply.status, reply.reason) == (200, "ok -- no more pending branches")
    assert proxy.ends()


def test_nothing_is_relayed_after_a_cancel() -> None:
    """failure_route asks for another branch when the caller is gone: it gets none (Kamailio)."""
    script = RELAY.replace("$avp(failed) = 1;", '$ru = "sip:carol@192.0.2.3"; t_relay();')
    proxy = Proxy(script)
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 180), source=BOB)
    assert proxy.what(_CANCEL) == ["CANCEL", "200 CANCEL"]
    assert proxy.what(answer(sent, 487), source=BOB) == ["ACK", "487 INVITE"]
    assert proxy.ends()


def test_an_ack_storm() -> None:
    proxy = Proxy()
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 486), source=BOB)
    assert proxy.receive(*[_ACK] * 1000) == []
    assert proxy.engine.counters.absorbed == 1000
    assert proxy.ends()
    again = _ACK.replace(b"z9hG4bK-1", b"z9hG4bK-2")
    assert len(proxy.receive(*[again] * 1000)) == 1000  # to a 2xx, for all that is known
    assert proxy.is_empty()


def test_without_an_ack_the_request_is_not_taken_for_a_new_one() -> None:
    proxy = Proxy('modparam("tm", "fr_timer", 1500)' + RELAY)
    proxy.invite()
    assert proxy.wait_for(1.6)[-1] == "408 INVITE"
    assert set(proxy.wait_for(1.5)) == {"408 INVITE"}
    assert proxy.wait_for(1.0) == []
    assert proxy.what(invite()) == []
    assert proxy.ends()


def test_retransmissions_of_everything() -> None:
    proxy = Proxy()
    first = proxy.receive(*[invite()] * 3)
    assert list(map(name, first)) == ["100 INVITE", "INVITE", "100 INVITE", "100 INVITE"]
    sent = first[1]
    ringing = answer(sent, 180)
    assert proxy.what(ringing, ringing, source=BOB) == ["180 INVITE", "180 INVITE"]
    assert proxy.what(_CANCEL, _CANCEL) == ["CANCEL", "200 CANCEL", "200 CANCEL"]
    ended = answer(sent, 487)
    assert proxy.what(ended, ended, source=BOB) == ["ACK", "487 INVITE", "ACK"]
    assert proxy.what(invite()) == ["487 INVITE"]
    assert proxy.what(_ACK, _ACK) == []
    assert proxy.what(invite()) == []
    assert proxy.ends()


# --- too many ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("parameter", "branches"), [("", 12), ("max_branches=30", 30)])
def test_300_branches(parameter: str, branches: int) -> None:
    script = RELAY.replace(
        "if (!t_relay",
        "while ($var(i) < 300) { append_branch(); $var(i) = $var(i) + 1; }\nif (!t_relay",
    )
    proxy = Proxy(f"{parameter}\n{script}")
    sent = proxy.invite()
    assert len(sent) == branches
    for each in sent[:-1]:
        assert proxy.what(answer(each, 404), source=BOB) == ["ACK"]
    assert proxy.what(answer(sent[-1], 404), source=BOB) == ["ACK", "404 INVITE"]
    assert proxy.ends()


def test_a_loop_ends_with_max_forwards() -> None:
    """A request that comes back to us: RFC 5393 leaves Max-Forwards to end it."""
    guard = 'if (!mf_process_maxfwd_header("10")) { sl_send_reply("483", "Too Many Hops"); exit; }'
    script = RELAY.replace("t_check_trans();\n    t_on", f"{guard}\nt_check_trans();\n    t_on")
    proxy = Proxy(script)
    ours = sockaddr("192.0.2.9", 5060)
    data = invite("sip:loop@192.0.2.9").replace(b"Max-Forwards: 70", b"Max-Forwards: 5")
    source, hops = b"", 0
    todo = [(data, sockaddr("192.0.2.1", 5070))]
    answers = []
    while todo:
        data, source = todo.pop(0)
        for message in proxy.receive(data, source=source):
            hops += message.method == "INVITE" and message.is_request
            if message.via_count == 1 and not message.is_request:
                answers.append(message.status)
            else:
                todo.append((message.data, ours))
    assert hops == 5
    assert answers == [100, 483]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


# --- reload -----------------------------------------------------------------------------------


def test_timers_go_on_after_a_reload() -> None:
    proxy = Proxy()
    (sent,) = proxy.invite()
    other = program_of(
        proxy.text.replace("$avp(failed) = 1;", 't_reply("500", "New");'),
        proxy.socket,
        proxy.layer,
        proxy.log,
    )
    proxy.engine.swap(other)
    assert proxy.what(answer(sent, 180), source=BOB) == ["180 INVITE"]
    (cancel, reply) = proxy.wait(120.1)
    assert (name(cancel), reply.status) == ("CANCEL", 408)  # the route it began with
    assert proxy.ends()


@pytest.mark.parametrize("waits", ["", "sim_wait(); "])
def test_blocks_run_on_the_program_they_belong_to(waits: str) -> None:
    script = RELAY.replace(
        "$avp(last) = $rs;", f'{waits}$var(a) = 1; $var(b) = $rs; xlog("L_ERR", "$var(b)");'
    ).replace("$avp(failed) = 1;", f'{waits}$var(c) = 3; xlog("L_ERR", "failed $var(c)");')
    proxy = Proxy(script)
    (sent,) = proxy.invite()
    proxy.engine.swap(
        program_of(
            'loadmodule "sl.so"\nrequest_route { sl_send_reply("404", "Gone"); }',
            proxy.socket,
            proxy.layer,
            proxy.log,
        )
    )
    seen = proxy.receive(answer(sent, 486), source=BOB)
    while proxy.waiting:
        seen += proxy.resume()
    assert list(map(name, seen)) == ["ACK", "486 INVITE"]
    assert isinstance(proxy.log, LogInMemory)
    assert [text for _, text in proxy.log.written] == ["<script>: 486", "<script>: failed 3"]
    assert proxy.ends()


def test_transactions_go_on_where_the_new_script_has_none() -> None:
    proxy = Proxy()
    (sent,) = proxy.invite()
    script = 'loadmodule "sl.so"\nrequest_route { sl_send_reply("404", "Gone"); }'
    proxy.engine.swap(program_of(script, proxy.socket, proxy.layer, proxy.log))
    assert proxy.what(invite()) == ["100 INVITE"]
    assert proxy.what(answer(sent, 486), source=BOB) == ["ACK", "486 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()
    assert proxy.what(invite()) == ["404 INVITE"]


# --- faults of our own --------------------------------------------------------------------------


@pytest.mark.parametrize("waits", ["", "sim_wait(); "])
def test_a_fault_in_request_route(waits: str) -> None:
    """Before anything was sent: 500. The transaction, if there is one, sends it."""
    for before in ("", "t_newtran(); "):
        ignored = 'if (is_method("ACK")) exit;'
        proxy = Proxy(f"request_route {{ {ignored} {waits}{before}sim_fault(); }}")
        sent = proxy.receive(invite())
        if waits:
            sent = proxy.resume()
        assert list(map(name, sent)) == ["500 INVITE"]
        assert proxy.what(_ACK) == []
        assert proxy.ends()
        assert proxy.engine.counters.script_errors == 1


@pytest.mark.parametrize("waits", ["", "sim_wait(); "])
def test_a_fault_behind_t_relay_leaves_the_call_alone(waits: str) -> None:
    proxy = Proxy(RELAY.replace("sl_reply_error();", f"exit; {waits}sim_fault();"))
    sent = proxy.receive(invite())
    if waits:
        sent += proxy.resume()
    assert list(map(name, sent)) == ["100 INVITE", "INVITE"]
    assert proxy.what(answer(sent[1], 486), source=BOB) == ["ACK", "486 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_a_fault_in_branch_route() -> None:
    """t_relay() does not come back: the request is answered, and nothing stays behind."""
    script = RELAY.replace("if (!t_relay", 't_on_branch("LEG"); if (!t_relay')
    proxy = Proxy(script + "branch_route[LEG] { sim_fault(); }")
    assert proxy.what(invite()) == ["100 INVITE", "500 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_a_fault_in_the_second_branch_leaves_the_first() -> None:
    script = RELAY.replace("if (!t_relay", 't_on_branch("LEG"); if (!t_relay')
    proxy = Proxy(script + 'branch_route[LEG] { if ($rd == "192.0.2.3") sim_fault(); }')
    sent = proxy.receive(invite("sip:fork@callee.example"))
    assert list(map(name, sent)) == ["100 INVITE", "INVITE"]
    assert proxy.what(answer(sent[1], 200), source=BOB) == ["200 INVITE"]
    assert proxy.ends()


@pytest.mark.parametrize("waits", ["", "sim_wait(); "])
def test_a_fault_in_onreply_route_does_not_keep_the_reply(waits: str) -> None:
    proxy = Proxy(RELAY.replace("$avp(last) = $rs;", f"{waits}sim_fault();"))
    (invited,) = proxy.invite()
    sent = proxy.receive(answer(invited, 200), source=BOB)
    if waits:
        sent += proxy.resume()
    assert list(map(name, sent)) == ["200 INVITE"]
    assert proxy.ends()


@pytest.mark.parametrize("waits", ["", "sim_wait(); "])
def test_a_fault_in_failure_route_does_not_keep_the_answer(waits: str) -> None:
    proxy = Proxy(RELAY.replace("$avp(failed) = 1;", f"{waits}sim_fault();"))
    (invited,) = proxy.invite()
    sent = proxy.receive(answer(invited, 486), source=BOB)
    if waits:
        sent += proxy.resume()
    assert list(map(name, sent)) == ["ACK", "486 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_a_fault_in_branch_failure() -> None:
    script = RELAY.replace("if (!t_relay", 't_on_branch_failure("x"); if (!t_relay')
    proxy = Proxy(script + "event_route[tm:branch-failure:x] { sim_fault(); }")
    (invited,) = proxy.invite()
    assert proxy.what(answer(invited, 486), source=BOB) == ["ACK", "486 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


@pytest.mark.parametrize("waits", ["", "sim_wait(); "])
def test_a_fault_in_reply_route_does_not_stop_the_server(waits: str) -> None:
    proxy = Proxy(f"{RELAY} reply_route {{ {waits}sim_fault(); }}")
    (invited,) = proxy.invite()
    proxy.receive(answer(invited, 486), source=BOB)
    if waits:
        proxy.resume()
    assert proxy.engine.counters.script_errors == 1
    assert proxy.ends()


def test_a_fault_in_onsend_route() -> None:
    proxy = Proxy(f"{RELAY} onsend_route {{ sim_fault(); }}")
    assert proxy.what(invite()) == ["100 INVITE", "500 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_a_fault_while_time_passes_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from sipway.core.proxy import choice, upstream

    proxy = Proxy()
    proxy.invite()
    proxy.invite(via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2", call_id="call-2")
    broken = [True]

    def priority(status: int) -> int:
        if broken and broken.pop():
            raise ZeroDivisionError
        return choice.priority(status)

    monkeypatch.setattr(upstream, "priority", priority)
    assert proxy.wait_for(31.0)[-1] == "408 INVITE"
    assert proxy.engine.counters.script_errors == 1
    assert "408 INVITE" in proxy.wait_for(200.0)  # at the end of its lifetime
    assert proxy.ends()


# --- blocks that wait -----------------------------------------------------------------------------

_WAITS = RELAY.replace("$avp(last) = $rs;", "sim_wait();")
_FAILURE_WAITS = RELAY.replace("$avp(failed) = 1;", "sim_wait();")
_SENDS_AND_WAITS = RELAY.replace(
    "$avp(failed) = 1;", '$ru = "sip:carol@192.0.2.3"; t_relay(); sim_wait();'
)


def test_responses_keep_their_order_while_onreply_route_waits() -> None:
    proxy = Proxy(_WAITS)
    (sent,) = proxy.invite()
    for status in (180, 183, 200):
        assert proxy.receive(answer(sent, status), source=BOB) == []
    seen = []
    while proxy.waiting:
        seen += list(map(name, proxy.resume()))
    assert seen == ["180 INVITE", "183 INVITE", "200 INVITE"]
    assert proxy.ends()


def test_those_of_other_calls_need_not_wait() -> None:
    proxy = Proxy(_WAITS)
    (one,) = proxy.invite()
    (two,) = proxy.invite(via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2", call_id="call-2")
    proxy.receive(answer(one, 180), source=BOB)
    proxy.receive(answer(two, 200), source=BOB)
    assert list(map(name, proxy.resume(1))) == ["200 INVITE"]
    assert list(map(name, proxy.resume(0))) == ["180 INVITE"]
    assert proxy.ends()


def test_a_response_waits_for_failure_route() -> None:
    """The second leg answers before failure_route has ended."""
    proxy = Proxy(_SENDS_AND_WAITS)
    (one,) = proxy.invite()
    sent = proxy.receive(answer(one, 486), source=BOB)
    assert list(map(name, sent)) == ["ACK", "INVITE"]
    assert proxy.receive(answer(sent[1], 200, tag="c1"), source=CAROL) == []
    assert list(map(name, proxy.resume())) == ["200 INVITE"]
    assert proxy.ends()


def test_a_timeout_waits_for_failure_route() -> None:
    proxy = Proxy(_SENDS_AND_WAITS)
    (one,) = proxy.invite()
    proxy.receive(answer(one, 486), source=BOB)
    assert set(proxy.wait_for(40.0)) == {"INVITE"}
    assert list(map(name, proxy.resume())) == ["408 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_what_waits_does_not_outlive_the_request() -> None:
    proxy = Proxy(_RINGS + _FAILURE_WAITS)
    (one,) = proxy.invite()
    assert list(map(name, proxy.receive(answer(one, 486), source=BOB))) == ["ACK"]
    assert proxy.wait_for(65.1) == ["408 INVITE"]
    assert proxy.what(_ACK) == []
    assert proxy.resume() == []
    assert proxy.ends()


def test_many_provisional_responses_do_not_heap_up() -> None:
    proxy = Proxy(_WAITS)
    (sent,) = proxy.invite()
    for _ in range(1000):
        proxy.receive(answer(sent, 180), source=BOB)
    proxy.receive(answer(sent, 486), source=BOB)
    seen = []
    while proxy.waiting:
        seen += list(map(name, proxy.resume()))
    assert 2 <= len(seen) < 100
    assert seen[-1] == "486 INVITE"
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_a_retransmission_while_request_route_waits_is_absorbed() -> None:
    proxy = Proxy(RELAY.replace("t_check_trans();\n    t_on", "sim_wait();\n    t_on"))
    assert proxy.receive(invite(), invite()) == []
    assert proxy.receive(invite()) == []
    assert len(proxy.waiting) == 1
    sent = proxy.resume()
    assert list(map(name, sent)) == ["100 INVITE", "INVITE"]
    assert proxy.receive(answer(sent[1], 486), source=BOB)
    assert proxy.what(_ACK) == []
    assert proxy.ends()
    assert proxy.receive(invite()) == []
    assert len(proxy.waiting) == 1  # long after: a new one
    proxy.resume()


def test_a_cancel_while_request_route_waits() -> None:
    """The INVITE has a transaction: it is answered, and not sent on any more."""
    proxy = Proxy(RELAY.replace("t_check_trans();\n    t_on", "t_newtran(); sim_wait();\n    t_on"))
    assert proxy.receive(invite()) == []
    assert proxy.what(_CANCEL) == ["487 INVITE", "200 CANCEL"]
    assert proxy.resume() == []
    assert proxy.what(_ACK) == []
    assert proxy.ends()


def test_timers_count_from_when_the_waiting_was_over() -> None:
    proxy = Proxy(RELAY.replace("t_check_trans();\n    t_on", "sim_wait();\n    t_on"))
    proxy.receive(invite())
    proxy.now += 40.0
    assert list(map(name, proxy.resume())) == ["100 INVITE", "INVITE"]
    assert proxy.wait_for(0.4) == []
    assert proxy.wait_for(0.2) == ["INVITE"]
    assert proxy.wait_for(30.0)[-1] == "408 INVITE"
    assert proxy.what(_ACK) == []
    assert proxy.ends()


# --- the clock is set -----------------------------------------------------------------------------


@pytest.mark.parametrize("by", [3600.0, -3600.0])
def test_timers_do_not_care_when_the_clock_is_set(by: float) -> None:
    proxy = Proxy(now=1_795_483_209.1)
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 180), source=BOB)
    assert proxy.wait_for(60.0) == []
    proxy.now += by
    proxy.engine.clock_was_set(by)
    assert proxy.wait_for(59.9) == []
    assert proxy.wait_for(0.2) == ["CANCEL", "408 INVITE"]
    proxy.now += by
    proxy.engine.clock_was_set(by)
    assert sorted(proxy.wait_for(0.5)) == ["408 INVITE", "CANCEL"]  # once more
    assert proxy.what(_ACK) == []
    assert proxy.ends()
