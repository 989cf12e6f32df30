"""Contacts and the connections that they came by.

`handle_lost_tcp`: a contact goes when its connection has gone. `close_expired_tcp`: a connection
goes when the contact that came by it has expired. Source: README of usrloc.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial

from sipway.core import log as levels
from sipway.core.program import Program
from sipway.core.sockets import ListenSocket
from sipway.errors import StoreError
from sipway.modules.usrloc._module import (
    DB_ONLY,
    db_mode,
    locations,
    mod,
    tell_expired,
    timer_interval,
    watch_expired,
)
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.walking import Walk
from sipway.sip.outgoing import Directed, SendOption

_handle_lost_tcp = mod.param(
    "handle_lost_tcp", int, 0, doc="contacts go when the connection that they came by has gone"
)
_close_expired_tcp = mod.param(
    "close_expired_tcp", int, 0, doc="connections go when the contact that came by them has expired"
)


class Connections:
    """The open connections of the server, found by their numbers: there may be very many."""

    def __init__(self, program: Program) -> None:
        self._sockets = program.sockets
        self._program = program

    def is_open(self, number: int) -> bool:
        return self._program.process.peer_of(number) is not None

    def of(self, contact: Contact, address: bytes | None) -> tuple[ListenSocket, bytes] | None:
        """The one that a contact came by, or one to its address if it came by none.

        Its socket and its peer.
        """
        number = contact.connection
        if address is not None:
            for socket in self._sockets:
                found = (socket.connections or {}).get(address)
                if found is not None and number in (0, found):
                    return socket, address
        peer = self._program.process.peer_of(number) if number else None
        if peer is not None:
            for socket in self._sockets:
                if (socket.connections or {}).get(peer) == number:
                    return socket, peer
        return None


def open_connections(program: Program) -> Connections:
    """Those of the server, for whoever asks of many contacts."""
    return program.shared.of_module(f"{mod.name}:connections", lambda: Connections(program))


def drops_lost(program: Program) -> bool:
    """Whether contacts go when their connections have gone; nobody finds them then."""
    return bool(_handle_lost_tcp(program)) and db_mode(program) != DB_ONLY


class Lost:
    """Takes out contacts whose connection has gone: all are looked at in `timer_interval`.

    Numbers of connections begin anew with the server, so that a contact from before its start has
    lost its own.
    """

    def __init__(self, program: Program, started: float) -> None:
        self._program = program
        self._started = int(started)
        self._connections = Connections(program)
        interval = timer_interval(program)
        self._walk = Walk(lambda: locations(program), lambda: interval, self._look)

    def step(self, now: float) -> float:
        """Look at some; in how many seconds to come again. Raises StoreError."""
        return self._walk.step(now)

    def _look(self, table: Location, key: bytes, contacts: list[Contact]) -> None:
        lost = [each for each in contacts if self._is_lost(each)]
        if not lost:
            return
        table.replace(key, [each for each in contacts if each not in lost], len(contacts))
        for each in lost:
            if each.instance:
                table.forget(each.ruid)
            tell_expired(self._program, table.name, key, each)

    def _is_lost(self, contact: Contact) -> bool:
        if not contact.connection:
            return False
        if contact.modified < self._started:
            return True
        return not self._connections.is_open(contact.connection)


def _closer(program: Program) -> Callable[[str, bytes, Contact], None]:
    """Closes the connection that a contact came by, if it is open."""
    connections = Connections(program)

    def close(_: str, __: bytes, contact: Contact) -> None:
        found = connections.of(contact, None) if contact.connection else None
        if found is not None:
            socket, peer = found
            options = SendOption.NO_CONNECT | SendOption.CLOSE
            socket.outgoing.append(Directed.to(b"", peer, contact.connection, options))

    return close


@mod.on_start
def _start(program: Program) -> None:
    if _close_expired_tcp(program):
        watch_expired(program, _closer(program))
    if _handle_lost_tcp(program) and not drops_lost(program):
        program.log.line(levels.WARN, "usrloc: handle_lost_tcp does nothing with db_mode 3")
    if drops_lost(program):
        program.services.append(partial(_serve, program))


async def _serve(program: Program) -> None:
    """Look for as long as the server serves."""
    assert program.clock is not None, "services run where there is a clock"
    # Of the server: connections outlive a Program.
    started = program.shared.of_module(f"{mod.name}:started", program.clock)
    lost = Lost(program, started)
    while True:
        try:
            wait = lost.step(program.clock())
        except StoreError as error:
            program.log.line(levels.ERR, f"usrloc: {error}")
            wait = 1.0
        await asyncio.sleep(wait)
