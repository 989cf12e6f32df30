"""The log: what the script says with xlog(), and what the server says of itself.

Levels and line format are Kamailio's, so that tools that read its log read ours. Lines
are collected and written once for a batch of messages (`flush`): a line costs no system
call of its own, and the order is kept.
"""

from __future__ import annotations

import logging
import os
import syslog
from collections.abc import Callable
from typing import Any

ALERT, BUG, CRIT2, CRIT, ERR, WARN, NOTICE, INFO, DBG = -5, -4, -3, -2, -1, 0, 1, 2, 3

LEVEL_NAMES = {
    ALERT: "ALERT",
    BUG: "BUG",
    CRIT2: "CRITICAL2",
    CRIT: "CRITICAL",
    ERR: "ERROR",
    WARN: "WARNING",
    NOTICE: "NOTICE",
    INFO: "INFO",
    DBG: "DEBUG",
}
_SYSLOG_PRIORITY = {
    ALERT: syslog.LOG_ALERT,
    BUG: syslog.LOG_CRIT,
    CRIT2: syslog.LOG_CRIT,
    CRIT: syslog.LOG_CRIT,
    ERR: syslog.LOG_ERR,
    WARN: syslog.LOG_WARNING,
    NOTICE: syslog.LOG_NOTICE,
    INFO: syslog.LOG_INFO,
    DBG: syslog.LOG_DEBUG,
}
FACILITIES = {
    f"LOG_{name}": getattr(syslog, f"LOG_{name}")
    for name in (
        "AUTH AUTHPRIV CRON DAEMON KERN LOCAL0 LOCAL1 LOCAL2 LOCAL3 LOCAL4 LOCAL5 LOCAL6 LOCAL7 "
        "LPR MAIL NEWS USER UUCP"
    ).split()
}

# On a terminal, where that is wanted: 0 or 1 (bright), then the number of the colour.
_COLORS = {
    ALERT: "1;31",
    BUG: "1;35",
    CRIT2: "0;33",
    CRIT: "0;33",
    ERR: "0;31",
    WARN: "0;35",
    NOTICE: "0;32",
    INFO: "0;36",
    DBG: "0;39",
}
_NO_COLOR = "\x1b[0;39;49m"

_MAX_PENDING = 1 << 18
_MAX_SAID = 256


class Log:
    """Where lines go: standard error, or syslog.

    level       lines above it are not written (the core parameter `debug`)
    started_level  the same, as the server was started with
    to_stderr   write to standard error, else to syslog
    facility    of syslog, by name (`LOG_DAEMON`)
    color       give each level a colour, on standard error
    prefix      makes what stands before the text of each line, or None (`log_prefix`)
    """

    def __init__(
        self,
        level: int = WARN,
        *,
        to_stderr: bool = True,
        facility: str = "LOG_DAEMON",
        name: str = "sipway",
        fd: int = 2,
        color: bool = False,
    ) -> None:
        self.level = level
        self.started_level = level
        self.to_stderr = to_stderr
        self.facility = facility
        self.name = name
        self._fd = fd
        self._tail = _NO_COLOR if color else ""
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._heads: dict[int, str] = {}
        self._opened = False
        self._said: set[str] = set()
        self.prefix: Callable[[], str] | None = None

    def write(self, level: int, text: str, facility: str | None = None) -> None:
        """Write `text` as one line of the given level, unless the level is not wanted.

        `text` brings its own newline or gets none added, as with Kamailio's xlog.
        """
        if level > self.level:
            return
        level = max(ALERT, min(DBG, level))
        if not self.to_stderr:
            self._to_syslog(level, text, facility or self.facility)
            return
        head = self._heads.get(level)
        if head is None:
            color = f"\x1b[{_COLORS[level]};49m" if self._tail else ""
            head = self._heads[level] = f"{color} 0({os.getpid()}) {LEVEL_NAMES[level]}: "
        if self.prefix is not None:
            head += self.prefix()
        line = (head + text + self._tail).encode("utf-8", "surrogateescape")
        self._pending.append(line)
        self._pending_size += len(line)
        if self._pending_size > _MAX_PENDING:
            self.flush()

    def line(self, level: int, text: str) -> None:
        """Write what the server itself has to say: one line, newline added."""
        self.write(level, f"<core>: {text}\n")

    def once(self, level: int, text: str) -> None:
        """As `line`, but what has been said already is not said again.

        Who brings ever new things to say must not fill the log: after many, what is not critical
        is for information only.
        """
        if text in self._said:
            return
        if len(self._said) < _MAX_SAID:
            self._said.add(text)
        elif level > CRIT:
            level = max(level, INFO)
        self.line(level, text)

    def flush(self) -> None:
        """Hand the collected lines to the operating system."""
        if not self._pending:
            return
        data = b"".join(self._pending)
        self._pending.clear()
        self._pending_size = 0
        while data:
            try:
                data = data[os.write(self._fd, data) :]
            except BlockingIOError:
                os.set_blocking(self._fd, True)
            except OSError:
                return  # nobody reads our log any more: there is nobody to tell

    def after_fork(self) -> None:
        """Forget the process id in the line heads."""
        self._heads.clear()

    def _to_syslog(self, level: int, text: str, facility: str) -> None:
        if not self._opened:
            syslog.openlog(self.name, syslog.LOG_PID, FACILITIES[self.facility])
            self._opened = True
        priority = _SYSLOG_PRIORITY[level] | FACILITIES[facility]
        prefix = "" if self.prefix is None else self.prefix()
        text = f"{LEVEL_NAMES[level]}: {prefix}{text}".replace("\0", "\\0")
        syslog.syslog(priority, text.encode("utf-8", "replace").decode())


class LogHandler(logging.Handler):
    """Brings what sipway's own code says through `logging` into the same log."""

    _LEVELS = (
        (logging.CRITICAL, CRIT),
        (logging.ERROR, ERR),
        (logging.WARNING, WARN),
        (logging.INFO, INFO),
    )

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: Any) -> None:
        level = next((ours for theirs, ours in self._LEVELS if record.levelno >= theirs), DBG)
        self._log.line(level, self.format(record))
