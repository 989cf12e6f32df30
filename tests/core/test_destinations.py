"""From a URI to an address."""

from __future__ import annotations

import asyncio

import pytest

from sipway.core import destinations
from sipway.core.destinations import Target, look_up, source_address
from sipway.sip.addresses import sockaddr


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
    assert Target.from_uri(uri) == target


@pytest.mark.parametrize("uri", ["", "nonsense", "sip:", "sip:a@b@c", "sip:a:99999"])
def test_what_is_no_uri(uri: str) -> None:
    with pytest.raises(ValueError, match="is no URI"):
        Target.from_uri(uri)


def test_addresses_are_not_looked_up() -> None:
    for host in ("192.0.2.1", "2001:db8::1"):
        target = Target("udp", host, 5060)
        assert target.address == asyncio.run(look_up(target)) == sockaddr(host, 5060)
    assert Target("udp", "a.example", 5060).address is None


def test_names_are_looked_up() -> None:
    assert asyncio.run(look_up(Target("udp", "localhost", 99))) == sockaddr("127.0.0.1", 99)
    assert asyncio.run(look_up(Target("udp", "", 99))) is None


@pytest.mark.parametrize("name", ["no-such-name.invalid", "a" * 300, "\udcff.example", "a..b"])
def test_names_that_are_none(name: str) -> None:
    assert asyncio.run(look_up(Target("udp", name, 5060))) is None


def test_those_who_want_the_same_name_share_one_lookup(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    async def answer(name: str) -> str:
        asked.append(name)
        await asyncio.sleep(0)
        return "192.0.2.1"

    async def all_of_them() -> list[bytes | None]:
        return await asyncio.gather(
            *(look_up(Target("udp", "a.example", port)) for port in (1, 2, 3))
        )

    monkeypatch.setattr(destinations, "_first_address", answer)
    assert asyncio.run(all_of_them()) == [sockaddr("192.0.2.1", port) for port in (1, 2, 3)]
    assert asked == ["a.example"]
    asyncio.run(all_of_them())
    assert asked == ["a.example"] * 2, "it is not remembered"


def test_only_so_many_names_are_looked_up_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(destinations, "MAX_LOOKUPS", 0)
    assert asyncio.run(look_up(Target("udp", "localhost", 99))) is None


def test_one_who_stops_waiting_takes_nothing_from_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def run() -> bytes | None:
        asked, answer = asyncio.Event(), asyncio.Event()

        async def first_address(_: str) -> str:
            asked.set()
            await answer.wait()
            return "192.0.2.1"

        monkeypatch.setattr(destinations, "_first_address", first_address)
        target = Target("udp", "a.example", 1)
        gone, stays = (asyncio.ensure_future(look_up(target)) for _ in range(2))
        await asked.wait()
        gone.cancel()
        answer.set()
        return await stays

    assert asyncio.run(run()) == sockaddr("192.0.2.1", 1)


def test_the_address_that_the_system_would_send_from() -> None:
    there = sockaddr("127.0.0.7", 5060)
    assert source_address(there, 1000.0) == "127.0.0.1"
    assert source_address(sockaddr("255.255.255.255", 5060), 1000.0) is None


def test_it_is_remembered_for_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    there = sockaddr("127.0.0.8", 5060)
    monkeypatch.setitem(destinations._sources, "127.0.0.8", ("192.0.2.1", 1000.0))
    assert source_address(there, 1000.9) == "192.0.2.1"
    assert source_address(there, 1001.0) == "127.0.0.1"
