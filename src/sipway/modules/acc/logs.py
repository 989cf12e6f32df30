"""Records in the log, as lines `ACC: transaction answered: timestamp=...;method=...;...`."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sipway.modules.acc import _module as parameters
from sipway.modules.acc.attributes import legs_of, values_of
from sipway.modules.acc.record import Accounted

if TYPE_CHECKING:
    from sipway.core.program import Program

# A header may be folded, but no caller writes lines of ours.
_ENDS_OF_LINES: Final = str.maketrans("\r\n\0", "   ")


def precise_time(mode: int, name: str, micros: str, form: str) -> Callable[[float], str]:
    """What `time_mode` adds behind the time: a name and a value."""
    if mode == 1:
        return lambda now: f"{micros}={micros_of(now)};"
    if mode == 2:
        return lambda now: f"{name}={now:.3f};"
    text = shown_time(mode, form)
    return (lambda now: f"{name}={text(now)};") if text is not None else lambda _: ""


def micros_of(now: float) -> int:
    """Of the second."""
    return min(round(now % 1 * 1_000_000), 999_999)


def shown_time(mode: int, form: str) -> Callable[[float], str] | None:
    """Times in the format of the script, local in mode 3, UTC in 4; None in other modes."""
    if mode not in (3, 4):
        return None
    parts = time.localtime if mode == 3 else time.gmtime
    return lambda now: time.strftime(form, parts(now))


class Lines:
    """Writes records of a Program into its log."""

    def __init__(self, program: Program) -> None:
        self._log = program.log
        self._level = parameters.log_level(program)
        self._facility = parameters.log_facility(program)
        self._attributes = parameters.log_extra(program)
        self._legs = parameters.legs(program)
        self._time = precise_time(
            parameters.time_mode(program),
            parameters.time_name(program),
            parameters.micros_name(program),
            parameters.time_format(program),
        )

    def write(self, what: str, record: Accounted) -> None:
        if self._level > self._log.level:
            return
        now = record.ctx.now
        line = (
            f"acc: ACC: {what}: timestamp={int(now)};{self._time(now)}method={record.method};"
            f"from_tag={record.from_tag or ''};to_tag={record.to_tag or ''};"
            f"call_id={record.call_id};code={record.code};reason={record.reason}"
        )
        if self._attributes:
            values = values_of(record.ctx, self._attributes)
            for each, value in zip(self._attributes, values, strict=True):
                line += f";{each.name}={'' if value is None else value}"
        if self._legs:
            for leg_values in legs_of(record.ctx, self._legs):
                for leg, value in zip(self._legs, leg_values, strict=True):
                    line += f";{leg.name}={'' if value is None else value}"
        if "\n" in line or "\r" in line or "\0" in line:
            line = line.translate(_ENDS_OF_LINES)
        self._log.write(self._level, f"{line}\n", self._facility)
