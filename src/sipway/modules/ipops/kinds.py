"""What an address is: read into bytes, and what its block is reserved for.

Source: RFC 5735, RFC 6598 and IANA's tables for IPv6, in the words of the README of ipops.
"""

from __future__ import annotations

import socket
from functools import lru_cache
from typing import Final, NamedTuple


def packed(text: str) -> bytes | None:
    """An address without brackets as 4 or 16 bytes; None for what is none."""
    try:
        if ":" in text:
            return socket.inet_pton(socket.AF_INET6, text)
        return socket.inet_pton(socket.AF_INET, text)
    except (OSError, ValueError):
        return None


def packed_reference(text: str) -> bytes | None:
    """An IPv6 address in brackets as 16 bytes; None for what is none."""
    if text[:1] != "[" or text[-1:] != "]":
        return None
    found = packed(text[1:-1])
    return found if found is not None and len(found) == 16 else None


class Network(NamedTuple):
    """`size` is that of an address in bytes, `first` and `mask` are numbers."""

    size: int
    first: int
    mask: int

    def has(self, address: bytes) -> bool:
        """Whether an address, as bytes, is in the network."""
        return len(address) == self.size and int.from_bytes(address) & self.mask == self.first


def network(text: str) -> Network | None:
    """A network written address/bits, or one address; None for what is neither."""
    address, slash, bits = text.partition("/")
    data = packed(address)
    if data is None:
        return None
    longest = len(data) * 8
    if not slash:
        length = longest
    elif bits.isascii() and bits.isdecimal() and int(bits[:4]) <= longest:
        length = int(bits)
    else:
        return None
    mask = (1 << longest) - (1 << longest - length)
    return Network(len(data), int.from_bytes(data) & mask, mask)


@lru_cache(maxsize=256)
def networks(text: str) -> tuple[Network, ...]:
    """The networks of a list with commas, without what is none."""
    found = (network(each.strip()) for each in text.split(","))
    return tuple(each for each in found if each is not None)


_BLOCKS: Final = (
    # Of several that hold an address the first one counts.
    ("0.0.0.0/8", "PRIVATE"),
    ("10.0.0.0/8", "PRIVATE"),
    ("100.64.0.0/10", "SHARED"),
    ("127.0.0.0/8", "LOOPBACK"),
    ("169.254.0.0/16", "LINK-LOCAL"),
    ("172.16.0.0/12", "PRIVATE"),
    ("192.0.0.0/24", "RESERVED"),
    ("192.0.2.0/24", "TEST-NET"),
    ("192.88.99.0/24", "6TO4-RELAY"),
    ("192.168.0.0/16", "PRIVATE"),
    ("198.18.0.0/15", "RESERVED"),
    ("198.51.100.0/24", "TEST-NET"),
    ("203.0.113.0/24", "TEST-NET"),
    ("224.0.0.0/4", "MULTICAST"),
    ("255.255.255.255/32", "BROADCAST"),
    ("240.0.0.0/4", "RESERVED"),
    ("0.0.0.0/0", "PUBLIC"),
    ("::/128", "UNSPECIFIED"),
    ("::1/128", "LOOPBACK"),
    ("::ffff:0:0/96", "IPV4MAP"),
    ("100::/64", "DISCARD"),
    ("2001::/32", "TEREDO"),
    ("2001:2::/48", "BMWG"),
    ("2001:10::/28", "ORCHID"),
    ("2001:db8::/32", "DOCUMENTATION"),
    ("2002::/16", "6TO4"),
    ("2000::/3", "GLOBAL-UNICAST"),
    ("fc00::/7", "UNIQUE-LOCAL-UNICAST"),
    ("fe80::/10", "LINK-LOCAL-UNICAST"),
    ("ff00::/8", "MULTICAST"),
    ("::/0", "RESERVED"),
)
_KINDS: Final = tuple((networks(text)[0], name) for text, name in _BLOCKS)


@lru_cache(maxsize=1024)
def kind(address: bytes) -> str:
    """What the block of an address is for."""
    return next(name for block, name in _KINDS if block.has(address))


RFC1918: Final = networks("10.0.0.0/8,172.16.0.0/12,192.168.0.0/16")
