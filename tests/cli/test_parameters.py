"""``sipway check --explain-parameters``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sipway.cli import status
from sipway.cli.main import main
from sipway.core.parameters import PARAMETERS, SYNONYMS

KINDS = ("effective", "later", "ignored")
SCRIPT = """\
children=4
#!ifdef WITH_DEBUG
debug=2
#!endif
uid="kamailio"
tcp_accept_haproxy=off
request_route { exit; }
"""


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "a.cfg"
    path.write_text(SCRIPT)
    return str(path)


def explained(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[list[str]]:
    """The lines that a pipe gets, each taken apart at its tabs."""
    assert main(["check", "--explain-parameters", *arguments]) == status.OK
    said = capsys.readouterr()
    assert said.err == ""
    return [line.split("\t") for line in said.out.splitlines()]


def test_a_pipe_gets_every_parameter_once_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(capsys)
    assert {len(line) for line in lines} == {5}
    names = [line[0] for line in lines]
    assert sorted(names) == sorted(PARAMETERS.keys() - SYNONYMS.keys())
    # All that have an effect, then what waits for its time, then the rest; each by name.
    assert lines == sorted(lines, key=lambda line: (KINDS.index(line[1]), line[0]))
    assert all(meaning for *_, meaning in lines)
    known = {line[0]: line[1:4] for line in lines}
    assert known["debug"] == ["effective", "number", "0"]
    assert known["log_stderror"] == ["effective", "number", "0"]
    assert known["children"] == ["ignored", "number", "8"]
    assert known["chroot"] == ["effective", "text", ""]


def test_json_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    lines = explained(capsys)
    assert main(["check", "--explain-parameters", "--json"]) == status.OK
    found = json.loads(capsys.readouterr().out)
    fields = ["name", "class", "type", "default", "meaning"]
    assert {tuple(each) for each in found} == {tuple(fields)}
    assert [[each[field] for field in fields] for each in found] == lines


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_gets_a_table_for_each_kind_as_wide_as_it_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr("sipway.cli.terminal.is_for_people", lambda _: True)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(width))
    assert main(["check", "--explain-parameters"]) == status.OK
    said = capsys.readouterr().out
    assert "\x1b" not in said
    lines = said.splitlines()
    heads = [line.split("  ")[0] for line in lines if line.startswith(KINDS)]
    assert heads == list(KINDS)
    assert max(map(len, lines)) <= width
    begun = {line.split(maxsplit=1)[0] for line in lines if line and not line.startswith(" ")}
    assert begun - set(KINDS) >= PARAMETERS.keys() - SYNONYMS.keys()


def test_a_terminal_gets_colours_if_it_has_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["check", "--explain-parameters"]) == status.OK
    assert "\x1b[1meffective\x1b[0m" in capsys.readouterr().out


def test_of_a_script_only_what_it_sets(capsys: pytest.CaptureFixture[str], script: str) -> None:
    """Under the names of the table, so `uid` is `user`."""
    assert [line[:2] for line in explained(capsys, script)] == [
        ["user", "effective"],
        ["tcp_accept_haproxy", "later"],
        ["children", "ignored"],
    ]
    names = [line[0] for line in explained(capsys, script, "-A", "WITH_DEBUG")]
    assert names == ["debug", "user", "tcp_accept_haproxy", "children"]


def test_a_script_that_is_not_there_is_an_error(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["check", "--explain-parameters", str(tmp_path / "no.cfg")]) == status.FAILED
    said = capsys.readouterr()
    assert said.out == ""
    assert "no.cfg:1:1: error[" in said.err


def test_a_mistake_does_not_hide_what_could_be_read(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "a.cfg"
    path.write_text("debug=2\nrequest_route { exit; \n")
    assert main(["check", "--explain-parameters", str(path)]) == status.FAILED
    said = capsys.readouterr()
    assert said.out.startswith("debug\teffective\t")
    assert "a.cfg:2:" in said.err
