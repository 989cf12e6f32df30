"""What compiled scripts do, row by row as Kamailio 5.6.3 was seen to do it.

The rows are those of docs/kamailio-observed.md. `t()` is true (1), `f()` is false (-1), `e()`
returns 0, and `log(...)` of the made-up module `probe` notes its text.
"""

from __future__ import annotations

import logging
import random
import traceback
from typing import Any

import pytest

from sipway.core.arguments import Format
from sipway.core.loader import ModuleCatalog
from sipway.core.module import Module
from sipway.language import compile_script
from sipway.language.compiled import BlockKey
from sipway.language.compiler import _recursive
from sipway.language.diagnostics import Diagnostic, Diagnostics
from sipway.language.nodes import BlockKind
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from tests.fakes import context
from tests.storage import stored

probe = Module("probe")


@probe.function("t")
def true(ctx: Any) -> int:
    return 1


@probe.function("f")
def false(ctx: Any) -> int:
    return -1


@probe.function("e")
def end(ctx: Any) -> int:
    return 0


@probe.function("note")
def note(ctx: Any, text: Format) -> int:
    ctx.notes.append(text(ctx))
    return 1


@probe.function("number")
def number(ctx: Any, value: int) -> int:
    return value


@probe.function("broken")
def broken(ctx: Any) -> int:
    raise RuntimeError("a fault of the module")


class Catalog(ModuleCatalog):
    def load(self, name: str) -> Module | None:
        return probe if name == "probe" else super().load(name)


class Notes:
    """A Context with a list of what the script noted."""

    def __init__(self, slots: int) -> None:
        self._real = context()
        self._real.vars = [0] * slots
        self.notes: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("_real", "notes"):
            object.__setattr__(self, name, value)
        else:
            setattr(self._real, name, value)


def compiled(text: str) -> Any:
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("test.cfg", 'loadmodule "probe.so"\n' + text))
    assert not parsed.diagnostics.errors, [d.message for d in parsed.diagnostics]
    catalog = Catalog()
    result = compile_script(parsed, catalog, diagnostics)
    assert result is not None, [d.message for d in diagnostics]
    return stored(result, catalog)


def notes(text: str) -> list[str]:
    """What `request_route` of a script notes."""
    result = compiled(text)
    ctx = Notes(len(result.variable_slots))
    result.load()[BlockKind.REQUEST, None](ctx)
    return ctx.notes


