"""What tests are going to ask of servers is played before they ask, several things at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final, Generic, Self, TypeVar

_Played = TypeVar("_Played")

# Most of it is waiting: for what a script does later, for a server to start on the other core.
_AT_A_TIME: Final = 4


class Ahead(Generic[_Played]):
    """Plays each name once."""

    def __init__(self, play: Callable[[str], _Played]) -> None:
        self._play = play
        self._pool = ThreadPoolExecutor(_AT_A_TIME)
        self._begun: dict[str, Future[_Played]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(cancel_futures=True)

    def outcome(self, name: str, among: Iterable[str]) -> _Played:
        """What came of it. All `among` which it is are going to be asked for, in that order."""
        if name not in self._begun:
            for each in among:
                if each not in self._begun:
                    self._begun[each] = self._pool.submit(self._play, each)
        return self._begun[name].result()
