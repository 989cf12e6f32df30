"""Requests, branches and time, as a proxy uses them."""

from __future__ import annotations

import gc

import pytest

from sipway.sip.message import Message, parse
from sipway.tx import machines
from sipway.tx.layer import ABSORBED, CANCELS, NEW, Layer
from sipway.tx.machine import ClientTransaction, Timing
from sipway.tx.transaction import Transaction
from tests.tx.wire import Wire, reply, request, request_bytes


class Proxy:
    """A Layer, a wire on each side, and the little that a proxy does."""

    def __init__(self, timing: Timing | None = None) -> None:
        self.layer = Layer(timing)
        self.caller = Wire()
        self.callee = Wire()

    def begin(self, message: Message | None = None, now: float = 0.0) -> Transaction:
        message = message or request()
        found, _ = self.layer.receive_request(message, now)
        assert found == NEW
        return self.layer.create(message, self.caller.flow(), now)

    def fork(self, transaction: Transaction, now: float = 0.0) -> ClientTransaction:
        branch = self.layer.next_branch(transaction).decode()
        data = request_bytes(
            transaction.request.method, branch, sent_by="192.0.2.9", extra="Route: <sip:r;lr>\r\n"
        )
        return self.layer.send(transaction, data, self.callee.flow(), now)

    def run_to(self, end: float) -> list[tuple[float, int | None]]:
        """All that the user is told of up to `end`: when, and which branch."""
        told = []
        while (now := self.layer.next_deadline()) <= end:
            for transaction, branch in self.layer.expire(now):
                number = None if branch is None else transaction.branches.index(branch)
                told.append((round(now, 1), number))
        return told


def test_a_call_from_invite_to_nothing_left() -> None:
    proxy = Proxy()
    layer = proxy.layer
    transaction = proxy.begin()
    assert layer.reply(transaction, 100, b"100", 0.0)
    branch = proxy.fork(transaction)
    assert len(proxy.callee.sent()) == 1
    for status in (180, 200):
        found, which, done = layer.receive_reply(reply(status, branch.data), 1.0)
        assert (found, which, done & machines.PASS) == (transaction, branch, machines.PASS)
        assert layer.reply(transaction, status, b"%d" % status, 1.0)
    assert proxy.caller.sent() == [b"100", b"180", b"200"]
    # The 2xx comes again, and goes through again (RFC 6026).
    _, _, done = layer.receive_reply(reply(200, branch.data), 1.5)
    assert done & machines.PASS
    assert layer.reply(transaction, 200, b"200", 1.5)
    # The ACK to it is nothing to this transaction.
    assert layer.receive_request(request("ACK", "z9hG4bKack"), 2.0) == (NEW, None)
    assert proxy.run_to(100.0) == []
    assert len(layer) == 0


def test_a_retransmission_is_answered_with_what_was_sent_last() -> None:
    proxy = Proxy()
    transaction = proxy.begin()
    assert proxy.layer.receive_request(request(), 0.1) == (ABSORBED, transaction)
    assert proxy.caller.sent() == []
    proxy.layer.reply(transaction, 183, b"183", 0.2)
    proxy.layer.receive_request(request(), 0.3)
    assert proxy.caller.sent() == [b"183", b"183"]


def test_a_failure_is_acknowledged_here_and_by_the_caller() -> None:
    proxy = Proxy()
    layer = proxy.layer
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    proxy.callee.sent()
    busy = reply(486, branch.data)
    _, _, done = layer.receive_reply(busy, 1.0)
    assert done & machines.PASS
    (sent,) = proxy.callee.sent()
    ack = parse(sent)
    assert ack.method == "ACK"
    assert ack.uri == parse(branch.data).uri
    assert ack.via.branch == parse(branch.data).via.branch
    assert ack.via_count == 1
    assert ack.to.tag == "b1"
    assert ack.cseq_number == 1
    assert ack.named("Route") == "<sip:r;lr>"
    # It comes again: acknowledged again, told nobody.
    _, _, done = layer.receive_reply(busy, 1.1)
    assert not done & machines.PASS
    assert proxy.callee.sent() == [sent]
    layer.reply(transaction, 486, b"486", 1.1)
    proxy.run_to(3.0)
    assert proxy.caller.sent() == [b"486", b"486", b"486"]
    assert layer.receive_request(request("ACK", to_tag="b1"), 3.0) == (ABSORBED, transaction)
    assert layer.receive_request(request("ACK", to_tag="b1"), 3.1) == (ABSORBED, transaction)
    assert proxy.run_to(100.0) == []
    assert proxy.caller.sent() == []
    assert len(layer) == 0


