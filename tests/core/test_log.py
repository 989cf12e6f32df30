from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from sipway.core import log as levels
from sipway.core.log import Log, LogHandler


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reading, writing = os.pipe()
    yield reading, writing
    os.close(reading)
    os.close(writing)


def test_a_line_has_kamailios_form(pipe: tuple[int, int]) -> None:
    log = Log(levels.INFO, fd=pipe[1])
    log.write(levels.NOTICE, "<script>: hello\n")
    log.flush()
    assert os.read(pipe[0], 1000) == f" 0({os.getpid()}) NOTICE: <script>: hello\n".encode()


def test_lines_above_the_level_are_not_written(pipe: tuple[int, int]) -> None:
    log = Log(levels.WARN, fd=pipe[1])
    log.write(levels.NOTICE, "unwanted\n")
    log.write(levels.ERR, "wanted\n")
    log.flush()
    assert os.read(pipe[0], 1000).endswith(b"ERROR: wanted\n")


def test_nothing_is_written_before_the_batch_ends_and_order_is_kept(pipe: tuple[int, int]) -> None:
    log = Log(levels.DBG, fd=pipe[1])
    for number in range(3):
        log.write(levels.DBG, f"{number}\n")
    os.set_blocking(pipe[0], False)
    with pytest.raises(BlockingIOError):
        os.read(pipe[0], 1000)
    log.flush()
    assert [line[-1] for line in os.read(pipe[0], 1000).decode().splitlines()] == list("012")


def test_what_is_new_each_time_does_not_fill_the_log(pipe: tuple[int, int]) -> None:
    log = Log(levels.WARN, fd=pipe[1])
    for number in range(1000):
        log.once(levels.ERR, f"new {number}")
        log.once(levels.ERR, "new 1")
    log.once(levels.ALERT, "the disk is full")
    log.flush()
    lines = os.read(pipe[0], 100_000).decode().splitlines()
    assert len(lines) == 257
    assert len([line for line in lines if line.endswith("new 1")]) == 1
    assert lines[-1].endswith("the disk is full")


def test_much_that_is_pending_is_written_at_once(tmp_path: object) -> None:
    target = os.open(str(tmp_path) + "/log", os.O_RDWR | os.O_CREAT)
    log = Log(levels.DBG, fd=target)
    for _ in range(300):
        log.write(levels.DBG, "x" * 1000 + "\n")
    assert os.fstat(target).st_size > 200_000
    os.close(target)


def test_bytes_that_are_not_utf8_survive(pipe: tuple[int, int]) -> None:
    log = Log(levels.DBG, fd=pipe[1])
    log.write(levels.DBG, b"\xff\xfe\n".decode("utf-8", "surrogateescape"))
    log.flush()
    assert os.read(pipe[0], 1000).endswith(b"\xff\xfe\n")


def test_a_reader_that_went_away_does_not_stop_the_server() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    log = Log(levels.DBG, fd=writing)
    log.write(levels.DBG, "to nobody\n")
    log.flush()
    os.close(writing)


def test_what_sipway_says_through_logging_comes_into_the_same_log(pipe: tuple[int, int]) -> None:
    logger = logging.getLogger("sipway.test_log")
    handler = LogHandler(Log(levels.INFO, fd=pipe[1]))
    handler_log = handler._log
    logger.addHandler(handler)
    try:
        logger.error("it %s", "broke")
    finally:
        logger.removeHandler(handler)
    handler_log.flush()
    assert os.read(pipe[0], 1000).endswith(b"ERROR: <core>: it broke\n")


def test_each_level_has_a_colour_where_that_is_wanted(pipe: tuple[int, int]) -> None:
    log = Log(levels.INFO, fd=pipe[1], color=True)
    log.write(levels.NOTICE, "<script>: hello\n")
    log.flush()
    line = f" 0({os.getpid()}) NOTICE: <script>: hello\n"
    assert os.read(pipe[0], 1000) == f"\x1b[0;32;49m{line}\x1b[0;39;49m".encode()
