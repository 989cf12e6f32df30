"""append_branch()."""

from __future__ import annotations

from sipway.core.branches import NO_Q, Branch, add_branch
from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.corex._module import failed, mod


def _q(text: str) -> int:
    """0 to 1000 for a q value from 0 to 1; what follows the third digit is left out.

    Raises ValueError for what is none (RFC 3261 section 25.1).
    """
    if not text:
        return NO_Q
    whole, point, rest = text.partition(".")
    if whole not in ("", "0", "1") or (rest and not rest.isdecimal()) or not whole + rest:
        raise ValueError(f'"{text:.60}" is no q value: they go from 0 to 1')
    q = int(whole or "0") * 1000 + int(rest[:3].ljust(3, "0") if point and rest else "0")
    if q > 1000:
        raise ValueError(f'"{text:.60}" is no q value: they go from 0 to 1')
    return q


@mod.function("append_branch", routes=Routes.REQUEST | Routes.FAILURE)
def append_branch(ctx: Context, uri: str = "", q: str = "") -> int:
    """Add a destination to the request, with an optional q value from 0 to 1.

    Next hop, socket, path and branch flags are those that the Request-URI has now. Without a
    URI the branch takes the Request-URI, and those four are then taken back for the Request-URI
    itself. Returns 1; -1 for a wrong q value or if there are as many branches as can be.
    """
    main = ctx.extras.main if ctx.extras is not None else None
    try:
        branch = Branch(uri or ctx.uri or "", q=_q(q))
        branch.dst_uri, branch.socket = ctx.dst_uri, ctx.send_socket
        branch.path, branch.flags = main.path if main else None, ctx.branch_flags
        add_branch(ctx, branch)
    except ValueError as error:
        return failed(ctx, "append_branch", error)
    if not uri:
        ctx.dst_uri = ctx.send_socket = None
        ctx.branch_flags = 0
        if main is not None:
            main.path = None
    return 1
