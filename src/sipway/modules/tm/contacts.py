"""Serial forking by q values: t_load_contacts() and what takes them out again.

Source: README of tm, sections 2, 3.25, 3.26 and 4.40 to 4.42. Contacts wait in an `$xavp`, the
best one on top: a table with `uri` and, where there are such, `dst_uri`, `path`, `sock`, `flags`,
`ruid`, `instance`, `ua`, and what `xavp_contact` has for it; `q_flag` is 1 for the last one of the
same q value.
"""

from __future__ import annotations

import random
from typing import Annotated, Final

from sipway.core import log as levels
from sipway.core.branches import Branch, add_branch
from sipway.core.context import Context
from sipway.core.extras import extras, main_branch
from sipway.core.send_socket import find_socket
from sipway.core.xavps import Xavp, Xavps, find
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.tm._module import mod
from sipway.modules.tm.questions import looked_at

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE

_NO_NAME: Final[str | None] = None

contacts_avp = mod.param("contacts_avp", str, _NO_NAME, doc="the $xavp of t_load_contacts()")
contact_flows_avp = mod.param(
    "contact_flows_avp", str, _NO_NAME, doc="the $xavp of other ways to the same phones"
)
xavp_contact = mod.param(
    "xavp_contact", str, _NO_NAME, doc="the $xavp that usrloc keeps with a contact"
)


def _to_mode(value: int | str) -> int:
    if str(value) not in ("0", "1"):
        raise ValueError(f"0 (by q value) or 1 (by chance) is wanted, not {value}")
    return int(value)


_MODE: Final = ArgumentKind("0 or 1", base=None, dynamic=False, convert=_to_mode)


def _main(ctx: Context) -> Branch:
    """The Request-URI as one of the branches."""
    kept = ctx.extras.main if ctx.extras is not None else None
    main = Branch("") if kept is None else kept.copy()
    main.uri = ctx.uri or ""
    main.dst_uri, main.flags, main.socket = ctx.dst_uri, ctx.branch_flags, ctx.send_socket
    return main


@mod.function("t_load_contacts", routes=_ROUTES)
def t_load_contacts(ctx: Context, mode: Annotated[int, _MODE] = 0) -> int:
    """Put the Request-URI and all branches, if there are some, into `contacts_avp`, the best first.

    0: by q value, those of the same q value together; 1: one by one, by chance, of which a higher
    q value has more. Returns 1; -1 without the parameter `contacts_avp`.
    """
    name = contacts_avp(ctx.program)
    if name is None:
        ctx.program.log.line(levels.ERR, "t_load_contacts(): contacts_avp is not set")
        return -1
    if not ctx.branches:
        return 1
    found = [_main(ctx), *ctx.branches]
    attributes = _take_attributes(ctx, found)
    found.reverse()
    ctx.branches = None
    ordered = _by_chance(found) if mode == 1 else sorted(found, key=lambda each: -each.q)
    entries: Xavps = []
    for number, each in enumerate(ordered):
        last = mode == 1 or number + 1 == len(ordered) or ordered[number + 1].q != each.q
        entry = _entry(name, each, last)
        if id(each) in attributes:
            assert isinstance(entry.value, list)
            entry.value.append(attributes[id(each)])
        entries.append(entry)
    extras(ctx).xavps[:0] = entries
    return 1


def _take_attributes(ctx: Context, found: list[Branch]) -> dict[int, Xavp]:
    """What lookup() has put into `xavp_contact` for each branch, by its identity."""
    name = xavp_contact(ctx.program)
    if name is None or ctx.extras is None:
        return {}
    xavps = ctx.extras.xavps
    entries = [each for each in xavps if each.name == name]
    xavps[:] = [each for each in xavps if each.name != name]
    return {id(branch): entry for branch, entry in zip(found, entries, strict=False)}


def _give_attributes(ctx: Context, taken: list[Xavp]) -> None:
    """Put what belongs to the contacts that are taken on top of `xavp_contact`, in their order."""
    name = xavp_contact(ctx.program)
    if name is None:
        return
    kept = [
        find(each.value, name, None) if isinstance(each.value, list) else None for each in taken
    ]
    if any(kept):
        extras(ctx).xavps[:0] = [each or Xavp(name, []) for each in kept]


def _by_chance(found: list[Branch]) -> list[Branch]:
    """In an order drawn by their q values; those without one come last."""
    left = [each for each in found if each.q > 0]
    ordered = []
    while left:
        drawn = random.choices(left, [each.q for each in left])[0]
        left.remove(drawn)
        ordered.append(drawn)
    return ordered + [each for each in found if each.q <= 0]


