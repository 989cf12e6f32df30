"""``sipway user``, ``alias``, ``address`` and ``domain``: rows of the tables that scripts ask.

What kamctl does with them, on any database.
"""

from __future__ import annotations

import argparse
import getpass
import ipaddress
import os
import re
import sys
import time
from typing import Final

from sipway.cli import status
from sipway.cli.database_arguments import DOMAIN_VARIABLE
from sipway.cli.databases import show_rows, with_database
from sipway.errors import DatabaseError
from sipway.sip.digest import secret
from sipway.stores.databases import Condition, Database, DatabaseUrl, Value, moment

_USER: Final = re.compile(r"[^\s@<>:;?%\"\x00-\x1f\x7f]{1,64}")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_FEW: Final = 64  # characters that Kamailio's column `password` takes


class MeantError(ValueError):
    """What was given cannot be meant; the text says why."""


def run(given: argparse.Namespace) -> int:
    """Carry out what was asked; the exit status."""
    command = f"{given.command} {given.action}"
    carry_out = _ACTIONS[command]

    async def work(database: Database, _: DatabaseUrl) -> int:
        return await carry_out(database, given)

    try:
        if command in _WITH_PASSWORD:
            given.password = _password(given.user)
        return with_database(command, given.url, work)
    except MeantError as error:
        print(f"sipway {command}: {error}", file=sys.stderr)
        return status.USAGE


def _address_of(text: str) -> tuple[str, str]:
    """User and domain, of `alice@example.org`; the domain may come from the environment."""
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


def _password(user: str) -> str:
    _address_of(user)  # whoever mistypes the user should not type a password first
    if sys.stdin.isatty():
        password = getpass.getpass(f"password for {user}: ")
        if getpass.getpass("once more: ") != password:
            raise MeantError("the two passwords differ")
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise MeantError("an empty password lets everybody in")
    if len(password) > _FEW:
        raise MeantError(f"the password has {len(password)} characters, {_FEW} are the most")
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
    user, domain = _address_of(given.user)
    # Registrations are found whatever the case of the letters: two such users would share them.
    there = await database.select("subscriber", ["username"], [Condition("domain", domain)])
    for (name,) in there:
        if isinstance(name, str) and name.lower() == user.lower():
            raise DatabaseError(f"{name}@{domain} is there already", hint="sipway user passwd")
    row = {"username": user, "domain": domain, **_secrets(given, user, domain)}
    await database.insert("subscriber", row)
    print(f"{user}@{domain} added")
    return status.OK


async def _user_passwd(database: Database, given: argparse.Namespace) -> int:
    user, domain = _address_of(given.user)
    changed = await database.update(
        "subscriber", _secrets(given, user, domain), _whose(user, domain)
    )
    return _done(changed, f"{user}@{domain}", "has a new password")


async def _user_remove(database: Database, given: argparse.Namespace) -> int:
    user, domain = _address_of(given.user)
    removed = await database.delete("subscriber", _whose(user, domain))
    return _done(removed, f"{user}@{domain}", "removed")


async def _user_show(database: Database, given: argparse.Namespace) -> int:
    user, domain = _address_of(given.user)
    return await _show(
        database, "subscriber", _USER_COLUMNS, _whose(user, domain), given.json, f"{user}@{domain}"
    )


async def _user_list(database: Database, given: argparse.Namespace) -> int:
    return await _list(database, "subscriber", _USER_COLUMNS, given.json)


_USER_COLUMNS: Final = ("username", "domain", "ha1")


def _whose(user: str, domain: str) -> list[Condition]:
    return [Condition("username", user), Condition("domain", domain)]


# --- alias -----------------------------------------------------------------------------------


async def _alias_add(database: Database, given: argparse.Namespace) -> int:
    alias, alias_domain = _address_of(given.alias)
    user, domain = _address_of(given.user)
    row: dict[str, Value] = {
        "alias_username": alias,
        "alias_domain": alias_domain,
        "username": user,
        "domain": domain,
    }
    if await database.select("dbaliases", ["id"], [Condition(*each) for each in row.items()]):
        raise DatabaseError(f"{alias}@{alias_domain} stands for {user}@{domain} already")
    await database.insert("dbaliases", row)
    print(f"{alias}@{alias_domain} stands for {user}@{domain}")
    return status.OK


