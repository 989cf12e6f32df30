"""200,000 broken messages: the compiled and the plain build say the same of each."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import sipway
from tests.fuzz.mutator import messages

_ROOT = Path(__file__).parent.parent.parent
_CHUNKS = 50
_SIZE = 4_000
_FIRST_SEED = 4475


def _start(pure: bool, *arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.fuzz.told", *map(str, arguments)],
        cwd=_ROOT,
        env=os.environ | {"SIPWAY_PURE": "1" if pure else "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _both(*arguments: object) -> tuple[list[str], list[str]]:
    """What the compiled and the plain build print; they run side by side."""
    running = [_start(pure, *arguments) for pure in (False, True)]
    printed = []
    for each in running:
        out, err = each.communicate(timeout=300)
        assert each.returncode == 0, err[-4000:]
        printed.append(out.splitlines())
    compiled, plain = printed
    assert (compiled.pop(0), plain.pop(0)) == ("compiled", "plain")
    return compiled, plain


@pytest.mark.timeout(240)  # the plain build is slow where other work goes on beside it
@pytest.mark.skipif(not sipway.BUILD.compiled, reason="uncompiled build")
def test_both_builds_say_the_same_of_mutated_messages() -> None:
    compiled, plain = _both(_FIRST_SEED, _CHUNKS, _SIZE)
    assert len(compiled) == len(plain) == _CHUNKS
    for seed, (one, other) in enumerate(zip(compiled, plain, strict=True), _FIRST_SEED):
        if one != other:
            pytest.fail(_difference(seed))


def _difference(seed: int) -> str:
    """The first message of a chunk of which the builds do not say the same."""
    compiled, plain = _both("--whole", seed, _SIZE)
    for data, one, other in zip(messages(seed, _SIZE), compiled, plain, strict=True):
        if one != other:
            return f"of {data!r}\n\ncompiled: {one}\n\nplain: {other}"
    return f"the digests of seed {seed} differ, and no message does: run it again"


def test_the_same_seed_gives_the_same_messages() -> None:
    once, again = list(messages(7, 200)), list(messages(7, 200))
    assert once == again
    assert len(set(once)) > 190
