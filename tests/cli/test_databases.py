"""`sipway db`, `user`, `alias`, `address` and `domain`, on every kind of database."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from sipway.stores.databases.schema import TABLES
from tests.cli.saying import Say, data
from tests.databases import new_url


def test_tables_are_made_once(url: str, say: Say) -> None:
    code, out, err = say("db", "create", url)
    assert (code, err) == (0, "")
    assert f"{len(TABLES)} tables made: acc, " in out
    assert say("db", "create", url)[1].endswith("all tables are there already\n")
    code, out, _ = say("db", "check", url)
    assert code == 0, out
    assert {line.split()[1] for line in out.splitlines()} == {"fine"}
    assert [each["table"] for each in data(say("db", "check", url, "--json"))] == list(TABLES)


def test_a_database_without_tables(url: str, say: Say) -> None:
    if url.startswith("sqlite:"):
        Path(url.removeprefix("sqlite://")).touch()
    code, out, _ = say("db", "check", url)
    assert code == 1
    assert "acc              missing    5 is wanted" in out
    assert out.endswith("are not as modules want them: sipway db create\n")


@pytest.mark.parametrize("command", ["create", "migrate"])
def test_a_text_table_without_a_number_stays(say: Say, tmp_path: Path, command: str) -> None:
    url = new_url("text", tmp_path, "plain")
    path = tmp_path / "plain" / "subscriber"
    path.write_text("username(string) domain(string) password(string)\nalice:a.example:secret\n")
    code, out, err = say("db", command, url)
    assert path.read_text().endswith("\nalice:a.example:secret\n"), (code, out, err)
    if command == "create":
        assert (code, err) == (0, "")
        assert f"{len(TABLES) - 1} tables made: " in out
    else:
        assert code == 1
        assert "has no column ha1" in err


@pytest.mark.parametrize("command", ["create", "migrate", "check"])
@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("subscriber", "alice:secret\n", '1: "alice:secret" is no column'),
        ("version", "table_name(string) table_version(int)\nacc\n", "2 has 1 fields for 2"),
        ("acc", f"id(int)\n{2**70}\n", "too large"),
        ("notes", "what is to be done\n", '1: "what" is no column'),
    ],
)
def test_a_file_that_is_no_table_stays(
    say: Say, tmp_path: Path, command: str, name: str, content: str, reason: str
) -> None:
    url = new_url("text", tmp_path, "broken")
    path = tmp_path / "broken" / name
    path.write_text(content)
    code, _, err = say("db", command, url)
    assert code == 1
    assert f"{path}:" in err
    assert reason in err
    assert {each.name: each.read_text() for each in path.parent.iterdir()} == {name: content}


def test_what_is_no_file_stays(say: Say, tmp_path: Path) -> None:
    url = new_url("text", tmp_path, "odd")
    (tmp_path / "odd" / "subscriber").mkdir()
    code, _, err = say("db", "create", url)
    assert (code, err.splitlines()[0]) == (
        1,
        f"sipway db create: {tmp_path}/odd/subscriber cannot be made: File exists",
    )


def test_an_older_table_is_brought_up_to_date(say: Say, tmp_path: Path) -> None:
    url = new_url("sqlite", tmp_path, "old")
    say("db", "create", url)
    with sqlite3.connect(url.removeprefix("sqlite://")) as connection:
        connection.execute("drop table subscriber")
        connection.execute("create table subscriber (id integer primary key, username text)")
        connection.execute("insert into subscriber values (1, 'alice')")
        connection.execute("update version set table_version=6 where table_name='subscriber'")
        connection.execute("update version set table_version=99 where table_name='acc'")
        connection.execute("drop table domain")
    connection.close()
    found = {each["table"]: each for each in json.loads(say("db", "check", url, "--json")[1])}
    assert found["subscriber"] == {
        "table": "subscriber",
        "state": "older",
        "version": 6,
        "wanted": 7,
        "missing_columns": ["domain", "password", "ha1", "ha1b"],
    }
    assert (found["acc"]["state"], found["domain"]["state"]) == ("newer", "missing")
    assert say("db", "check", url)[0] == 1
    code, out, _ = say("db", "migrate", url)
    assert code == 0
    assert "subscriber: brought from 6 to version 7, with domain, password, ha1, ha1b" in out
    assert "domain: made to version 2" in out
    found = {each["table"]: each for each in json.loads(say("db", "check", url, "--json")[1])}
    assert [name for name, each in found.items() if each["state"] != "fine"] == ["acc"]
    assert data(say("user", "list", "--json", "--db", url))[0]["username"] == "alice"
    assert data(say("db", "migrate", url, "--json")) == []
    assert say("db", "migrate", url)[1].endswith("there is nothing to do\n")


def test_the_embedded_database(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SIPWAY_DB_URL", raising=False)
    monkeypatch.setenv("SIPWAY_STATE_DIR", str(tmp_path / "state"))
    assert say("db", "create")[0] == 0
    path = tmp_path / "state" / "sipway.sqlite"
    assert path.stat().st_mode & 0o777 == 0o600, "passwords are nobody else's business"
    monkeypatch.setenv("SIPWAY_STATE_DIR", "none")
    code, _, err = say("user", "list")
    assert (code, "which database?" in err) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "typed", "code", "reason"),
    [
        (("user", "add", "alice@a.org"), "", 2, "an empty password lets everybody in"),
        (("user", "add", "alice@a.org"), "x" * 65, 2, "64 are the most"),
        (("user", "add", "al ice@a.org"), "x", 2, "is not a user and a domain"),
        (("user", "add", "al%69ce@a.org"), "x", 2, "is not a user and a domain"),
        (("user", "add", "alice@a_%$.org"), "x", 2, "is not a user and a domain"),
        (("user", "add", "'; drop table subscriber"), "x", 2, "has no domain"),
        (("user", "show", "'or''='@a.org"), "", 1, "there is no 'or''='@a.org"),
        (("address", "add", "192.0.2.256"), "", 2, "neither an address"),
        (("address", "add", "192.0.2.1", "--port", "70000"), "", 2, "there is no port 70000"),
        (("address", "add", "192.0.2.1", "--group", "0"), "", 2, "0 is no group"),
        (("address", "add", "192.0.2.1", "--group", "-1"), "", 2, "-1 is no group"),
        (("address", "add", "192.0.2.1", "--group", "2147483648"), "", 2, "is no group"),
        (("address", "add", "0.0.0.0/0"), "", 2, "0.0.0.0/1 and 128.0.0.0/1"),
        (("address", "add", "::/0"), "", 2, "::/1 and 8000::/1"),
        (("address", "add", "fe80::1%eth0"), "", 2, "neither an address"),
        (("address", "add", "example.org/24"), "", 2, "neither an address"),
        (("address", "add", "[192.0.2.1]"), "", 2, "neither an address"),
        (("address", "add", "192.0.2.1/24/24"), "", 2, "neither an address"),
        (("user", "add", "alice@a.org"), "pass\udcffword", 2, "the password is no text"),
        (("user", "add", "alice@a.org"), "pass\0word", 2, "the password is no text"),
        (("domain", "add", "a b"), "", 2, "is no domain"),
        (("user", "dance"), "", 2, "invalid choice"),
        (("user",), "", 2, "required: ACTION"),
    ],
)
def test_what_cannot_be_meant(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], typed: str, code: int, reason: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("SIPWAY_DB_URL", new_url("sqlite", tmp_path, "meant"))
    say("db", "create")
    got, _, err = say(*arguments, typed=typed)
    assert (got, reason in err) == (code, True), err


@pytest.mark.parametrize(
    ("url", "code", "reason"),
    [
        ("sqlite:///nowhere/at/all.sqlite", 1, "hint: sipway db create"),
        ("oracle://u:hidden@h/k", 2, "there are no oracle:// databases"),
        ("mysql://u:hidden@h", 2, "cannot be read"),
    ],
)
def test_a_database_that_cannot_be_had(say: Say, url: str, code: int, reason: str) -> None:
    got, _, err = say("user", "list", "--db", url)
    assert (got, reason in err, "hidden" in err) == (code, True, False), err


@pytest.mark.parametrize(
    "command",
    [
        ("db",), ("user",), ("alias",), ("address",), ("domain",),
        ("db", "create"), ("db", "migrate"), ("db", "check"),
        ("user", "add"), ("user", "passwd"), ("user", "remove"), ("user", "show"), ("user", "list"),
        ("alias", "add"), ("alias", "remove"), ("alias", "list"),
        ("address", "add"), ("address", "remove"), ("address", "list"),
        ("domain", "add"), ("domain", "remove"), ("domain", "list"),
    ],
)  # fmt: skip
def test_every_command_has_an_example(say: Say, command: tuple[str, ...]) -> None:
    code, out, _ = say(*command, "--help")
    assert code == 0
    assert f"  sipway {' '.join(command)}" in out
