"""auth_db on each kind of database."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from sipway.core.databases import database
from tests.compat.authenticating import HA1, REALM, answer
from tests.databases import urls
from tests.modules.asking import URI, Asking

_COLUMNS: Final = ("username", "domain", "password", "ha1", "ha1b", "email_address")
_USERS: Final = (
    ("alice", REALM, "secret", HA1, HA1, "a@mail.example"),
    ("empty", REALM, "", "", "", None),
    ("null", REALM, None, None, None, None),
)
_DRIVERS: Final = ("db_sqlite", "db_text", "db_mysql", "db_postgres")


url = urls("auth_db")


async def _fill(asked: Asking, url: str) -> None:
    opened = database(asked.program, url, "test")
    if url.startswith("text:"):
        folder = Path(url.removeprefix("text://"))
        head = " ".join(f"{each}(str,null)" for each in _COLUMNS)
        (folder / "subscriber").write_text(f"{head}\n")
        (folder / "version").write_text("table_name(str) table_version(int)\n")
    else:
        columns = ", ".join(f"{each} varchar(64)" for each in _COLUMNS)
        await opened.run(f"create table subscriber ({columns})")
        await opened.run("create table version (table_name varchar(32), table_version integer)")
    await opened.insert("version", {"table_name": "subscriber", "table_version": 7})
    for each in _USERS:
        await opened.insert("subscriber", dict(zip(_COLUMNS, each, strict=True)))


@pytest.mark.parametrize("plain", [0, 1])
@pytest.mark.parametrize("domain", [0, 1])
def test_who_belongs_gets_in_and_nobody_else(url: str, plain: int, domain: int) -> None:
    parameters = (
        f'modparam("auth_db", "db_url", "{url}") modparam("auth_db", "calculate_ha1", {plain})'
        f' modparam("auth_db", "use_domain", {domain})'
        ' modparam("auth_db", "load_credentials", "email_address")'
        f' modparam("auth_db", "password_column", "{"password" if plain else "ha1"}")'
    )
    with Asking(
        f'auth_check("{REALM}", "subscriber", 1)',
        parameters,
        then='xlog("$avp(email_address)\\n");',
        modules=(*_DRIVERS, "auth_db"),
    ) as asked:
        asked.runner.run(_fill(asked, url))
        found = asked.challenged()[0]

        def tried(user: str, password: str = "secret") -> int:
            line = answer(found, "MESSAGE", URI, user=user, password=password)
            return asked.ask(line, from_=f"<sip:alice@{REALM}>;tag=1")

        assert tried("alice") == 1
        assert asked.lines[-1] == "a@mail.example"
        assert tried("alice", "wrong") == -2
        for name in ("nobody", "alice' or '1'='1", "al%", "_lice", "\udcff", "x" * 3000, "☎"):
            assert tried(name) == -3
        for name in ("ALICE", "alice ", "álice"):  # some databases take them for alice
            assert tried(name) in (-2, -3, -8)
        for name in ("empty", "null"):
            for password in ("", "None", "NULL"):
                assert tried(name, password) == -2
