"""A Context without a server: a message, a Program that runs nothing, one socket."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.core.functions import core
from sipway.core.log import DBG, Log
from sipway.core.program import Program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import Inner, Routes, VariableSignature
from sipway.sip.addresses import sockaddr
from sipway.sip.message import parse


class LogInMemory(Log):
    """Keeps what is written instead of writing it: (level, text)."""

    def __init__(self) -> None:
        super().__init__(DBG)
        self.written: list[tuple[int, str]] = []

    def write(self, level: int, text: str, facility: str | None = None) -> None:
        del facility
        if level <= self.level:
            self.written.append((level, text))


def request(
    method: str = "OPTIONS",
    uri: str = "sip:bob@callee.example",
    *,
    via: str = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1",
    from_: str = "<sip:alice@caller.example>;tag=a1",
    to: str = "<sip:bob@callee.example>",
    call_id: str = "call-1",
    cseq: str | None = None,
    extra: str = "",
    body: str = "",
) -> bytes:
    """A request; `extra` is complete header lines."""
    return (
        f"{method} {uri} SIP/2.0\r\nVia: {via}\r\nFrom: {from_}\r\nTo: {to}\r\n"
        f"Call-ID: {call_id}\r\nCSeq: {cseq or f'1 {method}'}\r\nMax-Forwards: 70\r\n"
        f"{extra}Content-Length: {len(body.encode())}\r\n\r\n{body}"
    ).encode("utf-8", "surrogateescape")


def reply(
    status: int = 200, reason: str = "OK", *, method: str = "OPTIONS", extra: str = ""
) -> bytes:
    """A reply with our Via on top of one more; `extra` is complete header lines."""
    return (
        f"SIP/2.0 {status} {reason}\r\n"
        "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-1\r\n"
        "Via: SIP/2.0/UDP 192.0.2.7:5077;branch=z9hG4bK-2\r\n"
        "From: <sip:alice@caller.example>;tag=a1\r\nTo: <sip:bob@callee.example>;tag=b1\r\n"
        f"Call-ID: call-1\r\nCSeq: 1 {method}\r\n{extra}Content-Length: 0\r\n\r\n"
    ).encode("utf-8", "surrogateescape")


def context(
    data: bytes | None = None,
    *,
    settings: Settings | None = None,
    socket: ListenSocket | None = None,
    source: tuple[str, int] = ("192.0.2.1", 5070),
    now: float = 1_795_483_209.104714,
    kind: Routes = Routes.REQUEST,
) -> Context:
    """The Context of a message that has just come in; without data, of a plain OPTIONS."""
    socket = socket or ListenSocket("udp", "192.0.2.9", 5060)
    program = Program(
        path="test.cfg", settings=settings or Settings(), log=LogInMemory(), sockets=(socket,)
    )
    message = parse(request() if data is None else data)
    return Context(message, program, socket, sockaddr(*source), now, kind.value)


def logged(ctx: Context) -> list[tuple[int, str]]:
    """What was logged for a message made by `context`."""
    log = ctx.program.log
    assert isinstance(log, LogInMemory)
    return log.written


def read(
    ctx: Context, name: str, inner: str | None = None, index: int | str | None = None
) -> int | str | None:
    """The value of a core variable, asked for as the compiled script does."""
    signature = core.signature.variables[name]
    return signature.get(ctx, *_place(signature, inner, index))


def counted(ctx: Context, name: str, inner: str, index: int | str | None = None) -> int:
    """What `$cnt(...)` of a core variable gives."""
    signature = core.signature.variables[name]
    assert signature.count is not None
    return signature.count(ctx, *_place(signature, inner, index))


def write(
    ctx: Context,
    name: str,
    value: int | str | None,
    inner: str | None = None,
    index: int | str | None = None,
) -> None:
    """Assign to a core variable as the compiled script does."""
    signature = core.signature.variables[name]
    assert signature.set is not None, f"${name} is only read"
    signature.set(ctx, value, *_place(signature, inner, index))


def _place(
    signature: VariableSignature, inner: str | None, index: int | str | None
) -> tuple[object, ...]:
    place: tuple[object, ...] = ()
    if signature.inner is not Inner.NONE:
        prepare = signature.prepare or str
        place = (prepare(inner) if inner is not None else None,)
    return (*place, index) if signature.indexed else place


def call(ctx: Context, name: str, *arguments: int | str) -> int:
    """Call a core function with constants, as the compiled script does."""
    signature = core.signature.functions[name]
    converted = [
        kind.kind.convert(argument) if kind.kind.convert else argument
        for kind, argument in zip(signature.arguments, arguments, strict=False)
    ]
    code: int = signature.target(ctx, *converted)
    return code
