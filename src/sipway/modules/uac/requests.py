"""Requests of our own: `$uac_req(...)`, uac_req_send() and event_route[uac:reply].

Source: README of uac, sections 4.9 and 6.1, and `$uac_req` in Kamailio's list of variables. The
variable belongs to the message, where in Kamailio it keeps its values from one to the next.
"""

from __future__ import annotations

import re
import secrets
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.core.proxy import relaying, requesting
from sipway.core.send_socket import find_socket
from sipway.core.sockets import ListenSocket
from sipway.language.record import Record, replace
from sipway.language.signatures import Inner
from sipway.modules.tm.parameters import enable_uac_fr
from sipway.modules.uac._module import default_socket, mod
from sipway.modules.uac.authenticating import answering_line
from sipway.sip.digest import Credentials
from sipway.sip.message import Message
from sipway.sip.uri import routable_uri

Value = int | str | None

_EVENT: Final = "uac:reply"
_ALL: Final = "all"
_TEXTS: Final = (
    "method", "ruri", "furi", "turi", "ouri", "hdrs", "body", "auser", "apasswd", "sock", "callid",
    "evparam",
)  # fmt: skip
_NUMBERS: Final = ("evroute", "evcode", "evtype", "flags")
# What `$uac_req(all) = $null` leaves as it is.
_LASTING: Final = ("auser", "apasswd", "sock")
_LONGEST_PARAMETER: Final = 127
_ON_ANY: Final = 1
_ON_FAILURE: Final = 2
_RECEIVED: Final = 1
_LOCAL: Final = 2
_HASHED: Final = 1
_FIRST_CSEQ: Final = 10
_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_UNFIT: Final = re.compile(r"[\r\n\0]")

mod.event(_EVENT)


class Wanted(Record):
    """What `$uac_req(...)` says, None or 0 for what is not set.

    evroute           which responses run the event: 1 the final ones, 2 the failures
    evcode, evtype    in the event: the status, and 1 if it came over the network, 2 if not
    evparam           what the script wants back in the event
    flags             1: the password is a hash (HA1)
    """

    method: str | None = None
    ruri: str | None = None
    furi: str | None = None
    turi: str | None = None
    ouri: str | None = None
    hdrs: str | None = None
    body: str | None = None
    auser: str | None = None
    apasswd: str | None = None
    sock: str | None = None
    callid: str | None = None
    evparam: str | None = None
    evroute: int = 0
    evcode: int = 0
    evtype: int = 0
    flags: int = 0


_NOTHING: Final = Wanted()


# --- $uac_req --------------------------------------------------------------------------------


def _key(name: str) -> str:
    if name not in (_ALL, *_TEXTS, *_NUMBERS):
        known = ", ".join((_ALL, *_TEXTS, *_NUMBERS))
        raise ValueError(f"$uac_req takes one of {known}, not {name}")
    return name


def _wanted(ctx: Context) -> Wanted:
    kept = ctx.extras
    found: Wanted = _NOTHING if kept is None else kept.of_modules.get("uac_req", _NOTHING)
    return found


def _keep(ctx: Context, wanted: Wanted) -> None:
    extras(ctx).of_modules["uac_req"] = wanted


def _set(ctx: Context, value: Value, name: str) -> None:
    wanted = _wanted(ctx)
    if name == _ALL:
        if value is None:
            lasting = {each: getattr(wanted, each) for each in _LASTING}
            _keep(ctx, Wanted(**lasting))
        return
    if name in _NUMBERS:
        if isinstance(value, str):
            raise ValueError(f"$uac_req({name}) is a number")
        _keep(ctx, replace(wanted, **{name: value or 0}))
        return
    if isinstance(value, int):
        raise ValueError(f"$uac_req({name}) is a text")
    size = len((value or "").encode("utf-8", "surrogateescape"))
    if name == "evparam" and size > _LONGEST_PARAMETER:
        raise ValueError(f"$uac_req(evparam) takes {_LONGEST_PARAMETER} bytes, not {size}")
    _keep(ctx, replace(wanted, **{name: value or None}))


@mod.variable("uac_req", set=_set, inner=Inner.REQUIRED, prepare=_key)
def _get(ctx: Context, name: str) -> Value:
    """What uac_req_send() is to send: `method`, `ruri`, `furi`, `turi`, `ouri`, `hdrs`, `body` ...

    In event_route[uac:reply] what was sent, the status as `evcode` and in `evtype` 1 if that came
    over the network. Null to `all` takes out all but `auser`, `apasswd` and `sock`.
    """
    value: Value = None if name == _ALL else getattr(_wanted(ctx), name)
    return value


