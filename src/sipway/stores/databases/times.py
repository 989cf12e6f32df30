"""Times of day as databases of Kamailio have them: text, in local time."""

from __future__ import annotations

import time
from datetime import date, datetime, timedelta
from datetime import time as time_of_day
from decimal import Decimal
from typing import Any, Final

from sipway.stores.databases.interface import Value

_FORM: Final = "%Y-%m-%d %H:%M:%S"


class Moment(str):
    """The text of a time that a database has as a time, not as a text."""

    __slots__ = ()


def moment(seconds: float) -> str:
    """Seconds since the epoch as `2026-01-31 23:59:59`."""
    return time.strftime(_FORM, time.localtime(seconds))


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
