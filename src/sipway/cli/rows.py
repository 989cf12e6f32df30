"""What the commands around rows of tables have in common: names that are meant, and answers."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Final, TypeGuard

from sipway.cli import status
from sipway.cli.database_arguments import DOMAIN_VARIABLE
from sipway.cli.databases import show_rows
from sipway.errors import DatabaseError
from sipway.stores.databases import Condition, Database, Value

_USER: Final = re.compile(r"[^\s@<>:;?%\"\x00-\x1f\x7f]{1,64}")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")


class MeantError(ValueError):
    """What was given cannot be meant; the text says why."""


def user_and_domain(text: str) -> tuple[str, str]:
    """Those of `alice@example.org`; the domain may come from the environment."""
    user, at, domain = text.removeprefix("sip:").rpartition("@")
    if not at:
        user, domain = domain, os.environ.get(DOMAIN_VARIABLE, "")
        if not domain:
            raise MeantError(
                f"{text!r} has no domain: write {text}@example.org, or set {DOMAIN_VARIABLE}"
            )
    if not _USER.fullmatch(user) or not _DOMAIN.fullmatch(domain):
        raise MeantError(f"{text!r} is not a user and a domain, such as alice@example.org")
    return user, domain.lower()


def domain_of(text: str) -> str:
    """A domain in small letters."""
    if not _DOMAIN.fullmatch(text):
        raise MeantError(f"{text!r} is no domain")
    return text.lower()


def is_domain(value: Value, domain: str) -> TypeGuard[str]:
    """Whether a column holds this domain, in small or large letters."""
    return isinstance(value, str) and value.lower() == domain


async def stored(
    database: Database, table: str, columns: tuple[str, str], user: str, domain: str
) -> list[tuple[str, str]]:
    """Users and domains as rows have them: a hash is of these, whatever case was given."""
    rows = await database.select(table, columns, [Condition(columns[0], user)])
    return [(str(name), of) for name, of in rows if is_domain(of, domain)]


def where(columns: tuple[str, str], row: tuple[str, str]) -> list[Condition]:
    """The conditions that a row of `stored` fulfils."""
    return [Condition(*each) for each in zip(columns, row, strict=True)]


def done(count: int, what: str, outcome: str) -> int:
    """Say what has become of `what`; raises DatabaseError if there was none of it."""
    if not count:
        raise DatabaseError(f"there is no {what}")
    print(f"{what} {outcome}")
    return status.OK


async def list_all(database: Database, table: str, columns: Sequence[str], *, as_json: bool) -> int:
    """Show all rows, sorted by the first column."""
    show_rows(columns, await database.select(table, columns, order=columns[0]), as_json=as_json)
    return status.OK
