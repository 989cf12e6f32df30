from __future__ import annotations

import math
from typing import Any

import pytest

from sipway.core.loader import ModuleCatalog
from sipway.core.settings import Settings
from sipway.errors import ConfigError, TransportError
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.net.interfaces import interface_addresses
from sipway.net.stream import StreamOptions
from sipway.server.listening import (
    Endpoint,
    bind,
    endpoints,
    every_interface,
    parse_listen,
    socket_options,
    stream_options,
)
from sipway.server.options import Options


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [
        ("udp:127.0.0.1:5070", Endpoint("udp", "127.0.0.1", 5070)),
        ("127.0.0.1:5070", Endpoint(None, "127.0.0.1", 5070)),
        ("127.0.0.1", Endpoint(None, "127.0.0.1", 5060)),
        ("UDP:127.0.0.1", Endpoint("udp", "127.0.0.1", 5060)),
        ("udp:[::1]:5070", Endpoint("udp", "::1", 5070)),
        ("[::1]", Endpoint(None, "::1", 5060)),
        ("tcp:eth0:0", Endpoint("tcp", "eth0", 0)),
    ],
)
def test_forms_of_an_address(text: str, endpoint: Endpoint) -> None:
    assert parse_listen(text) == endpoint


@pytest.mark.parametrize("text", ["", "udp:", "udp:127.0.0.1:x", "udp:[::1", "1.2.3.4:70000"])
def test_what_is_no_address_is_refused_in_words(text: str) -> None:
    with pytest.raises(ConfigError, match="not an address to listen on"):
        parse_listen(text)


def no_batch(*_: Any) -> Any:
    raise AssertionError("nothing is received here")


def test_a_name_and_an_interface_stand_for_addresses() -> None:
    bound = bind([Endpoint("udp", "lo", 0), Endpoint("udp", "localhost", 0)], no_batch)
    try:
        assert bound[0][0].ip == "127.0.0.1"
        assert bound[1][0].ip in ("127.0.0.1", "::1")
        assert all(described.port == real.port > 0 for described, real in bound)
    finally:
        for _, real in bound:
            real.close()


def test_when_one_cannot_be_bound_none_stays_bound() -> None:
    first = bind([Endpoint("udp", "127.0.0.1", 0)], no_batch)
    taken = first[0][0].port
    free = bind([Endpoint("udp", "127.0.0.1", 0)], no_batch)
    port = free[0][0].port
    free[0][1].close()
    with pytest.raises(TransportError, match="in use"):
        bind([Endpoint("udp", "127.0.0.1", port), Endpoint("udp", "127.0.0.1", taken)], no_batch)
    again = bind([Endpoint("udp", "127.0.0.1", port)], no_batch)
    again[0][1].close()
    first[0][1].close()


def test_a_name_that_nobody_knows_is_refused_in_words() -> None:
    with pytest.raises(TransportError, match=r"cannot listen on no\.such\.host\.invalid"):
        bind([Endpoint("udp", "no.such.host.invalid", 0)], no_batch)


def test_without_listen_every_interface_is_used() -> None:
    assert "127.0.0.1" in interface_addresses("lo")
    assert Endpoint(None, "127.0.0.1", 5060) in every_interface()


def _listening(text: str, parameters: str = "", *, disable_tcp: bool = False) -> list[str]:
    """Where a script listens, `-l text` given too."""
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("test.cfg", f"{parameters}\nrequest_route {{ exit; }}\n"))
    compiled = compile_script(parsed, ModuleCatalog(), diagnostics)
    assert compiled is not None
    options = Options(listen=(text,), disable_tcp=disable_tcp)
    found = endpoints(options, compiled, Settings.from_items(compiled.parameters))
    return [f"{each.protocol}:{each.host}:{each.port}" for each in found]


def test_without_a_protocol_udp_and_tcp_are_meant() -> None:
    both = ["udp:192.0.2.9:5060", "tcp:192.0.2.9:5060"]
    assert _listening("192.0.2.9") == both
    assert _listening("192.0.2.9", disable_tcp=True) == both[:1]
    assert _listening("192.0.2.9", "disable_tcp=yes") == both[:1]
    assert _listening("tcp:192.0.2.9") == both[1:]
    assert _listening("udp:192.0.2.9", "listen=192.0.2.10:5070") == [
        "udp:192.0.2.9:5060", "udp:192.0.2.10:5070", "tcp:192.0.2.10:5070",
    ]  # fmt: skip
    assert _listening("udp:192.0.2.9", "listen=tls:192.0.2.9") == both[:1]


def test_nothing_left_to_listen_on() -> None:
    with pytest.raises(ConfigError, match=r"tcp:192\.0\.2\.9:5060.*TCP is switched off"):
        _listening("tcp:192.0.2.9", "disable_tcp=yes")
    with pytest.raises(ConfigError, match="UDP and TCP only"):
        _listening("tls:192.0.2.9")


def test_parameters_reach_the_streams() -> None:
    found = stream_options(Settings(tcp_rd_buf_size=4096, tcp_msg_read_timeout=None, tos=16))
    assert (found.limit, found.read_timeout, found.type_of_service) == (4096, math.inf, 16)
    assert stream_options(Settings()) == StreamOptions()


def test_a_tcp_socket_tells_the_script_of_its_connections() -> None:
    (described, real), (other, datagrams) = bind(
        [Endpoint("tcp", "127.0.0.1", 0), Endpoint("udp", "127.0.0.1", 0)], no_batch
    )
    assert described.protocol == "tcp"
    assert described.port == real.port > 0
    assert (described.connections, other.connections) == ({}, None)
    real.close()
    datagrams.close()


def _from_script(text: str) -> tuple[list[Endpoint], Settings]:
    diagnostics = Diagnostics()
    parsed = parse(SourceFile("test.cfg", f"{text}\nrequest_route {{ exit; }}\n"))
    diagnostics.extend(parsed.diagnostics)
    compiled = compile_script(parsed, ModuleCatalog(), diagnostics)
    assert compiled is not None, [each.message for each in diagnostics.sorted()]
    settings = Settings.from_items(compiled.parameters)
    return endpoints(Options(), compiled, settings), settings


def test_the_interface_of_a_group_is_that_of_the_next_socket_alone() -> None:
    found, settings = _from_script(
        'mcast="eth1"\nlisten=224.0.1.75:5060\nlisten=udp:224.0.1.76:5060\n'
        "mcast_loopback=yes\nmcast_ttl=32"
    )
    assert found == [
        Endpoint("udp", "224.0.1.75", 5060, interface="eth1"),
        Endpoint("udp", "224.0.1.76", 5060),
    ]
    options = socket_options(settings)
    assert (options.multicast_loopback, options.multicast_hops) == (True, 32)


@pytest.mark.parametrize(("mode", "hosts"), [(0, 2), (1, 2), (2, 1)])
def test_link_local_addresses_may_be_left_out(mode: int, hosts: int) -> None:
    found, settings = _from_script(
        f"bind_ipv6_link_local={mode}\nlisten=udp:[fe80::1]:5060\nlisten=udp:127.0.0.1:5060"
    )
    assert len(found) == hosts
    assert socket_options(settings).link_local == (mode == 1)
