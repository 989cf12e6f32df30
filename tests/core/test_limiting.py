"""Pipes: which requests they let through, and how the load of the machine is read."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path

import pytest

from sipway.core.limiting import machine
from sipway.core.limiting.machine import Cpus, waiting_bytes, watch
from sipway.core.limiting.pipes import (
    FEEDBACK,
    NETWORK,
    NOP,
    NOTHING,
    OVER,
    RED,
    TAILDROP,
    UNDER,
    Feedback,
    Load,
    Pipe,
    algorithm,
)
from sipway.core.sockets import ListenSocket
from tests.modules.running import load


def _seen(pipe: Pipe, count: int, interval: int = 0, load: Load | None = None) -> str:
    of = load or Load()
    shown = {UNDER: "+", OVER: ".", NOTHING: "0"}
    return "".join(shown[pipe.check(interval, of)] for _ in range(count))


def test_taildrop_lets_the_first_ones_through() -> None:
    pipe = Pipe(TAILDROP, 3, 0)
    assert _seen(pipe, 5) == "+++.."
    assert _seen(pipe, 4, 1) == "+++."
    assert pipe.before == 5
    assert _seen(Pipe(TAILDROP, 2, 0, scale=3), 7) == "++++++."
    assert _seen(Pipe(TAILDROP, 0, 0), 2) == ".."
    assert _seen(Pipe(TAILDROP, -1, 0), 2) == ".."


@pytest.mark.parametrize(
    ("before", "rate", "seen"),
    # As seen on Kamailio 5.6.3 with 5 a second and intervals of 2 seconds.
    [
        (8, 0, "++++++++++++"),
        (10, 1, "++++++++++++"),
        (19, 1, "++++++++++++"),
        (20, 2, ".+.+.+.+.+.+"),
        (31, 3, "..+..+..+..+"),
        (45, 4, "...+...+...+"),
    ],
)
def test_red_lets_every_nth_through(before: int, rate: int, seen: str) -> None:
    pipe = Pipe(RED, 5, 0, scale=2)
    _seen(pipe, before)
    pipe.advance(1)
    assert pipe.rate(Load()) == rate
    assert _seen(pipe, 12, 1) == seen
    assert _seen(pipe, 3, 3) == "+++", "nothing was in the interval before"


def test_red_without_a_limit_lets_all_through() -> None:
    pipe = Pipe(RED, 0, 0)
    assert _seen(pipe, 9) + _seen(pipe, 3, 1) == "+" * 12


def test_nop_and_network() -> None:
    assert _seen(Pipe(NOP, 0, 0), 2) == "00"
    of = Load()
    pipe = Pipe(NETWORK, 100, 0)
    assert _seen(pipe, 2, load=of) == "++"
    of.waiting = 101
    assert _seen(pipe, 2, load=of) == ".."
    assert pipe.rate(of) == 1
    of.waiting = 100
    assert pipe.rate(of) == -1


@pytest.mark.parametrize("rate", [0, 1, 33, 50, 99, 100])
def test_feedback_refuses_so_many_of_a_hundred_evenly(rate: int) -> None:
    of = Load()
    of.feedback(50).rate = rate
    seen = _seen(Pipe(FEEDBACK, 50, 0), 200, load=of)
    assert seen.count(".") == 2 * rate
    assert seen[:100].count(".") == rate
    if 0 < rate <= 50:
        assert ".." not in seen


@pytest.mark.parametrize(
    ("gains", "rates"),
    # As seen on Kamailio 5.6.3, with a limit of 50.
    [
        ((-10.0, 0.0, 0.0), [4, 8, 8, 4, 0, 1, 0, 4]),
        ((0.0, -100.0, 0.0), [40, 40, 0, 0, 0, 19, 0, 44]),
        ((0.0, -300.0, 0.0), [100, 100, 0, 0, 0, 59, 0, 100]),
        ((0.0, 0.0, -100.0), [40, 0, 0, 0, 0, 60, 0, 64]),
    ],
)
def test_the_controller(gains: tuple[float, float, float], rates: list[int]) -> None:
    feedback = Feedback(0.5)
    seen = []
    for each in (0.9, 0.9, 0.5, 0.1, 0.1, 0.7, 0.3, 0.95):
        feedback.take(each, gains)
        seen.append(feedback.rate)
    assert seen == rates


def test_hours_without_work_do_not_count_against_a_rush() -> None:
    of = Load()
    feedback = of.feedback(50)
    for _ in range(1000):
        of.take(0.0)
    of.take(0.9)
    assert feedback.rate == 10


def test_hours_of_too_much_are_over_when_they_are_over() -> None:
    of = Load()
    feedback = of.feedback(50)
    for _ in range(1000):
        of.take(1.0)
    assert feedback.rate == 100
    seen = []
    for _ in range(9):
        of.take(0.0)
        seen.append(feedback.rate)
    assert seen == [87, 75, 62, 50, 37, 25, 12, 0, 0]


def test_there_is_a_controller_for_each_limit() -> None:
    of = Load()
    high, low = of.feedback(80), of.feedback(20)
    assert of.feedback(80) is high
    assert of.feedback(-5) is of.feedback(0)
    assert of.feedback(500) is of.feedback(100)
    of.take(0.6)
    assert (high.rate, low.rate) == (0, 10)


@pytest.mark.parametrize("name", ["red", "", "XXX"])
def test_unknown_algorithms(name: str) -> None:
    with pytest.raises(ValueError, match="is none of RED, TAILDROP, FEEDBACK, NETWORK"):
        algorithm(name)


# --- the machine -------------------------------------------------------------------------


def _stat(folder: Path, line: str) -> None:
    (folder / "stat").write_text(f"{line}\ncpu0 1 1 1 1\n")


def test_load_of_the_cpus_since_the_last_look(tmp_path: Path) -> None:
    cpus = Cpus(tmp_path)
    _stat(tmp_path, "cpu  100 0 100 700 100 0 0 0 0 0")
    assert cpus.look() == pytest.approx(0.2)
    _stat(tmp_path, "cpu  130 0 110 750 100 5 5 0 0 0")
    assert cpus.look() == pytest.approx(0.5)
    assert cpus.look() == 0.0, "no time has passed"
    _stat(tmp_path, "cpu  10 0 0 0 0 0 0 0 0 0")
    assert cpus.look() == 0.0, "numbers that went back"
    _stat(tmp_path, "cpu  1 2")
    with pytest.raises(ValueError, match="begins with"):
        cpus.look()
    (tmp_path / "stat").unlink()
    with pytest.raises(OSError, match="stat"):
        cpus.look()


_HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when\n"
_ENTRIES = """\
    1: 010200C0:13C4 00000000:0000 07 00000000:00000100 00:00000000
    2: 020200C0:13C4 00000000:0000 07 00000000:00000999 00:00000000
    3: 010200C0:13C5 00000000:0000 07 00000000:00000999 00:00000000
    4: broken
