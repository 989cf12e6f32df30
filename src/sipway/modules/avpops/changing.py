"""AVPs deleted, copied and edited."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated

from sipway.core import log as levels
from sipway.core.arguments import Subst
from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.signatures import ArgumentKind, Form, Reader
from sipway.language.substitution import (
    Substitution,
    compile_substitution,
    cut_replacement,
    split_substitution,
)
from sipway.modules.avpops._module import (
    Avp,
    Value,
    mod,
    put,
    read_avp,
    read_flags,
    take_out,
)

# --- avp_delete ----------------------------------------------------------------------------------


class _Deleted(Record):
    """`avp` is None for all whose names are of a kind: `a` any, `i` numbers, `s` texts."""

    avp: Avp | None
    kind: str
    flags: frozenset[str]


def _read_deleted(text: str, read: Reader) -> _Deleted:
    if text[:1] == "$":
        avp, rest = read_avp(text, read)
        return _Deleted(avp, "", read_flags(rest, "g"))
    kind, rest = text[:1].lower(), text[1:]
    if kind not in ("*", "a", "i", "s") or not kind:
        raise ValueError(f'$avp(name), *, a, i or s is wanted, not "{text}"')
    if rest[:1].isdecimal():
        raise ValueError(f'AVPs have no script flags, "{text}" means none')
    return _Deleted(None, "a" if kind == "*" else kind, read_flags(rest, "g"))


_DELETED = ArgumentKind(
    "an AVP such as $avp(x)/g, or a kind of them", base=str, form=Form.READ, convert=_read_deleted
)


@mod.function("avp_delete")
def avp_delete(ctx: Context, deleted: Annotated[_Deleted, _DELETED]) -> int:
    """Delete the newest value of an AVP, with `/g` all of them. 1; -1 if there were none.

    Instead of an AVP `a` or `*` stands for all AVPs, `s` and `i` for those whose names are texts
    and numbers; they are deleted with all their values.
    """
    avps = ctx.avps or {}
    if deleted.avp is None:
        kind = deleted.kind
        names = [
            name
            for name, values in avps.items()
            if values and (kind == "a" or name.startswith("i:") == (kind == "i"))
        ]
        for name in names:
            del avps[name]
        return 1 if names else -1
    values = avps.get(deleted.avp.name(ctx) or "")
    if not values:
        return -1
    del values[: None if "g" in deleted.flags else 1]
    return 1


# --- avp_copy ------------------------------------------------------------------------------------


class _Target(Record):
    avp: Avp
    flags: frozenset[str]


def _read_source(text: str, read: Reader) -> Avp:
    # What flags a source has means nothing, in Kamailio too.
    return read_avp(text, read)[0]


def _read_target(text: str, read: Reader) -> _Target:
    avp, rest = read_avp(text, read)
    return _Target(avp, read_flags(rest, "gdns"))


_SOURCE = ArgumentKind("an AVP such as $avp(x)", base=str, form=Form.READ, convert=_read_source)
_TARGET = ArgumentKind(
    "an AVP such as $avp(x) or $avp(x)/gd", base=str, form=Form.READ, convert=_read_target
)


@mod.function("avp_copy")
def avp_copy(
    ctx: Context, source: Annotated[Avp, _SOURCE], target: Annotated[_Target, _TARGET]
) -> int:
    """Put the newest value of an AVP on top of another, with `/g` all, one on top of the other.

    `/d` deletes what was copied, `/n` makes numbers of texts, `/s` texts of numbers. Returns 1; -1
    if there is nothing to copy, and at the first text that is no number.
    """
    flags = target.flags
    name, goal = source.name(ctx), target.avp.name(ctx)
    values = source.values(ctx)
    if not values or name is None or goal is None:
        return -1
    for place, value in enumerate(values if "g" in flags else values[:1]):
        copied = _as_wanted(value, flags)
        if copied is None:
            return -1
        put(ctx, goal, copied)
        if "d" in flags:
            take_out(ctx, name, value, len(values) - place)
    return 1


def _as_wanted(value: Value, flags: frozenset[str]) -> Value | None:
    if "n" in flags and isinstance(value, str):
        digits = value or "0"
        return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) < 10 else None
    return str(value) if "s" in flags else value


# --- avp_subst -----------------------------------------------------------------------------------


class _Edited(Record):
    """`target` is None where the new value takes the place of the old one."""

    source: Avp
    target: Avp | None
    flags: frozenset[str]


def _read_edited(text: str, read: Reader) -> _Edited:
    source, rest = read_avp(text, read)
    if rest[:2] == "/$":
        target, rest = read_avp(rest[1:], read)
        return _Edited(source, target, read_flags(rest, "gd"))
    return _Edited(source, None, read_flags(rest, "gd"))


_EDITED = ArgumentKind(
    "AVPs such as $avp(x) or $avp(x)/$avp(y)/gd", base=str, form=Form.READ, convert=_read_edited
)


@mod.function("avp_subst")
def avp_subst(ctx: Context, edited: Annotated[_Edited, _EDITED], substitution: Subst) -> int:
    """Replace what matches in the newest text of an AVP that matches, with `/g` in each.

    The result goes on top of the second AVP, where there is one, else it replaces the old value;
    `/d` deletes that too. Returns 1; -1 if nothing matched.
    """
    return _subst(ctx, edited, substitution)


@mod.function("avp_subst_pv")
def avp_subst_pv(ctx: Context, edited: Annotated[_Edited, _EDITED], substitution: str) -> int:
    """As avp_subst(), with a substitution made when the script runs; -3 if that is none.

    A `$` in what variables hold has no meaning.
    """
    try:
        made = _compiled(substitution)
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"avp_subst_pv(): {error}")
        return -3
    return _subst(ctx, edited, made)


@lru_cache(maxsize=256)
def _compiled(text: str) -> Substitution:
    expression, replacement, flags = split_substitution(text)
    return compile_substitution(expression, flags, tuple(cut_replacement(replacement)))


def _subst(ctx: Context, edited: _Edited, substitution: Substitution) -> int:
    name = edited.source.name(ctx)
    goal = name if edited.target is None else edited.target.name(ctx)
    if name is None or goal is None:
        return -1
    values = edited.source.values(ctx)
    code = -1
    for place, value in enumerate(values):
        changed = substitution.apply(value, ctx) if isinstance(value, str) else None
        if changed is None:
            continue
        put(ctx, goal, changed)
        if edited.target is None or "d" in edited.flags:
            take_out(ctx, name, value, len(values) - place)
        code = 1
        if "g" not in edited.flags:
            break
    return code
