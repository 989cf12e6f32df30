"""The load generator tells right replies from wrong ones."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from bench.workloads import HERE

_COMPILER = shutil.which(os.environ.get("CC", "cc"))

pytestmark = pytest.mark.skipif(_COMPILER is None, reason="uncompiled build: no C compiler")


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("load") / "load"
    assert _COMPILER is not None
    flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
    command = [_COMPILER, *flags, "-o", str(program), str(HERE / "load.c")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        # The sanitizers' libraries come with some compilers only.
        subprocess.run([_COMPILER, "-O1", *command[6:]], check=True)
    return program


_Answer = Callable[[bytes], list[bytes]]


def _reply(request: bytes, status: bytes = b"480 Temporarily Unavailable") -> bytes:
    lines = [b"SIP/2.0 " + status]
    for line in request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
        name = line.partition(b":")[0]
        if name in (b"Via", b"From", b"Call-ID", b"CSeq"):
            lines.append(line)
        elif name == b"To":
            lines.append(line + b";tag=right")
    return b"\r\n".join([*lines, b"Content-Length: 0", b"", b""])


@contextmanager
def _server(answer: _Answer) -> Iterator[str]:
    """A server that sends what ``answer`` makes of each request."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        stop = b"stop"

        def serve() -> None:
            while True:
                data, source = sock.recvfrom(65_536)
                if data == stop:
                    return
                for reply in answer(data):
                    sock.sendto(reply, source)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            ip, port = sock.getsockname()
            yield f"{ip}:{port}"
        finally:
            sock.sendto(stop, sock.getsockname())
            thread.join()


def _run(load: Path, answer: _Answer, *arguments: str) -> tuple[int, dict[str, Any]]:
    request = str(HERE / "requests/invite.sip")
    with _server(answer) as target:
        done = subprocess.run(
            [str(load), "--target", target, "--template", request, "--seconds", "5", *arguments],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    assert not done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, result


def test_right_replies_are_counted_by_status(load: Path) -> None:
    seen: list[bytes] = []

    def answer(request: bytes) -> list[bytes]:
        seen.append(request)
        return [_reply(request, b"100 Trying"), _reply(request)]

    status, result = _run(load, answer, "--count", "500", "--window", "7", "--expect", "480")
    assert status == 0
    assert result["status"] == {"480": 500}
    assert result["provisional"] == 500
    assert (result["sent"], result["lost"], result["wrong"]) == (500, 0, 0)
    assert 0 < result["latency_us"]["p50"] <= result["latency_us"]["p99"]
    call_ids = {line for data in seen for line in data.split(b"\r\n") if b"Call-ID" in line}
    assert len(call_ids) == 500
    for data in seen:
        head, _, body = data.partition(b"\r\n\r\n")
        assert f"Content-Length: {len(body)}".encode() in head


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda reply: reply.replace(b"Call-ID: ", b"Call-ID: x"), "another Call-ID"),
        (lambda reply: reply.replace(b"CSeq: 1", b"CSeq: 2"), "another CSeq"),
        (lambda reply: reply.replace(b"From: ", b"From: x"), "another From"),
        (lambda reply: reply.replace(b"To: ", b"To: x"), "another To"),
        (lambda reply: reply.replace(b";tag=right", b""), "no To tag"),
        (lambda reply: reply.replace(b"branch=z9hG4bK", b"branch=z9hG4bKx"), "no request"),
        (lambda reply: reply.replace(b"From:", b"Via: SIP/2.0/UDP x\r\nFrom:"), "more or fewer"),
        (lambda reply: reply.replace(b"480 ", b"486 "), "unexpected status"),
        (lambda reply: reply.replace(b"Length: 0", b"Length: 1"), "wrong Content-Length"),
        (lambda reply: reply[:-2], "no end of header"),
        (lambda _: b"SIP/2.0 480", "not a reply"),
        (lambda _: b"SIP/2.0 999 x\r\n\r\n", "bad status"),
        (lambda _: b"", "not a reply"),
    ],
)
def test_a_wrong_reply_is_found(load: Path, spoil: Callable[[bytes], bytes], words: str) -> None:
    calls = iter(range(1_000))

    def answer(request: bytes) -> list[bytes]:
        reply = _reply(request)
        return [spoil(reply), reply] if next(calls) == 3 else [reply]

    status, result = _run(load, answer, "--count", "10", "--window", "1", "--expect", "480")
    assert status == 1
    assert result["wrong"] == 1
    assert words in result["first_wrong"]


def test_a_second_reply_is_a_duplicate_and_no_reply_is_a_loss(load: Path) -> None:
    calls = iter(range(1_000))

    def answer(request: bytes) -> list[bytes]:
        return [_reply(request)] * (0, 2, 1, 1, 1)[next(calls) % 5]

    status, result = _run(load, answer, "--count", "10", "--window", "1", "--timeout", "0.1")
    assert status == 0
    assert (result["lost"], result["replies"], result["duplicates"]) == (2, 8, 2)


def test_an_echo_must_be_exact(load: Path) -> None:
    status, result = _run(load, lambda request: [request], "--count", "10", "--echo")
    assert (status, result["replies"]) == (0, 10)
    status, result = _run(
        load, lambda request: [request[:-1]], "--count", "1", "--echo", "--timeout", "0.1"
    )
    assert (status, result["wrong"]) == (1, 1)


def test_a_fixed_rate_is_kept(load: Path) -> None:
    status, result = _run(
        load, lambda request: [_reply(request)], "--rate", "1000", "--seconds", "0.5"
    )
    assert status == 0
    assert 400 <= result["sent"] <= 501


def test_users_take_turns_and_their_requests_are_numbered(load: Path, tmp_path: Path) -> None:
    template = tmp_path / "register.sip"
    template.write_text((HERE / "requests/register.sip").read_text())
    seen: list[tuple[str, int]] = []

    def answer(request: bytes) -> list[bytes]:
        lines = request.decode().split("\r\n")
        (user,) = (line[9:18] for line in lines if line.startswith("To: "))
        (number,) = (int(line.split()[1]) for line in lines if line.startswith("CSeq: "))
        seen.append((user, number))
        return [_reply(request, b"200 OK")]

    arguments = ("--count", "5", "--window", "1", "--expect", "200", "--template", str(template))
    status, _ = _run(load, answer, *arguments, "--begin", "7", "--users", "3")
    assert status == 0
    users = ["100000001", "100000002", "100000000", "100000001", "100000002"]
    assert seen == list(zip(users, range(100_000_007, 100_000_012), strict=True))
    seen.clear()
    _run(load, answer, *arguments)
    assert [user for user, _ in seen] == [f"{100_000_000 + each}" for each in range(1, 6)]
