"""The TCP socket on a real event loop, over loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from sipway.errors import TransportError
from sipway.net.stream import StreamOptions
from sipway.net.tcp import StreamEvents, Table, TcpSocket
from sipway.net.udp import Datagram
from sipway.sip import addresses
from sipway.sip.outgoing import Directed, SendOption

MESSAGE = b"OPTIONS sip:a SIP/2.0\r\nContent-Length: 0\r\n\r\n"
QUICK = StreamOptions(check_every=0.02)


def big(size: int) -> bytes:
    return b"OPTIONS sip:a SIP/2.0\r\nContent-Length: %d\r\n\r\n" % size + bytes(size)


@dataclass
class Seen:
    """What a socket told, and the answers that it gets."""

    batches: list[list[Datagram]] = field(default_factory=list)
    failures: list[tuple[bytes, bytes, str]] = field(default_factory=list)
    troubles: list[tuple[bytes, str]] = field(default_factory=list)
    answer: Callable[[list[Datagram]], list[Datagram]] = lambda batch: batch

    @property
    def events(self) -> StreamEvents:
        return StreamEvents(
            self._batch,
            lambda _, *failure: self.failures.append(failure),
            lambda _, *trouble: self.troubles.append(trouble),
        )

    def _batch(self, _socket: Any, batch: list[Datagram]) -> list[Datagram]:
        self.batches.append(batch)
        return self.answer(batch)

    @property
    def messages(self) -> list[bytes]:
        return [message for batch in self.batches for message, _ in batch]

    @property
    def reasons(self) -> list[str]:
        return [reason for _, reason in self.troubles]


@contextlib.asynccontextmanager
async def serving(
    options: StreamOptions = QUICK, ip: str = "127.0.0.1", table: Table | None = None
) -> AsyncIterator[tuple[TcpSocket, Seen]]:
    """A socket that answers each message with itself."""
    seen = Seen()
    bound = TcpSocket(ip, 0, Table() if table is None else table, seen.events, options)
    bound.start(asyncio.get_running_loop())
    try:
        async with asyncio.timeout(10):
            yield bound, seen
    finally:
        bound.close()
        for writer in _clients:
            writer.transport.abort()
        _clients.clear()
        async with asyncio.timeout(10):
            while len(asyncio.all_tasks()) > 1:
                await asyncio.sleep(0)
            for _ in range(3):
                await asyncio.sleep(0)


_clients: list[asyncio.StreamWriter] = []


async def until(done: Callable[[], bool]) -> None:
    while not done():
        await asyncio.sleep(0.001)


async def client(bound: TcpSocket) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await asyncio.open_connection(bound.ip, bound.port)
    _clients.append(writer)
    return reader, writer


async def drained(reader: asyncio.StreamReader) -> bytes:
    """All that comes until the server closes; a reset is an end too."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while piece := await reader.read(65_536):
            data += piece
    return data


def address_of(writer: asyncio.StreamWriter) -> bytes:
    return addresses.sockaddr(*writer.get_extra_info("sockname")[:2])


@contextlib.asynccontextmanager
async def listener() -> AsyncIterator[tuple[bytes, asyncio.Queue[bytes]]]:
    """A peer that can be connected to: its address, and what it got, a connection after another."""
    got: asyncio.Queue[bytes] = asyncio.Queue()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        _clients.append(writer)
        with contextlib.suppress(ConnectionResetError):
            while data := await reader.read(65_536):
                got.put_nowait(data)

    server = await asyncio.start_server(take, "127.0.0.1", 0)
    # Not `async with`: from Python 3.12 on that waits for connections that the other side closes.
    try:
        yield addresses.sockaddr(*server.sockets[0].getsockname()), got
    finally:
        server.close()


