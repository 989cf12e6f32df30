"""auth_db without a server: what the suites `auth_db*` of `tests/compat` cannot show."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from sipway.core.databases import databases
from sipway.errors import DatabaseDownError, ModuleError
from tests import subscribers
from tests.compat.authenticating import REALM, answer, hashed
from tests.modules.asking import URI, Asking
from tests.modules.running import load, mistakes

_CHECK = f'auth_check("{REALM}", "subscriber", "1")'
_PLAIN = """
modparam("auth_db", "calculate_ha1", 1)
modparam("auth_db", "password_column", "password")
"""


class Servers:
    """Makes servers with a database in a folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "users.sqlite"
        self._made: list[Asking] = []

    def __call__(self, call: str = _CHECK, parameters: str = "", **more: Any) -> Asking:
        url = f'modparam("auth_db", "db_url", "sqlite://{self.path}")'
        made = Asking(call, url + parameters, modules=("db_sqlite", "auth_db"), **more)
        self._made.append(made)
        return made

    def close(self) -> None:
        for each in self._made:
            each.__exit__()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Servers]:
    made = Servers(tmp_path)
    subscribers.make(
        made.path,
        subscribers.USERS,
        "insert into subscriber (username, ha1, password) values ('null', null, null)",
        "insert into subscriber (username, ha1, password) values ('empty', '', '')",
        "insert into subscriber (username, password) values ('number', 1234)",
        "insert into subscriber (username, password) values ('bytes', cast('pa' as blob))",
    )
    yield made
    made.close()


def test_who_is_in_the_database_gets_in(server: Servers) -> None:
    asked = server()
    assert asked.ask(asked.answered()) == 1
    assert asked.ask(asked.answered(password="wrong")) == -2
    assert asked.ask(asked.answered(user="nobody")) == -3
    assert asked.ask() == -5
    assert asked.reply.what == "407"


def test_nobody_registers_somebody_else(server: Servers) -> None:
    asked = server()
    right = asked.answered("REGISTER", header="Authorization")
    own = "<sip:alice@caller.example>"
    assert asked.ask(right, "REGISTER", to=own) == 1
    for to in (
        "<sip:bob@caller.example>",
        "<sip:Alice@caller.example>",
        "<sip:alice;x@caller.example>",
        "<sip:a>",
    ):
        assert asked.ask(right, "REGISTER", to=to) == -8
    assert asked.ask(right, "REGISTER", to=own, from_="<sip:bob@caller.example>;tag=1") == -8


@pytest.mark.parametrize("user", ["null", "empty"])
@pytest.mark.parametrize("parameters", ["", _PLAIN])
def test_who_has_no_password_does_not_get_in(server: Servers, user: str, parameters: str) -> None:
    asked = server(f'proxy_authenticate("{REALM}", "subscriber")', parameters)
    found = asked.challenged()[0]
    for password in ("", "None", "null", "0"):
        line = answer(found, "MESSAGE", URI, user=user, password=password)
        assert asked.ask(line) == -2
    for first in ("None", "null", "0", " "):
        assert asked.ask(answer(found, "MESSAGE", URI, user=user, first=first)) == -2
    two = hashed("MD5", f"MESSAGE:{URI}")
    empty = {"response": hashed("MD5", f":{found['nonce']}:{two}")}
    assert asked.ask(answer(found, "MESSAGE", URI, user=user, shown=dict(empty))) == -2


def test_passwords_may_be_numbers_or_bytes(server: Servers) -> None:
    asked = server(f'proxy_authenticate("{REALM}", "subscriber")', _PLAIN)
    assert asked.ask(asked.answered(user="number", password="1234")) == 1
    assert asked.ask(asked.answered(user="bytes", password="pa")) == 1


@pytest.mark.parametrize(
    "name",
    [
        "' or 1=1 --",
        "alice' --",
        "alice'; drop table subscriber; --",
        "\\\\",
        "\\'",
        "%",
        "alice%",
        "a_ice",
        "\udcff\udcfe",
        "älice\ufffd",
        "alice\t",
        "x" * 4000,
        '\\"',
        "$avp(x)",
        "{alice}",
        "?",
    ],
)
def test_whatever_name_comes_in(server: Servers, name: str) -> None:
    asked = server()
    found = asked.challenged()[0]
    assert asked.ask(answer(found, "MESSAGE", URI, user=name)) == -3
    assert asked.ask(answer(found, "MESSAGE", URI, user=f"{name}@{name}")) == -3
    assert asked.ask(asked.answered()) == 1


