"""Commands that send a request of our own: tm.t_uac_start and its kin.

Source: README of tm, sections 5.2 to 5.14; what it leaves open was tried on Kamailio 5.6.3. Since
nobody else waits here for a response, `wait` and `wait_block` are the same.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any, Final

from sipway.core.commands import CommandError
from sipway.core.context import Context
from sipway.core.made_up import made_up_context
from sipway.core.program import Program
from sipway.core.proxy import requesting
from sipway.core.send_socket import find_socket
from sipway.core.sockets import ListenSocket
from sipway.language.record import Record
from sipway.modules.tm._module import mod
from sipway.sip.uri import routable_uri

_PATIENCE: Final = 80.0
"""Seconds until a response is not waited for any more."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_MEDIA_TYPE: Final = re.compile(r"(?im)^\s*(?:content-type|c)\s*:")
_WANTED: Final = 5
_MODES: Final = {"start": False, "wait": True, "block": True}


class _Way(Record):
    """How a command goes about it.

    waits         answer with the response
    acknowledges  a 2xx to an INVITE gets its ACK
    hexadecimal   the body is in hexadecimal digits
    """

    waits: bool = False
    acknowledges: bool = True
    hexadecimal: bool = False


def _text(given: tuple[str, ...], number: int) -> str:
    """A parameter that may be a dot for none, or not there."""
    value = given[number] if number < len(given) else ""
    return "" if value == "." else value


def _request(
    program: Program, way: _Way, given: tuple[str, ...], told: Callable[[Context, int, bool], None]
) -> requesting.Request:
    if len(given) < _WANTED:
        raise CommandError(400, f"too few parameters ({len(given)}/{_WANTED})")
    method, uri, next_hop = given[0], given[1], _text(given, 2)
    if _TOKEN.fullmatch(method) is None:
        raise CommandError(400, f'Invalid method "{method:.60}"')
    if routable_uri(uri) is None:
        raise CommandError(400, f'Invalid request uri "{uri:.100}"')
    if next_hop and routable_uri(next_hop) is None:
        raise CommandError(400, f'Invalid next-hop uri "{next_hop:.100}"')
    headers = _text(given, 4)
    body = _text(given, 5)
    if way.hexadecimal:
        try:
            body = bytes.fromhex(body).decode("utf-8", "surrogateescape")
        except ValueError:
            raise CommandError(400, "the body is not in hexadecimal digits") from None
    if body and _MEDIA_TYPE.search(headers) is None:
        raise CommandError(400, "Content-Type missing")
    return requesting.Request(
        method,
        uri,
        next_hop,
        headers,
        body,
        _socket(program, _text(given, 3)),
        on_end=told,
        acknowledged=way.acknowledges,
    )


def _socket(program: Program, wanted: str) -> ListenSocket | None:
    if not wanted:
        return None
    try:
        found = find_socket(program.sockets, wanted)
    except ValueError:
        found = None
    if found is None:
        raise CommandError(400, f'No local socket for "{wanted:.60}"')
    return found


async def _send(program: Program, way: _Way, given: tuple[str, ...]) -> dict[str, Any] | None:
    ended: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()

    def told(ctx: Context, status: int, received: bool) -> None:
        if not ended.done():
            ended.set_result((status, ctx.message.reason if received else "Request timeout"))

    request = _request(program, way, given, told)
    try:
        sent = requesting.send_request(made_up_context(program), request)
    except ValueError as error:
        raise CommandError(400, str(error)) from None
    if sent < 0:
        raise CommandError(500, "the request cannot be sent")
    if not way.waits:
        return None
    try:
        code, text = await asyncio.wait_for(ended, _PATIENCE)
    except TimeoutError:
        raise CommandError(500, "timeout") from None
    return {"code": code, "text": text}


def _command(way: _Way, does: str) -> Callable[..., Coroutine[Any, Any, dict[str, Any] | None]]:
    async def run(program: Program, *given: str) -> dict[str, Any] | None:
        return await _send(program, way, given)

    run.__doc__ = f"{does}: method, URI, next hop, socket, headers, body; a dot for none."
    return run


for _name, _waits in (("start", False), ("wait", True), ("wait_block", True)):
    for _suffix in ("", "_hex", "_noack", "_noack_hex"):
        _way = _Way(_waits, "_noack" not in _suffix, _suffix.endswith("_hex"))
        _does = "Sends a request and answers with the response" if _waits else "Sends a request"
        mod.rpc(f"tm.t_uac_{_name}{_suffix}")(_command(_way, _does))


@mod.rpc("tm.t_uac_attrs")
async def send_with_attributes(
    program: Program, attributes: str, *given: str
) -> dict[str, Any] | None:
    """Sends a request as `mode=start|wait|block;cbflags=noack;rpflags=1` say."""
    waits, acknowledges, hexadecimal = False, True, False
    for each in attributes.replace(" ", "").split(";"):
        name, _, value = each.partition("=")
        if name in ("mode", "reply") and value in _MODES:
            waits = _MODES[value]
        elif name == "cbflags" and value in ("", "noack"):
            acknowledges = not value
        elif name == "rpflags" and value.isdecimal():
            hexadecimal = bool(int(value) & 1)
        elif each:
            raise CommandError(400, f'Invalid attribute "{each:.60}"')
    return await _send(program, _Way(waits, acknowledges, hexadecimal), given)