def test_cancel_waits_for_a_provisional_reply() -> None:
    proxy = Proxy()
    layer = proxy.layer
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    proxy.callee.sent()
    cancel = request("CANCEL")
    assert layer.receive_request(cancel, 0.1) == (CANCELS, transaction)
    layer.cancel(transaction, branch, 0.1, b"Reason: SIP;cause=200\r\n")
    assert proxy.callee.sent() == []
    layer.receive_reply(reply(180, branch.data), 0.2)
    (sent,) = proxy.callee.sent()
    assert parse(sent).method == "CANCEL"
    assert parse(sent).via.branch == parse(branch.data).via.branch
    layer.cancel(transaction, branch, 0.3)  # once is enough
    assert proxy.callee.sent() == []
    # It is sent again until it is answered; its answer is nobody else's business.
    proxy.run_to(0.8)
    assert proxy.callee.sent() == [sent]
    assert layer.receive_reply(reply(200, sent), 0.9)[2] == 0
    assert proxy.run_to(1.5) == []
    _, _, done = layer.receive_reply(reply(487, branch.data), 1.5)
    assert done & machines.PASS
    layer.reply(transaction, 487, b"487", 1.5)
    layer.receive_request(request("ACK"), 1.6)
    proxy.run_to(100.0)
    assert len(layer) == 0


def test_a_cancel_with_more_lines() -> None:
    proxy = Proxy()
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    proxy.layer.receive_reply(reply(180, branch.data), 0.2)
    proxy.callee.sent()
    proxy.layer.cancel(transaction, branch, 0.3, b"Reason: SIP;cause=200\r\n")
    assert parse(proxy.callee.sent()[0]).named("Reason") == "SIP;cause=200"


def test_cancel_and_200_pass_each_other() -> None:
    proxy = Proxy()
    layer = proxy.layer
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    layer.receive_reply(reply(180, branch.data), 0.2)
    layer.cancel(transaction, branch, 0.3)
    _, _, done = layer.receive_reply(reply(200, branch.data), 0.4)
    assert done & machines.PASS
    assert branch.state == machines.ACCEPTED


def test_only_an_invite_can_be_cancelled() -> None:
    proxy = Proxy()
    transaction = proxy.begin(request("MESSAGE"))
    branch = proxy.fork(transaction)
    proxy.layer.receive_reply(reply(100, branch.data), 0.1)
    proxy.callee.sent()
    proxy.layer.cancel(transaction, branch, 0.2)
    assert proxy.callee.sent() == []


def test_nobody_answers() -> None:
    proxy = Proxy(Timing(give_up=30.0))
    transaction = proxy.begin()
    proxy.fork(transaction)
    assert proxy.run_to(30.5) == [(30.0, 0)]
    proxy.layer.reply(transaction, 408, b"408", 30.5)
    proxy.layer.receive_request(request("ACK"), 30.6)
    proxy.run_to(100.0)
    assert len(proxy.layer) == 0


def test_it_rings_and_nobody_answers() -> None:
    """The user is told, cancels, and the 487 is still acknowledged."""
    proxy = Proxy(Timing(ringing=120.0))
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    proxy.layer.receive_reply(reply(180, branch.data), 1.0)
    assert proxy.run_to(121.5) == [(121.0, 0)]
    proxy.callee.sent()
    proxy.layer.cancel(transaction, branch, 121.5)
    proxy.layer.receive_reply(reply(487, branch.data), 121.6)
    assert [line.split()[0] for line in proxy.callee.first_lines()] == ["CANCEL", "ACK"]