"""
_ENTRIES_6 = """\
    1: B80D0120000000000000000001000000:13C4 00000000000000000000000000000000:0000 07 0:00000010
"""


def test_bytes_that_wait_in_our_sockets(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    (tmp_path / "net/udp").write_text(_HEAD + _ENTRIES)
    ours = [
        ListenSocket("udp", "192.0.2.1", 5060),
        ListenSocket("tcp", "192.0.2.2", 5060),
        ListenSocket("udp", "2001:db8::1", 5060),
    ]
    assert waiting_bytes(ours, tmp_path) == 0x100
    (tmp_path / "net/udp6").write_text(_HEAD + _ENTRIES_6)
    assert waiting_bytes(ours, tmp_path) == 0x110


def test_this_machine_can_be_read() -> None:
    assert 0 <= Cpus().look() <= 1
    assert waiting_bytes([ListenSocket("udp", "192.0.2.1", 5060)]) == 0


def _watched(folder: Path, wants: tuple[bool, bool], looks: int) -> Load:
    """The load after so many looks; the CPUs have worked half of the time from one to the next."""
    program, _, _ = load("request_route { exit; }")
    of = Load()
    of.feedback(0)
    seen = 0

    async def run() -> None:
        enough: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def asked() -> tuple[bool, bool]:
            nonlocal seen
            seen += 1
            _stat(folder, f"cpu  {seen * 50} 0 0 {seen * 50} 0 0 0 0")
            if seen == looks + 1 and not enough.done():
                enough.set_result(None)
            return wants

        task = asyncio.ensure_future(watch(program, 0, of, asked, folder))
        async with asyncio.timeout(10):
            await enough
        task.cancel()

    asyncio.run(run())
    return of


def test_the_machine_is_watched(tmp_path: Path) -> None:
    (tmp_path / "net").mkdir()
    line = "    1: 090200C0:13C4 00000000:0000 07 00000000:00000100 00:00000000\n"
    (tmp_path / "net/udp").write_text(_HEAD + line)
    of = _watched(tmp_path, (True, True), 3)
    assert of.feedback(0).rate == 25, "twice half too much, the first look tells nothing"
    assert of.waiting == 0x100
    of = _watched(tmp_path, (False, False), 3)
    assert (of.feedback(0).rate, of.waiting) == (0, 0)


def test_a_machine_that_cannot_be_read_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> int:
        raise OSError("no such thing")

    monkeypatch.setattr(machine, "waiting_bytes", fail)
    with caplog.at_level(logging.ERROR):
        _watched(tmp_path, (False, True), 4)
    assert [each.message for each in caplog.records] == [
        "how busy the machine is cannot be read: no such thing"
    ]
