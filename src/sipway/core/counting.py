"""What the server counts for scripts that read it with `$stat(name)`; others pay nothing for it.

Source: names and groups are those of Kamailio 5.6.3. What each of the core's counts was tried
there; what those of sl count is in its README, for in 5.6.3 they stay at 0. Only what reaches the
script counts: a retransmission that tm absorbs before it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sipway.core.statistics import Statistic, Statistics
from sipway.language.nodes import BlockKind
from sipway.sip.uri import routable_uri

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.program import Block
    from sipway.core.resolving import Names
    from sipway.core.shared import SharedVariables
    from sipway.language.compiled import BlockKey

COUNTING: Final = "core:counting"
"""A name among the events of a Program that counts."""

_METHODS: Final = (
    "ACK BYE CANCEL INFO INVITE MESSAGE NOTIFY OPTIONS PRACK PUBLISH REFER REGISTER SUBSCRIBE"
    " UPDATE"
).split()
_OF_REPLIES: Final = {
    "BYE": "bye",
    "CANCEL": "cancel",
    "INVITE": "invite",
    "MESSAGE": "message",
    "PRACK": "prack",
    "REFER": "refer",
    "REGISTER": "reg",
    "UPDATE": "update",
}
_STATUS: Final = (401, 404, 407, 480, 486)
_CLASSES: Final = range(1, 7)
_SENT: Final = (200, 202, 300, 301, 302, 400, 401, 403, 404, 407, 408, 483, 500)


def count(
    blocks: dict[BlockKey, Block], waiting: frozenset[BlockKey], statistics: Statistics
) -> Callable[[int], None]:
    """Have request_route and reply_route count what they get.

    Returns what is to be told the status of each reply that is made without a transaction.
    """
    request = (BlockKind.REQUEST, None)
    reply = (BlockKind.REPLY, None)
    if request in blocks:
        blocks[request] = _counting(blocks[request], request in waiting, _requests(statistics))
    blocks[reply] = _counting(
        blocks.get(reply, uncounted), reply in waiting and reply in blocks, _replies(statistics)
    )
    return _sent(statistics)


def uncounted(_: Context) -> int:
    """A block of which nothing comes."""
    return 1


def _counting(block: Block, waits: bool, note: Callable[[Context], None]) -> Block:
    if waits:

        async def run_waiting(ctx: Context) -> Any:
            note(ctx)
            return await block(ctx)

        return run_waiting

    def run(ctx: Context) -> Any:
        note(ctx)
        return block(ctx)

    return run


def know_of_the_rest(shared: SharedVariables, names: Names, statistics: Statistics) -> None:
    """What is counted anyway, by the engine and others, for whoever asks."""
    for group, name, read in (
        ("core", "fwd_requests", lambda: shared.forwarded_requests),
        ("core", "drop_requests", lambda: shared.lost_requests),
        ("core", "fwd_replies", lambda: _of_engine(shared, "matched_replies", "forwarded_replies")),
        ("core", "drop_replies", lambda: _of_engine(shared, "unwanted_replies")),
        ("core", "err_requests", lambda: _of_engine(shared, "refused", "broken_requests")),
        ("core", "err_replies", lambda: _of_engine(shared, "broken_replies")),
        ("dns", "failed_dns_request", lambda: names.failures),
    ):
        statistics.add_computed(group, name, read)


def _of_engine(shared: SharedVariables, *names: str) -> int:
    return sum(getattr(shared.counters, name, 0) for name in names)


def _requests(statistics: Statistics) -> Callable[[Context], None]:
    received = statistics.add("core", "rcv_requests")
    by_method = {
        method: statistics.add("core", f"rcv_requests_{method.lower()}") for method in _METHODS
    }
    unsupported = statistics.add("core", "unsupported_methods")
    no_uri = statistics.add("core", "bad_URIs_rcvd")

    def note(ctx: Context) -> None:
        received.value += 1
        if routable_uri(ctx.message.uri) is None:
            no_uri.value += 1
        by_method.get(ctx.message.method, unsupported).value += 1

    return note


def _replies(statistics: Statistics) -> Callable[[Context], None]:
    received = statistics.add("core", "rcv_replies")
    alerting = statistics.add("core", "rcv_replies_18x")
    by_status = {code: statistics.add("core", f"rcv_replies_{code}") for code in _STATUS}
    by_class: dict[int, Statistic] = {}
    by_both: dict[tuple[int, str], Statistic] = {}
    for number in _CLASSES:
        name = f"rcv_replies_{number}xx"
        by_class[number] = statistics.add("core", name)
        for method, short in _OF_REPLIES.items():
            by_both[number, method] = statistics.add("core", f"{name}_{short}")

    def note(ctx: Context) -> None:
        status = ctx.message.status
        received.value += 1
        if 180 <= status <= 189:
            alerting.value += 1
        found: tuple[Statistic | None, ...] = (
            by_status.get(status),
            by_class.get(status // 100),
            by_both.get((status // 100, ctx.message.method)),
        )
        for each in found:
            if each is not None:
                each.value += 1

    return note


def _sent(statistics: Statistics) -> Callable[[int], None]:
    sent = statistics.add("sl", "sent_replies")
    by_status: Mapping[int, Statistic] = {
        code: statistics.add("sl", f"{code}_replies") for code in _SENT
    }
    by_class = {number: statistics.add("sl", f"{number}xx_replies") for number in _CLASSES}

    def note(status: int) -> None:
        sent.value += 1
        by_class[status // 100].value += 1
        exact = by_status.get(status)
        if exact is not None:
            exact.value += 1

    return note
