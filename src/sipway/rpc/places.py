"""Where the server is reached for commands: addresses as scripts write them, and their sockets."""

from __future__ import annotations

import contextlib
import errno
import grp
import os
import pwd
import socket
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from sipway.errors import ConfigError, TransportError

_NONE: Final = "none"
VARIABLE: Final = "SIPWAY_RUNTIME_DIR"
"""The environment variable that names the directory of the control sockets."""

KAMAILIO: Final = Path("/run/kamailio")
"""Where kamcmd and kamcli look."""

_UNIX: Final = {"unix": "stream", "unixs": "stream", "unixd": "dgram"}


class Place(NamedTuple):
    """One address to listen on.

    kind     "unix" or "inet"
    style    "stream" or "dgram"
    path     of a Unix socket
    host, port
             of the others; "" for all addresses
    """

    kind: str
    style: str
    path: str = ""
    host: str = ""
    port: int = 0

    @property
    def text(self) -> str:
        """As people are told."""
        if self.kind == "unix":
            return f"unix:{self.path}"
        return f"{'tcp' if self.style == 'stream' else 'udp'}:{self.host or '*'}:{self.port}"


def read(text: str, run_dir: Path | None, default: str) -> Place:
    """An address such as `unix:/run/x`, `tcp:localhost:2046`, `/run/x`.

    A path that does not begin with / is below `run_dir`. `default` is how a bare address is
    meant: "tcp" or "udp". Raises ConfigError.
    """
    protocol, colon, rest = text.partition(":")
    if not colon or protocol not in (*_UNIX, "udp", "tcp"):
        protocol, rest = ("unixs" if "/" in text or ":" not in text else default), text
    if protocol in _UNIX:
        path = Path(rest)
        if not path.is_absolute():
            if run_dir is None:
                raise ConfigError(f"{text}: there is no directory for control sockets")
            path = run_dir / rest
        return Place("unix", _UNIX[protocol], str(path))
    host, _, number = rest.rpartition(":")
    if not number.isdecimal() or not 0 < int(number) < 65_536:
        raise ConfigError(f"{text}: there is no port in it")
    style = "stream" if protocol == "tcp" else "dgram"
    return Place("inet", style, host="" if host == "*" else host.strip("[]"), port=int(number))


def run_directory(chosen: str | None) -> Path | None:
    """Where the control sockets are: what is chosen, the environment, or where kamcmd looks.

    Without root, the user's own runtime directory; None where there is none, or `none` is said.
    """
    said = chosen or os.environ.get(VARIABLE, "")
    if said:
        return None if said == _NONE else Path(said).absolute()
    if os.geteuid() == 0 or os.access(KAMAILIO, os.W_OK):
        return KAMAILIO
    own = os.environ.get("XDG_RUNTIME_DIR", "")
    return Path(own) / "sipway" if own.startswith("/") else None


def bind(place: Place, mode: int, user: str, group: str) -> socket.socket:
    """A socket for a place; for streams it listens. Raises TransportError, ConfigError."""
    kind = socket.SOCK_STREAM if place.style == "stream" else socket.SOCK_DGRAM
    if place.kind == "unix":
        _make_room(Path(place.path), kind)
        bound = socket.socket(socket.AF_UNIX, kind)
        try:
            bound.bind(place.path)
            hand_over(Path(place.path), mode, user, group)
        except OSError as error:
            bound.close()
            raise _cannot(place.text, error) from error
        except ConfigError:
            bound.close()
            raise
    else:
        try:
            found = socket.getaddrinfo(
                place.host or None, place.port, type=kind, flags=socket.AI_PASSIVE
            )
            family, _, _, _, address = found[0]
            bound = socket.socket(family, kind)
        except OSError as error:
            raise _cannot(place.text, error) from error
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.bind(address)
        except OSError as error:
            bound.close()
            raise _cannot(place.text, error) from error
    if place.style == "stream":
        bound.listen(64)
    bound.setblocking(False)
    return bound


def make_fifo(path: Path, mode: int, user: str, group: str) -> int:
    """A FIFO to read from, made anew: its file descriptor. Raises TransportError, ConfigError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists():
            if not stat.S_ISFIFO(path.stat().st_mode):
                raise ConfigError(f"{path} is there and no FIFO")
            if _has_reader(path):
                raise _cannot(str(path), OSError(errno.EADDRINUSE, "another server reads it"))
            path.unlink()
        os.mkfifo(path, mode)
        hand_over(path, mode, user, group)
        # For writing too: else it would have ended whenever a writer goes.
        return os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise _cannot(str(path), error) from error


def _has_reader(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    except OSError as error:
        return error.errno != errno.ENXIO
    return True


def _make_room(path: Path, kind: socket.SocketKind) -> None:
    """Remove the socket that a server has left behind. Raises TransportError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            return
        if not stat.S_ISSOCK(path.stat().st_mode):
            raise ConfigError(f"{path} is there and no socket")
        with contextlib.closing(socket.socket(socket.AF_UNIX, kind)) as other:
            try:
                other.connect(str(path))
            except ConnectionRefusedError:
                path.unlink()
                return
    except OSError as error:
        raise _cannot(f"unix:{path}", error) from error
    raise _cannot(f"unix:{path}", OSError(errno.EADDRINUSE, "another server listens there"))


def hand_over(path: Path, mode: int, user: str, group: str) -> None:
    """Give a file its permissions and owner. Raises OSError, ConfigError."""
    path.chmod(mode)
    uid = _number(user, lambda name: pwd.getpwnam(name).pw_uid, "user")
    gid = _number(group, lambda name: grp.getgrnam(name).gr_gid, "group")
    if uid >= 0 or gid >= 0:
        os.chown(path, uid, gid)


def _number(name: str, look_up: Callable[[str], int], what: str) -> int:
    if not name:
        return -1
    if name.isdecimal():
        return int(name)
    try:
        return look_up(name)
    except KeyError:
        raise ConfigError(f"there is no {what} {name}") from None


def _cannot(where: str, error: OSError) -> TransportError:
    return TransportError(f"cannot listen for commands on {where}: {error.strerror or error}")
