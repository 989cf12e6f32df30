"""The network in memory."""

from __future__ import annotations

import pytest

from sipway.errors import TransportError
from sipway.net.fake import FakeNetwork, FakeSocket
from sipway.net.udp import Datagram
from sipway.sip import addresses

_PEER = addresses.sockaddr("192.0.2.7", 5070)


def _echo(_socket: FakeSocket, datagrams: list[Datagram]) -> list[Datagram]:
    return datagrams


def _silent(_socket: FakeSocket, _datagrams: list[Datagram]) -> list[Datagram]:
    return []


def test_what_arrives_is_one_batch_and_what_it_causes_is_returned() -> None:
    network = FakeNetwork()
    server = network.socket("127.0.0.1", 5060, _echo)
    assert network.inject(b"a", b"b", source=_PEER, to=server) == [
        (server, b"a", _PEER),
        (server, b"b", _PEER),
    ]
    assert (server.received, server.sent) == (2, 2)
    assert network.inject(b"c", source=_PEER, to=server) == network.outgoing[2:]


def test_sockets_talk_to_each_other_a_hop_at_a_time() -> None:
    network = FakeNetwork()
    one = network.socket("127.0.0.1", 0, _silent)
    other = network.socket("::1", 0, _echo)
    one.send([(b"ping", other.address), (b"away", _PEER)])
    assert network.deliver() == 1
    assert other.received == 1
    assert network.outgoing == [(one, b"away", _PEER), (other, b"ping", one.address)]
    assert network.deliver() == 1
    assert one.received == 1


def test_a_port_is_taken_once() -> None:
    network = FakeNetwork()
    bound = network.socket("127.0.0.1", 5060, _silent)
    with pytest.raises(TransportError, match="in use"):
        network.socket("127.0.0.1", 5060, _silent)
    bound.close()
    assert network.socket("127.0.0.1", 5060, _silent).port == 5060
