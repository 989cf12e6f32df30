"""The top level of a script, each form as Kamailio 5.6.3 takes it, or as the cookbook 6.1 says."""

from __future__ import annotations

import pytest

from sipway.language.diagnostics import render_text
from sipway.language.nodes import (
    CustomParameter,
    FlagsDeclaration,
    Listen,
    LoadModule,
    ModParam,
    Node,
    Parameter,
    RoutingBlock,
    TopLevel,
)
from sipway.language.parser import parse
from sipway.language.source import SourceFile


def items(text: str) -> tuple[TopLevel, ...]:
    result = parse(SourceFile("test.cfg", text))
    assert not len(result.diagnostics), render_text(result.diagnostics)
    return result.script.items


def only(text: str) -> Node:
    (item,) = items(text)
    return item


@pytest.mark.parametrize(
    "text",
    [
        "debug=3;memlog=3;", "debug=3 memlog=3", "debug = 3 ;\n;", "debug=-3", "debug=0x10",
        "mhomed=enable\nmhomed=disable\nmhomed=true\nmhomed=on", "log_facility=LOG_LOCAL0",
        "user=nobody", 'user="nobody"', "children=4 # x", "children=4// x", "children=4 /* x */",
        "request_route { exit; };", "route[ 1 ] { exit; };;", 'mpath "/a:/b"', 'mpath="/a"',
        'loadpath="/a"\nloadpath "/b";', 'cfgengine "native"', 'cfgengine="native";',
        "bool F", "!!define X 1\n#!KAMAILIO\n#!SER\n#!OPENSER\n#!ALL\n#!MAXCOMPAT",
        "#!KAMAILIO foo", "#!OPENSIPS", "\ufeffdebug=1", "debug=1\r\nfork=no\r\n",
    ],
)  # fmt: skip
def test_forms_that_are_fine(text: str) -> None:
    items(text)


# --- sockets ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("127.0.0.1", [(None, "127.0.0.1", None)]),
        ('"lo":5061', [(None, "lo", 5061)]),
        ("'127.0.0.1'", [(None, "127.0.0.1", None)]),
        ('udp:"127.0.0.1":5061', [("udp", "127.0.0.1", 5061)]),
        ('"[::1]":5060', [(None, "::1", 5060)]),
        ('"::1"', [(None, "::1", None)]),
        ("udp:[fd00::1]:5061", [("udp", "fd00::1", 5061)]),
        ("udp : 127.0.0.1 : 5061", [("udp", "127.0.0.1", 5061)]),
        ("udp:\n127.0.0.1:5061", [("udp", "127.0.0.1", 5061)]),
        ("udp:127.0.0.1:0x13C4", [("udp", "127.0.0.1", 5060)]),
        ("0.0.0.0:5060", [(None, "0.0.0.0", 5060)]),
        ("udp:a-b.example:5061", [("udp", "a-b.example", 5061)]),
        ("udp:127.0.0.1:1 tcp:127.0.0.1:2", [("udp", "127.0.0.1", 1), ("tcp", "127.0.0.1", 2)]),
        ("udp:(127.0.0.1, lo):5061", [("udp", "127.0.0.1", 5061), ("udp", "lo", 5061)]),
        ("(127.0.0.1)", [(None, "127.0.0.1", None)]),
    ],
)
def test_listen(text: str, expected: list[tuple[str | None, str, int | None]]) -> None:
    found = [(i.protocol, i.host, i.port) for i in items(f"listen={text}") if isinstance(i, Listen)]
    assert found == expected


@pytest.mark.parametrize(
    "define", ["udp:127.0.0.1:5061", "udp:127.0.0.1:5061 advertise 1.2.3.4:1", "lo"]
)
def test_listen_of_a_define(define: str) -> None:
    (found,) = items(f"#!define LA {define}\nlisten=LA\n")
    assert isinstance(found, Listen)
    assert found.host in ("127.0.0.1", "lo")


def test_what_follows_a_list_of_sockets_counts_for_all() -> None:
    text = 'listen=udp:10.0.0.1:1 udp:(10.0.0.2, 10.0.0.3):2 advertise "a.b":3 name "n" virtual\n'
    found = [i for i in items(text) if isinstance(i, Listen)]
    assert [i.host for i in found] == ["10.0.0.1", "10.0.0.2", "10.0.0.3"]
    assert {(i.advertise, i.name, i.virtual) for i in found} == {(("a.b", 3), "n", True)}


