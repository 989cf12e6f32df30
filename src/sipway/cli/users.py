"""``sipway user``, ``alias``, ``address`` and ``domain``: rows of the tables that scripts ask.

What kamctl does with them, on any database.
"""

from __future__ import annotations

import argparse
import getpass
import sys
import time
from typing import Final

from sipway.cli import addresses, status
from sipway.cli.databases import show_rows, with_database
from sipway.cli.rows import (
    MeantError,
    domain_of,
    done,
    is_domain,
    list_all,
    stored,
    user_and_domain,
    where,
)
from sipway.errors import DatabaseError
from sipway.sip.digest import secret
from sipway.stores.databases import Condition, Database, DatabaseUrl, Value, moment

_FEW: Final = 64  # characters that Kamailio's column `password` takes
_NAMES: Final = ("username", "domain")
_ALIASES: Final = ("alias_username", "alias_domain")
_SHOWN: Final = (*_NAMES, "ha1")


def run(given: argparse.Namespace) -> int:
    """Carry out what was asked; the exit status."""
    command = f"{given.command} {given.action}"
    carry_out = _ACTIONS[command]

    async def work(database: Database, _: DatabaseUrl) -> int:
        return await carry_out(database, given)

    try:
        if command in _WITH_PASSWORD:
            given.password = _password(given.user, hashed=given.hashed)
        return with_database(command, given.url, work)
    except MeantError as error:
        print(f"sipway {command}: {error}", file=sys.stderr)
        return status.USAGE


def _password(user: str, *, hashed: bool) -> str:
    user_and_domain(user)  # whoever mistypes the user should not type a password first
    if sys.stdin.isatty():
        try:
            password = getpass.getpass(f"password for {user}: ")
            again = getpass.getpass("once more: ")
        except EOFError:
            raise MeantError("no password was given") from None
        if again != password:
            raise MeantError("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise MeantError("an empty password lets everybody in")
    if any(each < " " or each == "\x7f" or "\ud800" <= each <= "\udfff" for each in password):
        raise MeantError("the password is no text: it has control characters, or is no UTF-8")
    if len(password) > _FEW and not hashed:
        raise MeantError(
            f"the password has {len(password)} characters, {_FEW} are the most without --hashed"
        )
    return password


# --- user ------------------------------------------------------------------------------------


def _secrets(given: argparse.Namespace, user: str, domain: str) -> dict[str, Value]:
    algorithm, password = given.algorithm, given.password
    return {
        "password": "" if given.hashed else password,
        "ha1": secret(algorithm, user, domain, password),
        "ha1b": secret(algorithm, f"{user}@{domain}", domain, password),
    }


async def _user_add(database: Database, given: argparse.Namespace) -> int:
    user, domain = user_and_domain(given.user)
    # Registrations are found whatever the case of the letters: two such users would share them.
    there = await stored(database, "subscriber", _NAMES, user, domain)
    for name, of in await database.select("subscriber", _NAMES, [Condition("domain", domain)]):
        if isinstance(name, str) and name.lower() == user.lower():
            there.append((name, str(of)))
    if there:
        name, of = there[0]
        raise DatabaseError(f"{name}@{of} is there already", hint="sipway user passwd")
    row = {"username": user, "domain": domain, **_secrets(given, user, domain)}
    await database.insert("subscriber", row)
    print(f"{user}@{domain} added")
    return status.OK


async def _user_passwd(database: Database, given: argparse.Namespace) -> int:
    user, domain = user_and_domain(given.user)
    rows = await stored(database, "subscriber", _NAMES, user, domain)
    for each in rows:
        await database.update("subscriber", _secrets(given, *each), where(_NAMES, each))
    shown = "@".join(rows[0] if rows else (user, domain))
    return done(len(rows), shown, "has a new password")


async def _user_remove(database: Database, given: argparse.Namespace) -> int:
    user, domain = user_and_domain(given.user)
    rows = await stored(database, "subscriber", _NAMES, user, domain)
    for each in rows:
        await database.delete("subscriber", where(_NAMES, each))
    return done(len(rows), f"{user}@{domain}", "removed")


async def _user_show(database: Database, given: argparse.Namespace) -> int:
    user, domain = user_and_domain(given.user)
    rows = await database.select("subscriber", _SHOWN, [Condition("username", user)])
    found = [each for each in rows if is_domain(each[1], domain)]
    if not found:
        raise DatabaseError(f"there is no {user}@{domain}")
    show_rows(_SHOWN, found, as_json=given.json)
    return status.OK


async def _user_list(database: Database, given: argparse.Namespace) -> int:
    return await list_all(database, "subscriber", _SHOWN, as_json=given.json)


# --- alias -----------------------------------------------------------------------------------


async def _alias_add(database: Database, given: argparse.Namespace) -> int:
    alias, user = user_and_domain(given.alias), user_and_domain(given.user)
    for each in await stored(database, "dbaliases", _ALIASES, *alias):
        for name, domain in await database.select("dbaliases", _NAMES, where(_ALIASES, each)):
            if name == user[0] and is_domain(domain, user[1]):
                raise DatabaseError(f"{'@'.join(alias)} stands for {user[0]}@{domain} already")
    names = (*_ALIASES, *_NAMES)
    row: dict[str, Value] = dict(zip(names, (*alias, *user), strict=True))
    await database.insert("dbaliases", row)
    print(f"{'@'.join(alias)} stands for {'@'.join(user)}")
    return status.OK


async def _alias_remove(database: Database, given: argparse.Namespace) -> int:
    alias = user_and_domain(given.alias)
    rows = set(await stored(database, "dbaliases", _ALIASES, *alias))
    for each in rows:
        await database.delete("dbaliases", where(_ALIASES, each))
    return done(len(rows), "@".join(alias), "removed")


async def _alias_list(database: Database, given: argparse.Namespace) -> int:
    return await list_all(database, "dbaliases", (*_ALIASES, *_NAMES), as_json=given.json)


# --- domain ----------------------------------------------------------------------------------


async def _stored_domains(database: Database, domain: str) -> list[str]:
    rows = await database.select("domain", ["domain"])
    return [name for (name,) in rows if is_domain(name, domain)]


async def _domain_add(database: Database, given: argparse.Namespace) -> int:
    domain = domain_of(given.domain)
    for each in await _stored_domains(database, domain):
        raise DatabaseError(f"{each} is there already")
    row: dict[str, Value] = {
        "domain": domain,
        "did": given.did or domain,
        "last_modified": moment(time.time()),
    }
    await database.insert("domain", row)
    print(f"{domain} added")
    return status.OK


async def _domain_remove(database: Database, given: argparse.Namespace) -> int:
    domain = domain_of(given.domain)
    rows = await _stored_domains(database, domain)
    for each in rows:
        await database.delete("domain", [Condition("domain", each)])
    return done(len(rows), domain, "removed")


async def _domain_list(database: Database, given: argparse.Namespace) -> int:
    columns = ("domain", "did", "last_modified")
    return await list_all(database, "domain", columns, as_json=given.json)


_WITH_PASSWORD: Final = ("user add", "user passwd")
_ACTIONS: Final = {
    "user add": _user_add,
    "user passwd": _user_passwd,
    "user remove": _user_remove,
    "user show": _user_show,
    "user list": _user_list,
    "alias add": _alias_add,
    "alias remove": _alias_remove,
    "alias list": _alias_list,
    "address add": addresses.add,
    "address remove": addresses.remove,
    "address list": addresses.show_all,
    "domain add": _domain_add,
    "domain remove": _domain_remove,
    "domain list": _domain_list,
}
