"""The message as a whole."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Annotated, Final, TypeAlias

from sipway.core import applying
from sipway.core.arguments import ConstantRegex
from sipway.core.context import Context
from sipway.core.late_edits import edits_for
from sipway.core.proxy.contexts import snapshot
from sipway.errors import SipParseError
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.textopsx._module import edit, failed, mod, wire
from sipway.sip.edits import Edit

_DEEPEST: Final = 64
_MESSAGES: Final = Routes.REQUEST | Routes.REPLY


@mod.function("msg_apply_changes", routes=_MESSAGES)
def msg_apply_changes(ctx: Context) -> int:
    """Make the changes of headers, body and Request-URI now, so that all after it sees them.

    1; -1 if what comes out is no SIP message: then nothing changes.
    """
    try:
        changed = applying.changed(ctx)
    except (SipParseError, ValueError) as error:
        return failed(ctx, "msg_apply_changes", error)
    if changed is not ctx.message:
        applying.take(ctx, changed)
    return 1


@mod.function("msg_changed_route", may_wait=True)
async def msg_changed_route(ctx: Context, name: str) -> int:
    """Run a route[] on the message as its changes make it; the message itself stays as it is.

    Variables and flags are shared; what the route does to its message is lost, and `exit` ends that
    route alone. 1; -1 if there is no such route, or what comes out is no SIP message.
    """
    program = ctx.program
    route = program.routes.get(name)
    if route is None:
        return failed(ctx, "msg_changed_route", f"there is no route[{name:.60}]")
    if ctx.depth >= _DEEPEST:
        return failed(ctx, "msg_changed_route", f"routes call each other more than {_DEEPEST} deep")
    try:
        changed = applying.changed(ctx)
    except (SipParseError, ValueError) as error:
        return failed(ctx, "msg_changed_route", error)
    other = snapshot(ctx)
    other.vars, other.script_flags, other.depth = ctx.vars, ctx.script_flags, ctx.depth + 1
    applying.take(other, changed)
    waiting = route(other)
    if route in program.waiting:
        await waiting
    ctx.avps, ctx.flags, ctx.script_flags = other.avps, other.flags, other.script_flags
    return 1


@mod.function("msg_set_buffer", routes=_MESSAGES)
def msg_set_buffer(ctx: Context, data: str) -> int:
    """Replace the whole message by another of its kind, request or reply; changes are dropped.

    1; -1 if the text is no such message: then nothing changes.
    """
    try:
        changed = applying.like(ctx, wire(data))
    except (SipParseError, ValueError) as error:
        return failed(ctx, "msg_set_buffer", error)
    applying.take(ctx, changed)
    return 1


def _to_status(value: int | str) -> int:
    text = str(value)
    if not (text.isascii() and text.isdecimal() and 100 <= int(text) <= 699):
        raise ValueError(f"a status code is 100 to 699, not {text:.20}")
    return int(text)


Status: TypeAlias = Annotated[int, ArgumentKind("a status code", base=None, convert=_to_status)]


@mod.function("change_reply_status", routes=Routes.REPLY)
def change_reply_status(ctx: Context, code: Status, reason: str) -> int:
    """Give the reply another status code and reason phrase before it goes on.

    1; -1 for a provisional or successful reply that would be of another class, or one that would
    become such a reply.
    """
    message = ctx.message
    before = message.status // 100
    if before != code // 100 and (before < 3 or code // 100 < 3):
        return failed(ctx, "change_reply_status", f"{message.status} cannot become {code}")
    line = wire(f"SIP/2.0 {code} {reason}\r\n")
    try:
        changed = applying.like(ctx, line + message.data[message.line_end :])
    except (SipParseError, ValueError) as error:
        return failed(ctx, "change_reply_status", error)
    moved = changed.line_end - message.line_end
    edits = edits_for(ctx, ctx.socket)
    applying.take(ctx, changed)
    ctx.edits = [Edit(each.start + moved, each.end + moved, each.replacement) for each in edits]
    return 1


@mod.function("change_reply_status_code", routes=Routes.REPLY)
def change_reply_status_code(ctx: Context, code: Status) -> int:
    """As change_reply_status(), with the reason phrase that there is."""
    return change_reply_status(ctx, code, ctx.message.reason)


@mod.function("remove_body")
def remove_body(ctx: Context) -> int:
    """Take the body out. Returns 1, also without one."""
    message = ctx.message
    if message.body_length:
        edit(ctx, message.body_offset, message.body_offset + message.body_length, b"")
    return 1


_KEPT: Final = frozenset(
    (
        "via", "v", "from", "f", "to", "t", "call-id", "i", "cseq", "content-length", "l",
        "content-type", "c", "max-forwards", "contact", "m", "route", "record-route",
    )
)  # fmt: skip


@mod.function("keep_hf")
def keep_hf(ctx: Context, pattern: ConstantRegex | None = None) -> int:
    """Take all headers out whose names do not match, but for those that a message lives by.

    These are Via, From, To, Call-ID, CSeq, Content-Length, Content-Type, Max-Forwards, Contact,
    Route and Record-Route. Returns -1 in any case, as 5.6.3 does.
    """
    for index, field in enumerate(ctx.message.headers()):
        name = field.name
        if name.lower() in _KEPT or (pattern is not None and pattern(name)):
            continue
        start, end = ctx.message.line(index)
        edit(ctx, start, end, b"")
    return -1


def _to_flags(text: str) -> bool:
    if text not in ("", "i", "I"):
        raise ValueError(f'i or nothing is wanted, not "{text}"')
    return bool(text)


Flags: TypeAlias = Annotated[bool, ArgumentKind("i or nothing", base=str, convert=_to_flags)]

_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


@mod.function("fnmatch")
def fnmatch(ctx: Context, text: str, pattern: str, any_case: Flags = False) -> int:
    """1 if a text fits a pattern as for names of files (`*`, `?`, `[a-z]`, `[!x]`), else -1.

    A backslash takes the meaning of the character behind it. With `i` case does not matter.
    """
    del ctx
    plain = _ESCAPED.sub(lambda match: f"[{match[1]}]", pattern)
    if any_case:
        text, plain = text.lower(), plain.lower()
    return 1 if fnmatchcase(text, plain) else -1
