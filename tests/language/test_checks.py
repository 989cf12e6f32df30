"""What the check of a script says of names and arguments: one mistake, one message, one hint."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from sipway.core.loader import ModuleCatalog
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostic, Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile

_LOADED = ("sl", "xlog", "pv", "textops")
_HEAD = "".join(f'loadmodule "{name}.so"\n' for name in _LOADED)
_FIRST = len(_LOADED) + 1
_catalog = ModuleCatalog()


def found(script: str) -> list[Diagnostic]:
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("test.cfg", _HEAD + script))
    diagnostics.extend(parsed.diagnostics)
    if not diagnostics.errors:
        compile_script(parsed, _catalog, diagnostics)
    return diagnostics.sorted()


@dataclass(frozen=True, slots=True)
class Mistake:
    """`marked` is the text under the caret; `message` and `hint` stand in what is said."""

    script: str
    code: str
    marked: str
    message: str
    hint: str = ""


def _in_route(statement: str) -> str:
    return f"request_route {{\n    {statement}\n}}\n"


MISTAKES = [
    Mistake(_in_route("sl_send_repl(1, 2);"), "unknown-function", "sl_send_repl",
            "there is no function sl_send_repl()", "did you mean sl_send_reply?"),
    Mistake(_in_route("xyzzy();"), "unknown-function", "xyzzy", "there is no function xyzzy()"),
    Mistake(_in_route("has_totag();"), "module-not-loaded", "has_totag",
            "has_totag() belongs to the module siputils, which is not loaded",
            'loadmodule "siputils.so"'),
    Mistake(_in_route('xlog("$rmm");'), "unknown-variable", "$rmm",
            "there is no variable $rmm", "$rm"),
    Mistake(_in_route('xlog("$(ru{s.leng})");'), "unknown-transformation", "{s.leng}",
            "there is no transformation {s.leng}", "s.len"),
    Mistake(_in_route("route(WRLD);") + "route[WORLD] { exit; }\n", "unknown-route", "WRLD",
            "there is no route[WRLD]", "did you mean WORLD?"),
    Mistake('loadmodule "siputil.so"\n' + _in_route("exit;"), "unknown-module",
            'loadmodule "siputil.so"',
            "there is no module siputil", "siputils"),
    Mistake('loadmodule "im.so"\n' + _in_route("exit;"), "module-not-here", 'loadmodule "im.so"',
            "the module im of Kamailio is not part of sipway yet"),
    Mistake("chldren=4\n" + _in_route("exit;"), "unknown-parameter", "chldren",
            "there is no core parameter chldren", "did you mean children?"),
    Mistake('modparam("sl", "default_cod", 1)\n' + _in_route("exit;"), "unknown-parameter",
            '"default_cod"', "the module sl has no parameter default_cod", "default_code"),
    Mistake('modparam("maxfwd", "max_limit", 1)\n' + _in_route("exit;"), "module-not-loaded",
            '"maxfwd"', "the module maxfwd is not loaded", 'loadmodule "maxfwd.so"'),
    Mistake('modparam("sl", "default_code", "x")\n' + _in_route("exit;"), "wrong-type", '"x"',
            "default_code takes a number, not a text", "without quotes"),
    Mistake(_in_route('sl_send_reply("200");'), "wrong-arguments", 'sl_send_reply("200")',
            "sl_send_reply() takes 2 arguments, only 1 is given"),
    Mistake(_in_route('sl_send_reply("200", "OK", 1);'), "wrong-arguments",
            'sl_send_reply("200", "OK", 1)', "takes 2 arguments, 3 are given"),
    Mistake(_in_route('sl_send_reply("abc", "OK");'), "wrong-argument", '"abc"',
            '"abc" is not a status code'),
    Mistake(_in_route('xlog("L_FOO", "x");'), "wrong-argument", '"L_FOO"', "a log level"),
    Mistake(_in_route("setflag(99);"), "wrong-argument", "99", "a flag is a number from 0 to 31"),
    Mistake(_in_route("exit;") + 'reply_route {\n    sl_send_reply("200", "OK");\n}\n',
            "wrong-block", "sl_send_reply", "sl_send_reply() cannot be called here"),
    Mistake(_in_route("$rm = 1;"), "read-only", "$rm", "$rm cannot be assigned to"),
    Mistake(_in_route('if ($rm =~ "a(") { exit; }'), "wrong-regex", '"a("', "regular expression"),
    Mistake("flags CALL:1\n" + _in_route("setflag(CAL);"), "unknown-flag", "CAL);",
            "there is no flag CAL", "did you mean CALL?"),
    Mistake(_in_route('isflagset("FLAG");'), "unknown-flag", '"FLAG"',
            "there is no flag FLAG", "#!define FLAG with a number"),
    Mistake("avpflags F\n" + _in_route("setflag(F);"), "unknown-flag", "F);",
            "there is no flag F"),
    Mistake("flags A:32\n" + _in_route("exit;"), "wrong-flag", "A:32",
            "a flag is a number from 0 to 31, not 32"),
    Mistake("flags A, B, A\n" + _in_route("exit;"), "duplicate-flag", "A",
            "there is a flag A already"),
    Mistake("flags " + ", ".join(f"F{n}" for n in range(33)) + "\n" + _in_route("exit;"),
            "wrong-flag", "F32", "there are 32 flags, and all have names already"),
    Mistake("flags A:2, B:2\n" + _in_route("exit;"), "same-flag", "B:2",
            "B is the same flag as A, 2"),
    Mistake("a.b=1\na.b=2\n" + _in_route("exit;"), "duplicate-parameter", "a.b=2",
            "there is a parameter a.b already"),
    Mistake("a[5].b=1\n" + _in_route("exit;"), "unknown-parameter", "a[5].b",
            "there is no parameter a.b that this could be another value of"),
    Mistake('socket = { bind = lo; vrf = "v"; }\n' + _in_route("exit;"), "not-here", "socket",
            "VRF is not part of sipway yet"),
    Mistake('loadmodule "sl"\n' + _in_route("exit;"), "loaded-twice", 'loadmodule "sl"',
            "the module sl is loaded already"),
    Mistake(_in_route("exit;") + "request_route { exit; }\n", "joined-block", "request_route {",
            "this request_route goes on where the one before ends"),
    Mistake(_in_route("exit;") + "route[0] { exit; }\n", "duplicate-block", "route[0]",
            "there is a request_route already"),
    Mistake('cfgengine "python"\n' + _in_route("exit;"), "wrong-value", '"python"',
            'routes written for "python" cannot be run'),
    Mistake('modparam("(", "default_code", 1)\n' + _in_route("exit;"), "wrong-value", '"("',
            '"(" is not a regular expression'),
    Mistake('modparam("sl|nope", "default_cod", 1)\n' + _in_route("exit;"), "unknown-parameter",
            '"default_cod"', "the module sl has no parameter default_cod"),
    Mistake("debug=yes\nlisten=udp:1.2.3.4:99999\n" + _in_route("exit;"), "", "", "99999"),
]  # fmt: skip


@pytest.mark.parametrize("mistake", MISTAKES, ids=[each.message[:50] for each in MISTAKES])
def test_one_mistake_one_message(mistake: Mistake) -> None:
    (diagnostic,) = found(mistake.script)
    assert mistake.message in diagnostic.message
    assert mistake.hint in (diagnostic.hint or "")
    if mistake.code:
        assert diagnostic.code == mistake.code
    if mistake.marked:
        lines = (_HEAD + mistake.script).splitlines()
        span = diagnostic.span
        assert lines[span.line - 1][span.column - 1 :].startswith(mistake.marked)


def test_all_mistakes_are_said_in_one_go() -> None:
    script = """request_route {
    xlogg("a");
    sl_send_reply("200");
    xlog("$nothing");
    route(NOWHERE);
    has_totag();
    xlogg("again");
}
"""
    said = [(each.span.line - _FIRST + 1, each.code) for each in found(script)]
    assert said == [
        (2, "unknown-function"),
        (3, "wrong-arguments"),
        (4, "unknown-variable"),
        (5, "unknown-route"),
        (6, "module-not-loaded"),
    ]


def test_what_a_missing_module_would_have_brought_is_said_once() -> None:
    """The modules that are not there are named; their functions are not held against the script."""
    script = """loadmodule "dialog.so"
