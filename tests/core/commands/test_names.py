"""dns.* and dst_blocklist.*: what is remembered of names and dead hosts."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.core.program import Program
from tests.fake_names import FakeNames
from tests.modules.commanding import give
from tests.modules.running import load


@pytest.fixture
def program() -> Program:
    return load("use_dst_blocklist=yes", names=FakeNames())[0]


def test_a_name_is_given_shown_and_forgotten(program: Program) -> None:
    assert give(program, "dns.add_a", "Host.Example.", 100, "192.0.2.1", 0) is None
    assert give(program, "dns.add_aaaa", "host.example", 100, "2001:db8::1") is None
    assert (
        give(program, "dns.add_srv", "_sip._udp.example", 100, 1, 2, 5060, "host.example") is None
    )
    found = give(program, "dns.view")
    assert [(each["name"], each["type"], each["rr_1"]) for each in found] == [
        ("host.example", "A", "192.0.2.1"),
        ("host.example", "AAAA", "2001:db8::1"),
        ("_sip._udp.example", "SRV", "1 2 5060 host.example"),
    ]
    assert give(program, "dns.lookup", "A", "host.example")["expires"] in (99, 100)
    used, most = give(program, "dns.mem_info")
    assert 0 < used < most
    assert give(program, "dns.delete_a", "host.example") is None
    assert give(program, "dns.delete_a", "host.example") == (400, "Not found")
    assert give(program, "dns.lookup", "a", "host.example") == (400, "Not found")
    assert give(program, "dns.delete_all") is None
    assert give(program, "dns.view") == []


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("dns.lookup", "MX", "x"), "Invalid type"),
        (("dns.add_a", "x", 100, "2001:db8::1"), "2001:db8::1 is no address for A"),
        (("dns.add_aaaa", "x", 100, "nonsense"), "nonsense is no address for AAAA"),
        (("dns.add_a", "x", 0, "192.0.2.1"), "for 1 to 604800 seconds"),
        (("dns.add_srv", "x", 100, 1, 1, 70_000, "y"), "no such port"),
        (("dns.add_a", "x", 100), "parameter 3 (address) is missing"),
        (("dst_blocklist.add", "nonsense", 5060), "nonsense:5060 is no address"),
    ],
)
def test_what_is_wrong(program: Program, given: tuple[Any, ...], reason: str) -> None:
    assert give(program, *given) == (400, reason)


def test_destinations_are_left_alone_and_no_more(program: Program) -> None:
    assert give(program, "dst_blocklist.add", "192.0.2.1", 5060) is None
    (found,) = give(program, "dst_blocklist.view")
    assert (found["protocol"], found["ip"], found["port"]) == ("udp", "192.0.2.1", 5060)
    assert give(program, "dst_blocklist.delete_all") is None
    assert give(program, "dst_blocklist.view") == []


def test_without_a_blocklist() -> None:
    assert give(load("")[0], "dst_blocklist.view") == (500, "dst blocklist support disabled")
