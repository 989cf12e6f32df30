"""What is accounted besides: `name=$variable;name=$variable`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.signatures import Reader, VariableReference

Value = int | str | None


class Attribute(Record):
    """A name, and the variable that gives its value."""

    name: str
    get: Callable[[Any], Value]


class Leg(Record):
    """A name, and the AVP that has a value for each leg of the call."""

    name: str
    avp: Callable[[Any], str]

    def values(self, ctx: Context) -> list[int | str]:
        """The values, that of the last leg first."""
        try:
            name = self.avp(ctx)
        except ValueError:  # a variable that should say it has no value
            return []
        return (ctx.avps or {}).get(name, [])


def _read(text: str, read: Reader) -> list[tuple[str, VariableReference]]:
    found = []
    rest = text.strip()
    while True:
        name, equals, rest = rest.partition("=")
        if not equals:
            raise ValueError(f'name=$variable is wanted, not "{name}"')
        reference, rest = read(rest.strip())
        found.append((name.strip(), reference))
        rest = rest.strip()
        if not rest:
            return found
        if rest[0] != ";":
            raise ValueError(f'there is a ; wanted behind {reference.text}, not "{rest}"')
        rest = rest[1:].strip()


def read_attributes(text: str, read: Reader) -> tuple[Attribute, ...]:
    """Any variables."""
    return tuple(Attribute(name, reference.get) for name, reference in _read(text, read))


def read_legs(text: str, read: Reader) -> tuple[Leg, ...]:
    """AVPs."""
    found = []
    for name, reference in _read(text, read):
        if reference.variable != "avp" or reference.name is None:
            raise ValueError(f"{reference.text} is not an AVP, written $avp(name)")
        found.append(Leg(name, reference.name))
    return tuple(found)


def values_of(ctx: Context, attributes: tuple[Attribute, ...]) -> list[Value]:
    """What the variables give."""
    return [each.get(ctx) for each in attributes]


def legs_of(ctx: Context, legs: tuple[Leg, ...]) -> list[tuple[Value, ...]]:
    """For each leg of the call the values; at least one leg, and null where there is no value."""
    columns = [each.values(ctx) for each in legs]
    count = max(1, *(len(each) for each in columns))
    return [
        tuple(each[number] if number < len(each) else None for each in columns)
        for number in range(count)
    ]
