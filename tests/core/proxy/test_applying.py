"""msg_apply_changes_mode: a request gets its transaction with the changes made so far."""

from __future__ import annotations

import pytest

from tests.core.proxy.calls import TO_BOB, Calls, Sent

_SHOW = 'xlog("{}: a=$hdr(X-A) b=$hdr(X-B) $ru $ou\\n");'
_SCRIPT = f"""
request_route {{
    append_hf("X-A: 1\\r\\n"); {TO_BOB} t_on_branch("B"); t_on_failure("F");
    t_relay(); {_SHOW.format("request")}
}}
branch_route[B] {{
    append_hf("X-B: 2\\r\\n"); {_SHOW.format("branch")} t_msg_apply_changes();
    {_SHOW.format("applied")}
}}
failure_route[F] {{ {_SHOW.format("failure")} }}
"""


def _called(script: str) -> tuple[list[str], Sent]:
    calls = Calls(script)
    (sent,) = [each for each in calls.invite("OPTIONS") if each.what == "OPTIONS"]
    calls.answer(sent, 486)
    return calls.lines, sent


def test_blocks_that_run_later_see_the_changes() -> None:
    lines, sent = _called(f"msg_apply_changes_mode=1\n{_SCRIPT}")
    uris = "sip:bob@192.0.2.2 sip:bob@callee.example"
    assert lines == [
        f"branch: a=1 b=<null> {uris}",
        "applied: a=1 b=2 sip:bob@192.0.2.2 sip:bob@192.0.2.2",
        f"request: a=1 b=<null> {uris}",
        f"failure: a=1 b=<null> {uris}",
    ]
    assert sent.text.count("X-A: 1\r\n") == sent.text.count("X-B: 2\r\n") == 1
    assert sent.to == "192.0.2.2"


def test_without_it_they_see_what_was_received() -> None:
    lines, sent = _called(_SCRIPT)
    seen = {line.split(":")[0]: line.split(" ")[1] for line in lines}
    assert seen == dict.fromkeys(("branch", "request", "failure"), "a=<null>") | {"applied": "a=1"}
    assert sent.text.count("X-A: 1\r\n") == sent.text.count("X-B: 2\r\n") == 1


@pytest.mark.parametrize("mode", ["", "msg_apply_changes_mode=1\n"])
def test_what_would_be_no_message_stays_as_it_is(mode: str) -> None:
    calls = Calls(
        f'{mode}request_route {{ remove_hf("Call-ID"); t_newtran(); xlog("$ci\\n");'
        ' t_reply("404", "x"); }'
    )
    (sent,) = calls.invite("OPTIONS")
    assert sent.what == "404"
    assert calls.lines == ["call-1"]
