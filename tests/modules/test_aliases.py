"""alias_db and speeddial; what 5.6.3 does is held by `tests/compat/cases`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, cast

import pytest

from sipway.core.databases import databases
from sipway.errors import ModuleError
from sipway.stores.databases import Database
from tests.fakes import request
from tests.kamailio_tables import tables
from tests.modules.running import context, load, mistakes
from tests.modules.with_database import Asked, ask

MODULES = ("alias_db", "speeddial")
ALIAS = ("bob", "callee.example", "real", "home.org")
SHORT = ("alice", "caller.example", "bob", "callee.example", "sip:real@home.org")
LOOK_UP = 'alias_db_lookup("dbaliases"); xlog("$rc $ru");'
DIAL = 'sd_lookup("speed_dial"); xlog("$rc $ru");'


def urls(path: str = "db") -> str:
    return " ".join(
        f'modparam("{module}", "db_url", "sqlite:///{{folder}}/{path}")' for module in MODULES
    )


def with_tables(
    folder: Path, code: str, parameters: str = "", data: bytes | None = None, **rows: list[Any]
) -> Asked:
    tables(rows)(folder / "db")
    return ask(folder, code, modules=MODULES, parameters=f"{urls()} {parameters}", data=data)


def test_an_alias(tmp_path: Path) -> None:
    assert with_tables(tmp_path, LOOK_UP, dbaliases=[ALIAS]).lines == ["1 sip:real@home.org"]


def test_a_short_number(tmp_path: Path) -> None:
    assert with_tables(tmp_path, DIAL, speed_dial=[SHORT]).lines == ["1 sip:real@home.org"]


def test_columns_have_the_names_that_parameters_give(tmp_path: Path) -> None:
    """The columns of either in the table of the other."""
    names = {
        "alias_db": {
            "user_column": "new_uri",
            "domain_column": "sd_domain",
            "alias_user_column": "username",
            "alias_domain_column": "domain",
            "use_domain": 1,
        },
        "speeddial": {
            "user_column": "username",
            "domain_column": "domain",
            "sd_user_column": "sd_username",
            "sd_domain_column": "sd_domain",
            "new_uri_column": "new_uri",
            "use_domain": 2,
        },
    }
    given = " ".join(
        f'modparam("{module}", "{key}", {json.dumps(value)})'
        for module, values in names.items()
        for key, value in values.items()
    )
    found = with_tables(
        tmp_path,
        'alias_db_find("speed_dial", "sip:alice@caller.example", "$var(x)"); xlog("$rc $var(x)");'
        + DIAL,
        given,
        speed_dial=[("alice", "caller.example", "bob", "callee.example", "real")],
    )
    assert found.lines == ["1 sip:real@callee.example", "1 sip:real"]


@pytest.mark.parametrize("uri", ["sip:x@y", "SIP:x@y", "sips:x@y", "tel:5"])
def test_what_a_number_stands_for_stays_as_it_is(tmp_path: Path, uri: str) -> None:
    assert with_tables(tmp_path, DIAL, speed_dial=[(*SHORT[:4], uri)]).lines == [f"1 {uri}"]


@pytest.mark.parametrize("row", [(None, "h"), ("u", None), ("", "h"), ("u", "")])
def test_half_an_alias_is_none(tmp_path: Path, row: tuple[str | None, str | None]) -> None:
    found = with_tables(tmp_path, LOOK_UP, dbaliases=[("bob", "callee.example", *row)])
    assert found.lines == ["-1 sip:bob@callee.example"]


@pytest.mark.parametrize("uri", [None, ""])
def test_a_number_that_stands_for_nothing(tmp_path: Path, uri: str | None) -> None:
    found = with_tables(tmp_path, DIAL, speed_dial=[(*SHORT[:4], uri)])
    assert found.lines == ["-1 sip:bob@callee.example"]


def test_no_more_branches_than_a_request_has(tmp_path: Path) -> None:
    found = with_tables(
        tmp_path,
        LOOK_UP + 'xlog("$(branch(uri)[10]) $(branch(uri)[11])");',
        'modparam("alias_db", "append_branches", 1)',
        dbaliases=[("bob", "callee.example", f"u{number}", "h") for number in range(40)],
    )
    assert found.lines == ["1 sip:u0@h", "sip:u11@h <null>"]


@pytest.mark.parametrize(
    "name", ["x'or'1'='1", "x';drop/**/table/**/dbaliases;--", 'x"or"1"="1', "%", "_ob"]
)
def test_names_stay_texts(tmp_path: Path, name: str) -> None:
    find = 'alias_db_find("dbaliases", "{}", "$avp(x)"); xlog("$rc"); '
    found = with_tables(
        tmp_path,
        LOOK_UP + DIAL + find.format("$ou") + find.format("sip:bob@callee.example"),
        data=request(uri=f"sip:{name}@callee.example", from_=f"<sip:{name}@h>;tag=1"),
        dbaliases=[ALIAS],
        speed_dial=[SHORT],
    )
    assert [line.split()[0] for line in found.lines] == ["-1", "-1", "-1", "1"]


@pytest.mark.parametrize("name", [b"\xff", b"b\xc3ob", b"\xed\xa0\x80"])
def test_what_is_no_text_is_in_no_table(tmp_path: Path, name: bytes) -> None:
    data = request(uri="sip:NAME@callee.example", from_="<sip:NAME@caller.example>;tag=1")
    find = 'alias_db_find("dbaliases", "$fu", "$avp(x)"); xlog("$rc");'
    found = with_tables(
        tmp_path,
        LOOK_UP + DIAL + find,
        data=data.replace(b"NAME", name),
        dbaliases=[ALIAS],
        speed_dial=[SHORT],
    )
    assert [line.split()[0] for line in found.lines] == ["-1", "-1", "-1"]
    assert found.said == []


@pytest.mark.parametrize("character", ["\r\nX: y", "\n", "\0", " ", "\t", "\x7f"])
def test_what_would_be_more_than_a_uri_is_none(tmp_path: Path, character: str) -> None:
    """No table writes headers of ours, nor ends the line of a request too early."""
    find = 'alias_db_find("dbaliases", "$ou", "$var(x)"); xlog("$rc");'
    append = 'modparam("alias_db", "append_branches", 1)'
    found = with_tables(
        tmp_path,
        find + DIAL + LOOK_UP + 'xlog("$(branch(uri)[0])");',
        append,
        dbaliases=[ALIAS, (*ALIAS[:2], f"evil{character}", "home.org"), (*ALIAS[:2], "b", "h")],
        speed_dial=[(*SHORT[:4], f"sip:evil{character}@home.org")],
    )
    assert found.lines == ["1", "-1 sip:bob@callee.example", "1 sip:real@home.org", "sip:b@h"]
    assert [each.partition(":")[0] for each in found.said] == [
        "alias_db_find()", "sd_lookup()", "alias_db_lookup()"
    ]  # fmt: skip


def test_a_table_is_a_name(tmp_path: Path) -> None:
    found = with_tables(
        tmp_path,
        '$var(t) = "dbaliases, version"; alias_db_lookup("$var(t)"); xlog("$rc");'
        '$var(t) = "speed_dial; drop table speed_dial"; sd_lookup("$var(t)"); xlog("$rc");' + DIAL,
        speed_dial=[SHORT],
    )
    assert found.lines == ["-1", "-1", "1 sip:real@home.org"]
    assert len(found.said) == 2


def test_a_database_that_is_down(tmp_path: Path) -> None:
    found = ask(tmp_path, LOOK_UP + DIAL, modules=MODULES, parameters=urls("none/db"))
    assert found.lines == ["-1 sip:bob@callee.example"] * 2
    assert any(each.startswith("alias_db_lookup(): sqlite:") for each in found.said)
    assert any(each.startswith("sd_lookup(): sqlite:") for each in found.said)


@pytest.mark.parametrize("module", MODULES)
def test_no_module_for_the_database(module: str) -> None:
    with pytest.raises(ModuleError, match=f"{module} is given a mysql:// URL, and db_mysql is not"):
        load("request_route { exit; }", modules=(module,))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('alias_db_lookup("t", "x");', "there is no flag x: d, r and u are known"),
        ('alias_db_lookup("t", $var(x));', "known when the script is read"),
        ("alias_db_lookup();", "takes 1 to 2 arguments, only 0 are given"),
        ('alias_db_find("t", "$fu");', "only 2 are given"),
        ('alias_db_find("t", "$fu", "x");', "wants a variable"),
        ('alias_db_find("t", "$fu", "$rm");', "$rm cannot be assigned to"),
        ('alias_db_find("t", "$fu", "$var(x)", "rq");', "there is no flag q"),
        ("sd_lookup();", "takes 1 or 2 arguments, only 0 are given"),
        ('sd_lookup("a", "b", "c");', "3 are given"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}", modules=MODULES)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize("call", ['alias_db_lookup("t")', 'sd_lookup("t")'])
def test_replies_have_no_request_uri(call: str) -> None:
    assert len(mistakes(f"onreply_route {{ {call}; }}", modules=MODULES)) == 1


# --- a database that takes its time --------------------------------------------------------------


class _Slow:
    """Answers when it is told to."""

    shown = "slow://db"

    def __init__(self) -> None:
        self.asked = 0
        self.go_on = asyncio.Event()

    async def select(self, *_: object, **__: object) -> list[Any]:
        self.asked += 1
        await self.go_on.wait()
        return []

    async def first(self, *_: object) -> None:
        await self.select()


@pytest.mark.parametrize(
    ("module", "call", "code"),
    [
        ("alias_db", 'alias_db_lookup("t")', -1),
        ("alias_db", 'alias_db_find("t", "sip:bob@x", "$avp(x)")', -1),
        ("speeddial", 'sd_lookup("t")', -1),
    ],
)
def test_who_waits_holds_up_nobody_else(tmp_path: Path, module: str, call: str, code: int) -> None:
    url = f"sqlite://{tmp_path}/db"
    program, log, _ = load(
        f'request_route {{ if ($rm == "MESSAGE") {{ xlog("quick"); exit; }} $var(r) = {call};'
        ' xlog("$var(r)"); }',
        parameters=f'modparam("{module}", "db_url", "{url}")',
        modules=("db_sqlite", module),
    )
    slow = _Slow()
    databases(program).open[url] = cast(Database, slow)
    route = program.request_route
    assert route is not None

    async def run() -> None:
        waiting = [asyncio.create_task(route(context(program))) for _ in range(3)]
        await asyncio.sleep(0)
        await route(context(program, request("MESSAGE")))
        assert slow.asked == 3
        assert [text for _, text in log.written] == ["<script>: quick"]
        slow.go_on.set()
        await asyncio.gather(*waiting)

    asyncio.run(run())
    assert [text for _, text in log.written][1:] == [f"<script>: {code}"] * 3
