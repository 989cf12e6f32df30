"""``sipway address``: rows of the table `address`, however others have written them."""

from __future__ import annotations

import argparse
import ipaddress
import re
from typing import Final, NamedTuple

from sipway.cli import status
from sipway.cli.rows import MeantError, done, list_all
from sipway.errors import DatabaseError
from sipway.stores.databases import Condition, Database, Value

_TABLE: Final = "address"
_LARGEST: Final = 0x7FFFFFFF
_BITS_OF_A_NAME: Final = 32  # as kamctl writes them; they mean nothing
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_NAME: Final = re.compile(rf"(?=.{{1,50}}$)(?:{_LABEL}\.)*[A-Za-z](?:[A-Za-z0-9-]*[A-Za-z0-9])?")


class _Peer(NamedTuple):
    """An address, a network, or a name, which is compared as it is written."""

    host: str
    bits: int | None

    def __str__(self) -> str:
        return self.host if self.bits is None else f"{self.host}/{self.bits}"


async def add(database: Database, given: argparse.Namespace) -> int:
    """Add one, unless it is there with the same port."""
    peer, group, port = _peer(given.address), _group(given), _port(given) or 0
    shown = f"{peer}, port {port}," if port else f"{peer}"
    if await _rows(database, peer, group, port):
        raise DatabaseError(f"{shown} is in group {group} already")
    row: dict[str, Value] = {
        "grp": group,
        "ip_addr": peer.host,
        "mask": _BITS_OF_A_NAME if peer.bits is None else peer.bits,
        "port": port,
        "tag": given.tag,
    }
    await database.insert(_TABLE, row)
    print(f"{peer} added to group {group}")
    return status.OK


async def remove(database: Database, given: argparse.Namespace) -> int:
    """Remove one with all its ports, or with the one that is given."""
    peer, group, port = _peer(given.address), _group(given), _port(given)
    found = await _rows(database, peer, group, port)
    for each in found:
        await database.delete(_TABLE, [Condition("id", each)])
    at = "" if port is None else f", port {port},"
    return done(len(found), f"{peer}{at} in group {group}", "removed")


async def show_all(database: Database, given: argparse.Namespace) -> int:
    """List all of them."""
    columns = ("grp", "ip_addr", "mask", "port", "tag")
    return await list_all(database, _TABLE, columns, as_json=given.json)


async def _rows(database: Database, peer: _Peer, group: int, port: int | None) -> list[Value]:
    """The numbers of the rows that mean the same, on any port if that is None."""
    rows = await database.select(
        _TABLE, ["id", "ip_addr", "mask", "port"], [Condition("grp", group)]
    )
    return [
        number
        for number, address, bits, on in rows
        if _stored(address, bits) == peer and port in (None, on)
    ]


def _stored(address: Value, bits: Value) -> _Peer | None:
    """What a row means; a mask of 0 is a whole address."""
    text = str(address)
    if isinstance(bits, int) and bits and _NAME.fullmatch(text) is None:
        text += f"/{bits}"
    try:
        return _peer(text)
    except MeantError:
        return None


def _peer(text: str) -> _Peer:
    bare = re.sub(r"^\[([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)\]", r"\1", text)
    try:
        network = ipaddress.ip_network(bare, strict=False)
    except ValueError:
        network = None
    if network is None or "%" in bare:
        if _NAME.fullmatch(text) is None:
            raise MeantError(f"{text!r} is neither an address nor a network nor a name")
        return _Peer(text, None)
    if network.prefixlen == 0:
        halves = " and ".join(map(str, network.subnets()))
        raise MeantError(f"a mask of 0 stands for one address: all of them are {halves}")
    return _Peer(str(network.network_address), network.prefixlen)


def _group(given: argparse.Namespace) -> int:
    group: int = given.group
    if not 1 <= group <= _LARGEST:
        raise MeantError(f"{group} is no group: they go from 1 to {_LARGEST}")
    return group


def _port(given: argparse.Namespace) -> int | None:
    port: int | None = given.port
    if port is not None and not 0 <= port <= 0xFFFF:
        raise MeantError(f"there is no port {port}")
    return port
