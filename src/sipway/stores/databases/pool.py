"""As many connections as are needed, up to a bound; whoever asks more waits for one."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Generic, Protocol, TypeVar


class Connection(Protocol):
    """`is_lost`: it cannot be used any more. `is_idle`: no transaction is open in it."""

    is_lost: bool

    @property
    def is_idle(self) -> bool: ...

    async def close(self) -> None: ...


C = TypeVar("C", bound=Connection)


class Pool(Generic[C]):
    """Connections, made by `connect`, at most `most` of them. The one used last is lent first."""

    def __init__(self, connect: Callable[[], Coroutine[Any, Any, C]], most: int) -> None:
        self._connect = connect
        self._free: deque[C] = deque()
        self._permits = asyncio.Semaphore(most)

    @asynccontextmanager
    async def lent(self) -> AsyncIterator[C]:
        """A connection for one statement, or for one transaction."""
        async with self._permits:
            connection = self._free.pop() if self._free else await self._connect()
            try:
                yield connection
            finally:
                # What the next one writes must not end with somebody else's transaction.
                if connection.is_lost or not connection.is_idle:
                    await connection.close()
                else:
                    self._free.append(connection)

    async def close(self) -> None:
        while self._free:
            await self._free.pop().close()
