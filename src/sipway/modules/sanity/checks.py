"""The checks, one by one: what each of them finds wrong with a request.

Compiled (see `checks.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

from sipway.core.context import Context
from sipway.core.variables.auth import credentials_in
from sipway.core.variables.headers import single_values
from sipway.errors import SipParseError
from sipway.modules.sanity._module import MAX_NUMBER_DIGITS, Fault, proxy_require
from sipway.sip import headers
from sipway.sip.message import Message
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.uri import parse_uri

SILENT: Final = Fault(0, "")
"""A fault that is not said to the sender."""

_BAD_URI: Final = Fault(400, "Bad Request URI")
_SCHEMES: Final = ("sip", "sips", "tel", "tels", "urn")
_COOKIE: Final = "z9hG4bK"

# The bound keeps a flood of forged URIs harmless.
_REMEMBERED: Final = 1024
_good: Final[dict[str, bool]] = {}


# --- single checks -------------------------------------------------------------------------------


def _good_uri(text: str) -> bool:
    """Whether a URI can be read and has a scheme that is known; the same ones come again."""
    known = _good.get(text)
    if known is None:
        known = _is_good(text)
        if len(_good) >= _REMEMBERED:
            _good.clear()
        _good[text] = known
    return known


def _is_good(text: str) -> bool:
    scheme, _, rest = text.partition(":")
    if scheme.lower() not in _SCHEMES or not rest:
        return False
    if scheme.lower() == "urn":
        return True
    try:
        uri = parse_uri(text)
    except SipParseError:
        return False
    return bool(uri.host if scheme.lower().startswith("sip") else uri.user or uri.host)


def _check_scheme(ctx: Context) -> Fault | None:
    message = ctx.message
    if not message.is_request:
        return None
    if _good_uri(message.uri):
        return None
    scheme = message.uri.partition(":")[0].lower()
    return None if scheme in _SCHEMES else _BAD_URI


def _check_method(ctx: Context) -> Fault | None:
    message = ctx.message
    if message.is_request and message.cseq_method != message.method:
        return Fault(400, "CSeq method does not match request method")
    return None


def _check_number(ctx: Context) -> Fault | None:
    number = (ctx.message.value(headers.CSEQ) or "").split()[:1]
    if not number or not _is_number(number[0]):
        return Fault(400, "CSeq number is illegal")
    return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= MAX_NUMBER_DIGITS


def _check_length(ctx: Context) -> Fault | None:
    message = ctx.message
    if message.content_length < 0:
        return None
    if len(message.data) - message.body_offset != message.content_length:
        return Fault(400, "Content-Length mis-match")
    return None


def _check_expires(ctx: Context) -> Fault | None:
    message = ctx.message
    index = message.find(headers.EXPIRES)
    if index < 0:
        return None
    value = message.text_value(index)
    if not value.strip():
        return Fault(400, "Bad Expires Header")
    return None if _is_number(value.strip()) else Fault(400, "Expires value is illegal")


def _check_proxy_require(ctx: Context) -> Fault | None:
    message = ctx.message
    if message.find(headers.PROXY_REQUIRE) < 0:
        return None
    known = proxy_require(ctx.program)
    for index in message.indexes(headers.PROXY_REQUIRE):
        for each in ctx.message.text_value(index).split(","):
            token = each.strip()
            if token and token.lower() not in known:
                line = f"Unsupported: {token}\r\n".encode("utf-8", "surrogateescape")
                return Fault(420, "Bad Proxy Require Extension", line)
    return None


def _check_credentials(ctx: Context, *, digest_only: bool = False) -> Fault | None:
    message = ctx.message
    for kind in (headers.AUTHORIZATION, headers.PROXY_AUTHORIZATION):
        if message.find(kind) < 0:
            continue
        for index in message.indexes(kind):
            fault = _fault_of_credentials(message.text_value(index), digest_only)
            if fault is not None:
                return fault
    return None


_NEEDED: Final = ("username", "realm", "nonce", "uri", "response")
_NOT_EMPTY: Final = (("username", "User"), ("nonce", "Nonce"), ("response", "Response"))


def _fault_of_credentials(value: str, digest_only: bool) -> Fault | None:
    """What is wrong with Digest credentials (RFC 7616 section 3.4).

    Those of another scheme are wrong with `digest_only`, else they are not looked at.
    """
    found = credentials_in(value)
    if found is None or " " not in value.strip():
        return SILENT if digest_only else None
    if not found:
        return Fault(400, "Bad Auth Header")
    if any(name not in found for name in _NEEDED):
        return Fault(400, "Bad Auth Credentials")
    for name, shown in _NOT_EMPTY:
        if not found[name]:
            return Fault(400, f"Auth Empty {shown}")
    return None


def _check_tags(ctx: Context) -> Fault | None:
    for name, value in _from_and_to(ctx.message):
        parameters = value.rpartition(">")[2].split(";")[1:]
        if sum(each.partition("=")[0].strip().lower() == "tag" for each in parameters) > 1:
            return Fault(400, f"Many {name} Tag Params")
    return None


def _from_and_to(message: Message) -> Iterator[tuple[str, str]]:
    yield "From", message.value(headers.FROM) or ""
    yield "To", message.value(headers.TO) or ""


def _check_via(ctx: Context) -> Fault | None:
    return None if ctx.message.via.branch else Fault(400, "Bad Via Header")


def _check_rfc3261(ctx: Context) -> Fault | None:
    message = ctx.message
    if not (message.via.branch or "").startswith(_COOKIE):
        return Fault(400, "Bad Via Branch")
    for kind, name in ((headers.RECORD_ROUTE, "Record-Route"), (headers.ROUTE, "Route")):
        for value in single_values(message, kind):
            uri = parse_name_addr(value).parsed
            if uri is None or uri.param("lr") is None:
                return Fault(400, f"Bad {name} Header")
    return None


# --- URIs ---------------------------------------------------------------------------------------


def _check_uris(ctx: Context, which: int) -> Fault | None:
    message = ctx.message
    if which & 1 and message.is_request and not _good_uri(message.uri):
        return _BAD_URI
    if which & 2 and not _good_uri(message.from_.uri):
        return Fault(400, "Invalid From Header")
    if which & 4 and not _good_uri(message.to.uri):
        return Fault(400, "Invalid To Header")
    if which & 8:
        for address in _contacts(message):
            if not _good_uri(address.uri):
                return Fault(400, "Bad Contact URI")
    return None


def _contacts(message: Message) -> Iterator[NameAddr]:
    for value in single_values(message, headers.CONTACT):
        if value.strip() != "*":
            yield parse_name_addr(value)


# --- all together -------------------------------------------------------------------------------

# In the order in which Kamailio makes them. 1 and 4 (SIP version, needed headers) hold for what
# reaches a script; 8 and 16 mean nothing in Kamailio either.
_CHECKS: Final[tuple[tuple[int, Callable[[Context], Fault | None]], ...]] = (
    (2, _check_scheme),
    (32, _check_method),
    (64, _check_number),
    (128, _check_length),
    (256, _check_expires),
    (512, _check_proxy_require),
    (2048, partial(_check_credentials, digest_only=True)),
    (8192, _check_credentials),
    (4096, _check_tags),
    (16384, _check_via),
    (32768, _check_rfc3261),
)
_chosen: Final[dict[int, tuple[Callable[[Context], Fault | None], ...]]] = {}
_URIS: Final = 1024


def fault_of(ctx: Context, checks: int, uris: int) -> Fault | None:
    chosen = _chosen.get(checks)
    if chosen is None:
        chosen = _chosen[checks] = tuple(check for bits, check in _CHECKS if checks & bits)
        if len(_chosen) > _REMEMBERED:
            _chosen.clear()
    for check in chosen:
        fault = check(ctx)
        if fault is not None:
            return fault
    return _check_uris(ctx, uris) if checks & _URIS else None