@pytest.mark.parametrize(
    "table", ["subscriber; drop table subscriber", "subscriber where 1=1 --", "", "x", "a b", "é"]
)
def test_whatever_table_is_named(server: Servers, table: str) -> None:
    asked = server(f'auth_check("{REALM}", "$hdr(X-T)", 0)')
    line = asked.answered()
    assert asked.ask(f"{line}X-T: {table}\r\n") == -1
    assert asked.ask(f"{line}X-T: subscriber\r\n") == 1


def test_few_tables_are_remembered(server: Servers) -> None:
    asked = server(f'auth_check("{REALM}", "$hdr(X-T)", 0)')
    line = asked.answered()
    for number in range(200):
        assert asked.ask(f"{line}X-T: x{number}\r\n") == -1
    assert len(asked.program.shared.of_module("auth_db", dict)) <= 64


def test_a_table_of_another_version_is_not_asked(server: Servers) -> None:
    call = f'proxy_authenticate("{REALM}", "old_subscriber")'
    asked = server(call)
    assert asked.ask(asked.answered()) == -1
    assert any("old_subscriber is of version 6, 7 is wanted" in each for each in asked.lines)
    asked = server(call, 'modparam("auth_db", "version_table", 0)')
    assert asked.ask(asked.answered()) == -3


@pytest.mark.parametrize("column", ["password_column", "password_column_2", "user_column"])
def test_the_name_of_a_column_is_nobodys_password(server: Servers, column: str) -> None:
    parameters = f'modparam("auth_db", "{column}", "nothing_such")'
    asked = server(f'proxy_authenticate("{REALM}", "subscriber")', parameters)
    found = asked.challenged()[0]
    user = "alice@r.example" if column == "password_column_2" else "alice"
    for line in (
        answer(found, "MESSAGE", URI, user=user, first="nothing_such"),
        answer(found, "MESSAGE", URI, user=user, password="nothing_such"),
    ):
        assert asked.ask(line) == -1


# --- AVPs ------------------------------------------------------------------------------------


def test_columns_go_into_avps(server: Servers) -> None:
    asked = server(
        parameters='modparam("auth_db", "load_credentials",'
        ' "$avp(i:5)=number; $avp(s:x)=rpid;email_address;")',
        then='xlog("$avp(i:5) $avp(x) $avp(email_address)\\n"); $var(n) = $avp(i:5) + 1;'
        ' xlog("$var(n)\\n");',
    )
    assert asked.ask(asked.answered()) == 1
    assert asked.lines[1:] == ["7 sip:alice@rpid a@mail.example", "8"]
    assert asked.ask(asked.answered(password="x")) == -2
    assert asked.lines[1] == "<null> <null> <null>"
    bob = "<sip:bob@r.example>;tag=b"
    assert asked.ask(asked.answered(user="bob", password="other"), from_=bob) == 1
    assert asked.lines[1] == "7 sip:bob@rpid <null>"


# --- a database that does not answer ---------------------------------------------------------


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    url = f'modparam("auth_db", "db_url", "sqlite://{tmp_path}/no/such/folder")'
    call = f'auth_check("{REALM}", "subscriber", 0)'
    then = 'if ($var(r) == -1) { is_subscriber("sip:a@b", "subscriber", 0); xlog("$rc\\n"); }'
    with Asking(call, url, then=then, modules=("db_sqlite", "auth_db")) as asked:
        line = asked.answered()
        assert asked.ask(line) == -1
        assert asked.lines[-1] == "-1"
        assert asked.ask(line) == -1  # said before
        assert asked.ask() == -5


class Slow:
    """A database that answers when it is told to."""

    shown = "slow"

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self.go = asyncio.Event()
        self.asked = 0
        self.fails = False
        self._rows = list(rows)

    async def select(self, table: str, columns: Sequence[str], *_: Any, **__: Any) -> list[Any]:
        del columns
        assert table == "version"
        return [(7,)]

    def first_at_once(self, *_: Any) -> None:
        """It always takes its time."""

    async def first(self, *_: Any) -> Any:
        self.asked += 1
        await self.go.wait()
        if self.fails:
            raise DatabaseDownError("slow is gone")
        return self._rows[0] if self._rows else None

    async def close(self) -> None:
        """There is nothing to let go of."""


def _slow(
    call: str, parameters: str = "", *rows: tuple[Any, ...], **more: Any
) -> tuple[Asking, Slow]:
    made: Any = Slow(*rows)
    url = 'modparam("auth_db", "db_url", "sqlite:///none")'
    asked = Asking(call, url + parameters, modules=("db_sqlite", "auth_db"))
    databases(asked.program).open["sqlite:///none"] = made
    return asked, made


