"""usrloc: contacts that it asks whether they are there; time is what the test says it is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest

from sipway.core.program import Program
from sipway.core.sockets import ListenSocket
from sipway.modules import usrloc
from sipway.modules.usrloc import Contact
from sipway.modules.usrloc.answers import GRACE
from sipway.modules.usrloc.keepalive import Keepalive
from sipway.sip.addresses import ip_text, port, sockaddr
from tests.fakes import LogInMemory
from tests.modules.pinging import NAT, START, contact, with_sockets
from tests.modules.running import load, mistakes

_INTERVAL = 40


class _Server:
    def __init__(self, head: str = "", **parameters: Any) -> None:
        wanted = {"ka_mode": 1, "nat_bflag": 6, "ka_interval": _INTERVAL, "ka_randomize": 0}
        text = head + 'modparam("usrloc", "preload", "location")\n'
        for name, value in {**wanted, **parameters}.items():
            if value is not None:
                shown = f'"{value}"' if isinstance(value, str) else value
                text += f'modparam("usrloc", "{name}", {shown})\n'
        self.program: Program
        self.log: LogInMemory
        self.program, self.log, self.socket = load(
            "request_route { exit; }", parameters=text, modules=("usrloc",)
        )
        self.incoming = self.program.incoming
        self.table = usrloc.locations(self.program).table("location")
        self.now = START

    def add(self, user: str, *contacts: Contact) -> None:
        for number, each in enumerate(contacts):
            each.ruid = f"uloc-{user.partition('@')[0]}-{number}".encode()
            each.modified = each.modified or int(self.now)
        self.table.put(user, list(contacts), len(self.table.get(user)))

    def round(self, keepalive: Keepalive, seconds: float = _INTERVAL) -> list[tuple[str, bytes]]:
        found = []
        end = self.now + seconds
        while self.now < end:
            self.now += keepalive.step(self.now)
            found += self.sent()
        return found

    def sent(self) -> list[tuple[str, bytes]]:
        return _taken(self.program.sockets)

    def comes(self, data: bytes) -> None:
        assert self.incoming is not None
        self.incoming([(data, sockaddr("192.0.2.1", 5060))], self.socket, self.now)


def _taken(sockets: Iterable[ListenSocket]) -> list[tuple[str, bytes]]:
    found = []
    for socket in sockets:
        outgoing, socket.outgoing = socket.outgoing, []
        found += [(f"{ip_text(where)}:{port(where)}", data) for data, where in outgoing]
    return found


def _answer(data: bytes, status: int = 200) -> bytes:
    lines = [f"SIP/2.0 {status} Whatever", *data.decode().split("\r\n")[1:]]
    return "\r\n".join(each for each in lines if not each.startswith("Max-F")).encode()


def _plain(data: bytes) -> str:
    text = re.sub(r"(branch=z9hG4bK)[0-9a-f]{16}", r"\1B", data.decode())
    text = re.sub(r"(Call-ID: )[0-9a-f]{24}@", r"\1C@", text)
    return re.sub(r"(tag=uloc-\w+-0-)[0-9a-f]{12}", r"\1T", text)


def test_the_request() -> None:
    server = _Server()
    server.add("alice", contact("sip:a@10.1.2.3:5070;x=y", received=b"sip:192.0.2.1:77"))
    ((where, data),) = server.round(Keepalive(server.program))
    assert where == "192.0.2.1:77"
    assert _plain(data) == (
        "OPTIONS sip:a@10.1.2.3:5070;x=y SIP/2.0\r\n"
        "Via: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bKB\r\n"
        "From: <sip:server@kamailio.org>;tag=uloc-alice-0-T\r\nTo: <sip:alice@kamailio.org>\r\n"
        "Call-ID: C@192.0.2.9\r\nCSeq: 80 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
    )


def test_the_request_as_parameters_have_it() -> None:
    server = _Server(ka_method="INFO", ka_from="sip:me@x.example", ka_domain="y.example")
    server.add("alice", contact("sip:a@192.0.2.1", path=b"<sip:192.0.2.2;lr>"))
    ((where, data),) = server.round(Keepalive(server.program))
    assert where == "192.0.2.2:5060"
    assert data.startswith(b"INFO sip:a@192.0.2.1 SIP/2.0\r\n")
    for line in (
        b"From: <sip:me@x.example>;tag=",
        b"To: <sip:alice@y.example>\r\n",
        b"Route: <sip:192.0.2.2;lr>\r\n",
        b" INFO\r\n",
    ):
        assert line in data


def test_users_of_domains_keep_theirs() -> None:
    server = _Server(use_domain=1)
    server.add("alice@a.example", contact("sip:a@192.0.2.1"))
    ((_, data),) = server.round(Keepalive(server.program))
    assert b"To: <sip:alice@a.example>\r\n" in data


@pytest.mark.parametrize(
    ("mode", "asked"),
    [(1, {"plain", "nat"}), (2, {"nat"}), (3, {"nat"}), (4, {"plain", "nat"}), (6, {"nat"})],
)
def test_who_is_asked(mode: int, asked: set[str]) -> None:
    server = _Server(ka_mode=mode)
    server.add("plain", contact("sip:plain@192.0.2.1"))
    server.add("nat", contact("sip:nat@192.0.2.2", cflags=NAT))
    server.add("gone", Contact(b"sip:gone@192.0.2.3", int(START) - 1))
    server.add("odd", contact("sip:a b@192.0.2.4"))
    server.add("none", contact("nonsense"))
    server.add("six", contact("sip:six@[2001:db8::1]"))
    server.add("tcp", contact("sip:tcp@192.0.2.5;transport=tcp"))
    sent = server.round(Keepalive(server.program))
    assert {re.split(rb"[ :@]", data)[2].decode() for _, data in sent} == asked


def test_only_contacts_that_came_by_this_server() -> None:
    server = _Server("server_id=5\n", ka_filter=1)
    server.add("a", contact("sip:a@192.0.2.1", server_id=5))
    server.add("b", contact("sip:b@192.0.2.2", server_id=6))
    assert [where for where, _ in server.round(Keepalive(server.program))] == ["192.0.2.1:5060"]


def test_once_in_the_interval_that_there_is() -> None:
    for parameters, seconds in (
        ({"ka_interval": 20}, 20),
        ({"ka_interval": None, "ka_randomize": 86_400, "timer_interval": 30}, 30),
    ):
        server = _Server(**parameters)
        server.add("a", contact("sip:a@192.0.2.1"))
        assert len(server.round(Keepalive(server.program), 4 * seconds)) == 4


def test_rounds_differ_by_chance() -> None:
    server = _Server(ka_interval=10, ka_randomize=50)
    server.add("a", contact("sip:a@192.0.2.1"))
    keepalive = Keepalive(server.program)
    times: list[float] = []
    while len(times) < 20:
        server.now += keepalive.step(server.now)
        times += [server.now for _ in server.sent()]
    gaps = {round(later - earlier) for earlier, later in pairwise(times)}
    assert len(gaps) > 3
    assert min(gaps) >= 9
    assert max(gaps) <= 62


def test_who_does_not_answer_goes() -> None:
    server = _Server(ka_timeout=100)
    server.add("deaf", contact("sip:d@192.0.2.1"))
    server.add("here", contact("sip:h@192.0.2.2"))
    keepalive = Keepalive(server.program)
    for _ in range(5):
        for where, data in server.round(keepalive):
            if where.startswith("192.0.2.2"):
                server.comes(_answer(data, 480))
    assert server.table.get("here")[0].expires == int(START) + 3600
    gone = server.table.get("deaf")[0].expires - GRACE
    assert START + 100 < gone <= START + 100 + 2 * _INTERVAL


def test_who_was_not_asked_for_long_is_asked_first() -> None:
    server = _Server(ka_timeout=100)
    server.add("here", contact("sip:h@192.0.2.2"))
    keepalive = Keepalive(server.program)
    for _ in range(3):
        ((_, data),) = server.round(keepalive)
        server.comes(_answer(data))
        server.now += 1000  # the walk stands still
    assert server.table.get("here")[0].expires == int(START) + 3600


def test_who_cannot_be_reached_goes_too() -> None:
    server = _Server(ka_timeout=100)
    server.add("gone", contact("sip:a@192.0.2.5;transport=tcp", connection=9))
    server.add("six", contact("sip:six@[2001:db8::1]"))
    keepalive = Keepalive(server.program)
    for _ in range(5):
        assert server.round(keepalive) == []
    for user in ("gone", "six"):
        assert server.table.get(user)[0].expires < int(START) + 3600


@pytest.mark.parametrize(
    ("codes", "status", "counts"),
    [
        ("0", 500, True),
        ("2", 299, True),
        ("2", 404, False),
        ("2,405,486", 486, True),
        (" 405 , 2 ", 487, False),
    ],
)
def test_which_responses_are_answers(codes: str, status: int, counts: bool) -> None:
    server = _Server(ka_reply_codes=codes, ka_loglevel=1)
    server.add("a", contact("sip:a@192.0.2.1"))
    keepalive = Keepalive(server.program)
    keepalive.step(server.now)
    ((_, data),) = server.sent()
    server.comes(_answer(data, status))
    assert bool(server.log.written) is counts


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (None, " to-uri: [sip:a@kamailio.org] remote-addr: [udp:192.0.2.1:5060]"),
        (" of $tU with $rs from $si", " of a with 200 from 192.0.2.1"),
    ],
)
def test_answers_are_logged(message: str | None, shown: str) -> None:
    server = _Server(ka_loglevel=-1, ka_logmsg=message)
    server.add("a", contact("sip:a@192.0.2.1"))
    keepalive = Keepalive(server.program)
    keepalive.step(server.now)
    ((_, data),) = server.sent()
    server.now += 0.0125
    server.comes(_answer(data))
    ((level, text),) = server.log.written
    assert level == -1
    assert re.fullmatch(
        rf"<core>: keepalive roundtrip: 0\.0125\d\d sec - ruid \[uloc-a-0\]{re.escape(shown)}\n",
        text,
    )


def test_nothing_runs_without_a_mode() -> None:
    server = _Server(ka_mode=0)
    assert server.incoming is None


def test_over_a_stream_the_connection_of_the_contact_is_used() -> None:
    server = _Server()
    stream = ListenSocket("tcp", "192.0.2.9", 5060)
    known, other = sockaddr("198.51.100.1", 4444), sockaddr("192.0.2.5", 5060)
    stream.connections = {known: 7, other: 8}
    server.program = with_sockets(server.program, (*server.program.sockets, stream))
    tcp, received = "sip:a@192.0.2.5;transport=tcp", b"sip:198.51.100.1:4444;transport=tcp"
    server.add("its", contact(tcp, connection=7))
    server.add("gone", contact(tcp, connection=9))
    server.add("none", contact(tcp))
    server.add("received", contact(tcp, connection=7, received=received))
    server.add("elsewhere", contact("sip:a@192.0.2.6;transport=tcp"))
    sent = server.round(Keepalive(server.program))
    assert {re.search(rb"uloc-(\w+)-", data)[1].decode(): where for where, data in sent} == {  # type: ignore[index]
        "its": "198.51.100.1:4444",
        "none": "192.0.2.5:5060",
        "received": "198.51.100.1:4444",
    }
    assert all(b"Via: SIP/2.0/TCP " in data for _, data in sent)


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"ka_mode", 8', "a number from 0 to 7"),
        ('"ka_interval", 0', "a number from 1"),
        ('"ka_randomize", -1', "a number from 0"),
        ('"ka_timeout", -1', "a number from 0"),
        ('"ka_method", "A B"', "is no method"),
        ('"ka_filter", 2', "a number from 0 to 1"),
        ('"ka_loglevel", 4', "a number from -5 to 3"),
        ('"ka_reply_codes", "2,x"', "is no status"),
        ('"ka_reply_codes", "7"', "is no status"),
        ('"ka_reply_codes", ""', "is no status"),
    ],
)
def test_bad_parameters_are_named(parameter: str, said: str) -> None:
    found = mistakes(
        "request_route { exit; }", f'modparam("usrloc", {parameter})', modules=("usrloc",)
    )
    assert len(found) == 1
    assert said in found[0]
