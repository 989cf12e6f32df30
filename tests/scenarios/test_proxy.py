"""Calls through a proxy, made by sipp: `proxy.cfg` on sipway, and the same on Kamailio 5.6.3.

Each call is a pair of scenarios in calls/, one for each side, with what has to arrive written in
them. Several calls go on at once.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import pytest

from tests.ports import free_port
from tests.scenarios.complaints import complaints
from tests.scenarios.sipp import sipp
from tests.server_process import SIPWAY, ask, request, running

pytestmark = pytest.mark.skipif(shutil.which("sipp") is None, reason="sipp is not installed")

_SCRIPT: Final = Path(__file__).parent / "proxy.cfg"


@dataclass(frozen=True, slots=True)
class Proxy:
    """A server that runs `proxy.cfg`, and the ports to which it sends what it sends elsewhere."""

    port: int
    next_port: int
    fork_ports: Sequence[int]
    log: Path
    read: list[int] = field(default_factory=lambda: [0])

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def complaints(self) -> list[str]:
        """What has been added to the log of errors, warnings and faults since it was last asked."""
        with self.log.open(encoding="utf-8", errors="replace") as file:
            file.seek(self.read[0])
            added = file.read()
            self.read[0] = file.tell()
        return complaints(added)


def _has_ipv6() -> bool:
    with contextlib.suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
        probe.bind(("::1", 0))
        return True
    return False


needs_ipv6 = pytest.mark.skipif(not _has_ipv6(), reason="no IPv6 on the loopback interface")


@pytest.fixture(scope="module", params=["sipway", "kamailio"])
def server(request: pytest.FixtureRequest) -> str:
    if shutil.which(request.param) is None and request.param == "kamailio":
        pytest.skip("kamailio is not installed")
    return str(request.param)


@pytest.fixture(scope="module")
def proxy(server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    with _running_proxy(server, tmp_path_factory.mktemp(server), no_answer=3000) as it:
        yield it


@contextlib.contextmanager
def _running_proxy(server: str, folder: Path, no_answer: int) -> Iterator[Proxy]:
    """`proxy.cfg` on a server, listening by UDP, TCP and, where there is IPv6, there too."""
    port = free_port()
    next_port, *fork_ports = (free_port() for _ in range(6))
    defines = [f"NO_ANSWER={no_answer}", f"NEXT_PORT={next_port}"]
    defines += [f"FORK_{number}={each}" for number, each in enumerate(fork_ports, 1)]
    sockets = [f"udp:127.0.0.1:{port}", f"tcp:127.0.0.1:{port}"]
    sockets += [f"udp:[::1]:{port}"] if _has_ipv6() else []
    options = [each for define in defines for each in ("-A", define)]
    options += [each for place in sockets for each in ("-l", place)]
    if server == "sipway":
        command = [*SIPWAY, "run", str(_SCRIPT), *options]
    else:
        command = ["kamailio", "-f", str(_SCRIPT), "-DD", "-E", "-a", "no", *options]
        command += ["-n", "1", "-N", "1", "-X", "tlsf", "-x", "tlsf", "-m", "32", "-M", "8"]
        command += ["-Y", str(folder), "-P", str(folder / "pid")]
    log = folder / "log"
    with running(command, log) as process:
        ask(port, request("OPTIONS", f"sip:127.0.0.1:{port}"), process)
        yield Proxy(port, next_port, fork_ports, log)


@contextlib.contextmanager
def _callee(scenario: str, folder: Path, **options: Any) -> Iterator[int]:
    """A callee, which has to have gone through its scenario at the end; its port."""
    with sipp(scenario, folder, **options) as it:
        yield it.port
        it.finish()


def _call(
    proxy: Proxy, scenario: str, folder: Path, callee: str, *, user: str = "bob", **options: Any
) -> None:
    """Make the calls of a caller's scenario, to the user at `callee`."""
    keys = ("-s", user, "-key", "callee", callee)
    options.setdefault("to", proxy.address)
    with sipp(scenario, folder, *keys, **options) as it:
        it.finish()


