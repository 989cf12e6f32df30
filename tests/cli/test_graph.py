"""``sipway graph``: the forms that it prints, and its exit status."""

from __future__ import annotations

import io
import json
import shutil
import sys
from pathlib import Path

import pytest

from sipway.cli.main import main

SCRIPT = """loadmodule "tm.so"
request_route {
#!ifdef WITH_A
\troute(A);
#!endif
\tt_relay();
\tsql_query("ca", "select 1", "ra");
}
route[A] { exit; }
"""


@pytest.fixture
def script(tmp_path: Path) -> str:
    path = tmp_path / "a.cfg"
    path.write_text(SCRIPT)
    return str(path)


def test_a_pipe_gets_dot(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", script]) == 0
    out, err = capsys.readouterr()
    assert out.startswith('digraph "a.cfg" {\n')
    assert err == ""


@pytest.mark.parametrize(
    ("form", "start"),
    [
        ("text", "request_route  line 2, entry point, may wait\nroute[A]  line 9, never reached\n"),
        ("dot", "digraph "),
        ("mermaid", "flowchart LR\n"),
    ],
)
def test_forms(form: str, start: str, script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", script, "--format", form]) == 0
    assert capsys.readouterr().out.startswith(start)


def test_names_from_the_command_line(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", script, "-A", "WITH_A", "--format", "text"]) == 0
    assert "  -> route[A]\n" in capsys.readouterr().out


def test_json(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", script, "--json"]) == 0
    assert [node["kind"] for node in json.loads(capsys.readouterr().out)["nodes"]] == [
        "request_route",
        "route",
    ]


@pytest.mark.parametrize(("mode", "waits"), [(1, ""), (3, "itself")])
def test_what_waits_because_a_parameter_says_so(
    mode: int, waits: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.cfg"
    path.write_text(
        f'modparam("tm|usrloc", "db_mode", {mode})\nrequest_route {{ lookup("location"); }}\n'
    )
    assert main(["graph", str(path), "--json"]) == 0
    [node] = json.loads(capsys.readouterr().out)["nodes"]
    assert (node["waits"] or "") == waits


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_svg(script: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", script, "--format", "svg"]) == 0
    out = capsys.readouterr().out
    assert "<svg " in out
    assert "request_route" in out


def test_svg_without_graphviz(
    script: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert main(["graph", script, "--format", "svg"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "`dot` of Graphviz, which is not installed" in err
    assert "--format mermaid" in err


def test_a_graphviz_that_fails(
    script: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "dot"
    program.write_text("#!/bin/sh\nread line\necho no fonts >&2\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main(["graph", script, "--format", "svg"]) == 1
    assert "`dot` failed: no fonts" in capsys.readouterr().err


def test_standard_input(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(SCRIPT.encode())))
    assert main(["graph", "-"]) == 0
    assert capsys.readouterr().out.startswith('digraph "<stdin>" {')


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"request_route { exit }", "missing-semicolon"), (b"a\0", "there is a NUL byte")],
)
def test_a_script_with_an_error(
    data: bytes, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["graph", "-"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


@pytest.mark.parametrize(
    "arguments",
    [[], ["--format", "png", "a.cfg"], ["--json", "--format", "dot", "a.cfg"], ["a", "b"]],
)
def test_usage_errors(arguments: list[str]) -> None:
    assert main(["graph", *arguments]) == 2
