"""`sipway fmt`: a script laid out anew, with the same meaning.

`format_script` reads a file without loss (`pieces`), asks the parser where statements start
(`shape`), writes it again (`layout`), and then compares what it has written with what it was
given: the words, the comments and the directives have to be the same, or nothing is changed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sipway.language.diagnostics import Diagnostic, Diagnostics, Severity
from sipway.language.format.layout import lay_out
from sipway.language.format.pieces import COMMENT, Items, Piece, Unreadable, read
from sipway.language.format.shape import study
from sipway.language.preprocessor import preprocess
from sipway.language.record import Record, field
from sipway.language.source import SourceFile, Span

__all__ = ["Formatted", "format_script"]


class Formatted(Record):
    """`text` is None where the script has errors; `diagnostics` are these.

    `left` are the places of text that is no script, under an `#!ifdef`, and was left as it is.
    """

    text: str | None
    diagnostics: list[Diagnostic] = field(default_factory=list)
    left: list[Span] = field(default_factory=list)


def format_script(source: SourceFile, defines: Mapping[str, str | None] | None = None) -> Formatted:
    """Lay out `source`; what it includes is read, as it may define names, and left alone.

    `defines` are names given from outside (`-A NAME=VALUE`).
    """
    defines = defines or {}
    try:
        items = read(source)
    except Unreadable as error:
        items, found = [], error.diagnostics.errors
    else:
        found = []
    shape = study(source, items, defines)
    if shape.errors or found:
        return Formatted(None, shape.errors or found)
    text = lay_out(source, items, shape)
    left = [Span(source, start, end) for start, end in _left_alone(items)]
    if text != source.text:
        difference = _difference(source, items, text, defines)
        if difference is not None:
            return Formatted(None, [difference])
    return Formatted(text, left=left)


def _difference(
    source: SourceFile, items: Items, text: str, defines: Mapping[str, str | None]
) -> Diagnostic | None:
    """An error about what would not be the same in `text`."""
    written = SourceFile(source.path, text)
    before = list(_essence(source, items))
    try:
        found = read(written)
    except Unreadable:
        found = []
    _leave_alone(items, found)
    after = [word for word, _ in _essence(written, found)]
    for number, (word, start) in enumerate(before):
        if number >= len(after) or after[number] != word:
            return _refusal(source, start)
    if len(after) != len(before):
        return _refusal(source, len(source.text))
    if _tokens(source, defines) != _tokens(written, defines):
        return _refusal(source, 0)
    return None


def _leave_alone(items: Items, written: Items) -> None:
    """What is no script among `items` is none where it was written either."""
    conditionals = [item for item in written if not isinstance(item, Piece)]
    for item in items:
        if isinstance(item, Piece) or not conditionals:
            continue
        copied = conditionals.pop(0)
        for branch, copy in zip(item.branches, copied.branches, strict=False):
            if branch.items is None:
                copy.items = None
            elif copy.items is not None:
                _leave_alone(branch.items, copy.items)


def _refusal(source: SourceFile, start: int) -> Diagnostic:
    return Diagnostic(
        Severity.ERROR,
        "not-formatted",
        "this cannot be laid out without changing it",
        Span.point(source, start),
        "this is a mistake in `sipway fmt`; the file has been left as it is",
    )


def _essence(source: SourceFile, items: Items) -> Iterator[tuple[tuple[str, str], int]]:
    """What has to stay: kind and text of each piece, with its place."""
    for item in items:
        if isinstance(item, Piece):
            text = item.text
            if item.kind == COMMENT:
                text = "\n".join(line.strip() for line in text.split("\n"))
            yield (item.kind, text), item.start
            continue
        for number, directive in enumerate(item.directives):
            yield (directive.kind, directive.text), directive.start
            if number == len(item.branches):
                continue
            branch = item.branches[number]
            if branch.items is not None:
                yield from _essence(source, branch.items)
            else:
                yield (
                    ("raw", source.text[branch.start : branch.end].lstrip("\r\n").rstrip()),
                    (branch.start),
                )


def _tokens(source: SourceFile, defines: Mapping[str, str | None]) -> list[tuple[str, str]]:
    found = preprocess(source, defines, Diagnostics())
    return [(token.kind, token.text) for token in found.tokens]


def _left_alone(items: Items) -> Iterator[tuple[int, int]]:
    for item in items:
        if isinstance(item, Piece):
            continue
        for branch in item.branches:
            if branch.items is None:
                yield branch.start, branch.end
            else:
                yield from _left_alone(branch.items)
