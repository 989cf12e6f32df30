"""usrloc: contacts go with their connections, and connections with their contacts."""

from __future__ import annotations

import asyncio

from sipway.core.program import Program
from sipway.core.sockets import ListenSocket
from sipway.modules import usrloc
from sipway.modules.usrloc.connections import Connections, Lost
from sipway.sip.addresses import sockaddr
from sipway.sip.outgoing import Directed, SendOption
from tests.modules.pinging import START, contact, with_sockets
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
        contact("sip:new@x", connection=9, modified=int(START)),
    ]
    table.put("a", made, 0)
    table.remember(b"uloc-1", "a")
    lost = Lost(program, when)
    lost.step(START)
    assert [each.uri for each in table.get("a")] == [b"sip:here@x", b"sip:udp@x", b"sip:new@x"]
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


def test_numbers_are_read_again_after_a_while() -> None:
    program, stream = _program("")
    connections = Connections(program)
    made = contact("sip:a@x", connection=7)
    assert connections.of(made, None, START) == (stream, _PEER)
    stream.connections = {_PEER: 8}
    assert connections.of(made, None, START + 0.1) is None  # that peer has another one now
    again = contact("sip:a@x", connection=8, modified=int(START) - 1)
    assert connections.of(again, None, START + 0.1) is None
    just_now = contact("sip:a@x", connection=8, modified=int(START))
    assert connections.of(just_now, None, START + 0.1) == (stream, _PEER)
    assert connections.of(again, None, START + 1) == (stream, _PEER)


def test_a_connection_is_closed_when_its_contact_has_expired() -> None:
    text = 'modparam("usrloc", "preload", "location")\nmodparam("usrloc", "close_expired_tcp", 1)\n'
    program, _, _ = load("request_route { exit; }", parameters=text, modules=("usrloc",))
    stream = program.sockets[0]  # as if it were one
    stream.connections = {_PEER: 7}
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
