"""sqlops: queries, what becomes of their rows, and what they return."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from tests.compat.case import Files
from tests.compat.tables import Table


def _database(path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute(
        "create table t (id integer primary key, name varchar(20), n int, b blob, big bigint)"
    )
    connection.executemany(
        "insert into t values (?, ?, ?, ?, ?)",
        [
            (1, "ann", 5, b"ab", 5_000_000_000),
            (2, "bob", None, None, None),
            (3, "", 0, b"x", -7),
        ],
    )
    connection.commit()
    connection.close()
    path.chmod(0o666)


_ALL = "select * from t order by id"
_table = Table()
_table.add_waiting(
    "query",
    "Rows and columns of a result.",
    f'$var(r) = sql_query("c", "{_ALL}", "ra"); L("$var(r) $dbr(ra=>rows) $dbr(ra=>cols)");'
    ' L("$dbr(ra=>[0,0]) $dbr(ra=>[0,1]) $dbr(ra=>[0,2]) $dbr(ra=>[0,3]) $dbr(ra=>[0,4])");'
    ' L("$dbr(ra=>[1,0]) $dbr(ra=>[1,1]) $dbr(ra=>[1,2]) $dbr(ra=>[1,3]) $dbr(ra=>[1,4])");'
    ' L("<$dbr(ra=>[2,1])> $dbr(ra=>[2,2]) $dbr(ra=>[2,3]) $dbr(ra=>[2,4])");',
)
_table.add_waiting(
    "places",
    "Places that are there, and such that are not.",
    f'sql_query("c", "{_ALL}", "ra"); $var(i) = 1;'
    ' L("$dbr(ra=>[9,0]) $dbr(ra=>[0,9]) $dbr(ra=>colname[0]) $dbr(ra=>colname[99])");'
    ' L("$dbr(ra=>[$var(i),1]) $dbr(ra=>colname[$var(i)])");',
)
_table.add_waiting(
    "no-rows",
    "A result without rows has no columns either.",
    '$var(r) = sql_query("c", "select * from t where id = 77", "rb");'
    ' L("$var(r) $dbr(rb=>rows) $dbr(rb=>cols) $dbr(rb=>colname[0])");',
)
_table.add_waiting(
    "changes",
    "Queries that change something.",
    '$var(r) = sql_query("c", "insert into t (id, name) values (9, \'z\')"); L("$var(r)");'
    ' $var(r) = sql_query("c", "update t set n = 3 where id > 8"); L("$var(r)");'
    ' $var(r) = sql_query("c", "select id from t"); L("$var(r)");'
    ' $var(r) = sql_query("c", "delete from t where id = 9", "ra");'
    ' L("$var(r) $dbr(ra=>rows)");',
)
_table.add_waiting(
    "wrong",
    "What is no SQL leaves an empty result.",
    f'sql_query("c", "{_ALL}", "ra"); $var(r) = sql_query("c", "selec nothing", "ra");'
    ' L("$var(r) $dbr(ra=>rows) $dbr(ra=>cols)");',
)
_table.add_waiting(
    "free",
    "A result that is forgotten; one that never was.",
    f'sql_query("c", "{_ALL}", "ra"); $var(r) = sql_result_free("ra");'
    ' L("$var(r) $dbr(ra=>rows) $dbr(ra=>cols)");'
    ' $var(r) = sql_result_free("nosuch"); L("$var(r) $dbr(nosuch=>rows)");',
)
_table.add_waiting(
    "from-variable",
    "The query is in a variable.",
    '$var(q) = "select name from t where id = 1";'
    ' $var(r) = sql_query("c", "$var(q)", "ra");'
    ' L("$var(r) $dbr(ra=>[0,0])");',
)
_table.add_waiting(
    "quoted",
    "A value of the message between quotes.",
    '$var(n) = "bob"; $var(r) = sql_query("c", "select id from t where name=\'$var(n)\'", "ra");'
    ' L("$var(r) $dbr(ra=>[0,0])");'
    ' $var(r) = sql_query("c", "select id from t where name=\'$(var(n){s.escape.common})\'", "ra");'
    ' L("$var(r) $dbr(ra=>[0,0])");'
    ' $var(r) = sql_query("c", "select id from t where name=$(var(n){sql.val.str})", "ra");'
    ' L("$var(r) $dbr(ra=>[0,0])");',
)
_table.add_waiting(
    "xavps",
    "Each row is an xavp, the first one in front, before those that were there.",
    f'$var(r) = sql_xquery("c", "{_ALL}", "x");'
    ' L("$var(r) $xavp(x=>name) $xavp(x[1]=>name) $xavp(x[1]=>n) $xavp(x[0]=>big) $xavp(x[0]=>b)");'
    ' $var(r) = sql_xquery("c", "select id as a from t where id = 1", "x");'
    ' L("$var(r) $xavp(x=>a) $xavp(x[1]=>name) $xavp(x[1]=>a)");',
)
_table.add_waiting(
    "no-xavps",
    "No rows, no xavp.",
    '$var(r) = sql_xquery("c", "select * from t where id = 99", "y");'
    ' L("$var(r) $xavp(y=>id)");'
    ' $var(r) = sql_xquery("c", "delete from t where id = 99", "y");'
    ' L("$var(r) $xavp(y=>id)");',
)
_table.add_waiting(
    "variables",
    "Columns go to variables, the last row first.",
    '$var(r) = sql_pvquery("c", "select id, name, n from t '
    'order by id", "$var(a);$avp(b);$var(cc)");'
    ' L("$var(r) $var(a) $avp(b) $(avp(b)[1]) $var(cc)");'
    ' $var(r) = sql_pvquery("c", "select n, name from t where id = 1", "$avp(q);$xavp(q=>z)");'
    ' L("$var(r) $avp(q) $xavp(q=>z)");',
)
_table.add_waiting(
    "too-few-variables",
    "A column without a variable is a failure, those before it are assigned.",
    '$var(z) = 7; $var(r) = sql_pvquery("c", "select id, name from t where id = 1", "$var(z)");'
    ' L("$var(r) $var(z)");',
)
_table.add_waiting(
    "no-values",
    "No rows assign nothing; null leaves an AVP alone and makes a $var 0.",
    '$var(a) = 4; $var(r) = sql_pvquery("c", "select id from t where id = 99", "$var(a)");'
    ' L("$var(r) $var(a)"); $avp(k) = "old"; $var(b) = 5;'
    ' $var(r) = sql_pvquery("c", "select null, null", "$avp(k);$var(b)");'
    ' L("$var(r) $avp(k) $(avp(k)[1]) $var(b)");',
)
_table.add_waiting(
    "request-uri",
    "The Request-URI takes a text only.",
    '$var(r) = sql_pvquery("c", "select 5", "$ru"); L("$var(r)");'
    ' $var(r) = sql_pvquery("c", "select \'sip:x@y\'", "$ru"); L("$var(r) $ru");',
)

FILES: Files = {"db": _database}
SCRIPT = (
    'loadmodule "db_sqlite.so"\nloadmodule "sqlops.so"\n'
    'modparam("sqlops", "sqlcon", "c=>sqlite:///{folder}/db")\n' + _table.request_route
)
CASES = _table.cases
