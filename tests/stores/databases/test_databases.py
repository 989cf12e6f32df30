"""All kinds of databases do the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Condition, Database, moment, read_url, seconds_of
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.mysql import MysqlDatabase
from sipway.stores.databases.postgres import PostgresDatabase
from sipway.stores.databases.sqlite import SqliteDatabase
from sipway.stores.databases.text import TextDatabase
from sipway.stores.databases.times import Moment
from tests.databases import new_url, remove, sqlite_with, urls
from tests.ports import free_port

_SECONDS = 5.0
_TIME = 1_795_483_209

Said = list[tuple[bool, str]]
Work = Callable[[Database], Awaitable[Any]]


def open_database(url: str, said: Said, seconds: float = _SECONDS) -> Database:
    parts = read_url(url)
    guard = Guard(parts.shown, seconds, lambda ok, line: said.append((ok, line)))
    if parts.scheme == "sqlite":
        return SqliteDatabase(parts.name, parts.shown, guard, busy_seconds=0.2)
    if parts.scheme == "text":
        return TextDatabase(parts.name, parts.shown, guard)
    if parts.scheme == "mysql":
        return MysqlDatabase(parts, guard)
    return PostgresDatabase(parts, guard)


url = urls("databases")


def run(url: str, work: Work, seconds: float = _SECONDS) -> Said:
    """Make the table, do the work, let go; what the database said of itself."""
    said: Said = []

    async def whole() -> None:
        opened = open_database(url, said, seconds)
        try:
            await make_table(opened, url)
            await work(opened)
        finally:
            await opened.close()

    asyncio.run(whole())
    return said


async def make_table(opened: Database, url: str) -> None:
    if url.startswith("text:"):
        path = Path(url.removeprefix("text://")) / "people"
        path.write_text("id(int) name(str) age(int,null) weight(double,null) born(int,null)\n")
    else:
        await opened.run(
            "create table people (id integer primary key, name varchar(40) not null,"
            " age integer null, weight double precision null, born timestamp null)"
        )


def test_sqlite_keeps_times_as_kamailio_does(tmp_path: Path) -> None:
    """The Julian day in UTC, wherever the server is."""

    async def work(opened: Database) -> None:
        born = moment(_TIME)
        await opened.insert("people", {"id": 1, "name": "ann", "born": born})
        answer = await opened.run("select cast(born as real), datetime(born) from people")
        assert answer.rows == [(2_440_587.5 + _TIME / 86_400, "2026-11-24 01:20:09")]
        assert await opened.select("people", ["id"], [Condition("born", born, "<=")]) == [(1,)]

    run(new_url("sqlite", tmp_path, "times"), work)


def test_postgres_writes_what_is_no_number_text_or_time(tmp_path: Path) -> None:
    """As Kamailio has it."""
    asked = {
        "true": "t",
        "false": "f",
        "'1 day'::interval": "1 day",
        "'{1,2}'::int[]": "{1,2}",
        "array['a', 'b c']": '{a,"b c"}',
        "'[1, 2]'::jsonb": "[1, 2]",
        "'192.0.2.1'::inet": "192.0.2.1",
        "int4range(1, 3)": "[1,3)",
        "'z'::\"char\"": "z",
        "null::boolean": None,
        "7": 7,
        "1.50": "1.50",
        "'2020-01-02 03:04:05'::timestamp": Moment("2020-01-02 03:04:05"),
    }

    async def work(opened: Database) -> None:
        answer = await opened.run(f"select {', '.join(asked)}")
        assert answer.rows == [tuple(asked.values())]

    url = new_url("postgres", tmp_path, "kinds")
    try:
        run(url, work)
    finally:
        remove(url)


@pytest.mark.parametrize("declared", ["date", "timestamp", "datetime", "time"])
@pytest.mark.parametrize("value", ["20200102", "7.5", "'x'", "''", "x'00ff'", "'2020-01-02'"])
def test_sqlite_has_anything_in_a_column_of_times(
    declared: str, value: str, tmp_path: Path
) -> None:
    """A column is declared to be something, and may hold whatever somebody wrote."""

    async def work(opened: Database) -> None:
        await opened.run(f"create table anything (a {declared})")
        await opened.run(f"insert into anything values ({value})")
        assert len((await opened.run("select a from anything")).rows) == 1
        assert len(await opened.select("anything", ["a"])) == 1
        assert (await opened.run("select 1")).rows == [(1,)]

    run(new_url("sqlite", tmp_path, "anything"), work)


def _person(number: int, name: str, age: int | None = None) -> dict[str, Any]:
    return {"id": number, "name": name, "age": age}


def test_what_is_inserted_is_selected(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert(
            "people",
            {"id": 1, "name": "alice", "age": 30, "weight": 61.5, "born": moment(_TIME)},
        )
        rows = await opened.select("people", ["name", "age", "weight", "born"])
        born = _TIME if url.startswith("text:") else moment(_TIME)
        assert rows == [("alice", 30, 61.5, born)]
        assert seconds_of(rows[0][3]) == _TIME

    assert run(url, work) == []


@pytest.mark.parametrize(
    "name",
    [
        "o'hara",
        '"; drop table people; --',
        "a\\",
        "' or '1'='1",
        "\\' or 1=1 #",
        "ünïcödé ☎",
        "%s {} ? $1 :x",
        "a:b|c\td",
        "\\n",
    ],
)
def test_values_are_never_sql(url: str, name: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", _person(1, name), _person(2, "bob"))
        where = [Condition("name", name)]
        assert await opened.select("people", ["id", "name"], where) == [(1, name)]
        assert await opened.update("people", {"age": 7}, where) == 1
        assert (await opened.run("select id from people where name = ?", [name])).rows == [(1,)]
        assert await opened.delete("people", where) == 1
        assert await opened.select("people", ["name"]) == [("bob",)]

    run(url, work)


@pytest.mark.parametrize("name", ["people; drop table people", "a b", "", "x'", "1x", "a.b.c", "é"])
def test_names_are_names(url: str, name: str) -> None:
    async def work(opened: Database) -> None:
        for asked in (
            opened.select(name, ["id"]),
            opened.select("people", [name]),
            opened.select("people", ["id"], [Condition(name, 1)]),
            opened.select("people", ["id"], order=name),
            opened.insert("people", {name: 1}),
            opened.update("people", {name: 1}),
            opened.delete(name),
        ):
            with pytest.raises(DatabaseError, match="no name of a table or a column"):
                await asked
        with pytest.raises(DatabaseError, match="no operator"):
            await opened.select("people", ["id"], [Condition("id", 1, "= 1 or")])

    run(url, work)


def test_conditions(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert(
            "people", _person(1, "ann", 10), _person(2, "bob", 20), _person(3, "cy")
        )

        async def names(*where: Condition, order: str | None = "id") -> list[Any]:
            rows = await opened.select("people", ["name"], where, order=order)
            return [name for (name,) in rows]

        assert await names() == ["ann", "bob", "cy"]
        assert await names(order="age,name")  # where nulls go differs
        assert await names(Condition("age", 10)) == ["ann"]
        assert await names(Condition("age", 10, ">")) == ["bob"]
        assert await names(Condition("age", 20, "<=")) == ["ann", "bob"]
        assert await names(Condition("age", 20, "!=")) == ["ann"]
        assert await names(Condition("age", None)) == ["cy"]
        assert await names(Condition("age", None, "!=")) == ["ann", "bob"]
        assert await names(Condition("name", "b%", "like")) == ["bob"]
        assert await names(Condition("age", 10), Condition("name", "bob")) == []
        assert await opened.select("people", ["id"], order="id", limit=2) == [(1,), (2,)]
        assert len((await opened.select("people", [], [Condition("id", 1)]))[0]) == 5

    run(url, work)


def test_rows_that_are_changed_are_counted(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", _person(1, "ann", 10), _person(2, "bob", 10))
        assert await opened.update("people", {"age": 10}) == 2, "those that were so already count"
        assert await opened.update("people", {"age": 11}, [Condition("id", 3)]) == 0
        assert (await opened.run("update people set age = 12 where id = 1")).changed == 1
        assert await opened.delete("people", [Condition("id", 9)]) == 0
        assert await opened.delete("people") == 2

    run(url, work)


def test_replace_changes_or_adds(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.replace("people", _person(1, "ann", 10), ["id"])
        await opened.replace("people", _person(1, "anna", 11), ["id"])
        await opened.replace("people", _person(2, "bob", 12), ["id", "name"])
        rows = await opened.select("people", ["id", "name", "age"], order="id")
        assert rows == [(1, "anna", 11), (2, "bob", 12)]

    run(url, work)


def test_all_rows_are_replaced_or_none(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", _person(1, "ann"), _person(2, "bob"))
        await opened.replace_all("people", [_person(2, "cy"), _person(3, "dan")])
        rows = [(2, "cy"), (3, "dan")]
        assert await opened.select("people", ["id", "name"], order="id") == rows
        refused = {"id": 5, "name": None, "age": None}
        with pytest.raises(DatabaseError):
            await opened.replace_all("people", [_person(4, "eve"), refused])
        with pytest.raises(DatabaseError, match="no name of a table"):
            await opened.replace_all("people; --", [])
        await opened.close()
        assert await opened.select("people", ["id", "name"], order="id") == rows
        await opened.replace_all("people", [])
        assert await opened.select("people", ["id"]) == []

    assert run(url, work) == []


def test_rows_are_inserted_all_or_none(url: str) -> None:
    async def work(opened: Database) -> None:
        with pytest.raises(DatabaseError):
            await opened.insert("people", _person(1, "ann"), {"id": 2, "name": None, "age": None})
        assert await opened.select("people", ["id"]) == []

    assert run(url, work) == [], "it is there, it only refuses"


def test_a_database_that_refuses_says_why(url: str) -> None:
    async def work(opened: Database) -> None:
        with pytest.raises(DatabaseError, match="nothing_such") as caught:
            await opened.select("nothing_such", ["id"])
        assert not isinstance(caught.value, DatabaseDownError)
        with pytest.raises(DatabaseError) as caught:
            await opened.run("selec")
        assert not isinstance(caught.value, DatabaseDownError)
        with pytest.raises(DatabaseError):
            await opened.select("people", ["id"], [Condition("name", "\udcff")])
        assert await opened.select("people", ["id"]) == []

    assert run(url, work) == []


def test_a_column_that_is_not_there_is_no_text(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", _person(1, "alice"))
        for asked in (
            opened.select("people", ["nothing_such"]),
            opened.select("people", ["id"], [Condition("nothing_such", "nothing_such")]),
            opened.update("people", {"age": 1}, [Condition("nothing_such", "nothing_such")]),
            opened.delete("people", [Condition("nothing_such", "nothing_such")]),
        ):
            with pytest.raises(DatabaseError, match="nothing_such"):
                await asked
        assert await opened.select("people", ["name"]) == [("alice",)]

    run(url, work)


def test_columns_have_names(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", _person(1, "ann", 10))
        answer = await opened.run("select name, age as years from people")
        assert (answer.columns, answer.rows) == (("name", "years"), [("ann", 10)])

    run(url, work)


def test_many_ask_at_the_same_time(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", *(_person(at, f"user{at}") for at in range(50)))
        asked = [opened.select("people", ["name"], [Condition("id", at % 50)]) for at in range(400)]
        answers = await asyncio.gather(*asked)
        assert answers == [[(f"user{at % 50}",)] for at in range(400)]

    run(url, work)


def test_a_row_is_found_by_its_keys(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", *(_person(at, f"user{at % 40}", at) for at in range(50)))
        assert await opened.first("people", ("age", "name"), ("id",), (7,)) == (7, "user7")
        assert await opened.first("people", ("id",), ("name", "age"), ("user3", 43)) == (43,)
        assert await opened.first("people", ("id",), ("name", "age"), ("user3", 44)) is None
        assert await opened.first("people", ("id",), ("name",), (None,)) is None
        assert await opened.first("people", ("weight", "born"), ("id",), (1,)) == (None, None)
        with pytest.raises(DatabaseError):
            await opened.first("people", ("height",), ("id",), (1,))
        with pytest.raises(DatabaseError):
            await opened.first("nobody", ("height",), ("id",), (1,))

    run(url, work)


def test_many_look_for_their_rows_at_the_same_time(url: str) -> None:
    """Whatever goes to the database together, each has the answer to its own question."""

    async def work(opened: Database) -> None:
        await opened.insert("people", *(_person(at, f"user{at}", at) for at in range(50)))
        for count in (1, 2, 3, 64, 65, 200):
            asked = []
            for at in range(count):
                asked.append(opened.first("people", ("name",), ("id",), (at,)))
                asked.append(opened.first("people", ("id", "age"), ("name",), (f"user{at}",)))
            expected: list[Any] = []
            for at in range(count):
                expected += [(f"user{at}",), (at, at)] if at < 50 else [None, None]
            assert await asyncio.gather(*asked) == expected

    run(url, work)


def test_one_that_cannot_be_asked_leaves_the_others_their_answers(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", *(_person(at, f"user{at}") for at in range(3)))
        names = ["user0", "user\udcff", "user2"]
        asked = [opened.first("people", ("id",), ("name",), (name,)) for name in names]
        first, wrong, last = await asyncio.gather(*asked, return_exceptions=True)
        assert (first, last) == ((0,), (2,))
        assert wrong is None or isinstance(wrong, DatabaseError)

    run(url, work)


def test_it_can_be_asked_again_after_it_was_closed(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", _person(1, "ann"))
        await opened.close()
        assert await opened.select("people", ["name"]) == [("ann",)]

    run(url, work)


def test_who_gives_up_leaves_others_alone(url: str) -> None:
    async def work(opened: Database) -> None:
        await opened.insert("people", _person(1, "ann"))
        for steps in range(5):
            asked = asyncio.ensure_future(opened.select("people", ["name"]))
            for _ in range(steps):
                await asyncio.sleep(0)
            asked.cancel()
        assert await opened.select("people", ["id", "name"]) == [(1, "ann")]

    run(url, work)


@pytest.mark.parametrize(
    ("kind", "slow"),
    [
        ("mysql", "select sleep(30)"),
        ("postgres", "select pg_sleep(30)"),
        (
            "sqlite",
            "with recursive n(i) as (select 1 union all select 1 from n) select count(*) from n",
        ),
    ],
)
def test_what_takes_too_long_ends(kind: str, slow: str, tmp_path: Path) -> None:
    url = new_url(kind, tmp_path, "slow")
    try:

        async def work(opened: Database) -> None:
            asked = [asyncio.ensure_future(opened.run(slow)) for _ in range(3)]
            with pytest.raises(DatabaseDownError, match=r"did not answer within 0\.3 s"):
                await asked[0]
            await asyncio.gather(*asked, return_exceptions=True)
            assert await opened.select("people", ["id"]) == []

        said = run(url, work, seconds=0.3)
    finally:
        remove(url)
    assert [ok for ok, _ in said] == [False, True], "once each"
    assert said[1][1].endswith(" answers again")


def test_a_file_of_sqlite_with_a_slash_more(tmp_path: Path) -> None:
    """`sqlite:////etc/kamailio/...` is how many write it."""
    url = sqlite_with(tmp_path / "more.sqlite", "create table people (id integer)")

    async def work() -> None:
        opened = open_database(url.replace("sqlite:///", "sqlite:////"), [])
        assert await opened.select("people", ["id"]) == []
        await opened.close()

    asyncio.run(work())


def test_a_driver_that_will_not_end_holds_up_nobody() -> None:
    said: Said = []

    async def stubborn() -> int:
        for _ in range(3):
            try:
                await asyncio.sleep(30)
            except asyncio.CancelledError:
                await asyncio.sleep(0.05)
        return 1

    async def work() -> None:
        guard = Guard("db", 0.05, lambda ok, line: said.append((ok, line)))
        with pytest.raises(DatabaseDownError, match="did not answer"):
            await guard.limited(stubborn())
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            while not task.done():
                task.cancel()
                await asyncio.sleep(0.1)

    asyncio.run(work())
    assert [ok for ok, _ in said] == [False]


@pytest.mark.parametrize(
    "url",
    [
        "mysql://root:secret@127.0.0.1:{port}/test",
        "postgres://root:secret@127.0.0.1:{port}/test",
        "sqlite:///nowhere/at/all.sqlite",
        "text:///nowhere/at/all",
    ],
)
def test_a_database_that_is_not_there(url: str) -> None:
    said: Said = []

    async def work() -> None:
        opened = open_database(url.format(port=free_port()), said)
        for _ in range(3):
            with pytest.raises(DatabaseDownError) as caught:
                await opened.select("people", ["id"])
            assert "secret" not in str(caught.value)
        await opened.close()

    asyncio.run(work())
    assert len(said) == 1
    assert "secret" not in said[0][1]
