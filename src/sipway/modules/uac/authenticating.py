"""Answers to challenges: uac_auth() and uac_auth_mode().

Source: README of uac, sections 3.8 to 3.11 and 4.7; RFC 3261 section 22. The answer goes into the
request of the transaction; the script sends it with t_relay(). As in Kamailio the CSeq stays.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.module import Param
from sipway.core.program import Program
from sipway.core.proxy.state import ResponseContext
from sipway.language.signatures import FormatText, Routes
from sipway.modules.uac._module import (
    credentials,
    mod,
    password_avp,
    realm_avp,
    user_avp,
)
from sipway.sip.digest import Credentials, answer, challenge_of, parse_fields
from sipway.sip.edits import Edit
from sipway.sip.message import Message, text

_AFTER: Final = Routes.FAILURE | Routes.EVENT
_HEADERS: Final = {
    401: ("WWW-Authenticate", "Authorization"),
    407: ("Proxy-Authenticate", "Proxy-Authorization"),
}
_MOST_CHALLENGES: Final = 16
_HASHED: Final = 1
_NULL: Final = "<null>"
_ADDED: Final = "uac_auth"

Finder = Callable[[str], Credentials | None]


def answering_line(reply: Message, method: str, uri: str, body: bytes, find: Finder) -> str:
    """The header line that answers the first challenge of a 401 or 407 for which that can be done.

    `find` tells the credentials for a realm. Raises ValueError if none can be answered.
    """
    names = _HEADERS.get(reply.status)
    if names is None:
        raise ValueError(f"{reply.status} asks for no authentication")
    reason = "the response has no challenge"
    for index in reply.indexes_named(names[0])[:_MOST_CHALLENGES]:
        try:
            offered = parse_fields(text(reply.raw_value(index)))
        except ValueError as error:
            reason = str(error)
            continue
        for fields in offered[:_MOST_CHALLENGES]:
            try:
                challenge = challenge_of(fields)
                known = find(challenge.realm)
                if known is None:
                    raise ValueError(f"nobody is known in the realm {challenge.realm:.60}")
                value = answer(challenge, known, method, uri, secrets.token_hex(8), body)
            except ValueError as error:
                reason = str(error)
                continue
            return f"{names[1]}: {value}\r\n"
    raise ValueError(reason)


def _of_realm(program: Program, realm: str, *, hashed: bool) -> Credentials | None:
    """What the parameter `credential` says of a realm."""
    for each in credentials(program):
        if each.realm == realm:
            return Credentials(each.user, each.password, hashed)
    return None


def _text_of(ctx: Context, variable: Param[FormatText | None]) -> str:
    """What a variable named by a parameter holds; empty if it is null, or there is none."""
    named = variable(ctx.program)
    value = "" if named is None else named.make(ctx)
    return "" if value == _NULL else value


def _finder(ctx: Context, mode: int) -> Finder:
    """From the variables, if they fit the realm, else from the parameter."""
    program = ctx.program
    user = _text_of(ctx, user_avp)
    password = _text_of(ctx, password_avp)
    wanted = _text_of(ctx, realm_avp)

    hashed = bool(mode & _HASHED)

    def find(realm: str) -> Credentials | None:
        if user and password and (not wanted or wanted == realm):
            return Credentials(user, password, hashed)
        return _of_realm(program, realm, hashed=hashed)

    return find


def _authenticate(ctx: Context, function: str, mode: int) -> int:
    transaction = ctx.transaction
    if transaction is None or transaction.user.best < 0:
        return _failed(ctx, function, "there is no response to answer")
    state: ResponseContext = transaction.user
    branch = transaction.branches[state.best].user
    if branch.reply is None:
        return _failed(ctx, function, "nobody has asked for authentication")
    message = ctx.message
    if ctx.ruri is state.ruri:
        uri = branch.uri if branch.uri is not None else message.uri
        dst_uri = branch.dst_uri
    else:  # the script sends it elsewhere
        uri, dst_uri = ctx.ruri or message.uri, ctx.dst_uri
    try:
        line = answering_line(branch.reply, message.method, uri, message.body, _finder(ctx, mode))
    except ValueError as error:
        return _failed(ctx, function, error)
    # Texts of their own tell t_relay() that the Request-URI is to be tried once more.
    ctx.ruri = _copy(uri)
    ctx.dst_uri = None if dst_uri is None else _copy(dst_uri)
    table = extras(ctx).of_modules
    before = table.get(_ADDED)
    at = message.headers_end
    made = Edit(at, at, line.encode("utf-8", "surrogateescape"))
    ctx.edits = [*(each for each in ctx.edits or () if each is not before), made]
    table[_ADDED] = made
    return 1


def _copy(text: str) -> str:
    """An equal text that is another object."""
    return "".join((text[:1], text[1:]))


def _failed(ctx: Context, function: str, reason: object) -> int:
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1


@mod.function("uac_auth", routes=_AFTER)
def uac_auth(ctx: Context, mode: int = 0) -> int:
    """In failure_route: put the answer to a 401 or 407 into the request, for t_relay().

    The user comes from the variables of `auth_username_avp` and its like, or from `credential`.
    With mode 1 there is a hash (HA1) in place of the password. The request goes to the branch that
    was challenged unless the script sets another Request-URI before. Returns 1; -1 if that cannot
    be answered.
    """
    return _authenticate(ctx, "uac_auth", mode)


@mod.function("uac_auth_mode", routes=_AFTER)
def uac_auth_mode(ctx: Context, mode: int) -> int:
    """As uac_auth(), the mode always given."""
    return _authenticate(ctx, "uac_auth_mode", mode)
