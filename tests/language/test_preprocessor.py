"""Directives, defines and includes. The rules were settled with Kamailio 5.6.3."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.language.defines import PREDEFINED
from sipway.language.diagnostics import Diagnostics, render_text
from sipway.language.inputs import Inputs
from sipway.language.lexer import END, string_literal, string_value
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


@pytest.mark.parametrize("name", ["if", "debug", "log_prefix", "setflag", "yes", "method"])
def test_a_word_of_the_language_is_never_replaced(name: str) -> None:
    diagnostics = Diagnostics()
    text = f"#!define {name} other\n{name}\n#!ifdef {name}\nknown\n#!endif"
    found = preprocess(SourceFile("test.cfg", text), {}, diagnostics)
    assert [token.text for token in found.tokens[:-1]] == [name, "known"]
    assert [(each.code, each.span.line) for each in diagnostics] == [("doubtful-define", 1)]


@pytest.mark.parametrize(
    ("value", "replaced", "defined"),
    [("$var(x)", "0", "0"), ("<$avp(x)>", "<>", "<<null>>"), ("$$var(x)", "$var(x)", "$var(x)")],
)
def test_what_a_script_holds_itself_is_unset_in_a_substitution(
    value: str, replaced: str, defined: str
) -> None:
    diagnostics = Diagnostics()
    text = f'#!substdefs "!NAME!{value}!g"\n"NAME" NAME'
    found = preprocess(SourceFile("test.cfg", text), {}, diagnostics)
    assert [token.text for token in found.tokens[:-1]] == [f'"{replaced}"', f'"{defined}"']
    expected = [] if value.startswith("$$") else [("unset-in-subst", 1)]
    assert [(each.code, each.span.line) for each in diagnostics] == expected


@pytest.mark.parametrize("value", [r"\$ci", r"\$(kzE{kz.json,From}{uri.user})", r"a \$var(x)"])
def test_an_escaped_dollar_in_a_substitution_leaves_the_variable_to_the_script(value: str) -> None:
    diagnostics = Diagnostics()
    text = f'#!substdefs "!NAME!{value}!g"\n"NAME"'
    found = preprocess(SourceFile("test.cfg", text), {}, diagnostics)
    assert found.tokens[0].text == f'"{value}"'.replace("\\", "")
    assert not list(diagnostics)


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
        ("#!ifdef A ignored\na\n#!endif", ""),
        ("#!ifdef A\n' #!else x\n' #!endif x\n' #!else\na\n#!endif", "a"),
        ("#!ifdef A\n a #!endif\nb", "b"),
        ("#!ifdef A\n ##!endif\nb", "b"),
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
        ("#!define if\nif", "if"),
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


# --- settled with Kamailio 5.6.3: the value that $def(NAME) has ---------------------------


def values(text: str, **defines: str | None) -> dict[str, str | None]:
    """What the script itself defines."""
    result = parse(SourceFile("test.cfg", text), defines)
    assert not len(result.diagnostics), render_text(result.diagnostics)
    return {name: value for name, value in result.defines.items() if name not in PREDEFINED}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#!define A 1", {"A": "1"}),
        ("#!define A", {"A": None}),
        ("#!define A   \n", {"A": None}),
        ("#!define\tA\t1\r\n", {"A": "1"}),
        ('#!define A "q r"', {"A": '"q r"'}),
        ("#!define A  a  b \t\n", {"A": "a  b \t"}),
        ("#!define A 1 # c\n", {"A": "1 # c"}),
        ("  #!define A 1\n\t!!define B 2\n# !define C 3\n#! define D 4\n", {"A": "1", "B": "2"}),
        ("debug=2 #!define A 1\nmemlog=1 !!define B 2\n", {"A": "1", "B": "2"}),
        ("/*\n#!define A 1\n*/\n# #!define B 1\n//#!define C 1\n##!define D 1\n", {}),
        # Lines that go on: nothing is put in between.
        ('#!define D "a\\\n  b"\n', {"D": '"a  b"'}),
        ("#!define E x \\\n\n#!define Z 1\n", {"E": "x ", "Z": "1"}),
        ("#!define H a\\\n\\\nb\n", {"H": "ab"}),
        ("#!define J a \\\\\n#!define Z 1\n", {"J": "a \\#!define Z 1"}),
        ("#!define K x\\y\n", {"K": "x\\y"}),
        ("#!define L x \\\n y \\\n z  \n", {"L": "x  y  z  "}),
        ("#!define L x \\\r\n y\r\n", {"L": "x  y"}),
        ("#!define L x\\", {"L": "x\\"}),
        ("#!trydef A 1\n#!trydefine A 2", {"A": "1"}),
        ("#!redef A 1\n#!redefine B 2\n#!redef B 3\n#!redefine C", {"A": "1", "B": "3", "C": None}),
        ("#!define D 4\n#!redefine D\n", {"D": None}),
        ("#!define A 1\n#!undef A\n#!define A 2", {"A": "2"}),
        ("#!define A 1\n#!undefine A", {}),
        ("#!tryundef A\n#!define A\n#!tryundef A\n", {}),
        ('#!defexp A 1<<4\n#!defexps B 1<<4\n#!defexp C ""\n', {"A": "16", "B": '"16"', "C": None}),
        (
            '#!define IP 127.0.0.1\n#!defexp U "sip:" + IP\n#!defexps Q \'a"b\'\n',
            {"IP": "127.0.0.1", "U": "sip:127.0.0.1", "Q": '"a\\"b"'},
        ),
        ('#!substdef "!ID!a\\!b!g"\n', {"ID": "a!b"}),
        ('#!substdef "!ID!5!g"\n#!substdef "!IDB!xIDyID!g"\n', {"ID": "5", "5B": "x5y5"}),
        ('#!substdefs "!ID!5!"\n', {"ID": '"5"'}),
        ('#!substdef "!ID!!"\n', {"ID": None}),
        ('#!define DV 4\n#!substdef "!ID!$def(DV) DV $$!g"\n', {"DV": "4", "ID": "4 DV $"}),
        ('#!substdef\n"!ID!a!g" # c\n', {"ID": "a"}),
        ('loadmodule "tm"', {"MOD_tm": None}),
        ("loadmodule '/a/tm.so'", {"MOD_tm": None}),
        ('loadmodule("tm.so", "g")', {"MOD_tm": None}),
        ('#!define M "tm.so"\nloadmodule M', {"M": '"tm.so"', "MOD_tm": None}),
        ('#!define M tm\nloadmodulex "$def(M).so"', {"M": "tm", "MOD_tm": None}),
    ],
)
def test_values_of_defines(text: str, expected: dict[str, str | None]) -> None:
    assert values(text) == expected


def test_the_name_of_a_module_in_two_pieces() -> None:
    assert "MOD_tm" in values('loadmodule "t" "m.so"')


def test_values_from_the_command_line() -> None:
    assert values("#!trydef A 9\n#!redef B 9", A="1", B="2") == {"A": "1", "B": "9"}
    source = SourceFile("test.cfg", "#!define A 1")
    (error,) = parse(source, {"A": "2"}).diagnostics
    assert error.code == "defined-twice"
    assert "on the command line" in error.related[0][1]


@pytest.mark.parametrize(
    "text",
    [
        "#!ifdef OS_NAME",
        "#!ifdef KAMAILIO_VERSION",
        "#!ifdef KAMAILIO_5_6_3",
        '#!ifexp OS_NAME == "linux" || OS_NAME == "darwin"',
        "#!ifndef KAMAILIO_6",
        "#!ifndef MOD_tm",
    ],
)
def test_predefined_names(text: str) -> None:
    assert words(f"{text}\na\n#!endif") == "a"
    assert words("KAMAILIO_VERSION") == "5006003"


def test_values_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPWAY_A", 'a "b"')
    monkeypatch.setenv("SIPWAY_E", "")
    monkeypatch.delenv("SIPWAY_NOT_SET", raising=False)
    text = """
