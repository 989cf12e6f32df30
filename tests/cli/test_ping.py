"""``sipway ping`` against a server made of a socket and a thread."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from sipway.cli.ping import Request, TargetError, ping
from tests.ports import free_port
from tests.server_process import header

Answers = Callable[[str], list[str]]


class _Server:
    """Answers each datagram with what ``answers`` makes of it, and keeps what it received."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.settimeout(10)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._arrived = threading.Condition()
        self.port: int = self._socket.getsockname()[1]
        self.received: list[str] = []

    def wait_for(self, count: int) -> list[str]:
        """The first ``count`` messages, once they are there."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: len(self.received) >= count, timeout=10)
            return self.received[:count]

    def _run(self) -> None:
        while True:
            data, peer = self._socket.recvfrom(65_536)
            if data == b"end":
                return
            message = data.decode()
            with self._arrived:
                self.received.append(message)
                self._arrived.notify_all()
            for answer in self._answers(message):
                self._socket.sendto(answer.encode(), peer)

    @classmethod
    @contextmanager
    def answering(cls, answers: Answers) -> Iterator[_Server]:
        server = cls(answers)
        server._thread.start()
        try:
            yield server
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closer:
                closer.sendto(b"end", ("127.0.0.1", server.port))
            server._thread.join(10)
            server._socket.close()


def _reply(message: str, status: str) -> str:
    copied = [f"{name}: {header(message, name)}" for name in ("Via", "From", "Call-ID", "CSeq")]
    lines = [f"SIP/2.0 {status}", *copied, f"To: {header(message, 'To')};tag=b2"]
    return "\r\n".join([*lines, "Content-Length: 0", "", ""])


def _ping(port: int, method: str = "OPTIONS", timeout: float = 5, verbose: bool = False) -> int:
    return ping(f"udp:127.0.0.1:{port}", method=method, timeout=timeout, verbose=verbose)


def test_an_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with _Server.answering(lambda message: [_reply(message, "404 Not Found")]) as server:
        assert _ping(server.port) == 0
    out = capsys.readouterr().out
    assert out.startswith("SIP/2.0 404 Not Found   after ")
    assert out.count("\n") == 1


def test_verbose_shows_both_messages(capsys: pytest.CaptureFixture[str]) -> None:
    with _Server.answering(lambda message: [_reply(message, "200 OK")]) as server:
        assert _ping(server.port, verbose=True) == 0
        out = capsys.readouterr().out
        assert f"OPTIONS sip:127.0.0.1:{server.port} SIP/2.0\nVia: " in out
        assert "\n\nSIP/2.0 200 OK\nVia: " in out


def test_a_provisional_answer_is_not_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    def answers(message: str) -> list[str]:
        if message.startswith("ACK"):
            return []
        return [_reply(message, "180 Ringing"), _reply(message, "486 Busy Here")]

    with _Server.answering(answers) as server:
        assert _ping(server.port, "INVITE") == 0
        invite, ack = server.wait_for(2)
    assert [line.split("   ")[0] for line in capsys.readouterr().out.splitlines()] == [
        "SIP/2.0 180 Ringing",
        "SIP/2.0 486 Busy Here",
    ]
    assert ack.startswith("ACK ")
    assert header(ack, "CSeq") == "1 ACK"
    assert header(ack, "Via") == header(invite, "Via")
    assert header(ack, "To") == f"{header(invite, 'To')};tag=b2"


def test_a_lost_request_is_sent_again() -> None:
    lost: list[str] = []

    def answers(message: str) -> list[str]:
        lost.append(message)
        return [_reply(message, "200 OK")] if len(lost) > 1 else []

    with _Server.answering(answers) as server:
        assert _ping(server.port) == 0
        first, second = server.wait_for(2)
    assert first == second


def test_strangers_are_not_heard(capsys: pytest.CaptureFixture[str]) -> None:
    def answers(message: str) -> list[str]:
        other = _reply(message.replace("z9hG4bK", "z9hG4bKother"), "500 Not Yours")
        return ["not SIP", other, _reply(message, "200 OK")]

    with _Server.answering(answers) as server:
        assert _ping(server.port) == 0
    assert "Not Yours" not in capsys.readouterr().out


@pytest.mark.parametrize("verbose", [False, True])
def test_an_answer_cannot_drive_the_terminal(
    verbose: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with _Server.answering(lambda message: [_reply(message, "200 \x1b]0;title\x07OK")]) as server:
        assert _ping(server.port, verbose=verbose) == 0
    out = capsys.readouterr().out
    assert "OK" in out
    assert "\x1b" not in out
    assert "\x07" not in out


def test_no_answer(capsys: pytest.CaptureFixture[str]) -> None:
    with _Server.answering(lambda _: []) as server:
        assert _ping(server.port, timeout=0.05) == 1
    assert "no final answer within 0.05 s" in capsys.readouterr().err


def test_nobody_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert _ping(free_port()) == 1
    assert "nobody listens there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("target", "uri", "host", "port"),
    [
        ("udp:127.0.0.1:5070", "sip:127.0.0.1:5070", "127.0.0.1", 5070),
        ("127.0.0.1", "sip:127.0.0.1", "127.0.0.1", 5060),
        ("sip:alice@example.org", "sip:alice@example.org", "example.org", 5060),
        ("udp:[::1]:5062", "sip:[::1]:5062", "::1", 5062),
        ("bob@[::1]", "sip:bob@[::1]", "::1", 5060),
    ],
)
def test_target(target: str, uri: str, host: str, port: int) -> None:
    request = Request.to(target, "options")
    assert (request.uri, request.host, request.port) == (uri, host, port)
    assert request.method == "OPTIONS"


@pytest.mark.parametrize(
    ("target", "method"),
    [
        ("tcp:127.0.0.1", "OPTIONS"),
        ("udp:127.0.0.1:70000", "OPTIONS"),
        ("", "OPTIONS"),
        ("udp:127.0.0.1\r\nX: y", "OPTIONS"),
        ("udp:127.0.0.1", "ACK"),
        ("udp:127.0.0.1", "NO GOOD"),
    ],
)
def test_target_that_cannot_be(target: str, method: str) -> None:
    with pytest.raises(TargetError):
        Request.to(target, method)