@pytest.mark.parametrize(
    ("caller", "callee"),
    [
        ("call", "call"),
        ("cancel", "cancel"),
        ("cancel_race", "cancel_race"),
        ("cancel_cross", "cancel_cross"),
        ("no_answer", "cancel"),
        ("reinvite", "reinvite"),
        ("refer", "refer"),
        ("update", "update"),
        ("prack", "prack"),
    ],
)
def test_a_call_goes_as_written(proxy: Proxy, caller: str, callee: str, tmp_path: Path) -> None:
    with _callee(f"{callee}.uas", tmp_path) as port:
        _call(proxy, f"{caller}.uac", tmp_path, f"127.0.0.1:{port}")
    assert proxy.complaints() == []


@pytest.mark.parametrize("first", ["busy", "cancel"], ids=["busy", "no answer"])
def test_the_next_follows_who_does_not_pick_up(proxy: Proxy, first: str, tmp_path: Path) -> None:
    with (
        _callee(f"{first}.uas", tmp_path) as port,
        _callee("call.uas", tmp_path, port=proxy.next_port),
    ):
        _call(proxy, "call.uac", tmp_path, f"127.0.0.1:{port}", user="team")
    assert proxy.complaints() == []


def test_five_ring_and_one_picks_up(proxy: Proxy, tmp_path: Path) -> None:
    fast, *slow = proxy.fork_ports
    with contextlib.ExitStack() as stack:
        for port in slow:
            stack.enter_context(_callee("cancel.uas", tmp_path, port=port))
        stack.enter_context(_callee("picks_up.uas", tmp_path, port=fast))
        _call(proxy, "call.uac", tmp_path, proxy.address, user="all")
    assert proxy.complaints() == []


def test_what_a_bad_line_loses_is_sent_again(server: str, tmp_path: Path) -> None:
    """Both sides lose a tenth of what they send and of what they get."""
    many: dict[str, Any] = {"calls": 50}
    # What comes once more, late, is no reason for sipp to give a call up.
    lossy = ("-lost", "10", "-default_behaviors", "none")
    with (
        _running_proxy(server, tmp_path, no_answer=12_000) as proxy,
        sipp("lossy.uas", tmp_path, *lossy, **many) as callee,
    ):
        keys = ("-s", "bob", "-key", "callee", f"127.0.0.1:{callee.port}")
        with sipp("lossy.uac", tmp_path, *keys, *lossy, to=proxy.address, **many) as caller:
            caller.finish()
        callee.finish()
        assert caller.retransmissions() > 0
        assert callee.retransmissions() > 0
        assert proxy.complaints() == []


@pytest.mark.parametrize("connections", ["t1", "tn"])
def test_a_call_from_tcp_to_udp(proxy: Proxy, connections: str, tmp_path: Path) -> None:
    """t1: one connection for all calls; tn: one for each."""
    with _callee("tcp_to_udp.uas", tmp_path) as port:
        _call(proxy, "across.uac", tmp_path, f"127.0.0.1:{port}", transport=connections)
    assert proxy.complaints() == []


def test_a_call_from_udp_to_tcp(proxy: Proxy, tmp_path: Path) -> None:
    with _callee("udp_to_tcp.uas", tmp_path, transport="t1") as port:
        _call(proxy, "across.uac", tmp_path, f"127.0.0.1:{port};transport=tcp")
    assert proxy.complaints() == []


@needs_ipv6
def test_a_call_over_ipv6(proxy: Proxy, tmp_path: Path) -> None:
    with _callee("call.uas", tmp_path, ip="::1") as port:
        _call(proxy, "call.uac", tmp_path, f"[::1]:{port}", to=f"[::1]:{proxy.port}", ip="::1")
    assert proxy.complaints() == []


@needs_ipv6
def test_a_call_from_ipv4_to_ipv6(proxy: Proxy, tmp_path: Path) -> None:
    with _callee("ipv4_to_ipv6.uas", tmp_path, ip="::1") as port:
        _call(proxy, "across.uac", tmp_path, f"[::1]:{port}")
    assert proxy.complaints() == []
