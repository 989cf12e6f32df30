"""The stream of tokens as the parser walks it, and how it reports what it can't read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sipway.language.diagnostics import Diagnostics
from sipway.language.lexer import END, NAME, NUMBER, STRING, VARIABLE, Macro, Token
from sipway.language.source import SourceFile, Span

# Words that begin a statement.
STATEMENT_WORDS = frozenset(
    {"if", "switch", "while", "return", "exit", "drop", "break", "case", "default", "else"}
)
BLOCK_WORDS = frozenset(
    {
        "request_route", "route", "reply_route", "onreply_route", "failure_route",
        "branch_route", "onsend_route", "event_route",
    }
)  # fmt: skip
_SETTING_WORDS = frozenset({"loadmodule", "loadmodulex", "modparam", "modparamx", "loadpath"})


class SyntaxFailure(Exception):  # noqa: N818 - it is control flow, not an error of the program
    """A mistake has been reported; go on behind the statement that holds it."""


class TokenStream:
    """Tokens and a position in them. The last token is an END, and stays the last."""

    def __init__(
        self,
        tokens: Sequence[Token],
        diagnostics: Diagnostics,
        blanks: Mapping[tuple[SourceFile, int], Macro] | None = None,
    ) -> None:
        self.tokens = tokens
        self._blanks = blanks or {}
        self.diagnostics = diagnostics
        self.at = 0
        self.current = tokens[0]

    @property
    def previous(self) -> Token:
        return self.tokens[self.at - 1 if self.at else 0]

    def peek(self, distance: int = 1) -> Token:
        at = self.at + distance
        return self.tokens[at if at < len(self.tokens) else -1]

    def advance(self) -> Token:
        """The current token; the stream moves on to the next."""
        token = self.current
        if token.kind != END:
            self.at += 1
            self.current = self.tokens[self.at]
        return token

    def accept(self, kind: str) -> Token | None:
        return self.advance() if self.current.kind == kind else None

    def word(self) -> str:
        """The text of the current token if it is a name, else ""."""
        return self.current.text if self.current.kind == NAME else ""

    def move_to(self, at: int) -> None:
        self.at = at
        self.current = self.tokens[at]

    # --- places ---------------------------------------------------------------------------

    def starts_line(self, at: int | None = None) -> bool:
        """Whether the token is the first of its line."""
        at = self.at if at is None else at
        if at == 0:
            return True
        token, before = self.tokens[at], self.tokens[at - 1]
        if token.file is not before.file:
            return True
        return token.file.text.find("\n", before.end, token.start) >= 0

    def touches_previous(self) -> bool:
        """Whether nothing stands between the current token and the one before."""
        if self.at == 0:
            return False
        token, before = self.current, self.previous
        return token.file is before.file and (
            token.start == before.end or (token.start == before.start and token.macro is not None)
        )

    def starts_statement(self, at: int | None = None) -> bool:
        """Whether a statement could start with the token."""
        at = self.at if at is None else at
        token = self.tokens[at]
        following = self.tokens[min(at + 1, len(self.tokens) - 1)]
        if token.kind == NAME:
            return token.text in STATEMENT_WORDS or following.kind == "("
        if token.kind == VARIABLE:
            return following.kind in ("=", "+=", ".=", ":=")
        return token.kind in ("}", "{", END)

    def starts_top_level(self, at: int | None = None) -> bool:
        """Whether the token starts a block or a setting outside of blocks."""
        at = self.at if at is None else at
        token = self.tokens[at]
        if token.kind == END:
            return True
        if token.kind != NAME:
            return False
        if token.text in BLOCK_WORDS:
            return self.is_block_head(at)
        if token.text in _SETTING_WORDS:
            return True
        following = self.tokens[min(at + 1, len(self.tokens) - 1)].kind
        if following == "=":
            return self.starts_line(at)
        return (
            following == "."
            and self.starts_line(at)
            and self.tokens[min(at + 3, len(self.tokens) - 1)].kind == "="
        )

    def is_block_head(self, at: int) -> bool:
        """Whether `route[X] {` and its like stand here, not a call such as `route(X)`."""
        following = self.tokens[min(at + 1, len(self.tokens) - 1)].kind
        return following in ("{", "[", "event name")

    # --- reports --------------------------------------------------------------------------

    def report(
        self,
        code: str,
        message: str,
        at: Token | Span | None = None,
        *,
        hint: str | None = None,
        related: Sequence[tuple[Span, str]] = (),
    ) -> None:
        place = self.current if at is None else at
        span = place.span if isinstance(place, Token) else place
        if not isinstance(place, Token) and place.end == self.previous.end:
            place = self.previous
        macro = place.macro if isinstance(place, Token) else None
        if macro is None:
            macro = self._blank_behind(span)
        if macro is not None and macro.span is not None:
            shown = f"{macro.name} is defined here" + ("" if macro.value else ", without a value")
            related = [*related, (macro.span, shown)]
        self.diagnostics.error(code, message, span, hint=hint, related=related)

    def _blank_behind(self, span: Span) -> Macro | None:
        """The define without a value that stands right behind a place, if one does."""
        if not self._blanks:
            return None
        text = span.file.text
        at = span.end
        while text[at : at + 1].isspace():
            at += 1
        return self._blanks.get((span.file, at))

    def fail(
        self,
        code: str,
        message: str,
        at: Token | Span | None = None,
        *,
        hint: str | None = None,
        related: Sequence[tuple[Span, str]] = (),
    ) -> SyntaxFailure:
        """Report, and return what is to be raised."""
        self.report(code, message, at, hint=hint, related=related)
        return SyntaxFailure()

    def warn(self, code: str, message: str, at: Token | Span, *, hint: str | None = None) -> None:
        span = at.span if isinstance(at, Token) else at
        self.diagnostics.warning(code, message, span, hint=hint)


def describe(token: Token) -> str:
    """A token as a message calls it."""
    if token.kind == END:
        return "the end of the script"
    if token.kind == STRING:
        text = token.text if len(token.text) <= 30 else f"{token.text[:27]}...{token.text[0]}"
        return f"the text {text}".replace("\n", " ")
    if token.kind == NUMBER:
        return f"the number {token.text}"
    return token.text if len(token.text) <= 40 else f"{token.text[:37]}..."
