"""``sipway check``: how findings look in a pipe, on a terminal and as JSON; exit statuses."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from sipway.cli import findings, status
from sipway.cli.main import main
from sipway.language.diagnostics import Diagnostic, Severity
from sipway.language.source import SourceFile, Span
from tests.server_process import SIPWAY

GOOD = "request_route { exit; }\n"
WARNED = "request_route { exit; }\nroute[UNUSED] { exit; }\n"
MISSING = "".join(f'loadmodule "{name}.so"\n' for name in ("im", "sms", "seas", "osp"))


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file to write to; `a.cfg` in the current directory."""
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "a.cfg"
    path.write_text(GOOD)
    return Path("a.cfg")


def on_terminal(
    arguments: Sequence[str], folder: Path, columns: int = 80, **environment: str
) -> list[str]:
    """The lines that a terminal of so many columns gets."""
    master, slave = pty.openpty()
    known = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    variables: Mapping[str, str] = {
        **known, "TERM": "xterm", "COLUMNS": str(columns), **environment
    }  # fmt: skip
    process = subprocess.Popen([*SIPWAY, *arguments], stdout=slave, cwd=folder, env=variables)
    os.close(slave)
    got: list[bytes] = []

    def read() -> None:
        try:
            while data := os.read(master, 4096):
                got.append(data)
        except OSError:  # the other end is closed
            return

    reader = threading.Thread(target=read)
    reader.start()
    process.wait(30)
    reader.join(30)
    os.close(master)
    return b"".join(got).decode().replace("\r\n", "\n").split("\n")


# --- exit status --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "options", "status", "said"),
    [
        (GOOD, [], 0, "a.cfg: no errors\n"),
        (GOOD, ["--strict"], 0, "a.cfg: no errors\n"),
        (WARNED, [], 0, "1 warning in 1 file\n"),
        (WARNED, ["--strict"], 1, "1 warning in 1 file\n"),
        ("request_route { exit }\n", [], 1, "1 error in 1 file\n"),
    ],
)
def test_exit_status(
    text: str,
    options: list[str],
    status: int,
    said: str,
    script: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    script.write_text(text)
    assert main(["check", *options, str(script)]) == status
    assert capsys.readouterr().out.endswith(said)


def test_a_file_that_is_not_there(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "absent.cfg"]) == 1
    assert capsys.readouterr().out.startswith("absent.cfg:1:1: error[unreadable-file]: ")