# --- sent ------------------------------------------------------------------------------------


class _Request:
    """A request on its way: what it is made of, and what is to be done when it ends."""

    def __init__(self, program: Program, socket: ListenSocket | None, wanted: Wanted) -> None:
        if not wanted.method or not wanted.ruri:
            raise ValueError("method and ruri are wanted")
        if not _TOKEN.fullmatch(wanted.method):
            raise ValueError(f'"{wanted.method:.60}" is no method')
        for uri in (wanted.ruri, wanted.ouri):
            if uri and routable_uri(uri) is None:
                raise ValueError(f'"{uri:.100}" is no URI')
        for each in (wanted.ruri, wanted.furi, wanted.turi, wanted.ouri, wanted.callid):
            if each and _UNFIT.search(each):
                raise ValueError("a line ends inside of a value")
        self.program = program
        self.socket = socket
        self.wanted = wanted
        self.method = wanted.method
        self.ruri = wanted.ruri
        self.sender = f"{_address(wanted.furi or self.ruri)};tag={secrets.token_hex(16)}"
        self.receiver = _address(wanted.turi or self.ruri)
        self.call_id = wanted.callid
        self.tried = False

    def send(self, asking: Context, extra: str = "") -> int:
        """Send it, with more header lines; `asking` is the message for which that is done."""
        number = _FIRST_CSEQ + (1 if self.tried else 0)
        lines = [
            f"From: {self.sender}",
            f"To: {self.receiver}",
            f"CSeq: {number} {self.method}",
            *((f"Call-ID: {self.call_id}",) if self.call_id else ()),
            self.wanted.hdrs or "",
            extra,
        ]
        request = requesting.Request(
            self.method,
            self.ruri,
            self.wanted.ouri or "",
            "\r\n".join(lines),
            self.wanted.body or "",
            self.socket,
            self.ended,
        )
        return requesting.send_request(asking, request)

    def ended(self, ctx: Context, status: int, received: bool) -> None:
        """A final response has come, or the request has failed here."""
        way = self.wanted.evroute
        on_failure = way == _ON_FAILURE
        if way == _ON_ANY or (on_failure and status >= 300 and enable_uac_fr(self.program)):
            self._tell(ctx, status, received)
        if received and status in (401, 407) and not self.tried and not on_failure:
            self._answer(ctx)

    def _tell(self, ctx: Context, status: int, received: bool) -> None:
        block = self.program.events.get(_EVENT)
        if block is None:
            return
        kind = _RECEIVED if received else _LOCAL
        _keep(ctx, replace(self.wanted, evcode=status, evtype=kind))
        relaying.run_event(ctx, block, _EVENT)

    def _answer(self, ctx: Context) -> None:
        """Send it once more, with the answer to the challenge."""
        wanted = self.wanted
        if not wanted.auser or not wanted.apasswd:
            return
        known = Credentials(wanted.auser, wanted.apasswd, bool(wanted.flags & _HASHED))
        body = (wanted.body or "").encode("utf-8", "surrogateescape")
        reply: Message = ctx.message
        self.tried = True
        self.call_id = reply.call_id
        try:
            line = answering_line(reply, self.method, self.ruri, body, lambda _: known)
            self.send(ctx, line)
        except ValueError as error:
            self.program.log.line(levels.ERR, f"uac_req_send(): {error}")


def _address(text: str) -> str:
    """A URI in brackets; what has brackets already stays."""
    return text if "<" in text else f"<{text}>"


def _socket(program: Program, wanted: Wanted) -> ListenSocket | None:
    """The socket asked for; one that is not ours is logged, and left to be chosen."""
    asked = wanted.sock or default_socket(program)
    if not asked:
        return None
    try:
        found = find_socket(program.sockets, asked)
    except ValueError:
        found = None
    if found is None:
        program.log.line(levels.WARN, f"uac_req_send(): none of our sockets is {asked:.60}")
    return found


@mod.function("uac_req_send")
def uac_req_send(ctx: Context) -> int:
    """Send the request that `$uac_req(...)` describes; method and ruri must be among it.

    A 401 or 407 is answered once, if there are auser and apasswd. Returns 1; -1 if that is no
    request, or there is no socket for it.
    """
    wanted = _wanted(ctx)
    try:
        return _Request(ctx.program, _socket(ctx.program, wanted), wanted).send(ctx)
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"uac_req_send(): {error}")
        return -1
