from __future__ import annotations

from typing import Any

import pytest

from sipway.errors import ConfigError, TransportError
from sipway.net.interfaces import interface_addresses
from sipway.server.listening import Endpoint, bind, every_interface, parse_listen


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
