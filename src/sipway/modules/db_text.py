"""The module db_text: databases that are directories of text files, `text:///etc/kamailio/dbtext`.

Source: README of Kamailio's module db_text. Unlike there what is changed is written at once, and a
file that somebody else has changed is read again whatever `db_mode` says; raw queries are SQL.
"""

from __future__ import annotations

from pathlib import Path

from sipway.core.commands import CommandError
from sipway.core.databases import add_driver, database
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import DatabaseError, ModuleError
from sipway.language.signatures import Meaning
from sipway.stores.databases import Database, DatabaseUrl
from sipway.stores.databases.guard import Guard

mod = Module("db_text")

_SECONDS = 10.0


def _delimiter(text: str) -> str:
    if len(text.encode()) != 1 or text in "\\\n":
        raise ValueError(f'db_delim is one character, not "{text}"')
    return text


def _positive(number: int) -> int:
    if number <= 0:
        raise ValueError(f"it is more than 0, not {number}")
    return number


mod.param("db_mode", int, 0, meaning=Meaning.IGNORED, doc="changed files are always read again")
mod.param("file_buffer_size", int, 16384, meaning=Meaning.IGNORED, doc="lines have no bound")
_db_delim = mod.param("db_delim", str, ":", convert=_delimiter, doc="between fields of a row")
_default_connection = mod.param(
    "default_connection", str, "", doc="URL of the database that db_text.query asks"
)
_emptystring = mod.param("emptystring", int, 0, doc="nothing in a field is a text, not a null")
_max_result_rows = mod.param(
    "max_result_rows", int, 100_000, convert=_positive, doc="most rows of a file"
)


@mod.on_start
def _start(program: Program) -> None:
    from sipway.stores.databases.text import TextDatabase  # noqa: PLC0415 - when it is used

    def open_database(url: DatabaseUrl, guard: Guard) -> Database:
        path = Path(url.name)
        if not path.is_absolute():
            path = Path(program.path).parent / path
        return TextDatabase(
            str(path),
            url.shown,
            guard,
            delimiter=_db_delim(program),
            empty_is_text=bool(_emptystring(program)),
            most_rows=_max_result_rows(program),
        )

    add_driver(program, "text", open_database, _SECONDS)


@mod.rpc("db_text.dump")
def dump(program: Program) -> None:
    """Write what has changed: there is nothing to do, it is written at once."""


@mod.rpc("db_text.query", lists=True)
async def query(program: Program, sql: str) -> list[dict[str, object]]:
    """Ask the database of `default_connection`."""
    url = _default_connection(program)
    if not url:
        raise CommandError(500, "the parameter default_connection names no database")
    try:
        answer = await database(program, url, mod.name).run(sql)
    except (DatabaseError, ModuleError) as error:
        raise CommandError(500, str(error)) from None
    return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]
