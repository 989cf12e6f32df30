"""What makes a value of a parameter: each raises ValueError with a sentence for the user."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from sipway.core.log import FACILITIES


class Alias(NamedTuple):
    """A name of this server; port 0 stands for every port."""

    host: str
    port: int


def flag(value: int) -> bool:
    return value != 0


def natural(value: int) -> int:
    if value < 0:
        raise ValueError(f"a number that is not negative is wanted, not {value}")
    return value


def positive(value: int) -> int:
    if value < 1:
        raise ValueError(f"a number from 1 on is wanted, not {value}")
    return value


def up_to(most: int) -> Callable[[int], int]:
    """A number from 0 to `most`."""

    def check(value: int) -> int:
        if not 0 <= value <= most:
            raise ValueError(f"a number from 0 to {most} is wanted, not {value}")
        return value

    return check


def between(least: int, most: int = 0x7FFFFFFF) -> Callable[[int], int]:
    """A number from `least` to `most`, without that from `least` on."""

    def check(value: int) -> int:
        if not least <= value <= most:
            raise ValueError(f"a number from {least} to {most} is wanted, not {value}")
        return value

    return check


_TOKEN: Final = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")


def token(said: str) -> Callable[[str], str]:
    """A token (RFC 3261 section 25.1); `said` of what is none, with `{}` for it."""

    def check(value: str) -> str:
        if not _TOKEN.fullmatch(value):
            raise ValueError(said.format(value))
        return value

    return check


method = token('"{}" is no method')
"""The name of a method."""


def one_character(value: str) -> str:
    if len(value) != 1:
        raise ValueError(f'one character is wanted, not "{value}"')
    return value


def address_families(value: int) -> int:
    if not 0 <= value <= 7:
        raise ValueError(f"a sum of 1, 2 and 4 is wanted, not {value}")
    return value


def port(value: int) -> int:
    if not 0 <= value <= 65535:
        raise ValueError(f"a port is a number from 0 to 65535, not {value}")
    return value


def branches(value: int) -> int:
    if not 1 <= value <= 31:
        raise ValueError(f"a number from 1 to 31 is wanted, not {value}")
    return value


def facility(value: str) -> str:
    if value not in FACILITIES:
        raise ValueError(f"{value} is no facility of syslog; LOG_LOCAL0 is one")
    return value


def alias(value: str) -> Alias:
    """`host`, `host:port` or `protocol:host:port`; IPv6 in brackets."""
    text = value.strip()
    first, colon, rest = text.partition(":")
    if colon and first.lower() in PROTOCOLS:
        text = rest
    host, colon, digits = text.rpartition(":")
    if not colon or text.endswith("]") or (":" in host and not host.endswith("]")):
        host, digits = text, "0"
    if not host or not digits.isdecimal():
        raise ValueError(f'"{value}" is no name of a host, such as example.org or example.org:5060')
    return Alias(host.strip("[]").lower(), port(int(digits)))


def engine(value: str) -> str:
    if value not in ("native", "default"):
        raise ValueError(f'routes written for "{value}" cannot be run, only routing blocks')
    return value


def one_of(*values: str) -> Callable[[str], str]:
    def convert(value: str) -> str:
        if value not in values:
            raise ValueError(f"{', '.join(values[:-1])} or {values[-1]} is wanted, not {value}")
        return value

    return convert


PROTOCOLS: Final = frozenset(("udp", "tcp", "tls", "sctp", "ws", "wss"))

_TYPES_OF_SERVICE: Final = {
    "IPTOS_LOWDELAY": 0x10,
    "IPTOS_THROUGHPUT": 0x08,
    "IPTOS_RELIABILITY": 0x04,
    "IPTOS_MINCOST": 0x02,
}


def type_of_service(value: int | str) -> int:
    """A number from 0 to 255, or one of the names of <netinet/ip.h>."""
    if isinstance(value, str):
        if value not in _TYPES_OF_SERVICE:
            names = ", ".join(_TYPES_OF_SERVICE)
            raise ValueError(f"{value} is no type of service: a number or one of {names} is wanted")
        return _TYPES_OF_SERVICE[value]
    if not 0 <= value <= 255:
        raise ValueError(f"a type of service is a number from 0 to 255, not {value}")
    return value


def return_mode(value: int) -> int:
    if value not in (0, 1):
        raise ValueError(f"0 or 1 is wanted, not {value}")
    return value


def one_word(value: str) -> str:
    if not value.strip():
        raise ValueError("a name is missing")
    return value


def pmtu_mode(value: int) -> int:
    if not 0 <= value <= 2:
        raise ValueError(f"0, 1 or 2 is wanted, not {value}")
    return value
