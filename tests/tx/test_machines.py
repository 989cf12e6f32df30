"""Every row of the state diagrams of RFC 3261 section 17 and RFC 6026, on a clock of our own."""

from __future__ import annotations

import pytest

from sipway.tx import machines
from sipway.tx.machine import ClientTransaction, Machine, ServerTransaction, Timing
from tests.tx.wire import Wire, reply, request_bytes

T1, T2, T4 = 0.5, 4.0, 5.0
RFC = Timing(T1, T2, 64 * T1, 180.0, 64 * T1, T4)
SENT = request_bytes(branch="z9hG4bKours.0")

# The way from the beginning into a state: statuses received (client) or sent (server), and "ACK".
WAYS: dict[str, dict[str, tuple[int | str, ...]]] = {
    "invite client": {
        "trying": (), "proceeding": (180,), "completed": (486,), "accepted": (200,),
        "terminated": ("give up",),
    },
    "client": {"trying": (), "proceeding": (100,), "completed": (200,)},
    "invite server": {
        "proceeding": (), "accepted": (200,), "completed": (486,), "confirmed": (486, "ACK"),
    },
    "server": {"trying": (), "proceeding": (100,), "completed": (200,)},
}  # fmt: skip

# machine, state, event, next state, what is done, seconds to the next deadline (None: none)
ROWS = [
    # Figure 5, with RFC 6026
    ("invite client", "trying", "retransmit", "trying", "resend", 2 * T1),
    ("invite client", "trying", "give up", "terminated", "tell", None),
    ("invite client", "trying", "broken", "terminated", "tell", None),
    ("invite client", "trying", 100, "proceeding", "pass", 180.0),
    ("invite client", "trying", 200, "accepted", "pass", 64 * T1),
    ("invite client", "trying", 300, "completed", "pass ack", 64 * T1),
    ("invite client", "trying", 699, "completed", "pass ack", 64 * T1),
    ("invite client", "proceeding", 183, "proceeding", "pass", 180.0),
    ("invite client", "proceeding", 200, "accepted", "pass", 64 * T1),
    ("invite client", "proceeding", 404, "completed", "pass ack", 64 * T1),
    ("invite client", "proceeding", "broken", "terminated", "tell", None),
    ("invite client", "proceeding", "give up", "proceeding", "tell", 64 * T1),
    ("invite client", "completed", 486, "completed", "ack", 64 * T1),
    ("invite client", "completed", 180, "completed", "", 64 * T1),
    ("invite client", "completed", 200, "accepted", "pass", 64 * T1),
    ("invite client", "completed", "broken", "terminated", "tell", None),
    ("invite client", "completed", "linger", "terminated", "", None),
    ("invite client", "accepted", 200, "accepted", "pass", 64 * T1),
    ("invite client", "accepted", 180, "accepted", "", 64 * T1),
    ("invite client", "accepted", 486, "accepted", "ack", 64 * T1),
    ("invite client", "accepted", "linger", "terminated", "", None),
    ("invite client", "terminated", 200, "accepted", "pass", 64 * T1),
    ("invite client", "terminated", 486, "terminated", "ack", None),
    ("invite client", "terminated", 180, "terminated", "", None),
    # Figure 6
    ("client", "trying", "retransmit", "trying", "resend", 2 * T1),
    ("client", "trying", "give up", "terminated", "tell", None),
    ("client", "trying", "broken", "terminated", "tell", None),
    ("client", "trying", 100, "proceeding", "pass", T1),
    ("client", "trying", 200, "completed", "pass", T4),
    ("client", "trying", 503, "completed", "pass", T4),
    ("client", "proceeding", "retransmit", "proceeding", "resend", T2),
    ("client", "proceeding", "give up", "terminated", "tell", None),
    ("client", "proceeding", "broken", "terminated", "tell", None),
    ("client", "proceeding", 199, "proceeding", "pass", T1),
    ("client", "proceeding", 200, "completed", "pass", T4),
    ("client", "proceeding", 400, "completed", "pass", T4),
    ("client", "completed", 200, "completed", "", T4),
    ("client", "completed", 100, "completed", "", T4),
    ("client", "completed", "linger", "terminated", "", None),
    # Figure 7, with RFC 6026
    ("invite server", "proceeding", "request", "proceeding", "", None),
    ("invite server", "proceeding", 180, "proceeding", "pass", None),
    ("invite server", "proceeding", 200, "accepted", "pass", 64 * T1),
    ("invite server", "proceeding", 486, "completed", "pass", T1),
    ("invite server", "proceeding", "give up", "proceeding", "tell", 64 * T1),
    ("invite server", "proceeding", "linger", "terminated", "", None),
    ("invite server", "proceeding", "broken", "terminated", "tell", None),
    ("invite server", "proceeding", "ack", "proceeding", "", None),
    ("invite server", "accepted", "request", "accepted", "", 64 * T1),
    ("invite server", "accepted", 200, "accepted", "pass", 64 * T1),
    ("invite server", "accepted", 486, "accepted", "", 64 * T1),
    ("invite server", "accepted", "linger", "terminated", "", None),
    ("invite server", "completed", "request", "completed", "resend", T1),
    ("invite server", "completed", "retransmit", "completed", "resend", 2 * T1),
    ("invite server", "completed", "ack", "confirmed", "", T4),
    ("invite server", "completed", "give up", "confirmed", "tell", T4),
    ("invite server", "completed", "broken", "terminated", "tell", None),
    ("invite server", "completed", 200, "accepted", "pass", 64 * T1),
    ("invite server", "confirmed", 200, "accepted", "pass", 64 * T1),
    ("invite server", "confirmed", "ack", "confirmed", "", T4),
    ("invite server", "confirmed", "request", "confirmed", "", T4),
    ("invite server", "confirmed", "linger", "terminated", "", None),
    # Figure 8
    ("server", "trying", "request", "trying", "", None),
    ("server", "trying", 100, "proceeding", "pass", None),
    ("server", "trying", 200, "completed", "pass", 64 * T1),
    ("server", "trying", "give up", "trying", "tell", 64 * T1),
    ("server", "trying", "linger", "terminated", "", None),
    ("server", "trying", "broken", "terminated", "tell", None),
    ("server", "trying", 404, "completed", "pass", 64 * T1),
    ("server", "proceeding", "request", "proceeding", "resend", None),
    ("server", "proceeding", 183, "proceeding", "pass", None),
    ("server", "proceeding", 200, "completed", "pass", 64 * T1),
    ("server", "proceeding", 603, "completed", "pass", 64 * T1),
    ("server", "proceeding", "give up", "proceeding", "tell", 64 * T1),
    ("server", "proceeding", "linger", "terminated", "", None),
    ("server", "proceeding", "broken", "terminated", "tell", None),
    ("server", "completed", "request", "completed", "resend", 64 * T1),
    ("server", "completed", 200, "completed", "", 64 * T1),
    ("server", "completed", "broken", "terminated", "tell", None),
    ("server", "completed", "linger", "terminated", "", None),
]


