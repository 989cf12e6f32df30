"""A server that a test has started is gone after it, whatever its processes do."""

from __future__ import annotations

import time
from pathlib import Path

from tests.compat.servers import running
from tests.ports import free_port


def _is_there(number: str) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_no_process_of_a_server_outlives_it(tmp_path: Path) -> None:
    """Also one that takes no notice of SIGTERM, and whose parent has ended."""
    told = tmp_path / "child"
    code = f"(trap '' TERM; exec sleep 600) & echo $! > {told}; wait"

    def is_ready() -> bool:
        return told.exists() and told.read_text().endswith("\n")

    with running(["sh", "-c", code, "sh"], "", tmp_path, {"server": free_port()}, is_ready):
        child = told.read_text().strip()
        assert _is_there(child)
    deadline = time.monotonic() + 10
    while _is_there(child):
        assert time.monotonic() < deadline
        time.sleep(0.01)
