"""A request that was received and the requests that were sent for it.

Compiled (see `transaction.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Any

from sipway.sip.message import Message
from sipway.tx import machines
from sipway.tx.machine import ClientTransaction, ServerTransaction
from sipway.tx.timers import NEVER, Timed

_TERMINATED = machines.TERMINATED


class Transaction(Timed):
    """One server transaction and its branches, which are client transactions.

    A request of our own making has no server side. `user` is whatever the user keeps with it;
    nothing in here points back at the Transaction, so that it is gone when it is over.

    key        by which its request is known, b"" without a server side
    identity   what the branch parameters of its requests have in common
    request    as it was received
    """

    def __init__(
        self, key: bytes, identity: bytes, request: Message, server: ServerTransaction | None
    ) -> None:
        self.tick = -1
        self.key = key
        self.identity = identity
        self.request = request
        self.server = server
        self.branches: list[ClientTransaction] = []
        self.user: Any = None

    def branch(self, number: int) -> ClientTransaction | None:
        """The branch of this number, None if there is none."""
        return self.branches[number] if 0 <= number < len(self.branches) else None

    def deadline(self) -> float:
        """When something is to be done with it next; NEVER when all has ended."""
        server = self.server
        earliest = NEVER if server is None else server.deadline()
        for branch in self.branches:
            earliest = min(earliest, branch.deadline())
            if branch.cancel is not None:
                earliest = min(earliest, branch.cancel.deadline())
        return earliest

    def shift(self, seconds: float) -> None:
        """Move all deadlines by so many seconds."""
        if self.server is not None:
            self.server.shift(seconds)
        for branch in self.branches:
            branch.shift(seconds)
            if branch.cancel is not None:
                branch.cancel.shift(seconds)

    def has_ended(self) -> bool:
        """Whether nothing more can come of it."""
        if self.server is not None and self.server.state != _TERMINATED:
            return False
        for branch in self.branches:
            if branch.state != _TERMINATED:
                return False
            if branch.cancel is not None and branch.cancel.state != _TERMINATED:
                return False
        return True
