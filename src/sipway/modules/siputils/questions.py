"""Questions about the message and about texts."""

from __future__ import annotations

import datetime as dt
import re
from typing import Annotated, Final, TypeAlias

from sipway.core.arguments import ConstantText
from sipway.core.authorized import authorized, user_and_domain
from sipway.core.context import Context
from sipway.core.destinations import Target
from sipway.core.program import Program
from sipway.core.variables.headers import single_values
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.siputils._module import mod
from sipway.sip import headers
from sipway.sip.headers import header_kind
from sipway.sip.nameaddr import parse_name_addr
from sipway.sip.uri import Uri, routable_uri

_e164_max_len = mod.param("e164_max_len", int, 15, doc="how many digits an E.164 number may have")


# --- the message ----------------------------------------------------------------------------


@mod.function("has_totag", test="ctx.to_tag")
def has_totag(ctx: Context) -> int:
    """1 if To has a tag, so that the request is within a dialog; else -1."""
    return 1 if ctx.message.to.tag else -1


@mod.function("is_user", routes=Routes.REQUEST)
def is_user(ctx: Context, username: str) -> int:
    """1 if credentials that a module has found to be right are of this user, its domain left out;
    else -1.
    """
    wanted = username or None
    users = (user_and_domain(each.username)[0] for each in authorized(ctx))
    return 1 if any(each == wanted for each in users) else -1


@mod.function("is_request", test="ctx.message.is_request")
def is_request(ctx: Context) -> int:
    """1 for a request, -1 for a reply."""
    return 1 if ctx.message.is_request else -1


@mod.function("is_reply", test="not ctx.message.is_request")
def is_reply(ctx: Context) -> int:
    """1 for a reply, -1 for a request."""
    return -1 if ctx.message.is_request else 1


@mod.function("is_sip")
def is_sip(_: Context) -> int:
    """1: the message is one of SIP, for nothing else comes to a script here."""
    return 1


@mod.function("is_http")
def is_http(_: Context) -> int:
    """-1: the message is none of HTTP, for none comes to a script here."""
    return -1


@mod.function("sip_parse_headers")
def sip_parse_headers(ctx: Context) -> int:
    """1: every header has a name and a colon, for no other message comes to a script here."""
    ctx.message.headers()
    return 1


@mod.function("is_first_hop")
def is_first_hop(ctx: Context, mode: int = 0) -> int:
    """1 if the message comes from its maker and through no other proxy, as far as can be seen.

    A request has one Via then; a reply has no Record-Route, or the topmost is ours. With mode 0
    that has to be an address, and the reply must not come from a socket of ours. Else -1.
    """
    message = ctx.message
    if message.is_request:
        return 1 if message.via_count == 1 else -1
    if mode == 0 and ctx.program.is_myself(ctx.source_ip, ctx.source_port):
        return -1
    routes = single_values(message, headers.RECORD_ROUTE)
    if not routes:
        return 1
    uri = parse_name_addr(routes[0]).parsed
    if uri is None or not ctx.program.is_myself(uri.host, uri.port):
        return -1
    if mode == 0 and Target.of_host("udp", uri.host).address is None:
        return -1
    return 1


_OPTIONS: Final = frozenset(("path", "100rel", "timer", "eventlist", "gruu", "outbound"))


def _option(name: str) -> str:
    if name.lower() not in _OPTIONS:
        raise ValueError(f"the known options are {', '.join(sorted(_OPTIONS))}")
    return name.lower()


Option: TypeAlias = Annotated[
    str, ArgumentKind("an option of SIP", base=str, dynamic=False, convert=_option)
]


@mod.function("is_supported")
def is_supported(ctx: Context, option: Option) -> int:
    """1 if the option is in a Supported header, else -1."""
    for value in ctx.message.values(headers.SUPPORTED):
        if option in (each.strip().lower() for each in value.split(",")):
            return 1
    return -1


@mod.function("is_gruu")
def is_gruu(ctx: Context, text: str | None = None) -> int:
    """Whether a URI, or the Request-URI, has the parameter `gr`.

    1 with a value (a public GRUU), 2 without (a temporary one), else -1.
    """
    uri = routable_uri((ctx.uri or "") if text is None else text)
    value = None if uri is None else uri.param("gr")
    if value is None:
        return -1
    return 1 if value else 2


@mod.on_start
def _load(_: Program) -> None:
    """Import what is slow to import, for which `check` need not wait and no request should."""
    import email.utils  # noqa: F401


@mod.function("hdr_date_check")
def hdr_date_check(ctx: Context, seconds: int) -> int:
    """1 if the message has a Date that is at most so many seconds old, else -1."""
    import email.utils

    value = ctx.message.value(headers.DATE)
    try:
        date = email.utils.parsedate_to_datetime(value or "")
    except ValueError:
        return -1
    if date.tzinfo is None:
        date = date.replace(tzinfo=dt.UTC)
    return 1 if ctx.now - date.timestamp() <= seconds else -1


