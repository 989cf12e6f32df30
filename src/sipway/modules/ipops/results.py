"""`$dns`, `$ptrquery`, `$srvquery`, `$naptrquery`: what the last questions found.

They are kept for the message; in Kamailio they stay for the next one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.language.record import Record, replace
from sipway.language.remakable import remakable
from sipway.language.signatures import HOLE, Inner
from sipway.modules.ipops._module import mod

Value = int | str | None

_PLACE: Final = re.compile(r"([^=>\[\]\0]+)=>([a-z0-9]+)(?:\[(-?\d{1,9}|\0)\])?")


class Place(Record):
    """`id=>key[index]`; `index` is `HOLE` for that of a variable."""

    id: str
    key: str
    index: int | str | None

    def fill(self, *values: Value) -> Place:
        """The place with the value of a variable as its index; only a number is one."""
        (value,) = values
        return replace(self, index=value if isinstance(value, int) else "")


class Found(Record):
    """What a question found: values alone, and lists of values, by key."""

    alone: Mapping[str, Value]
    lists: Mapping[str, Sequence[Value]]


def keep(ctx: Context, variable: str, container: str, found: Found | None) -> None:
    """Keep what was found under the name that the script gave it; None forgets what was."""
    of_modules = extras(ctx).of_modules
    of_modules[mod.name] = {**of_modules.get(mod.name, {}), (variable, container): found}


def _kept(ctx: Context, variable: str, container: str) -> Found | None:
    if ctx.extras is None:
        return None
    found: Found | None = ctx.extras.of_modules.get(mod.name, {}).get((variable, container))
    return found


@remakable
def _reader(
    name: str, alone: tuple[str, ...], listed: tuple[str, ...], index_wanted: bool
) -> Callable[[str], Place]:
    def read(text: str) -> Place:
        match = _PLACE.fullmatch(text.replace(" ", ""))
        if match is None or match[2] not in alone + listed:
            shown = text.replace(HOLE, "...")
            keys = ", ".join(alone + listed)
            raise ValueError(f"${name} takes id=>key, the key being one of {keys}; not {shown}")
        container, key, index = match.groups()
        if index_wanted and (index is None) != (key in alone):
            if index is None:
                raise ValueError(f"${name}(id=>{key}) wants an index, as in {key}[0]")
            raise ValueError(f"${name}(id=>{key}) has no index")
        return Place(container, key, index if index in (None, HOLE) else int(index))

    return read


def _add(
    name: str, alone: tuple[str, ...], listed: tuple[str, ...], index_wanted: bool, doc: str
) -> None:
    def get(ctx: Context, place: Place) -> Value:
        found = _kept(ctx, name, place.id)
        if found is None:
            return 0 if index_wanted and place.key == "count" else None
        if place.key in alone:
            return found.alone[place.key]
        values = found.lists[place.key]
        index = 0 if place.index is None else place.index
        if not isinstance(index, int) or not -len(values) <= index < len(values):
            return None
        return values[index]

    get.__doc__ = doc
    mod.variable(
        name,
        inner=Inner.REQUIRED,
        prepare=_reader(name, alone, listed, index_wanted),
        holes=True,
    )(get)


_add(
    "dns",
    ("count", "ipv4", "ipv6"),
    ("addr", "type"),
    False,
    "What dns_query() found: `count`, `ipv4`, `ipv6` (1 if there are such), `addr[i]`, `type[i]`.",
)
_add(
    "ptrquery",
    ("count", "ipv4", "ipv6", "addr", "type"),
    ("hostname",),
    False,
    "What ptr_query() found: `addr`, `type`, `ipv4`, `ipv6`, `count`, `hostname[i]`.",
)
_add(
    "srvquery",
    ("count",),
    ("port", "priority", "target", "weight"),
    True,
    "What srv_query() found: `count`, `port[i]`, `priority[i]`, `target[i]`, `weight[i]`.",
)
_add(
    "naptrquery",
    ("count",),
    ("order", "pref", "flags", "services", "regex", "replace"),
    True,
    "What naptr_query() found: `count`, `order[i]`, `pref[i]`, `flags[i]`, `services[i]` ...",
)


def columns(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, list[Any]]:
    """Rows as lists by name, a list for each place in a row."""
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}
