"""The file of addresses: `group address [mask [port]] [tag]` in each line, `#` begins a comment.

Source: README of Kamailio's module permissions ("Address File Format").
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sipway.errors import ModuleError
from sipway.modules.permissions.addresses import AddressRecord, check

_MOST_DIGITS: Final = 9


def read_addresses(path: Path) -> list[AddressRecord]:
    """The records of a file. Raises ModuleError with the line that is wrong."""
    try:
        text = path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError as error:
        raise ModuleError(f"permissions: {path} cannot be read: {error.strerror}") from error
    return list(_records(text, path))


def _records(text: str, path: Path) -> Iterator[AddressRecord]:
    for number, line in enumerate(text.split("\n"), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            record = _record(words)
            check(record)
        except ValueError as error:
            raise ModuleError(
                f"permissions: {path}:{number}: {error}",
                hint="a line is written group address [mask [port]] [tag]",
            ) from None
        yield record


def _record(words: list[str]) -> AddressRecord:
    if not _is_number(words[0]):
        raise ValueError(f'"{words[0]}" is no group')
    if len(words) < 2:
        raise ValueError("the address is missing")
    rest = words[2:]
    numbers = [0, 0]
    for place in range(2):
        if rest and _is_number(rest[0]):
            numbers[place] = int(rest.pop(0))
        else:
            break
    if len(rest) > 1:
        raise ValueError(f'there is more behind the tag "{rest[0]}"')
    mask, port = numbers
    return AddressRecord(int(words[0]), words[1], mask, port, rest[0] if rest else None)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS
