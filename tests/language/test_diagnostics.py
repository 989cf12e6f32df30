"""What a user sees of a mistake, whole.

Each `diagnostics/NAME.cfg` has mistakes, `NAME.txt` is the rendered text. To write the texts
anew after a change: `SIPWAY_WRITE_GOLDEN=1 pytest tests/language/test_diagnostics.py`, then read
what `git diff` says.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from sipway.language.diagnostics import Diagnostics, render_json, render_text
from sipway.language.parser import parse
from sipway.language.source import SourceFile, Span

FOLDER = Path(__file__).parent / "diagnostics"


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.cfg")), ids=lambda path: path.stem)
def test_rendered_text(path: Path) -> None:
    source = SourceFile(path.name, path.read_text(encoding="utf-8"))

    text = render_text(parse(source).diagnostics.sorted())

    golden = path.with_suffix(".txt")
    if os.environ.get("SIPWAY_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_text_has_its_script() -> None:
    assert {path.stem for path in FOLDER.glob("*.txt")} == {
        path.stem for path in FOLDER.glob("*.cfg")
    }


# --- how it is shown ----------------------------------------------------------------------


def one(text: str, start: int, end: int, *, hint: str | None = None) -> Diagnostics:
    diagnostics = Diagnostics()
    diagnostics.error("a-code", "a message", Span(SourceFile("a.cfg", text), start, end), hint=hint)
    return diagnostics


def excerpt(diagnostics: Diagnostics, width: int = 80) -> list[str]:
    return render_text(diagnostics, width=width).splitlines()[1:3]


def test_a_place_in_a_line_with_tabs() -> None:
    assert excerpt(one("\ta\tb", 3, 4)) == ["    1 |     a   b", "      |         ^"]


def test_a_place_behind_wide_and_combining_characters() -> None:
    text = "漢e\u0301x"
    assert excerpt(one(text, 3, 4)) == [f"    1 | {text}", "      |    ^"]


def test_a_span_over_several_lines_is_marked_in_its_first() -> None:
    assert excerpt(one("abc\ndef", 1, 6)) == ["    1 | abc", "      |  ^^"]


def test_the_place_behind_the_last_character() -> None:
    assert excerpt(one("abc\n", 3, 3)) == ["    1 | abc", "      |    ^"]
    assert excerpt(one("", 0, 0)) == ["    1 |", "      | ^"]


@pytest.mark.parametrize("start", [0, 50, 100, 499])
def test_a_long_line_is_cut_around_the_place(start: int) -> None:
    text = "".join(str(n % 10) for n in range(500))
    line, caret = excerpt(one(text, start, start + 1), width=60)
    assert len(line) <= 60
    assert line[caret.index("^")] == text[start]


def test_a_long_span_ends_with_what_is_shown() -> None:
    line, caret = excerpt(one("x" * 500, 10, 400), width=60)
    assert 50 < len(caret) <= len(line) <= 60


def test_what_drives_a_terminal_is_not_shown() -> None:
    text = render_text(one("a\x1b[31m\udce9\r\nb", 1, 2))
    assert "\x1b" not in text
    assert "a\ufffd[31m\ufffd" in text


def test_colour_is_only_added() -> None:
    diagnostics = one("abc", 1, 2, hint="a hint " * 20)
    coloured = render_text(diagnostics, colour=True)
    assert "\x1b[" in coloured
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured) == render_text(diagnostics)


def test_a_related_place_in_another_file_has_its_name() -> None:
    diagnostics = Diagnostics()
    here, there = SourceFile("a.cfg", "abc"), SourceFile("b.cfg", "\nabc")
    diagnostics.warning("a-code", "a message", Span(here, 0, 1), related=[(Span(there, 1, 2), "x")])
    assert render_text(diagnostics).splitlines()[-1] == "      b.cfg:2:1: x"


def test_json() -> None:
    diagnostics = one("ab\ncd", 1, 4, hint="mend it")
    place = {"file": "a.cfg", "line": 1, "column": 2, "end_line": 2, "end_column": 2}
    assert json.loads(render_json(diagnostics)) == {
        "errors": 1,
        "warnings": 0,
        "diagnostics": [
            {
                "severity": "error",
                "code": "a-code",
                "message": "a message",
                "hint": "mend it",
                **place,
                "related": [],
                "included_from": [],
            }
        ],
    }


def test_json_of_what_is_no_unicode_is_json() -> None:
    diagnostics = Diagnostics()
    span = Span(SourceFile("a\udce9.cfg", "x"), 0, 1)
    diagnostics.error("a-code", "\udce9", span, related=[(span, "here")])
    found = json.loads(render_json(diagnostics))["diagnostics"][0]
    assert found["message"] == "\udce9"
    assert found["related"][0]["message"] == "here"


def test_they_are_sorted_by_file_and_place_and_kept_once() -> None:
    diagnostics = Diagnostics()
    first, second = SourceFile("a.cfg", "abc"), SourceFile("b.cfg", "abc")
    for file, start in ((first, 2), (second, 1), (first, 0), (first, 2)):
        diagnostics.error("a-code", "a message", Span(file, start, start + 1))
    diagnostics.warning("b-code", "a message", Span(first, 1, 2))
    places = [(item.span.file.path, item.span.start) for item in diagnostics.sorted()]
    assert places == [("a.cfg", 0), ("a.cfg", 1), ("a.cfg", 2), ("b.cfg", 1)]
    assert len(diagnostics.errors) == 3
    assert len(diagnostics.warnings) == 1
