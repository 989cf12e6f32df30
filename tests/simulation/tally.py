"""What is counted in a simulation, and what went wrong in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from tests.simulation.answers import InviteAnswer
    from tests.simulation.phone import Phone

_ENOUGH: Final = 20


class Tally:
    """`clean`: nothing gets lost and nobody dies, so that more must hold."""

    def __init__(self, clean: bool) -> None:
        self.clean = clean
        self.counts: Counter[str] = Counter()
        self.faults: list[str] = []

    def count(self, what: str, number: int = 1) -> None:
        self.counts[what] += number

    def fault(self, what: str) -> None:
        """Something that must not be."""
        self.counts["faults"] += 1
        if len(self.faults) < _ENOUGH:
            self.faults.append(what)

    def unacknowledged(self, phone: Phone, answer: InviteAnswer) -> None:
        """No ACK came to a final reply, however often it was sent."""
        self.count("unacknowledged")
        if self.clean and answer.final >= 300:
            call = answer.request.call_id.decode()
            self.fault(f"{phone.host} got no ACK to its {answer.final}: {call}")
