"""The module itself, and how its functions are told which AVPs they are about."""

from __future__ import annotations

from typing import Final

from sipway.core import xavps
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.record import Record
from sipway.language.signatures import Reader, VariableReference

mod = Module("avpops")

MAX_VALUES: Final = 1024
"""How many values avp_op() leaves under a name: it can double them each time."""

Value = int | str
Values = list[Value]


class Avp(Record):
    """An AVP that a function is about, or a variable in its place."""

    reference: VariableReference

    def name(self, ctx: Context) -> str | None:
        """By which the AVP is kept; None if a variable that has no value should say it."""
        make = self.reference.name
        assert make is not None
        try:
            name: str = make(ctx)
        except ValueError:
            return None
        return name

    def values(self, ctx: Context) -> Values:
        """The values under the name, the newest first; a copy."""
        name = self.name(ctx)
        return [] if name is None else list((ctx.avps or {}).get(name, ()))


def read_avp(text: str, read: Reader) -> tuple[Avp, str]:
    """The AVP that a text begins with, and the rest. Most functions leave an index aside."""
    reference, rest = read(text)
    if reference.variable != "avp":
        raise ValueError(f"{reference.text} is not an AVP, written $avp(name)")
    return Avp(reference), rest


def read_flags(text: str, known: str) -> frozenset[str]:
    """`/` and flags in small letters; nothing is none."""
    if not text:
        return frozenset()
    slash, flags = text[:1], text[1:].lower()
    if slash != "/":
        raise ValueError(f'"{text}" is not / and flags')
    for flag in flags:
        if flag not in known:
            raise ValueError(f"there is no flag {flag}: {', '.join(known)} are known")
    return frozenset(flags)


def all_values(ctx: Context, reference: VariableReference) -> Values:
    """All values that a variable has, the first one first: of AVPs, and of `$xavp(a=>b[*])`."""
    if reference.variable == "avp":
        return Avp(reference).values(ctx)
    if reference.variable in ("xavp", "xavi") and reference.name is not None:
        kept = ctx.extras
        path: xavps.XavpPath = reference.name(ctx)
        if path.child is not None and path.child_index == xavps.ALL and kept is not None:
            tables = kept.xavps if reference.variable == "xavp" else kept.xavis
            children = xavps.table(tables, path.root, path.root_index) or []
            found = (children[at].value for at in xavps.positions(children, path.child))
            return [each for each in found if not isinstance(each, list)]
    value = reference.get(ctx)
    return [] if value is None else [value]


def put(ctx: Context, name: str, value: Value) -> None:
    """One more value on top."""
    if ctx.avps is None:
        ctx.avps = {}
    ctx.avps.setdefault(name, []).insert(0, value)


def take_out(ctx: Context, name: str, value: Value, before: int) -> None:
    """Take a value out; `before` is how many values from the oldest on it stands."""
    values = (ctx.avps or {}).get(name)
    if values is not None:
        at = len(values) - before
        assert values[at] == value
        del values[at]
