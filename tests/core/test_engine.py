"""The Engine: bytes in, bytes out, whatever comes."""

from __future__ import annotations

import pytest

from sipway.core.engine import Engine
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.program import Program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.sip.addresses import sockaddr
from tests.fakes import LogInMemory, reply, request

PEER = sockaddr("192.0.2.1", 5070)
OURS = ("192.0.2.9", 5060)
_catalog = ModuleCatalog()


class Server:
    """A script in an Engine, without sockets."""

    def __init__(self, script: str) -> None:
        diagnostics = Diagnostics()
        modules = "".join(f'loadmodule "{name}.so"\n' for name in ("sl", "xlog", "pv", "textops"))
        parsed = parse(SourceFile("test.cfg", modules + script))
        diagnostics.extend(parsed.diagnostics)
        compiled = compile_script(parsed, _catalog, diagnostics)
        assert compiled is not None, [each.message for each in diagnostics.sorted()]
        self.log = LogInMemory()
        self.socket = ListenSocket("udp", *OURS)
        settings = Settings.from_items(compiled.parameters)
        program = load_program(compiled, _catalog, settings, self.log, (self.socket,))
        self.engine = Engine(program)

    def receive(self, *datagrams: bytes, source: bytes = PEER) -> list[tuple[bytes, bytes]]:
        """What was sent for the datagrams: bytes and destination."""
        self.engine.receive([(data, source) for data in datagrams], self.socket, 1_795_483_209.1)
        sent, self.socket.outgoing = self.socket.outgoing, []
        return sent

    def replies(self, *datagrams: bytes) -> list[str]:
        """The first lines of what was sent."""
        return [data.partition(b"\r\n")[0].decode() for data, _ in self.receive(*datagrams)]


ANSWER = 'request_route { sl_send_reply("200", "OK"); }'


def test_each_message_of_a_batch_is_answered_in_order() -> None:
    sent = Server(ANSWER).receive(*(request(call_id=f"call-{number}") for number in range(3)))
    assert [data.partition(b"Call-ID: ")[2].partition(b"\r\n")[0] for data, _ in sent] == [
        b"call-0",
        b"call-1",
        b"call-2",
    ]


def test_a_request_that_the_script_does_not_answer_gets_nothing() -> None:
    server = Server("request_route { exit; }")
    assert server.receive(request()) == []
    assert server.engine.counters.requests == 1


