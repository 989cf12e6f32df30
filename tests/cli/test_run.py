"""The server as it is started from a shell: by ``run``, and as Kamailio is started."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from tests.ports import free_port
from tests.server_process import (
    SIPWAY,
    ask,
    kamailio_command,
    needs_kamailio,
    request,
    running,
    sipway_command,
    status_line,
)

_ANSWER: Final = 'loadmodule "sl.so"\nrequest_route { sl_send_reply("501", "Not Here"); exit; }\n'
_MISTAKE: Final = _ANSWER.replace('"Not Here");', '"Not Here")')


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "answer.cfg"
    path.write_text(_ANSWER)
    return path


@pytest.fixture
def mistake(tmp_path: Path) -> Path:
    path = tmp_path / "mistake.cfg"
    path.write_text(_MISTAKE)
    return path


def _run(arguments: Iterable[object]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIPWAY, *map(str, arguments)], capture_output=True, text=True, timeout=30, check=False
    )


def _options() -> str:
    return request("OPTIONS", "sip:127.0.0.1")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_run_says_what_it_does_and_ends_cleanly(
    script: Path, tmp_path: Path, number: signal.Signals
) -> None:
    port = free_port()
    log = tmp_path / "log"
    with running(sipway_command(script, port), log) as server:
        assert status_line(ask(port, _options(), server)) == "501 Not Here"
        server.send_signal(number)
        assert server.wait(10) == 0
    lines = log.read_text().splitlines()
    text = "\n".join(lines)
    assert str(script) in text
    assert f"udp:127.0.0.1:{port}" in text
    assert f"ping udp:127.0.0.1:{port}" in text
    assert "compiled" in lines[0]
    assert lines[-1] == "sipway has ended."
    assert "Traceback" not in text
    assert "\x1b" not in text


def test_run_without_a_script(tmp_path: Path) -> None:
    port = free_port()
    command = [*SIPWAY, "run", "-l", f"udp:127.0.0.1:{port}"]
    with running(command, tmp_path / "log") as server:
        assert status_line(ask(port, _options(), server)) == "200 OK"
        pinged = _run(["ping", f"udp:127.0.0.1:{port}"])
    assert pinged.returncode == 0
    assert pinged.stdout.startswith("SIP/2.0 200 OK ")


def test_run_a_script_with_a_mistake(mistake: Path) -> None:
    done = _run(["run", mistake, "-l", f"udp:127.0.0.1:{free_port()}"])
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"{mistake}:2:" in done.stderr
    assert done.stderr.count("error[") == 1


@pytest.mark.parametrize("command", ["run", "check"])
def test_a_script_that_is_not_there(command: str, tmp_path: Path) -> None:
    done = _run([command, tmp_path / "missing.cfg"])
    assert done.returncode == 1
    assert "missing.cfg" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr


def test_run_where_it_cannot_bind(script: Path) -> None:
    done = _run(["run", script, "-l", "udp:192.0.2.1:5060"])  # RFC 5737: nobody has that address
    assert done.returncode == 1
    assert "192.0.2.1" in done.stderr
    assert "Traceback" not in done.stderr


def test_check(script: Path, mistake: Path) -> None:
    fine = _run(["check", script])
    assert (fine.returncode, fine.stdout) == (0, f"{script}: no errors\n")
    wrong = _run(["check", mistake])
    assert wrong.returncode == 1
    assert f"{mistake}:2:" in wrong.stdout


def test_check_as_json(script: Path, mistake: Path) -> None:
    fine = _run(["check", "--json", script])
    assert fine.returncode == 0
    assert json.loads(fine.stdout)["errors"] == 0
    wrong = _run(["check", "--json", mistake])
    assert wrong.returncode == 1
    report = json.loads(wrong.stdout)
    assert report["errors"] == 1
    assert report["diagnostics"][0]["line"] == 2


def test_check_the_script_that_is_built_in() -> None:
    script = Path(__file__).parents[2] / "src" / "sipway" / "data" / "default.cfg"
    done = _run(["check", script])
    assert (done.returncode, done.stdout) == (0, f"{script}: no errors\n")


@pytest.mark.parametrize(
    "program",
    [
        pytest.param(SIPWAY, id="sipway"),
        pytest.param(("kamailio",), id="kamailio", marks=needs_kamailio),
    ],
)
def test_config_file_ok(program: tuple[str, ...], script: Path, mistake: Path) -> None:
    def check(path: Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*program, "-c", "-f", path], capture_output=True, text=True, timeout=30, check=False
        )

    fine = check(script)
    assert fine.returncode == 0
    assert "config file ok" in fine.stderr
    wrong = check(mistake)
    assert wrong.returncode != 0
    assert "config file ok" not in wrong.stderr


def _wait_until_gone(pid: int) -> None:
    ends = time.monotonic() + 10
    while time.monotonic() < ends:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {pid} is still there")


def test_as_a_service_file_starts_it(script: Path, tmp_path: Path) -> None:
    port = free_port()
    pid_file = tmp_path / "pid"
    more = ["-Y", str(tmp_path), "-w", str(tmp_path), "-P", str(pid_file), "-x", "tlsf"]
    command = [*SIPWAY, *kamailio_command(script, port, *more)[1:]]
    with running(command, tmp_path / "log") as server:
        assert status_line(ask(port, _options(), server)) == "501 Not Here"
        assert int(pid_file.read_text()) == server.pid
        server.terminate()
        assert server.wait(10) == 0
    assert not pid_file.exists()


def test_in_the_background(script: Path, tmp_path: Path) -> None:
    port = free_port()
    pid_file = tmp_path / "pid"
    listen = ["-l", f"udp:127.0.0.1:{port}", "-w", tmp_path]
    started = _run(["-f", script, *listen, "-P", pid_file])
    assert started.returncode == 0, started.stderr
    pid = int(pid_file.read_text())
    try:
        # The sockets are bound when the parent returns: one datagram, sent once, is answered.
        assert status_line(ask(port, _options())) == "501 Not Here"
        second = _run(["-f", script, *listen, "-P", pid_file])
        assert second.returncode == 1
        assert f"process {pid} is running" in second.stderr
    finally:
        os.kill(pid, signal.SIGTERM)
    _wait_until_gone(pid)
    assert not pid_file.exists()


def test_in_the_background_where_it_cannot_bind(script: Path, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    done = _run(["-f", script, "-l", "udp:192.0.2.1:5060", "-P", pid_file])
    assert done.returncode == 1
    assert "192.0.2.1" in done.stderr
    assert not pid_file.exists()


def test_in_the_background_with_a_mistake(mistake: Path, tmp_path: Path) -> None:
    pid_file = tmp_path / "pid"
    done = _run(["-f", mistake, "-l", f"udp:127.0.0.1:{free_port()}", "-P", pid_file])
    if pid_file.exists():
        os.kill(int(pid_file.read_text()), signal.SIGTERM)
    assert done.returncode == 1
    assert done.stderr.count("error[") == 1


def test_fork_no_stays_in_the_foreground(script: Path, tmp_path: Path) -> None:
    script.write_text(f"fork=no\nlog_stderror=yes\n{_ANSWER}")
    port = free_port()
    command = [*SIPWAY, "-f", str(script), "-l", f"udp:127.0.0.1:{port}"]
    with running(command, tmp_path / "log") as server:
        assert status_line(ask(port, _options(), server)) == "501 Not Here"


def test_an_unknown_user(script: Path) -> None:
    listen = f"udp:127.0.0.1:{free_port()}"
    done = _run(["-f", script, "-DD", "-E", "-l", listen, "-u", "nobody-of-that-name"])
    assert done.returncode == 1
    assert "nobody-of-that-name" in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="not root: cannot become another user")
def test_another_user(script: Path, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    port = free_port()
    command = [*SIPWAY, "-f", str(script), "-DD", "-E", "-l", f"udp:127.0.0.1:{port}"]
    with running([*command, "-u", "65534", "-g", "65534"], tmp_path / "log") as server:
        ask(port, _options(), server)
        status = Path(f"/proc/{server.pid}/status").read_text()
    ids = {line.split()[0]: line.split()[1:] for line in status.splitlines() if "id:" in line}
    assert ids["Uid:"] == ids["Gid:"] == ["65534"] * 4


def test_a_module_started_with_python_is_the_same_command(script: Path) -> None:
    console = Path(sys.executable).with_name("sipway")
    if not console.exists():
        pytest.fail("the command `sipway` is not installed beside this Python")
    done = subprocess.run([console, "check", script], capture_output=True, timeout=30, check=False)
    assert done.returncode == 0
