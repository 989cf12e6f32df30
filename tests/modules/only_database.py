"""A script over contacts that are in a database alone, run on one message after the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sipway.core.context import Context
from sipway.core.databases import database, databases, finish, prepare
from sipway.core.waiting import start
from sipway.modules.usrloc import Contact
from sipway.modules.usrloc.rows import COLUMNS, Layout, row_of
from sipway.stores.databases import Database, read_url
from sipway.stores.databases.tables import make
from tests.fakes import LogInMemory, request
from tests.modules.running import NOW, context, load

MODULES = ("usrloc", "registrar", "db_sqlite", "db_text", "db_mysql", "db_postgres", "nathelper")
LATER = int(NOW) + 600
SEEN = int(NOW) - 60
_LAYOUT = Layout({each: each for each in COLUMNS}, seconds=False, domains=False)
SAVE = 'if (is_method("REGISTER")) { save("location"); xlog("save $rc\\n"); exit; } '
LOOK = 'lookup("location"); xlog("$rc $ru $(branch(uri)[0])\\n");'


class Server:
    """A script that runs on one message after the other, and its database."""

    def __init__(
        self, url: str, code: str = SAVE + LOOK, *parameters: str, more: str = "", head: str = ""
    ) -> None:
        self.url = url
        given = (f'"usrloc", "db_url", "{url}"', '"usrloc", "db_mode", 3', *parameters)
        self.program, self.log, self.socket = load(
            f"request_route {{ {code} }} {more}",
            parameters=head + "\n" + "\n".join(f"modparam({each})" for each in given),
            modules=MODULES,
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


Work = Callable[[Server, Database], Awaitable[Any]]


def run(server: Server, work: Work) -> LogInMemory:
    async def whole() -> None:
        opened = await server.begin()
        await work(server, opened)
        await server.end()

    asyncio.run(whole())
    return server.log


def register(
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


def invite(user: str = "alice") -> bytes:
    return request("INVITE", user if ":" in user else f"sip:{user}@example.org")


async def add(opened: Database, user: str, port: int = 5060, **more: Any) -> None:
    """Somebody else adds a row."""
    more = {"modified": SEEN, "expires": LATER, "ruid": f"r-{user}-{port}".encode(), **more}
    expires = more.pop("expires")
    contact = Contact(f"sip:{user}@192.0.2.1:{port}".encode(), expires, **more)
    await opened.insert("location", row_of(user, contact, _LAYOUT))


async def rows(opened: Database, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(await opened.select("location", columns), key=str)