def code_of(body: str) -> str:
    """The code that the caller sees in $rc after `route(X)`, or "ends"."""
    made = notes(
        'request_route { route(X); note("$rc"); }\nroute[X] { ' + body + " }\n"
        "route[NEG] { return -7; } route[POS] { return 7; } route[END] { exit; }"
    )
    return made[-1] if made else "ends"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (";", "1"),
        ("t();", "1"),
        ("f();", "-1"),
        ("f(); $var(x) = 1;", "1"),
        ('f(); note("x");', "1"),
        ("return;", "1"),
        ("f(); return;", "1"),
        ("return 5;", "5"),
        ("return -3;", "-3"),
        ("return 0;", "ends"),
        ("return (1==1);", "1"),
        ("return (1==2);", "ends"),
        ("return !1;", "ends"),
        ("return (2-5);", "-3"),
        ("$var(x) = 7; return $var(x);", "7"),
        ('$var(x) = "-4"; return $var(x);', "-4"),
        ('$var(x) = "-4x"; return $var(x);', "ends"),
        ("return $var(x);", "ends"),
        ("return $avp(x);", "ends"),
        ("return t();", "1"),
        ("return f();", "ends"),
        ("return route(NEG);", "ends"),
        ("return 4294967295;", "-1"),
        ("return 2147483648;", "-2147483648"),
        ("if (f()) { t(); }", "1"),
        ("f(); if (f()) { t(); }", "1"),
        ("if (t()) { f(); }", "-1"),
        ("if (f()) { t(); } else { $var(x) = 1; }", "1"),
        ("route(NEG);", "-7"),
        ("$var(x) = f();", "1"),
        ("$ru = 5;", "-1"),
        ("while ($var(i) < 2) { $var(i) = $var(i) + 1; f(); }", "-1"),
        ("while (0) { f(); }", "1"),
        ("while (1) { t(); }", "-1"),
        ("switch (1) { case 2: f(); break; }", "1"),
        ("f();;", "-1"),
        ("exit;", "ends"),
        ("drop;", "ends"),
        ("route(END); t();", "ends"),
        ("e(); t();", "ends"),
        ("if (route(END)) { t(); } else { t(); }", "ends"),
        ("if (!route(END)) { t(); } else { t(); }", "ends"),
        ("$var(r) = route(END);", "ends"),
        ("switch (route(END)) { case 0: t(); }", "ends"),
        ("while (1) { return 4; }", "4"),
        ("switch (1) { case 1: return 4; }", "4"),
    ],
)
def test_the_code_of_a_block(body: str, code: str) -> None:
    assert code_of(body) == code


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("route(NEG)", False),
        ("route(POS)", True),
        ("!route(NEG)", True),
        ("!f()", True),
        ("-3", False),
        ("!-3", False),
        ("-1 && 1", True),
        ("0 || 0", False),
        ("f() || t()", True),
        ("t() && f()", False),
        ('"5" == 5', True),
        ('"05" == 5', False),
        ('"abc" == 0', False),
        ('$var(i) == "5"', True),
        ('$var(i) == "05"', True),
        ("$var(s) == 5", False),
        ("$avp(never) == 0", True),
        ('$avp(never) == ""', True),
        ("$avp(never) == $null", True),
        ("$var(never) == $null", False),
        ("$avp(never) < 5", True),
        ("$avp(never) > -1", True),
        ('$avp(never) != "abc"', True),
        ("$avp(never) != 5", True),
        ('$avp(never) =~ "^$"', True),
        ('$rm == "OPTIONS"', True),
        ('$rm == "options"', False),
        ('$rm =~ "^opt"', True),
        ('$rm =~ "x"', False),
        ("method == OPTIONS", True),
        ('method =~ "INV"', False),
        ("is_method == 1", False),
        ("$rm == 512", False),
        ("$var(x) < 1", True),
        ("defined $avp(x)", False),
        ("defined $var(never)", True),
        ("strempty($avp(x))", True),
        ('strlen("abc") == 3', True),
        ("src_ip == 192.0.2.0/24", True),
        ("src_ip == 10.0.0.0/8", False),
        ("proto == UDP", True),
        ("af == INET", True),
        ("af == INET6", False),
        ("route(NEG) == -3", False),
        ("f() == 0", True),
        ("route(POS) == 1", True),
        ("1 || 1 && 0", True),
        ("(0 == 1) < 2", True),
        ("6 & 4 == 4", False),
    ],
)
def test_conditions(condition: str, wanted: bool) -> None:
    made = notes(
        'request_route { $var(i) = 5; $var(s) = "abc"; if (' + condition + ') note("then"); '
        'else note("else"); }\nroute[NEG] { return -3; } route[POS] { return 5; }'
    )
    assert made == ["then" if wanted else "else"]


@pytest.mark.parametrize(
    ("condition", "wanted"),
    [
        ("f()", True),
        ("!f()", False),
        ("f() > 0", False),
        ("t() > 0", True),
        ("f() < 0", True),
        ("t() < 0", False),
        ("route(NEG) == -3", True),
        ("route(NEG) > 0", False),
        ("route(NEG) < 0", True),
        ("route(POS) == 5", True),
        ("route(BROKEN)", False),
        ("route(BROKEN) < 0", False),
        ("route(BROKEN) == 0", True),
        ("!route(BROKEN)", True),
        ("t() > 0 && f() < 0", True),
        ("f() > 0 || t() < 0", False),
        ("f() && t()", True),
        ("f() == -1", True),
        ("-3", True),
        ("0", False),
        ("$var(i) - 5", False),
        ("selval(f(), 1, 0)", True),
        ("is_request() > 0", True),
        ("is_request() < 0", False),
    ],
)
def test_with_return_mode_1_a_call_is_its_code(condition: str, wanted: bool) -> None:
    made = notes(
        'return_mode=1\nloadmodule "siputils.so"\nrequest_route { $var(i) = 5; if ('
        + condition
        + ') note("then"); else note("else"); }\n'
        "route[NEG] { return -3; } route[POS] { return 5; } route[BROKEN] { break; }"
    )
    assert made == ["then" if wanted else "else"]


