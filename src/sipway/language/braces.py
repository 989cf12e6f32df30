"""Braces that do not match: which one is missing or too many, told once.

A parser notices a forgotten brace at the end of the file, or at the next block. Where it was
forgotten is told by what the writer meant: by the indentation, and by the keywords of blocks,
which never stand inside another block. Here the tokens are balanced before they are parsed, so
nothing that follows is misread.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sipway.language.diagnostics import Diagnostics
from sipway.language.lexer import END, NAME, Token
from sipway.language.record import Record
from sipway.language.tokens import BLOCK_WORDS, STATEMENT_WORDS, TokenStream

# More than this many wrong braces: no script any more. The rest is balanced in silence.
_MOST_REPORTS: Final = 20
_HEAD_WORDS: Final = frozenset({"if", "else", "while", "switch"})
_SHOWN_HEAD: Final = 40
# Lines whose indentation differs by this much are meant to be indented alike.
_SLACK: Final = 1


class _Brace(Record):
    """An open `{`: where it is in the list, and how far its line is indented."""

    at: int
    indent: int | None


class _Close(Record):
    """A `}` and the `{` that it closes as the text stands."""

    at: int
    opening: _Brace
    indent: int | None


def balance(tokens: list[Token], diagnostics: Diagnostics, quiet: bool = False) -> list[Token]:
    """`tokens` with as many `}` as `{` in every block; what was wrong is reported.

    With `quiet` nothing is said of blocks that the end of the file leaves open: a comment that
    is never closed has swallowed their ends.
    """
    for _ in range(_MOST_REPORTS):
        problem = _Scan(tokens).run()
        if problem is None:
            return tokens
        silent = quiet and isinstance(problem, _Unclosed) and tokens[problem.at].kind == END
        tokens = problem.mend(tokens, Diagnostics() if silent else diagnostics)
    return _force(tokens)


def _force(tokens: list[Token]) -> list[Token]:
    balanced: list[Token] = []
    depth = 0
    for token in tokens:
        if token.kind == "{":
            depth += 1
        elif token.kind == "}":
            if depth == 0:
                continue
            depth -= 1
        elif token.kind == END:
            balanced += [_virtual("}", token)] * depth
        balanced.append(token)
    return balanced


def _virtual(kind: str, behind: Token) -> Token:
    return Token(kind, kind, behind.file, behind.end, behind.end)


class _Lines:
    """Where lines start, and how far they are indented."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.tokens = tokens
        self._stream = TokenStream(tokens, Diagnostics())

    def is_first(self, at: int) -> bool:
        return self._stream.starts_line(at)

    def indent(self, at: int) -> int | None:
        """Columns before the first token of the line; None if it came out of a define."""
        token = self.tokens[at]
        if token.macro is not None:
            return None
        text = token.file.text
        start = text.rfind("\n", 0, token.start) + 1
        line = text[start : token.start + 1]
        blank = line[: len(line) - len(line.lstrip())]
        return len(blank.expandtabs(8))

    def head_end(self, at: int) -> int | None:
        """The last token of the head of a block that starts a line, such as `route[X]`.

        None where no head stands, but a call such as `route(X)`, or something else.
        """
        token = self.tokens[at]
        if token.kind != NAME or token.text not in BLOCK_WORDS or not self.is_first(at):
            return None
        following = self.tokens[at + 1].kind
        if following == "event name":
            return at + 1
        if following != "[":
            return None if following == "(" else at
        last = at + 1
        while self.tokens[last].kind != "]":
            if self.tokens[last + 1].kind in ("{", END) or self.is_first(last + 1):
                break
            last += 1
        return last

    def is_block_head(self, at: int) -> bool:
        """Whether `route[X] {` or its like starts here, as it does only outside of blocks."""
        last = self.head_end(at)
        return last is not None and self.tokens[last + 1].kind == "{"

    def last_of_line(self, at: int) -> int:
        """The last token of the line that the token at `at` is in."""
        while at + 1 < len(self.tokens) - 1 and not self.is_first(at + 1):
            at += 1
        return at


class _Unclosed(Record):
    """A `{` without its `}`, noticed at the token `at`; `place` is behind which it belongs."""

    at: int
    opening: _Brace
    place: int

    def mend(self, tokens: list[Token], diagnostics: Diagnostics) -> list[Token]:
        opening = tokens[self.opening.at]
        for at in (self.opening.at, self.opening.at + 1):
            if tokens[at].kind == "{" and at and tokens[at - 1].kind == "{":
                diagnostics.error(
                    "extra-brace", "this { is one too many", tokens[at].span, hint="remove it"
                )
                return tokens[:at] + tokens[at + 1 :]
        head = opening.file.line_text(opening.span.line).strip()
        if len(head) > _SHOWN_HEAD:
            head = head[: _SHOWN_HEAD - 3] + "..."
        last = tokens[self.place]
        diagnostics.error(
            "unclosed-brace",
            f"the }} that closes the block of line {opening.span.line} is missing",
            last.after,
            hint="put } here",
            related=[(opening.span, f"the block starts here: {head}")],
        )
        return [*tokens[: self.place + 1], _virtual("}", last), *tokens[self.place + 1 :]]


class _Extra(Record):
    """A `}` that closes nothing."""

    at: int

    def mend(self, tokens: list[Token], diagnostics: Diagnostics) -> list[Token]:
        diagnostics.error(
            "extra-brace",
            "this } is one too many",
            tokens[self.at].span,
            hint="remove it, or put the { that it belongs to in front",
        )
        return tokens[: self.at] + tokens[self.at + 1 :]


