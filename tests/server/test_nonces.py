"""Nonces survive a server that is killed, and those that were used stay used."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import pytest

from tests.compat.authenticating import REALM, answer, challenges
from tests.compat.flow import Incoming
from tests.ports import free_port
from tests.server_process import SIPWAY, ask, request, running, status_line

_SCRIPT = f"""
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "auth.so"
{{parameters}}
request_route {{{{
    $var(r) = pv_www_authenticate("{REALM}", "secret", "0");
    if ($var(r) < 0) {{{{ www_challenge("{REALM}", "1"); exit; }}}}
    sl_send_reply("200", "OK");
}}}}
"""
_URI = "sip:x@r.example"
_COUNTED = 'modparam("auth", "nonce_count", 1) modparam("auth", "qop", "auth")'


@pytest.mark.parametrize(("parameters", "again"), [("", "200 OK"), (_COUNTED, "401 Unauthorized")])
def test_a_killed_server_knows_its_nonces(tmp_path: Path, parameters: str, again: str) -> None:
    script, port = tmp_path / "script.cfg", free_port()
    script.write_text(_SCRIPT.format(parameters=parameters))
    command = [*SIPWAY, "run", str(script), "-l", f"udp:127.0.0.1:{port}"]
    command += ["--state-dir", str(tmp_path / "state")]

    def asked(server: subprocess.Popen[bytes], *lines: str) -> str:
        return ask(port, request("OPTIONS", _URI, *lines), server)

    def answered(found: dict[str, str]) -> str:
        return answer(found, "OPTIONS", _URI, qop="auth", header="Authorization").rstrip()

    with running(command, tmp_path / "log1") as server:
        used, unused = (answered(challenges(Incoming(asked(server)))[0]) for _ in range(2))
        assert status_line(asked(server, used)) == "200 OK"
        server.send_signal(signal.SIGKILL)
        server.wait()
    with running(command, tmp_path / "log2") as server:
        assert status_line(asked(server, used)) == again
        assert status_line(asked(server, unused)) == "200 OK"
