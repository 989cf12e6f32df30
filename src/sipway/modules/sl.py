"""sl: replies without a transaction, and send_reply(), with one where there is one.

Source: README of Kamailio's module sl. Left out: the parameters `event_callback_*`, which name
functions of other languages. Of the statistics those on errors, failures and ACKs are left out.

A request gets one final answer: where t_relay() could not send it, sl_reply_error() and
sl_send_reply() take the place of tm's own answer, while Kamailio sends both.

Unlike Kamailio's, the filter for ACKs has no time limit: an ACK whose To-tag was made here
acknowledges a reply made here, however late it comes.
"""

from __future__ import annotations

from typing import Annotated, Final, TypeAlias

from sipway.core import replies
from sipway.core.branches import destination_set
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.proxy import answering
from sipway.core.statistics import statistics
from sipway.language.signatures import ArgumentKind, Routes
from sipway.sip.methods import ACK

mod = Module("sl")

default_code = mod.param("default_code", int, 500, doc="status code of sl_reply_error()")
default_reason = mod.param(
    "default_reason", str, "Internal Server Error", doc="reason phrase of sl_reply_error()"
)
bind_tm = mod.param(
    "bind_tm", int, 1, doc="send_reply() answers with the transaction where there is one"
)


def _to_rich(value: int) -> int:
    if not 0 <= value <= 3:
        raise ValueError(f"rich_redirect is 0 to 3, not {value}")
    return value


_rich_redirect = mod.param(
    "rich_redirect",
    int,
    0,
    convert=_to_rich,
    doc="what Contacts of a 3xx tell besides: 1 branch flags, 2 the path",
)

_filtered_ack = mod.event("sl:filtered-ack")
_local_response = mod.event("sl:local-response")

# Of sl.stats.
_KINDS: Final = (
    200, 202, "2xx", 300, 301, 302, "3xx", 400, 401, 403, 404, 407, 408, 483, "4xx", 500, "5xx",
    "6xx",
)  # fmt: skip

_CLASS: Final = 100
_REDIRECTION: Final = 3
_FINAL: Final = 200

# What Kamailio answers after functions of tm.
_UNKNOWN: Final = (500, "I'm terribly sorry, server error occurred (1/SL)")


def _to_status(value: int | str) -> int:
    try:
        status = int(value)
    except ValueError:
        raise ValueError(f'"{value}" is not a status code') from None
    if not 100 <= status <= 699:
        raise ValueError(f"a status code is 100 to 699, not {status}")
    return status


Status: TypeAlias = Annotated[int, ArgumentKind("a status code", base=None, convert=_to_status)]


# In a block for replies they answer the request of the transaction.
_ANSWERING: Final = Routes.REQUEST | Routes.REPLY | Routes.FAILURE


@mod.function("sl_send_reply", "sl_reply", routes=Routes.REQUEST, replies=True)
def sl_send_reply(ctx: Context, code: Status, reason: str) -> int:
    """Answer the request with a status code and a reason phrase, without a transaction.

    A 3xx has a Contact with the Request-URI if the script has changed that, and the branches.
    Returns 1; -1 for an ACK, which is never answered, and for a reply.
    """
    message = ctx.message
    if message.method_id == ACK or not message.is_request:
        return -1
    extra = b""
    if code // _CLASS == _REDIRECTION:
        contacts = destination_set(ctx, _rich_redirect(ctx.program))
        if contacts is not None:
            extra = f"Contact: {contacts}\r\n".encode(errors="surrogateescape")
    if ctx.transaction is not None and code >= _FINAL:
        ctx.transaction.user.error = None  # this is the answer
    replies.send_reply(ctx, code, reason, extra)
    if ctx.program.events:
        _local_response.run(ctx)
        if ctx.program.shared.count_reply is not None:
            ctx.program.shared.count_reply(code)
    return 1


@mod.function("send_reply", routes=_ANSWERING, replies=True)
def send_reply(ctx: Context, code: Status, reason: str) -> int:
    """Answer the request with its transaction if it has one, else as sl_send_reply().

    Returns 1; -1 for an ACK, for a reply without a transaction, and if there is a final answer.
    """
    if ctx.transaction is not None and bind_tm(ctx.program):
        return answering.answer(ctx, code, reason)
    return sl_send_reply(ctx, code, reason)


@mod.function("send_reply_mode", routes=_ANSWERING, replies=True)
def send_reply_mode(ctx: Context, code: Status, reason: str, mode: int) -> int:
    """As send_reply(); `mode` is about connections, of which UDP has none."""
    del mode
    return send_reply(ctx, code, reason)


def _error(ctx: Context) -> tuple[int, str]:
    """The last internal error, such as 483 of maxfwd; else the default."""
    if ctx.error is not None:
        return ctx.error
    if ctx.transaction is not None:
        return _UNKNOWN
    return default_code(ctx.program), default_reason(ctx.program)


@mod.function("sl_reply_error", routes=Routes.REQUEST)
def sl_reply_error(ctx: Context) -> int:
    """Answer with the last internal error, such as 483 of maxfwd; else with the default.

    After a t_relay() that failed the answer is that of the transaction. Returns 1; -1 if the
    request is an ACK.
    """
    if ctx.transaction is not None and ctx.transaction.user.error is not None:
        return answering.answer(ctx, *_error(ctx))
    return sl_send_reply(ctx, *_error(ctx))


@mod.function("send_reply_error", routes=_ANSWERING)
def send_reply_error(ctx: Context) -> int:
    """As sl_reply_error(), with the transaction of the request if it has one."""
    return send_reply(ctx, *_error(ctx))


@mod.function("sl_forward_reply", routes=Routes.REPLY)
def forward_reply(ctx: Context, code: Status | None = None, reason: str = "") -> int:
    """Pass the reply on to the next Via, with another status code of its class if given.

    The reply goes on again when the script ends, unless it is dropped. Returns 1; -1 if it
    cannot go anywhere or the class differs.
    """
    status = ctx.message.status
    if code is not None and code // _CLASS != status // _CLASS:
        return -1
    return 1 if replies.forward_reply(ctx, code or 0, reason or ctx.message.reason) else -1


@mod.filter(ACK)
def is_not_our_ack(ctx: Context) -> bool:
    """Let an ACK through unless it acknowledges a reply of this module."""
    tag = ctx.to_tag
    if tag is None or not tag.startswith(ctx.program.tag_prefix.decode()):
        return True
    _filtered_ack.run(ctx)
    return False


@mod.rpc("sl.stats")
def stats(program: Program) -> dict[str, int]:
    """Says how many answers of which kind have been sent without a transaction."""
    known = statistics(program)

    def count(what: object) -> int:
        found = known.get("sl", f"{what}_replies")
        return 0 if found is None else found.shown

    found = {str(each): count(each) for each in _KINDS}
    for number in range(2, 6):  # in the row of a class are those without a row of their own
        named = sum(count(each) for each in _KINDS if _is_of(each, number))
        found[f"{number}xx"] -= named
    return found | {"xxx": count("1xx")}


def _is_of(kind: int | str, number: int) -> bool:
    return isinstance(kind, int) and kind // 100 == number
