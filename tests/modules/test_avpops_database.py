"""avpops with a database; `tests/compat/cases/avpops_database.py` holds what 5.6.3 does too."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sipway.core import log as levels
from sipway.core.databases import database, databases, prepare
from sipway.errors import ModuleError
from tests.databases import sqlite_with, urls
from tests.fakes import request
from tests.modules.running import context, load, mistakes

_DRIVERS = ("db_sqlite", "db_text", "db_mysql", "db_postgres")
_COLUMNS = ("uuid", "username", "domain", "attribute", "value")
_ROWS = (
    ("u1", "alice", "a.org", "color", 0, "red"),
    ("u1", "alice", "b.org", "color", 0, "blue"),
    ("u1", "alice", "a.org", "n", 1, "17"),
    ("u1", "alice", "a.org", "5", 2, "five"),
    ("u1", "alice", "a.org", "broken", 1, "x"),
)
_RED = "select value from usr_preferences where uuid='$var(u)' and attribute='color'"


url = urls("avpops")


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return sqlite_with(tmp_path / "db", "create table t (a int)")


def _table(url: str, name: str = "usr_preferences", columns: tuple[str, ...] = _COLUMNS) -> str:
    """What makes a table of AVPs, as Kamailio's are; a file of text has no default values."""
    if url.startswith("text:"):
        fields = " ".join(f"{each}(string)" for each in columns)
        path = Path(url.removeprefix("text://")) / name
        path.write_text(f"{fields} type(int)\n")
        return ""
    fields = ", ".join(f"{each} varchar(128) default '' not null" for each in columns)
    return f"create table {name} ({fields}, type integer default 0 not null)"


def _parameters(url: str, more: str = "") -> str:
    return (
        f'modparam("avpops", "db_url", "{url}")\n'
        f'modparam("avpops", "avp_table", "usr_preferences")\n{more}'
    )


def _run(
    code: str,
    url: str,
    *,
    more: str = "",
    rows: tuple[tuple[str | int, ...], ...] = _ROWS,
    columns: tuple[str, ...] = _COLUMNS,
    data: bytes | None = None,
) -> list[str]:
    """The lines of the log of a request."""
    program, log, _ = load(
        f"request_route {{ {code} }}", parameters=_parameters(url, more), modules=_DRIVERS
    )

    async def whole() -> None:
        opened = database(program, url, "test")
        made = _table(url, columns=columns)
        if made:
            await opened.run(made)
        for *front, kind, value in rows:
            values = dict(zip(columns, (*front, value), strict=True))
            await opened.insert("usr_preferences", {**values, "type": kind})
        await prepare(program)
        assert program.request_route is not None
        await program.request_route(context(program, data))
        await databases(program).close()

    asyncio.run(whole())
    return [
        text.removeprefix("<script>: ").rstrip("\n")
        for level, text in log.written
        if level < levels.INFO
    ]


def test_avps_of_a_user_are_loaded(url: str) -> None:
    code = (
        'avp_db_load("u1", "$avp(color)"); xlog("$rc $avp(color)");'
        ' avp_db_load("sip:alice@b.org/domain", "a"); xlog("$rc $(avp(color)[*])");'
        ' avp_delete("a"); avp_db_load("sip:alice@nowhere/uri", "s");'
        ' xlog("$rc $avp(n) $avp(i:5)"); avp_db_load("nobody", "a"); xlog("$rc");'
        ' avp_db_load("sip:alice@a.org/uri", "i"); xlog("$rc $avp(i:5)");'
    )
    lines = [each for each in _run(code, url) if "avp_db_load()" not in each]
    assert lines[0].startswith("1 ")
    assert set(lines[1].split(" ", 1)[1].split(", ")) == {"red", "blue"}
    assert lines[2:] == ["1 17 <null>", "-1", "1 five"]


def test_rows_that_are_no_avps_are_told_once(url: str) -> None:
    told, line = _run('avp_db_load("u1", "a"); xlog("$rc $avp(broken)");', url)
    assert told == (
        "<core>: avp_db_load(): 1 rows of usr_preferences are no AVPs:"
        " the value 'x' is not a number"
    )
    assert line == "1 <null>"


