"""Broken SIP messages from a seed: the same seed, the same messages, on every build."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tests.fakes import reply, request

_TORTURE: Final = Path(__file__).parent.parent / "torture" / "messages"

_ORDINARY: Final = (
    request("INVITE", body="v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\n"),
    request("ACK", to="<sip:bob@callee.example>;tag=b1"),
    request("REGISTER", extra="Contact: <sip:a@192.0.2.1;ob>;expires=60, <sip:b@c>\r\n"),
    request("BYE", via="SIP/2.0/UDP h;rport;branch=z9hG4bK-1\r\nv: SIP/2.0/TCP [::1]:99"),
    request(extra="Record-Route: <sip:p;lr>\r\nRoute: <sip:q;lr>,\r\n <sip:r>\r\nX: \xc3\xa9\r\n"),
    reply(),
    reply(486, "Busy Here", method="INVITE"),
)

CORPUS: Final = (*_ORDINARY, *(path.read_bytes() for path in sorted(_TORTURE.iterdir())))

# Bytes that mean something to one of the parsers, and some that should mean nothing.
_SPECIAL: Final = b'\r\n\t :;,@<>"\\/?=&%[](){}\0\x01\x7f\x80\xff0129aAzZ.-_~'
_TOKENS: Final = (
    b"\r\n", b"\r\n\r\n", b"\r\n ", b"\n", b"\r", b"SIP/2.0", b"sip:", b"sips:", b"tel:",
    b";tag=", b";rport", b";rport=1", b";received=1.2.3.4", b";branch=z9hG4bK",
    b"Content-Length: 4294967296\r\n", b"l: -1\r\n", b"Via: ", b"v:", b"From:", b"f: ", b"To:",
    b"CSeq: 1 INVITE\r\n", b"Call-ID:", b"i:", b"99999999999999999999", b"%00", b"\xc3\xa9",
    b"[::1]", b'"', b'\\"', b"<sip:a@b>", b",", b"INVITE", b"ACK", b" SIP/2.0\r\n", b"::", b"@@",
)  # fmt: skip


def _flip(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([data[at] ^ 1 << rng.randrange(8)]) + data[at + 1 :]


def _replace(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + bytes([rng.choice(_SPECIAL)]) + data[at + 1 :]


def _insert(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + rng.choice(_TOKENS) + data[at:]


def _delete(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at + rng.randrange(1, 12) :]


def _double(data: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(data))
    end = start + rng.randrange(1, 60)
    return data[:end] + data[start:end] + data[end:]


def _cut(data: bytes, rng: random.Random) -> bytes:
    return data[: rng.randrange(len(data))]


def _lines(data: bytes, rng: random.Random) -> bytes:
    """Two lines swapped, one doubled or one taken out."""
    lines = data.split(b"\r\n")
    one, other = rng.randrange(len(lines)), rng.randrange(len(lines))
    kind = rng.randrange(3)
    if kind == 0:
        lines[one], lines[other] = lines[other], lines[one]
    elif kind == 1:
        lines.insert(other, lines[one])
    else:
        del lines[one]
    return b"\r\n".join(lines)


def _crossed(data: bytes, rng: random.Random) -> bytes:
    """The beginning of one message and the end of another."""
    other = rng.choice(CORPUS)
    return data[: rng.randrange(len(data))] + other[rng.randrange(len(other)) :]


def _repeat(data: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(data))
    return data[:at] + data[at : at + 1] * rng.randrange(2, 300) + data[at:]


_MUTATIONS: Final[tuple[Callable[[bytes, random.Random], bytes], ...]] = (
    _flip, _replace, _replace, _insert, _insert, _delete, _double, _cut, _lines, _lines, _crossed,
    _repeat,
)  # fmt: skip


def messages(seed: int, count: int) -> Iterator[bytes]:
    """So many mutated messages; each has one to four mutations."""
    rng = random.Random(seed)
    for _ in range(count):
        data = rng.choice(CORPUS)
        for _ in range(rng.choice((1, 1, 1, 2, 2, 3, 4))):
            if data:
                data = rng.choice(_MUTATIONS)(data, rng)
        yield data
