"""textops: text of a message asked after and changed.

Source: README of Kamailio's module textops. What is here works on the message alone; the
functions that replace text in it are left out until requests are forwarded.
"""

from __future__ import annotations

from sipway.core.arguments import ConstantText, Format, Methods, Regex
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import Routes
from sipway.sip import headers
from sipway.sip.build import Edit

mod = Module("textops")


@mod.function("is_method", test="ctx.message.method_id & methods")
def is_method(ctx: Context, methods: Methods) -> int:
    """1 if the method (of a reply that of CSeq) is one of `INVITE|BYE`, else -1."""
    return 1 if ctx.message.method_id & methods else -1


@mod.function("has_body")
def has_body(ctx: Context, content_type: ConstantText | None = None) -> int:
    """1 if there is a body, of the given type if one is given; else -1."""
    message = ctx.message
    if not message.body:
        return -1
    if content_type is None:
        return 1
    given = (message.value(headers.CONTENT_TYPE) or "").partition(";")[0].strip()
    return 1 if given.lower() == content_type.lower() else -1


@mod.function("is_present_hf")
def is_present_hf(ctx: Context, name: str) -> int:
    """1 if the message has a header field of this name, else -1."""
    return 1 if ctx.message.indexes_named(name) else -1


@mod.function("search")
def search(ctx: Context, pattern: Regex) -> int:
    """1 if the regular expression matches somewhere in the message, else -1."""
    return 1 if pattern(ctx.message.data.decode("utf-8", "surrogateescape")) else -1


@mod.function("search_body")
def search_body(ctx: Context, pattern: Regex) -> int:
    """1 if the regular expression matches somewhere in the body, else -1."""
    return 1 if pattern(ctx.message.body.decode("utf-8", "surrogateescape")) else -1


@mod.function("starts_with")
def starts_with(ctx: Context, text: str, beginning: str) -> int:
    """1 if the first text begins with the second, -1 if not, -2 if one is empty."""
    if not text or not beginning:
        return -2
    return 1 if text.startswith(beginning) else -1


@mod.function("cmp_str")
def cmp_str(ctx: Context, left: str, right: str) -> int:
    """1 if the texts are equal, else -1."""
    return 1 if left == right else -1


@mod.function("cmp_istr")
def cmp_istr(ctx: Context, left: str, right: str) -> int:
    """1 if the texts are equal but for case, else -1."""
    return 1 if left.lower() == right.lower() else -1


@mod.function("append_to_reply", routes=Routes.REQUEST | Routes.FAILURE)
def append_to_reply(ctx: Context, text: Format) -> int:
    """Add text, complete header lines with their ends, to the replies made here."""
    if ctx.reply_lines is None:
        ctx.reply_lines = []
    ctx.reply_lines.append(text(ctx).encode("utf-8", "surrogateescape"))
    return 1


def _edits(ctx: Context) -> list[Edit]:
    if ctx.edits is None:
        ctx.edits = []
    return ctx.edits


@mod.function("append_hf")
def append_hf(ctx: Context, text: Format, after: ConstantText | None = None) -> int:
    """Add a header line behind the last one, or behind the last one of a name."""
    at = ctx.message.headers_end
    if after is not None:
        found = ctx.message.indexes_named(after)
        if found:
            at = ctx.message.line(found[-1])[1]
    _edits(ctx).append(Edit(at, at, text(ctx).encode("utf-8", "surrogateescape")))
    return 1


@mod.function("insert_hf")
def insert_hf(ctx: Context, text: Format, before: ConstantText | None = None) -> int:
    """Add a header line before the first one, or before the first one of a name."""
    at = ctx.message.line_end
    if before is not None:
        found = ctx.message.indexes_named(before)
        if found:
            at = ctx.message.line(found[0])[0]
    _edits(ctx).append(Edit(at, at, text(ctx).encode("utf-8", "surrogateescape")))
    return 1


@mod.function("remove_hf")
def remove_hf(ctx: Context, name: str) -> int:
    """Take out all header fields of a name; 1 if there were any, else -1."""
    found = ctx.message.indexes_named(name)
    for index in found:
        start, end = ctx.message.line(index)
        _edits(ctx).append(Edit(start, end, b""))
    return 1 if found else -1
