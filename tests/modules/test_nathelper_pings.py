"""nathelper: who is pinged, how, when and by which socket; time is what the test says it is."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Coroutine
from itertools import pairwise
from statistics import median
from typing import Any

import pytest

from sipway.core.sockets import ListenSocket
from sipway.errors import ModuleError
from sipway.modules.usrloc import Contact
from sipway.modules.usrloc.walking import MOST, SHORTEST
from sipway.sip.message import parse
from tests.fake_names import FakeNames
from tests.modules.commanding import give
from tests.modules.pinging import (
    ASKING,
    CODE,
    EMPTY,
    INTERVAL,
    NAT,
    OFF,
    SIP,
    START,
    PingingServer,
    Sent,
    contact,
    where_to,
    with_sockets,
)
from tests.modules.running import load


def test_four_zero_bytes_go_to_where_the_phone_is() -> None:
    server = PingingServer()
    server.add("alice", contact(received=b"sip:203.0.113.5:7777"))
    server.add("bob", contact("sip:bob@192.0.2.6"), contact("sip:bob@192.0.2.7:5077"))
    server.add("carol", contact(path=b"<sip:198.51.100.1:5090;lr>, <sip:198.51.100.2;lr>"))
    sent = server.round(server.pinger())
    assert {data for _, _, data in sent} == {EMPTY}
    assert {name for name, _, _ in sent} == {"udp:192.0.2.9:5060"}
    assert where_to(sent) == [
        "203.0.113.5:7777",
        "192.0.2.6:5060",
        "192.0.2.7:5077",
        "198.51.100.1:5090",
    ]


def test_a_path_can_be_passed_over() -> None:
    server = PingingServer(ignore_path=1)
    server.add("carol", contact("sip:c@192.0.2.6", path=b"<sip:198.51.100.1;lr>"))
    assert where_to(server.round(server.pinger())) == ["192.0.2.6:5060"]


@pytest.mark.parametrize(
    "contact",
    [
        contact("sip:a@192.0.2.5;transport=tcp"),
        contact(received=b"sip:192.0.2.5:5070;transport=tcp"),
        contact("sips:a@192.0.2.5"),
        contact("tel:+123"),
        contact("nonsense"),
        contact("sip:a@192.0.2.5:99999"),
        contact(path=b"broken <"),
        contact("sip:a@[2001:db8::1]"),  # there is no socket for it
        contact(cflags=OFF),
        Contact(b"sip:a@192.0.2.5", int(START) - 1),
    ],
)
def test_who_cannot_be_pinged_or_must_not_be_is_not(contact: Contact) -> None:
    server = PingingServer()
    server.add("alice", contact)
    assert server.round(server.pinger()) == []


def test_only_those_behind_nat() -> None:
    server = PingingServer(ping_nated_only=1, **ASKING)
    server.add("a", contact("sip:a@192.0.2.1"))
    server.add("b", contact("sip:b@192.0.2.2", cflags=NAT))
    server.add("c", contact("sip:c@192.0.2.3", cflags=NAT | SIP))
    server.add("d", contact("sip:d@192.0.2.4", cflags=NAT | SIP | OFF))
    server.add("e", contact("sip:e@192.0.2.5", cflags=SIP))
    sent = server.round(server.pinger())
    assert [(where, data[:9]) for _, where, data in sent] == [
        ("192.0.2.2:5060", EMPTY),
        ("192.0.2.3:5060", b"OPTIONS s"),
    ]


def test_all_are_asked_where_all_are_pinged_and_there_is_a_flag() -> None:
    server = PingingServer(**ASKING)
    server.add("a", contact("sip:a@192.0.2.1"))
    assert [data[:7] for _, _, data in server.round(server.pinger())] == [b"OPTIONS"]
    server = PingingServer(sipping_from="sip:pinger@a.example")
    server.add("a", contact("sip:a@192.0.2.1", cflags=SIP))
    assert [data for _, _, data in server.round(server.pinger())] == [EMPTY]


def test_the_request() -> None:
    server = PingingServer(sipping_method="INFO", **ASKING)
    server.add(
        "a",
        contact("sip:a@10.1.2.3:5070;x=y", path=b"<sip:192.0.2.1;lr>,\r\n <sip:192.0.2.2;lr>"),
    )
    ((name, where, data),) = server.round(server.pinger())
    assert (name, where) == ("udp:192.0.2.9:5060", "192.0.2.1:5060")
    text = re.sub(r"(branch=z9hG4bK)[0-9a-f]{16}", r"\1B", data.decode())
    text = re.sub(r"(Call-ID: )[0-9a-f]{24}@", r"\1C@", text)
    text = re.sub(r"(tag=uloc-a-0-)[0-9a-f]{12}", r"\1T", text)
    assert text == (
        "INFO sip:a@10.1.2.3:5070;x=y SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKB\r\n"
        "Route: <sip:192.0.2.1;lr>, <sip:192.0.2.2;lr>\r\n"
        "From: sip:pinger@a.example;tag=uloc-a-0-T\r\nTo: <sip:a@10.1.2.3:5070;x=y>\r\n"
        "Call-ID: C@192.0.2.9\r\nCSeq: 1 INFO\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )
    assert parse(data).method == "INFO"


@pytest.mark.parametrize("uri", ["sip:a b@192.0.2.5", "sip:a\r\nX: y@192.0.2.5", "sip:<@192.0.2.5"])
def test_a_uri_that_would_break_a_request_gets_four_bytes(uri: str) -> None:
    server = PingingServer(**ASKING)
    server.add("a", contact(uri, received=b"sip:192.0.2.5"))
    assert [data for _, _, data in server.round(server.pinger())] == [EMPTY]


def test_the_socket_that_the_phone_came_by_is_used() -> None:
    server = PingingServer(**ASKING)
    sockets = (*server.program.sockets, ListenSocket("udp", "192.0.2.9", 5080))
    six = ListenSocket("udp", "2001:db8::9", 5060)
    program = with_sockets(server.program, (*sockets, six))
    server.program = program
    server.add("a", contact("sip:a@192.0.2.1", socket=b"udp:192.0.2.9:5080"))
    server.add("b", contact("sip:b@192.0.2.2", socket=b"udp:192.0.2.77:5060"))
    server.add("c", contact("sip:c@[2001:db8::1]", socket=b"udp:192.0.2.9:5080"))
    sent = server.round(server.pinger())
    assert {(where, name) for name, where, _ in sent} == {
        ("192.0.2.1:5060", "udp:192.0.2.9:5080"),
        ("192.0.2.2:5060", "udp:192.0.2.9:5060"),
        ("2001:db8::1:5060", "udp:[2001:db8::9]:5060"),
    }
    for name, _, data in sent:
        assert parse(data).via.host in name


def test_a_forced_socket_goes_first() -> None:
    server = PingingServer(force_socket="192.0.2.9:5080")
    other = ListenSocket("udp", "192.0.2.9", 5080)
    server.program = with_sockets(server.program, (*server.program.sockets, other))
    server.add("a", contact("sip:a@192.0.2.1"))
    assert [name for name, _, _ in server.round(server.pinger())] == ["udp:192.0.2.9:5080"]


def test_a_forced_socket_that_is_not_ours_is_told_and_passed_over() -> None:
    server = PingingServer(force_socket="192.0.2.99:5060")
    server.add("a", contact("sip:a@192.0.2.1"))
    assert [name for name, _, _ in server.round(server.pinger())] == ["udp:192.0.2.9:5060"]
    assert "is none of our UDP sockets" in server.log.written[-1][1]


def test_only_contacts_that_came_by_this_server() -> None:
    server = PingingServer(filter_server_id=1, head="server_id=5\n")
    server.add("a", contact("sip:a@192.0.2.1", server_id=5))
    server.add("b", contact("sip:b@192.0.2.2", server_id=6))
    assert where_to(server.round(server.pinger())) == ["192.0.2.1:5060"]


# --- when ---------------------------------------------------------------------------------------


def test_each_is_pinged_once_in_each_round_and_evenly() -> None:
    server = PingingServer()
    for number in range(10):
        server.add(f"user{number}", contact(f"sip:a@192.0.2.{number}"))
    pinger = server.pinger()
    times: dict[str, list[float]] = {}
    while server.now < START + 4 * INTERVAL:
        wait = pinger.step(server.now)
        for where in where_to(server.sent()):
            times.setdefault(where, []).append(server.now - START)
        server.now += wait
    assert len(times) == 10
    for number, each in enumerate(times.values()):
        assert len(each) == 4
        assert each[0] == pytest.approx(number * 3, abs=1.1)
        for first, second in pairwise(each):
            assert second - first == pytest.approx(INTERVAL, abs=1.1)


def test_a_hundred_thousand_are_never_many_at_a_time() -> None:
    server = PingingServer(**ASKING)
    table = server.table
    for number in range(100_000):
        made = contact(f"sip:u@10.{number >> 16}.{number >> 8 & 255}.{number & 255}")
        made.ruid = b"uloc-%d" % number
        table.put(f"u{number:06}", [made], 0)
    pinger = server.pinger()
    counts = []
    took = []
    while server.now < START + INTERVAL:
        before = time.process_time()
        wait = pinger.step(server.now)
        took.append(time.process_time() - before)
        counts.append(sum(len(each.outgoing) for each in server.program.sockets))
        for each in server.program.sockets:
            each.outgoing = []
        assert wait >= SHORTEST
        server.now += wait
    assert sum(counts) == pytest.approx(100_000, rel=0.01)
    assert max(counts) <= MOST
    assert max(counts[5:]) < 2 * sum(counts) / len(counts)
    assert median(took) < 0.05  # a millisecond or two, where nobody else is busy


def test_a_pause_is_not_made_up_for_with_a_burst() -> None:
    server = PingingServer()
    for number in range(1000):
        server.add(f"u{number:04}", contact(f"sip:u@10.0.{number >> 8}.{number & 255}"))
    pinger = server.pinger()
    pinger.step(server.now)
    server.sent()
    for jump in (86_400.0, -86_400.0, 5 * INTERVAL):
        server.now += jump
        pinger.step(server.now)
        assert len(server.sent()) <= 2


def test_a_phone_that_comes_when_there_was_none_is_pinged_soon() -> None:
    server = PingingServer()
    pinger = server.pinger()
    for _ in range(100):
        wait = pinger.step(server.now)
        assert wait <= 1.0
        server.now += wait
    server.add("a", contact("sip:a@192.0.2.1"))
    before = server.now
    while not (sent := server.sent()):
        server.now += pinger.step(server.now)
    assert where_to(sent) == ["192.0.2.1:5060"]
    assert server.now - before <= INTERVAL


def test_pings_are_switched_off_and_on() -> None:
    server = PingingServer()
    server.add("a", contact("sip:a@192.0.2.1"))
    assert give(server.program, "nathelper.enable_ping", 0) is None
    pinger = server.pinger()
    assert server.round(pinger) == []
    assert give(server.program, "nathelper.enable_ping", 1) is None
    assert len(server.round(pinger)) == 1


# --- names ---------------------------------------------------------------------------------------


def test_a_name_is_looked_up_while_others_are_pinged() -> None:
    server = PingingServer(found=FakeNames({"phone.example A": ["192.0.2.44"]}))
    server.add("a", contact("sip:a@phone.example:5070"))
    server.add("b", contact("sip:b@nowhere.example:5070"))
    server.add("c", contact("sip:c@192.0.2.1"))

    async def serve() -> list[Sent]:
        tasks: list[asyncio.Task[Any]] = []

        def spawn(coroutine: Coroutine[Any, Any, Any]) -> None:
            tasks.append(asyncio.ensure_future(coroutine))

        server.program.spawn = spawn
        server.round(server.pinger())
        await asyncio.gather(*tasks)
        return server.sent()

    assert where_to(asyncio.run(serve())) == ["192.0.2.44:5070"]


def test_no_more_names_are_looked_up_than_may_be() -> None:
    server = PingingServer()
    for number in range(100):
        server.add(f"u{number}", contact(f"sip:a@u{number}.example"))
    waiting: list[Coroutine[Any, Any, Any]] = []
    server.program.spawn = waiting.append
    pinger = server.pinger()
    server.round(pinger)
    assert len(waiting) == 64
    assert pinger.dropped == 36
    for each in waiting:
        each.close()


# --- the service ---------------------------------------------------------------------------------


def test_the_server_pings_by_its_clock() -> None:
    server = PingingServer()
    server.add("a", contact("sip:a@192.0.2.1"))
    server.program.clock = lambda: server.now

    async def serve() -> list[Sent]:
        tasks = [asyncio.ensure_future(each()) for each in server.program.services]
        async with asyncio.timeout(10):
            while not (found := server.sent()):
                await asyncio.sleep(0)
        for each in tasks:
            each.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return found

    assert where_to(asyncio.run(serve())) == ["192.0.2.1:5060"]


def test_without_an_interval_there_is_no_service() -> None:
    with_pings = PingingServer()
    without = PingingServer(natping_interval=0)
    assert len(with_pings.program.services) == len(without.program.services) + 1
    assert without.program.incoming is None


def test_what_does_not_fit_together_is_refused() -> None:
    with pytest.raises(ModuleError, match="sipping_bflag needs sipping_from"):
        PingingServer(sipping_bflag=7)
    with pytest.raises(ModuleError, match="natping_interval needs the module usrloc"):
        load(
            CODE,
            parameters='modparam("nathelper", "natping_interval", 5)',
            modules=("nathelper",),
        )
