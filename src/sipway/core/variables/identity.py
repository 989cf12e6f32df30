"""Addresses in headers: From, To, Contact, Route, and those that vouch for somebody."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final

from sipway.core import address_edits
from sipway.core.authorized import authorized, user_and_domain
from sipway.core.builtin import add_number, add_text, core
from sipway.core.context import Context
from sipway.core.variables.headers import first_value, single_values
from sipway.core.variables.uris import uri_domain, uri_user, uri_user_length
from sipway.language.signatures import Inner
from sipway.sip import headers as kinds
from sipway.sip.nameaddr import NameAddr, parse_name_addr

Value = int | str | None
AddressOf = Callable[[Context], NameAddr | None]


def _from(ctx: Context) -> NameAddr:
    return ctx.message.from_


def _to(ctx: Context) -> NameAddr:
    return ctx.message.to


def _first(kind: int) -> AddressOf:
    """The first address in a header, None where there is no such header."""

    def address(ctx: Context) -> NameAddr | None:
        value = first_value(ctx.message, kind)
        return None if value is None else parse_name_addr(value)

    return address


# --- what there is to know of an address ------------------------------------------------


def _uri(address_of: AddressOf) -> Callable[[Context], str | None]:
    def uri(ctx: Context) -> str | None:
        address = address_of(ctx)
        return None if address is None else address.uri or None

    return uri


def _user(address_of: AddressOf) -> Callable[[Context], str | None]:
    def user(ctx: Context) -> str | None:
        address = address_of(ctx)
        return None if address is None else uri_user(address.parsed)

    return user


def _user_length(address_of: AddressOf) -> Callable[[Context], int | None]:
    def length(ctx: Context) -> int | None:
        address = address_of(ctx)
        return None if address is None else uri_user_length(address.parsed)

    return length


def _domain(address_of: AddressOf) -> Callable[[Context], str | None]:
    def domain(ctx: Context) -> str | None:
        address = address_of(ctx)
        return None if address is None else uri_domain(address.parsed)

    return domain


def _display(address_of: AddressOf) -> Callable[[Context], str | None]:
    def display(ctx: Context) -> str | None:
        address = address_of(ctx)
        return None if address is None else address.display or None

    return display


def _parameter(address_of: AddressOf, name: str) -> Callable[[Context], str | None]:
    """A parameter behind the address without its quotes; null for one without a value."""

    def parameter(ctx: Context) -> str | None:
        address = address_of(ctx)
        value = None if address is None else address.params.get(name)
        return value.strip('"') or None if value is not None else None

    return parameter


# --- From and To -------------------------------------------------------------------------

Setter = Callable[[Context, int, Value], None]


def _writing(kind: int, change: Setter) -> Callable[[Context, Value], None]:
    """The setter of a part of a header's address; what is read stays as it was received."""

    def set_part(ctx: Context, value: Value) -> None:
        change(ctx, kind, value)

    return set_part


def _add_side(letter: str, address_of: AddressOf, header: str, kind: int) -> None:
    """The variables of From or To."""
    add = partial(_writing, kind)
    side = f"message.{header.lower()}"
    for name in (f"{letter}u", header.lower()):
        add_text(
            name,
            _uri(address_of),
            f"The URI in {header}.",
            f"{side}_uri",
            set=add(address_edits.set_uri),
        )
    add_text(
        f"{letter}U",
        _user(address_of),
        f"The user part in {header}.",
        f"{side}_user",
        set=add(address_edits.set_user),
    )
    add_text(
        f"{letter}d",
        _domain(address_of),
        f"The host in {header}.",
        f"{side}_host",
        set=add(address_edits.set_domain),
    )
    add_text(
        f"{letter}n",
        _display(address_of),
        f"The display name in {header}, as written.",
        set=add(address_edits.set_display),
    )
    add_number(f"{letter}Ul", _user_length(address_of), f"The length of ${letter}U.")
    add_text(f"{letter}t", _parameter(address_of, "tag"), f"The tag of {header}.")


