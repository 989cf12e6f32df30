"""Counters by group and name, for `$stat` and the modules that keep them.

They belong to the worker, so that they outlive a changed script. Whoever counts holds the
`Statistic` and adds to its `value`: that is all that it costs.

Source: READMEs of Kamailio's modules statistics and counters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sipway.core.program import Program
    from sipway.core.shared import SharedVariables

_MASK = 0xFFFFFFFF


class Statistic:
    """One counter; `keeps` says that reset() does nothing."""

    __slots__ = ("description", "keeps", "value")

    def __init__(self, description: str = "", *, keeps: bool = False) -> None:
        self.value = 0
        self.description = description
        self.keeps = keeps

    @property
    def shown(self) -> int:
        """The value in 32 bits without a sign, as Kamailio shows it."""
        return self.value & _MASK

    def reset(self) -> None:
        if not self.keeps:
            self.value = 0


class Computed(Statistic):
    """A counter whose value somebody works out when it is asked for."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[], int], description: str = "") -> None:
        self._read = read
        self.description = description
        self.keeps = True

    @property
    def value(self) -> int:  # type: ignore[override]
        return self._read()


class Statistics:
    """All counters of a worker."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], Statistic] = {}
        self._by_name: dict[str, Statistic] = {}

    def add(
        self, group: str, name: str, description: str = "", *, keeps: bool = False
    ) -> Statistic:
        """The counter of this group and name, made if there is none yet."""
        found = self._by_key.get((group, name))
        if found is None:
            found = self._by_key[group, name] = Statistic(description, keeps=keeps)
            self._by_name[name] = found
        return found

    def add_computed(
        self, group: str, name: str, read: Callable[[], int], description: str = ""
    ) -> None:
        """A counter that is what `read` says; another of this name gives way."""
        self._by_key[group, name] = self._by_name[name] = Computed(read, description)

    def get(self, group: str, name: str) -> Statistic | None:
        return self._by_key.get((group, name))

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Group and name of each, in alphabetical order."""
        return iter(sorted(self._by_key))

    def groups(self) -> list[str]:
        """The groups, in alphabetical order."""
        return sorted({group for group, _ in self._by_key})

    def names(self, group: str) -> list[str]:
        """The names in a group, in alphabetical order; none where there is no such group."""
        return sorted(name for each, name in self._by_key if each == group)

    def find(self, name: str) -> Statistic | None:
        """The counter of this name in whatever group, the last one that was added."""
        return self._by_name.get(name)


def statistics(program: Program) -> Statistics:
    """The counters of the worker that a Program runs in."""
    return statistics_of(program.shared)


def statistics_of(shared: SharedVariables) -> Statistics:
    """The counters among what a worker keeps."""
    return shared.of_module("core:statistics", Statistics)
