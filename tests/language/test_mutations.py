"""One token too few, too many or in the wrong place: one message, where it belongs.

Every token of our own scripts is deleted, doubled and swapped with the next one, and every
quote is left out. Some results are valid scripts (`exit;;`); all others have to give at least
one error near the change, and no flood of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.language.diagnostics import Diagnostics, render_text
from sipway.language.lexer import END, Token
from sipway.language.parser import ParseResult, parse
from sipway.language.preprocessor import preprocess
from sipway.language.source import SourceFile

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SCRIPTS = [
    *sorted((HERE / "scripts").glob("*.cfg")),
    *sorted((ROOT / "examples" / "101").glob("*.cfg")),
    ROOT / "src" / "sipway" / "data" / "default.cfg",
]


class Mutation(NamedTuple):
    """`lines`: where an error is right: of the token, and of its neighbours."""

    what: str
    text: str
    lines: range
    most: int


def tokens_of(text: str) -> list[Token]:
    source = SourceFile("script.cfg", text)
    found = preprocess(source, {}, Diagnostics()).tokens
    return [token for token in found if token.macro is None and token.kind != END]


def mutations(text: str) -> Iterator[Mutation]:
    tokens = tokens_of(text)
    for at, token in enumerate(tokens):
        before = tokens[max(at - 1, 0)]
        behind = tokens[min(at + 1, len(tokens) - 1)]
        lines = range(before.span.line, behind.span.line + 1)
        start, end = token.start, token.end
        name = f"{token.text} of line {token.span.line}"
        yield Mutation(f"{name} deleted", text[:start] + text[end:], lines, 1)
        yield Mutation(f"{name} doubled", f"{text[:end]} {token.text}{text[end:]}", lines, 2)
        if behind.text != token.text:
            swapped = f"{behind.text}{text[end : behind.start]}{token.text}"
            last = tokens[min(at + 2, len(tokens) - 1)]
            yield Mutation(
                f"{name} swapped with {behind.text}",
                text[:start] + swapped + text[behind.end :],
                range(before.span.line, last.span.line + 1),
                3,
            )
        if token.kind == "string":
            here = range(token.span.line, token.span.end_line + 1)
            yield Mutation(f"{name} without quote", text[:start] + text[start + 1 :], here, 1)
            yield Mutation(f"{name} not closed", text[: end - 1] + text[end:], here, 1)


def read(text: str) -> ParseResult:
    return parse(SourceFile("script.cfg", text))


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_our_scripts_are_valid(path: Path) -> None:
    result = read(path.read_text(encoding="utf-8"))
    assert not len(result.diagnostics), render_text(result.diagnostics)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_changed_token_gives_few_errors_at_the_right_line(path: Path) -> None:
    invalid = 0
    for mutation in mutations(path.read_text(encoding="utf-8")):
        diagnostics = read(mutation.text).diagnostics
        errors = diagnostics.errors
        report = f"{mutation.what}:\n{render_text(diagnostics.sorted())}"
        assert len(errors) <= mutation.most, report
        if errors:
            invalid += 1
            assert any(error.span.line in mutation.lines for error in errors), report
    assert invalid


@pytest.mark.parametrize("kind", ["{", "}", "(", ")", "[", "]", ";"])
def test_brackets_and_semicolons_are_never_missed(kind: str) -> None:
    """What a parser might pass over without a word."""
    text = (HERE / "scripts" / "features.cfg").read_text(encoding="utf-8")
    for token in tokens_of(text):
        after = text[token.end : token.end + 20].lstrip()
        optional = (token.text == ";" and token.span.line < 22) or (
            token.text in "()" and "if" in text[token.start - 4 : token.start]
        )
        if token.kind == kind and not optional:
            result = read(text[: token.start] + text[token.end :])
            assert result.diagnostics.errors, f"{kind} of line {token.span.line} before {after}"


FEATURES = (HERE / "scripts" / "features.cfg").read_text(encoding="utf-8")


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(FEATURES)),
            st.sampled_from(["", "{", "}", "(", ")", '"', "'", ";", "$", "#!else\n", "/*", "\\"]),
            st.integers(0, 40),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_any_damage_is_survived(damages: list[tuple[int, str, int]]) -> None:
    text = FEATURES
    for place, piece, removed in damages:
        text = text[:place] + piece + text[place + removed :]
    result = read(text)
    render_text(result.diagnostics.sorted())


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="{}()[];,\"'$@#!/*=~+-.:&|<>\\ \n\tab1éif“", max_size=60))
def test_any_text_is_survived(text: str) -> None:
    result = read(text)
    render_text(result.diagnostics.sorted())
    assert result.script.span.end == len(text)
