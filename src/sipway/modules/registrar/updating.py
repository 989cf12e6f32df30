"""What a REGISTER makes of the contacts that there are: no store, no clock, all or nothing.

RFC 3261 section 10.3, steps 6 to 8; which contacts are the same is `matching_mode`'s to say.

Compiled (see `updating.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.modules.registrar.failures import Refused
from sipway.modules.registrar.reading import Asked, Request
from sipway.modules.registrar.settings import Settings
from sipway.modules.usrloc.contact import FOREVER, MEMORY_ONLY, Contact

# What save() returns.
INSERTED: Final = 1
UPDATED: Final = 2
DELETED: Final = 3
LISTED: Final = 4

_TOO_MANY: Final = -2
_LATEST: Final = 0xFFFFFFFF

_BY_URI: Final = 0
_BY_CALL_ID: Final = 1
_BY_PATH: Final = 2
_ONLY_CALL_ID: Final = 3


def is_valid(contact: Contact, now: int) -> bool:
    return contact.expires == FOREVER or contact.expires > now


def remove_all(contacts: list[Contact], request: Request) -> list[Contact]:
    """`*`: none is left. Raises Refused for an older request of the same dialog of the phone."""
    for each in contacts:
        if each.call_id == request.call_id and request.cseq < each.cseq:
            raise Refused(400, "Invalid CSeq number")
    return []


def update(
    contacts: list[Contact],
    request: Request,
    of: Settings,
    now: int,
    next_id: Callable[[], bytes],
    *,
    only_one: bool,
    memory_only: bool,
    server_id: int,
    limit: int,
    newest_first: bool,
) -> tuple[list[Contact], int, bool]:
    """The contacts as they are to be, what save() returns, and whether anything is changed.

    `contacts` and what is in it are not changed. `only_one`: no other contact is left. `limit` is
    how many there may be, 0 for any number. `newest_first`: they are in the order of time.
    Raises Refused, nothing is to be changed then.
    """
    left = list(contacts)
    result = INSERTED
    changed = False
    kept: list[tuple[Contact, int]] = []
    first: list[tuple[Contact, int]] = []
    for asked in request.contacts:
        at = _find(left, asked, request, of, now)
        if at >= 0:
            known = left[at]
            age = _age(known, request, of, now)
            if age < 0:
                raise Refused(400, "Invalid CSeq number")
            if age == 0:
                kept.append((known, result))
                if asked is request.first:
                    first = kept[-1:]
                continue  # a retransmission: answered as before
        changed = True
        if asked.seconds == 0:
            if at >= 0:
                del left[at]
                result = DELETED
            continue
        if at >= 0:
            known = left[at]
            made = _made(asked, request, now, known.ruid, memory_only, server_id)
            made.keepalive = known.keepalive
            if not made.instance:
                made.instance, made.reg_id = known.instance, known.reg_id
            del left[at]
            left.insert(0 if newest_first else at, made)
            if asked.instance and known.call_id != request.call_id:
                left = [each for each in left if not _is_from_before(each, made)]
            result = UPDATED
        else:
            made = _made(asked, request, now, next_id(), memory_only, server_id)
            made.keepalive = 1 if request.cflags & of.nat_flag else 0
            left.insert(0 if newest_first else len(left), made)
            result = INSERTED
        kept.append((made, result))
        if asked is request.first:
            first = kept[-1:]
    if only_one:
        one = []
        if kept:
            contact, result = (first or kept)[0]
            one = [contact]
        if len(left) > 1 or left != one:
            changed = True
            left = one
    if limit and changed:
        there = sum(is_valid(each, now) for each in left)
        if there > limit and there > sum(is_valid(each, now) for each in contacts) - _removed(
            request
        ):
            raise Refused(503, "Too many registered contacts", result=_TOO_MANY)
    return left, result, changed


def _removed(request: Request) -> int:
    return sum(each.seconds == 0 for each in request.contacts)


def _find(contacts: list[Contact], asked: Asked, request: Request, of: Settings, now: int) -> int:
    """The place of the contact that is meant, -1 if there is none."""
    mode = of.matching_mode
    if asked.instance:
        # RFC 5626 section 6: the same flow of the same phone, wherever it is now.
        for at, each in enumerate(contacts):
            if (
                each.instance == asked.instance
                and each.reg_id == asked.reg_id
                and is_valid(each, now)
            ):
                return at
        if asked.reg_id:
            return -1
    for at, each in enumerate(contacts):
        if mode == _ONLY_CALL_ID:
            if each.call_id == request.call_id:
                return at
            continue
        if each.uri != asked.uri:
            continue
        if mode == _BY_CALL_ID and each.call_id != request.call_id:
            continue
        if mode == _BY_PATH and request.path and each.path != request.path:
            continue
        return at
    return -1


def _is_from_before(contact: Contact, made: Contact) -> bool:
    """Whether it is of the same phone before that was started anew (RFC 5627 section 5.1)."""
    return contact.instance == made.instance and contact.call_id != made.call_id


def _age(known: Contact, request: Request, of: Settings, now: int) -> int:
    """1 if the request is newer than what it updates, 0 if it is that again, -1 if it is older."""
    if known.call_id != request.call_id or not is_valid(known, now) or request.cseq > known.cseq:
        return 1
    if request.cseq == known.cseq and now < known.modified + of.cseq_delay:
        return 0
    return -1


def _made(
    asked: Asked,
    request: Request,
    now: int,
    ruid: bytes,
    memory_only: bool,
    server_id: int,
) -> Contact:
    contact = Contact.__new__(Contact)
    contact.uri = asked.uri
    contact.expires = min(now + asked.seconds, _LATEST)
    contact.modified = now
    contact.q = asked.q
    contact.call_id = request.call_id
    contact.cseq = request.cseq
    contact.received = asked.received or request.received
    contact.path = request.path
    contact.socket = request.socket
    contact.user_agent = request.user_agent
    contact.methods = request.methods if asked.methods is None else asked.methods
    contact.instance = asked.instance
    contact.reg_id = asked.reg_id
    contact.ruid = ruid
    contact.flags = MEMORY_ONLY if memory_only else 0
    contact.cflags = request.cflags
    contact.server_id = server_id
    contact.connection = request.connection
    contact.keepalive = 0
    contact.attributes = b""
    return contact
