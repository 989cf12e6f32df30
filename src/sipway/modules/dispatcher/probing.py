"""Probes: requests of our own to destinations, and what their answers make of a state.

Source: README of dispatcher, sections 3.19 to 3.29 and 7; what it leaves open was tried on Kamailio
5.6.3. A probe that is not answered fails as any request does, with 408.
"""

from __future__ import annotations

import asyncio
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.made_up import made_up_context
from sipway.core.program import Program
from sipway.core.proxy import requesting
from sipway.errors import ModuleError
from sipway.language.signatures import Routes
from sipway.modules.dispatcher._module import (
    latency_alpha,
    latency_stats,
    mod,
    outbound_proxy,
    ping_fr_timer,
    ping_from,
    ping_interval,
    ping_method,
    ping_reply_codes,
    probing_mode,
)
from sipway.modules.dispatcher.board import Board, board
from sipway.modules.dispatcher.destinations import (
    DISABLED,
    INACTIVE,
    NO_PING,
    PROBING,
    TRYING,
    Destination,
)
from sipway.modules.dispatcher.marking import (
    Reason,
    Wanted,
    change,
    count_answer,
    tell,
)

_EVENT: Final = Routes.EVENT.value
_ONCE: Final = 0
_ALL: Final = 1
_INACTIVE_ONLY: Final = 2
_TIMEOUT: Final = 408
_OK: Final = 200
# So many go out in a batch: a thousand gateways are not asked in the same moment.
_BATCH: Final = 50
_PAUSE: Final = 0.01


def is_probed(destination: Destination, mode: int) -> bool:
    """Whether a probe is due, by `ds_probing_mode`."""
    if destination.flags & (DISABLED | NO_PING):
        return False
    if mode == _ALL:
        return True
    marked = bool(destination.flags & PROBING)
    return marked and (mode != _INACTIVE_ONLY or bool(destination.flags & INACTIVE))


class _Probe:
    """One probe on its way."""

    def __init__(self, here: Board, destination: Destination, now: float) -> None:
        self.board = here
        self.destination = destination
        self.sent = now
        self._sets = here.sets

    def ended(self, ctx: Context, status: int, received: bool) -> None:
        """It was answered, or failed."""
        program = self.board.program
        destination = self.destination
        if destination.flags & DISABLED or not self._is_there():
            return  # by an operator, or a reload, meanwhile
        good = status == _OK or ping_reply_codes(program).has(status)
        if latency_stats(program):
            if status == _TIMEOUT and not received:
                destination.latency.timeouts += 1
            else:
                waited = max(0, round((ctx.now - self.sent) * 1000))
                destination.latency.add(waited, latency_alpha(program) / 1000)
        changed = _answered(self.board, destination, good)
        if self.board.settings.first_runs_event and not destination.was_asked:
            changed = TRYING if destination.is_usable else INACTIVE
        destination.was_asked = True
        if changed:
            said = ctx.message.reason if received else None
            reason = Reason(destination, status, said, 1 if received else 0)
            _tell(program, destination, changed, reason)

    def _is_there(self) -> bool:
        if self.board.sets is self._sets:
            return True
        found = self.board.sets.get(self.destination.group)
        return found is not None and self.destination in found.destinations


def _answered(here: Board, destination: Destination, good: bool) -> int:
    """The state after an answer; returns as `marking.change` does."""
    mode = probing_mode(here.program)
    if mode == _ALL:
        destination.flags |= PROBING
    if good:
        changed = count_answer(destination, here.program)
        back = not destination.flags & INACTIVE
        if mode in (_ONCE, _INACTIVE_ONLY) and back:
            destination.flags &= ~PROBING
        return changed
    probing = mode != _ONCE and bool(destination.flags & PROBING)
    return change(destination, Wanted(TRYING, probing), here.program)


def _tell(program: Program, destination: Destination, changed: int, reason: Reason) -> None:
    """Run the event on a request that nobody sent, to the destination."""
    ctx = made_up_context(program)
    ctx.kind = _EVENT
    ctx.ruri = destination.uri
    tell(ctx, changed, reason)


def send_probe(here: Board, destination: Destination, now: float) -> None:
    """Send one now. What cannot be sent counts as not answered."""
    program = here.program
    asking = made_up_context(program, now)
    attributes = destination.attributes
    probe = _Probe(here, destination, now)
    request = requesting.Request(
        ping_method(program),
        destination.uri,
        attributes.obproxy or outbound_proxy(program) or "",
        f"To: <{destination.uri}>\r\nFrom: {_address(attributes.ping_from or ping_from(program))}",
        "",
        destination.ping_socket or destination.socket,
        probe.ended,
        give_up=ping_fr_timer(program),
    )
    try:
        failed = requesting.send_request(asking, request) < 0
    except ValueError as error:
        here.tell(levels.ERR, f"no probe can be sent to {destination.uri}: {error}")
        return
    if failed:
        probe.ended(asking, _TIMEOUT, False)


def _address(text: str) -> str:
    return text if "<" in text else f"<{text}>"


async def send_probes(here: Board) -> None:
    """One round: whoever is to be asked now."""
    mode = probing_mode(here.program)
    due = [each for each in here.sets.destinations() if is_probed(each, mode)]
    for at in range(0, len(due), _BATCH):
        if at:
            await asyncio.sleep(_PAUSE)
        now = here.program.now()
        for each in due[at : at + _BATCH]:
            if is_probed(each, mode):
                send_probe(here, each, now)


async def _serve(program: Program) -> None:
    here = board(program)
    interval = ping_interval(program)
    loop = asyncio.get_running_loop()
    while program.spawn is not None:
        await asyncio.sleep(interval)
        if not here.kept.pings:
            continue
        through: asyncio.Future[None] = loop.create_future()
        # A task of its own, so that what it sends goes out when it has ended.
        program.spawn(_round(here, through))
        await through


async def _round(here: Board, through: asyncio.Future[None]) -> None:
    try:
        await send_probes(here)
    finally:
        if not through.done():
            through.set_result(None)


@mod.on_start
def _start(program: Program) -> None:
    if ping_interval(program) > 0:
        if "tm" not in program.modules:
            raise ModuleError("dispatcher: ds_ping_interval needs the module tm")
        program.services.append(lambda: _serve(program))
