"""Findings on a terminal: the message first, the line with what is wrong in it underlined.

Only a terminal needs this, and `rich`, which lays the text out: nothing else imports it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TextIO

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.console import Group as Stack
from rich.text import Text

from sipway.cli import terminal
from sipway.language.diagnostics import (
    Diagnostic,
    Group,
    Severity,
    excerpt,
    grouped,
    printable,
)
from sipway.language.source import SourceFile, Span

_COLOUR: Final = {Severity.ERROR: "red", Severity.WARNING: "yellow"}
_FRAME: Final = "bold blue"
_WIDEST: Final = 120
"""Lines longer than this are hard to read, however wide the terminal."""


def show(diagnostics: Sequence[Diagnostic], stream: TextIO) -> None:
    """Print ``diagnostics`` to a terminal, an empty line behind each."""
    colour = terminal.wants_colour(stream)
    console = Console(
        file=stream,
        width=min(terminal.width(), _WIDEST),
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=False,
    )
    for item in grouped(diagnostics):
        made = _group(item, console.width) if isinstance(item, Group) else _one(item, console.width)
        console.print(made)
        console.print()


def _one(item: Diagnostic, width: int) -> RenderableType:
    margin = max(len(str(span.line)) for span in (item.span, *(at for at, _ in item.related)))
    parts = [_head(item, item.message), _place(item.span, margin)]
    # As in the script: what stands above the mistake is shown above it.
    here = [related for related in item.related if related[0].file.path == item.span.file.path]
    for span, text in here:
        if span.start < item.span.start:
            parts += _excerpt(span, margin, width, "-", "cyan", text)
    parts += _code(item, margin, width)
    for span, text in item.related:
        if span.file.path != item.span.file.path:
            parts.append(_place(span, margin))
        elif span.start < item.span.start:
            continue
        parts += _excerpt(span, margin, width, "-", "cyan", text)
    if item.hint is not None:
        parts.append(_note("hint", item.hint, margin, "cyan"))
    parts += _chain(item.span.file, margin)
    return Stack(*parts)


def _group(group: Group, width: int) -> RenderableType:
    first = group.items[0]
    names = [(str(item.span.line), printable(item.subject)) for item in group.items]
    margin = max(len(line) for line, _ in names)
    widest = max(len(name) for _, name in names)
    columns = max(1, (width - 2) // (margin + widest + 3))
    rows = -(-len(names) // columns)
    parts: list[RenderableType] = [_head(first, group.message)]
    parts.append(Text(f"{' ' * margin}--> {printable(first.span.file.path)}", _FRAME))
    for row in range(rows):
        line = Text()
        for number, name in names[row::rows]:
            line.append(f"{number:>{margin}} ", _FRAME)
            line.append(f"{name:{widest}}  ")
        line.rstrip()
        parts.append(line)
    parts.append(_note("hint", group.hint, margin, "cyan"))
    parts += _chain(first.span.file, margin)
    return Stack(*parts)


def _head(item: Diagnostic, message: str) -> RenderableType:
    label = Text(f"{item.severity.value}[{item.code}]:", f"bold {_COLOUR[item.severity]}")
    return _hanging(label, Text(printable(message), "bold"), 2)


def _place(span: Span, margin: int) -> RenderableType:
    line, column = span.file.position(span.start)
    text = Text(f"{' ' * margin}--> ", _FRAME)
    return text.append(f"{printable(span.file.path)}:{line}:{column}", "default")


def _code(item: Diagnostic, margin: int, width: int) -> list[RenderableType]:
    if not item.span.file.text:
        return []  # a file that cannot be read has no line to show
    return _excerpt(item.span, margin, width, "^", f"bold {_COLOUR[item.severity]}", "")


def _excerpt(
    span: Span, margin: int, width: int, mark: str, style: str, label: str
) -> list[RenderableType]:
    shown, before, length = excerpt(span, width - margin - 3)
    line = Text(f"{span.line:>{margin}} | ", _FRAME)
    line.append(shown, "default")
    under = Text(f"{' ' * margin} | ", _FRAME)
    under.append(" " * before + mark * length, style)
    line.rstrip()
    if not label:
        return [line, under]
    if margin + 4 + before + length + len(label) <= width:
        return [line, under.append(f" {printable(label)}", style)]
    return [line, under, _note("", label, margin, style)]


def _note(label: str, text: str, margin: int, style: str) -> RenderableType:
    """``= hint: ...``; lines that the text has stay lines."""
    head = Text(f"{' ' * margin} = ", _FRAME)
    if label:
        head.append(f"{label}: ", style)
    first, *rest = printable(text, keep="\n").split("\n")
    parts: list[RenderableType] = [_hanging(head, Text(first), margin + 3, close=True)]
    parts += [Text(f"{' ' * (margin + 5)}{line}", overflow="fold") for line in rest]
    return Stack(*parts)


def _hanging(label: Text, text: Text, indent: int, *, close: bool = False) -> RenderableType:
    """A label and a text behind it; further lines of the text are indented."""
    whole = Text.assemble(label, "" if close else " ", text)
    return _Hanging(whole, indent)


class _Hanging:
    """Wrapped text with a hanging indentation, which `rich` does not have."""

    def __init__(self, text: Text, indent: int) -> None:
        self._text = text
        self._indent = indent

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        first, *rest = self._text.wrap(console, options.max_width) or [Text()]
        first.rstrip()
        yield first
        if rest:
            for line in Text(" ").join(rest).wrap(console, options.max_width - self._indent):
                line.rstrip()
                yield Text(" " * self._indent) + line


def _chain(file: SourceFile, margin: int) -> list[RenderableType]:
    """Through which files this one was included."""
    return [
        _note("", f"included from {origin.file.path}:{origin.line}", margin, "default")
        for origin in file.includers()
    ]
