"""Changing the address in From or To: `$fu = ...`, `$fn = ...`, `$td = ...`.

The change is an edit like those of textops: it shows in the message that leaves (and in
`$mbu`), while `$fu` goes on to read what was received. Several changes of one header are one
edit, each made to what the one before left.
"""

from __future__ import annotations

from collections.abc import Callable

from sipway.core import ruri
from sipway.core.context import Context
from sipway.errors import SipParseError
from sipway.language.record import Record
from sipway.sip.edits import Edit
from sipway.sip.message import Message, text
from sipway.sip.nameaddr import parse_name_addr

Value = int | str | None


class _Address(Record, frozen=False):
    """`display <uri>`; `enclosed`: the URI stands in angle brackets."""

    display: str | None
    uri: str
    enclosed: bool

    def __str__(self) -> str:
        uri = f"<{self.uri}>" if self.enclosed or self.display is not None else self.uri
        return uri if self.display is None else f"{self.display} {uri}"


def _change(ctx: Context, kind: int, change: Callable[[_Address], None]) -> None:
    """Apply a change to the address in the first header field of this kind."""
    start, end = _place(ctx.message, kind)
    before = _edit_of(ctx, start, end)
    current = text(ctx.message.data[start:end] if before is None else before.replacement)
    address = _read(current)
    change(address)
    _write(ctx, Edit(start, end, str(address).encode("utf-8", "surrogateescape")))


def written(message: Message, kind: int) -> bytes:
    """The address as the message has it, to the last blank: display name, brackets and URI."""
    start, end = _place(message, kind)
    return message.data[start:end]


def set_written(ctx: Context, kind: int, address: bytes) -> None:
    """Put what `written` gave for another message in place of the address."""
    start, end = _place(ctx.message, kind)
    _write(ctx, Edit(start, end, address))


def edit_of(ctx: Context, kind: int) -> Edit | None:
    """The change of the address in the header of this kind, None if there is none."""
    return _edit_of(ctx, *_place(ctx.message, kind))


def _place(message: Message, kind: int) -> tuple[int, int]:
    """Where the address stands in the message. Raises ValueError if there is none."""
    index = message.find(kind)
    if index < 0:
        raise ValueError("the message has no such header")
    end = message.line(index)[1]
    start = message.data.find(b":", message.line(index)[0], end) + 1
    while message.data[start : start + 1] in (b" ", b"\t", b"\r", b"\n") and start < end:
        start += 1
    end = start + len(message.raw_value(index))
    return start, start + _address_end(text(message.data[start:end]))


def _edit_of(ctx: Context, start: int, end: int) -> Edit | None:
    return next((each for each in ctx.edits or () if (each.start, each.end) == (start, end)), None)


def _write(ctx: Context, made: Edit) -> None:
    """Note the change of an address, in place of what was noted for it before."""
    others = [each for each in ctx.edits or () if (each.start, each.end) != (made.start, made.end)]
    ctx.edits = [*others, made]


def _address_end(value: str) -> int:
    """How many bytes the address takes of a header's value: all before the parameters."""
    parsed = parse_name_addr(value)
    at = value.find(parsed.uri, len(parsed.display)) + len(parsed.uri)
    if value[at : at + 1] == ">":
        at += 1
    return len(value[:at].encode("utf-8", "surrogateescape"))


def _read(value: str) -> _Address:
    parsed = parse_name_addr(value)
    return _Address(parsed.display or None, parsed.uri, value.endswith(">"))


def _parts(address: _Address) -> ruri.UriParts:
    try:
        return ruri.cut(address.uri)
    except SipParseError as error:
        raise ValueError(f"the URI {address.uri} cannot be changed: {error}") from None


def set_uri(ctx: Context, kind: int, value: Value) -> None:
    """Replace the URI; null leaves it. Raises ValueError for a number."""
    if value is None:
        return
    uri = ruri.text_of(value, "a URI")

    def change(address: _Address) -> None:
        address.uri = uri

    _change(ctx, kind, change)


def set_user(ctx: Context, kind: int, value: Value) -> None:
    """Replace the user part of the URI; null takes it out, with its password."""
    user = "" if value is None else ruri.text_of(value, "the user of a URI")

    def change(address: _Address) -> None:
        parts = _parts(address)
        parts.user = user
        address.uri = str(parts)

    _change(ctx, kind, change)


def set_domain(ctx: Context, kind: int, value: Value) -> None:
    """Replace the host of the URI; null leaves it, and so does a tel URI, which has none."""
    if value is None:
        return
    host = ruri.text_of(value, "the host of a URI")

    def change(address: _Address) -> None:
        parts = _parts(address)
        if not parts.is_telephone:
            parts.host = host
            address.uri = str(parts)

    _change(ctx, kind, change)


def set_display(ctx: Context, kind: int, value: Value) -> None:
    """Replace the display name, as it is to stand there, quotes included; null takes it out."""
    display = None if value is None else ruri.text_of(value, "a display name")

    def change(address: _Address) -> None:
        address.display = display

    _change(ctx, kind, change)
