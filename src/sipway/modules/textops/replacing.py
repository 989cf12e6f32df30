"""Text of the message replaced: by expressions, by texts, by substitutions."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, TypeAlias

from sipway.core import ruri
from sipway.core.arguments import ComputedText, HeaderName, Subst, VariableName
from sipway.core.context import Context
from sipway.language import regex
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.textops._module import edit, mod, wire
from sipway.modules.textops.questions import WHICH, Which
from sipway.sip.message import text

_CHANGES = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH


@lru_cache(maxsize=256)
def _of_lines(pattern: str) -> regex.Pattern:
    """An expression whose `^` and `$` are those of a line."""
    return regex.compile_pattern(pattern, lines=True)


@lru_cache(maxsize=256)
def _of_text(pattern: str) -> regex.Pattern:
    """An expression whose `^` and `$` are those of the whole text."""
    return regex.compile_pattern(pattern)


def _kind(convert: Callable[[str], regex.Pattern]) -> ArgumentKind:
    return ArgumentKind(
        "a regular expression", base=str, dynamic=False, computed=True, convert=convert
    )


Pattern: TypeAlias = Annotated[regex.Pattern, _kind(_of_lines)]
WholePattern: TypeAlias = Annotated[regex.Pattern, _kind(_of_text)]


class _Part:
    """A part of the message as text; offsets of the text become those of the message."""

    def __init__(self, ctx: Context, start: int, end: int) -> None:
        self.ctx = ctx
        self.text = text(ctx.message.data[start:end])
        self._start = start

    def replace(self, start: int, end: int, replacement: str) -> None:
        edit(self.ctx, self._place(start), self._place(end), wire(replacement))

    def _place(self, at: int) -> int:
        return self._start + (at if self.text.isascii() else len(wire(self.text[:at])))

    def replace_matches(self, pattern: regex.Pattern, replacement: str, every: bool) -> int:
        count = 0
        for match in pattern.finditer(self.text):
            self.replace(match.start(), match.end(), replacement)
            count += 1
            if not every:
                break
        return 1 if count else -1

    def append_behind(self, pattern: regex.Pattern, added: str) -> int:
        match = pattern.search(self.text)
        if match is None:
            return -1
        self.replace(match.end(), match.end(), added)
        return 1

    def replace_text(self, wanted: str, replacement: str, every: bool) -> int:
        at = self.text.find(wanted) if wanted else -1
        while at >= 0:
            self.replace(at, at + len(wanted), replacement)
            at = self.text.find(wanted, at + len(wanted)) if every else -1
        return 1

    def substitute(self, substitution: Subst) -> int:
        count = 0
        for start, end, replacement in substitution.matches(self.text, self.ctx):
            self.replace(start, end, replacement)
            count += 1
        return 1 if count else -1


def _headers(ctx: Context) -> _Part:
    return _Part(ctx, ctx.message.line_end, ctx.message.headers_end)


def _body(ctx: Context) -> _Part:
    start = ctx.message.body_offset
    return _Part(ctx, start, start + ctx.message.body_length)


def _all(ctx: Context) -> _Part:
    """Headers and body."""
    return _Part(ctx, ctx.message.line_end, len(ctx.message.data))


# --- behind a match ------------------------------------------------------------------------


@mod.function("search_append")
def search_append(ctx: Context, pattern: Pattern, added: ComputedText) -> int:
    """Add a text behind the first match in headers and body; -1 without a match."""
    return _all(ctx).append_behind(pattern, added)


@mod.function("search_append_body")
def search_append_body(ctx: Context, pattern: Pattern, added: ComputedText) -> int:
    """Add a text behind the first match in the body; -1 without a match."""
    return _body(ctx).append_behind(pattern, added)


# --- matches of an expression ----------------------------------------------------------------


@mod.function("replace")
def replace(ctx: Context, pattern: Pattern, replacement: ComputedText) -> int:
    """Replace the first match in headers and body; -1 without a match."""
    return _all(ctx).replace_matches(pattern, replacement, every=False)


@mod.function("replace_all")
def replace_all(ctx: Context, pattern: Pattern, replacement: ComputedText) -> int:
    """Replace all matches in headers and body; -1 without a match."""
    return _all(ctx).replace_matches(pattern, replacement, every=True)


@mod.function("replace_hdrs")
def replace_hdrs(ctx: Context, pattern: Pattern, replacement: ComputedText) -> int:
    """Replace the first match in the headers; -1 without a match."""
    return _headers(ctx).replace_matches(pattern, replacement, every=False)


@mod.function("replace_body")
def replace_body(ctx: Context, pattern: Pattern, replacement: ComputedText) -> int:
    """Replace the first match in the body; -1 without a match."""
    return _body(ctx).replace_matches(pattern, replacement, every=False)


@mod.function("replace_body_all")
def replace_body_all(ctx: Context, pattern: Pattern, replacement: ComputedText) -> int:
    """Replace all matches in the body, line by line; -1 without a match."""
    return _body(ctx).replace_matches(pattern, replacement, every=True)


@mod.function("replace_body_atonce")
def replace_body_atonce(ctx: Context, pattern: WholePattern, replacement: ComputedText) -> int:
    """Replace all matches in the body, seen as one text; -1 without a match."""
    return _body(ctx).replace_matches(pattern, replacement, every=True)


# --- texts ---------------------------------------------------------------------------------------


def _every(mode: str) -> bool:
    if mode[:1].lower() not in ("a", "f"):
        raise ValueError(f'a (all) or f (the first) is wanted, not "{mode}"')
    return mode[:1].lower() == "a"


Mode: TypeAlias = Annotated[bool, ArgumentKind("a or f", base=str, convert=_every)]


@mod.function("replace_str")
def replace_str(ctx: Context, wanted: str, replacement: str, every: Mode) -> int:
    """Replace a text in headers and body, the first or all. Returns 1, also if it is not there."""
    return _all(ctx).replace_text(wanted, replacement, every)


@mod.function("replace_hdrs_str")
def replace_hdrs_str(ctx: Context, wanted: str, replacement: str, every: Mode) -> int:
    """Replace a text in the headers, the first or all. Returns 1, also if it is not there."""
    return _headers(ctx).replace_text(wanted, replacement, every)


@mod.function("replace_body_str")
def replace_body_str(ctx: Context, wanted: str, replacement: str, every: Mode) -> int:
    """Replace a text in the body, the first or all. Returns 1, also if it is not there."""
    return _body(ctx).replace_text(wanted, replacement, every)


# --- substitutions ---------------------------------------------------------------------------


@mod.function("subst")
def subst(ctx: Context, substitution: Subst) -> int:
    """Substitute in headers and body; -1 without a match."""
    return _all(ctx).substitute(substitution)


@mod.function("subst_body")
def subst_body(ctx: Context, substitution: Subst) -> int:
    """Substitute in the body; -1 without a match."""
    return _body(ctx).substitute(substitution)


@mod.function("subst_hf")
def subst_hf(ctx: Context, name: HeaderName, substitution: Subst, which: Which) -> int:
    """Substitute in the values of header fields of a name: all, the first, the last.

    -1 without a match.
    """
    message = ctx.message
    code = -1
    fields = message.headers()
    for index in WHICH[which](message.indexes_named(name)):
        part = _Part(ctx, fields[index].value_start, fields[index].value_end)
        if part.substitute(substitution) > 0:
            code = 1
    return code


@mod.function("subst_uri", routes=_CHANGES)
def subst_uri(ctx: Context, substitution: Subst) -> int:
    """Substitute in the Request-URI; -1 without a match."""
    result = substitution.apply(ctx.uri or "", ctx)
    if result is None:
        return -1
    ruri.set_uri(ctx, result)
    return 1


@mod.function("subst_user", routes=_CHANGES)
def subst_user(ctx: Context, substitution: Subst) -> int:
    """Substitute in the user part of the Request-URI; -1 without a match."""
    result = substitution.apply(ctx.uri_user or "", ctx)
    if result is None:
        return -1
    ruri.set_user(ctx, result)
    return 1


@mod.function("subst_v")
def subst_v(ctx: Context, subject: str, substitution: Subst, result: VariableName) -> int:
    """Substitute in a text and put the result into a variable; -1 without a match."""
    found = substitution.apply(subject, ctx)
    if found is None or result.set is None:
        return -1
    result.set(ctx, found)
    return 1