async def test_messages_in_and_answers_out(loopback: str) -> None:
    async with serving(ip=loopback) as (bound, seen):
        reader, writer = await client(bound)
        writer.write(MESSAGE + big(9)[:30])
        assert await reader.readexactly(len(MESSAGE)) == MESSAGE
        writer.write(big(9)[30:] + MESSAGE)
        assert await reader.readexactly(len(big(9) + MESSAGE)) == big(9) + MESSAGE
        assert [len(batch) for batch in seen.batches] == [1, 2]
        assert seen.batches[0][0][1] == address_of(writer)
        assert bound.names == {address_of(writer): 1}
        writer.close()
        await until(lambda: not bound.connections)
        assert (bound.names, seen.failures, seen.troubles) == ({}, [], [])


async def test_a_ping_gets_its_pong() -> None:
    async with serving() as (bound, seen):
        reader, writer = await client(bound)
        writer.write(b"\r\n\r\n")
        assert await reader.readexactly(2) == b"\r\n"
        assert seen.batches == []


async def test_what_is_no_message_ends_the_connection_with_a_reason() -> None:
    async with serving(StreamOptions(limit=2000)) as (bound, seen):
        for data, reason in (
            (b"\x16\x03\x01", "sent something else than SIP"),
            (b"GET / HTTP/1.1\r\n\r\n", "sent a message without Content-Length"),
            (big(3000), "sent a message of more than 2000 bytes"),
        ):
            reader, writer = await client(bound)
            writer.write(MESSAGE + data)
            assert await drained(reader) in (MESSAGE, b"")  # a reset may overtake the answer
            assert seen.reasons[-1] == reason
            writer.close()
        assert len(seen.messages) == 3


# --- sending ---------------------------------------------------------------------------------


async def test_a_connection_is_opened_once_and_used_again() -> None:
    async with serving() as (bound, _), listener() as (there, got):
        bound.send([(b"one", there), (b"two", there)])
        assert bound.connections == 1
        assert await got.get() == b"onetwo"
        bound.send([(b"three", there)])
        assert await got.get() == b"three"
        assert (bound.connections, bound.sent) == (1, 3)


async def test_an_answer_finds_the_connection_by_number_before_the_address() -> None:
    async with serving() as (bound, _), listener() as (there, got):
        reader, writer = await client(bound)
        await until(lambda: bool(bound.names))
        number = bound.names[address_of(writer)]
        bound.send([Directed.to(b"by number", there, number)])
        assert await reader.readexactly(9) == b"by number"
        writer.close()
        await until(lambda: not bound.connections)
        bound.send([Directed.to(b"by address", there, number)])
        assert await got.get() == b"by address"


async def test_a_number_does_not_lead_to_another_address() -> None:
    """Numbers come back in the Via of replies, which anybody may write."""
    async with serving() as (bound, seen):
        await client(bound)
        await until(lambda: bool(bound.names))
        elsewhere = addresses.sockaddr("127.0.0.9", 9)
        bound.send([Directed.to(b"x", elsewhere, 1, SendOption.NO_CONNECT)])
        assert [reason for *_, reason in seen.failures] == [
            "there is no connection, and none is to be opened"
        ]


async def test_without_connecting_a_message_fails() -> None:
    there = addresses.sockaddr("127.0.0.1", 9)
    async with serving() as (bound, seen):
        bound.send([Directed.to(b"x", there, 0, SendOption.NO_CONNECT)])
        assert seen.failures == [(b"x", there, "there is no connection, and none is to be opened")]
    async with serving(StreamOptions(no_connect=True)) as (bound, seen):
        bound.send([(b"x", there)])
        assert len(seen.failures) == 1
        assert bound.connections == 0


async def test_a_connection_is_closed_behind_a_message_if_asked_for() -> None:
    async with serving() as (bound, seen), listener() as (there, got):
        bound.send([Directed.to(b"last", there, 0, SendOption.CLOSE)])
        assert await got.get() == b"last"
        await until(lambda: not bound.connections)
        reader, writer = await client(bound)
        seen.answer = lambda batch: [Directed.to(*batch[0], 0, SendOption.CLOSE)]
        writer.write(MESSAGE)
        assert await drained(reader) == MESSAGE
        assert (seen.failures, seen.troubles) == ([], [])


