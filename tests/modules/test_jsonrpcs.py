"""jsonrpcs and ctl: jsonrpc_exec(), $jsonrpl, parameters, and what `check` says of the rest."""

from __future__ import annotations

import json

import pytest

from tests.modules.running import mistakes, run

_LOADED = 'loadmodule "ctl.so"\nloadmodule "jsonrpcs.so"\n'

_EXEC = """
$var(r) = jsonrpc_exec('{"jsonrpc": "2.0", "method": "%s", "params": [%s], "id": 1}');
xlog("$var(r) $jsonrpl(code) $jsonrpl(text)"); xlog("$jsonrpl(body)");
"""


def test_a_script_gives_commands() -> None:
    lines = run(_EXEC % ("core.echo", '"a", "$fU"'), parameters=_LOADED).lines
    assert lines[0] == "1 200 OK"
    assert json.loads(lines[1]) == {"jsonrpc": "2.0", "result": ["a", "alice"], "id": 1}


def test_a_command_that_is_not_there() -> None:
    lines = run(_EXEC % ("none.such", ""), parameters=_LOADED).lines
    assert lines[0] == "1 500 Method Not Found"


def test_what_is_no_json() -> None:
    code = '$var(r) = jsonrpc_exec("nonsense"); xlog("$var(r) $jsonrpl(code)");'
    ran = run(code, parameters=_LOADED)
    assert ran.lines == ["-1 -32700"]


def test_before_a_command_there_is_nothing() -> None:
    code = 'xlog("$jsonrpl(code) $jsonrpl(text) $jsonrpl(body)");'
    assert run(code, parameters=_LOADED).lines == ["<null> <null> <null>"]


@pytest.mark.parametrize(
    ("statement", "parameters", "message"),
    [
        ('request_route { xlog("$jsonrpl(none)"); }', "", "code, text, body are known, not none"),
        ("request_route { jsonrpc_dispatch(); }", "", "there is no module xhttp yet"),
        ("", 'modparam("jsonrpcs", "transport", 16)', "a sum of 1, 2, 4 and 8"),
        ("", 'modparam("ctl", "fifo", "/tmp/x")', "the old FIFO protocol is not there"),
        ("", 'modparam("ctl", "mode", "x")', "mode"),
    ],
)
def test_mistakes(statement: str, parameters: str, message: str) -> None:
    found = mistakes(statement, parameters=_LOADED + parameters, hints=True)
    assert len(found) == 1
    assert message in found[0]