async def _alias_remove(database: Database, given: argparse.Namespace) -> int:
    alias, domain = _address_of(given.alias)
    where = [Condition("alias_username", alias), Condition("alias_domain", domain)]
    return _done(await database.delete("dbaliases", where), f"{alias}@{domain}", "removed")


async def _alias_list(database: Database, given: argparse.Namespace) -> int:
    columns = ("alias_username", "alias_domain", "username", "domain")
    return await _list(database, "dbaliases", columns, given.json)


# --- address ---------------------------------------------------------------------------------


def _network(text: str) -> tuple[str, int]:
    try:
        network = ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise MeantError(f"{text!r} is neither an address nor a network") from None
    return str(network.network_address), network.prefixlen


async def _address_add(database: Database, given: argparse.Namespace) -> int:
    ip, mask = _network(given.address)
    if not 0 <= given.port <= 0xFFFF:
        raise MeantError(f"there is no port {given.port}")
    row: dict[str, Value] = {
        "grp": given.group,
        "ip_addr": ip,
        "mask": mask,
        "port": given.port,
        "tag": given.tag,
    }
    if await database.select("address", ["id"], _which(given, ip, mask)):
        raise DatabaseError(f"{ip}/{mask} is in group {given.group} already")
    await database.insert("address", row)
    print(f"{ip}/{mask} added to group {given.group}")
    return status.OK


async def _address_remove(database: Database, given: argparse.Namespace) -> int:
    ip, mask = _network(given.address)
    removed = await database.delete("address", _which(given, ip, mask))
    return _done(removed, f"{ip}/{mask} in group {given.group}", "removed")


def _which(given: argparse.Namespace, ip: str, mask: int) -> list[Condition]:
    return [Condition("grp", given.group), Condition("ip_addr", ip), Condition("mask", mask)]


async def _address_list(database: Database, given: argparse.Namespace) -> int:
    return await _list(database, "address", ("grp", "ip_addr", "mask", "port", "tag"), given.json)


# --- domain ----------------------------------------------------------------------------------


def _domain(text: str) -> str:
    if not _DOMAIN.fullmatch(text):
        raise MeantError(f"{text!r} is no domain")
    return text.lower()


async def _domain_add(database: Database, given: argparse.Namespace) -> int:
    domain = _domain(given.domain)
    if await database.select("domain", ["id"], [Condition("domain", domain)]):
        raise DatabaseError(f"{domain} is there already")
    row: dict[str, Value] = {
        "domain": domain,
        "did": given.did or domain,
        "last_modified": moment(time.time()),
    }
    await database.insert("domain", row)
    print(f"{domain} added")
    return status.OK


async def _domain_remove(database: Database, given: argparse.Namespace) -> int:
    domain = _domain(given.domain)
    return _done(await database.delete("domain", [Condition("domain", domain)]), domain, "removed")


async def _domain_list(database: Database, given: argparse.Namespace) -> int:
    return await _list(database, "domain", ("domain", "did", "last_modified"), given.json)


# --- all -------------------------------------------------------------------------------------


def _done(count: int, what: str, outcome: str) -> int:
    if not count:
        raise DatabaseError(f"there is no {what}")
    print(f"{what} {outcome}")
    return status.OK


async def _list(database: Database, table: str, columns: tuple[str, ...], as_json: bool) -> int:
    rows = await database.select(table, columns, order=columns[0])
    show_rows(columns, rows, as_json=as_json)
    return status.OK


async def _show(
    database: Database,
    table: str,
    columns: tuple[str, ...],
    where: list[Condition],
    as_json: bool,
    what: str,
) -> int:
    rows = await database.select(table, columns, where)
    if not rows:
        raise DatabaseError(f"there is no {what}")
    show_rows(columns, rows, as_json=as_json)
    return status.OK


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
    "address add": _address_add,
    "address remove": _address_remove,
    "address list": _address_list,
    "domain add": _domain_add,
    "domain remove": _domain_remove,
    "domain list": _domain_list,
}
