"""The module db_mysql: databases of MySQL and MariaDB, `mysql://user:password@host/kamailio`.

Source: README of Kamailio's module db_mysql. What is asked does not hold up anybody else, so one
bound on the time of a statement takes the place of three for its steps.
"""

from __future__ import annotations

import ssl
from typing import Final

from sipway.core.databases import add_driver
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.signatures import Meaning
from sipway.stores.databases import Database, DatabaseUrl
from sipway.stores.databases.guard import Guard

mod = Module("db_mysql")

_TRIES: Final = 3  # so often the library that Kamailio uses waits for timeout_interval


def _ssl_mode(mode: int) -> int:
    if not 0 <= mode <= 5:
        raise ValueError(f"opt_ssl_mode is 0 to 5, not {mode}")
    return mode


def _seconds(seconds: int) -> int:
    if seconds < 0:
        raise ValueError(f"{seconds} is no time to wait")
    return seconds


_connect_timeout = mod.param(
    "connect_timeout", int, 2, convert=_seconds, doc="seconds for an attempt to connect"
)
_timeout_interval = mod.param(
    "timeout_interval", int, 2, convert=_seconds, doc="seconds for a statement, three times over"
)
_opt_ssl_mode = mod.param(
    "opt_ssl_mode", int, 0, convert=_ssl_mode,
    doc="TLS: 0, 1 none, 2 and 3 whatever certificate it has, 4 a checked one, 5 its name too",
)  # fmt: skip
_opt_ssl_ca = mod.param("opt_ssl_ca", str, "", doc="file with the certificates that are trusted")
_retries = mod.param("retries", int, 1, meaning=Meaning.IGNORED, doc="how often to try again")
for _name, _default, _what in (
    ("ping_interval", 300, "connections that have gone are noticed when they are used"),
    ("auto_reconnect", 1, "it always connects again"),
    ("send_timeout", 0, "timeout_interval covers all of a statement"),
    ("receive_timeout", 0, "timeout_interval covers all of a statement"),
    ("insert_delayed", 0, "nobody waits for it, and MySQL has given it up"),
    ("update_affected_found", 0, "rows that were found count"),
    ("unsigned_type", 0, "numbers have no bounds"),
    ("server_timezone", 0, "times are the server's own local time"),
):
    mod.param(_name, int, _default, meaning=Meaning.IGNORED, doc=_what)


@mod.on_start
def _start(program: Program) -> None:
    try:
        from sipway.stores.databases.mysql import (  # noqa: PLC0415 - loaded when it is used
            MysqlDatabase,
        )
    except ImportError as error:
        raise ModuleError(
            f"db_mysql needs {error.name}, which is not installed",
            hint='pip install "sipway[mysql]"',
        ) from None

    def open_database(url: DatabaseUrl, guard: Guard) -> Database:
        return MysqlDatabase(
            url,
            guard,
            connect_seconds=_connect_timeout(program) or 2,
            tls=_tls(_opt_ssl_mode(program), _opt_ssl_ca(program)),
        )

    add_driver(program, "mysql", open_database, _TRIES * (_timeout_interval(program) or 2))


def _tls(mode: int, ca: str) -> ssl.SSLContext | None:
    if mode < 2:
        return None
    try:
        context = ssl.create_default_context(cafile=ca or None)
    except (OSError, ssl.SSLError) as error:
        raise ModuleError(f"db_mysql cannot use the certificates in {ca}: {error}") from None
    context.check_hostname = mode == 5
    if mode < 4:
        context.verify_mode = ssl.CERT_NONE
    return context
