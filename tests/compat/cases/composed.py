"""Requests of which `composed.cfg` changes the body or the headers."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Case, request

_PARTS: Final = (
    "--bb\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n"
    "--bb\r\nContent-Type: text/plain\r\nContent-Disposition: x\r\n\r\nhello\r\n"
    "--bb\r\nContent-Type: a/b\r\n\r\nlast\r\n--bb--\r\n"
)
_MIXED: Final = 'Content-Type: multipart/mixed;boundary="bb"\r\n'


def _case(name: str, why: str, extra: str = "", body: str = "") -> Case:
    return Case(name, why, (request("MESSAGE", name, extra=extra, body=body),))


CASES: Final = [
    _case("multipart-append", "Parts come behind the last one, in order.", _MIXED, _PARTS),
    _case("multipart-append-hex", "Parts in hexadecimal digits.", _MIXED, _PARTS),
    _case(
        "multipart-append-none", "A body of one kind has no parts.", "Content-Type: a/b\r\n", "x"
    ),
    _case("multipart-remove", "A part in the middle is taken out.", _MIXED, _PARTS),
    _case("multipart-remove-last", "So is the last part.", _MIXED, _PARTS),
    _case("multipart-remove-none", "There is no such part.", _MIXED, _PARTS),
    _case("multipart-set", "A text becomes the one part.", "Content-Type: a/b\r\n", "x"),
    _case("multipart-convert", "The body becomes the one part.", "Content-Type: a/b\r\n", "x"),
    _case("multipart-convert-none", "Without a body there is nothing to convert."),
    _case("rpid", "Remote-Party-ID from an AVP, with what stands around it."),
    _case("rpid-none", "An AVP without a value, without a URI, without a number."),
]