REFUSED = [
    (request().replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 BYE"), "does not match"),
    (request().replace(b"CSeq: 1 ", b"CSeq: x "), "CSeq is not a number and a method"),
    (request().replace(b"Length: 0", b"Length: 9"), "Content-Length is larger than the body"),
    (request().replace(b"Length: 0", b"Length: x"), "Content-Length is not a number"),
    (request(extra="To: <sip:b@c>\r\n"), "More than one To header field"),
    (request(extra="Content-Length: 0\r\n"), "More than one Content-Length header field"),
    (request(extra="X-Odd\r\n"), "A header line has no name and colon"),
    (request()[:-2], "The headers have no end"),
    (request(extra="X: 1\r\n" * 300), "Too many header fields"),
    (request(uri="sip:b b@c"), "The Request-URI has blanks or brackets in it"),
    (request(uri=""), "The Request-URI is empty"),
]


@pytest.mark.parametrize(("data", "fault"), REFUSED)
def test_a_request_that_can_be_answered_is_told_what_is_wrong_with_it(
    data: bytes, fault: str
) -> None:
    server = Server(ANSWER)
    (first_line,) = server.replies(data)
    assert first_line.startswith("SIP/2.0 400 ")
    assert fault in first_line
    assert server.engine.counters.refused == 1
    assert server.replies(request()) == ["SIP/2.0 200 OK"]


def test_a_request_of_another_version_is_told_so() -> None:
    data = request().replace(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia")
    assert Server(ANSWER).replies(data) == ["SIP/2.0 505 SIP version not supported"]


def test_a_broken_ack_is_not_answered() -> None:
    assert Server(ANSWER).receive(request("ACK", extra="To: <sip:b@c>\r\n")) == []


@pytest.mark.parametrize("data", [b"", b"\r\n", b"\r\n\r\n", b"\0", b"\0\0\0\0", b"  \r\n\r\n  "])
def test_keepalives_are_counted_and_dropped(data: bytes) -> None:
    server = Server(ANSWER)
    assert server.receive(data) == []
    assert server.engine.counters.keepalives == 1


NOT_SIP = [
    b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    b"\xff" * 100,
    b"OPTIONS sip:b@c SIP/2.0\r\n\r\n",
    request().replace(b"Via: ", b"Way: "),
    request()[:60],
]


@pytest.mark.parametrize("data", NOT_SIP)
def test_what_is_not_sip_is_counted_and_dropped(data: bytes) -> None:
    server = Server(ANSWER)
    assert server.receive(data) == []
    assert server.engine.counters.not_sip == 1
    assert server.replies(request()) == ["SIP/2.0 200 OK"]


def _broken(_: object) -> int:
    raise ZeroDivisionError


def test_a_fault_in_a_function_is_answered_with_500_and_the_next_request_served() -> None:
    server = Server(ANSWER)
    program = server.engine.program
    server.engine.program = Program(
        "test.cfg",
        program.settings,
        program.log,
        program.sockets,
        request_route=_broken,
        tag_prefix=program.tag_prefix,
    )
    assert server.replies(request()) == ["SIP/2.0 500 Server Internal Error"]
    assert server.engine.counters.script_errors == 1
    server.engine.program = program
    assert server.replies(request()) == ["SIP/2.0 200 OK"]


# --- replies of others ------------------------------------------------------------------------


def test_a_reply_goes_on_to_the_next_via() -> None:
    server = Server(ANSWER)
    ((data, destination),) = server.receive(reply())
    assert data == reply().replace(b"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-1\r\n", b"")
    assert destination == sockaddr("192.0.2.7", 5077)
    assert server.engine.counters.forwarded_replies == 1


@pytest.mark.parametrize(("value", "forwarded"), [("no", 1), ("yes", 0)])
def test_check_via_tells_whether_replies_to_others_go_on(value: str, forwarded: int) -> None:
    server = Server(f"check_via={value}\n{ANSWER}")
    assert len(server.receive(reply().replace(b"192.0.2.9", b"192.0.2.8"))) == forwarded
    assert server.engine.counters.dropped_replies == 1 - forwarded


def test_reply_route_sees_the_reply_and_can_drop_it() -> None:
    route = 'reply_route { xlog("L_NOTICE", "$rs $rr"); if ($rs == 486) { drop; } }'
    server = Server(ANSWER + route)
    assert len(server.receive(reply(200, "OK"), reply(486, "Busy Here"))) == 1
    assert [text for _, text in server.log.written] == [
        "<script>: 200 OK",
        "<script>: 486 Busy Here",
    ]


@pytest.mark.parametrize(
    ("parameter", "onsend", "forwarded", "logged"),
    [
        ("", "", 1, 0),
        ("onsend_route_reply=yes", "", 1, 1),
        ("onsend_route_reply=yes", "drop;", 0, 1),
    ],
)
def test_onsend_route_for_replies(parameter: str, onsend: str, forwarded: int, logged: int) -> None:
    route = f'onsend_route {{ xlog("L_NOTICE", "$rs"); {onsend} }}'
    server = Server(f"{parameter}\n{ANSWER}{route}")
    assert len(server.receive(reply())) == forwarded
    assert len(server.log.written) == logged


# --- parameters that the engine keeps -------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "lines"),
    [(0, ["call-1 0 a", "call-1 0 b"]), (1, ["call-1 0 a", "call-1 7 b"])],
)
def test_log_prefix(mode: int, lines: list[str]) -> None:
    """Read before the script begins, or for each line: as on Kamailio 5.6.3."""
    script = f'log_prefix="$ci $var(x) "\nlog_prefix_mode={mode}\n'
    server = Server(script + 'request_route { xlog("a"); $var(x) = 7; xlog("b"); }')
    prefixes = []
    write = server.log.write

    def note(level: int, text: str, facility: str | None = None) -> None:
        assert server.log.prefix is not None
        prefixes.append(server.log.prefix() + text.removeprefix("<script>: "))
        write(level, text, facility)

    server.log.write = note  # type: ignore[method-assign]
    server.receive(request())
    assert prefixes == lines
    assert server.log.prefix is None


@pytest.mark.parametrize(("value", "port"), [("no", 5099), ("yes", 5070)])
def test_force_rport(value: str, port: int) -> None:
    server = Server(f"force_rport={value}\n{ANSWER}")
    data = request(via="SIP/2.0/UDP 192.0.2.1:5099;branch=z9hG4bK-1")
    ((_, destination),) = server.receive(data)
    assert destination == sockaddr("192.0.2.1", port)


def test_the_to_tag_is_the_same_for_a_retransmission_only() -> None:
    server = Server(ANSWER)
    other = request(via="SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-2")
    one, again, two = (
        data.partition(b";tag=")[2] for data, _ in server.receive(request(), request(), other)
    )
    assert one == again != two


def test_core_functions_leave_the_return_code_alone() -> None:
    """So Kamailio 5.6.3 does: only functions of modules set it."""
    script = 'is_method("INVITE"); setflag(1); isflagset(2); force_rport(); xlog("$rc");'
    server = Server(f"request_route {{ {script} }}")
    server.receive(request())
    assert [text for _, text in server.log.written] == ["<script>: -1"]


@pytest.mark.parametrize(("corelog", "level"), [(2, 1), (-1, -1), (0, 1), (3, 2)])
def test_what_is_wrong_with_messages_is_logged_at_the_level_of_corelog(
    corelog: int, level: int
) -> None:
    log = LogInMemory()
    log.level = level
    socket = ListenSocket("udp", "192.0.2.9", 5060)
    program = Program("test.cfg", Settings(corelog=corelog), log, (socket,))
    broken = request().replace(b"CSeq: 1 OPTIONS\r\n", b"")
    source = sockaddr("192.0.2.1", 5070)
    datagrams = [(b"no SIP at all\r\n\r\n", source), (broken, source)]
    Engine(program).receive(datagrams, socket, 1.0)
    assert [each for each, _ in log.written] == ([corelog] * 2 if corelog <= level else [])
