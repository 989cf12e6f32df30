"""Addresses and URIs in selects: `.uri.host`, `.name`, `.params.NAME`, and whose they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.contact_uri import contact_value
from sipway.core.context import Context
from sipway.core.selects.parts import Part, after, named_values
from sipway.core.variables.headers import split_values
from sipway.core.variables.uris import parsed
from sipway.sip import headers as kinds
from sipway.sip.message import text
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.uri import Uri

_SIP_PORT: Final = 5060
_SIPS_PORT: Final = 5061

# --- of a URI ------------------------------------------------------------------------------


def _host_port(uri: Uri) -> str | None:
    if not uri.host:
        return None
    return f"{uri.host}:{uri.port or (_SIPS_PORT if uri.scheme == 'sips' else _SIP_PORT)}"


def _type(uri: Uri) -> str:
    """The scheme; a SIP URI with `user=phone` is a number of a telephone."""
    return "tel" if uri.scheme == "sip" and uri.param("user") == "phone" else uri.scheme


def _transport(uri: Uri) -> str:
    return uri.param("transport") or ("tls" if uri.scheme == "sips" else "udp")


def uri_parts(uri_of: Callable[[object], Uri | None]) -> dict[str, Part]:
    """The parts of the URI that `uri_of` finds in a subject."""
    parameter = Part(
        lambda uri: uri.params or None,
        uri_of,
        named=lambda name: Part(lambda uri: uri.param(name) or None),
    )
    return {
        "user": Part(lambda uri: uri.user, uri_of),
        "pwd": Part(lambda uri: uri.password, uri_of),
        "host": Part(lambda uri: uri.host, uri_of),
        "port": Part(lambda uri: str(uri.port) if uri.port else None, uri_of),
        "hostport": Part(_host_port, uri_of),
        "type": Part(_type, uri_of),
        "transport": Part(_transport, uri_of),
        "params": parameter,
    }


def _uri_text(ctx: Context) -> str | None:
    return ctx.uri


def _destination_text(ctx: Context) -> str | None:
    return ctx.dst_uri


def _next_hop_text(ctx: Context) -> str | None:
    return ctx.dst_uri or ctx.uri


def _whole_uri(text_of: Callable[[Context], str | None]) -> Part:
    """A URI that the Context has, such as the Request-URI."""
    return Part(lambda text: text, text_of, uri_parts(parsed))  # type: ignore[arg-type]


# --- of an address ---------------------------------------------------------------------------


def _parsed_uri(address: object) -> Uri | None:
    assert isinstance(address, NameAddr)
    return address.parsed


def _parameter(name: str) -> Part:
    return named_values(lambda address: address.params)(name)


_ADDRESS_PARTS: Final[dict[str, Part]] = {
    "name": Part(lambda address: address.display or None),
    "uri": Part(lambda address: address.uri or None, parts=uri_parts(_parsed_uri)),
    "params": Part(named=_parameter),
}
_WITH_TAG: Final = {**_ADDRESS_PARTS, "tag": _parameter("tag")}
_ROUTE_PARTS: Final = {**_ADDRESS_PARTS, "name": Part(lambda address: address.display)}
_CONTACT_PARTS: Final = {
    **_ROUTE_PARTS,
    "q": _parameter("q"),
    "expires": _parameter("expires"),
    "methods": _parameter("methods"),
    "received": _parameter("received"),
    "instance": _parameter("+sip.instance"),
}


def _address(kind: int, parts: dict[str, Part]) -> Part:
    """The first line of a header, and the first address in it."""
    return Part(
        lambda value: value,
        lambda ctx: ctx.message.value(kind),
        {name: after(parse_name_addr, part) for name, part in parts.items()},
    )


def _last_contact(value: str) -> NameAddr | None:
    """Of several Contacts in a line the last one; none of `*`."""
    values = split_values(value)
    return parse_name_addr(values[-1]) if values and values[-1] != "*" else None


def _contact_values(ctx: Context) -> tuple[str, str] | None:
    """The first Contact as it came, and with the URI that the script has put into it."""
    index = ctx.message.find(kinds.CONTACT)
    if index < 0:
        return None
    return ctx.message.text_value(index), text(contact_value(ctx, index))


_contact = Part(
    lambda values: values[0],
    _contact_values,
    {
        name: after(lambda values: _last_contact(values[1]), part)
        for name, part in _CONTACT_PARTS.items()
    },
)
_from = _address(kinds.FROM, _WITH_TAG)
_to = _address(kinds.TO, _WITH_TAG)
_record_route = _address(kinds.RECORD_ROUTE, _ROUTE_PARTS)
_remote_party_id = _address(kinds.REMOTE_PARTY_ID, _WITH_TAG)

PARTS: Final[dict[str, Part]] = {
    "ruri": _whole_uri(_uri_text),
    "dst_uri": _whole_uri(_destination_text),
    "next_hop": _whole_uri(_next_hop_text),
    "from": _from,
    "f": _from,
    "to": _to,
    "t": _to,
    "contact": _contact,
    "m": _contact,
    "record_route": _record_route,
    "rr": _record_route,
    "remote_party_id": _remote_party_id,
    "rpid": _remote_party_id,
    "refer_to": _address(kinds.REFER_TO, _WITH_TAG),
}
