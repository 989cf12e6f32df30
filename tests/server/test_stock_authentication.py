"""Kamailio's own script with WITH_AUTH checks and runs, its users in a database of SQLite."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path

import pytest

from tests import subscribers
from tests.compat.authenticating import answer, challenges
from tests.compat.flow import Incoming
from tests.ports import HOST, free_port
from tests.server_process import SIPWAY, ask, request, running

_STOCK = Path("/etc/kamailio/kamailio.cfg")
_DOMAIN = "r.example"
_URI = f"sip:{_DOMAIN}"

pytestmark = pytest.mark.skipif(
    not _STOCK.exists(), reason="Kamailio's own script is not installed"
)


def _script(folder: Path) -> Path:
    database = folder / "users.sqlite"
    subscribers.make(
        database, [("alice", _DOMAIN, "secret", None), ("bob", _DOMAIN, "other", None)]
    )
    script = folder / "script.cfg"
    script.write_text(
        "#!KAMAILIO\n#!define WITH_AUTH\n"
        f'#!define DBURL "sqlite://{database}"\n'
        f'alias="{_DOMAIN}"\nloadmodule "db_sqlite.so"\ninclude_file "{_STOCK}"\n'
    )
    return script


def test_it_checks(tmp_path: Path) -> None:
    done = subprocess.run(
        [*SIPWAY, "check", str(_script(tmp_path))],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_runs(tmp_path: Path) -> None:
    port = free_port()
    command = [*SIPWAY, "run", str(_script(tmp_path)), "-l", f"udp:{HOST}:{port}"]
    with (
        running(command, tmp_path / "log") as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
    ):
        ask(port, request("OPTIONS", _URI), server)  # it is up
        phone.bind((HOST, 0))
        phone.settimeout(10)

        def send(method: str, user: str, *lines: str, contact: str = "") -> Incoming:
            mine = phone.getsockname()[1]
            head = "".join(f"{line}\r\n" for line in lines)
            phone.sendto(
                f"{method} {_URI} SIP/2.0\r\n"
                f"Via: SIP/2.0/UDP {HOST}:{mine};branch=z9hG4bK-{len(seen)}\r\n"
                f"From: <sip:{user}@{_DOMAIN}>;tag=1\r\nTo: <sip:{contact or user}@{_DOMAIN}>\r\n"
                f"Call-ID: {len(seen)}\r\nCSeq: {len(seen) + 1} {method}\r\nMax-Forwards: 70\r\n"
                f"User-Agent: phone\r\nContact: <sip:{user}@{HOST}:{mine}>\r\n{head}"
                "Content-Length: 0\r\n\r\n".encode(),
                (HOST, port),
            )
            found = Incoming(phone.recv(65535).decode())
            while found.what == "100":
                found = Incoming(phone.recv(65535).decode())
            seen.append(found)
            return found

        seen: list[Incoming] = []
        asked = send("REGISTER", "alice")
        assert asked.what == "401"
        found = challenges(asked)[0]
        assert found["realm"] == _DOMAIN

        def credentials(user: str, password: str) -> str:
            line = answer(found, "REGISTER", _URI, user, password, header="Authorization")
            return line.rstrip()

        assert send("REGISTER", "alice", credentials("alice", "wrong")).what == "401"
        assert send("REGISTER", "alice", credentials("bob", "other")).what == "401"
        assert send("REGISTER", "alice", credentials("bob", "other"), contact="bob").what == "401"
        assert send("REGISTER", "alice", credentials("alice", "secret")).what == "200"
        assert send("MESSAGE", "alice").what == "407"
