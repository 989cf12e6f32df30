"""Every script of examples/101 does what its comments say, here and in Kamailio."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.ports import free_port
from tests.server_process import (
    ask,
    header,
    hears_nothing,
    kamailio_command,
    needs_kamailio,
    request,
    running,
    sipway_command,
    status_line,
)

_FOLDER: Final = Path(__file__).parents[2] / "examples" / "101"

Command = Callable[..., list[str]]


class Case(NamedTuple):
    """A request and the reply that the script promises."""

    message: str
    expected: str


def _options(uri: str = "sip:127.0.0.1") -> str:
    return request("OPTIONS", uri)


def _invite(uri: str, *headers: str) -> str:
    return request("INVITE", uri, *headers)


_CASES: Final = {
    "01-answer": (
        Case(_options(), "501 Not Implemented"),
        Case(_invite("sip:bob@example.org"), "501 Not Implemented"),
    ),
    "02-log": (Case(_options(), "501 Not Implemented"),),
    "03-methods": (
        Case(_options(), "200 Here I am"),
        Case(_invite("sip:bob@example.org"), "503 Not Today"),
        Case(request("REGISTER", "sip:example.org"), "503 Not Today"),
        Case(request("MESSAGE", "sip:bob@example.org"), "405 Method Not Allowed"),
    ),
    "04-blocks": (
        Case(_options(), "200 OK"),
        Case(_invite("sip:bob@example.org"), "501 Not Implemented"),
    ),
    "05-return-codes": (
        Case(_invite("sip:112@example.org"), "380 Call Somebody Else"),
        Case(_invite("sip:0900123@example.org"), "402 Payment Required"),
        Case(_invite("sip:bob@example.org"), "404 Not Found"),
    ),
    "06-variables": (
        Case(_invite("sip:4711@example.org"), "480 A number of 4"),
        Case(_invite("sip:bob@example.org"), "480 A name of 3"),
        Case(_options(), "480 A nobody of 0"),
    ),
    "07-conditions": (
        Case(request("BYE", "sip:bob@example.org", to_tag="b2"), "481 Call Does Not Exist"),
        Case(_invite("sip:234@example.org"), "480 Extension Is Not At Home"),
        Case(_invite("sip:234@example.net"), "404 Not Found"),
        Case(_invite("sip:bob@example.org", "Subject: lunch"), "488 Too Many Words"),
        Case(_invite("sip:bob@example.org", f"X-Long: {'x' * 1300}"), "488 Too Many Words"),
    ),
    "08-switch": (
        Case(_invite("sip:echo@example.org"), "488 No Sound Here"),
        Case(_invite("sip:music@example.org"), "488 No Sound Here"),
        Case(_invite("sip:operator@example.org"), "486 Busy Here"),
        Case(_invite("sip:bob@example.org"), "404 Not Found"),
    ),
    "09-max-forwards": (
        Case(_options(), "404 Not Found"),
        Case(request("OPTIONS", "sip:127.0.0.1", max_forwards=0), "483 Too Many Hops"),
    ),
    "10-defines": (Case(_options(), "480 Nobody Is In"),),
}

_SERVERS: Final = (
    pytest.param(sipway_command, id="sipway"),
    pytest.param(kamailio_command, id="kamailio", marks=needs_kamailio),
)


def test_every_script_has_cases() -> None:
    assert sorted(_CASES) == sorted(path.stem for path in _FOLDER.glob("*.cfg"))


@pytest.mark.parametrize("command", _SERVERS)
@pytest.mark.parametrize("name", _CASES)
def test_replies(name: str, command: Command, tmp_path: Path) -> None:
    port = free_port()
    with running(command(_FOLDER / f"{name}.cfg", port), tmp_path / "log") as server:
        replies = [status_line(ask(port, case.message, server)) for case in _CASES[name]]
        assert replies == [case.expected for case in _CASES[name]]


@pytest.mark.parametrize("command", _SERVERS)
def test_an_ack_gets_no_reply(command: Command, tmp_path: Path) -> None:
    port = free_port()
    with running(command(_FOLDER / "04-blocks.cfg", port), tmp_path / "log") as server:
        ask(port, _options(), server)
        assert hears_nothing(port, request("ACK", "sip:bob@example.org"), after=_options())


@pytest.mark.parametrize("command", _SERVERS)
def test_a_name_from_the_command_line(command: Command, tmp_path: Path) -> None:
    port = free_port()
    options = ["-A", "WITH_HOLIDAYS"]
    script = _FOLDER / "10-defines.cfg"
    with running(command(script, port, *options), tmp_path / "log") as server:
        reply = ask(port, _options(), server)
    assert status_line(reply) == "503 Closed For Holidays"
    assert header(reply, "Retry-After") == "86400"


@pytest.mark.parametrize("command", _SERVERS)
def test_a_name_with_a_value(command: Command, tmp_path: Path) -> None:
    port = free_port()
    script = _FOLDER / "10-defines.cfg"
    with running(command(script, port, "-A", "RETRY=17"), tmp_path / "log") as server:
        assert header(ask(port, _options(), server), "Retry-After") == "17"


@pytest.mark.parametrize("command", _SERVERS)
def test_log_lines(command: Command, tmp_path: Path) -> None:
    port = free_port()
    log = tmp_path / "log"
    with running(command(_FOLDER / "02-log.cfg", port), log) as server:
        ask(port, _options("sip:127.0.0.1"), server)
    text = log.read_text()
    assert "OPTIONS from 127.0.0.1 port" in text
    assert "sip:alice@example.org wants sip:127.0.0.1" in text
    assert "the sender does not say what program it is" in text
