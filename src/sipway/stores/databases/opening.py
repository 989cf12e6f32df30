"""Opening a database by its URL, for whoever has no script that says more."""

from __future__ import annotations

from sipway.errors import DatabaseError
from sipway.stores.databases.guard import Guard, Say
from sipway.stores.databases.interface import Database
from sipway.stores.databases.url import DatabaseUrl

KINDS = ("sqlite", "mysql", "postgres", "text")


def open_database(
    url: DatabaseUrl, say: Say, *, create: bool = False, seconds: float = 10.0
) -> Database:
    """The database; `create` makes the file of SQLite, or the directory. Raises DatabaseError."""
    guard = Guard(url.shown, seconds, say)
    try:
        if url.scheme == "sqlite":
            from sipway.stores.databases.sqlite import SqliteDatabase  # noqa: PLC0415 - only if used

            return SqliteDatabase(url.name, url.shown, guard, create=create)
        if url.scheme == "text":
            from sipway.stores.databases.text import TextDatabase  # noqa: PLC0415 - only if used

            return TextDatabase(url.name, url.shown, guard)
        if url.scheme == "mysql":
            from sipway.stores.databases.mysql import MysqlDatabase  # noqa: PLC0415 - only if used

            return MysqlDatabase(url, guard)
        if url.scheme == "postgres":
            from sipway.stores.databases.postgres import (  # noqa: PLC0415 - only if used
                PostgresDatabase,
            )

            return PostgresDatabase(url, guard)
    except ImportError as error:
        raise DatabaseError(
            f"{url.scheme}:// needs {error.name}, which is not installed",
            hint=f'pip install "sipway[{url.scheme}]"',
        ) from None
    known = ", ".join(f"{each}://" for each in KINDS)
    raise DatabaseError(f"there are no {url.scheme}:// databases, only {known}")