def test_what_is_stored_is_loaded_again(url: str) -> None:
    code = (
        '$avp(t) = "o\'hara\\\\x"; $avp(t) = "two"; $avp(n) = -3; $avp(i:7) = 8; $avp(i:8) = "";'
        ' avp_db_store("me", "a"); xlog("$rc"); avp_db_store("me", "a"); xlog("$rc");'
        ' avp_delete("a"); avp_db_load("me", "a");'
        ' xlog("$rc $(avp(t)[*]) $avp(n) $avp(i:7) <$avp(i:8)>"); $var(x) = $avp(n) + $avp(i:7);'
        ' xlog("$var(x)"); avp_db_delete("me", "$avp(t)"); xlog("$rc $avp(t)"); avp_delete("a");'
        ' avp_db_load("me", "a"); xlog("$rc $avp(t) $avp(n)"); avp_db_delete("me", "*");'
        ' xlog("$rc"); avp_db_load("me", "a"); xlog("$rc");'
    )
    lines = _run(code, url, rows=())
    assert lines[0:2] == ["1", "-1"]
    assert lines[2].split(" ", 1)[1] in (
        "o'hara\\x, two -3 8 <>", "two, o'hara\\x -3 8 <>",  # a table has no order
    )  # fmt: skip
    assert lines[3] == "5"
    assert lines[4].split()[0] == "1"
    assert lines[5:] == ["1 <null> -3", "1", "-1"]


def test_what_belongs_to_whom(url: str) -> None:
    code = ""
    for number, source in enumerate(("$fu", "$fu/username", "$fu/domain", "$fu/uuid")):
        code += f'$avp(x) = "{number}"; avp_db_store("{source}", "$avp(x)");'
    for number in range(4):
        query = f"select uuid, username, domain from usr_preferences where value='{number}'"
        code += (
            f' avp_db_query("{query}", "$avp(u);$avp(n);$avp(d)");'
            ' xlog("$avp(u) $avp(n) $avp(d)"); avp_delete("a");'
        )
    assert _run(code, url, rows=(), more='modparam("avpops", "use_domain", 1)') == [
        "<null> alice caller.example",
        "<null> alice <null>",
        "<null> <null> caller.example",
        "sip:alice@caller.example <null> <null>",
    ]


def test_columns_have_other_names(url: str) -> None:
    columns = ("who", "usr", "host", "attr", "val")
    names = zip(
        ("uuid_column", "username_column", "domain_column", "attribute_column", "value_column"),
        columns,
        strict=True,
    )
    more = "".join(f'modparam("avpops", "{name}", "{column}")\n' for name, column in names)
    code = (
        'avp_db_load("u1", "$avp(n)"); xlog("$rc $avp(n)"); $avp(new) = "x";'
        ' avp_db_store("sip:alice@a.org/uri", "$avp(new)"); xlog("$rc"); avp_delete("a");'
        ' avp_db_load("sip:alice@a.org/uri", "$avp(new)"); xlog("$rc $avp(new)");'
        ' avp_db_delete("sip:alice@a.org/uri", "a"); xlog("$rc");'
        ' avp_db_load("u1", "a"); xlog("$rc");'
    )
    assert _run(code, url, more=more, columns=columns) == ["1 17", "1", "1 x", "1", "-1"]


def test_the_type_has_another_name(tmp_path: Path) -> None:
    url = sqlite_with(
        tmp_path / "db",
        "create table p (uuid text, username text, domain text, attribute text, k int, value text)",
        "insert into p values ('u', '', '', 'n', 1, '5')",
    )
    program, log, _ = load(
        'request_route { avp_db_load("u", "$avp(n)/p"); is_avp_set("$avp(n)/n"); xlog("$rc"); }',
        parameters=_parameters(url, 'modparam("avpops", "type_column", "k")'),
        modules=_DRIVERS,
    )

    async def run() -> None:
        assert program.request_route is not None
        await program.request_route(context(program))
        await databases(program).close()

    asyncio.run(run())
    assert [text for _, text in log.written] == ["<script>: 1"]


def test_schemes(url: str) -> None:
    more = (
        'modparam("avpops", "db_scheme",'
        ' "s:value_col=type;value_type=integer;uuid_col=attribute")\n'
        'modparam("avpops", "db_scheme", "t:table=usr_preferences;value_col=domain")\n'
    )
    code = (
        'avp_db_load("5", "$avp(x)/$s"); xlog("$rc $avp(x)"); is_avp_set("$avp(x)/n");'
        ' xlog("$rc"); avp_db_load("sip:alice@b.org/domain", "$avp(y)/$t"); xlog("$rc $avp(y)");'
        ' avp_db_load("nobody", "$avp(z)/$t"); xlog("$rc $avp(z)");'
    )
    assert _run(code, url, more=more) == ["1 2", "1", "1 b.org", "-1 <null>"]