# --- texts ------------------------------------------------------------------------------------


@mod.function("is_numeric")
def is_numeric(ctx: Context, text: str) -> int:
    """1 if the text is digits only, else -2."""
    return 1 if text.isascii() and text.isdigit() else -2


@mod.function("is_alphanum")
def is_alphanum(ctx: Context, text: str) -> int:
    """1 if the text is letters and digits only; -2 if it is empty, -3 if not."""
    return is_alphanumex(ctx, text, "")


@mod.function("is_alphanumex")
def is_alphanumex(ctx: Context, text: str, others: str) -> int:
    """1 if the text is letters, digits and characters of `others` only.

    -2 if it is empty, -3 if not.
    """
    if not text:
        return -2
    return 1 if all((c.isascii() and c.isalnum()) or c in others for c in text) else -3


_TELEPHONE: Final = re.compile(r"\+?[0-9]+")


@mod.function("is_tel_number")
def is_tel_number(ctx: Context, text: str) -> int:
    """1 if the text is a telephone number, with or without a plus; else -2."""
    return 1 if _TELEPHONE.fullmatch(text) else -2


def _is_e164(ctx: Context, text: str) -> bool:
    digits = text[1:]
    return (
        text[:1] == "+"
        and digits.isascii()
        and digits.isdigit()
        and 2 <= len(digits) <= _e164_max_len(ctx.program)
    )


@mod.function("is_e164")
def is_e164(ctx: Context, text: str) -> int:
    """1 if the text is an E.164 number with its plus, else -1."""
    return 1 if _is_e164(ctx, text) else -1


@mod.function("is_uri_user_e164")
def is_uri_user_e164(ctx: Context, text: str) -> int:
    """1 if the user part of the URI is an E.164 number with its plus, else -1."""
    uri = routable_uri(text)
    return 1 if uri is not None and _is_e164(ctx, uri.user or "") else -1


@mod.function("is_uri")
def is_uri(ctx: Context, text: str) -> int:
    """1 if the text is a URI, else -1."""
    return -1 if routable_uri(text) is None else 1


@mod.function("cmp_hdr_name")
def cmp_hdr_name(ctx: Context, left: str, right: str) -> int:
    """1 if the two are names of the same header, long or compact, in any case; else -1."""
    if left.lower() == right.lower():
        return 1
    kind = header_kind(left)
    return 1 if kind != headers.OTHER and kind == header_kind(right) else -1


# --- URIs compared (RFC 3261 section 19.1.4) ------------------------------------------------------

# Parameters that must be in both or in none; others count only where both have them. By RFC 3261
# transport is one of the former: Kamailio 5.6.3 does not see it so.
_BOTH: Final = ("user", "ttl", "method", "maddr")


def same_uri(left: Uri, right: Uri) -> bool:
    """Whether two URIs are equal by the rules of SIP."""
    if left.scheme != right.scheme or left.port != right.port:
        return False
    if (left.user or "", left.password or "") != (right.user or "", right.password or ""):
        return False
    if left.host.lower() != right.host.lower():
        return False
    if any(left.param(name) != right.param(name) for name in _BOTH):
        return False
    names = {part.partition("=")[0].strip() for part in left.params.split(";") if part}
    for name in names:
        mine, other = left.param(name), right.param(name)
        if mine is not None and other is not None and mine.lower() != other.lower():
            return False
    return sorted(left.headers.lower().split("&")) == sorted(right.headers.lower().split("&"))


@mod.function("cmp_uri")
def cmp_uri(ctx: Context, left: str, right: str) -> int:
    """1 if the two are the same URI; -1 if they differ, -2 if one is none."""
    one, other = routable_uri(left), routable_uri(right)
    if one is None or other is None:
        return -2
    return 1 if same_uri(one, other) else -1


@mod.function("cmp_aor")
def cmp_aor(ctx: Context, left: str, right: str) -> int:
    """1 if user and host of the two URIs are the same; -1 if they differ, -2 if one is none."""
    one, other = routable_uri(left), routable_uri(right)
    if one is None or other is None:
        return -2
    same = (one.user or "") == (other.user or "") and one.host.lower() == other.host.lower()
    return 1 if same else -1


@mod.function("contact_param_check")
def contact_param_check(ctx: Context, name: ConstantText) -> int:
    """1 if the URI in Contact has the parameter, else -1."""
    contact = ctx.message.contact
    uri = None if contact is None else contact.parsed
    return 1 if uri is not None and uri.param(name) is not None else -1
