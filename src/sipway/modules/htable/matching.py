"""Which items are meant: by expressions on names and on values.

Source: README of htable, sections 4.3 to 4.6 and 4.19 to 4.22, and the pseudo-variables cookbook on
`$shtcn`; what they leave open was tried on Kamailio 5.6.3. Operators on values look at texts only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

from sipway.core.arguments import to_regex
from sipway.language.signatures import ArgumentKind
from sipway.modules.htable._module import DECLARED, TableName, failed, mod, tables

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.modules.htable.table import Table, Value

Matches = Callable[["Value"], object]
"""Whether a name or a value is meant."""

_ARROW: Final = "=>"
_LEADING_NUMBER: Final = re.compile(r"\s*([+-]?[0-9]{1,10})", re.ASCII)


class Keyed(NamedTuple):
    """`table=>key` taken apart."""

    table: str
    key: str


def keyed(text: str) -> Keyed:
    """Raises ValueError with a sentence for the user."""
    table, arrow, key = text.partition(_ARROW)
    if not arrow:
        raise ValueError(f'"{text}" is not table=>key')
    return Keyed(table.strip(), key)


TableKey = Annotated[Keyed, ArgumentKind("table=>key", base=str, convert=keyed, declared=DECLARED)]
TableRegex = Annotated[
    Keyed, ArgumentKind("table=>expression", base=str, convert=keyed, declared=DECLARED)
]


def _texts(test: Callable[[str], object]) -> Matches:
    return lambda value: isinstance(value, str) and test(value)


def _of_regex(text: str) -> Matches:
    return _texts(to_regex(text))


_REMOVING: Final[dict[str, Callable[[str], Matches]]] = {
    "re": _of_regex,
    "sw": lambda text: _texts(lambda value: value.startswith(text)),
    "ew": lambda text: _texts(lambda value: value.endswith(text)),
    "in": lambda text: _texts(lambda value: text in value),
}
_ASKING: Final[dict[str, Callable[[str], Matches]]] = {
    "eq": lambda text: _texts(lambda value: value == text),
    "ne": lambda text: _texts(lambda value: value != text),
    "re": _of_regex,
    "sw": _REMOVING["sw"],
}


def counting(text: str) -> Matches:
    """What the expression of `$shtcn` and `$shtcv` means. Raises ValueError for a wrong one."""
    mark, rest = text[:2], text[2:]
    if mark == "**":
        return lambda _: True
    if rest:
        if mark == "~~":
            return _of_regex(rest)
        if mark == "~%":
            return _texts(lambda value: value.endswith(rest))
        if mark == "%~":
            return _texts(lambda value: value.startswith(rest))
        if mark == "==":
            return _texts(lambda value: value == rest)
        if mark == "eq":
            found = _LEADING_NUMBER.match(rest)
            number = int(found[1]) if found else 0
            return lambda value: value == number
    return _of_regex(text) if text else lambda _: False


def _remove(table: Table, now: float, matches: Matches, *, by_name: bool) -> None:
    meant = [key for key, value in table.items(now) if matches(key if by_name else value)]
    for key in meant:
        table.remove(key)


def _remove_by_regex(ctx: Context, function: str, where: Keyed, *, by_name: bool) -> int:
    table = tables(ctx.program).get(where.table)
    if table is None:
        failed(ctx, function, f"there is no table {where.table}")
        return 1  # as in Kamailio: nothing was there to take out
    if not where.key:
        return failed(ctx, function, "there is nothing to match with")
    try:
        matches = _of_regex(where.key)
    except ValueError as error:
        return failed(ctx, function, error)
    _remove(table, ctx.now, matches, by_name=by_name)
    return 1


@mod.function("sht_rm_name_re")
def sht_rm_name_re(ctx: Context, where: TableRegex) -> int:
    """Take out all items whose name matches a regular expression, `table=>expression`.

    Returns 1; -1 for what is no regular expression, or empty.
    """
    return _remove_by_regex(ctx, "sht_rm_name_re", where, by_name=True)


@mod.function("sht_rm_value_re")
def sht_rm_value_re(ctx: Context, where: TableRegex) -> int:
    """Take out all items whose value is a text that matches, `table=>expression`.

    Returns 1; -1 for what is no regular expression, or empty.
    """
    return _remove_by_regex(ctx, "sht_rm_value_re", where, by_name=False)


def _matches(
    ctx: Context,
    function: str,
    name: str,
    operator: str,
    value: str,
    operators: dict[str, Callable[[str], Matches]],
) -> tuple[Table, Matches] | None:
    """The table, and what asks an item of it; None when that has been logged."""
    table = tables(ctx.program).get(name)
    if table is None:
        failed(ctx, function, f"there is no table {name}")
        return None
    make = operators.get(operator)
    if make is None:
        failed(ctx, function, f'there is no operator "{operator}", only {", ".join(operators)}')
        return None
    if not value:
        failed(ctx, function, "there is nothing to match with")
        return None
    try:
        return table, make(value)
    except ValueError as error:
        failed(ctx, function, error)
        return None


@mod.function("sht_rm_name")
def sht_rm_name(ctx: Context, table: TableName, operator: str, value: str) -> int:
    """Take out all items whose name matches: `re`, or it starts (`sw`), ends (`ew`), has (`in`).

    Returns 1; -1 without such a table or operator, and with nothing to match.
    """
    found = _matches(ctx, "sht_rm_name", table, operator, value, _REMOVING)
    if found is None:
        return -1
    _remove(found[0], ctx.now, found[1], by_name=True)
    return 1


@mod.function("sht_rm_value")
def sht_rm_value(ctx: Context, table: TableName, operator: str, value: str) -> int:
    """Take out all items whose value is a text that matches, as sht_rm_name() does."""
    found = _matches(ctx, "sht_rm_value", table, operator, value, _REMOVING)
    if found is None:
        return -1
    _remove(found[0], ctx.now, found[1], by_name=False)
    return 1


@mod.function("sht_match_name", "sht_has_name")
def sht_match_name(ctx: Context, table: TableName, operator: str, value: str) -> int:
    """Whether there is an item whose name is this (`eq`) or not (`ne`), matches (`re`, `sw`).

    Returns 1; -1 if there is none, and without such a table or operator.
    """
    found = _matches(ctx, "sht_match_name", table, operator, value, _ASKING)
    if found is None:
        return -1
    here, matches = found
    if operator == "eq":  # no need to look at all of them
        return -1 if here.get(value, ctx.now) is None else 1
    return 1 if any(matches(key) for key, _ in here.items(ctx.now)) else -1


@mod.function("sht_match_str_value", "sht_has_str_value")
def sht_match_str_value(ctx: Context, table: TableName, operator: str, value: str) -> int:
    """Whether there is an item whose value is a text that matches, as sht_match_name() does."""
    found = _matches(ctx, "sht_match_str_value", table, operator, value, _ASKING)
    if found is None:
        return -1
    here, matches = found
    return 1 if any(matches(each) for _, each in here.items(ctx.now)) else -1
