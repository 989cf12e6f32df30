"""Which contacts answer what we send them, and since when they do not.

Kept in memory, by the id of the contact: to write each ping and each answer to the store would
cost more than all that is written for registrations. After a restart each contact begins anew.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Final

from sipway.core.program import Program
from sipway.modules.usrloc.contact import FOREVER, Contact
from sipway.sip.message import Message

_DIGEST: Final = 6
_SECRET: Final = 16

GRACE: Final = 10
"""Seconds that a contact has left when it does not answer, as in Kamailio."""


class Answered:
    """What is known of one contact.

    last       when it registered or answered last
    asked      something was sent to it, or was to be, that it has not answered
    roundtrip  microseconds from the last request to its answer
    """

    __slots__ = ("asked", "last", "roundtrip", "sent")

    def __init__(self, last: float) -> None:
        self.last = last
        self.asked = False
        self.sent = 0.0
        self.roundtrip = 0


class Answers:
    """By the id of the contact. What a whole round has not asked for is forgotten."""

    def __init__(self) -> None:
        self._secret = secrets.token_bytes(_SECRET)
        self._now: dict[bytes, Answered] = {}
        self._before: dict[bytes, Answered] = {}

    def __len__(self) -> int:
        return len(self._now) + len(self._before)

    def of(self, ruid: bytes) -> Answered | None:
        return self._now.get(ruid) or self._before.get(ruid)

    def follow(self, contact: Contact, now: float) -> Answered:
        """What is known of a contact, from now on if that is nothing."""
        found = self._now.get(contact.ruid)
        if found is None:
            found = self._before.pop(contact.ruid, None)
            if found is None:
                found = Answered(now)
            self._now[contact.ruid] = found
        if contact.modified > found.last:
            found.last = contact.modified
            found.asked = False
        return found

    def is_silent(self, contact: Contact, now: float, timeout: int) -> bool:
        """Whether it has not answered, nor registered, for longer than so many seconds.

        Who was not asked in that time, as nobody was for a while, has nothing to answer.
        """
        found = self.follow(contact, now)
        return found.asked and int(now) - found.last > timeout

    def ask(self, contact: Contact, now: float) -> None:
        """An answer is due from now on, also of one that nothing can be sent to."""
        self.follow(contact, now).asked = True

    def sent(self, contact: Contact, now: float) -> None:
        """A request leaves for a contact."""
        found = self.follow(contact, now)
        found.asked, found.sent = True, now

    def end_round(self) -> None:
        """Forget what was not followed since the last time."""
        self._before, self._now = self._now, {}

    def tag(self, ruid: bytes) -> bytes:
        """The From-tag for a contact: with its id, and what nobody else can make."""
        return ruid + b"-" + self._digest(ruid)

    def _digest(self, ruid: bytes) -> bytes:
        return hashlib.blake2b(ruid, digest_size=_DIGEST, key=self._secret).hexdigest().encode()

    def answered(self, message: Message, now: float) -> bytes | None:
        """Note a reply; the id of the contact that it is from, None if it is from none."""
        tag = (message.from_.tag or "").encode("utf-8", "surrogateescape")
        ruid, _, digest = tag.rpartition(b"-")
        found = self.of(ruid)
        if found is None or not secrets.compare_digest(digest, self._digest(ruid)):
            return None
        if found.asked and found.sent:
            found.roundtrip = max(0, round((now - found.sent) * 1_000_000))
        found.last = now
        found.asked = False
        return ruid


def answers(program: Program, module: str) -> Answers:
    """Of what a module sends: each has rounds of its own."""
    return program.shared.of_module(f"{module}:answers", Answers)


def let_go(contact: Contact, now: float) -> bool:
    """Leave a contact its last seconds; whether that is a change."""
    last = int(now) + GRACE
    if contact.expires != FOREVER and contact.expires <= last:
        return False
    contact.expires = last
    return True
