"""Parameters by which a script asks something of the kernel, read back from the kernel."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import pytest

from sipway.core.loader import ModuleCatalog
from sipway.core.settings import Settings
from sipway.errors import TransportError
from sipway.language import compile_source
from sipway.language.regex import has_linear_engine
from sipway.language.source import SourceFile
from sipway.net.interfaces import interface_addresses
from sipway.server.listening import Endpoint, RealSocket, bind, endpoints, socket_options
from sipway.server.options import Options
from tests.ports import free_port
from tests.server_process import (
    SIPWAY,
    ask,
    header,
    request,
    running,
    sipway_command,
    status_line,
)

ROUTE: Final = 'loadmodule "sl.so"\nrequest_route { sl_send_reply("200", "OK"); }\n'
# As in <linux/in.h> and <linux/in6.h>; `socket` has no names for them.
IP_MTU_DISCOVER: Final = 10
IP_FREEBIND: Final = 15
IPV6_MTU_DISCOVER: Final = 23
NOT_OURS: Final = "192.0.2.77"
"""An address for documentation (RFC 5737): no machine has it."""

has_ipv6 = pytest.mark.skipif(
    "::1" not in interface_addresses("lo", ipv6=True), reason="this machine has no IPv6"
)
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="not root")


def no_batch(*_: Any) -> Any:
    raise AssertionError("nothing is received here")


def settings_of(parameters: str) -> Settings:
    compiled, findings = compile_source(SourceFile("a.cfg", parameters + ROUTE), ModuleCatalog())
    assert compiled is not None, findings
    return Settings.from_items(compiled.parameters)


@contextmanager
def bound(parameters: str, host: str = "127.0.0.1") -> Iterator[socket.socket]:
    """The real socket that a script with these parameters gets."""
    options = socket_options(settings_of(parameters))
    ((_, real),) = bind([Endpoint("udp", host, 0)], no_batch, options)
    try:
        yield _kernel_socket(real)
    finally:
        real.close()


def _kernel_socket(real: RealSocket) -> socket.socket:
    found: socket.socket = real._socket
    return found


@pytest.mark.parametrize(("parameter", "value"), [("tos=16", 16), ("tos=0xB8", 0xB8), ("", 0)])
def test_tos_is_that_of_what_is_sent(parameter: str, value: int) -> None:
    with bound(f"{parameter}\n") as real:
        assert real.getsockopt(socket.IPPROTO_IP, socket.IP_TOS) == value


@has_ipv6
def test_tos_is_the_traffic_class_over_ipv6() -> None:
    with bound("tos=16\n", "::1") as real:
        assert real.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_TCLASS) == 16


# 0 fragments, 1 never does, 2 does as the route says: IP_PMTUDISC_DONT, _DO and _WANT.
PMTU: Final = [("pmtu_discovery=0", 0), ("pmtu_discovery=1", 2), ("pmtu_discovery=2", 1)]


@pytest.mark.parametrize(("parameter", "value"), PMTU)
def test_pmtu_discovery_tells_who_fragments(parameter: str, value: int) -> None:
    with bound(f"{parameter}\n") as real:
        assert real.getsockopt(socket.IPPROTO_IP, IP_MTU_DISCOVER) == value


@has_ipv6
@pytest.mark.parametrize(("parameter", "value"), PMTU)
def test_pmtu_discovery_over_ipv6(parameter: str, value: int) -> None:
    with bound(f"{parameter}\n", "::1") as real:
        assert real.getsockopt(socket.IPPROTO_IPV6, IPV6_MTU_DISCOVER) == value


@pytest.mark.parametrize(
    ("parameter", "option"),
    [("maxbuffer", socket.SO_RCVBUF), ("maxsndbuffer", socket.SO_SNDBUF)],
)
def test_buffers_have_the_size_that_is_asked_for(parameter: str, option: int) -> None:
    size = 50_000  # less than any system's limit
    with bound(f"{parameter}={size}\n") as real:
        assert real.getsockopt(socket.SOL_SOCKET, option) == 2 * size  # the kernel doubles it
    with bound("") as real:
        assert real.getsockopt(socket.SOL_SOCKET, option) != 2 * size


@pytest.mark.skipif(
    Path("/proc/sys/net/ipv4/ip_nonlocal_bind").read_text().strip() != "0",
    reason="this system lets everybody bind any address",
)
def test_ip_free_bind_takes_an_address_that_the_machine_does_not_have() -> None:
    with bound("ip_free_bind=yes\n", NOT_OURS) as real:
        assert real.getsockopt(socket.IPPROTO_IP, IP_FREEBIND) == 1
        assert real.getsockname()[0] == NOT_OURS
    with pytest.raises(TransportError, match="assign"), bound("ip_free_bind=no\n", NOT_OURS):
        pass


@has_ipv6
@pytest.mark.parametrize(("value", "hosts"), [("yes", {"127.0.0.1", "::1"}), ("no", {"127.0.0.1"})])
def test_auto_bind_ipv6_adds_addresses_where_the_script_names_none(
    value: str, hosts: set[str]
) -> None:
    text = f"port={free_port()}\nauto_bind_ipv6={value}\n{ROUTE}"
    compiled, _ = compile_source(SourceFile("a.cfg", text), ModuleCatalog())
    assert compiled is not None
    settings = Settings.from_items(compiled.parameters)
    wanted = [
        each
        for each in endpoints(Options(), compiled, settings)
        if each.host in ("127.0.0.1", "::1")
    ]
    found = bind(wanted, no_batch)
    try:
        names = {_kernel_socket(real).getsockname()[:2] for _, real in found}
        assert names == {(host, settings.port) for host in hosts}
    finally:
        for _, real in found:
            real.close()


# --- of the process -----------------------------------------------------------------------


def _limit(pid: int, name: str) -> list[str]:
    """Soft and hard limit of a process, by the name that the kernel gives it."""
    for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith(name):
            return line.removeprefix(name).split()[:2]
    raise AssertionError(f"there is no limit {name}")


@pytest.mark.parametrize(
    ("parameter", "soft"),
    [("open_files_limit=123", "123"), ("", None), ("disable_core_dump=yes", None)],
)
def test_open_files_limit(tmp_path: Path, parameter: str, soft: str | None) -> None:
    script, port = tmp_path / "a.cfg", free_port()
    script.write_text(f"{parameter}\n{ROUTE}")
    with running(sipway_command(script, port), tmp_path / "log") as server:
        ask(port, request("OPTIONS", "sip:127.0.0.1"), server)
        found, hard = _limit(server.pid, "Max open files")
        ours = _limit(os.getpid(), "Max open files")
        assert found == (soft or ours[0])
        assert hard == ours[1]  # so that it could be raised again
        if parameter.startswith("disable"):
            assert _limit(server.pid, "Max core file size") == ["0", "0"]
        else:
            assert _limit(server.pid, "Max core file size") == _limit(
                os.getpid(), "Max core file size"
            )


def test_more_open_files_than_there_can_be_are_refused_in_words(tmp_path: Path) -> None:
    script, log = tmp_path / "a.cfg", tmp_path / "log"
    script.write_text(f"open_files_limit=2147483647\n{ROUTE}")
    with running(sipway_command(script, free_port()), log) as server:
        assert server.wait(15) == 1
    said = log.read_text()
    assert "cannot have 2147483647 open files" in said
    assert "hint: more than the hard limit" in said


@as_root
@pytest.mark.parametrize("workdir", ["", 'workdir="/inner"\n'])
def test_chroot_locks_the_server_in(tmp_path: Path, workdir: str) -> None:
    jail = tmp_path / "jail"
    (jail / "inner").mkdir(parents=True)
    script, port = tmp_path / "a.cfg", free_port()
    script.write_text(f'chroot="{jail}"\n{workdir}{ROUTE}')
    with running(sipway_command(script, port), tmp_path / "log") as server:
        reply = ask(port, request("OPTIONS", "sip:127.0.0.1"), server)
        assert status_line(reply) == "200 OK"
        assert Path(f"/proc/{server.pid}/root").readlink() == jail
        inside = jail / "inner" if workdir else jail
        assert Path(f"/proc/{server.pid}/cwd").readlink() == inside


@as_root
@pytest.mark.skipif(not has_linear_engine(), reason="google-re2 is not installed")
@pytest.mark.parametrize("parameter", ['chroot="{}"', "user=65534"])
def test_long_texts_are_searched_where_nothing_can_be_imported_any_more(
    tmp_path: Path, parameter: str
) -> None:
    """The engine for long texts is imported late, but before files are out of sight."""
    script, port = tmp_path / "a.cfg", free_port()
    script.write_text(
        f'{parameter.format(tmp_path)}\nloadmodule "sl.so"\nrequest_route {{\n'
        '    if ($rU =~ "(a+a+)+b") { sl_send_reply("200", "Found"); exit; }\n'
        '    sl_send_reply("404", "Not Found");\n}\n'
    )
    with running(sipway_command(script, port), tmp_path / "log") as server:
        reply = ask(port, request("OPTIONS", f"sip:{'a' * 500}b@127.0.0.1"), server)
    assert status_line(reply) == "200 Found"


@as_root
def test_a_directory_for_chroot_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    script, log = tmp_path / "a.cfg", tmp_path / "log"
    script.write_text(f'chroot="{tmp_path / "nowhere"}"\n{ROUTE}')
    with running([*SIPWAY, "run", str(script), "-l", "udp:127.0.0.1:0"], log) as server:
        assert server.wait(15) == 1
    assert "cannot become what was asked for" in log.read_text()


# --- of the replies -----------------------------------------------------------------------


@pytest.mark.parametrize("value", ["yes", "no"])
def test_sip_warning_tells_who_asked_whom(tmp_path: Path, value: str) -> None:
    script, port = tmp_path / "a.cfg", free_port()
    script.write_text(
        f'sip_warning={value}\nloadmodule "sl.so"\n'
        'request_route { $rU = "b"; sl_send_reply("200", "OK"); }\n'
    )
    with running(sipway_command(script, port), tmp_path / "log") as server:
        reply = ask(port, request("OPTIONS", "sip:a@127.0.0.1"), server)
    warning = header(reply, "Warning")
    if value == "no":
        assert warning is None
        return
    assert warning is not None
    head, _, text = warning.partition(' "')
    assert head == f"392 127.0.0.1:{port}"
    source, _, rest = text.partition(" port ")
    assert source == "from 127.0.0.1"
    assert rest.partition(", ")[2] == '1 Via, to sip:a@127.0.0.1, now to sip:b@127.0.0.1"'
