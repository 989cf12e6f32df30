"""sqlops asks MariaDB as Kamailio does: all types of columns, and what changes rows."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from tests.compat.case import Suite, whole
from tests.compat.servers import Outcome, run_suite, sipway_command
from tests.compat.tables import Table
from tests.databases import new_url, remove, run_mysql

_TYPES: Final = {
    "tinyint": ("5", "-5"),
    "smallint": ("6", "-6"),
    "mediumint": ("77", "-77"),
    "int unsigned": ("3000000000", "0"),
    "bigint": ("5000000000", "-5000000000"),
    "bigint unsigned": ("18446744073709551615", "0"),
    "decimal(8,2)": ("1.25", "-1.25"),
    "float": ("2.5", "1e10"),
    "double": ("3.5", "-3.5e20"),
    "boolean": ("true", "false"),
    "date": ("'2020-01-02'", "'0000-00-00'"),
    "datetime": ("'2020-01-02 03:04:05'", "'0000-00-00 00:00:00'"),
    "timestamp null": ("'2020-07-02 03:04:05'", "null"),
    "time": ("'03:04:05'", "'-03:04:05'"),
    "year": ("2020", "1901"),
    "char(5)": ("'abc'", "''"),
    "varchar(9)": ("'o''hara'", "''"),
    "varbinary(9)": ("'bin'", "''"),
    "text": ("'text'", "''"),
    "tinytext": ("'tt'", "''"),
    "mediumtext": ("'mt'", "''"),
    "longtext": ("'lt'", "''"),
    "blob": ("'bl'", "''"),
    "tinyblob": ("'tb'", "''"),
    "longblob": ("'lb'", "''"),
    "enum('a','b')": ("'b'", "'a'"),
    "set('a','b')": ("'a,b'", "''"),
    "json": ("'{}'", "'[]'"),
    "int": ("-1", "null"),
}
_NAMES: Final = [f"c{number}" for number in range(len(_TYPES))]
_table = Table()

for _name, _type in zip(_NAMES, _TYPES, strict=True):
    for _row in (1, 2):
        _query = f"select {_name} from kinds where id = {_row}"
        _table.add_waiting(
            f"{_name}-{_row}",
            f"A column of {_type}.",
            f'$var(r) = sql_query("c", "{_query}", "ra"); L("$var(r) <$dbr(ra=>[0,0])>");'
            f' $var(r) = sql_xquery("c", "{_query}", "x"); L("$var(r) <$xavp(x=>{_name})>");'
            f' $var(r) = sql_pvquery("c", "{_query}", "$avp(a)"); L("$var(r) <$avp(a)>");',
        )
_table.add_waiting(
    "reckoned",
    "What the database reckons out.",
    '$var(r) = sql_query("c", "select count(*), sum(id), avg(id), max(id), 1.5, true, 2147483648,'
    ' null from kinds", "ra"); L("$var(r) $dbr(ra=>cols)"); $var(i) = 0;'
    ' while ($var(i) < 8) { L("$dbr(ra=>colname[$var(i)]) <$dbr(ra=>[0,$var(i)])>");'
    " $var(i) = $var(i) + 1; }",
)
_table.add_waiting(
    "changes",
    "Rows that queries have changed or brought.",
    "".join(
        f'$var(r) = {call}; L("$var(r) $sqlrows(c)");'
        for call in (
            'sql_query("c", "insert into {own}_w values (1)")',
            'sql_query("c", "insert into {own}_w values (2), (3)", "ra")',
            'sql_query("c", "update {own}_w set a = a + 10")',
            'sql_query("c", "select * from {own}_w")',
            'sql_query("c", "insert into {own}_w values (13)")',
            'sql_xquery("c", "select * from {own}_w", "x")',
            'sql_xquery("c", "selec", "x")',
            'sql_pvquery("c", "select max(a) from {own}_w", "$var(a)")',
            'sql_query("c", "delete from {own}_w where a = 11")',
            'sql_query("c", "delete from {own}_w")',
            'sql_query("c", "delete from {own}_w")',
            'sql_query("c", "")',
        )
    ),
)


@pytest.fixture
def url(tmp_path: Path) -> Iterator[str]:
    made = new_url("mysql", tmp_path, "compat_sqlops")
    columns = ", ".join(f"{name} {kind}" for name, kind in zip(_NAMES, _TYPES, strict=True))
    values = (", ".join(each[row] for each in _TYPES.values()) for row in (0, 1))
    run_mysql(
        f"create table kinds (id int primary key, {columns})",
        "create table kamailio_w (a int primary key)",
        "create table sipway_w (a int primary key)",
        # It keeps dates of the year 0 then.
        "set sql_mode = ''",
        *(f"insert into kinds values ({row}, {each})" for row, each in enumerate(values, 1)),
        database=made.rpartition("/")[2],
    )
    yield made
    remove(made)


def test_same_as_kamailio(kamailio: list[str], url: str, tmp_path: Path) -> None:
    def play(name: str, command: list[str]) -> dict[str, Outcome]:
        script = (
            'loadmodule "db_mysql.so"\nloadmodule "sqlops.so"\n'
            f'modparam("sqlops", "sqlcon", "c=>{url}")\n' + _table.request_route
        ).replace("{own}", name)
        (tmp_path / name).mkdir()
        return run_suite(command, Suite(name, whole(script), tuple(_table.cases)), tmp_path / name)

    servers = {"kamailio": kamailio, "sipway": sipway_command()}
    with ThreadPoolExecutor() as pool:
        theirs, ours = pool.map(play, servers, servers.values())
    assert all(each.log for each in theirs.values())
    assert {name: str(each) for name, each in ours.items()} == {
        name: str(each) for name, each in theirs.items()
    }
