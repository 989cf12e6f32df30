"""A database with AVPs of users, and pieces of script that load, store, delete and ask for them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Final

from tests.compat.tables import Table

# 5.6.3 stores null where a column has no value, so none may forbid it.
_SCHEMA: Final = """
create table usr_preferences (id integer primary key, uuid varchar(64), username varchar(64),
    domain varchar(64), attribute varchar(32), type int, value varchar(128));
insert into usr_preferences (uuid, username, domain, attribute, type, value) values
    ('u1', 'alice', 'a.org', 'color', 0, 'red'), ('u1', 'alice', 'a.org', 'color', 0, 'blue'),
    ('u1', 'alice', 'b.org', 'color', 0, 'green'), ('u1', 'alice', 'a.org', 'n', 1, '17'),
    ('u1', 'alice', 'a.org', '5', 2, 'five'), ('u1', 'alice', 'a.org', '6', 3, '66'),
    ('u2', '', 'a.org', 'dom', 0, 'D'), ('u1', 'alice', 'a.org', 'bad', 1, 'x17'),
    ('u1', 'alice', 'a.org', 'empty', 0, ''), ('u3', '', '', '77', 0, 'text'),
    ('u3', '', '', '77', 2, 'number'), ('u3', '', '', 'none', 2, 'no number'),
    ('u3', '', '', 'nine', 9, 'x'), ('u3', '', '', 'four', 4, 'text'), ('u3', '', '', 'b', 1, ' 1'),
    ('u3', '', '', 'h', 1, '0x10');
create table numbers (uuid varchar(64), attribute varchar(32), type int, value varchar(32));
insert into numbers values ('u1', 'minus', 1, '-3'), ('u1', 'big', 1, '5000000000');
create table subscriber (uuid varchar(64), username varchar(64), domain varchar(64),
    first varchar(64), n int, f float, b blob);
insert into subscriber values ('u1', 'alice', 'a.org', 'Al', 5, 1.5, 'x'),
    ('u1', 'alice', 'b.org', 'Bl', 6, null, null), ('u3', 'carl', 'c.org', null, null, null, null);
create table gone (uuid varchar(64), username varchar(64), domain varchar(64),
    attribute varchar(32), type int, value varchar(128));
insert into gone values ('d1', '', '', 'color', 0, 'a'), ('d1', '', '', 'color', 0, 'b'),
    ('d1', '', '', 'n', 1, '1'), ('d2', 'alice', 'a.org', 'color', 0, 'c'),
    ('d2', 'alice', 'b.org', 'color', 0, 'd'), ('d3', '', 'a.org', 'x', 0, 'e'),
    ('d4', '', '', 'x', 0, 'f'), ('d4', '', '', '7', 2, 'g'), ('d4', '', '', '7', 0, 'h'),
    ('d5', '', '', 'x', 0, 'i'), ('d6', '', '', '7', 2, 'j'), ('d6', '', '', 'q', 0, 'k');
"""
SCHEMES: Final = {
    "text": "table=subscriber;uuid_col=uuid;value_col=first",
    "number": " table = subscriber ; value_col = n ; value_type = integer ;",
    "as_text": "table=subscriber;value_col=n;value_type=string",
    "fraction": "table=subscriber;value_col=f",
    "no_number": "table=subscriber;value_col=first;value_type=Integer",
    "defaults": "value_col=attribute",
    "whole": "Table=subscriber;Uuid_col=uuid;username_col=first;domain_col=domain;value_col=n",
    "no_table": "table=nosuch;value_col=n",
}
_NAMES: Final = ("color", "n", "i:5", "i:6", "bad", "empty", "dom", "x", "s:77", "i:77", "four")
SHOWN: Final = " ".join(f"$(avp({name})[*])" for name in _NAMES)


def make(path: Path) -> None:
    """Make the file."""
    with closing(sqlite3.connect(path)) as file, file:
        file.executescript(_SCHEMA)
    path.chmod(0o666)


def loading(*pairs: tuple[str, str]) -> str:
    """Each load begins without AVPs; what a variable of a source holds stays."""
    return " ".join(
        f'avp_delete("a"); $avp(u) = "u1"; $var(r) = avp_db_load("{source}", "{name}");'
        f' avp_delete("$avp(u)"); L("{name.replace("$", "")} $var(r) {SHOWN}");'
        for source, name in pairs
    )


def storing(*pairs: tuple[str, str], before: str) -> str:
    """What is stored for each pair is made anew."""
    return " ".join(
        f'avp_delete("a"); {before} $var(r) = avp_db_store("{source}", "{name}"); L("$var(r)");'
        for source, name in pairs
    )


def rows(table: str, where: str) -> str:
    """Write rows of a table."""
    columns = "||'|'||".join(
        f"coalesce({name}, '')"
        for name in ("uuid", "username", "domain", "attribute", "type", "value")
    )
    return (
        f'avp_delete("a"); avp_db_query("select {columns} from {table} where {where}'
        ' order by rowid", "$avp(row)"); L("$rc $(avp(row)[*])");'
    )


def script(table: Table, parameters: Iterable[str] = ()) -> str:
    schemes = "".join(
        f'modparam("avpops", "db_scheme", "{name}:{scheme}")\n' for name, scheme in SCHEMES.items()
    )
    return (
        'loadmodule "db_sqlite.so"\nloadmodule "avpops.so"\n'
        'modparam("avpops", "db_url", "sqlite:///{folder}/db")\n'
        'modparam("avpops", "avp_table", "usr_preferences")\n'
        f"{schemes}{''.join(parameters)}{table.request_route}"
    )
