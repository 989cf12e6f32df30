"""Variables in text: `$ru`, `$(hdr(X)[0]{s.len})`, and strings that hold them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, TypeAlias

from sipway.language.record import Record

if TYPE_CHECKING:
    from sipway.language.diagnostics import Diagnostics
    from sipway.language.source import Span


class Transformation(Record):
    """`{class.name,argument,...}`: `name` is `class.name`, e.g. `s.len`.

    An argument is one text, one variable, or nothing.
    """

    name: str
    arguments: tuple[Template, ...]
    span: Span


class VariableSpec(Record):
    """One variable as written.

    `inner` is the text in parentheses (itself a template: `$sht(t=>$ci::x)`), None if
    there are none. `index` is a number, "*" for all, a variable, or None.
    """

    text: str
    span: Span
    name: str
    inner: Template | None = None
    index: int | str | VariableSpec | None = None
    transformations: tuple[Transformation, ...] = ()


Template: TypeAlias = tuple["str | VariableSpec", ...]

_NAME: Final = re.compile(r"[A-Za-z0-9_][\w.]*|\?", re.ASCII)
_TRANSFORMATION_NAME: Final = re.compile(
    r"([A-Za-z_]\w*)(?:\.[ \t\r\n]*(\w+(?:\.\w+)*))?[ \t\r\n]*", re.ASCII
)
_INDEX: Final = re.compile(r"-?\d{1,9}\Z", re.ASCII)
_BLANKS: Final = " \t\r\n"
# The argument, counted from 0, that reaches to the end of the transformation, commas included.
_LAST_ARGUMENT: Final = {"re.subst": 0, "s.select": 1}
# Transformations whose argument may be a comma.
_CHARACTER: Final = frozenset({"s.count", "s.after", "s.before", "s.rafter", "s.rbefore"})
_BRACE_AS_SEPARATOR: Final = re.compile(r"\{s\.select,[^,{}]*,\}\}")
_MAX_DEPTH: Final = 20
_PAIRS: Final = {"(": ")", "[": "]", "{": "}"}


class _Malformed(Exception):  # noqa: N818 - control flow
    def __init__(self, code: str, message: str, at: int, hint: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.at = at
        self.hint = hint


def parse_template(text: str, span: Span, diagnostics: Diagnostics) -> Template:
    """`text` cut into plain pieces and variables; `$$` is a dollar.

    `span` is where the text comes from, such as a string literal with its quotes: the
    variables point into it as long as text and literal agree (no escapes, no `#!subst`), else
    they have the whole of it. A malformed variable is reported and left out.
    """
    if "$" not in text:
        return (text,) if text else ()
    reader = _Reader(text, span, diagnostics)
    return reader.template(0, len(text), 0)


def parse_variable(text: str, span: Span, diagnostics: Diagnostics) -> VariableSpec | None:
    """The variable that `text` consists of; None (and an error) if it is malformed."""
    reader = _Reader(text, span, diagnostics)
    try:
        spec, end = reader.variable(0, 0)
        if end != len(text):
            raise _Malformed(
                "bad-variable", f"{text[end:]} can't follow the variable {text[:end]}", end
            )
    except _Malformed as error:
        reader.report(error, 0)
        return None
    return spec


def begin_variable(
    text: str, span: Span, diagnostics: Diagnostics
) -> tuple[VariableSpec, str] | None:
    """The variable that `text` begins with, and the rest; None (and an error) if malformed."""
    reader = _Reader(text, span, diagnostics)
    try:
        spec, end = reader.variable(0, 0)
    except _Malformed as error:
        reader.report(error, 0)
        return None
    return spec, text[end:]


class _Reader:
    def __init__(self, text: str, span: Span, diagnostics: Diagnostics) -> None:
        self._text = text
        self._whole = span
        self._diagnostics = diagnostics
        self._span_type = type(span)
        file_text = span.file.text
        # Text and source agree up to here, counted in `text`.
        shift = 1 if file_text[span.start : span.start + 1] in ('"', "'") else 0
        self._shift = shift
        source = file_text[span.start + shift : span.end]
        if source.startswith(text):
            self._agree = len(text)
        else:
            self._agree = next(
                (i for i, (a, b) in enumerate(zip(text, source, strict=False)) if a != b),
                min(len(text), len(source)),
            )

    def report(self, error: _Malformed, start: int) -> None:
        at = max(start, min(error.at, len(self._text)))
        self._diagnostics.error(
            error.code, error.message, self._span(start, max(at, start + 1)), hint=error.hint
        )

    def _span(self, start: int, end: int) -> Span:
        if end > self._agree:
            return self._whole
        base = self._whole.start + self._shift
        return self._span_type(self._whole.file, base + start, base + end)

    def template(self, start: int, end: int, depth: int) -> Template:
        text = self._text
        pieces: list[str | VariableSpec] = []
        plain: list[str] = []
        at = start
        while True:
            dollar = text.find("$", at, end)
            if dollar < 0:
                plain.append(text[at:end])
                break
            plain.append(text[at:dollar])
            if text.startswith("$$", dollar) and dollar + 1 < end:
                plain.append("$")
                at = dollar + 2
                continue
            try:
                spec, at = self.variable(dollar, depth, end)
            except _Malformed as error:
                self.report(error, dollar)
                at = max(error.at, dollar + 1)
                if depth:
                    break
                continue
            if joined := "".join(plain):
                pieces.append(joined)
            plain = []
            pieces.append(spec)
        if joined := "".join(plain):
            pieces.append(joined)
        return tuple(pieces)

    def variable(self, start: int, depth: int, end: int | None = None) -> tuple[VariableSpec, int]:
        """The variable whose `$` stands at `start`, and where it ends."""
        text = self._text
        end = len(text) if end is None else end
        if depth > _MAX_DEPTH:
            raise _Malformed("bad-variable", "variables are nested too deep here", end)
        at = start + 1
        if text.startswith("(", at) and at < end:
            close = self._closing(at, end)
            return self._wrapped(start, close, depth), close + 1
        match = _NAME.match(text, at, end)
        if match is None:
            raise _Malformed(
                "bad-variable",
                "a $ without the name of a variable",
                at,
                "the name follows the $ without a space; $$ is a dollar sign in a text",
            )
        at = match.end()
        inner: Template | None = None
        if text.startswith("(", at) and at < end:
            close = self._closing(at, end)
            inner = self.template(at + 1, close, depth + 1)
            at = close + 1
        return VariableSpec(text[start:at], self._span(start, at), match[0], inner), at

    def _wrapped(self, start: int, close: int, depth: int) -> VariableSpec:
        """`$(name(inner)[index]{transformation}...)`."""
        text = self._text
        at = start + 2
        match = _NAME.match(text, at, close)
        if match is None:
            raise _Malformed(
                "bad-variable",
                "the name of a variable has to follow $( without a space",
                close + 1,
                "as in $(ru) or $(hdr(Subject){s.len})",
            )
        at = match.end()
        inner: Template | None = None
        index: int | str | VariableSpec | None = None
        transformations: list[Transformation] = []
        if text.startswith("(", at):
            end = self._closing(at, close)
            inner = self.template(at + 1, end, depth + 1)
            at = end + 1
        if text.startswith("[", at):
            end = self._closing(at, close)
            index = self._index(at + 1, end, depth)
            at = end + 1
        while text.startswith("{", at):
            brace = _BRACE_AS_SEPARATOR.match(text, at, close)
            end = brace.end() - 1 if brace else self._closing(at, close)
            transformations.append(self._transformation(at, end, depth))
            at = self._behind_blanks(end + 1, close)
        if at != close:
            junk = text[at:close]
            raise _Malformed(
                "bad-variable",
                f"{junk!r} can't stand here in {text[start : close + 1]}",
                close + 1,
                "no spaces: $(name(inner)[index]{transformation})",
            )
        return VariableSpec(
            text[start : close + 1],
            self._span(start, close + 1),
            match[0],
            inner,
            index,
            tuple(transformations),
        )

    def _index(self, start: int, end: int, depth: int) -> int | str | VariableSpec:
        text = self._text[start:end]
        if text == "*":
            return "*"
        if _INDEX.match(text):
            return int(text)
        if text.startswith("$"):
            spec, stop = self.variable(start, depth + 1, end)
            if not self._text[stop:end].strip(" "):
                return spec
        raise _Malformed(
            "bad-variable",
            f"[{text}] is no index",
            end + 1,
            "an index is a number (0 is the first, -1 the last), * for all, or a variable",
        )

    def _transformation(self, start: int, end: int, depth: int) -> Transformation:
        text = self._text
        match = _TRANSFORMATION_NAME.match(text, start + 1, end)
        if match is None or (match.end() < end and text[match.end()] != ","):
            raise _Malformed(
                "bad-variable",
                f"{text[start : end + 1]} is no transformation",
                end + 1,
                "as in {s.len} or {s.substr,0,3}",
            )
        name = ".".join(part for part in match.groups() if part is not None)
        arguments: list[Template] = []
        at = match.end()
        while at < end:
            argument, at = self._argument(name, len(arguments), at + 1, end, depth)
            arguments.append(argument)
        return Transformation(name, tuple(arguments), self._span(start, end + 1))

    def _argument(
        self, name: str, number: int, start: int, end: int, depth: int
    ) -> tuple[Template, int]:
        """An argument from `start` on, and where it ends: at a comma, or at `end`.

        What begins with a `$` is one variable, all else plain text. Blanks in front do not count,
        except where a character is wanted.
        """
        text = self._text
        if _LAST_ARGUMENT.get(name) == number:
            return (text[start:end],) if start < end else (), end
        start = self._behind_blanks(start, end)
        if text.startswith("$", start) and start < end:
            spec, stop = self.variable(start, depth + 1, end)
            stop = self._behind_blanks(stop, end)
            if stop < end and text[stop] != ",":
                raise _Malformed(
                    "bad-variable",
                    f"{text[stop:end]!r} can't follow the variable {spec.text} in {{{name}}}",
                    end + 1,
                    "an argument is one variable or plain text",
                )
            return (spec,), stop
        if name in _CHARACTER and text.startswith(",", start) and start + 1 == end:
            return (",",), end
        stop = text.find(",", start, end)
        stop = end if stop < 0 else stop
        return (text[start:stop],) if start < stop else (), stop

    def _behind_blanks(self, at: int, end: int) -> int:
        while at < end and self._text[at] in _BLANKS:
            at += 1
        return at

    def _closing(self, start: int, end: int) -> int:
        """The bracket that closes the one at `start`."""
        text = self._text
        opening = text[start]
        closing = _PAIRS[opening]
        depth = 0
        for at in range(start, end):
            if text[at] == opening:
                depth += 1
            elif text[at] == closing:
                depth -= 1
                if depth == 0:
                    return at
        raise _Malformed(
            "bad-variable",
            f"a {closing} is missing in this variable",
            end,
            f"the {opening} behind {text[max(0, start - 20) : start]} has to be closed on the same"
            " line",
        )
