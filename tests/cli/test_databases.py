"""`sipway db`, `user`, `alias`, `address` and `domain`, on every kind of database."""

from __future__ import annotations

import hashlib
import io
import json
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sipway.cli.main import main
from sipway.stores.databases.schema import TABLES
from tests.databases import KINDS, new_url, remove

Say = Callable[..., tuple[int, str, str]]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Run a command; its exit status, output and errors."""

    def say(*arguments: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        code = main(arguments)
        caught = capsys.readouterr()
        return code, caught.out, caught.err

    return say


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    made = new_url(request.param, tmp_path, "tables")
    yield made
    remove(made)


@pytest.fixture
def made(url: str, say: Say) -> str:
    """A database with all tables."""
    assert say("db", "create", url)[0] == 0
    return url


def _data(answer: tuple[int, str, str]) -> Any:
    assert answer[0] == 0, answer
    return json.loads(answer[1])


def test_tables_are_made_once(url: str, say: Say) -> None:
    code, out, err = say("db", "create", url)
    assert (code, err) == (0, "")
    assert f"{len(TABLES)} tables made: acc, " in out
    assert say("db", "create", url)[1].endswith("all tables are there already\n")
    code, out, _ = say("db", "check", url)
    assert code == 0, out
    assert {line.split()[1] for line in out.splitlines()} == {"fine"}
    assert [each["table"] for each in _data(say("db", "check", url, "--json"))] == list(TABLES)


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
    assert _data(say("user", "list", "--json", "--db", url))[0]["username"] == "alice"
    assert _data(say("db", "migrate", url, "--json")) == []
    assert say("db", "migrate", url)[1].endswith("there is nothing to do\n")


def test_users(made: str, say: Say) -> None:
    assert say("user", "add", "alice@Example.org", "--db", made, typed="secret\n")[:2] == (
        0,
        "alice@example.org added\n",
    )
    assert say("user", "add", "bob@example.org", "--db", made, "--hashed", typed="x")[0] == 0
    code, _, err = say("user", "add", "alice@example.org", "--db", made, typed="other")
    assert code == 1
    assert "alice@example.org is there already (sipway user passwd)" in err
    ha1 = hashlib.md5(b"alice:example.org:secret").hexdigest()
    listed = _data(say("user", "list", "--json", "--db", made))
    assert [(each["username"], each["domain"]) for each in listed] == [
        ("alice", "example.org"),
        ("bob", "example.org"),
    ]
    assert listed[0]["ha1"] == ha1
    code, out, _ = say("user", "show", "alice@example.org", "--db", made)
    assert out.splitlines()[1].split() == ["alice", "example.org", ha1]
    assert "secret" not in out
    changed = say(
        "user", "passwd", "alice@example.org", "--db", made, "--algorithm", "SHA-256", typed="new"
    )
    assert changed[0] == 0
    shown = _data(say("user", "show", "alice@example.org", "--json", "--db", made))
    assert shown[0]["ha1"] == hashlib.sha256(b"alice:example.org:new").hexdigest()
    assert say("user", "remove", "alice@example.org", "--db", made)[0] == 0
    for action in ("remove", "show"):
        code, _, err = say("user", action, "alice@example.org", "--db", made)
        assert (code, err.endswith("there is no alice@example.org\n")) == (1, True)
    code, _, err = say("user", "passwd", "alice@example.org", "--db", made, typed="new")
    assert code == 1


def test_two_users_cannot_differ_in_their_case_only(made: str, say: Say) -> None:
    assert say("user", "add", "alice@a.org", "--db", made, typed="x")[0] == 0
    code, _, err = say("user", "add", "Alice@a.org", "--db", made, typed="x")
    assert (code, "alice@a.org is there already" in err) == (1, True)
    assert say("user", "add", "Alice@b.org", "--db", made, typed="x")[0] == 0


def test_what_is_kept_of_a_password(say: Say, tmp_path: Path) -> None:
    url = new_url("sqlite", tmp_path, "secrets")
    say("db", "create", url)
    say("user", "add", "alice@a.org", "--db", url, typed="secret\n")
    say("user", "add", "bob@a.org", "--hashed", "--db", url, typed="secret\n")
    connection = sqlite3.connect(url.removeprefix("sqlite://"))
    rows = connection.execute("select username, password, ha1, ha1b from subscriber").fetchall()
    connection.close()
    assert rows == [
        (
            name,
            kept,
            hashlib.md5(f"{name}:a.org:secret".encode()).hexdigest(),
            hashlib.md5(f"{name}@a.org:a.org:secret".encode()).hexdigest(),
        )
        for name, kept in (("alice", "secret"), ("bob", ""))
    ]


def test_aliases(made: str, say: Say) -> None:
    assert say("alias", "add", "100@a.org", "alice@a.org", "--db", made)[0] == 0
    code, _, err = say("alias", "add", "100@a.org", "alice@a.org", "--db", made)
    assert (code, "already" in err) == (1, True)
    assert _data(say("alias", "list", "--json", "--db", made)) == [
        {
            "alias_username": "100",
            "alias_domain": "a.org",
            "username": "alice",
            "domain": "a.org",
        }
    ]
    assert say("alias", "remove", "100@a.org", "--db", made)[0] == 0
    assert say("alias", "remove", "100@a.org", "--db", made)[0] == 1


def test_addresses(made: str, say: Say) -> None:
    assert say("address", "add", "192.0.2.7", "--tag", "x", "--db", made)[0] == 0
    assert (
        say("address", "add", "198.51.100.9/24", "--group", "2", "--port", "5070", "--db", made)[0]
        == 0
    )
    assert say("address", "add", "2001:db8::/32", "--db", made)[0] == 0
    assert say("address", "add", "192.0.2.7/32", "--db", made)[0] == 1
    listed = _data(say("address", "list", "--json", "--db", made))
    assert sorted(tuple(each.values()) for each in listed[:2]) == [
        (1, "192.0.2.7", 32, 0, "x"),
        (1, "2001:db8::", 32, 0, None),
    ]
    assert tuple(listed[2].values()) == (2, "198.51.100.0", 24, 5070, None)
    assert say("address", "remove", "192.0.2.7", "--db", made)[0] == 0
    assert say("address", "remove", "192.0.2.7", "--db", made)[0] == 1
    assert say("address", "remove", "198.51.100.0/24", "--group", "2", "--db", made)[0] == 0


def test_domains(made: str, say: Say) -> None:
    assert say("domain", "add", "Example.ORG", "--db", made)[0] == 0
    assert say("domain", "add", "example.org", "--db", made)[0] == 1
    assert say("domain", "add", "b.org", "--did", "one", "--db", made)[0] == 0
    listed = _data(say("domain", "list", "--json", "--db", made))
    assert [(each["domain"], each["did"]) for each in listed] == [
        ("b.org", "one"),
        ("example.org", "example.org"),
    ]
    assert say("domain", "remove", "b.org", "--db", made)[0] == 0
    assert say("domain", "remove", "b.org", "--db", made)[0] == 1


def test_a_domain_from_the_environment(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SIPWAY_DB_URL", new_url("sqlite", tmp_path, "named"))
    assert say("db", "create")[0] == 0
    code, _, err = say("user", "add", "alice", typed="x")
    assert (code, "'alice' has no domain" in err) == (2, True)
    monkeypatch.setenv("SIP_DOMAIN", "a.org")
    assert say("user", "add", "alice", typed="x")[1] == "alice@a.org added\n"


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
        (("address", "add", "192.0.2.256"), "", 2, "neither an address nor a network"),
        (("address", "add", "192.0.2.1", "--port", "70000"), "", 2, "there is no port 70000"),
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


@pytest.mark.parametrize("command", ["db", "user", "alias", "address", "domain"])
def test_every_command_has_an_example(say: Say, command: str) -> None:
    code, out, _ = say(command, "--help")
    assert code == 0
    assert f"  sipway {command} " in out