@pytest.mark.parametrize(
    ("body", "code"),
    [("return f();", "-1"), ("return route(NEG);", "-7"), ("while (f()) { return 3; }", "3"),
     ("$var(x) = route(NEG); return $var(x) - 1;", "-8"),
     ("if (route(END) > 0) { t(); }", "ends"), ("if (route(END)) { t(); }", "ends"),
     ("if (route(END) < 0 || t() > 0) { t(); }", "ends")],
)  # fmt: skip
def test_the_code_of_a_block_with_return_mode_1(body: str, code: str) -> None:
    made = notes(
        'return_mode=1\nrequest_route { route(X); note("$rc"); }\nroute[X] { ' + body + " }\n"
        "route[NEG] { return -7; } route[END] { exit; }"
    )
    assert (made[-1] if made else "ends") == code


def test_with_return_mode_1_a_call_alone_as_a_condition_is_told() -> None:
    text = 'loadmodule "probe.so"\nrequest_route { if (f()) t(); if (f() > 0) t(); }\n'
    told = []
    for mode in ("", "return_mode=1\n"):
        diagnostics = Diagnostics()
        compile_script(parse(SourceFile("test.cfg", mode + text)), Catalog(), diagnostics)
        told.append([each.code for each in diagnostics])
    assert told == [[], ["always-true"]]


@pytest.mark.parametrize(
    "condition",
    [
        "0 || (route(END) && t()) || late()",
        "route(END) > 5 || late()",
        "route(END) == 0 && late()",
        "!(route(END) || 0) || late()",
        "!(route(END) && 0) && late()",
    ],
)
def test_nothing_more_of_a_condition_runs_once_the_script_has_ended(condition: str) -> None:
    for mode in ("", "return_mode=1\n"):
        made = notes(
            mode + 'request_route { note("first"); if (' + condition.replace(
                "late()", 'note("late")') + ') note("then"); note("after"); }'
            " route[END] { exit; }"
        )  # fmt: skip
        assert made == ["first"]


@pytest.mark.parametrize(
    "expression",
    [
        "route(END) + late()",
        "1 + route(END) * late()",
        "route(ONE) + route(END) + late() - late()",
        "route(END) == late()",
        '"a" + (str)route(END) + (str)late()',
        "(route(ONE) || late()) + route(END) + late()",
        "route(END) + (0 || late())",
        "route(END) + (late() && late())",
        "(route(END) || late()) + late()",
        "((1 && route(END)) + late() > 1) || late()",
        "selval(route(END) > 0, late(), late())",
        "selval(1 == 1, route(END), 1) + late()",
        "route(END) < late()",
        "!(route(END) + late())",
        "strlen((str)route(END)) + late()",
    ],
)
def test_nothing_more_of_an_expression_runs_once_the_script_has_ended(expression: str) -> None:
    expression = expression.replace("late()", 'note("late")')
    for mode in ("", "return_mode=1\n"):
        for statement in ("$var(x) = {};", "if ({}) {{ t(); }}", "while ({}) {{ t(); }}",
                          "return {};", "switch ({}) {{ case 1: t(); }}"):  # fmt: skip
            made = notes(
                f'{mode}request_route {{ note("first"); {statement.format(expression)}'
                ' note("after"); } route[END] { exit; } route[ONE] { return 1; }'
            )
            assert made == ["first"]


def test_what_runs_in_an_expression_as_long_as_no_call_ends_the_script() -> None:
    made = notes(
        'request_route { $var(x) = (note("a") || note("b")) + note("c") + (note("d") && note("e"))'
        ' + selval(note("f") > 5, note("g"), note("h")); note("$var(x)"); }'
    )
    assert made == ["a", "c", "d", "e", "f", "h", "4"]


def test_a_long_sum_of_calls() -> None:
    calls = " + ".join(["t()"] * 50)
    assert notes(f'request_route {{ $var(x) = {calls}; note("$var(x)"); }}') == ["50"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("2147483647 + 1", "-2147483648"),
        ("4294967296", "0"),
        ("1 << 31", "-2147483648"),
        ("1 << 32", "1"),
        ("-7 / 2", "-3"),
        ("-7 mod 3", "-1"),
        ("0x1F", "31"),
        ("3 + $var(s)", "8"),
        ('"5" + 3', "53"),
        ('"x" + 1 + 2', "x12"),
        ("$avp(never) + 1", "1"),
        ('$avp(never) + "x"', "x"),
        ('"x" + $avp(never)', "x"),
        ('"x" + $var(never)', "x0"),
        ("f()", "-1"),
        ("f() + 0", "-1"),
        ("-route(POS)", "-1"),
        ("!f()", "1"),
        ("1 && 2", "1"),
        ("2 + 3 * 4", "14"),
        ("10 mod 4 * 3", "6"),
        ("!0 + 1", "2"),
        ("2 << 1 == 4", "2"),
        ("1 ^ 1 << 1", "3"),
        ('(int)"12"', "12"),
        ('(int)"12abc"', "0"),
        ("(str)$var(i) + 1", "51"),
        ('"a$rm"', "a$rm"),
        ('"a\\tb"', "a\tb"),
        ('"a" "b"', "ab"),
        ("yes", "1"),
        ("$avp(never)", "0"),
        ("5 / 0", "unchanged"),
    ],
)
def test_values(expression: str, value: str) -> None:
    made = notes(
        'request_route { $var(i) = 5; $var(s) = "5"; $var(x) = "unchanged"; '
        "$var(x) = " + expression + '; note("$var(x)"); }\nroute[POS] { return 5; }'
    )
    assert made == [value]


