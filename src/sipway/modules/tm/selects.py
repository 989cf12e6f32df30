"""`@tm...`: what a select says of the transaction of a message.

`@tm` is 1 where there is one, else 0, and `@tm.method` the method of its request. `@tm.uas` is its
side towards the caller, `@tm.uac` the branches; whole messages are texts, nothing can follow them.

Source: none of the cookbooks has them; what they are was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.context import Context
from sipway.core.proxy.state import BranchState
from sipway.core.selects.parts import Part
from sipway.language.signatures import UnknownSelect
from sipway.modules.tm._module import mod
from sipway.sip.message import text
from sipway.tx.machine import ClientTransaction, ServerTransaction
from sipway.tx.transaction import Transaction

_LEFT_OUT: Final = {
    "uas.local_to_tag": "who made the tag of an answer is not kept",
    "uac.relayed": "which branch the last answer has come from is not kept",
}

_OF_BRANCH: Final = ("status", "uri", "request", "req", "response", "resp")


def _transaction(ctx: Context) -> Transaction | None:
    """The transaction of the message, also of a reply for which reply_route runs."""
    if ctx.transaction is not None or ctx.message.is_request:
        return ctx.transaction
    return ctx.program.layer.find_reply(ctx.message)[0]


def _server(ctx: Context) -> ServerTransaction | None:
    transaction = _transaction(ctx)
    return None if transaction is None else transaction.server


def _sent(machine: ServerTransaction | ClientTransaction) -> str | None:
    """The message that was sent last."""
    return text(machine.data) if machine.data else None


def _request(ctx: Context) -> str | None:
    """The request as it was received."""
    transaction = _transaction(ctx)
    if transaction is None or transaction.server is None:
        return None
    return text(transaction.request.data)


def _last_status(ctx: Context) -> str | None:
    """What the branch of a reply was last answered: this reply, once it is more than looked at."""
    if ctx.message.is_request:
        return None
    branch = ctx.program.layer.find_reply(ctx.message)[1]
    if branch is None or branch.user is None:
        return None
    kept: BranchState = branch.user
    return str(kept.last)


def _branch_status(branch: ClientTransaction) -> str:
    """The status of the last response, 408 and its like after a failure here; 0 before that."""
    kept: BranchState = branch.user
    return str(kept.status or kept.last)


def _branch_response(branch: ClientTransaction) -> str | None:
    """The failure that the branch has ended with, as long as it counts."""
    kept: BranchState = branch.user
    return None if kept.reply is None or kept.dropped else text(kept.reply.data)


def _branch_uri(number: int) -> Callable[[Context], str | None]:
    """The Request-URI of a branch."""

    def uri(ctx: Context) -> str | None:
        transaction = _transaction(ctx)
        if transaction is None or number >= len(transaction.branches):
            return None
        kept: BranchState = transaction.branches[number].user
        return kept.uri or transaction.request.uri

    return uri


def _branch(number: int) -> Part:
    """`uac[n]`; branches count from 0."""
    if number < 0:
        raise UnknownSelect(f"@tm.uac has no branch {number}: they count from 0")

    def find(ctx: Context) -> ClientTransaction | None:
        transaction = _transaction(ctx)
        if transaction is None or number >= len(transaction.branches):
            return None
        return transaction.branches[number]

    request = _whole(Part(_sent, find))
    response = _whole(Part(_branch_response, find))
    return Part(
        parts={
            "status": Part(_branch_status, find),
            "uri": Part(_branch_uri(number)),
            "request": request,
            "req": request,
            "response": response,
            "resp": response,
        }
    )


def _whole(part: Part) -> Part:
    """A message, which nothing can follow."""
    return Part(part.text, part.step, named=_follows)


def _follows(name: str) -> Part:
    raise UnknownSelect(
        f"a message of @tm is text, it has no part {name}", "$T_req(...) and $T_rpl(...) read one"
    )


def _left_out(side: str) -> Callable[[str], Part]:
    def part(name: str) -> Part:
        why = _LEFT_OUT.get(f"{side}.{name.lower()}")
        if why is not None:
            raise UnknownSelect(f"@tm.{side}.{name} is not there: {why}")
        hint = f"@tm.uac[0].{name} is that of a branch" if name.lower() in _OF_BRANCH else None
        raise UnknownSelect(f"@tm.{side} has no part {name}", hint)

    return part


_REQUEST: Final = _whole(Part(_request))
_RESPONSE: Final = _whole(Part(_sent, _server))

mod.selects["tm"] = Part(
    lambda ctx: "0" if _transaction(ctx) is None else "1",
    parts={
        "method": Part(lambda transaction: transaction.request.method, _transaction),
        "uas": Part(
            parts={
                "status": Part(lambda server: str(server.status), _server),
                "request": _REQUEST,
                "req": _REQUEST,
                "response": _RESPONSE,
                "resp": _RESPONSE,
            },
            named=_left_out("uas"),
        ),
        "uac": Part(
            parts={
                "count": Part(lambda transaction: str(len(transaction.branches)), _transaction),
                "last_status": Part(_last_status),
            },
            numbered=_branch,
            named=_left_out("uac"),
        ),
    },
)
