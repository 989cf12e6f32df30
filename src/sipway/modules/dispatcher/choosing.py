"""Which destination of a set is tried first, and which ones after it: algorithms 0 to 15, 64.

Source: README of dispatcher, section 4.1; what it leaves open was tried on Kamailio 5.6.3. Where a
hash decides, it is Kamailio's.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.variables.auth import user_of_credentials
from sipway.language.record import Record
from sipway.modules.dispatcher import hashing
from sipway.modules.dispatcher._module import hash_initexpire, hash_pvar
from sipway.modules.dispatcher.board import Board
from sipway.modules.dispatcher.destinations import Destination
from sipway.modules.dispatcher.sets import DestinationSet
from sipway.sip.methods import METHODS

CALL_LOAD: Final = 10
PARALLEL: Final = 12
_ROUND_ROBIN: Final = 4
_AUTH_USER: Final = 5
_PRIORITY: Final = 8
_RELATIVE: Final = 11
_LATENCY: Final = 13
_TURNS_OR_PRIORITY: Final = 14
_BY_PRIORITY_AND_WEIGHT: Final = 15
_OVERLOAD: Final = 64
_INVITE: Final = METHODS["INVITE"]
_MUCH: Final = 10**12  # what is divided by congestions, so that shares are whole numbers

_Place = Callable[[Context, Board, DestinationSet, int], int]


class Choice(Record):
    """`destinations` in the order in which they are tried; `counted`: as a call of algorithm 10."""

    destinations: list[Destination]
    counted: bool = False


def choose(ctx: Context, board: Board, chosen: DestinationSet, algorithm: int) -> Choice | None:
    """None if there is nobody to choose."""
    every = chosen.destinations
    # The last one is kept for when all others fail.
    has_default = board.settings.use_default and len(every) > 1
    count = len(every) - has_default
    try:
        choice = _choose(ctx, board, chosen, algorithm, count)
    except ValueError as error:
        board.error(f"algorithm {algorithm}: {error}")
        return None
    found = choice.destinations
    if not has_default or algorithm == PARALLEL:
        return choice if found else None
    last = [every[-1]] if every[-1].is_usable else []
    return Choice([*found, *last], choice.counted) if found or last else None


def _choose(
    ctx: Context, board: Board, chosen: DestinationSet, algorithm: int, count: int
) -> Choice:
    every = chosen.destinations
    if algorithm == PARALLEL:
        return Choice([each for each in every if each.is_usable])
    if algorithm == _LATENCY:
        return Choice(_by_latency(chosen, count))
    if algorithm == CALL_LOAD and board.settings.counts_calls and _is_call(ctx):
        return _by_load(ctx, board, chosen, count)
    if algorithm == _BY_PRIORITY_AND_WEIGHT:
        return Choice(_by_priority_and_weight(chosen, count))
    if algorithm == _OVERLOAD:
        return Choice(_without_overload(ctx, chosen, count))
    if algorithm == _TURNS_OR_PRIORITY:
        algorithm = _ROUND_ROBIN if _are_equal(every[:count]) else _PRIORITY
    if algorithm == _AUTH_USER and not user_of_credentials(ctx):
        algorithm = _ROUND_ROBIN
    place = _PLACES.get(algorithm)
    if place is None:
        board.tell(
            levels.WARN, f"there is no algorithm {algorithm}: the first destination is taken"
        )
        place = _first
    at = place(ctx, board, chosen, count)
    places = list(chosen.usable_from(at, count))
    if places and algorithm == _ROUND_ROBIN:
        chosen.turn = (places[0] + 1) % count
    return Choice([every[each] for each in places])


def _is_call(ctx: Context) -> bool:
    return ctx.message.is_request and ctx.method_id == _INVITE


# --- the place where to begin ------------------------------------------------------------------


def _first(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del ctx, board, chosen, count
    return 0


def _call_id(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del board, chosen
    return hashing.hash_of(ctx.message.call_id) % count


def _uri(of: Callable[..., int]) -> _Place:
    def place(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
        del chosen
        return of(ctx, user_only=board.settings.user_only) % count

    return place


def _round_robin(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del ctx, board
    return chosen.turn % count


def _auth_user(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del board, chosen
    return hashing.hash_of(user_of_credentials(ctx) or "") % count


def _random(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del ctx, board, chosen
    return random.randrange(count)


def _variables(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del chosen
    text = hash_pvar(board.program)
    if text is None:
        raise ValueError("hash_pvar is not set")
    return hashing.hash_of(text.make(ctx)) % count


def _weights(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del ctx, board
    slots = chosen.weights(count)
    return slots.turn() if slots else 0


def _relative(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> int:
    del ctx, board
    slots = chosen.shares(_RELATIVE, relative_weights(chosen.destinations[:count]))
    return slots.turn() if slots else 0


_PLACES: Final[dict[int, _Place]] = {
    0: _call_id,
    1: _uri(hashing.from_hash),
    2: _uri(hashing.to_hash),
    3: _uri(hashing.uri_hash),
    _ROUND_ROBIN: _round_robin,
    _AUTH_USER: _auth_user,
    6: _random,
    7: _variables,
    _PRIORITY: _first,  # for they stand by their priorities
    9: _weights,
    CALL_LOAD: _first,  # what is no INVITE is no call
    _RELATIVE: _relative,
}


def relative_weights(destinations: list[Destination]) -> list[int]:
    """The shares of algorithm 11: `rweight` of each that is usable.

    Where all have `cc` it is `weight` less the congestion in milliseconds, `rweight` of who has no
    `weight`; if nothing is left of any of them, the less congested get the more.
    """
    if not all(each.attributes.cc for each in destinations):
        return [each.attributes.rweight if each.is_usable else 0 for each in destinations]
    shares = [_left_of_weight(each) if each.is_usable else 0 for each in destinations]
    if any(shares):
        return shares
    return [
        _MUCH // congestion if (congestion := _congestion_that_counts(each)) > 0 else 0
        for each in destinations
    ]


def _left_of_weight(destination: Destination) -> int:
    attributes = destination.attributes
    if not attributes.weight:
        return attributes.rweight
    return max(0, attributes.weight - int(destination.latency.congestion))


def _congestion_that_counts(destination: Destination) -> int:
    if not destination.is_usable or not destination.attributes.weight:
        return 0
    return int(destination.latency.congestion)


# --- by load and by latency --------------------------------------------------------------------


def _by_load(ctx: Context, board: Board, chosen: DestinationSet, count: int) -> Choice:
    """The one with the fewest calls that has room for one more; then the others with room."""
    calls = board.calls
    every = chosen.destinations
    free = [at for at in chosen.usable_from(0, count) if not calls.is_full(every[at])]
    if not free:
        return Choice([])
    first = min(free, key=lambda at: calls.load(every[at]))
    duid = every[first].attributes.duid
    call_id = ctx.message.call_id
    counted = False
    if not duid:
        board.error(
            f"{every[first].uri} of set {chosen.number} has no duid: its calls do not count"
        )
    else:
        expires = ctx.now + hash_initexpire(board.program)
        counted = calls.add(call_id, (chosen.number, duid), expires)
    places = chosen.usable_from(first, count)
    if not counted:  # a call that is counted already, or nobody who can be counted for
        return Choice([every[at] for at in places])
    with_room = [
        every[at]
        for at in places
        if at == first or (every[at].attributes.duid and not calls.is_full(every[at]))
    ]
    return Choice(with_room, counted=True)


def adjusted_priority(destination: Destination) -> int:
    """The priority, one less for each time that a higher latency has it in it, but 1 at least."""
    priority = destination.priority
    if priority <= 0:
        return 0
    latency = destination.latency
    waits = int(latency.congestion if destination.attributes.cc else latency.estimate)
    return max(1, priority - waits // priority) if waits > priority else priority


def _by_latency(chosen: DestinationSet, count: int) -> list[Destination]:
    """By adjusted priority; among equal ones from the place on whose turn it is, and around."""
    every = chosen.destinations
    places = sorted(
        chosen.usable_from(chosen.turn % count, count),
        key=lambda at: -adjusted_priority(every[at]),
    )
    if places:
        chosen.turn = (places[0] + 1) % count
    return [every[at] for at in places]


# --- newer than Kamailio 5.6.3 -----------------------------------------------------------------


def _are_equal(destinations: list[Destination]) -> bool:
    """Whether all have one priority, above 0."""
    priority = destinations[0].priority
    return priority > 0 and all(each.priority == priority for each in destinations)


def _by_priority_and_weight(chosen: DestinationSet, count: int) -> list[Destination]:
    """As SRV records: the lowest number first, of those by `weight`; then the others by number."""
    every = chosen.destinations
    usable = sorted(chosen.usable_from(0, count), key=lambda at: every[at].priority)
    if not usable:
        return []
    best = [at for at in usable if every[at].priority == every[usable[0]].priority]
    equal = not any(every[at].attributes.weight for at in best)
    shares = [0] * count
    for at in best:
        shares[at] = 1 if equal else every[at].attributes.weight
    first = chosen.shares(_BY_PRIORITY_AND_WEIGHT, shares).turn()
    begins = best.index(first)
    order = [*best[begins:], *best[:begins], *usable[len(best) :]]
    return [every[at] for at in order]


def _without_overload(ctx: Context, chosen: DestinationSet, count: int) -> list[Destination]:
    """Round robin over those that this selection does not pass by, without those before them."""
    every = chosen.destinations
    places = list(chosen.usable_from(chosen.turn % count, count))
    for number, at in enumerate(places):
        if not every[at].overload.passes_by(ctx.now):
            chosen.turn = (at + 1) % count
            return [every[each] for each in places[number:]]
    if places:
        chosen.turn = (places[0] + 1) % count
    return []