def test_a_socket_is_not_virtual_unless_it_says_so() -> None:
    found = only("listen=udp:10.0.0.1:1")
    assert isinstance(found, Listen)
    assert (found.virtual, found.workers, found.group, found.vrf) == (False, None, None, None)


def test_a_socket_as_a_block() -> None:
    found = only(
        """
        socket = {
            bind = udp:10.10.10.10:5060;
            advertise = 11.11.11.11:5070;
            name = "s0";
            virtual = yes;
            workers = 4;
            agname = "g";
            vrf = "v";
        };
        """
    )
    assert isinstance(found, Listen)
    assert (found.protocol, found.host, found.port) == ("udp", "10.10.10.10", 5060)
    assert (found.advertise, found.name, found.virtual) == (("11.11.11.11", 5070), "s0", True)
    assert (found.workers, found.group, found.vrf) == (4, "g", "v")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{ bind = lo }", ("lo", None)),
        ('{bind="10.0.0.1";virtual=no}', ("10.0.0.1", None)),
        ("{ virtual = 0; bind = tcp:[::1]:5060; }", ("::1", 5060)),
    ],
)
def test_a_socket_with_little_in_it(text: str, expected: tuple[str, int | None]) -> None:
    found = only(f"socket = {text}")
    assert isinstance(found, Listen)
    assert (found.host, found.port) == expected
    assert not found.virtual


def test_a_socket_with_a_range_of_ports() -> None:
    text = 'socket = { bind = udp:10.0.0.1:5060-5062; advertise = 1.2.3.4:6000; name = "s"; }'
    found = [i for i in items(text) if isinstance(i, Listen)]
    assert [(i.port, i.advertise, i.name) for i in found] == [
        (5060, ("1.2.3.4", 6000), "s5060"),
        (5061, ("1.2.3.4", 6001), "s5061"),
        (5062, ("1.2.3.4", 6002), "s5062"),
    ]


# --- aliases, own parameters, flags -------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b.c", ["a.b.c"]),
        ('"a.b.c":5060', ["a.b.c:5060"]),
        ('"a.b.c:5060"', ["a.b.c:5060"]),
        ('udp:"a.b.c":5060', ["udp:a.b.c:5060"]),
        ("a-b.c 3com.com a_b.c", ["a-b.c", "3com.com", "a_b.c"]),
        ('"a.b" "b.c":5060 d.e', ["a.b", "b.c:5060", "d.e"]),
        ("(a.b, b.c)", ["a.b", "b.c"]),
        ("1.2.3.4:5060 [::1]:5060", ["1.2.3.4:5060", "[::1]:5060"]),
        ('"*.a.b"', ["*.a.b"]),
    ],
)
def test_aliases(text: str, expected: list[str]) -> None:
    for name in ("alias", "domain"):
        found = [i.value for i in items(f"{name}={text}\ndebug=1") if isinstance(i, Parameter)]
        assert found == [*expected, 1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.b=1", ("a", "b", 1, None, None)),
        ("a.b = 0x1F;", ("a", "b", 31, None, None)),
        ("a . b = yes", ("a", "b", 1, None, None)),
        ("a.b = -1", ("a", "b", -1, None, None)),
        ("a.b = 'x' desc 'y'", ("a", "b", "x", "y", None)),
        ('a.b = "x" "y" descr "d" "e";', ("a", "b", "xy", "de", None)),
        ('a.b="x"description"y"', ("a", "b", "x", "y", None)),
        ("a[5].b=1", ("a", "b", 1, None, 5)),
        ('#!define V "q"\na.b=V desc V', ("a", "b", "q", "q", None)),
    ],
)
def test_own_parameters(text: str, expected: object) -> None:
    found = only(text)
    assert isinstance(found, CustomParameter)
    assert (
        found.group, found.name, found.value, found.description, found.instance
    ) == expected  # fmt: skip


