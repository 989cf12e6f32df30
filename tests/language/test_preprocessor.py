"""Directives, defines and includes. The rules were settled with Kamailio 5.6.3."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipway.language.diagnostics import Diagnostics, render_text
from sipway.language.inputs import Inputs
from sipway.language.lexer import END
from sipway.language.nodes import Parameter
from sipway.language.parser import parse, parse_file
from sipway.language.preprocessor import preprocess
from sipway.language.source import SourceFile


def words(text: str, **defines: str | None) -> str:
    """The tokens that are left, with a blank between them."""
    diagnostics = Diagnostics()
    found = preprocess(SourceFile("test.cfg", text), defines, diagnostics)
    assert not len(diagnostics), render_text(diagnostics)
    return " ".join(token.text for token in found.tokens if token.kind != END)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#!ifdef A\na\n#!else\nb\n#!endif\nc", "b c"),
        ("#!define A\n#!ifdef A\na\n#!else\nb\n#!endif\nc", "a c"),
        ("#!ifndef A\na\n#!endif", "a"),
        ("!!ifdef A\na\n!!endif\nb", "b"),
        ("  #!ifdef A\n a\n  #!endif", ""),
        ("a #!ifdef A\nb\n#!endif", "a"),
        ("#!ifdef A\nb #!endif\nc", "c"),
        ("#!ifdef A || B ignored\na\n#!endif", ""),
        ("#!ifdef A\n#!ifdef B\nb\n#!else\nc\n#!endif\nd\n#!else\ne\n#!endif", "e"),
        ("#!define A\n#!ifdef A\n#!ifdef B\nb\n#!else\nc\n#!endif\nd\n#!else\ne\n#!endif", "c d"),
        ("#!ifdef A\nDEFAULT ''; it's { \" /*\n#!endif\na", "a"),
        ('#!ifdef A\n/* #!endif */\n"#!endif"\n#!endif\na', "a"),
        ("#!ifdef A\n# #!endif\na", "a"),
        ("##!ifdef A\na", "a"),
        ("/*\n#!ifdef A\n*/ a", "a"),
        ('"a\n#!ifdef A\n"', '"a\n#!ifdef A\n"'),
        ("#!ifdef A\r\na\r\n#!endif\r\nb\r\n", "b"),
        ("#!ifdef A\na\n#!endif", ""),
        ("#!ifdef A\na\n#!endif # comment\nb", "b"),
        ("#!ifdef KAMAILIO_5_6\na\n#!endif", "a"),
        ("!!1", "! ! 1"),
        ("#!KAMAILIO\n#! ifdef A\na", "a"),
    ],
)
def test_conditional_text(text: str, expected: str) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#!define A 1\nA B A", "1 B 1"),
        ("#!define A\nx A y", "x y"),
        ("#!define A b(1); \\\n  c();\nA", "b ( 1 ) ; c ( ) ;"),
        ("#!define A B\n#!define B 3\nA", "3"),
        ("#!define A 1\n\"A\" 'A' xA $var(A)", "\"A\" 'A' xA $var(A)"),
        ("#!define A 10.0.0.1\nlisten=udp:A:5060", "listen = udp : 10.0.0.1 : 5060"),
        ("#!define A 1 # comment\nA B", "1 B"),
        ("#!define if while\nif", "if"),
        ("#!trydef A 1\n#!trydef A 2\nA", "1"),
        ("#!define A 1\n#!redefine A 2\nA", "2"),
        ("#!define A 1\n#!undef A\nA", "A"),
        ("#!define A it's\n$def(A)", "$def(A)"),
        ("#!define X EV\nevent_route[X]", "event_route [X]"),
        ('loadmodule "/x/tm.so"\n#!ifdef MOD_tm\na\n#!endif', 'loadmodule "/x/tm.so" a'),
    ],
)
def test_defines(text: str, expected: str) -> None:
    assert words(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('#!subst "/a/b/"\n"aa" a', '"ba" a'),
        ('#!subst "/a/b/g"\n"aa"', '"bb"'),
        ('#!subst "!A!b!gi"\n"aa"', '"bb"'),
        ("#!subst 'x(.)b+x<\\1>x'\n\"abb\"", '"<a>"'),
        ('#!substdef "!A!5!g"\n"A" A', '"5" 5'),
        ('#!substdefs "/A/5/"\n"A" A', '"5" "5"'),
        ('#!substdef "!A!5!g"\n#!substdef "!B!xAy!g"\n"B" B', '"x5y" x5y'),
    ],
)
def test_substitution_in_strings(text: str, expected: str) -> None:
    assert words(text) == expected


def test_names_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPWAY_TEST", "value")
    monkeypatch.delenv("SIPWAY_NOT_SET", raising=False)
    assert words("#!defenv SIPWAY_TEST\nSIPWAY_TEST") == "value"
    assert words("#!defenvs A=SIPWAY_TEST\nA") == '"value"'
    assert words("#!trydefenv SIPWAY_NOT_SET\nSIPWAY_NOT_SET") == "SIPWAY_NOT_SET"
    assert words('#!substdef "!A!$env(SIPWAY_TEST)!g"\n"A"') == '"value"'
    found = parse(SourceFile("test.cfg", "#!defenv SIPWAY_NOT_SET\n")).diagnostics
    assert [item.code for item in found] == ["unset-environment"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("A", True), ("B", False), ("A && !B", True), ("B || A", True), ("N == 5", True),
        ("N + 1 > 2 * 3", False), ("(N - 1) * 2 == 8", True), ('S == "x"', True),
        ("KAMAILIO_VERSION >= 5006000", True), ("N / 2 == 2", True), ("-N < 0", True),
    ],
)  # fmt: skip
def test_ifexp(expression: str, value: bool) -> None:
    text = f"#!ifexp {expression}\nyes\n#!else\nno\n#!endif"
    assert words(text, A=None, N="5", S='"x"') == ("yes" if value else "no")


@pytest.mark.parametrize("expression", ["", "A &&", "(A", "1 / 0", "A B", "!" * 100, "?"])
def test_a_wrong_ifexp_is_one_error(expression: str) -> None:
    source = SourceFile("test.cfg", f"#!ifexp {expression}\n#!endif\n")
    assert [item.code for item in parse(source).diagnostics] == ["bad-ifexp"]


def test_names_from_the_command_line_and_at_the_end() -> None:
    source = SourceFile("test.cfg", "#!ifdef A\ndebug=B\n#!endif\n#!define C x y\n")
    result = parse(source, {"A": None, "B": "3"})
    (parameter,) = result.script.items
    assert isinstance(parameter, Parameter)
    assert parameter.value == 3
    assert parameter.value_span.text == "B"
    assert result.defines["C"] == "x y"
    assert result.defines["B"] == "3"


def test_defines_that_grow_without_end() -> None:
    lines = [f"#!define A{n} A{n + 1} A{n + 1}" for n in range(25)]
    source = SourceFile("test.cfg", "\n".join([*lines, "A0"]))
    found = parse(source).diagnostics
    assert "define-too-large" in {item.code for item in found}


# --- includes -----------------------------------------------------------------------------


def test_includes(tmp_path: Path) -> None:
    main = tmp_path / "main.cfg"
    main.write_text(
        '#!define A 3\ninclude_file "sub/one.cfg"\n!!import_file "missing.cfg"\nchildren=B\n'
    )
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one.cfg").write_text('debug=A\n#!define B 4\n#!include_file "two.cfg"')
    (tmp_path / "sub" / "two.cfg").write_text("memlog=5")
    result = parse_file(main)
    assert not len(result.diagnostics), render_text(result.diagnostics)
    assert [(i.name, i.value) for i in result.script.items if isinstance(i, Parameter)] == [
        ("debug", 3),
        ("memlog", 5),
        ("children", 4),
    ]
    assert [Path(source.path).name for source in result.files] == ["main.cfg", "one.cfg", "two.cfg"]
    assert result.script.items[1].span.file is result.files[2]


def test_an_include_in_the_middle_of_a_block(tmp_path: Path) -> None:
    (tmp_path / "inner.cfg").write_text("exit\n")
    main = tmp_path / "main.cfg"
    main.write_text('request_route {\n  include_file "inner.cfg"\n  ;\n}\n')
    assert not len(parse_file(main).diagnostics)


def test_a_mistake_in_an_included_file_is_shown_there(tmp_path: Path) -> None:
    (tmp_path / "inner.cfg").write_text("debug=1\nchildren=\n")
    main = tmp_path / "main.cfg"
    main.write_text('\ninclude_file "inner.cfg"\ninclude_file "inner.cfg"\n')
    (error,) = parse_file(main).diagnostics
    assert (Path(error.span.file.path).name, error.span.line) == ("inner.cfg", 2)
    assert f"included from {main}:2" in render_text([error])


def test_a_file_that_includes_itself(tmp_path: Path) -> None:
    main = tmp_path / "main.cfg"
    main.write_text('include_file "main.cfg"\n')
    result = parse_file(main)
    assert [item.code for item in result.diagnostics] == ["include-loop"]
    assert len(result.files) == 11


def test_an_included_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / "inner.cfg").write_bytes(b"\0")
    (tmp_path / "folder.cfg").mkdir()
    main = tmp_path / "main.cfg"
    main.write_text('include_file "inner.cfg"\ninclude_file "folder.cfg"\n')
    assert [item.code for item in parse_file(main).diagnostics] == ["unreadable-file"] * 2


def test_included_text_may_come_from_elsewhere() -> None:
    class Elsewhere(Inputs):
        def read(self, path: Path) -> bytes:
            if path != Path("a.cfg"):
                raise FileNotFoundError(path)
            return b"debug=1\n"

    source = SourceFile("main.cfg", 'include_file "a.cfg"\n')
    result = parse(source, inputs=Elsewhere())
    assert len(result.script.items) == 1
