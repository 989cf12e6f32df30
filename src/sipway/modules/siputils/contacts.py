"""Contacts rewritten so that what they name stays behind this server, and back again."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from sipway.core import ruri
from sipway.core.arguments import ConstantText
from sipway.core.context import Context
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.errors import SipParseError
from sipway.modules.siputils._module import mod
from sipway.modules.siputils.uris import without_parameter
from sipway.sip import headers
from sipway.sip.edits import Edit
from sipway.sip.uri import Uri, parse_uri, routable_uri

_separator = mod.param("contact_flds_separator", str, "*", doc="between the parts of a contact")


def _rewrite(ctx: Context, change: Callable[[str], str | None]) -> int:
    """Replace the URI of every Contact value; -1 if there is none, or one cannot be changed."""
    message = ctx.message
    edits: list[Edit] = []
    for field in message.headers():
        if field.kind != headers.CONTACT:
            continue
        position = 0
        while position < len(field.value):
            start, end, position = _uri_place(field.value, position)
            if start == end or field.value[start:end] == "*":
                continue
            made = change(field.value[start:end])
            if made is None:
                return -1
            edits.append(
                Edit(
                    field.value_start + len(_wire(field.value[:start])),
                    field.value_start + len(_wire(field.value[:end])),
                    _wire(made),
                )
            )
    if not edits:
        return -1
    ctx.edits = [*(ctx.edits or ()), *edits]
    return 1


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _uri_place(value: str, position: int) -> tuple[int, int, int]:
    """Where the URI of the value at `position` starts and ends, and where the next one starts."""
    i = position
    n = len(value)
    quoted = False
    start = end = -1
    while i < n:
        character = value[i]
        if quoted:
            if character == "\\":
                i += 1
            quoted = character != '"'
        elif character == '"':
            quoted = True
        elif character == "<":
            start = i + 1
            end = value.find(">", i)
            i = end if end >= 0 else n
            end = i
        elif character == ",":
            break
        i += 1
    if start < 0:
        bare = value[position:i].partition(";")[0]
        start = position + len(bare) - len(bare.lstrip())
        end = position + len(bare.rstrip())
    return start, end, i + 1


# --- sip:prefix*user*password*ip*port*protocol@host -------------------------------------------


@mod.function("encode_contact")
def encode_contact(ctx: Context, prefix: ConstantText, host: ConstantText) -> int:
    """Put the parts of each Contact's URI into a user part at our own host.

    1; -1 without a Contact, or with one that is no URI.
    """
    separator = _separator(ctx.program)[:1] or "*"

    def change(text: str) -> str | None:
        uri = routable_uri(text)
        if uri is None:
            return None
        port = str(uri.port) if uri.port else ""
        parts = (prefix, uri.user or "", uri.password or "", uri.host, port)
        return f"sip:{separator.join((*parts, uri.param('transport') or ''))}@{host}"

    return _rewrite(ctx, change)


def _decoded(text: str, separator: str) -> str | None:
    uri = routable_uri(text)
    parts = [] if uri is None else (uri.user or "").split(separator)
    if len(parts) != 6:
        return None
    _, user, password, host, port, transport = parts
    login = f"{user}:{password}@" if password else f"{user}@" if user else ""
    made = f"sip:{login}{host}"
    if port:
        made += f":{port}"
    return f"{made};transport={transport}" if transport else made


@mod.function("decode_contact")
def decode_contact(ctx: Context) -> int:
    """Make of the Request-URI what encode_contact() was given; -26 if it is no such URI."""
    made = _decoded(ctx.uri or "", _separator(ctx.program)[:1] or "*")
    if made is None:
        return -26
    ruri.set_uri(ctx, made)
    return 1


@mod.function("decode_contact_header")
def decode_contact_header(ctx: Context) -> int:
    """Make of each Contact what encode_contact() was given; -1 if one is no such URI."""
    separator = _separator(ctx.program)[:1] or "*"
    return _rewrite(ctx, lambda text: _decoded(text, separator))


# --- the URI in a parameter ---------------------------------------------------------------------


def _hidden(text: str) -> str:
    return base64.urlsafe_b64encode(_wire(text)).decode().rstrip("=")


def _shown(uri: Uri | None, name: str) -> str | None:
    value = None if uri is None else uri.param(name)
    if not value:
        return None
    try:
        raw = base64.urlsafe_b64decode(_wire(value) + b"=" * (-len(value) % 4))
        text = raw.decode("utf-8", "surrogateescape")
        parse_uri(text)
    except (binascii.Error, ValueError, SipParseError):
        return None
    return text


@mod.function("contact_param_encode")
def contact_param_encode(ctx: Context, name: str, address: str) -> int:
    """Replace each Contact's URI by our address with the URI hidden in a parameter; -1 if none."""
    return _rewrite(ctx, lambda text: f"{address};{name}={_hidden(text)}")


@mod.function("contact_param_encode_alias")
def contact_param_encode_alias(ctx: Context, name: str, address: str) -> int:
    """As contact_param_encode(), and the hidden URI says in `alias` where the message came from.

    `alias` is `address~port~protocol`, the protocol as a number (1 UDP, 2 TCP, 3 TLS ...).
    """
    host = f"[{ctx.source_ip}]" if ":" in ctx.source_ip else ctx.source_ip
    protocol = PROTOCOL_IDS[ctx.socket.protocol]
    alias = f";alias={host}~{ctx.source_port}~{protocol}"
    return _rewrite(ctx, lambda text: f"{address};{name}={_hidden(text + alias)}")


@mod.function("contact_param_decode")
def contact_param_decode(ctx: Context, name: str) -> int:
    """Bring back the URIs that contact_param_encode() has hidden; -1 if there are none."""
    return _rewrite(ctx, lambda text: _shown(routable_uri(text), name))


@mod.function("contact_param_decode_uri", "contact_param_decode_ruri")
def contact_param_decode_uri(ctx: Context, name: str) -> int:
    """Make of the Request-URI the one that is hidden in its parameter; -1 if there is none."""
    made = _shown(routable_uri(ctx.uri or ""), name)
    if made is None:
        return -1
    ruri.set_uri(ctx, made)
    return 1


@mod.function("contact_param_rm")
def contact_param_rm(ctx: Context, name: str) -> int:
    """Take a parameter out of each Contact's URI. Returns 1."""
    _rewrite(ctx, lambda text: without_parameter(text, name))
    return 1
