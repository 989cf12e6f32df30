"""Script text to syntax tree, and what counts as valid: settled with Kamailio 5.6.3."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipway.language.diagnostics import render_text
from sipway.language.nodes import (
    Assign,
    Binary,
    Block,
    BlockKind,
    Break,
    Call,
    Case,
    CustomParameter,
    Drop,
    Exit,
    Expression,
    ExpressionStatement,
    FlagsDeclaration,
    If,
    Listen,
    LoadModule,
    MessageLength,
    ModParam,
    Name,
    Network,
    Number,
    Parameter,
    Regex,
    Return,
    RouteCall,
    RoutingBlock,
    Select,
    Statement,
    String,
    Switch,
    TopLevel,
    Unary,
    Variable,
    While,
)
from sipway.language.parser import ParseResult, parse, parse_file
from sipway.language.source import SourceFile


def read(text: str, **defines: str | None) -> ParseResult:
    return parse(SourceFile("test.cfg", text), defines)


def items(text: str) -> tuple[TopLevel, ...]:
    result = read(text)
    assert not len(result.diagnostics), render_text(result.diagnostics)
    return result.script.items


def statements(body: str) -> tuple[Statement, ...]:
    (block,) = items("request_route {\n" + body + "\n}")
    assert isinstance(block, RoutingBlock)
    return block.body.statements


def statement(body: str) -> Statement:
    (found,) = statements(body)
    return found


def expression(text: str) -> Expression:
    found = statement(f"$var(x) = {text};")
    assert isinstance(found, Assign)
    return found.value


def shape(node: Expression) -> str:
    """An expression with all its parentheses."""
    if isinstance(node, Binary):
        return f"({shape(node.left)} {node.operator} {shape(node.right)})"
    if isinstance(node, Unary):
        return f"({node.operator} {shape(node.operand)})"
    if isinstance(node, Number):
        return str(node.value)
    if isinstance(node, String):
        return repr(node.value)
    if isinstance(node, Variable):
        return node.spec.text
    if isinstance(node, Call):
        return f"{node.name}({', '.join(map(shape, node.arguments))})"
    if isinstance(node, RouteCall):
        return f"route({shape(node.target)})"
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Network):
        return node.text
    if isinstance(node, Select):
        return f"@{node.path}"
    if isinstance(node, MessageLength):
        return "msg:len"
    raise AssertionError(node)


# --- expressions --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 || 1 && 0", "(1 || (1 && 0))"),
        ("1 or 1 and 0", "(1 || (1 && 0))"),
        ("0 && 1 | 1", "(0 && (1 | 1))"),
        ("1 | 1 & 1", "(1 | (1 & 1))"),
        ("0 & 0 ^ 1", "(0 & (0 ^ 1))"),
        ("1 ^ 1 << 1", "(1 ^ (1 << 1))"),
        ("2 << 1 == 4", "(2 << (1 == 4))"),
        ("6 & 4 == 4", "(6 & (4 == 4))"),
        ("0 == 1 < 2", "(0 == (1 < 2))"),
        ("1 << 1 < 1", "(1 << (1 < 1))"),
        ("1 < 1 + 1", "(1 < (1 + 1))"),
        ("2 + 3 * 4", "(2 + (3 * 4))"),
        ("10 mod 4 * 3", "((10 % 4) * 3)"),
        ("10 - 4 - 3", "((10 - 4) - 3)"),
        ("1 - -1", "(1 - (- 1))"),
        ("$var(x)-1", "($var(x) - 1)"),
        ("!0 + 1", "((! 0) + 1)"),
        ("not $rU == 5", "((! $rU) == 5)"),
        ("!!1", "(! (! 1))"),
        ("~1", "(~ 1)"),
        ("defined $avp(x) && 1", "((defined $avp(x)) && 1)"),
        ("strlen($rU + 1) > 2", "((strlen ($rU + 1)) > 2)"),
        ("!strempty($rU)", "(! (strempty $rU))"),
        ("(int)$rU + 1", "(((int) $rU) + 1)"),
        ('(str) 5 + "a"', "(((str) 5) + 'a')"),
        ('$rm eq "A"', "($rm eq 'A')"),
        ('$rm ne "A"', "($rm ne 'A')"),
        ("5 ieq 6 ine 7", "((5 ieq 6) ine 7)"),
        ('$rU =~ "^a" + "b"', "($rU =~ ('^a' + 'b'))"),
        ("(1 + 2) * 3", "((1 + 2) * 3)"),
        ('is_method("A")', "is_method('A')"),
        ('!route(X) || route("A_" + $rm)', "((! route(X)) || route(('A_' + $rm)))"),
        ("@to.tag", "@to.tag"),
        ('@msg.header["x"]', '@msg.header["x"]'),
        ("@via[1].host", "@via[1].host"),
        ("msg:len + 1", "(msg:len + 1)"),
        ("uri == myself", "(uri == myself)"),
        ("src_ip == 10.0.0.0/8", "(src_ip == 10.0.0.0/8)"),
        ("src_ip == 10.0.0.0/255.0.0.0", "(src_ip == 10.0.0.0/255.0.0.0)"),
        ("src_ip == 2001:db8::1", "(src_ip == 2001:db8::1)"),
        ("src_ip == [2001:db8::]/32", "(src_ip == [2001:db8::]/32)"),
        ("src_ip == ::1", "(src_ip == ::1)"),
        ("src_ip == my-host.example.org", "(src_ip == my-host.example.org)"),
        ("$null == $rU", "($null == $rU)"),
        ("f(uri:host, udp:10.0.0.1:5060)", "f(uri:host, udp:10.0.0.1:5060)"),
        ("f(10.0.0.1:5060, -3, X)", "f(10.0.0.1:5060, (- 3), X)"),
        ("yes + off + true", "((1 + 0) + 1)"),
    ],
)
def test_expressions_group_as_in_kamailio(text: str, expected: str) -> None:
    assert shape(expression(text)) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0), ("5", 5), ("0x1F", 31), ("017", 15), ("2147483647", 2147483647),
        ("2147483648", -2147483648), ("4294967295", -1), ("99999999999", 1215752191),
    ],
)  # fmt: skip
def test_numbers_have_32_bits(text: str, value: int) -> None:
    number = expression(text)
    assert isinstance(number, Number)
    assert number.value == value


@pytest.mark.parametrize(
    ("literal", "value"),
    [
        (r'"a\n\r\t\"\\b"', 'a\n\r\t"\\b'),
        (r'"a\qb\d\.\+"', r"a\qb\d\.\+"),
        (r'"\x41\101"', "AA"),
        (r'"\xc3\xa9"', "é"),
        (r'"\xe9"', "\udce9"),
        (r"'a\n\'", r"a\n" + "\\"),
        ("'say \"hi\"'", 'say "hi"'),
        ('"a" "b"\n "c"', "abc"),
        ('"two\nlines"', "two\nlines"),
        ('\'{\n"a": {\n"b": [1, "x"]\n}\n}\'', '{\n"a": {\n"b": [1, "x"]\n}\n}'),
        ('"# no // comment /* here"', "# no // comment /* here"),
        ('"é 漢"', "é 漢"),
    ],
)
def test_strings(literal: str, value: str) -> None:
    string = expression(literal)
    assert isinstance(string, String)
    assert string.value == value
    assert string.raw == literal.startswith("'")


def test_spans_are_those_of_the_text() -> None:
    text = 'request_route {\n    sl_send_reply("404", $rU + "x");\n}\n'
    (block,) = items(text)
    assert isinstance(block, RoutingBlock)
    (found,) = block.body.statements
    assert isinstance(found, ExpressionStatement)
    call = found.expression
    assert isinstance(call, Call)
    assert (call.span.line, call.span.column) == (2, 5)
    assert call.span.text == 'sl_send_reply("404", $rU + "x")'
    assert call.name_span.text == "sl_send_reply"
    joined = call.arguments[1]
    assert isinstance(joined, Binary)
    assert joined.span.text == '$rU + "x"'
    assert joined.operator_span.text == "+"
    assert block.head.text == "request_route"
    assert (block.span.end_line, block.span.end_column) == (3, 2)


# --- statements ---------------------------------------------------------------------------


def test_if_with_all_its_branches() -> None:
    found = statement('if (a()) { x(); } else if b() { y(); } else if ($rU == "c") z(); else { ; }')
    assert isinstance(found, If)
    assert isinstance(found.condition, Call)
    assert isinstance(found.orelse, Block)
    assert not found.orelse.braces
    (second,) = found.orelse.statements
    assert isinstance(second, If)
    assert isinstance(second.orelse, Block)
    (third,) = second.orelse.statements
    assert isinstance(third, If)
    assert not third.then.braces
    assert third.orelse is not None
    assert third.orelse.braces
    assert third.orelse.statements == ()


def test_an_else_belongs_to_the_inner_if() -> None:
    outer = statement("if (a()) if (b()) x(); else y();")
    assert isinstance(outer, If)
    assert outer.orelse is None
    (inner,) = outer.then.statements
    assert isinstance(inner, If)
    assert inner.orelse is not None


def test_a_condition_needs_no_parentheses() -> None:
    found = statement("if ($var(x)) == 1 && $var(y) { exit; }")
    assert isinstance(found, If)
    assert shape(found.condition) == "(($var(x) == 1) && $var(y))"


def test_switch() -> None:
    found = statement(
        """
        switch ($rU) {
            case "a" "b":
            case -1:
                x();
                break;
            case /"^1":
            case 1 + 1:
            default:
                y();
        }"""
    )
    assert isinstance(found, Switch)
    first, second = found.cases
    assert isinstance(first, Case)
    assert [label and type(label) for label in first.labels] == [String, Unary]
    assert isinstance(first.body.statements[1], Break)
    assert [label and type(label) for label in second.labels] == [Regex, Binary, None]


def test_loops_and_leaving() -> None:
    found = statements(
        """while ($var(i) < 3) $var(i) = $var(i) + 1;
        return; return -1; return(1); return(); return 1 + 2; return f();
        exit; exit(); exit(1); drop; drop(); drop -1; break;"""
    )
    assert isinstance(found[0], While)
    returns = [s for s in found if isinstance(s, Return)]
    assert [r.value and shape(r.value) for r in returns] == [
        None, "(- 1)", "1", None, "(1 + 2)", "f()",
    ]  # fmt: skip
    assert [s.value and shape(s.value) for s in found if isinstance(s, Exit)] == [None, None, "1"]
    assert [s.value and shape(s.value) for s in found if isinstance(s, Drop)] == [
        None, None, "(- 1)",
    ]  # fmt: skip
    assert isinstance(found[-1], Break)


def test_semicolons_that_are_too_many() -> None:
    assert len(statements(";;if (a()) { x(); };; y();;")) == 2


def test_routes_are_called_by_name_number_text_and_variable() -> None:
    found = statements('route(X); route(1); route("A B"); route($var(x)); route(X) ;')
    targets = [
        shape(s.expression.target)
        for s in found
        if isinstance(s, ExpressionStatement) and isinstance(s.expression, RouteCall)
    ]
    assert targets == ["X", "1", "'A B'", "$var(x)", "X"]


# --- the top level ------------------------------------------------------------------------


def test_blocks() -> None:
    found = items(
        """
        request_route { exit; }
        route { exit; };
        route[A_1] { exit; };;
        route[ 7 ] { exit; }
        route["A B"] { exit; }
        reply_route { exit; }
        onreply_route { exit; }
        onreply_route[R] { exit; }
        failure_route[1] { exit; }
        branch_route[B] { exit; }
        onsend_route { exit; }
        event_route[xhttp:request] { exit; }
        event_route [ tm:local-request ] { exit; }
        """
    )
    assert [(b.kind, b.name) for b in found if isinstance(b, RoutingBlock)] == [
        (BlockKind.REQUEST, None),
        (BlockKind.REQUEST, None),
        (BlockKind.ROUTE, "A_1"),
        (BlockKind.ROUTE, "7"),
        (BlockKind.ROUTE, "A B"),
        (BlockKind.REPLY, None),
        (BlockKind.REPLY, None),
        (BlockKind.ONREPLY, "R"),
        (BlockKind.FAILURE, "1"),
        (BlockKind.BRANCH, "B"),
        (BlockKind.ONSEND, None),
        (BlockKind.EVENT, "xhttp:request"),
        (BlockKind.EVENT, "tm:local-request"),
    ]


def test_modules_and_their_parameters() -> None:
    found = items(
        """
        loadpath "/a:/b"
        loadmodule "tm"
        loadmodule "/usr/lib/kamailio/modules/sl.so";
        loadmodulex "kex.so"
        modparam("a|b", "name", "x"
            "y");
        modparamx("a", "n", -5)
        modparam("a", "n", yes)
        """
    )
    assert [(i.name, i.path) for i in found if isinstance(i, LoadModule)] == [
        ("tm", "tm"),
        ("sl", "/usr/lib/kamailio/modules/sl.so"),
        ("kex", "kex.so"),
    ]
    assert [(i.modules, i.name, i.value) for i in found if isinstance(i, ModParam)] == [
        ("a|b", "name", "xy"),
        ("a", "n", -5),
        ("a", "n", 1),
    ]


def test_core_parameters() -> None:
    found = items(
        """
        debug = -1;
        fork=no
        log_facility=LOG_LOCAL0
        log_prefix="a"
            "b"
        children = 0x10 mhomed=1
        advertised_address=a.b-c.d
        alias=a.b:5060 udp:c:5061 "d":5062 1.2.3.4
        cfgengine "python"
        """
    )
    assert [(p.name, p.value, p.word) for p in found if isinstance(p, Parameter)] == [
        ("debug", -1, False),
        ("fork", 0, False),
        ("log_facility", "LOG_LOCAL0", True),
        ("log_prefix", "ab", False),
        ("children", 16, False),
        ("mhomed", 1, False),
        ("advertised_address", "a.b-c.d", True),
        ("alias", "a.b:5060", True),
        ("alias", "udp:c:5061", True),
        ("alias", "d:5062", False),
        ("alias", "1.2.3.4", True),
        ("cfgengine", "python", False),
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.0.0.1", (None, "10.0.0.1", None, None, None)),
        ("10.0.0.1:5060", (None, "10.0.0.1", 5060, None, None)),
        ("udp:eth0:5060", ("udp", "eth0", 5060, None, None)),
        ("TCP:my-host.example.org", ("tcp", "my-host.example.org", None, None, None)),
        ('udp:"dns":5060;', ("udp", "dns", 5060, None, None)),
        ("udp:[::1]:5060", ("udp", "::1", 5060, None, None)),
        ("::1", (None, "::1", None, None, None)),
        (
            'udp:10.0.0.1:5060 advertise 1.2.3.4:5070 name "pub"',
            ("udp", "10.0.0.1", 5060, ("1.2.3.4", 5070), "pub"),
        ),
        (
            'tls:10.0.0.1:5061 advertise "a.b" virtual',
            ("tls", "10.0.0.1", 5061, ("a.b", None), None),
        ),
    ],
)
def test_listen(text: str, expected: object) -> None:
    (found,) = items(f"listen={text}")
    assert isinstance(found, Listen)
    assert (found.protocol, found.host, found.port, found.advertise, found.name) == expected


def test_listen_takes_a_list() -> None:
    for text in ("listen=(127.0.0.1, lo)", "listen=127.0.0.1 lo\ndebug=1"):
        hosts = [i.host for i in items(text) if isinstance(i, Listen)]
        assert hosts == ["127.0.0.1", "lo"]


def test_custom_parameters_and_flags() -> None:
    found = items(
        """
        pstn.gw_ip = "" desc "gateway"
        a.b = 5
        a.c = "x" "y" descr 'z';
        flags A:1, B, C:3;
        """
    )
    assert [
        (i.group, i.name, i.value, i.description) for i in found if isinstance(i, CustomParameter)
    ] == [("pstn", "gw_ip", "", "gateway"), ("a", "b", 5, None), ("a", "c", "xy", "z")]
    (flags,) = (i for i in found if isinstance(i, FlagsDeclaration))
    assert flags.flags == (("A", 1), ("B", None), ("C", 3))


# --- what is not valid --------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "request_route { $var(x); }",
        "request_route { 5; }",
        "request_route { a() && b(); }",
        "request_route { break(); }",
        "request_route { if (1) exit else drop; }",
        "request_route { $var(x) = YES NO; }",
        "request_route { switch ($rm) { x(); case 1: y(); } }",
        "request_route { $var(x) == 1; }",
        "request_route { route; }",
        "request_route { if (1) { ; }; else { ; } }",
        "request_route { xlog('a' 'b'); }",
        "route[A B] { exit; }",
        "route[X.Y] { exit; }",
        "debug=",
        "loadmodule sl",
        'loadmodule("sl"',
        'modparam "a", "b", 1',
        "listen=udp:*:5060",
        "a.b.c = 1",
        "}",
    ],
)
def test_what_kamailio_refuses_is_one_error(text: str) -> None:
    result = read(text)
    assert len(result.diagnostics.errors) == 1, render_text(result.diagnostics)


def test_the_rest_of_a_script_with_mistakes_is_read() -> None:
    result = read(
        """
        loadmodule
        loadmodule "sl"
        request_route { a(; b(); }
        route[X] { if (c() { d(); } e(); }
        """
    )
    assert len(result.diagnostics.errors) == 3
    blocks = [i for i in result.script.items if isinstance(i, RoutingBlock)]
    assert len(blocks) == 2
    assert len(blocks[1].body.statements) == 2
    assert [i.name for i in result.script.items if isinstance(i, LoadModule)] == ["sl"]


# --- files --------------------------------------------------------------------------------


def test_a_file_that_can_not_be_read(tmp_path: Path) -> None:
    result = parse_file(tmp_path / "nowhere.cfg")
    (error,) = result.diagnostics.errors
    assert error.code == "unreadable-file"
    assert "No such file" in error.message


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"debug=1\n\0\n", "NUL byte in line 2"), ("debug=1".encode("utf-16"), "UTF-16")],
)
def test_a_file_that_is_no_text(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "test.cfg"
    path.write_bytes(data)
    (error,) = parse_file(path).diagnostics.errors
    assert error.code == "unreadable-file"
    assert words in error.message


def test_bytes_that_are_no_utf8_survive(tmp_path: Path) -> None:
    path = tmp_path / "test.cfg"
    path.write_bytes(b'\xef\xbb\xbf# caf\xe9\r\nlog_prefix="caf\xe9"\r\n')
    result = parse_file(path)
    assert not len(result.diagnostics)
    (parameter,) = result.script.items
    assert isinstance(parameter, Parameter)
    assert parameter.value == "caf\udce9"


@pytest.mark.parametrize(
    "text",
    [
        "request_route " + "{ if (1) " * 10_000,
        "request_route { $var(x) = " + "(" * 10_000 + "1" + ")" * 10_000 + "; }",
        "request_route { $var(x) = " + "!" * 10_000 + "1; }",
        "request_route { $var(x) = 1" + " + 1" * 10_000 + "; }",
        "request_route { " + "if (1) " * 10_000 + "exit; }",
        "request_route { $var(x) = " + "$var(" * 5_000 + "x" + ")" * 5_000 + "; }",
        "request_route { a(" + "f(" * 10_000 + "; }",
        "{" * 10_000,
        "}" * 10_000,
        "(" * 10_000,
        "/*" * 10_000,
        '"' * 9_999,
        "#!ifdef A\n" * 10_000,
        "“" * 10_000,
        "$(" * 10_000,
    ],
    ids=range(15),
)
def test_what_is_nested_too_deep_is_an_error(text: str) -> None:
    assert read(text).diagnostics.errors


def test_a_chain_of_else_ifs_may_be_long() -> None:
    text = "request_route { if (1) { exit; }" + " else if (1) { exit; }" * 10_000 + " }"
    assert not read(text).diagnostics
