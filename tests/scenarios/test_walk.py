"""The walk of the README: start it, add two users, register two phones, call."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.ports import free_port
from tests.scenarios.baresip import Phone, phone
from tests.scenarios.complaints import complaints
from tests.server_process import SIPWAY, ask, request, running, status_line

needs_baresip = pytest.mark.skipif(
    shutil.which("baresip") is None, reason="baresip is not installed"
)


class _Lan:
    """The server with the script that comes with it, and phones around it."""

    def __init__(self, folder: Path, *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.log = folder / "log"
        self._stack = ExitStack()
        self._ports = [self.port]
        command = [*SIPWAY, "run", "-l", f"udp:127.0.0.1:{self.port}", *options]
        command += ["--state-dir", str(folder / "state"), "--run-dir", "none"]
        self.server = self._stack.enter_context(running(command, self.log))
        ask(self.port, request("OPTIONS", "sip:127.0.0.1"), self.server)  # it is up

    def phone(self, name: str, password: str | None = None, *, answers: bool = False) -> Phone:
        """A phone that registers."""
        port = free_port(with_next=True)
        return self._stack.enter_context(
            phone(
                name,
                self.folder,
                self.port,
                port=port,
                hertz=440,
                answers=answers,
                registers=300,
                password=password,
            )
        )

    def close(self) -> None:
        self._stack.close()


@contextmanager
def _lan(folder: Path, *options: str) -> Iterator[_Lan]:
    made = _Lan(folder, *options)
    try:
        yield made
    finally:
        made.close()


def _calls(lan: _Lan, alice: Phone, bob: Phone) -> None:
    alice.command("dial", f"sip:bob@127.0.0.1:{lan.port}")
    for each in (alice, bob):
        each.wait_for("CALL_ESTABLISHED")
    bob.command("hangup")
    for each in (alice, bob):
        each.wait_for("CALL_CLOSED")


@needs_baresip
def test_two_phones_call_each_other_by_name(tmp_path: Path) -> None:
    with _lan(tmp_path) as lan:
        alice, bob = lan.phone("alice"), lan.phone("bob", answers=True)
        for each in (alice, bob):
            each.wait_until_said("[1 binding]")
        _calls(lan, alice, bob)
    assert complaints(lan.log.read_text("utf-8", "replace")) == []


def _add_user(state: Path, name: str, password: str) -> None:
    subprocess.run(
        [*SIPWAY, "user", "add", f"{name}@lan"],
        input=f"{password}\n",
        text=True,
        check=True,
        env={**os.environ, "SIPWAY_STATE_DIR": str(state)},
        timeout=30,
        capture_output=True,
    )


@needs_baresip
def test_with_passwords(tmp_path: Path) -> None:
    state = tmp_path / "state"
    subprocess.run(
        [*SIPWAY, "db", "create"],
        check=True,
        env={**os.environ, "SIPWAY_STATE_DIR": str(state)},
        timeout=30,
        capture_output=True,
    )
    _add_user(state, "alice", "wonder")
    _add_user(state, "bob", "builder")
    with _lan(tmp_path, "-A", "WITH_AUTH") as lan:
        alice, bob = lan.phone("alice", "wonder"), lan.phone("bob", "builder", answers=True)
        for each in (alice, bob):
            each.wait_until_said("[1 binding]")
        mallory = lan.phone("mallory", "guess")
        mallory.wait_until_said("401 Unauthorized")
        _calls(lan, alice, bob)
        # Nobody calls without a password, nor in somebody else's name.
        answer = ask(lan.port, request("INVITE", "sip:bob@127.0.0.1"), lan.server)
        assert status_line(answer) == "407 Proxy Authentication Required"
        # Nor by saying that it belongs to a call that is there already.
        route = f"Route: <sip:127.0.0.1:{lan.port};lr>"
        forged = request("INVITE", "sip:9001@192.0.2.1", route, to_tag="forged")
        assert status_line(ask(lan.port, forged, lan.server)) == "407 Proxy Authentication Required"
    assert complaints(lan.log.read_text("utf-8", "replace")) == []


@pytest.mark.parametrize("defines", [(), ("-A", "WITH_AUTH", "-A", 'DBURL="sqlite:///tmp/x"')])
def test_the_script_is_kamailio_s_too(defines: tuple[str, ...], tmp_path: Path) -> None:
    if shutil.which("kamailio") is None:
        pytest.skip("kamailio is not installed")
    script = Path(__file__).parents[2] / "src" / "sipway" / "data" / "default.cfg"
    done = subprocess.run(
        ["kamailio", "-c", "-f", str(script), *defines],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
