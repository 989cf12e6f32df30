"""A next hop that does not answer, or answers 503: the next address is tried (RFC 3263 4.3)."""

from __future__ import annotations

import asyncio

import pytest

from sipway.core.engine import Engine
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.sip.addresses import sockaddr
from tests.fake_names import FakeNames
from tests.fakes import LogInMemory, request

_SCRIPT = """
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "xlog.so"
modparam("tm", "fr_timer", 1000)
request_route { t_on_failure("F"); t_relay(); }
failure_route[F] { xlog("failed\\n"); }
"""
_FORK = """
loadmodule "tm.so"
loadmodule "corex.so"
request_route { append_branch("sip:bob@198.51.100.1"); t_relay(); }
"""
_CALLER = sockaddr("192.0.2.1", 5070)
_FIRST = sockaddr("198.51.100.1", 5060)
_SECOND = sockaddr("198.51.100.2", 5060)


class _Proxy:
    def __init__(self, script: str = _SCRIPT, **records: list[str]) -> None:
        catalog = ModuleCatalog()
        diagnostics = Diagnostics()
        compiled = compile_script(parse(SourceFile("t.cfg", script)), catalog, diagnostics)
        assert compiled is not None, [each.message for each in diagnostics.sorted()]
        self.log = LogInMemory()
        self.socket = ListenSocket("udp", "192.0.2.9", 5060)
        program = load_program(
            compiled,
            catalog,
            Settings(use_dns_failover=True, use_dns_cache=True),
            self.log,
            (self.socket,),
            names=FakeNames({name.replace("_", " "): found for name, found in records.items()}),
        )
        self.engine = Engine(program, lambda rest: self.tasks.append(asyncio.ensure_future(rest)))
        self.tasks: list[asyncio.Future[None]] = []
        self.now = 1000.0

    def receive(self, data: bytes, source: bytes = _CALLER) -> list[tuple[bytes, bytes]]:
        asyncio.run(self._receive(data, source))
        return self._sent()

    async def _receive(self, data: bytes, source: bytes) -> None:
        self.engine.receive([(data, source)], self.socket, self.now)
        while self.tasks:
            await self.tasks.pop()

    def wait(self, seconds: float) -> list[tuple[bytes, bytes]]:
        self.now += seconds
        self.engine.expire(self.now)
        return self._sent()

    def _sent(self) -> list[tuple[bytes, bytes]]:
        sent, self.socket.outgoing = self.socket.outgoing, []
        return sent


def _answer(data: bytes, status: int) -> bytes:
    lines = data.decode().split("\r\n")
    kept = [line for line in lines if line.startswith(("Via", "From", "To", "Call-ID", "CSeq"))]
    return "\r\n".join([f"SIP/2.0 {status} Whatever", *kept, "Content-Length: 0\r\n\r\n"]).encode()


@pytest.fixture
def proxy() -> _Proxy:
    return _Proxy(callee_A=["198.51.100.1", "198.51.100.2"])


def _relay(proxy: _Proxy) -> bytes:
    """The INVITE as it was sent to the first address."""
    sent = proxy.receive(request("INVITE", "sip:bob@callee:5060"))
    assert [to for _, to in sent] == [_CALLER, _FIRST]
    return sent[1][0]


def test_the_next_address_is_tried_when_the_first_is_silent(proxy: _Proxy) -> None:
    first = _relay(proxy)
    sent = proxy.wait(1.1)
    second = next(data for data, to in sent if to == _SECOND)
    assert first.split(b"\r\n")[2:] == second.split(b"\r\n")[2:]
    assert first.split(b"\r\n")[1].replace(b".0", b".1") == second.split(b"\r\n")[1].replace(
        b".0", b".1"
    )
    (answer,) = proxy.receive(_answer(second, 200), _SECOND)
    assert answer[0].startswith(b"SIP/2.0 200 ")
    assert proxy.log.written == []


def test_the_next_address_is_tried_after_503(proxy: _Proxy) -> None:
    sent = proxy.receive(_answer(_relay(proxy), 503), _FIRST)
    assert [data[:6] for data, to in sent if to == _SECOND] == [b"INVITE"]
    assert [data[:3] for data, to in sent if to == _FIRST] == [b"ACK"]
    assert [to for _, to in sent if to == _CALLER] == []


def test_no_other_is_tried_after_another_failure(proxy: _Proxy) -> None:
    sent = proxy.receive(_answer(_relay(proxy), 486), _FIRST)
    assert _SECOND not in [to for _, to in sent]
    assert [data[:11] for data, to in sent if to == _CALLER] == [b"SIP/2.0 486"]
    assert [text for _, text in proxy.log.written] == ["<script>: failed\n"]


def test_the_caller_is_told_when_all_are_silent(proxy: _Proxy) -> None:
    _relay(proxy)
    proxy.wait(1.1)
    sent = proxy.wait(1.1)
    assert [data[:11] for data, to in sent if to == _CALLER] == [b"SIP/2.0 408"]


def test_a_name_without_an_address_is_a_failure_of_the_branch() -> None:
    proxy = _Proxy()
    sent = proxy.receive(request("INVITE", "sip:bob@nowhere:5060"))
    assert [data[:11] for data, _ in sent] == [b"SIP/2.0 100", b"SIP/2.0 478"]
    assert [text for _, text in proxy.log.written] == ["<script>: failed\n"]


def test_a_branch_that_fails_at_once_does_not_end_the_call_before_the_others_are_sent() -> None:
    proxy = _Proxy(callee_A=["198.51.100.1"], script=_FORK)
    proxy.receive(request("OPTIONS", "sip:bob@nowhere:5060", call_id="before"))
    sent = proxy.receive(request("INVITE", "sip:bob@nowhere:5060"))
    assert [(data[:11], to) for data, to in sent if to != _CALLER] == [(b"INVITE sip:", _FIRST)]
    assert [data[:11] for data, to in sent if to == _CALLER] == [b"SIP/2.0 100"]


@pytest.mark.parametrize(
    "call", ['t_set_disable_failover("1");', 't_newtran(); t_set_disable_failover("1");']
)
def test_no_other_is_tried_where_the_script_does_not_want_it(call: str) -> None:
    proxy = _Proxy(
        _SCRIPT.replace("t_relay();", f"{call} t_relay();"),
        callee_A=["198.51.100.1", "198.51.100.2"],
    )
    sent = proxy.receive(_answer(_relay(proxy), 503), _FIRST)
    assert _SECOND not in [to for _, to in sent]


def test_a_flag_of_t_relay_to_says_so_too() -> None:
    proxy = _Proxy(
        _SCRIPT.replace("t_relay();", 't_relay_to("4");'),
        callee_A=["198.51.100.1", "198.51.100.2"],
    )
    sent = proxy.receive(_answer(_relay(proxy), 503), _FIRST)
    assert _SECOND not in [to for _, to in sent]


@pytest.mark.parametrize(
    ("status", "tried"), [(403, True), (404, False), (503, True), (504, True), (603, False)]
)
def test_the_statuses_that_lead_to_the_next_address(status: int, tried: bool) -> None:
    proxy = _Proxy(
        'modparam("tm", "failover_reply_codes", "code=403;class=5")\n'.join(
            _SCRIPT.partition('modparam("tm", "fr_timer", 1000)\n')[::2]
        ),
        callee_A=["198.51.100.1", "198.51.100.2"],
    )
    sent = proxy.receive(_answer(_relay(proxy), status), _FIRST)
    assert (_SECOND in [to for _, to in sent]) is tried
