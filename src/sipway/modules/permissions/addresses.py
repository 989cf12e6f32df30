"""The addresses that are known, and how one is found: by a dictionary for each length of a prefix.

Source: README of Kamailio's module permissions; which of several records is found was tried on
5.6.3: of equal addresses and names the last, of networks the first of the lowest group.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

_BITS: Final = {4: 32, 16: 128}
_HOST_NAME: Final = re.compile(r"(?:[\w-]+\.)*[\w-]*[^\W\d][\w-]*\.?")


class AddressRecord(NamedTuple):
    """A row of the table or a line of the file; a `mask` of 0 is a whole address."""

    group: int
    address: str
    mask: int
    port: int
    tag: str | None


class Peer(NamedTuple):
    """What is found; `rank` says which of several networks goes first."""

    rank: tuple[int, int]
    group: int
    port: int
    tag: str | None


Network = tuple[int, dict[int, list[Peer]]]
"""By how many bits an address is shifted, and the peers by what is left of it."""


def packed(text: str) -> bytes | None:
    """An IP address, IPv6 with or without brackets, as 4 or 16 bytes; None for what is none."""
    try:
        if ":" not in text:
            return socket.inet_pton(socket.AF_INET, text)
        bare = text[1:-1] if text.startswith("[") and text.endswith("]") else text
        return socket.inet_pton(socket.AF_INET6, bare)
    except (OSError, ValueError):
        return None


def check(record: AddressRecord) -> bytes | None:
    """The address, None if it is a name.

    Raises ValueError for what cannot be: a record left out would lock out, or let in.
    """
    if record.group < 1:
        raise ValueError(f"{record.group} is no group: they begin with 1")
    address = packed(record.address)
    bits = 128 if address is None else _BITS[len(address)]
    if not 0 <= record.mask <= bits:
        raise ValueError(f"{record.mask} is no length of a prefix of {record.address}")
    return address


class Addresses:
    """All of them.

    records   as they came
    networks  those among them that stand for more than one address, in the order of their ranks
    left_out  how many networks are not here because there are more than `most_networks`
    odd       what is no address and no name of a host: it is compared as a name all the same
    """

    def __init__(
        self, records: Iterable[AddressRecord], most_networks: int, *, longest: bool = False
    ) -> None:
        """`longest`: of several networks the smallest goes first. Raises ValueError."""
        self.exact: list[AddressRecord] = []
        self.names: list[AddressRecord] = []
        self.left_out = 0
        addresses: list[bytes] = []
        networks: list[tuple[bytes, AddressRecord]] = []
        # By group and address, and by address in any group (None); the newest first.
        self._exact: dict[tuple[int | None, bytes], list[Peer]] = {}
        self._names: dict[tuple[int | None, str], list[Peer]] = {}
        for record in records:
            address = check(record)
            if address is None:
                self.names.append(record)
            elif record.mask in (0, _BITS[len(address)]):
                self.exact.append(record)
                addresses.append(address)
            elif len(networks) < most_networks:
                networks.append((address, record))
            else:
                self.left_out += 1
        self.odd = [
            each.address for each in self.names if _HOST_NAME.fullmatch(each.address) is None
        ]
        for record in reversed(self.names):
            peer = _peer(record)
            for group in (record.group, None):
                self._names.setdefault((group, record.address), []).append(peer)
        for record, ip in zip(reversed(self.exact), reversed(addresses), strict=True):
            peer = _peer(record)
            for group in (record.group, None):
                self._exact.setdefault((group, ip), []).append(peer)
        networks.sort(key=lambda each: each[1].group)  # stable: then in their order
        self.networks = [record for _, record in networks]
        self._networks = _by_prefix(networks, longest=longest)
        self._longest = longest

    def find(self, group: int | None, address: bytes, port: int) -> Peer | None:
        """The record of a group, of any if that is None, that an address and port belong to."""
        for peer in self._exact.get((group, address), ()):
            if peer.port in (0, port):
                return peer
        found: Peer | None = None
        networks = self._networks.get((group, len(address)))
        if networks is None:
            return None
        number = int.from_bytes(address, "big")
        for shift, peers in networks:
            for peer in peers.get(number >> shift, ()):
                if peer.port in (0, port):
                    if self._longest:
                        return peer
                    if found is None or peer.rank < found.rank:
                        found = peer
                    break
        return found

    def find_name(self, group: int | None, name: str, port: int) -> Peer | None:
        """The same for a name."""
        for peer in self._names.get((group, name), ()):
            if peer.port in (0, port):
                return peer
        return None


def _peer(record: AddressRecord, number: int = 0) -> Peer:
    return Peer((record.group, number), record.group, record.port, record.tag)


def _by_prefix(
    networks: Iterable[tuple[bytes, AddressRecord]], *, longest: bool
) -> Mapping[tuple[int | None, int], list[Network]]:
    """By group, or None, and the size of an address: what its prefixes are looked up in."""
    found: dict[tuple[int | None, int], dict[int, dict[int, list[Peer]]]] = {}
    for number, (address, record) in enumerate(networks):
        size = len(address)
        shift = _BITS[size] - record.mask
        prefix = int.from_bytes(address, "big") >> shift
        peer = _peer(record, number)
        for group in (record.group, None):
            by_shift = found.setdefault((group, size), {})
            by_shift.setdefault(shift, {}).setdefault(prefix, []).append(peer)
    return {
        key: sorted(by_shift.items()) if longest else list(by_shift.items())
        for key, by_shift in found.items()
    }
