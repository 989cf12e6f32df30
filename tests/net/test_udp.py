"""The UDP socket on a real event loop, over loopback."""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sipway.errors import TransportError
from sipway.net.udp import Datagram, SocketOptions, UdpSocket
from sipway.sip import addresses


def _silent(_socket: UdpSocket, _datagrams: list[Datagram]) -> list[Datagram]:
    return []


def _echo(_socket: UdpSocket, datagrams: list[Datagram]) -> list[Datagram]:
    return datagrams


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    with closing(asyncio.new_event_loop()) as loop:
        yield loop


def _run_until(loop: asyncio.AbstractEventLoop, done: Callable[[], bool]) -> None:
    """Run the loop, a turn at a time, until ``done()``; fail after two seconds."""

    async def wait() -> None:
        async with asyncio.timeout(2):
            while not done():
                await asyncio.sleep(0)

    loop.run_until_complete(wait())


def test_it_knows_where_it_is_bound(loopback: str) -> None:
    with closing(UdpSocket(loopback, 0, _silent)) as bound:
        assert (bound.proto, bound.ip) == ("udp", loopback)
        assert bound.family == (socket.AF_INET6 if ":" in loopback else socket.AF_INET)
        assert bound.port > 0
        assert bound.address == addresses.sockaddr(loopback, bound.port)
        assert str(bound.port) in repr(bound)


def test_brackets_around_an_ipv6_address_are_optional(loopback: str) -> None:
    if ":" not in loopback:
        with pytest.raises(TransportError, match="not an IP address"):
            UdpSocket(f"[{loopback}]", 0, _silent)
        return
    with closing(UdpSocket(f"[{loopback}]", 0, _silent)) as bound:
        assert bound.ip == loopback


def test_what_the_callback_returns_is_sent(loop: asyncio.AbstractEventLoop, loopback: str) -> None:
    family = socket.AF_INET6 if ":" in loopback else socket.AF_INET
    with (
        closing(UdpSocket(loopback, 0, _echo)) as bound,
        socket.socket(family, socket.SOCK_DGRAM) as peer,
    ):
        bound.start(loop)
        peer.settimeout(2)
        peer.connect((loopback, bound.port))
        for data in (b"one", b"two"):
            peer.send(data)
        _run_until(loop, lambda: bound.sent == 2)
        assert [peer.recv(100), peer.recv(100)] == [b"one", b"two"]
        assert bound.received == 2


def test_a_flood_is_taken_in_bounded_turns(loop: asyncio.AbstractEventLoop) -> None:
    turns: list[int] = []

    def note(_socket: UdpSocket, datagrams: list[Datagram]) -> list[Datagram]:
        turns.append(len(datagrams))
        return []

    with (
        closing(UdpSocket("127.0.0.1", 0, note)) as bound,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer,
    ):
        for _ in range(600):
            peer.sendto(b"x", ("127.0.0.1", bound.port))
        bound.start(loop)
        loop.call_soon(loop.stop)
        loop.run_forever()
        seen_in_one_turn = sum(turns)
        assert seen_in_one_turn <= 512
        assert max(turns) <= 64
        _run_until(loop, lambda: bound.received == 600)


def test_a_refused_datagram_is_counted_by_its_errno() -> None:
    with closing(UdpSocket("127.0.0.1", 0, _silent)) as bound:
        bound.send([(bytes(70_000), bound.address), (b"fits", bound.address)])
        assert bound.send_errors == {errno.EMSGSIZE: 1}
        assert bound.sent == 1
        assert (bound.dropped, bound.truncated, bound.receive_errors) == (0, 0, {})


class _NamedLikeUdp(socket.socket):
    """A socket that fills up, as UDP over loopback never does, under the name of a UDP socket."""

    def getsockname(self) -> tuple[str, int]:
        return "127.0.0.1", 5060


def test_a_full_socket_is_written_to_when_it_has_room(
    loop: asyncio.AbstractEventLoop, monkeypatch: pytest.MonkeyPatch
) -> None:
    full, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    named = _NamedLikeUdp(fileno=full.detach())
    monkeypatch.setattr("sipway.net.udp._bind", lambda *_: named)
    received: list[bytes] = []
    outgoing = [(b"%04d" % number * 250, b"") for number in range(1_000)]
    with other, closing(UdpSocket("127.0.0.1", 0, _silent)) as bound:
        bound.start(loop)
        loop.add_reader(other, lambda: received.append(other.recv(2_000)))
        bound.send(outgoing)
        assert 0 < bound.sent < len(outgoing)
        _run_until(loop, lambda: len(received) == len(outgoing))
        loop.remove_reader(other)
        assert bound.sent == len(outgoing)
    assert received == [data for data, _ in outgoing]


