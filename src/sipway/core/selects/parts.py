"""What the tables of selects are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sipway.language.record import Record, field

Text: TypeAlias = Callable[[Any], str | None]
"""Makes a text of a subject; None for nothing."""


def same(subject: Any) -> Any:
    return subject


class Part(Record):
    """One component of a path, and what can follow it.

    step      from what the component before has found to what this one finds; None for nothing
    text      the select that ends here; None where one cannot
    parts     what can follow by name, in small letters
    named     what follows with any name: makes the Part of it
    numbered  what follows with a number in brackets: makes the Part of it
    """

    text: Text | None = None
    step: Callable[[Any], Any] = same
    parts: Mapping[str, Part] = field(default_factory=dict)
    named: Callable[[str], Part] | None = None
    numbered: Callable[[int], Part] | None = None


def after(step: Callable[[Any], Any], part: Part) -> Part:
    """A part of what `step` finds in a subject."""

    def both(subject: Any) -> Any:
        found = step(subject)
        return None if found is None else part.step(found)

    return Part(part.text, both, part.parts, part.named, part.numbered)


def named_values(values: Callable[[Any], Mapping[str, str | None]]) -> Callable[[str], Part]:
    """`.params.NAME`: the value of a parameter without its quotes, nothing for one without."""

    def part(name: str) -> Part:
        key = name.lower()

        def text(subject: Any) -> str | None:
            value = values(subject).get(key)
            if value is None:
                return None
            quoted = len(value) > 1 and value[0] == value[-1] == '"'
            return value[1:-1] if quoted else value

        return Part(text)

    return part
