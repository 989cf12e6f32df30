"""The Module object of nathelper and its parameters."""

from __future__ import annotations

import re
from typing import Final

from sipway.core import log as levels
from sipway.core.avps import avp_parameter
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.parameters.conversions import between, method, token
from sipway.core.send_socket import find_socket
from sipway.language.signatures import Meaning
from sipway.sip.addresses import sockaddr

mod: Final = Module("nathelper", after=("usrloc",))

_NO_TEXT: Final[str | None] = None
_ADDRESS: Final = re.compile(r"([0-9.]+)(?::([0-9]{1,5}))?")
_LONGEST: Final = 0x7FFFFFFF


def _socket(text: str) -> str:
    find_socket((), text)  # raises what is wrong with it
    return text


def _source(text: str) -> tuple[str, int]:
    match = _ADDRESS.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'an IPv4 address is wanted, such as 192.0.2.1:5060, not "{text:.60}"')
    port = int(match[2] or 5060)
    sockaddr(match[1], port)  # raises what is wrong with it
    return match[1], port


def _one_process(value: int) -> int:
    return between(1, 64)(value)


received_avp = mod.param(
    "received_avp",
    str,
    _NO_TEXT,
    convert=avp_parameter,
    doc="the AVP with where a REGISTER came from; registrar has the same",
)
nat_addr_mode = mod.param(
    "nat_addr_mode", int, 1, convert=between(0, 1), doc="1: 192.0.0.0/24 is private too"
)
alias_name = mod.param(
    "alias_name",
    str,
    "alias",
    convert=token('"{}" is no name of a parameter'),
    doc="the parameter with where a phone is",
)
nortpproxy_str = mod.param(
    "nortpproxy_str",
    str,
    "a=nortpproxy:yes\r\n",
    doc="the line that fix_nated_sdp(4) puts into SDP; none if it is empty",
)
append_sdp_oldmediaip = mod.param(
    "append_sdp_oldmediaip", int, 1, doc="fix_nated_sdp() says which addresses it has replaced"
)

natping_interval = mod.param(
    "natping_interval",
    int,
    0,
    convert=between(0, 86_400),
    doc="seconds in which each contact is pinged once, 0 for no pings",
)
ping_nated_only = mod.param(
    "ping_nated_only", int, 0, doc="only contacts with usrloc's nat_bflag are pinged"
)
mod.param(
    "natping_processes",
    int,
    1,
    convert=_one_process,
    meaning=Meaning.IGNORED,
    doc="of Kamailio's processes: pings here are sent a few at a time between other work",
)
force_socket = mod.param(
    "force_socket", str, _NO_TEXT, convert=_socket, doc="the socket of ours to ping by over UDP"
)
mod.param(
    "natping_socket",
    str,
    _NO_TEXT,
    convert=_source,
    meaning=Meaning.LATER,
    doc="an address to pretend to ping from, which takes a raw socket",
)
sipping_bflag = mod.param(
    "sipping_bflag",
    int,
    -1,
    convert=between(-1, 31),
    doc="the branch flag of contacts that are pinged with a request",
)
sipping_from = mod.param(
    "sipping_from", str, _NO_TEXT, doc="the URI in From of these; without it there are none"
)
sipping_method = mod.param(
    "sipping_method", str, "OPTIONS", convert=method, doc="the method of these"
)
natping_disable_bflag = mod.param(
    "natping_disable_bflag",
    int,
    -1,
    convert=between(-1, 31),
    doc="the branch flag of contacts that are not pinged",
)
keepalive_timeout = mod.param(
    "keepalive_timeout",
    int,
    0,
    convert=between(0, _LONGEST),
    doc="seconds after which a contact is removed that does not answer these, 0: never",
)
udpping_from_path = mod.param(
    "udpping_from_path",
    int,
    0,
    meaning=Meaning.LATER,
    doc="UDP pings that seem to come from the proxy in Path, which takes a raw socket",
)
ignore_path = mod.param(
    "ignore_path", int, 0, doc="UDP pings go to the phone, not to the first proxy of its Path"
)
filter_server_id = mod.param(
    "filter_server_id", int, 0, doc="only contacts that came by this server are pinged"
)


def wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def failed(ctx: Context, function: str, reason: object) -> int:
    """Log what is wrong with the script's call; the code of the call."""
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1


def refused(ctx: Context, function: str, reason: object) -> int:
    """Log what is wrong with the message, as such things are; the code of the call."""
    ctx.program.log.line(ctx.program.settings.corelog, f"{function}(): {reason}")
    return -1
