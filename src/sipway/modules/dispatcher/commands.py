"""The commands dispatcher.*.

Source: README of dispatcher, RPC Commands; what they answer is as Kamailio 5.6.3 answers.
"""

from __future__ import annotations

from typing import Any, Final

from sipway.core.commands import CommandError, Named
from sipway.core.program import Program
from sipway.modules.dispatcher._module import latency_stats, mod
from sipway.modules.dispatcher.board import Board, board
from sipway.modules.dispatcher.destinations import Destination, Line
from sipway.modules.dispatcher.hashing import hash_of
from sipway.modules.dispatcher.loading import LoadError, add, begin, reload, remove
from sipway.modules.dispatcher.marking import Wanted, mark_many, read_state, set_state

_USAGE: Final = (500, "Invalid Parameters")
_UPDATED: Final = "Ok. Dispatcher state updated."
_NULL: Final = "<null string>"
_PROTOCOLS: Final = {"udp": 1, "tcp": 2, "tls": 3, "sctp": 4, "ws": 5, "wss": 6}
_SHORT: Final = "short"
_FULL: Final = "full"


# --- dispatcher.list ---------------------------------------------------------------------------


def _attributes(destination: Destination) -> dict[str, Any]:
    found = destination.attributes
    return {
        "BODY": found.body,
        "DUID": found.duid or None,
        "MAXLOAD": found.maxload,
        "WEIGHT": found.weight,
        "RWEIGHT": found.rweight,
        "SOCKET": found.socket or None,
        "SOCKNAME": found.sockname or None,
        "OBPROXY": found.obproxy or None,
    }


def _latency(destination: Destination) -> dict[str, Any]:
    found = destination.latency
    return {
        "AVG": round(found.average, 3),
        "STD": round(found.deviation, 3),
        "EST": round(found.estimate, 3),
        "MAX": found.maximum,
        "TIMEOUT": found.timeouts,
    }


def _shown(here: Board, destination: Destination, mode: str) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "URI": destination.uri,
        "FLAGS": destination.letters,
        "PRIORITY": destination.priority,
    }
    if mode == _FULL:
        target = destination.target
        shown |= {
            "HOST": target.host,
            "IPADDR": ",".join(sorted(destination.addresses)),
            "PORT": destination.port,
            "PROTOID": _PROTOCOLS[target.protocol] if target.protocol_given else 0,
            "DNSTIME_SEC": int(destination.looked_up),
            "DNSTIME_USEC": int(destination.looked_up % 1 * 1_000_000),
        }
    if destination.attributes.body and mode != _SHORT:
        shown["ATTRS"] = _attributes(destination)
    if latency_stats(here.program):
        shown["LATENCY"] = _latency(destination)
    if here.settings.counts_calls:
        shown["RUNTIME"] = {"DLGLOAD": here.calls.load(destination)}
    return shown


@mod.rpc("dispatcher.list", large=True)
def list_all(program: Program, *mode: str) -> dict[str, Any]:
    """Lists all sets with their destinations; `short`: without attributes, `full`: with more."""
    here = board(program)
    if not len(here.sets):
        raise CommandError(500, "No Destination Sets")
    wanted = mode[0].lower() if mode else ""
    records = Named()
    for each in here.sets:
        targets = Named(("DEST", _shown(here, one, wanted)) for one in each.destinations)
        records.append(("SET", {"ID": each.number, "TARGETS": targets}))
    return {"NRSETS": len(here.sets), "RECORDS": records}


# --- states ------------------------------------------------------------------------------------


def _wanted(text: str) -> Wanted:
    try:
        return read_state(text)
    except ValueError:
        raise CommandError(500, "Unknown State Value") from None


@mod.rpc("dispatcher.set_state", usage=_USAGE)
def set_one(program: Program, state: str, group: int, address: str) -> str:
    """Sets a state (a, i, t or d, maybe p behind it): state, set, URI or `all`."""
    if not mark_many(program, group, address, _wanted(state)):
        raise CommandError(500, "State Update Failed")
    return _UPDATED


@mod.rpc("dispatcher.set_duid_state", usage=_USAGE)
def set_by_duid(program: Program, state: str, group: int, duid: str) -> str:
    """Sets a state of whoever has a duid: state, set, duid."""
    wanted = _wanted(state)
    found = board(program).sets.get(group)
    meant = [each for each in (found.destinations if found else ()) if each.attributes.duid == duid]
    if not meant:
        raise CommandError(500, "State Update Failed")
    for each in meant:
        set_state(each, wanted)
    return _UPDATED


@mod.rpc("dispatcher.ping_active")
def ping_active(program: Program, *state: int) -> dict[str, int]:
    """Says whether probes are sent, or with 0 or 1 has them sent, or not."""
    kept = board(program).kept
    old = kept.pings
    if not state:
        return {"OldPingState": old}
    kept.pings = state[0]
    return {"NewPingState": kept.pings, "OldPingState": old}


# --- what there is -----------------------------------------------------------------------------


def _failed(error: LoadError) -> CommandError:
    return CommandError(500, str(error))


def _begin(program: Program) -> None:
    try:
        begin(board(program), program.now())
    except LoadError as error:
        raise _failed(error) from None


@mod.rpc("dispatcher.reload")
async def reload_all(program: Program) -> str:
    """Reads the file, or the table, anew."""
    try:
        await reload(program, program.now())
    except LoadError as error:
        board(program).error(f"reload: {error}")
        raise _failed(error) from None
    return "Ok. Dispatcher successfully reloaded."


@mod.rpc("dispatcher.add", usage=_USAGE)
def add_one(
    program: Program,
    group: int,
    address: str,
    flags: int = 0,
    priority: int = 0,
    attrs: str = "",
) -> str:
    """Adds a destination until the next reload: set, URI, flags, priority, attributes."""
    if min(group, flags, priority) < 0:
        raise CommandError(*_USAGE)
    _begin(program)
    try:
        add(program, Line(group, address, flags, priority, attrs))
    except LoadError as error:
        raise _failed(error) from None
    return "Ok. Dispatcher destination added."


@mod.rpc("dispatcher.remove", usage=_USAGE)
def remove_one(program: Program, group: int, address: str) -> str:
    """Removes a destination until the next reload: set, URI."""
    _begin(program)
    remove(program, group, address)
    return "Ok. Dispatcher destination removed."


@mod.rpc("dispatcher.hash", usage=_USAGE)
def hash_texts(program: Program, slots: int, first: str, *second: str) -> dict[str, int]:
    """Says what texts hash to: number of destinations, text, maybe one more text."""
    del program
    hashed = hash_of(first, *second[:1])
    return {"hashid": hashed, "slot": hashed % slots if slots > 0 else 0}
