"""The message itself: its first line, its size, its body, headers that have a variable."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Final

from sipway.core import replies
from sipway.core.builtin import add_number, add_text, core
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.late_edits import edits_for
from sipway.core.variables.headers import first_value
from sipway.errors import SipParseError
from sipway.language.signatures import Inner
from sipway.sip import headers as kinds
from sipway.sip.edits import Edit, edited
from sipway.sip.message import Message, parse, text
from sipway.sip.methods import OTHER

# Methods that have no bit of their own here, and a number of Kamailio's.
_NUMBERS: Final = {"GET": 32768, "POST": 65536, "PUT": 131072, "DELETE": 262144}
_OTHER_NUMBER: Final = 524288

# --- first line -------------------------------------------------------------------------


@core.variable("rm", values=(str,), nullable=False, attribute="method")
def _method(ctx: Context) -> str:
    """The request's method; of a reply the method in its CSeq."""
    return ctx.method


@core.variable("rmid", values=(int,), nullable=False)
def _method_id(ctx: Context) -> int:
    """The method as a number that has one bit set (INVITE 1, CANCEL 2, ACK 4, BYE 8 ...)."""
    number = ctx.message.method_id
    return _NUMBERS.get(ctx.method, _OTHER_NUMBER) if number == OTHER else number


@core.variable("mt", values=(int,), nullable=False)
def _message_type(ctx: Context) -> int:
    """1 for a request, 2 for a reply."""
    return 1 if ctx.message.is_request else 2


@core.variable("mts", values=(str,), nullable=False)
def _message_type_text(ctx: Context) -> str:
    """`rq` for a request, `rp` for a reply."""
    return "rq" if ctx.message.is_request else "rp"


@core.variable("rsi", values=(int,), nullable=False)
def _status_number(ctx: Context) -> int:
    """The status code of a reply, 0 for a request."""
    return 0 if ctx.message.is_request else ctx.message.status


@core.variable("rs", values=(int,))
def _status(ctx: Context) -> int | None:
    """The status code of a reply, null for a request."""
    message = ctx.message
    return None if message.is_request else message.status


@core.variable("rr", values=(str,))
def _reason(ctx: Context) -> str | None:
    """The reason phrase of a reply, null for a request."""
    message = ctx.message
    return None if message.is_request else message.reason


@core.variable("rv", values=(str,), nullable=False)
def _version(_: Context) -> str:
    """`SIP/2.0`: nothing else is let in."""
    return "SIP/2.0"


# --- as a whole -------------------------------------------------------------------------


@core.variable("mb", values=(str,), nullable=False)
def _buffer(ctx: Context) -> str:
    """The whole message as received."""
    return text(ctx.message.data)


@core.variable("mbu", values=(str,), nullable=False)
def _changed_buffer(ctx: Context) -> str:
    """The whole message with the changes that the script has made so far.

    A Record-Route or Path says the socket that is known so far.
    """
    message = ctx.message
    edits = list(edits_for(ctx, ctx.send_socket or ctx.socket))
    if ctx.ruri is not None and message.is_request:
        rewritten = ctx.ruri.encode("utf-8", "surrogateescape")
        edits.insert(0, Edit(message.uri_start, message.uri_end, rewritten))
    return text(edited(message, edits))


@core.variable("ml", values=(int,), nullable=False)
def _length(ctx: Context) -> int:
    """The size of the message in bytes."""
    return len(ctx.message.data)


@core.variable("rb", values=(str,), nullable=False)
def _body(ctx: Context) -> str:
    """The body, empty where there is none."""
    return text(ctx.message.body)


@core.variable("bs", values=(int,), nullable=False)
def _body_size(ctx: Context) -> int:
    """The size of the body in bytes."""
    return len(ctx.message.body)


