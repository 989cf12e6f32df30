"""Run inside a network namespace of its own: a SIP server, its DNS server and those it sends to.

    unshare --mount --net python -m tests.scenarios.dns_namespace < JSON

The JSON has `command` (of the server, which is to listen on udp:127.0.0.1:5080), `resolv_conf`,
`zone` and `uris`. For each URI one line of JSON is printed: where a request for it went
(`protocol:ip:port`, or null) and what DNS was asked until then. With `order` instead of `uris` all
requests are sent at once and what is printed is the order in which they arrived.

Only there may a test say what is in /etc/resolv.conf, and listen on port 53.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tests.dns_server import dns_server
from tests.fakes import request
from tests.server_process import running

_SERVER: Final = ("127.0.0.1", 5080)
_IPS: Final = ("127.0.0.2", "127.0.0.3", "127.0.0.4", "::1")
_PORTS: Final = (5060, 5061, 5070, 5071)
_PATIENCE: Final = 10.0

_SIOCSIFFLAGS: Final = 0x8914
_UP_AND_RUNNING: Final = 0x41

Peers = dict[socket.socket, str]


def loopback_up() -> None:
    """Let 127.0.0.1 and ::1 be reached in a new namespace."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        fcntl.ioctl(probe, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _UP_AND_RUNNING))


@contextlib.contextmanager
def _peers() -> Iterator[Peers]:
    with contextlib.ExitStack() as stack:
        peers: Peers = {}
        for ip in _IPS:
            family = socket.AF_INET6 if ":" in ip else socket.AF_INET
            for port in _PORTS:
                peer = stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
                peer.bind((ip, port))
                peers[peer] = f"udp:{ip}:{port}"
        yield peers


def _send(client: socket.socket, uri: str, name: str) -> None:
    port = client.getsockname()[1]
    via = f"SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-{name}"
    client.sendto(request(uri=uri, via=via, call_id=name), _SERVER)


def _wait_until_ready(client: socket.socket, server: subprocess.Popen[bytes]) -> None:
    """The script answers a request to `sip:ready` itself."""
    client.settimeout(0.2)
    ends = time.monotonic() + _PATIENCE
    for number in range(1000):
        if server.poll() is not None or time.monotonic() > ends:
            break
        _send(client, "sip:ready", f"ready-{number}")
        with contextlib.suppress(TimeoutError):
            client.recv(65535)
            return
    raise SystemExit("the server does not start")


def _arrived(peers: Peers, client: socket.socket) -> Iterator[tuple[str, str | None]]:
    """Call-ID and place of what arrives, until nothing does; the place is None for a reply."""
    while True:
        ready, _, _ = select.select([*peers, client], [], [], _PATIENCE)
        if not ready:
            return
        # What was sent on came before the reply that follows it in the script.
        ready.sort(key=lambda each: each is client)
        for each in ready:
            text = each.recv(65535).decode()
            yield text.partition("Call-ID: ")[2].partition("\r\n")[0], peers.get(each)


def _where(peers: Peers, client: socket.socket, uri: str, name: str) -> str | None:
    """The script answers when it has sent the request on, or could not.

    What leaves by different sockets may come in any order: the answer to the next request is
    behind them all.
    """
    _send(client, uri, name)
    place = None
    for call_id, found in _arrived(peers, client):
        if call_id == name and found is None:
            _send(client, "sip:ready", f"after-{name}")
        elif call_id == name:
            place = found
        elif call_id == f"after-{name}":
            break
    return place


def _order(peers: Peers, client: socket.socket, uris: Sequence[str]) -> list[str]:
    for uri in uris:
        _send(client, uri, uri)
    found: list[str] = []
    for call_id, place in _arrived(peers, client):
        if call_id in uris and place is None:
            found.append(call_id)
            if len(found) == len(uris):
                break
    return found


def _say(value: object) -> None:
    sys.stdout.write(json.dumps(value) + "\n")


def main() -> None:
    wanted = json.load(sys.stdin)
    loopback_up()
    with tempfile.TemporaryDirectory() as folder:
        conf = Path(folder) / "resolv.conf"
        conf.write_text(wanted["resolv_conf"])
        subprocess.run(["mount", "--bind", str(conf), "/etc/resolv.conf"], check=True)
        log = Path(folder) / "log"
        with (
            dns_server(wanted["zone"], port=53) as dns,
            _peers() as peers,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client,
            running(wanted["command"], log) as server,
        ):
            client.bind(("127.0.0.1", 0))
            try:
                _wait_until_ready(client, server)
                if "order" in wanted:
                    _say(_order(peers, client, wanted["order"]))
                for number, uri in enumerate(wanted.get("uris", ())):
                    dns.questions.clear()
                    place = _where(peers, client, uri, f"request-{number}")
                    _say([uri, place, dns.asked()])
            except SystemExit:
                sys.stderr.write(log.read_text("utf-8", "replace"))
                raise


if __name__ == "__main__":
    main()
