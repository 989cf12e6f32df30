"""The command line of Kamailio: ``sipway -f FILE -DD -E ...`` does what ``kamailio`` would.

Every option that Kamailio 5.6 knows is in the table below, and `--state-dir`. What steers a
thing that sipway does not have (memory managers, numbers of processes) is accepted and ignored;
what would change how calls are routed, and is not there yet, is refused rather than passed over.
"""

from __future__ import annotations

import argparse
import getopt
from collections.abc import Iterator, Sequence
from enum import Enum, auto
from pathlib import Path
from typing import Final, NamedTuple

from sipway.cli import parser
from sipway.language.record import Record, field
from sipway.server.options import Options

_DEFAULT_SCRIPT: Final = Path("/etc/kamailio/kamailio.cfg")


class Use(Enum):
    """What becomes of an option."""

    TAKEN = auto()
    IGNORED = auto()
    REFUSED = auto()


class Flag(NamedTuple):
    """An option of Kamailio: a letter or a long name, and how its argument is called."""

    name: str
    argument: str
    use: Use
    help: str

    @property
    def spelling(self) -> str:
        """As the user types it."""
        if len(self.name) == 1:
            return f"-{self.name} {self.argument}".rstrip()
        return f"--{self.name}={self.argument}".rstrip("=")


_T, _I, _R = Use.TAKEN, Use.IGNORED, Use.REFUSED

FLAGS: Final = (
    Flag("f", "FILE", _T, f"the routing script (default: {_DEFAULT_SCRIPT})"),
    Flag("c", "", _T, "check the script and end"),
    Flag("l", "ADDRESS", _T, "listen here too, such as udp:127.0.0.1:5060; may be repeated"),
    Flag("A", "NAME[=VALUE]", _T, "define a name for #!ifdef; may be repeated"),
    Flag("subst", "EXPRESSION", _T, 'as #!subst "EXPRESSION" before the script'),
    Flag("substdef", "EXPRESSION", _T, 'as #!substdef "EXPRESSION"; may be repeated'),
    Flag("substdefs", "EXPRESSION", _T, 'as #!substdefs "EXPRESSION"; may be repeated'),
    Flag("D", "", _T, "-D or -DD: stay in the foreground"),
    Flag("E", "", _T, "log to standard error"),
    Flag("d", "", _T, "log more; may be repeated (-ddd: level 3)"),
    Flag("debug", "LEVEL", _T, "log level, -3 (alerts only) to 3 (everything)"),
    Flag("P", "FILE", _T, "write the process id into FILE"),
    Flag("G", "FILE", _T, "write the process group id into FILE"),
    Flag("u", "USER", _T, "become USER once the sockets are bound"),
    Flag("g", "GROUP", _T, "become GROUP once the sockets are bound"),
    Flag("T", "", _T, "no TCP"),
    Flag("w", "DIR", _T, "change to the directory DIR"),
    Flag("state-dir", "DIR", _T, "keep registrations and the like in DIR; `none` keeps nothing"),
    Flag("h", "", _T, "this help"),
    Flag("help", "", _T, "help on the commands of sipway"),
    Flag("v", "", _T, "version and build"),
    Flag("V", "", _T, "the same"),
    Flag("version", "", _T, "the same"),
    Flag("I", "", _T, "the same"),
    Flag("a", "MODE", _I, "auto aliases: sipway asks no DNS for names of its own"),
    Flag("atexit", "YES|NO", _I, "there is no shared memory to protect"),
    Flag("b", "BYTES", _I, "receive buffer of sockets"),
    Flag("e", "", _I, "colours in the log"),
    Flag("K", "", _I, "checks of Via when forwarding replies"),
    Flag("L", "PATH", _I, "module path: modules are part of sipway"),
    Flag("log-engine", "NAME", _I, "log engine"),
    Flag("m", "MB", _I, "shared memory"),
    Flag("M", "MB", _I, "private memory"),
    Flag("n", "NUMBER", _I, "UDP processes"),
    Flag("N", "NUMBER", _I, "TCP processes"),
    Flag("O", "LEVEL", _I, "optimisation of the script"),
    Flag("Q", "NUMBER", _I, "SCTP processes"),
    Flag("r", "", _I, "DNS checks of Via"),
    Flag("R", "", _I, "reverse DNS checks of Via"),
    Flag("S", "", _I, "no SCTP: there is none"),
    Flag("server-id", "NUMBER", _I, "number of this server"),
    Flag("W", "TYPE", _I, "poll method"),
    Flag("x", "NAME", _I, "manager of shared memory"),
    Flag("X", "NAME", _I, "manager of private memory"),
    Flag("Y", "DIR", _T, "where the sockets for kamcmd and JSON-RPC are (default: /run/kamailio)"),
    Flag("alias", "NAME", _R, "write `alias=...` into the script"),
    Flag("cfg-print", "", _R, ""),
    Flag("loadmodule", "NAME", _R, "write `loadmodule` into the script"),
    Flag("modparam", "MODULE:NAME:TYPE:VALUE", _R, "write `modparam(...)` into the script"),
    Flag("t", "DIR", _R, "run it in a container instead"),
)


