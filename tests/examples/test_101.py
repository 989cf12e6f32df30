"""Every script of examples/101 does what its comments say, here and in Kamailio."""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.ports import free_port
from tests.scenarios.baresip import Phone, phone
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

needs_baresip = pytest.mark.skipif(
    shutil.which("baresip") is None, reason="baresip is not installed"
)

Command = Callable[..., list[str]]


class Case(NamedTuple):
    """A request and the reply that the script promises."""

    message: str
    expected: str


def _options(uri: str = "sip:127.0.0.1") -> str:
    return request("OPTIONS", uri)


def _invite(uri: str, *headers: str) -> str:
    return request("INVITE", uri, *headers)


def _register(uri: str, *headers: str) -> str:
    return request("REGISTER", uri, *headers)


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
    "11-registrations": (
        Case(_invite("sip:alice@example.org"), "404 Not Found"),
        Case(_register("sip:alice@example.org"), "200 OK"),
        Case(_invite("sip:alice@example.org"), "302 Moved Temporarily"),
        Case(_register("sip:alice@example.org", "Expires: 10"), "200 OK"),
        Case(_register("sip:alice@example.org", "Expires: 0"), "200 OK"),
        Case(_invite("sip:alice@example.org"), "404 Not Found"),
    ),
    "12-first-call": (
        Case(_invite("sip:bob@example.org"), "404 Not Found"),
        Case(request("BYE", "sip:bob@example.org", to_tag="b2"), "481 Call Does Not Exist"),
    ),
    "13-reusing-blocks": (
        Case(_invite("sip:100@example.org"), "480 Not Here"),
        Case(request("BYE", "sip:bob@example.org", to_tag="b2"), "481 Call Does Not Exist"),
    ),
    "14-security": (
        Case(_options(), "200 OK"),
        Case(_invite("sip:bob@example.org"), "405 Method Not Allowed"),
        Case(_register("sip:alice@example.org"), "401 Unauthorized"),
        Case(request("OPTIONS", "sip:127.0.0.1", max_forwards=0), "483 Too Many Hops"),
    ),
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


@contextmanager
def _phones(folder: Path, port: int, **passwords: str | None) -> Iterator[dict[str, Phone]]:
    """Phones with these names, that register; all but the first answer at once."""
    with ExitStack() as stack:
        made: dict[str, Phone] = {}
        for name, password in passwords.items():
            made[name] = stack.enter_context(
                phone(
                    name,
                    folder,
                    port,
                    port=free_port(with_next=True),
                    hertz=440,
                    answers=bool(made),
                    registers=300,
                    password=password,
                )
            )
        yield made


@needs_baresip
@pytest.mark.parametrize("command", _SERVERS)
def test_phones_call_each_other(command: Command, tmp_path: Path) -> None:
    port = free_port()
    script = _FOLDER / "12-first-call.cfg"
    with running(command(script, port), tmp_path / "log") as server:
        ask(port, _invite("sip:nobody@example.org"), server)
        with _phones(tmp_path, port, alice=None, bob=None) as phones:
            for each in phones.values():
                each.wait_until_said("[1 binding]")
            phones["alice"].command("dial", f"sip:bob@127.0.0.1:{port}")
            for each in phones.values():
                each.wait_for("CALL_ESTABLISHED")
            phones["bob"].command("hangup")
            phones["alice"].wait_for("CALL_CLOSED")


@needs_baresip
@pytest.mark.parametrize("command", _SERVERS)
def test_a_call_goes_on_to_another_phone(command: Command, tmp_path: Path) -> None:
    """ "desk" is a phone that has gone without a word: what it cannot take, "mobile" takes."""
    port = free_port()
    script = _FOLDER / "13-reusing-blocks.cfg"
    with running(command(script, port), tmp_path / "log") as server:
        ask(port, _invite("sip:100@example.org"), server)
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as desk,
            _phones(tmp_path, port, alice=None, mobile=None) as phones,
        ):
            desk.bind(("127.0.0.1", 0))
            contact = f"Contact: <sip:desk@127.0.0.1:{desk.getsockname()[1]}>"
            register = _register("sip:desk@example.org").replace(
                "Contact: <sip:alice@127.0.0.1:9>", contact
            )
            assert status_line(ask(port, register, server)) == "200 OK"
            for each in phones.values():
                each.wait_until_said("[1 binding]")
            phones["alice"].command("dial", f"sip:100@127.0.0.1:{port}")
            invite, source = desk.recvfrom(65535)
            desk.sendto(_answer(invite, "486 Busy Here"), source)
            for each in phones.values():
                each.wait_for("CALL_ESTABLISHED")


def _answer(request: bytes, status: str) -> bytes:
    """The answer of a phone."""
    lines = request.decode().split("\r\n")
    kept = [
        f"{line};tag=desk" if line.lower().startswith("to:") else line
        for line in lines
        if line.lower().startswith(("via:", "from:", "to:", "call-id:", "cseq:"))
    ]
    return "\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""]).encode()


@needs_baresip
@pytest.mark.parametrize("command", _SERVERS)
def test_only_who_knows_the_password_registers(command: Command, tmp_path: Path) -> None:
    port = free_port()
    script = _FOLDER / "14-security.cfg"
    with running(command(script, port), tmp_path / "log") as server:
        ask(port, _options(), server)
        with _phones(tmp_path, port, alice="wonderland") as phones:
            phones["alice"].wait_until_said("[1 binding]")
        with _phones(tmp_path, port, mallory="guess") as phones:
            phones["mallory"].wait_until_said("401 Unauthorized")


@pytest.mark.parametrize("command", _SERVERS)
def test_who_asks_too_much_is_not_answered_any_more(command: Command, tmp_path: Path) -> None:
    port = free_port()
    script = _FOLDER / "14-security.cfg"
    with (
        running(command(script, port), tmp_path / "log") as server,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood,
    ):
        ask(port, _options(), server)
        flood.bind(("127.0.0.1", 0))
        flood.settimeout(1)
        for _ in range(100):
            flood.sendto(_options().encode(), ("127.0.0.1", port))
        answers = 0
        with contextlib.suppress(TimeoutError):
            while True:
                flood.recv(65535)
                answers += 1
        assert answers < 50
        flood.sendto(_options().encode(), ("127.0.0.1", port))
        with pytest.raises(TimeoutError):
            flood.recv(65535)


@pytest.mark.parametrize("command", _SERVERS)
def test_known_programs_are_not_answered(command: Command, tmp_path: Path) -> None:
    port = free_port()
    script = _FOLDER / "14-security.cfg"
    scan = request("OPTIONS", "sip:127.0.0.1", "User-Agent: friendly-scanner")
    with running(command(script, port), tmp_path / "log") as server:
        ask(port, _options(), server)
        assert hears_nothing(port, scan, after=_options())
