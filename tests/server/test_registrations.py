"""Registrations survive a server that is killed, as a phone sees it."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.server_process import SIPWAY, ask, header, request, running, status_line

_SCRIPT = """
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
request_route {
    if ($rm == "REGISTER") { save("location"); exit; }
    if ($rm == "OPTIONS") { sl_send_reply("200", "OK"); exit; }
    if (lookup("location")) { sl_send_reply("480", "At $ru"); }
    else { sl_send_reply("404", "Not Found"); }
}
"""


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "script.cfg"
    path.write_text(_SCRIPT)
    return path


def _command(script: Path, port: int, state: Path) -> list[str]:
    return [*SIPWAY, "run", str(script), "-l", f"udp:127.0.0.1:{port}", "--state-dir", str(state)]


def _register(port: int, user: str, server: subprocess.Popen[bytes]) -> str:
    text = request("REGISTER", "sip:127.0.0.1").replace(
        "To: <sip:127.0.0.1>", f"To: <sip:{user}@x>"
    )
    return ask(port, text.replace("sip:alice@127.0.0.1:9", f"sip:{user}@192.0.2.7"), server)


def test_a_killed_server_forgets_nobody(script: Path, tmp_path: Path) -> None:
    port, state = free_port(), tmp_path / "state"
    with running(_command(script, port, state), tmp_path / "log1") as server:
        for number in range(50):
            reply = _register(port, f"user{number}", server)
            assert status_line(reply) == "200 OK"
        server.send_signal(signal.SIGKILL)
        server.wait()
    with running(_command(script, port, state), tmp_path / "log2") as server:
        for number in range(50):
            reply = ask(port, request("INVITE", f"sip:user{number}@x"), server)
            assert status_line(reply) == f"480 At sip:user{number}@192.0.2.7"
        reply = ask(port, request("INVITE", "sip:user50@x"), server)
        assert status_line(reply) == "404 Not Found"
        assert header(_register(port, "user1", server), "Contact") is not None
    assert "made anew" not in (tmp_path / "log2").read_text()


def test_a_second_server_in_the_same_place_says_what_to_do(script: Path, tmp_path: Path) -> None:
    port, state = free_port(), tmp_path / "state"
    with running(_command(script, port, state), tmp_path / "log1") as server:
        assert status_line(ask(port, request("OPTIONS", "sip:x"), server)) == "200 OK"
        done = subprocess.run(
            _command(script, free_port(), state),
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        assert f"in use by process {server.pid}" in done.stderr
        assert "--state-dir" in done.stderr
        assert status_line(ask(port, request("OPTIONS", "sip:x"), server)) == "200 OK"


def test_what_needs_no_store_opens_none(tmp_path: Path) -> None:
    path = tmp_path / "script.cfg"
    path.write_text('loadmodule "sl.so"\nrequest_route { sl_send_reply("200", "OK"); }\n')
    port, state = free_port(), tmp_path / "state"
    with running(_command(path, port, state), tmp_path / "log") as server:
        assert status_line(ask(port, request("OPTIONS", "sip:x"), server)) == "200 OK"
    assert not state.exists()
