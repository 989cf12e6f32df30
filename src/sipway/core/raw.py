"""What an event route looks at before it is parsed, or as it leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sipway.core.extras import extras
from sipway.language.record import Record

if TYPE_CHECKING:
    from sipway.core.context import Context

_KEY: Final = "core:raw"

# Bits of `received_route_mode`.
MESSAGE: Final = 1
BARE: Final = 2


class Raw(Record):
    """What an event route looks at.

    data      the bytes
    kind      `MESSAGE`, or `BARE` for what was read from the socket (`$rcv(evtype)`)
    incoming  whether it was received
    """

    data: bytes
    kind: int = MESSAGE
    incoming: bool = True


def raw_of(ctx: Context) -> Raw | None:
    """What the event route that runs looks at; None in other blocks."""
    found: Raw | None = None if ctx.extras is None else ctx.extras.of_modules.get(_KEY)
    return found


def look_at(ctx: Context, raw: Raw) -> None:
    """Have an event route look at something."""
    extras(ctx).of_modules[_KEY] = raw
