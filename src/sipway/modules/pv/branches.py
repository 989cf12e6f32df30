"""`$sbranch` put to use: as one more branch, or as the branch of the Request-URI."""

from __future__ import annotations

from typing import Final

from sipway.core.branches import Branch, add_branch
from sipway.core.context import Context
from sipway.core.extras import extras, main_branch
from sipway.core.ruri import set_uri
from sipway.language.signatures import Routes
from sipway.modules.pv._module import failed, mod

_ROUTES: Final = Routes.REQUEST | Routes.BRANCH | Routes.FAILURE


def _described(ctx: Context) -> Branch | None:
    """The branch that `$sbranch` describes; None without a URI."""
    branch = extras(ctx).static_branch
    return branch if branch is not None and branch.uri else None


@mod.function("sbranch_reset", routes=_ROUTES)
def sbranch_reset(ctx: Context) -> int:
    """Forget all of `$sbranch`. Returns 1."""
    extras(ctx).static_branch = None
    return 1


@mod.function("sbranch_append", routes=_ROUTES)
def sbranch_append(ctx: Context) -> int:
    """Add the branch that `$sbranch` describes, which stays as it is.

    Returns 1; -1 if `$sbranch(uri)` is not set, or there are as many branches as can be.
    """
    branch = _described(ctx)
    if branch is None:
        return failed(ctx, "sbranch_append", "$sbranch(uri) is not set")
    try:
        add_branch(ctx, branch.copy())
    except ValueError as error:
        return failed(ctx, "sbranch_append", error)
    return 1


@mod.function("sbranch_set_ruri", routes=_ROUTES)
def sbranch_set_ruri(ctx: Context) -> int:
    """Take Request-URI, $du and q value from `$sbranch`, and of the rest what is set there.

    Returns 1; -1 if `$sbranch(uri)` is not set.
    """
    branch = _described(ctx)
    if branch is None:
        return failed(ctx, "sbranch_set_ruri", "$sbranch(uri) is not set")
    set_uri(ctx, branch.uri)
    ctx.dst_uri = branch.dst_uri
    ctx.send_socket = branch.socket or ctx.send_socket
    ctx.branch_flags = branch.flags or ctx.branch_flags
    main = main_branch(ctx)
    main.q = branch.q
    main.path = branch.path or main.path
    main.ruid = branch.ruid or main.ruid
    main.instance = branch.instance or main.instance
    main.user_agent = branch.user_agent or main.user_agent
    main.connection = branch.connection or main.connection
    return 1