@pytest.mark.parametrize(
    ("subject", "wanted"),
    [("1", ["one"]), ("2", ["two or three"]), ("3", ["two or three"]), ("4", ["four", "other"]),
     ("9", ["other"])],
)  # fmt: skip
def test_switch_falls_through_to_the_next_case(subject: str, wanted: list[str]) -> None:
    made = notes(
        "request_route { switch (" + subject + ') { case 1: note("one"); break; '
        'case 2: case 3: note("two or three"); break; case 4: note("four"); '
        'default: note("other"); } }'
    )
    assert made == wanted


def test_switch_on_text_and_patterns() -> None:
    made = notes(
        'request_route { $var(s) = "hello"; switch ($var(s)) { case "HELLO": note("no"); break; '
        'case /"^hel": note("pattern"); break; case "hello": note("late"); } '
        'switch ($rm) { case "OPTIONS": note("options"); } }'
    )
    assert made == ["pattern", "options"]


def test_a_switch_with_1000_cases() -> None:
    """Of numbers and of texts, with a fall through here and there, and with a pattern."""
    for label, pattern in ((str, ""), ('"u{}"'.format, ""), ('"u{}"'.format, 'case /"^x": ;')):
        cases = "".join(
            f'case {label(i)}: note("{i}"); ' + ("" if i % 10 == 3 else "break; ")
            for i in range(1000)
        )
        text = "switch ($var(x)) { " + cases + pattern + ' default: note("default"); }'
        for subject, wanted in ((0, ["0"]), (13, ["13", "14"]), (999, ["999"])):
            assert notes(
                f'request_route {{ $var(x) = {label(subject)}; {text} note("end"); }}'
            ) == [*wanted, "end"]
        assert notes(f"request_route {{ $var(x) = -1; {text} }}") == ["default"]


def test_a_switch_that_falls_through_all_of_1000_cases() -> None:
    cases = "".join(f'case {i}: note("{i}"); ' for i in range(1000))
    made = notes("request_route { switch ($var(x)) { " + cases + " } }")
    assert made == [str(i) for i in range(1000)]


@pytest.mark.parametrize("count", [1, 20, 21, 1000])
def test_a_long_chain_of_else_ifs(count: int) -> None:
    chain = " else ".join(f'if ($var(x) == {i}) {{ note("{i}"); }}' for i in range(count))
    for subject in (0, count - 1, count):
        text = f"request_route {{ $var(x) = {subject}; {chain}"
        wanted = [str(subject)] if subject < count else []
        assert notes(text + ' note("end"); }') == [*wanted, "end"]
        assert notes(text + ' else { note("else"); } }') == (wanted or ["else"])


def test_a_long_chain_keeps_codes_breaks_and_ends() -> None:
    chain = " else ".join(f"if ($var(x) == {i}) {{ f(); }}" for i in range(30))
    assert code_of(f"$var(x) = 29; {chain}") == "-1"
    assert code_of(f"$var(x) = 30; f(); {chain}") == "1"
    assert code_of(f"if (0) {{ t(); }} else if (route(END)) {{ t(); }} else {chain}") == "ends"
    made = notes(
        "request_route { while ($var(x) < 30) { $var(x) = $var(x) + 1; "
        f'{chain} else if ($var(x) == 40) {{ t(); }} else {{ note("out"); break; }} }}'
        ' note("$var(x)"); }'
    )
    assert made == ["out", "30"]


