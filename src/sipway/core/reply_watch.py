"""Replies to requests that a module sends by itself, without a transaction: seen before the script.

Such a request carries a mark in its From-tag, which comes back. The replies go their way as others
do, through reply_route, as in Kamailio.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from sipway.errors import SipParseError
from sipway.sip.message import Message, parse

if TYPE_CHECKING:
    from sipway.core.program import Program
    from sipway.core.sockets import ListenSocket

_REPLY: Final = b"SIP/2.0 "


def watch_replies(
    program: Program,
    mark: bytes,
    told: Callable[[Message, bytes, ListenSocket, float], None],
) -> None:
    """Have `told` called with each reply that has the mark, its source, socket and time.

    The mark is looked for among the bytes, so `told` has to look whether it is where it belongs.
    """
    before = program.incoming

    def incoming(
        datagrams: list[tuple[bytes, bytes]], socket: ListenSocket, now: float
    ) -> list[tuple[bytes, bytes]]:
        if before is not None:
            datagrams = before(datagrams, socket, now)
        for data, source in datagrams:
            if mark in data and data.startswith(_REPLY):
                try:
                    message = parse(data)
                except SipParseError:
                    continue
                told(message, source, socket, now)
        return datagrams

    program.incoming = incoming
