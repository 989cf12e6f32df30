"""sqlops: what the comparison with Kamailio does not reach."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sipway.core.databases import database, databases, prepare
from tests.databases import sqlite_with, urls
from tests.fakes import request
from tests.modules.running import context, load, mistakes

_MODULES = ("sqlops", "db_sqlite", "db_text", "db_mysql", "db_postgres")


url = urls("sqlops")


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return sqlite_with(tmp_path / "db", "create table t (id integer primary key, name text)")


def _run(
    code: str, url: str, *, before: tuple[str, ...] = (), data: bytes | None = None, more: str = ""
) -> list[str]:
    """The lines of the log of a request."""
    program, log, _ = load(
        f"request_route {{ {code} }}",
        parameters=f'modparam("sqlops", "sqlcon", "c=>{url}")\n{more}',
        modules=_MODULES,
    )

    async def whole() -> None:
        tasks: set[asyncio.Task[None]] = set()
        program.spawn = lambda coroutine: tasks.add(asyncio.ensure_future(coroutine))
        opened = database(program, url, "test")
        for each in before:
            await opened.run(each)
        await prepare(program)
        assert program.request_route is not None
        waits = program.request_route(context(program, data))
        if program.request_route in program.waiting:
            await waits
        await asyncio.gather(*tasks)
        await databases(program).close()

    asyncio.run(whole())
    return [text.removeprefix("<script>: ").rstrip("\n") for _, text in log.written]


def _users(url: str) -> tuple[str, ...]:
    if url.startswith("text:"):
        path = Path(url.removeprefix("text://")) / "users"
        path.write_text("id(int) name(str) w(double,null)\n")
        return ()
    return ("create table users (id integer primary key, name varchar(60), w double precision)",)


@pytest.mark.parametrize("form", ["$fU", "$(fU{s.escape.common})"])
def test_a_user_name_never_becomes_sql(url: str, form: str) -> None:
    name = "x'; drop table users; -- \\' or ''='"
    code = (
        f'sql_query("c", "insert into users values (1, \'{form}\', null)");'
        ' sql_query("c", "insert into users values (2, \'bob\', null)");'
        f' $var(r) = sql_query("c", "select id, name from users where name=\'{form}\'", "ra");'
        ' xlog("$var(r) $dbr(ra=>rows) $dbr(ra=>[0,0]) $dbr(ra=>[0,1])\\n");'
        ' $var(r) = sql_query("c", "select id from users", "ra"); xlog("$dbr(ra=>rows)\\n");'
    )
    data = request("OPTIONS", from_=f"<sip:{name.replace(' ', '%20')}@a.org>;tag=1")
    shown = name.replace(" ", "%20")
    assert _run(code, url, before=_users(url), data=data) == [f"1 1 1 {shown}", "2"]


_EVIL = "\\' or 1=1 --"


@pytest.mark.parametrize(
    ("kind", "query", "made"),
    [
        ("postgres", "u=E'$rU'", "u=E'\\\\'' or 1=1 --'"),
        ("postgres", "u=E'$(rU{s.escape.common})'", "u=E'\\\\'' or 1=1 --'"),
        ("postgres", "name='$rU'", "name='\\'' or 1=1 --'"),
        ("mysql", "name='$rU'", "name='\\\\'' or 1=1 --'"),
        ("sqlite", "name='$rU'", "name='\\'' or 1=1 --'"),
        (
            "sqlite",
            "n like 'a' escape '\\\\' and d='$rU'",
            "n like 'a' escape '\\' and d='\\'' or 1=1 --'",
        ),
        ("mysql", "a='\\\\'' and d='$rU'", "a='\\'' and d='\\\\'' or 1=1 --'"),
        ("sqlite", "/* user's row */ u='$rU'", "/* user's row */ u='\\'' or 1=1 --'"),
        ("postgres", "-- it's one\\n u='$rU'", "-- it's one\n u='\\'' or 1=1 --'"),
        ("mysql", "# it's one\\n u='$rU'", "# it's one\n u='\\\\'' or 1=1 --'"),
        ("sqlite", "x=1 /* $hdr(X) */", "x=1 /* a * / b c */"),
        ("mysql", 'u=\\"$hdr(Y)\\"', 'u="a""b"'),
        ("mysql", "`$hdr(Z)`=1", "`a``b\\`=1"),
        ("sqlite", "cast('1' as int)=$rU", "cast('1' as int)=\\' or 1=1 --"),
    ],
)
def test_where_a_variable_stands_decides(kind: str, query: str, made: str) -> None:
    from sipway.core.queries import read_query
    from sipway.language.signatures import VariableReference

    values = {"$rU": _EVIL, "$hdr(X)": "a */ b\nc", "$hdr(Y)": 'a"b', "$hdr(Z)": "a`b\\"}

    def read(text: str) -> tuple[VariableReference, str]:
        name = next(each for each in (*values, "$(rU{s.escape.common})") if text.startswith(each))
        escaped = _EVIL.replace("\\", "\\\\").replace("'", "\\'")
        value = values.get(name, escaped)
        return VariableReference(name, lambda _: value, None), text[len(name) :]

    sql = query.replace("\\n", "\n").replace("\\\\", "\\").replace('\\"', '"')
    program, _, _ = load("request_route { exit; }")
    assert read_query(sql, read).make(context(program), kind) == made


def test_a_transformation_that_quotes_holds_everywhere(url: str) -> None:
    code = (
        '$var(n) = "o\'hara\\\\";'
        ' sql_query("c", "insert into users values (1, $(var(n){sql.val.str}), null)");'
        ' sql_query("c", "select name from users", "ra"); xlog("$dbr(ra=>[0,0])\\n");'
    )
    assert _run(code, url, before=_users(url)) == ["o'hara\\"]


def test_fractions_and_times(url: str) -> None:
    if url.startswith("text:"):
        return  # such files have no times
    kind = "timestamp" if not url.startswith("mysql:") else "datetime"
    before = (
        f"create table m (w double precision, d {kind}, n numeric(6,2))",
        "insert into m values (-2.25, '2020-01-02 03:04:05', 1.50)",
    )
    code = (
        'sql_query("c", "select w, d, n from m", "ra");'
        ' xlog("$dbr(ra=>[0,0]) $dbr(ra=>[0,1]) $dbr(ra=>[0,2])\\n");'
    )
    [line] = _run(code, url, before=before)
    fraction, time, number = (
        line.split(" ", 1)[0],
        line.split(" ", 1)[1].rsplit(" ", 1)[0],
        line.rsplit(" ", 1)[1],
    )
    assert fraction == "-2.25"
    if url.startswith("sqlite:"):
        assert (time, number) == ("2020-01-02 03:04:05", "1.5"), "it keeps what it was given"
    else:
        assert time.isdigit(), "seconds since 1970, as in Kamailio"
        assert number == "1.50"


def test_rows_that_a_query_has_changed(url: str) -> None:
    code = (
        'xlog("<$sqlrows(c)>\\n"); sql_query("c", "insert into users values (1, \'a\', null)");'
        ' sql_query("c", "insert into users values (2, \'b\', null)"); xlog("$sqlrows(c)\\n");'
        ' sql_query("c", "update users set name = \'z\'"); xlog("$sqlrows(c)\\n");'
        ' sql_query("c", "select * from users", "r"); xlog("$sqlrows(c)\\n");'
    )
    assert _run(code, url, before=_users(url)) == ["<<null>>", "1", "2", "2"]


def test_a_query_that_fails_has_changed_minus_one(sqlite: str) -> None:
    code = (
        'sql_query("c", "select 1"); xlog("$sqlrows(c)"); sql_query("c", "selec");'
        ' xlog("$sqlrows(c)"); sql_query("c", "delete from t"); xlog("$sqlrows(c)");'
    )
    assert [line for line in _run(code, sqlite) if ":" not in line] == ["1", "-1", "0"]


def test_a_transaction_is_not_left_open(url: str) -> None:
    """The next query may go to another connection, and others would come between."""
    if url.startswith("text:"):
        return  # such files have none
    begin = "start transaction" if url.startswith("mysql:") else "begin"
    code = f'$var(r) = sql_query("c", "{begin}", "r"); xlog("$var(r)");'
    said, result = _run(code, url)
    assert result == "-1"
    assert "transaction" in said


def test_an_empty_query_is_asked_nowhere(url: str) -> None:
    code = (
        '$var(r) = sql_query("c", "$avp(none)", "r"); xlog("$var(r) $sqlrows(c)");'
        ' sql_query_async("c", " ");'
    )
    assert _run(code, url) == [
        "<core>: sql_query(): the query is empty",
        "-1 -1",
        "<core>: sql_query_async(): the query is empty",
    ]


@pytest.mark.parametrize(
    "key",
    ["[-1,0]", "[0,-1]", "[1,0]", "[0,1]", "colname[-1]", "colname[1]", "[$var(m),0]",
     "[0,$var(m)]", "colname[$var(m)]", "[$var(big),0]"],
)  # fmt: skip
def test_a_place_that_is_not_there_is_null(key: str, sqlite: str) -> None:
    """5.6.3 dies of numbers below 0."""
    code = (
        '$var(m) = -1; $var(big) = 9223372036854775807; sql_query("c", "select 1", "ra");'
        f' xlog("<$dbr(ra=>{key})>");'
    )
    assert _run(code, sqlite) == ["<<null>>"]


def test_what_runs_beside_the_script(url: str) -> None:
    code = (
        '$var(r) = sql_query_async("c", "insert into users values (1, \'a\', null)");'
        ' xlog("$var(r)\\n");'
        ' sql_query_async("c", "selec nothing");'
    )
    lines = _run(code, url, before=_users(url))
    assert lines[0] == "1"
    assert "sql_query_async(): " in lines[1]
    assert "'selec nothing'" in lines[1]


def test_results_belong_to_a_message(sqlite: str) -> None:
    program, log, _ = load(
        'request_route { if ($rU == "one") { sql_query("c", "select 1", "ra"); }'
        ' xlog("$dbr(ra=>rows)\\n"); }',
        parameters=f'modparam("sqlops", "sqlcon", "c=>{sqlite}")',
        modules=_MODULES,
    )

    async def whole() -> None:
        assert program.request_route is not None
        for user in ("one", "two"):
            await program.request_route(context(program, request("OPTIONS", f"sip:{user}@a.org")))
        await databases(program).close()

    asyncio.run(whole())
    assert [text for _, text in log.written] == ["<script>: 1\n", "<script>: 0\n"]


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    code = '$var(r) = sql_query("c", "select 1", "ra"); xlog("$var(r) $dbr(ra=>rows)\\n");'
    lines = _run(code, f"sqlite://{tmp_path}/no/such/place")
    assert "database sqlite://" in lines[0]
    assert "sqlops: c cannot be read" in lines[1]
    assert "sql_query(): " in lines[2]
    assert lines[-1] == "-1 0"


def test_it_is_not_asked_before_it_is_needed(tmp_path: Path) -> None:
    mode = 'modparam("sqlops", "connect_mode", 2)'
    assert _run("exit;", f"sqlite://{tmp_path}/no/such/place", more=mode) == []


def test_a_long_query_is_cut_in_the_log(sqlite: str) -> None:
    more = 'modparam("sqlops", "log_buf_size", 8)'
    [line] = _run('sql_query("c", "selec something long");', sqlite, more=more)
    assert line.endswith("'selec so'")


def test_a_null_character_is_no_text(sqlite: str) -> None:
    code = (
        "$var(n) = $(null{s.encode.hexa}); $var(z) = $(fU{s.decode.hexa});"
        ' $var(r) = sql_query("c", "select * from t where name=\'$var(z)\'"); xlog("$var(r)\\n");'
    )
    data = request("OPTIONS", from_="<sip:610062@a.org>;tag=1")
    lines = _run(code, sqlite, data=data)
    assert "null character" in lines[0]
    assert lines[-1] == "-1"


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ('sql_query("d", "select 1");', 'no sqlcon is called "d": there are c'),
        ('sql_xquery("c", "select 1");', "sql_xquery"),
        ('sql_query("c", "select $nosuch(x)");', "nosuch"),
        ('sql_pvquery("c", "select 1", "$rm");', "$rm cannot be assigned to"),
        ('sql_pvquery("c", "select 1", "$var(a) $var(b)");', '";" is wanted behind $var(a)'),
        ('sql_pvquery("c", "select 1", "a");', "does not begin with a variable"),
        ('sql_query("c", "select 1", "");', "a result has a name"),
        ('xlog("$dbr(ra)");', "$dbr is written $dbr(result=>key)"),
        ('xlog("$dbr(ra=>size)");', 'not "size"'),
        ('xlog("$dbr(ra=>[1])");', 'not "[1]"'),
    ],
)
def test_what_is_wrong_is_said(code: str, reason: str) -> None:
    found = mistakes(
        f"request_route {{ {code} }}",
        parameters='modparam("sqlops", "sqlcon", "c=>sqlite:///tmp/x")',
        modules=_MODULES,
    )
    assert any(reason in each for each in found), found


@pytest.mark.parametrize(
    ("parameter", "reason"),
    [
        ('"sqlcon", "mysql://localhost/db"', "is not name=>URL"),
        ('"sqlcon", "c=>nothing"', "is not name=>URL"),
        ('"connect_mode", 3', "connect_mode is 0, 1 or 2"),
        ('"log_buf_size", 0', "it is more than 0"),
    ],
)
def test_parameters_that_are_wrong(parameter: str, reason: str) -> None:
    found = mistakes(
        "request_route { exit; }",
        parameters=f'modparam("sqlops", {parameter})',
        modules=_MODULES,
    )
    assert any(reason in each for each in found), found
