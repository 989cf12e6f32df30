"""JSON-RPC 2.0: a request as it came, and the answer to it.

Source: https://www.jsonrpc.org/specification, and README of Kamailio's module jsonrpcs. As there,
parameters may have names, which mean nothing: they are taken in their order.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from sipway.core.commands.command import CommandError, Named
from sipway.core.commands.registry import carry_out

if TYPE_CHECKING:
    from sipway.core.program import Program

PARSE_ERROR: Final = -32700
INVALID_REQUEST: Final = -32600
METHOD_NOT_FOUND: Final = 500
"""Kamailio's; the specification has -32601."""

INVALID_PARAMS: Final = -32602

LONGEST: Final = 1 << 20
"""Bytes that are read of a request."""

_MOST_REQUESTS: Final = 100  # in one batch
_SCALARS: Final = (int, str, float)


class Answer:
    """What is to go back.

    code     200, or the code of the error
    reason   "OK", or what is wrong
    body     the JSON text; b"" for a notification
    request  the members of the request, for the transports that find their own among them
    """

    __slots__ = ("body", "code", "reason", "request")

    def __init__(
        self, code: int, reason: str, body: bytes, request: Mapping[str, Any] | None = None
    ) -> None:
        self.code = code
        self.reason = reason
        self.body = body
        self.request: Mapping[str, Any] = request or {}


async def answer(program: Program, text: bytes, pretty: bool = True) -> Answer:
    """Carry out what a JSON text asks for, one request or a batch of them. Raises nothing."""
    try:
        if len(text) > LONGEST:
            raise ValueError("it is too long")
        request = json.loads(text)
    except (ValueError, RecursionError) as error:
        return _failed(None, PARSE_ERROR, f"Parse error: {error}", pretty)
    if not isinstance(request, list):
        return await _one(program, request, pretty)
    if not 0 < len(request) <= _MOST_REQUESTS:
        reason = f"Invalid Request: a batch is of 1 to {_MOST_REQUESTS}"
        return _failed(None, INVALID_REQUEST, reason, pretty)
    bodies = [(await _one(program, each, pretty)).body for each in request]
    bodies = [each for each in bodies if each]
    return Answer(200, "OK", b"[%b]" % b", ".join(bodies) if bodies else b"")


async def _one(program: Program, request: Any, pretty: bool) -> Answer:
    if not isinstance(request, dict):
        return _failed(None, INVALID_REQUEST, "Invalid Request: no object", pretty)
    number = request.get("id")
    if number is not None and type(number) not in _SCALARS:
        number = None
    if request.get("jsonrpc") != "2.0":
        reason = 'Invalid Request: "jsonrpc" is not "2.0"'
        return _failed(number, INVALID_REQUEST, reason, pretty)
    name = request.get("method")
    if not isinstance(name, str):
        reason = 'Invalid Request: "method" is no text'
        return _failed(number, INVALID_REQUEST, reason, pretty)
    given = request.get("params", [])
    if isinstance(given, dict):
        given = list(given.values())
    if not isinstance(given, list) or any(type(each) not in (*_SCALARS, bool) for each in given):
        reason = "Invalid params: texts and numbers are wanted"
        return _failed(number, INVALID_PARAMS, reason, pretty)
    command = program.commands.find(name)
    if command is None:
        return _failed(number, METHOD_NOT_FOUND, "Method Not Found", pretty, request)
    try:
        values = await carry_out(program, command, [_scalar(each) for each in given])
    except CommandError as error:
        return _failed(number, error.code, error.reason, pretty, request)
    if "id" not in request:
        return Answer(200, "OK", b"", request)
    result: Any = {}
    if command.lists or len(values) > 1:
        result = values
    elif values:
        result = values[0]
    body = {"jsonrpc": "2.0", "result": result, "id": number}
    if command.large:
        # In a thread, in small steps: calls go on meanwhile.
        return Answer(200, "OK", await asyncio.to_thread(_long_text, body, pretty), request)
    return Answer(200, "OK", _text(body, pretty), request)


def _scalar(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _plain(value: Any) -> Any:
    """A value of a command as JSON has it."""
    if isinstance(value, Named):
        return [{name: _plain(each)} for name, each in value]
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value


def _failed(
    number: Any,
    code: int,
    reason: str,
    pretty: bool,
    request: Mapping[str, Any] | None = None,
) -> Answer:
    body = {"jsonrpc": "2.0", "error": {"code": code, "message": reason}, "id": number}
    return Answer(code, reason, _text(body, pretty), request)


def _encoder(pretty: bool) -> json.JSONEncoder:
    if pretty:
        return json.JSONEncoder(indent="\t", ensure_ascii=False)
    return json.JSONEncoder(separators=(",", ":"), ensure_ascii=False)


def _text(body: Any, pretty: bool) -> bytes:
    # Bytes of the network that are no UTF-8 must not make an answer unreadable.
    return _encoder(pretty).encode(_plain(body)).encode("utf-8", "replace")


def _long_text(body: Any, pretty: bool) -> bytes:
    """The same, by Python's own code, which lets other threads have their turn."""
    pieces = _encoder(pretty).iterencode(_plain(body))
    return "".join(pieces).encode("utf-8", "replace")
