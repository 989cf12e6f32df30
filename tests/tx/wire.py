"""Messages and a way to send them that keeps what was sent."""

from __future__ import annotations

from sipway.sip.message import Message, parse
from sipway.tx.flow import Flow

PEER = b"\x02\x00\x13\xc4\xc0\x00\x02\x05" + bytes(8)


class Wire:
    """A socket that keeps what was sent by it."""

    def __init__(self) -> None:
        self.outgoing: list[tuple[bytes, bytes]] = []

    def flow(self, reliable: bool = False) -> Flow:
        return Flow(self, PEER, reliable)

    def sent(self) -> list[bytes]:
        """What was sent since the last time somebody asked."""
        found = [data for data, _ in self.outgoing]
        self.outgoing.clear()
        return found

    def first_lines(self) -> list[str]:
        return [data.split(b"\r\n", 1)[0].decode() for data in self.sent()]


def request_bytes(
    method: str = "INVITE",
    branch: str = "z9hG4bKclient1",
    *,
    sent_by: str = "192.0.2.1:5070",
    to_tag: str = "",
    extra: str = "",
    cseq: int = 1,
) -> bytes:
    tag = f";tag={to_tag}" if to_tag else ""
    return (
        f"{method} sip:bob@192.0.2.5 SIP/2.0\r\nVia: SIP/2.0/UDP {sent_by};branch={branch}\r\n"
        f"From: <sip:alice@192.0.2.1>;tag=a1\r\nTo: <sip:bob@192.0.2.5>{tag}\r\n"
        f"Call-ID: call-1\r\nCSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n{extra}"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def request(method: str = "INVITE", branch: str = "z9hG4bKclient1", **more: str) -> Message:
    return parse(request_bytes(method, branch, **more))  # type: ignore[arg-type]


def reply(status: int, sent: bytes, method: str | None = None, to_tag: str = "b1") -> Message:
    """A peer's reply to a request that was sent."""
    message = parse(sent)
    via = message.via
    text = message.data
    return parse(
        b"SIP/2.0 %d Reason\r\nVia: %b\r\nFrom: <sip:alice@192.0.2.1>;tag=a1\r\n"
        b"To: <sip:bob@192.0.2.5>;tag=%b\r\nCall-ID: call-1\r\nCSeq: %d %b\r\n"
        b"Content-Length: 0\r\n\r\n"
        % (
            status,
            text[via.start : via.end],
            to_tag.encode(),
            message.cseq_number,
            (method or message.method).encode(),
        )
    )
