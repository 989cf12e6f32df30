"""Times of day: `Moment`, the text of a local time, for whoever asks databases.

What they keep is what Kamailio keeps there: MySQL and PostgreSQL local time, SQLite the Julian day
in UTC, files of text seconds since 1970. Drivers turn one into the other.
"""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any, Final

from sipway.stores.databases.interface import Value

_EPOCH: Final = 2_440_587.5
_DAY: Final = 86_400
_FORM: Final = "%Y-%m-%d %H:%M:%S"


class Moment(str):
    """The text of a time that a database has as a time, not as a text."""

    __slots__ = ()


def moment(seconds: float) -> Moment:
    """Seconds since the epoch as `2026-01-31 23:59:59`."""
    return Moment(time.strftime(_FORM, time.localtime(seconds)))


def seconds_of(value: Value) -> int | None:
    """What `moment` was made of; a number is seconds already (db_text). None for no time at all."""
    if isinstance(value, (int, float)):
        return int(value)
    if isinstance(value, str):
        try:
            return int(time.mktime(time.strptime(value[:19].replace("T", " "), _FORM)))
        except (ValueError, OverflowError):
            return None
    return None


def julian_day(value: Moment) -> float | str:
    """As SQLite's own functions have it; what is no time stays as it is."""
    seconds = seconds_of(value)
    return str(value) if seconds is None else _EPOCH + seconds / _DAY


def of_julian_day(value: float) -> Moment:
    return moment(round((value - _EPOCH) * _DAY))


def as_value(value: Any) -> Value:
    """What a driver brings as one of the types of `Value`."""
    if value is None or type(value) in (int, str, float):
        return value  # type: ignore[no-any-return]
    if isinstance(value, datetime):
        return Moment(value.strftime(_FORM))
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (date, time_of_day, timedelta)):
        return str(value)
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return str(value)
