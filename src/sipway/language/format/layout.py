"""Pieces -> text: where lines start, how far they are indented, what stands between words.

The layout is that of Kamailio's own scripts: a tab for each brace, `case` one tab inside its
`switch`, a statement that goes on in the next line two tabs further in (one outside of blocks),
directives in the first column. Where a line of the script ends within a statement, it still
ends there.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Final

from sipway.language.format import spacing
from sipway.language.format.pieces import COMMENT, LINE, WORD, Items, Piece, is_name
from sipway.language.format.shape import Shape
from sipway.language.lexer import ADDRESS, NAME, STRING
from sipway.language.record import Record, field
from sipway.language.source import SourceFile
from sipway.language.tokens import BLOCK_WORDS

_INDENT: Final = "\t"
_BLANK_LINES: Final = (2, 1)
"""Blank lines that may follow each other: outside of blocks, inside."""
_INCLUDES: Final = ("include_file", "import_file", "import_files")
_ALIGNED: Final = frozenset({"modparam", "modparamx"})


def lay_out(source: SourceFile, items: Items, shape: Shape) -> str:
    """The text of `source` anew."""
    layout = _Layout(source, shape)
    layout.items(items)
    return layout.text()


class _Frame(Record, frozen=False):
    """An open brace. `indent` is that of the lines in it, `in_case` behind a first label."""

    indent: int
    switch: bool
    setting: str
    in_case: bool = False


class _State(Record, frozen=False):
    """Where in the script the layout is; copied at an `#!ifdef`, taken up again at its `#!else`.

    `last`       the last word, None at the start
    `first`      the first word of the statement
    `brackets`   open parentheses and brackets of the statement
    `indent`     that of the statement's first line
    `begun`      a statement has begun and not ended
    `aligned`    blanks in the statement stay, where there is more than one
    `setting`    what kind of setting the statement is (`spacing`), "" for none
    `label`      a `case` whose colon has not come yet
    """

    frames: list[_Frame] = field(default_factory=list)
    last: Piece | None = None
    before: tuple[Piece | None, Piece | None] = (None, None)
    brackets: int = 0
    indent: int = 0
    begun: bool = False
    label: bool = False
    switch: bool = False
    setting: str = ""
    first: Piece | None = None
    aligned: bool = False
    sign: bool = False

    def fork(self) -> _State:
        state = copy(self)
        state.frames = [copy(frame) for frame in self.frames]
        return state


class _Layout:
    def __init__(self, source: SourceFile, shape: Shape) -> None:
        self._source = source
        self._shape = shape
        self._lines: list[str] = []
        self._line: str | None = None
        # The line is a comment so far, and a word right behind it belongs there.
        self._only_comment = False
        self._state = _State()

    def text(self) -> str:
        self._end_line()
        mark = "\ufeff" if self._source.text.startswith("\ufeff") else ""
        return mark + "".join(f"{line}\n" for line in self._lines)

    def items(self, items: Items) -> None:
        for number, item in enumerate(items):
            if not isinstance(item, Piece):
                self._conditional(item.directives, [b.items for b in item.branches])
            elif item.kind == WORD:
                self._word(item, _next_word(items, number + 1))
            elif item.kind == COMMENT:
                self._comment(item, _next_word(items, number + 1))
            elif item.kind == LINE:
                self._directive(item, item.newlines)

    def _conditional(self, directives: Sequence[Piece], branches: Sequence[Items | None]) -> None:
        before = self._state
        after: _State | None = None
        for number, directive in enumerate(directives):
            after_raw = number > 0 and branches[number - 1] is None
            self._directive(directive, 1 if after_raw else directive.newlines)
            if number == len(branches):
                break
            self._state = before.fork()
            branch = branches[number]
            if branch is None:
                self._raw(directive.end, directives[number + 1].start)
                continue
            self.items(branch)
            if after is None:
                after = self._state
        self._state = after or before.fork()

    # --- lines ----------------------------------------------------------------------------

    def _end_line(self) -> None:
        if self._line is not None:
            self._lines.append(self._line)
            self._line = None
        self._only_comment = False

    def _new_line(self, indent: int, newlines: int) -> None:
        """Start a line, behind as many blank ones as there were and may be."""
        self._end_line()
        if self._lines:
            most = _BLANK_LINES[bool(self._state.frames) or self._shape.fragment]
            self._lines += [""] * min(max(newlines - 1, 0), most)
        self._line = _INDENT * indent

    def _directive(self, piece: Piece, newlines: int) -> None:
        self._new_line(0, newlines)
        self._line = piece.text
        self._end_line()

    def _raw(self, start: int, end: int) -> None:
        """What is no script, as it is, between two directives."""
        text = self._source.text
        first = text.find("\n", start, end) + 1 or start
        stop = text.rfind("\n", first, end) + 1
        if text[stop:end].strip():
            stop = end
        self._end_line()
        self._lines += text[first:stop].removesuffix("\n").split("\n") if stop > first else []

    # --- comments -------------------------------------------------------------------------

    def _comment(self, piece: Piece, following: Piece | None) -> None:
        text = piece.text
        block = text.startswith("/*")
        if piece.newlines == 0 and self._line is not None:
            wide = _is_wide(piece.gap)
            last = self._state.last
            tight = block and piece.gap == "" and last is not None and last.token in ("(", "[")
            self._line += "" if tight else piece.gap if wide else " "
            self._line += text
        else:
            # What looks like a directive and is none to us may be one to somebody else.
            indent = 0 if text.startswith("#!") else self._comment_indent(following)
            self._new_line(indent, piece.newlines)
            assert self._line is not None  # it has just been started
            self._line += _starred(text, indent) if block else text
            self._only_comment = block
            if block:
                return
        if not block:
            self._end_line()

    def _comment_indent(self, following: Piece | None) -> int:
        """As what follows is indented, if it is a statement, else as this one goes on."""
        state = self._state
        if state.brackets:
            return state.indent + self._further()
        if following is None:
            return self._base()
        if following.text == "{":
            return state.indent
        if self._starts_statement(following) or not state.begun or not state.frames:
            if following.text == "}":
                return self._base()
            return self._indent_of(following)
        return state.indent + self._further()

    # --- words ----------------------------------------------------------------------------

    def _word(self, piece: Piece, following: Piece | None) -> None:
        state = self._state
        same_line = piece.newlines == 0 and self._line is not None
        if is_name(piece, "else"):
            self._else(piece, following)
        elif self._line is not None and state.last is not None and self._stays(piece):
            self._append(piece)
        elif piece.text == "{" and state.begun and not state.brackets:
            self._new_line(state.indent, 1)
            self._line = f"{self._line}{piece.text}"
        elif self._starts_statement(piece):
            if same_line and self._only_comment:
                state.begun = False
                state.indent = self._indent_of(piece)
                self._line = f"{self._line} {piece.text}"
            elif same_line and self._is_body(piece):
                self._append(piece)
            else:
                self._begin(piece)
        elif same_line:
            self._append(piece)
        elif piece.token in (")", "]"):
            self._new_line(state.indent, 1)
            self._line = f"{self._line}{piece.text}"
        else:
            self._new_line(state.indent + self._further(), piece.newlines)
            self._line = f"{self._line}{piece.text}"
        self._only_comment = False
        self._note(piece)

    def _stays(self, piece: Piece) -> bool:
        """Whether the word belongs to the line that is open, wherever it stood."""
        state = self._state
        last = state.last
        assert last is not None  # asked for words that are not the first
        if piece.token in (";", ","):
            return state.begun or last.token in (";", "}")
        if piece.token == "{":
            return state.begun and not state.brackets
        if piece.token == "(":
            return state.begun and last.token == NAME
        return is_name(piece, "if") and is_name(last, "else")

    def _append(self, piece: Piece) -> None:
        state = self._state
        last = state.last
        assert last is not None  # there is something on the line
        assert self._line is not None
        if state.aligned and _is_wide(piece.gap) and not piece.newlines and piece.token != ",":
            gap = piece.gap
        elif last.token in (";", "}"):
            gap = ""
        elif piece.token == "{":
            gap = "" if last.token == "=" else " "  # socket={ ... }
        elif self._line.endswith("*/") and not last.text.endswith("*/"):
            gap = " " if piece.gap or piece.newlines else ""
        else:
            gap = spacing.space(
                last,
                piece,
                sign=state.sign,
                cast=spacing.is_cast(*state.before, last),
                prefix=last.token == "/" and _is_address(state.before[1]),
                setting=state.setting,
            )
        self._line += gap + piece.text

    def _begin(self, piece: Piece) -> None:
        state = self._state
        state.begun = False  # a setting has no end but the start of the next one
        state.indent = self._indent_of(piece)
        self._new_line(state.indent, piece.newlines)
        self._line = f"{self._line}{piece.text}"

    def _else(self, piece: Piece, following: Piece | None) -> None:
        state = self._state
        extra = self._shape.bodies.get(following.start, 0) if following else 0
        indent = self._base() + extra
        closed = state.last is not None and state.last.text == "}"
        if closed and self._line is not None and indent == state.indent:
            self._line += f" {piece.text}"
            return
        state.indent = indent
        self._new_line(indent, 1 if closed else piece.newlines)
        self._line = f"{self._line}{piece.text}"

    def _note(self, piece: Piece) -> None:
        """What the word changes for those behind it."""
        state = self._state
        token = piece.token
        if not state.begun and token not in (";", "}"):
            self._note_first(piece)
        sign = spacing.is_sign(piece, state.last)
        state.before = (state.before[1], state.last)
        state.last = piece
        state.sign = sign
        if token in ("(", "["):
            state.brackets += 1
        elif token in (")", "]"):
            state.brackets = max(0, state.brackets - 1)
        elif token == "{":
            self._open()
        elif token == "}":
            if state.frames:
                state.frames.pop()
            self._ended()
        elif token == ";" and not state.brackets:
            self._ended()
        elif token == ":" and state.label and not state.brackets:
            state.frames[-1].in_case = True
            self._ended()
        elif token == STRING and is_name(state.before[1] or piece, *_INCLUDES):
            if not state.brackets:
                self._ended()
        elif is_name(piece, "switch"):
            state.switch = True
        elif token == "." and state.setting and state.before[1] is state.first:
            state.setting = spacing.CUSTOM

    def _note_first(self, piece: Piece) -> None:
        state = self._state
        state.begun = True
        state.first = piece
        frame = state.frames[-1] if state.frames else None
        state.label = bool(frame and frame.switch) and is_name(piece, "case", "default")
        if frame is not None:
            state.setting = frame.setting
        else:
            call = piece.text in _ALIGNED
            block = is_name(piece, *BLOCK_WORDS) or self._shape.fragment
            state.setting = "" if call or block else spacing.PLAIN
            state.aligned = not block

    def _open(self) -> None:
        state = self._state
        state.frames.append(_Frame(state.indent + 1, state.switch, state.setting))
        state.brackets = 0
        self._ended()

    def _ended(self) -> None:
        state = self._state
        state.begun = state.label = state.switch = state.aligned = False
        state.brackets = 0

    # --- where things stand ---------------------------------------------------------------

    def _starts_statement(self, piece: Piece) -> bool:
        state = self._state
        if state.brackets:
            return False
        if not state.begun or piece.start in self._shape.starts or piece.token == "}":
            return True
        if piece.newlines == 0:
            return False
        if is_name(piece, *_INCLUDES):
            return True
        # A define without a value, alone on its line, leaves nothing for the parser to see.
        return not state.frames and piece.token == NAME and piece.text.isupper()

    def _is_body(self, piece: Piece) -> bool:
        """Whether the word starts the single statement of an `if` on the line of the `if`."""
        return self._state.begun and self._shape.starts.get(piece.start, 0) > 0

    def _base(self) -> int:
        """The indentation of a statement in the innermost brace."""
        frames = self._state.frames
        if not frames:
            return 0
        return frames[-1].indent + frames[-1].in_case

    def _indent_of(self, piece: Piece) -> int:
        frames = self._state.frames
        if piece.token == "}":
            return frames[-1].indent - 1 if frames else 0
        if frames and frames[-1].switch and is_name(piece, "case", "default"):
            return frames[-1].indent
        return self._base() + self._shape.starts.get(piece.start, 0)

    def _further(self) -> int:
        """How much further in the rest of a statement is indented."""
        return 2 if self._state.frames or self._shape.fragment else 1


def _is_wide(gap: str) -> bool:
    """Whether blanks were put there to align something."""
    return len(gap) > 1 or "\t" in gap


def _is_address(piece: Piece | None) -> bool:
    return piece is not None and piece.token == ADDRESS


def _next_word(items: Items, at: int) -> Piece | None:
    """The next word before any directive that chooses."""
    while at < len(items):
        item = items[at]
        if not isinstance(item, Piece):
            return None
        if item.kind == WORD:
            return item
        at += 1
    return None


def _starred(text: str, indent: int) -> str:
    """A comment of several lines; those that begin with a `*` move along with the first."""
    lines = text.split("\n")
    if len(lines) == 1:
        return text
    rest = [line.strip() for line in lines[1:]]
    if all(line.startswith("*") for line in rest):
        return "\n".join([lines[0].rstrip(), *(f"{_INDENT * indent} {line}" for line in rest)])
    return "\n".join(line.rstrip() for line in lines)
