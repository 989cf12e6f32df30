"""Tables of htable are read from a database, and written to it, as Kamailio does."""

from __future__ import annotations

import json
import re
import socket
import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import pytest

from tests.compat.servers import running, sipway_commands
from tests.ports import free_port

_COLUMNS: Final = "key_name, key_type, value_type, key_value, expires"
_TABLE: Final = (
    "(id integer primary key, key_name varchar(64) default '' not null, key_type int default 0"
    " not null, value_type int default 0 not null, key_value varchar(128), expires int default 0"
    " not null);"
)
_SCHEMA: Final = f"""
create table version (table_name varchar(32), table_version int);
create table htable {_TABLE}
create table written {_TABLE}
create table stored {_TABLE}
insert into written ({_COLUMNS}) values ('before', 0, 0, 'x', 0);
insert into stored ({_COLUMNS}) values ('before', 0, 0, 'x', 0);
create table rates (prefix varchar(20), name varchar(20), price int, note varchar(20));
insert into rates values ('49', 'Germany', 5, 'a'), ('39', 'Italy', 6, null), ('1', 'a,b', 7, '');
"""
_SCRIPT: Final = """
debug=1
log_stderror=yes
children=1
disable_tcp=yes
auto_aliases=no
loadmodule "db_sqlite.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "jsonrpcs.so"
loadmodule "htable.so"
modparam("htable", "db_url", "sqlite://{database}")
modparam("htable", "db_expires", {times})
modparam("htable", "array_size_suffix", "-count")
modparam("htable", "fetch_rows", 3)
modparam("htable", "htable", "t=>size=4;dbtable=htable")
modparam("htable", "htable", "e=>size=4;autoexpire=1000;dbtable=htable")
modparam("htable", "htable", "two=>size=4;dbtable=rates;cols='prefix,name'")
modparam("htable", "htable", "four=>size=4;dbtable=rates;cols='prefix,name,price,note'")
modparam("htable", "htable", "number=>size=4;dbtable=rates;cols='prefix,price'")
modparam("htable", "htable", "w=>size=4;dbtable=written;dbmode=1")
modparam("htable", "htable", "s=>size=4;dbtable=stored;autoexpire=5000")
modparam("htable", "htable", "none=>size=4;")
request_route { sl_send_reply("200", "OK"); }
event_route[htable:mod-init] { $sht(none=>init) = $sht(t=>number); }
"""
_GIVEN: Final = """
htable.dump t
htable.dump e
htable.dump two
htable.dump four
htable.dump number
htable.get none init
htable.get t past
htable.sets t plain changed
htable.sets t new mine
htable.reload t
htable.dump t
htable.reload none
htable.store none
htable.reload nothing
htable.sets w text value
htable.seti w number 5
htable.setxs s text value 100
htable.seti s number 5
htable.store s
""".strip().splitlines()

Seen = dict[str, Any]


def _make(path: Path, now: int) -> None:
    rows = [
        ("plain", 0, 0, "text", 0),
        ("number", 0, 1, "42", 0),
        ("list", 1, 0, "one", 0),
        ("list", 1, 0, "two", 0),
        ("other", 0, 0, "x", 0),
        ("list", 1, 1, "7", 0),
        ("single", 1, 0, "alone", 0),
        ("no number", 0, 1, "abc", 0),
        ("twice", 0, 0, "first", 0),
        ("twice", 0, 0, "second", 0),
        ("empty", 0, 0, "", 0),
        ("later", 0, 0, "x", now + 500),
        ("past", 0, 0, "x", now - 500),
    ]
    with closing(sqlite3.connect(path)) as database, database:
        database.executescript(_SCHEMA)
        database.executemany(f"insert into htable ({_COLUMNS}) values (?, ?, ?, ?, ?)", rows)


def _rows(path: Path, table: str, started: int) -> list[tuple[Any, ...]]:
    """Times as how many hundreds of seconds they are from the start."""
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(f"select {_COLUMNS} from {table}").fetchall()
    return sorted((*each[:4], each[4] and round((each[4] - started) / 100)) for each in found)


class _Peer:
    def __init__(self, folder: Path) -> None:
        self._server = folder / "kamailio_rpc.sock"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "me"))
        self._socket.settimeout(5)

    def close(self) -> None:
        self._socket.close()

    def is_up(self) -> bool:
        try:
            return bool(self.give("core.echo yes") == ["yes"])
        except (OSError, TimeoutError):
            return False

    def give(self, line: str) -> Any:
        name, *words = line.split()
        parameters = [int(each) if re.fullmatch(r"\d+", each) else each for each in words]
        asked = {"jsonrpc": "2.0", "method": name, "params": parameters, "id": 1}
        self._socket.sendto(json.dumps(asked).encode(), str(self._server))
        said = json.loads(self._socket.recv(1 << 20))
        return said.get("result", said.get("error"))


def _play(command: list[str], folder: Path, times: int) -> Seen:
    path = folder / "database"
    now = int(time.time())
    _make(path, now)
    script = _SCRIPT.replace("{database}", str(path)).replace("{times}", str(times))
    with closing(_Peer(folder)) as peer:
        with running(command, script, folder, {"server": free_port()}, peer.is_up):
            seen: Seen = {line: peer.give(line) for line in _GIVEN}
        # What is written at the end is there now.
        return {**seen, **{each: _rows(path, each, now) for each in ("written", "stored")}}


@pytest.mark.parametrize("times", [0, 1])
def test_same_as_kamailio(
    kamailio: list[str], times: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    theirs = _play(kamailio, tmp_path_factory.mktemp("k"), times)
    for build, command in sipway_commands().items():
        ours = _play(command, tmp_path_factory.mktemp("s"), times)
        for what, seen in ours.items():
            assert seen == theirs[what], f"{build}: {what}"
