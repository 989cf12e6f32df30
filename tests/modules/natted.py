"""Requests of phones behind NAT, and what becomes of them."""

from __future__ import annotations

from sipway.core.context import Context
from sipway.sip.edits import edited
from tests.fakes import LogInMemory, context, request

SDP = (
    "v=0\r\no=alice 1 1 IN IP4 10.1.2.3\r\ns=-\r\nc=IN IP4 10.1.2.3\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\na=sendrecv\r\n"
)
TYPE = "Content-Type: application/sdp\r\n"


def message_of(
    extra: str = "",
    body: str = "",
    *,
    uri: str = "sip:bob@callee.example",
    via: str = "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1",
    source: tuple[str, int] = ("192.0.2.1", 5070),
) -> Context:
    data = request("INVITE", uri, via=via, extra=extra, body=body)
    return context(data, source=source)


def contact_line(value: str) -> str:
    return f"Contact: {value}\r\n"


def leaves(ctx: Context) -> str:
    return edited(ctx.message, ctx.edits or ()).decode()


def body_of(ctx: Context) -> str:
    return leaves(ctx).partition("\r\n\r\n")[2]


def log_of(ctx: Context) -> str:
    assert isinstance(ctx.program.log, LogInMemory)
    return " ".join(text for _, text in ctx.program.log.written)
