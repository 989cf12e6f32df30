"""ratelimit: so many requests of a method a second and no more.

Source: README of Kamailio's module ratelimit; what it leaves open was tried on Kamailio 5.6.3.
Pipes let requests through (`core.limiting`), queues say which methods go through which pipe.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sipway.core import log as levels
from sipway.core.commands import CommandError
from sipway.core.context import Context
from sipway.core.limiting import pipes
from sipway.core.limiting.commands import add_commands
from sipway.core.limiting.machine import watch
from sipway.core.limiting.pipes import FEEDBACK, NETWORK, NOP, OVER, UNDER, Load, Pipe, algorithm
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.language.record import Record

mod = Module("ratelimit")

_MOST_PIPES: Final = 32
_MOST_QUEUES: Final = 32
_MOST_LIMIT: Final = 2**31 - 1
_ANY: Final = "*"
_PERCENT: Final = 100


class _PipeSaid(Record):
    number: int
    algorithm: int
    limit: int


class _QueueSaid(Record):
    pipe: int
    method: str


def _natural(text: str, what: str, most: int) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 10 or int(text) > most:
        raise ValueError(f'{what} is a number from 0 to {most}, not "{text:.60}"')
    return int(text)


def _parts(text: str, form: str) -> list[str]:
    found = text.split(":")
    if len(found) != form.count(":") + 1:
        raise ValueError(f'{form} is wanted, not "{text:.60}"')
    return found


def _read_pipe(text: str) -> _PipeSaid:
    number, name, limit = _parts(text, "pipe:algorithm:limit")
    of = algorithm(name)
    most = _PERCENT if of == FEEDBACK else _MOST_LIMIT
    return _PipeSaid(
        _natural(number, "a pipe", _MOST_PIPES - 1), of, _natural(limit, "its limit", most)
    )


def _read_queue(text: str) -> _QueueSaid:
    number, method = _parts(text, "pipe:method")
    if not method:
        raise ValueError("the queue has no method")
    return _QueueSaid(_natural(number, "a pipe", _MOST_PIPES - 1), method)


def _to_interval(value: int) -> int:
    if not 1 <= value <= 86_400:
        raise ValueError(f"a number from 1 to 86400 is wanted, not {value}")
    return value


_NO_PIPES: Final[list[_PipeSaid]] = []
_NO_QUEUES: Final[list[_QueueSaid]] = []
_interval = mod.param(
    "timer_interval", int, 10, convert=_to_interval, doc="seconds in which requests are counted"
)
_queues = mod.param(
    "queue", str, _NO_QUEUES, convert=_read_queue, repeatable=True, doc="pipe:method, or pipe:*"
)
_pipes = mod.param(
    "pipe", str, _NO_PIPES, convert=_read_pipe, repeatable=True, doc="pipe:algorithm:limit"
)


class _Queue:
    __slots__ = ("method", "pipe")

    def __init__(self, method: str, pipe: int) -> None:
        self.method = method
        self.pipe = pipe

    def takes(self, method: str) -> bool:
        return self.method in (_ANY, method) or self.method.lower() == method.lower()


class _Limiter:
    """The pipes and queues of a server; commands change them."""

    def __init__(self, program: Program) -> None:
        self.seconds = _interval(program)
        self.load = Load()
        self.pipes: list[Pipe] = [self._pipe(NOP, 0) for _ in range(_MOST_PIPES)]
        self.queues = [_Queue(each.method, each.pipe) for each in _queues(program)]
        self.tells = False
        self._told = 0
        for each in _pipes(program):
            self.pipes[each.number] = self._pipe(each.algorithm, each.limit)

    def _pipe(self, of: int, limit: int) -> Pipe:
        if of == FEEDBACK:
            self.load.feedback(limit)  # it looks at the load from now on
        seconds = 1 if of in (FEEDBACK, NETWORK) else self.seconds
        return Pipe(of, limit, 0, seconds)

    def at(self, now: float) -> int:
        return int(now // self.seconds)

    def set_pipe(self, number: int, of: int, limit: int) -> None:
        """Raises ValueError when its limit is not that of the other FEEDBACK pipes."""
        if of == FEEDBACK:
            others = (each for at, each in enumerate(self.pipes) if at != number)
            if not 0 <= limit <= _PERCENT or any(
                each.algorithm == FEEDBACK and each.limit != limit for each in others
            ):
                raise ValueError("Feedback limits don't match")
        pipe = self.pipes[number]
        pipe.algorithm, pipe.limit = of, limit
        pipe.scale = self._pipe(of, limit).scale

    def tell(self, program: Program, interval: int) -> None:
        """With the first request of an interval, what there was in the one before."""
        if interval == self._told:
            return
        self._told = interval
        counts = []
        for number, pipe in enumerate(self.pipes):
            pipe.advance(interval)
            if pipe.algorithm != NOP:
                counts.append(f"{number}: {pipe.before}")
        program.log.line(levels.WARN, f"ratelimit: requests by pipe: {', '.join(counts)}")

    def wants(self) -> tuple[bool, bool]:
        used = {each.algorithm for each in self.pipes}
        return FEEDBACK in used, NETWORK in used


def _limiter(program: Program) -> _Limiter:
    return program.shared.of_module(mod.name, lambda: _Limiter(program))


@mod.on_start
def _start(program: Program) -> None:
    limits = {each.number: each for each in _pipes(program)}
    loads = {each.limit for each in limits.values() if each.algorithm == FEEDBACK}
    if len(loads) > 1:
        raise ModuleError("ratelimit: all FEEDBACK pipes have the same limit, the load")
    if len(_queues(program)) > _MOST_QUEUES:
        raise ModuleError(f"ratelimit: there are at most {_MOST_QUEUES} queues")
    for each in _queues(program):
        if each.pipe not in limits:
            program.log.line(
                levels.WARN,
                f"ratelimit: the queue {each.method} goes through pipe {each.pipe}, which is none:"
                " nothing is held back",
            )
    limiter = _limiter(program)
    program.services.append(lambda: watch(program, limiter.seconds, limiter.load, limiter.wants))


# --- checks ------------------------------------------------------------------------------


@mod.function("rl_check")
def rl_check(ctx: Context, pvar: int | None = None) -> int:
    """Count a request in a pipe, that of its method if none is given: 1, or -1 if it is full.

    -1 too if no queue takes the method, or there is no such pipe.
    """
    if pvar is not None:
        return rl_check_pipe(ctx, pvar)
    limiter = _limiter(ctx.program)
    for queue in limiter.queues:
        if queue.takes(ctx.method):
            return _check(limiter, queue.pipe, ctx)
    return OVER


@mod.function("rl_check_pipe")
def rl_check_pipe(ctx: Context, pipe_no: int) -> int:
    """Count a request in a pipe: 1, or -1 if it is full or there is no such pipe."""
    limiter = _limiter(ctx.program)
    if not 0 <= pipe_no < _MOST_PIPES or limiter.pipes[pipe_no].algorithm == NOP:
        ctx.program.log.once(levels.ERR, f"rl_check(): there is no pipe {pipe_no}")
        return OVER
    return _check(limiter, pipe_no, ctx)


def _check(limiter: _Limiter, number: int, ctx: Context) -> int:
    interval = limiter.at(ctx.now)
    if limiter.tells:
        limiter.tell(ctx.program, interval)
    return OVER if limiter.pipes[number].check(interval, limiter.load) == OVER else UNDER


# --- commands ----------------------------------------------------------------------------


def _advanced(program: Program) -> Sequence[tuple[int, Pipe, int]]:
    """Number, pipe and rate of all pipes, brought to now."""
    limiter = _limiter(program)
    interval = limiter.at(program.now())
    for each in limiter.pipes:
        each.advance(interval)
    return [(at, each, each.rate(limiter.load)) for at, each in enumerate(limiter.pipes)]


@mod.rpc("rl.stats", lists=True)
def stats(program: Program) -> list[str]:
    """Lists for each pipe the requests of the interval before, its limit and its drop rate."""
    return [
        f"PIPE[{at}]: {pipe.before}/{pipe.limit} (drop rate: {rate})"
        for at, pipe, rate in _advanced(program)
    ]


@mod.rpc("rl.get_pipes", lists=True)
def get_pipes(program: Program) -> list[str]:
    """Lists the pipes with algorithm and limit, and the requests of this interval."""
    return [
        f"PIPE[{at}]: {pipe.algorithm}:{pipes.NAMES[pipe.algorithm]}"
        f" {pipe.before}/{pipe.limit} (drop rate: {rate}) [{pipe.count}]"
        for at, pipe, rate in _advanced(program)
        if pipe.algorithm != NOP
    ]


@mod.rpc("rl.set_pipe")
def set_pipe(program: Program, pipe_id: int, pipe_algorithm: str, pipe_limit: int) -> None:
    """Sets algorithm and limit of a pipe; with NOP there is none any more."""
    try:
        of = algorithm(pipe_algorithm)
    except ValueError:
        raise CommandError(400, "Unknown algorithm") from None
    if not 0 <= pipe_id < _MOST_PIPES:
        raise CommandError(400, "Unknown pipe")
    if not 0 <= pipe_limit <= _MOST_LIMIT:
        raise CommandError(400, f"a limit is a number from 0 to {_MOST_LIMIT}")
    try:
        _limiter(program).set_pipe(pipe_id, of, pipe_limit)
    except ValueError as error:
        raise CommandError(400, str(error)) from None


@mod.rpc("rl.get_queues", lists=True)
def get_queues(program: Program) -> list[str]:
    """Lists the queues: pipe and method."""
    queues = _limiter(program).queues
    return [f"QUEUE[{at}]: {each.pipe}:{each.method}" for at, each in enumerate(queues)]


@mod.rpc("rl.set_queue")
def set_queue(program: Program, queue_id: int, queue_method: str, pipe_id: int) -> None:
    """Sets method and pipe of a queue that is there."""
    if not 0 <= pipe_id < _MOST_PIPES:
        raise CommandError(400, "Invalid pipe number")
    queues = _limiter(program).queues
    if not 0 <= queue_id < len(queues):
        raise CommandError(400, "MAX_QUEUES reached")
    queues[queue_id] = _Queue(queue_method, pipe_id)


add_commands(mod, "rl", lambda program: _limiter(program).load)


@mod.rpc("rl.set_dbg")
def set_dbg(program: Program, dbg: int) -> None:
    """Has the counts of all pipes told in the log, 1, or no longer, 0."""
    _limiter(program).tells = dbg != 0
