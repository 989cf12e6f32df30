"""Pings that keep the bindings of NATs open: four zero bytes, or a request that is answered.

Source: README of nathelper, section 2 and the parameters; what it leaves open was tried on
Kamailio 5.6.3. Contacts over streams are not pinged: their connections are kept by other means.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from sipway.core import log as levels
from sipway.core.destinations import Target, look_up
from sipway.core.program import Program
from sipway.core.reply_watch import watch_replies
from sipway.core.send_socket import find_socket
from sipway.core.sockets import ListenSocket
from sipway.errors import ModuleError
from sipway.modules import usrloc
from sipway.modules.nathelper import _module as of
from sipway.modules.nathelper._module import mod, wire
from sipway.modules.usrloc.answers import answers, let_go
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.pings import EMPTY, Sockets, address, can_be_asked, request, target_of
from sipway.modules.usrloc.serving import serve
from sipway.modules.usrloc.walked import Walked
from sipway.modules.usrloc.walking import Walk
from sipway.sip.addresses import family
from sipway.sip.message import Message

_MARK: Final = b";tag=ul"  # how the ids of contacts begin
_UDP: Final = "udp"
_MOST_LOOKUPS: Final = 64


class State:
    """What commands change."""

    def __init__(self) -> None:
        self.enabled = True


def state(program: Program) -> State:
    return program.shared.of_module(mod.name, State)


def _bit(flag: int) -> int:
    return 0 if flag < 0 else 1 << flag


class Pinger:
    """Pings each contact once in `natping_interval`.

    dropped  contacts whose host is a name, and for which too many names were being looked up
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._nat_flag = usrloc.settings(program).nat_flag
        self._only_nated = bool(of.ping_nated_only(program))
        self._sip_flag = _bit(of.sipping_bflag(program))
        self._no_flag = _bit(of.natping_disable_bflag(program))
        # README: not for contacts that are in a database alone.
        self._timeout = 0 if usrloc.records(program) else of.keepalive_timeout(program)
        self._ignore_path = bool(of.ignore_path(program))
        self._server_id: int | None = None
        if of.filter_server_id(program):
            self._server_id = program.settings.server_id
        self._method = of.sipping_method(program).encode()
        self._from = address(wire(of.sipping_from(program) or ""))
        self._sockets = Sockets(program)
        self._forced = _forced_socket(program)
        self._answers = answers(program, mod.name)
        self._now = 0.0
        self._lookups = 0
        self.dropped = 0
        interval = of.natping_interval(program)
        self.walked = Walked(program)
        self.walk = Walk(self.walked.tables, lambda: interval, self._look, self._answers.end_round)

    def step(self, now: float) -> float:
        """Ping who is due; in how many seconds to come again. Raises StoreError."""
        self._now = now
        if not state(self._program).enabled:
            return 1.0
        return self.walk.step(now)

    def _look(self, table: Location, key: bytes, contacts: list[Contact]) -> None:
        changed = False
        for each in contacts:
            if each.is_valid(int(self._now)) and self._is_wanted(each):
                changed = self._ping(each) or changed
        if changed:
            table.replace(key, contacts, len(contacts))

    def _is_wanted(self, contact: Contact) -> bool:
        flags = contact.cflags
        if flags & self._no_flag or (self._only_nated and not flags & self._nat_flag):
            return False
        return self._server_id is None or contact.server_id == self._server_id

    def _ping(self, contact: Contact) -> bool:
        """Ping a contact; True if it was changed instead, as it has not answered for too long."""
        asks = bool(self._sip_flag) and (
            not self._only_nated or bool(contact.cflags & self._sip_flag)
        )
        asks = asks and can_be_asked(contact)
        target = target_of(contact, ignore_path=self._ignore_path and not asks)
        if target is None or target.protocol != _UDP:
            return False
        if asks and self._timeout and self._answers.is_silent(contact, self._now, self._timeout):
            return self._let_go(contact)
        where = target.address
        if where is None and (self._lookups >= _MOST_LOOKUPS or self._program.spawn is None):
            self.dropped += 1
            return False
        if asks:
            self._answers.ask(contact, self._now)
        if where is not None:
            self._send(contact, where, asks)
        elif self._program.spawn is not None:
            self._lookups += 1
            self._program.spawn(self._look_up(contact, target, asks))
        return False

    def _let_go(self, contact: Contact) -> bool:
        changed = let_go(contact, self._now)
        if changed:
            self._program.log.line(
                levels.INFO,
                f"nathelper: {contact.uri.decode('utf-8', 'replace'):.200} has not answered for"
                f" {self._timeout} s, so it goes",
            )
        return changed

    async def _look_up(self, contact: Contact, target: Target, asks: bool) -> None:
        try:
            hop = await look_up(self._program, target)
        finally:
            self._lookups -= 1
        if hop is not None and hop.protocol == _UDP:
            self._send(contact, hop.address, asks)

    def _send(self, contact: Contact, where: bytes, asks: bool) -> None:
        wanted = family(where)
        socket = self._forced
        if socket is None or socket.family != wanted:
            socket = self._sockets.of(contact, _UDP, wanted)
        if socket is None:
            return
        data = EMPTY
        if asks:
            self._answers.sent(contact, self._now)
            tag = self._answers.tag(contact.ruid)
            data = request(self._method, contact, socket, self._from, tag, address(contact.uri))
        socket.outgoing.append((data, where))


def _forced_socket(program: Program) -> ListenSocket | None:
    name = of.force_socket(program)
    if name is None:
        return None
    found = next(
        (each for each in program.sockets if each.protocol == _UDP and each.text == name), None
    ) or find_socket((each for each in program.sockets if each.protocol == _UDP), name)
    if found is None:
        program.log.line(levels.ERR, f"nathelper: force_socket {name} is none of our UDP sockets")
    return found


@mod.on_start
def _start(program: Program) -> None:
    asks = of.sipping_bflag(program) >= 0
    if asks and not of.sipping_from(program):
        raise ModuleError("nathelper: sipping_bflag needs sipping_from, the URI in From of pings")
    if not of.natping_interval(program):
        return
    if "usrloc" not in program.modules:
        raise ModuleError("nathelper: natping_interval needs the module usrloc")
    if asks:
        known = answers(program, mod.name)

        def told(message: Message, _: bytes, __: ListenSocket, now: float) -> None:
            known.answered(message, now)

        watch_replies(program, _MARK, told)
    program.services.append(partial(serve, program, Pinger, mod.name))
