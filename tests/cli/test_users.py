"""`sipway user`, `alias`, `address` and `domain`, on every kind of database."""

from __future__ import annotations

import asyncio
import getpass
import hashlib
import io
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from sipway.stores.databases import moment, read_url
from sipway.stores.databases.opening import open_database
from tests.cli.saying import Say, data
from tests.databases import new_url


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
    listed = data(say("user", "list", "--json", "--db", made))
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
    shown = data(say("user", "show", "alice@example.org", "--json", "--db", made))
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
    assert data(say("alias", "list", "--json", "--db", made)) == [
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
    listed = data(say("address", "list", "--json", "--db", made))
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
    listed = data(say("domain", "list", "--json", "--db", made))
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


# --- tables that others have filled --------------------------------------------------------------


async def _insert(url: str, table: str, *rows: dict[str, Any]) -> None:
    opened = open_database(read_url(url), lambda *_: None, create=False)
    for each in rows:
        await opened.insert(table, each)
    await opened.close()


def _fill(url: str, table: str, *rows: dict[str, Any]) -> None:
    asyncio.run(_insert(url, table, *rows))


def test_a_password_is_of_the_user_as_he_is_stored(made: str, say: Say) -> None:
    """A database may find him whatever the case of the letters, a hash does not."""
    say("user", "add", "carol@a.org", "--db", made, typed="old")
    code, out, _ = say("user", "passwd", "Carol@A.org", "--db", made, typed="new")
    shown = data(say("user", "show", "carol@a.org", "--json", "--db", made))
    new = hashlib.md5(b"carol:a.org:new").hexdigest()
    old = hashlib.md5(b"carol:a.org:old").hexdigest()
    assert (code, shown[0]["ha1"]) in ((0, new), (1, old))
    assert code == 1 or out == "carol@a.org has a new password\n"


def test_domains_have_no_case(made: str, say: Say) -> None:
    secrets = {"password": "", "ha1": "", "ha1b": ""}
    _fill(made, "subscriber", {"username": "dan", "domain": "A.org", **secrets})
    _fill(made, "domain", {"domain": "A.org", "last_modified": moment(0.0)})
    named = {"alias_username": "1", "alias_domain": "A.org", "username": "dan", "domain": "A.org"}
    _fill(made, "dbaliases", named)
    code, _, err = say("user", "add", "dan@a.org", "--db", made, typed="x")
    assert (code, "dan@A.org is there already" in err) == (1, True)
    assert say("user", "passwd", "dan@a.org", "--db", made, typed="x")[0] == 0
    shown = data(say("user", "show", "dan@a.org", "--json", "--db", made))
    assert shown[0]["ha1"] == hashlib.md5(b"dan:A.org:x").hexdigest()
    assert say("user", "remove", "dan@a.org", "--db", made)[0] == 0
    assert data(say("user", "list", "--json", "--db", made)) == []
    code, _, err = say("alias", "add", "1@a.org", "dan@a.org", "--db", made)
    assert (code, "stands for dan@A.org already" in err) == (1, True)
    assert say("alias", "remove", "1@a.org", "--db", made)[0] == 0
    code, _, err = say("domain", "add", "a.ORG", "--db", made)
    assert (code, "A.org is there already" in err) == (1, True)
    assert say("domain", "remove", "a.org", "--db", made)[0] == 0
    assert data(say("domain", "list", "--json", "--db", made)) == []


@pytest.mark.parametrize(
    ("stored", "mask", "given"),
    [
        ("198.51.100.77", 24, "198.51.100.0/24"),
        ("198.51.100.77", 24, "198.51.100.1/24"),
        ("198.51.100.1", 0, "198.51.100.1"),
        ("2001:DB8:5::1", 128, "2001:db8:5:0::1"),
        ("[2001:db8:6::1]", 0, "2001:db8:6::1"),
        ("2001:db8:6::1", 128, "[2001:DB8:6::1]"),
        ("2001:db8:7::1", 64, "[2001:db8:7::]/64"),
        ("Gw.example.org", 32, "Gw.example.org"),
    ],
)
def test_an_address_however_it_is_written(
    made: str, say: Say, stored: str, mask: int, given: str
) -> None:
    _fill(made, "address", {"grp": 1, "ip_addr": stored, "mask": mask, "port": 0})
    code, _, err = say("address", "add", given, "--db", made)
    assert (code, "is in group 1 already" in err) == (1, True)
    assert say("address", "remove", given, "--db", made)[0] == 0
    assert data(say("address", "list", "--json", "--db", made)) == []


def test_ports_of_one_address(made: str, say: Say) -> None:
    for port in ("0", "5060", "65535"):
        assert say("address", "add", "192.0.2.7", "--port", port, "--db", made)[0] == 0
    code, _, err = say("address", "add", "192.0.2.7", "--port", "5060", "--db", made)
    assert (code, "192.0.2.7/32, port 5060, is in group 1 already" in err) == (1, True)
    assert say("address", "remove", "192.0.2.7", "--port", "5060", "--db", made)[0] == 0
    assert say("address", "remove", "192.0.2.7", "--port", "5060", "--db", made)[0] == 1
    left = data(say("address", "list", "--json", "--db", made))
    assert sorted(each["port"] for each in left) == [0, 65535]
    assert say("address", "remove", "192.0.2.7", "--db", made)[0] == 0
    assert data(say("address", "list", "--json", "--db", made)) == []


def test_names_are_addresses_too(made: str, say: Say) -> None:
    assert say("address", "add", "Gw.example.org", "--tag", "t", "--db", made) == (
        0, "Gw.example.org added to group 1\n", ""
    )  # fmt: skip
    row = data(say("address", "list", "--json", "--db", made))[0]
    assert (row["ip_addr"], row["mask"]) == ("Gw.example.org", 32)


def test_any_byte_is_listed(say: Say, tmp_path: Path) -> None:
    url = new_url("sqlite", tmp_path, "bytes")
    say("db", "create", url)
    _fill(url, "subscriber", {"username": b"\xffx", "domain": "a\x1b[31m"})
    row = data(say("user", "list", "--json", "--db", url))[0]
    assert (row["username"], row["domain"]) == ("\ufffdx", "a\x1b[31m")
    assert "\ufffdx        a\ufffd[31m" in say("user", "list", "--db", url)[1]


@pytest.mark.parametrize("end", [EOFError, KeyboardInterrupt])
def test_who_types_no_password(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: type[BaseException]
) -> None:
    url = new_url("sqlite", tmp_path, "typed")
    say("db", "create", url)

    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    def ends(prompt: str) -> str:
        raise end

    monkeypatch.setattr(getpass, "getpass", ends)
    monkeypatch.setattr(io, "StringIO", Terminal)
    code, _, err = say("user", "add", "alice@a.org", "--db", url)
    assert code == (2 if end is EOFError else 130)
    assert ("no password was given" in err) == (end is EOFError)


def test_a_hash_is_of_a_password_of_any_length(say: Say, tmp_path: Path) -> None:
    url = new_url("sqlite", tmp_path, "long")
    say("db", "create", url)
    assert say("user", "add", "a@a.org", "--hashed", "--db", url, typed="x" * 300)[0] == 0
