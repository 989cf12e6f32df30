"""Values in headers that hold several, with commas between them, and their parameters.

The functions whose names end with 2 take a header as one value with commas between its parameters,
as Authorization has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final, NamedTuple, TypeAlias

from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind
from sipway.modules.textopsx._module import edit, mod, wire
from sipway.sip.message import text

_ALL: Final = "*"
_FORM: Final = re.compile(r"([^\[\].\s$]+)(?:\[(\*|-?\d{1,6})\])?(?:\.([^\s.]+))?")


class Place(NamedTuple):
    """`HFNAME[IDX].PARAM`: the number is from 1, or from the end below 0; None is left out."""

    name: str
    number: int | str | None
    parameter: str | None


def _to_place(written: str) -> Place:
    match = _FORM.fullmatch(written.strip())
    if match is None:
        raise ValueError(f'NAME, NAME[INDEX] or NAME[INDEX].PARAMETER is wanted, not "{written}"')
    name, index, parameter = match.groups()
    if index is not None and index != _ALL and int(index) == 0:
        raise ValueError("values are counted from 1, or from the last one with -1")
    return Place(name, index if index in (None, _ALL) else int(index), parameter)


def _to_added(written: str) -> Place:
    place = _to_place(written)
    if place.number == _ALL or place.parameter is not None:
        raise ValueError("one value is wanted, without a parameter")
    return place


def _to_assigned(written: str) -> Place:
    place = _to_place(written)
    if place.number == _ALL and place.parameter is None:
        raise ValueError("[*] is for parameters: all values cannot be the same")
    return place


def _kind(convert: Callable[[str], Place]) -> ArgumentKind:
    return ArgumentKind("a value of a header", base=str, dynamic=False, convert=convert)


Any_: TypeAlias = Annotated[Place, _kind(_to_place)]
Added: TypeAlias = Annotated[Place, _kind(_to_added)]
Assigned: TypeAlias = Annotated[Place, _kind(_to_assigned)]


class Span(NamedTuple):
    """Of one value: its line, where it starts and ends in the message without blanks around it,

    and from where to where its part between two commas reaches.
    """

    line: int
    start: int
    end: int
    left: int
    right: int

    def text(self, ctx: Context) -> str:
        return text(ctx.message.data[self.start : self.end])


def _cut(data: bytes, start: int, end: int, separator: bytes) -> list[tuple[int, int]]:
    """The pieces between separators that are neither in quotes nor in angle brackets."""
    found = []
    begin = start
    quoted = bracketed = False
    at = start
    while at < end:
        character = data[at : at + 1]
        if quoted:
            if character == b"\\":
                at += 1
            quoted = character != b'"'
        elif character == b'"':
            quoted = True
        elif character == b"<":
            bracketed = True
        elif character == b">":
            bracketed = False
        elif character == separator and not bracketed:
            found.append((begin, at))
            begin = at + 1
        at += 1
    found.append((begin, end))
    return found


def _trimmed(data: bytes, start: int, end: int) -> tuple[int, int]:
    piece = data[start:end]
    start += len(piece) - len(piece.lstrip())
    return start, max(start, end - (len(piece) - len(piece.rstrip())))


def _spans(ctx: Context, name: str, *, whole: bool = False) -> list[Span]:
    """The values of the headers of a name, in order; with `whole` each header is one."""
    message = ctx.message
    fields = message.headers()
    found = []
    for index in message.indexes_named(name):
        left, right = fields[index].value_start, fields[index].value_end
        pieces = [(left, right)] if whole else _cut(message.data, left, right, b",")
        found += [Span(index, *_trimmed(message.data, *each), *each) for each in pieces]
    return found


def _picked(spans: list[Span], index: int | str | None) -> list[Span]:
    """Those that an index means, the first one without an index; none if there is no such."""
    if index == _ALL:
        return spans
    number = 1 if index is None else int(index)
    try:
        return [spans[number - 1 if number > 0 else number]]
    except IndexError:
        return []


# --- taken out ---------------------------------------------------------------------------------


@mod.function("remove_hf_value")
def remove_hf_value(ctx: Context, place: Any_) -> int:
    """Take out a value, all with `[*]`, or a parameter of it. 1; -1 if it is not there."""
    return _remove(ctx, place, whole=False)


@mod.function("remove_hf_value2")
def remove_hf_value2(ctx: Context, place: Any_) -> int:
    """As remove_hf_value(), for a header such as Authorization, which is one value."""
    return _remove(ctx, place, whole=True)


def _remove(ctx: Context, place: Place, *, whole: bool) -> int:
    spans = _spans(ctx, place.name, whole=whole)
    picked = _picked(spans, place.number)
    if place.parameter is None:
        return _remove_values(ctx, spans, picked)
    code = -1
    for span in picked:
        found = _parameter(ctx, span, place.parameter, whole)
        if found is not None:
            edit(ctx, *_with_separator(ctx, found, span, whole), b"")
            code = 1
    return code


def _remove_values(ctx: Context, spans: list[Span], picked: list[Span]) -> int:
    for line in {span.line for span in picked}:
        values = [span for span in spans if span.line == line]
        out = [span in picked for span in values]
        if all(out):
            edit(ctx, *ctx.message.line(line), b"")
            continue
        kept = [at for at, gone in enumerate(out) if not gone]
        for at, span in enumerate(values):
            if out[at]:  # with the comma behind it, or before it when none stays behind
                behind = at < kept[-1]
                edit(ctx, span.left - (not behind), span.right + behind, b"")
    return 1 if picked else -1


# --- parameters ----------------------------------------------------------------------------------


class _Parameter(NamedTuple):
    start: int
    end: int


def _parameter(ctx: Context, span: Span, name: str, whole: bool) -> _Parameter | None:
    """Where a parameter stands, without the separators around it."""
    data = ctx.message.data
    begin = span.start
    if whole:  # behind the scheme
        begin = data.find(b" ", span.start, span.end) + 1 or span.start
    pieces = _cut(data, begin, span.end, b"," if whole else b";")
    for start, end in pieces if whole else pieces[1:]:
        at, stop = _trimmed(data, start, end)
        if text(data[at:stop].partition(b"=")[0]).strip().lower() == name.lower():
            return _Parameter(at, stop)
    return None


def _with_separator(ctx: Context, found: _Parameter, span: Span, whole: bool) -> tuple[int, int]:
    """The parameter with the separator before it, or, without one, with that behind it."""
    data = ctx.message.data
    mark = b"," if whole else b";"
    before = data[span.start : found.start].rstrip()
    if before.endswith(mark):
        return span.start + len(before) - 1, found.end
    behind = data[found.end : span.end]
    if behind.lstrip().startswith(mark):
        rest = behind.lstrip()[1:].lstrip()
        return found.start, span.end - len(rest)
    return found.start, found.end


# --- set ----------------------------------------------------------------------------------------


@mod.function("assign_hf_value")
def assign_hf_value(ctx: Context, place: Assigned, value: str) -> int:
    """Replace a value, or set a parameter of it or of all; an empty one has no `=`.

    1; -1 if there is no such value.
    """
    return _assign(ctx, place, value, whole=False)


@mod.function("assign_hf_value2")
def assign_hf_value2(ctx: Context, place: Assigned, value: str) -> int:
    """As assign_hf_value(), for a header such as Authorization, which is one value."""
    return _assign(ctx, place, value, whole=True)


def _assign(ctx: Context, place: Place, value: str, *, whole: bool) -> int:
    picked = _picked(_spans(ctx, place.name, whole=whole), place.number)
    for span in picked:
        if place.parameter is None:
            edit(ctx, span.start, span.end, wire(value))
            continue
        made = f"{place.parameter}={value}" if value else place.parameter
        found = _parameter(ctx, span, place.parameter, whole)
        if found is not None:
            edit(ctx, found.start, found.end, wire(made))
        else:
            edit(ctx, span.end, span.end, wire(("," if whole else ";") + made))
    return 1 if picked else -1


# --- added --------------------------------------------------------------------------------------


@mod.function("append_hf_value")
def append_hf_value(ctx: Context, place: Added, value: str) -> int:
    """Add a value behind the one with the index; a header at the end without an index.

    A header is added too where there is no such value. Returns 1.
    """
    picked = _picked(_spans(ctx, place.name), place.number) if place.number is not None else []
    for span in picked:
        edit(ctx, span.right, span.right, wire(f",{value}"))
    if not picked:
        _add_header(ctx, place.name, value)
    return 1


@mod.function("insert_hf_value")
def insert_hf_value(ctx: Context, place: Added, value: str) -> int:
    """Add a value before the one with the index; a header before the first one without an index.

    A header is added at the end where there is no such value. Returns 1.
    """
    picked = _picked(_spans(ctx, place.name), place.number)
    if not picked:
        _add_header(ctx, place.name, value)
    elif place.number is None:
        start = ctx.message.line(picked[0].line)[0]
        edit(ctx, start, start, wire(f"{place.name}: {value}\r\n"))
    else:
        edit(ctx, picked[0].start, picked[0].start, wire(f"{value},"))
    return 1


def _add_header(ctx: Context, name: str, value: str) -> None:
    end = ctx.message.headers_end
    edit(ctx, end, end, wire(f"{name}: {value}\r\n"))


# --- as a set -----------------------------------------------------------------------------------


def _to_name(written: str) -> str:
    place = _to_place(written)
    if place.number is not None or place.parameter is not None:
        raise ValueError("the name of a header is wanted, without an index or a parameter")
    return place.name


HeaderName: TypeAlias = Annotated[
    str, ArgumentKind("the name of a header", base=str, dynamic=False, convert=_to_name)
]


@mod.function("include_hf_value")
def include_hf_value(ctx: Context, name: HeaderName, value: str) -> int:
    """Add a value to the last header of a name unless one of them has it. Returns 1."""
    spans = _spans(ctx, name)
    if not _equal(ctx, spans, value):
        if spans:
            end = ctx.message.headers()[spans[-1].line].value_end
            edit(ctx, end, end, wire(f",{value}"))
        else:
            _add_header(ctx, name, value)
    return 1


@mod.function("exclude_hf_value")
def exclude_hf_value(ctx: Context, name: HeaderName, value: str) -> int:
    """Take a value out of the headers of a name. Returns 1, also if it is not there."""
    spans = _spans(ctx, name)
    _remove_values(ctx, spans, _equal(ctx, spans, value))
    return 1


@mod.function("hf_value_exists")
def hf_value_exists(ctx: Context, name: HeaderName, value: str) -> int:
    """1 if a header of a name has the value, whatever its case; else -1."""
    return 1 if value_exists(ctx, name.replace("_", "-"), value) else -1


def value_exists(ctx: Context, name: str, value: str) -> bool:
    """Whether a header of a name has the value, whatever its case."""
    return bool(_equal(ctx, _spans(ctx, name), value))


def header_values(ctx: Context, name: str, *, whole: bool = False) -> list[str]:
    """The values of the headers of a name, in order; with `whole` each header is one."""
    return [span.text(ctx) for span in _spans(ctx, name, whole=whole)]


def _equal(ctx: Context, spans: list[Span], value: str) -> list[Span]:
    wanted = value.strip().lower()
    return [span for span in spans if span.text(ctx).lower() == wanted]
