"""dispatcher: where a request goes, what is kept of that, and the questions."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipway.core.sockets import ListenSocket
from sipway.modules.dispatcher.questions import ds_is_from_list
from tests.modules.dispatching import (
    FAILOVER,
    FOUR,
    A,
    B,
    C,
    Dispatching,
    children,
    code_of,
    dispatched,
    listed,
    parameter,
)
from tests.modules.running import context, mistakes

# --- where the request goes ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ruri", "uri", "result"),
    [
        ("sip:joe@h.example:99;a=b?x=y", "sip:192.0.2.1", "sip:joe@192.0.2.1"),
        ("sip:joe:pw@h", "sip:192.0.2.1:5;transport=tcp", "sip:joe:pw@192.0.2.1:5;transport=tcp"),
        ("sip:h", "sip:[2001:db8::1]:5", "sip:[2001:db8::1]:5"),
        ("sip:joe@h", "sip:me@192.0.2.1;x=y?h=1", "sip:joe@192.0.2.1;x=y"),
        ("tel:+123", "sip:192.0.2.1", "sip:+123@192.0.2.1"),
    ],
)
def test_the_domain_of_a_destination(tmp_path: Path, ruri: str, uri: str, result: str) -> None:
    code = f'$ru = "{ruri}"; ds_select_domain("1", "8");'
    ctx = dispatched(tmp_path, f"1 {uri}\n", code).run()
    assert (ctx.ruri, ctx.dst_uri) == (result, None)


def test_a_request_uri_that_is_none_takes_no_domain(tmp_path: Path) -> None:
    code = '$ru = "nonsense"; $var(r) = ds_select_domain("1", "8"); xlog("$var(r)\\n");'
    found = dispatched(tmp_path, FOUR, code)
    assert found.lines() == ["-1"]


@pytest.mark.parametrize(("force", "code", "uri"), [(1, "1", A), (0, "-1", "sip:x")])
def test_a_destination_that_is_set(tmp_path: Path, force: int, code: str, uri: str) -> None:
    parameters = FAILOVER + parameter("force_dst", force)
    for call in ('ds_select_dst("1", "8")', 'ds_select_routes("1=8", "d")'):
        shown = f'$du = "sip:x"; $var(r) = {call}; xlog("$var(r) $du\\n");'
        assert dispatched(tmp_path, FOUR, shown, parameters).lines() == [f"{code} {uri}"]
    shown = '$du = "sip:x"; $var(r) = ds_select_domain("1", "8"); xlog("$var(r) $du $rd\\n");'
    found = dispatched(tmp_path, FOUR, shown, parameters)
    assert found.lines() == ["1 sip:x 192.0.2.11"]


def test_failover(tmp_path: Path) -> None:
    code = 'ds_select_dst("1", "8", "3"); xlog("$du\\n");'
    code += (
        '$var(r) = ds_next_dst(); xlog("$var(r) $du\\n");' * 3 + 'xlog("$xavp(_dsctx_=>cnt)\\n");'
    )
    found = dispatched(tmp_path, FOUR, code)
    assert found.lines() == [A, f"1 {B}", f"1 {C}", f"-1 {C}", "3"]


def test_failover_by_domains(tmp_path: Path) -> None:
    code = 'ds_select_domain("1", "8"); xlog("$rd\\n");' + 'ds_next_domain(); xlog("$rd\\n");' * 2
    assert dispatched(tmp_path, FOUR, code).lines() == [each[4:] for each in (A, B, C)]


def test_chosen_first_and_used_later(tmp_path: Path) -> None:
    code = 'ds_select("1", "8"); xlog("$du $rd\\n"); ds_set_dst(); xlog("$du $rd\\n");'
    code += ' ds_set_domain(); xlog("$du $rd\\n"); ds_next_dst(); xlog("$du $rd\\n");'
    found = dispatched(tmp_path, FOUR, code)
    host = A[4:]
    assert found.lines() == [
        "<null> callee.example",
        f"{A} callee.example",
        f"{A} {host}",
        f"{B} {host}",
    ]


@pytest.mark.parametrize("call", ["ds_next_dst", "ds_next_domain", "ds_set_dst", "ds_set_domain"])
def test_where_nothing_was_chosen(tmp_path: Path, call: str) -> None:
    assert code_of(tmp_path, FOUR, f"{call}()") == -1


def test_without_failover_nothing_is_kept(tmp_path: Path) -> None:
    code = (
        'ds_select_dst("1", "8"); $var(r) = ds_next_dst(); xlog("$var(r) $xavp(_dsctx_=>cnt)\\n");'
    )
    found = dispatched(tmp_path, FOUR, code, parameter("flags", 0))
    ctx = found.run()
    assert (ctx.dst_uri, listed(ctx)) == (A, [])
    assert found.said() == ["ds_next_dst(): there is no failover without bit 2 in flags"]
    assert found.lines() == ["-1 0"]


def test_what_scripts_change_in_the_list_counts(tmp_path: Path) -> None:
    code = (
        'ds_select("1", "8"); $xavp(_dsdst_[0]=>uri) = "sip:x"; $xavp(_dsdst_[1]=>uri) = "sip:y";'
        ' ds_set_dst(); xlog("$du\\n"); ds_next_dst(); xlog("$du\\n");'
        ' $var(r) = ds_mark_dst(); xlog("$var(r)\\n");'
    )
    assert dispatched(tmp_path, FOUR, code).lines() == ["sip:x", "sip:y", "-1"]


def test_one_more_choice_goes_in_front_of_the_first(tmp_path: Path) -> None:
    text = FOUR + "2 sip:192.0.2.99\n3 sip:192.0.2.98 1\n"
    ctx = dispatched(tmp_path, text, 'ds_select_dst("1", "8"); ds_select_dst("2", "8");').run()
    assert listed(ctx) == ["99", "11", "12", "13", "14"]
    ctx = dispatched(tmp_path, text, 'ds_select_dst("1", "8"); ds_select_dst("3", "8");').run()
    assert (listed(ctx), ctx.dst_uri) == (["11", "12", "13", "14"], A)


# --- several sets --------------------------------------------------------------------------------

TWO = FOUR + "5 sip:192.0.2.55\n6 sip:192.0.2.66 1\n"


@pytest.mark.parametrize(
    ("rules", "limit", "found"),
    [
        ("1=8;5=8", 0, ["11", "12", "13", "14", "55"]),
        ("5=8;1=8;", 0, ["55", "11", "12", "13", "14"]),
        ("1=8;5=8", 2, ["11", "12", "55"]),  # of each set at least one
        ("5=8;1=8", 3, ["55", "11", "12"]),
        ("6=8;5=8", 0, ["55"]),
        ("99=4;5=8", 0, ["55"]),
        ("1=12;5=8", 0, ["55"]),
    ],
)
def test_of_several_sets(tmp_path: Path, rules: str, limit: int, found: list[str]) -> None:
    call = f'ds_select_routes("{rules}", "d", "{limit}");'
    ctx = dispatched(tmp_path, TWO, call).run()
    assert listed(ctx) == found
    assert ctx.dst_uri == f"sip:192.0.2.{'11' if rules[:2] == '1=' else found[0]}"


@pytest.mark.parametrize(
    ("mode", "dst_uri", "host"),
    [
        ("d", A, "callee.example"), ("0", A, "callee.example"), ("Dst", A, "callee.example"),
        ("r", "<null>", A[4:]), ("1", "<null>", A[4:]), ("ruri", "<null>", A[4:]),
        ("x", "<null>", "callee.example"), ("2", "<null>", "callee.example"),
    ],
)  # fmt: skip
def test_modes_of_ds_select_routes(tmp_path: Path, mode: str, dst_uri: str, host: str) -> None:
    code = f'$var(m) = "{mode}"; ds_select_routes("1=$var(a)", "$var(m)"); xlog("$du $rd\\n");'
    found = dispatched(tmp_path, FOUR, f"$var(a) = 8; {code}")
    assert found.lines() == [f"{dst_uri} {host}"]


@pytest.mark.parametrize(
    ("rules", "mode"),
    [
        ("", "d"), ("a", "d"), ("1=x", "d"), ("=", "d"), ("1=8, 2=8", "d"), ("1=8; 5=8", "d"),
        ("1=8", "q"), ("1=8", ""), ("6=8", "d"), ("99=8", "x"),
    ],
)  # fmt: skip
def test_rules_of_nobody_and_nonsense(tmp_path: Path, rules: str, mode: str) -> None:
    assert code_of(tmp_path, TWO, f'ds_select_routes("{rules}", "{mode}")') == -1


# --- what is kept --------------------------------------------------------------------------------


ALL_ATTRIBUTES = "duid=a;socket=udp:192.0.2.9:5060;x=1"


@pytest.mark.parametrize(
    ("mode", "names"),
    [
        (0, ["grp", "uri", "sock", "attrs"]),
        (1, ["grp", "uri", "sock"]),
        (2, ["grp", "uri", "sock", "socket", "attrs"]),
        (7, ["grp", "uri", "sock", "socket"]),
    ],
)
def test_fields(tmp_path: Path, mode: int, names: list[str]) -> None:
    parameters = FAILOVER + parameter("xavp_dst_mode", mode)
    text = f"1 {A} 0 0 {ALL_ATTRIBUTES}\n"
    found = dispatched(tmp_path, text, 'ds_select_dst("1", "8");', parameters)
    ctx = found.run()
    kept = children(ctx)
    assert list(kept) == names
    assert (kept["grp"], kept["uri"], kept["sock"]) == (1, A, "udp:192.0.2.9:5060")
    assert kept.get("attrs", ALL_ATTRIBUTES) == ALL_ATTRIBUTES
    assert ctx.send_socket is found.socket


def test_names_and_the_number(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("xavp_dst", "D") + parameter("xavp_ctx", "X")
    code = 'ds_select_dst("1", "8"); xlog("$xavp(D[1]=>uri) $xavp(X=>cnt)\\n");'
    assert dispatched(tmp_path, FOUR, code, parameters).lines() == [f"{B} 4"]
    parameters += parameter("xavp_ctx_mode", 1)
    assert dispatched(tmp_path, FOUR, code, parameters).lines() == [f"{B} <null>"]


def test_the_socket_of_the_next_one(tmp_path: Path) -> None:
    text = f"1 {A} 0 9\n1 {B} 0 8 socket=udp:192.0.2.9:5060\n1 {C}\n"
    code = 'ds_select_dst("1", "8");' + 'ds_next_dst(); xlog("$fs\\n");' * 2
    found = dispatched(tmp_path, text, f'{code} xlog("$fs\\n");')
    socket = "udp:192.0.2.9:5060"
    assert found.lines() == [socket] * 3


def test_sockname(tmp_path: Path) -> None:
    named = ListenSocket("udp", "192.0.2.8", 5060, name="s1")
    text = f"1 {A} 0 9 socket=udp:198.51.100.1:1;sockname=s1\n1 {B}\n"
    parameters = FAILOVER + parameter("ds_default_sockname", "s1")
    calls = Dispatching(tmp_path, text, "request_route { ; }", parameters, (named,))
    assert [each.socket for each in calls.board.sets.destinations()] == [named, named]


# --- questions -----------------------------------------------------------------------------------

SOURCES = """
1 sip:192.0.2.1:5070 0 9 a=1
2 sip:192.0.2.1:5070;transport=tcp 0 0 a=2
3 sip:192.0.2.1 1 0 a=3
4 sip:192.0.2.1:5099 0 0 a=4
5 sip:192.0.2.1:5070 2
6 sip:192.0.2.1:5070 4
7 sip:name.example:5070
8 sip:192.0.2.1:5070 0 0 socket=udp:192.0.2.9:5060
9 sip:[2001:DB8:0::1]:5070
10 sip:192.0.2.1:5070 16
"""


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('"1"', 1), ("1", 1), ('"2"', 1), ('"3"', 1), ('"4"', -1), ('"5"', 1), ('"6"', 1),
        ('"7"', -1), ('"99"', -1), ('"-2"', -1), ("", 1), ('"-1"', 1),
        ('"2", "0"', -1), ('"2", "1"', -1), ('"2", "2"', 1), ('"1", "0"', 1),
        ('"4", "0"', -1), ('"4", "1"', 1), ('"4", "3"', 1),
        ('"3", "2"', 1), ('"3", "6"', -1), ('"5", "6"', 1), ('"6", "4"', -1), ('"6", "0"', 1),
        ('"8", "8"', 1), ('"1", "8"', 1),
        ('"1", "2", "sip:192.0.2.1:5070"', 1), ('"1", "2", "sip:x@192.0.2.1:5071"', -1),
        ('"9", "2", "sip:[2001:db8::1]:5070"', 1), ('"9", "2", "sip:[2001:db8:0:0::1]:5070"', 1),
        ('"9", "2", "sip:[2001:db8::2]:5070"', -1),
        ('"1", "2", ""', 1), ('"1", "2", "bad"', -1), ('"1", "2", "tel:1"', -1),
        ('"1", "0", "sip:192.0.2.1:5070;transport=tcp"', -1),
        ('"2", "0", "sip:192.0.2.1:5070;transport=tcp"', 1),
        ('"3", "2", "sip:192.0.2.1"', 1), ('"7", "2", "sip:NAME.example:5070"', 1),
        ('"7", "3", "sip:name.example"', 1), ('"7", "2", "sip:other.example:5070"', -1),
        ('"10"', -1), ('"10", "2", "sip:192.0.2.1:5070"', -1), ('"10", "16"', -1),
    ],
)  # fmt: skip
def test_ds_is_from_list(tmp_path: Path, arguments: str, expected: int) -> None:
    assert code_of(tmp_path, SOURCES, f"ds_is_from_list({arguments})") == expected


def test_ds_is_from_list_says_what_it_found(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("setid_pvname", "$var(set)")
    parameters += parameter("attrs_pvname", "$avp(attrs)")
    code = (
        '$var(set) = 0; ds_is_from_list(); xlog("$var(set) $avp(attrs)\\n"); $avp(attrs) = $null;'
        ' $var(set) = 0; ds_is_from_list("4", "3"); xlog("$var(set) $avp(attrs)\\n");'
        ' ds_is_from_list("5"); xlog("$var(set) $avp(attrs)\\n");'
        ' ds_is_from_list("-1", "16", "sip:192.0.2.1:5099"); xlog("$var(set) $avp(attrs)\\n");'
        ' ds_is_from_list("-1", "20", "sip:192.0.2.1:1;transport=tcp"); xlog("$var(set)\\n");'
    )
    text = SOURCES.partition("8 sip")[0]
    found = dispatched(tmp_path, text, code, parameters)
    assert found.lines() == ["1 a=1", "0 a=4", "0 a=4", "4 a=4", "2"]


def test_ds_is_from_list_by_another_socket(tmp_path: Path) -> None:
    found = dispatched(tmp_path, SOURCES, 'ds_is_from_list("8", "10");')
    other = ListenSocket("udp", "192.0.2.8", 5060)
    found.destination("sip:192.0.2.1:5070", 8).socket = other
    assert code_of(tmp_path, SOURCES, 'ds_is_from_list("8", "10")') == 1
    assert ds_is_from_list(context(found.program), 8, 10) == -1
    assert ds_is_from_list(context(found.program), 8, 2) == 1


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('"1"', 1), ("1", 1), ('"3"', -1), ('"5"', 1), ('"6"', -1), ('"99"', -1), ('"-1"', -1),
        ('"1", "sip:192.0.2.1:5070"', 1), ('"1", "SIP:192.0.2.1:5070"', -1),
        ('"1", "sip:192.0.2.1"', -1), ('"3", "sip:192.0.2.1"', -1), ('"1", ""', 1),
    ],
)  # fmt: skip
def test_ds_is_active(tmp_path: Path, arguments: str, expected: int) -> None:
    assert code_of(tmp_path, SOURCES, f"ds_is_active({arguments})") == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [('"1"', 1), ("1", 1), ('"99"', -1), ('"-1"', -1), ('"$var(x)"', -2), ('"$(var(x))1"', -2)],
)
def test_ds_list_exists(tmp_path: Path, argument: str, expected: int) -> None:
    for name in ("ds_list_exists", "ds_list_exist"):
        code = f'$var(x) = "abc"; $var(r) = {name}({argument}); xlog("$var(r)\\n");'
        assert dispatched(tmp_path, SOURCES, code).lines() == [str(expected)]


# --- wrong calls ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        'ds_select_dst("1")', 'ds_select_dst("a", "4")', 'ds_select_dst("1", "4", "x")',
        'ds_select_routes("1=4")', 'ds_set_dst("a")', "ds_next_dst(1)", "ds_is_active()",
        'ds_is_from_list("x")', "$var(x) = $dsv(none);", 'ds_mark_dst("a", "b")',
    ],
)  # fmt: skip
def test_wrong_calls_are_found_before_they_run(call: str) -> None:
    assert len(mistakes(f"request_route {{ {call} ; }}", modules=("dispatcher",))) == 1


@pytest.mark.parametrize(
    "call",
    [
        'ds_select_dst("$var(x)", "4")', 'ds_select_domain("1", "$var(x)")',
        'ds_select("1", "4", "$var(x)")', 'ds_is_active("$var(x)")', 'ds_is_from_list("$var(x)")',
    ],
)  # fmt: skip
def test_a_variable_that_is_no_number(tmp_path: Path, call: str) -> None:
    code = f'$var(x) = "1x"; $var(r) = {call}; xlog("$var(r)\\n");'
    assert dispatched(tmp_path, FOUR, code).lines() == ["-1"]


@pytest.mark.parametrize(
    ("block", "call"),
    [
        ("branch_route[B]", 'ds_select_dst("1", "4")'),
        ("onsend_route", "ds_next_dst()"),
        ("reply_route", 'ds_select_routes("1=4", "d")'),
        ("onsend_route", "ds_is_from_list()"),
    ],
)
def test_where_functions_may_not_be_called(block: str, call: str) -> None:
    assert (
        len(mistakes(f"request_route {{ ; }} {block} {{ {call}; }}", modules=("tm", "dispatcher")))
        >= 1
    )
