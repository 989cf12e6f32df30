"""From a URI to an address."""

from __future__ import annotations

import asyncio

import pytest

from sipway.core import destinations
from sipway.core.destinations import Target, look_up, source_address
from sipway.core.locating import Hop, locate
from sipway.sip.addresses import sockaddr
from tests.fake_names import at_once
from tests.fakes import context


@pytest.mark.parametrize(
    ("uri", "target"),
    [
        ("sip:192.0.2.1", ("udp", "192.0.2.1", 5060)),
        ("sip:a@192.0.2.1:99", ("udp", "192.0.2.1", 99)),
        ("sip:192.0.2.1:0", ("udp", "192.0.2.1", 5060)),
        ("sip:[2001:db8::1]:99", ("udp", "2001:db8::1", 99)),
        ("sip:a.example;transport=TCP", ("tcp", "a.example", 5060)),
        ("sip:a.example;transport=tls", ("tls", "a.example", 5061)),
        ("sip:a.example;transport=foo", ("udp", "a.example", 5060)),
        ("sips:a.example", ("tls", "a.example", 5061)),
        ("sips:a.example;transport=ws", ("wss", "a.example", 5061)),
        ("sip:a.example;maddr=192.0.2.1", ("udp", "a.example", 5060)),
        ("tel:123", ("udp", "", 5060)),
    ],
)
def test_targets(uri: str, target: tuple[str, str, int]) -> None:
    assert Target.from_uri(uri)[:3] == target


@pytest.mark.parametrize("uri", ["", "nonsense", "sip:", "sip:a@b@c", "sip:a:99999"])
def test_what_is_no_uri(uri: str) -> None:
    with pytest.raises(ValueError, match="is no URI"):
        Target.from_uri(uri)


@pytest.mark.parametrize(
    ("uri", "port_given", "protocol_given", "secure"),
    [
        ("sip:a.example", False, False, False),
        ("sip:a.example:5060", True, False, False),
        ("sip:a.example:0", False, False, False),
        ("sip:a.example;transport=udp", False, True, False),
        ("sip:a.example;transport=foo", False, False, False),
        ("sips:a.example", False, False, True),
    ],
)
def test_what_the_uri_leaves_open(
    uri: str, port_given: bool, protocol_given: bool, secure: bool
) -> None:
    assert Target.from_uri(uri)[3:] == (port_given, protocol_given, secure)


def test_a_host_has_its_protocol_and_perhaps_a_port() -> None:
    assert Target.of_host("tls", "[2001:db8::1]") == Target("tls", "2001:db8::1", 5061, False)
    assert Target.of_host("udp", "a.example", 99) == Target("udp", "a.example", 99)


def test_addresses_are_not_looked_up() -> None:
    program = context().program
    for host in ("192.0.2.1", "2001:db8::1"):
        target = Target("udp", host, 5060)
        hop = Hop("udp", sockaddr(host, 5060))
        assert target.address == hop.address
        assert at_once(look_up(program, target)) == hop
        assert at_once(locate(program, target)) == [hop]
    assert Target("udp", "a.example", 5060).address is None


def test_without_a_network_no_name_has_an_address() -> None:
    for host in ("", "a.example"):
        assert asyncio.run(look_up(context().program, Target("udp", host, 99))) is None


def test_the_address_that_the_system_would_send_from() -> None:
    there = sockaddr("127.0.0.7", 5060)
    assert source_address(there, 1000.0) == "127.0.0.1"
    assert source_address(sockaddr("255.255.255.255", 5060), 1000.0) is None


def test_it_is_remembered_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    there = sockaddr("127.0.0.8", 5060)
    monkeypatch.setitem(destinations._sources, "127.0.0.8", ("192.0.2.1", 1000.0))
    assert source_address(there, 1000.9) == "192.0.2.1"
    assert source_address(there, 1001.0) == "127.0.0.1"
