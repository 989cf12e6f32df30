"""xlog: log lines written by the script.

Source: README of Kamailio's module xlog. A line whose level is not wanted costs a comparison:
its text is made only when it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, TypeAlias

from sipway.core import log as levels
from sipway.core.arguments import Format
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import ArgumentKind, Location, Meaning

mod = Module("xlog")

_LEVELS_BY_THIRD_LETTER = {
    "A": levels.ALERT,
    "B": levels.BUG,
    "C": levels.CRIT,
    "E": levels.ERR,
    "W": levels.WARN,
    "N": levels.NOTICE,
    "I": levels.INFO,
    "D": levels.DBG,
}


def to_level(value: int | str) -> int:
    """`L_INFO` and its like, by the third letter; the number that a variable holds."""
    if isinstance(value, int):
        return value
    level = _LEVELS_BY_THIRD_LETTER.get(value[2:3].upper()) if value.startswith("L_") else None
    if level is None:
        raise ValueError(f'"{value}" is no log level such as L_INFO')
    return level


def to_facility(name: str) -> str:
    """A facility of syslog, `LOG_LOCAL0`."""
    if name not in levels.FACILITIES:
        raise ValueError(f'"{name}" is no facility of syslog such as LOG_LOCAL0')
    return name


Level: TypeAlias = Annotated[
    int, ArgumentKind("a log level such as L_INFO", base=None, convert=to_level)
]

mod.param("buf_size", int, 4096, meaning=Meaning.IGNORED, doc="lines may be of any length here")
mod.param("force_color", int, 0, meaning=Meaning.IGNORED, doc="colours of the log")
mod.param("log_colors", str, "", meaning=Meaning.IGNORED, repeatable=True, doc="colours by level")
_long_format = mod.param("long_format", int, 0, doc="xlogl() names the file before the line")
_prefix = mod.param("prefix", str, "<script>: ", doc="what each line begins with")
_facility = mod.param(
    "log_facility", str, "", convert=to_facility, doc="facility of syslog for these lines"
)
_methods_filter = mod.param(
    "methods_filter", int, -1, doc="bits of the methods that xlogm() passes over"
)
_auto_newline = mod.param("auto_newline", int, 0, doc="end each line that has no end")


def _write(ctx: Context, level: int, facility: str, head: str, text: str) -> int:
    program = ctx.program
    line = f"{_prefix(program)}{head}{text}"
    if _auto_newline(program) and not line.endswith("\n"):
        line += "\n"
    program.log.write(level, line, facility or _facility(program) or None)
    return 1


def _arguments(
    given: tuple[Callable[[Context], str], ...], ctx: Context
) -> tuple[int, str, Callable[[Context], str]]:
    """Level, facility and text of `([[facility,] level,] text)`."""
    level = to_level(_number(given[-2](ctx))) if len(given) > 1 else levels.ERR
    facility = to_facility(given[0](ctx)) if len(given) > 2 else ""
    return level, facility, given[-1]


def _number(text: str) -> int | str:
    return int(text) if text.lstrip("-").isdigit() else text


@mod.function("xlog", arities=(1, 2, 3))
def xlog(
    ctx: Context, first: Format, second: Format | None = None, third: Format | None = None
) -> int:
    """Write a line; before the text a level, before that a facility; L_ERR without. Returns 1."""
    given = tuple(each for each in (first, second, third) if each is not None)
    level, facility, text = _arguments(given, ctx)
    if level > ctx.program.log.level:
        return 1
    return _write(ctx, level, facility, "", text(ctx))


@mod.function("xlogl", located=True, arities=(1, 2, 3))
def xlogl(
    ctx: Context,
    location: Location,
    first: Format,
    second: Format | None = None,
    third: Format | None = None,
) -> int:
    """As xlog(), with the line of the script before the text. Returns 1."""
    given = tuple(each for each in (first, second, third) if each is not None)
    level, facility, text = _arguments(given, ctx)
    if level > ctx.program.log.level:
        return 1
    return _write(ctx, level, facility, _place(ctx, location), text(ctx))


@mod.function("xdbgl", located=True)
def xdbgl(ctx: Context, location: Location, text: Format) -> int:
    """As xdbg(), with the line of the script before the text. Returns 1."""
    if ctx.program.log.level < levels.DBG:
        return 1
    return _write(ctx, levels.DBG, "", _place(ctx, location), text(ctx))


@mod.function("xlogm")
def xlogm(ctx: Context, level: Level, text: Format) -> int:
    """As xlog(level, text), but not for the methods of `methods_filter`. Returns 1."""
    if level > ctx.program.log.level or ctx.message.method_id & _methods_filter(ctx.program):
        return 1
    return _write(ctx, level, "", "", text(ctx))


def _place(ctx: Context, location: Location) -> str:
    if _long_format(ctx.program):
        return f"{location.path}:{location.line}:"
    return f"{location.line}:"


def _of_level(name: str, level: int) -> None:
    """xinfo() and its like: the level is in the name."""

    def write(ctx: Context, text: Format) -> int:
        if level > ctx.program.log.level:
            return 1
        return _write(ctx, level, "", "", text(ctx))

    write.__name__ = name
    write.__doc__ = f"Write a line of level {levels.LEVEL_NAMES[level]}. Returns 1."
    mod.function(name)(write)


for _name, _level in (
    ("xdbg", levels.DBG),
    ("xinfo", levels.INFO),
    ("xnotice", levels.NOTICE),
    ("xwarn", levels.WARN),
    ("xerr", levels.ERR),
    ("xbug", levels.BUG),
    ("xcrit", levels.CRIT),
    ("xalert", levels.ALERT),
):
    _of_level(_name, _level)