@pytest.mark.parametrize(
    ("text", "flags", "avp"),
    [
        ("flags A", (("A", None),), False),
        ("flags\n A : 1,\n B : 2;", (("A", 1), ("B", 2)), False),
        ('flags "A":1, B', (("A", 1), ("B", None)), False),
        ("#!define N 4\nflags A:N", (("A", 4),), False),
        ("bool F", (("F", None),), False),
        ("avpflags F, G;", (("F", None), ("G", None)), True),
    ],
)
def test_flags(text: str, flags: object, avp: bool) -> None:
    found = only(text)
    assert isinstance(found, FlagsDeclaration)
    assert (found.flags, found.of_avps) == (flags, avp)
    assert len(found.spans) == len(found.flags)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ('coreparam[random_engine] = "fast"', "coreparam[random_engine]", "fast"),
        ("coreparam[timer_sanity_check] = 1;", "coreparam[timer_sanity_check]", 1),
        ('coreparam["x"]=y', "coreparam[x]", "y"),
    ],
)
def test_generic_core_parameters(text: str, name: str, value: object) -> None:
    found = only(text)
    assert isinstance(found, Parameter)
    assert (found.name, found.value) == (name, value)


# --- modules ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "path", "options"),
    [
        ('loadmodule "tm.so"', "tm", "tm.so", ""),
        ("loadmodule 'tm';", "tm", "tm", ""),
        ('loadmodule "modules/tm/tm.so"', "tm", "modules/tm/tm.so", ""),
        ('loadmodule "t" "m.so"', "tm", "tm.so", ""),
        ('loadmodule("tm")', "tm", "tm", ""),
        ('loadmodule ( "app_lua.so" , "gO" );', "app_lua", "app_lua.so", "gO"),
        ('#!define M "tm"\nloadmodule M', "tm", "tm", ""),
        ('#!define M tm\nloadmodulex "/x/$def(M).so"\n#!redefine M sl', "tm", "/x/tm.so", ""),
        ('loadmodulex("$(def(NOT_THERE))")', "<null>", "<null>", ""),
        ('loadmodule "$def(M)"', "$def(M)", "$def(M)", ""),
    ],
)
def test_loadmodule(text: str, name: str, path: str, options: str) -> None:
    found = only(text)
    assert isinstance(found, LoadModule)
    assert (found.name, found.path, found.options) == (name, path, options)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('modparam("a","b","c");', ("a", "b", "c")),
        ("modparam ('a' , 'b' , -5 )", ("a", "b", -5)),
        ('modparam("a|b","c",yes)', ("a|b", "c", 1)),
        ('modparam("a","b",0x10)', ("a", "b", 16)),
        ('modparam("a","b",\n  "c"\n  "d")', ("a", "b", "cd")),
        ('#!define V "x"\nmodparam(V,V,V)', ("x", "x", "x")),
        ('#!define V "x"\nmodparam("a","b",V "y")', ("a", "b", "xy")),
        ('modparam("a","b","$rm")', ("a", "b", "$rm")),
        ('#!define X 4\nmodparamx("$def(X)","$def(X)","a=$def(X)$$")', ("4", "4", "a=4$")),
        ('#!define X 4\nmodparamx("a","b",$defn(X))\n#!redefine X 5', ("a", "b", 4)),
        ('#!define X 4\nmodparamx("a","b",$def(X))', ("a", "b", "4")),
        ('modparamx("a","b",$defn(NOT_THERE))', ("a", "b", 0)),
        ('#!define X "y z"\nmodparamx("a","b","$def(X)$defv(X)$defs(X)")',
         ("a", "b", '"y z"y z"y z"')),
        ('modparamx("a","b",404)', ("a", "b", 404)),
    ],
)  # fmt: skip
def test_modparam(text: str, expected: object) -> None:
    found = only(text)
    assert isinstance(found, ModParam)
    assert (found.modules, found.name, found.value) == expected


def test_modparamx_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPWAY_X", "home")
    monkeypatch.delenv("SIPWAY_NOT_SET", raising=False)
    text = 'modparamx("a", "b", "$env(SIPWAY_X) $(env(SIPWAY_X)) $env(SIPWAY_NOT_SET)")'
    found = only(text)
    assert isinstance(found, ModParam)
    assert found.value == "home home <null>"


# --- blocks -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "kind", "name"),
    [
        ("route[01]", "route", "1"),
        ("route[0x10]", "route", "16"),
        ("route[0]", "request_route", None),
        ("route", "request_route", None),
        ("onreply_route", "reply_route", None),
        ("onreply_route[0]", "reply_route", None),
        ("route['A B']", "route", "A B"),
        ('event_route["a:b"]', "event_route", "a:b"),
        ("event_route [ a:b-c ]", "event_route", "a:b-c"),
        ("failure_route", "failure_route", None),
        ("onsend_route[1]", "onsend_route", "1"),
    ],
)
def test_names_of_blocks(head: str, kind: str, name: str | None) -> None:
    found = only(f"{head} {{ exit; }}")
    assert isinstance(found, RoutingBlock)
    assert (found.kind.value, found.name) == (kind, name)