#!defenv SIPWAY_A # a comment
#!defenv HX=SIPWAY_A
#!defenvs HY=SIPWAY_A
#!trydefenvs HE=SIPWAY_E
#!trydefenv NE=SIPWAY_E
#!trydefenvs SIPWAY_NOT_SET
"""
    assert values(text) == {
        "SIPWAY_A": 'a "b"', "HX": 'a "b"', "HY": '"a \\"b\\""', "HE": '""', "NE": "",
    }  # fmt: skip
    assert words('#!subst "/x/$env(SIPWAY_NOT_SET)/"\n"axb"') == '"ab"'


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("#!define A-B 5", "bad-define-name"),
        ("#!ifdef A-B\n#!endif", "bad-define-name"),
        ("#!define 5", "missing-name"),
        ("#!defexp", "missing-name"),
        ("#!undef", "missing-name"),
        ("#!defexp A 1 +", "bad-ifexp"),
        ("#!defenv", "missing-name"),
        ("#!defenv A=", "missing-name"),
        ("#!defenv $HOME", "bad-define-name"),
        ("#!defenv SIPWAY_NOT_SET", "unset-environment"),
        ("#!define PATH\n#!defenv PATH", "defined-twice"),
        ("#!define PATH\n#!trydefenv PATH", "defined-twice"),
        ("#!define A\n#!defexp A 1", "defined-twice"),
        ('#!define A\n#!substdef "/A/x/"', "defined-twice"),
        ("#!undef A", "not-defined"),
        ("#!define J=4", "doubtful-define"),
        ("#!define $E 7", "doubtful-define"),
        ("#!define F y \\ \n", "doubtful-define"),
        ("#!ifdef A || B\n#!endif", "directive-expression"),
        ("#!ifdef A\n{\n#!else # not A\n{\n#!endif", "else-with-text"),
        ("#!ifndef A\n#!else # A\n#!endif", "else-with-text"),
        ('#!subst "/a/b/z"', "bad-subst"),
        ('#!subst "/[/b/"', "bad-subst"),
        ('#!subst "/a/\\\\1/"', "bad-subst"),
        ('#!subst "/a/$rm/"', "bad-subst"),
        ('#!subst "/a/$5/"', "bad-subst"),
        ('#!subst "/a*/b/"', "bad-subst"),
        ('#!subst "$a$b$"', "bad-subst"),
        ("#!subst", "bad-subst"),
        ("import_files x", "missing-file-name"),
        ("#!ifdef", "unbalanced-directive"),
    ],
)
def test_a_wrong_directive_is_one_message(text: str, code: str) -> None:
    found = parse(SourceFile("test.cfg", text)).diagnostics
    assert code in [item.code for item in found], render_text(found)
    assert len(found) == 1 + (text == "#!ifdef")


def test_what_kamailio_makes_of_doubtful_names() -> None:
    for text, name, value in (("#!define J=4", "J", "=4"), ("#!define $E 7", "E", "7")):
        assert parse(SourceFile("test.cfg", text)).defines[name] == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # In order, each sees what those before it made.
        ('#!subst "/b/X/"\n#!subst "/X/Y/g"\n"abb"', '"aYb"'),
        ('#!subst "!ab!X!gi"\n"abAB"', '"XX"'),
        ('#!subst "/a\\/b/X/"\n"a/b"', '"X"'),
        ('#!subst "/a(.)/<\\1>/"\n"ab"', '"<b>"'),
        ('#!subst "/a./<\\0>/"\n"ab"', '"<ab>"'),
        ('#!subst "/aa//"\n"aab"', '"b"'),
        ('#!subst "|aa|X|g"\n#!subst ",bb,Y,"\n#!subst "aIDaWa"\n"aabbID"', '"XYW"'),
        ('#!subst " a X "\n#!subst "1b1Y1"\n"ab"', '"XY"'),
        # What counts is the value of the string, not how it is written.
        ('#!subst "/^a/X/"\n"aa"', '"Xa"'),
        ('#!subst "/a/\\"/"\n"a"', '"\\""'),
        ("#!subst '/x/\\\\/'\n'x'", "'\\'"),
        ("#!subst \"/x/it's/\"\n'x'", '"it\'s"'),
        ('#!subst "/\\t/X/"\n"a\\tb"', '"aXb"'),
        ('#!subst "/\\"/X/"\n"a" \'"\'', "\"a\" 'X'"),
        # Strings that stand side by side are one.
        ('#!subst "/ab/X/"\n"a" "b"', '"X"'),
        ('#!subst "/ab/X/"\n"a"\n "c"', '"a" "c"'),
        ('#!subst "/ab/X/"\n"a", "b"', '"a" , "b"'),
        ('#!define S "xIDx"\n#!substdef "!ID!5!g"\nS ID', '"x5x" 5'),
        ('#!define S ID\n#!substdef "!ID!5!g"\nS', "5"),
        ('#!substdef "/NN/5/"\nNN "NN" $var(NN)', '5 "5" $var(NN)'),
        ('#!subst "/[[:digit:]]+/N/g"\n"a12b3"', '"aNbN"'),
        ('#!subst "/\\d/X/"\n"a1d"', '"a1X"'),
    ],
)
def test_substitution_of_values(text: str, expected: str) -> None:
    assert words(text) == expected


def test_a_backslash_at_the_end_of_a_line_joins_the_lines_of_a_string() -> None:
    assert string_value('"a \\\n b\\\r\nc"') == "a  bc"
    assert string_value("'a\\\nb'") == "a\\\nb"


@pytest.mark.parametrize("value", ["", "a", 'a"b', "a'b", "a\\", "a\nb", "\\n", "é"])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_a_literal_has_the_value_it_was_made_of(value: str, quote: str) -> None:
    assert string_value(string_literal(value, quote)) == value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("#!define A 1\n#!define OPEN if (1) {\n#!define CLOSE }\nOPEN A; CLOSE",
         "if ( 1 ) { 1 ; }"),
        ("#!define V $var(x)\nV = 1", "$var(x) = 1"),
        ("#!define A 1\n$var(A) $def(A) $avp(s:A)", "$var(A) $def(A) $avp(s:A)"),
        ('#!define A 1\nroute[A] route(A) f(A, "A")',
         'route [ 1 ] route ( 1 ) f ( 1 , "A" )'),
        ("#!define A 5060\nlisten=udp:1.2.3.4:A", "listen = udp : 1.2.3.4 : 5060"),
        ("#!define A\nif (x #!ifdef A\n&& y\n#!else\n&& z\n#!endif\n) ;", "if ( x && y ) ;"),
        ("#!ifdef A\nif (x) {\n#!else\nif (y) {\n#!endif\nz; }", "if ( y ) { z ; }"),
    ],
)  # fmt: skip
def test_expansion_in_every_place(text: str, expected: str) -> None:
    assert words(text) == expected


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


def test_a_file_is_looked_for_in_the_current_directory_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "main.cfg").write_text('include_file "sub/a.cfg"\n')
    (tmp_path / "sub" / "a.cfg").write_text('include_file "b.cfg"\n')
    (tmp_path / "sub" / "b.cfg").write_text("debug=2\n")
    (tmp_path / "b.cfg").write_text("debug=1\n")
    monkeypatch.chdir(tmp_path)
    (parameter,) = parse_file("main.cfg").script.items
    assert isinstance(parameter, Parameter)
    assert parameter.value == 1
    monkeypatch.chdir(tmp_path / "sub")
    (tmp_path / "sub" / "b.cfg").unlink()
    (error,) = parse_file(tmp_path / "main.cfg").diagnostics
    assert error.code == "include-not-found"


def test_an_include_in_a_condition_and_between_halves(tmp_path: Path) -> None:
    (tmp_path / "cond.cfg").write_text("$rU == 1 &&\n")
    (tmp_path / "half.cfg").write_text("if ($rU == 1) {")
    (tmp_path / "text.cfg").write_text('"a"')
    main = tmp_path / "main.cfg"
    main.write_text(
        """request_route {
    if (include_file "cond.cfg" $rU == 2) exit;
    include_file "half.cfg"
        xlog(!!include_file "text.cfg"
        );
    }
}
"""
    )
    result = parse_file(main)
    assert not len(result.diagnostics), render_text(result.diagnostics)


def included(tmp_path: Path, main: str, inner: str) -> Diagnostics:
    (tmp_path / "inner.cfg").write_text(inner)
    path = tmp_path / "main.cfg"
    path.write_text(main)
    return parse_file(path).diagnostics


def test_conditions_are_counted_over_all_files(tmp_path: Path) -> None:
    opened = 'include_file "inner.cfg"\n{ left out\n#!endif\ndebug=1\n'
    assert not len(included(tmp_path, opened, "#!ifdef A\n{"))
    closed = '#!ifndef A\ninclude_file "inner.cfg"\ndebug=1\n'
    assert not len(included(tmp_path, closed, "debug=2\n#!endif"))


def test_a_condition_that_another_file_should_close_is_shown_where_it_opens(
    tmp_path: Path,
) -> None:
    (error,) = included(tmp_path, 'include_file "inner.cfg"\ndebug=1\n', "\n#!ifdef A\n")
    assert (error.span.file.path, error.span.line) == (str(tmp_path / "inner.cfg"), 2)


def test_an_endif_too_many_names_the_one_that_closed_a_condition_of_another_file(
    tmp_path: Path,
) -> None:
    main = '#!ifndef A\ninclude_file "inner.cfg"\n#!endif\n'
    (error,) = included(tmp_path, main, "debug=1\n#!endif\n")
    assert error.span.line == 3
    ((place, text),) = error.related
    assert (place.file.path, place.line) == (str(tmp_path / "inner.cfg"), 2)
    assert "main.cfg" in text


def test_import_files_takes_all_that_match_by_name(tmp_path: Path) -> None:
    (tmp_path / "d").mkdir()
    for number in (2, 1, 3):
        (tmp_path / "d" / f"{number}.cfg").write_text(f"debug={number}\n")
    (tmp_path / "d" / "folder.cfg").mkdir()
    (tmp_path / "d" / "other.txt").write_text("}")
    main = tmp_path / "main.cfg"
    main.write_text('import_files "d/*.cfg"\n#!import_files "none/*"\nimport_files "d/1.*"\n')
    result = parse_file(main)
    assert not len(result.diagnostics), render_text(result.diagnostics)
    assert [i.value for i in result.script.items if isinstance(i, Parameter)] == [1, 2, 3, 1]


def test_import_files_that_import_themselves_end(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.cfg").write_text(f'import_files "{tmp_path}/*.cfg"\n')
    result = parse_file(tmp_path / "0.cfg")
    assert {item.code for item in result.diagnostics} == {"include-loop"}
    assert len(result.files) <= 5_001


# --- anything at all ----------------------------------------------------------------------

_PIECES = st.sampled_from(
    [
        "#!define ", "#!redefine ", "#!undef ", "#!ifdef ", "#!ifndef ", "#!ifexp ", "#!else\n",
        "#!endif\n", "#!endif", "#!subst ", "#!substdef ", "#!defexp ", "#!trydefenv ",
        "!!define ",
        "include_file ", '#!include_file "a.cfg"\n', 'import_file "b.cfg"\n', "A", "B", "\n",
        "\\\n", "\\", '"', "'", '"!A!B!g"', '"/(a*)/$def(A)\\1/i"', "loadmodulex ", "modparamx(",
        "(", ")", "$def(A)", "$env(", "/*", "*/", "// ", "# ", "{", "}", ";", "=", " ", "1",
        "listen=", "socket = {", "bind = udp:A:1-9;", "flags ", "\r\n", "\0",
        "é", "“", "&&", "<<", "**",
    ]
)  # fmt: skip
_TEXTS = st.one_of(st.lists(_PIECES, max_size=40).map("".join), st.text(max_size=60))


@settings(max_examples=300, deadline=None)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_any_text_is_survived_and_its_places_are_inside_the_files(
    main: str, first: str, second: str
) -> None:
    files = {Path("a.cfg"): first, Path("b.cfg"): second}

    class Elsewhere(Inputs):
        def read(self, path: Path) -> bytes:
            if path not in files:
                raise FileNotFoundError(path)
            return files[path].encode("utf-8", "surrogatepass")

    diagnostics = Diagnostics()
    found = preprocess(SourceFile("main.cfg", main), {}, diagnostics, Elsewhere())
    assert found.tokens[-1].kind == END
    for token in found.tokens:
        assert token.file in found.files
        assert 0 <= token.start <= token.end <= len(token.file.text)
    parsed = parse(SourceFile("main.cfg", main), inputs=Elsewhere())
    for item in parsed.diagnostics:
        for span in (item.span, *(place for place, _ in item.related)):
            assert span.file in parsed.files
            assert 0 <= span.start <= span.end <= len(span.file.text)
    render_text(parsed.diagnostics.sorted())
