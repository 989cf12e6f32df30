"""Somebody between sipway and a database, who stalls, hangs up or talks nonsense."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Between:
    """Hands bytes on in both directions, until it is told otherwise.

    stalled   nothing is handed on; new connections are taken and left waiting
    garbage   what is sent to the client instead of the server's bytes
    """

    def __init__(self, server: tuple[str, int]) -> None:
        self._server = server
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._listening: asyncio.Server | None = None
        self._flows = asyncio.Event()
        self._flows.set()
        self.garbage: bytes | None = None
        self.port = 0

    async def __aenter__(self) -> Self:
        await self.listen()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.vanish()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def listen(self) -> None:
        self._listening = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def vanish(self) -> None:
        """Hang up on all, and listen no more."""
        if self._listening is not None:
            self._listening.close()
        self.hang_up()
        await asyncio.sleep(0)

    def hang_up(self) -> None:
        for writer in self._writers:
            writer.close()
        self._writers.clear()

    def stall(self) -> None:
        self._flows.clear()

    def go_on(self) -> None:
        self._flows.set()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        await self._flows.wait()
        there, back = await asyncio.open_connection(*self._server)
        self._writers.add(back)
        for source, target, to_client in ((reader, back, False), (there, writer, True)):
            task = asyncio.create_task(self._hand_on(source, target, to_client=to_client))
            self._tasks.add(task)

    async def _hand_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, *, to_client: bool
    ) -> None:
        try:
            while data := await source.read(65536):
                await self._flows.wait()
                if to_client and self.garbage is not None:
                    data = self.garbage
                target.write(data)
                await target.drain()
        except OSError:
            return  # whoever is told of it is at the other end
        finally:
            target.close()
