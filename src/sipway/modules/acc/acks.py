"""ACKs to 2xx that are waited for: each has a branch of its own, and is known by its dialog."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.sip.message import Message
    from sipway.tx.transaction import Transaction

_SECONDS: Final = 40.0
"""A 2xx is sent again for 32 seconds (RFC 3261 section 13.3.1.4)."""

_Key: TypeAlias = tuple[bytes, int, str | None, str | None]


class Acks:
    """Transactions whose 2xx has gone out, by what an ACK says of its dialog.

    As many as calls that were answered within 40 seconds.
    """

    def __init__(self) -> None:
        self._expected: dict[_Key, tuple[bytes, float]] = {}

    def expect(self, transaction: Transaction, reply: Message, now: float) -> None:
        """`reply` has gone out."""
        expected = self._expected
        while expected:
            oldest = next(iter(expected))
            if expected[oldest][1] > now:
                break
            del expected[oldest]
        expected[_key(reply)] = (transaction.identity, now + _SECONDS)

    def take(self, ctx: Context) -> Transaction | None:
        """The transaction that an ACK belongs to, the first time."""
        found = self._expected.pop(_key(ctx.message), None)
        return None if found is None else ctx.program.layer.find(found[0])


def _key(message: Message) -> _Key:
    return (
        message.call_id_bytes,
        message.cseq_number,
        message.from_.tag,
        message.to.tag,
    )
