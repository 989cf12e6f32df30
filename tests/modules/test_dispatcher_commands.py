"""dispatcher: the commands of operators."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.modules.commanding import give
from tests.modules.dispatching import FAILOVER, dispatched, parameter

EVENTS = "".join(
    f"event_route[dispatcher:dst-{name}] {{"
    f' xlog("{name} $rm $ru $du $dsv(code) $dsv(reason) $dsv(flags)\\n"); }}\n'
    for name in ("down", "up")
)
NOTHING = "request_route { ; }\n"
# --- commands ------------------------------------------------------------------------------------

LISTED = "1 sip:192.0.2.1 0 5 duid=a;maxload=3\n1 sip:192.0.2.2 8\n2 sip:192.0.2.3;transport=tcp\n"
SOON = FAILOVER + parameter("reload_delta", 0)


def test_list(tmp_path: Path) -> None:
    found = dispatched(tmp_path, LISTED)
    first = {
        "URI": "sip:192.0.2.1", "FLAGS": "AX", "PRIORITY": 5,
        "ATTRS": {
            "BODY": "duid=a;maxload=3", "DUID": "a", "MAXLOAD": 3, "WEIGHT": 0, "RWEIGHT": 0,
            "SOCKET": None, "SOCKNAME": None, "OBPROXY": None,
        },
    }  # fmt: skip
    second = {"URI": "sip:192.0.2.2", "FLAGS": "AP", "PRIORITY": 0}
    third = {"URI": "sip:192.0.2.3;transport=tcp", "FLAGS": "AX", "PRIORITY": 0}
    for mode in ((), ("x",)):
        assert give(found.program, "dispatcher.list", *mode) == {
            "NRSETS": 2,
            "RECORDS": [
                ("SET", {"ID": 2, "TARGETS": [("DEST", third)]}),
                ("SET", {"ID": 1, "TARGETS": [("DEST", first), ("DEST", second)]}),
            ],
        }


def test_list_short_and_full(tmp_path: Path) -> None:
    found = dispatched(tmp_path, LISTED)
    (_, two), (_, one) = give(found.program, "dispatcher.list", "SHORT")["RECORDS"]
    assert one["TARGETS"][0][1] == {"URI": "sip:192.0.2.1", "FLAGS": "AX", "PRIORITY": 5}
    (_, two), _ = give(found.program, "dispatcher.list", "full")["RECORDS"]
    assert two["TARGETS"][0][1] == {
        "URI": "sip:192.0.2.3;transport=tcp", "FLAGS": "AX", "PRIORITY": 0,
        "HOST": "192.0.2.3", "IPADDR": "192.0.2.3", "PORT": 0, "PROTOID": 2,
        "DNSTIME_SEC": 0, "DNSTIME_USEC": 0,
    }  # fmt: skip


INVALID = (500, "Invalid Parameters")


@pytest.mark.parametrize(
    ("given", "said", "states"),
    [
        (("ip", 1, "sip:192.0.2.1"), "Ok. Dispatcher state updated.", "AX IP AP"),
        (("I", 1, "SIP:192.0.2.1"), "Ok. Dispatcher state updated.", "AX IX AP"),
        (("t", 1, "sip:192.0.2.1"), "Ok. Dispatcher state updated.", "AX TX AP"),
        (("dp", 1, "sip:192.0.2.1"), "Ok. Dispatcher state updated.", "AX DX AP"),
        (("ax", 1, "all"), "Ok. Dispatcher state updated.", "AX AX AX"),
        (("tp", 1, "all"), "Ok. Dispatcher state updated.", "AX TP TP"),
        (("i", 9, "all"), "Ok. Dispatcher state updated.", "AX AX AP"),
        (("i", 1, "sip:192.0.2.9"), (500, "State Update Failed"), "AX AX AP"),
        (("i", 9, "sip:192.0.2.1"), (500, "State Update Failed"), "AX AX AP"),
        (("q", 1, "all"), (500, "Unknown State Value"), "AX AX AP"),
        (("p", 1, "all"), (500, "Unknown State Value"), "AX AX AP"),
        (("i", "x", "all"), INVALID, "AX AX AP"),
        (("i", 1), INVALID, "AX AX AP"),
        ((), INVALID, "AX AX AP"),
    ],
)
def test_set_state(tmp_path: Path, given: tuple[int | str, ...], said: object, states: str) -> None:
    found = dispatched(tmp_path, LISTED, more=EVENTS)
    assert give(found.program, "dispatcher.set_state", *given) == said
    assert found.states == states
    assert found.log.written == []  # no event


@pytest.mark.parametrize(
    ("given", "said", "states"),
    [
        (("ip", 1, "a"), "Ok. Dispatcher state updated.", "AX IP AP"),
        (("i", 1, "b"), (500, "State Update Failed"), "AX AX AP"),
        (("i", 9, "a"), (500, "State Update Failed"), "AX AX AP"),
        (("q", 1, "a"), (500, "Unknown State Value"), "AX AX AP"),
        (("i", 1), INVALID, "AX AX AP"),
    ],
)
def test_set_duid_state(
    tmp_path: Path, given: tuple[int | str, ...], said: object, states: str
) -> None:
    found = dispatched(tmp_path, LISTED)
    assert give(found.program, "dispatcher.set_duid_state", *given) == said
    assert found.states == states


def test_ping_active(tmp_path: Path) -> None:
    program = dispatched(tmp_path, LISTED).program
    assert give(program, "dispatcher.ping_active") == {"OldPingState": 1}
    assert give(program, "dispatcher.ping_active", 0) == {"NewPingState": 0, "OldPingState": 1}
    assert give(program, "dispatcher.ping_active") == {"OldPingState": 0}


def test_add_and_remove(tmp_path: Path) -> None:
    found = dispatched(tmp_path, LISTED, parameters=SOON)
    added = "Ok. Dispatcher destination added."
    assert give(found.program, "dispatcher.add", 7, "sip:192.0.2.7") == added
    assert give(found.program, "dispatcher.add", 1, "192.0.2.8", 8, 9, "weight=5") == added
    best = found.destination("sip:192.0.2.8")
    assert (best.letters, best.priority, best.attributes.weight) == ("AP", 9, 5)
    assert [each.uri for each in found.board.sets.destinations()] == [
        "sip:192.0.2.8", "sip:192.0.2.1", "sip:192.0.2.2", "sip:192.0.2.7",
        "sip:192.0.2.3;transport=tcp",
    ]  # fmt: skip
    removed = "Ok. Dispatcher destination removed."
    assert give(found.program, "dispatcher.remove", 1, "sip:192.0.2.8") == removed
    assert give(found.program, "dispatcher.remove", 7, "sip:192.0.2.7") == removed
    assert give(found.program, "dispatcher.remove", 7, "sip:192.0.2.7") == removed
    assert found.board.sets.get(7) is None
    give(found.program, "dispatcher.add", 7, "sip:192.0.2.7")
    give(found.program, "dispatcher.reload")
    assert found.board.sets.get(7) is None


def test_states_outlive_what_is_added_and_removed(tmp_path: Path) -> None:
    found = dispatched(tmp_path, LISTED, parameters=SOON)
    give(found.program, "dispatcher.set_state", "ip", 1, "sip:192.0.2.1")
    give(found.program, "dispatcher.add", 1, "sip:192.0.2.4")
    give(found.program, "dispatcher.remove", 1, "sip:192.0.2.4")
    assert found.states == "AX IP AP"


_NOT_OURS = "sip:a: none of our sockets is udp:1.2.3.4:5"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), INVALID),
        ((5,), INVALID),
        (("x", "sip:a"), INVALID),
        ((1, "sip:a", "x"), INVALID),
        ((1, "sip:a", 0, "x"), INVALID),
        ((-1, "sip:a"), INVALID),
        ((1, "tel:1"), (500, "tel:1: tel:1 is no URI of SIP")),
        ((1, "sip:a", 0, 0, "a'"), (500, "sip:a: attributes are written name=value;..., not a'")),
        ((1, "sip:a", 0, 0, "socket=udp:1.2.3.4:5"), (500, _NOT_OURS)),
    ],
)  # fmt: skip
def test_nothing_wrong_is_added(tmp_path: Path, given: tuple[int | str, ...], said: object) -> None:
    found = dispatched(tmp_path, LISTED, parameters=SOON)
    assert give(found.program, "dispatcher.add", *given) == said
    assert found.states == "AX AX AP"


@pytest.mark.parametrize("given", [(), (5,), ("x", "y")])
def test_nothing_wrong_is_removed(tmp_path: Path, given: tuple[int | str, ...]) -> None:
    found = dispatched(tmp_path, LISTED, parameters=SOON)
    assert give(found.program, "dispatcher.remove", *given) == INVALID


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((4, "alice"), {"hashid": 1834153949, "slot": 1}),
        ((0, "alice", "server.com"), {"hashid": 1412806172, "slot": 0}),
        ((3, "abcd", "efgh"), {"hashid": 3610933276, "slot": 1}),
        ((5, "", ""), {"hashid": 1, "slot": 1}),
        ((-2, "a"), {"hashid": 109, "slot": 0}),
        ((3,), INVALID),
        (("x", "y"), INVALID),
        ((), INVALID),
    ],
)
def test_hash(tmp_path: Path, given: tuple[int | str, ...], said: object) -> None:
    assert give(dispatched(tmp_path, LISTED).program, "dispatcher.hash", *given) == said
