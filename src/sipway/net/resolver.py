"""DNS by dnspython: asks for records as /etc/resolv.conf and /etc/hosts say.

The `Source` of `core.resolving`. Both files are read again when they have changed. A name in
/etc/hosts is not asked for. Kamailio looks there only with `use_dns_cache=no`; whoever writes a
name there wants it to count.

dnspython is imported with the first question: most servers are told addresses only.
"""

from __future__ import annotations

import io
import re
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

if TYPE_CHECKING:
    import dns.asyncresolver
    import dns.name

_T = TypeVar("_T")

RESOLV_CONF: Final = Path("/etc/resolv.conf")
HOSTS: Final = Path("/etc/hosts")

# What resolv.conf(5) says of the system where the file says nothing.
_TIMEOUT: Final = 5
_ATTEMPTS: Final = 2
_MAX_SERVERS: Final = 3
_LOCAL_SERVER: Final = "nameserver 127.0.0.1\n"

_ATTEMPTS_OPTION: Final = re.compile(r"^options\b.*\battempts:(\d+)", re.MULTILINE)
_TIMEOUT_OPTION: Final = re.compile(r"^options\b.*\btimeout:(\d+)", re.MULTILINE)

_FAMILIES: Final = {"A": socket.AF_INET, "AAAA": socket.AF_INET6}
_HOSTS_TTL: Final = 1.0

_Hosts = dict[tuple[str, str], list[str]]


class DnsResolver:
    """Asks the servers that resolv.conf names.

    timeout     seconds until a server is asked again; None: as resolv.conf says
    attempts    how often each server is asked; None: as resolv.conf says
    servers     how many of the servers to ask; None: all
    search      whether to use the search list of resolv.conf
    port        where the servers listen
    """

    def __init__(
        self,
        *,
        timeout: float | None = None,
        attempts: int | None = None,
        servers: int | None = None,
        search: bool = True,
        resolv_conf: Path = RESOLV_CONF,
        hosts: Path = HOSTS,
        port: int = 53,
    ) -> None:
        self._timeout = timeout
        self._attempts = attempts
        self._servers = servers
        self._search = search
        self._port = port
        self._hosts = _Watched(hosts, _read_hosts)
        self._resolver = _Watched(resolv_conf, self._make_resolver)

    async def query(self, name: str, kind: str) -> tuple[Sequence[Any], float]:
        """The records of a name and for how many seconds they hold; none if that is the answer.

        A and AAAA as text; SRV as (priority, weight, port, target); NAPTR as (order, preference,
        flags, service, regexp, replacement); other kinds as text. No servers, silence, garbage
        and names that are none are answers without records.
        """
        listed = self._hosts.value.get((name.lower(), kind))
        if listed:
            return listed, _HOSTS_TTL
        import dns.asyncbackend
        import dns.exception

        try:
            answer = await self._resolver.value.resolve(
                name,
                kind,
                search=self._search,
                raise_on_no_answer=False,
                backend=dns.asyncbackend.get_backend("asyncio"),
            )
        except (dns.exception.DNSException, OSError, EOFError, UnicodeError):
            return (), 0
        convert = _CONVERT.get(kind, str)
        records = [convert(each) for each in answer.rrset or ()]
        return records, float(answer.chaining_result.minimum_ttl)

    def _make_resolver(self, text: str) -> dns.asyncresolver.Resolver:
        import dns.asyncresolver

        resolver = dns.asyncresolver.Resolver(configure=False)
        try:
            resolver.read_resolv_conf(io.StringIO(text))
        except (dns.exception.DNSException, ValueError):
            resolver.read_resolv_conf(io.StringIO(_LOCAL_SERVER))
        resolver.nameservers = resolver.nameservers[: self._servers or _MAX_SERVERS]
        resolver.port = self._port
        resolver.timeout = self._timeout or _option(_TIMEOUT_OPTION, text, _TIMEOUT)
        attempts = self._attempts or _option(_ATTEMPTS_OPTION, text, _ATTEMPTS)
        resolver.lifetime = resolver.timeout * attempts * len(resolver.nameservers)
        return resolver


class _Watched(Generic[_T]):
    """What has been made of a file, and is made anew when the file has changed."""

    def __init__(self, path: Path, make: Callable[[str], _T]) -> None:
        self._path = path
        self._make = make
        self._seen: object = ()
        self._value: _T

    @property
    def value(self) -> _T:
        """A file that cannot be read counts as empty."""
        seen: object = None
        with suppress(OSError):
            status = self._path.stat()
            seen = status.st_mtime_ns, status.st_size, status.st_ino
        if seen != self._seen:
            text = ""
            with suppress(OSError):
                text = self._path.read_text("utf-8", "replace")
            self._value = self._make(text)
            self._seen = seen
        return self._value


def _option(pattern: re.Pattern[str], text: str, default: int) -> int:
    found = pattern.search(text)
    return max(1, min(30, int(found[1]))) if found else default


def _read_hosts(text: str) -> _Hosts:
    """Addresses by lower-case name and kind (hosts(5))."""
    hosts: _Hosts = {}
    for line in text.splitlines():
        ip, *names = line.partition("#")[0].split() or [""]
        for kind, number in _FAMILIES.items():
            with suppress(OSError):
                socket.inet_pton(number, ip)
                for name in names:
                    hosts.setdefault((name.lower(), kind), []).append(ip)
    return hosts


def _srv(record: Any) -> tuple[int, int, int, str]:
    return record.priority, record.weight, record.port, _text(record.target)


def _naptr(record: Any) -> tuple[int, int, str, str, str, str]:
    texts = (each.decode("latin-1") for each in (record.flags, record.service, record.regexp))
    return record.order, record.preference, *texts, _text(record.replacement)


def _text(name: dns.name.Name) -> str:
    """Without the dot at the end; the root is empty."""
    return name.to_text(omit_final_dot=True).removesuffix(".")


_CONVERT: Final[dict[str, Callable[[Any], Any]]] = {"SRV": _srv, "NAPTR": _naptr}
