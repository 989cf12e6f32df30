"""Requests by datagrams: each is answered to where it came from."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Any, Final, cast

_MOST: Final = 64
"""Requests under way at a time; more are lost, as datagrams may be."""


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, answer: Callable[[bytes], Awaitable[bytes]]) -> None:
        self._answer = answer
        self._tasks: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if len(self._tasks) < _MOST:
            task = asyncio.get_running_loop().create_task(self._reply(data, addr))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _reply(self, data: bytes, address: Any) -> None:
        answer = await self._answer(data)
        if self._transport is not None and address and answer:
            self._transport.sendto(answer, address)


async def serve(bound: socket.socket, answer: Callable[[bytes], Awaitable[bytes]]) -> None:
    """Answer until cancelled; b"" is no answer."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(answer), sock=bound)
    try:
        await loop.create_future()
    finally:
        transport.close()
