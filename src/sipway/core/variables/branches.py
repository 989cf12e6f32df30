"""The branches of a request: `$br`, `$bR`, `$ds`, `$branch(...)`, and `$sbranch(...)`.

Source: pseudo-variables cookbook. Indexes and what is silently left alone as Kamailio 5.6.3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.branches import (
    NO_Q,
    Branch,
    add_branch,
    branch_text,
    destination_set,
)
from sipway.core.builtin import add_text, core
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.ruri import text_of
from sipway.core.send_socket import find_socket
from sipway.language.signatures import Inner

Value = int | str | None
Index = int | str | None


# --- all of them ---------------------------------------------------------------------------


def _set_first(ctx: Context, value: Value) -> None:
    if not isinstance(value, str) or not value:
        raise ValueError("$br is set from text, the URI of one more branch")
    add_branch(ctx, Branch(value))


@core.variable("br", set=_set_first, values=(str,))
def _first(ctx: Context) -> str | None:
    """The first branch besides the Request-URI; assigning adds one."""
    return branch_text(ctx.branches[0]) if ctx.branches else None


@core.variable("bR", values=(str,))
def _all(ctx: Context) -> str | None:
    """All branches besides the Request-URI, with commas between."""
    branches = ctx.branches
    return ", ".join(branch_text(branch) for branch in branches) if branches else None


@core.variable("ds", values=(str,))
def _destination_set(ctx: Context) -> str | None:
    """Where the request goes, as a Contact line of a redirection would say it."""
    found = destination_set(ctx)
    return None if found is None else f"Contact: {found}"


# --- what a branch has -----------------------------------------------------------------------

_READ: Final[dict[str, Callable[[Branch], Value]]] = {
    "uri": lambda branch: branch.uri or None,
    "dst_uri": lambda branch: branch.dst_uri,
    "path": lambda branch: branch.path,
    "q": lambda branch: None if branch.q == NO_Q else branch.q,
    "send_socket": lambda branch: branch.socket.text if branch.socket else None,
    "flags": lambda branch: branch.flags,
    "ruid": lambda branch: branch.ruid,
    "location_ua": lambda branch: branch.user_agent,
    "instance": lambda branch: branch.instance,
    "otcpid": lambda branch: branch.connection,
}
_COUNT: Final = "count"


def _attribute(name: str) -> str:
    if name not in _READ and name != _COUNT:
        raise ValueError(f"a branch has {', '.join(_READ)}, and there is {_COUNT}; not {name}")
    return name


def _number(value: Value, name: str) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{name} of a branch is set from a number")
    return value


def _text(value: Value, name: str) -> str | None:
    return None if value is None else text_of(value, f"{name} of a branch") or None


def _write(ctx: Context, branch: Branch, name: str, value: Value) -> None:
    """Set what can be set; the rest stays as it is, without a word. Raises ValueError."""
    if name == "uri":
        branch.uri = text_of(value, "the URI of a branch")
    elif name == "dst_uri":
        branch.dst_uri = _text(value, "dst_uri")
    elif name == "path":
        branch.path = _text(value, "path")
    elif name == "q":
        branch.q = NO_Q if value is None else _number(value, "q")
    elif name == "flags":
        branch.flags = 0 if value is None else _number(value, "flags") & 0xFFFFFFFF
    elif name == "otcpid":
        branch.connection = 0 if value is None else _number(value, "otcpid")
    elif name == "send_socket":
        text = _text(value, "send_socket")
        branch.socket = None if text is None else find_socket(ctx.program.sockets, text)


# --- $branch ----------------------------------------------------------------------------------


def _place(ctx: Context, index: Index) -> int | None:
    """Where in the list the branch is that an index means; None if it means none."""
    size = len(ctx.branches or ())
    at = index if isinstance(index, int) else 0
    if at < 0:
        at += size
    return at if 0 <= at < size else None


def _set_branch(ctx: Context, value: Value, name: str, index: Index) -> None:
    at = _place(ctx, index)
    if at is None or name == _COUNT:
        return
    assert ctx.branches is not None
    if name == "uri" and (value is None or value == ""):
        del ctx.branches[at]
    else:
        _write(ctx, ctx.branches[at], name, value)


@core.variable("branch", set=_set_branch, inner=Inner.REQUIRED, indexed=True, prepare=_attribute)
def _branch(ctx: Context, name: str, index: Index) -> Value:
    """Of a branch besides the Request-URI its `uri`, `dst_uri`, `path`, `q` ...; their `count`.

    `$(branch(uri)[1])` is that of the second one, `[-1]` of the last. `q` is from 0 to 1000.
    Assigning null to `uri` takes the branch out.
    """
    at = _place(ctx, index)
    branches = ctx.branches
    if not branches or (at is None and name != _COUNT):
        return None
    return len(branches) if name == _COUNT else _READ[name](branches[at or 0])


# --- $sbranch ---------------------------------------------------------------------------------


def static_branch(ctx: Context) -> Branch:
    """The branch that `$sbranch` describes, made if there is none yet."""
    kept = extras(ctx)
    if kept.static_branch is None:
        kept.static_branch = Branch("", q=0)
    return kept.static_branch


def _set_static(ctx: Context, value: Value, name: str) -> None:
    if name == "uri" and (value is None or value == ""):
        extras(ctx).static_branch = None
    elif name != _COUNT:
        _write(ctx, static_branch(ctx), name, value)


@core.variable("sbranch", set=_set_static, inner=Inner.REQUIRED, prepare=_attribute)
def _static(ctx: Context, name: str) -> Value:
    """What sbranch_append() and sbranch_set_ruri() will use; null until its `uri` is set."""
    if name == _COUNT:
        return 0
    kept = ctx.extras.static_branch if ctx.extras is not None else None
    return None if kept is None or not kept.uri else _READ[name](kept)


add_text(
    "ruid",
    lambda ctx: ctx.extras.main.ruid if ctx.extras and ctx.extras.main else None,
    "The id of the location record that the Request-URI comes from.",
)