def _entry(name: str, branch: Branch, last: bool) -> Xavp:
    values: dict[str, int | str | None] = {
        "uri": branch.uri,
        "dst_uri": branch.dst_uri,
        "path": branch.path,
        "sock": branch.socket.text if branch.socket else None,
        "flags": branch.flags,
        "ruid": branch.ruid,
        "instance": branch.instance,
        "ua": branch.user_agent,
        "q_flag": 1 if last else None,
    }
    return Xavp(name, [Xavp(each, value) for each, value in values.items() if value is not None])


def _branch_of(ctx: Context, entry: Xavp) -> tuple[Branch, bool]:
    """The branch of an entry, and whether it is the last one of its q value."""
    children = entry.value if isinstance(entry.value, list) else []
    values = {child.name: child.value for child in reversed(children)}
    texts = {name: value for name, value in values.items() if isinstance(value, str)}
    flags = values.get("flags", 0)
    branch = Branch(texts.get("uri", ""), q=0, flags=flags if isinstance(flags, int) else 0)
    branch.dst_uri, branch.path = texts.get("dst_uri"), texts.get("path")
    branch.ruid, branch.instance = texts.get("ruid"), texts.get("instance")
    branch.user_agent = texts.get("ua")
    if "sock" in texts:
        branch.socket = find_socket(ctx.program.sockets, texts["sock"])
    return branch, values.get("q_flag") == 1


def _use(ctx: Context, branch: Branch) -> None:
    """Make a branch that of the Request-URI."""
    # Other objects, for t_relay() to see that they were set.
    ctx.ruri = "".join(list(branch.uri))
    ctx.dst_uri = None if branch.dst_uri is None else "".join(list(branch.dst_uri))
    ctx.branch_flags, ctx.send_socket = branch.flags, branch.socket
    main = main_branch(ctx)
    main.q, main.path, main.ruid = branch.q, branch.path, branch.ruid
    main.instance, main.user_agent = branch.instance, branch.user_agent


@mod.function("t_next_contacts", routes=_ROUTES)
def t_next_contacts(ctx: Context) -> int:
    """Take the best contacts out of `contacts_avp`: one for the Request-URI, others as branches.

    Of several with the same +sip.instance one is used, the others go to `contact_flows_avp`.
    Returns 1; -2 if there are none left, -1 without the parameter `contacts_avp`.
    """
    name = contacts_avp(ctx.program)
    if name is None:
        ctx.program.log.line(levels.ERR, "t_next_contacts(): contacts_avp is not set")
        return -1
    xavps = [] if ctx.extras is None else ctx.extras.xavps
    waiting = [each for each in xavps if each.name == name]
    if not waiting:
        return -2
    flows = contact_flows_avp(ctx.program)
    instances: set[str] = set()
    ctx.branches = None
    first = True
    taken: list[Xavp] = []
    for entry in waiting:
        xavps.remove(entry)
        branch, last = _branch_of(ctx, entry)
        if branch.instance is not None and branch.instance in instances:
            if flows is not None:
                xavps.append(Xavp(flows, entry.value))
        elif first:
            first = False
            taken.append(entry)
            _use(ctx, branch)
        else:
            try:
                add_branch(ctx, branch)
                taken.append(entry)
            except ValueError as error:
                ctx.program.log.line(levels.ERR, f"t_next_contacts(): {error}")
        if branch.instance is not None:
            instances.add(branch.instance)
        if last:
            break
    _give_attributes(ctx, taken)
    return 1


@mod.function("t_next_contact_flow", routes=Routes.REQUEST)
def t_next_contact_flow(ctx: Context) -> int:
    """In event_route[tm:branch-failure] use another way to the phone that failed.

    Returns 1; -2 if there is none, -1 without the parameter `contact_flows_avp`.
    """
    name = contact_flows_avp(ctx.program)
    kept = looked_at(ctx)
    if name is None:
        ctx.program.log.line(levels.ERR, "t_next_contact_flow(): contact_flows_avp is not set")
        return -1
    xavps = [] if ctx.extras is None else ctx.extras.xavps
    for entry in [each for each in xavps if each.name == name]:
        branch, _ = _branch_of(ctx, entry)
        if kept is not None and branch.instance == kept.instance:
            xavps.remove(entry)
            _use(ctx, branch)
            return 1
    return -2
