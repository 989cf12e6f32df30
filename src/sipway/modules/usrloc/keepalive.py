"""Requests by which usrloc asks contacts whether they are there (`ka_mode`).

Source: README of usrloc, sections ka_*. `ka_interval`, `ka_randomize` and `ka_reply_codes` are of
newer releases than 5.6.3, which asks once in `timer_interval`. Over a stream a contact is asked by
the connection that it came by, and by no other.
"""

from __future__ import annotations

import random
import re
from functools import partial
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.destinations import Target, look_up
from sipway.core.parameters.conversions import between, method
from sipway.core.program import Program
from sipway.core.reply_watch import watch_replies
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import FormatText, Routes
from sipway.modules.usrloc._module import DB_ONLY, db_mode, mod, settings, timer_interval
from sipway.modules.usrloc.answers import answers, let_go
from sipway.modules.usrloc.connections import Connections
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location
from sipway.modules.usrloc.pings import Sockets, can_be_asked, request, target_of
from sipway.modules.usrloc.serving import serve
from sipway.modules.usrloc.walked import Walked
from sipway.modules.usrloc.walking import Walk
from sipway.sip.addresses import family, ip_text, port
from sipway.sip.message import Message

# Bits of `ka_mode`.
_NATED: Final = 2
_UDP_ONLY: Final = 4

_OF_THIS_SERVER: Final = 1
_UDP: Final = "udp"
_MARK: Final = b";tag=ul"  # how the ids of contacts begin
_SILENT: Final = 255
_NUMBER: Final = 80  # in CSeq, as Kamailio has it
_MOST_LOOKUPS: Final = 64
_LONGEST: Final = 0x7FFFFFFF
_NO_FORMAT: Final[FormatText | None] = None
_NO_NUMBER: Final[int | None] = None


def _level(value: int) -> int:
    if value != _SILENT:
        between(-5, 3)(value)
    return value


def _codes(text: str) -> frozenset[int]:
    """Statuses, and classes of them by their first digit; none for 0: all count."""
    found = set()
    for each in text.split(","):
        word = each.strip()
        if not re.fullmatch(r"0|[1-6]|[1-6][0-9]{2}", word):
            raise ValueError(f'"{word:.20}" is no status such as 405 and no class such as 2')
        found.add(int(word))
    return frozenset(found - {0})


_mode = mod.param(
    "ka_mode", int, 0, convert=between(0, 7), doc="1 ask contacts, 2 those behind NAT, 4 over UDP"
)
_interval = mod.param(
    "ka_interval",
    int,
    _NO_NUMBER,
    convert=between(1, 86_400),
    doc="seconds in which each is asked once; without it timer_interval, as in 5.6.3",
)
_randomize = mod.param(
    "ka_randomize",
    int,
    20,
    convert=between(0, 86_400),
    doc="up to so many seconds more, by chance, where there is a ka_interval",
)
_timeout = mod.param(
    "ka_timeout",
    int,
    0,
    convert=between(0, _LONGEST),
    doc="seconds after which a contact is removed that does not answer, 0: never",
)
_from_uri = mod.param("ka_from", str, "sip:server@kamailio.org", doc="the URI in From")
_domain = mod.param("ka_domain", str, "kamailio.org", doc="the domain in To, without use_domain")
_ka_method = mod.param("ka_method", str, "OPTIONS", convert=method, doc="the method")
_filter = mod.param(
    "ka_filter", int, 0, convert=between(0, 1), doc="1: contacts that came by this server"
)
_loglevel = mod.param(
    "ka_loglevel", int, _SILENT, convert=_level, doc="the level to log answers at, 255: not"
)
_logmsg = mod.param("ka_logmsg", str, _NO_FORMAT, format=True, doc="what is logged of answers")
_reply_codes = mod.param(
    "ka_reply_codes",
    str,
    frozenset[int](),
    convert=_codes,
    doc="the statuses that count as answers, or the classes of them; 0: all",
)


