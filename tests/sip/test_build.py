"""Replies, edits and forwarded replies as bytes."""

from __future__ import annotations

import pytest

from sipway.sip.addresses import sockaddr
from sipway.sip.build import forwarded_reply, reply
from sipway.sip.edits import Edit, apply_edits
from sipway.sip.message import parse
from tests import fakes
from tests.fakes import request

PEER = sockaddr("192.0.2.1", 5070)
PEER6 = sockaddr("2001:db8::1", 5070)


def made(data: bytes, status: int = 200, *, source: bytes = PEER, force: bool = False) -> str:
    return reply(parse(data), status, "Fine", b"t1", source, force).decode()


def lines(text: str, name: str) -> list[str]:
    return [line for line in text.split("\r\n") if line.lower().startswith(name.lower())]


def test_a_whole_reply() -> None:
    data = request("INVITE", extra="Subject: x\r\n", body="v=0")
    built = reply(
        parse(data), 486, "Busy Here", b"t1", PEER, False, b"Server: s\r\n", b"X: 1\r\n", b"body"
    )
    assert built == (
        b"SIP/2.0 486 Busy Here\r\n"
        b"Via: SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1\r\n"
        b"From: <sip:alice@caller.example>;tag=a1\r\n"
        b"To: <sip:bob@callee.example>;tag=t1\r\n"
        b"Call-ID: call-1\r\nCSeq: 1 INVITE\r\nX: 1\r\nServer: s\r\nContent-Length: 4\r\n\r\nbody"
    )


@pytest.mark.parametrize(
    ("via", "source", "force", "expected"),
    [
        ("h;branch=1", PEER, False, "h;branch=1;received=192.0.2.1"),
        ("192.0.2.1;branch=1", PEER, False, "192.0.2.1;branch=1"),
        ("192.0.2.11;branch=1", PEER, False, "192.0.2.11;branch=1;received=192.0.2.1"),
        ("192.0.2.1.;branch=1", PEER, False, "192.0.2.1.;branch=1;received=192.0.2.1"),
        ("192.0.2.1;rport;b", PEER, False, "192.0.2.1;rport=5070;b;received=192.0.2.1"),
        ("h;branch=1;rport", PEER, False, "h;branch=1;rport=5070;received=192.0.2.1"),
        ("h;rport=9;branch=1", PEER, False, "h;rport=5070;branch=1;received=192.0.2.1"),
        ("h;received=9.9.9.9;branch=1", PEER, False, "h;branch=1;received=192.0.2.1"),
        ("h;received=9.9.9.9;rport;x", PEER, False, "h;rport=5070;x;received=192.0.2.1"),
        ("h;rport;received=9.9.9.9;x", PEER, False, "h;rport=5070;x;received=192.0.2.1"),
        ("h;rport;x;received=9.9.9.9", PEER, False, "h;rport=5070;x;received=192.0.2.1"),
        ("192.0.2.1;branch=1", PEER, True, "192.0.2.1;branch=1;rport=5070"),
        ("h;branch=1", PEER, True, "h;branch=1;rport=5070;received=192.0.2.1"),
        ("[2001:db8::1];branch=1", PEER6, False, "[2001:db8::1];branch=1"),
        ("[2001:DB8::1];branch=1", PEER6, False, "[2001:DB8::1];branch=1"),
        ("[2001:db8::2];branch=1", PEER6, False, "[2001:db8::2];branch=1;received=2001:db8::1"),
        ("192.0.2.1;rport", PEER6, False, "192.0.2.1;rport=5070;received=2001:db8::1"),
    ],
)  # fmt: skip
def test_the_topmost_via(via: str, source: bytes, force: bool, expected: str) -> None:
    built = made(request(via=f"SIP/2.0/UDP {via}"), source=source, force=force)
    assert lines(built, "Via") == [f"Via: SIP/2.0/UDP {expected}"]


def test_other_vias_stay_as_they_are() -> None:
    built = made(request(via="SIP/2.0/UDP a, SIP/2.0/UDP b;rport\r\nv:  SIP/2.0/UDP c;rport"))
    assert "Via: SIP/2.0/UDP a;received=192.0.2.1, SIP/2.0/UDP b;rport\r\n" in built
    assert "v:  SIP/2.0/UDP c;rport\r\n" in built


