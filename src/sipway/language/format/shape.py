"""What the parser says of a file: where statements start, and which branches are script.

No one reading takes all branches of all `#!ifdef`s, so the file is read several times, each
time with other branches, until each has been read. What is left out is blanked in place:
offsets stay those of the file. A branch in which the parser finds a mistake is no script, such
as the SQL in Kamailio's own, unless it is one that counts: then the mistake is the file's.
A word alone is a statement here: the define that it stands for may be in another file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from sipway.language.diagnostics import Diagnostic, Diagnostics
from sipway.language.format.pieces import Branch, Items, Piece
from sipway.language.inputs import Inputs
from sipway.language.nodes import (
    Block,
    If,
    RoutingBlock,
    Script,
    Statement,
    Switch,
    While,
)
from sipway.language.parser import parse
from sipway.language.preprocessor import preprocess
from sipway.language.record import Record, field
from sipway.language.source import SourceFile

# They are about what stands elsewhere, not about how this file is written.
_ELSEWHERE: Final = frozenset(
    {"include-not-found", "unreadable-file", "include-loop", "unset-environment", "defined-twice"}
)
_WRAPPER: Final = "request_route{"
_MAX_READINGS: Final = 500
_NOT_LINE_END = re.compile(r"[^\n]")


class Shape(Record, frozen=False):
    """Where statements and settings start, by offset.

    `starts`    the bodies without braces around each, counted from the nearest brace
    `bodies`    the same for the body of an `else`, of the `if` that the `else` belongs to
    `fragment`  the file holds statements, for an `include_file` within a block
    `errors`    why the file cannot be laid out; then the rest is empty
    """

    starts: dict[int, int] = field(default_factory=dict)
    bodies: dict[int, int] = field(default_factory=dict)
    fragment: bool = False
    errors: list[Diagnostic] = field(default_factory=list)


def study(source: SourceFile, items: Items, defines: Mapping[str, str | None]) -> Shape:
    """Find the shape of `source`; branches that are no script lose their items."""
    return _Study(source, items, defines).shape()


class _Place(Record, frozen=False):
    """A branch, and the answers to what `#!ifdef`s ask with which it counts."""

    branch: Branch
    answers: dict[str, bool]
    read: bool = False


class _Study:
    def __init__(self, source: SourceFile, items: Items, defines: Mapping[str, str | None]) -> None:
        self._source = source
        self._items = items
        self._defines = defines
        self._shape = Shape()
        self._inputs = Inputs()  # each included file is read once

    def shape(self) -> Shape:
        errors = self._errors(self._parse(self._source.text))
        if errors:
            self._shape.fragment = True
            if self._errors(self._parse(self._source.text)):
                self._shape.fragment = False
                self._shape.errors = errors
                return self._shape
        places = list(_places(self._items, {}))
        self._counted(places)
        self._try(places, dict.fromkeys(self._keys(places), True))
        self._try(places, {})
        for place in places:
            if not place.read and place.branch.items is not None:
                self._try(places, self._merged(place, places))
        return self._shape

    # --- readings -------------------------------------------------------------------------

    def _parse(self, text: str) -> list[Diagnostic]:
        """Read `text`, note where statements start, and return the errors in it."""
        shift = 0
        if self._shape.fragment:
            shift = len(_WRAPPER)
            text = f"{_WRAPPER}{text}\n}}"
        file = SourceFile(self._source.path, text)
        result = parse(file, self._defines, inputs=self._inputs, lone_words=True)
        _Starts(self._shape, file, shift).script(result.script)
        return [item for item in result.diagnostics.errors if item.span.file is file]

    def _errors(self, found: list[Diagnostic]) -> list[Diagnostic]:
        return [item for item in found if item.code not in _ELSEWHERE]

    def _counted(self, places: Sequence[_Place]) -> None:
        """Mark the branches that count with the names as they are defined."""
        source = self._source
        found = preprocess(source, self._defines, Diagnostics(), self._inputs)
        offsets = sorted(token.start for token in found.tokens if token.file is source)
        at = 0
        for place in sorted(places, key=lambda place: place.branch.start):
            while at < len(offsets) and offsets[at] < place.branch.start:
                at += 1
            place.read = at < len(offsets) and offsets[at] < place.branch.end

    def _try(self, places: Sequence[_Place], answers: Mapping[str, bool]) -> None:
        """Read the file with the branches that `answers` choose."""
        shift = len(_WRAPPER) if self._shape.fragment else 0
        for _ in range(_MAX_READINGS):
            chosen = [place for place in places if _fits(place, answers)]
            if all(place.read for place in chosen):
                return
            errors = self._errors(self._parse(self._text(answers)))
            guilty = None
            for error in errors:
                guilty = _innermost(chosen, error.span.start - shift)
                if guilty is not None and not guilty.read:
                    break
            else:
                for place in chosen:
                    place.read = True
                return
            assert guilty is not None  # the loop was left by break
            guilty.branch.items = None
            guilty.read = True

    def _text(self, answers: Mapping[str, bool]) -> str:
        """The file with directives and the branches that are not chosen blanked."""
        text = self._source.text
        parts: list[str] = []
        at = 0
        for start, end in _left_out(self._items, answers):
            parts += text[at:start], _NOT_LINE_END.sub(" ", text[start:end])
            at = end
        return "".join(parts) + text[at:]

    def _keys(self, places: Sequence[_Place]) -> set[str]:
        return {key for place in places for key in place.answers}

    def _merged(self, first: _Place, places: Sequence[_Place]) -> dict[str, bool]:
        """Answers with which `first` counts and as many others that were not read as can be."""
        answers = dict(first.answers)
        for place in places:
            if not place.read and all(
                answers.get(key, wanted) == wanted for key, wanted in place.answers.items()
            ):
                answers |= place.answers
        return answers


def _places(items: Items, answers: Mapping[str, bool]) -> Iterator[_Place]:
    for item in items:
        if isinstance(item, Piece):
            continue
        for number, branch in enumerate(item.branches):
            if branch.items is None:
                continue
            wanted = item.wanted if number == 0 else not item.wanted
            if answers.get(item.key, wanted) != wanted:
                continue  # never counts: it asks the contrary of what is asked around it
            inner = {**answers, item.key: wanted}
            yield _Place(branch, inner)
            yield from _places(branch.items, inner)


def _fits(place: _Place, answers: Mapping[str, bool]) -> bool:
    return place.branch.items is not None and all(
        answers.get(key, False) == wanted for key, wanted in place.answers.items()
    )


def _innermost(places: Sequence[_Place], offset: int) -> _Place | None:
    found = None
    for place in places:
        if place.branch.start <= offset <= place.branch.end:
            found = place  # those inside others come later
    return found


def _left_out(items: Items, answers: Mapping[str, bool]) -> Iterator[tuple[int, int]]:
    for item in items:
        if isinstance(item, Piece):
            continue
        for number, directive in enumerate(item.directives):
            yield directive.start, directive.end
            if number == len(item.branches):
                break
            branch = item.branches[number]
            wanted = item.wanted if number == 0 else not item.wanted
            if branch.items is None or answers.get(item.key, False) != wanted:
                yield branch.start, branch.end
            else:
                yield from _left_out(branch.items, answers)


class _Starts:
    """Notes where the statements of one reading start."""

    def __init__(self, shape: Shape, file: SourceFile, shift: int) -> None:
        self._shape = shape
        self._file = file
        self._shift = shift

    def script(self, script: Script) -> None:
        for item in script.items:
            if item.span.file is self._file and item.span.start >= self._shift:
                self._shape.starts.setdefault(item.span.start - self._shift, 0)
            if isinstance(item, RoutingBlock):
                self._block(item.body, 0)

    def _block(self, block: Block, extra: int) -> None:
        for statement in block.statements:
            self._statement(statement, 0 if block.braces else extra)

    def _statement(self, statement: Statement, extra: int) -> None:
        if statement.span.file is self._file:
            self._shape.starts.setdefault(statement.span.start - self._shift, extra)
        if isinstance(statement, If):
            self._if(statement, extra)
        elif isinstance(statement, While):
            self._block(statement.body, extra + 1)
        elif isinstance(statement, Block):
            self._block(statement, 0)
        elif isinstance(statement, Switch):
            for case in statement.cases:
                self._block(case.body, 0)

    def _if(self, statement: If, extra: int) -> None:
        while True:
            self._block(statement.then, extra + 1)
            orelse = statement.orelse
            if orelse is None:
                return
            if orelse.span.file is self._file:
                self._shape.bodies.setdefault(orelse.span.start - self._shift, extra)
            first = orelse.statements[0] if orelse.statements else None
            if orelse.braces or not isinstance(first, If):
                self._block(orelse, extra + 1)
                return
            statement = first