def test_a_while_in_a_switch_keeps_its_own_breaks() -> None:
    made = notes(
        "request_route { while ($var(i) < 3) { $var(i) = $var(i) + 1; "
        'switch ($var(i)) { case 2: break; default: note("$var(i)"); } } note("end"); }'
    )
    assert made == ["1", "3", "end"]


def test_a_runaway_while_ends_after_100_rounds(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "sipway.script"):
        made = notes('request_route { while (1) { $var(i) = $var(i) + 1; } note("$var(i)"); }')
    assert made == ["100"]
    assert "test.cfg:2" in caplog.text


def test_routes_nest_256_deep_and_the_script_goes_on() -> None:
    made = notes(
        'request_route { route(R); note("$var(n)"); } route[R] { $var(n) = $var(n) + 1; route(R); }'
    )
    assert made == ["256"]


def test_a_computed_route() -> None:
    made = notes(
        'request_route { $var(r) = "A_" + $rm; route($var(r)); note("$rc"); '
        'if (route("NO_" + $rm)) note("yes"); else note("no"); }'
        ' route[A_OPTIONS] { note("in"); return 3; }'
    )
    assert made == ["in", "3", "no"]


def test_vars_are_fresh_for_each_message() -> None:
    result = compiled('request_route { $var(x) = $var(x) + 1; note("$var(x)"); }')
    block = result.load()[BlockKind.REQUEST, None]
    for _ in range(2):
        ctx = Notes(len(result.variable_slots))
        block(ctx)
        assert ctx.notes == ["1"]


def test_the_name_of_a_var_is_never_computed() -> None:
    assert notes(
        'request_route { $var(n) = "m"; $var($n) = 5; $var(m) = 7; note("$var($n) $var(m)"); }'
    ) == ["5 7"]


def test_drop_is_seen_by_the_engine() -> None:
    result = compiled("request_route { if (t()) { drop; } }")
    ctx = Notes(0)
    assert result.load()[BlockKind.REQUEST, None](ctx) == 0
    assert ctx.dropped


def test_an_argument_that_cannot_be_converted_counts_as_false() -> None:
    made = notes(
        'request_route { $var(x) = "abc"; number($var(x)); note("$rc"); number("5"); note("$rc"); }'
    )
    assert made == ["-1", "5"]


@pytest.mark.parametrize(
    ("argument", "wanted"),
    [('"a" + $rm', "aOPTIONS"), ('"a $rm" + "b"', None), ('"$rm" + "-" + $var(n)', "OPTIONS-0"),
     ("$var(n) + 1", "1"), ("1 + 2", "3"), ("-1", "-1"), ('$rm == "OPTIONS"', "1"),
     ('selval($rm == "INVITE", "$rm", "no $rm")', "no OPTIONS"), ('$var(d) + "x"', "$rmx")],
)  # fmt: skip
def test_an_expression_as_an_argument(argument: str, wanted: str | None) -> None:
    text = 'request_route { $var(d) = "$" + "rm"; note(' + argument + "); }"
    if wanted is None:  # texts are joined before variables in them are looked for
        assert [(each.code, each.span.line) for each in told(text)] == [("unknown-variable", 2)]
    else:
        assert notes(text) == [wanted]


@pytest.mark.parametrize(
    ("call", "code", "part"),
    [
        ('setflag("a" + $rm)', "wrong-argument", "a flag from 0 to 31"),
        ("setflag(30 + 2)", "wrong-argument", "not 32"),
        ("setflag(-1)", "wrong-argument", "not -1"),
        ("strip(-1)", "wrong-argument", "cannot be -1"),
        ("strip($var(x) + 1)", "constant-wanted", "known when the script is read"),
        ('note("x" + f())', "call-in-argument", "in the argument of another"),
        ("note(route(X))", "call-in-argument", "in the argument of another"),
        ("number(1 + route(X))", "call-in-argument", "in the argument of another"),
        ('number("a" + "b")', "wrong-argument", "a number"),
        ('note(-"a")', "wrong-type", "cannot be used as a number"),
    ],
)
def test_expressions_that_no_argument_can_be(call: str, code: str, part: str) -> None:
    found = told("request_route {\n  " + call + ";\n}\nroute[X] { return; }")
    assert [(each.code, each.span.line) for each in found] == [(code, 3)]
    assert part in found[0].message


@pytest.mark.parametrize("operand", ["src_port", "dst_port", "proto", "af", "msg:len"])
def test_a_number_matches_no_pattern(operand: str) -> None:
    found = told(f'request_route {{ if ({operand} =~ "5") exit; }}')
    assert [each.code for each in found] == ["wrong-type"]


