"""Commands on transactions: what there is, and answers and CANCELs sent by hand.

Source: README of tm, RPC Commands; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any, Final

from sipway.core.commands import CommandError
from sipway.core.program import Program
from sipway.core.proxy import cancelling, contexts, relaying
from sipway.core.proxy.identities import identity_of, numbers_of
from sipway.modules.tm._module import mod
from sipway.sip import headers as kinds
from sipway.sip.build import reply as build_reply
from sipway.tx.transaction import Transaction

_CLASSES: Final = range(6, 1, -1)
_HALF: Final = 0xFFFFFFFF
_SLICE: Final = 100
# kamcmd shows the upper half of the numbers as negative ones.
_IDENTITY: Final = re.compile(r"(-?[0-9]{1,10}):(-?[0-9]{1,10})", re.ASCII)


@mod.rpc("tm.stats")
def stats(program: Program) -> dict[str, int]:
    """Says how many transactions there are, and what they had to do with."""
    layer = program.layer
    current = len(layer)
    total = layer.served + layer.made
    return {
        "current": current,
        "waiting": current - layer.count_unanswered(),
        "total": total,
        "total_local": layer.made,
        "rpl_received": layer.replies_received,
        "rpl_generated": program.shared.generated_replies,
        "rpl_sent": layer.replies_sent,
        **{f"{number}xx": layer.completed[number] for number in _CLASSES},
        "created": total,
        "freed": total - current,
        "delayed_free": 0,
    }


@mod.rpc("tm.list", lists=True, large=True)
async def list_transactions(program: Program) -> list[dict[str, Any]]:
    """Lists the transactions."""
    now = program.now()
    found = []
    for number, each in enumerate(program.layer.transactions()):
        found.append(_shown(each, now))
        if number % _SLICE == _SLICE - 1:
            await asyncio.sleep(0)  # calls go on meanwhile
    return found


def _shown(transaction: Transaction, now: float) -> dict[str, Any]:
    request = transaction.request

    def line(kind: int) -> str:
        at = request.find(kind)
        if at < 0:
            return ""
        found = request.data[slice(*request.line(at))]
        return found.decode("utf-8", "surrogateescape").strip()

    index, label = numbers_of(transaction)
    return {
        "cell": f"0x{id(transaction):x}",
        "tindex": index & _HALF,
        "tlabel": label & _HALF,
        "method": request.method,
        "from": line(kinds.FROM),
        "to": line(kinds.TO),
        "callid": line(kinds.CALL_ID),
        "cseq": f"CSeq: {request.cseq_number}",
        "uas_request": "no" if transaction.server is None else "yes",
        "tflags": int(transaction.user.flags),
        "outgoings": len(transaction.branches),
        "ref_count": 1,
        "lifetime": max(0, int(transaction.user.ends_at - now)),
    }


@mod.rpc("tm.hash_stats")
def hash_stats(_: Program) -> None:
    """Nothing to say: transactions are not in a table of a fixed size."""
    raise CommandError(500, "Hash statistics not supported")


@mod.rpc("tm.clean")
def clean(_: Program) -> None:
    """Nothing to do: what has expired is gone at once."""


# --- by hand -----------------------------------------------------------------------------


def _call(program: Program, call_id: str, cseq: str) -> Transaction:
    """The INVITE, of others or of our own. Raises CommandError."""
    number = cseq.partition(" ")[0]
    if not number.isdecimal() or len(number) > 10:
        raise CommandError(400, "CSeq expected")
    name = _bytes(call_id)
    for own in (False, True):
        found = program.layer.find_call(name, int(number), own)
        if found is not None:
            return found
    raise CommandError(400, "Transaction not found")


def _named(program: Program, identity: str) -> Transaction:
    """By index and label with a colon between. Raises CommandError."""
    numbers = _IDENTITY.fullmatch(identity)
    if numbers is None:
        raise CommandError(400, "Invalid transaction ID")
    found = program.layer.find(identity_of(int(numbers[1]), int(numbers[2])))
    if found is None:
        raise CommandError(400, "Transaction not found")
    return found


@mod.rpc("tm.cancel", usage=(400, "Callid and CSeq expected as parameters"))
def cancel(program: Program, call_id: str, cseq: str) -> None:
    """Cancels an INVITE: Call-ID, CSeq number."""
    cancelling.cancel_branches(program, _call(program, call_id, cseq), program.now())


def _given(given: tuple[str, ...], number: int, wanted: str) -> str:
    if number >= len(given):
        raise CommandError(400, f"{wanted} expected")
    return given[number]


def _answer(
    program: Program, transaction: Transaction, code: int, reason: str, rest: tuple[str, ...]
) -> None:
    tag = _given(rest, 0, "To tag")
    lines = _given(rest, 1, "Headers")
    body = rest[2] if len(rest) > 2 else ""
    if not 100 <= code <= 699:
        raise CommandError(400, "Reply code expected")
    if transaction.server is None:
        raise CommandError(500, "it is a request of the server's own")
    ctx = contexts.context_of(transaction, program.now())
    extra = "".join(f"{each}\r\n" for each in _lines(lines))
    data = build_reply(
        ctx.message,
        code,
        " ".join(reason.split()),
        _bytes("".join(tag.split())),
        ctx.source,
        ctx.force_rport,
        program.server_line,
        _bytes(extra),
        _bytes(body),
    )
    if not program.layer.reply(transaction, code, data, ctx.now):
        raise CommandError(500, "it has a final reply already")
    program.shared.generated_replies += 1
    if program.events:
        relaying.tell_of_answer(ctx)


def _lines(text: str) -> list[str]:
    """The lines of a parameter that may be a dot for none."""
    return [] if text.strip() == "." else [each for each in text.splitlines() if each.strip()]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@mod.rpc("tm.reply", usage=(400, "Reply code expected"))
def reply(program: Program, code: int, *given: str) -> None:
    """Answers a request: code, reason, index:label, To-tag, headers or a dot, body."""
    reason = _given(given, 0, "Reason phrase")
    identity = _given(given, 1, "Transaction ID")
    _answer(program, _named(program, identity), code, reason, given[2:])


@mod.rpc("tm.reply_callid", usage=(400, "Reply code expected"))
def reply_to_call(program: Program, code: int, *given: str) -> None:
    """Answers an INVITE: code, reason, Call-ID, CSeq, To-tag, headers or a dot, body."""
    reason = _given(given, 0, "Reason phrase")
    call_id = _given(given, 1, "Call-ID")
    cseq = _given(given, 2, "CSeq")
    _answer(program, _call(program, call_id, cseq), code, reason, given[3:])


def _again(transaction: Transaction) -> None:
    server = transaction.server
    if server is None or not server.data:
        raise CommandError(500, "it has no reply yet")
    server.flow.send(server.data)


@mod.rpc("tm.retransmit_reply", usage=(400, "Transaction ID expected"))
def retransmit(program: Program, identity: str) -> None:
    """Sends the last reply to a request again: index:label."""
    _again(_named(program, identity))


@mod.rpc("tm.retransmit_reply_callid", usage=(400, "Call-ID and CSeq expected"))
def retransmit_to_call(program: Program, call_id: str, cseq: str) -> None:
    """Sends the last reply to an INVITE again: Call-ID, CSeq."""
    _again(_call(program, call_id, cseq))
