"""TCP through a whole server, in a process of its own."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.server_process import SIPWAY, ask, header, request, running, status_line

_SCRIPT: Final = """
loadmodule "sl.so"
loadmodule "tm.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "corex.so"
loadmodule "textops.so"
debug=2
log_stderror=yes
tcp_accept_aliases=yes
tcp_msg_read_timeout=1
udp_mtu=1300
udp_mtu_try_proto=TCP
request_route {
    switch ($rU) {
        case "relay": t_relay(); break;
        case "tcp":   forward_tcp(127.0.0.1, uri:port); break;
        case "uri":   forward(); break;
        case "udp":   forward_udp(127.0.0.1, uri:port); break;
        case "send":  send_tcp("127.0.0.1:$rp"); break;
        case "close": set_reply_close(); sl_send_reply("200", "OK"); break;
        case "alias": add_tcp_alias(7777); sl_send_reply("200", "OK"); break;
        case "keep":  set_forward_no_connect(); forward_tcp(127.0.0.1, uri:port); break;
        default:
            append_to_reply("X-Seen: $proto $prid $conid $Rp $sp\\r\\n");
            if (proto==TCP) sl_send_reply("200", "Stream"); else sl_send_reply("200", "Datagram");
    }
}
"""


class Peer:
    """A blocking SIP peer over TCP that takes one message at a time."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._socket.settimeout(10)
        self._kept = b""
        self.port: int = sock.getsockname()[1]

    def send(self, text: str | bytes) -> None:
        self._socket.sendall(text if isinstance(text, bytes) else text.encode())

    def receive(self) -> str:
        """The next message, without a body; "" if the server has closed."""
        while b"\r\n\r\n" not in self._kept:
            try:
                data = self._socket.recv(65_536)
            except ConnectionResetError:
                data = b""
            if not data:
                return ""
            self._kept += data
        message, _, self._kept = self._kept.partition(b"\r\n\r\n")
        return message.decode() + "\r\n\r\n"

    def close(self) -> None:
        self._socket.close()


class Peers:
    def __init__(self, port: int, log: Path, stack: contextlib.ExitStack) -> None:
        self.port = port
        self.log = log
        self._stack = stack

    def connect(self) -> Peer:
        sock = socket.create_connection(("127.0.0.1", self.port))
        return Peer(self._stack.enter_context(contextlib.closing(sock)))

    def listen(self) -> tuple[int, Callable[[], Peer]]:
        """A port, and what accepts the next connection there."""
        bound = self._stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        bound.settimeout(10)

        def accept() -> Peer:
            return Peer(self._stack.enter_context(contextlib.closing(bound.accept()[0])))

        return bound.getsockname()[1], accept

    def datagrams(self) -> socket.socket:
        bound = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._stack.enter_context(bound)
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(10)
        return bound

    def logged(self, text: str) -> bool:
        """Whether the log says so within ten seconds."""
        ends = time.monotonic() + 10
        while text not in self.log.read_text():
            if time.monotonic() > ends:
                return False
            time.sleep(0.01)
        return True


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    folder = tmp_path_factory.mktemp("tcp")
    script, log = folder / "tcp.cfg", folder / "log"
    script.write_text(_SCRIPT)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    command = [*SIPWAY, "run", str(script), "-l", f"127.0.0.1:{port}"]
    with running(command, log) as process:
        assert "Datagram" in ask(port, request("OPTIONS", "sip:x@127.0.0.1"), process)
        yield port, log


@pytest.fixture
def peers(server: tuple[int, Path]) -> Iterator[Peers]:
    with contextlib.ExitStack() as stack:
        yield Peers(*server, stack)


def over(protocol: str, user: str, port: int = 9, *more: str, sent_by: int = 9) -> str:
    """An OPTIONS to `user` whose Via says that it came over a protocol, without rport."""
    text = request("OPTIONS", f"sip:{user}@127.0.0.1:{port};transport=tcp", *more)
    return text.replace("SIP/2.0/UDP 127.0.0.1:9;", f"SIP/2.0/{protocol} 127.0.0.1:{sent_by};") \
        .replace(";rport", "")  # fmt: skip


def answer(message: str) -> str:
    """A 200 to a request."""
    lines = message.split("\r\n")
    kept = [each for each in lines[1:] if each.split(":")[0] not in ("Max-Forwards", "Contact")]
    return "\r\n".join(["SIP/2.0 200 Fine", *kept])


def test_a_listen_without_a_protocol_is_for_both(peers: Peers) -> None:
    peer = peers.connect()
    peer.send(over("TCP", "x"))
    reply = peer.receive()
    assert status_line(reply) == "200 Stream"
    protocol, number, connection, port, source = (header(reply, "X-Seen") or "").split()
    assert (protocol, number, int(port)) == ("tcp", "2", peers.port)
    assert (int(connection) > 0, int(source)) == (True, peer.port)


def test_there_and_back_over_two_connections(peers: Peers) -> None:
    """The Via names no port that anybody listens on: the reply goes by the connection."""
    port, accept = peers.listen()
    client = peers.connect()
    client.send(over("TCP", "tcp", port))
    far = accept()
    got = far.receive()
    via = header(got, "Via") or ""
    assert via.startswith(f"SIP/2.0/TCP 127.0.0.1:{peers.port};branch=z9hG4bK")
    assert ";i=" in via
    far.send(answer(got))
    assert status_line(client.receive()) == "200 Fine"
    # The next one goes by the connection that there is.
    client.send(over("TCP", "uri", port))
    far.send(answer(far.receive()))
    assert status_line(client.receive()) == "200 Fine"


