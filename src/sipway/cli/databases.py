"""``sipway db``: the tables of a database, made and checked; and how all commands open one."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from sipway.cli import status, terminal
from sipway.cli.database_arguments import VARIABLE
from sipway.errors import DatabaseError, SipwayError
from sipway.server.embedded import database_url
from sipway.server.state import NOWHERE
from sipway.stores.databases import Database, DatabaseUrl, read_url
from sipway.stores.databases.opening import open_database
from sipway.stores.databases.tables import Finding, look, make, migrate

Work = Callable[[Database, DatabaseUrl], Awaitable[int]]

_PAINT: Final = {"fine": "green", "older": "yellow", "newer": "yellow"}


def with_database(command: str, given: str | None, work: Work, *, create: bool = False) -> int:
    """Open the database that is meant, do the work, say what went wrong; the exit status.

    `create`: make the file of SQLite, or the directory of text files, if it is not there.
    """
    text = given or os.environ.get(VARIABLE) or database_url(None)
    if text is None:
        print(
            f"sipway {command}: which database? The state directory is `{NOWHERE}`; name a URL.",
            file=sys.stderr,
        )
        return status.USAGE
    try:
        url = read_url(text)
        if create:
            _make_place(url)
        opened = open_database(url, lambda *_: None, create=create)
    except (DatabaseError, OSError) as error:
        print(f"sipway {command}: {error}", file=sys.stderr)
        return status.USAGE

    async def whole() -> int:
        try:
            return await work(opened, url)
        finally:
            await opened.close()

    if not create and url.scheme == "sqlite" and not Path(url.name).exists():
        print(
            f"sipway {command}: there is no database {url.shown} yet\n  hint: sipway db create",
            file=sys.stderr,
        )
        return status.FAILED
    try:
        return asyncio.run(whole())
    except SipwayError as error:
        print(f"sipway {command}: {error}", file=sys.stderr)
        return status.FAILED


def _make_place(url: DatabaseUrl) -> None:
    """The directory that a database lies in. What it is told is nobody else's business."""
    if url.scheme == "sqlite":
        Path(url.name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        Path(url.name).touch(mode=0o600)
    elif url.scheme == "text":
        Path(url.name).mkdir(mode=0o700, parents=True, exist_ok=True)


def db(action: str, given: str | None, *, as_json: bool) -> int:
    """Carry out `create`, `migrate` or `check`; the exit status."""
    if action == "check":
        return with_database("db check", given, lambda db, _: _check(db, as_json=as_json))
    if action == "migrate":
        return with_database("db migrate", given, lambda db, url: _migrate(db, url, as_json))
    return with_database("db create", given, lambda db, url: _create(db, url, as_json), create=True)


async def _create(database: Database, url: DatabaseUrl, as_json: bool) -> int:
    made = await make(database, url)
    if as_json:
        print(json.dumps({"url": database.shown, "made": made}))
    elif made:
        print(f"{database.shown}: {len(made)} tables made: {', '.join(made)}")
    else:
        print(f"{database.shown}: all tables are there already")
    return status.OK


async def _migrate(database: Database, url: DatabaseUrl, as_json: bool) -> int:
    before = await migrate(database, url)
    changed = [found for found in before if found.state in ("missing", "older", "incomplete")]
    if as_json:
        print(json.dumps([_as_data(found) for found in changed]))
        return status.OK
    for found in changed:
        what = "made" if found.state == "missing" else f"brought from {found.version or 'none'}"
        new = f", with {', '.join(found.columns)}" if found.columns else ""
        print(f"{found.table}: {what} to version {found.wanted}{new}")
    if not changed:
        print(f"{database.shown}: there is nothing to do")
    return status.OK


async def _check(database: Database, *, as_json: bool) -> int:
    found = await look(database)
    bad = [each for each in found if each.state != "fine"]
    if as_json:
        print(json.dumps([_as_data(each) for each in found]))
        return status.FAILED if bad else status.OK
    style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
    for each in found:
        version = "" if each.version is None else f"version {each.version}"
        wanted = "" if each.version == each.wanted else f"{each.wanted} is wanted"
        columns = f"without {', '.join(each.columns)}" if each.columns else ""
        details = ", ".join(part for part in (version, wanted, columns) if part)
        state = style(f"{each.state:10}", _PAINT.get(each.state, "red"))
        print(f"{each.table:16} {state} {details}".rstrip())
    if bad:
        hint = "create" if all(each.state == "missing" for each in bad) else "migrate"
        print(f"{len(bad)} of {len(found)} tables are not as modules want them: sipway db {hint}")
    return status.FAILED if bad else status.OK


def _as_data(found: Finding) -> dict[str, Any]:
    return {
        "table": found.table,
        "state": found.state,
        "version": found.version,
        "wanted": found.wanted,
        "missing_columns": list(found.columns),
    }


def show_rows(columns: Sequence[str], rows: Sequence[Sequence[object]], *, as_json: bool) -> None:
    """Rows as a table with a head, or as a list of objects."""
    rows = [[_as_text(value) for value in row] for row in rows]
    if as_json:
        print(json.dumps([dict(zip(columns, row, strict=True)) for row in rows]))
        return
    texts = [[_shown(value) for value in row] for row in rows]
    widths = [max([len(name), *(len(row[at]) for row in texts)]) for at, name in enumerate(columns)]
    style = terminal.Style(colour=terminal.wants_colour(sys.stdout))
    head = "  ".join(f"{name:{width}}" for name, width in zip(columns, widths, strict=True))
    print(style(head.rstrip(), "bold"))
    for row in texts:
        line = "  ".join(f"{text:{width}}" for text, width in zip(row, widths, strict=True))
        print(line.rstrip())


def _as_text(value: object) -> object:
    """Bytes as the text that they are meant to be."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _shown(value: object) -> str:
    """A value without what would drive the terminal."""
    text = "-" if value is None else str(value)
    return "".join(char if char.isprintable() else "\ufffd" for char in text)
