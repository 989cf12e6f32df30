"""The usual REGISTER: one contact of one user, as most phones send it, kept as it stands there.

What it says is found by its place in the message, and goes from there into the value of the store
and into the answer: no text is decoded and no object made of it. `save_usual` does as `save()` does
with the rest of this package, or nothing at all: whatever is uncommon in request, parameters or
store is left to that.

Compiled (see `usual.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.core import replies, streams
from sipway.core.contact_uri import replaced_uri
from sipway.core.context import Context
from sipway.modules import sl
from sipway.modules.registrar.reading import ALL_METHODS, allowed_methods
from sipway.modules.registrar.settings import Settings
from sipway.modules.registrar.updating import INSERTED, UPDATED
from sipway.modules.usrloc.encoding import encoded_again, encoded_new
from sipway.modules.usrloc.locations import Location
from sipway.sip import headers
from sipway.sip._bytes import Writer, bracket, plain_host, same
from sipway.sip.message import Message
from sipway.stores.interface import LONGEST_KEY

_CONTACT = headers.CONTACT
_EXPIRES = headers.EXPIRES
_USER_AGENT = headers.USER_AGENT
_ALLOW = headers.ALLOW
_TO = headers.TO
_CALL_ID = headers.CALL_ID
_REQUIRE = headers.REQUIRE

_NOT_USUAL = -1
_NOT_SAID = -2
_LATEST = 0xFFFFFFFF
_LONGEST_KEY = LONGEST_KEY
_LONGEST = 0xFFFF
_PARAMETER = b"expires="
_NO_AGENT = b"n/a"

# One for all keys and answers: it is filled and emptied within one call.
_writer = Writer()


def save_usual(ctx: Context, of: Settings, location: Location) -> int:
    """What save() returns when it has been done, answer and all; 0 when nothing was done.

    Raises StoreError, nothing is kept and nobody answered then.
    """
    message = ctx.message
    if not message.is_request or not of.is_usual:
        return 0
    if ctx.extras is not None and replaced_uri(ctx) is not None:
        return 0
    contact = expires = agent = allow = to = call_id = -1
    for index in range(message.header_count):
        kind = message._kinds[index]
        if kind == _CONTACT:
            if contact >= 0:
                return 0
            contact = index
        elif kind == _EXPIRES:
            if expires < 0:
                expires = index
        elif kind == _USER_AGENT:
            if agent < 0:
                agent = index
        elif kind == _ALLOW:
            if allow >= 0:
                return 0
            allow = index
        elif kind == _TO:
            to = index
        elif kind == _CALL_ID:
            call_id = index
        elif kind == _REQUIRE:
            return 0
    if contact < 0:
        return 0
    key = _key_of(message, to, of)
    if key is None:
        return 0
    data = message.data
    p = data
    start = bracket(data, message.value_start(contact), message._starts[contact + 1]) + 1
    last = message._starts[contact + 1]
    while last > start and p[last - 1] <= 32:
        last -= 1
    end = start
    while end < last and p[end] > 32 and p[end] != 62:
        end += 1
    if end >= last or p[end] != 62 or not 0 < end - start <= of.contact_max_size:
        return 0
    seconds = _seconds_of(message, end + 1, last, expires, of)
    if seconds <= 0:
        return 0
    now = int(ctx.now)
    until = min(now + seconds, _LATEST)
    call_start = message.value_start(call_id)
    call_end = message._starts[call_id + 1]
    while call_end > call_start and p[call_end - 1] <= 32:
        call_end -= 1
    by = _NO_AGENT
    by_start = 0
    by_end = 3
    if agent >= 0:
        by = data
        by_start = message.value_start(agent)
        by_end = message._starts[agent + 1]
        while by_end > by_start and p[by_end - 1] <= 32:
            by_end -= 1
        if by_end - by_start > _LONGEST:
            by_end = by_start + _LONGEST
    methods = ALL_METHODS if allow < 0 else allowed_methods(message.raw_value(allow))
    socket = ctx.socket
    connection = 0 if socket.connections is None else streams.connection_of(ctx)
    value = location.value_of(key)
    if value is None:
        made = encoded_new(
            data,
            start,
            end,
            call_start,
            call_end,
            by,
            by_start,
            by_end,
            socket.text_bytes,
            of.next_id(),
            until,
            now,
            message.cseq_number,
            ctx.branch_flags,
            methods,
            of.server_id,
            connection,
            1 if ctx.branch_flags & of.nat_flag else 0,
        )
    else:
        made = encoded_again(
            value,
            data,
            start,
            end,
            call_start,
            call_end,
            by,
            by_start,
            by_end,
            socket.text_bytes,
            until,
            now,
            message.cseq_number,
            ctx.branch_flags,
            methods,
            of.server_id,
            connection,
        )
    if made is None:
        return 0
    location.put_value(key, made, 1 if value is None else 0)
    of.accepted.value += 1
    _answer(ctx, data, start, end, until - now)
    return INSERTED if value is None else UPDATED


def _key_of(message: Message, to: int, of: Settings) -> bytes | None:
    """The address-of-record in To as the store has it (`aors.aor_of`); None if it is uncommon."""
    data = message.data
    p = data
    start = bracket(data, message.value_start(to), message._starts[to + 1]) + 1
    last = message._starts[to + 1]
    end = start
    while end < last and p[end] != 62:
        end += 1
    if end >= last:
        return None
    host = plain_host(data, start, end)
    if host <= start + 4:
        return None  # there is no user
    writer = _writer
    writer.clear()
    if of.case_sensitive:
        writer.add_slice(data, start + 4, host - 1)
    else:
        writer.add_lower(data, start + 4, host - 1)
    length = host - 1 - start - 4
    if of.use_domain:
        last = host
        while last < end and p[last] != 58 and p[last] != 59:
            last += 1
        writer.add_slice(data, host - 1, host)
        writer.add_lower(data, host, last)
        length += last - host + 1
    return writer.take() if length < _LONGEST_KEY else None


def _seconds_of(message: Message, i: int, last: int, header: int, of: Settings) -> int:
    """How long the contact is to live, by its one parameter or by the header field.

    0 or less if it is to be removed, or if something else is said or said otherwise.
    """
    data = message.data
    p = data
    wanted = _NOT_SAID
    if i < last:
        if p[i] != 59 or not same(_PARAMETER, 0, 8, data, i + 1):
            return _NOT_USUAL
        wanted = _digits(data, i + 9, last)
    elif header >= 0:
        i = message.value_start(header)
        last = message._starts[header + 1]
        while last > i and p[last - 1] <= 32:
            last -= 1
        wanted = _digits(data, i, last)
    if wanted == _NOT_SAID:
        seconds = of.default_expires
    elif wanted <= 0:
        return wanted
    elif wanted < of.min_expires:
        if of.refuses_brief:
            return _NOT_USUAL
        seconds = of.min_expires
    else:
        seconds = wanted
    if of.max_expires and seconds > of.max_expires:
        return of.max_expires
    return seconds


def _digits(data: bytes, i: int, end: int) -> int:
    """A number of 32 bits and nothing else; -1 if it is none."""
    p = data
    if i >= end or end - i > 10:
        return _NOT_USUAL
    number = 0
    while i < end:
        if not 48 <= p[i] <= 57:
            return _NOT_USUAL
        number = number * 10 + p[i] - 48
        i += 1
    return number if number <= _LATEST else _NOT_USUAL


def _answer(ctx: Context, data: bytes, start: int, end: int, seconds: int) -> None:
    writer = _writer
    writer.clear()
    writer.add(b"Contact: <")
    writer.add_slice(data, start, end)
    writer.add(b">;expires=")
    writer.add_number(seconds)
    writer.add(b"\r\n")
    if ctx.reply_lines is None:
        ctx.reply_lines = []
    ctx.reply_lines.append(writer.take())
    if ctx.transaction is None and not ctx.program.events:
        replies.send_reply(ctx, 200, "OK")
    else:
        sl.send_reply(ctx, 200, "OK")