async def test_an_alias_leads_to_the_connection_until_it_ends() -> None:
    async with serving() as (bound, seen):
        reader, writer = await client(bound)
        await until(lambda: bool(bound.names))
        alias = addresses.sockaddr("127.0.0.1", 7)
        bound.alias(address_of(writer), 7)
        bound.send([(b"by alias", alias)])
        assert await reader.readexactly(8) == b"by alias"
        newer_reader, newer = await client(bound)
        await until(lambda: bound.connections == 2)
        bound.alias(address_of(newer), 7)
        bound.send([(b"to the newer", alias)])
        assert await newer_reader.readexactly(12) == b"to the newer"
        # Where somebody else really is, no alias leads.
        bound.alias(address_of(newer), addresses.port(address_of(writer)))
        bound.send([(b"still mine", address_of(writer))])
        assert await reader.readexactly(10) == b"still mine"
        newer.close()
        writer.close()
        await until(lambda: not bound.connections)
        assert (bound.names, seen.failures) == ({}, [])


# --- what goes wrong -------------------------------------------------------------------------


async def test_nobody_listens_there(unused_port: int) -> None:
    there = addresses.sockaddr("127.0.0.1", unused_port)
    async with serving() as (bound, seen):
        bound.send([(b"one", there), (b"two", there)])
        await until(lambda: len(seen.failures) == 2)
        reason = "could not be opened: Connection refused"
        assert seen.failures == [(b"one", there, reason), (b"two", there, reason)]
        assert (bound.connections, bound.names, bound.sent) == (0, {}, 0)


async def test_a_dead_host_holds_nobody() -> None:
    """A backlog that is full answers no SYN: others are served meanwhile, then it fails."""
    with socket.socket() as dead, contextlib.ExitStack() as filling:
        dead.bind(("127.0.0.1", 0))
        dead.listen(0)
        for _ in range(3):
            each = filling.enter_context(socket.socket())
            each.setblocking(False)
            each.connect_ex(dead.getsockname())
        there = addresses.sockaddr(*dead.getsockname())
        options = StreamOptions(connect_timeout=2, most_queued=10)
        async with serving(options) as (bound, seen):
            bound.send([(b"12345", there), (b"12345", there), (b"1", there)])
            assert [reason for *_, reason in seen.failures] == [
                "too much waits for the connection to open (tcp_conn_wq_max)"
            ]
            reader, writer = await client(bound)
            writer.write(MESSAGE)
            assert await reader.readexactly(len(MESSAGE)) == MESSAGE
            assert len(seen.failures) == 1, "answered before the dead one was given up"
            await until(lambda: len(seen.failures) == 3)
            assert (
                seen.failures[1:]
                == [(b"12345", there, "could not be opened within 2 s (tcp_connect_timeout)")] * 2
            )


async def test_a_peer_that_never_reads_is_closed_when_too_much_waits() -> None:
    table = Table()
    async with serving(table=table) as (bound, seen):
        reader, writer = await client(bound)
        await until(lambda: bool(bound.names))
        there = address_of(writer)
        sent = 0
        while not seen.failures:
            bound.send([(bytes(20_000), there)])
            sent += 1
            assert table.queued <= bound.most_queued
            assert sent < 10_000
        await until(lambda: bound.connections == 0)
        assert seen.reasons == ["does not read what is sent (tcp_conn_wq_max)"]
        assert {reason for *_, reason in seen.failures} <= {
            "the peer does not read what is sent", *seen.reasons
        }  # fmt: skip
        assert bound.sent + len(seen.failures) == sent
        assert table.queued == 0
        del reader


