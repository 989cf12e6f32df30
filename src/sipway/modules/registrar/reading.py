"""What a REGISTER asks for, taken from the message (RFC 3261 section 10.3).

Compiled (see `reading.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import random
from typing import Final

from sipway.core import streams
from sipway.core.avps import avp_text
from sipway.core.contact_uri import contact_value
from sipway.core.context import Context
from sipway.core.send_socket import find_socket
from sipway.core.xavps import XavpPath, read, xavp_path
from sipway.errors import SipParseError
from sipway.modules.registrar.failures import Malformed, Refused
from sipway.modules.registrar.settings import Settings
from sipway.modules.usrloc import NO_Q
from sipway.sip import headers
from sipway.sip.contacts import ContactValue, parse_contacts
from sipway.sip.message import Message
from sipway.sip.methods import METHODS

# Bits of save()'s flags.
MEMORY: Final = 0x01
NO_REPLY: Final = 0x02
ONE_CONTACT: Final = 0x04
NO_RANGES: Final = 0x08
PREPARE_REPLY: Final = 0x10

ALL_METHODS: Final = 0xFFFFFFFF
# As in the databases of Kamailio, which knows four methods of HTTP before that.
OTHER_METHODS: Final = 0x80000
_LATEST: Final = 0xFFFFFFFF
_NO_AGENT: Final = b"n/a"

_MAX_LISTS: Final = 256
_method_lists: dict[bytes, int] = {}


class Asked:
    """One contact of the request; `seconds` 0 removes it."""

    def __init__(self, value: ContactValue, seconds: int, q: int) -> None:
        self.uri = value.uri
        self.seconds = seconds
        self.q = q
        self.instance = b""
        self.reg_id = 0
        self.received = value.received or b""
        self.methods: int | None = None


class Request:
    """A REGISTER, or a response to one.

    contacts  what it asks for, in the order in which Kamailio takes it: of one header field the
              last first; empty when it only asks what there is
    first     the first one as it stands there
    is_star   all contacts of the user are to be removed
    """

    def __init__(self, message: Message) -> None:
        self.call_id = message.call_id_bytes
        self.cseq = message.cseq_number & 0xFFFFFFFF
        self.contacts: list[Asked] = []
        self.first: Asked | None = None
        self.is_star = False
        self.user_agent = _NO_AGENT
        self.path = b""
        self.received = b""
        self.socket = b""
        self.methods = ALL_METHODS
        self.cflags = 0
        self.connection = 0


def read_request(ctx: Context, of: Settings, flags: int) -> Request:
    """Raises Refused."""
    message = ctx.message
    asked = Request(message)
    found: list[ContactValue] = []
    ends: list[int] = []
    index = message.find(headers.CONTACT)
    while index >= 0:
        value_of = message.raw_value(index) if ctx.edits is None else contact_value(ctx, index)
        try:
            asked.is_star |= parse_contacts(value_of, found)
        except SipParseError as error:
            ctx.program.log.line(-1, f"registrar: {error.reason}")
            raise Malformed(400, "Contact parse error") from None
        ends.append(len(found))
        index = message.find(headers.CONTACT, index)
    if asked.is_star:
        _check_star(message, found)
    _check_outbound(message, of)
    if found:
        _read_common(ctx, of, asked)
        header = _header_seconds(message)
        override = config(ctx, of, "expires")
        for value in found:
            if len(value.uri) > of.contact_max_size or (
                value.received is not None and len(value.received) > of.contact_max_size
            ):
                raise Malformed(400, "Contact/received too long")
            said = value.expires if override is None else b"%d" % override
            seconds = _seconds(said, header, of, flags)
            each = Asked(value, seconds, _q(ctx, value.q, of))
            if value.instance:
                each.instance = value.instance
                if value.reg_id is not None:
                    each.reg_id = _number(value.reg_id) or 0
            if value.methods is not None:
                each.methods = allowed_methods(value.methods)
            asked.contacts.append(each)
        asked.first = asked.contacts[0]
        if len(found) > len(ends):
            _take_last_first(asked.contacts, ends)
    return asked


def _take_last_first(contacts: list[Asked], ends: list[int]) -> None:
    """Turn round those of each header field."""
    start = 0
    for end in ends:
        contacts[start:end] = contacts[start:end][::-1]
        start = end


def _check_star(message: Message, found: list[ContactValue]) -> None:
    index = message.find(headers.EXPIRES)
    if index < 0 or _number(message.raw_value(index)) != 0:
        raise Malformed(400, "* used in contact and expires is not zero")
    if found:
        raise Malformed(400, "* used in contact and more than 1 contact")


def has_option(message: Message, kind: int, option: bytes) -> bool:
    """Whether a list of option tags (Supported, Require) has this one."""
    index = message.find(kind)
    while index >= 0:
        value = message.raw_value(index).lower()
        if option in value and option in [each.strip() for each in value.split(b",")]:
            return True
        index = message.find(kind, index)
    return False


def _check_outbound(message: Message, of: Settings) -> None:
    """RFC 5626: what is required must be supported. Raises Refused."""
    if of.outbound_mode == 0:
        if message.find(headers.REQUIRE) >= 0 and has_option(message, headers.REQUIRE, b"outbound"):
            raise Malformed(420, "No support for Outbound on server", b"Unsupported: outbound\r\n")
    elif of.outbound_mode == 2 and not supports_outbound(message):
        raise Malformed(421, "Outbound required", b"Require: outbound\r\n")


def supports_outbound(message: Message) -> bool:
    """Whether the phone does as RFC 5626 says."""
    return has_option(message, headers.SUPPORTED, b"outbound") or has_option(
        message, headers.REQUIRE, b"outbound"
    )


def _read_common(ctx: Context, of: Settings, asked: Request) -> None:
    """What holds for all contacts of the request."""
    message = ctx.message
    index = message.find(headers.USER_AGENT)
    if index >= 0:
        asked.user_agent = message.raw_value(index)[:0xFFFF]
    index = message.find(headers.ALLOW)
    if index >= 0:
        asked.methods = 0
        while index >= 0:
            asked.methods |= allowed_methods(message.raw_value(index))
            index = message.find(headers.ALLOW, index)
    asked.cflags = ctx.branch_flags
    if of.received_avp is not None:
        text = avp_text(ctx, of.received_avp)
        if text is not None:
            asked.received = text.encode("utf-8", "surrogateescape")
            if len(asked.received) > of.contact_max_size:
                raise Malformed(400, "Contact/received too long")
    if of.use_path:
        _read_path(message, of, asked)
    asked.socket = _socket(ctx, of)
    connection = config(ctx, of, "tcpconn_id")
    asked.connection = streams.connection_of(ctx) if connection is None else connection


def _read_path(message: Message, of: Settings, asked: Request) -> None:
    """Raises Refused when there is a Path that the phone knows nothing of."""
    index = message.find(headers.PATH)
    if index < 0:
        return
    values = []
    while index >= 0:
        values.append(message.raw_value(index))
        index = message.find(headers.PATH, index)
    path = b",".join(values)
    if of.path_mode == 2 and not has_option(message, headers.SUPPORTED, b"path"):
        lines = b"Unsupported: path\r\nPath: " + path + b"\r\n"
        raise Refused(420, "No support for found Path indicated", lines)
    if len(path) > 0xFFFF:
        raise Refused(400, "Path too long")
    asked.path = path
    if of.path_use_received:
        found: list[ContactValue] = []
        try:
            parse_contacts(values[0], found)
        except SipParseError:
            return
        received = _uri_parameter(found[0].uri, b"received") if found else b""
        if received:
            asked.received = received
            asked.cflags |= of.nat_flag


def _uri_parameter(uri: bytes, name: bytes) -> bytes:
    for part in uri.split(b";")[1:]:
        key, _, value = part.partition(b"=")
        if key.strip().lower() == name:
            return value.strip()
    return b""


def _socket(ctx: Context, of: Settings) -> bytes:
    """The socket that the phone is to be reached by, as text."""
    if of.sock_flag and ctx.flags & of.sock_flag and of.sock_hdr_name is not None:
        value = ctx.message.named(of.sock_hdr_name)
        if value is not None:
            return _known(ctx, value)
    if of.xavp_cfg is not None:
        value = _text(ctx, of, "socket")
        if value is not None:
            return _known(ctx, value)
    socket = ctx.socket
    if of.sock_mode and socket.advertised is not None:
        host, port = socket.advertised
        return f"{socket.protocol}:{host}:{port}".encode()
    return socket.text_bytes


def _known(ctx: Context, text: str) -> bytes:
    """The socket of ours that a text means; the one of the request if it means none."""
    try:
        found = find_socket(ctx.program.sockets, text)
    except ValueError:
        found = None
    return ctx.socket.text_bytes if found is None else found.text_bytes


def allowed_methods(value: bytes) -> int:
    """Bits of a list of methods; those of phones are few, so they are remembered."""
    found = _method_lists.get(value)
    if found is None:
        found = 0
        for each in value.decode("latin-1").split(","):
            found |= METHODS.get(each.strip().upper(), OTHER_METHODS)
        if len(_method_lists) >= _MAX_LISTS:
            _method_lists.clear()
        _method_lists[value] = found
    return found


def _number(text: bytes) -> int | None:
    """A number of 32 bits, or None."""
    text = text.strip()
    if not text or len(text) > 10 or not text.isdigit():
        return None
    number = int(text)
    return number if number <= _LATEST else None


def _header_seconds(message: Message) -> int | None:
    index = message.find(headers.EXPIRES)
    return None if index < 0 else _number(message.raw_value(index))


def _seconds(said: bytes | None, header: int | None, of: Settings, flags: int) -> int:
    """How long a contact is to live: as the phone wants it, within the limits. Raises Refused."""
    wanted = header if said is None else _number(said)
    if wanted is None:
        seconds = _shortened(of.default_expires, of.default_expires_range, flags)
    elif wanted == 0:
        return 0
    else:
        if wanted < of.min_expires:
            if of.refuses_brief:
                lines = b"Min-Expires: %d\r\n" % of.min_expires
                raise Refused(423, "Interval too brief", lines)
            wanted = of.min_expires
        seconds = _shortened(wanted, of.expires_range, flags)
        if seconds < of.min_expires:
            seconds = of.min_expires
    if of.max_expires and seconds > of.max_expires:
        seconds = of.max_expires
    return seconds


def _shortened(seconds: int, percent: int, flags: int) -> int:
    """Up to so many percent less, by chance: so that not all phones come back at once."""
    if not percent or flags & NO_RANGES:
        return seconds
    return seconds - random.randrange(seconds * percent // 100 + 1)


def _q(ctx: Context, said: bytes | None, of: Settings) -> int:
    """The q value in thousandths. Raises Refused."""
    if of.xavp_cfg is not None:
        override = config(ctx, of, "q")
        if override is not None:
            if not 0 <= override <= 1000:
                raise Refused(400, "Invalid q param in contact")
            return override
    if not said:
        return of.default_q
    whole, _, rest = said.partition(b".")
    if whole.isdigit() and len(whole) < 5 and (rest.isdigit() if rest else True):
        q = int(whole) * 1000 + int((rest + b"000")[:3])
        if q <= 1000:
            return q
    raise Refused(400, "Invalid q param in contact")


def config(ctx: Context, of: Settings, name: str) -> int | None:
    """A number of the $xavp that `xavp_cfg` names, None if it is not set."""
    if of.xavp_cfg is None or ctx.extras is None:
        return None
    value = read(ctx.extras.xavps, _path(of.xavp_cfg, name))
    if isinstance(value, int):
        return value
    return int(value) if value and value.isascii() and value.isdecimal() else None


def _text(ctx: Context, of: Settings, name: str) -> str | None:
    if of.xavp_cfg is None or ctx.extras is None:
        return None
    value = read(ctx.extras.xavps, _path(of.xavp_cfg, name))
    return value if isinstance(value, str) else None


config_text = _text


_paths: dict[tuple[str, str], XavpPath] = {}


def _path(root: str, name: str) -> XavpPath:
    found = _paths.get((root, name))
    if found is None:
        found = _paths[root, name] = xavp_path(f"{root}=>{name}")
    return found


__all__ = [
    "ALL_METHODS",
    "MEMORY",
    "NO_Q",
    "NO_REPLY",
    "ONE_CONTACT",
    "PREPARE_REPLY",
    "Asked",
    "Request",
    "allowed_methods",
    "config",
    "config_text",
    "has_option",
    "read_request",
]
