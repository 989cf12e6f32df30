"""Headers and lines of the body, one after the other."""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.language.signatures import Inner
from sipway.modules.textopsx._module import edit, failed, mod, wire
from sipway.sip.message import Message, text

_MOST: Final = 4


class _Iterator:
    """Where in a list it stands: `at` is -1 before the first item."""

    def __init__(self, message: Message, places: list[tuple[int, int]]) -> None:
        self.message = message
        self.places = places
        self.at = -1

    @property
    def place(self) -> tuple[int, int] | None:
        return self.places[self.at] if 0 <= self.at < len(self.places) else None


def _start(
    iterators: dict[str, _Iterator], name: str, message: Message, places: list[tuple[int, int]]
) -> int:
    if not name or (name not in iterators and len(iterators) >= _MOST):
        return -1
    iterators[name] = _Iterator(message, places)
    return 1


def _found(ctx: Context, function: str, name: str) -> _Iterator | None:
    """The iterator, if it was started and the message is still the one that it walks through."""
    kept = extras(ctx)
    kind = kept.header_iterators if function.startswith("hf") else kept.line_iterators
    iterator: _Iterator | None = kind.get(name)
    if iterator is None or iterator.message is not ctx.message:
        failed(ctx, function, f"there is no iterator {name:.60} of this message")
        return None
    return iterator


def _move(ctx: Context, function: str, name: str, step: int) -> int:
    iterator = _found(ctx, function, name)
    if iterator is None:
        return -1
    if step > 0 and iterator.at + 1 >= len(iterator.places):
        return -1
    iterator.at = max(iterator.at + step, -1)
    return 1


def _change(ctx: Context, function: str, name: str, added: str | None, behind: bool = False) -> int:
    """Take the item out, or add a text before or behind it."""
    iterator = _found(ctx, function, name)
    place = None if iterator is None else iterator.place
    if place is None:
        return -1
    start, end = place
    if added is None:
        edit(ctx, start, end, b"")
    else:
        at = end if behind else start
        edit(ctx, at, at, wire(added))
    return 1


# --- headers -----------------------------------------------------------------------------------


@mod.function("hf_iterator_start")
def hf_iterator_start(ctx: Context, name: str) -> int:
    """Begin to walk through the headers, before the first one.

    1; -1 without a name, or if four of them walk already.
    """
    message = ctx.message
    places = [message.line(index) for index in range(message.header_count)]
    return _start(extras(ctx).header_iterators, name, message, places)


@mod.function("hf_iterator_end")
def hf_iterator_end(ctx: Context, name: str) -> int:
    """End a walk. 1; -1 if there is none of this name."""
    return _end(ctx, "hf_iterator_end", extras(ctx).header_iterators, name)


def _end(ctx: Context, function: str, iterators: dict[str, _Iterator], name: str) -> int:
    if iterators.pop(name, None) is None:
        return failed(ctx, function, f"there is no iterator {name:.60}")
    return 1


@mod.function("hf_iterator_next")
def hf_iterator_next(ctx: Context, name: str) -> int:
    """Go on to the next header. 1; -1 if there is none."""
    return _move(ctx, "hf_iterator_next", name, 1)


@mod.function("hf_iterator_prev")
def hf_iterator_prev(ctx: Context, name: str) -> int:
    """Go back to the header before, or before the first one. 1; -1 if there is no such walk."""
    return _move(ctx, "hf_iterator_prev", name, -1)


@mod.function("hf_iterator_rm")
def hf_iterator_rm(ctx: Context, name: str) -> int:
    """Take the header out. 1; -1 if the walk is at none."""
    return _change(ctx, "hf_iterator_rm", name, None)


@mod.function("hf_iterator_append")
def hf_iterator_append(ctx: Context, name: str, added: str) -> int:
    """Add complete header lines behind the header. 1; -1 if the walk is at none."""
    return _change(ctx, "hf_iterator_append", name, added, behind=True)


@mod.function("hf_iterator_insert")
def hf_iterator_insert(ctx: Context, name: str, added: str) -> int:
    """Add complete header lines before the header. 1; -1 if the walk is at none."""
    return _change(ctx, "hf_iterator_insert", name, added)


@mod.variable("hfitname", inner=Inner.REQUIRED, values=(str,))
def _header_name(ctx: Context, name: str) -> str | None:
    """The name of the header that a walk is at."""
    iterator = _found(ctx, "hfitname", name)
    if iterator is None or iterator.place is None:
        return None
    return ctx.message.headers()[iterator.at].name


@mod.variable("hfitbody", inner=Inner.REQUIRED, values=(str,))
def _header_value(ctx: Context, name: str) -> str | None:
    """The value of the header that a walk is at."""
    iterator = _found(ctx, "hfitbody", name)
    if iterator is None or iterator.place is None:
        return None
    return ctx.message.text_value(iterator.at)


# --- lines of the body -------------------------------------------------------------------------


@mod.function("bl_iterator_start")
def bl_iterator_start(ctx: Context, name: str) -> int:
    """Begin to walk through the lines of the body, before the first one.

    1; -1 without a name, or if four of them walk already.
    """
    message = ctx.message
    places = []
    start = message.body_offset
    for line in message.body.splitlines(keepends=True):
        places.append((start, start + len(line)))
        start += len(line)
    return _start(extras(ctx).line_iterators, name, message, places)


@mod.function("bl_iterator_end")
def bl_iterator_end(ctx: Context, name: str) -> int:
    """End a walk. 1; -1 if there is none of this name."""
    return _end(ctx, "bl_iterator_end", extras(ctx).line_iterators, name)


@mod.function("bl_iterator_next")
def bl_iterator_next(ctx: Context, name: str) -> int:
    """Go on to the next line. 1; -1 if there is none."""
    return _move(ctx, "bl_iterator_next", name, 1)


@mod.function("bl_iterator_rm")
def bl_iterator_rm(ctx: Context, name: str) -> int:
    """Take the line out. 1; -1 if the walk is at none."""
    return _change(ctx, "bl_iterator_rm", name, None)


@mod.function("bl_iterator_append")
def bl_iterator_append(ctx: Context, name: str, added: str) -> int:
    """Add a text behind the line. 1; -1 if the walk is at none."""
    return _change(ctx, "bl_iterator_append", name, added, behind=True)


@mod.function("bl_iterator_insert")
def bl_iterator_insert(ctx: Context, name: str, added: str) -> int:
    """Add a text before the line. 1; -1 if the walk is at none."""
    return _change(ctx, "bl_iterator_insert", name, added)


@mod.variable("blitval", inner=Inner.REQUIRED, values=(str,))
def _line(ctx: Context, name: str) -> str | None:
    """The line that a walk is at, with its end."""
    iterator = _found(ctx, "blitval", name)
    if iterator is None or iterator.place is None:
        return None
    start, end = iterator.place
    return text(ctx.message.data[start:end])
