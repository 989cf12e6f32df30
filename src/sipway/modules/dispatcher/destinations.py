"""One destination: what its line says, and what became of it since.

Source: README of Kamailio's module dispatcher, sections 6.1 and 6.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from sipway.core.destinations import Target
from sipway.core.sockets import ListenSocket
from sipway.language.record import Record
from sipway.modules.dispatcher.latency import Latency
from sipway.modules.dispatcher.overload import Overload
from sipway.sip.addresses import ip_text
from sipway.sip.uri import routable_uri

INACTIVE: Final = 1
TRYING: Final = 2
DISABLED: Final = 4
PROBING: Final = 8
NO_LOOKUP: Final = 16
NO_PING: Final = 32

STATE: Final = INACTIVE | TRYING | DISABLED
_UNUSABLE: Final = INACTIVE | DISABLED
_LETTERS: Final = ((DISABLED, "D"), (INACTIVE, "I"), (TRYING, "T"))

_FULL: Final = 100
_ATTRIBUTE: Final = re.compile(
    r"""[\s;]*([^=;,"'\s]*)\s*(?:(=)\s*(?:"([^"]*)"\s*|'([^']*)'\s*|((?!["'])[^;,]*)))?(?=[;,]|\Z)"""
)
_NUMBER: Final = re.compile(r"\s*([+-]?[0-9]{1,30})", re.ASCII)
_LARGEST: Final = 2**31 - 1
_SCHEME: Final = re.compile(r"(?i)sips?:")


class Attributes(Record):
    """Those that mean something to the module; `body` is all of them as written."""

    body: str = ""
    duid: str = ""
    maxload: int = 0
    weight: int = 0
    rweight: int = 0
    socket: str = ""
    sockname: str = ""
    ping_socket: str = ""
    ping_from: str = ""
    obproxy: str = ""
    latency: int = 0
    cc: int = 0
    ocrate: int = 100
    ocmin: int = 10


_TEXTS: Final = ("duid", "socket", "sockname", "ping_socket", "ping_from", "obproxy")
_NUMBERS: Final = ("maxload", "weight", "rweight", "latency", "cc", "ocrate", "ocmin")
_PERCENT: Final = {"weight": 1, "rweight": 1, "ocrate": 0, "ocmin": 0}
"""From so much to a hundred."""


def read_attributes(text: str) -> tuple[Attributes, list[str]]:
    """What `name=value;...` says, and what is odd about it. Raises ValueError.

    A name counts in any case, the first of several alike; a number is what the value begins with.
    As in Kamailio a comma outside of quotes ends them.
    """
    found: dict[str, str] = {}
    odd = []
    at = 0
    end = len(text.rstrip("; \t\r\n"))
    while at < end:
        match = _ATTRIBUTE.match(text, at)
        if match is None or not (match[1] or match[2]):
            raise ValueError(f"attributes are written name=value;..., not {text[at : at + 40]}")
        value = next((each for each in match.group(3, 4, 5) if each is not None), "")
        found.setdefault(match[1].lower(), value.strip())
        at = match.end()
        if text[at : at + 1] == ",":
            odd.append(f"what follows a comma is no attribute: {text[at + 1 : at + 41]}")
            break
    values: dict[str, str | int] = {name: found[name] for name in _TEXTS if name in found}
    for name in _NUMBERS:
        if name not in found:
            continue
        begin = _NUMBER.match(found[name])
        number = -1 if begin is None else min(int(begin[1]), _LARGEST)
        least = _PERCENT.get(name)
        if least is not None and not least <= number <= _FULL:
            odd.append(
                f"{name} is a number from {least} to {_FULL}, not {found[name][:20]}: ignored"
            )
            continue
        if number < 0:
            odd.append(f"{name} is a number from 0 on, not {found[name][:20]}: ignored")
            continue
        values[name] = number
    return _made(text.rstrip(";"), values), odd


def _made(body: str, values: Mapping[str, str | int]) -> Attributes:
    return Attributes(body, **values)  # type: ignore[arg-type]


class Line(Record):
    """A destination as a line of the file, a row of the table or a command gives it."""

    group: int
    uri: str
    flags: int = 0
    priority: int = 0
    attributes: str = ""


class Destination:
    """What is known of a destination.

    flags      as above; the state and whether it is probed change
    first_flags
               as they were given
    failures, successes
               how many in a row there have been, for the thresholds
    socket     the socket to send by, or None
    ping_socket
               the one for probes, or None for `socket`
    target     where the URI leads
    addresses  the addresses that the host has, as text; empty until they are known
    looked_up  when they were last asked for
    was_asked  a probe was answered, or failed, since it was loaded
    overload   how much of what is chosen for it passes it by
    """

    __slots__ = (
        "addresses",
        "attributes",
        "failures",
        "first_flags",
        "flags",
        "group",
        "latency",
        "looked_up",
        "overload",
        "ping_socket",
        "priority",
        "socket",
        "successes",
        "target",
        "uri",
        "was_asked",
    )

    def __init__(self, line: Line, attributes: Attributes) -> None:
        """Raises ValueError for what is no URI to route by."""
        uri = line.uri
        if routable_uri(uri) is None and not _SCHEME.match(uri):
            uri = f"sip:{uri}"  # as Kamailio takes it
        parsed = routable_uri(uri)
        if parsed is None or not _SCHEME.match(uri) or not parsed.host:
            raise ValueError(f"{line.uri:.60} is no URI of SIP")
        self.uri = uri
        self.group = line.group
        self.flags = self.first_flags = line.flags
        self.priority = line.priority
        self.attributes = attributes
        self.target = Target.from_uri(uri)
        address = self.target.address
        self.addresses: frozenset[str] = (
            frozenset() if address is None else frozenset((ip_text(address),))
        )
        self.looked_up = 0.0
        self.socket: ListenSocket | None = None
        self.ping_socket: ListenSocket | None = None
        self.failures = 0
        self.successes = 0
        self.latency = Latency(attributes.latency)
        self.was_asked = False
        self.overload = Overload(attributes.ocrate, attributes.ocmin)

    def go_on_from(self, other: Destination) -> None:
        """Take over what has become of it, where the same flags were given to both."""
        if other.first_flags == self.first_flags:
            self.flags = other.flags
            self.failures = other.failures
            self.successes = other.successes
        if other.attributes.latency == self.attributes.latency:
            self.latency = other.latency
        self.addresses = other.addresses
        self.was_asked = other.was_asked
        self.overload.go_on_from(other.overload)

    @property
    def is_usable(self) -> bool:
        return not self.flags & _UNUSABLE

    @property
    def letters(self) -> str:
        """The state as operators read it: `AX`, `IP` ..."""
        state = next((letter for flag, letter in _LETTERS if self.flags & flag), "A")
        return state + ("P" if self.flags & PROBING else "X")

    @property
    def port(self) -> int:
        """The port that the URI names, 0 for none."""
        return self.target.port if self.target.port_given else 0
