"""The command line of Kamailio."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Final

import pytest

from sipway.cli import kamailio
from sipway.cli.kamailio import FLAGS, UsageError, Use, parse
from sipway.cli.main import main
from sipway.language.record import replace
from sipway.server.checking import check
from sipway.server.options import Options
from tests.server_process import needs_kamailio

_SERVICE: Final = """
-f /etc/sip/a.cfg -P /run/a.pid -w /tmp -Y /run/a -L /usr/lib/a -a no -n 4 -m 64 -M 8
-x tlsf -X tlsf -u sip -g voice -l udp:127.0.0.1:5060 -l udp:[::1]:5060
-A WITH_AUTH -A PORT=5070 -d -DD -E
"""


def test_as_service_files_start_it() -> None:
    line = parse(_SERVICE.split())
    assert line.action == "run"
    assert line.foreground is True
    assert line.pid_file == Path("/run/a.pid")
    assert line.options == Options(
        script=Path("/etc/sip/a.cfg"),
        listen=("udp:127.0.0.1:5060", "udp:[::1]:5060"),
        defines={"WITH_AUTH": None, "PORT": "5070"},
        log_stderr=True,
        debug=1,
        workdir=Path("/tmp"),
        user="sip",
        group="voice",
        run_dir="/run/a",
    )


@pytest.mark.parametrize(
    ("arguments", "foreground"),
    [("-E", None), ("-D", True), ("-DD", True), ("-D -D", True), ("-DDD", None)],
)
def test_foreground(arguments: str, foreground: bool | None) -> None:
    assert parse(arguments.split()).foreground is foreground


@pytest.mark.parametrize(
    ("arguments", "action"),
    [
        ("-c -f x", "check"),
        ("-cE", "check"),
        ("-v", "version"),
        ("-V", "version"),
        ("-I", "version"),
        ("-h", "help"),
        ("-c -h", "help"),
        ("-f x", "run"),
    ],
)
def test_action(arguments: str, action: str) -> None:
    assert parse(arguments.split()).action == action


def test_a_script_is_found_after_a_change_of_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert parse(["-f", "a.cfg", "-w", "/"]).options.script == tmp_path / "a.cfg"


def test_the_default_script() -> None:
    assert parse(["-DD"]).options.script == Path("/etc/kamailio/kamailio.cfg")


@pytest.mark.parametrize(
    ("arguments", "level"), [("-E", None), ("-d", 1), ("-ddd", 3), ("-d --debug=-1", -1)]
)
def test_debug_level(arguments: str, level: int | None) -> None:
    assert parse(arguments.split()).options.debug == level


def test_substitutions_come_before_the_script(tmp_path: Path) -> None:
    script = tmp_path / "a.cfg"
    script.write_text('request_route { log("OLD"); setflag(NUMBER); route(NAME); }\n'
                      'route["NEW"] { return; }\n')  # fmt: skip
    line = parse(
        ["-f", str(script), "--subst=/OLD/$var(x)/", "--substdef", "!NUMBER!3!g",
         "--substdefs=!NAME!NEW!g"]
    )  # fmt: skip
    result = check(replace(line.options, cache=False))
    assert [(each.code, each.span.file.path) for each in result.diagnostics] == [
        ("unset-in-subst", "<command line>")
    ]
    assert result.compiled is not None


def test_a_bad_substitution_is_named_with_the_place_it_came_from(tmp_path: Path) -> None:
    script = tmp_path / "a.cfg"
    script.write_text("request_route { exit; }\n")
    options = parse(["-f", str(script), "--subst=/a/b", "--substdef", "!N!1!", "--substdef=!N!2!"])
    found = check(replace(options.options, cache=False)).diagnostics
    assert [(each.code, each.span.text) for each in found] == [
        ("bad-subst", '"/a/b"'), ("defined-twice", "#!substdef")
    ]  # fmt: skip


@pytest.mark.parametrize("twice", ["-A N -A N", "-A N=1 -A N=2", "-A KAMAILIO_5"])
def test_a_name_is_defined_once(twice: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(UsageError, match="is defined"):
        parse(twice.split())
    assert main(["check", *twice.split(), "x.cfg"]) == 2
    assert "is defined" in capsys.readouterr().err


def test_a_value_keeps_its_quotes() -> None:
    assert parse(["-A", 'NAME="a=b c"']).options.defines == {"NAME": '"a=b c"'}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("-Z", "-Z"),
        ("-f", "-f"),
        ("-f a.cfg b.cfg", "b.cfg"),
        ("--debug=much", "much"),
        ("-A 1X", "1X"),
        ("--modparam=a:b:i:1", "not supported"),
        ("-t /srv", "not supported"),
    ],
)
def test_mistakes_are_named(arguments: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        parse(arguments.split())


@pytest.mark.parametrize("flag", [flag for flag in FLAGS if flag.use is Use.IGNORED])
def test_ignored_flags_change_nothing(flag: kamailio.Flag) -> None:
    dashes = "-" if len(flag.name) == 1 else "--"
    value = ["1"] if flag.argument else []
    assert parse([dashes + flag.name, *value]) == parse(["-DDD"])


def test_usage_names_every_accepted_flag() -> None:
    text = kamailio.usage()
    assert all(f.spelling in text for f in FLAGS if f.use is not Use.REFUSED)


@needs_kamailio
def test_every_flag_of_kamailio_is_known() -> None:
    text = subprocess.run(
        ["kamailio", "-h"], capture_output=True, text=True, timeout=20, check=True
    ).stdout
    theirs = set(re.findall(r"^ {4}--?([A-Za-z][a-z-]*)", text, re.MULTILINE))
    assert len(theirs) > 40
    assert theirs - {flag.name for flag in FLAGS} == set()