class _Unopened(Record):
    """A block whose `{` is missing behind the token `place`."""

    at: int
    head: int
    place: int

    def mend(self, tokens: list[Token], diagnostics: Diagnostics) -> list[Token]:
        last = tokens[self.place]
        word = tokens[self.head]
        if word.kind == "}":
            word = tokens[self.head + 1]
        closing = tokens[self.at]
        diagnostics.error(
            "missing-brace",
            f"the {{ of this {word.text} is missing",
            last.after,
            hint="put { here",
            related=[(closing.span, "the } that belongs to it")] if closing.kind == "}" else (),
        )
        rest = tokens[self.place + 1 :]
        if rest[0].text in STATEMENT_WORDS and rest[1].kind == "{":
            # It is there, one word too late.
            del rest[1]
        return [*tokens[: self.place + 1], _virtual("{", last), *rest]


_Problem = _Unclosed | _Extra | _Unopened


class _Scan:
    """Looks for the first brace that does not match."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._lines = _Lines(tokens)
        # Since the last block began outside of blocks:
        self._start = 0
        self._closes: list[_Close] = []

    def run(self) -> _Problem | None:
        stack: list[_Brace] = []
        lines = self._lines
        for at, token in enumerate(self._tokens):
            kind = token.kind
            if kind == "{":
                stack.append(_Brace(at, lines.indent(at)))
            elif kind == "}":
                if not stack:
                    return self._extra(at)
                first = lines.is_first(at)
                self._closes.append(_Close(at, stack.pop(), lines.indent(at) if first else None))
            elif kind == NAME and token.text in BLOCK_WORDS:
                if lines.is_block_head(at):
                    if stack:
                        return self._unclosed(at, stack)
                    self._start = at
                    self._closes = []
                elif not stack and (headless := self._headless(at)):
                    return headless
            elif kind == END and stack:
                return self._unclosed(at, stack)
        return None

    # --- too few --------------------------------------------------------------------------

    def _unclosed(self, at: int, stack: list[_Brace]) -> _Unclosed:
        # A } that stands further left than the line of its { belongs to an outer block.
        for close in self._closes:
            inner = close.opening.indent
            if inner is not None and close.indent is not None and close.indent < inner - _SLACK:
                return _Unclosed(at, close.opening, self._end_of(close.opening, close.at))
        # The block that was opened last; the end of the outermost is the end of all.
        opening = stack[-1]
        doubled = next((b for b in stack if self._tokens[b.at - 1].kind == "{"), None)
        if doubled is not None:
            return _Unclosed(at, doubled, at - 1)
        return _Unclosed(at, opening, self._end_of(opening, at))

    def _end_of(self, opening: _Brace, limit: int) -> int:
        """Behind which token the block at `opening` ends, by its indentation."""
        lines = self._lines
        depth = 0
        at = lines.last_of_line(opening.at) + 1
        for inside in range(opening.at + 1, at):
            kind = self._tokens[inside].kind
            depth += (kind == "{") - (kind == "}")
        while at < limit:
            token = self._tokens[at]
            if depth <= 0 and opening.indent is not None and lines.is_first(at):
                indent = lines.indent(at)
                if (
                    indent is not None
                    and indent <= opening.indent + _SLACK
                    and token.kind not in "{}"
                ):
                    return at - 1
            depth += (token.kind == "{") - (token.kind == "}")
            at += 1
        return limit - 1

    # --- too many -------------------------------------------------------------------------

    def _extra(self, at: int) -> _Problem:
        tokens = self._tokens
        for close in self._closes:
            before = tokens[close.at - 1]
            crowded = (
                before.kind == "}"
                and close.indent is None
                and self._is_other_line(close.opening.at, close.at)
            )
            outer = close.opening.indent
            deeper = close.indent is not None and outer is not None and close.indent > outer
            if deeper:
                return self._unopened(close.at, close.indent) or _Extra(close.at)
            if crowded:
                return _Extra(close.at)
        if self._closes:
            # Statements behind the end of a block: it ended too early.
            last = self._closes[-1]
            following = TokenStream(tokens, Diagnostics())
            if last.at + 1 < at and not following.starts_top_level(last.at + 1):
                return self._unopened(last.at, self._lines.indent(last.at)) or _Extra(last.at)
        return self._unopened(at, self._lines.indent(at)) or _Extra(at)

    def _is_other_line(self, first: int, second: int) -> bool:
        return self._tokens[first].span.line != self._tokens[second].span.line

    def _headless(self, at: int) -> _Unopened | None:
        """A `route[X]` outside of blocks with statements behind it but no `{`."""
        last = self._lines.head_end(at)
        if last is None:
            return None
        stream = TokenStream(self._tokens, Diagnostics())
        following = self._tokens[last + 1].kind
        if following in ("}", END) or not stream.starts_statement(last + 1):
            return None
        if stream.starts_top_level(last + 1):
            return None
        return _Unopened(at, at, last)

    def _unopened(self, close: int, indent: int | None) -> _Unopened | None:
        """An `if` or `else` at the indentation of a `}` that has no `{`."""
        lines = self._lines
        tokens = self._tokens
        for at in range(close - 1, self._start, -1):
            token = tokens[at]
            is_head = token.kind == NAME and token.text in _HEAD_WORDS
            is_branch = token.kind == "}" and tokens[at + 1].text == "else"
            if not (is_head or is_branch) or not lines.is_first(at) or lines.indent(at) != indent:
                continue
            last = lines.last_of_line(at)
            opened = any(tokens[i].kind == "{" for i in range(at, last + 1))
            if opened or tokens[last].kind == ";" or tokens[last + 1].kind == "{":
                return None
            return _Unopened(close, at, last)
        return None
