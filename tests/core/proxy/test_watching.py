"""Modules that watch transactions."""

from __future__ import annotations

import logging

import pytest

from sipway.core.context import Context
from sipway.core.proxy.watching import Watcher, watching_of
from sipway.sip.message import Message
from sipway.tx.transaction import Transaction
from tests.core.stateful import BOB, CAROL, Proxy, answer, invite
from tests.fakes import request


class _Seen(Watcher):
    def __init__(self) -> None:
        self.told: list[str] = []

    def failed(self, ctx: Context, transaction: Transaction) -> None:
        kept = transaction.branches[ctx.branch].user
        self.told.append(f"failed {ctx.branch} {kept.status}")
        ctx.flags |= 1 << 9

    def answered(
        self, ctx: Context, transaction: Transaction, status: int, reply: Message | None
    ) -> None:
        local = "ours" if reply is None else reply.reason
        self.told.append(f"answered {status} {local} {ctx.branch} {transaction.user.flags >> 9}")


class _Wrong(Watcher):
    def failed(self, ctx: Context, transaction: Transaction) -> None:
        raise ValueError(ctx.branch, transaction)

    def answered(
        self, ctx: Context, transaction: Transaction, status: int, reply: Message | None
    ) -> None:
        raise ValueError(ctx.branch, transaction, status, reply)


def _watched(script: str | None = None, watcher: Watcher | None = None) -> tuple[Proxy, _Seen]:
    proxy = Proxy() if script is None else Proxy(script)
    seen = _Seen()
    watching = watching_of(proxy.engine.program)
    watching.begun.append(lambda *_: watcher)
    watching.begun.append(lambda *_: seen)
    watching.acknowledged.append(lambda ctx: seen.told.append(f"acknowledged {ctx.method}"))
    return proxy, seen


def test_nobody_watches() -> None:
    proxy = Proxy()
    proxy.invite()
    assert proxy.engine.program.watching is None
    assert proxy.layer.transactions()[0].user.watchers is None


def test_nobody_watches_this_one() -> None:
    proxy = Proxy()
    watching_of(proxy.engine.program).begun.append(lambda *_: None)
    proxy.invite()
    assert proxy.layer.transactions()[0].user.watchers is None


def test_a_call_that_is_answered() -> None:
    proxy, seen = _watched()
    (sent,) = proxy.invite()
    assert seen.told == ["answered 100 ours -1 0"]
    for status in (100, 180, 200, 200):
        proxy.receive(answer(sent, status), source=BOB)
    proxy.receive(request("ACK", "sip:bob@192.0.2.2", to="<sip:b@x>;tag=b1", via=_OTHER))
    assert seen.told[1:] == [
        "answered 180 Because 0 0",
        "answered 200 Because 0 0",
        "acknowledged ACK",
    ]
    assert proxy.ends()


_OTHER = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-ack"


@pytest.mark.parametrize("block", ["", "t_on_failure(FAILED);"])
def test_a_call_that_fails(block: str) -> None:
    proxy, seen = _watched(
        f"""
        request_route {{
            $ru = "sip:bob@192.0.2.2"; append_branch("sip:carol@192.0.2.3"); {block} t_relay();
        }}
        failure_route[FAILED] {{ $avp(flags) = $mF; }}
        """
    )
    one, two = proxy.invite()
    proxy.receive(answer(one, 486), source=BOB)
    state = proxy.layer.transactions()[0].user
    proxy.receive(answer(two, 404), source=CAROL)
    assert seen.told[1:] == ["failed 1 404", "answered 404 Because 1 1"]
    if block:
        assert state.avps["flags"] == ["00000200"]


def test_our_own_answers() -> None:
    proxy, seen = _watched(
        """
        request_route {
            $ru = "sip:bob@192.0.2.2"; t_on_failure("FAILED"); t_relay(); t_reply("183", "Soon");
        }
        failure_route[FAILED] { t_reply("480", "Mine"); }
        """
    )
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 486), source=BOB)
    # What failed() has changed is that of failure_route, and the transaction's afterwards.
    assert seen.told[1:] == ["answered 183 ours -1 0", "failed 0 486", "answered 480 ours 0 0"]


def test_a_timeout() -> None:
    proxy, seen = _watched()
    proxy.invite()
    proxy.wait(200.0)
    assert seen.told[1:] == ["failed 0 408", "answered 408 ours 0 1"]


def test_a_watcher_that_is_wrong_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    proxy, seen = _watched(watcher=_Wrong())
    watching = watching_of(proxy.engine.program)

    def wrong(ctx: Context, *_: object) -> None:
        raise ValueError(ctx.method)

    watching.begun.insert(0, wrong)
    watching.acknowledged.insert(0, wrong)
    with caplog.at_level(logging.ERROR):
        (sent,) = proxy.invite()
        what = proxy.what(answer(sent, 486), source=BOB)
    assert what == ["ACK", "486 INVITE"]
    assert seen.told[1:] == ["failed 0 486", "answered 486 Because 0 1"]
    assert len(caplog.records) == 4
    assert {each.levelname for each in caplog.records} == {"ERROR"}
    proxy.receive(request("ACK", "sip:bob@192.0.2.2", to="<sip:b@x>;tag=b1", via=_OTHER))
    assert len(caplog.records) == 5


def test_a_cancel_is_a_transaction_too() -> None:
    proxy, seen = _watched()
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 180), source=BOB)
    proxy.receive(invite().replace(b"INVITE", b"CANCEL"))
    proxy.receive(answer(sent, 487), source=BOB)
    assert [each.rpartition(" ")[0] for each in seen.told] == [
        "answered 100 ours -1", "answered 180 Because 0", "answered 200 ours -1",
        "failed 0", "answered 487 Because 0",
    ]  # fmt: skip
