"""Commands of secfilter: its lists shown and changed, what was counted."""

from __future__ import annotations

from typing import Any, Final

from sipway.core.commands import CommandError, Named
from sipway.core.program import Program
from sipway.modules.secfilter._module import Counts, kept, mod, read, reload_delta, table
from sipway.modules.secfilter.lists import KINDS, LONGEST, Lists, Prefixes

_SHOWN: Final = ("User-Agent", "Country", "Domain", "IP-Address", "User")
_DESTINATION: Final = "dst"


def _usage(name: str, parameters: str) -> tuple[int, str]:
    return 500, f"Invalid Parameters. Usage: secfilter.{name} {parameters}"


def _values(of: Prefixes) -> Named:
    return Named(("Value", each) for each in of)


def _kind(name: str, wrong: str) -> int:
    if name not in KINDS:
        raise CommandError(500, wrong)
    return KINDS.index(name)


# --- what there is -----------------------------------------------------------------------


@mod.rpc("secfilter.print", large=True)
def show(program: Program, *kind: str) -> dict[str, Any]:
    """Lists what is blocked and let in: ua, country, domain, ip, user or dst; without one all."""
    lists = kept(program).lists
    if kind and kind[0] == _DESTINATION:
        return {"Destination": {"Blacklisted": _values(lists.destinations)}}
    wanted = [_kind(kind[0], "Invalid type")] if kind else range(len(KINDS))
    found = {_SHOWN[each]: _both(lists, each) for each in wanted}
    if not kind:
        found["Destination"] = {"Blacklisted": _values(lists.destinations)}
    return found


def _both(lists: Lists, kind: int) -> dict[str, Any]:
    return {
        "Blacklisted": _values(lists.black[kind]),
        "Whitelisted": _values(lists.white[kind]),
    }


@mod.rpc("secfilter.stats")
def stats(program: Program) -> dict[str, Any]:
    """Says how many were blocked and let in by each list."""
    counts = kept(program).counts
    return {"Blacklist": counts.black, "Whitelist": counts.white, "Other": counts.other}


@mod.rpc("secfilter.stats_reset")
def reset_stats(program: Program) -> str:
    """Counts from 0 again."""
    kept(program).counts = Counts()
    return "The statistics has been reset"


@mod.rpc("secfilter.reload")
async def reload(program: Program) -> str:
    """Reads the lists from the database; what commands have changed is lost."""
    of = table(program)
    if of is None:
        raise CommandError(500, "there is no db_url")
    found = kept(program)
    now = program.now()
    delta = reload_delta(program)
    if found.reloaded is not None and 0 <= now - found.reloaded < delta:
        raise CommandError(500, f"the last reload was less than {delta} seconds ago")
    found.reloaded = now
    await read(program, of)
    return "Data reloaded"


# --- changes -----------------------------------------------------------------------------


def _checked(value: str, usage: tuple[int, str]) -> str:
    if not 0 < len(value) <= LONGEST:
        raise CommandError(*usage)
    return value


_ADD_BLACK: Final = _usage("add_bl", "type value")
_DELETE_BLACK: Final = _usage("del_bl", "type value")
_ADD_WHITE: Final = _usage("add_wl", "type value")
_DELETE_WHITE: Final = _usage("del_wl", "type value")
_ADD_DESTINATION: Final = _usage("add_dst", "number")
_DELETE_DESTINATION: Final = _usage("del_dst", "number")


@mod.rpc("secfilter.add_bl", usage=_ADD_BLACK)
def add_black(program: Program, type: str, value: str) -> str:  # noqa: A002
    """Blocks a value: ua, country, domain, ip or user, and the value."""
    kind = _kind(type, "Error inserting values in the blacklist")
    kept(program).lists.black[kind].add(_checked(value, _ADD_BLACK))
    return f"Values ({type}, {value}) inserted into blacklist"


@mod.rpc("secfilter.add_wl", usage=_ADD_WHITE)
def add_white(program: Program, type: str, value: str) -> str:  # noqa: A002
    """Lets a value in: ua, country, domain, ip or user, and the value."""
    kind = _kind(type, "Error insert values in the whitelist")
    kept(program).lists.white[kind].add(_checked(value, _ADD_WHITE))
    return f"Values ({type}, {value}) inserted into whitelist"


@mod.rpc("secfilter.add_dst", usage=_ADD_DESTINATION)
def add_destination(program: Program, number: str) -> str:
    """Blocks a number that is called."""
    kept(program).lists.destinations.add(_checked(number, _ADD_DESTINATION))
    return f"Values ({number}) inserted into blacklist destinations"


def _remove(of: Prefixes, value: str) -> None:
    if not of.remove(value):
        raise CommandError(500, f"{value} is not in that list")


@mod.rpc("secfilter.del_bl", usage=_DELETE_BLACK)
def delete_black(program: Program, type: str, value: str) -> str:  # noqa: A002
    """Blocks a value no longer: ua, country, domain, ip or user, and the value."""
    _remove(kept(program).lists.black[_kind(type, "Invalid type")], value)
    return f"Values ({type}, {value}) removed from blacklist"


@mod.rpc("secfilter.del_wl", usage=_DELETE_WHITE)
def delete_white(program: Program, type: str, value: str) -> str:  # noqa: A002
    """Lets a value in no longer: ua, country, domain, ip or user, and the value."""
    _remove(kept(program).lists.white[_kind(type, "Invalid type")], value)
    return f"Values ({type}, {value}) removed from whitelist"


@mod.rpc("secfilter.del_dst", usage=_DELETE_DESTINATION)
def delete_destination(program: Program, number: str) -> str:
    """Blocks a number that is called no longer."""
    _remove(kept(program).lists.destinations, number)
    return f"Values ({number}) removed from blacklist destinations"
