"""Numbers in AVPs reckoned with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.language.record import Record
from sipway.language.runtime import divide, remainder, wrap
from sipway.language.signatures import ArgumentKind, Form, Reader, VariableReference
from sipway.modules.avpops._module import (
    MAX_VALUES,
    Avp,
    all_values,
    mod,
    put,
    read_avp,
    read_flags,
    take_out,
)
from sipway.modules.avpops.asking import read_operand

_OPERATORS: Final[dict[str, Callable[[int, int], int]]] = {
    "add": lambda left, right: wrap(left + right),
    "sub": lambda left, right: wrap(left - right),
    "mul": lambda left, right: wrap(left * right),
    "div": lambda left, right: divide(left, right) if right else 0,
    "mod": lambda left, right: remainder(left, right) if right else 0,
    "and": lambda left, right: left & right,
    "or": lambda left, right: left | right,
    "xor": lambda left, right: left ^ right,
    "not": lambda _, right: ~right,
}


class _Places(Record):
    source: Avp
    target: Avp


class _Operation(Record):
    operator: str
    operand: int | VariableReference
    flags: frozenset[str]


def _read_places(text: str, read: Reader) -> _Places:
    source, rest = read_avp(text, read)
    if not rest:
        return _Places(source, source)
    if rest[:1] != "/":
        raise ValueError(f'"{rest}" follows it')
    target, rest = read_avp(rest[1:], read)
    if rest:
        raise ValueError(f'"{rest}" follows it')
    return _Places(source, target)


def _read_operation(text: str, read: Reader) -> _Operation:
    operator, slash, rest = text.partition("/")
    operator = operator.lower()
    if operator not in _OPERATORS:
        raise ValueError(f'"{operator}" is none of {", ".join(_OPERATORS)}')
    if not slash or not rest:
        raise ValueError("the value is missing")
    operand, rest = read_operand(rest, read)
    if isinstance(operand, str):
        raise ValueError(f'"{operand}" is not a number, written i:5, nor a variable')
    return _Operation(operator, operand, read_flags(rest, "gd"))


_PLACES = ArgumentKind(
    "AVPs such as $avp(x) or $avp(x)/$avp(y)", base=str, form=Form.READ, convert=_read_places
)
_OPERATION = ArgumentKind(
    "an operation such as add/i:5", base=str, form=Form.READ, convert=_read_operation
)


@mod.function("avp_op")
def avp_op(
    ctx: Context,
    places: Annotated[_Places, _PLACES],
    operation: Annotated[_Operation, _OPERATION],
) -> int:
    """Put what an operation makes of each number of an AVP on top of the second AVP, or of it.

    `/d` deletes the number; `/g` means nothing, as in Kamailio. Several numbers of an operand are
    taken one after the other, and each result is put on top. Division by 0 makes 0; `not` makes
    the complement of the operand. Returns 1; -1 if there is no number, or no room for more.
    """
    operand = operation.operand
    found = all_values(ctx, operand) if isinstance(operand, VariableReference) else [operand]
    operands = [each for each in found if isinstance(each, int)]
    name, goal = places.source.name(ctx), places.target.name(ctx)
    values = places.source.values(ctx)
    numbers = [each for each in values if isinstance(each, int)]
    if not operands or not numbers or name is None or goal is None:
        return -1
    if len((ctx.avps or {}).get(goal, ())) + len(numbers) * len(operands) > MAX_VALUES:
        ctx.program.log.line(levels.ERR, f"avp_op(): an AVP gets at most {MAX_VALUES} values")
        return -1
    apply = _OPERATORS[operation.operator]
    for place, value in enumerate(values):
        if not isinstance(value, int):
            continue
        result = value
        for each in operands:
            result = apply(result, each)
            put(ctx, goal, result)
        if "d" in operation.flags:
            take_out(ctx, name, value, len(values) - place)
    return 1