@pytest.mark.parametrize(
    ("to", "status", "expected"),
    [
        ("<sip:b@c>", 200, "<sip:b@c>;tag=t1"),
        ("<sip:b@c>", 100, "<sip:b@c>"),
        ("<sip:b@c>;tag=x", 200, "<sip:b@c>;tag=x"),
        ("<sip:b@c>;TAG=x", 200, "<sip:b@c>;TAG=x"),
        ("<sip:b@c> ; tag = x", 200, "<sip:b@c> ; tag = x"),
        ("<sip:b@c;tag=x>", 200, "<sip:b@c;tag=x>;tag=t1"),
        ('"a;tag=x" <sip:b@c>', 200, '"a;tag=x" <sip:b@c>;tag=t1'),
        ("<sip:b@c>;tagx=1", 200, "<sip:b@c>;tagx=1;tag=t1"),
        ("sip:b@c", 200, "sip:b@c;tag=t1"),
        ("<sip:b@c>\r\n ;x=y", 200, "<sip:b@c>\r\n ;x=y;tag=t1"),
        ("<sip:b@c>  ", 200, "<sip:b@c>;tag=t1"),
    ],
)
def test_the_tag_of_to(to: str, status: int, expected: str) -> None:
    assert f"\r\nTo: {expected}\r\n" in made(request(to=to), status)


@pytest.mark.parametrize(
    ("status", "copied"), [(100, 0), (180, 2), (183, 2), (200, 2), (299, 2), (302, 0), (486, 0)]
)
def test_record_route_is_copied_where_a_dialog_may_begin(status: int, copied: int) -> None:
    data = request("INVITE", extra="Record-Route: <sip:a;lr>\r\nrecord-route: <sip:b;lr>\r\n")
    assert len(lines(made(data, status), "Record-Route")) == copied


def test_timestamp_is_copied_to_100_only() -> None:
    data = request(extra="Timestamp: 5\r\n")
    assert (lines(made(data, 100), "Timestamp"), lines(made(data), "Timestamp")) == (
        ["Timestamp: 5"],
        [],
    )


def test_a_reply_of_any_length() -> None:
    data = request(call_id="c" * 50_000)
    assert f"Call-ID: {'c' * 50_000}\r\n" in made(data)
    assert "Call-ID: call-1\r\n" in made(request())


def test_reasons_and_sources_beyond_what_is_remembered() -> None:
    message = parse(request(via="SIP/2.0/UDP h;rport"))
    for number in range(2_000):
        source = sockaddr(f"10.0.{number >> 8}.{number & 255}", 1024 + number)
        built = reply(message, 200 + number % 2, f"Fine {number}", b"t", source)
        assert built.startswith(b"SIP/2.0 %d Fine %d\r\n" % (200 + number % 2, number))
        assert b";rport=%d;received=10.0.%d." % (1024 + number, number >> 8) in built


# --- edits and forwarded replies --------------------------------------------------------------


@pytest.mark.parametrize(
    ("edits", "expected"),
    [
        ([], b"0123456789"),
        ([Edit(0, 2, b"")], b"23456789"),
        ([Edit(10, 10, b"x"), Edit(0, 0, b"y")], b"y0123456789x"),
        ([Edit(3, 3, b"a"), Edit(3, 3, b"b")], b"012ab3456789"),
        ([Edit(2, 5, b"x"), Edit(4, 7, b"y")], b"01x56789"),
        ([Edit(2, 5, b"x"), Edit(5, 7, b"y")], b"01xy789"),
    ],
)
def test_edits(edits: list[Edit], expected: bytes) -> None:
    assert apply_edits(b"0123456789", edits) == expected


@pytest.mark.parametrize(
    ("vias", "left"),
    [
        ("Via: SIP/2.0/UDP a\r\nVia: SIP/2.0/UDP b\r\n", "Via: SIP/2.0/UDP b\r\n"),
        ("Via: SIP/2.0/UDP a, SIP/2.0/UDP b\r\n", "Via: SIP/2.0/UDP b\r\n"),
        ("v:SIP/2.0/UDP a ,\r\n SIP/2.0/UDP b;x\r\n", "v:SIP/2.0/UDP b;x\r\n"),
    ],
)
def test_a_forwarded_reply_loses_its_topmost_via(vias: str, left: str) -> None:
    plain = fakes.reply().decode()
    start, end = plain.index("Via:"), plain.index("From:")
    data = (plain[:start] + vias + plain[end:]).encode()
    built, second = forwarded_reply(parse(data))
    assert built.decode() == plain[:start] + left + plain[end:]
    assert second.host == "b"


def test_a_forwarded_reply_with_another_status() -> None:
    built, _ = forwarded_reply(parse(fakes.reply(200, "OK")), (), 299, "Other")
    assert built.startswith(b"SIP/2.0 299 Other\r\nVia: SIP/2.0/UDP 192.0.2.7:5077;")
