"""What is remembered of DNS, for how long and how much; without a network."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sipway.core import resolving
from sipway.core.resolving import MAX_RECORDS, Kind, Naptr, Srv
from tests.fake_names import FakeNames, at_once

_A = {"a.example A": ["192.0.2.1"], "* A": ["192.0.2.9"]}


def ask(names: FakeNames, name: str = "a.example", kind: Kind = "A") -> tuple[object, ...]:
    return asyncio.run(names.query(name, kind))


def test_records_have_the_fields_of_their_rfc() -> None:
    names = FakeNames(
        {
            "_sip._udp.a.example SRV": [(10, 60, 5070, "b.example")],
            "a.example NAPTR": [(10, 20, "s", "SIP+D2U", "", "_sip._udp.a.example")],
        }
    )
    assert ask(names, "_sip._udp.a.example", "SRV") == (Srv(10, 60, 5070, "b.example"),)
    (naptr,) = ask(names, kind="NAPTR")
    assert naptr == Naptr(10, 20, "s", "SIP+D2U", "", "_sip._udp.a.example")
    assert isinstance(naptr, Naptr)


def test_an_answer_is_remembered_for_its_time_to_live() -> None:
    names = FakeNames(_A, ttl=60)
    assert ask(names) == ("192.0.2.1",)
    names.now += 59.9
    assert at_once(names.query("A.Example.", "A")) == ("192.0.2.1",)
    names.now += 0.1
    ask(names)
    assert names.source.asked == ["a.example A"] * 2


def test_each_kind_for_itself() -> None:
    names = FakeNames(_A)
    ask(names)
    assert ask(names, kind="AAAA") == ()
    assert names.source.asked == ["a.example A", "a.example AAAA"]


@pytest.mark.parametrize(
    ("ttl", "settings", "seconds"),
    [
        (60, {"dns_cache_min_ttl": 100}, 100),
        (60, {"dns_cache_max_ttl": 10}, 10),
        (0, {"dns_cache_min_ttl": 5}, 5),
        (60, {}, 60),
    ],
)
def test_the_script_s_limits_on_time(ttl: float, settings: dict[str, Any], seconds: float) -> None:
    names = FakeNames(_A, ttl=ttl, **settings)
    ask(names)
    names.now += seconds - 0.1
    ask(names)
    assert len(names.source.asked) == 1
    names.now += 0.1
    ask(names)
    assert len(names.source.asked) == 2


@pytest.mark.parametrize(
    ("ttl", "settings"),
    [
        (0, {}),
        (60, {"use_dns_cache": False}),
        (60, {"dns_cache_init": False}),
        (60, {"dns_cache_max_ttl": 0}),
        (60, {"dns_cache_mem": 0}),
    ],
)
def test_what_is_not_remembered(ttl: float, settings: dict[str, Any]) -> None:
    names = FakeNames(_A, ttl=ttl, **settings)
    assert ask(names) == ask(names) == ("192.0.2.1",)
    assert len(names.source.asked) == 2
    assert len(names) == 0


@pytest.mark.parametrize(("ttl", "asked"), [(60, 1), (0, 2)])
def test_that_a_name_is_unknown_is_remembered_too(ttl: int, asked: int) -> None:
    names = FakeNames(dns_cache_negative_ttl=ttl)
    assert ask(names) == ask(names) == ()
    assert len(names.source.asked) == asked
    names.now += 60
    ask(names)
    assert len(names.source.asked) == asked + 1


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", ".a", "a" * 64, "a." * 127, "\udcff.example", "a b", "a\\000", "ä.de"]
)
def test_what_is_no_name_is_not_asked_for(name: str) -> None:
    names = FakeNames(_A)
    assert at_once(names.query(name, "A")) == ()
    assert names.source.asked == []


def test_of_an_answer_only_so_much_is_kept() -> None:
    names = FakeNames({"a.example A": ["192.0.2.1"] * 4000})
    assert len(ask(names)) == MAX_RECORDS


@pytest.mark.parametrize("settings", [{}, {"dns_cache_del_nonexp": True}])
def test_ten_thousand_names_take_the_room_of_the_cache(settings: dict[str, Any]) -> None:
    names = FakeNames(_A, dns_cache_mem=100, **settings)

    async def run() -> None:
        for number in range(10_000):
            assert await names.query(f"{number}.example", "A") == ("192.0.2.9",)

    asyncio.run(run())
    assert 100 < len(names) < 250
    assert len(names._asked) == 0
    first = bool(names._entries.get(("0.example", "A")))
    assert first is not bool(settings), "the oldest stay, unless dns_cache_del_nonexp"


def test_what_was_used_least_goes_first() -> None:
    names = FakeNames(_A, dns_cache_mem=2, dns_cache_del_nonexp=True)
    for name in ("a.example", "b.example", "c.example", "a.example", "d.example"):
        ask(names, name)
    assert [name for name, _ in names._entries] == ["c.example", "a.example", "d.example"]


def test_a_full_cache_makes_room_with_what_has_expired() -> None:
    names = FakeNames(_A, dns_cache_mem=1)
    ask(names, "a.example")
    full = len(names)
    names.now += 61
    ask(names, "b.example")
    assert len(names) == full == 1
    assert ("b.example", "A") in names._entries


def test_the_cache_is_cleaned_from_time_to_time() -> None:
    names = FakeNames(_A, dns_cache_gc_interval=120)
    ask(names, "a.example")
    names.now += 100
    ask(names, "b.example")
    assert len(names) == 2
    names.now += 100
    ask(names, "c.example")
    assert list(names._entries) == [("c.example", "A")]
    assert names._size == names._entries["c.example", "A"].size


def test_those_who_want_the_same_name_share_one_lookup() -> None:
    names = FakeNames(_A, ttl=0)

    async def run() -> list[Any]:
        return list(await asyncio.gather(*(names.query("a.example", "A") for _ in range(100))))

    assert asyncio.run(run()) == [("192.0.2.1",)] * 100
    assert names.source.asked == ["a.example A"]


def test_only_so_many_names_are_looked_up_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolving, "MAX_LOOKUPS", 2)
    names = FakeNames(_A)

    async def run() -> list[Any]:
        names.source.gate = asyncio.Event()
        waiting = [asyncio.ensure_future(names.query(f"{n}.example", "A")) for n in (1, 2)]
        await asyncio.sleep(0)
        assert await names.query("3.example", "A") == ()
        names.source.gate.set()
        await asyncio.gather(*waiting)
        return [await names.query("3.example", "A")]

    assert asyncio.run(run()) == [("192.0.2.9",)], "it was not remembered as unknown"


def test_one_who_stops_waiting_takes_nothing_from_the_others() -> None:
    names = FakeNames(_A)

    async def run() -> tuple[object, ...]:
        names.source.gate = asyncio.Event()
        gone, stays = (asyncio.ensure_future(names.query("a.example", "A")) for _ in range(2))
        await asyncio.sleep(0)
        gone.cancel()
        names.source.gate.set()
        return await stays

    assert asyncio.run(run()) == ("192.0.2.1",)
