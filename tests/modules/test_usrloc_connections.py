"""usrloc: contacts go with their connections, and connections with their contacts."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from sipway.core.commands.process import ServerProcess
from sipway.core.program import Program
from sipway.core.sockets import ListenSocket
from sipway.modules import usrloc
from sipway.modules.usrloc.connections import Connections, Lost
from sipway.net.connections import ConnectionTable
from sipway.sip.addresses import sockaddr
from sipway.sip.outgoing import Directed, SendOption
from tests.modules.pinging import START, contact, peers_of, with_sockets
from tests.modules.running import load

_PEER = sockaddr("198.51.100.1", 4444)


def _stream() -> ListenSocket:
    stream = ListenSocket("tcp", "192.0.2.9", 5060)
    stream.connections = {_PEER: 7}
    return stream


def _program(parameters: str) -> tuple[Program, ListenSocket]:
    text = f'modparam("usrloc", "preload", "location")\n{parameters}'
    program, _, _ = load("request_route { exit; }", parameters=text, modules=("usrloc",))
    stream = _stream()
    return with_sockets(program, (*program.sockets, stream)), stream


def test_a_contact_goes_whose_connection_has_gone() -> None:
    program, stream = _program('modparam("usrloc", "handle_lost_tcp", 1)')
    told: list[tuple[str, bytes, bytes]] = []
    usrloc.watch_expired(program, lambda *each: told.append((each[0], each[1], each[2].uri)))
    table = usrloc.locations(program).table("location")
    when = int(START) - 100
    made = [
        contact("sip:here@x", connection=7, modified=when),
        contact("sip:gone@x", connection=8, modified=when, instance=b"<i>", ruid=b"uloc-1"),
        contact("sip:udp@x", modified=when),
    ]
    table.put("a", made, 0)
    table.remember(b"uloc-1", "a")
    lost = Lost(program, when)
    lost.step(START)
    assert [each.uri for each in table.get("a")] == [b"sip:here@x", b"sip:udp@x"]
    assert told == [("location", b"a", b"sip:gone@x")]
    assert table.owner_of(b"uloc-1") is None
    stream.connections = {}
    now = START
    while now < START + 121:
        now += lost.step(now)
    assert [each.uri for each in table.get("a")] == [b"sip:udp@x"]


def test_connections_from_before_the_start_have_gone() -> None:
    program, _ = _program('modparam("usrloc", "handle_lost_tcp", 1)')
    table = usrloc.locations(program).table("location")
    table.put("a", [contact("sip:a@x", connection=7, modified=int(START) - 1)], 0)
    Lost(program, START).step(START)
    assert table.get("a") == []


def test_connections_are_found_as_they_are_now() -> None:
    program, stream = _program("")
    connections = Connections(program)
    made = contact("sip:a@x", connection=7)
    assert connections.of(made, None) == (stream, _PEER)
    stream.connections = {_PEER: 8}
    assert connections.of(made, None) is None  # that peer has another one now
    assert connections.of(contact("sip:a@x", connection=8), None) == (stream, _PEER)
    assert connections.of(contact("sip:a@x"), None) is None
    assert connections.of(contact("sip:a@x"), _PEER) == (stream, _PEER)


class _NotReadWhole(dict[bytes, int]):
    def items(self) -> Any:
        raise AssertionError("there may be very many")

    __iter__ = keys = values = items


def test_a_connection_that_has_gone_is_not_looked_for_among_all() -> None:
    """Else a phone that registers and hangs up holds up all that look it up."""
    table: ConnectionTable[Any] = ConnectionTable()
    socket: Any = SimpleNamespace(connections=_NotReadWhole())
    for number in range(1, 4):
        peer = sockaddr("198.51.100.1", 5000 + number)
        entry = SimpleNamespace(peer=peer, names=socket.connections, aliases=[], queued=0)
        table.add(entry)
        if number == 2:
            table.remove(entry)
    program: Any = SimpleNamespace(sockets=(socket,), process=ServerProcess(peer_of=table.peer_of))
    connections = Connections(program)
    found = [
        connections.of(contact("sip:a@x", connection=number, modified=int(START)), None)
        for number in range(1, 5)
    ]
    peers = [sockaddr("198.51.100.1", port) for port in (5001, 5003)]
    assert found == [(socket, peers[0]), None, (socket, peers[1]), None]


def test_a_connection_is_closed_when_its_contact_has_expired() -> None:
    text = 'modparam("usrloc", "preload", "location")\nmodparam("usrloc", "close_expired_tcp", 1)\n'
    program, _, _ = load("request_route { exit; }", parameters=text, modules=("usrloc",))
    stream = program.sockets[0]  # as if it were one
    stream.connections = {_PEER: 7}
    program.process = ServerProcess(peer_of=peers_of(program.sockets))
    table = usrloc.locations(program).table("location")
    table.put(
        "a",
        [
            contact("sip:a@x", connection=7),
            contact("sip:b@x", connection=8),
            contact("sip:c@x"),
        ],
        0,
    )
    program.clock = lambda: START + 4000

    async def serve() -> None:
        tasks = [asyncio.ensure_future(each()) for each in program.services]
        async with asyncio.timeout(10):
            while table.expired < 3:
                await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(serve())
    ((data, where),) = stream.outgoing
    entry = stream.outgoing[0]
    assert (data, where) == (b"", _PEER)
    assert isinstance(entry, Directed)
    assert (entry.connection, entry.options) == (7, SendOption.NO_CONNECT | SendOption.CLOSE)
