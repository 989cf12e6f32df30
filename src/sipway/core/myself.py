"""What `myself` means: our sockets, what they advertise, and the aliases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sipway.errors import SipParseError
from sipway.sip.uri import parse_uri

if TYPE_CHECKING:
    from sipway.core.context import Context

SIP_PORT = 5060
SIPS_PORT = 5061


def is_myself_uri(ctx: Context, uri: str | None) -> bool:
    """Whether host and port of the URI are ours; a URI without a port means the default one."""
    if uri is None:
        return False
    try:
        parsed = parse_uri(uri)
    except SipParseError:
        return False
    default = SIPS_PORT if parsed.scheme == "sips" else SIP_PORT
    return ctx.program.is_myself(parsed.host, parsed.port or default)


def is_myself_address(ctx: Context, address: str | None) -> bool:
    """Whether an IP address is one of ours, on any port."""
    return address is not None and ctx.program.is_myself(address)
