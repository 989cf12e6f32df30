"""`{sock.…}`: `udp:host:port`; `{urialias.…}`: the `host~port~protocol` of an alias parameter."""

from __future__ import annotations

from typing import Final

from sipway.core.transformations.kinds import transformation
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.core.variables.uris import parsed

_PROTOCOLS: Final = {number: name for name, number in PROTOCOL_IDS.items()}
_UDP: Final = PROTOCOL_IDS["udp"]
_SIP_PORT: Final = 5060
_SIPS_PORT: Final = 5061


def _cut(text: str) -> tuple[str, str, str]:
    """Protocol, host (IPv6 in brackets) and port, what is not there empty.

    Raises ValueError for what is no address of a socket.
    """
    protocol, colon, rest = text.partition(":")
    if not colon or protocol.lower() not in PROTOCOL_IDS:
        protocol, rest = "", text
    end = rest.find("]") + 1
    host, _, port = rest[end:].partition(":")
    host = rest[:end] + host
    if not host or (port and not port.isdecimal()):
        raise ValueError("no address of a socket")
    return protocol, host, port


@transformation("sock.host")
def _host(text: str) -> str:
    """The host."""
    return _cut(text)[1]


@transformation("sock.port")
def _port(text: str) -> str:
    """The port."""
    return _cut(text)[2]


@transformation("sock.proto")
def _protocol(text: str) -> str:
    """The protocol."""
    return _cut(text)[0]


@transformation("sock.touri")
def _to_uri(text: str) -> str:
    """As a SIP URI with the transport."""
    protocol, host, port = _cut(text)
    uri = f"sip:{host}:{port}" if port else f"sip:{host}"
    return f"{uri};transport={protocol}" if protocol else uri


@transformation("urialias.encode")
def _encode(text: str) -> str | None:
    """The value of an alias parameter for a SIP URI: `host~port~protocol`.

    The protocol is that of the parameter transport, else UDP.
    """
    uri = parsed(text)
    if uri is None:
        return None
    protocol = PROTOCOL_IDS.get((uri.param("transport") or "").lower(), _UDP)
    port = uri.port or (_SIPS_PORT if _PROTOCOLS[protocol] in ("tls", "wss") else _SIP_PORT)
    return f"{uri.host}~{port}~{protocol}"


@transformation("urialias.decode")
def _decode(text: str) -> str:
    """The SIP URI that an alias stands for, with a transport unless it is UDP."""
    host, port, number, *_ = [*text.split("~"), "", ""]
    if "~" not in text or not number:
        raise ValueError("no alias")
    protocol = _PROTOCOLS.get(int(number[:1])) if number[:1] != "0" else _PROTOCOLS[_UDP]
    if protocol is None:
        raise ValueError("no protocol")
    uri = f"sip:{host}:{port}"
    return uri if protocol == "udp" else f"{uri};transport={protocol}"
