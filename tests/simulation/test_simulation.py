"""100,000 calls through simulated networks, over 200 seeds; fewer where nothing is compiled."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest

import sipway
from sipway.sip.message import parse
from tests.simulation.__main__ import main
from tests.simulation.packet import Packet
from tests.simulation.run import setting, simulate
from tests.simulation.script import Variant, compiled, script
from tests.simulation.server import Server

# All seeds run on both builds; uncompiled, where a call takes ten times as long, with 50 calls.
# Some of them are not made, for who would make them is dead: 101,000 are.
SEEDS = 200
CALLS = 510 if sipway.BUILD.compiled else 50
_AT_ONCE = 5


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Faults are what it is about; each would be a traceback in the output."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("first", range(0, SEEDS, _AT_ONCE))
def test_seeds(first: int) -> None:
    for seed in range(first, first + _AT_ONCE):
        result = simulate(setting(seed, CALLS))
        assert not result.faults, (
            f"python -m tests.simulation --seed {seed} --calls {CALLS}\n{result.setting}\n"
            + "\n".join(result.faults)
        )
        assert result.counts["requests"] > CALLS // 2


def test_a_seed_says_all() -> None:
    one, again = (simulate(setting(23, 40), trace=True) for _ in range(2))
    assert one.trace == again.trace
    assert one.counts == again.counts
    assert len(one.trace) > 400
    assert simulate(setting(24, 40), trace=True).trace != one.trace


def test_seeds_differ_in_all_that_can_go_wrong() -> None:
    """Each thing happens in some of the simulations and does not in others."""
    made = [setting(seed) for seed in range(SEEDS)]
    for name in ("deaths", "crashes", "cuts", "reloads", "clean"):
        share = sum(getattr(each, name) for each in made) / SEEDS
        assert 0.1 < share < 0.5, name
    assert {each.servers for each in made} == {1, 2, 3}
    assert len({each.weather for each in made}) == 6
    assert sum(any(variant.waits for variant in each.variants) for each in made) > SEEDS / 4


@pytest.mark.parametrize("what", ["loses", "answers twice"])
def test_what_is_wrong_is_found(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that keeps the final replies of one call to itself, or sends two."""
    flush = Server._flush

    def broken(self: Server, stateless: bool = False) -> None:
        kept = []
        for data, destination in self.socket.outgoing:
            final = data.startswith(b"SIP/2.0 ") and data[8:9] != b"1"
            if not final or b"Call-ID: 17\r\n" not in data:
                kept.append((data, destination))
            elif what == "answers twice":
                kept += [(data, destination), (b"SIP/2.0 599" + data[11:], destination)]
        self.socket.outgoing[:] = kept
        flush(self, stateless)

    monkeypatch.setattr(Server, "_flush", broken)
    faults = "\n".join(simulate(setting(18, 200)).faults)
    assert ("another final reply" if what == "answers twice" else "no final reply") in faults


def test_what_is_left_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    kept: list[object] = []

    def knows(self: Server, packet: Packet) -> bool:
        kept.append(self.engine.layer.find_reply(parse(packet.data))[0])
        return kept[-1] is not None

    monkeypatch.setattr(Server, "_knows", knows)
    faults = "\n".join(simulate(setting(18, 50)).faults)
    assert "Transaction objects are left" in faults


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--seed", "3", "--seeds", "2", "--calls", "20", "--hours", "0.1", "-v"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^2 seeds, [1-4]\d calls, \d+ datagrams, ", out, re.MULTILINE)
    assert "seeds that fail: none" in out


def test_a_script_of_each_variant_compiles() -> None:
    for variant in (Variant(), Variant("10.0.0.2", False, frozenset(("request", "failure")))):
        assert compiled(script(variant)).modules
