"""core.* and system.*; that their answers look like Kamailio's, `tests/compat` holds."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

import pytest

from sipway import __version__
from sipway.core.program import Program
from tests.modules.commanding import give
from tests.modules.running import load


@pytest.fixture(scope="module")
def program() -> Program:
    return load('alias="sip.example:5070"', parameters="mhomed=1")[0]


def test_what_it_is(program: Program) -> None:
    assert give(program, "core.version").startswith(f"sipway {__version__} (")
    assert give(program, "core.info")["version"] == f"sipway {__version__}"
    assert give(program, "core.runinfo")["name"] == "sipway"
    assert give(program, "core.flags")
    assert give(program, "core.pwd") == [str(Path.cwd())]
    assert give(program, "core.arg")
    assert give(program, "core.ps") == [os.getpid(), "worker"]
    assert give(program, "core.psx") == [{"IDX": 0, "PID": os.getpid(), "DSC": "worker"}]
    assert give(program, "core.psa")[0]["pid"] == os.getpid()
    assert give(program, "core.modules")[-1] == "sl"
    assert give(program, "core.uptime")["uptime"] >= 0


def test_memory_is_that_of_the_process(program: Program) -> None:
    found = give(program, "core.shmmem")
    assert 0 < found["used"] <= found["total"]
    assert give(program, "shm.stats").keys() == found.keys()


def test_where_it_is(program: Program) -> None:
    assert give(program, "core.aliases_list") == {
        "myself_callbacks": "no",
        "aliases": [("alias", {"proto": "*", "address": "sip.example", "port": 5070})],
    }
    ((name, socket),) = give(program, "core.sockets_list")
    assert name == "socket"
    assert (socket["address"], socket["port"], socket["mhomed"]) == ("192.0.2.9", "5060", "yes")
    assert give(program, "core.tcp_list") == []
    assert give(program, "core.tcp_info")["opened_connections"] == 0
    assert give(program, "core.tcp_options")["connect_timeout"] == 10
    assert give(program, "core.udp4_raw_info")["udp4_raw"] == 0


def test_help(program: Program) -> None:
    assert "core.echo" in give(program, "system.listMethods")
    assert give(program, "system.methodHelp", "core.echo") == "Answers with its parameters."
    signature = give(program, "system.methodSignature", "core.kill")
    assert signature == "core.kill [number]"
    assert give(program, "system.methodSignature", "core.echo") == "core.echo [*values]"
    assert give(program, "system.methodHelp", "none") == (400, "command not found")


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        (("core.echo", "a", 1), ["a", "1"]),
        (("core.prints", "a"), ["a"]),
        (("core.printi", "1", 2), [1, 2]),
        (("core.printi", "a"), (400, 'parameter 1 (values) is a number, not "a"')),
        (("jsonrpc.echo", "a", 1, 0.5), ["a", 1, 0.5]),
        (("core.kill", 999), (400, "no signal 999: Invalid argument")),
    ],
)
def test_echoes_and_refusals(program: Program, given: tuple[Any, ...], answer: Any) -> None:
    assert give(program, *given) == answer


def test_a_signal(program: Program) -> None:
    got = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: got.append(number))
    try:
        assert give(program, "core.kill", signal.SIGUSR1.value) is None
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert got == [signal.SIGUSR1]
