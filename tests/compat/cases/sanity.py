"""Requests that `sanity.cfg` checks."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Case, request

_DIGEST: Final = 'Digest username="a",realm="r",nonce="n",uri="sip:x",response="0"'


def _case(name: str, why: str, **parts: str) -> Case:
    return Case(name, why, (request(**parts),))


def _header(name: str, why: str, line: str) -> Case:
    return Case(name, why, (request(extra=f"{line}\r\n"),))


CASES: Final = [
    _case("good", "Nothing is wrong."),
    _case("kept", "No check at all.", user="kept"),
    _case("http", "A scheme that is none of SIP's.", uri="http://x"),
    _case("tel", "A tel URI is good.", uri="tel:+123"),
    _case("urn", "So is a urn.", uri="urn:service:sos"),
    _case("no-host", "A URI without a host.", uri="sip:"),
    _case("from-tel", "From may have a tel URI.", from_="<tel:+1>;tag=1"),
    _case("from-bad", "From without a URI.", from_="<nonsense>;tag=1"),
    _case("to-bad", "To without a host.", to="<sip:>"),
    _case("from-tags", "Two tags in From.", from_="<sip:a@b>;tag=1;tag=2"),
    _case("to-tags", "Two tags in To.", to="<sip:a@b>;tag=1;tag=2"),
    _header("contact-bad", "A Contact whose URI is none.", "Contact: <sip:a@b>, <x>"),
    _header("contact-star", "The Contact * is good.", "Contact: *"),
    _header("expires", "Expires is a number.", "Expires: 10"),
    _header("expires-word", "Expires is a word.", "Expires: x"),
    _header("expires-parameter", "Expires with a parameter.", "Expires: 10;x=1"),
    _header("expires-negative", "Expires below 0.", "Expires: -1"),
    _header("expires-large", "Expires beyond 32 bits.", "Expires: 4294967296"),
    _header("expires-huge", "Expires beyond 64 bits.", "Expires: 99999999999999999999"),
    _header("expires-empty", "Expires without a value.", "Expires: "),
    _header("require", "An extension that is supported.", "Proxy-Require: foo"),
    _header("require-other", "The first one that is not is named.", "Proxy-Require: foo, zz, y"),
    _header("digest", "Credentials that are complete.", f"Authorization: {_DIGEST}"),
    _header("basic", "Other credentials are not looked at.", "Authorization: Basic x"),
    _header("digest-bare", "A scheme and nothing else.", "Authorization: Digest"),
    _header("digest-word", "A word behind the scheme.", "Authorization: Digest xx"),
    _header("digest-part", "Only a part of what it needs.", 'Proxy-Authorization: Digest uri="a"'),
    *(
        _header(
            f"digest-no-{name}",
            f"Without {name}.",
            "Authorization: Digest "
            + ",".join(each for each in _DIGEST[7:].split(",") if not each.startswith(name)),
        )
        for name in ("username", "realm", "nonce", "uri", "response")
    ),
    *(
        _header(
            f"digest-empty-{name}",
            f"With nothing as {name}.",
            f"Authorization: {_DIGEST.replace(f'{name}=' + chr(34) + value, f'{name}=' + chr(34))}",
        )
        for name, value in (
            ("username", "a"),
            ("realm", "r"),
            ("nonce", "n"),
            ("uri", "sip:x"),
            ("response", "0"),
        )
    ),
    Case("length-small", "More body than Content-Length says.", (request(body="abc", length=1),)),
]
