"""ipops; what 5.6.3 does too is held by `tests/compat/cases/ipops.py` and, with a DNS server, by
`tests/scenarios/test_dns_functions.py`."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sipway.modules.ipops import hostnames
from tests.fake_names import FakeNames
from tests.modules.running import code_of, mistakes, run

RECORDS: dict[str, list[Any]] = {
    "a.example A": ["192.0.2.1", "192.0.2.2"],
    "a.example AAAA": ["2001:db8::1"],
    "1.2.0.192.in-addr.arpa PTR": ["one.example.", "two.example."],
    "_sip._udp.example SRV": [(20, 1, 5060, "c"), (10, 1, 5061, "a"), (10, 9, 5062, "b")],
    "_sip._tcp.example SRV": [(0, 0, 0, "")],
    "example NAPTR": [(2, 1, "s", "SIP+D2U", "", "x"), (1, 2, "u", "E2U", "!a!b!", "")],
}


def told(code: str) -> list[str]:
    """What statements write, with the names above."""
    return run(code, names=FakeNames(RECORDS)).lines


@pytest.mark.parametrize(
    ("text", "code"), [("1.2.3.4", 1), ("::1", 2), ("[::1]", 3), ("nonsense", -1), ("[::1", -1)]
)
def test_types(text: str, code: int) -> None:
    assert code_of(f'ip_type("{text}")') == code
    assert code_of(f'is_ip("{text}")') == (1 if code > 0 else -1)


def test_types_in_words() -> None:
    assert run('detailed_ip_type("10.1.1.1", "$var(t)"); xlog("$var(t)");').lines == ["PRIVATE"]
    assert run('detailed_ip_type("x", "$var(t)"); xlog("$var(t)");').lines == ["0"]


@pytest.mark.parametrize("bits", ["x", "-1", "", "9999999999", "\u0663", "33"])
def test_what_is_no_network_has_nothing_in_it(bits: str) -> None:
    assert code_of(f'is_in_subnet("1.2.3.4", "1.2.3.4/{bits}")') == -1


def test_addresses_of_a_name() -> None:
    assert told(
        'dns_query("a.example", "x"); xlog("$rc $dns(x=>count) $dns(x=>ipv4) $dns(x=>ipv6)");'
        'xlog("$dns(x=>addr) $dns(x=>type) $dns(x=>addr[-1]) $dns(x=>addr[3])");'
    ) == ["1 3 1 1", "2001:db8::1 6 192.0.2.2 <null>"]


def test_a_name_that_has_none_takes_away_what_was_there() -> None:
    assert told(
        'dns_query("a.example", "x"); dns_query("b.example", "x"); xlog("$rc $dns(x=>count)");'
    ) == ["-4 <null>"]


def test_what_was_found_is_of_this_message_alone() -> None:
    assert told('xlog("$dns(x=>count)");') == ["<null>"]


def test_names_of_an_address() -> None:
    assert told(
        'ptr_query("192.0.2.1", "p"); xlog("$rc $ptrquery(p=>count) $ptrquery(p=>hostname)");'
        'xlog("$ptrquery(p=>hostname[1]) $ptrquery(p=>addr) $ptrquery(p=>type)");'
        'xlog("$ptrquery(p=>ipv4) $ptrquery(p=>ipv6)");'
        'ptr_query("192.0.2.9", "p"); xlog("$rc $ptrquery(p=>count)");'
        'ptr_query("nonsense", "p"); xlog("$rc");'
    ) == ["1 2 one.example", "two.example 192.0.2.1 4", "1 0", "-1 <null>", "-1"]


def test_services_and_pointers_are_in_order() -> None:
    assert told(
        'srv_query("_sip._udp.example", "s"); $var(i) = 1;'
        'xlog("$srvquery(s=>target[0]) $srvquery(s=>target[$var(i)]) $srvquery(s=>target[2])");'
        'naptr_query("example", "n"); xlog("$naptrquery(n=>regex[0]) $naptrquery(n=>pref[1])");'
        'srv_query("_sip._tcp.example", "s"); xlog("$srvquery(s=>count)$srvquery(s=>target[0])");'
    ) == ["a b c", "!a!b! 1", "1"]


def test_services_of_one_priority_are_in_an_order_by_chance() -> None:
    code = 'srv_query("_sip._udp.example", "s"); xlog("$srvquery(s=>target[0])");'
    assert run(code, names=FakeNames(RECORDS, random=lambda: 0.05)).lines == ["a"]
    assert run(code, names=FakeNames(RECORDS, random=lambda: 0.15)).lines == ["b"]


@pytest.mark.parametrize("index", ['"1"', '"x"', "-9", "9"])
def test_indexes_that_are_none(index: str) -> None:
    code = f'dns_query("a.example", "x"); $var(i) = {index}; xlog("$dns(x=>addr[$var(i)])");'
    assert told(code) == ["<null>"]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('dns_sys_match_ip("a.example", "192.0.2.2")', 1),
        ('dns_int_match_ip("a.example", "[2001:db8:0::1]")', 1),
        ('dns_int_match_ip("a.example", "192.0.2.3")', -1),
        ('dns_sys_match_ip("a.example", "x")', -3),
        ('dns_sys_match_ip("b.example", "192.0.2.2")', -4),
    ],
)
def test_whether_an_address_is_of_a_name(call: str, code: int) -> None:
    assert told(f'{call}; xlog("$rc");') == [str(code)]


def test_answers_are_remembered_as_long_as_the_script_says() -> None:
    names = FakeNames(RECORDS, ttl=60)
    ask = 'dns_query("a.example", "x");'
    run(f"dns_set_local_ttl(7200); {ask}", names=names)
    names.now += 7000
    run(ask, names=names)
    assert names.source.asked == ["a.example AAAA", "a.example A"]
    names.now += 300
    run(f"dns_set_local_ttl(0); {ask}", names=names)
    names.now += 61
    run(ask, names=names)
    assert len(names.source.asked) == 6


def test_the_names_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    def named(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(2, 2, 17, "h.example.com", ("192.0.2.7", 0))]

    monkeypatch.setattr(socket, "gethostname", lambda: "h")
    monkeypatch.setattr(socket, "getaddrinfo", named)
    hostnames._names.cache_clear()
    try:
        lines = run('xlog("$HN(n) $HN(f) $HN(d) $HN(i)");').lines
    finally:
        hostnames._names.cache_clear()
    assert lines == ["h h.example.com example.com 192.0.2.7"]


def test_a_machine_whose_name_nobody_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise OSError

    monkeypatch.setattr(socket, "gethostname", lambda: "h")
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    hostnames._names.cache_clear()
    try:
        lines = run('xlog("$HN(n) $HN(f) $HN(d) $HN(i)");').lines
    finally:
        hostnames._names.cache_clear()
    assert lines == ["h h <null> <null>"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("$var(x) = $dns(x=>nonsense);", "one of count, ipv4, ipv6, addr, type; not x=>nonsense"),
        ("$var(x) = $dns(x);", "$dns takes id=>key"),
        ("$var(x) = $dns(x=>addr[x]);", "$dns takes id=>key"),
        ("$var(x) = $dns(x$var(y)=>addr);", "$dns takes id=>key"),
        ("$var(x) = $srvquery(s=>count[1]);", "$srvquery(id=>count) has no index"),
        ("$var(x) = $naptrquery(s=>order);", "wants an index, as in order[0]"),
        ("$dns(x=>count) = 1;", "cannot be assigned to"),
        ("$var(x) = $HN(x);", "$HN takes n, f, d or i, not x"),
        ('dns_query("x");', "dns_query() takes 2 arguments, only 1 is given"),
        ("is_ip();", "is_ip() takes 1 argument, only 0 are given"),
        ('dns_set_local_ttl("x");', '"x" is not a number'),
        ('detailed_ip_type("1.2.3.4", "x");', "wants a variable"),
        ('detailed_ip_type("1.2.3.4", "$ci");', "$ci cannot be assigned to"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}")
    assert len(found) == 1
    assert message in found[0]
