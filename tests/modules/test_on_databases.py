"""The modules that ask databases, on each kind of them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest

from sipway.core.databases import database, finish, prepare
from sipway.stores.databases import Database
from tests.databases import urls
from tests.kamailio_tables import TABLES, Row, columns_of
from tests.modules.running import context, load

_MODULES: Final = ("permissions", "domain", "alias_db", "speeddial", "uri_db", "group")
_DRIVERS: Final = ("db_sqlite", "db_text", "db_mysql", "db_postgres")
_ROWS: Final[Mapping[str, Sequence[Row]]] = {
    "address": [(1, "192.0.2.0", 24, 0, "net"), (2, "192.0.2.1", 32, 5070, None)],
    "trusted": [("192.0.2.1", "udp", "^sip:alice@", None, "peer", 1)],
    "domain": [("callee.example", "did-c"), ("caller.example", None)],
    "domain_attrs": [("did-c", "color", 2, "red"), ("did-c", "size", 0, "5")],
    "dbaliases": [("bob", "callee.example", "real", "home.org")],
    "speed_dial": [("alice", "caller.example", "bob", "callee.example", "sip:short@home.org")],
    "uri": [],
    "subscriber": [("bob", "callee.example")],
    "grp": [("alice", "caller.example", "ld")],
    "re_grp": [("^sip:alice@", 7)],
}
_CODE: Final = """
    allow_source_address(); xlog("$rc $avp(tag)"); allow_source_address_group(); xlog("$rc");
    allow_trusted(); xlog("$rc $avp(tag)"); allow_trusted("x' or '1'='1", "udp"); xlog("$rc");
    lookup_domain("$rd"); xlog("$rc $avp(did) $avp(color) $avp(size)");
    is_from_local(); xlog("$rc");
    does_uri_exist(); xlog("$rc"); is_user_in("From", "ld"); xlog("$rc");
    is_user_in("From", "x' or '1'='1"); xlog("$rc"); get_user_group("From", "$avp(g)");
    xlog("$rc $avp(g)"); $var(i) = "sip:x'or'1'='1@y";
    alias_db_find("dbaliases", "$var(i)", "$avp(a)"); xlog("$rc");
    sd_lookup("speed_dial"); xlog("$rc $ru"); $ru = $ou;
    alias_db_lookup("dbaliases"); xlog("$rc $ru");
"""
_LINES: Final = [
    "1 net", "2", "1 peer", "-1", "1 did-c red 5", "1", "1", "1", "-6", "1 7", "-1",
    "1 sip:short@home.org", "1 sip:real@home.org",
]  # fmt: skip


url = urls("modules")


async def _fill(opened: Database, url: str) -> None:
    await _create(opened, url, "version", {"table_name": "varchar(64)", "table_version": "integer"})
    for name, rows in _ROWS.items():
        columns = columns_of(name)
        await _create(opened, url, name, columns)
        await opened.insert("version", {"table_name": name, "table_version": TABLES[name][0]})
        for each in rows:
            await opened.insert(name, dict(zip(columns, each, strict=True)))


async def _create(opened: Database, url: str, name: str, columns: dict[str, str]) -> None:
    if url.startswith("text:"):
        kinds = {each: "int" if kind == "integer" else "str" for each, kind in columns.items()}
        head = " ".join(f"{each}({kind},null)" for each, kind in kinds.items())
        (Path(url.removeprefix("text://")) / name).write_text(f"{head}\n")
    else:
        made = ", ".join(f"{each} {kind}" for each, kind in columns.items())
        await opened.run(f"create table {name} ({made})")


@pytest.mark.parametrize("mode", [0, 1])
def test_all_ask(url: str, mode: int) -> None:
    program, log, _ = load(
        f"request_route {{ {_CODE} }}",
        parameters=f'modparam("{"|".join(_MODULES)}", "db_url", "{url}")'
        'modparam("permissions", "peer_tag_avp", "$avp(tag)")'
        'modparam("group", "re_table", "re_grp")'
        f'modparam("permissions", "db_mode", {mode}) modparam("uri_db", "use_domain", {mode})'
        f'modparam("group", "use_domain", {mode}) modparam("alias_db", "use_domain", {mode})'
        f'modparam("speeddial", "use_domain", {2 * mode})',
        modules=(*_DRIVERS, *_MODULES),
    )

    async def run() -> None:
        await _fill(database(program, url, "test"), url)
        await prepare(program)
        assert program.request_route is not None
        await program.request_route(context(program))
        await finish(program)

    asyncio.run(run())
    mark = "<script>: "
    assert [text.removeprefix(mark) for _, text in log.written if mark in text] == _LINES
