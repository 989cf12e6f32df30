"""The functions: flags, the next hop, what is ours, the log level."""

from __future__ import annotations

from sipway.core.arguments import FlagNumber, Format, VariableName
from sipway.core.branches import Branch
from sipway.core.context import Context
from sipway.core.myself import is_myself_address, is_myself_uri
from sipway.modules.kex._module import mod
from sipway.sip.uri import routable_uri

# --- flags of the script's run, and of the branch --------------------------------------------


@mod.function("setsflag")
def set_script_flag(ctx: Context, flag: FlagNumber) -> int:
    """Set a flag of this run of the script, 0 to 31. Returns 1."""
    ctx.script_flags |= 1 << flag
    return 1


@mod.function("resetsflag")
def reset_script_flag(ctx: Context, flag: FlagNumber) -> int:
    """Take back a flag of this run of the script. Returns 1."""
    ctx.script_flags &= ~(1 << flag) & 0xFFFFFFFF
    return 1


@mod.function("issflagset")
def is_script_flag_set(ctx: Context, flag: FlagNumber) -> int:
    """1 if the flag of this run of the script is set, else -1."""
    return 1 if ctx.script_flags >> flag & 1 else -1


@mod.function("setbflag")
def set_branch_flag(ctx: Context, flag: FlagNumber, branch: int = 0) -> int:
    """Set a flag, 0 to 31, of a branch: 0 is the Request-URI's, then those that were added.

    Returns 1; -1 if there is no such branch.
    """
    if branch == 0:
        ctx.branch_flags |= 1 << flag
        return 1
    added = _added(ctx, branch)
    if added is None:
        return -1
    added.flags |= 1 << flag
    return 1


@mod.function("resetbflag")
def reset_branch_flag(ctx: Context, flag: FlagNumber, branch: int = 0) -> int:
    """Take back a flag of a branch. Returns 1; -1 if there is no such branch."""
    if branch == 0:
        ctx.branch_flags &= ~(1 << flag) & 0xFFFFFFFF
        return 1
    added = _added(ctx, branch)
    if added is None:
        return -1
    added.flags &= ~(1 << flag)
    return 1


@mod.function("isbflagset")
def is_branch_flag_set(ctx: Context, flag: FlagNumber, branch: int = 0) -> int:
    """1 if the flag of the branch is set; -1 if not, or if there is no such branch."""
    if branch == 0:
        return 1 if ctx.branch_flags >> flag & 1 else -1
    added = _added(ctx, branch)
    return 1 if added is not None and added.flags >> flag & 1 else -1


def _added(ctx: Context, number: int) -> Branch | None:
    """The branch with this number, from 1; None if there is none."""
    branches = ctx.branches or ()
    return branches[number - 1] if 0 < number <= len(branches) else None


# --- the next hop ------------------------------------------------------------------------


@mod.function("setdsturi")
def set_destination(ctx: Context, uri: str) -> int:
    """Set `$du`, the next hop. 1; -1 if that is no URI."""
    if routable_uri(uri) is None:
        return -1
    ctx.dst_uri = uri
    return 1


@mod.function("resetdsturi")
def reset_destination(ctx: Context) -> int:
    """Take `$du` back. Returns 1."""
    ctx.dst_uri = None
    return 1


@mod.function("isdsturiset")
def is_destination_set(ctx: Context) -> int:
    """1 if `$du` is set, else -1."""
    return -1 if ctx.dst_uri is None else 1


# --- others ------------------------------------------------------------------------------


@mod.function("pv_printf", "avp_printf")
def pv_printf(ctx: Context, variable: VariableName, text: Format) -> int:
    """Put a text with variables in it into a variable. 1; -1 if that cannot be written."""
    if variable.set is None:
        return -1
    variable.set(ctx, text(ctx))
    return 1


@mod.function("is_myself")
def is_myself(ctx: Context, text: str) -> int:
    """1 if a URI, or a bare host, is ours; else -1."""
    ours = is_myself_uri(ctx, text) if ":" in text else is_myself_address(ctx, text)
    return 1 if ours else -1


@mod.function("is_myhost")
def is_myhost(ctx: Context, text: str) -> int:
    """1 if the host of a URI, or a bare host, is ours, whatever the port and transport; else -1."""
    uri = routable_uri(text) if ":" in text else None
    host = text if uri is None else uri.host
    return 1 if ctx.program.is_myself(host) else -1


@mod.function("setdebug")
def set_debug(ctx: Context, level: int) -> int:
    """Change the log level of this process until resetdebug(). Returns 1."""
    ctx.program.log.level = level
    return 1


@mod.function("resetdebug")
def reset_debug(ctx: Context) -> int:
    """Go back to the log level that the server was started with. Returns 1."""
    ctx.program.log.level = ctx.program.log.started_level
    return 1
