"""What the script itself keeps: `$var`, `$avp`, flags, the code of the last call."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.language.signatures import Inner, VariableSignature

Value = int | str | None
Index = int | str | None

_ALL: Final = "*"
_AVP_NAME: Final = re.compile(r"(?:([si]):)?(\S+)", re.IGNORECASE)


# --- $var: the compiler reads and writes the slots itself -----------------------------


def _no_slot(*_: object) -> None:
    raise AssertionError("a $var is a slot of ctx.vars")


for _name in ("var", "vz"):
    core.add_variable(
        VariableSignature(
            _name,
            core.name,
            _no_slot,
            _no_slot,
            Inner.REQUIRED,
            nullable=False,
            slot=True,
            doc="A variable of the script: 0 at first, and 0 after null is assigned.",
        )
    )


# --- $avp -----------------------------------------------------------------------------


def _avp_name(text: str) -> str:
    """`x`, `s:x` or `i:1`; a number as name is something else than the same digits as text."""
    match = _AVP_NAME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'"{text}" is no name of an AVP')
    kind, name = match.groups()
    if kind in ("i", "I"):
        if not name.isdecimal():
            raise ValueError(f'a number is wanted after "i:", not "{name}"')
        return f"i:{int(name)}"
    return name


def _set_avp(ctx: Context, value: Value, name: str, index: Index) -> None:
    """A new value goes on top; `[*]` replaces all; null removes the top value, or all."""
    avps = ctx.avps
    if avps is None:
        avps = ctx.avps = {}
    if index == _ALL:
        avps.pop(name, None)
        if value is not None:
            avps[name] = [value]
    elif value is None:
        values = avps.get(name)
        if values:
            del values[0]
    else:
        avps.setdefault(name, []).insert(0, value)


@core.variable("avp", set=_set_avp, inner=Inner.REQUIRED, indexed=True, prepare=_avp_name)
def _avp(ctx: Context, name: str, index: Index) -> Value:
    """A value, or several under one name, the newest first: `$(avp(x)[1])` is the one before."""
    avps = ctx.avps
    if avps is None:
        return None
    values = avps.get(name)
    if not values:
        return None
    if index is None:
        return values[0]
    if index == _ALL:
        return ", ".join(map(str, values))
    try:
        return values[int(index)]
    except IndexError:
        return None


_COUNTED: Final = re.compile(r"\$?avp\((.*)\)|\$?\(avp\((.*)\)\[\*\]\)")


def _counted(text: str) -> str:
    match = _COUNTED.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'only values of $avp(...) can be counted, not "{text}"')
    return _avp_name(match[1] or match[2])


@core.variable("cnt", inner=Inner.REQUIRED, values=(int,), nullable=False, prepare=_counted)
def _count(ctx: Context, name: str) -> int:
    """How many values an AVP has: `$cnt($avp(x))`."""
    return len((ctx.avps or {}).get(name, ()))


# --- flags ----------------------------------------------------------------------------


def _set_flags(ctx: Context, value: Value) -> None:
    if isinstance(value, str):
        raise ValueError("flags are set from a number, not from text")
    ctx.flags = 0 if value is None else value & 0xFFFFFFFF


@core.variable("mf", set=_set_flags, values=(int,), nullable=False, attribute="flags")
def _flags(ctx: Context) -> int:
    """The message's flags, as setflag() sets them, as one number without a sign."""
    return ctx.flags


@core.variable("mF", set=_set_flags, values=(str,), nullable=False)
def _flags_hexadecimal(ctx: Context) -> str:
    """The message's flags in eight hexadecimal digits."""
    return f"{ctx.flags:08x}"


# --- codes and constants ----------------------------------------------------------------


@core.variable("rc", "retcode", "?", values=(int,), nullable=False, attribute="retcode")
def _retcode(ctx: Context) -> int:
    """The code that the last function or block returned."""
    return ctx.retcode


@core.variable("null")
def _null(_: Context) -> None:
    """Nothing: what a missing header or an unset AVP is equal to."""
    return
