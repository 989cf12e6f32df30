"""Records that DNS need not be asked for: README of corex, sections 3.2 and 3.3."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from sipway.core.program import Program
from sipway.core.resolving import Kind, Srv
from sipway.errors import ModuleError
from sipway.language.record import Record
from sipway.modules.corex._module import mod
from sipway.sip.addresses import sockaddr

_UNRESOLVABLE: Final = 1
_PERMANENT: Final = 2
_KNOWN: Final = ("type", "name", "addr", "ttl", "priority", "weight", "port", "flags")
_KINDS: Final[dict[str, Kind]] = {"A": "A", "AAAA": "AAAA", "SRV": "SRV"}
_MOST: Final = 2**31 - 1


class _Given(Record):
    """A record; `seconds` None: it always holds."""

    name: str
    kind: Kind
    records: tuple[Any, ...]
    seconds: float | None


def _to_record(text: str) -> _Given:
    """`type=A;name=x.example;addr=192.0.2.1;ttl=60;flags=0`. Raises ValueError."""
    fields: dict[str, str] = {}
    for part in filter(None, (each.strip() for each in text.split(";"))):
        name, equals, value = (each.strip() for each in part.partition("="))
        if not equals or name not in _KNOWN:
            raise ValueError(f'"{part:.60}" is none of {", ".join(f"{each}=" for each in _KNOWN)}')
        fields[name] = value
    for name in ("type", "name"):
        if not fields.get(name):
            raise ValueError(f"{name}= is missing")
    flags = _number(fields, "flags")
    kind = fields["type"].upper()
    made: tuple[Any, ...]
    if kind not in _KINDS:
        raise ValueError(f"a record is of type A, AAAA or SRV, not {fields['type']:.20}")
    if flags & _UNRESOLVABLE:
        made = ()
    elif kind == "SRV":
        priority, weight, port = (_number(fields, each) for each in ("priority", "weight", "port"))
        target = fields.get("addr", "").removesuffix(".")
        if not target:
            raise ValueError("addr= is missing")
        made = (Srv(priority, weight, port, target),)
    else:
        address = fields.get("addr", "")
        if (":" in address) != (kind == "AAAA"):
            raise ValueError(f'"{address:.60}" is no address of type {kind}')
        sockaddr(address, 1)  # raises ValueError
        made = (address,)
    seconds = None if flags & _PERMANENT else float(_number(fields, "ttl"))
    return _Given(fields["name"], _KINDS[kind], made, seconds)


def _number(fields: dict[str, str], name: str) -> int:
    text = fields.get(name, "0")
    if not text.isascii() or not text.isdecimal() or int(text) > _MOST:
        raise ValueError(f'{name} is a number from 0 on, not "{text:.20}"')
    return int(text)


_NO_RECORDS: Final[list[_Given]] = []
_NO_FILES: Final[list[str]] = []

_records = mod.param(
    "dns_cache",
    str,
    _NO_RECORDS,
    convert=_to_record,
    repeatable=True,
    doc="a record that DNS need not be asked for: type=A;name=x.example;addr=192.0.2.1;ttl=60",
)
_files = mod.param(
    "dns_file", str, _NO_FILES, repeatable=True, doc="a file with such records, one in a line"
)


@mod.on_start
def _start(program: Program) -> None:
    found = list(_records(program))
    for name in _files(program):
        found += _read(Path(name))
    for each in found:
        program.names.give(each.name, each.kind, each.records, each.seconds)


def _read(path: Path) -> list[_Given]:
    """The records of a file. Raises ModuleError, with the line."""
    try:
        lines = path.read_text("utf-8", "surrogateescape").splitlines()
    except OSError as error:
        raise ModuleError(f"corex: cannot read {path}: {error.strerror}") from error
    found = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                found.append(_to_record(line))
            except ValueError as error:
                raise ModuleError(f"corex: {path}:{number}: {error}") from None
    return found