def test_nobody_waits_for_a_question_of_somebody_else() -> None:
    asked, slow = _slow(_CHECK, _PLAIN, ("secret",))
    line = asked.answered()

    async def play() -> list[int]:
        asked.log.written.clear()
        first = asyncio.ensure_future(asked.begin(line)[1])
        while not slow.asked:
            await asyncio.sleep(0)
        await asked.begin()[1]  # without credentials: answered at once
        assert asked.codes == [-5]
        assert not first.done()
        slow.go.set()
        await first
        return asked.codes

    with asked:
        assert asked.runner.run(play()) == [-5, 1]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ('modparam("auth", "nonce_count", 1) modparam("auth", "qop", "auth")', -4),
        ('modparam("auth", "one_time_nonce", 1)', -6),
    ],
)
def test_one_nonce_lets_one_request_in_also_while_both_wait(parameters: str, code: int) -> None:
    asked, slow = _slow(_CHECK, _PLAIN + parameters, ("secret",))
    line = asked.answered(qop="auth")

    async def play() -> list[int]:
        asked.log.written.clear()
        tries = [asyncio.ensure_future(asked.begin(line)[1]) for _ in range(3)]
        while not slow.asked:
            await asyncio.sleep(0)
        slow.go.set()
        await asyncio.gather(*tries)
        return asked.codes

    with asked:
        assert sorted(asked.runner.run(play())) == [code, code, 1]
    assert slow.asked == 1


def test_a_database_that_fails_in_between_lets_nobody_in() -> None:
    asked, slow = _slow(_CHECK, _PLAIN, ("secret",))
    line = asked.answered()
    slow.fails = True
    slow.go.set()
    with asked:
        assert asked.ask(line) == -1
        assert any("slow is gone" in each for each in asked.lines)
        assert asked.reply.what == "407"
        slow.fails = False
        assert asked.ask(line) == 1


def test_who_sends_no_good_credentials_asks_no_database() -> None:
    asked, slow = _slow(_CHECK, _PLAIN, ("secret",))
    slow.go.set()
    found = asked.challenged()[0]
    with asked:
        for line in (
            "",
            "Proxy-Authorization: Digest x\r\n",
            answer(found | {"nonce": "AAAA"}, "MESSAGE", URI),
            answer(found, "MESSAGE", URI, shown={"realm": "x"}),
            answer(found, "MESSAGE", URI, shown={"response": "0"}),
        ):
            assert asked.ask(line) < 0
    assert slow.asked == 0


# --- parameters and arguments ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"user_column", ""', "no column"),
        ('"password_column", "a b"', "no column"),
        ('"domain_column", "a;b"', "no column"),
        ('"load_credentials", "a;;b"', "no column"),
        ('"load_credentials", "$avp(a)="', "no column"),
        ('"load_credentials", "$var(x)=rpid"', "$avp(name)"),
        ('"load_credentials", "x=rpid"', "$avp(name)"),
        ('"calculate_ha1", "x"', "calculate_ha1"),
    ],
)
def test_parameters_that_are_none(parameter: str, said: str) -> None:
    code = "request_route { exit; }"
    found = mistakes(code, f'modparam("auth_db", {parameter})', modules=("auth", "auth_db"))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('auth_check("", "subscriber", 0)', "must not be empty"),
        ('auth_check("x", "", 0)', "no table is called"),
        ('auth_check("x", "subscriber", "a")', "not a number"),
        ('www_authenticate("x", "$fU")', "no table is called"),
        ('auth_check("x", "a; drop table b", 0)', "no table is called"),
        ('proxy_authenticate("x", "subscriber", "INVITE")', "argument"),
        ('is_subscriber("$ru", "")', "argument"),
    ],
)
def test_arguments_that_are_none(call: str, said: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}", modules=("auth", "auth_db"))
    assert len(found) == 1
    assert said in found[0]


def test_they_check_requests_and_ask_anywhere() -> None:
    modules = ("auth", "auth_db")
    assert mistakes('failure_route[A] { auth_check("x", "y", 0); }', modules=modules)
    ask = 'is_subscriber("$ru", "subscriber", 1)'
    assert not mistakes(
        f'request_route {{ t_on_failure("A"); }} failure_route[A] {{ {ask}; }}',
        modules=("tm", *modules),
    )


@pytest.mark.parametrize(
    ("modules", "said"),
    [
        (("auth_db", "db_sqlite"), "needs the module auth"),
        (("auth", "auth_db"), "db_mysql is not loaded"),
    ],
)
def test_what_it_needs_is_said_at_start(modules: tuple[str, ...], said: str) -> None:
    with pytest.raises(ModuleError, match=said):
        load("request_route { exit; }", modules=modules)
