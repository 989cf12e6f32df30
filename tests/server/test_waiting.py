"""Routes that wait, in a server that runs: what comes meanwhile is answered first.

A route waits by a command that reads from a pipe, so it ends when the test says so; what is
measured is the order of replies, never the time.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pytest

from tests.ports import free_port
from tests.server_process import (
    ask,
    header,
    request,
    running,
    sipway_command,
    status_line,
)

PATIENCE: Final = 15.0


@pytest.fixture
def pipe(tmp_path: Path) -> Path:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    return path


@pytest.fixture
def other(tmp_path: Path) -> Path:
    path = tmp_path / "other"
    os.mkfifo(path)
    return path


def let_go(pipe: Path) -> None:
    """End the command that reads from the pipe; waits until one does."""
    pipe.write_text("go\n")


class Client:
    """Sends to a server, and hears what it sends back, in order."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.connect(("127.0.0.1", port))
        self._socket.settimeout(PATIENCE)
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        self._socket.close()

    def send(self, message: str) -> str:
        """Send; returns the Call-ID, by which its reply is known."""
        self._socket.send(message.encode())
        call_id = header(message, "Call-ID")
        assert call_id is not None
        return call_id

    def options(self, user: str) -> str:
        return self.send(request("OPTIONS", f"sip:{user}@127.0.0.1"))

    def hear(self) -> str:
        return self._socket.recv(65_536).decode()

    def hear_of(self) -> str | None:
        return header(self.hear(), "Call-ID")


@contextmanager
def served(script: str, folder: Path) -> Iterator[Client]:
    """A client of a server that runs this script, whose output goes to `log`."""
    path, port = folder / "a.cfg", free_port()
    path.write_text(f'loadmodule "sl.so"\nloadmodule "xlog.so"\n{script}')
    with served_by(sipway_command(path, port), port, folder) as client:
        yield client


@contextmanager
def served_by(command: list[str], port: int, folder: Path) -> Iterator[Client]:
    with running(command, folder / "log") as server:
        ask(port, request("OPTIONS", "sip:first@127.0.0.1"), server)
        client = Client(port)
        try:
            yield client
        finally:
            client.close()


def test_a_command_holds_up_nobody_else(tmp_path: Path, pipe: Path) -> None:
    script = f"""
        request_route {{
            if ($rU == "slow") {{ exec("read line < {pipe}"); }}
            sl_send_reply("200", "OK");
        }}"""
    with served(script, tmp_path) as client:
        slow = client.options("slow")
        for number in range(20):
            quick = client.options(f"quick{number}")
            assert client.hear_of() == quick
        let_go(pipe)
        assert client.hear_of() == slow


def test_several_commands_wait_at_once_and_each_ends_by_itself(
    tmp_path: Path, pipe: Path, other: Path
) -> None:
    script = f"""
        request_route {{
            if ($rU == "one") {{ exec("read line < {pipe}"); }}
            if ($rU == "two") {{ exec("read line < {other}"); }}
            sl_send_reply("200", "$rU");
        }}"""
    with served(script, tmp_path) as client:
        one, two = client.options("one"), client.options("two")
        let_go(other)
        assert client.hear_of() == two
        let_go(pipe)
        assert client.hear_of() == one


def test_a_server_that_is_told_to_end_does_not_wait_for_a_command(
    tmp_path: Path, pipe: Path
) -> None:
    script = f"""
        request_route {{
            if ($rU == "slow") {{ exec("read line < {pipe}"); }}
            sl_send_reply("200", "OK");
        }}"""
    path, port = tmp_path / "a.cfg", free_port()
    path.write_text(f'loadmodule "sl.so"\n{script}')
    with running(sipway_command(path, port), tmp_path / "log") as server:
        ask(port, request("OPTIONS", "sip:first@127.0.0.1"), server)
        client = Client(port)
        client.options("slow")
        quick = client.options("quick")
        assert client.hear_of() == quick  # so the slow one waits by now
        client.close()
        server.terminate()
        assert server.wait(PATIENCE) == 0


def _reply_to(client: Client, port: int, code: int) -> str:
    """A reply that came to the server, on its way to the client."""
    lines = [
        f"SIP/2.0 {code} Fine",
        f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-ours",
        f"Via: SIP/2.0/UDP 127.0.0.1:{client.port};branch=z9hG4bK-theirs",
        "From: <sip:alice@example.org>;tag=a1",
        "To: <sip:bob@example.org>;tag=b1",
        f"Call-ID: reply-{code}",
        "CSeq: 1 INVITE",
        "Content-Length: 0",
    ]
    return "\r\n".join([*lines, "", ""])