def test_an_address_in_use_is_an_error_with_a_hint() -> None:
    with (
        closing(UdpSocket("127.0.0.1", 0, _silent)) as bound,
        pytest.raises(TransportError, match=rf"udp:127.0.0.1:{bound.port}.*in use.*ss -ulpn"),
    ):
        UdpSocket("127.0.0.1", bound.port, _silent)


def test_an_address_of_another_machine_is_an_error_with_a_hint() -> None:
    with pytest.raises(TransportError, match=r"udp:192.0.2.1:5060.*ip address"):
        UdpSocket("192.0.2.1", 5060, _silent)
    with pytest.raises(TransportError, match=r"udp:\[2001:db8::1\]:5060"):
        UdpSocket("2001:db8::1", 5060, _silent)


@pytest.mark.parametrize(("ip", "port"), [("localhost", 0), ("1.2.3", 0), ("127.0.0.1", 65_536)])
def test_what_is_no_address_is_an_error(ip: str, port: int) -> None:
    with pytest.raises(TransportError, match="cannot listen on"):
        UdpSocket(ip, port, _silent)


def test_closing_gives_the_port_back(loop: asyncio.AbstractEventLoop) -> None:
    bound = UdpSocket("127.0.0.1", 0, _silent)
    bound.start(loop)
    bound.close()
    bound.close()
    UdpSocket("127.0.0.1", bound.port, _silent).close()


def _link_local() -> tuple[str, int] | None:
    """A link-local address of this machine, and the number of its interface."""
    path = Path("/proc/net/if_inet6")
    for line in path.read_text().splitlines() if path.exists() else ():
        raw, number, _, scope, *_ = line.split()
        if scope == "20":
            return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(raw)), int(number, 16)
    return None


def test_a_link_local_address_is_bound_with_its_interface() -> None:
    found = _link_local()
    if found is None:
        pytest.skip("no link-local address here")
    address, number = found
    with pytest.raises(TransportError, match="Invalid argument"):
        UdpSocket(address, 0, _silent)
    options = SocketOptions(link_local=True)
    with closing(UdpSocket(address, 0, _silent, options)) as bound:
        assert bound.ip == address
        assert bound._socket.getsockname()[3] == number


def test_the_socket_of_a_group_joins_it(loop: asyncio.AbstractEventLoop) -> None:
    group, got = "239.255.77.7", list[bytes]()

    def keep(_: UdpSocket, datagrams: list[Datagram]) -> list[Datagram]:
        got.extend(data for data, _ in datagrams)
        return []

    options = SocketOptions(multicast_loopback=True, multicast_hops=3)
    with closing(UdpSocket(group, 0, keep, options, "lo")) as listener:
        listener.start(loop)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            place = struct.pack("=4s4si", bytes(4), bytes(4), socket.if_nametoindex("lo"))
            sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, place)
            sender.sendto(b"to all", (group, listener.port))
        _run_until(loop, lambda: bool(got))
        assert got == [b"to all"]
        ask = listener._socket.getsockopt
        assert ask(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL) == 3
        assert ask(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP) == 1


def test_the_socket_of_an_ipv6_group_joins_it() -> None:
    members = Path("/proc/net/igmp6")
    if not members.exists() or not socket.has_dualstack_ipv6():
        pytest.skip("no IPv6 here")
    options = SocketOptions(multicast_hops=3)
    with closing(UdpSocket("ff11::7707", 0, _silent, options, "lo")) as listener:
        assert "ff110000000000000000000000007707" in members.read_text()
        ask = listener._socket.getsockopt
        assert ask(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS) == 3
        assert ask(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP) == 0
    assert "ff110000000000000000000000007707" not in members.read_text()


def test_a_group_on_an_interface_that_is_not_there() -> None:
    with pytest.raises(TransportError, match=r"cannot listen on udp:239\.255\.77\.7"):
        UdpSocket("239.255.77.7", 0, _silent, None, "nowhere0")
