"""sanity: what is wrong with a request, said to its sender.

Source: README of Kamailio's module sanity; codes and phrases as seen of 5.6.3, those of the checks
that came later from RFC 3261. Requests that lack a header they need, or whose CSeq is wrong, do not
reach a script here: they get a 400 before.

Compiled (see `sanity.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final, NamedTuple

from sipway.core import replies
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.module import Module, Param
from sipway.core.variables.auth import credentials_in
from sipway.core.variables.headers import single_values
from sipway.errors import SipParseError
from sipway.sip import headers
from sipway.sip._bytes import bracket, plain_host
from sipway.sip.message import Message
from sipway.sip.methods import ACK
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.uri import parse_uri

mod = Module("sanity")


class Fault(NamedTuple):
    """What is wrong, as it is said in a reply; `lines` are complete header lines.

    Code 0: it is not said to the sender.
    """

    code: int
    reason: str
    lines: bytes = b""


_SILENT: Final = Fault(0, "")
_BAD_URI: Final = Fault(400, "Bad Request URI")
_SCHEMES: Final = ("sip", "sips", "tel", "tels", "urn")
_MAX_NUMBER_DIGITS = 10
_FROM = headers.FROM
_TO = headers.TO
_CSEQ = headers.CSEQ
_EXPIRES = headers.EXPIRES
_COOKIE: Final = "z9hG4bK"
_SIZES: Final = 1 << 16

# The bound keeps a flood of forged URIs harmless.
_REMEMBERED: Final = 1024
_good: Final[dict[str, bool]] = {}

_NONE: Final[frozenset[str]] = frozenset()


def _extensions(text: str) -> frozenset[str]:
    return frozenset(each.strip().lower() for each in text.split(",") if each.strip())


_default_checks = mod.param("default_checks", int, 3047, doc="which checks, as a sum of bits")
_uri_checks = mod.param("uri_checks", int, 7, doc="which URIs: 1 request, 2 From, 4 To, 8 Contact")
_proxy_require = mod.param(
    "proxy_require", str, _NONE, convert=_extensions, doc="the extensions that are supported"
)
_autodrop = mod.param("autodrop", int, 1, doc="a fault ends the script")
_noreply = mod.param("noreply", int, 0, doc="leave the reply to sanity_reply()")
_size_checks = mod.param("size_checks", int, 0, doc="look at sizes in each check")


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
    return text.isascii() and text.isdecimal() and len(text) <= _MAX_NUMBER_DIGITS


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
    known = _proxy_require(ctx.program)
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
        return _SILENT if digest_only else None
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


# --- sizes --------------------------------------------------------------------------------------

_Sizes = Callable[[Message], Iterator[int]]


def _of_uris(*kinds: int) -> _Sizes:
    def sizes(message: Message) -> Iterator[int]:
        for kind in kinds:
            for value in single_values(message, kind):
                yield len(parse_name_addr(value).uri)

    return sizes


def _of_named_uris(name: str) -> _Sizes:
    def sizes(message: Message) -> Iterator[int]:
        for index in message.indexes_named(name):
            yield len(parse_name_addr(message.text_value(index)).uri)

    return sizes


def _of_headers(message: Message) -> Iterator[int]:
    for index in range(message.header_count):
        start, end = message.line(index)
        yield end - start


_SIZED: Final[tuple[tuple[str, int, _Sizes, Fault], ...]] = (
    ("message", 16384, lambda m: iter((len(m.data),)), Fault(513, "Message Too Large")),
    (
        "headers",
        8192,
        lambda m: iter((m.headers_end - m.line_end,)),
        Fault(400, "Headers Too Large"),
    ),
    ("body", 8192, lambda m: iter((len(m.body),)), Fault(413, "Request Entity Too Large")),
    ("header", 2048, _of_headers, Fault(400, "Header Too Large")),
    ("method", 32, lambda m: iter((len(m.method),)), Fault(400, "Method Too Large")),
    (
        "ruri",
        256,
        lambda m: iter((len(m.uri) if m.is_request else 0,)),
        Fault(414, "Request-URI Too Long"),
    ),
    ("from_uri", 256, lambda m: iter((len(m.from_.uri),)), Fault(400, "From URI Too Large")),
    ("to_uri", 256, lambda m: iter((len(m.to.uri),)), Fault(400, "To URI Too Large")),
    ("contact_uri", 256, _of_uris(headers.CONTACT), Fault(400, "Contact URI Too Large")),
    (
        "route_uri",
        256,
        _of_uris(headers.ROUTE, headers.RECORD_ROUTE),
        Fault(400, "Route URI Too Large"),
    ),
    ("path_uri", 256, _of_named_uris("path"), Fault(400, "Path URI Too Large")),
    ("pai_uri", 256, _of_uris(headers.P_ASSERTED_IDENTITY), Fault(400, "PAI URI Too Large")),
)

_limits: Final[tuple[tuple[Param[int], _Sizes, Fault], ...]] = tuple(
    (
        mod.param(f"size_{name}", int, most, doc=f"bytes that {name} may have, 0: any number"),
        sizes,
        fault,
    )
    for name, most, sizes, fault in _SIZED
)


def _check_sizes(ctx: Context) -> Fault | None:
    for limit, sizes, fault in _limits:
        most = limit(ctx.program)
        if most and any(size > most for size in sizes(ctx.message)):
            return fault
    return None


# --- what nearly all requests are ----------------------------------------------------------------

# Checks that hold for what reaches a script, or that `is_usual` knows.
_USUAL_CHECKS = 1 | 2 | 4 | 8 | 16 | 32 | 64 | 128 | 256 | 1024 | 16384
_USUAL_URIS = 7


def is_usual(ctx: Context, checks: int, uris: int) -> bool:
    """Whether a request passes these checks, found without making text of it.

    It says so of nearly all that do; of the others the checks themselves decide.
    """
    message = ctx.message
    if checks & ~_USUAL_CHECKS or uris & ~_USUAL_URIS or not message.is_request:
        return False
    data = message.data
    p = data
    if checks & 128 and 0 <= message.content_length != len(data) - message.body_offset:
        return False
    via = message._read_via()
    if checks & 16384 and via.branch_end <= via.branch_start:
        return False
    if not plain_host(data, message.uri_start, message.uri_end):
        return False
    for index in range(message.header_count):
        kind = message._kinds[index]
        if kind in (_FROM, _TO):
            end = message._starts[index + 1]
            start = bracket(data, message.value_start(index), end) + 1
            last = start
            while last < end and p[last] != 62:
                last += 1
            if last >= end or not plain_host(data, start, last):
                return False
        elif kind in (_CSEQ, _EXPIRES):
            end = message._starts[index + 1]
            start = message.value_start(index)
            last = start
            while last < end and 48 <= p[last] <= 57:
                last += 1
            if not 0 < last - start <= _MAX_NUMBER_DIGITS or last >= end or p[last] > 32:
                return False
            if kind == _EXPIRES and last != message.value_end(index):
                return False
    return True


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
_KNOWN: Final = 0xFFFF


def _fault(ctx: Context, checks: int, uris: int) -> Fault | None:
    sizes = checks & _SIZES or _size_checks(ctx.program)
    if not checks & _KNOWN and not sizes:
        return _SILENT  # as Kamailio: who asks for no check gets no yes
    if sizes:
        fault = _check_sizes(ctx)
        if fault is not None:
            return fault
    elif 0 <= checks <= _KNOWN and 0 <= uris <= _KNOWN and is_usual(ctx, checks, uris):
        return None
    return _fault_of(ctx, checks, uris)


def _fault_of(ctx: Context, checks: int, uris: int) -> Fault | None:
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


@mod.function("sanity_check")
def sanity_check(ctx: Context, checks: int | None = None, uris: int | None = None) -> int:
    """Check the request: `checks` and `uris` are sums of bits, else as the parameters say.

    1 if nothing is wrong. For a fault the sender gets a reply, unless `noreply` is set, and the
    script ends; with `autodrop` 0 it goes on with -1. No check at all is a fault without a reply.
    """
    program = ctx.program
    fault = _fault(
        ctx,
        _default_checks(program) if checks is None else checks,
        _uri_checks(program) if uris is None else uris,
    )
    if fault is None:
        return 1
    if _noreply(program):
        extras(ctx).sanity_fault = fault
    else:
        _send(ctx, fault)
    return 0 if _autodrop(program) else -1


@mod.function("sanity_reply")
def sanity_reply(ctx: Context) -> int:
    """Send the reply that sanity_check() has kept back because of `noreply`. Returns 1."""
    kept = ctx.extras
    if kept is not None and kept.sanity_fault is not None:
        _send(ctx, Fault(*kept.sanity_fault))
        kept.sanity_fault = None
    return 1


def _send(ctx: Context, fault: Fault) -> None:
    message = ctx.message
    if fault.code and message.is_request and message.method_id != ACK:
        replies.send_reply(ctx, fault.code, fault.reason, fault.lines)
