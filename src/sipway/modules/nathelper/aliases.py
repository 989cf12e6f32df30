"""`alias=address~port~protocol`: where a phone was seen to be, in a parameter of its URI.

The protocol is a number as in `$prid`. README of nathelper, handle_ruri_alias() and
set_alias_to_pv(); the alias of Contact is written in `contacts`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from sipway.core import ruri
from sipway.core.arguments import WritableName
from sipway.core.context import Context
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.errors import SipParseError
from sipway.language.record import Record
from sipway.modules.nathelper._module import alias_name, mod, refused
from sipway.modules.nathelper.places import places_of
from sipway.sip import headers
from sipway.sip.message import text

# In a URI WebSocket is `ws`, with TLS or without.
_TRANSPORTS: Final = {
    str(number): "ws" if name == "wss" else name for name, number in PROTOCOL_IDS.items()
}
_PORT: Final = 65535
_NOT_FOUND: Final = 2


class Alias(Record):
    """Where a phone is."""

    host: str
    port: int
    transport: str

    @property
    def uri(self) -> str:
        return f"sip:{self.host}:{self.port}"


@lru_cache(maxsize=16)
def parameter(name: str) -> re.Pattern[str]:
    """Finds the parameter with its value, among those of a URI."""
    return re.compile(rf";{re.escape(name)}=([^;?>\s]+)")


def read_alias(value: str) -> Alias:
    """Raises ValueError for what is none."""
    host, _, rest = value.partition("~")
    port, _, protocol = rest.partition("~")
    transport = _TRANSPORTS.get(protocol)
    if not host or not port.isdecimal() or int(port[:6]) > _PORT or transport is None:
        raise ValueError(f'"{value:.60}" is no alias such as 192.0.2.1~5060~1')
    return Alias(host, int(port), transport)


@mod.function("handle_ruri_alias")
def handle_ruri_alias(ctx: Context, mode: int = 0) -> int:
    """Take the alias out of the Request-URI, and go where it says ($du).

    Of several the first, with another mode than 0 the last. 1; 2 if there is none, -1 for one
    that cannot be read: then nothing is changed.
    """
    uri = ctx.uri or ""
    try:
        parts = ruri.cut(uri)
    except SipParseError as error:
        return refused(ctx, "handle_ruri_alias", error.reason)
    if parts.is_telephone:
        return _NOT_FOUND
    parameters, mark, rest = parts.tail.partition("?")
    found = list(parameter(alias_name(ctx.program)).finditer(parameters))
    if not found:
        return _NOT_FOUND
    match = found[-1 if mode else 0]
    try:
        alias = read_alias(match[1])
    except ValueError as error:
        return refused(ctx, "handle_ruri_alias", error)
    parts.tail = parameters[: match.start()] + parameters[match.end() :] + mark + rest
    ctx.dst_uri = alias.uri if alias.transport == "udp" else _with_transport(alias)
    ctx.ruri = str(parts)
    return 1


def _with_transport(alias: Alias) -> str:
    return f"{alias.uri};transport={alias.transport}"


@mod.function("set_alias_to_pv")
def set_alias_to_pv(ctx: Context, target: WritableName) -> int:
    """Put where the alias of Contact says into a variable, as a URI.

    1; -1 if there is none, if it cannot be read, and if there are several Contacts in the field.
    """
    message = ctx.message
    index = message.find(headers.CONTACT)
    if index < 0:
        return -1
    try:
        places = places_of(message, index)
    except SipParseError as error:
        return refused(ctx, "set_alias_to_pv", error.reason)
    if len(places) != 1:
        return -1
    place = places[0]
    value = text(message.data[place.uri_start : place.end])
    match = parameter(alias_name(ctx.program)).search(value, value.find("@") + 1)
    if match is None:
        return -1
    assert target.set is not None
    try:
        target.set(ctx, _with_transport(read_alias(match[1])))
    except ValueError as error:
        return refused(ctx, "set_alias_to_pv", error)
    return 1
