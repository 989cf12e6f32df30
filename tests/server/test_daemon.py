"""Going to the background, and pid files."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from sipway.errors import ConfigError
from sipway.server.daemon import PidFile

# Each program goes to the background, and prints what into_background() returned to the parent.
_HEAD: Final = """
import os, sys
from sipway.server.daemon import into_background
where = sys.argv[1]
"""
_FOOT: Final = """
keep = len(sys.argv) > 2
print("parent got", into_background(serve, keep_stderr=keep), flush=True)
"""


def _run(tmp_path: Path, serve: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run ``serve`` as a daemon. Ends when parent and daemon have let go of the streams."""
    return subprocess.run(
        [sys.executable, "-c", _HEAD + serve + _FOOT, str(tmp_path / "said"), *more],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def _said(tmp_path: Path) -> str:
    """What the daemon left behind; waits on the pipe that it held open until it ended."""
    with (tmp_path / "said").open() as fifo:
        return fifo.read()


def test_the_parent_returns_when_the_daemon_is_ready(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "said")
    done = _run(
        tmp_path,
        """
def serve(ready):
    ready()
    print("nobody reads this")
    print("nor this", file=sys.stderr)
    with open(where, "w") as fifo:          # the parent has long returned: it reads this
        fifo.write(f"{os.getsid(0) != os.getpid()} {os.path.realpath('/proc/self/fd/2')}")
    return 0
""",
    )
    assert done.returncode == 0
    assert (done.stdout, done.stderr) == ("parent got 0\n", "")
    assert _said(tmp_path) == "True /dev/null"


def test_the_reason_and_the_status_of_a_failure_reach_the_parent(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        """
def serve(ready):
    print("the port is taken", file=sys.stderr)
    return 3
""",
    )
    assert (done.stdout, done.stderr) == ("parent got 3\n", "the port is taken\n")


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), 9)", "return 0"])
def test_an_end_before_it_was_ready_is_a_failure(tmp_path: Path, end: str) -> None:
    assert _run(tmp_path, f"def serve(ready): {end}\n").stdout == "parent got 1\n"


def test_an_exception_is_shown_once_and_stays_in_the_child(tmp_path: Path) -> None:
    done = _run(tmp_path, "def serve(ready): raise RuntimeError('broken')\n")
    assert done.stdout == "parent got 1\n"
    assert done.stderr.count("RuntimeError: broken") == 1


def test_standard_error_can_stay(tmp_path: Path) -> None:
    done = _run(
        tmp_path,
        """
def serve(ready):
    ready()
    print("still heard", file=sys.stderr)
    return 0
""",
        "keep",
    )
    assert done.stderr == "still heard\n"


def test_pid_file(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text("4194305, left by a longer run\n")
    file = PidFile(path)
    file.check()
    file.open()
    file.write(os.getpid())
    assert path.read_text() == f"{os.getpid()}\n"
    file.check()
    file.remove()
    assert not path.exists()


def test_pid_file_that_was_never_opened_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text("1\n")
    PidFile(path).remove()
    assert path.exists()


def test_pid_file_of_a_running_process(tmp_path: Path) -> None:
    path = tmp_path / "pid"
    path.write_text(f"{os.getppid()}\n")
    with pytest.raises(ConfigError, match=f"process {os.getppid()} is running"):
        PidFile(path).check()


@pytest.mark.parametrize("text", ["", "garbage", "0", "-1", "gone"])
def test_pid_file_left_behind(tmp_path: Path, text: str) -> None:
    if text == "gone":
        with subprocess.Popen(["true"]) as process:
            process.wait()
        text = str(process.pid)
    path = tmp_path / "pid"
    path.write_text(text)
    PidFile(path).check()


def test_pid_file_that_cannot_be_written(tmp_path: Path) -> None:
    file = PidFile(tmp_path / "missing" / "pid")
    with pytest.raises(ConfigError, match="cannot write"):
        file.open()
    file.remove()
