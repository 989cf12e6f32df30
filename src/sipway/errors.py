"""Every error that sipway raises on purpose.

::

    SipwayError
     +-- ConfigError         the routing script, or an option of the command line
     +-- SipParseError       bytes from the network that are not the SIP they claim to be
     +-- TransactionError    a transaction was asked for what its state does not allow
     +-- TransportError      a socket that cannot be bound, a peer that cannot be reached
     +-- StoreError          the place where locations, tables and dialogs live
     |    +-- DatabaseError       a database that refuses, or answers with what makes no sense
     |         +-- DatabaseDownError   one that is down, or too slow: nobody knows what it did
     +-- ModuleError         a module that cannot start, or a parameter it cannot use

The first line of an error says what is wrong; ``hint``, where there is one, says what to do
about it. Whoever shows an error to a person shows both.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class SipwayError(Exception):
    """The root of the tree. ``hint`` is one sentence on how to mend it, or ``None``."""

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message if self.hint is None else f"{self.message} ({self.hint})"


class ConfigError(SipwayError):
    """A mistake in the routing script or in the options sipway was started with.

    ``diagnostics`` are the mistakes in the script (``sipway.language.diagnostics.Diagnostic``),
    where that is what is wrong: show these, they say more than the message.
    """

    def __init__(
        self, message: str, diagnostics: Iterable[Any] = (), *, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.diagnostics = tuple(diagnostics)


class SipParseError(SipwayError):
    """A message breaks the grammar of RFC 3261 section 25.

    ``reason`` fits a reason phrase ("Missing CSeq header field"), ``offset`` is the byte at
    which the grammar is broken. ``request`` is the message as far as it was understood, when
    that is enough to answer it with ``status``; else None.
    """

    def __init__(
        self, reason: str, offset: int = 0, request: Any = None, status: int = 400
    ) -> None:
        super().__init__(f"{reason} at byte {offset}")
        self.reason = reason
        self.offset = offset
        self.request = request
        self.status = status


class TransactionError(SipwayError):
    """What was asked of a transaction is not possible in the state it is in."""


class TransportError(SipwayError):
    """A socket cannot be bound or opened. Never raised for a single lost datagram."""


class StoreError(SipwayError):
    """A store cannot be opened, read or written."""


class DatabaseError(StoreError):
    """A database does not do what it is asked: no such table, a duplicate key, no right to."""


class DatabaseDownError(DatabaseError):
    """A database is down, has gone away, took too long, or cannot do it now.

    It is not known whether it did it; who asks again later may have it.
    """


class ModuleError(SipwayError):
    """A module cannot be loaded or started with the parameters it was given."""
