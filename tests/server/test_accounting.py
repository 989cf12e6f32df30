"""Records of acc are in the database when the server has ended."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from tests.databases import sqlite_with
from tests.ports import free_port
from tests.server_process import ask, request, running, sipway_command

_CALLS = 20


def test_the_last_records_are_written(tmp_path: Path) -> None:
    url = sqlite_with(
        tmp_path / "calls.sqlite",
        "create table acc (method text, from_tag text, to_tag text, callid text, sip_code text,"
        " sip_reason text, time datetime not null)",
    )
    script = tmp_path / "script.cfg"
    script.write_text(
        "\n".join(f'loadmodule "{name}.so"' for name in ("tm", "sl", "db_sqlite", "acc"))
        + f"""
        modparam("acc", "db_url", "{url}")
        modparam("acc", "db_flag", 1)
        request_route {{ setflag(1); t_newtran(); t_reply("200", "Fine"); }}
        """
    )
    port = free_port()
    with running(sipway_command(script, port), tmp_path / "log") as server:
        for _ in range(_CALLS):
            ask(port, request("MESSAGE", "sip:bob@example.org"), server)
    with closing(sqlite3.connect(tmp_path / "calls.sqlite")) as database:
        rows = database.execute("select method, sip_code, sip_reason from acc").fetchall()
    assert rows == [("MESSAGE", "200", "OK")] * _CALLS, (tmp_path / "log").read_text()
