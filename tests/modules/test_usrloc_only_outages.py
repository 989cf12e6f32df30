"""usrloc with db_mode 3, and a database that is slow, down or says no."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sipway.errors import DatabaseDownError
from sipway.modules.usrloc import records
from sipway.modules.usrloc.records import MOST_WAITING
from sipway.stores.databases import Database, seconds_of
from tests.databases import new_url
from tests.fakes import request
from tests.modules.only_database import (
    LOOK,
    SAVE,
    Server,
    invite,
    register,
    rows,
    run,
)
from tests.modules.running import NOW


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return new_url("sqlite", tmp_path, "only")


def test_a_database_that_is_down(tmp_path: Path) -> None:
    folder = tmp_path / "db"
    code = (
        SAVE
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
    server = Server(f"sqlite://{folder}/file", code)

    async def whole() -> None:
        for contacts in (("<sip:a@192.0.2.1>",), (), ("*",)):
            await server.say(register(*contacts, extra="Expires: 0\r\n"))
        assert server.statuses == ["500"] * 3
        assert "P-Registrar-Error: usrloc error" in server.answer
        await server.say(invite())
        assert server.lines.count("codes -3 -3 -3 -3 -1 -1 -1 -2 -2") == 1
        await server.say(request("OPTIONS", "sip:example.org"))
        assert server.statuses[-1] == "200"
        folder.mkdir()
        await asyncio.sleep(1.01)  # for a second nobody tries again (`Guard`)
        await server.begin()
        await server.say(register("<sip:a@192.0.2.1>"))
        assert server.statuses[-1] == "200"
        await server.say(invite())
        assert "codes 1 1 -1 1 1 1 1 1 -3" in server.lines
        await server.end()

    asyncio.run(whole())


def test_what_is_wrong_is_said_once(tmp_path: Path) -> None:
    server = Server(f"sqlite://{tmp_path}/absent/file")

    async def whole() -> None:
        await server.say(invite())
        before = len(server.lines)
        for _ in range(20):
            await server.say(invite())
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

    async def work(server: Server, opened: Database) -> None:
        await opened.run(refuse)
        await server.say(register("<sip:a@192.0.2.1>"))
        before = await rows(opened, "contact", "cseq", "expires", "callid")
        for bad in ("<sip:bad@192.0.2.1>", "<sip:b@192.0.2.1>, <sip:bad@192.0.2.1>"):
            await server.say(register(f"<sip:a@192.0.2.1>;expires=77, {bad}", cseq=5, call="c-2"))
            assert server.answer.startswith("SIP/2.0 500")
            assert await rows(opened, "contact", "cseq", "expires", "callid") == before
        await server.say(register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>", cseq=6))
        assert len(await rows(opened, "contact")) == 2

    run(Server(sqlite), work)


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
    code = 'if (is_method("OPTIONS")) { sl_send_reply("200", "Here"); exit; } ' + SAVE + LOOK

    async def work(server: Server, opened: Database) -> None:
        slow = _Slow(monkeypatch, opened)
        waiting = [
            asyncio.ensure_future(server.say(each))
            for each in (register("<sip:a@192.0.2.1>"), register(user="bob"), invite())
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
        [(modified,)] = await rows(opened, "last_modified")
        assert seconds_of(modified) == int(NOW) + 7, "the time is that after the wait"

    run(Server(sqlite, code), work)


@pytest.mark.parametrize("fails_at", ["select", "replace", "delete"])
def test_a_database_that_goes_in_the_middle(
    sqlite: str, monkeypatch: pytest.MonkeyPatch, fails_at: str
) -> None:
    async def work(server: Server, opened: Database) -> None:
        await server.say(register("<sip:a@192.0.2.1>, <sip:b@192.0.2.1>"))
        before = await rows(opened, "contact", "cseq")
        slow = _Slow(monkeypatch, opened)
        slow.fails_at = fails_at
        slow.let.set()
        await server.say(register("<sip:c@192.0.2.1>, <sip:a@192.0.2.1>;expires=0", cseq=2))
        assert server.statuses[-1] == "500"
        assert "Contact:" not in server.answer, "nothing is said to be kept"
        slow.fails_at = ""
        after = await rows(opened, "contact", "cseq")
        assert set(before) <= set(after), "what there was is still there"
        # The phone tries again, and all is as it is to be.
        await server.say(register("<sip:c@192.0.2.1>, <sip:a@192.0.2.1>;expires=0", cseq=3))
        assert server.statuses[-1] == "200"
        assert [each for each, _ in await rows(opened, "contact", "cseq")] == [
            "sip:b@192.0.2.1",
            "sip:c@192.0.2.1",
        ]

    run(Server(sqlite), work)


def test_requests_for_the_same_user_take_turns(sqlite: str) -> None:
    async def work(server: Server, opened: Database) -> None:
        await asyncio.gather(
            *(server.say(register(f"<sip:a{n}@192.0.2.1>", call=f"call-{n}")) for n in range(5))
        )
        assert sorted(server.statuses) == ["200", "503", "503", "503", "503"]
        assert len(await rows(opened, "ruid")) == 1
        known = records(server.program)
        assert known is not None
        assert not known._turns, "nobody's turn is remembered"

    run(Server(sqlite, SAVE, '"registrar", "max_contacts", 1'), work)


def test_not_too_many_wait_for_their_turn(sqlite: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(server: Server, opened: Database) -> None:
        slow = _Slow(monkeypatch, opened)
        waiting = [
            asyncio.ensure_future(
                server.say(register(f"<sip:a{number}@192.0.2.1>", call=f"call-{number}"))
            )
            for number in range(MOST_WAITING + 3)
        ]
        while len(server.statuses) < 3:
            await asyncio.sleep(0)
        assert server.statuses == ["500"] * 3
        slow.let.set()
        await asyncio.gather(*waiting)
        assert server.statuses.count("200") == MOST_WAITING

    run(Server(sqlite, SAVE), work)
