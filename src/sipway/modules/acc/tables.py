"""Records as rows of a database."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from sipway.errors import ModuleError
from sipway.modules.acc import _module as parameters
from sipway.modules.acc.attributes import legs_of, values_of
from sipway.modules.acc.logs import micros_of, shown_time
from sipway.modules.acc.writing import Writer
from sipway.stores.databases import Value
from sipway.stores.databases.times import moment

if TYPE_CHECKING:
    from sipway.core.program import Program
    from sipway.modules.acc.record import Accounted

_SIZES: Final = (16, 128, 128, 255, 3, 128, 32)
"""How many characters the columns take, in their order; a time has fewer than 32."""
_SECONDS_AND_MICROS: Final = 1
_SECONDS: Final = 2


class Rows:
    """Writes records of a Program into its tables."""

    def __init__(self, program: Program, url: str) -> None:
        self._attributes = parameters.db_extra(program)
        self._legs = parameters.legs(program)
        self._nullable = bool(parameters.extra_nullable(program))
        self._table = parameters.table_acc(program)
        self._missed_table = parameters.table_missed(program)
        self._columns = [each(program) for each in parameters.columns]
        _check_names("acc_*_column", self._columns)
        _check_names("db_extra", [each.name for each in self._attributes])
        _check_names("multi_leg_info", [each.name for each in self._legs])
        self._writer = Writer(program, url, dict(zip(self._columns, _SIZES, strict=True)))
        self._time_mode = parameters.time_mode(program)
        self._time_name = parameters.time_name(program)
        self._micros_name = parameters.micros_name(program)
        self._shown_time = shown_time(self._time_mode, parameters.time_format(program))
        if self._time_mode:
            _check_names("time_attr", [self._time_name])
        if self._time_mode == _SECONDS_AND_MICROS:
            _check_names("time_exten", [self._micros_name])

    def account(self, record: Accounted) -> None:
        self.write(record, self._table.make(record.ctx))

    def account_missed(self, record: Accounted) -> None:
        self.write(record, self._missed_table.make(record.ctx))

    def write(self, record: Accounted, table: str) -> bool:
        """Have a record written, one row for each leg; False if there is no room for it."""
        now = record.ctx.now
        values: tuple[str | None, ...] = (
            record.method,
            record.from_tag,
            record.to_tag,
            record.call_id,
            record.code,
            record.reason,
            moment(now),
        )
        row: dict[str, Value] = {
            name: _clean(value or "") for name, value in zip(self._columns, values, strict=True)
        }
        self._add_time(row, now)
        for attribute, value in zip(
            self._attributes, values_of(record.ctx, self._attributes), strict=True
        ):
            row[attribute.name] = self._shown(value)
        if not self._legs:
            return self._writer.put(table, row, now)
        done = True
        for leg_values in legs_of(record.ctx, self._legs):
            of_leg = dict(row)
            for leg, value in zip(self._legs, leg_values, strict=True):
                of_leg[leg.name] = self._shown(value)
            done = self._writer.put(table, of_leg, now) and done
        return done

    def _add_time(self, row: dict[str, Value], now: float) -> None:
        if self._time_mode == _SECONDS_AND_MICROS:
            row[self._time_name] = int(now)
            row[self._micros_name] = micros_of(now)
        elif self._time_mode == _SECONDS:
            row[self._time_name] = round(now, 6)
        elif self._shown_time is not None:
            row[self._time_name] = self._shown_time(now)

    def _shown(self, value: int | str | None) -> str | None:
        if value is None:
            return None if self._nullable else ""
        return _clean(str(value))


def _check_names(parameter: str, names: Iterable[str]) -> None:
    """Raises ModuleError for what is no name of a column: each record would be lost."""
    for name in names:
        if not (name.isascii() and name.replace("$", "_").isidentifier()):
            raise ModuleError(f'acc: "{name}" of {parameter} is no name of a column')


def _clean(text: str) -> str:
    """The text as a database takes it: no NUL, and no bytes that are no UTF-8."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\0", "")
