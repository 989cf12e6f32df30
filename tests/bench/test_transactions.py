"""What a transaction costs, and that it is given back; the bench has the large numbers."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import sipway

_ROOT = Path(__file__).resolve().parents[2]


def _bench(*arguments: str) -> Any:
    """In a process of its own: it is the size of that which counts."""
    done = subprocess.run(
        [sys.executable, "bench/transactions.py", *arguments],
        cwd=_ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(done.stdout)


def test_an_invite_that_rings_costs_10_kb_at_most() -> None:
    if not sipway.BUILD.compiled:
        pytest.skip("uncompiled build")
    seen = _bench("--calls", "0", "--at-once", "5000")["at_once"]
    assert seen["transactions"] == 5000
    assert 1000 < seen["bytes_each"] <= 10_000
    assert seen["left"] == 0


def test_memory_does_not_grow_with_calls() -> None:
    """Not by a message that is kept of each: 1,200 bytes. The allocator takes a few MB at once."""
    seen = _bench("--calls", "24000", "--at-once", "0")["one_after_another"]
    assert seen["left"] == 0
    assert seen["garbage"] == 0
    early, late = seen["resident"]["12000"], seen["resident"]["24000"]
    assert late - early < 12_000 * 400, seen
