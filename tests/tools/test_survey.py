"""The survey: which files count, what it prints, when it fails; a checker that dies is a row."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tools.survey_checks import check, verdict
from tools.survey_scripts import find

_SURVEY = Path(__file__).parents[2] / "tools/survey.py"
_FINE = 'loadmodule "sl.so"\nrequest_route {\n    sl_send_reply("480", "Later");\n}\n'
_INCLUDING = 'include_file "part.cfg"\n#!ifdef X\ninclude_file "/etc/x/deep/far.cfg"\n#!endif\n'
_BROKEN = "request_route {\n    if (1) {\n        exit\n    }\n}\n"


def _write(folder: Path, **texts: str) -> None:
    for name, text in texts.items():
        path = folder / name.replace("__", "/").replace("_cfg", ".cfg")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _survey(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(_SURVEY), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _names(paths: list[Path], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in paths]


def test_scripts_fragments_and_parts(tmp_path: Path) -> None:
    _write(
        tmp_path,
        a__main_cfg=_INCLUDING + _FINE,
        a__part_cfg="route[A] {\n    exit;\n}\n",
        a__deep__far_cfg="route[B] {\n    exit;\n}\n",
        a__other__far_cfg="route[C] {\n    exit;\n}\n",
        b__piece_cfg="onreply_route[D] {\n    exit;\n}\n",
        b__modules_cfg='loadmodule "im.so"\n',
        b__kemi_cfg='loadmodule "app_lua.so"\ncfgengine "lua"\n',
        b__copy_cfg="onreply_route[D] {\n    exit;\n}\n",
        b__haproxy_cfg="frontend x\n    route /a\n",
    )
    (tmp_path / "b/notes.md").write_text(_FINE)
    (tmp_path / "b/link.cfg").symlink_to(tmp_path / "a/main.cfg")
    found = find(tmp_path)
    assert _names(found.scripts, tmp_path) == ["a/main.cfg", "b/kemi.cfg"]
    assert _names(found.fragments, tmp_path) == [
        "a/other/far.cfg",
        "b/copy.cfg",
        "b/modules.cfg",
    ]
    assert _names(found.parts, tmp_path) == ["a/deep/far.cfg", "a/part.cfg"]
    assert _names(found.copies, tmp_path) == ["b/piece.cfg"]


def test_the_table(tmp_path: Path) -> None:
    _write(
        tmp_path,
        fine_cfg=_FINE,
        broken_cfg=_BROKEN,
        names_cfg='loadmodule "im.so"\nrequest_route {\n    t_rely();\n}\n',
    )
    result = _survey(tmp_path, "--bar", "60")
    assert result.returncode == 0, result.stderr
    lines = result.stdout.splitlines()
    assert "syntax errors:" in lines
    assert "       1  missing-semicolon  (in 1 files)" in lines
    assert "fine.cfg: fine" in lines
    assert any(line.startswith("broken.cfg: syntax: 3: [missing-semicolon]") for line in lines)
    assert any(line.startswith("names.cfg: ok, then 1: [module-not-here]") for line in lines)
    assert "scripts: 3" in lines
    assert "  without a syntax error: 2 (66.7 %)" in lines
    assert "crashes: 0, hangs: 0" in lines


def test_exit_status_is_by_the_bar(tmp_path: Path) -> None:
    _write(tmp_path, fine_cfg=_FINE, broken_cfg=_BROKEN)
    assert _survey(tmp_path, "--bar", "50").returncode == 0
    assert _survey(tmp_path, "--bar", "51").returncode == 1


def test_json(tmp_path: Path) -> None:
    _write(tmp_path, fine_cfg=_FINE, broken_cfg=_BROKEN)
    result = json.loads(_survey(tmp_path, "--json").stdout)
    assert result["totals"]["scripts"] == 2
    assert result["totals"]["clean"] == 1
    assert result["totals"]["share"] == 50.0
    broken = next(each for each in result["files"] if each["path"].endswith("broken.cfg"))
    assert [each["code"] for each in broken["checked"]["mistakes"]] == ["missing-semicolon"]
    assert broken["checked"]["seconds"] > 0
    assert broken["checked"]["kilobytes"] > 1000


def test_nothing_to_check(tmp_path: Path) -> None:
    result = _survey(tmp_path)
    assert result.returncode == 2
    assert "there is no script below" in result.stderr


def test_help_has_an_example() -> None:
    assert "example: python tools/survey.py" in _survey("--help").stdout


def test_a_missing_include_is_no_syntax_error(tmp_path: Path) -> None:
    _write(tmp_path, main_cfg='include_file "absent.cfg"\n' + _FINE)
    checked = check(tmp_path / "main.cfg", seconds=30, megabytes=1024)
    assert [each.stage for each in checked.mistakes] == ["surroundings"]
    assert checked.syntax_errors == []


def test_a_checker_that_takes_too_long_is_a_hang(tmp_path: Path) -> None:
    _write(tmp_path, fine_cfg=_FINE)
    assert check(tmp_path / "fine.cfg", seconds=0.0001, megabytes=1024).outcome == "hang"


def test_a_checker_that_dies_is_a_crash(tmp_path: Path) -> None:
    # The text alone is more than the process may have.
    _write(tmp_path, large_cfg="request_route {\n" + '    log("x");\n' * 300_000 + "}\n")
    checked = check(tmp_path / "large.cfg", seconds=60, megabytes=1)
    assert checked.outcome == "crash"
    assert checked.detail


def _line(text: str) -> str:
    return (
        " 0(1) CRITICAL: <core> [core/cfg.y:1]: yyerror_at(): parse error in config file"
        f" /x/a.cfg, line 7, column 1-4: {text}\n"
    )


@pytest.mark.parametrize(
    ("output", "outcome"),
    [
        ("config file ok, exiting...\n", "taken"),
        (_line("syntax error") + "ERROR: bad config file (1 errors) (parsing code: 1)", "refused"),
        (_line("failed to load module") + "ERROR: bad config file (parsing code: 0)", "taken"),
        (_line("unknown command, missing loadmodule?") + "failed to initialize list", "undecided"),
        (
            "0(1) ERROR: <core> [x]: pv_parse_spec2(): error searching pvar y\n"
            + _line("syntax error"),
            "undecided",
        ),
        ("0(1) CRITICAL: <core> [x]: sr_push(): cannot open included file: a\n", "undecided"),
        (
            "(parsing code: 0)\n0(1) ERROR: <core> [x]: pp_ifdef_level_error(): different number\n",
            "refused",
        ),
        ("", "undecided"),
    ],
)
def test_what_kamailio_says_of_the_grammar(output: str, outcome: str) -> None:
    assert verdict(255, output).outcome == outcome


def test_kamailio_out_of_time() -> None:
    assert verdict(None, "").reason == "no result in time"
