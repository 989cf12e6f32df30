"""allow_address(), allow_trusted() and their kin: is this somebody whom we know?"""

from __future__ import annotations

from typing import Final

from sipway.core import log as levels
from sipway.core.avps import set_avp
from sipway.core.context import Context
from sipway.modules.permissions._module import mod, peer_tag_mode
from sipway.modules.permissions.addresses import Peer, packed
from sipway.modules.permissions.state import State, rows_of, state
from sipway.modules.permissions.trusted import PROTOCOLS, Rule, rules_of

_SOURCE_GROUP: Final = 1
_IPV4_SIZE: Final = 16  # of a raw sockaddr


def _note_tag(ctx: Context, known: State, tag: str | None) -> None:
    if tag is not None and known.tag_avp is not None:
        set_avp(ctx, known.tag_avp, tag)


# --- addresses ---------------------------------------------------------------------------------


def _found(ctx: Context, group: int | None, address: str, port: int) -> Peer | None:
    known = state(ctx.program)
    addresses = known.addresses
    if addresses is None:
        return None
    ip = packed(address)
    if ip is None:
        peer = addresses.find_name(group, address, port)
    else:
        peer = addresses.find(group, ip, port)
    if peer is not None:
        _note_tag(ctx, known, peer.tag)
    return peer


def _found_source(ctx: Context, group: int | None) -> Peer | None:
    known = state(ctx.program)
    if known.addresses is None:
        return None
    source = ctx.source
    ip = source[4:8] if len(source) == _IPV4_SIZE else source[8:24]
    peer = known.addresses.find(group, ip, ctx.source_port)
    if peer is not None:
        _note_tag(ctx, known, peer.tag)
    return peer


@mod.function("allow_address")
def allow_address(ctx: Context, group: int, address: str, port: int) -> int:
    """1 if a group has this address, or name, with this port or with any; else -1.

    The tag of what was found is added to the AVP `peer_tag_avp`.
    """
    return -1 if _found(ctx, group, address, port) is None else 1


@mod.function("allow_address_group")
def allow_address_group(ctx: Context, address: str, port: int) -> int:
    """The group that has this address, or name; -1 if none has. The tag as allow_address()."""
    peer = _found(ctx, None, address, port)
    return -1 if peer is None else peer.group


@mod.function("allow_source_address")
def allow_source_address(ctx: Context, group: int = _SOURCE_GROUP) -> int:
    """1 if a group has the address and port that the message came from; else -1."""
    return -1 if _found_source(ctx, group) is None else 1


@mod.function("allow_source_address_group")
def allow_source_address_group(ctx: Context) -> int:
    """The group that has the address and port that the message came from; -1 if none has."""
    peer = _found_source(ctx, None)
    return -1 if peer is None else peer.group


# --- trusted peers -----------------------------------------------------------------------------


@mod.function("allow_trusted", may_wait=True)
async def allow_trusted(ctx: Context) -> int:
    """Whether a rule is about where the message came from, its transport, From and Request-URI.

    1, or with peer_tag_mode 1 how many are; -1 if none is, or the database cannot be asked. Tags
    of theirs are added to the AVP `peer_tag_avp`.
    """
    protocol = ctx.socket.protocol
    return await _trusted(ctx, ctx.source_ip, protocol, ctx.message.from_uri)


@mod.function("allow_trusted", may_wait=True)
async def allow_trusted_by(ctx: Context, source: str, protocol: str) -> int:
    """As allow_trusted(), for another source and transport, `any` for all of them."""
    return await _trusted(ctx, source, protocol, ctx.message.from_uri)


@mod.function("allow_trusted", may_wait=True)
async def allow_trusted_by_uri(ctx: Context, source: str, protocol: str, uri: str) -> int:
    """As allow_trusted(), for another source, transport and From URI."""
    return await _trusted(ctx, source, protocol, uri)


async def _trusted(ctx: Context, source: str, protocol: str, from_uri: str | None) -> int:
    program = ctx.program
    number = PROTOCOLS.get(protocol.lower())
    if number is None:
        program.log.line(levels.ERR, f'allow_trusted(): there is no protocol "{protocol:.20}"')
        return -1
    if from_uri is None:
        return -1
    known = state(program)
    ruri = ctx.message.uri if ctx.message.is_request else ""
    matched = 0
    for rule in await _rules(ctx, known, source):
        if rule.is_about(number, from_uri, ruri):
            _note_tag(ctx, known, rule.row.tag)
            matched += 1
            if not peer_tag_mode(program):
                break
    return matched or -1


async def _rules(ctx: Context, known: State, source: str) -> list[Rule]:
    if known.peers is not None and known.load_peers is not None:
        return known.peers.by_source.get(source, [])
    if known.table is None:
        return []
    program = ctx.program
    try:
        return rules_of(await rows_of(program, known.table, source))
    except ValueError as error:
        program.log.once(levels.ERR, f"allow_trusted(): the table {known.table.name}: {error}")
        return []
