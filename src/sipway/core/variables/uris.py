"""`$ru`, `$du`, `$ou` and their parts: where the request is to go."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core import ruri
from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.errors import SipParseError
from sipway.language.signatures import Inner
from sipway.sip.uri import Uri, routable_uri

Value = int | str | None

_SIP_PORT: Final = "5060"
_SIPS_PORT: Final = "5061"


# --- a URI and its parts, the same for all of them ------------------------------------


def parsed(text: str | None) -> Uri | None:
    """The URI; None for no text, and for text that is no URI to route by."""
    return None if text is None else routable_uri(text)


def uri_user(uri: Uri | None) -> str | None:
    return (uri.user or None) if uri is not None else None


def uri_user_length(uri: Uri | None) -> int | None:
    return len(uri.user or "") if uri is not None else None


def uri_domain(uri: Uri | None) -> str | None:
    return (uri.host or None) if uri is not None else None


def uri_port(uri: Uri | None) -> str | None:
    """The port as text; the default one is that of the transport, not of the scheme."""
    if uri is None:
        return None
    if uri.port:
        return str(uri.port)
    return _SIPS_PORT if uri_transport(uri) in ("tls", "TLS") else _SIP_PORT


def uri_transport(uri: Uri | None) -> str | None:
    """The transport parameter as written, `UDP` where there is none."""
    if uri is None:
        return None
    return uri.param("transport") or "UDP"


# --- whose parts ---------------------------------------------------------------------


def _request_uri(ctx: Context) -> Uri | None:
    return parsed(ctx.uri)


def _original_text(ctx: Context) -> str | None:
    message = ctx.message
    return message.uri if message.is_request else None


def _original_uri(ctx: Context) -> Uri | None:
    return parsed(_original_text(ctx))


def _destination_uri(ctx: Context) -> Uri | None:
    return parsed(ctx.dst_uri)


# --- $ru, $rU ... ------------------------------------------------------------------------


def _set_ru(ctx: Context, value: Value) -> None:
    ruri.set_uri(ctx, ruri.text_of(value, "$ru"))


def _set_user(ctx: Context, value: Value) -> None:
    ruri.set_user(ctx, "" if value is None else ruri.text_of(value, "$rU"))


def _set_domain(ctx: Context, value: Value) -> None:
    ruri.set_host(ctx, ruri.text_of(value, "$rd"))


def _set_port(ctx: Context, value: Value) -> None:
    ruri.set_port(ctx, "" if value is None else str(value))


@core.variable("ru", "ruri", set=_set_ru, values=(str,))
def _ru(ctx: Context) -> str | None:
    """The Request-URI as the script has left it; null if that is no URI, and in a reply."""
    uri = ctx.uri
    return uri if parsed(uri) is not None else None


@core.variable("rU", set=_set_user, values=(str,), attribute="uri_user")
def _ru_user(ctx: Context) -> str | None:
    """The user part of the Request-URI; setting it to null removes it."""
    return ctx.uri_user


@core.variable("rd", set=_set_domain, values=(str,), attribute="uri_host")
def _ru_domain(ctx: Context) -> str | None:
    """The host of the Request-URI, IPv6 in brackets."""
    return ctx.uri_host


@core.variable("rp", set=_set_port, values=(str,))
def _ru_port(ctx: Context) -> str | None:
    """The port of the Request-URI; 5060 if it names none, 5061 with transport=tls."""
    return uri_port(_request_uri(ctx))


@core.variable("rP", values=(str,))
def _ru_transport(ctx: Context) -> str | None:
    """The transport in the Request-URI as written, `UDP` if it names none."""
    return uri_transport(_request_uri(ctx))


@core.variable("rul", values=(int,), nullable=False)
def _ru_length(ctx: Context) -> int:
    """The length of the Request-URI."""
    return len(ctx.uri or "")


@core.variable("rUl", values=(int,))
def _ru_user_length(ctx: Context) -> int | None:
    """The length of the Request-URI's user part."""
    return uri_user_length(_request_uri(ctx))


