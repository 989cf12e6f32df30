"""The load generator of calls, against a proxy that does right, wrong, or nothing."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from bench.workloads import HERE

_COMPILER = shutil.which(os.environ.get("CC", "cc"))
_STOP: Final = b"stop"

pytestmark = pytest.mark.skipif(_COMPILER is None, reason="uncompiled build: no C compiler")


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    program = tmp_path_factory.mktemp("calls") / "calls"
    assert _COMPILER is not None
    flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-fsanitize=address,undefined"]
    command = [_COMPILER, *flags, "-o", str(program), str(HERE / "calls.c")]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        # The sanitizers' libraries come with some compilers only.
        subprocess.run([_COMPILER, "-O1", *command[6:]], check=True)
    return program


Change = Callable[[bytes, str], list[bytes]]
"""What becomes of a message before it is sent on; beside it, what it is: `INVITE`, `200 BYE`."""


class _Proxy:
    """A stateless proxy that makes the 100 itself."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.seen: list[bytes] = []

    def serve(self) -> None:
        while True:
            data, source = self._socket.recvfrom(65_536)
            if data == _STOP:
                return
            self.seen.append(data)
            if data.startswith(b"INVITE"):
                self._send(_reply(data, b"100 Trying"), source[1])
            if data.startswith(b"SIP/2.0"):
                data = re.sub(rb"Via:[^\n]*\n", b"", data, count=1)
                match = re.search(rb"Via: SIP/2.0/UDP [\d.]+:(\d+)", data)
            else:
                match = re.match(rb"\w+ sip:\w+@[\d.]+:(\d+)", data)
                data = self._request(data)
            assert match is not None
            self._send(data, int(match[1]))

    def stop(self) -> None:
        self._socket.sendto(_STOP, self._socket.getsockname())

    def close(self) -> None:
        self._socket.close()

    def _request(self, data: bytes) -> bytes:
        own = self.address.encode()
        line, _, rest = data.partition(b"\r\n")
        rest = rest.replace(b"Max-Forwards: 70", b"Max-Forwards: 69")
        rest = re.sub(rb"\r\nRoute:[^\r]*", b"", rest)
        more = b"Via: SIP/2.0/UDP %b;branch=z9hG4bKproxy\r\n" % own
        if line.startswith(b"INVITE"):
            more += b"Record-Route: <sip:%b;lr>\r\n" % own
        return line + b"\r\n" + more + rest

    def _send(self, data: bytes, port: int) -> None:
        cseq = re.search(rb"CSeq: \d+ (\w+)", data)
        assert cseq is not None
        what = cseq[1].decode()
        if data.startswith(b"SIP/2.0"):
            what = f"{data[8:11].decode()} {what}"
        for each in self._change(data, what):
            self._socket.sendto(each, ("127.0.0.1", port))


def _reply(request: bytes, status: bytes) -> bytes:
    names = (b"Via", b"From", b"To", b"Call-ID", b"CSeq")
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")[1:]
    kept = [line for line in lines if line.partition(b":")[0] in names]
    return b"\r\n".join([b"SIP/2.0 " + status, *kept, b"Content-Length: 0", b"", b""])


def _unchanged(data: bytes, what: str) -> list[bytes]:
    return [data]


@contextmanager
def _running(proxy: _Proxy) -> Iterator[None]:
    thread = threading.Thread(target=proxy.serve)
    thread.start()
    try:
        yield
    finally:
        proxy.stop()
        thread.join()
        proxy.close()


