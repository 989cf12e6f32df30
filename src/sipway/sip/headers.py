"""Header fields that sipway knows by number, with their long and compact names (RFC 3261 20)."""

from __future__ import annotations

from typing import Final, NamedTuple

(
    OTHER, VIA, FROM, TO, CALL_ID, CSEQ, CONTACT, MAX_FORWARDS, ROUTE, RECORD_ROUTE,
    CONTENT_TYPE, CONTENT_LENGTH, EXPIRES, USER_AGENT, SERVER, AUTHORIZATION,
    PROXY_AUTHORIZATION, SUPPORTED, REQUIRE, PROXY_REQUIRE, UNSUPPORTED, ALLOW, EVENT, SUBJECT,
    REFER_TO, REFERRED_BY, DIVERSION, P_ASSERTED_IDENTITY, P_PREFERRED_IDENTITY,
    REMOTE_PARTY_ID, PRIVACY, SESSION_EXPIRES, MIN_SE, TIMESTAMP, DATE, ACCEPT, PATH,
    SIP_IF_MATCH, CONTENT_ENCODING, IDENTITY, RETRY_AFTER, ORGANIZATION, PRIORITY,
    ACCEPT_LANGUAGE, CONTENT_DISPOSITION, MIN_EXPIRES, ACCEPT_CONTACT, REJECT_CONTACT,
    ALLOW_EVENTS, REQUEST_DISPOSITION,
) = range(50)  # fmt: skip

NAMES: Final[dict[int, str]] = {
    VIA: "Via",
    FROM: "From",
    TO: "To",
    CALL_ID: "Call-ID",
    CSEQ: "CSeq",
    CONTACT: "Contact",
    MAX_FORWARDS: "Max-Forwards",
    ROUTE: "Route",
    RECORD_ROUTE: "Record-Route",
    CONTENT_TYPE: "Content-Type",
    CONTENT_LENGTH: "Content-Length",
    EXPIRES: "Expires",
    USER_AGENT: "User-Agent",
    SERVER: "Server",
    AUTHORIZATION: "Authorization",
    PROXY_AUTHORIZATION: "Proxy-Authorization",
    SUPPORTED: "Supported",
    REQUIRE: "Require",
    PROXY_REQUIRE: "Proxy-Require",
    UNSUPPORTED: "Unsupported",
    ALLOW: "Allow",
    EVENT: "Event",
    SUBJECT: "Subject",
    REFER_TO: "Refer-To",
    REFERRED_BY: "Referred-By",
    DIVERSION: "Diversion",
    P_ASSERTED_IDENTITY: "P-Asserted-Identity",
    P_PREFERRED_IDENTITY: "P-Preferred-Identity",
    REMOTE_PARTY_ID: "Remote-Party-ID",
    PRIVACY: "Privacy",
    SESSION_EXPIRES: "Session-Expires",
    MIN_SE: "Min-SE",
    TIMESTAMP: "Timestamp",
    DATE: "Date",
    ACCEPT: "Accept",
    PATH: "Path",
    SIP_IF_MATCH: "SIP-If-Match",
    CONTENT_ENCODING: "Content-Encoding",
    IDENTITY: "Identity",
    RETRY_AFTER: "Retry-After",
    ORGANIZATION: "Organization",
    PRIORITY: "Priority",
    ACCEPT_LANGUAGE: "Accept-Language",
    CONTENT_DISPOSITION: "Content-Disposition",
    MIN_EXPIRES: "Min-Expires",
    ACCEPT_CONTACT: "Accept-Contact",
    REJECT_CONTACT: "Reject-Contact",
    ALLOW_EVENTS: "Allow-Events",
    REQUEST_DISPOSITION: "Request-Disposition",
}

COMPACT: Final[dict[str, int]] = {
    "v": VIA, "f": FROM, "t": TO, "i": CALL_ID, "m": CONTACT, "l": CONTENT_LENGTH,
    "c": CONTENT_TYPE, "e": CONTENT_ENCODING, "k": SUPPORTED, "s": SUBJECT, "o": EVENT,
    "r": REFER_TO, "b": REFERRED_BY, "x": SESSION_EXPIRES, "u": ALLOW_EVENTS, "y": IDENTITY,
    "a": ACCEPT_CONTACT, "j": REJECT_CONTACT, "d": REQUEST_DISPOSITION,
}  # fmt: skip

KINDS: Final[dict[str, int]] = {name.lower(): kind for kind, name in NAMES.items()} | COMPACT


def slot(length: int, first: int, last: int) -> int:
    """A number from 0 to 255 that no two known names share, from a name in lower case."""
    return (length * 2 + first * 21 + last * 34) & 255


def _slots() -> tuple[list[bytes], list[int]]:
    names, kinds = [b""] * 256, [OTHER] * 256
    for name, kind in KINDS.items():
        wire = name.encode()
        place = slot(len(wire), wire[0], wire[-1])
        if names[place]:
            raise ValueError(f"{name} and {names[place]!r} share a slot: change the multipliers")
        names[place], kinds[place] = wire, kind
    return names, kinds


SLOT_NAMES, SLOT_KINDS = _slots()


def header_kind(name: str) -> int:
    """The kind of a header field by its name, long or compact, any case; `OTHER` if unknown."""
    return KINDS.get(name.lower(), OTHER)


class Header(NamedTuple):
    """One header field: `start` to `end` are its lines with the line end, in the message."""

    kind: int
    name: str
    value: str
    start: int
    end: int
    value_start: int
    value_end: int