@pytest.mark.parametrize(
    "operand", ["snd_ip", "snd_port", "snd_proto", "snd_af", "to_ip", "to_port"]
)
def test_what_is_sent_is_known_in_onsend_route_only(operand: str) -> None:
    test = f"if ({operand} == 1) exit;"
    found = told(f"request_route {{ {test} }} onsend_route {{ {test} route(A); }}"
                 f" route[A] {{ {test} }}")  # fmt: skip
    assert [(each.code, each.span.start) for each in found if each.code != "unused-block"] == [
        ("wrong-block", len('loadmodule "probe.so"\nrequest_route { if ('))
    ]


def test_constant_expressions_count_as_constants() -> None:
    compiled("request_route { setflag(1 + 2); strip(1 + 1); number(-1); }")


def told(text: str) -> list[Diagnostic]:
    """What is wrong with a script."""
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("test.cfg", 'loadmodule "probe.so"\n' + text))
    compile_script(parsed, Catalog(), diagnostics)
    return [*parsed.diagnostics, *diagnostics]


def test_a_traceback_shows_the_lines_of_the_script() -> None:
    result = compiled("request_route {\n    route(INNER);\n}\nroute[INNER] {\n    broken();\n}\n")
    with pytest.raises(RuntimeError) as caught:
        result.load()[BlockKind.REQUEST, None](Notes(0))
    frames = [
        (frame.filename, frame.lineno, frame.name)
        for frame in traceback.extract_tb(caught.tb)
        if frame.filename == "test.cfg"
    ]
    assert frames == [("test.cfg", 3, "request_route"), ("test.cfg", 6, "route_INNER")]


def test_a_route_that_can_wait_is_a_coroutine_function() -> None:
    import inspect

    waiting = Module("waiting")

    @waiting.function("wait", may_wait=True)
    async def wait(ctx: Any) -> int:
        return 1

    class WithWaiting(ModuleCatalog):
        def load(self, name: str) -> Module | None:
            return {"waiting": waiting, "probe": probe}.get(name) or super().load(name)

    text = (
        'loadmodule "probe.so"\nloadmodule "waiting.so"\n'
        'request_route { if (route(A)) note("on"); }\n'
        "route[A] { wait(); }\nroute[B] { t(); }\n"
    )
    result = compile_script(parse(SourceFile("w.cfg", text)), WithWaiting(), Diagnostics())
    assert result is not None
    blocks = result.load()
    assert inspect.iscoroutinefunction(blocks[BlockKind.REQUEST, None])
    assert inspect.iscoroutinefunction(blocks[BlockKind.ROUTE, "A"])
    assert not inspect.iscoroutinefunction(blocks[BlockKind.ROUTE, "B"])
    ctx = Notes(0)
    with pytest.raises(StopIteration):
        blocks[BlockKind.REQUEST, None](ctx).send(None)
    assert ctx.notes == ["on"]


def test_a_function_waits_where_a_parameter_says_so() -> None:
    import inspect

    asking = Module("asking")
    asking.param("mode", int, 0)

    @asking.function("ask", test="ctx.asked")
    def ask(ctx: Any, what: str, more: int = 0) -> int:
        return 1

    @asking.waiting("ask", parameter=("asking", "mode"), value=3)
    async def ask_and_wait(ctx: Any, what: str, more: int = 0) -> int:
        return -1 if what == "no" else 1

    class WithAsking(ModuleCatalog):
        def load(self, name: str) -> Module | None:
            return {"asking": asking, "probe": probe}.get(name) or super().load(name)

    def blocks(head: str) -> Any:
        text = (
            f'loadmodule "probe.so"\nloadmodule "asking.so"\n'
            'request_route { if (ask("yes")) note("yes"); if (!ask("no")) note("no"); }\n'
            f"route[A] {{ t(); }}\n{head}\n"
        )
        result = compile_script(
            parse(SourceFile("w.cfg", text)), WithAsking(), diagnostics := Diagnostics()
        )
        assert result is not None, diagnostics.errors
        return stored(result, WithAsking()).load()

    for head in ("", 'modparam("asking", "mode", 1)'):
        assert not inspect.iscoroutinefunction(blocks(head)[BlockKind.REQUEST, None])
    found = blocks('modparam("asking", "mode", 3)')  # though it stands behind the block
    assert inspect.iscoroutinefunction(found[BlockKind.REQUEST, None])
    assert not inspect.iscoroutinefunction(found[BlockKind.ROUTE, "A"])
    ctx = Notes(0)
    with pytest.raises(StopIteration):
        found[BlockKind.REQUEST, None](ctx).send(None)
    assert ctx.notes == ["yes", "no"]


