"""usrloc with db_mode 3: contacts are in a database and nowhere else."""

from __future__ import annotations

import asyncio
import inspect
from pathlib import Path
from typing import Any

import pytest

from sipway.modules.usrloc import locations
from sipway.stores.databases import Condition, Database, moment, seconds_of
from tests.databases import new_url, urls
from tests.fakes import request
from tests.modules.only_database import (
    LOOK,
    MODULES,
    SAVE,
    SEEN,
    Server,
    add,
    invite,
    register,
    rows,
    run,
)
from tests.modules.running import NOW, load, mistakes

_INSTANCE = "urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF"


url = urls("only")


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return new_url("sqlite", tmp_path, "only")


# --- save() and lookup() --------------------------------------------------------------------


def test_a_registration_is_a_row_before_it_is_answered(url: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await server.say(register("<sip:a@192.0.2.1:5060>;q=0.5;expires=100"))
        assert server.statuses == ["200"]
        assert "<sip:a@192.0.2.1:5060>;q=0.5;expires=100" in server.answer
        assert await rows(opened, "username", "domain", "contact", "q", "cseq") == [
            ("alice", None, "sip:a@192.0.2.1:5060", 0.5, 1)
        ]
        [(expires,)] = await rows(opened, "expires")
        assert seconds_of(expires) == int(NOW) + 100
        [(ruid,)] = await rows(opened, "ruid")
        server.time += 10
        await server.say(register("<sip:a@192.0.2.1:5060>;expires=200", cseq=2))
        assert await rows(opened, "ruid", "cseq", "q") == [(ruid, 2, -1.0)]
        await server.say(invite())
        await server.say(register("<sip:a@192.0.2.1:5060>;expires=0", cseq=3))
        assert await rows(opened, "ruid") == []
        await server.say(invite())
        assert server.lines == [
            "save 1",
            "save 2",
            "1 sip:a@192.0.2.1:5060 <null>",
            "save 3",
            "-1 sip:alice@example.org <null>",
        ]
        assert len(locations(server.program).table("location")) == 0

    run(Server(url), work)


def test_what_somebody_else_writes_is_seen_at_the_next_lookup(url: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await add(opened, "bob", 5060, q=500)
        await server.say(invite("bob"))
        await add(opened, "bob", 5061, q=700)
        await server.say(invite("bob"))
        where = [Condition("ruid", "r-bob-5061")]
        await opened.update("location", {"contact": "sip:new@192.0.2.7"}, where)
        await server.say(invite("bob"))
        await opened.update("location", {"expires": moment(NOW - 1)}, where)
        await server.say(invite("bob"))
        await opened.delete("location")
        await server.say(invite("bob"))
        assert server.lines == [
            "1 sip:bob@192.0.2.1:5060 <null>",
            "1 sip:bob@192.0.2.1:5061 sip:bob@192.0.2.1:5060",
            "1 sip:new@192.0.2.7 sip:bob@192.0.2.1:5060",
            "1 sip:bob@192.0.2.1:5060 <null>",
            "-1 sip:bob@example.org <null>",
        ]

    run(Server(url), work)


def test_a_request_says_what_the_row_of_another_server_is_to_become(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await add(opened, "alice", call_id=b"call-1", cseq=7)
        await server.say(register("<sip:alice@192.0.2.1:5060>;expires=100", cseq=6))
        assert server.answer.startswith("SIP/2.0 400")
        assert "sip:alice@192.0.2.1:5060" in server.answer, "what there is is listed"
        await server.say(register("<sip:alice@192.0.2.1:5060>;expires=100", cseq=8))
        assert await rows(opened, "ruid", "cseq") == [("r-alice-5060", 8)]
        await server.say(register("*", cseq=9, extra="Expires: 0\r\n"))
        assert await rows(opened, "ruid") == []

    run(Server(sqlite), work)


def test_users_of_domains(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await server.say(register("<sip:a@192.0.2.1>"))
        other = {"username": "alice", "domain": "other.example", "contact": "sip:x@192.0.2.2"}
        await opened.insert("location", {**other, "ruid": "r-2"})
        assert await rows(opened, "username", "domain") == [
            ("alice", "example.org"),
            ("alice", "other.example"),
        ]
        await server.say(invite())
        assert server.lines[-1] == "1 sip:a@192.0.2.1 <null>"

    run(Server(sqlite, SAVE + LOOK, '"usrloc", "use_domain", 1'), work)


def test_the_newest_comes_first_where_that_is_wanted(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await add(opened, "bob", 5060, q=900, modified=SEEN - 1)
        await add(opened, "bob", 5061, q=100, modified=SEEN)
        await server.say(invite("bob"))
        assert server.lines == ["1 sip:bob@192.0.2.1:5061 sip:bob@192.0.2.1:5060"]

    run(Server(sqlite, LOOK, '"usrloc", "desc_time_order", 1'), work)


def test_contacts_of_the_sockets_of_others_are_left_out_where_that_is_wanted(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await add(opened, "bob", 5060, socket=b"udp:192.0.2.9:5060")
        await add(opened, "bob", 5061, socket=b"udp:192.0.2.8:5060")
        await server.say(register("<sip:bob@192.0.2.1:5062>", user="bob"))
        await server.say(register("*", user="bob", cseq=2, extra="Expires: 0\r\n"))
        assert await rows(opened, "ruid") == [("r-bob-5061",)], "it is another server's to remove"
        await server.say(invite("bob"))
        assert server.lines[-1] == "-1 sip:bob@example.org <null>"

    run(Server(sqlite, SAVE + LOOK, '"usrloc", "skip_remote_socket", 1'), work)


def test_a_name_that_no_column_can_hold_is_nobody(sqlite: str) -> None:
    async def work(server: Server, _: Database) -> None:
        await server.say(invite("al%ffice"))
        await server.say(invite("al%00ice"))
        await server.say(register("<sip:a@192.0.2.1>", user="al%ffice"))
        assert [each[:2] for each in server.lines if each[:2] in ("-1", "sa")] == ["-1", "-1", "sa"]
        assert server.statuses == ["500"]

    run(Server(sqlite), work)


def test_an_aor_that_is_none_is_refused_without_asking(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path / 'absent' / 'file'}"
    server = Server(url)
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

    async def work(server: Server, opened: Database) -> None:
        await add(opened, "alice")
        await add(opened, "bob")
        await server.say(invite())
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

    run(Server(url, code), work)


def test_a_user_or_a_contact_is_removed(url: str) -> None:
    code = 'unregister("location", "$hdr(X-U)", "$hdr(X-R)"); xlog("$rc\\n");'
    plain = 'if ($hdr(X-R) == $null) { unregister("location", "$hdr(X-U)"); xlog("$rc\\n"); exit; }'

    def ask(uri: str, ruid: str | None = None) -> bytes:
        lines = f"X-U: {uri}\r\n" + ("" if ruid is None else f"X-R: {ruid}\r\n")
        return request("OPTIONS", "sip:example.org", extra=lines)

    async def work(server: Server, opened: Database) -> None:
        for port in (1, 2, 3):
            await add(opened, "alice", port)
        await add(opened, "bob")
        await server.say(ask("sip:alice@x", "nothing"))
        await server.say(ask("sip:alice@x", "r-alice-2"))
        await server.say(ask("sip:alice@x", "r-bob-5060"))
        await server.say(ask("", "r-bob-5060"))  # with db_mode 3 the id is enough
        await server.say(ask("", "r-bob-5060"))
        assert server.lines == ["-3", "1", "-3", "1", "-3"]
        assert await rows(opened, "ruid") == [("r-alice-1",), ("r-alice-3",)]
        await server.say(ask("sip:alice@x"))
        await server.say(ask("sip:alice@x"))
        await server.say(ask("nonsense"))
        assert server.lines == ["1", "1", "-1"]
        assert await rows(opened, "ruid") == []

    run(Server(url, plain + code), work)


def test_addresses_of_phones(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        phone = f'<sip:a@192.0.2.1>;+sip.instance="<{_INSTANCE}>"'
        await server.say(register(phone, "<sip:b@192.0.2.2>", extra="Supported: gruu\r\n"))
        ruids = dict(await rows(opened, "contact", "ruid"))
        ruid = ruids["sip:a@192.0.2.1"]
        assert f'temp-gruu="sip:{ruid}@example.org;gr"' in server.answer
        server.lines.clear()
        await server.say(invite(f"sip:alice@example.org;gr={_INSTANCE}"))
        await server.say(invite(f"sip:{ruid}@example.org;gr"))
        await server.say(invite("sip:uloc-nothing@example.org;gr"))
        assert server.lines == [
            "1 sip:a@192.0.2.1 <null>",
            "1 sip:a@192.0.2.1 <null>",
            "-1 sip:uloc-nothing@example.org;gr <null>",
        ]

    run(Server(sqlite), work)


def test_only_then_do_these_functions_wait(sqlite: str) -> None:
    code = "request_route { " + SAVE + LOOK + " }"
    for mode in (0, 1, 2, 3, 4):
        text = f'modparam("usrloc", "db_url", "{sqlite}")\nmodparam("usrloc", "db_mode", {mode})'
        program, _, _ = load(code, parameters=text, modules=MODULES)
        assert inspect.iscoroutinefunction(program.request_route) is (mode == 3)


def test_contacts_in_memory_only_are_refused() -> None:
    text = 'modparam("usrloc", "db_mode", {})'
    code = 'request_route { save("location", "0x01"); }'
    found = mistakes(code, text.format(3), modules=MODULES)
    assert any("with db_mode 3 of usrloc there is none" in each for each in found), found
    assert mistakes(code, text.format(1), modules=MODULES) == []


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

    async def work(server: Server, opened: Database) -> None:
        await server.say(register("<sip:a@192.0.2.1>", extra="X-A: one\r\n"))
        [(ruid,)] = await rows(opened, "ruid")
        assert await attributes(opened) == [
            ("alice", ruid, "a", 0, "one"),
            ("alice", ruid, "n", 1, "5"),
        ]
        await server.say(invite())
        await server.say(register("<sip:a@192.0.2.1>", extra="X-A: two\r\n", cseq=2))
        await server.say(invite())
        assert len(await attributes(opened)) == 2
        await server.say(register("<sip:a@192.0.2.1>", cseq=3))
        assert await attributes(opened) == []
        await server.say(register("<sip:a@192.0.2.1>", extra="X-A: three\r\n", cseq=4))
        await server.say(register("<sip:a@192.0.2.1>;expires=0", cseq=5))
        assert await attributes(opened) == []
        assert server.lines == ["1 one 5", "a number", "1 two 5", "a number"]

    run(Server(url, code, '"usrloc", "xavp_contact", "ul"'), work)


def test_a_contact_counts_without_its_attributes(sqlite: str) -> None:
    code = '$xavp(ul=>a) = "x"; ' + SAVE + LOOK

    async def work(server: Server, opened: Database) -> None:
        await opened.run("drop table location_attrs")
        await server.say(register("<sip:a@192.0.2.1>"))
        await server.say(invite())
        assert server.statuses == ["200"]
        lines = server.lines
        assert "1 sip:a@192.0.2.1 <null>" in lines
        assert sum("attributes of contacts" in each for each in lines) == 1, "it is said once"

    run(Server(sqlite, code, '"usrloc", "xavp_contact", "ul"'), work)
