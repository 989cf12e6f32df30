"""Bodies of several parts (RFC 2046 section 5.1): put together, taken apart."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from sipway.core import log as levels
from sipway.core.arguments import ComputedText, ConstantText, Format, VariableName
from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.textops._module import edit, mod, replace_body, unhexed, wire
from sipway.modules.textops.questions import content_type
from sipway.sip import headers
from sipway.sip.message import Message, text

_BOUNDARY: Final = re.compile(r';\s*boundary\s*=\s*(?:"([^"]+)"|([^\s;]+))', re.IGNORECASE)
_TYPE: Final = re.compile(rb"^content-type[ \t]*:[ \t]*([^\s;]+)", re.IGNORECASE | re.MULTILINE)
_DEFAULT_BOUNDARY: Final = "unique-boundary-1"
_CHANGES: Final = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH


class _Part(NamedTuple):
    """A part: from where its boundary begins to where the next one does, in the message."""

    kind: str
    head: bytes
    content: bytes
    start: int
    end: int


def _boundary(message: Message) -> bytes | None:
    """The boundary of a multipart body, without the two dashes; None for another body."""
    match = _BOUNDARY.search(message.value(headers.CONTENT_TYPE) or "")
    if match is None or not content_type(message).startswith("multipart/"):
        return None
    return wire(match[1] or match[2])


def _parts(message: Message) -> list[_Part]:
    boundary = _boundary(message)
    if boundary is None:
        return []
    body = message.body
    marks = list(re.finditer(rb"(?:\A|(?<=\n))--" + re.escape(boundary), body))
    found = []
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        if body.startswith(b"--", mark.end()):
            break
        end = len(body) if following is None else following.start()
        piece = body[mark.end() : end]
        if following is not None:
            piece = piece.removesuffix(b"\n").removesuffix(b"\r")
        head, _, content = piece.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        kind = _TYPE.search(head)
        found.append(
            _Part(
                "" if kind is None else text(kind[1]).lower(),
                head,
                content,
                message.body_offset + mark.start(),
                message.body_offset + end,
            )
        )
    return found


def _first(ctx: Context, media_type: str) -> _Part | None:
    """The first part of a media type."""
    wanted = media_type.lower()
    return next((part for part in _parts(ctx.message) if part.kind == wanted), None)


# --- taken apart -------------------------------------------------------------------------------


@mod.function("filter_body")
def filter_body(ctx: Context, media_type: ComputedText) -> int:
    """Leave only the first part of a media type of a multipart body.

    1; -1 if there is no such part. Content-Type is left to the script.
    """
    part = _first(ctx, media_type)
    if part is None:
        return -1
    start = ctx.message.body_offset
    edit(ctx, start, start + ctx.message.body_length, part.content)
    return 1


@mod.function("get_body_part")
def get_body_part(ctx: Context, media_type: ConstantText, result: VariableName) -> int:
    """Put the content of the first part of a media type into a variable; -1 if there is none."""
    part = _first(ctx, media_type)
    if part is None or result.set is None:
        return -1
    result.set(ctx, text(part.content))
    return 1


@mod.function("get_body_part_raw")
def get_body_part_raw(ctx: Context, media_type: ConstantText, result: VariableName) -> int:
    """As get_body_part(), with the headers of the part."""
    part = _first(ctx, media_type)
    if part is None or result.set is None:
        return -1
    result.set(ctx, text(part.head + b"\r\n\r\n" + part.content))
    return 1


@mod.function("remove_body_part", routes=_CHANGES)
def remove_body_part(ctx: Context, media_type: ConstantText) -> int:
    """Take the first part of a media type out of a multipart body. 1; -1 if there is none."""
    part = _first(ctx, media_type)
    if part is None:
        return -1
    edit(ctx, part.start, part.end, b"")
    return 1


# --- put together ------------------------------------------------------------------------------


@mod.function("set_body_multipart", routes=_CHANGES, arities=(0, 2, 3))
def set_body_multipart(
    ctx: Context,
    content: Format | None = None,
    media_type: Format | None = None,
    boundary: Format | None = None,
) -> int:
    """Make the body multipart/mixed with one part: the text of this media type, or the body.

    `boundary` is `unique-boundary-1` unless it is given. Returns 1; -1 if there is no body, no
    media type, or an argument is empty.
    """
    message = ctx.message
    if content is None or media_type is None:
        inner = message.body
        kind = message.value(headers.CONTENT_TYPE) or ""
    else:
        inner, kind = wire(content(ctx)), media_type(ctx)
    mark = _DEFAULT_BOUNDARY if boundary is None else boundary(ctx)
    if not inner or not kind or not mark:
        return _failed(ctx, "set_body_multipart", "there is no body, media type or boundary")
    whole = b"--%s\r\n%s\r\n--%s--\r\n" % (wire(mark), _part(inner, kind, ""), wire(mark))
    replace_body(ctx, whole, f'multipart/mixed;boundary="{mark}"')
    end = message.headers_end
    edit(ctx, end, end, b"Mime-Version: 1.0\r\n")
    return 1


def _part(content: bytes, kind: str, disposition: str) -> bytes:
    more = f"Content-Disposition: {disposition}\r\n" if disposition else ""
    return wire(f"Content-Type: {kind}\r\n{more}\r\n") + content


@mod.function("append_body_part", routes=_CHANGES)
def append_body_part(
    ctx: Context, content: str, media_type: str, disposition: str | None = None
) -> int:
    """Add a part to a multipart body, with a media type and a Content-Disposition.

    More header lines may follow the media type, with CRLF between them. Returns 1; -1 if the body
    is not multipart, or the text or the type is empty.
    """
    return _append(ctx, "append_body_part", wire(content), media_type, disposition)


@mod.function("append_body_part_hex", routes=_CHANGES)
def append_body_part_hex(
    ctx: Context, content: str, media_type: str, disposition: str | None = None
) -> int:
    """As append_body_part(), with content in hexadecimal digits, blanks between them or not."""
    try:
        raw = unhexed(content)
    except ValueError as error:
        return _failed(ctx, "append_body_part_hex", str(error))
    return _append(ctx, "append_body_part_hex", raw, media_type, disposition)


def _append(
    ctx: Context, function: str, content: bytes, media_type: str, disposition: str | None
) -> int:
    message = ctx.message
    boundary = _boundary(message)
    if boundary is None:
        return _failed(ctx, function, "the body is not multipart")
    if not content or not media_type:
        return _failed(ctx, function, "there is no content or media type")
    body = message.body
    parts = _parts(message)
    end = parts[-1].end if parts else message.body_offset
    part = b"--%s\r\n%s\r\n" % (boundary, _part(content, media_type, disposition or ""))
    if not body.startswith(b"--%s--" % boundary, end - message.body_offset):
        # The body has no end: it is cut there, and gets one.
        part = (b"" if not parts or body.endswith(b"\n") else b"\r\n") + part
        end = len(message.data)
        if not any(each.start == end for each in ctx.edits or ()):
            edit(ctx, end, end, part)
            edit(ctx, end, end, b"--%s--\r\n" % boundary)
            return 1
        return _failed(ctx, function, "the body has no end, and one part more already")
    edit(ctx, end, end, part)
    return 1


def _failed(ctx: Context, function: str, reason: str) -> int:
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1
