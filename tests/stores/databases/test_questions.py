"""Questions of the same moment go to the database together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases.interface import Row
from sipway.stores.databases.questions import FIRST_TOGETHER, MOST_TOGETHER, Questions, Values
from sipway.stores.databases.statements import Dialect, Question

_PLAIN = Dialect("", lambda number: f"${number}")
_NAME = Question(_PLAIN, "people", ("name",), ("id",))
_AGE = Question(_PLAIN, "people", ("age", "born"), ("id", "name"))


class _Clock:
    """A loop whose time stands still unless it is moved."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.now = 100.0
        loop.time = lambda: self.now  # type: ignore[method-assign]


class _Asked:
    """A database that answers with what it was asked, and remembers the groups."""

    def __init__(self, clock: _Clock) -> None:
        self.groups: list[tuple[str, list[Values]]] = []
        self.seconds = 0.0
        self.refused: set[Values] = set()
        self.error: type[DatabaseError] = DatabaseError
        self.questions = Questions(self._ask)
        self._clock = clock

    async def _ask(self, question: Question, values: Sequence[Values]) -> list[Row | None]:
        self.groups.append((question.text, list(values)))
        self._clock.now += self.seconds * len(values)
        if self.refused & set(values):
            raise self.error("refused", hint="why")
        return [each if each[0] != 404 else None for each in values]

    @property
    def sizes(self) -> list[int]:
        sizes = [len(values) for _, values in self.groups]
        self.groups.clear()
        return sizes


async def _grown(asked: _Asked) -> None:
    """Ask until groups are as large as they may be."""
    for _ in range(8):
        await asked.questions.put(_NAME, (0,))
    asked.groups.clear()


def _run(work: Callable[[_Asked], Awaitable[Any]]) -> None:
    async def whole() -> None:
        await work(_Asked(_Clock(asyncio.get_running_loop())))

    asyncio.run(whole())


def test_text_of_questions() -> None:
    assert _AGE.text == "select age, born from people where id = $1 and name = $2 limit 1"
    assert _NAME.together(2) == (
        "(select 0, name from people where id = $1 limit 1)"
        " union all (select 1, name from people where id = $2 limit 1)"
    )
    with pytest.raises(DatabaseError, match="no name of"):
        Question(_PLAIN, "people", ("name",), ("id = 1 or 1",))


def test_what_comes_at_the_same_moment_goes_together() -> None:
    async def work(asked: _Asked) -> None:
        put = asked.questions.put
        waiting = [put(_NAME, (1,)), put(_AGE, (2, "x")), put(_NAME, (404,)), put(_NAME, (3,))]
        assert await asyncio.gather(*waiting) == [(1,), (2, "x"), None, (3,)]
        assert asked.groups == [
            (_NAME.text, [(1,), (404,), (3,)]),
            (_AGE.text, [(2, "x")]),
        ]

    _run(work)


def test_a_group_is_bounded() -> None:
    async def work(asked: _Asked) -> None:
        await _grown(asked)
        many = MOST_TOGETHER * 2 + 1
        await asyncio.gather(*(asked.questions.put(_NAME, (at,)) for at in range(many)))
        assert asked.sizes == [MOST_TOGETHER, MOST_TOGETHER, 1]

    _run(work)


def test_what_takes_long_is_asked_side_by_side_until_it_is_short_again() -> None:
    async def work(asked: _Asked) -> None:
        async def ask() -> list[int]:
            await asyncio.gather(*(asked.questions.put(_NAME, (at,)) for at in range(64)))
            return asked.sizes

        assert await ask() == [FIRST_TOGETHER] * (64 // FIRST_TOGETHER)
        assert await ask() == [64]
        asked.seconds = 1.0
        for size in (64, 32, 8, 1, 1):
            assert await ask() == [size] * (64 // size)
        asked.seconds = 0.00001
        assert await ask() == [1] * 64
        assert await ask() == [64]
        asked.seconds = 0.003  # neither long nor short
        assert await ask() == [64]
        assert await ask() == [64]

    _run(work)


def test_groups_that_had_no_answer_in_time_become_smaller() -> None:
    async def work(asked: _Asked) -> None:
        await _grown(asked)
        asked.seconds, asked.error = 1.0, DatabaseDownError
        asked.refused = {(at,) for at in range(64)}
        for size in (64, 32, 8, 1):
            waiting = [asked.questions.put(_NAME, (at,)) for at in range(64)]
            answers = await asyncio.gather(*waiting, return_exceptions=True)
            assert {type(each) for each in answers} == {DatabaseDownError}
            assert asked.sizes == [size] * (64 // size)

    _run(work)


def test_where_a_group_is_refused_each_is_asked_by_itself() -> None:
    async def work(asked: _Asked) -> None:
        asked.refused = {(2,)}
        waiting = [asked.questions.put(_NAME, (at,)) for at in range(4)]
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert [answers[at] for at in (0, 1, 3)] == [(0,), (1,), (3,)]
        assert isinstance(answers[2], DatabaseError)
        assert (answers[2].message, answers[2].hint) == ("refused", "why")
        assert asked.sizes == [4, 1, 1, 1, 1]

    _run(work)


def test_a_database_that_is_down_is_asked_once() -> None:
    async def work(asked: _Asked) -> None:
        asked.refused, asked.error = {(2,)}, DatabaseDownError
        waiting = [asked.questions.put(_NAME, (at,)) for at in range(4)]
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(each) for each in answers} == {DatabaseDownError}
        assert asked.sizes == [4]

    _run(work)


def test_who_has_given_up_is_not_asked_for() -> None:
    async def work(asked: _Asked) -> None:
        waiting = [asked.questions.put(_NAME, (at,)) for at in range(3)]
        waiting[1].cancel()
        assert await waiting[0] == (0,)
        assert await waiting[2] == (2,)
        assert asked.groups[0][1] == [(0,), (2,)]
        asked.groups.clear()
        asked.questions.put(_NAME, (9,)).cancel()
        assert await asked.questions.put(_AGE, (1, 2)) == (1, 2)
        assert asked.groups == [(_AGE.text, [(1, 2)])]

    _run(work)


def test_a_fault_reaches_all_who_wait() -> None:
    async def work(asked: _Asked) -> None:
        async def wrong(question: Question, values: Sequence[Values]) -> list[Row | None]:
            raise LookupError(question.text)

        questions = Questions(wrong)
        waiting = [questions.put(_NAME, (at,)) for at in range(3)]
        answers = await asyncio.gather(*waiting, return_exceptions=True)
        assert {type(each) for each in answers} == {LookupError}

    _run(work)