def test_queries(url: str) -> None:
    code = (
        f'$var(u) = "u1"; avp_db_query("{_RED} and domain=\'a.org\'", "$avp(c)");'
        ' xlog("$rc $avp(c)");'
        " avp_db_query(\"select type, value from usr_preferences where attribute='n'\");"
        ' xlog("$rc $avp(i:1) $avp(i:2)"); is_avp_set("$avp(i:1)/n"); xlog("$rc");'
        " $var(u) = \"u1' or '1'='1\";"
        f' avp_db_query("{_RED}", "$avp(d)"); xlog("$rc $avp(d)"); avp_db_query("selec nothing");'
        ' xlog("$rc"); avp_db_query("delete from usr_preferences"); xlog("$rc");'
        ' avp_db_load("u1", "a"); xlog("$rc");'
    )
    lines = _run(code, url)
    assert lines[:4] == ["1 red", "1 1 17", "1", "-2 <null>"]
    assert lines[4].startswith("<core>: avp_db_query(): ")
    assert lines[4].endswith(": 'selec nothing'")
    assert lines[5:] == ["-1", "-2", "-1"]


def test_a_null_character_is_no_text(sqlite: str) -> None:
    code = (
        "$var(z) = $(fU{s.decode.hexa}); avp_db_query(\"select a from t where a='$var(z)'\");"
        ' xlog("$rc"); avp_db_load("$var(z)", "a"); xlog("$rc");'
    )
    data = request("OPTIONS", from_="<sip:610062@a.org>;tag=1")
    lines = _run(code, sqlite, rows=(), data=data)
    assert "null character" in lines[0]
    assert lines[1:] == ["-1", "-1"]


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    program, log, _ = load(
        'request_route { $avp(x) = 1; avp_db_load("u", "a"); xlog("$rc");'
        ' avp_db_store("u", "a"); xlog("$rc"); avp_db_delete("u", "a"); xlog("$rc");'
        ' avp_db_query("select 1"); xlog("$rc $(avp(x)[*])"); }',
        parameters=_parameters(f"sqlite://{tmp_path}/no/such/place"),
        modules=_DRIVERS,
    )

    async def run() -> None:
        await prepare(program)
        assert program.request_route is not None
        await program.request_route(context(program))
        await databases(program).close()

    asyncio.run(run())
    lines = [text.rstrip("\n") for _, text in log.written]
    told = [each for each in lines if each.startswith("<core>: avp_db_")]
    names = [each.removeprefix("<core>: ").partition("(")[0] for each in told]
    assert names == ["avp_db_load", "avp_db_store", "avp_db_delete", "avp_db_query"]
    script = [each for each in lines if each.startswith("<script>: ")]
    assert script == ["<script>: -1"] * 3 + ["<script>: -1 1"]


def test_what_could_not_be_stored_is_stored_later(sqlite: str) -> None:
    code = (
        '$avp(x) = 1; avp_db_store("u", "$avp(x)/later"); xlog("$rc");'
        ' avp_db_store("u", "$avp(x)"); xlog("$rc");'
    )
    lines = _run(code, sqlite, rows=())
    assert [each for each in lines if not each.startswith("<core>")] == ["-1", "1"]


def test_a_value_that_is_set_again_is_stored_again(sqlite: str) -> None:
    code = (
        '$avp(x) = "one"; avp_db_store("u", "$avp(x)"); $(avp(x)[*]) = "one";'
        ' avp_db_store("u", "$avp(x)"); xlog("$rc"); avp_delete("$avp(x)");'
        ' avp_db_store("u", "$avp(x)"); xlog("$rc");'
    )
    assert _run(code, sqlite, rows=()) == ["1", "-1"]


