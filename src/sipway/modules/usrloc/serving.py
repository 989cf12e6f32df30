"""What walks over all contacts (`walking`), run beside the messages."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, Protocol

from sipway.core import log as levels
from sipway.core.program import Program
from sipway.errors import DatabaseError, StoreError
from sipway.modules.usrloc.walked import Walked
from sipway.modules.usrloc.walking import Walk

_RETRY_SECONDS: Final = 1.0


class Walker(Protocol):
    """One who walks by a Walk over what is Walked."""

    walk: Walk
    walked: Walked

    def step(self, now: float) -> float:
        """Do what is due; in how many seconds to come again. Raises StoreError."""
        ...


async def serve(program: Program, make: Callable[[Program], Walker], name: str) -> None:
    """Let it walk for as long as the server serves; `name` is that of its module, for the log."""
    walker = make(program)
    while True:
        assert program.clock is not None, "services run where there is a clock"
        if walker.walk.begins(program.clock()):
            try:
                await walker.walked.prepare()
            except DatabaseError as error:
                program.log.once(levels.ERR, f"{name}: {error}")
                await asyncio.sleep(_RETRY_SECONDS)
                continue
        # What is sent up to the next wait goes out then (see `Program.clock`).
        now = program.clock()
        try:
            wait = walker.step(now)
        except StoreError as error:
            program.log.line(levels.ERR, f"{name}: {error}")
            wait = _RETRY_SECONDS
        await asyncio.sleep(wait)
