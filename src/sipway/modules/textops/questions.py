"""Questions about the message: its method, its body, its headers, what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

from sipway.core.arguments import (
    ComputedHeaderName,
    ComputedRegex,
    ConstantRegex,
    ConstantText,
    HeaderName,
    Methods,
    MethodSet,
    Regex,
)
from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind
from sipway.modules.textops._module import mod
from sipway.sip import headers
from sipway.sip.message import Message, text


@mod.function("is_method", test="ctx.method_id & methods")
def is_method(ctx: Context, methods: Methods) -> int:
    """1 if the method (of a reply that of CSeq) is one of `INVITE|BYE`, else -1."""
    message = ctx.message
    if isinstance(methods, MethodSet):
        found = message.method_id & methods.mask or message.method.upper() in methods.names
        return 1 if found else -1
    return 1 if message.method_id & methods else -1


# --- the body ---------------------------------------------------------------------------


def content_type(message: Message) -> str:
    """The media type in small letters, without parameters; empty if there is none."""
    return (message.value(headers.CONTENT_TYPE) or "").partition(";")[0].strip().lower()


@mod.function("has_body")
def has_body(ctx: Context, media_type: ConstantText | None = None) -> int:
    """1 if there is a body, of the given media type if one is given.

    -1 if there is none, or the type is another; -2 if a type is asked for and Content-Type is
    missing.
    """
    message = ctx.message
    if not message.body:
        return -1
    if not media_type:
        return 1
    found = content_type(message)
    if not found:
        return -2
    wanted = media_type.strip().lower()
    kind, _, subtype = wanted.partition("/")
    return 1 if found == wanted or (subtype == "*" and found.startswith(f"{kind}/")) else -1


_NULL_ADDRESS: Final = re.compile(r"^c=IN IP[46] (?:0\.0\.0\.0|::)\s*$", re.MULTILINE)
_ON_HOLD: Final = re.compile(r"^a=(?:inactive|sendonly)\s*$", re.MULTILINE)


@mod.function("is_audio_on_hold")
def is_audio_on_hold(ctx: Context) -> int:
    """Whether an audio stream of the session description is on hold.

    1 with a null connection address (RFC 2543), 2 with inactive or sendonly (RFC 3264), else -1.
    """
    session, *streams = re.split(r"^(?=m=)", text(ctx.message.body), flags=re.MULTILINE)
    for stream in streams:
        if not stream.startswith("m=audio"):
            continue
        if _NULL_ADDRESS.search(stream if "\nc=" in stream else session):
            return 1
        if _ON_HOLD.search(stream) or (
            not re.search(r"^a=(?:sendrecv|recvonly)\s*$", stream, re.MULTILINE)
            and _ON_HOLD.search(session)
        ):
            return 2
    return -1


# --- headers ------------------------------------------------------------------------------


@mod.function("is_present_hf")
def is_present_hf(ctx: Context, name: ComputedHeaderName) -> int:
    """1 if the message has a header field of this name, long or compact; else -1."""
    return 1 if ctx.message.indexes_named(name) else -1


@mod.function("is_present_hf_pv")
def is_present_hf_pv(ctx: Context, name: str) -> int:
    """As is_present_hf(), with a name that may come from a variable."""
    return 1 if ctx.message.indexes_named(name) else -1


@mod.function("is_present_hf_re")
def is_present_hf_re(ctx: Context, pattern: ComputedRegex) -> int:
    """1 if the name of a header field matches the regular expression, else -1."""
    return 1 if any(pattern(each.name) for each in ctx.message.headers()) else -1


@mod.function("is_present_hf_re_pv")
def is_present_hf_re_pv(ctx: Context, pattern: Regex) -> int:
    """As is_present_hf_re(), with an expression that may hold variables."""
    return is_present_hf_re(ctx, pattern)


# Bits as in the values of Privacy, RFC 3323 and its registry.
_PRIVACY: Final = frozenset(("user", "header", "session", "none", "critical", "id", "history"))


def _privacy(value: str) -> str:
    wanted = value.strip().lower()
    if wanted not in _PRIVACY:
        raise ValueError(f"a privacy value is one of {', '.join(sorted(_PRIVACY))}")
    return wanted


PrivacyValue: TypeAlias = Annotated[
    str, ArgumentKind("a privacy value", base=str, dynamic=False, convert=_privacy)
]


@mod.function("is_privacy")
def is_privacy(ctx: Context, value: PrivacyValue) -> int:
    """1 if the Privacy header has the value, else -1."""
    given = ctx.message.value(headers.PRIVACY) or ""
    return 1 if value in (each.strip().lower() for each in re.split("[;,]", given)) else -1


# --- what stands in it ----------------------------------------------------------------------


@mod.function("search")
def search(ctx: Context, pattern: ComputedRegex) -> int:
    """1 if the regular expression matches somewhere in the message, else -1."""
    return 1 if pattern(text(ctx.message.data)) else -1


@mod.function("search_body")
def search_body(ctx: Context, pattern: ComputedRegex) -> int:
    """1 if the regular expression matches somewhere in the body, else -1."""
    body = ctx.message.body
    return 1 if body and pattern(text(body)) else -1


@mod.function("search_str")
def search_str(ctx: Context, subject: str, pattern: Regex) -> int:
    """1 if the regular expression matches somewhere in the text, else -1; -2 for no text."""
    if not subject:
        return -2
    return 1 if pattern(subject) else -1


WHICH: Final[dict[str, Callable[[list[int]], list[int]]]] = {
    "a": lambda found: found,
    "f": lambda found: found[:1],
    "l": lambda found: found[-1:],
}
"""Which header fields of a name, by the letter: all, the first, the last."""


def to_which(letter: str) -> str:
    """Check the letter. Raises ValueError."""
    if letter[:1].lower() not in WHICH:
        raise ValueError(f'a (all), f (the first) or l (the last) is wanted, not "{letter}"')
    return letter[:1].lower()


Which: TypeAlias = Annotated[
    str, ArgumentKind("a, f or l", base=str, dynamic=False, convert=to_which)
]


@mod.function("search_hf")
def search_hf(ctx: Context, name: HeaderName, pattern: ConstantRegex, which: Which) -> int:
    """1 if the regular expression matches in the value of a header field of this name, else -1.

    `which` is `a` for all of them, `f` for the first, `l` for the last.
    """
    message = ctx.message
    found = WHICH[which](message.indexes_named(name))
    return 1 if any(pattern(message.text_value(each)) for each in found) else -1


# --- texts ----------------------------------------------------------------------------------


@mod.function("cmp_str")
def cmp_str(ctx: Context, left: str, right: str) -> int:
    """1 if the texts are equal, else -2."""
    return 1 if left == right else -2


@mod.function("cmp_istr")
def cmp_istr(ctx: Context, left: str, right: str) -> int:
    """1 if the texts are equal but for case, else -1."""
    return 1 if left.lower() == right.lower() else -1


@mod.function("starts_with")
def starts_with(ctx: Context, subject: str, beginning: str) -> int:
    """1 if the first text begins with the second, else -2."""
    return 1 if subject.startswith(beginning) else -2


@mod.function("ends_with")
def ends_with(ctx: Context, subject: str, end: str) -> int:
    """1 if the first text ends with the second, else -2."""
    return 1 if subject.endswith(end) else -2


@mod.function("str_find")
def str_find(ctx: Context, subject: str, wanted: str) -> int:
    """Where the second text stands in the first, from 1; -1 if it does not."""
    return subject.find(wanted) + 1 or -1


@mod.function("str_ifind")
def str_ifind(ctx: Context, subject: str, wanted: str) -> int:
    """As str_find(), whatever the case."""
    return subject.lower().find(wanted.lower()) + 1 or -1


@mod.function("str_any_in")
def str_any_in(ctx: Context, subject: str, characters: str) -> int:
    """1 if one of the characters stands in the text, else -1."""
    return 1 if any(each in subject for each in characters) else -1


@mod.function("str_all_in")
def str_all_in(ctx: Context, subject: str, characters: str) -> int:
    """1 if each of the characters stands in the text, else -1; -1 for no characters."""
    return 1 if characters and all(each in subject for each in characters) else -1