def _in_state(kind: str, state: str, wire: Wire, reliable: bool = False) -> Machine:
    """A machine that has gone from its beginning into the state, all at second 0."""
    invite = kind.startswith("invite")
    machine: Machine
    if kind.endswith("client"):
        machine = ClientTransaction(invite, RFC, wire.flow(reliable))
        machine.send(SENT, 0.0)
    else:
        machine = ServerTransaction(invite, RFC, wire.flow(reliable))
    for each in WAYS[kind][state]:
        _feed(machine, each)
    wire.sent()
    assert machine.state_name == state
    return machine


def _feed(machine: Machine, event: int | str) -> int:
    if isinstance(event, int):
        if isinstance(machine, ClientTransaction):
            return machine.receive(reply(event, SENT), 0.0)
        assert isinstance(machine, ServerTransaction)
        return machines.PASS if machine.send(event, b"reply", 0.0) else 0
    return machine.step(machines.EVENT_NAMES.index(event.lower()), 0.0)


@pytest.mark.parametrize(
    ("kind", "state", "event", "following", "done", "seconds"),
    ROWS,
    ids=[f"{row[0]}, {row[1]}, {row[2]}" for row in ROWS],
)
def test_row(
    kind: str, state: str, event: int | str, following: str, done: str, seconds: float | None
) -> None:
    wire = Wire()
    machine = _in_state(kind, state, wire)
    bits = _feed(machine, event)
    assert machine.state_name == following
    assert bool(bits & machines.PASS) == ("pass" in done)
    assert bool(bits & machines.TELL) == ("tell" in done)
    assert bool(bits & machines.ACKNOWLEDGE) == ("ack" in done)
    sent = len(wire.sent())
    if kind.endswith("server") and isinstance(event, int):
        assert sent == ("pass" in done)
    else:
        assert sent == ("resend" in done)
    assert machine.deadline() == (float("inf") if seconds is None else seconds)


