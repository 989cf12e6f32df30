"""The commands `permissions.*` for tables; `table` and `id` number what is listed."""

from __future__ import annotations

from typing import Any, Final

from sipway.core.commands import CommandError, Named
from sipway.core.program import Program
from sipway.modules.permissions._module import mod
from sipway.modules.permissions.addresses import Addresses, AddressRecord
from sipway.modules.permissions.state import reload, state

_NULL: Final = "NULL"


@mod.rpc("permissions.addressReload")
async def reload_addresses(program: Program) -> str:
    """Reads the addresses again."""
    return await reload(program, state(program).load_addresses)


@mod.rpc("permissions.trustedReload")
async def reload_trusted(program: Program) -> str:
    """Reads the trusted peers again."""
    return await reload(program, state(program).load_peers)


def _addresses(program: Program, missing: str) -> Addresses:
    found = state(program).addresses
    if found is None:
        raise CommandError(500, missing)
    return found


@mod.rpc("permissions.addressDump", lists=True, large=True)
def dump_addresses(program: Program) -> list[dict[str, Any]]:
    """Lists the addresses that stand for themselves."""
    found = _addresses(program, "No address table").exact
    return [
        {"table": place, "group": each.group, "item": {"ip": _bare(each), **_rest(each, _NULL)}}
        for place, each in enumerate(found)
    ]


@mod.rpc("permissions.subnetDump", lists=True, large=True)
def dump_networks(program: Program) -> list[dict[str, Any]]:
    """Lists the networks."""
    found = _addresses(program, "No subnet table").networks
    return [
        {
            "id": place,
            "group": each.group,
            "item": {"ip": _bare(each), "mask": each.mask, **_rest(each, "")},
        }
        for place, each in enumerate(found)
    ]


@mod.rpc("permissions.domainDump", large=True)
def dump_names(program: Program) -> Named:
    """Lists the names."""
    found = Named()
    for place, each in enumerate(_addresses(program, "No domain list table").names):
        found += [
            ("table", place),
            ("group", each.group),
            ("item", {"domain_name": each.address, **_rest(each, _NULL)}),
        ]
    return found


def _bare(record: AddressRecord) -> str:
    return record.address.strip("[]")


def _rest(record: AddressRecord, no_tag: str) -> dict[str, Any]:
    return {"port": record.port, "tag": record.tag or no_tag}


@mod.rpc("permissions.trustedDump", large=True)
def dump_trusted(program: Program) -> Named:
    """Lists the trusted peers."""
    known = state(program)
    if known.peers is None or known.load_peers is None:
        raise CommandError(500, "No trusted table")
    found = Named()
    for place, rules in enumerate(known.peers.by_source.values()):
        for rule in rules:
            row = rule.row
            item = {
                "ip": row.source,
                "proto": rule.protocol,
                "pattern": _NULL if row.from_pattern is None else row.from_pattern,
                "ruri_pattern": _NULL if row.ruri_pattern is None else row.ruri_pattern,
                "tag": row.tag or _NULL,
                "priority": row.priority,
            }
            found += [("table", place), ("item", item)]
    return found
