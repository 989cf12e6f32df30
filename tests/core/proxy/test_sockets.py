"""By which socket a relayed request leaves."""

from __future__ import annotations

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
from tests.fakes import LogInMemory, request

_SCRIPT = 'loadmodule "tm.so"\nrequest_route { t_relay(); }\n'
_CALLEE = "sip:bob@198.51.100.1"


@pytest.mark.parametrize(
    ("mtu", "protocol", "leaves_by"),
    [(0, "tcp", "udp"), (300, "tcp", "tcp"), (300, "udp", "udp"), (5000, "tcp", "udp")],
)
def test_what_is_longer_than_udp_mtu_leaves_by_another_protocol(
    mtu: int, protocol: str, leaves_by: str
) -> None:
    catalog, diagnostics = ModuleCatalog(), Diagnostics()
    compiled = compile_script(parse(SourceFile("t.cfg", _SCRIPT)), catalog, diagnostics)
    assert compiled is not None
    sockets = tuple(ListenSocket(each, "192.0.2.9", 5060) for each in ("udp", "tcp"))
    settings = Settings(udp_mtu=mtu, udp_mtu_try_proto=protocol)
    program = load_program(compiled, catalog, settings, LogInMemory(), sockets)
    data = request("MESSAGE", _CALLEE, body="x" * 400)
    Engine(program).receive([(data, sockaddr("192.0.2.1", 5070))], sockets[0], 1000.0)
    sent = {each.protocol: [data for data, _ in each.outgoing] for each in sockets}
    other = "udp" if leaves_by == "tcp" else "tcp"
    assert sent[other] == []
    (message,) = sent[leaves_by]
    assert message.split(b"\r\n")[1].startswith(f"Via: SIP/2.0/{leaves_by.upper()} ".encode())
