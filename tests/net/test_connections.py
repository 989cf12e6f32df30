"""The table of connections, without any."""

from __future__ import annotations

from dataclasses import dataclass, field

from sipway.net.connections import MAX_ALIASES, ConnectionTable
from sipway.sip.addresses import sockaddr

PEER = sockaddr("192.0.2.1", 5060)


@dataclass
class Entry:
    names: dict[bytes, int]
    peer: bytes = PEER
    number: int = 0
    aliases: list[bytes] = field(default_factory=list)
    queued: int = 0


def test_found_by_number_and_peer_until_removed() -> None:
    table: ConnectionTable[Entry] = ConnectionTable(2)
    names, others = table.new_names(), table.new_names()
    first = Entry(names)
    table.add(first)
    assert (first.number, table.get(1), len(table), table.full) == (1, first, 1, False)
    assert table.find(names, PEER) is table.find(others, PEER) is first
    second = Entry(others)
    table.add(second)
    assert (table.find(others, PEER), table.find(names, PEER)) == (second, first)
    assert (table.full, table.from_ip(PEER)) == (True, 2)
    for _ in range(2):
        table.remove(first)
    assert (table.get(1), len(table), names, table.from_ip(PEER)) == (None, 1, {}, 1)
    assert table.find(names, PEER) is second


def test_of_one_peer_the_newest_is_found_and_its_end_takes_no_other_s_name() -> None:
    table: ConnectionTable[Entry] = ConnectionTable()
    names = table.new_names()
    old, new = Entry(names), Entry(names)
    table.add(old)
    table.add(new)
    assert table.find(names, PEER) is new
    table.remove(old)
    assert table.find(names, PEER) is new


def test_aliases_end_with_their_connection_and_are_few() -> None:
    table: ConnectionTable[Entry] = ConnectionTable()
    names = table.new_names()
    entry = Entry(names)
    table.add(entry)
    assert all(table.alias(entry, port) for port in range(1, MAX_ALIASES + 1))
    assert table.alias(entry, 1)
    assert not table.alias(entry, MAX_ALIASES + 1)
    assert table.find(names, sockaddr("192.0.2.1", 7)) is entry
    table.remove(entry)
    assert names == {}


def test_what_waits_is_summed_up() -> None:
    table: ConnectionTable[Entry] = ConnectionTable()
    names = table.new_names()
    one, other = Entry(names), Entry(names)
    table.add(one)
    table.add(other)
    table.account(one, 10)
    table.account(other, 5)
    table.account(one, 3)
    assert table.queued == 8
    table.remove(one)
    assert table.queued == 5
