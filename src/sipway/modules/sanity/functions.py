"""The functions of the module, and which checks they make.

Compiled (see `functions.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Final

from sipway.core import replies
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.modules.sanity._module import (
    Fault,
    autodrop,
    default_checks,
    mod,
    noreply,
    size_checks,
    uri_checks,
)
from sipway.modules.sanity.checks import SILENT, fault_of
from sipway.modules.sanity.sizes import check_sizes
from sipway.modules.sanity.usual import is_usual
from sipway.sip.methods import ACK

_SIZES: Final = 1 << 16
_KNOWN: Final = 0xFFFF


def _fault(ctx: Context, checks: int, uris: int) -> Fault | None:
    sizes = checks & _SIZES or size_checks(ctx.program)
    if not checks & _KNOWN and not sizes:
        return SILENT  # as Kamailio: who asks for no check gets no yes
    if sizes:
        fault = check_sizes(ctx)
        if fault is not None:
            return fault
    elif 0 <= checks <= _KNOWN and 0 <= uris <= _KNOWN and is_usual(ctx, checks, uris):
        return None
    return fault_of(ctx, checks, uris)


@mod.function("sanity_check")
def sanity_check(ctx: Context, checks: int | None = None, uris: int | None = None) -> int:
    """Check the request: `checks` and `uris` are sums of bits, else as the parameters say.

    1 if nothing is wrong. For a fault the sender gets a reply, unless `noreply` is set, and the
    script ends; with `autodrop` 0 it goes on with -1. No check at all is a fault without a reply.
    """
    program = ctx.program
    fault = _fault(
        ctx,
        default_checks(program) if checks is None else checks,
        uri_checks(program) if uris is None else uris,
    )
    if fault is None:
        return 1
    if noreply(program):
        extras(ctx).sanity_fault = fault
    else:
        _send(ctx, fault)
    return 0 if autodrop(program) else -1


@mod.function("sanity_reply")
def sanity_reply(ctx: Context) -> int:
    """Send the reply that sanity_check() has kept back because of `noreply`. Returns 1."""
    kept = ctx.extras
    if kept is not None and kept.sanity_fault is not None:
        _send(ctx, Fault(*kept.sanity_fault))
        kept.sanity_fault = None
    return 1


def _send(ctx: Context, fault: Fault) -> None:
    message = ctx.message
    if fault.code and message.is_request and message.method_id != ACK:
        replies.send_reply(ctx, fault.code, fault.reason, fault.lines)
