"""Kamailio's own script with WITH_ACCDB: records in a database."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.compat.stock import StockNetwork, flows, script

_TABLES: Final = ("acc", "missed_calls")
_COLUMNS: Final = (
    "method", "from_tag", "callid", "sip_code", "sip_reason", "src_user", "src_domain", "src_ip",
    "dst_ouser", "dst_user", "dst_domain",
)  # fmt: skip


def _make(path: Path) -> None:
    columns = ", ".join(f"{name} VARCHAR(255)" for name in (*_COLUMNS, "to_tag"))
    with closing(sqlite3.connect(path)) as database:
        for table in _TABLES:
            database.execute(f"CREATE TABLE {table} ({columns}, time DATETIME NOT NULL)")
        database.commit()


def _rows(folder: Path) -> Mapping[str, Sequence[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    columns = ", ".join(f"coalesce({name}, '')" for name in _COLUMNS)
    with closing(sqlite3.connect(folder / "calls.sqlite")) as database:
        for table in _TABLES:
            for row in database.execute(f"SELECT callid, {columns} FROM {table}"):
                found[row[0]].append(f"{table}: {'; '.join(row[1:])}")
    return found


MARKS: Final = ("ACC: ",)
NETWORK: Final = StockNetwork
FILES: Final = {"calls.sqlite": _make}
AFTER: Final = _rows
SCRIPT: Final = script(
    '#!define WITH_ACCDB\n#!define DBURL "sqlite:///{folder}/calls.sqlite"',
    'loadmodule "db_sqlite.so"',
)
FLOWS: Final = flows()
