"""What comes from the network costs time in proportion to its size, whatever it holds."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from sipway.errors import SipParseError
from sipway.sip.message import MAX_HEADERS, Message, parse
from sipway.sip.nameaddr import parse_name_addr
from sipway.sip.uri import Uri, parse_uri
from tests.core.test_engine import Server
from tests.fakes import request

_SIZE = 60_000

# Each makes a message of about so many bytes and aims at one of the loops of the parsers.
ATTACKS: dict[str, Callable[[int], bytes]] = {
    "one header": lambda n: request(extra="X: " + "a" * n + "\r\n"),
    "one folded header": lambda n: request(extra="X: a" + "\r\n b" * (n // 4) + "\r\n"),
    "many headers": lambda n: request(extra="a:1\r\n" * (n // 5)),
    "a name without a colon": lambda n: request(extra="a" * n + "\r\n"),
    "line feeds": lambda n: b"\n" * n + request(),
    "zero bytes": lambda n: request() + b"\0" * n,
    "zero bytes in a header": lambda n: request(extra="X: " + "\0" * n + "\r\n"),
    "vias in a line": lambda n: request(via=", ".join(["SIP/2.0/UDP a;branch=z"] * (n // 24))),
    "parameters of a via": lambda n: request(via="SIP/2.0/UDP a" + ";x=1" * (n // 4)),
    "branches of a via": lambda n: request(via="SIP/2.0/UDP a" + ";branch=1" * (n // 9)),
    "quotes in a via": lambda n: request(via='SIP/2.0/UDP a;x="' + '\\"' * (n // 2)),
    "blanks in a via": lambda n: request(via="SIP / 2.0 / UDP " + " " * n + "a"),
    "backslashes in From": lambda n: request(from_='"' + "\\" * n),
    "quotes in From": lambda n: request(from_='"' * n),
    "angles in From": lambda n: request(from_="<" * n),
    "closing angles in From": lambda n: request(from_="<sip:a>" + ">" * n),
    "parameters of To": lambda n: request(to="<sip:b@c>" + ";a=b" * (n // 4)),
    "quotes in parameters of To": lambda n: request(to="<sip:b@c>" + ';a="' * (n // 4)),
    "commas in From": lambda n: request(from_="," * n),
    "a long Request-URI": lambda n: request(uri="sip:" + "a" * n + "@c"),
    "signs in a Request-URI": lambda n: request(uri="sip:" + "@" * n),
    "parameters of a Request-URI": lambda n: request(uri="sip:a@b" + ";a" * (n // 2)),
    "brackets in a Request-URI": lambda n: request(uri="sip:a@[" + "[" * n),
    "a number in CSeq": lambda n: request(cseq="1" * n + " OPTIONS"),
    "blanks in CSeq": lambda n: request(cseq="1" + " " * n + "OPTIONS"),
    "a long method": lambda n: request("A" * (n // 2)),
    "blanks in Content-Length": lambda n: request().replace(
        b"Length: 0", b"Length: " + b" " * n + b"0"
    ),
    "no end": lambda n: request()[:-2] + b"X: " + b"a" * n,
    "noise": lambda n: bytes(range(256)) * (n // 256),
}


def _read_all(message: Message) -> None:
    message.headers()
    message.vias()
    for address in (message.from_, message.to, message.contact):
        if address is not None:
            _ = address.display, address.tag, address.params, address.parsed
    _ = message.body, message.call_id, message.reason, message.cseq_method
    if message.is_request and (uri := _uri(message.uri)) is not None:
        uri.param("transport")


def _uri(text: str) -> Uri | None:
    try:
        return parse_uri(text)
    except SipParseError:
        return None


def _everything(data: bytes) -> None:
    try:
        message = parse(data)
    except SipParseError as error:
        message = error.request
    if message is not None:
        _read_all(message)


def _seconds(work: Callable[[bytes], object], data: bytes) -> float:
    """Of the processor, the least of several runs: what the machine does besides adds to it."""
    found = []
    for _ in range(3):
        begin = time.process_time()
        work(data)
        found.append(time.process_time() - begin)
    return min(found)


@pytest.mark.parametrize("made", ATTACKS.values(), ids=ATTACKS)
def test_time_grows_with_the_size_and_not_faster(made: Callable[[int], bytes]) -> None:
    """Four times the bytes, four times the time; a square would be sixteen.

    A few milliseconds are left out: they are no attack, and too short to measure.
    """
    quarter, whole = (_seconds(_everything, made(size)) for size in (_SIZE // 4, _SIZE))
    assert whole < 9 * quarter + 0.01
    assert whole < 0.5


@pytest.mark.parametrize("made", ATTACKS.values(), ids=ATTACKS)
def test_the_next_request_is_served(made: Callable[[int], bytes]) -> None:
    server = Server('request_route { sl_send_reply("200", "OK"); }')
    server.receive(made(_SIZE))
    assert server.replies(request()) == ["SIP/2.0 200 OK"]
    assert server.engine.counters.script_errors == 0


def test_too_many_headers_are_refused_with_a_reason() -> None:
    # Via, From, To, Call-ID, CSeq, Max-Forwards and Content-Length are there already.
    fits = request(extra="X: 1\r\n" * (MAX_HEADERS - 7))
    assert parse(fits).header_count == MAX_HEADERS
    with pytest.raises(SipParseError, match="Too many header fields") as caught:
        parse(request(extra="X: 1\r\n" * (MAX_HEADERS - 6)))
    assert caught.value.request is not None


@pytest.mark.parametrize(
    "text", ["<" * _SIZE, '"' * _SIZE, ";" * _SIZE, "," * _SIZE, '<a>;x="' + '\\"' * (_SIZE // 2)]
)
def test_addresses_from_scripts_are_bounded_too(text: str) -> None:
    begin = time.perf_counter()
    _ = parse_name_addr(text).params
    assert time.perf_counter() - begin < 0.5
