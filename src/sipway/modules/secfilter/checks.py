"""The functions of secfilter.

What is let in is looked at before what is blocked. A header that cannot be read is an error, -1.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from sipway.core.context import Context
from sipway.core.variables.headers import single_values
from sipway.modules.secfilter._module import Kept, dst_exact_match, kept, mod
from sipway.modules.secfilter.lists import AGENT, COUNTRY, DOMAIN, IP, USER
from sipway.sip import headers
from sipway.sip.addresses import ip_text
from sipway.sip.nameaddr import NameAddr, parse_name_addr

_NOT_FOUND: Final = 1
_WRONG: Final = -1
_WHITE: Final = 2
_BLACK: Final = -2

_OF_USER: Final = 2
_OF_DOMAIN: Final = 3
_OF_NAME: Final = 4
_END: Final = 0

_INJECTION: Final = re.compile("'|\"|--|%24|%27|%60")

Address = tuple[str, str, str]  # display name, user, host


# --- one value ---------------------------------------------------------------------------


def _is_white(found: Kept, kind: int, value: str, counted: str) -> bool:
    if not value or not found.lists.white[kind].begin(value):
        return False
    found.counts.white[counted] += 1
    return True


def _is_black(found: Kept, kind: int, value: str, counted: str) -> bool:
    if not value or not found.lists.black[kind].begin(value):
        return False
    found.counts.black[counted] += 1
    return True


def _check(ctx: Context, kind: int, value: str, counted: str) -> int:
    found = kept(ctx.program)
    if _is_white(found, kind, value, counted):
        return _WHITE
    return _BLACK if _is_black(found, kind, value, counted) else _NOT_FOUND


@mod.function("secf_check_ip")
def secf_check_ip(ctx: Context) -> int:
    """Look for the address that the message came from: 2 let in, 1 in no list, -2 blocked."""
    return _check(ctx, IP, ip_text(ctx.source), "IP-Address")


@mod.function("secf_check_ua")
def secf_check_ua(ctx: Context) -> int:
    """Look for the User-Agent: 2 let in, 1 in no list, -2 blocked."""
    return _check(ctx, AGENT, ctx.message.value(headers.USER_AGENT) or "", "User-Agent")


@mod.function("secf_check_country")
def secf_check_country(ctx: Context, country: str) -> int:
    """Look for a country: 2 let in, 1 in no list, -2 blocked."""
    return _check(ctx, COUNTRY, country, "Country")


@mod.function("secf_check_dst")
def secf_check_dst(ctx: Context, number: str) -> int:
    """Look for a number that is called: 1 in no list, -2 blocked."""
    found = kept(ctx.program)
    blocked = found.lists.destinations
    if not (blocked.has(number) if dst_exact_match(ctx.program) else blocked.begin(number)):
        return _NOT_FOUND
    found.counts.other["Destination"] += 1
    return _BLACK


# --- addresses ---------------------------------------------------------------------------


def _parts(of: NameAddr) -> Address | None:
    """Display name without quotes, user and host; None if that is no address."""
    uri = of.parsed
    if uri is None:
        return None
    name = of.display
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    return name, uri.user or "", uri.host


def _addresses(ctx: Context, place: str) -> list[Address] | None:
    """All that a header holds, of a Contact without `*`; None if one cannot be read."""
    if place == "Contact":
        texts = single_values(ctx.message, headers.CONTACT)
        found = [_parts(parse_name_addr(text)) for text in texts if text != "*"]
    else:
        found = [_parts(ctx.message.from_ if place == "From" else ctx.message.to)]
    known = [each for each in found if each is not None]
    return known if len(known) == len(found) else None


def _worst(codes: Iterable[int]) -> int:
    """Of several addresses: one that is blocked counts, else one that is let in."""
    found = list(codes)
    return min(found) if any(each < 0 for each in found) else max(found, default=_NOT_FOUND)


def _check_address(found: Kept, place: str, address: Address) -> int:
    name, user, host = address
    name_counted, user_counted = f"{place}-Name", f"{place}-User"
    if place == "Contact":
        name = ""
    if _is_white(found, USER, name, name_counted):
        return _OF_NAME
    if _is_white(found, USER, user, user_counted):
        return _OF_USER
    if _is_black(found, USER, name, name_counted):
        return -_OF_NAME
    if _is_black(found, USER, user, user_counted):
        return -_OF_USER
    if _is_white(found, DOMAIN, host, f"{place}-Domain"):
        return _OF_DOMAIN
    return -_OF_DOMAIN if _is_black(found, DOMAIN, host, f"{place}-Domain") else _NOT_FOUND


def _check_header(ctx: Context, place: str) -> int:
    addresses = _addresses(ctx, place)
    if addresses is None:
        return _WRONG
    found = kept(ctx.program)
    return _worst(_check_address(found, place, each) for each in addresses)


@mod.function("secf_check_from_hdr")
def secf_check_from_hdr(ctx: Context) -> int:
    """Look for display name, user and host of From.

    4, 2, 3: name, user, host is let in; -4, -2, -3: is blocked; 1: is in no list.
    """
    return _check_header(ctx, "From")


@mod.function("secf_check_to_hdr")
def secf_check_to_hdr(ctx: Context) -> int:
    """Look for display name, user and host of To, as secf_check_from_hdr() does."""
    return _check_header(ctx, "To")


@mod.function("secf_check_contact_hdr")
def secf_check_contact_hdr(ctx: Context) -> int:
    """Look for users and hosts of all Contacts: 2, 3 let in, -2, -3 blocked, 1 in no list."""
    return _check_header(ctx, "Contact")


_PARTS: Final[dict[str, tuple[str, int, Callable[[Address], str]]]] = {
    "name": ("Name", USER, lambda address: address[0]),
    "username": ("User", USER, lambda address: address[1]),
    "domain": ("Domain", DOMAIN, lambda address: address[2]),
}


def _add_part(part: str, place: str) -> None:
    counted, kind, value_of = _PARTS[part]

    def check(ctx: Context) -> int:
        addresses = _addresses(ctx, place)
        if addresses is None:
            return _WRONG
        return _worst(_check(ctx, kind, value_of(each), f"{place}-{counted}") for each in addresses)

    check.__doc__ = f"Look for the {part} of {place}: 2 let in, 1 in no list, -2 blocked."
    mod.function(f"secf_check_{part}_{place.lower()}_hdr")(check)


for _part in _PARTS:
    for _place in ("From", "To", "Contact"):
        _add_part(_part, _place)


# --- texts made for databases ------------------------------------------------------------


def _is_injection(found: Kept, text: str) -> bool:
    if _INJECTION.search(text) is None:
        return False
    found.counts.other["SQL-Injection"] += 1
    return True


@mod.function("secf_check_sqli_hdr")
def secf_check_sqli_hdr(ctx: Context, text: str) -> int:
    """Look for quotes, `--`, %24, %27 and %60 in a text: -1 if there are any, else 1."""
    return _WRONG if _is_injection(kept(ctx.program), text) else _NOT_FOUND


@mod.function("secf_check_sqli_all")
def secf_check_sqli_all(ctx: Context) -> int:
    """Look for such in User-Agent, From, To and Contact: 1, or the script ends.

    What cannot be read of an address is looked at as it is.
    """
    found = kept(ctx.program)
    texts = [ctx.message.value(headers.USER_AGENT) or ""]
    for place, kind in (
        ("From", headers.FROM),
        ("To", headers.TO),
        ("Contact", headers.CONTACT),
    ):
        addresses = _addresses(ctx, place)
        if addresses is None:
            texts += ctx.message.values(kind)
        else:
            texts += [text for each in addresses for text in each[place == "Contact" :]]
    return _END if any(_is_injection(found, text) for text in texts) else _NOT_FOUND