def test_a_reply_whose_connection_has_gone_goes_where_the_via_says(peers: Peers) -> None:
    port, accept = peers.listen()
    home, accept_home = peers.listen()
    client = peers.connect()
    client.send(over("TCP", "tcp", port, sent_by=home))
    far = accept()
    got = far.receive()
    client.close()
    # Requests of other connections prove that the server has seen the end of that one.
    for _ in range(2):
        other = peers.connect()
        other.send(over("TCP", "x"))
        other.receive()
    far.send(answer(got))
    assert status_line(accept_home().receive()) == "200 Fine"


@pytest.mark.parametrize("user", ["tcp", "uri", "relay"])
def test_from_udp_to_tcp_and_back(peers: Peers, user: str) -> None:
    port, accept = peers.listen()
    phone = peers.datagrams()
    mine = phone.getsockname()[1]
    phone.sendto(over("UDP", user, port, sent_by=mine).encode(), ("127.0.0.1", peers.port))
    far = accept()
    got = far.receive()
    assert ";i=" not in (header(got, "Via") or "")
    far.send(answer(got))
    reply, source = phone.recvfrom(65_536)
    assert status_line(reply.decode()) == "200 Fine"
    assert source == ("127.0.0.1", peers.port)


def test_a_transaction_over_tcp_on_both_sides(peers: Peers) -> None:
    port, accept = peers.listen()
    client = peers.connect()
    client.send(over("TCP", "relay", port))
    far = accept()
    got = far.receive()
    assert (header(got, "Via") or "").startswith(f"SIP/2.0/TCP 127.0.0.1:{peers.port};branch=")
    far.send(answer(got))
    assert status_line(client.receive()) == "200 Fine"


def test_from_tcp_to_udp_and_back(peers: Peers) -> None:
    phone = peers.datagrams()
    client = peers.connect()
    client.send(over("TCP", "udp", phone.getsockname()[1]))
    got, source = phone.recvfrom(65_536)
    assert b"Via: SIP/2.0/UDP" in got
    phone.sendto(answer(got.decode()).encode(), source)
    assert status_line(client.receive()) == "200 Fine"


def test_a_request_too_long_for_udp_goes_over_tcp(peers: Peers) -> None:
    port, accept = peers.listen()
    phone = peers.datagrams()
    mine = phone.getsockname()[1]
    text = over("UDP", "udp", port, "X: " + "x" * 1300, sent_by=mine)
    phone.sendto(text.encode(), ("127.0.0.1", peers.port))
    far = accept()
    got = far.receive()
    assert (header(got, "Via") or "").startswith("SIP/2.0/TCP ")
    far.send(answer(got))
    assert status_line(phone.recv(65_536).decode()) == "200 Fine"


def test_send_tcp_sends_the_message_as_it_came(peers: Peers) -> None:
    port, accept = peers.listen()
    client = peers.connect()
    text = over("TCP", "send", port)
    client.send(text)
    assert accept().receive() == text


def test_the_connection_is_closed_behind_the_reply(peers: Peers) -> None:
    client = peers.connect()
    client.send(over("TCP", "close"))
    assert status_line(client.receive()) == "200 OK"
    assert client.receive() == ""


@pytest.mark.parametrize("by", ["script", "via"])
def test_an_alias_leads_to_its_connection(peers: Peers, by: str) -> None:
    phone = peers.connect()
    if by == "script":
        alias = 7777
        phone.send(over("TCP", "alias"))
    else:
        alias = 7778
        phone.send(over("TCP", "x", sent_by=alias).replace(";branch", ";alias;branch"))
    assert status_line(phone.receive()).startswith("200")
    caller = peers.connect()
    caller.send(over("TCP", "keep", alias))
    got = phone.receive()
    assert got.startswith("OPTIONS sip:keep@")
    phone.send(answer(got))
    assert status_line(caller.receive()) == "200 Fine"


def test_what_could_not_be_sent_is_logged_and_others_go_on(peers: Peers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    client = peers.connect()
    client.send(over("TCP", "tcp", port))
    client.send(over("TCP", "keep", 1) + over("TCP", "x"))
    assert status_line(client.receive()) == "200 Stream"
    assert peers.logged(f"not sent to tcp:127.0.0.1:{port}: could not be opened: Connection ref")
    assert peers.logged("there is no connection, and none is to be opened")
    assert "Traceback" not in peers.log.read_text()


def test_a_peer_too_slow_and_one_too_long_hold_nobody(peers: Peers) -> None:
    slow, long, client = peers.connect(), peers.connect(), peers.connect()
    slow.send(over("TCP", "x")[:100])
    long.send(over("TCP", "x").replace("Content-Length: 0", "Content-Length: 70000"))
    client.send(over("TCP", "x"))
    assert status_line(client.receive()) == "200 Stream"
    assert long.receive() == ""
    assert slow.receive() == ""
    assert peers.logged("sent a message of more than 65535 bytes")
    assert peers.logged("does not end its message (tcp_msg_read_timeout)")
    client.send(over("TCP", "x"))
    assert status_line(client.receive()) == "200 Stream"


def test_a_branch_that_cannot_be_sent_has_failed(peers: Peers) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        port = gone.getsockname()[1]
    client = peers.connect()
    client.send(over("TCP", "relay", port))
    assert status_line(client.receive()).startswith("477 ")