def test_a_reply_route_that_waits_sends_the_reply_on_afterwards(
    tmp_path: Path, pipe: Path, other: Path
) -> None:
    script = f"""
        request_route {{ sl_send_reply("200", "OK"); }}
        reply_route {{
            if ($rs == 183) {{ exec("read line < {pipe}"); }}
            if ($rs == 180) {{ exec("read line < {other}"); drop; }}
        }}"""
    with served(script, tmp_path) as client:
        port = client._socket.getpeername()[1]
        waiting = client.send(_reply_to(client, port, 183))
        quick = client.options("quick")
        assert client.hear_of() == quick
        passed = client.send(_reply_to(client, port, 181))
        assert client.hear_of() == passed
        let_go(pipe)
        reply = client.hear()
        assert header(reply, "Call-ID") == waiting
        assert status_line(reply) == "183 Fine"
        via = f"SIP/2.0/UDP 127.0.0.1:{client.port};branch=z9hG4bK-theirs"
        assert header(reply, "Via") == via
        # One that is dropped after its wait goes nowhere: what ends its wait later is heard first.
        client.send(_reply_to(client, port, 180))
        let_go(other)
        later = client.send(_reply_to(client, port, 183))
        let_go(pipe)
        assert client.hear_of() == later


@pytest.mark.parametrize(
    ("mode", "lines"),
    [
        (0, ["[slow 0] before", "[quick 0] before", "[quick 0] after", "[slow 0] after"]),
        (1, ["[slow 1] before", "[quick 1] before", "[quick 2] after", "[slow 2] after"]),
    ],
)
def test_each_message_keeps_its_log_prefix_while_another_waits(
    tmp_path: Path, pipe: Path, mode: int, lines: list[str]
) -> None:
    script = f"""
        log_prefix="[$rU $var(step)] "
        log_prefix_mode={mode}
        request_route {{
            if ($rU == "first") {{ sl_send_reply("200", "OK"); exit; }}
            $var(step) = 1;
            xlog("L_ERR", "before\\n");
            if ($rU == "slow") {{ exec("read line < {pipe}"); }}
            $var(step) = 2;
            xlog("L_ERR", "after\\n");
            sl_send_reply("200", "OK");
        }}"""
    with served(script, tmp_path) as client:
        slow, quick = client.options("slow"), client.options("quick")
        assert client.hear_of() == quick
        let_go(pipe)
        assert client.hear_of() == slow
    said = (tmp_path / "log").read_text().splitlines()
    found = [line[line.index("[") :] for line in said if "<script>: " in line]
    assert [line.replace("<script>: ", "") for line in found] == lines


FAULTY: Final = """
import asyncio, sys
from sipway.cli.main import main
from sipway.core.functions import core

@core.function("fails_after_a_wait", may_wait=True)
async def fails_after_a_wait(ctx) -> int:
    await asyncio.sleep(0)
    raise RuntimeError("a fault of this function")

sys.exit(main(sys.argv[1:]))
"""
"""A server with one function more, which no script's author could have written so badly."""


def test_a_fault_after_a_wait_is_answered_with_500_and_the_next_request_served(
    tmp_path: Path,
) -> None:
    path, port = tmp_path / "a.cfg", free_port()
    path.write_text(
        'loadmodule "sl.so"\nrequest_route {\n    if ($rU == "bad") { fails_after_a_wait(); }\n'
        '    sl_send_reply("200", "OK");\n}\n'
        "reply_route { fails_after_a_wait(); }\n"
    )
    command = [sys.executable, "-c", FAULTY, *sipway_command(path, port)[3:], "--no-cache"]
    with served_by(command, port, tmp_path) as client:
        bad = client.options("bad")
        reply = client.hear()
        assert (header(reply, "Call-ID"), status_line(reply)) == (bad, "500 Server Internal Error")
        client.send(_reply_to(client, port, 183))  # nobody is told of that, and it goes nowhere
        good = client.options("good")
        reply = client.hear()
        assert (header(reply, "Call-ID"), status_line(reply)) == (good, "200 OK")
    log = (tmp_path / "log").read_text()
    assert log.count("RuntimeError: a fault of this function") == 2
    assert f'File "{path}", line 3' in log
