"""binrpc over sockets, for kamcmd (module ctl)."""

from __future__ import annotations

import asyncio
import socket
from functools import partial
from typing import Any, Final

from sipway.core.commands import CommandError, carry_out
from sipway.core.program import Program
from sipway.modules.ctl import Peers, peers
from sipway.rpc import binrpc, datagrams
from sipway.rpc.places import Place

_MOST: Final = 64
"""Connections at a time."""

_IDLE: Final = 3600.0
"""Seconds after which a connection that asks nothing is closed."""

_ANONYMOUS: Final = "<anonymous unix socket>"


async def _answer(program: Program, data: bytes) -> bytes:
    """The packet that answers a whole packet."""
    try:
        request = binrpc.read_request(data)
    except binrpc.BinrpcError as error:
        return binrpc.fault(400, str(error))
    command = program.commands.find(request.method)
    if command is None:
        return binrpc.fault(500, f"command {request.method:.60} not found", request.cookie)
    try:
        values = await carry_out(program, command, request.parameters)
    except CommandError as error:
        return binrpc.fault(error.code, error.reason, request.cookie)
    if command.large:
        # In a thread: calls go on meanwhile.
        return await asyncio.to_thread(binrpc.reply, values, request.cookie)
    return binrpc.reply(values, request.cookie)


async def serve_stream(program: Program, place: Place, bound: socket.socket) -> None:
    """Answer on a listening socket until cancelled."""
    found = peers(program)
    how = "unix_stream" if place.kind == "unix" else "tcp"

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        me = (how, _source(writer), place.path or place.text)
        if len(found.connected) >= _MOST:
            writer.close()
            return
        found.connected.append(me)
        try:
            await _converse(program, reader, writer)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            pass  # it has gone, and says no more
        finally:
            found.connected.remove(me)
            writer.close()

    _listens(found, how, place)  # before anything waits: in the order of the script
    server: Any
    if place.kind == "unix":
        server = await asyncio.start_unix_server(on_connection, sock=bound)
    else:
        server = await asyncio.start_server(on_connection, sock=bound)
    async with server:
        await server.serve_forever()


def _source(writer: asyncio.StreamWriter) -> str:
    name = writer.get_extra_info("peername")
    return f"{name[0]}:{name[1]}" if isinstance(name, tuple) else _ANONYMOUS


def _listens(found: Peers, how: str, place: Place) -> None:
    found.listening.append((how, place.path or place.text))


async def _converse(
    program: Program, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Packets in, packets out, until the peer has gone."""
    data = b""
    while True:
        try:
            size = binrpc.packet_size(data)
        except binrpc.BinrpcError as error:
            writer.write(binrpc.fault(400, str(error)))
            await writer.drain()
            return
        if size is None or len(data) < size:
            more = await asyncio.wait_for(reader.read(binrpc.LONGEST), _IDLE)
            if not more:
                return
            data += more
            continue
        packet, data = data[:size], data[size:]
        writer.write(await _answer(program, packet))
        await writer.drain()
        await asyncio.sleep(0)  # whoever asks much at once does not hold up calls


async def serve_datagrams(program: Program, place: Place, bound: socket.socket) -> None:
    """Answer datagrams until cancelled."""
    _listens(peers(program), "unix_dgram" if place.kind == "unix" else "udp", place)
    await datagrams.serve(bound, partial(_answer, program))
