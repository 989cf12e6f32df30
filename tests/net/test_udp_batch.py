"""The batched receiver and sender: the compiled file and its twin keep the same rules."""

from __future__ import annotations

import errno
import importlib.machinery
import importlib.util
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import sipway
import sipway.net
from sipway.sip import addresses

_ROOM = Path(sipway.net.__file__).parent
_COMPILED = next(
    (
        path
        for suffix in importlib.machinery.EXTENSION_SUFFIXES
        if not sipway.BUILD.stale and (path := _ROOM / f"_udp_batch{suffix}").exists()
    ),
    None,
)


def _load(path: Path) -> ModuleType:
    """The module in exactly this file, whichever of the two an import would find."""
    spec = importlib.util.spec_from_file_location("sipway.net._udp_batch", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(
    params=[
        pytest.param(_ROOM / "_udp_batch.py", id="plain"),
        pytest.param(
            _COMPILED,
            id="compiled",
            marks=pytest.mark.skipif(_COMPILED is None, reason="uncompiled build"),
        ),
    ]
)
def batch(request: pytest.FixtureRequest) -> Any:
    return _load(request.param)


@pytest.fixture
def pair(loopback: str) -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two bound UDP sockets of the same family."""
    family = socket.AF_INET6 if ":" in loopback else socket.AF_INET
    with (
        socket.socket(family, socket.SOCK_DGRAM) as one,
        socket.socket(family, socket.SOCK_DGRAM) as other,
    ):
        one.bind((loopback, 0))
        other.bind((loopback, 0))
        yield one, other


def _address(sock: socket.socket) -> bytes:
    ip, port = sock.getsockname()[:2]
    return addresses.sockaddr(ip, port)


def test_the_compiled_file_says_that_it_is(batch: Any) -> None:
    assert batch.COMPILED is not batch.__file__.endswith(".py")


def test_nothing_there_is_an_empty_list(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    receiver = batch.Receiver(pair[0])
    assert receiver.receive() == []
    assert receiver.errors == {}


def test_datagrams_keep_order_bytes_and_source(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    sent = [b"", b"\r\n\r\n", b"a\x00b", bytes(range(256)) * 16]
    sender = batch.Sender(here)
    assert sender.send([(data, _address(there)) for data in sent]) == len(sent)
    assert batch.Receiver(there).receive() == [(data, _address(here)) for data in sent]


def test_a_batch_is_bounded_and_the_rest_comes_next(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    outgoing = [(b"%d" % number, _address(there)) for number in range(10)]
    assert batch.Sender(here, 3).send(outgoing) == 10
    receiver = batch.Receiver(there, 4)
    batches = [receiver.receive() for _ in range(4)]
    assert [len(received) for received in batches] == [4, 4, 2, 0]
    assert [data for received in batches for data, _ in received] == [d for d, _ in outgoing]


def test_sources_that_alternate_are_told_apart(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    for sock in (here, there, here, here, there):
        sock.sendto(b"x", there.getsockname())
    one, other = _address(here), _address(there)
    sources = [source for _, source in batch.Receiver(there).receive()]
    assert sources == [one, other, one, one, other]


def test_the_largest_datagram_of_ipv4_arrives_whole(batch: Any) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
    ):
        there.bind(("127.0.0.1", 0))
        largest = os.urandom(65_507)
        assert batch.Sender(here).send([(largest, _address(there))]) == 1
        receiver = batch.Receiver(there)
        assert [data for data, _ in receiver.receive()] == [largest]
        assert receiver.truncated == 0


def test_what_is_larger_than_the_buffer_is_dropped_and_counted(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    for data in (b"12345678", b"123456789", b"1234"):
        here.sendto(data, there.getsockname())
    receiver = batch.Receiver(there, 64, 8)
    assert [data for data, _ in receiver.receive()] == [b"12345678", b"1234"]
    assert receiver.truncated == 1


def test_refused_datagrams_are_counted_and_the_rest_goes_out(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    good = _address(there)
    sender = batch.Sender(here)
    outgoing = [
        (b"1", good),
        (b"to port 0", addresses.with_port(good, 0)),
        (b"2", good),
        (bytes(70_000), good),
        (b"no sockaddr", b"\x02"),
        (b"3", good),
    ]
    assert sender.send(outgoing) == 3
    assert [data for data, _ in batch.Receiver(there).receive()] == [b"1", b"2", b"3"]
    assert sender.errors == {errno.EINVAL: 2, errno.EMSGSIZE: 1}
    assert (sender.pending, sender.dropped) == (0, 0)


def test_an_error_of_the_peer_is_counted_and_receiving_goes_on(batch: Any) -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as here,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as there,
    ):
        there.bind(("127.0.0.1", 0))
        here.connect(there.getsockname())
        port = there.getsockname()
        there.close()
        receiver = batch.Receiver(here)
        assert batch.Sender(here).send([(b"nobody there", b"")]) == 1
        assert receiver.receive() == []
        assert receiver.errors == {errno.ECONNREFUSED: 1}
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as back:
            back.bind(port)
            back.sendto(b"again", here.getsockname())
        assert [data for data, _ in receiver.receive()] == [b"again"]


@pytest.fixture
def narrow() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two connected datagram sockets, of which the first is soon full."""
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        yield one, other


def _drain(receiver: Any) -> list[bytes]:
    received: list[bytes] = []
    while batch := receiver.receive():
        received += [data for data, _ in batch]
    return received


def test_a_full_socket_keeps_the_rest_in_order(
    batch: Any, narrow: tuple[socket.socket, socket.socket]
) -> None:
    here, there = narrow
    sender, receiver = batch.Sender(here), batch.Receiver(there)
    outgoing = [(struct.pack("!I", number) * 256, b"") for number in range(2_000)]
    sent = sender.send(outgoing)
    assert 0 < sent < len(outgoing)
    assert sender.pending == len(outgoing) - sent
    last = (b"last", b"")
    assert sender.send([last]) == 0, "what is pending goes first"
    received = _drain(receiver)
    for _ in range(len(outgoing)):
        sender.flush()
        received += _drain(receiver)
        if not sender.pending:
            break
    assert received == [data for data, _ in [*outgoing, last]]
    assert (sender.dropped, sender.errors) == (0, {})


def test_what_exceeds_the_bound_is_dropped_and_counted(
    batch: Any, narrow: tuple[socket.socket, socket.socket]
) -> None:
    here, there = narrow
    sender = batch.Sender(here, 64, 5)
    outgoing = [(b"%04d" % number, b"") for number in range(5_000)]
    sent = sender.send(outgoing)
    assert sender.pending == 5
    assert sender.dropped == len(outgoing) - sent - 5
    sender.send([(b"one more", b"")])
    assert sender.pending == 5
    assert sender.dropped == len(outgoing) - sent - 5 + 1
    assert _drain(batch.Receiver(there)) == [data for data, _ in outgoing[:sent]]
    assert sender.flush() == 5
    assert sender.pending == 0


def test_the_callers_list_is_left_alone(
    batch: Any, narrow: tuple[socket.socket, socket.socket]
) -> None:
    outgoing = [(bytes(1_000), b"")] * 2_000
    sender = batch.Sender(narrow[0])
    sender.send(outgoing)
    assert len(outgoing) == 2_000
    pending = sender.pending
    outgoing.clear()
    assert sender.pending == pending > 0


@pytest.mark.parametrize("wrong", [{"batch": 0}, {"batch": -1}])
def test_a_batch_holds_at_least_one(batch: Any, wrong: dict[str, int]) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        with pytest.raises(ValueError, match="at least 1"):
            batch.Receiver(sock, **wrong)
        with pytest.raises(ValueError, match="at least 1"):
            batch.Sender(sock, **wrong)


# --- runs: datagrams of one size to one peer -------------------------------------------------

SIZES_OF_RUNS = {
    "one size": [100] * 200,
    "the last shorter": [100] * 9 + [40],
    "shorter, then longer again": [100, 100, 40, 100, 100, 101, 101, 40, 40],
    "empty ones between": [10, 10, 0, 0, 10, 10],
    "too large for pieces": [1_452, 1_452, 1_453, 1_453, 9_000, 9_000],
    "more than one packet holds": [1_452] * 100,
}


@pytest.mark.parametrize("sizes", SIZES_OF_RUNS.values(), ids=SIZES_OF_RUNS)
def test_runs_arrive_as_the_datagrams_they_were(
    batch: Any, pair: tuple[socket.socket, socket.socket], sizes: list[int]
) -> None:
    here, there = pair
    there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    outgoing = [
        (bytes([number % 256]) * size, _address(there)) for number, size in enumerate(sizes)
    ]
    sender = batch.Sender(here)
    assert sender.send(outgoing) == len(sizes)
    assert _drain(batch.Receiver(there)) == [data for data, _ in outgoing]
    assert sender.errors == {}


def test_runs_to_several_peers_are_not_mixed(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    peers = [_address(there), _address(there), _address(here), _address(there), _address(here)]
    outgoing = [(b"%03d" % number, peers[number % 5]) for number in range(100)]
    assert batch.Sender(here).send(outgoing) == 100
    for sock in (here, there):
        mine = [data for data, peer in outgoing if peer == _address(sock)]
        assert _drain(batch.Receiver(sock)) == mine


def test_a_socket_that_refuses_runs_sends_one_by_one(
    batch: Any, pair: tuple[socket.socket, socket.socket]
) -> None:
    here, there = pair
    so_no_check = 11  # without checksums the kernel cuts nothing: EINVAL
    here.setsockopt(socket.SOL_SOCKET, so_no_check, 1)
    sender = batch.Sender(here)
    receiver = batch.Receiver(there)
    for _ in range(12):
        outgoing = [(b"%04d" % number, _address(there)) for number in range(20)]
        assert sender.send(outgoing) == 20
        assert _drain(receiver) == [data for data, _ in outgoing]
    assert sender.errors == {}