# --- mistakes: each is one message --------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('listen="127.0.0.1:5061"', "bad-address"),
        ('listen="udp:127.0.0.1:5061"', "bad-address"),
        ('listen=""', "bad-address"),
        ("listen=ws:127.0.0.1:80", "bad-protocol"),
        ("listen=udp:127.0.0.1:5061-5063", "unexpected"),
        ("listen=udp:127.0.0.1:1 advertise udp:1.2.3.4:5", "bad-address"),
        ('listen=udp:127.0.0.1:1 advertise "a:5"', "bad-address"),
        ('listen=udp:127.0.0.1:1 name "x" advertise 1.2.3.4:5', "unexpected"),
        ('listen=udp:127.0.0.1:1 virtual name "x"', "unexpected"),
        ("socket", "unexpected"),
        ("socket = udp:127.0.0.1:5060", "missing-brace"),
        ('socket = { name = "x"; }', "missing-value"),
        ("socket = { }", "missing-value"),
        ("socket = { bind = lo; bnd = 1; }", "unknown-attribute"),
        ("socket = { bnd = lo; }", "unknown-attribute"),
        ("socket = { bind lo; }", "missing-equals"),
        ("socket = { bind = lo; name = x; }", "wrong-value"),
        ("socket = { bind = lo; virtual = maybe; }", "wrong-value"),
        ('socket = { bind = lo; workers = "4"; }', "wrong-value"),
        ("socket = { bind = lo; name = ; }", "missing-value"),
        ("socket = { bind = ; }", "missing-value"),
        ("socket = { bind = lo; bind = lo; }", "set-twice"),
        ("socket = { bind = lo:5062-5060; }", "bad-port"),
        ("socket = { bind = lo:1-60000; }", "bad-port"),
        ("socket = { bind = lo:5060-; }", "missing-value"),
        ("socket = { bind = lo\n name = 'x'; }", "missing-semicolon"),
        ("socket = { bind = lo 5; }", "unexpected"),
        ("alias=a.b:x", "bad-address"),
        ("alias=*.a.b", "unexpected"),
        ("a.b = x", "missing-quotes"),
        ("a.b = 10.0.0.1", "missing-quotes"),
        ("a.b = $def(X)", "unexpected"),
        ('a.b = (int)"5"', "unexpected"),
        ("a.b = 1+1", "unexpected"),
        ("a.b.c = 1", "missing-equals"),
        ("a.b = desc 'x'", "missing-value"),
        ("a[x].b = 1", "bad-number"),
        ("a[5].6 = 1", "missing-name"),
        ("flags 1", "missing-name"),
        ("flags A,\ndebug=1", "missing-name"),
        ("flags A:-1", "missing-value"),
        ("avpflags A:1", "unexpected"),
        ("coreparam[]=1", "missing-name"),
        ("coreparam[x=1", "missing-bracket"),
        ("coreparam[x] 1", "missing-equals"),
        ('loadmodule("tm", x)', "missing-value"),
        ('loadmodule("tm", "z")', "wrong-value"),
        ('loadmodule "tm", "g"', "unexpected"),
        ("loadmodule(tm)", "missing-quotes"),
        ('loadmodulex "$rm"', "early-variable"),
        ('modparam("a","b",c)', "missing-quotes"),
        ('modparam("a","b",1.2)', "missing-quotes"),
        ('modparam("a","b",$def(X))', "early-variable"),
        ('modparam("a","b",(4))', "unexpected"),
        ('modparamx("a","b","$rm$ru")', "early-variable"),
        ('modparamx("a","b",$rm)', "early-variable"),
        ('modparamx("a","b",$(def(X){s.len}))', "early-variable"),
        ("route[1a] { exit; }", "bad-route-name"),
        ("event_route { exit; }", "missing-name"),
    ],
)
def test_a_mistake_is_one_message(text: str, code: str) -> None:
    result = parse(SourceFile("test.cfg", f"fork=no\n{text}\nchildren=2\n"))
    found = [item.code for item in result.diagnostics.errors]
    assert found == [code], render_text(result.diagnostics)
    names = [i.name for i in result.script.items if isinstance(i, Parameter)]
    assert names[0] == "fork"
    assert names[-1] == "children"
