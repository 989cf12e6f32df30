"""Memory given back to the system."""

from __future__ import annotations

import os
import platform
from pathlib import Path

from sipway.server.memory import give_back

_MB = 1 << 20


def _resident() -> int:
    """Bytes of memory in use: field 2 of proc_pid_statm(5)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_what_was_freed_below_something_kept_goes_back() -> None:
    pieces = [bytearray(1400) for _ in range(50_000)]
    keep = bytearray(1400)  # what lies behind it would be given back by itself
    pieces.clear()
    before = _resident()
    if platform.libc_ver()[0] != "glibc":
        assert not give_back()
        return
    give_back()
    assert _resident() < before - 30 * _MB
    assert len(keep) == 1400
