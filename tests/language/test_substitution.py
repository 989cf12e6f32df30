r"""Substitutions: `/expression/replacement/flags`."""

from __future__ import annotations

import re
import time

import pytest

from sipway.language.substitution import (
    Substitution,
    compile_substitution,
    cut_replacement,
    split_substitution,
)


def made(text: str) -> Substitution:
    expression, replacement, flags = split_substitution(text)
    return compile_substitution(expression, flags, tuple(cut_replacement(replacement)))


@pytest.mark.parametrize(
    ("substitution", "subject", "result"),
    [
        ("/b/X/", "abcb", "aXcb"),
        ("/b/X/g", "abcb", "aXcX"),
        ("/B/X/", "abc", None),
        ("/B/X/i", "abc", "aXc"),
        (r"/(a)(b)/\2\1\0/", "ab", "baab"),
        (r"/a/\9/", "abc", "bc"),
        (r"#a/b#c#", "a/b", "c"),
        ("xaxbx", "a", "b"),
        (" a b ", "a", "b"),
        ("1a1b1", "a", "b"),
        (r"/a\/b/c\/d/", "a/b", "c/d"),
        (r"/^b$/X/", "a\nb\nc", "a\nX\nc"),
        (r"/a.b/X/", "a\nb", None),
        (r"/a.b/X/s", "a\nb", "X"),
        (r"/a[^c]b/X/", "a\nb", None),
        (r"/x/a\tb\nc\\d/", "x", "a\tb\nc\\d"),
        ("/x*/-/g", "axb", "-a--b-"),
        ("/a//", "abc", "bc"),
    ],
)
def test_substitutions(substitution: str, subject: str, result: str | None) -> None:
    assert made(substitution).apply(subject, None) == result


def test_pieces_may_be_made_of_the_context() -> None:
    substitution = compile_substitution("b", "", ("<", lambda ctx: ctx["x"], 0, ">"))
    assert substitution.apply("abc", {"x": "1"}) == "a<1b>c"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "is written as /expression/replacement/flags"),
        ("\\\\a\\\\b\\\\", "is written as"),
        ("abc", "a substitution has three a, this one has 1"),
        ("/a/b", "a substitution has three /, this one has 2"),
        ("/a/b/c/d", "this one has 4"),
        ("/a/b/x", "there is no flag x"),
        ("/a(/b/", "not a regular expression"),
    ],
)
def test_what_is_no_substitution(text: str, fault: str) -> None:
    with pytest.raises(ValueError, match=re.escape(fault)):
        made(text)


def test_a_long_subject_takes_its_time_once() -> None:
    begin = time.perf_counter()
    assert made("/b/c/g").apply("ab" * 30_000, None) == "ac" * 30_000
    assert time.perf_counter() - begin < 1
