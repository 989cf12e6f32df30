"""Calls made by sipp, a program that tests SIP servers, against a running server."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.server_process import SIPWAY, ask, request, running, sipway_command

HERE = Path(__file__).parent
CALLS = 300

pytestmark = pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp is not installed")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """Port and log of a server that runs `server.cfg`."""
    port, log = free_port(), tmp_path / "log"
    with running(sipway_command(HERE / "server.cfg", port), log) as process:
        ask(port, request("OPTIONS", "sip:ready@127.0.0.1"), process)
        yield port, log


@pytest.fixture
def server_over_both(tmp_path: Path) -> Iterator[int]:
    """Port of a server that runs `server.cfg` over UDP and TCP."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [*SIPWAY, "run", str(HERE / "server.cfg"), "-l", f"127.0.0.1:{port}"]
    with running(command, tmp_path / "log") as process:
        ask(port, request("OPTIONS", "sip:ready@127.0.0.1"), process)
        yield port


def calls(port: int, scenario: str, folder: Path, *more: str) -> str:
    """Make the calls; sipp's last screen. It exits with 0 only if every call went as written."""
    done = subprocess.run(
        [
            "sipp", f"127.0.0.1:{port}", "-sf", str(HERE / scenario), "-i", "127.0.0.1",
            "-p", str(free_port()), "-m", str(CALLS), "-r", "500", "-nostdin", "-timeout", "30",
            "-timeout_error", *more,
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


@pytest.mark.parametrize("scenario", ["options.xml", "rejected_call.xml"])
def test_every_call_goes_as_written(
    scenario: str, server: tuple[int, Path], tmp_path: Path
) -> None:
    screen = calls(server[0], scenario, tmp_path)
    assert re.search(rf"Successful call *\| *\d+ *\| *{CALLS} ", screen)
    assert re.search(r"Failed call *\| *\d+ *\| *0 ", screen)


@pytest.mark.parametrize("transport", ["t1", "tn"])
@pytest.mark.parametrize("scenario", ["options.xml", "rejected_call.xml"])
def test_every_call_goes_as_written_over_tcp(
    scenario: str, transport: str, server_over_both: int, tmp_path: Path
) -> None:
    """t1: one connection for all calls; tn: one for each."""
    screen = calls(server_over_both, scenario, tmp_path, "-t", transport, "-max_socket", "500")
    assert re.search(rf"Successful call *\| *\d+ *\| *{CALLS} ", screen)
    assert re.search(r"Failed call *\| *\d+ *\| *0 ", screen)


def test_acks_to_our_replies_do_not_reach_the_script(
    server: tuple[int, Path], tmp_path: Path
) -> None:
    port, log = server
    calls(port, "rejected_call.xml", tmp_path)
    assert "an ACK came through" not in log.read_text()