def test_several_files(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.cfg").write_text("request_route { exit }\n")
    Path("c.cfg").write_text(WARNED + "chldren=2\n")
    assert main(["check", "a.cfg", "b.cfg", "c.cfg"]) == 1
    assert capsys.readouterr().out.endswith("\n\n2 errors in 2 files\n")
    assert main(["check", "a.cfg", "a.cfg"]) == 0
    assert capsys.readouterr().out == "no errors in 2 files\n"


@pytest.mark.parametrize(
    ("data", "status", "said"),
    [
        (GOOD.encode(), 0, "<stdin>: no errors\n"),
        (b"request_route { exit }", 1, "<stdin>:1:21: error[missing-semicolon]: "),
        (b"a\0", 1, "<stdin>:1:1: error[unreadable-file]: this file is no script: "),
    ],
)
def test_standard_input(
    data: bytes,
    status: int,
    said: str,
    script: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert main(["check", "-"]) == status
    assert capsys.readouterr().out.startswith(said)


# --- in a pipe ----------------------------------------------------------------------------


def test_in_a_pipe_each_finding_starts_with_its_place(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.write_text("chldren=2\nrequest_route {\n\txlogg(1);\n\troute(X);\n}\n")
    assert main(["check", "a.cfg"]) == 1
    out = capsys.readouterr().out
    heads = [line for line in out.splitlines() if re.match(r"\S+:\d+:\d+: ", line)]
    assert [line.partition("]")[0] for line in heads] == [
        "a.cfg:1:1: error[unknown-parameter",
        "a.cfg:3:2: error[unknown-function",
        "a.cfg:4:8: error[unknown-route",
    ]
    assert "\x1b" not in out


def test_a_pipe_gets_the_same_whatever_the_terminal(
    script: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script.write_text(f'request_route {{ xlogg("{"long " * 40}"); }}\n')
    seen = set()
    for columns in ("40", "200"):
        monkeypatch.setenv("COLUMNS", columns)
        main(["check", "a.cfg"])
        seen.add(capsys.readouterr().out)
    assert len(seen) == 1


def test_a_pipe_does_not_load_what_only_a_terminal_needs(script: Path) -> None:
    script.write_text("request_route { exit }\n")
    code = (
        "import sys; from sipway.cli.main import main; main(['check', 'a.cfg']);"
        "sys.exit(any(name.partition('.')[0] == 'rich' for name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=30, check=True)
    assert b"missing-semicolon" in done.stdout


def test_missing_modules_are_one_message(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    script.write_text(MISSING + "chldren=2\n" + GOOD)
    assert main(["check", "a.cfg"]) == 1
    assert capsys.readouterr().out == (
        "a.cfg:1:1: error[module-not-here]: 4 modules that this script loads are not in sipway"
        " yet\n"
        "      im (line 1), sms (line 2), seas (line 3), osp (line 4)\n"
        "      hint: what the script asks of them is not checked; all the rest of it is\n"
        "\n"
        "a.cfg:5:1: error[unknown-parameter]: there is no core parameter chldren\n"
        "    5 | chldren=2\n"
        "      | ^^^^^^^\n"
        "      hint: did you mean children?\n"
        "\n"
        "5 errors (4 of them missing modules) in 1 file\n"
    )


def test_one_missing_module_is_shown_as_any_finding(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script.write_text('loadmodule "im.so"\n' + GOOD)
    main(["check", "a.cfg"])
    out = capsys.readouterr().out
    assert "the module im of Kamailio is not part of sipway yet\n    1 | loadmodule" in out
    assert out.endswith("\n1 error in 1 file\n")


def test_the_way_through_includes(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("c.cfg").write_text("chldren=2\n")
    Path("b.cfg").write_text('\ninclude_file "c.cfg"\n')
    script.write_text('include_file "b.cfg"\n' + GOOD)
    main(["check", "a.cfg"])
    assert "      included from b.cfg:2\n      included from a.cfg:1\n" in capsys.readouterr().out


# --- JSON ---------------------------------------------------------------------------------


def test_json(script: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("b.cfg").write_text("chldren=2\n")
    script.write_text(MISSING + 'include_file "b.cfg"\n' + GOOD)
    assert main(["check", "--json", "a.cfg", "b.cfg"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["errors"], found["warnings"]) == (6, 0)
    assert [item["code"] for item in found["diagnostics"]].count("module-not-here") == 4
    last = found["diagnostics"][-2]
    assert last["included_from"] == [{"file": "a.cfg", "line": 5, "column": 14}]
    assert found["diagnostics"][-1]["included_from"] == []
    assert (last["file"], last["line"], last["column"]) == ("b.cfg", 1, 1)
    assert (last["end_line"], last["end_column"]) == (1, 8)
    assert last["hint"] == "did you mean children?"


def test_json_of_a_script_without_mistakes(
    script: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--json", "a.cfg"]) == 0
    assert json.loads(capsys.readouterr().out) == {"errors": 0, "warnings": 0, "diagnostics": []}


# --- on a terminal ------------------------------------------------------------------------

SEVERAL = f"""request_route {{
\tif ($rU == "漢字" && uri==myself) {{ xlogg("a"); }}
\txlogg("a");
\tsl_send_replly("200", "{"long " * 40}");
\troute(WRLD);
}}
route[WORLD] {{ exit; }}
route[WORLD] {{ exit; }}
"""


def test_on_a_terminal(script: Path) -> None:
    script.write_text(SEVERAL)
    lines = on_terminal(["check", "a.cfg"], Path.cwd(), NO_COLOR="1")
    assert lines[:5] == [
        "error[unknown-function]: there is no function xlogg()",
        " --> a.cfg:2:36",
        '2 |     if ($rU == "漢字" && uri==myself) { xlogg("a"); }',
        "  |                                         ^^^^^",
        "  = hint: did you mean log?",
    ]
    assert "\n".join(lines).endswith(
        "error[duplicate-block]: there is a route[WORLD] already\n"
        " --> a.cfg:8:1\n"
        "7 | route[WORLD] { exit; }\n"
        "  | ------------ here is the first one\n"
        "8 | route[WORLD] { exit; }\n"
        "  | ^^^^^^^^^^^^\n"
        "\n"
        "4 errors in 1 file\n"
    )
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("columns", [40, 60, 80])
def test_no_line_is_wider_than_the_terminal(columns: int, script: Path) -> None:
    script.write_text(MISSING + SEVERAL)
    lines = on_terminal(["check", "a.cfg"], Path.cwd(), columns, NO_COLOR="1")
    findings = lines[:-2]  # not the summary
    wide = [line for line in findings if len(line) + line.count("漢") * 2 > columns]
    assert wide == []


def test_colours_on_a_terminal(script: Path) -> None:
    script.write_text(SEVERAL)
    text = "\n".join(on_terminal(["check", "a.cfg"], Path.cwd()))
    assert "\x1b[1;31merror[unknown-function]:" in text
    plain = on_terminal(["check", "a.cfg"], Path.cwd(), NO_COLOR="1")
    assert re.sub(r"\x1b\[[0-9;]*m", "", text) == "\n".join(plain)


def test_missing_modules_on_a_terminal(script: Path) -> None:
    script.write_text(MISSING + GOOD)
    assert on_terminal(["check", "a.cfg"], Path.cwd(), 40, NO_COLOR="1") == [
        "error[module-not-here]: 4 modules that",
        "  this script loads are not in sipway",
        "  yet",
        " --> a.cfg",
        "1 im    2 sms   3 seas  4 osp",
        "  = hint: what the script asks of them",
        "    is not checked; all the rest of it",
        "    is",
        "",
        "4 errors in 1 file",
        "",
    ]


def test_a_define_is_shown_where_it_is_used_and_where_it_is_made(script: Path) -> None:
    script.write_text("#!define LIMIT 1 2\n\nrequest_route {\n\t$var(x) = LIMIT;\n}\n")
    lines = on_terminal(["check", "a.cfg"], Path.cwd(), NO_COLOR="1")
    assert lines[2:7] == [
        " --> a.cfg:4:17",
        "1 | #!define LIMIT 1 2",
        "  | -------- LIMIT is defined here",
        "4 |     $var(x) = LIMIT;",
        "  |                    ^",
    ]


def test_colours_that_are_forced(
    script: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    script.write_text("request_route { exit }\n")
    main(["check", "a.cfg"])
    assert "\x1b[1;31merror[missing-semicolon]:" in capsys.readouterr().out


# --- the last line ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ("e", "1 error in 1 file"),
        ("eew", "2 errors, 1 warning in 1 file"),
        ("ww", "2 warnings in 1 file"),
        ("mm", "2 errors in 1 file"),
        ("em", "2 errors (1 of them missing modules) in 1 file"),
        ("e2", "2 errors in 2 files"),
    ],
)
def test_summary(kinds: str, expected: str) -> None:
    files = {kind: SourceFile(f"{kind}.cfg", "x") for kind in "12"}
    found = [
        Diagnostic(
            Severity.WARNING if kind == "w" else Severity.ERROR,
            "module-not-here" if kind == "m" else "x",
            "x",
            Span.point(files[kind if kind in files else "1"], 0),
        )
        for kind in kinds
    ]
    assert findings.summary(found) == expected


# --- what a code means --------------------------------------------------------------------


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "wrong-brackets"]) == 0
    assert capsys.readouterr().out == (
        "wrong-brackets\n"
        "  A block is called with brackets.\n"
        "  route[NAME] is the block itself, route(NAME) the call.\n"
        "\n"
        "for example\n"
        "    request_route { route[A]; }\n"
        "    route[A] { exit; }\n"
        "\n"
        "to mend it\n"
        "  Write route(NAME);\n"
    )


def test_explain_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", "unused-block"]) == 0
    assert "No route() calls a route[NAME]." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("mising-quote", "there is no code mising-quote: did you mean missing-quote?\n"),
        ("zzz", "there is no code zzz\n"),
    ],
)
def test_explain_what_is_no_code(code: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--explain", code]) == 2
    assert capsys.readouterr() == ("", f"sipway check: {said}")


# --- the cache ----------------------------------------------------------------------------


def test_the_second_check_comes_from_the_cache_and_says_the_same(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    directory = tmp_path / "cache"
    monkeypatch.setenv("SIPWAY_CACHE", str(directory))
    script = tmp_path / "a.cfg"
    script.write_text("request_route {\n    exit;\n    drop;\n}\n")
    said = []
    for _ in range(2):
        assert main(["check", str(script)]) == status.OK
        said.append(capsys.readouterr().out)
    assert said[0] == said[1]
    assert "unreachable-code" in said[0]
    (entry,) = directory.iterdir()
    written = entry.stat().st_mtime_ns
    monkeypatch.setattr("sipway.language._compile", None)  # not wanted for another time
    assert main(["check", str(script)]) == status.OK
    assert main(["-c", "-f", str(script)]) == status.OK
    assert entry.stat().st_mtime_ns >= written


@pytest.mark.parametrize("way", ["option", "environment"])
def test_without_the_cache(
    way: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("SIPWAY_CACHE", "off" if way == "environment" else str(tmp_path / "cache"))
    script = tmp_path / "a.cfg"
    script.write_text("request_route {\n    exit;\n}\n")
    options = ["--no-cache"] if way == "option" else []
    assert main(["check", str(script), *options]) == status.OK
    assert [path.name for path in tmp_path.iterdir()] == ["a.cfg"]


def test_a_check_imports_only_what_it_needs(tmp_path: Path) -> None:
    """Most of the time of a check of a script that has not changed is imports."""
    script = tmp_path / "a.cfg"
    script.write_text(GOOD)
    code = (
        "import sys\nfrom sipway.cli.main import main\n"
        f"main(['check', {str(script)!r}])\nprint(*sorted(sys.modules))"
    )
    slow = {
        "asyncio", "dataclasses", "importlib.resources", "inspect", "json", "platform", "re2",
        "rich", "ssl", "subprocess",
    }  # fmt: skip
    compiler = {
        "ast", "sipway.language.compiler", "sipway.language.explain",
        "sipway.language.format", "sipway.language.graph", "sipway.language.lint",
        "sipway.language.parser",
    }  # fmt: skip
    for unwanted in (slow, slow | compiler):  # without an entry in the cache, then with one
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "SIPWAY_CACHE": str(tmp_path / "cache"), "SIPWAY_PURE": "0"},
            capture_output=True,
            text=True,
            check=True,
        )
        assert unwanted & set(done.stdout.splitlines()[-1].split()) == set()
