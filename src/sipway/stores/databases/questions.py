"""Questions that come at the same moment and differ in nothing but their values: asked together.

A batch of requests brings as many questions for one row each, such as the password of a user.
Asked one by one, each of them would cost a task, a place in the pool and a way to the server and
back, and the server more than the look into an index.

Nobody waits for others longer than for a moment: where groups take long, they become smaller, and
are asked side by side. Where the database refuses a group, each of it is asked by itself, since the
fault may be that of one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Final, TypeAlias

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases.interface import Row, Value
from sipway.stores.databases.statements import Question

Values: TypeAlias = tuple[Value, ...]
Ask: TypeAlias = Callable[[Question, Sequence[Values]], Coroutine[Any, Any, list[Row | None]]]
"""Carries out a question with each of the values; rows in their order. Raises DatabaseError."""

MOST_TOGETHER: Final = 64
# A database is asked a few until it has been seen to be quick.
FIRST_TOGETHER: Final = 4
# A group that takes longer is too large, unless it is one; where it takes less it may grow.
_TOO_LONG: Final = 0.25
_SHORT: Final = 0.1
# Names of tables and columns come from scripts, which may make them of messages.
_MOST_KINDS: Final = 256


class _Kind:
    """Questions that differ in their values, `together` of which make a group."""

    __slots__ = ("question", "together", "waiting")

    def __init__(self, question: Question) -> None:
        self.question = question
        self.waiting: list[tuple[Values, asyncio.Future[Row | None]]] = []
        self.together = FIRST_TOGETHER

    def has_taken(self, seconds: float) -> None:
        if seconds > _TOO_LONG:
            self.together = max(1, self.together // 2)
        elif seconds < _SHORT:
            self.together = min(MOST_TOGETHER, self.together * 2)


class Questions:
    """Collects questions until the event loop has nothing else to do, and asks them by `ask`."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._kinds: dict[Question, _Kind] = {}
        self._due: list[_Kind] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def put(self, question: Question, values: Values) -> asyncio.Future[Row | None]:
        """The row that answers a question, None if there is none; or a DatabaseError."""
        loop = asyncio.get_running_loop()
        kind = self._kinds.get(question)
        if kind is None:
            if len(self._kinds) >= _MOST_KINDS:
                self._kinds.clear()
            kind = self._kinds[question] = _Kind(question)
        if not kind.waiting:
            if not self._due:
                loop.call_soon(self._begin, loop)
            self._due.append(kind)
        future: asyncio.Future[Row | None] = loop.create_future()
        kind.waiting.append((values, future))
        return future

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        due, self._due = self._due, []
        for kind in due:
            waiting, kind.waiting = kind.waiting, []
            size = kind.together
            for first in range(0, len(waiting), size):
                work = self._answer(loop, kind, waiting[first : first + size])
                task = loop.create_task(work)
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)

    async def _answer(
        self,
        loop: asyncio.AbstractEventLoop,
        kind: _Kind,
        group: list[tuple[Values, asyncio.Future[Row | None]]],
    ) -> None:
        group = [each for each in group if not each[1].done()]  # some have given up
        if not group:
            return
        begin = loop.time()
        try:
            rows = await self._ask(kind.question, [values for values, _ in group])
        except DatabaseError as error:
            kind.has_taken(loop.time() - begin)
            if len(group) > 1 and not isinstance(error, DatabaseDownError):
                await asyncio.gather(*(self._answer(loop, kind, [each]) for each in group))
                return
            for _, future in group:
                if not future.done():
                    future.set_exception(type(error)(error.message, hint=error.hint))
            return
        except asyncio.CancelledError:
            for _, future in group:
                future.cancel()
            raise
        except Exception as error:  # noqa: BLE001 - a fault of ours is told to all who wait
            for _, future in group:
                if not future.done():
                    future.set_exception(error)
            return
        kind.has_taken(loop.time() - begin)
        for (_, future), row in zip(group, rows, strict=True):
            if not future.done():
                future.set_result(row)
