"""What is wrong with a script, in one form for all who show it.

A `Diagnostic` is data: a place, a code that never changes, a sentence and a hint. It is
rendered as text with a caret (`render_text`) or as JSON (`render_json`); an editor reads the
same JSON.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from enum import Enum

from sipway.language.record import Record, replace
from sipway.language.source import SourceFile, Span


class Severity(Enum):
    ERROR = "error"
    WARNING = "warning"


class Diagnostic(Record):
    """One mistake. `code` is short and stable, such as `missing-semicolon`.

    `hint` says how to mend it. `related` are other places that belong to it, each with a
    few words ("the block starts here"). `subject` is the name that it is about, where several
    that differ in the name only can be said in one go (`grouped`).
    """

    severity: Severity
    code: str
    message: str
    span: Span
    hint: str | None = None
    related: tuple[tuple[Span, str], ...] = ()
    subject: str = ""


class Diagnostics:
    """Collects diagnostics while a script is read; one mistake is kept once."""

    def __init__(self) -> None:
        self._items: list[Diagnostic] = []
        self._seen: set[tuple[str, str, int, int]] = set()

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str | None = None,
        related: Sequence[tuple[Span, str]] = (),
        subject: str = "",
    ) -> None:
        self.add(Diagnostic(Severity.ERROR, code, message, span, hint, tuple(related), subject))

    def warning(
        self,
        code: str,
        message: str,
        span: Span,
        *,
        hint: str | None = None,
        related: Sequence[tuple[Span, str]] = (),
    ) -> None:
        self.add(Diagnostic(Severity.WARNING, code, message, span, hint, tuple(related)))

    def add(self, diagnostic: Diagnostic) -> None:
        """Keep `diagnostic`, unless the same was said of the same place.

        A file that is included twice has each of its mistakes once.
        """
        span = diagnostic.span
        key = (diagnostic.code, span.file.path, span.start, span.end)
        if key not in self._seen:
            self._seen.add(key)
            self._items.append(diagnostic)

    def forget(self, file: SourceFile, start: int) -> None:
        """Drop what was said of `file` from the offset `start` on, as it was misread."""
        self._items = [
            item for item in self._items if item.span.file is not file or item.span.start < start
        ]

    def discard(self, condition: Callable[[Span], bool]) -> None:
        """Drop what was said of the places for which `condition` holds."""
        self._items = [item for item in self._items if not condition(item.span)]

    def extend(self, diagnostics: Iterable[Diagnostic]) -> None:
        for diagnostic in diagnostics:
            self.add(diagnostic)

    @property
    def errors(self) -> list[Diagnostic]:
        return [item for item in self._items if item.severity is Severity.ERROR]

    @property
    def warnings(self) -> list[Diagnostic]:
        return [item for item in self._items if item.severity is Severity.WARNING]

    def sorted(self) -> list[Diagnostic]:
        """By file (the order in which files first got one), then by place."""
        order: dict[str, int] = {}
        for item in self._items:
            order.setdefault(item.span.file.path, len(order))
        return sorted(self._items, key=lambda item: (order[item.span.file.path], item.span.start))


# --- text ---------------------------------------------------------------------------------

_GROUPS = {
    "module-not-here": (
        "{count} modules that this script loads are not in sipway yet",
        "what the script asks of them is not checked; all the rest of it is",
    )
}
_TAB = 4
_RESET = "\x1b[0m"
_BOLD = "\x1b[1m"
_DIM = "\x1b[2m"
_CYAN = "\x1b[36m"
_SEVERITY_COLOUR = {Severity.ERROR: "\x1b[1;31m", Severity.WARNING: "\x1b[1;33m"}
_ELLIPSIS = "…"
_LEAST_WIDTH = 20


class Group(Record):
    """Mistakes of one kind in one file, each about another `subject`."""

    items: tuple[Diagnostic, ...]

    @property
    def message(self) -> str:
        return _GROUPS[self.items[0].code][0].format(count=len(self.items))

    @property
    def hint(self) -> str:
        return _GROUPS[self.items[0].code][1]


def grouped(diagnostics: Iterable[Diagnostic]) -> list[Diagnostic | Group]:
    """`diagnostics` in their order, those that are said in one go where the first of them was."""
    found: list[Diagnostic | Group] = []
    places: dict[tuple[str, str], int] = {}
    for item in diagnostics:
        key = (item.code, item.span.file.path)
        at = places.get(key)
        if at is None or not item.subject or item.code not in _GROUPS:
            places[key] = len(found)
            found.append(item)
            continue
        first = found[at]
        items = first.items if isinstance(first, Group) else (first,)
        found[at] = Group((*items, item))
    return found


def render_text(diagnostics: Iterable[Diagnostic], colour: bool = False, width: int = 80) -> str:
    """All of `diagnostics` as plain text of `width` columns, an empty line between two.

    Each has the place with code and message, the line, a caret under the place, the hint and
    the related places.
    """
    width = max(width, _LEAST_WIDTH)
    return "\n".join(
        _render_group(item, colour, width)
        if isinstance(item, Group)
        else _render_one(item, colour, width)
        for item in grouped(diagnostics)
    )


def _render_group(group: Group, colour: bool, width: int) -> str:
    first = group.items[0]
    head, _, _ = _render_one(replace(first, message=group.message), colour, width).partition("\n")
    names = ", ".join(f"{item.subject} (line {item.span.line})" for item in group.items)
    margin = " " * 6
    lines = textwrap.wrap(printable(names), width, initial_indent=margin, subsequent_indent=margin)
    label = f"{_CYAN}hint:{_RESET}" if colour else "hint:"
    hint = _indented(label, "hint:", group.hint, " " * 5, width)
    return "\n".join([head, *lines, *hint]) + "\n"


def _render_one(item: Diagnostic, colour: bool, width: int) -> str:
    def paint(style: str, text: str) -> str:
        return f"{style}{text}{_RESET}" if colour else text

    mark = _SEVERITY_COLOUR[item.severity]
    span = item.span
    line, column = span.file.position(span.start)
    label = f"{item.severity.value}[{item.code}]"
    place = f"{printable(span.file.path)}:{line}:{column}:"
    lines = [f"{paint(_BOLD, place)} {paint(mark, f'{label}:')} {printable(item.message)}"]
    number = f"{line:5}"
    gutter = " " * len(number)
    shown, before, length = excerpt(span, width - len(number) - 3)
    lines.append(f"{paint(_DIM, f'{number} |')} {shown}".rstrip())
    lines.append(f"{paint(_DIM, f'{gutter} |')} {' ' * before}{paint(mark, '^' * length)}")
    if item.hint is not None:
        lines += _indented(paint(_CYAN, "hint:"), "hint:", item.hint, gutter, width)
    for other, text in item.related:
        at = f"line {other.line}:"
        if other.file.path != span.file.path:
            at = f"{printable(other.file.path)}:{other.line}:{other.column}:"
        lines += _indented(at, at, text, gutter, width)
    for origin in span.file.includers():
        lines.append(f"{gutter} included from {printable(origin.file.path)}:{origin.line}")
    return "\n".join(lines) + "\n"


def _indented(shown: str, plain: str, text: str, gutter: str, width: int) -> list[str]:
    """A label and a text behind it, wrapped; lines that the text itself has are kept."""
    indent = gutter + " "
    inner = indent + "  "
    lines: list[str] = []
    for number, part in enumerate(printable(text, keep="\n").split("\n")):
        if number:
            lines.append(inner + part)
            continue
        wrapped = textwrap.wrap(
            f"{plain} {part}",
            max(width, _LEAST_WIDTH + len(inner)),
            initial_indent=indent,
            subsequent_indent=inner,
            break_long_words=False,
            break_on_hyphens=False,
        )
        wrapped[0] = indent + shown + wrapped[0][len(indent) + len(plain) :]
        lines += wrapped
    return lines


def printable(text: str, keep: str = "") -> str:
    """Without what would drive the terminal, and without halves of broken UTF-8."""
    if text.isprintable():
        return text
    return "".join(
        c if c in keep or c.isprintable() else " " if c.isspace() else "\ufffd" for c in text
    )


def _columns(character: str) -> int:
    """How many columns of a terminal a printable character takes."""
    if character.isascii():
        return 1
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _cells(text: str) -> list[str]:
    """What a terminal shows for each character of a source line; tabs become blanks."""
    cells: list[str] = []
    used = 0
    for character in text:
        shown = " " * (_TAB - used % _TAB) if character == "\t" else printable(character)
        cells.append(shown)
        used += len(shown) if character == "\t" else _columns(shown)
    return cells


def _shown_width(cells: Sequence[str]) -> int:
    return sum(_columns(character) for cell in cells for character in cell)


def excerpt(span: Span, room: int) -> tuple[str, int, int]:
    """The line of the script cut to `room` columns around the place.

    Returns the text, the columns before the caret and the length of the caret. A span over
    several lines is underlined to the end of its first.
    """
    line, column = span.file.position(span.start)
    text = span.file.line_text(line)
    first = min(column - 1, len(text))
    last = min(first + max(span.end - span.start, 1), max(len(text), first + 1))
    cells = _cells(text)
    left, right = 0, len(cells)
    room = max(room, _LEAST_WIDTH)
    if _shown_width(cells) > room:
        # The place and, as far as they fit, about a third of the room before it.
        width = room - 2
        left = right = min(first, len(cells))
        before = 0
        while left > 0 and before + _shown_width(cells[left - 1 : left]) <= width // 3:
            left -= 1
            before += _shown_width(cells[left : left + 1])
        total = before
        while right < len(cells) and total + _shown_width(cells[right : right + 1]) <= width:
            total += _shown_width(cells[right : right + 1])
            right += 1
        while left > 0 and total + _shown_width(cells[left - 1 : left]) <= width:
            left -= 1
            total += _shown_width(cells[left : left + 1])
    prefix = _ELLIPSIS if left > 0 else ""
    suffix = _ELLIPSIS if right < len(cells) else ""
    shown = prefix + "".join(cells[left:right]) + suffix
    before = len(prefix) + _shown_width(cells[left:first])
    length = _shown_width(cells[first : min(last, right)])
    return shown, before, max(length, 1)


# --- JSON ---------------------------------------------------------------------------------


def render_json(diagnostics: Iterable[Diagnostic]) -> str:
    """All of `diagnostics` as one JSON object, with these fields and no others:

    - `errors`, `warnings`: how many there are;
    - `diagnostics`: a list of objects with `severity` ("error" or "warning"), `code`,
      `message`, `hint` (text or null), `file`, `line`, `column`, `end_line`, `end_column` (from
      1; the end is behind the last character; columns count Unicode characters) and
      `related`, a list of objects with `message` and the same five fields of place;
      `included_from`, a list of objects with `file`, `line` and `column`: where the file was
      included, where that one was, and so on.
    """
    import json  # seldom wanted, and slow to import

    items = list(diagnostics)
    report = {
        "errors": sum(item.severity is Severity.ERROR for item in items),
        "warnings": sum(item.severity is Severity.WARNING for item in items),
        "diagnostics": [
            {
                "severity": item.severity.value,
                "code": item.code,
                "message": item.message,
                "hint": item.hint,
                **_place(item.span),
                "related": [{"message": message, **_place(span)} for span, message in item.related],
                "included_from": [
                    {"file": origin.file.path, "line": origin.line, "column": origin.column}
                    for origin in item.span.file.includers()
                ],
            }
            for item in items
        ],
    }
    return json.dumps(report, indent=2)


def _place(span: Span) -> dict[str, str | int]:
    file: SourceFile = span.file
    line, column = file.position(span.start)
    end_line, end_column = file.position(span.end)
    return {
        "file": file.path,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
    }
