"""nathelper: phones that answer pings, and those that do not; time is what the test says it is."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.modules.usrloc.answers import GRACE, Answers, answers
from sipway.sip.addresses import sockaddr
from tests.modules.commanding import give
from tests.modules.pinging import ASKING, EMPTY, INTERVAL, NAT, START, PingingServer, contact


def _answer(data: bytes, status: int = 200) -> bytes:
    lines = data.decode().split("\r\n")
    kept = [each for each in lines[1:] if each.startswith(("Via", "From", "Call-ID", "CSeq"))]
    to = next(each for each in lines if each.startswith("To"))
    text = "\r\n".join([f"SIP/2.0 {status} Whatever", *kept, f"{to};tag=z"])
    return f"{text}\r\nContent-Length: 0\r\n\r\n".encode()


def _comes(server: PingingServer, data: bytes) -> None:
    incoming = server.program.incoming
    assert incoming is not None
    datagrams = [(data, sockaddr("192.0.2.1", 5060))]
    assert incoming(datagrams, server.socket, server.now) == datagrams


def test_a_phone_that_is_silent_goes_and_one_that_answers_stays() -> None:
    server = PingingServer(keepalive_timeout=100, **ASKING)
    server.add("deaf", contact("sip:d@192.0.2.1"))
    server.add("here", contact("sip:h@192.0.2.2"))
    pinger = server.pinger()
    pinged = []
    for _ in range(8):
        for _, where, data in server.round(pinger):
            pinged.append(where)
            if where.startswith("192.0.2.2"):
                _comes(server, _answer(data, 404))
    assert pinged.count("192.0.2.2:5060") == 8
    assert pinged.count("192.0.2.1:5060") == 4
    (deaf,) = server.table.get("deaf")
    assert START + 100 < deaf.expires - GRACE <= START + 100 + 2 * INTERVAL
    (here,) = server.table.get("here")
    assert here.expires == int(START) + 3600
    assert any("has not answered for 100 s" in text for _, text in server.log.written)


def test_a_phone_that_registers_again_has_all_its_time_again() -> None:
    server = PingingServer(keepalive_timeout=40, **ASKING)
    pinger = server.pinger()
    for _ in range(5):
        server.add("a", contact("sip:a@192.0.2.1", modified=int(server.now)))
        assert len(server.round(pinger)) == 1
    assert server.table.get("a")[0].expires == int(START) + 3600


def test_pings_switched_off_for_a_while_throw_nobody_out() -> None:
    server = PingingServer(keepalive_timeout=100, **ASKING)
    server.add("here", contact("sip:h@192.0.2.2"))
    server.add("deaf", contact("sip:d@192.0.2.1"))
    pinger = server.pinger()
    for off in (False, True, False, False):
        give(server.program, "nathelper.enable_ping", int(not off))
        if off:
            server.now += 1000
            assert pinger.step(server.now) == 1.0
            continue
        for _, where, data in server.round(pinger):
            if where.startswith("192.0.2.2"):
                _comes(server, _answer(data))
    assert server.table.get("here")[0].expires == int(START) + 3600
    assert server.table.get("deaf")[0].expires < int(START) + 3600


def test_phones_that_cannot_answer_do_not_go() -> None:
    server = PingingServer(keepalive_timeout=40, ping_nated_only=1, **ASKING)
    server.add("a", contact("sip:a@192.0.2.1", cflags=NAT))
    pinger = server.pinger()
    for _ in range(5):
        assert [data for _, _, data in server.round(pinger)] == [EMPTY]
    assert server.table.get("a")[0].expires == int(START) + 3600


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b";tag=uloc-a-0-", b";tag=uloc-b-0-"),
        (b";tag=uloc-a-0-", b";tag=uloc-a-0-0"),
        (b"From: ", b"From: <sip:x@y>;tag=1;x="),
        (b"SIP/2.0 200", b"SIP/2.0 20"),
        (b"\r\nCSeq", b"\r\nX"),
    ],
)
def test_a_forged_answer_counts_for_nothing(old: bytes, new: bytes) -> None:
    server = PingingServer(keepalive_timeout=40, **ASKING)
    server.add("a", contact("sip:a@192.0.2.1"))
    pinger = server.pinger()
    ((_, _, data),) = server.round(pinger)
    forged = _answer(data).replace(old, new)
    assert forged != _answer(data)
    _comes(server, forged)
    assert _dump(server)["Keepalive"] == 0
    _comes(server, _answer(data))
    assert _dump(server)["Keepalive"] == 1


def _dump(server: PingingServer) -> dict[str, Any]:
    server.program.clock = lambda: server.now
    found = give(server.program, "ul.lookup", "location", "a")
    contact: dict[str, Any] = found["Contacts"][0][1]
    return contact


def test_ul_lookup_shows_answers() -> None:
    server = PingingServer(**ASKING)
    server.add("a", contact("sip:a@192.0.2.1"))
    assert _dump(server)["Last-Keepalive"] == int(START)
    pinger = server.pinger()
    pinger.step(server.now)
    ((_, _, data),) = server.sent()
    server.now += 0.25
    _comes(server, _answer(data))
    shown = _dump(server)
    assert (shown["Keepalive"], shown["KA-Roundtrip"]) == (1, 250_000)


def test_who_has_gone_is_forgotten() -> None:
    server = PingingServer(**ASKING)
    for number in range(5):
        server.add(f"u{number}", contact(f"sip:a@192.0.2.{number}"))
    pinger = server.pinger()
    server.round(pinger)
    assert len(answers(server.program, "nathelper")) == 5
    for number in range(5):
        server.table.put(f"u{number}", [], 1)
    for _ in range(3):
        server.round(pinger)
    assert len(answers(server.program, "nathelper")) == 0


def test_tags_of_two_servers_differ() -> None:
    assert Answers().tag(b"uloc-1") != Answers().tag(b"uloc-1")
