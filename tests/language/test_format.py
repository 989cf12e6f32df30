"""Laying scripts out: the same meaning, the same text the second time.

Each `format/NAME.in.cfg` becomes `NAME.out.cfg`. To write the latter anew after a change:
`SIPWAY_WRITE_GOLDEN=1 pytest tests/language/test_format.py`, then read what `git diff` says.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.language.diagnostics import Diagnostics, render_text
from sipway.language.format import format_script, layout, spacing
from sipway.language.parser import parse
from sipway.language.preprocessor import preprocess
from sipway.language.source import SourceFile

FOLDER = Path(__file__).parent / "format"
ROOT = Path(__file__).parents[2]
STOCK = Path("/etc/kamailio/kamailio.cfg")


def formatted(text: str, name: str = "test.cfg") -> str:
    result = format_script(SourceFile(name, text))
    assert result.text is not None, render_text(result.diagnostics)
    return result.text


def body(text: str) -> str:
    """What becomes of statements, without the block around them."""
    lines = formatted(f"request_route {{\n{text}\n}}\n").splitlines()
    assert (lines[0], lines[-1]) == ("request_route {", "}")
    return "\n".join(line.removeprefix("\t") for line in lines[1:-1])


def tokens(text: str, name: str) -> list[tuple[str, str]]:
    found = preprocess(SourceFile(name, text), {}, Diagnostics())
    return [(token.kind, token.text) for token in found.tokens]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.in.cfg")), ids=lambda path: path.stem)
def test_a_script_and_what_becomes_of_it(path: Path) -> None:
    text = formatted(path.read_text(encoding="utf-8"))
    golden = path.with_name(path.name.replace(".in.", ".out."))
    if os.environ.get("SIPWAY_WRITE_GOLDEN"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")
    assert formatted(text) == text


def _scripts() -> list[Path]:
    folders = ("examples", "tests", "src", "bench")
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.cfg"))]
    return [*found, STOCK] if STOCK.exists() else found


@pytest.mark.parametrize("path", _scripts(), ids=lambda path: path.name)
def test_every_script_here(path: Path) -> None:
    text = path.read_text(encoding="utf-8", errors="surrogateescape")
    result = format_script(SourceFile(str(path), text))
    if result.text is None:
        assert result.diagnostics
        assert all(item.code != "not-formatted" for item in result.diagnostics)
        assert parse(SourceFile(str(path), text)).diagnostics.errors
        return
    assert tokens(result.text, str(path)) == tokens(text, str(path))
    assert formatted(result.text, str(path)) == result.text
    assert result.text.endswith("\n")
    assert "\n\n\n\n" not in result.text


# --- layout -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("if($rU==1&&!x())exit;", "if ($rU == 1 && !x()) exit;"),
        ("$var(x)=-1+(int)$var(y)*2;", "$var(x) = -1 + (int)$var(y) * 2;"),
        ("$var(x) = ~ $var(y) | ! $var(z);", "$var(x) = ~$var(y) | !$var(z);"),
        ("x ( 1,-2 , 'b' );", "x(1, -2, 'b');"),
        ("if (src_ip==10.0.0.0/8) exit;", "if (src_ip == 10.0.0.0/8) exit;"),
        ("$var(x)=$var(y)/2;", "$var(x) = $var(y) / 2;"),
        ("return(1);", "return (1);"),
        ("exit ();", "exit();"),
        ("return -1;", "return -1;"),
        ("if(not defined $x and(1))exit;", "if (not defined $x and (1)) exit;"),
        ("if (msg:len>=2048) exit;", "if (msg:len >= 2048) exit;"),
        ("$var(x)=@to.tag;", "$var(x) = @to.tag;"),
        ("route( A ) ;", "route(A);"),
        ("x();y();", "x();\ny();"),
        ("if(1){x();}", "if (1) {\n\tx();\n}"),
        ("if (1)\n{\nx();\n}\nelse\n{\ny();\n}", "if (1) {\n\tx();\n} else {\n\ty();\n}"),
        (
            "if (1) { x(); } else\nif (2) { y(); }",
            "if (1) {\n\tx();\n} else if (2) {\n\ty();\n}",
        ),
        ("if (1)\nx();\nelse\ny();", "if (1)\n\tx();\nelse\n\ty();"),
        ("if (1)\nif (2)\nx();\nelse\ny();", "if (1)\n\tif (2)\n\t\tx();\n\telse\n\t\ty();"),
        (
            "if (1)\nwhile (2) { x(); }\nelse y();",
            "if (1)\n\twhile (2) {\n\t\tx();\n\t}\nelse y();",
        ),
        ("if (1) { x(); };", "if (1) {\n\tx();\n};"),
        ("x();;", "x();;"),
        (
            'switch($rU){case 1:case/"^a":x();default:y();}',
            'switch ($rU) {\n\tcase 1:\n\tcase /"^a":\n\t\tx();\n\tdefault:\n\t\ty();\n}',
        ),
        ("if (x()\n&& y()) { z(); }", "if (x()\n\t\t&& y()) {\n\tz();\n}"),
        ("x(\n1,\n2\n);", "x(\n\t\t1,\n\t\t2\n);"),
        ("x(1\n,2);", "x(1,\n\t\t2);".replace("\n\t\t", " ")),
        ("x();    # aligned\ny(); # not", "x();    # aligned\ny(); # not"),
        ("/* a */ x();", "/* a */ x();"),
        ("x(/* a */1, /* b */ 2);", "x(/* a */1, /* b */ 2);"),
        ("x();\n\n\n\n\ny();", "x();\n\ny();"),
        ("x(); \t\n \ny();", "x();\n\ny();"),
        ("if (1) # why\n{ x(); }", "if (1) # why\n{\n\tx();\n}"),
        ("if (1) { x(); } # done\nelse { y(); }", "if (1) {\n\tx();\n} # done\nelse {\n\ty();\n}"),
        ("if (1)\n# why\nx();", "if (1)\n\t# why\n\tx();"),
        ("if (1) {\nx();\n# last\n}", "if (1) {\n\tx();\n\t# last\n}"),
        ('xlog("a\n   b  \\\n c");', 'xlog("a\n   b  \\\n c");'),
        ("// a\nx();", "// a\nx();"),
        ("/* a\n   * b\n * c */\nx();", "/* a\n\t * b\n\t * c */\nx();".replace("\n\t *", "\n *")),
        ("/* a\n   b */\nx();", "/* a\n   b */\nx();"),
    ],
)  # fmt: skip
def test_statements(text: str, expected: str) -> None:
    assert body(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("debug = 3\n  children =4 # two", "debug=3\nchildren=4 # two\n"),
        (
            "socket = {bind=udp:127.0.0.1:5060;name='a';}",
            "socket={\n\tbind=udp:127.0.0.1:5060;\n\tname='a';\n}\n",
        ),
        (
            'flags A:1,B\nimport_files "a/*.cfg"\nimport_files "b/*.cfg"',
            'flags A:1, B\nimport_files "a/*.cfg"\nimport_files "b/*.cfg"\n',
        ),
        ('#!import_files "a/*.cfg"  debug=3', '#!import_files "a/*.cfg"\ndebug=3\n'),
        ("debug=3 children=4", "debug=3\nchildren=4\n"),
        ("debug     = 3\nchildren  = 4\n", "debug     = 3\nchildren  = 4\n"),
        ("listen=udp:1.2.3.4:5060  advertise 1.1.1.1:5", None),
        ("listen=udp:my-host.example.com:5060\n", None),
        ('a.b="x" desc "y"', 'a.b = "x" desc "y"\n'),
        ('modparam( "tm",    "fr_timer",  1 )', 'modparam("tm",    "fr_timer",  1)\n'),
        ('modparam("tm"  ,"x",1)', 'modparam("tm", "x", 1)\n'),
        ('modparam("acc", "x",\n"a"\n"b")', 'modparam("acc", "x",\n\t"a"\n\t"b")\n'),
        ("route[A]\n\n{ exit; }\n\n\n\n\nroute[B]{exit;}", None),
        ("event_route [a:b]{exit;}", "event_route[a:b] {\n\texit;\n}\n"),
        ("", ""),
        ("\n\n# a", "# a\n"),
        ("debug=3\r\nchildren=2\r\n", "debug=3\nchildren=2\n"),
        ("\ufeffdebug = 3", "\ufeffdebug=3\n"),
    ],
)
def test_outside_of_blocks(text: str, expected: str | None) -> None:
    found = formatted(text)
    if expected is not None:
        assert found == expected
    assert formatted(found) == found


def test_blank_lines_between_blocks() -> None:
    text = "route[A] {\n\texit;\n}\n\n\nroute[B] {\n\texit;\n}\n"
    assert formatted(text.replace("\n\n\n", "\n\n\n\n\n")) == text


def test_bytes_that_are_no_text_survive() -> None:
    text = b'request_route {xlog("\xe9\xff");# \xe9\n}\n'.decode("utf-8", "surrogateescape")
    assert b'xlog("\xe9\xff");# \xe9\n' in formatted(text).replace("; #", ";#").encode(
        "utf-8", "surrogateescape"
    )


# --- directives ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "define",
    [
        "#!define A  1  ",
        "#!define A xlog(1); \\\n     xlog(2);  \\\n  exit;",
        "#!define A 1 \\\r\n  2",
        '#!substdef  "!X!a  b!g"',
        '#!subst   "/X/Y/"',
        "!!define A  1",
    ],
)
def test_a_directive_stays_byte_for_byte(define: str) -> None:
    assert formatted(f"  {define}\n\n   debug=3\n") == f"{define}\n\ndebug=3\n"


def test_text_that_is_no_script_stays_as_it_is() -> None:
    text = "#!ifdef X\n  ALTER  TABLE it's;\n\n\n\n }\n#!else\n  debug = 3\n#!endif\n"
    result = format_script(SourceFile("a.cfg", text))
    assert result.text == text.replace("  debug = 3", "debug=3")
    assert [span.line for span in result.left] == [1]


def test_an_error_in_a_branch_that_counts_is_an_error() -> None:
    text = "#!define X\n#!ifdef X\nALTER TABLE acc;\n#!endif\n"
    result = format_script(SourceFile("a.cfg", text))
    assert result.text is None
    assert result.diagnostics[0].span.line == 3
    assert format_script(SourceFile("a.cfg", text.replace("#!define X\n", ""))).text is not None


def test_both_halves_of_a_brace_pair_under_a_condition() -> None:
    text = """request_route {
#!ifdef A
if(1){
#!endif
x();
#!ifdef A
}
#!endif
}
"""
    expected = """request_route {
#!ifdef A
	if (1) {
#!endif
		x();
#!ifdef A
	}
#!endif
}
"""
    assert formatted(text) == expected


def test_a_missing_include_is_no_error() -> None:
    text = 'include_file "no/a.cfg"\nrequest_route { include_file "no/b.cfg"\nexit; }\n'
    assert formatted(text) == (
        'include_file "no/a.cfg"\nrequest_route {\n\tinclude_file "no/b.cfg"\n\texit;\n}\n'
    )


def test_names_that_an_included_file_defines(tmp_path: Path) -> None:
    (tmp_path / "names.cfg").write_text('#!define BYE send_reply("200", "OK"); exit;\n')
    text = 'include_file "names.cfg"\nrequest_route {BYE\n}\n'
    found = formatted(text, str(tmp_path / "a.cfg"))
    assert found == 'include_file "names.cfg"\nrequest_route {\n\tBYE\n}\n'


# --- refusals -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "request_route { exit }",
        "request_route { x(; }",
        'request_route { xlog("a); }',
        "request_route {",
        "/* never closed",
        "#!ifdef X\n",
        "#!endif\n",
        "ALTER TABLE;",
    ],
)
def test_a_script_with_an_error_is_left_alone(text: str) -> None:
    result = format_script(SourceFile("a.cfg", text))
    assert result.text is None
    assert result.diagnostics


def test_what_would_change_a_script_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spacing, "space", lambda *_, **__: "")
    result = format_script(SourceFile("a.cfg", "request_route { return 1; }"))
    assert result.text is None
    assert [item.code for item in result.diagnostics] == ["not-formatted"]


def test_a_lost_comment_would_be_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout._Layout, "_comment", lambda *_: None)
    assert format_script(SourceFile("a.cfg", "debug=3 # a\n")).text is None


# --- generated ----------------------------------------------------------------------------

_blank = st.sampled_from(["", " ", "  ", "\t", "\n", " \n\n\n ", "\r\n"])
_word_gap = st.sampled_from([" ", "  ", "\t", "\n", "\n\n"])
_comment = st.sampled_from(["# c\n", "// c\n", "/* c */", "/* a\n  * b */", "\n  # c \n", ""])
_operand = st.sampled_from(
    ["$rU", "$var(x)", "1", '"a b"', "'c'", "x()", 'y(1,"2")', "method", "$(ru{s.len})",
     "10.0.0.1", "@to.tag", "FLAG", "-1", "!z()", "0x1F"]
)  # fmt: skip
_operator = st.sampled_from(["==", "!=", "=~", "&&", "||", "+", "-", "*", ">=", "<", "|"])


@st.composite
def _expression(draw: st.DrawFn) -> str:
    text = draw(_operand)
    for _ in range(draw(st.integers(0, 2))):
        gap = draw(_blank)
        other = draw(_operand)
        if draw(st.booleans()):
            other = f"({draw(_blank)}{other}{draw(_blank)})"
        text += f"{gap}{draw(_operator)}{draw(_blank)}{draw(_comment)}{other}"
    return text


@st.composite
def _statement(draw: st.DrawFn, depth: int = 0) -> str:
    gap, after = draw(_blank), draw(_comment)
    kind = draw(st.integers(0, 9 if depth < 3 else 3))
    if kind == 0:
        return f"x{gap}({draw(_expression())}){gap};{after}"
    if kind == 1:
        return f"$var(x){gap}={gap}{draw(_expression())};{after}"
    if kind == 2:
        return draw(st.sampled_from(["exit", "return 1", "return(1)", "drop", "break"])) + ";"
    if kind == 3:
        return f"route({gap}A);{after}{gap};"
    inner = draw(st.lists(_statement(depth=depth + 1), min_size=1, max_size=3))
    block = f"{{{after}{gap.join(inner)}{gap}}}{after}"
    if draw(st.booleans()):
        block = f"{after}{draw(_word_gap)}{inner[0]}"
    condition = f"({draw(_expression())})"
    if kind <= 6:
        text = f"if{gap}{condition}{after}{block}"
        return text + (f"{gap}else{draw(_word_gap)}{block}" if draw(st.booleans()) else "")
    if kind == 7:
        return f"while{gap}{condition}{block}"
    if kind == 8:
        labels = "".join(f"case{draw(_word_gap)}{value}{gap}:" for value in ("1", '"a"'))
        return f"switch({draw(_expression())}){gap}{{{after}{labels}{gap.join(inner)}default:x();}}"
    return (
        f"\n#!ifdef {draw(st.sampled_from('AB'))}\n{inner[0]}\n#!else\n{gap.join(inner)}\n#!endif\n"
    )


@st.composite
def _script(draw: st.DrawFn) -> str:
    setting = st.sampled_from(
        ["debug=3", "children  = 4", 'modparam("a",  "b",1)', 'a.b="c" desc "d"', "# only",
         'loadmodule "tm.so"', "listen=udp:127.0.0.1:5060", "#!define A 1", "#!define C"]
    )  # fmt: skip
    parts = draw(st.lists(setting, max_size=4))
    for number in range(draw(st.integers(1, 2))):
        statements = draw(st.lists(_statement(), min_size=1, max_size=4))
        parts.append(f"route[R{number}]{draw(_blank)}{{{draw(_blank).join(statements)}}}")
    return "\n".join(parts)


@settings(max_examples=150, deadline=None)
@given(_script())
def test_any_script_keeps_its_meaning_and_is_laid_out_once(text: str) -> None:
    result = format_script(SourceFile("a.cfg", text))
    if result.text is None:
        assert all(item.code != "not-formatted" for item in result.diagnostics), text
        assert parse(SourceFile("a.cfg", text)).diagnostics.errors
        return
    assert tokens(result.text, "a.cfg") == tokens(text, "a.cfg")
    assert result.text.count("# c") == text.count("# c")
    assert formatted(result.text) == result.text


# --- statements that defines of other files hold -------------------------------------------

_LONE_WORDS = (
    'LOG_IT\nif (is_method("INVITE"))\nREJECT\nelse\nREJECT2;\nwhile($var(i)<3) { STEP }\n'
    "   CHECK\n$var(x)=1;\nswitch($rm) { case 1:\nFOO\nbreak; }\nif (A_B && $var(x) == C) LEAVE"
)
_LAID_OUT = """\
LOG_IT
if (is_method("INVITE"))
	REJECT
