"""RFC 3263 and RFC 2782, without a network.

What Kamailio does was seen on 5.6.3; tests/scenarios/test_dns.py compares both on the wire.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.core.destinations import Target
from sipway.core.locating import MAX_HOPS, by_priority, locate
from sipway.core.program import Program
from sipway.core.resolving import Srv
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.sip.addresses import ip_text, port
from tests.fake_names import FakeNames, at_once
from tests.fakes import LogInMemory

_FOUR = ListenSocket("udp", "192.0.2.9", 5060)
_SIX = ListenSocket("udp", "2001:db8::9", 5060)
_TCP = ListenSocket("tcp", "192.0.2.9", 5060)
_TLS = ListenSocket("tls", "192.0.2.9", 5061)

_RECORDS: dict[str, list[Any]] = {
    "a.example A": ["192.0.2.1", "192.0.2.2"],
    "six.example AAAA": ["2001:db8::1"],
    "both.example A": ["192.0.2.1"],
    "both.example AAAA": ["2001:db8::1"],
    "_sip._udp.srv.example SRV": [(20, 10, 5071, "h2.example"), (10, 10, 5070, "h1.example")],
    "_sip._tcp.srv.example SRV": [(10, 10, 5072, "h3.example")],
    "_sips._tcp.srv.example SRV": [(10, 10, 5073, "h3.example")],
    "srv.example A": ["192.0.2.1"],
    "_sip._tcp.tcponly.example SRV": [(10, 10, 5072, "h3.example")],
    "tcponly.example A": ["192.0.2.1"],
    "_sip._udp.dead.example SRV": [(10, 10, 5070, "gone.example"), (20, 0, 5071, "h2.example")],
    "_sip._udp.none.example SRV": [(0, 0, 0, "")],
    "none.example A": ["192.0.2.1"],
    "_sip._udp.lb.example SRV": [
        (10, 10, 5070, "h1.example"),
        (10, 30, 5070, "h2.example"),
        (10, 60, 5070, "h3.example"),
    ],
    "h1.example A": ["192.0.2.11"],
    "h2.example A": ["192.0.2.12"],
    "h3.example A": ["192.0.2.13"],
    # TCP is what the other side prefers.
    "np.example NAPTR": [
        (20, 10, "s", "SIP+D2U", "", "_sip._udp.srv.example"),
        (10, 10, "s", "SIP+D2T", "", "_sip._tcp.srv.example"),
        (5, 10, "s", "SIPS+D2T", "", "_sips._tcp.srv.example"),
        (1, 10, "a", "SIP+D2U", "", "a.example"),
        (1, 10, "u", "E2U+sip", "!.*!sip:a@b!", ""),
    ],
    "npdead.example NAPTR": [
        (20, 10, "s", "SIP+D2U", "", "_sip._udp.gone.example"),
        (10, 10, "S", "sip+d2t", "", "_sip._tcp.srv.example"),
    ],
    "npgone.example NAPTR": [(20, 10, "s", "SIP+D2U", "", "_sip._udp.gone.example")],
    "npgone.example A": ["192.0.2.1"],
    "npmany.example NAPTR": [
        (20, 10, "s", "SIP+D2U", "", "_sip._udp.none.example"),
        (10, 20, "s", "SIP+D2U", "", "_sip._udp.srv.example"),
        (10, 10, "s", "SIP+D2U", "", "_sip._udp.lb.example"),
    ],
}


class _Located:
    """Where a URI leads, `protocol:ip:port`, and what was asked for that."""

    def __init__(
        self,
        uri: str,
        *sockets: ListenSocket,
        records: dict[str, list[Any]] | None = None,
        numbers: random.Random | None = None,
        **settings: Any,
    ) -> None:
        names = FakeNames(
            _RECORDS if records is None else records,
            random=(numbers or random.Random(1)).random,
            **settings,
        )
        program = Program(
            "test.cfg", Settings(**settings), LogInMemory(), sockets or (_FOUR,), names=names
        )
        target = Target.from_uri(uri)
        hops = asyncio.run(locate(program, target))
        self.hops = [
            f"{each.protocol}:{ip_text(each.address)}:{port(each.address)}" for each in hops
        ]
        self.asked = names.source.asked
        if settings.get("use_dns_cache", True) and not settings.get("dns_srv_lb"):
            assert at_once(locate(program, target)) == hops, "what is known is asked for again"


def _hop(uri: str, *sockets: ListenSocket, **settings: Any) -> str:
    (hop,) = _Located(uri, *sockets, **settings).hops
    return hop


@pytest.mark.parametrize(
    ("uri", "hop", "asked"),
    [
        ("sip:192.0.2.5", "udp:192.0.2.5:5060", ""),
        ("sip:[2001:db8::5]:99", "udp:2001:db8::5:99", ""),
        ("sip:a.example:99", "udp:192.0.2.1:99", "a.example A"),
        ("sip:a.example", "udp:192.0.2.1:5060", "_sip._udp.a.example SRV, a.example A"),
        ("sip:srv.example", "udp:192.0.2.11:5070", "_sip._udp.srv.example SRV, h1.example A"),
        ("sip:srv.example:5060", "udp:192.0.2.1:5060", "srv.example A"),
        (
            "sip:srv.example;transport=tcp",
            "tcp:192.0.2.13:5072",
            "_sip._tcp.srv.example SRV, h3.example A",
        ),
        ("sips:srv.example", "tls:192.0.2.13:5073", "_sips._tcp.srv.example SRV, h3.example A"),
        ("sips:a.example", "tls:192.0.2.1:5061", "_sips._tcp.a.example SRV, a.example A"),
        ("sip:a.example;transport=ws", "ws:192.0.2.1:5060", "a.example A"),
        (
            "sip:a.example;transport=sctp",
            "sctp:192.0.2.1:5060",
            "_sip._sctp.a.example SRV, a.example A",
        ),
        # Without NAPTR no other transport is looked for.
        (
            "sip:tcponly.example",
            "udp:192.0.2.1:5060",
            "_sip._udp.tcponly.example SRV, tcponly.example A",
        ),
        (
            "sip:dead.example",
            "udp:192.0.2.12:5071",
            "_sip._udp.dead.example SRV, gone.example A, h2.example A",
        ),
        ("sip:none.example", "udp:192.0.2.1:5060", "_sip._udp.none.example SRV, none.example A"),
        # The heaviest first.
        ("sip:lb.example", "udp:192.0.2.13:5070", "_sip._udp.lb.example SRV, h3.example A"),
    ],
)
def test_as_kamailio_by_default(uri: str, hop: str, asked: str) -> None:
    located = _Located(uri, _FOUR, _TCP)
    assert located.hops == [hop]
    assert ", ".join(located.asked) == asked


@pytest.mark.parametrize("uri", ["sip:gone.example", "sip:gone.example:99", "tel:123"])
def test_a_name_without_an_address_leads_nowhere(uri: str) -> None:
    assert _Located(uri, dns_try_naptr=True).hops == []


@pytest.mark.parametrize(
    ("uri", "sockets", "settings", "hop"),
    [
        # What the script prefers: UDP by default; what none of our sockets speaks is no choice.
        ("sip:np.example", (_FOUR, _TCP), {}, "udp:192.0.2.11:5070"),
        ("sip:np.example", (_FOUR, _TCP), {"dns_tcp_pref": 40}, "tcp:192.0.2.13:5072"),
        ("sip:np.example", (_FOUR,), {"dns_tcp_pref": 40}, "udp:192.0.2.11:5070"),
        ("sip:np.example", (_FOUR, _TLS), {"dns_tls_pref": 40}, "tls:192.0.2.13:5073"),
        # What the other side prefers.
        (
            "sip:np.example",
            (_FOUR, _TCP),
            {"dns_tcp_pref": 1, "dns_udp_pref": 1},
            "tcp:192.0.2.13:5072",
        ),
        ("sip:np.example", (_FOUR, _TCP), {"dns_naptr_ignore_rfc": False}, "tcp:192.0.2.13:5072"),
        (
            "sip:np.example",
            (_FOUR, _TCP),
            {"dns_naptr_ignore_rfc": False, "dns_tcp_pref": -1},
            "udp:192.0.2.11:5070",
        ),
        ("sip:npmany.example", (_FOUR,), {}, "udp:192.0.2.13:5070"),
        # One after the other until there is an address.
        ("sip:npdead.example", (_FOUR, _TCP), {}, "tcp:192.0.2.13:5072"),
        ("sip:npgone.example", (_FOUR, _TCP), {}, "udp:192.0.2.1:5060"),
        # Without NAPTR: SRV of each protocol.
        ("sip:tcponly.example", (_FOUR, _TCP), {}, "tcp:192.0.2.13:5072"),
        ("sip:tcponly.example", (_FOUR,), {}, "udp:192.0.2.1:5060"),
        ("sip:tcponly.example", (_FOUR, _TCP), {"dns_tcp_pref": -1}, "udp:192.0.2.1:5060"),
        # NAPTR is not for those who named transport or port.
        ("sip:srv.example;transport=udp", (_FOUR, _TCP), {}, "udp:192.0.2.11:5070"),
        ("sip:srv.example:99", (_FOUR, _TCP), {"dns_tcp_pref": 40}, "udp:192.0.2.1:99"),
        # A SIPS URI goes by TLS or not at all.
        ("sips:np.example", (_FOUR, _TCP, _TLS), {}, "tls:192.0.2.13:5073"),
        ("sips:srv.example", (_FOUR, _TCP), {}, "tls:192.0.2.13:5073"),
    ],
)
def test_naptr(
    uri: str, sockets: tuple[ListenSocket, ...], settings: dict[str, Any], hop: str
) -> None:
    assert _hop(uri, *sockets, dns_try_naptr=True, **settings) == hop


@pytest.mark.parametrize(
    ("host", "sockets", "settings", "ip"),
    [
        ("both", (_FOUR,), {}, "192.0.2.1"),
        ("both", (_FOUR, _SIX), {}, "192.0.2.1"),
        ("six", (_FOUR, _SIX), {}, "2001:db8::1"),
        ("both", (_FOUR, _SIX), {"dns_cache_flags": 4}, "2001:db8::1"),
        ("a", (_FOUR, _SIX), {"dns_cache_flags": 4}, "192.0.2.1"),
        ("both", (_FOUR, _SIX), {"dns_cache_flags": 2}, "2001:db8::1"),
        ("a", (_FOUR, _SIX), {"dns_cache_flags": 2}, None),
        ("six", (_FOUR, _SIX), {"dns_cache_flags": 1}, None),
        ("a", (_FOUR,), {"dns_cache_flags": 2}, "192.0.2.1"),
        ("six", (_FOUR,), {}, None),
        ("six", (_FOUR, _SIX), {"dns_try_ipv6": False}, None),
        ("both", (_SIX,), {}, "2001:db8::1"),
        ("a", (_SIX,), {}, None),
        ("both", (_SIX,), {"dns_try_ipv6": False}, "192.0.2.1"),
    ],
)
def test_the_family_of_the_address(
    host: str, sockets: tuple[ListenSocket, ...], settings: dict[str, Any], ip: str | None
) -> None:
    hops = _Located(f"sip:{host}.example:99", *sockets, **settings).hops
    assert hops == ([] if ip is None else [f"udp:{ip}:99"])


def test_with_failover_there_are_all() -> None:
    located = _Located("sip:srv.example", use_dns_failover=True)
    assert located.hops == ["udp:192.0.2.11:5070", "udp:192.0.2.12:5071"]
    assert _Located("sip:a.example:99", use_dns_failover=True).hops == [
        "udp:192.0.2.1:99",
        "udp:192.0.2.2:99",
    ]
    assert _Located("sip:dead.example", use_dns_failover=True).hops == ["udp:192.0.2.12:5071"]


def test_with_failover_another_transport_counts_too() -> None:
    assert _hop("sip:tcponly.example", _FOUR, _TCP, use_dns_failover=True) == "tcp:192.0.2.13:5072"


def test_failover_needs_the_cache() -> None:
    located = _Located("sip:srv.example", use_dns_failover=True, use_dns_cache=False)
    assert located.hops == ["udp:192.0.2.11:5070"]


def test_a_stranger_s_records_are_not_all_asked_for() -> None:
    records: dict[str, list[Any]] = {
        "_sip._udp.many.example SRV": [(n, 0, 5070, f"{n}.example") for n in range(4000)],
        "* A": [f"192.0.2.{n}" for n in range(200)],
    }
    located = _Located("sip:many.example", records=records, use_dns_failover=True)
    assert len(located.hops) == MAX_HOPS
    assert len(located.asked) <= 1 + MAX_HOPS
    assert len(_Located("sip:many.example", records=records).asked) == 2


def test_weights_spread_the_load() -> None:
    numbers = random.Random(7)
    settings: dict[str, Any] = {"use_dns_failover": True, "dns_srv_lb": True}
    first = Counter(
        _Located("sip:lb.example", numbers=numbers, **settings).hops[0] for _ in range(1000)
    )
    assert 70 < first["udp:192.0.2.11:5070"] < 140
    assert 250 < first["udp:192.0.2.12:5070"] < 360
    assert 540 < first["udp:192.0.2.13:5070"] < 660


def test_weights_without_failover_do_not() -> None:
    assert _hop("sip:lb.example", dns_srv_lb=True) == "udp:192.0.2.13:5070"


_SRVS = st.lists(
    st.builds(
        Srv,
        priority=st.integers(0, 3),
        weight=st.integers(0, 65535),
        port=st.integers(1, 65535),
        target=st.sampled_from(["a.example", "b.example", "", "."]),
    ),
    max_size=12,
)


@given(_SRVS, st.one_of(st.none(), st.integers()))
def test_an_order_has_every_record_once_and_priorities_grow(
    records: list[Srv], seed: int | None
) -> None:
    ordered = by_priority(records, None if seed is None else random.Random(seed).random)
    assert sorted(ordered) == sorted(each for each in records if each.target not in ("", "."))
    assert [each.priority for each in ordered] == sorted(each.priority for each in ordered)


@given(st.lists(st.integers(1, 100), min_size=2, max_size=5), st.integers())
def test_each_comes_first_as_often_as_its_weight_says(weights: list[int], seed: int) -> None:
    records = [Srv(1, weight, n, "a.example") for n, weight in enumerate(weights)]
    number = random.Random(seed).random
    rounds = 400
    first = Counter(by_priority(records, number)[0].port for _ in range(rounds))
    for n, weight in enumerate(weights):
        share = weight / sum(weights)
        slack = 6 * (share * (1 - share) * rounds) ** 0.5  # six standard deviations
        assert abs(first[n] - share * rounds) <= slack + 1


def test_those_without_weight_have_a_small_chance_together() -> None:
    records = [Srv(1, 9, 1, "a.example"), Srv(1, 0, 2, "a.example"), Srv(1, 0, 3, "a.example")]
    numbers = random.Random(7)
    first = Counter(by_priority(records, numbers.random)[0].port for _ in range(4000))
    assert 3500 < first[1] < 3700
    assert 150 < first[2] < 250
    assert 150 < first[3] < 250


def test_one_after_the_other_would_take_the_time_of_all() -> None:
    """The targets of an SRV record are asked for together where all are wanted."""

    async def run() -> list[str]:
        names = FakeNames(_RECORDS, use_dns_failover=True)
        settings = Settings(use_dns_failover=True)
        program = Program("test.cfg", settings, LogInMemory(), (_FOUR,), names=names)
        located = asyncio.ensure_future(locate(program, Target.from_uri("sip:lb.example")))
        while len(names.source.asked) < 1:
            await asyncio.sleep(0)
        names.source.gate = asyncio.Event()
        while len(names.source.asked) < 4:
            await asyncio.sleep(0)
        names.source.gate.set()
        assert len(await located) == 3
        return names.source.asked

    assert sorted(asyncio.run(run())[1:]) == ["h1.example A", "h2.example A", "h3.example A"]
