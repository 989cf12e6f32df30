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
    connection.execute("create table m (a int)")
    connection.executemany("insert into m values (?)", [(number,) for number in range(20_000)])
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

_table.add_waiting(
    "indexes",
    "A place is a number: a text of digits, or null, is none.",
    f'sql_query("c", "{_ALL}", "ra"); $var(i) = 1; $var(s) = "1"; $var(t) = "x";'
    ' L("$dbr(ra=>[$var(i),$var(i)]) <$dbr(ra=>[$var(s),0])> <$dbr(ra=>[$var(t),0])>");'
    ' L("<$dbr(ra=>[$avp(none),0])> <$dbr(ra=>colname[$var(s)])> $dbr(ra=>colname[$var(i)])");'
    ' L("$dbr(ra=>[$(var(s){s.int}),1]) <$dbr(ra=>[$dbr(ra=>rows),0])>");',
)
_table.add_waiting(
    "loop",
    "All places of a result, one after the other.",
    'sql_query("c", "select id, name, n from t order by id", "ra"); $var(i) = 0;'
    " while ($var(i) < $dbr(ra=>rows)) { $var(j) = 0; while ($var(j) < $dbr(ra=>cols)) {"
    ' L("[$var(i),$var(j)] $dbr(ra=>colname[$var(j)]) <$dbr(ra=>[$var(i),$var(j)])>");'
    " $var(j) = $var(j) + 1; } $var(i) = $var(i) + 1; }",
)
_table.add_waiting(
    "kinds",
    "Numbers are numbers, texts are texts, and null is null.",
    f'sql_query("c", "{_ALL}", "ra");'
    ' $var(x) = $dbr(ra=>[0,0]) + 1; $var(y) = $dbr(ra=>[0,1]) + 1; L("$var(x) $var(y)");'
    ' if ($dbr(ra=>[0,0]) == 1) L("one"); if ($dbr(ra=>[1,2]) == $null) L("null");'
    ' if ($dbr(ra=>rows) > 2) L("many"); if ($dbr(ra=>[2,1]) == "") L("empty");'
    ' L("$(dbr(ra=>[0,1]){s.len}) $(dbr(ra=>[0,1]){s.toupper})");',
)
_table.add_waiting(
    "again",
    "A result takes the place of the one before it, whatever that had.",
    f'sql_query("c", "{_ALL}", "ra"); sql_query("c", "select 7", "ra");'
    ' L("$dbr(ra=>rows) $dbr(ra=>cols) $dbr(ra=>[0,0]) <$dbr(ra=>[1,0])> <$dbr(ra=>colname[1])>");'
    ' sql_query("c", "selec", "rb"); L("$dbr(ra=>rows) $dbr(rb=>rows)");',
)
_table.add_waiting(
    "empty",
    "A query of nothing is no query.",
    '$var(e) = ""; $var(r) = sql_query("c", "$var(e)", "ra"); L("$var(r)");'
    ' $var(r) = sql_query("c", "  ", "ra"); L("$var(r)");'
    ' $var(r) = sql_xquery("c", "$avp(none)", "x"); L("$var(r)");'
    ' $var(r) = sql_pvquery("c", "$var(e)", "$var(a)"); L("$var(r)");',
)
_table.add_waiting(
    "taken-one-by-one",
    "Rows as xavps, taken out from the front.",
    'sql_xquery("c", "select id, name from t order by id", "x");'
    ' while ($xavp(x) != $null) { L("$xavp(x=>id) <$xavp(x=>name)>"); pv_unset("$xavp(x)"); }'
    ' $xavp(x=>old) = 1; sql_xquery("c", "select id from t order by id", "x"); $var(i) = 0;'
    ' while ($xavp(x[$var(i)]) != $null) { L("$xavp(x[$var(i)]=>id) <$xavp(x[$var(i)]=>old)>");'
    " $var(i) = $var(i) + 1; }",
)
_table.add_waiting(
    "null-and-empty-in-xavps",
    "Null is not there, an empty text is.",
    '$var(r) = sql_xquery("c", "select null as a, 2 as b, \'\' as e", "x");'
    ' L("$var(r) <$xavp(x=>a)> $xavp(x=>b) <$xavp(x=>e)>"); $var(s) = $xavp(x=>b) + 1;'
    ' L("$var(s)"); if ($xavp(x=>a) == $null) L("null"); if ($xavp(x=>e) == $null) L("none");',
)
_table.add_waiting(
    "conditions",
    "What functions return, in conditions.",
    'if (sql_query("c", "select 1 from t where id = 99", "ra")) L("true"); else L("false");'
    ' if (!sql_query("c", "selec", "ra")) L("failed");'
    ' if (sql_query("c", "select 1", "ra") == 1) L("one");'
    ' if (sql_query("c", "select 1") == 3) L("three");',
)
_table.add_waiting(
    "names-of-columns",
    "As the query calls them, capitals and all.",
    'sql_query("c", "select id as ID, name \\"the name\\", count(*) from t where id=1", "ra");'
    ' L("$dbr(ra=>colname[0]) $dbr(ra=>colname[1]) $dbr(ra=>colname[2])");'
    ' sql_xquery("c", "select id as ID from t where id = 1", "x");'
    ' L("$xavp(x=>ID) <$xavp(x=>id)>");',
)
_table.add_waiting(
    "values",
    "Values as SQL has them.",
    '$var(v) = "o\'h\\\\x"; L("$(var(v){sql.val}) $(var(v){sql.val.str})");'
    ' $var(v) = 5; L("$(var(v){sql.val}) $(var(v){sql.val.str}) $(var(v){sql.val.int})");'
    ' $var(v) = "5x"; L("$(var(v){sql.val}) $(var(v){sql.val.int})");'
    ' $var(v) = "-5"; L("$(var(v){sql.val}) $(var(v){sql.val.int})");'
    ' $var(v) = ""; L("$(var(v){sql.val}) $(var(v){sql.val.str}) $(var(v){sql.val.int})");'
    ' L("$(avp(none){sql.val}) $(avp(none){sql.val.str}) $(avp(none){sql.val.int})");',
)
_table.add_waiting(
    "many-rows",
    "Twenty thousand rows.",
    '$var(r) = sql_query("c", "select a from m order by a", "ra");'
    ' L("$var(r) $dbr(ra=>rows) $dbr(ra=>[0,0]) $dbr(ra=>[19999,0])");'
    ' $var(r) = sql_xquery("c", "select a from m order by a", "x");'
    ' L("$var(r) $xavp(x=>a) $xavp(x[19999]=>a)");',
)
_table.add_waiting(
    "places-for-rows",
    "Several rows in xavps, in shared variables, in a hash of texts.",
    '$var(r) = sql_pvquery("c", "select id, name from t order by id", "$xavp(p=>i), $xavp(p=>n)");'
    ' L("$var(r) $xavp(p=>i) $xavp(p=>n)");'
    ' $var(r) = sql_pvquery("c", "select id, \'007\' from t order by id", "$var(a);$avp(s:b);");'
    ' L("$var(r) $var(a) $avp(b)"); $var(r) = sql_pvquery("c", "select 1", "$var(a);$var(b)");'
    ' L("$var(r) $var(a)"); $var(r) = sql_pvquery("c", "selec", "$var(a)"); L("$var(r) $var(a)");',
)

FILES: Files = {"db": _database}
SCRIPT = (
    'loadmodule "db_sqlite.so"\nloadmodule "sqlops.so"\n'
    'modparam("sqlops", "sqlcon", "c=>sqlite:///{folder}/db")\n' + _table.request_route
)
CASES = _table.cases
