"""Header fields added and taken out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated, Any, TypeAlias

from sipway.core.arguments import (
    ComputedHeaderName,
    ComputedRegex,
    ConstantText,
    Format,
    HeaderName,
    Regex,
)
from sipway.core.context import Context
from sipway.language.regex import compile_posix
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.textops._module import edit, mod, wire

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _date_line(now: float) -> bytes:
    """A Date header line, in English whatever the locale."""
    t = time.gmtime(now)
    return (
        f"Date: {_DAYS[t.tm_wday]}, {t.tm_mday:02} {_MONTHS[t.tm_mon - 1]} {t.tm_year} "
        f"{t.tm_hour:02}:{t.tm_min:02}:{t.tm_sec:02} GMT\r\n"
    ).encode()


def _add_to_reply(ctx: Context, line: bytes) -> None:
    if ctx.reply_lines is None:
        ctx.reply_lines = []
    ctx.reply_lines.append(line)


# --- added -----------------------------------------------------------------------------------


@mod.function("append_to_reply", routes=Routes.REQUEST | Routes.FAILURE | Routes.EVENT)
def append_to_reply(ctx: Context, text: Format) -> int:
    """Add text, complete header lines with their ends, to the replies made here. Returns 1."""
    _add_to_reply(ctx, wire(text(ctx)))
    return 1


@mod.function("append_hf")
def append_hf(ctx: Context, text: Format, after: HeaderName | None = None) -> int:
    """Add a header line behind the last one, or behind the last one of a name. Returns 1."""
    message = ctx.message
    at = message.headers_end
    if after is not None:
        found = message.indexes_named(after)
        if found:
            at = message.line(found[-1])[1]
    edit(ctx, at, at, wire(text(ctx)))
    return 1


@mod.function("insert_hf")
def insert_hf(ctx: Context, text: Format, before: HeaderName | None = None) -> int:
    """Add a header line before the first one, or before the first one of a name. Returns 1."""
    message = ctx.message
    at = message.line_end
    if before is not None:
        found = message.indexes_named(before)
        if found:
            at = message.line(found[0])[0]
    edit(ctx, at, at, wire(text(ctx)))
    return 1


@mod.function("append_urihf", routes=Routes.REQUEST | Routes.FAILURE | Routes.BRANCH)
def append_urihf(ctx: Context, prefix: ConstantText, suffix: ConstantText) -> int:
    """Add the Request-URI as received between two texts behind the headers. Returns 1."""
    at = ctx.message.headers_end
    edit(ctx, at, at, wire(f"{prefix}{ctx.message.uri}{suffix}"))
    return 1


@mod.function("append_time", routes=Routes.REQUEST | Routes.FAILURE | Routes.BRANCH)
def append_time(ctx: Context) -> int:
    """Add a Date to the replies made here. Returns 1."""
    _add_to_reply(ctx, _date_line(ctx.now))
    return 1


@mod.function("append_time_to_request")
def append_time_to_request(ctx: Context) -> int:
    """Add a Date to the message. Returns 1."""
    at = ctx.message.headers_end
    edit(ctx, at, at, _date_line(ctx.now))
    return 1


# --- taken out --------------------------------------------------------------------------------


def _remove(ctx: Context, found: list[int]) -> int:
    for index in found:
        start, end = ctx.message.line(index)
        edit(ctx, start, end, b"")
    return 1 if found else -1


def _remove_where(ctx: Context, wanted: Callable[[str], object]) -> int:
    names = enumerate(each.name for each in ctx.message.headers())
    return _remove(ctx, [index for index, name in names if wanted(name)])


@mod.function("remove_hf")
def remove_hf(ctx: Context, name: ComputedHeaderName) -> int:
    """Take out all header fields of a name, long or compact; 1 if there were any, else -1."""
    return _remove(ctx, ctx.message.indexes_named(name))


@mod.function("remove_hf_pv")
def remove_hf_pv(ctx: Context, name: str) -> int:
    """As remove_hf(), with a name that may come from a variable."""
    return _remove(ctx, ctx.message.indexes_named(name))


@mod.function("remove_hf_re")
def remove_hf_re(ctx: Context, pattern: ComputedRegex) -> int:
    """Take out the header fields whose name matches; 1 if there were any, else -1."""
    return _remove_where(ctx, pattern)


@mod.function("remove_hf_re_pv")
def remove_hf_re_pv(ctx: Context, pattern: Regex) -> int:
    """As remove_hf_re(), with an expression that may hold variables."""
    return _remove_where(ctx, pattern)


@mod.function("remove_hf_exp")
def remove_hf_exp(ctx: Context, pattern: ComputedRegex, skipped: ComputedRegex) -> int:
    """Take out those whose name matches the first expression and not the second.

    1 if there were any, else -1.
    """
    return _remove_where(ctx, lambda name: pattern(name) and not skipped(name))


@mod.function("remove_hf_exp_pv")
def remove_hf_exp_pv(ctx: Context, pattern: Regex, skipped: Regex) -> int:
    """As remove_hf_exp(), with expressions that may hold variables."""
    return _remove_where(ctx, lambda name: pattern(name) and not skipped(name))


@mod.function("remove_hf_idx")
def remove_hf_idx(ctx: Context, name: str, index: int) -> int:
    """Take out one header field of a name, from 0, or from the end with -1.

    1; 2 if there is no such one.
    """
    found = ctx.message.indexes_named(name)
    try:
        return _remove(ctx, [found[index]])
    except IndexError:
        return 2


def _equals(value: str, wanted: str) -> bool:
    return value == wanted


def _differs(value: str, wanted: str) -> bool:
    return value != wanted


def _includes(value: str, wanted: str) -> bool:
    return wanted in value


def _matches(value: str, wanted: str) -> bool:
    try:
        return bool(compile_posix(wanted)(value))
    except ValueError:
        return False


_OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": _equals,
    "ne": _differs,
    "in": _includes,
    "re": _matches,
}


def _operator(name: str) -> Any:
    if name not in _OPERATORS:
        raise ValueError(f'one of {", ".join(_OPERATORS)} is wanted, not "{name}"')
    return _OPERATORS[name]


Operator: TypeAlias = Annotated[
    Any, ArgumentKind("an operator (eq, ne, in or re)", base=str, convert=_operator)
]


@mod.function("remove_hf_match")
def remove_hf_match(ctx: Context, name: str, operator: Operator, wanted: str) -> int:
    """Take out the header fields of a name whose value fits; 1 if there were any, else -2.

    `eq` equal, `ne` another, `in` the text stands in it, `re` the expression matches.
    """
    message = ctx.message
    found = message.indexes_named(name)
    fitting = [each for each in found if operator(message.text_value(each), wanted)]
    return 1 if _remove(ctx, fitting) > 0 else -2
