"""What the script itself keeps: `$var`, `$vn`, `$avp`, flags, the code of the last call."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.groups import custom_value
from sipway.core.xavps import joined
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


def _set_nullable(ctx: Context, value: Value, name: str) -> None:
    extras(ctx).nullables[name] = value


@core.variable("vn", set=_set_nullable, inner=Inner.REQUIRED)
def _nullable(ctx: Context, name: str) -> Value:
    """A variable of the script: null at first, and after null is assigned."""
    kept = ctx.extras
    return None if kept is None else kept.nullables.get(name)


@core.variable("_s", inner=Inner.REQUIRED, values=(str,), nullable=False)
def _formatted(_: Context, text: str) -> str:
    """The text in parentheses with the variables in it replaced."""
    return text


# --- $avp -----------------------------------------------------------------------------


def avp_name(text: str) -> str:
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


def _avp_value_name(value: Value) -> str:
    """The name that the value of a variable is: a number is one, text is taken as it is."""
    if value is None or value == "":
        raise ValueError("the name of an AVP is missing: its variable has no value")
    return f"i:{value}" if isinstance(value, int) else value


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


def _count_avp(ctx: Context, name: str, _: Index) -> int:
    return len((ctx.avps or {}).get(name, ()))


@core.variable(
    "avp",
    set=_set_avp,
    inner=Inner.REQUIRED,
    indexed=True,
    prepare=avp_name,
    prepare_value=_avp_value_name,
    count=_count_avp,
    aliases=("pv", "avp_aliases"),
)
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
        return joined(values)
    try:
        return values[int(index)]
    except IndexError:
        return None


def _no_count(*_: object) -> int:
    raise AssertionError("$cnt is compiled as a call of what counts its variable")


core.add_variable(
    VariableSignature(
        "cnt",
        core.name,
        _no_count,
        inner=Inner.REQUIRED,
        values=(int,),
        nullable=False,
        doc="How many values a variable has: `$cnt($avp(x))`, `$cnt($xavp(a[*]=>b))`.",
    )
)


# --- flags ----------------------------------------------------------------------------


def _flags_value(value: Value) -> int:
    if isinstance(value, str):
        raise ValueError("flags are set from a number, not from text")
    return 0 if value is None else value & 0xFFFFFFFF


def _set_flags(ctx: Context, value: Value) -> None:
    ctx.flags = _flags_value(value)


def _set_script_flags(ctx: Context, value: Value) -> None:
    ctx.script_flags = _flags_value(value)


def _set_branch_flags(ctx: Context, value: Value) -> None:
    ctx.branch_flags = _flags_value(value)


@core.variable("mf", set=_set_flags, values=(int,), nullable=False, attribute="flags")
def _flags(ctx: Context) -> int:
    """The message's flags, as setflag() sets them, as one number without a sign."""
    return ctx.flags


@core.variable("mF", set=_set_flags, values=(str,), nullable=False)
def _flags_hexadecimal(ctx: Context) -> str:
    """The message's flags in eight hexadecimal digits."""
    return f"{ctx.flags:08x}"


@core.variable("sf", set=_set_script_flags, values=(int,), nullable=False, attribute="script_flags")
def _script_flags(ctx: Context) -> int:
    """The script's flags, as setsflag() sets them, as one number without a sign."""
    return ctx.script_flags


@core.variable("sF", set=_set_script_flags, values=(str,), nullable=False)
def _script_flags_hexadecimal(ctx: Context) -> str:
    """The script's flags in eight hexadecimal digits."""
    return f"{ctx.script_flags:08x}"


@core.variable("bf", set=_set_branch_flags, values=(int,), nullable=False, attribute="branch_flags")
def _branch_flags(ctx: Context) -> int:
    """The flags of the branch of the Request-URI, as one number without a sign."""
    return ctx.branch_flags