def _offset(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise ValueError(f"a place in the message is a number from 0, not {text:.20}")
    return int(text)


def _set_character(ctx: Context, value: int | str | None, at: int) -> None:
    """Change one character of the message at once, for all that reads or sends it afterwards."""
    if value is None:
        return
    if not isinstance(value, str) or not value:
        raise ValueError("a character is wanted for $msgbuf")
    data = ctx.message.data
    if at >= len(data):
        raise ValueError(f"the message has no byte {at}: it has {len(data)}")
    byte = value.encode("utf-8", "surrogateescape")[:1]
    try:
        ctx.message = parse(data[:at] + byte + data[at + 1 :])
    except SipParseError as error:
        raise ValueError(f"with $msgbuf({at}) changed it is no SIP message: {error}") from None


@core.variable("msgbuf", set=_set_character, inner=Inner.REQUIRED, values=(str,), prepare=_offset)
def _character(ctx: Context, at: int) -> str | None:
    """The character at an offset in the message as received, null behind its end."""
    return text(ctx.message.data[at : at + 1]) or None


_MESSAGE_PARTS: Final[dict[str, Callable[[Message], int | str]]] = {
    "buf": lambda message: text(message.data),
    "body": lambda message: text(message.body),
    "body_len": lambda message: len(message.body),
    "fline": lambda message: text(message.data[: message.line_end]).strip(),
    "fpart": lambda message: text(message.data[: message.headers_end]).strip(),
    "hdrs": lambda message: text(message.data[message.line_end : message.headers_end]).strip(),
    "len": lambda message: len(message.data),
    "lpart": lambda message: text(message.data[message.line_end :]),
}


def _message_part(name: str) -> str:
    if name not in _MESSAGE_PARTS:
        raise ValueError(f"$msg takes {', '.join(_MESSAGE_PARTS)}, not {name}")
    return name


@core.variable("msg", inner=Inner.REQUIRED, nullable=False, prepare=_message_part)
def _message(ctx: Context, part: str) -> int | str:
    """The message or a part of it.

    `buf` is all of it, `fline` the first line, `hdrs` the headers, `fpart` both, `body`, `lpart`
    headers and body; `len` and `body_len` are sizes in bytes.
    """
    return _MESSAGE_PARTS[part](ctx.message)


# --- headers that have a variable of their own ----------------------------------------------


@core.variable("ci", values=(str,), nullable=False, attribute="message.call_id")
def _call_id(ctx: Context) -> str:
    """The Call-ID."""
    return ctx.message.call_id


@core.variable("cs", values=(str,), nullable=False)
def _cseq_number(ctx: Context) -> str:
    """The number in CSeq as written."""
    return (first_value(ctx.message, kinds.CSEQ) or "").partition(" ")[0]


@core.variable("cl", values=(int,))
def _content_length(ctx: Context) -> int | None:
    """The Content-Length."""
    length = ctx.message.content_length
    return length if length >= 0 else None


def _value_of(kind: int) -> Callable[[Context], str | None]:
    def value(ctx: Context) -> str | None:
        return first_value(ctx.message, kind)

    return value


add_text("csb", _value_of(kinds.CSEQ), "CSeq: number and method.")
add_text("ct", _value_of(kinds.CONTACT), "The first Contact line, with all its values.")
add_text("cT", _value_of(kinds.CONTENT_TYPE), "The Content-Type.")
add_text("ua", _value_of(kinds.USER_AGENT), "The User-Agent.", "message.user_agent")
add_number("sid", lambda ctx: ctx.program.settings.server_id, "The parameter server_id.")


# --- numbers of this server's own ------------------------------------------------------------

_numbers: Final = count(1)


@core.variable("mi", values=(int,), nullable=False)
def message_number(ctx: Context) -> int:
    """A number that no other message in this process has; messages that ask are counted."""
    kept = extras(ctx)
    if not kept.number:
        kept.number = next(_numbers) & 0x7FFFFFFF
    return kept.number


def _tag_part(name: str) -> str:
    if name not in ("s", "t", "x"):
        raise ValueError(f"$ltt takes s, t or x, not {name}")
    return name


@core.variable("ltt", inner=Inner.REQUIRED, values=(str,), prepare=_tag_part)
def _local_tag(ctx: Context, name: str) -> str | None:
    """The To-tag of replies made here: `s` without a transaction, `t` in one, `x` what fits.

    Without transactions `t` is null and `x` the same as `s`.
    """
    if name == "t":
        return None
    return text(replies.local_tag(ctx))
