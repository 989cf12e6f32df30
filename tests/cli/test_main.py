"""Which command is meant, help, versions, exit statuses."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence

import pytest

import sipway
from sipway.cli.main import main
from sipway.cli.terminal import Style, wants_colour
from tests.server_process import SIPWAY


def _run(arguments: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SIPWAY, *arguments], capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize("flag", ["--version", "-v", "-V", "-I"])
def test_version(flag: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([flag]) == 0
    assert capsys.readouterr().out == f"sipway {sipway.__version__} ({sipway.BUILD})\n"


@pytest.mark.parametrize("command", ["run", "check", "fmt", "graph", "ping"])
def test_help_of_a_command_has_an_example(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([command, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"usage: sipway {command} " in text
    assert f"\n  sipway {command}" in text.partition("examples:")[2]
    assert "exit status:" in text


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    commands = ("run", "check", "fmt", "graph", "ping")
    assert all(f"\n  sipway {command} " in text for command in commands)
    assert "\x1b" not in text


def test_help_on_the_options_of_kamailio(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-h"]) == 0
    assert "-f FILE" in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["walk"],
        ["check"],
        ["run", "a.cfg", "b.cfg"],
        ["run", "-A", "1X"],
        ["ping", "tcp:127.0.0.1"],
        ["-Z"],
        ["-f"],
    ],
)
def test_usage_errors(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err != ""


def test_as_a_program() -> None:
    done = _run(["--version"])
    assert done.returncode == 0
    assert done.stdout.startswith("sipway ")
    assert done.stderr == ""


def test_a_reader_that_leaves_early_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    done = subprocess.run(
        [*SIPWAY, "--help"], stdout=write_end, stderr=subprocess.PIPE, timeout=30, check=False
    )
    os.close(write_end)
    assert done.stderr == b""


class _Terminal:
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "expected"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colour(
    environment: dict[str, str], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert wants_colour(_Terminal()) is expected  # type: ignore[arg-type]


def test_style() -> None:
    assert Style(colour=True)("x", "bold", "red") == "\x1b[1;31mx\x1b[0m"
    assert Style(colour=False)("x", "bold", "red") == "x"
