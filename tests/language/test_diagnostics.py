"""What a user sees of a mistake, whole.

Each `diagnostics/NAME.cfg` has mistakes, `NAME.txt` is the rendered text. To write the texts
anew after a change: `SIPWAY_WRITE_GOLDEN=1 pytest tests/language/test_diagnostics.py`, then read
what `git diff` says.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sipway.language.diagnostics import render_text
from sipway.language.parser import parse
from sipway.language.source import SourceFile

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
