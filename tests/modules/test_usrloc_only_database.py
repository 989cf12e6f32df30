"""usrloc with db_mode 3: contacts are in a database and nowhere else."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sipway.core.commands import CommandError, carry_out
from sipway.core.context import Context
from sipway.core.databases import database, databases, finish, prepare
from sipway.core.program import Program
from sipway.core.waiting import start
from sipway.errors import DatabaseDownError
from sipway.modules.usrloc import Contact, locations, records
from sipway.modules.usrloc.records import MOST_WAITING
from sipway.modules.usrloc.rows import COLUMNS, Layout, row_of
from sipway.modules.usrloc.walked import Walked
from sipway.stores.databases import Condition, Database, moment, read_url, seconds_of
from sipway.stores.databases.tables import make
from tests.databases import KINDS, new_url, remove
from tests.fakes import LogInMemory, request
from tests.modules.running import NOW, context, load, mistakes

_MODULES = ("usrloc", "registrar", "db_sqlite", "db_text", "db_mysql", "db_postgres", "nathelper")
_LATER = int(NOW) + 600
_SEEN = int(NOW) - 60
_LAYOUT = Layout({each: each for each in COLUMNS}, seconds=False, domains=False)
_INSTANCE = "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF"
_SAVE = 'if (is_method("REGISTER")) { save("location"); xlog("save $rc\\n"); exit; } '
_LOOK = 'lookup("location"); xlog("$rc $ru $(branch(uri)[0])\\n");'


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    made = new_url(request.param, tmp_path, "only")
    yield made
    remove(made)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return new_url("sqlite", tmp_path, "only")


class _Server:
    """A script that runs on one message after the other, and its database."""

    def __init__(
        self, url: str, code: str = _SAVE + _LOOK, *parameters: str, more: str = "", head: str = ""
    ) -> None:
        self.url = url
        given = (f'"usrloc", "db_url", "{url}"', '"usrloc", "db_mode", 3', *parameters)
        self.program, self.log, self.socket = load(
            f"request_route {{ {code} }} {more}",
            parameters=head + "\n" + "\n".join(f"modparam({each})" for each in given),
            modules=_MODULES,
            level=1,
        )
        self.time = NOW
        self.program.clock = lambda: self.time

    async def begin(self) -> Database:
        opened = database(self.program, self.url, "test")
        await make(opened, read_url(self.url))
        await prepare(self.program)
        return opened

    async def say(self, data: bytes) -> Context:
        ctx = context(self.program, data)
        ctx.now = self.time
        route = self.program.request_route
        assert route is not None
        rest = start(route(ctx), ctx)
        if rest is not None:
            await rest
        return ctx

    @property
    def answer(self) -> str:
        """The last that was sent."""
        return self.socket.outgoing[-1][0].decode("utf-8", "surrogateescape")

    @property
    def statuses(self) -> list[str]:
        return [data.split(b" ")[1].decode() for data, _ in self.socket.outgoing]

    @property
    def lines(self) -> list[str]:
        """What the script has written since the last time."""
        found = [text.removeprefix("<script>: ").rstrip("\n") for _, text in self.log.written]
        self.log.written.clear()
        return found

    async def end(self) -> None:
        await finish(self.program)
        await databases(self.program).close()


Work = Callable[[_Server, Database], Awaitable[Any]]


def _run(server: _Server, work: Work) -> LogInMemory:
    async def whole() -> None:
        opened = await server.begin()
        await work(server, opened)
        await server.end()

    asyncio.run(whole())
    return server.log


def _register(
    *contacts: str, user: str = "alice", cseq: int = 1, call: str = "call-1", extra: str = ""
) -> bytes:
    lines = "".join(f"Contact: {each}\r\n" for each in contacts) + extra
    return request(
        "REGISTER",
        "sip:example.org",
        to=f"<sip:{user}@example.org>",
        cseq=f"{cseq} REGISTER",
        call_id=call,
        extra=lines,
    )


def _invite(user: str = "alice") -> bytes:
    return request("INVITE", user if ":" in user else f"sip:{user}@example.org")


async def _add(opened: Database, user: str, port: int = 5060, **more: Any) -> None:
    """Somebody else adds a row."""
    more = {"modified": _SEEN, "expires": _LATER, "ruid": f"r-{user}-{port}".encode(), **more}
    expires = more.pop("expires")
    contact = Contact(f"sip:{user}@192.0.2.1:{port}".encode(), expires, **more)
    await opened.insert("location", row_of(user, contact, _LAYOUT))


async def _rows(opened: Database, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(await opened.select("location", columns), key=str)


# --- save() and lookup() --------------------------------------------------------------------


def test_a_registration_is_a_row_before_it_is_answered(url: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await server.say(_register("<sip:a@192.0.2.1:5060>;q=0.5;expires=100"))
        assert server.statuses == ["200"]
        assert "<sip:a@192.0.2.1:5060>;q=0.5;expires=100" in server.answer
        assert await _rows(opened, "username", "domain", "contact", "q", "cseq") == [
            ("alice", None, "sip:a@192.0.2.1:5060", 0.5, 1)
        ]
        [(expires,)] = await _rows(opened, "expires")
        assert seconds_of(expires) == int(NOW) + 100
        [(ruid,)] = await _rows(opened, "ruid")
        server.time += 10
        await server.say(_register("<sip:a@192.0.2.1:5060>;expires=200", cseq=2))
        assert await _rows(opened, "ruid", "cseq", "q") == [(ruid, 2, -1.0)]
        await server.say(_invite())
        await server.say(_register("<sip:a@192.0.2.1:5060>;expires=0", cseq=3))
        assert await _rows(opened, "ruid") == []
        await server.say(_invite())
        assert server.lines == [
            "save 1",
            "save 2",
            "1 sip:a@192.0.2.1:5060 <null>",
            "save 3",
            "-1 sip:alice@example.org <null>",
        ]
        assert len(locations(server.program).table("location")) == 0

    _run(_Server(url), work)


def test_what_somebody_else_writes_is_seen_at_the_next_lookup(url: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "bob", 5060, q=500)
        await server.say(_invite("bob"))
        await _add(opened, "bob", 5061, q=700)
        await server.say(_invite("bob"))
        where = [Condition("ruid", "r-bob-5061")]
        await opened.update("location", {"contact": "sip:new@192.0.2.7"}, where)
        await server.say(_invite("bob"))
        await opened.update("location", {"expires": moment(NOW - 1)}, where)
        await server.say(_invite("bob"))
        await opened.delete("location")
        await server.say(_invite("bob"))
        assert server.lines == [
            "1 sip:bob@192.0.2.1:5060 <null>",
            "1 sip:bob@192.0.2.1:5061 sip:bob@192.0.2.1:5060",
            "1 sip:new@192.0.2.7 sip:bob@192.0.2.1:5060",
            "1 sip:bob@192.0.2.1:5060 <null>",
            "-1 sip:bob@example.org <null>",
        ]

    _run(_Server(url), work)


def test_a_request_says_what_the_row_of_another_server_is_to_become(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "alice", call_id=b"call-1", cseq=7)
        await server.say(_register("<sip:alice@192.0.2.1:5060>;expires=100", cseq=6))
        assert server.answer.startswith("SIP/2.0 400")
        assert "sip:alice@192.0.2.1:5060" in server.answer, "what there is is listed"
        await server.say(_register("<sip:alice@192.0.2.1:5060>;expires=100", cseq=8))
        assert await _rows(opened, "ruid", "cseq") == [("r-alice-5060", 8)]
        await server.say(_register("*", cseq=9, extra="Expires: 0\r\n"))
        assert await _rows(opened, "ruid") == []

    _run(_Server(sqlite), work)


def test_users_of_domains(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await server.say(_register("<sip:a@192.0.2.1>"))
        other = {"username": "alice", "domain": "other.example", "contact": "sip:x@192.0.2.2"}
        await opened.insert("location", {**other, "ruid": "r-2"})
        assert await _rows(opened, "username", "domain") == [
            ("alice", "example.org"),
            ("alice", "other.example"),
        ]
        await server.say(_invite())
        assert server.lines[-1] == "1 sip:a@192.0.2.1 <null>"

    _run(_Server(sqlite, _SAVE + _LOOK, '"usrloc", "use_domain", 1'), work)


def test_the_newest_comes_first_where_that_is_wanted(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "bob", 5060, q=900, modified=_SEEN - 1)
        await _add(opened, "bob", 5061, q=100, modified=_SEEN)
        await server.say(_invite("bob"))
        assert server.lines == ["1 sip:bob@192.0.2.1:5061 sip:bob@192.0.2.1:5060"]

    _run(_Server(sqlite, _LOOK, '"usrloc", "desc_time_order", 1'), work)


def test_contacts_of_the_sockets_of_others_are_left_out_where_that_is_wanted(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "bob", 5060, socket=b"udp:192.0.2.9:5060")
        await _add(opened, "bob", 5061, socket=b"udp:192.0.2.8:5060")
        await server.say(_register("<sip:bob@192.0.2.1:5062>", user="bob"))
        await server.say(_register("*", user="bob", cseq=2, extra="Expires: 0\r\n"))
        assert await _rows(opened, "ruid") == [("r-bob-5061",)], "it is another server's to remove"
        await server.say(_invite("bob"))
        assert server.lines[-1] == "-1 sip:bob@example.org <null>"

    _run(_Server(sqlite, _SAVE + _LOOK, '"usrloc", "skip_remote_socket", 1'), work)


def test_a_name_that_no_column_can_hold_is_nobody(sqlite: str) -> None:
    async def work(server: _Server, _: Database) -> None:
        await server.say(_invite("al%ffice"))
        await server.say(_invite("al%00ice"))
        await server.say(_register("<sip:a@192.0.2.1>", user="al%ffice"))
        assert [each[:2] for each in server.lines if each[:2] in ("-1", "sa")] == ["-1", "-1", "sa"]
        assert server.statuses == ["500"]

    _run(_Server(sqlite), work)


def test_an_aor_that_is_none_is_refused_without_asking(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'absent' / 'file'}"
    server = _Server(url)
    asyncio.run(server.say(request("REGISTER", "sip:example.org", to="<nonsense>")))
    assert "Error while parsing AOR" in server.answer


# --- the other functions --------------------------------------------------------------------


def test_the_other_functions_ask_the_database(url: str) -> None:
    code = """
        if (is_method("REGISTER")) { save("location"); exit; }
        registered("location"); xlog("registered $rc\\n");
        registered("location", "sip:nobody@example.org"); xlog("registered $rc\\n");
        reg_fetch_contacts("location", "$ru", "p");
        xlog("fetched $rc $ulc(p=>count) $ulc(p=>addr) $ulc(p=>domain) $ulc(p=>ruid)\\n");
        reg_fetch_contacts("location", "sip:nobody@example.org", "p"); xlog("fetched $rc\\n");
        lookup_xavp("location", "$ru", "a", "b");
        xlog("xavp $rc $xavp(a=>count) $xavp(b=>uri)\\n");
        lookup_xavp("location", "sip:nobody@example.org", "a", "b"); xlog("xavp $rc\\n");
        reg_from_user("location", "$ru", 0); xlog("from $rc\\n");
        reg_from_user("location", "sip:nobody@example.org", 0); xlog("from $rc\\n");
        lookup_to_dset("location"); xlog("dset $rc $ru $(branch(uri)[0])\\n");
        clear_branches(); append_branch("sip:bob@example.org");
        lookup_branches("location"); xlog("branches $rc $ru $(branch(uri)[0])\\n");
    """

    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "alice")
        await _add(opened, "bob")
        await server.say(_invite())
        assert server.lines == [
            "registered 1",
            "registered -1",
            "fetched 1 1 sip:alice@192.0.2.1:5060 location r-alice-5060",
            "fetched -1",
            "xavp 1 1 sip:alice@192.0.2.1:5060",
            "xavp -1",
            "from 1",
            "from -1",
            "dset 1 sip:alice@example.org sip:alice@192.0.2.1:5060",
            "branches 1 sip:alice@192.0.2.1:5060 sip:bob@192.0.2.1:5060",
        ]

    _run(_Server(url, code), work)


def test_a_user_or_a_contact_is_removed(url: str) -> None:
    code = 'unregister("location", "$hdr(X-U)", "$hdr(X-R)"); xlog("$rc\\n");'
    plain = 'if ($hdr(X-R) == $null) { unregister("location", "$hdr(X-U)"); xlog("$rc\\n"); exit; }'

    def ask(uri: str, ruid: str | None = None) -> bytes:
        lines = f"X-U: {uri}\r\n" + ("" if ruid is None else f"X-R: {ruid}\r\n")
        return request("OPTIONS", "sip:example.org", extra=lines)

    async def work(server: _Server, opened: Database) -> None:
        for port in (1, 2, 3):
            await _add(opened, "alice", port)
        await _add(opened, "bob")
        await server.say(ask("sip:alice@x", "nothing"))
        await server.say(ask("sip:alice@x", "r-alice-2"))
        await server.say(ask("sip:alice@x", "r-bob-5060"))
        await server.say(ask("", "r-bob-5060"))  # with db_mode 3 the id is enough
        await server.say(ask("", "r-bob-5060"))
        assert server.lines == ["-3", "1", "-3", "1", "-3"]
        assert await _rows(opened, "ruid") == [("r-alice-1",), ("r-alice-3",)]
        await server.say(ask("sip:alice@x"))
        await server.say(ask("sip:alice@x"))
        await server.say(ask("nonsense"))
        assert server.lines == ["1", "1", "-1"]
        assert await _rows(opened, "ruid") == []

    _run(_Server(url, plain + code), work)


def test_addresses_of_phones(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        phone = f'<sip:a@192.0.2.1>;+sip.instance="<{_INSTANCE}>"'
        await server.say(_register(phone, "<sip:b@192.0.2.2>", extra="Supported: gruu\r\n"))
        ruids = dict(await _rows(opened, "contact", "ruid"))
        ruid = ruids["sip:a@192.0.2.1"]
        assert f'temp-gruu="sip:{ruid}@example.org;gr"' in server.answer
        server.lines.clear()
        await server.say(_invite(f"sip:alice@example.org;gr={_INSTANCE}"))
        await server.say(_invite(f"sip:{ruid}@example.org;gr"))
        await server.say(_invite("sip:uloc-nothing@example.org;gr"))
        assert server.lines == [
            "1 sip:a@192.0.2.1 <null>",
            "1 sip:a@192.0.2.1 <null>",
            "-1 sip:uloc-nothing@example.org;gr <null>",
        ]

    _run(_Server(sqlite), work)


def test_only_then_do_these_functions_wait(sqlite: str) -> None:
    code = "request_route { " + _SAVE + _LOOK + " }"
    for mode in (0, 1, 2, 3, 4):
        text = f'modparam("usrloc", "db_url", "{sqlite}")\nmodparam("usrloc", "db_mode", {mode})'
        program, _, _ = load(code, parameters=text, modules=_MODULES)
        assert inspect.iscoroutinefunction(program.request_route) is (mode == 3)


def test_contacts_in_memory_only_are_refused() -> None:
    text = 'modparam("usrloc", "db_mode", {})'
    code = 'request_route { save("location", "0x01"); }'
    found = mistakes(code, text.format(3), modules=_MODULES)
    assert any("with db_mode 3 of usrloc there is none" in each for each in found), found
    assert mistakes(code, text.format(1), modules=_MODULES) == []


# --- what is kept with a contact ------------------------------------------------------------


def test_attributes_are_rows_of_their_own(url: str) -> None:
    code = (
        'if (is_method("REGISTER")) { if ($hdr(X-A) != $null) { $xavp(ul=>a) = $hdr(X-A);'
        ' $xavp(ul[0]=>n) = 5; } save("location"); exit; }'
        'lookup("location"); xlog("$rc $xavp(ul=>a) $xavp(ul=>n)\\n");'
        'if ($xavp(ul=>n) == 5) xlog("a number\\n");'
    )

    async def attributes(opened: Database) -> list[tuple[Any, ...]]:
        columns = ["username", "ruid", "aname", "atype", "avalue"]
        return sorted(await opened.select("location_attrs", columns), key=str)

    async def work(server: _Server, opened: Database) -> None:
        await server.say(_register("<sip:a@192.0.2.1>", extra="X-A: one\r\n"))
        [(ruid,)] = await _rows(opened, "ruid")
        assert await attributes(opened) == [
            ("alice", ruid, "a", 0, "one"),
            ("alice", ruid, "n", 1, "5"),
        ]
        await server.say(_invite())
        await server.say(_register("<sip:a@192.0.2.1>", extra="X-A: two\r\n", cseq=2))
        await server.say(_invite())
        assert len(await attributes(opened)) == 2
        await server.say(_register("<sip:a@192.0.2.1>", cseq=3))
        assert await attributes(opened) == []
        await server.say(_register("<sip:a@192.0.2.1>", extra="X-A: three\r\n", cseq=4))
        await server.say(_register("<sip:a@192.0.2.1>;expires=0", cseq=5))
        assert await attributes(opened) == []
        assert server.lines == ["1 one 5", "a number", "1 two 5", "a number"]

    _run(_Server(url, code, '"usrloc", "xavp_contact", "ul"'), work)


def test_a_contact_counts_without_its_attributes(sqlite: str) -> None:
    code = '$xavp(ul=>a) = "x"; ' + _SAVE + _LOOK

    async def work(server: _Server, opened: Database) -> None:
        await opened.run("drop table location_attrs")
        await server.say(_register("<sip:a@192.0.2.1>"))
        await server.say(_invite())
        assert server.statuses == ["200"]
        lines = server.lines
        assert "1 sip:a@192.0.2.1 <null>" in lines
        assert sum("attributes of contacts" in each for each in lines) == 1, "it is said once"

    _run(_Server(sqlite, code, '"usrloc", "xavp_contact", "ul"'), work)


# --- when the database does not do it -------------------------------------------------------


def test_a_database_that_is_down(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    code = (
        _SAVE
        + 'if (is_method("OPTIONS")) { sl_send_reply("200", "Here"); exit; } $var(codes) = "";'
        + "".join(
            f'{call}; $var(codes) = $var(codes) + " " + $rc;'
            for call in (
                'lookup("location")',
                'lookup_to_dset("location", "sip:alice@example.org")',
                'lookup_branches("location")',
                'lookup_xavp("location", "sip:alice@example.org", "a", "b")',
                'registered("location", "sip:alice@example.org")',
                'reg_from_user("location", "sip:alice@example.org", 0)',
                'reg_fetch_contacts("location", "sip:alice@example.org", "p")',
                'unregister("location", "sip:alice@example.org")',
                'unregister("location", "", "r-1")',
            )
        )
        + 'xlog("codes$var(codes)\\n");'
    )
    server = _Server(f"sqlite://{folder}/file", code)

    async def whole() -> None:
        for contacts in (("<sip:a@192.0.2.1>",), (), ("*",)):
            await server.say(_register(*contacts, extra="Expires: 0\r\n"))
        assert server.statuses == ["500"] * 3
        assert "P-Registrar-Error: usrloc error" in server.answer
        await server.say(_invite())
        assert server.lines.count("codes -3 -3 -3 -3 -1 -1 -1 -2 -2") == 1
        await server.say(request("OPTIONS", "sip:example.org"))
        assert server.statuses[-1] == "200"
        folder.mkdir()
        await asyncio.sleep(1.01)  # for a second nobody tries again (`Guard`)
        await server.begin()
        await server.say(_register("<sip:a@192.0.2.1>"))
        assert server.statuses[-1] == "200"
        await server.say(_invite())
        assert "codes 1 1 -1 1 1 1 1 1 -3" in server.lines
        await server.end()

    asyncio.run(whole())


def test_what_is_wrong_is_said_once(tmp_path: Path) -> None:
    server = _Server(f"sqlite://{tmp_path}/absent/file")

    async def whole() -> None:
        await server.say(_invite())
        before = len(server.lines)
        for _ in range(20):
            await server.say(_invite())
        script = [each for each in server.lines if each.startswith("-3")]
        assert before > 1
        assert len(script) == 20
        await server.end()

    asyncio.run(whole())


def test_a_registration_is_kept_whole_or_not_at_all(sqlite: str) -> None:
    refuse = (
        "create trigger refuse before insert on location when new.contact like '%bad%'"
        " begin select raise(abort, 'no such contacts'); end"
    )

    async def work(server: _Server, opened: Database) -> None:
        await opened.run(refuse)
        await server.say(_register("<sip:a@192.0.2.1>"))
        before = await _rows(opened, "contact", "cseq", "expires", "callid")
        for bad in ("<sip:bad@192.0.2.1>", "<sip:b@192.0.2.1>, <sip:bad@192.0.2.1>"):
            await server.say(_register(f"<sip:a@192.0.2.1>;expires=77, {bad}", cseq=5, call="c-2"))
            assert server.answer.startswith("SIP/2.0 500")
            assert await _rows(opened, "contact", "cseq", "expires", "callid") == before
        await server.say(_register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>", cseq=6))
        assert len(await _rows(opened, "contact")) == 2

    _run(_Server(sqlite), work)


class _Slow:
    """A database that answers when it is let, or goes away in the middle."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, opened: Database) -> None:
        self.let = asyncio.Event()
        self.asked: list[str] = []
        self.fails_at = ""
        for name in ("select", "insert", "replace", "delete"):
            monkeypatch.setattr(opened, name, self._slowed(name, getattr(opened, name)))

    def _slowed(self, name: str, real: Callable[..., Awaitable[Any]]) -> Callable[..., Any]:
        async def asked(*given: Any, **more: Any) -> Any:
            self.asked.append(name)
            await self.let.wait()
            if name == self.fails_at:
                raise DatabaseDownError("it has gone")
            return await real(*given, **more)

        return asked