async def test_a_peer_that_takes_nothing_any_more_is_closed_after_a_time() -> None:
    options = StreamOptions(send_timeout=0.1, check_every=0.02, most_queued=1 << 24)
    async with serving(options) as (bound, seen):
        _, writer = await client(bound)
        await until(lambda: bool(bound.names))
        message = bytes(8 << 20)
        bound.send([(message, address_of(writer))])
        await until(lambda: not bound.connections)
        reason = "takes nothing any more (tcp_send_timeout)"
        assert seen.failures == [(message, address_of(writer), reason)]
        assert seen.reasons == [reason]


async def test_what_waits_for_all_is_bounded() -> None:
    async with serving(table=Table(most_queued=100)) as (bound, seen), listener() as (there, _):
        bound.send([(bytes(60), there), (bytes(60), there)])
        assert [reason for *_, reason in seen.failures] == [
            "too much waits for all connections (tcp_wq_max)"
        ]


async def test_the_slow_and_the_silent_are_closed_and_the_idle_too() -> None:
    options = StreamOptions(read_timeout=0.1, data_timeout=0.2, lifetime=0.3, check_every=0.02)
    async with serving(options) as (bound, seen):
        slow, slow_writer = await client(bound)
        silent, _ = await client(bound)
        idle, idle_writer = await client(bound)
        idle_writer.write(MESSAGE)
        assert await idle.readexactly(len(MESSAGE)) == MESSAGE

        async def a_byte_at_a_time() -> None:
            for byte in MESSAGE[:-1] * 100:
                slow_writer.write(bytes((byte,)))
                await asyncio.sleep(0.005)

        task = asyncio.ensure_future(a_byte_at_a_time())
        assert await drained(slow) == b""
        assert await drained(silent) == b""
        assert await drained(idle) == b""
        task.cancel()
        assert seen.reasons == [
            "does not end its message (tcp_msg_read_timeout)",
            "says nothing (tcp_msg_data_timeout)",
        ]
        assert len(seen.messages) == 1


async def test_a_thousand_connections_at_once() -> None:
    async with serving() as (bound, seen):
        peers = [await client(bound) for _ in range(1000)]
        await until(lambda: bound.connections == 1000)
        for _, writer in peers:
            writer.write(MESSAGE)
        for reader, writer in peers:
            assert await reader.readexactly(len(MESSAGE)) == MESSAGE
            writer.close()
        await until(lambda: not bound.connections)
        assert (len(seen.messages), bound.names, seen.failures) == (1000, {}, [])


@pytest.mark.parametrize(
    ("options", "most", "reason"),
    [
        (QUICK, 1, "one more than 1 connections (tcp_max_connections)"),
        (StreamOptions(most_from_ip=1), 9, "more than 1 of one address (tcp_accept_iplimit)"),
    ],
)
async def test_more_than_is_allowed_is_refused(
    options: StreamOptions, most: int, reason: str
) -> None:
    async with serving(options, table=Table(most)) as (bound, seen):
        reader, writer = await client(bound)
        writer.write(MESSAGE)
        assert await reader.readexactly(len(MESSAGE)) == MESSAGE
        other, other_writer = await client(bound)
        assert await drained(other) == b""
        assert seen.troubles == [(address_of(other_writer), reason)]
        if most == 1:
            bound.send([(b"x", addresses.sockaddr("127.0.0.1", 9))])
            assert "tcp_max_connections" in seen.failures[0][2]


def test_an_address_in_use_is_an_error_with_a_hint() -> None:
    bound = TcpSocket("127.0.0.1", 0, Table(), Seen().events)
    try:
        with pytest.raises(TransportError, match=rf"tcp:127.0.0.1:{bound.port}.*in use.*ss -tlpn"):
            TcpSocket("127.0.0.1", bound.port, Table(), Seen().events)
    finally:
        bound.close()
    with pytest.raises(TransportError, match="cannot listen on tcp:localhost"):
        TcpSocket("localhost", 0, Table(), Seen().events)
