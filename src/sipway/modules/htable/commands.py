"""Commands on tables: htable.get, htable.sets, htable.dump and their kin.

Source: README of htable, RPC Commands; what it leaves open was tried on Kamailio 5.6.3. Slots, by
which items are shown there, are worked out for whoever asks: here they have no other use.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, Final

from sipway.core.commands import CommandError
from sipway.core.program import Program
from sipway.core.transformations.encodings import core_hash
from sipway.language.runtime import wrap
from sipway.modules.htable._module import NO_MEMORY, db_url, mod, tables
from sipway.modules.htable.events import reload
from sipway.modules.htable.storing import Stored

if TYPE_CHECKING:
    from sipway.modules.htable.table import Table, Value

_TEXT: Final = 2
_SET: Final = "Ok. Key set to new value."
_SLICE: Final = 100


def _table(program: Program, name: str) -> Table:
    found = tables(program).get(name)
    if found is None:
        raise CommandError(500, "No such htable")
    return found


@mod.rpc("htable.get", usage=(500, "Not enough parameters (htable name and key name)"))
def get(program: Program, table: str, key: str) -> dict[str, Any]:
    """Says what an item is: table, key."""
    now = program.now()
    found = _table(program, table)
    value = found.get(key, now)
    if value is None:
        raise CommandError(500, "Key name doesn't exist in htable.")
    until = found.gone_at(key)
    expire = "NEVER"
    if until is not None:
        expire = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(until))
    flags = _TEXT if isinstance(value, str) else 0
    return {"item": {"name": key, "value": value, "flags": flags, "expire": expire}}


@mod.rpc("htable.delete", usage=(500, "Not enough parameters (htable name & key name"))
def delete(program: Program, table: str, key: str) -> str:
    """Takes an item out: table, key."""
    found = _table(program, table)
    is_there = found.get(key, program.now()) is not None
    found.remove(key)
    if not is_there:
        raise CommandError(404, "Key not found in htable.")
    return "Ok. Key deleted."


_WANTS_VALUE: Final = (500, "Not enough parameters (htable name, key name and value)")
_WANTS_ALL: Final = (500, "Not enough parameters (htable name, key name, value and expire)")


def _set(program: Program, table: Table, key: str, value: Value) -> str:
    if not table.set(key, value, program.now()):
        raise CommandError(500, NO_MEMORY)
    return _SET


@mod.rpc("htable.sets", usage=_WANTS_VALUE)
def set_text(program: Program, table: str, key: str, value: str) -> str:
    """Sets an item to a text: table, key, value."""
    return _set(program, _table(program, table), key, value)


@mod.rpc("htable.seti", usage=_WANTS_VALUE)
def set_number(program: Program, table: str, key: str, value: int) -> str:
    """Sets an item to a number: table, key, value."""
    return _set(program, _table(program, table), key, wrap(value))


@mod.rpc("htable.setex", usage=(500, "Not enough parameters (htable name, item name and expire)"))
def set_expire(program: Program, table: str, key: str, expire: int) -> str:
    """Lets an item live for so many seconds from now on, 0 for good: table, key, seconds."""
    _table(program, table).expire_in(key, wrap(expire), program.now())
    return "Ok"


def _set_for(program: Program, name: str, key: str, value: Value, expire: int) -> str:
    table = tables(program).get(name)
    if table is None:
        raise CommandError(500, "Failed to set the item")
    if not table.set_for(key, value, wrap(expire), program.now()):
        raise CommandError(500, NO_MEMORY)
    return _SET


@mod.rpc("htable.setxs", usage=_WANTS_ALL)
def set_text_for(program: Program, table: str, key: str, value: str, expire: int) -> str:
    """Sets an item to a text, for so many seconds: table, key, value, seconds."""
    return _set_for(program, table, key, value, expire)


@mod.rpc("htable.setxi", usage=_WANTS_ALL)
def set_number_for(program: Program, table: str, key: str, value: int, expire: int) -> str:
    """Sets an item to a number, for so many seconds: table, key, value, seconds."""
    return _set_for(program, table, key, wrap(value), expire)


_WANTS_NAME: Final = (500, "No htable name given")


async def _by_slot(table: Table, now: float) -> dict[int, list[tuple[int, str, Value]]]:
    """(hash, key, value) of all items, by the slot that Kamailio has them in."""
    last = table.definition.slots - 1
    found: dict[int, list[tuple[int, str, Value]]] = {}
    for number, key in enumerate(table.keys(), 1):
        if number % _SLICE == 0:
            await asyncio.sleep(0)  # calls go on meanwhile
        value = table.get(key, now)
        if value is None:
            continue
        hashed = core_hash(key.encode("utf-8", "surrogateescape"))
        found.setdefault(hashed & last, []).append((hashed, key, value))
    return found


@mod.rpc("htable.dump", lists=True, large=True, usage=_WANTS_NAME)
async def dump(program: Program, table: str) -> list[dict[str, Any]]:
    """Lists all items of a table: table."""
    slots = await _by_slot(_table(program, table), program.now())
    return [
        {
            "entry": number,
            "size": len(slots[number]),
            "slot": [
                {"name": key, "value": value, "type": "str" if isinstance(value, str) else "int"}
                for _, key, value in sorted(slots[number], key=lambda each: each[0])
            ],
        }
        for number in sorted(slots)
    ]


@mod.rpc("htable.flush", usage=_WANTS_NAME)
def flush(program: Program, table: str) -> str:
    """Takes all items out of a table: table."""
    _table(program, table).clear()
    return "Ok. Htable flushed."


@mod.rpc("htable.listTables", lists=True)
def list_tables(program: Program) -> list[dict[str, Any]]:
    """Lists the tables, the last one first."""
    return [
        {
            "name": of.name,
            "dbtable": of.dbtable,
            "dbmode": int(of.dbmode),
            "expire": of.autoexpire,
            "updateexpire": int(of.updateexpire),
            "size": of.slots,
            "dmqreplicate": int(of.dmqreplicate),
        }
        for of in (each.definition for each in reversed(tables(program).values()))
    ]


@mod.rpc("htable.stats", lists=True)
async def stats(program: Program) -> list[dict[str, Any]]:
    """Says how many items each table has, and how they are spread over its slots."""
    now = program.now()
    found = []
    for name, table in reversed(list(tables(program).items())):
        sizes = [len(each) for each in (await _by_slot(table, now)).values()]
        least = 0 if len(sizes) < table.definition.slots else min(sizes)
        found.append(
            {
                "name": name,
                "slots": table.definition.slots,
                "all": sum(sizes),
                "min": least,
                "max": max(sizes, default=0),
            }
        )
    return found


# --- of the database -----------------------------------------------------------------------


def _stored(program: Program, names: tuple[str, ...], of_no_table: str) -> tuple[Stored, Table]:
    if db_url(program) is None:
        raise CommandError(500, "No htable db_url")
    if not names:
        raise CommandError(*_WANTS_NAME)
    table = _table(program, names[0])
    if not table.definition.dbtable:
        raise CommandError(500, of_no_table)
    return Stored(program), table


@mod.rpc("htable.reload")
async def reload_table(program: Program, *table: str) -> str:
    """Reads a table from the database: table."""
    stored, found = _stored(program, table, "No database htable")
    await reload(program, stored, found)
    return "Ok. Htable reloaded."


@mod.rpc("htable.store")
async def store_table(program: Program, *table: str) -> str:
    """Writes a table to the database: table."""
    stored, found = _stored(program, table, "No database htable")
    await stored.save(found)
    return "Ok. Htable successfully stored to DB."