else
	REJECT2;
while ($var(i) < 3) {
	STEP
}
CHECK
$var(x) = 1;
switch ($rm) {
	case 1:
		FOO
		break;
}
if (A_B && $var(x) == C) LEAVE"""


def test_a_word_alone_is_a_statement_as_another_file_may_define_it() -> None:
    assert body(_LONE_WORDS) == _LAID_OUT
    assert body(_LAID_OUT) == _LAID_OUT
    assert formatted(_LONE_WORDS) == f"{_LAID_OUT}\n"  # a file included within a block


def test_the_define_of_a_statement_may_be_in_a_file_that_is_included(tmp_path: Path) -> None:
    (tmp_path / "defines.cfg").write_text('#!define LOG_IT xlog("a");\n#!define REJECT exit;\n')
    text = f'include_file "defines.cfg"\nrequest_route {{\n{_LONE_WORDS}\n}}\n'
    path = str(tmp_path / "main.cfg")
    first = formatted(text, path)
    assert [line.strip() for line in first.splitlines()[2:-1]] == [
        line.strip() for line in _LAID_OUT.splitlines()
    ]
    assert formatted(first, path) == first
    assert tokens(first, path) == tokens(text, path)


@pytest.mark.parametrize("statement", ["FOO = 3;", "foreach", 'FOO "a";', "FOO\n{ exit; }"])
def test_what_no_define_makes_a_statement_is_refused(statement: str) -> None:
    result = format_script(SourceFile("test.cfg", f"request_route {{\n{statement}\n}}\n"))
    assert result.text is None


def test_only_the_layout_takes_a_word_alone() -> None:
    found = parse(SourceFile("test.cfg", "request_route {\nLOG_IT\nexit;\n}\n")).diagnostics
    assert [each.code for each in found] == ["missing-parenthesis"]