@core.variable("rz", values=(str,))
def _ru_scheme(ctx: Context) -> str | None:
    """The scheme of the Request-URI, in small letters; `tel` for a SIP URI with user=phone."""
    uri = _request_uri(ctx)
    if uri is None:
        return None
    if uri.param("user") == "phone" and ctx.program.settings.phone2tel:
        return "tels" if uri.scheme == "sips" else "tel"
    return uri.scheme


# --- $ou, $oU ...: as it came in --------------------------------------------------------


@core.variable("ou", "ouri", values=(str,))
def _ou(ctx: Context) -> str | None:
    """The Request-URI as received."""
    text = _original_text(ctx)
    return text if parsed(text) is not None else None


@core.variable("oU", values=(str,))
def _ou_user(ctx: Context) -> str | None:
    """The user part of the Request-URI as received."""
    return uri_user(_original_uri(ctx))


@core.variable("od", values=(str,))
def _ou_domain(ctx: Context) -> str | None:
    """The host of the Request-URI as received."""
    return uri_domain(_original_uri(ctx))


@core.variable("op", values=(str,))
def _ou_port(ctx: Context) -> str | None:
    """The port of the Request-URI as received, the default one if it names none."""
    return uri_port(_original_uri(ctx))


@core.variable("oP", values=(str,))
def _ou_transport(ctx: Context) -> str | None:
    """The transport in the Request-URI as received, `UDP` if it names none."""
    return uri_transport(_original_uri(ctx))


@core.variable("oUl", values=(int,))
def _ou_user_length(ctx: Context) -> int | None:
    """The length of the user part of the Request-URI as received."""
    return uri_user_length(_original_uri(ctx))


# --- $du, $dd ... ------------------------------------------------------------------------


def _set_du(ctx: Context, value: Value) -> None:
    ctx.dst_uri = None if value is None else ruri.text_of(value, "$du") or None


@core.variable("du", "duri", set=_set_du, values=(str,), attribute="dst_uri")
def _du(ctx: Context) -> str | None:
    """The next hop, if the script or a module has set one."""
    return ctx.dst_uri


@core.variable("dd", values=(str,))
def _du_domain(ctx: Context) -> str | None:
    """The host of $du."""
    return uri_domain(_destination_uri(ctx))


@core.variable("dp", values=(str,))
def _du_port(ctx: Context) -> str | None:
    """The port of $du, the default one if it names none."""
    return uri_port(_destination_uri(ctx))


@core.variable("dP", values=(str,))
def _du_transport(ctx: Context) -> str | None:
    """The transport in $du, `UDP` if it names none."""
    return uri_transport(_destination_uri(ctx))


# --- $nh(...) ----------------------------------------------------------------------------


def _next_hop(ctx: Context) -> str | None:
    """$du, else $ru; for a reply where the second Via says."""
    message = ctx.message
    if message.is_request:
        return ctx.dst_uri or ctx.uri
    try:
        via = message.vias()[1]
    except (IndexError, SipParseError):
        return None
    port = via.rport_number or via.port or _SIP_PORT
    return f"sip:{via.received or via.host}:{port};transport={via.protocol.lower()}"


_NEXT_HOP: Final[dict[str, Callable[[Uri | None], str | None]]] = {
    "U": uri_user,
    "d": uri_domain,
    "p": uri_port,
    "P": uri_transport,
}


def _next_hop_part(name: str) -> str:
    if name != "u" and name not in _NEXT_HOP:
        raise ValueError(f"$nh takes u, U, d, p or P, not {name}")
    return name


@core.variable("nh", inner=Inner.REQUIRED, values=(str,), prepare=_next_hop_part)
def _nh(ctx: Context, part: str) -> str | None:
    """The next hop: `u` whole, `U` its user, `d` host, `p` port, `P` transport."""
    text = _next_hop(ctx)
    return text if part == "u" else _NEXT_HOP[part](parsed(text))