def test_every_row_of_the_tables_is_held_by_a_test() -> None:
    tables = {
        "invite client": machines.INVITE_CLIENT,
        "client": machines.CLIENT,
        "invite server": machines.INVITE_SERVER,
        "server": machines.SERVER,
    }
    tested = {
        (kind, state, machines.EVENT_NAMES[machines.event_of(event)])
        if isinstance(event, int)
        else (kind, state, event)
        for kind, state, event, *_ in ROWS
    }
    for kind, table in tables.items():
        for state, row in table.items():
            for event in row:
                # That nobody ever answers is for the layer's tests: its time is the layer's.
                key = (kind, machines.STATE_NAMES[state], machines.EVENT_NAMES[event])
                if key[2] == "give up" and key[0].endswith("server") and key[1] != "completed":
                    continue
                if key == ("invite client", "proceeding", "linger"):
                    continue
                assert key in tested


@pytest.mark.parametrize("kind", ["invite client", "client"])
def test_retransmissions_of_a_client(kind: str) -> None:
    """Timer A doubles each time, timer E up to T2; both end with B or F after 64 times T1."""
    wire = Wire()
    machine = ClientTransaction(kind == "invite client", RFC, wire.flow())
    machine.send(SENT, 0.0)
    times = [0.0]
    while (now := machine.deadline()) < 32.0:
        machine.expire(now)
        times.append(now)
    assert machine.expire(32.0) & machines.TELL
    if kind == "invite client":
        assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5]
    else:
        assert times == [0.0, 0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert len(wire.sent()) == len(times)


def test_a_request_being_worked_on_is_sent_every_t2() -> None:
    wire = Wire()
    machine = ClientTransaction(False, RFC, wire.flow())
    machine.send(SENT, 0.0)
    machine.receive(reply(100, SENT), 0.1)
    times = []
    while (now := machine.deadline()) < 32.0:
        machine.expire(now)
        times.append(now)
    assert times == [0.5, 4.5, 8.5, 12.5, 16.5, 20.5, 24.5, 28.5]


def test_retransmissions_of_a_failure_end_with_the_ack_or_after_64_t1() -> None:
    wire = Wire()
    machine = ServerTransaction(True, RFC, wire.flow())
    machine.send(486, b"busy", 0.0)
    times = []
    while (now := machine.deadline()) < 32.0:
        machine.expire(now)
        times.append(now)
    assert times == [0.5, 1.5, 3.5, 7.5, 11.5, 15.5, 19.5, 23.5, 27.5, 31.5]
    assert machine.expire(32.0) & machines.TELL
    assert machine.state_name == "confirmed"
    assert machine.deadline() == 32.0 + T4


@pytest.mark.parametrize("kind", sorted(WAYS))
def test_over_a_reliable_transport_nothing_is_sent_again(kind: str) -> None:
    for state in WAYS[kind]:
        wire = Wire()
        machine = _in_state(kind, state, wire, reliable=True)
        assert machine.retransmit_at == float("inf")
        if state in ("completed", "confirmed") and (kind, state) != ("invite server", "completed"):
            assert machine.deadline() == 0.0
            machine.expire(0.0)
            assert machine.state_name == "terminated"
        if state == "accepted":
            assert machine.deadline() == 64 * T1


def test_a_second_final_reply_is_not_sent() -> None:
    wire = Wire()
    machine = ServerTransaction(False, RFC, wire.flow())
    assert machine.send(404, b"first", 0.0)
    assert not machine.send(200, b"second", 0.0)
    assert (machine.status, machine.data, wire.sent()) == (404, b"first", [b"first"])


def test_another_timeout_for_one_transaction() -> None:
    wire = Wire()
    machine = ClientTransaction(True, RFC, wire.flow())
    machine.send(SENT, 0.0)
    machine.give_up_at(2.0)
    machine.expire(0.5)
    machine.expire(1.5)
    assert machine.expire(2.0) & machines.TELL
    machine.give_up_at(9.0)
    assert machine.deadline() == float("inf")