SCHEME = 'modparam("avpops", "db_scheme", "s:table=t;value_col=v")\n'


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('avp_db_load("u1")', "avp_db_load() takes 2 arguments"),
        ("avp_db_query()", "avp_db_query() takes"),
        ('avp_db_load("$ru/x", "a")', '"/x" is none of /uri, /username, /domain, /uuid'),
        ('avp_db_load("$ru/", "a")', '"/" is none of /uri'),
        ('avp_db_load("a/b/uri", "a")', '"/b/uri" is none of'),
        ('avp_db_load("$rU$rd", "a")', '"$rd" is none of'),
        ('avp_db_load("$nosuch", "a")', "$nosuch"),
        ('avp_db_load(5, "a")', "avp_db_load() wants whose AVPs, such as $fu"),
        ('avp_db_load("u", "x")', '$avp(name), *, a, i or s is wanted, not "x"'),
        ('avp_db_load("u", "")', '$avp(name), *, a, i or s is wanted, not ""'),
        ('avp_db_load("u", "i:/t")', 'AVPs have no script flags, "i:" means none'),
        ('avp_db_load("u", "s1")', 'AVPs have no script flags, "s1" means none'),
        ('avp_db_load("u", "a/")', '"/" is not / and a table'),
        ('avp_db_load("u", "$avp(x)/$")', '"/$" is not / and a table'),
        ('avp_db_load("u", "$avp(x)junk")', '"junk" is not / and a table'),
        ('avp_db_load("u", "$var(x)")', "$var(x) is not an AVP"),
        ('avp_db_load("u", "a/$s")', "$s wants an AVP to load into"),
        ('avp_db_load("u", "$avp(x)/$none")', 'no db_scheme is called "none": there are s'),
        ('avp_db_store("u", "$avp(x)/$s")', "a scheme is for loading only"),
        ('avp_db_delete("u", "$avp(x)/$none")', "a scheme is for loading only"),
        ('avp_db_query("select 1", "")', "there is none"),
        ('avp_db_query("select 1", "$var(x)")', "$var(x) is not an AVP"),
        ('avp_db_query("select 1", "x")', '"x" does not begin with a variable'),
        ('avp_db_query("select 1", "$avp(a)junk")', '";" is wanted behind $avp(a), not "j"'),
        ('avp_db_query("select $nosuch")', "$nosuch"),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}", _parameters("sqlite:///tmp/x", SCHEME))
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    "call",
    [
        'avp_db_load("u", "a")',
        'avp_db_store("u", "a")',
        'avp_db_delete("u", "a")',
        'avp_db_query("select 1")',
    ],
)
def test_without_a_database_nothing_is_asked(call: str) -> None:
    (found,) = mistakes(f"request_route {{ {call}; }}")
    assert 'there is no database, modparam("avpops", "db_url", ...) says which one' in found


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        ("", "is not name:element;element"),
        ("s", '"s" is not name:element;element'),
        ("s:", '"s:" is not name:element;element'),
        (":table=t", '":table=t" is not name:element;element'),
        ("s:table=t;foo=1", '"foo" is none of table, uuid_col'),
        ("s:table=;value_col=a", '"table=" is not name=value'),
        ("s:table=t;;value_col=a", '"" is not name=value'),
        ("s:table=t;value_col", '"value_col" is not name=value'),
        ("s:value_type=float", 'value_type is integer or string, not "float"'),
    ],
)
def test_wrong_schemes_are_found_before_the_script_runs(scheme: str, message: str) -> None:
    found = mistakes("request_route { exit; }", f'modparam("avpops", "db_scheme", "{scheme}")\n')
    assert len(found) == 1
    assert message in found[0]


def test_a_wrong_scheme_is_none_for_those_who_name_it() -> None:
    wrong = SCHEME + 'modparam("avpops", "db_scheme", "wrong")\n'
    code = 'avp_db_load("u", "$avp(x)/$s"); avp_db_load("u", "$avp(x)/$wrong");'
    first, second = mistakes(f"request_route {{ {code} }}", _parameters("sqlite:///tmp/x", wrong))
    assert '"wrong" is not name:element;element' in first
    assert 'no db_scheme is called "wrong": there are s' in second


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        (SCHEME + SCHEME, "the db_scheme s is there twice"),
        ('modparam("avpops", "db_url", "sqlite:///tmp/x")', "with a db_url an avp_table is wanted"),
        (_parameters("nosuch://x/y"), "there are no nosuch:// databases"),
        (_parameters("nonsense"), "avpops"),
    ],
)
def test_what_stops_the_start(parameters: str, message: str) -> None:
    with pytest.raises(ModuleError, match=message):
        load("request_route { exit; }", parameters=parameters, modules=_DRIVERS)
