"""What there is to know of a set: ds_dsg_fetch(), `$dsg`, and overload control.

Source: README of dispatcher, sections 4.17 to 4.19 and 5.9, and the cookbook on `$dsg`. They are
newer than Kamailio 5.6.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from sipway.core.commands import CommandError, Named
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.language.runtime import wrap
from sipway.language.signatures import Inner
from sipway.modules.dispatcher._module import mod
from sipway.modules.dispatcher.board import board
from sipway.modules.dispatcher.destinations import Destination
from sipway.modules.dispatcher.sets import DestinationSet

_KEPT: Final = "dispatcher:group"


class _Fetched(NamedTuple):
    """Who is asked for; without a URI the set alone."""

    group: int
    uri: str = ""


def _fetch(ctx: Context, wanted: _Fetched) -> int:
    sets = board(ctx.program).sets
    is_there = (
        sets.get(wanted.group) if not wanted.uri else sets.find(wanted.group, wanted.uri)
    ) is not None
    if is_there:
        extras(ctx).of_modules[_KEPT] = wanted
    return 1 if is_there else -1


@mod.function("ds_dsg_fetch")
def ds_dsg_fetch(ctx: Context, setid: int) -> int:
    """Say which set `$dsg` tells of. Returns 1; -1 if there is no such set."""
    return _fetch(ctx, _Fetched(setid))


@mod.function("ds_dsg_fetch_uri")
def ds_dsg_fetch_uri(ctx: Context, setid: int, uri: str) -> int:
    """The same, and whose overload it tells of. Returns 1; -1 if there is no such destination."""
    return _fetch(ctx, _Fetched(setid, uri)) if uri else -1


def _active(of: DestinationSet) -> int:
    return sum(1 for each in of.destinations if each.is_usable)


def _inactive(of: DestinationSet) -> int:
    return len(of.destinations) - _active(of)


_OF_SET: Final[dict[str, Callable[[DestinationSet], int]]] = {
    "count": lambda of: len(of.destinations),
    "active": _active,
    "inactive": _inactive,
    "pactive": lambda of: _active(of) * 100 // len(of.destinations),
    "pinactive": lambda of: _inactive(of) * 100 // len(of.destinations),
}


def _sequence(of: Destination) -> int | str:
    text = of.overload.sequence
    return text if "." in text else wrap(int(text))


_OF_DESTINATION: Final[dict[str, Callable[[Destination], int | str]]] = {
    "octime_sec": lambda of: int(of.overload.set_at),
    "octime_usec": lambda of: int(of.overload.set_at % 1 * 1_000_000),
    "ocseq": _sequence,
    "ocrate": lambda of: of.overload.rate,
}


def _key(name: str) -> str:
    if name not in _OF_SET and name not in _OF_DESTINATION:
        known = ", ".join((*_OF_SET, *_OF_DESTINATION))
        raise ValueError(f"$dsg takes one of {known}, not {name}")
    return name


@mod.variable("dsg", inner=Inner.REQUIRED, prepare=_key)
def dsg(ctx: Context, name: str) -> int | str | None:
    """Of the set that ds_dsg_fetch() named: `count`, `active`, `inactive`, in percent `pactive` and
    `pinactive`; of the destination that ds_dsg_fetch_uri() named: `ocrate`, `ocseq`, `octime_sec`,
    `octime_usec`. Null without such a call.
    """
    kept = ctx.extras
    wanted: _Fetched | None = None if kept is None else kept.of_modules.get(_KEPT)
    if wanted is None:
        return None
    sets = board(ctx.program).sets
    of_set = _OF_SET.get(name)
    if of_set is not None:
        found = sets.get(wanted.group)
        return None if found is None else of_set(found)
    destination = sets.find(wanted.group, wanted.uri)
    return None if destination is None else _OF_DESTINATION[name](destination)


# --- overload ----------------------------------------------------------------------------------


@mod.function("ds_oc_set_attrs")
def ds_oc_set_attrs(ctx: Context, setid: int, uri: str, rval: int, tval: int, sval: str) -> int:
    """Have algorithm 64 pass a destination by in so many (1 to 100) of a hundred selections.

    For `tval` milliseconds, 500 where that is 0 or below. Returns 1; -2 if there is no such
    destination, or `sval` is not above the number that came last; -1 for a wrong rate or number.
    """
    here = board(ctx.program)
    destination = here.sets.find(setid, uri)
    if destination is None:
        return -2
    try:
        return 1 if destination.overload.set(rval, tval, sval, ctx.now) else -2
    except ValueError as error:
        here.error(f"ds_oc_set_attrs(): {error}")
        return -1


@mod.rpc("dispatcher.oclist", usage=(500, "Invalid Parameters"))
def list_overload(program: Program, group: int) -> dict[str, Any]:
    """Lists how the destinations of a set stand with overload: set."""
    found = board(program).sets.get(group)
    if found is None:
        raise CommandError(404, "Group not found")
    return {
        "ID": group,
        "TARGETS": Named(
            (
                "DEST",
                {
                    "URI": each.uri,
                    "OCRATE": each.overload.rate,
                    "OCMIN": each.attributes.ocmin,
                    "OCSEQ": each.overload.sequence,
                    "OCTIME_SEC": int(each.overload.set_at),
                    "OCTIME_USEC": int(each.overload.set_at % 1 * 1_000_000),
                },
            )
            for each in found.destinations
        ),
    }
