"""Questions about AVPs."""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Annotated, Any, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.regex import compile_posix
from sipway.language.runtime import text_number
from sipway.language.signatures import ArgumentKind, Form, Reader, VariableReference
from sipway.modules.avpops._module import Avp, Value, all_values, mod, read_avp, read_flags

# --- is_avp_set ----------------------------------------------------------------------------------


class _Wanted(Record):
    avp: Avp
    flags: frozenset[str]


def _read_wanted(text: str, read: Reader) -> _Wanted:
    avp, rest = read_avp(text, read)
    return _Wanted(avp, read_flags(rest, "esn"))


_WANTED = ArgumentKind(
    "an AVP such as $avp(x) or $avp(x)/s", base=str, form=Form.READ, convert=_read_wanted
)


@mod.function("is_avp_set")
def is_avp_set(ctx: Context, wanted: Annotated[_Wanted, _WANTED]) -> int:
    """1 if the AVP has a value, or with an index that value; else -1.

    With `/s` it has to be text, with `/n` a number, with `/e` empty text or 0. Without an index
    the newest counts.
    """
    value = _value(ctx, wanted.avp)
    flags = wanted.flags
    if value is None or ("s" in flags and isinstance(value, int)):
        return -1
    if ("n" in flags and isinstance(value, str)) or ("e" in flags and value not in (0, "")):
        return -1
    return 1


def _value(ctx: Context, avp: Avp) -> Value | None:
    if avp.reference.text.endswith("[*])"):
        return next(iter(avp.values(ctx)), None)
    return avp.reference.get(ctx)


# --- avp_check -----------------------------------------------------------------------------------

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": lambda left, right: left == right,
    "ne": lambda left, right: left != right,
    "lt": lambda left, right: left < right,
    "le": lambda left, right: left <= right,
    "gt": lambda left, right: left > right,
    "ge": lambda left, right: left >= right,
}
_BITS: Final[dict[str, Callable[[int, int], int]]] = {
    "and": lambda left, right: left & right,
    "or": lambda left, right: left | right,
    "xor": lambda left, right: left ^ right,
}
_MATCH: Final = ("re", "fm")
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


class _Check(Record):
    """`operand` is a value, or a variable that has it."""

    operator: str
    operand: Value | VariableReference
    flags: frozenset[str]


def read_operand(text: str, read: Reader) -> tuple[Value | VariableReference, str]:
    """A variable, `i:NUMBER`, `s:TEXT` or a text; and the rest from the next slash on."""
    if text[:1] == "$":
        return read(text)
    plain, slash, rest = text.partition("/")
    kind, colon, value = plain.partition(":")
    if not colon or kind.lower() not in ("i", "s"):
        kind, value = "s", plain
    if not value:
        raise ValueError("the value is missing")
    if kind.lower() == "s":
        return value, slash + rest
    number = text_number(value)
    if number is None:
        raise ValueError(f'"{value}" is not a number')
    return number, slash + rest


def _read_check(text: str, read: Reader) -> _Check:
    operator, slash, rest = text.partition("/")
    operator = operator.lower()
    if operator not in (*_COMPARE, *_BITS, *_MATCH):
        known = ", ".join((*_COMPARE, *_MATCH, *_BITS))
        raise ValueError(f'"{operator}" is none of {known}')
    if not slash or not rest:
        raise ValueError("the value is missing")
    operand, rest = read_operand(rest, read)
    if operator == "re" and isinstance(operand, str):
        compile_posix(operand)
    if operator in _MATCH and isinstance(operand, int):
        raise ValueError(f"{operator} wants a text")
    return _Check(operator, operand, read_flags(rest, "gi"))


def _read_variable(text: str, read: Reader) -> VariableReference:
    reference, rest = read(text)
    if rest:
        raise ValueError(f'"{rest}" follows it')
    return reference


_CHECK = ArgumentKind(
    "a comparison such as eq/i:5 or re/^sip:/g", base=str, form=Form.READ, convert=_read_check
)
_VARIABLE = ArgumentKind("a variable", base=str, form=Form.READ, convert=_read_variable)


@mod.function("avp_check")
def avp_check(
    ctx: Context,
    variable: Annotated[VariableReference, _VARIABLE],
    check: Annotated[_Check, _CHECK],
) -> int:
    """1 if a value of a variable compares with another as `operator/value` says, else -1.

    With `/g` it is enough that one of all the values of an AVP does, or that it does with one of
    them; else the newest ones count. With `/i` eq and its like take no notice of case; re never
    does. Numbers and texts are never compared.
    """
    every = "g" in check.flags
    lefts = all_values(ctx, variable)
    operand = check.operand
    rights = all_values(ctx, operand) if isinstance(operand, VariableReference) else [operand]
    if not every:
        lefts, rights = lefts[:1], rights[:1]
    try:
        return 1 if any(_holds(check, one, other) for one in lefts for other in rights) else -1
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"avp_check(): {error}")
        return -1


def _holds(check: _Check, left: Value, right: Value) -> bool:
    operator = check.operator
    if isinstance(left, int) or isinstance(right, int):
        if not isinstance(left, int) or not isinstance(right, int):
            return False
        if operator in _BITS:
            return _BITS[operator](left, right) != 0
        return operator in _COMPARE and _COMPARE[operator](left, right)
    if operator == "re":
        return _search(right)(left) is not None
    if operator == "fm":
        return fnmatchcase(left, _ESCAPED.sub(lambda match: f"[{match[1]}]", right))
    if operator in _BITS:
        return False
    if "i" in check.flags:
        left, right = left.lower(), right.lower()
    return _COMPARE[operator](left, right)


@lru_cache(maxsize=256)
def _search(pattern: str) -> Callable[[str], object]:
    found = compile_posix(pattern)
    return lambda text: found(text) or None


# --- avp_print -----------------------------------------------------------------------------------


@mod.function("avp_print")
def avp_print(ctx: Context) -> int:
    """Log all AVPs with their values, the newest first. Returns 1."""
    log = ctx.program.log
    if log.level >= levels.INFO:
        for name, values in (ctx.avps or {}).items():
            for value in values:
                log.line(levels.INFO, f"$avp({name}) = {value!r}")
    return 1
