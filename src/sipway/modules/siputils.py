"""siputils: questions about a message and about texts.

Source: README of Kamailio's module siputils. What is here needs only the message; the rest of
the module is left out.
"""

from __future__ import annotations

import re
from typing import Final

from sipway.core.context import Context
from sipway.core.module import Module
from sipway.errors import SipParseError
from sipway.sip import headers
from sipway.sip.uri import Uri, parse_uri

mod = Module("siputils")

_E164: Final = re.compile(r"\+[0-9]{3,15}")
_TELEPHONE: Final = re.compile(r"[+]?[0-9]+")


@mod.function("has_totag")
def has_totag(ctx: Context) -> int:
    """1 if To has a tag, so that the request is within a dialog; else -1."""
    return 1 if ctx.message.to.tag else -1


@mod.function("is_request")
def is_request(ctx: Context) -> int:
    """1 for a request, -1 for a reply."""
    return 1 if ctx.message.is_request else -1


@mod.function("is_reply")
def is_reply(ctx: Context) -> int:
    """1 for a reply, -1 for a request."""
    return -1 if ctx.message.is_request else 1


@mod.function("is_first_hop")
def is_first_hop(ctx: Context) -> int:
    """1 if the message comes from its maker and through no proxy, else -1.

    A request has one Via and no Route or Record-Route then; a reply's topmost Via is ours and
    it has one more at the most.
    """
    message = ctx.message
    if message.is_request:
        return -1 if message.via_count > 1 or message.count(headers.RECORD_ROUTE) else 1
    return -1 if message.via_count > 1 else 1


@mod.function("is_numeric")
def is_numeric(ctx: Context, text: str) -> int:
    """1 if the text is digits only, else -1."""
    return 1 if text.isascii() and text.isdigit() else -1


@mod.function("is_alphanum")
def is_alphanum(ctx: Context, text: str) -> int:
    """1 if the text is letters and digits only, else -1."""
    return 1 if text.isascii() and text.isalnum() else -1


@mod.function("is_alphanumex")
def is_alphanumex(ctx: Context, text: str, others: str) -> int:
    """1 if the text is letters, digits and characters of `others` only, else -1."""
    fits = all((c.isascii() and c.isalnum()) or c in others for c in text)
    return 1 if text and fits else -1


@mod.function("is_e164")
def is_e164(ctx: Context, text: str) -> int:
    """1 if the text is an E.164 number with its plus, 3 to 15 digits; else -1."""
    return 1 if _E164.fullmatch(text) else -1


@mod.function("is_tel_number")
def is_tel_number(ctx: Context, text: str) -> int:
    """1 if the text is a telephone number, with or without a plus; else -1."""
    return 1 if _TELEPHONE.fullmatch(text) else -1


@mod.function("is_uri")
def is_uri(ctx: Context, text: str) -> int:
    """1 if the text is a URI, else -1."""
    return -1 if _parsed(text) is None else 1


def _parsed(text: str) -> Uri | None:
    try:
        return parse_uri(text)
    except SipParseError:
        return None