loadmodule "presence.so"
request_route {
    dlg_manage();
    if (is_known_dlg()) { exit; }
    dlg_manage();
    xlog("$dlg(callid) $nothing");
    unknown_function();
    evapi_close();
}
modparam("dialog", "default_timeout", 3000)
modparam("dialog|presence", "db_mode", 3000)
modparam("dialog", "default_timeoot", 3000)
"""
    said = [(each.code, each.hint or "") for each in found(script)]
    assert [code for code, _ in said] == [
        "module-not-here",
        "module-not-here",
        "unknown-variable",
        "unknown-function",
        "module-not-loaded",
        "unknown-parameter",
    ]
    assert said[4][1] == "sipway does not have the module evapi yet"
    assert said[5][1] == "did you mean default_timeout?"


def test_what_a_module_of_ours_lacks_is_said_as_such() -> None:
    script = """modparam("textops", "no_such_thing", 1)
request_route {
    has_to_tagg();
}
"""
    assert [each.code for each in found(script)] == ["unknown-parameter", "unknown-function"]


def test_what_several_modules_have_belongs_to_the_one_with_the_plain_name() -> None:
    (mistake,) = found(_in_route('lookup("location");'))
    assert mistake.code == "module-not-loaded"
    assert mistake.message.startswith("lookup() belongs to the module registrar")


@pytest.mark.parametrize(
    "script",
    [
        'modparam("SL", "default_code", 404)\n',
        'modparam("s.", "default_code", 404)\n',
        'modparam("sl|nope|pv", "default_code", 404)\n',
        'modparamx("$def(M)", "default_code", $defn(N))\n',
        'loadmodule("sl", "o")\n',
        "a.b=1\na.c=1\n",
        'coreparam[random_engine] = "fast"\ncoreparam[timer_sanity_check]=1\n',
        'socket = { bind = udp:lo:5060; workers = 4; agname = "g"; virtual = yes; }\n',
    ],
)
def test_settings_that_are_fine(script: str) -> None:
    define = "#!define M sl\n#!define N 404\n"
    assert not found(define + script + _in_route("exit;"))