@core.variable("bF", set=_set_branch_flags, values=(str,), nullable=False)
def _branch_flags_hexadecimal(ctx: Context) -> str:
    """The flags of the branch of the Request-URI in eight hexadecimal digits."""
    return f"{ctx.branch_flags:08x}"


# One flag of each kind, `$Mf(3)`. What it is set to counts as a bit, 0 or not; null takes all of
# that kind away, as in Kamailio.


def _flag_number(text: str) -> int:
    number = int(text) if text.lstrip("+-").isdecimal() else -1
    if not 0 <= number <= 31:
        raise ValueError(f"a flag is a number from 0 to 31, not {text}")
    return number


def _with_flag(flags: int, number: int, value: Value) -> int:
    if value is None:
        return 0
    if _flags_value(value):
        return flags | 1 << number
    return flags & ~(1 << number) & 0xFFFFFFFF


def _set_flag(ctx: Context, value: Value, number: int) -> None:
    ctx.flags = _with_flag(ctx.flags, number, value)


def _set_script_flag(ctx: Context, value: Value, number: int) -> None:
    ctx.script_flags = _with_flag(ctx.script_flags, number, value)


def _set_branch_flag(ctx: Context, value: Value, number: int) -> None:
    ctx.branch_flags = _with_flag(ctx.branch_flags, number, value)


def _flag(ctx: Context, number: int) -> int:
    """A flag of the message, by number or name: 1 if it is set, else 0."""
    return ctx.flags >> number & 1


def _script_flag(ctx: Context, number: int) -> int:
    """A flag of the script, by number or name: 1 if it is set, else 0."""
    return ctx.script_flags >> number & 1


def _branch_flag(ctx: Context, number: int) -> int:
    """A flag of the branch of the Request-URI, by number or name: 1 if it is set, else 0."""
    return ctx.branch_flags >> number & 1


for _name, _get, _set in (
    ("Mf", _flag, _set_flag),
    ("Sf", _script_flag, _set_script_flag),
    ("Bf", _branch_flag, _set_branch_flag),
):
    core.add_variable(
        VariableSignature(
            _name,
            core.name,
            _get,
            _set,
            inner=Inner.REQUIRED,
            values=(int,),
            nullable=False,
            prepare=_flag_number,
            flag=True,
            doc=_get.__doc__ or "",
        )
    )

# --- codes and constants ----------------------------------------------------------------


@core.variable("rc", "retcode", "?", values=(int,), nullable=False, attribute="retcode")
def _retcode(ctx: Context) -> int:
    """The code that the last function or block returned."""
    return ctx.retcode


@core.variable("null")
def _null(_: Context) -> None:
    """Nothing: what a missing header or an unset AVP is equal to."""
    return


@core.variable("true", values=(int,), nullable=False)
def _true(_: Context) -> int:
    """1."""
    return 1


# --- $ccp ---------------------------------------------------------------------------------


def _parameter_name(text: str) -> tuple[str, str]:
    group, dot, name = text.partition(".")
    if not dot or not group or not name:
        raise ValueError(f'a parameter is written group.name, not "{text}"')
    return group, name


@core.variable("ccp", inner=Inner.REQUIRED, prepare=_parameter_name)
def _custom_parameter(ctx: Context, key: tuple[str, str]) -> Value:
    """A parameter of the script's own, `group.name = value`; `core.name`: a number of the core's.

    Null if there is none.
    """
    if key[0] != "core":
        return custom_value(ctx, key)
    value = getattr(ctx.program.settings, key[1], None)
    return int(value) if isinstance(value, int) else None


# --- $shv -----------------------------------------------------------------------------------


def _set_shared(ctx: Context, value: Value, name: str) -> None:
    ctx.program.shared.set(name, value)


@core.variable("shv", set=_set_shared, inner=Inner.REQUIRED, nullable=False)
def _shared(ctx: Context, name: str) -> int | str:
    """A variable that outlives the message: 0 at first, the empty text after null is assigned."""
    return ctx.program.shared.get(name)
