"""Date and time. Without other word it is the time of the message, the same all along."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.language.signatures import Inner

_STARTED: Final = int(time.time())


@core.variable("Ts", values=(int,), nullable=False)
def _seconds(ctx: Context) -> int:
    """Seconds since 1970 when the message arrived."""
    return int(ctx.now)


@core.variable("TS", values=(int,), nullable=False)
def _seconds_now(_: Context) -> int:
    """Seconds since 1970 at this moment."""
    return int(time.time())


@core.variable("Tb", values=(int,), nullable=False)
def _seconds_started(_: Context) -> int:
    """Seconds since 1970 when the server started."""
    return _STARTED


@core.variable("Tf", values=(str,), nullable=False)
def _text(ctx: Context) -> str:
    """Local time when the message arrived, as `Tue Nov 24 01:20:09 2026`."""
    return time.ctime(ctx.now)


@core.variable("TF", values=(str,), nullable=False)
def _text_now(_: Context) -> str:
    """Local time at this moment, as `Tue Nov 24 01:20:09 2026`."""
    return time.ctime()


def _micro(seconds: float) -> int:
    return int(seconds % 1 * 1_000_000)


_PARTS: Final[dict[str, Callable[[Context], int | str]]] = {
    "s": lambda ctx: int(ctx.now),
    "u": lambda ctx: _micro(ctx.now),
    "sn": lambda _: int(time.time()),
    "un": lambda _: _micro(time.time()),
    "Sn": lambda _: f"{time.time():.6f}",
    "Sm": lambda _: f"{time.monotonic():.6f}",
}


def _time_part(name: str) -> str:
    if name not in _PARTS:
        raise ValueError(f"$TV takes {', '.join(_PARTS)}, not {name}")
    return name


@core.variable("TV", inner=Inner.REQUIRED, nullable=False, prepare=_time_part)
def _value(ctx: Context, part: str) -> int | str:
    """Seconds `s` and microseconds `u` of the arrival; `sn`, `un`, both as `Sn` of this moment.

    `Sm` is of a clock that is never set back.
    """
    return _PARTS[part](ctx)


# --- $time(...), $timef(...) and the same in UTC ----------------------------------------------


_FIELDS: Final[dict[str, Callable[[time.struct_time], int]]] = {
    "sec": lambda at: at.tm_sec,
    "min": lambda at: at.tm_min,
    "hour": lambda at: at.tm_hour,
    "mday": lambda at: at.tm_mday,
    "mon": lambda at: at.tm_mon,
    "year": lambda at: at.tm_year,
    "wday": lambda at: (at.tm_wday + 1) % 7 + 1,  # Sunday is 1
    "yday": lambda at: at.tm_yday,
    "isdst": lambda at: at.tm_isdst,
}


def _field(name: str) -> str:
    if name not in _FIELDS:
        raise ValueError(f"$time takes {', '.join(_FIELDS)}, not {name}")
    return name


@core.variable("time", inner=Inner.REQUIRED, values=(int,), nullable=False, prepare=_field)
def _local_field(_: Context, name: str) -> int:
    """A part of the local time at this moment: sec, min, hour, mday, mon, year, wday, yday."""
    return _FIELDS[name](time.localtime())


@core.variable("utime", inner=Inner.REQUIRED, values=(int,), nullable=False, prepare=_field)
def _utc_field(_: Context, name: str) -> int:
    """A part of the time in UTC at this moment, as $time has them."""
    return _FIELDS[name](time.gmtime())


def _format(text: str) -> str:
    if "\0" in text:
        raise ValueError("a format of time cannot hold a zero byte")
    return text


@core.variable("timef", inner=Inner.REQUIRED, values=(str,), nullable=False, prepare=_format)
def _local_formatted(_: Context, format: str) -> str:  # noqa: A002
    """The local time at this moment in a format of strftime(3)."""
    return time.strftime(format)


@core.variable("utimef", inner=Inner.REQUIRED, values=(str,), nullable=False, prepare=_format)
def _utc_formatted(_: Context, format: str) -> str:  # noqa: A002
    """The time in UTC at this moment in a format of strftime(3)."""
    return time.strftime(format, time.gmtime())