class UsageError(Exception):
    """The command line cannot be understood; the text says why."""


class CommandLine(Record, frozen=False):
    """What a command line in Kamailio's manner asks for.

    ``action`` is ``run``, ``check``, ``help``, ``commands`` (help on sipway's own commands) or
    ``version``. ``foreground`` is None where the script's ``fork`` decides.
    """

    action: str = "run"
    options: Options = field(default_factory=Options)
    foreground: bool | None = None
    pid_file: Path | None = None
    group_file: Path | None = None


def parse(arguments: Sequence[str]) -> CommandLine:
    """Read ``arguments``. Raises UsageError."""
    line = CommandLine()
    values: dict[str, list[str]] = {}
    directives: list[str] = []
    for flag, value in _flags(arguments):
        if flag.use is Use.REFUSED:
            hint = f": {flag.help}" if flag.help else ""
            raise UsageError(f"{flag.spelling} is not supported yet{hint}")
        values.setdefault(flag.name, []).append(value)
        if flag.name in _SUBSTITUTIONS:
            directives.append(_directive(flag.name, value))
    for name, action in _ACTIONS.items():
        if name in values:
            line.action = action
            break

    def last(name: str) -> str | None:
        return values[name][-1] if name in values else None

    def path(name: str) -> Path | None:
        text = last(name)
        return None if text is None else Path(text).absolute()

    line.foreground = True if len(values.get("D", ())) in (1, 2) else None
    line.pid_file = path("P")
    line.group_file = path("G")
    line.options = Options(
        script=path("f") or _DEFAULT_SCRIPT,
        listen=tuple(values.get("l", ())),
        defines=_defines(values.get("A", ())),
        directives=tuple(directives),
        log_stderr=True if "E" in values else None,
        debug=_level(last("debug"), len(values.get("d", ()))),
        workdir=path("w"),
        user=last("u"),
        group=last("g"),
        disable_tcp="T" in values,
        state_dir=last("state-dir"),
        run_dir=last("Y"),
    )
    return line


_SUBSTITUTIONS: Final = frozenset({"subst", "substdef", "substdefs"})
_ACTIONS: Final = {
    "h": "help",
    "help": "commands",
    "v": "version",
    "V": "version",
    "version": "version",
    "I": "version",
    "c": "check",
}
"""What to do instead of running; the first that is there counts."""


def usage() -> str:
    """The table of options as text."""
    lines = [
        "sipway, started as Kamailio is (`sipway --help` explains its own commands):",
        "  sipway -f my.cfg -DD -E            in the foreground, log to standard error",
        "  sipway -f my.cfg -P /run/sip.pid   in the background",
        "",
        "Options that have an effect:",
    ]
    lines += [_row(flag) for flag in FLAGS if flag.use is Use.TAKEN]
    lines += ["", "Accepted for the sake of Kamailio's start scripts, without effect:"]
    lines += [_row(flag) for flag in FLAGS if flag.use is Use.IGNORED]
    return "\n".join(lines)


def _row(flag: Flag) -> str:
    return f"  {flag.spelling:<22} {flag.help}"


def _flags(arguments: Sequence[str]) -> Iterator[tuple[Flag, str]]:
    short = "".join(
        flag.name + (":" if flag.argument else "") for flag in FLAGS if len(flag.name) == 1
    )
    long = [flag.name + ("=" if flag.argument else "") for flag in FLAGS if len(flag.name) > 1]
    try:
        pairs, rest = getopt.gnu_getopt(list(arguments), short, long)
    except getopt.GetoptError as error:
        raise UsageError(error.msg) from None
    if rest:
        raise UsageError(f"unexpected argument {rest[0]!r}; a script is given with -f")
    by_name = {flag.name: flag for flag in FLAGS}
    for spelled, value in pairs:
        yield by_name[spelled.lstrip("-")], value


def _directive(name: str, expression: str) -> str:
    from sipway.language.lexer import string_literal  # noqa: PLC0415

    return f"#!{name} {string_literal(expression)}"


def _defines(texts: Sequence[str]) -> dict[str, str | None]:
    try:
        return parser.defines([parser.define(text) for text in texts])
    except argparse.ArgumentTypeError as error:
        raise UsageError(f"-A: {error}") from None


def _level(text: str | None, repeated: int) -> int | None:
    if text is None:
        return repeated or None
    try:
        return int(text)
    except ValueError:
        raise UsageError(f"--debug wants a number, not {text!r}") from None
