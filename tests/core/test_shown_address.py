"""How an address of ours stands in a URI of ours."""

from __future__ import annotations

import pytest

from sipway.core.extras import extras
from sipway.core.settings import Settings
from sipway.core.shown_address import shown_address, shown_outgoing_address
from sipway.core.sockets import ListenSocket
from tests.fakes import context

PLAIN = ListenSocket("udp", "192.0.2.1", 5070, name="a")
SHOWN = ListenSocket("udp", "192.0.2.1", 5070, name="a", advertised=("p.example", 5060))


@pytest.mark.parametrize(
    ("socket", "named", "text"),
    [
        (PLAIN, False, "192.0.2.1:5070"),
        (PLAIN, True, "192.0.2.1:5070;sn=a"),
        (SHOWN, False, "p.example"),
        (ListenSocket("udp", "2001:db8::1", 5060), True, "[2001:db8::1]"),
        (ListenSocket("tls", "192.0.2.1", 5061), False, "192.0.2.1;transport=tls"),
        (ListenSocket("ws", "192.0.2.1", 80), False, "192.0.2.1:80;transport=ws"),
    ],
)
def test_a_socket(socket: ListenSocket, named: bool, text: str) -> None:
    assert shown_address(socket, named=named) == text


def test_what_the_script_says_of_it() -> None:
    settings = Settings(advertised_address="q.example", advertised_port=5090)
    ctx = context(settings=settings)
    assert shown_outgoing_address(ctx, PLAIN) == "q.example:5090"
    extras(ctx).advertised_host = "r.example"
    assert shown_outgoing_address(ctx, PLAIN) == "r.example:5090"
    extras(ctx).advertised_port = 5060
    assert shown_outgoing_address(ctx, PLAIN) == "r.example"
    assert shown_outgoing_address(ctx, SHOWN) == "p.example"
