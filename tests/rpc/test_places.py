"""Where commands are listened for: addresses, directories, sockets that others have left."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from sipway.errors import ConfigError, TransportError
from sipway.rpc.places import VARIABLE, Place, bind, make_fifo, read, run_directory

RUN = Path("/run/x")


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("unix:/tmp/a", Place("unix", "stream", "/tmp/a")),
        ("unixs:/tmp/a", Place("unix", "stream", "/tmp/a")),
        ("unixd:/tmp/a", Place("unix", "dgram", "/tmp/a")),
        ("unix:ctl", Place("unix", "stream", "/run/x/ctl")),
        ("/tmp/a", Place("unix", "stream", "/tmp/a")),
        ("ctl", Place("unix", "stream", "/run/x/ctl")),
        ("udp:*:2046", Place("inet", "dgram", host="", port=2046)),
        ("tcp:localhost:2046", Place("inet", "stream", host="localhost", port=2046)),
        ("127.0.0.1:2046", Place("inet", "dgram", host="127.0.0.1", port=2046)),
        ("tcp:[::1]:2046", Place("inet", "stream", host="::1", port=2046)),
    ],
)
def test_addresses(text: str, place: Place) -> None:
    assert read(text, RUN, "udp") == place


@pytest.mark.parametrize("text", ["udp:x", "tcp:x:", "tcp:x:0", "tcp:x:65536", "tcp:x:y"])
def test_addresses_without_a_port(text: str) -> None:
    with pytest.raises(ConfigError, match="there is no port in it"):
        read(text, RUN, "udp")


def test_a_path_needs_a_directory() -> None:
    with pytest.raises(ConfigError, match="no directory"):
        read("unix:ctl", None, "udp")


def test_the_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "/of/environment")
    assert run_directory("/chosen") == Path("/chosen")
    assert run_directory("none") is None
    assert run_directory(None) == Path("/of/environment")
    monkeypatch.setenv(VARIABLE, "none")
    assert run_directory(None) is None


def test_what_a_dead_server_left_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "below" / "ctl"
    place = read(f"unix:{path}", None, "udp")
    bind(place, 0o600, "", "").close()
    assert path.exists()
    with bind(place, 0o640, "", "") as again:
        assert stat.S_IMODE(path.stat().st_mode) == 0o640
        with pytest.raises(TransportError, match="another server listens there"):
            bind(place, 0o600, "", "")
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(path))
        assert again.fileno() >= 0


def test_a_file_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "ctl"
    path.write_text("precious")
    with pytest.raises(ConfigError, match="no socket"):
        bind(read(str(path), None, "udp"), 0o600, "", "")
    with pytest.raises(ConfigError, match="no FIFO"):
        make_fifo(path, 0o600, "", "")
    assert path.read_text() == "precious"


def test_a_fifo_that_is_read_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "fifo"
    descriptor = make_fifo(path, 0o600, "", "")
    with pytest.raises(TransportError, match="another server reads it"):
        make_fifo(path, 0o600, "", "")
    os.close(descriptor)
    os.close(make_fifo(path, 0o600, str(os.getuid()), str(os.getgid())))


def test_an_owner_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no user nobody-of-this-name"):
        bind(read(str(tmp_path / "a"), None, "udp"), 0o600, "nobody-of-this-name", "")
