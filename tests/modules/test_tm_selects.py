"""`@tm...`; what 5.6.3 does too is held by `tests/compat/flows/transaction_selects.py`."""

from __future__ import annotations

import pytest

from tests.core.stateful import BOB, CAROL, Proxy, answer, invite
from tests.fakes import LogInMemory, reply
from tests.modules.running import mistakes


def _lines(log: LogInMemory) -> list[str]:
    return [text.removeprefix("<script>: ").rstrip("\n") for _, text in log.written]


def _said(script: str, *statuses: tuple[int, bytes]) -> list[str]:
    """What a script writes while bob and carol answer an INVITE that goes to both."""
    log = LogInMemory()
    proxy = Proxy(script, log)
    sent = proxy.invite()
    branches = dict(zip((BOB, CAROL), sent, strict=False))
    for status, phone in statuses:
        proxy.receive(answer(branches[phone], status), source=phone)
    return _lines(log)


_BOTH = '$ru = "sip:bob@192.0.2.2"; append_branch("sip:carol@192.0.2.3"); t_relay();'


def test_branches_in_failure_route() -> None:
    script = f"""
        request_route {{ t_on_failure("F"); {_BOTH} }}
        failure_route[F] {{
            xlog("@tm.uac.count $sel(tm.uac.count) $sel(tm.uac[0].status) $sel(tm.uac[1].status)");
            xlog("$(sel(tm.uac[1].resp){{line.at,0}}) $sel(tm.uac[1].uri) $sel(tm.uac[2].uri)");
            if (@tm.uac[0].status == "486" && @tm.uac[9].status == "") xlog("compared");
        }}
    """
    assert _said(script, (486, BOB), (404, CAROL)) == [
        "@tm.uac.count 2 486 404",
        "SIP/2.0 404 Because sip:carol@192.0.2.3 <null>",
        "compared",
    ]


def test_a_branch_that_nobody_answers_has_a_status_and_no_response() -> None:
    log = LogInMemory()
    proxy = Proxy(
        'request_route { t_on_failure("F"); t_relay(); }'
        ' failure_route[F] { xlog("$sel(tm.uac[0].status) $sel(tm.uac[0].response)"); }',
        log,
    )
    proxy.invite()
    proxy.wait(100)
    assert _lines(log) == ["408 <null>"]


def test_a_reply_to_no_transaction_has_none() -> None:
    log = LogInMemory()
    proxy = Proxy(
        'reply_route { xlog("$sel(tm) $sel(tm.method) $sel(tm.uac.last_status)"); drop; }'
        " request_route { exit; }",
        log,
    )
    proxy.receive(reply(200))
    assert _lines(log) == ["0 <null> <null>"]


def test_replies_before_the_transaction_sees_them() -> None:
    script = f"""
        request_route {{ {_BOTH} }}
        reply_route {{ xlog("$sel(TM.Method) $sel(tm.uac.last_status) $rs"); }}
    """
    assert _said(script, (180, BOB), (183, BOB)) == ["INVITE 0 180", "INVITE 180 183"]


@pytest.mark.parametrize(
    ("select", "message"),
    [
        ("tm.foo", "@tm has no part foo"),
        ("tm.uas", "something has to follow @tm.uas: as in @tm.uas.req"),
        ("tm.uac", "something has to follow @tm.uac"),
        ("tm.uac[0]", "something has to follow @tm.uac[0]"),
        ("tm.uas[0].status", "@tm.uas takes no number in brackets"),
        ("tm.uac[-1].status", "@tm.uac has no branch -1: they count from 0"),
        ("tm.uac.status", "@tm.uac has no part status: @tm.uac[0].status is that of a branch"),
        ("tm.uas.count", "@tm.uas has no part count"),
        ("tm.uac[0].relayed", "@tm.uac[0] has no part relayed"),
        ("tm.uac.last_status.x", "@tm.uac.last_status has no part x"),
        ("tm.uas.local_to_tag", "@tm.uas.local_to_tag is not there: who made the tag"),
        ("tm.uac.relayed", "@tm.uac.relayed is not there: which branch"),
        ("tm.uas.req.from.tag", "a message of @tm is text, it has no part from: $T_req(...)"),
        ("tm.uac[1].resp.to", "a message of @tm is text, it has no part to"),
    ],
)
def test_wrong_selects_are_found_before_the_script_runs(select: str, message: str) -> None:
    found = mistakes(
        f'request_route {{ if (@{select} == "x") exit; }}', hints=True, modules=("tm",)
    )
    assert len(found) == 1
    assert message in found[0]


def test_they_belong_to_tm() -> None:
    (found,) = mistakes('request_route { if (@tm.uac.count == "1") exit; }')
    assert "tm" in found
    assert "loaded" in found


def test_the_request_of_a_transaction() -> None:
    log = LogInMemory()
    proxy = Proxy(
        'request_route { t_newtran(); xlog("$(sel(tm.uas.req){line.at,0}) $sel(tm.uas.resp)"); }',
        log,
    )
    proxy.receive(invite("sip:bob@192.0.2.2"))
    assert _lines(log) == ["INVITE sip:bob@192.0.2.2 SIP/2.0 <null>"]
