"""Codecs asked for, taken out and kept."""

from __future__ import annotations

from collections.abc import Callable

from sipway.core.context import Context
from sipway.modules.sdpops._module import mod, take_out
from sipway.modules.sdpops.body import STATIC, Body, Media, read_sdp

_Types = Callable[[Media], frozenset[str]]


def _items(text: str) -> list[str]:
    return [item for each in text.split(",") if (item := each.strip())]


def _by_id(text: str) -> _Types:
    ids = frozenset(_items(text))
    return lambda _: ids


def _by_name(body: Body, text: str) -> _Types | None:
    """The payload types of names in each stream; None where nobody knows any of the names."""
    names = [name.lower() for name in _items(text)]
    known = [
        name for name in names if name in STATIC or any(each.types(name) for each in body.media)
    ]
    if not known:
        return None
    return lambda media: frozenset(each for name in known for each in media.types(name))


# --- asked for -----------------------------------------------------------------------------------


@mod.function("sdp_with_codecs_by_id")
def sdp_with_codecs_by_id(ctx: Context, ids: str) -> int:
    """1 if all streams have all payload types of a list with commas, 2 if some have some.

    -1 if none has one; -2 without SDP.
    """
    body = read_sdp(ctx)
    return -2 if body is None else _asked(body, _by_id(ids))


@mod.function("sdp_with_codecs_by_name")
def sdp_with_codecs_by_name(ctx: Context, names: str) -> int:
    """As sdp_with_codecs_by_id(), by names of codecs in any case; -1 without SDP."""
    body = read_sdp(ctx)
    ids = None if body is None else _by_name(body, names)
    return -1 if body is None or ids is None else _asked(body, ids)


def _asked(body: Body, wanted: _Types) -> int:
    found = missed = False
    for media in body.media:
        there = {payload.type for payload in media.payloads}
        ids = wanted(media)
        found = found or not ids.isdisjoint(there)
        missed = missed or not ids or not ids <= there
    if not found:
        return -1
    return 2 if missed else 1


# --- taken out -----------------------------------------------------------------------------------


@mod.function("sdp_remove_codecs_by_id")
def sdp_remove_codecs_by_id(ctx: Context, ids: str, kind: str | None = None) -> int:
    """Take payload types of a list with commas, and their attributes, out of all media.

    With a kind, such as `audio`, out of such media alone. Returns 1; -1 without SDP.
    """
    body = read_sdp(ctx)
    if body is None:
        return -1
    return _remove(ctx, body, kind, _by_id(ids), keep=False)


@mod.function("sdp_remove_codecs_by_name")
def sdp_remove_codecs_by_name(ctx: Context, names: str, kind: str | None = None) -> int:
    """As sdp_remove_codecs_by_id(), by names of codecs in any case; -1 if all are unknown."""
    return _remove_by_name(ctx, names, kind, keep=False)


@mod.function("sdp_keep_codecs_by_id")
def sdp_keep_codecs_by_id(ctx: Context, ids: str, kind: str | None = None) -> int:
    """Take all other payload types and their attributes out. Returns 1; -1 without SDP."""
    body = read_sdp(ctx)
    if body is None:
        return -1
    return _remove(ctx, body, kind, _by_id(ids), keep=True)


@mod.function("sdp_keep_codecs_by_name")
def sdp_keep_codecs_by_name(ctx: Context, names: str, kind: str | None = None) -> int:
    """As sdp_keep_codecs_by_id(), by names of codecs in any case; -1 if all are unknown."""
    return _remove_by_name(ctx, names, kind, keep=True)


def _remove_by_name(ctx: Context, names: str, kind: str | None, *, keep: bool) -> int:
    body = read_sdp(ctx)
    ids = None if body is None else _by_name(body, names)
    if body is None or ids is None:
        return -1
    return _remove(ctx, body, kind, ids, keep=keep)


def _remove(ctx: Context, body: Body, kind: str | None, types: _Types, *, keep: bool) -> int:
    places: list[tuple[int, int]] = []
    for media in body.of_kind(kind):
        listed = types(media)
        gone = [each for each in media.payloads if (each.type in listed) != keep]
        places += ((each.start, each.end) for each in gone)
        lines = media.lines_of({each.type for each in gone})
        places += ((line.start, line.end) for line in lines)
    take_out(ctx, places)
    return 1