def test_a_function_takes_the_same_arguments_where_it_waits() -> None:
    asking = Module("asking")

    @asking.function("ask")
    def ask(ctx: Any, what: str) -> int:
        return 1

    with pytest.raises(TypeError, match=r"ask\(\) takes other arguments where it waits"):

        @asking.waiting("ask", parameter=("asking", "mode"), value=3)
        async def ask_and_wait(ctx: Any, what: str, more: int = 0) -> int:
            return 1


def test_routes_that_can_reach_themselves() -> None:
    """Compared with looking from each route for itself, on graphs made at random."""

    def by_search(calls: dict[BlockKey, set[str]]) -> set[str]:
        found = set()
        for kind, name in calls:
            pending, seen = [(kind, name)], set[str]()
            while pending:
                for other in calls.get(pending.pop(), ()):
                    if other not in seen:
                        seen.add(other)
                        pending.append((BlockKind.ROUTE, other))
            if kind is BlockKind.ROUTE and name in seen:
                found.add(str(name))
        return found

    source = random.Random(7)
    for _ in range(500):
        size = source.randint(1, 12)
        calls: dict[BlockKey, set[str]] = {(BlockKind.REQUEST, None): {"0"}}
        for number in range(size):
            count = source.choice((0, 1, 1, 2, 3))
            called = {str(source.randrange(size + 1)) for _ in range(count)}
            calls[BlockKind.ROUTE, str(number)] = called
        assert _recursive(calls) == by_search(calls)


# --- the top level ------------------------------------------------------------------------


def test_a_second_block_without_a_name_goes_on_where_the_first_ends() -> None:
    text = 'request_route { note("a"); }\nroute { note("b"); }\nrequest_route { note("c"); }\n'
    assert notes(text) == ["a", "b", "c"]
    assert notes(text.replace('"a");', '"a"); exit;')) == ["a"]


def test_blocks_for_replies_without_a_name_are_one() -> None:
    script = compiled("reply_route { f(); }\nonreply_route { t(); }\nonreply_route[X] { t(); }\n")
    assert set(script.names) == {(BlockKind.REPLY, None), (BlockKind.ONREPLY, "X")}


def test_flags_by_name() -> None:
    made = notes(
        """flags A:1, B, C:0, D;
        request_route {
            setflag(A); setflag("B"); resetflag(C);
            if (isflagset(1)) note("A is 1");
            if (isflagset(B)) note("B is set");
            setflag(D);
            if (isflagset(2)) note("D is 2");
        }"""
    )
    assert made == ["A is 1", "D is 2"]


def test_def_of_what_has_no_value_is_an_empty_text() -> None:
    text = '#!define A\nrequest_route { note("[$def(A)] [$def(B)]"); }'
    assert notes(text) == ["[] [<null>]"]


def test_modparamx_and_loadmodulex_have_the_values_of_their_place() -> None:
    text = """#!define M xlog
    loadmodulex "$def(M).so"
    #!redefine M sl
    loadmodulex("$def(M)")
    #!define CODE 404
    modparamx("$def(M)", "default_code", $defn(CODE))
    #!redefine M nothing
    #!ifdef MOD_sl
    request_route { exit; }
    #!endif
    """
    script = compiled(text)
    assert script.modules == ("probe", "xlog", "sl")
    assert script.module_parameters["sl", "default_code"] == 404
    assert set(script.names) == {(BlockKind.REQUEST, None)}


def test_sockets_reach_the_server_with_all_that_they_say() -> None:
    script = compiled(
        """listen=udp:10.0.0.1:5060 advertise 192.0.2.1:5070 name "a" virtual
        socket = { bind = udp:10.0.0.2:5060-5061; name = "b"; }
        request_route { exit; }"""
    )
    assert [(i.host, i.port, i.advertise, i.name, i.virtual) for i in script.listen] == [
        ("10.0.0.1", 5060, ("192.0.2.1", 5070), "a", True),
        ("10.0.0.2", 5060, None, "b5060", False),
        ("10.0.0.2", 5061, None, "b5061", False),
    ]
