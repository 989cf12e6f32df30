"""Iterators: one item of a table after another.

Source: README of htable, sections 4.12 to 4.18; what it leaves open was tried on Kamailio 5.6.3. An
iterator goes over what is there when it starts, in the order in which it came, and what has gone
meanwhile is passed over. It belongs to the message, and locks nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.extras import extras
from sipway.language.signatures import Inner
from sipway.modules.htable._module import NAME, NO_MEMORY, TableName, failed, mod
from sipway.modules.htable.items import table_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sipway.core.context import Context
    from sipway.modules.htable.table import Table, Value

_MOST: Final = 4
_KEPT: Final = f"{NAME}:iterators"


class _Iterator:
    """`key` is the item that it is at, None before the first and behind the last."""

    __slots__ = ("_rest", "key", "table")

    def __init__(self, table: Table) -> None:
        self.table = table
        self.key: str | None = None
        self._rest: Iterator[str] = iter(table.keys())

    def next(self, now: float) -> bool:
        for key in self._rest:
            if self.table.get(key, now) is not None:
                self.key = key
                return True
        self.key = None
        return False


def _iterators(ctx: Context) -> dict[str, _Iterator]:
    found: dict[str, _Iterator] = {} if ctx.extras is None else ctx.extras.of_modules.get(_KEPT, {})
    return found


def _keep(ctx: Context, iterators: dict[str, _Iterator]) -> None:
    extras(ctx).of_modules[_KEPT] = iterators


def _iterator(ctx: Context, function: str, name: str) -> _Iterator | None:
    found = _iterators(ctx).get(name)
    if found is None:
        failed(ctx, function, f'there is no iterator "{name}"')
    return found


def _at_an_item(ctx: Context, function: str, name: str) -> tuple[_Iterator, str] | None:
    found = _iterator(ctx, function, name)
    if found is None:
        return None
    if found.key is None:
        failed(ctx, function, f"the iterator {name} is at no item")
        return None
    return found, found.key


@mod.function("sht_iterator_start")
def sht_iterator_start(ctx: Context, name: str, table: TableName) -> int:
    """Begin to go over a table; a message has at most 4 iterators.

    Returns 1; -1 without such a table or with an empty name.
    """
    if not name:
        return failed(ctx, "sht_iterator_start", "the iterator has no name")
    found = table_of(ctx, "sht_iterator_start", table)
    if found is None:
        return -1
    known = {each: kept for each, kept in _iterators(ctx).items() if each != name}
    if len(known) >= _MOST:
        return failed(ctx, "sht_iterator_start", f"there are {_MOST} iterators already")
    _keep(ctx, {**known, name: _Iterator(found)})
    return 1


@mod.function("sht_iterator_next")
def sht_iterator_next(ctx: Context, name: str) -> int:
    """Go to the next item. Returns 1; -1 if there is none, or no such iterator."""
    found = _iterator(ctx, "sht_iterator_next", name)
    return 1 if found is not None and found.next(ctx.now) else -1


@mod.function("sht_iterator_end")
def sht_iterator_end(ctx: Context, name: str) -> int:
    """Be done with an iterator. Returns 1; -1 if there is no such iterator."""
    if _iterator(ctx, "sht_iterator_end", name) is None:
        return -1
    _keep(ctx, {each: kept for each, kept in _iterators(ctx).items() if each != name})
    return 1


@mod.function("sht_iterator_rm")
def sht_iterator_rm(ctx: Context, name: str) -> int:
    """Take the item out, and go to the next one.

    Returns 1; -2 if there is no next one; -1 if there is no such iterator, or it is at no item.
    """
    found = _at_an_item(ctx, "sht_iterator_rm", name)
    if found is None:
        return -1
    iterator, key = found
    iterator.table.remove(key)
    return 1 if iterator.next(ctx.now) else -2


def _set(ctx: Context, function: str, name: str, value: Value) -> int:
    found = _at_an_item(ctx, function, name)
    if found is None:
        return -1
    iterator, key = found
    if not iterator.table.set(key, value, ctx.now):
        return failed(ctx, function, NO_MEMORY)
    return 1


@mod.function("sht_iterator_sets")
def sht_iterator_sets(ctx: Context, name: str, value: str) -> int:
    """Set the item to a text. Returns 1; -1 if there is no iterator at an item."""
    return _set(ctx, "sht_iterator_sets", name, value)


@mod.function("sht_iterator_seti")
def sht_iterator_seti(ctx: Context, name: str, value: int) -> int:
    """Set the item to a number. Returns 1; -1 if there is no iterator at an item."""
    return _set(ctx, "sht_iterator_seti", name, value)


@mod.function("sht_iterator_setex")
def sht_iterator_setex(ctx: Context, name: str, seconds: int) -> int:
    """Let the item live for so many seconds from now on, 0 for good.

    Returns 1; -1 if there is no iterator at an item.
    """
    found = _at_an_item(ctx, "sht_iterator_setex", name)
    if found is None:
        return -1
    iterator, key = found
    iterator.table.expire_in(key, seconds, ctx.now)
    return 1


@mod.variable("shtitkey", inner=Inner.REQUIRED, values=(str,))
def _key(ctx: Context, name: str) -> str | None:
    """The name of the item that an iterator is at; null at none."""
    found = _iterators(ctx).get(name)
    return None if found is None else found.key


@mod.variable("shtitval", inner=Inner.REQUIRED)
def _value(ctx: Context, name: str) -> int | str | None:
    """The value of the item that an iterator is at; null at none."""
    found = _iterators(ctx).get(name)
    return None if found is None or found.key is None else found.table.get(found.key, ctx.now)
