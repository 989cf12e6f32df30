"""``sipway fmt``: what it writes where, and its exit status."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from sipway.cli import fmt
from sipway.cli.main import main

UGLY = "request_route{exit;}\n"
NICE = "request_route {\n\texit;\n}\n"


@pytest.fixture
def script(tmp_path: Path) -> Path:
    path = tmp_path / "a.cfg"
    path.write_text(UGLY)
    return path


def feed(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))


def test_in_place(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.chmod(0o640)
    assert main(["fmt", str(script)]) == 0
    assert script.read_text() == NICE
    assert script.stat().st_mode & 0o777 == 0o640
    out, err = capsys.readouterr()
    assert out == f"reformatted {script}\n"
    assert err == "1 file reformatted\n"
    assert [path.name for path in script.parent.iterdir()] == ["a.cfg"]


def test_what_is_laid_out_well_is_not_written(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.write_text(NICE)
    before = script.stat()
    assert main(["fmt", str(script)]) == 0
    assert script.stat().st_ino == before.st_ino
    assert capsys.readouterr() == ("", "1 file laid out well already\n")


def test_check_names_the_files_and_writes_nothing(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = script.with_name("b.cfg")
    other.write_text(NICE)
    assert main(["fmt", "--check", str(script), str(other)]) == 1
    assert script.read_text() == UGLY
    out, err = capsys.readouterr()
    assert out == f"would reformat {script}\n"
    assert err == "1 file would be reformatted, 1 file laid out well already\n"
    assert main(["fmt", "--check", str(other)]) == 0


def test_diff(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(UGLY.rstrip("\n"))
    assert main(["fmt", "--diff", str(script)]) == 1
    assert script.read_text() == UGLY.rstrip("\n")
    assert capsys.readouterr().out == (
        f"--- {script}\n+++ {script}\n@@ -1 +1,3 @@\n-request_route{{exit;}}\n"
        "\\ No newline at end of file\n+request_route {\n+\texit;\n+}\n"
    )


def test_diff_in_colours(
    script: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert main(["fmt", "--diff", str(script)]) == 1
    assert "\x1b[32m+request_route {\x1b[0m\n" in capsys.readouterr().out


@pytest.mark.parametrize("text", [UGLY, NICE])
def test_from_standard_input_to_standard_output(
    text: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    feed(monkeypatch, text.encode())
    assert main(["fmt", "-"]) == 0
    assert capsys.readouterr() == (NICE, "")


def test_bytes_that_are_no_text_survive(script: Path) -> None:
    script.write_bytes(b"# \xe9\r\nrequest_route{exit;}")
    assert main(["fmt", str(script)]) == 0
    assert script.read_bytes() == b"# \xe9\n" + NICE.encode()


def test_a_file_with_an_error_is_left_alone(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = script.with_name("bad.cfg")
    bad.write_text("request_route { exit }\n")
    assert main(["fmt", str(bad), str(script)]) == 1
    assert bad.read_text() == "request_route { exit }\n"
    assert script.read_text() == NICE
    err = capsys.readouterr().err
    assert f"{bad}:1:21: error[missing-semicolon]" in err
    assert err.endswith("1 file reformatted, 1 file with errors left alone\n")


@pytest.mark.parametrize(
    ("data", "said"),
    [(None, "can't be read: No such file"), (b"\xff\xfed", "UTF-16"), (b"a\0b", "NUL byte")],
)
def test_what_cannot_be_read(
    data: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.cfg"
    if data is not None:
        path.write_bytes(data)
    assert main(["fmt", str(path)]) == 1
    assert said in capsys.readouterr().err


def test_text_that_is_no_script_is_named(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text("debug=3\n#!ifdef X\nALTER TABLE it's;\n#!endif\n")
    assert main(["fmt", str(script)]) == 0
    assert f"{script}:2: left as it is" in capsys.readouterr().err


def test_names_from_the_command_line(script: Path) -> None:
    script.write_text("request_route{OPEN exit;\n}}\n")
    assert main(["fmt", str(script)]) == 1
    assert main(["fmt", "-A", "OPEN=if (1) {", str(script)]) == 0
    assert script.read_text().startswith("request_route {\n\tOPEN")


def test_a_link_stays_a_link(script: Path) -> None:
    link = script.with_name("link.cfg")
    link.symlink_to(script)
    assert main(["fmt", str(link)]) == 0
    assert link.is_symlink()
    assert script.read_text() == NICE


def test_a_failed_write_leaves_the_file_and_nothing_else(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    assert main(["fmt", str(script)]) == 1
    assert script.read_text() == UGLY
    assert [path.name for path in script.parent.iterdir()] == ["a.cfg"]
    assert "can't be written: No space left on device" in capsys.readouterr().err


def test_replace_says_what_is_wrong(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        fmt.replace(tmp_path / "absent.cfg", b"")
