"""Commands of pipelimit: its pipes and the controller of FEEDBACK, seen and set."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

from sipway.core.commands import CommandError
from sipway.core.limiting.commands import add_commands
from sipway.core.limiting.pipes import FEEDBACK, NAMES, algorithm
from sipway.core.program import Program
from sipway.modules.pipelimit._module import interval_of, mod, pipes
from sipway.modules.pipelimit.pipes import NamedPipe

_MOST_LOAD: Final = 100
_SLICE: Final = 500


def _pipe(program: Program, name: str) -> NamedPipe:
    found = pipes(program).get(name)
    if found is None:
        raise CommandError(400, f"Unknown pipe id {name}")
    return found


def _shown(pipe: NamedPipe, interval: int) -> dict[str, Any]:
    pipe.advance(interval)
    return {
        "name": pipe.name,
        "algorithm": NAMES[pipe.algorithm],
        "limit": pipe.limit,
        "counter": pipe.count,
        "last_counter": pipe.before,
        "unused_intervals": pipe.unused(interval),
    }


async def _all(program: Program) -> AsyncIterator[tuple[NamedPipe, int]]:
    """All pipes, brought to now; there may be many, so others have their turn between them."""
    interval = interval_of(program, program.now())
    for number, pipe in enumerate(pipes(program)):
        if number % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)
        pipe.advance(interval)
        yield pipe, interval


@mod.rpc("pl.list", lists=True, large=True)
async def list_pipes(program: Program, *name: str) -> list[dict[str, Any]]:
    """Says all there is to say of a pipe, or of each."""
    if name:
        return [_shown(_pipe(program, name[0]), interval_of(program, program.now()))]
    return [_shown(*each) async for each in _all(program)]


@mod.rpc("pl.stats", lists=True, large=True)
async def stats(program: Program) -> list[str]:
    """Lists for each pipe its drop rate and the requests of the interval before."""
    load = pipes(program).load
    return [
        f"PIPE: id={pipe.name} load={pipe.rate(load)} counter={pipe.before}"
        async for pipe, _ in _all(program)
    ]


@mod.rpc("pl.get_pipes", lists=True, large=True)
async def get_pipes(program: Program) -> list[str]:
    """Lists the pipes with algorithm and limit, and the requests of this interval."""
    return [
        f"PIPE: id={pipe.name} algorithm={NAMES[pipe.algorithm]} limit={pipe.limit}"
        f" counter={pipe.count}"
        async for pipe, _ in _all(program)
    ]


@mod.rpc("pl.set_pipe")
def set_pipe(program: Program, pipe_id: str, pipe_algorithm: str, pipe_limit: int) -> None:
    """Sets algorithm and limit of a pipe that is there."""
    try:
        number = algorithm(pipe_algorithm)
    except ValueError:
        raise CommandError(400, "Unknown algorithm") from None
    _pipe(program, pipe_id)
    if number == FEEDBACK and not 0 <= pipe_limit <= _MOST_LOAD:
        raise CommandError(400, "Feedback limits don't match")
    pipes(program).set(pipe_id, number, pipe_limit, interval_of(program, program.now()))


@mod.rpc("pl.reset_pipe")
def reset_pipe(program: Program, pipe_id: str) -> None:
    """Forgets the requests that a pipe has counted."""
    pipe = _pipe(program, pipe_id)
    pipe.count = pipe.before = 0


@mod.rpc("pl.rm_pipe")
def remove_pipe(program: Program, pipe_id: str) -> None:
    """Removes a pipe; what the database has of it stays there."""
    if not pipes(program).remove(pipe_id):
        raise CommandError(400, f"Unknown pipe id {pipe_id}")


add_commands(mod, "pl", lambda program: pipes(program).load)
