"""The branches that a script adds: where a request goes besides its Request-URI.

Source: pseudo-variables cookbook ($branch, $br, $bR, $ds), core cookbook (append_branch() and
the functions on q values), README of pv (sbranch_*()). `ctx.branches` is None until there is
one, so that a message costs nothing for branches that nobody adds.

The branch of the Request-URI itself is not in that list: it is made of `ctx.ruri`,
`ctx.dst_uri`, `ctx.branch_flags` and so on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sipway.language.record import Record, replace

if TYPE_CHECKING:
    from sipway.core.context import Context
    from sipway.core.sockets import ListenSocket

# What may not stand in the headers of a URI as it is (RFC 3261 section 25.1, hvalue).
_NOT_IN_HEADERS: Final = re.compile(rb"[^A-Za-z0-9\[\]/?:+$\-_.!~*'()]")

NO_Q: Final = -1
"""A branch without a q value."""


class Branch(Record, frozen=False):
    """One more destination of a request.

    uri          its Request-URI
    q            0 to 1000 for q values from 0 to 1, `NO_Q` for none
    dst_uri      next hop, or None
    path         Route values to put in front, or None
    flags        branch flags as bits
    socket       the socket to send by, or None
    ruid         the id of the location record it comes from, or None
    instance     the +sip.instance of that record, or None
    reg_id       the reg-id of that record, 0 for none
    user_agent   the User-Agent of that record, or None
    connection   number of the connection to send by, 0 for none
    """

    uri: str
    q: int = NO_Q
    dst_uri: str | None = None
    path: str | None = None
    flags: int = 0
    socket: ListenSocket | None = None
    ruid: str | None = None
    instance: str | None = None
    reg_id: int = 0
    user_agent: str | None = None
    connection: int = 0

    def copy(self) -> Branch:
        """Another one with the same values."""
        return replace(self)


def q_text(q: int) -> str:
    """A q value as in a Contact: 500 is `0.5`, 1000 `1`, 0 `0`; empty for `NO_Q`."""
    if q < 0:
        return ""
    if q >= 1000:
        return "1"
    return f"0.{q:03d}".rstrip("0").rstrip(".")


def add_branch(ctx: Context, branch: Branch) -> None:
    """One more branch; raises ValueError when there are as many as the script allows."""
    branches = ctx.branches
    if branches is None:
        branches = ctx.branches = []
    most = ctx.program.max_branches
    if len(branches) + 1 >= most:
        raise ValueError(f"a request has no more than {most} branches")
    branches.append(branch)


def branch_text(branch: Branch, bare: bool = True) -> str:
    """The URI, with its q value as in a Contact; `bare`: without < > where there is none."""
    if branch.q < 0:
        return branch.uri if bare else f"<{branch.uri}>"
    return f"<{branch.uri}>;q={q_text(branch.q)}"


def _contact(branch: Branch, rich: int) -> str:
    if rich & 2 and branch.path:
        path = branch.path.encode("utf-8", "surrogateescape")
        route = _NOT_IN_HEADERS.sub(lambda each: b"%%%02x" % each[0][0], path).decode()
        mark = "&" if "?" in branch.uri else "?"
        branch = replace(branch, uri=f"{branch.uri}{mark}Route={route}")
    text = branch_text(branch, bare=False)
    return f"{text};flags={branch.flags}" if rich & 1 else text


def destination_set(ctx: Context, rich: int = 0) -> str | None:
    """Where the request goes: the Request-URI if the script changed it, then the branches.

    As the value of a Contact header (RFC 3261 section 8.3); None if there is nothing of it. `rich`
    is a sum of bits: 1 adds the branch flags, 2 the path as a Route in the URI.
    """
    found = []
    if ctx.ruri is not None:
        main = ctx.extras.main if ctx.extras is not None else None
        first = Branch(ctx.ruri, main.q if main else NO_Q, flags=ctx.branch_flags)
        first.path = main.path if main else None
        found.append(_contact(first, rich))
    found += [_contact(branch, rich) for branch in ctx.branches or ()]
    return ", ".join(found) or None