def test_a_dead_branch_that_rang_is_forgotten() -> None:
    proxy = Proxy(Timing(ringing=120.0, linger=32.0))
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    proxy.layer.receive_reply(reply(180, branch.data), 0.0)
    proxy.run_to(119.0)
    proxy.layer.reply(transaction, 408, b"408", 119.0)
    proxy.layer.receive_request(request("ACK"), 119.5)
    assert proxy.run_to(121.0) == [(120.0, 0)]
    proxy.run_to(200.0)
    assert branch.state == machines.TERMINATED
    assert len(proxy.layer) == 0


def test_a_request_that_the_script_forgets_is_let_go_after_its_lifetime() -> None:
    proxy = Proxy()
    proxy.begin()
    assert proxy.run_to(200.0) == [(180.0, None)]
    proxy.begin(request("OPTIONS"), 200.0)
    assert proxy.run_to(300.0) == [(232.0, None)]
    assert len(proxy.layer) == 0


@pytest.mark.parametrize(
    "stray",
    [
        lambda sent: sent.replace(b"z9hG4bK", b"z9hG4bKx", 1),
        lambda sent: sent.replace(b".0\r\n", b".7\r\n", 1),
        lambda sent: sent.replace(b".0\r\n", b".9999\r\n", 1),
        lambda sent: sent.replace(b"1 INVITE", b"1 BYE"),
        lambda sent: sent.replace(b"1 INVITE", b"1 CANCEL"),
    ],
    ids=["unknown", "branch", "far branch", "method", "no cancel"],
)
def test_strays(stray: object) -> None:
    proxy = Proxy()
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    answer = parse(stray(reply(200, branch.data).data))  # type: ignore[operator]
    assert proxy.layer.receive_reply(answer, 0.1) == (None, None, 0)
    assert branch.status == 0


def test_300_branches() -> None:
    proxy = Proxy()
    transaction = proxy.begin()
    branches = [proxy.fork(transaction) for _ in range(300)]
    for number, branch in enumerate(branches):
        found, which, done = proxy.layer.receive_reply(reply(404, branch.data), 0.1)
        assert (found, which) == (transaction, branches[number])
        assert done & machines.PASS
    proxy.layer.reply(transaction, 404, b"404", 0.2)
    proxy.layer.receive_request(request("ACK"), 0.3)
    assert proxy.run_to(100.0) == []
    assert len(proxy.layer) == 0


def test_the_transport_breaks() -> None:
    proxy = Proxy()
    transaction = proxy.begin()
    branch = proxy.fork(transaction)
    assert proxy.layer.broken(transaction, branch, 0.1)
    assert not proxy.layer.broken(transaction, branch, 0.2)


def test_identities_cannot_be_guessed_and_do_not_repeat() -> None:
    proxy = Proxy()
    seen = {proxy.begin(request(branch=f"z9hG4bK{number}")).identity for number in range(1000)}
    assert len(seen) == 1000
    assert all(len(each) == 16 for each in seen)


def test_a_transaction_is_gone_when_it_is_over_without_the_collector() -> None:
    gc.collect()
    gc.disable()
    try:
        proxy = Proxy(Timing(linger=5.0))
        for number in range(100):
            now = float(number)
            transaction = proxy.begin(request("MESSAGE", f"z9hG4bK{number}"), now)
            branch = proxy.fork(transaction, now)
            proxy.layer.receive_reply(reply(200, branch.data), now)
            proxy.layer.reply(transaction, 200, b"200", now)
            proxy.run_to(now)
        del transaction, branch
        proxy.run_to(1000.0)
        proxy.caller.sent()
        proxy.callee.sent()
        assert gc.collect() == 0
        assert len(proxy.layer) == 0
    finally:
        gc.enable()