def test_others_go_on_while_a_request_waits(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    code = 'if (is_method("OPTIONS")) { sl_send_reply("200", "Here"); exit; } ' + _SAVE + _LOOK

    async def work(server: _Server, opened: Database) -> None:
        slow = _Slow(monkeypatch, opened)
        waiting = [
            asyncio.ensure_future(server.say(each))
            for each in (_register("<sip:a@192.0.2.1>"), _register(user="bob"), _invite())
        ]
        while len(slow.asked) < 3:
            await asyncio.sleep(0)
        assert server.statuses == []
        await server.say(request("OPTIONS", "sip:example.org"))
        assert server.statuses == ["200"]
        assert not any(each.done() for each in waiting)
        server.time += 7
        slow.let.set()
        await asyncio.gather(*waiting)
        assert server.statuses == ["200", "200", "200"]
        [(modified,)] = await _rows(opened, "last_modified")
        assert seconds_of(modified) == int(NOW) + 7, "the time is that after the wait"

    _run(_Server(sqlite, code), work)


@pytest.mark.parametrize("fails_at", ["select", "replace", "delete"])
def test_a_database_that_goes_in_the_middle(
    sqlite: str, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await server.say(_register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>"))
        before = await _rows(opened, "contact", "cseq")
        slow = _Slow(monkeypatch, opened)
        slow.fails_at = fails_at
        slow.let.set()
        await server.say(_register("<sip:c@192.0.2.1>, <sip:a@192.0.2.1>;expires=0", cseq=2))
        assert server.statuses[-1] == "500"
        assert "Contact:" not in server.answer, "nothing is said to be kept"
        slow.fails_at = ""
        after = await _rows(opened, "contact", "cseq")
        assert set(before) <= set(after), "what there was is still there"
        # The phone tries again, and all is as it is to be.
        await server.say(_register("<sip:c@192.0.2.1>, <sip:a@192.0.2.1>;expires=0", cseq=3))
        assert server.statuses[-1] == "200"
        assert [each for each, _ in await _rows(opened, "contact", "cseq")] == [
            "sip:b@192.0.2.1",
            "sip:c@192.0.2.1",
        ]

    _run(_Server(sqlite), work)


def test_requests_for_the_same_user_take_turns(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await asyncio.gather(
            *(server.say(_register(f"<sip:a{n}@192.0.2.1>", call=f"call-{n}")) for n in range(5))
        )
        assert sorted(server.statuses) == ["200", "503", "503", "503", "503"]
        assert len(await _rows(opened, "ruid")) == 1
        known = records(server.program)
        assert known is not None
        assert not known._turns, "nobody's turn is remembered"

    _run(_Server(sqlite, _SAVE, '"registrar", "max_contacts", 1'), work)


def test_not_too_many_wait_for_their_turn(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(server: _Server, opened: Database) -> None:
        slow = _Slow(monkeypatch, opened)
        waiting = [
            asyncio.ensure_future(
                server.say(_register(f"<sip:a{number}@192.0.2.1>", call=f"call-{number}"))
            )
            for number in range(MOST_WAITING + 3)
        ]
        while len(server.statuses) < 3:
            await asyncio.sleep(0)
        assert server.statuses == ["500"] * 3
        slow.let.set()
        await asyncio.gather(*waiting)
        assert server.statuses.count("200") == MOST_WAITING

    _run(_Server(sqlite, _SAVE), work)


# --- what runs beside the messages ----------------------------------------------------------


async def _serve_until(server: _Server, done: Callable[[], Awaitable[bool]]) -> None:
    server.program.spawn = asyncio.ensure_future
    tasks = [asyncio.ensure_future(each()) for each in server.program.services]
    while not await done():
        await asyncio.sleep(0.005)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def test_what_has_expired_is_removed_and_told_of(url: str) -> None:
    more = (
        'event_route[usrloc:contact-expired] { xlog("$ulc(exp=>aor) $ulc(exp=>addr)'
        ' $ulc(exp=>domain)\\n"); }'
    )

    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "old", expires=int(NOW) - 31)
        await _add(opened, "recent", expires=int(NOW) - 29)
        await _add(opened, "new")
        await _add(opened, "ever", expires=0)

        async def done() -> bool:
            return bool(server.log.written)

        await _serve_until(server, done)
        assert server.lines == ["old sip:old@192.0.2.1:5060 location"]
        assert await _rows(opened, "username") == [("ever",), ("new",), ("recent",)]

    times = ('"usrloc", "timer_interval", 1', '"usrloc", "rm_expired_delay", 30')
    _run(_Server(url, _LOOK, *times, more=more), work)


def test_what_other_servers_have_written_stays_where_that_is_wanted(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "ours", expires=_SEEN, server_id=2)
        await _add(opened, "theirs", expires=_SEEN, server_id=1)

        async def done() -> bool:
            return len(await _rows(opened, "username")) < 2

        await _serve_until(server, done)
        assert await _rows(opened, "username") == [("theirs",)]

    given = ('"usrloc", "timer_interval", 1', '"usrloc", "server_id_filter", 1')
    _run(_Server(sqlite, _LOOK, *given, head="server_id=2"), work)


def test_a_walk_goes_through_what_the_database_says_when_it_begins(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "alice")
        await _add(opened, "bob")
        walked = Walked(server.program)
        assert list(walked.tables()) == []
        await walked.prepare()
        [table] = walked.tables()
        assert [key for key, _ in table.after(b"", 9)] == [b"alice", b"bob"]
        await _add(opened, "carol")
        assert len(table) == 2
        await walked.prepare()
        assert [len(each) for each in walked.tables()] == [3]

    _run(_Server(sqlite), work)


def test_contacts_of_the_database_stay_though_they_do_not_answer(sqlite: str) -> None:
    """README of nathelper, keepalive_timeout: not with db_mode 3."""

    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "alice", socket=b"udp:192.0.2.9:5060")

        pinged = 0

        async def done() -> bool:
            nonlocal pinged
            if len(server.socket.outgoing) > pinged:
                pinged = len(server.socket.outgoing)
                server.time += 2.0
            return pinged > 2

        await _serve_until(server, done)
        assert all(data.startswith(b"OPTIONS ") for data, _ in server.socket.outgoing)
        assert await _rows(opened, "expires") == [(moment(_LATER),)]

    pings = ("natping_interval", "keepalive_timeout")
    given = (f'"nathelper", "{each}", 1' for each in pings)
    asks = ('"nathelper", "sipping_bflag", 7', '"nathelper", "sipping_from", "sip:p@x"')
    _run(_Server(sqlite, _LOOK, *given, *asks, '"nathelper", "ping_nated_only", 0'), work)


def test_pings_go_to_the_contacts_of_the_database(sqlite: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        await _add(opened, "alice", socket=b"udp:192.0.2.9:5060")

        async def done() -> bool:
            return bool(server.socket.outgoing)

        await _serve_until(server, done)
        assert [data for data, _ in server.socket.outgoing] == [b"\0\0\0\0"]

    _run(_Server(sqlite, _LOOK, '"nathelper", "natping_interval", 10'), work)


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"usrloc", "handle_lost_tcp", 1', "handle_lost_tcp does nothing with db_mode 3"),
        ('"usrloc", "ka_mode", 1', "ka_mode does nothing with db_mode 3"),
    ],
)
def test_what_is_of_memory_only_is_told(sqlite: str, parameter: str, said: str) -> None:
    assert any(said in each for each in _Server(sqlite, _LOOK, parameter).lines)


# --- commands -------------------------------------------------------------------------------


async def _given(program: Program, name: str, *given: Any) -> Any:
    command = program.commands.find(name)
    assert command is not None
    try:
        values = await carry_out(program, command, given)
    except CommandError as error:
        return error.code, error.reason
    return values[0] if values else None


def test_commands(url: str) -> None:
    async def work(server: _Server, opened: Database) -> None:
        async def give(name: str, *given: Any) -> Any:
            return await _given(server.program, name, *given)

        await _add(opened, "alice", 1)
        await _add(opened, "alice", 2)
        await _add(opened, "old", expires=_SEEN)
        found = await give("ul.lookup", "location", "alice")
        assert [each["Address"] for _, each in found["Contacts"]] == [
            "sip:alice@192.0.2.1:1",
            "sip:alice@192.0.2.1:2",
        ]
        assert found["Contacts"][0][1]["State"] == "CS_SYNC"
        not_there = (500, "AOR not found in location table")
        assert await give("ul.lookup", "location", "old") == not_there
        assert await give("ul.lookup", "nothing", "old") == (500, "Domain table not found")
        assert await give("ul.db_users", "location") == 1
        assert await give("ul.db_contacts", "location") == 2
        assert await give("ul.db_expired_contacts", "location") == 1
        for name in ("nothing", "location where 1=1; --"):
            code, why = await give("ul.db_contacts", name)
            assert code == 500
            assert "Failed to query contact count" in why
        added = ("ul.add", "location", "joe", "sip:joe@192.0.2.3", 60, 1, ".", 0, 0, 5)
        await give(*added, "sip:192.0.2.4:5", "udp:192.0.2.9:5060")
        assert (
            "joe", "sip:joe@192.0.2.3", "sip:192.0.2.4:5", "udp:192.0.2.9:5060", None, 5
        ) in await _rows(
            opened, "username", "contact", "received", "socket", "path", "methods"
        )  # fmt: skip
        assert await give("ul.rm_contact", "location", "alice", "sip:alice@192.0.2.1:1") is None
        gone = (404, "Contact not found")
        assert await give("ul.rm_contact", "location", "alice", "sip:alice@192.0.2.1:1") == gone
        assert await give("ul.rm", "location", "joe") is None
        assert await give("ul.flush") is None
        assert await _rows(opened, "ruid") == [("r-alice-2",), ("r-old-5060",)]
        [(_, table)] = (await give("ul.dump"))["Domains"]
        assert list(table["AoRs"]) == []

    _run(_Server(url), work)


def test_commands_say_that_the_database_is_down(tmp_path: Path) -> None:
    server = _Server(f"sqlite://{tmp_path}/absent/file")

    async def whole() -> None:
        for name, *given in (
            ("ul.lookup", "location", "a"),
            ("ul.rm", "location", "a"),
            ("ul.rm_contact", "location", "a", "b"),
            ("ul.add", "location", "a", "sip:b@c", 1, 1),
            ("ul.db_users", "location"),
        ):
            code, why = await _given(server.program, name, *given)
            assert (code, "absent/file" in why) == (500, True)
        await server.end()

    asyncio.run(whole())
