"""The state of a destination: set by scripts and operators, and by how probes are answered.

Source: README of dispatcher, sections 4.9, 5.1 and 7; what it leaves open was tried on Kamailio
5.6.3.
"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.language.signatures import Inner, Routes
from sipway.modules.dispatcher._module import inactive_threshold, mod, probing_threshold
from sipway.modules.dispatcher.board import Board, board
from sipway.modules.dispatcher.destinations import (
    DISABLED,
    INACTIVE,
    PROBING,
    STATE,
    TRYING,
    Destination,
)
from sipway.modules.dispatcher.selecting import ROUTES, current, field

DOWN: Final = mod.event("dispatcher:dst-down")
UP: Final = mod.event("dispatcher:dst-up")

BY_SCRIPT: Final = 820
"""What `$dsv(code)` says when a script has changed a state."""

_OUT: Final = INACTIVE | DISABLED
_LETTERS: Final = {"a": 0, "i": INACTIVE, "t": TRYING, "d": DISABLED}
_KEYS: Final = {
    "code": "code",
    "reason": "reason",
    "flags": "flags",
    "uri": "uri",
    "setid": "group",
    "group": "group",
}
_KEPT: Final = "dispatcher"


class Wanted:
    """A state that is asked for: `state` is one of the flags or 0; whether it is probed.

    `enables`: it was said to be active, and is so even if it was disabled.
    """

    __slots__ = ("enables", "probing", "state")

    def __init__(self, state: int, probing: bool, *, enables: bool = False) -> None:
        self.enables = enables
        self.state = state
        self.probing = probing and state != DISABLED


def read_letters(text: str) -> Wanted:
    """As scripts write it: letters of a state in any order; without one it is active.

    Raises ValueError.
    """
    state = 0
    probing = False
    for letter in text.lower():
        if letter == "p":
            probing = True
        elif letter == "a":
            state = 0
        elif letter in _LETTERS:
            state = _LETTERS[letter]
        else:
            raise ValueError(f'a state is made of a, i, t, d and p, not "{text:.20}"')
    enables = state == 0 and "a" in text.lower()
    return Wanted(state if text else INACTIVE, probing, enables=enables)


def read_state(text: str) -> Wanted:
    """As operators write it: a state, maybe `p` behind it. Raises ValueError."""
    state = _LETTERS.get(text[:1].lower())
    if state is None:
        raise ValueError(f'a state begins with a, i, t or d, not "{text:.20}"')
    return Wanted(state, text[1:2].lower() == "p")


def set_state(destination: Destination, wanted: Wanted) -> None:
    """Set it as it is asked for."""
    destination.failures = destination.successes = 0
    _write(destination, wanted)


def _write(destination: Destination, wanted: Wanted) -> None:
    kept = destination.flags & ~(STATE | PROBING)
    destination.flags = kept | wanted.state | (PROBING if wanted.probing else 0)


def change(destination: Destination, wanted: Wanted, program: Program) -> int:
    """As `set_state`, but a state is not changed before the thresholds are reached.

    Trying becomes inactive with so many failures. Returns `INACTIVE` if it was there for calls and
    is no more, `TRYING` if it has come back, 0 if neither.
    """
    before = destination.flags
    state = wanted.state
    if state == TRYING:
        destination.successes = 0
        destination.failures += 1
        out = destination.failures >= probing_threshold(program) or before & INACTIVE
        state = INACTIVE if out else TRYING
    else:
        destination.failures = 0
    _write(destination, Wanted(state, wanted.probing))
    if not before & _OUT and destination.flags & _OUT:
        return INACTIVE
    return TRYING if before & _OUT and not destination.flags & _OUT else 0


def count_answer(destination: Destination, program: Program) -> int:
    """A good answer to a probe: active again, after so many. Returns as `change` does."""
    destination.failures = 0
    if destination.flags & INACTIVE:
        destination.successes += 1
        if destination.successes < inactive_threshold(program):
            return 0
    destination.successes = 0
    return change(destination, Wanted(0, bool(destination.flags & PROBING)), program)


# --- events ------------------------------------------------------------------------------------


class Reason:
    """Why an event runs, and for whom: what `$dsv` tells."""

    __slots__ = ("code", "flags", "group", "reason", "uri")

    def __init__(self, whom: Destination, code: int, reason: str | None, flags: int) -> None:
        self.code = code
        self.reason = reason
        self.flags = flags
        self.uri = whom.uri
        self.group = whom.group


def tell(ctx: Context, changed: int, reason: Reason) -> None:
    """Run the event for a change that `change` told of, if there was one."""
    if not changed:
        return
    kept = extras(ctx).of_modules
    before = kept.get(_KEPT)
    kept[_KEPT] = reason
    (DOWN if changed == INACTIVE else UP).run(ctx)
    kept[_KEPT] = before


def _key(name: str) -> str:
    found = _KEYS.get(name)
    if found is None:
        raise ValueError(f"$dsv takes one of {', '.join(_KEYS)}, not {name}")
    return found


@mod.variable("dsv", inner=Inner.REQUIRED, prepare=_key)
def dsv(ctx: Context, name: str) -> int | str | None:
    """Why event_route[dispatcher:dst-up] or dst-down runs: `code`, `reason`, `flags`, and for whom:
    `uri`, `setid` (or `group`).

    The code is the status that a probe was answered with, 820 if a script has changed the state;
    flags are 1 if that came over the network.
    """
    kept = ctx.extras
    found: Reason | None = None if kept is None else kept.of_modules.get(_KEPT)
    value: int | str | None = None if found is None else getattr(found, name)
    return value


# --- ds_mark_dst() -----------------------------------------------------------------------------


def _mark(ctx: Context, state: str) -> int:
    here = board(ctx.program)
    settings = here.settings
    if not settings.failover:
        here.tell(levels.WARN, "ds_mark_dst(): there is no failover without bit 2 in flags")
        return -1
    try:
        wanted = read_letters(state)
    except ValueError as error:
        here.tell(levels.WARN, f"ds_mark_dst(): {error}")
        return -1
    children = current(ctx, settings)
    group = None if children is None else field(children, "grp")
    uri = None if children is None else field(children, "uri")
    if not isinstance(group, int) or not isinstance(uri, str):
        return -1
    return _change(ctx, here, wanted, group, uri)


def _change(ctx: Context, here: Board, wanted: Wanted, group: int, uri: str) -> int:
    destination = here.sets.find(group, uri)
    if destination is None:
        return -1
    if destination.flags & DISABLED and not wanted.enables:
        return 1  # a call that fails is no reason to undo what an operator has said
    changed = change(destination, wanted, here.program)
    if here.settings.marks_run_events:
        tell(ctx, changed, Reason(destination, BY_SCRIPT, None, 0))
    return 1


@mod.function("ds_mark_dst", routes=ROUTES | Routes.REPLY)
def ds_mark_dst(ctx: Context, state: str = "") -> int:
    """Mark the destination in use: inactive, or as `state` says: a, i, t, d, maybe p behind it.

    Trying (t) becomes inactive after so many times (`ds_probing_threshold`); p has it probed.
    One that is disabled stays so until it is marked a. Returns 1; -1 for no such state, or no
    destination.
    """
    return _mark(ctx, state)


@mod.function("ds_mark_addr")
def ds_mark_addr(ctx: Context, state: str, setid: int, uri: str) -> int:
    """Mark a destination of a set, by its URI, as ds_mark_dst() does. Newer than Kamailio 5.6.

    Returns 1; -1 for no such state, or no such destination.
    """
    here = board(ctx.program)
    try:
        wanted = read_letters(state)
    except ValueError as error:
        here.tell(levels.WARN, f"ds_mark_addr(): {error}")
        return -1
    return _change(ctx, here, wanted, setid, uri)


def mark_many(program: Program, group: int, uri: str, wanted: Wanted) -> bool:
    """For operators: one destination or, with `all`, all of a set; whether it is there."""
    sets = board(program).sets
    if uri == "all":
        found = sets.get(group)
        for each in found.destinations if found is not None else ():
            set_state(each, wanted)
        return True
    destination = sets.find(group, uri)
    if destination is None:
        return False
    set_state(destination, wanted)
    return True
