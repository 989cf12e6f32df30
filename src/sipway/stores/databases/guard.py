"""What holds for every database: nobody waits for ever, and its coming and going is said once."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

from sipway.errors import DatabaseDownError

_T = TypeVar("_T")

# After a failure to connect nobody tries for so long: whoever asks is told at once.
_PAUSE_SECONDS: Final = 1.0
_SETTLE_SECONDS: Final = 2.0
# So many may wait for an answer at a time; SIP gives up before the last of them had one.
_MOST_WAITING: Final = 20_000

Say = Callable[[bool, str], None]
"""Is told True and a line when the database is there again, False and a line when it is not."""


class Guard:
    """The time limit of a database, and whether it is there.

    `seconds` is how long each statement may take, the wait for a connection included.
    """

    def __init__(self, shown: str, seconds: float, say: Say) -> None:
        self._shown = shown
        self._seconds = seconds
        self._say = say
        self._is_down = False
        self._closed_until = 0.0
        self._waiting = 0
        self._left: set[asyncio.Task[Any]] = set()  # cut off, and not at their ends yet

    async def limited(self, work: Coroutine[Any, Any, _T]) -> _T:
        """Run `work` as a task of its own, to its end or to the limit.

        A task, because routes run without one until their first wait (`core.waiting`).
        """
        loop = asyncio.get_running_loop()
        if loop.time() < self._closed_until:
            work.close()
            raise DatabaseDownError(f"{self._shown} is not there")
        if self._waiting >= _MOST_WAITING:
            work.close()
            raise DatabaseDownError(f"{self._waiting} wait for {self._shown}")
        self._waiting += 1
        task = loop.create_task(work)
        try:
            result = await self._in_time(task)
        except DatabaseDownError as error:
            self._lost(error.message)
            raise
        finally:
            self._waiting -= 1
            if not task.done():
                task.cancel()
                self._left.add(task)
                task.add_done_callback(self._forget)
        if self._is_down:
            self._is_down = False
            self._say(True, f"{self._shown} answers again")
        return result

    async def _in_time(self, task: asyncio.Task[_T]) -> _T:
        """What the task brings, or DatabaseDownError at the limit, whatever the driver does then.

        A driver may swallow that it is cancelled; whoever asked goes on all the same.
        """
        await asyncio.wait((task,), timeout=self._seconds)
        if not task.done():
            raise DatabaseDownError(f"{self._shown} did not answer within {self._seconds:g} s")
        if task.cancelled():
            raise DatabaseDownError(f"{self._shown} has given up")
        return task.result()

    async def settle(self) -> None:
        """Wait a moment for what was cut off to let go of its connections."""
        if self._left:
            await asyncio.wait(tuple(self._left), timeout=_SETTLE_SECONDS)

    def _forget(self, task: asyncio.Task[Any]) -> None:
        """Take note of how a task ended that nobody waits for any more."""
        self._left.discard(task)
        if not task.cancelled():
            task.exception()

    def not_connected(self) -> None:
        """Say that there was no connection to be had: for a while nobody tries again."""
        self._closed_until = asyncio.get_running_loop().time() + _PAUSE_SECONDS

    def _lost(self, reason: str) -> None:
        if not self._is_down:
            self._is_down = True
            self._say(False, reason)
