"""xlog: log lines written by the script.

Source: README of Kamailio's module xlog. A line whose level is not wanted costs a comparison:
its text is made only when it is written.
"""

from __future__ import annotations

from typing import Annotated, TypeAlias

from sipway.core import log as levels
from sipway.core.arguments import Format
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.signatures import ArgumentKind, FormatText, Location, Meaning

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
    """The number that a variable holds; of a name the third letter decides, as in `L_INFO`."""
    if isinstance(value, int):
        return value
    if value.lstrip("-").isdecimal() and len(value) <= 11:
        return int(value)
    level = _LEVELS_BY_THIRD_LETTER.get(value[2:3])
    if level is None:
        raise ValueError(f'"{value}" is no log level such as L_INFO')
    return level


def to_facility(name: str) -> str:
    """A facility of syslog, `LOG_LOCAL0`."""
    if name not in levels.FACILITIES:
        raise ValueError(f'"{name}" is no facility of syslog such as LOG_LOCAL0')
    return name


def to_colors(text: str) -> str:
    """Colours by level, `L_ERR=cr;L_WARN=px`: looked at, not used."""
    for each in filter(None, text.split(";")):
        name, _, colors = each.partition("=")
        to_level(name.strip())
        if len(colors.strip()) != 2:
            raise ValueError(f'"{each}" is not a level with two letters such as L_ERR=cr')
    return text


Level: TypeAlias = Annotated[
    int, ArgumentKind("a log level such as L_INFO", base=None, convert=to_level)
]
Facility: TypeAlias = Annotated[
    str, ArgumentKind("a facility of syslog such as LOG_LOCAL0", dynamic=False, convert=to_facility)
]

mod.param("buf_size", int, 4096, meaning=Meaning.IGNORED, doc="lines may be of any length here")
mod.param("force_color", int, 0, meaning=Meaning.IGNORED, doc="colours of the log")
mod.param(
    "log_colors",
    str,
    "",
    convert=to_colors,
    meaning=Meaning.IGNORED,
    repeatable=True,
    doc="colours by level",
)
_prefix_mode = mod.param("prefix_mode", int, 0, doc="1: variables in the prefix are replaced")
_long_format = mod.param("long_format", int, 0, doc="xlogl() names the file before the line")
_prefix = mod.param(
    "prefix",
    str,
    FormatText("<script>: ", lambda _: "<script>: "),
    format=True,
    doc="what each line begins with",
)
_facility = mod.param(
    "log_facility", str, "", convert=to_facility, doc="facility of syslog for these lines"
)
_methods_filter = mod.param(
    "methods_filter", int, -1, doc="bits of the methods that xlogm() passes over"
)
_auto_newline = mod.param("auto_newline", int, 0, doc="end each line that has no end")


def _write(ctx: Context, level: int, head: str, text: str, facility: str = "") -> int:
    program = ctx.program
    prefix = _prefix(program)
    begin = prefix.make(ctx) if _prefix_mode(program) else prefix.text
    line = f"{begin}{head}{text}"
    if _auto_newline(program) and not line.endswith("\n"):
        line += "\n"
    program.log.write(level, line, facility or _facility(program) or None)
    return 1


@mod.function("xlog")
def xlog(ctx: Context, text: Format) -> int:
    """Write a line of level ERROR. Returns 1."""
    if ctx.program.log.level < levels.ERR:
        return 1
    return _write(ctx, levels.ERR, "", text(ctx))


@mod.function("xlog")
def xlog_of_level(ctx: Context, level: Level, text: Format) -> int:
    """Write a line of a level. Returns 1; -1 if a variable holds no level."""
    if level > ctx.program.log.level:
        return 1
    return _write(ctx, level, "", text(ctx))


@mod.function("xlog")
def xlog_to(ctx: Context, facility: Facility, level: Level, text: Format) -> int:
    """Write a line of a level to a facility of syslog. Returns 1; -1 as xlog(level, text)."""
    if level > ctx.program.log.level:
        return 1
    return _write(ctx, level, "", text(ctx), facility)


@mod.function("xlogl", located=True)
def xlogl(ctx: Context, location: Location, text: Format) -> int:
    """As xlog(text), with the line of the script before the text. Returns 1."""
    if ctx.program.log.level < levels.ERR:
        return 1
    return _write(ctx, levels.ERR, _place(ctx, location), text(ctx))


@mod.function("xlogl", located=True)
def xlogl_of_level(ctx: Context, location: Location, level: Level, text: Format) -> int:
    """As xlog(level, text), with the line of the script before the text. Returns 1."""
    if level > ctx.program.log.level:
        return 1
    return _write(ctx, level, _place(ctx, location), text(ctx))


@mod.function("xlogl", located=True)
def xlogl_to(
    ctx: Context, location: Location, facility: Facility, level: Level, text: Format
) -> int:
    """As xlog(facility, level, text), with the line of the script before the text. Returns 1."""
    if level > ctx.program.log.level:
        return 1
    return _write(ctx, level, _place(ctx, location), text(ctx), facility)


@mod.function("xdbgl", located=True)
def xdbgl(ctx: Context, location: Location, text: Format) -> int:
    """As xdbg(), with the line of the script before the text. Returns 1."""
    if ctx.program.log.level < levels.DBG:
        return 1
    return _write(ctx, levels.DBG, _place(ctx, location), text(ctx))


@mod.function("xlogm")
def xlogm(ctx: Context, level: Level, text: Format) -> int:
    """As xlog(level, text), but not for the methods of `methods_filter`. Returns 1.

    The filter holds all methods unless it is set, so that nothing is written.
    """
    if level > ctx.program.log.level or ctx.message.method_id & _methods_filter(ctx.program):
        return 1
    return _write(ctx, level, "", text(ctx))


def _place(ctx: Context, location: Location) -> str:
    if _long_format(ctx.program):
        return f"{location.path}:{location.line}:"
    return f"{location.line}:"


def _of_level(name: str, level: int) -> None:
    """xinfo() and its like: the level is in the name."""

    def write(ctx: Context, text: Format) -> int:
        if level > ctx.program.log.level:
            return 1
        return _write(ctx, level, "", text(ctx))

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
