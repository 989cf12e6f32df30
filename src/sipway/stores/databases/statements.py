"""SQL text for what `Database` is asked, with a placeholder for each value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from sipway.errors import DatabaseError
from sipway.stores.databases.interface import Condition, Value

OPERATORS: Final = frozenset({"=", "!=", "<>", "<", ">", "<=", ">=", "like"})
_QUOTED_OR_PLACE: Final = re.compile(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\?")
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?")


class Statement(NamedTuple):
    """The text of a statement and its values, in the order of their placeholders."""

    text: str
    values: tuple[Value, ...]


class Dialect(NamedTuple):
    """How one kind of database writes names and placeholders (by their number, from 1 on)."""

    quote: str
    placeholder: Callable[[int], str]

    def name(self, name: str) -> str:
        """A name as it stands in a statement. Raises DatabaseError for what is none."""
        if _NAME.fullmatch(name) is None:
            raise DatabaseError(f'"{name}" is no name of a table or a column')
        if not self.quote:
            return name
        return ".".join(f"{self.quote}{part}{self.quote}" for part in name.split("."))

    def names(self, names: Iterable[str]) -> str:
        return ", ".join(map(self.name, names))


class Question:
    """A look for the first row in which some columns have some values; the same object for all who
    look for the same.

    text      asks it once
    """

    __slots__ = ("_dialect", "_keys", "_table", "_together", "_wanted", "text")

    def __init__(
        self, dialect: Dialect, table: str, columns: Sequence[str], keys: Sequence[str]
    ) -> None:
        self._dialect = dialect
        self._wanted = dialect.names(columns)
        self._table = dialect.name(table)
        self._keys = tuple(map(dialect.name, keys))
        self._together: dict[int, str] = {}
        self.text = f"select {self._wanted}{self._from_first(0)}"

    def together(self, count: int) -> str:
        """Asks it `count` times; before the columns of a row is which of them it answers."""
        made = self._together.get(count)
        if made is None:
            made = self._together[count] = " union all ".join(
                f"(select {at}, {self._wanted}{self._from_first(at * len(self._keys))})"
                for at in range(count)
            )
        return made

    def _from_first(self, before: int) -> str:
        conditions = " and ".join(
            f"{key} = {self._dialect.placeholder(at)}"
            for at, key in enumerate(self._keys, before + 1)
        )
        return f" from {self._table} where {conditions} limit 1"


def select(
    dialect: Dialect,
    table: str,
    columns: Sequence[str],
    where: Sequence[Condition],
    order: str | None,
    limit: int | None,
) -> Statement:
    wanted = dialect.names(columns) if columns else "*"
    conditions, values = _where(dialect, where, 0)
    text = f"select {wanted} from {dialect.name(table)}{conditions}"
    if order is not None:
        text += f" order by {dialect.names(part.strip() for part in order.split(','))}"
    if limit is not None:
        text += f" limit {limit:d}"
    return Statement(text, values)


def insert(dialect: Dialect, table: str, row: Mapping[str, Value]) -> Statement:
    places = ", ".join(dialect.placeholder(at) for at in range(1, len(row) + 1))
    text = f"insert into {dialect.name(table)} ({dialect.names(row)}) values ({places})"
    return Statement(text, tuple(row.values()))


def update(
    dialect: Dialect, table: str, changes: Mapping[str, Value], where: Sequence[Condition]
) -> Statement:
    assigned = ", ".join(
        f"{dialect.name(column)} = {dialect.placeholder(at)}"
        for at, column in enumerate(changes, 1)
    )
    conditions, values = _where(dialect, where, len(changes))
    text = f"update {dialect.name(table)} set {assigned}{conditions}"
    return Statement(text, (*changes.values(), *values))


def delete(dialect: Dialect, table: str, where: Sequence[Condition]) -> Statement:
    conditions, values = _where(dialect, where, 0)
    return Statement(f"delete from {dialect.name(table)}{conditions}", values)


def _where(
    dialect: Dialect, where: Sequence[Condition], before: int
) -> tuple[str, tuple[Value, ...]]:
    """The conditions, and their values; `before` placeholders come earlier."""
    parts: list[str] = []
    values: list[Value] = []
    for column, value, operator in where:
        if operator not in OPERATORS:
            raise DatabaseError(f'"{operator}" is no operator of a condition')
        if value is None and operator in ("=", "!=", "<>"):
            parts.append(f"{dialect.name(column)} is {'' if operator == '=' else 'not '}null")
            continue
        values.append(value)
        place = dialect.placeholder(before + len(values))
        parts.append(f"{dialect.name(column)} {operator} {place}")
    return (" where " + " and ".join(parts) if parts else ""), tuple(values)


def numbered(dialect: Dialect, sql: str) -> str:
    """SQL with `?` for each value, as the dialect writes it; `?` in quotes is text."""
    parts: list[str] = []
    count, at = 0, 0
    for found in _QUOTED_OR_PLACE.finditer(sql):
        if found[0] == "?":
            count += 1
            parts += (sql[at : found.start()], dialect.placeholder(count))
            at = found.end()
    return "".join((*parts, sql[at:]))