_add_side("f", _from, "From", kinds.FROM)
_add_side("t", _to, "To", kinds.TO)
add_number(
    "tts",
    lambda ctx: 1 if _to(ctx).params.get("tag") else 0,
    "1 if To has a tag, else 0.",
)


def _accounted_user(ctx: Context) -> str:
    for each in authorized(ctx):
        return user_and_domain(each.username)[0]
    return _user(_from)(ctx) or ""


def _accounted(ctx: Context) -> str:
    for each in authorized(ctx):
        user, domain = user_and_domain(each.username)
        return f"{user}@{domain or each.parameters.get('realm', '')}"
    uri = _from(ctx).parsed
    return f"{uri_user(uri) or ''}@{uri_domain(uri) or ''}"


add_text(
    "AU",
    _accounted_user,
    "The user for accounting: of the credentials that were found to be right, else of From.",
)
add_text("Au", _accounted, "User and domain for accounting, else as `$AU`.")


# --- headers that vouch for somebody -------------------------------------------------------

_preferred = _first(kinds.P_PREFERRED_IDENTITY)
_diversion = _first(kinds.DIVERSION)

add_text("ai", _uri(_first(kinds.P_ASSERTED_IDENTITY)), "The URI in P-Asserted-Identity.")
add_text("pu", _uri(_preferred), "The URI in P-Preferred-Identity.")
add_text("pU", _user(_preferred), "The user part of the URI in P-Preferred-Identity.")
add_text("pd", _domain(_preferred), "The host of the URI in P-Preferred-Identity.")
add_text("pn", _display(_preferred), "The display name in P-Preferred-Identity, as written.")
add_text("re", _uri(_first(kinds.REMOTE_PARTY_ID)), "The URI in Remote-Party-ID.")
add_text("rt", _uri(_first(kinds.REFER_TO)), "The URI in Refer-To.")
add_text("di", _uri(_diversion), "The URI in Diversion.")
add_text("dir", _parameter(_diversion, "reason"), "The parameter reason of Diversion.")
add_text("dip", _parameter(_diversion, "privacy"), "The parameter privacy of Diversion.")
add_text("dic", _parameter(_diversion, "counter"), "The parameter counter of Diversion.")
add_text("ctu", _uri(_first(kinds.CONTACT)), "The URI in the first Contact.")
add_number(
    "cts",
    lambda ctx: 1 if (first_value(ctx.message, kinds.CONTACT) or "").strip() == "*" else 0,
    "1 if the Contact is `*`, else 0.",
)
add_text(
    "route_uri",
    lambda ctx: _uri(_first(kinds.ROUTE))(ctx) or "",
    "The URI in the first Route, empty where there is none.",
)


# --- $expires(...) -------------------------------------------------------------------------

_SECONDS: Final = re.compile(r'"?(\d+)')
_EXTREMES: Final[dict[str, Callable[[list[int]], int]]] = {"min": min, "max": max}


def _seconds(value: str) -> int | None:
    match = _SECONDS.match(value)
    return None if match is None else int(match[1])


def _lifetimes(ctx: Context) -> list[int]:
    """What each Contact says, or the Expires header for those that say nothing.

    Empty where nothing is said, or something that is no number.
    """
    message = ctx.message
    header = first_value(message, kinds.EXPIRES)
    default = None if header is None else _seconds(header)
    if header is not None and default is None:
        return []
    contacts = single_values(message, kinds.CONTACT)
    found: list[int] = []
    for contact in contacts:
        own = parse_name_addr(contact).params.get("expires")
        seconds = default if own is None else _seconds(own)
        if own is not None and seconds is None:
            return []
        if seconds is not None:
            found.append(seconds)
    if not contacts and default is not None:
        found.append(default)
    return found


def _extreme(name: str) -> str:
    if name not in _EXTREMES:
        raise ValueError(f"$expires takes min or max, not {name}")
    return name


@core.variable("expires", inner=Inner.REQUIRED, values=(int,), prepare=_extreme)
def _expires(ctx: Context, name: str) -> int | None:
    """The shortest (`min`) or longest (`max`) lifetime that Contacts and Expires ask for."""
    found = _lifetimes(ctx)
    return _EXTREMES[name](found) if found else None