class Keepalive:
    """Asks each contact once in `ka_interval`, and up to `ka_randomize` seconds."""

    def __init__(self, program: Program) -> None:
        self._program = program
        mode = _mode(program)
        of = settings(program)
        self._only_nated = bool(mode & _NATED)
        self._only_udp = bool(mode & _UDP_ONLY)
        self._nat_flag = of.nat_flag
        self._use_domain = of.use_domain
        self._timeout = _timeout(program)
        self._filters = bool(_filter(program) & _OF_THIS_SERVER)
        self._method = _ka_method(program).encode()
        self._from = b"<%b>" % _wire(_from_uri(program))
        self._domain = _wire(_domain(program))
        self._answers = answers(program, mod.name)
        self._sockets = Sockets(program)
        self._connections = Connections(program)
        self._now = 0.0
        self._lookups = 0
        interval, more = _interval(program), _randomize(program)
        if interval is None:
            interval, more = timer_interval(program), 0
        self.walked = Walked(program)
        self.walk = Walk(
            self.walked.tables,
            lambda: interval + random.uniform(0, more),
            self._look,
            self._answers.end_round,
        )

    def step(self, now: float) -> float:
        """Ask who is due; in how many seconds to come again. Raises StoreError."""
        self._now = now
        return self.walk.step(now)

    def _look(self, table: Location, key: bytes, contacts: list[Contact]) -> None:
        changed = False
        for each in contacts:
            if each.is_valid(int(self._now)) and self._is_wanted(each):
                changed = self._ask(key, each) or changed
        if changed:
            table.replace(key, contacts, len(contacts))

    def _is_wanted(self, contact: Contact) -> bool:
        if self._only_nated and not contact.cflags & self._nat_flag:
            return False
        if self._filters and contact.server_id != self._program.settings.server_id:
            return False
        return can_be_asked(contact)

    def _ask(self, key: bytes, contact: Contact) -> bool:
        """Ask a contact; True if it was changed instead, as it has not answered for too long."""
        target = target_of(contact)
        if target is None or (self._only_udp and target.protocol != _UDP):
            return False
        if self._timeout and self._answers.is_silent(contact, self._now, self._timeout):
            return let_go(contact, self._now)
        where = target.address
        if target.protocol != _UDP:
            self._answers.ask(contact, self._now)
            self._send_by_connection(key, contact, target)
        elif where is not None:
            self._answers.ask(contact, self._now)
            self._send(key, contact, where)
        elif self._lookups < _MOST_LOOKUPS and self._program.spawn is not None:
            self._answers.ask(contact, self._now)
            self._lookups += 1
            self._program.spawn(self._look_up(key, contact, target))
        return False

    async def _look_up(self, key: bytes, contact: Contact, target: Target) -> None:
        try:
            hop = await look_up(self._program, target)
        finally:
            self._lookups -= 1
        if hop is not None and hop.protocol == _UDP:
            self._send(key, contact, hop.address)

    def _send(self, key: bytes, contact: Contact, where: bytes) -> None:
        socket = self._sockets.of(contact, _UDP, family(where))
        if socket is not None:
            socket.outgoing.append((self._request(key, contact, socket), where))

    def _send_by_connection(self, key: bytes, contact: Contact, target: Target) -> None:
        found = self._connections.of(contact, target.address)
        if found is not None:
            socket, peer = found
            socket.outgoing.append((self._request(key, contact, socket), peer))

    def _request(self, key: bytes, contact: Contact, socket: ListenSocket) -> bytes:
        self._answers.sent(contact, self._now)
        user, sign, domain = key.lstrip(b"\0").rpartition(b"@")
        if not sign:
            user, domain = domain, b""
        if not self._use_domain or not domain:
            domain = self._domain
        to = b"<sip:%b@%b>" % (user, domain)
        return request(
            self._method, contact, socket, self._from, self._answers.tag(contact.ruid), to, _NUMBER
        )


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@mod.on_start
def _start(program: Program) -> None:
    if not _mode(program):
        return
    if db_mode(program) == DB_ONLY:
        program.log.line(levels.WARN, "usrloc: ka_mode does nothing with db_mode 3")
        return
    known = answers(program, mod.name)
    codes = _reply_codes(program)
    level = _loglevel(program)

    def told(message: Message, source: bytes, socket: ListenSocket, now: float) -> None:
        if codes and message.status not in codes and message.status // 100 not in codes:
            return
        ruid = known.answered(message, now)
        if ruid is not None and level != _SILENT and level <= program.log.level:
            _log(program, message, source, socket, now, ruid)

    watch_replies(program, _MARK, told)
    program.services.append(partial(serve, program, Keepalive, mod.name))


def _log(
    program: Program,
    message: Message,
    source: bytes,
    socket: ListenSocket,
    now: float,
    ruid: bytes,
) -> None:
    """As the README of usrloc has it (ka_logmsg)."""
    followed = answers(program, mod.name).of(ruid)
    took = 0 if followed is None else followed.roundtrip
    ctx = Context(message, program, socket, source, now, Routes.REPLY.value)
    shown = _logmsg(program)
    if shown is None:
        host = ip_text(source)
        host = f"[{host}]" if ":" in host else host
        rest = f" to-uri: [{message.to_uri}] remote-addr: [{socket.protocol}:{host}:{port(source)}]"
    else:
        rest = shown.make(ctx)
    program.log.line(
        _loglevel(program),
        f"keepalive roundtrip: {took // 1_000_000}.{took % 1_000_000:06} sec"
        f" - ruid [{ruid.decode('utf-8', 'replace')}]{rest}",
    )