def _run(calls: Path, change: Change, *arguments: str) -> tuple[int, dict[str, Any], list[bytes]]:
    proxy = _Proxy(change)
    with _running(proxy):
        done = subprocess.run(
            [str(calls), "--target", proxy.address, "--seconds", "20", *arguments],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
    assert not done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return done.returncode, result, proxy.seen


def test_calls_are_completed_and_each_has_its_own_identity(calls: Path) -> None:
    status, result, seen = _run(calls, _unchanged, "--count", "200", "--window", "7")
    assert result["first_wrong"] is None
    assert status == 0
    assert (result["begun"], result["completed"], result["refused"]) == (200, 200, {})
    assert result["lost"] == {"unanswered": 0, "accepted": 0}
    assert result["sent_again"] == {"invite": 0, "ok": 0, "bye": 0}
    assert (result["got_again"], result["late"]) == (0, 0)
    assert (result["without_100"], result["without_180"]) == (0, 0)
    for latency in result["latency_us"].values():
        assert 0 < latency["p50"] <= latency["p99"]
    branches = [
        re.findall(rb"branch=z9hG4bK([iky]\w+)", data)[0]
        for data in seen
        if not data.startswith(b"SIP/2.0")
    ]
    assert len(branches) == len(set(branches)) == 3 * 200


@pytest.mark.parametrize(
    ("of", "spoil", "words"),
    [
        ("INVITE", (b"Max-Forwards: 69", b"Max-Forwards: 70"), "no Max-Forwards"),
        ("INVITE", (b"INVITE sip:bob", b"INVITE sip:bo"), "another Request-URI"),
        ("INVITE", (b"branch=z9hG4bKi", b"branch=z9hG4bKj"), "other Vias"),
        ("INVITE", (b"Record-Route", b"X-Route"), "no Record-Route"),
        ("INVITE", (b"o=alice", b"o=alicf"), "another body"),
        ("INVITE", (b"From: ", b"From: x"), "another From"),
        ("INVITE", (b"To: ", b"To: x"), "another To"),
        ("INVITE", (b"@127", b"@128"), "another Call-ID"),
        ("INVITE", (b"Content-Length: ", b"Content-Length: 1"), "wrong Content-Length"),
        ("ACK", (b"From", b"Route: <sip:127.0.0.1;lr>\r\nFrom"), "a Route left"),
        ("ACK", (b"CSeq: 1", b"CSeq: 2"), "another CSeq"),
        ("BYE", (b";tag=b", b";tag=c"), "another To"),
        ("100 INVITE", (b"Via", b"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bK\r\nVia"), "Vias"),
        ("180 INVITE", (b"SIP/2.0 180", b"SIP/2.0 181"), "a status that the callee did not give"),
        ("200 INVITE", (b"Record-Route", b"X-Route"), "no Record-Route"),
        ("200 INVITE", (b"Contact: <sip:bob", b"Contact: <sip:rob"), "another Contact"),
        ("200 INVITE", (b"o=bob", b"o=rob"), "another body"),
        ("200 BYE", (b"CSeq: 2 BYE", b"CSeq: 3 BYE"), "a request that was not sent"),
        ("200 BYE", (b"SIP/2.0 200", b"SIP/2.0 099"), "no first line"),
    ],
)  # fmt: skip
def test_a_wrong_message_is_found(
    calls: Path, of: str, spoil: tuple[bytes, bytes], words: str
) -> None:
    """Once; the right one follows it, so that the call goes on."""
    spoiled: list[bytes] = []

    def change(data: bytes, what: str) -> list[bytes]:
        if what == of and not spoiled:
            # The Call-ID's host, not one of the addresses before it.
            at = data.index(b"Call-ID") if spoil[0] == b"@127" else 0
            spoiled.append(data[:at] + data[at:].replace(*spoil, 1))
            assert spoiled[0] != data
            return [spoiled[0], data]
        return [data]

    status, result, _ = _run(calls, change, "--count", "3", "--window", "1")
    assert status == 1
    assert result["wrong"] == 1
    assert words in result["first_wrong"]
    assert result["completed"] == 3


@pytest.mark.parametrize(
    ("of", "wrong", "again"),
    [
        ("INVITE", 0, {3}),  # the callee answers it twice, and is confirmed twice
        ("ACK", 1, {1}),
        ("BYE", 0, {1, 2}),  # the callee answers it twice, unless the call was over before
        ("100 INVITE", 1, {1}),
        ("180 INVITE", 1, {1}),
        ("200 INVITE", 1, {2}),
    ],
)
def test_what_comes_twice_is_counted(calls: Path, of: str, wrong: int, again: set[int]) -> None:
    doubled: list[bytes] = []

    def change(data: bytes, what: str) -> list[bytes]:
        if what == of and not doubled:
            doubled.append(data)
            return [data, data]
        return [data]

    _, result, _ = _run(calls, change, "--count", "3", "--window", "1")
    assert result["completed"] == 3
    assert result["wrong"] == wrong
    assert result["got_again"] + result["late"] in again


@pytest.mark.parametrize(
    ("of", "again"),
    [
        ("INVITE", {"invite": 1, "ok": 0, "bye": 0}),
        ("200 INVITE", {"invite": 0, "ok": 1, "bye": 0}),
        ("ACK", {"invite": 0, "ok": 1, "bye": 0}),
        ("BYE", {"invite": 0, "ok": 0, "bye": 1}),
        ("200 BYE", {"invite": 0, "ok": 0, "bye": 1}),
        ("180 INVITE", {"invite": 0, "ok": 0, "bye": 0}),
    ],
)
def test_what_is_lost_is_sent_again(calls: Path, of: str, again: dict[str, int]) -> None:
    lost: list[bytes] = []

    def change(data: bytes, what: str) -> list[bytes]:
        if of == "INVITE" and what == "100 INVITE":
            return []  # with it there would be no reason to send the INVITE again
        if what == of and not lost:
            lost.append(data)
            return []
        return [data]

    status, result, _ = _run(calls, change, "--count", "2", "--window", "1")
    assert status == 0
    assert (result["completed"], result["sent_again"]) == (2, again)
    assert result["without_180"] == (of == "180 INVITE")


def test_a_refused_call_is_confirmed_and_counted(calls: Path) -> None:
    def change(data: bytes, what: str) -> list[bytes]:
        if what == "100 INVITE":
            return [
                data.replace(b"100 Trying", b"503 No").replace(
                    b"example.com>\r", b"example.com>;tag=x\r"
                )
            ]
        return [] if what == "INVITE" else [data]

    status, result, seen = _run(calls, change, "--count", "2", "--window", "1")
    assert status == 1
    assert (result["completed"], result["refused"], result["wrong"]) == (0, {"503": 2}, 0)
    assert sum(data.startswith(b"ACK") for data in seen) == 2


@pytest.mark.parametrize(
    ("of", "lost"),
    [
        ("INVITE", {"unanswered": 1, "accepted": 0}),
        ("200 INVITE", {"unanswered": 1, "accepted": 0}),
        ("BYE", {"unanswered": 0, "accepted": 1}),
        ("ACK", {"unanswered": 0, "accepted": 1}),
    ],
)
def test_a_lost_call_is_counted_by_whether_it_was_accepted(
    calls: Path, of: str, lost: dict[str, int]
) -> None:
    def change(data: bytes, what: str) -> list[bytes]:
        return [] if what == of else [data]

    status, result, _ = _run(calls, change, "--count", "1", "--timeout", "0.2")
    assert status == 1
    assert result["lost"] == lost


def test_a_rate_is_kept_and_what_the_window_forbids_is_counted(calls: Path) -> None:
    status, result, _ = _run(calls, _unchanged, "--rate", "200", "--seconds", "0.5")
    assert status == 0
    assert 80 <= result["begun"] <= 100

    def nothing(data: bytes, what: str) -> list[bytes]:
        return []

    arguments = ("--rate", "200", "--window", "3", "--seconds", "0.3", "--timeout", "0.6")
    _, result, _ = _run(calls, nothing, *arguments)
    assert result["begun"] == 3
    assert 40 <= result["not_offered"] + result["begun"] <= 60
