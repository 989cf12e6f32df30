"""Each code that can be emitted is explained, and each example has the mistake it is about."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import sipway.language
from sipway.core.loader import ModuleCatalog
from sipway.language import compile_source
from sipway.language.explain import EXPLANATIONS, nearest_code
from sipway.language.source import SourceFile

FOLDER = Path(sipway.language.__file__).parent
REPORTING = {"error", "warning", "fail", "report", "warn", "_Malformed"}
# These have no example of one file, or none that the modules of today can have.
DESCRIBED = {
    "define-too-large",
    "dynamic-route",
    "include-loop",
    "misplaced-regex",
    "not-formatted",
    "not-here",
    "unclosed-string",
    "unknown-operator",
    "unreadable-file",
    "wrong-name",
    "wrong-value",
}


def emitted() -> set[str]:
    """The codes in all calls that report something, and where a code is given a name."""
    found: set[str] = set()
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            found.update(_codes(node))
    return found


def _codes(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        if node.targets[0].id in ("code", "CODE"):
            yield from _constants(node.value)
    elif isinstance(node, ast.Call):
        function = node.func
        name = function.attr if isinstance(function, ast.Attribute) else ""
        name = function.id if isinstance(function, ast.Name) else name
        if name in REPORTING and node.args:
            yield from _constants(node.args[0])
        elif name == "Diagnostic" and len(node.args) > 1:
            yield from _constants(node.args[1])


def _constants(node: ast.expr) -> Iterator[str]:
    for value in (node.body, node.orelse) if isinstance(node, ast.IfExp) else (node,):
        if (
            isinstance(value, ast.Constant)
            and isinstance(value.value, str)
            and "%" not in (value.value)
        ):
            yield value.value


def test_each_code_is_explained_and_no_other() -> None:
    assert emitted() == set(EXPLANATIONS)


@pytest.mark.parametrize("code", sorted(EXPLANATIONS))
def test_an_explanation_says_all(code: str) -> None:
    entry = EXPLANATIONS[code]
    assert all(text.strip() for text in entry)
    for text in (entry.what, entry.why, entry.fix):
        assert text.rstrip()[-1] in ".;?", text


@pytest.mark.parametrize("code", sorted(set(EXPLANATIONS) - DESCRIBED))
def test_an_example_has_the_mistake(code: str) -> None:
    source = SourceFile("example.cfg", EXPLANATIONS[code].example)
    _, found = compile_source(source, ModuleCatalog())
    assert code in {item.code for item in found}, [item.message for item in found]


def test_a_misspelt_code() -> None:
    assert nearest_code("mising-quote") == "missing-quote"
    assert nearest_code("zzz") is None
