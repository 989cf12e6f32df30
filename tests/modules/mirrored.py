"""A Program of a script with usrloc and a database, its tables read, its changes written."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sipway.core.databases import database, databases, finish, prepare
from sipway.core.program import Program
from sipway.modules.usrloc import Contact, locations
from sipway.stores.databases import Database, read_url
from sipway.stores.databases.tables import make
from tests.fakes import LogInMemory
from tests.modules.running import NOW, load

MODULES = ("usrloc", "registrar", "db_sqlite", "db_text", "db_mysql", "db_postgres")
LATER = int(NOW) + 600
SEEN = int(NOW) - 60

Work = Callable[[Program, Database], Awaitable[Any]]


def loaded(url: str, mode: int, *parameters: str) -> tuple[Program, LogInMemory]:
    set_ = [f'modparam("usrloc", "db_url", "{url}")', f'modparam("usrloc", "db_mode", {mode})']
    set_ += [f'modparam("usrloc", {each})' for each in parameters]
    program, log, _ = load(
        "request_route { exit; }", parameters="\n".join(set_), modules=MODULES, level=1
    )
    program.clock = lambda: NOW
    return program, log


def run(
    url: str, mode: int, work: Work, *parameters: str, before: Work | None = None
) -> LogInMemory:
    """Make the tables, have the server read them, do the work, end the server."""
    program, log = loaded(url, mode, *parameters)

    async def whole() -> None:
        opened = database(program, url, "test")
        await make(opened, read_url(url))
        if before is not None:
            await before(program, opened)
        await prepare(program)
        services = [
            asyncio.ensure_future(each())
            for each in program.services
            if "mirror" in getattr(each, "__module__", "") + repr(each)
        ]
        await work(program, opened)
        for each in services:
            each.cancel()
        await asyncio.gather(*services, return_exceptions=True)
        await finish(program)
        await databases(program).close()

    asyncio.run(whole())
    return log


def contact_of(user: str, *, port: int = 5060, ruid: str = "", **more: Any) -> Contact:
    uri = f"sip:{user}@192.0.2.1:{port}".encode()
    more = {
        "modified": SEEN,
        "expires": LATER,
        "ruid": (ruid or f"r-{user}-{port}").encode(),
        **more,
    }
    expires = more.pop("expires")
    return Contact(uri, expires, **more)


def put(program: Program, user: str, *contacts: Contact) -> None:
    table = locations(program).table("location")
    table.put(user, list(contacts), len(table.get(user)))


async def rows(opened: Database, *columns: str) -> list[tuple[Any, ...]]:
    return sorted(await opened.select("location", columns), key=str)


async def until(opened: Database, count: int) -> None:
    while len(await opened.select("location", ["ruid"])) != count:
        await asyncio.sleep(0.005)
