"""The commands `dns.*` and `dst_blocklist.*`: what is remembered of names and of dead hosts.

Source: what Kamailio 5.6.3 lists and answers.
"""

from __future__ import annotations

import ipaddress
from typing import Any, Final, cast

from sipway.core.blocklist import Blocklist
from sipway.core.commands.command import Command, CommandError
from sipway.core.program import Program
from sipway.core.resolving import Kind, Srv
from sipway.sip.addresses import ip_text, port, sockaddr

_KINDS: Final[tuple[Kind, ...]] = ("A", "AAAA", "SRV", "NAPTR", "PTR")
_LONGEST: Final = 7 * 86_400


def _kind(text: str) -> Kind:
    if text.upper() not in _KINDS:
        raise CommandError(400, "Invalid type")
    return cast(Kind, text.upper())


def _entry(name: str, kind: str, records: tuple[Any, ...], left: float, size: int) -> Any:
    found: dict[str, Any] = {
        "name": name,
        "type": kind,
        "size_bytes": size,
        "reference_counter": 1,
        "permanent": "no",
        "expires": int(left),
        "negative_entry": "no" if records else "yes",
    }
    for number, record in enumerate(records, 1):
        found[f"rr_{number}"] = (
            record if isinstance(record, str) else " ".join(str(each) for each in record)
        )
    return found


def _view(program: Program) -> list[Any]:
    """Lists what is remembered of names."""
    return [_entry(*each) for each in program.names.entries()]


def _lookup(program: Program, kind: str, name: str) -> Any:
    """Shows what is remembered of a name: type (A, AAAA, SRV, NAPTR, PTR) and name."""
    wanted = (name.lower().removesuffix("."), _kind(kind))
    for each in program.names.entries():
        if each[:2] == wanted:
            return _entry(*each)
    raise CommandError(400, "Not found")


def _memory(program: Program) -> list[int]:
    """Bytes that are used for what is remembered of names, and how many may be."""
    return [program.names.size, program.settings.dns_cache_mem * 1024]


def _delete_all(program: Program) -> None:
    """Forgets what is known of all names."""
    program.names.forget_all()


def _delete(kind: Kind) -> Command:
    def run(program: Program, name: str) -> None:
        if not program.names.forget(name, kind):
            raise CommandError(400, "Not found")

    run.__doc__ = f"Forgets the {kind} records of a name."
    return Command(f"dns.delete_{kind.lower()}", run)


def _add_address(program: Program, name: str, seconds: int, address: str, kind: Kind) -> None:
    try:
        version: int = ipaddress.ip_address(address).version
    except ValueError:
        version = 0
    if version != (6 if kind == "AAAA" else 4):
        raise CommandError(400, f"{address:.60} is no address for {kind}")
    program.names.give(name, kind, (address,), _seconds(seconds))


def _seconds(seconds: int) -> float:
    if not 0 < seconds <= _LONGEST:
        raise CommandError(400, f"for 1 to {_LONGEST} seconds")
    return float(seconds)


def _add_a(program: Program, name: str, seconds: int, address: str, flags: int = 0) -> None:
    """Adds an A record: name, seconds to live, address."""
    del flags
    _add_address(program, name, seconds, address, "A")


def _add_aaaa(program: Program, name: str, seconds: int, address: str, flags: int = 0) -> None:
    """Adds an AAAA record: name, seconds to live, address."""
    del flags
    _add_address(program, name, seconds, address, "AAAA")


def _add_srv(
    program: Program,
    name: str,
    seconds: int,
    priority: int,
    weight: int,
    port_number: int,
    target: str,
    flags: int = 0,
) -> None:
    """Adds an SRV record: name, seconds to live, priority, weight, port, target."""
    del flags
    if not 0 < port_number < 65_536:
        raise CommandError(400, "no such port")
    record = Srv(priority, weight, port_number, target)
    program.names.give(name, "SRV", (record,), _seconds(seconds))


# --- destinations that are left alone ----------------------------------------------------


def _blocklist(program: Program) -> Blocklist:
    if program.blocklist is None:
        raise CommandError(500, "dst blocklist support disabled")
    return program.blocklist


def _blocked(program: Program) -> list[dict[str, Any]]:
    """Lists the destinations that are left alone."""
    now = program.now()
    return [
        {
            "protocol": protocol,
            "ip": ip_text(address),
            "port": port(address),
            "flags": 1,
            "expires(s)": int(until - now),
        }
        for protocol, address, until in _blocklist(program).entries(now)
    ]


def _unblock(program: Program) -> None:
    """Leaves no destination alone any more."""
    _blocklist(program).clear()


def _block(program: Program, address: str, port_number: int, flags: int = 1) -> None:
    """Leaves a destination alone, over UDP: address, port."""
    del flags
    try:
        raw = sockaddr(address, port_number)
    except ValueError:
        raise CommandError(400, f"{address:.60}:{port_number} is no address") from None
    _blocklist(program).add("udp", raw, program.now())


COMMANDS: Final = (
    Command("dns.view", _view, lists=True),
    Command("dns.lookup", _lookup),
    Command("dns.mem_info", _memory, lists=True),
    Command("dns.delete_all", _delete_all),
    Command("dns.delete_all_force", _delete_all),
    *map(_delete, _KINDS),
    Command("dns.add_a", _add_a),
    Command("dns.add_aaaa", _add_aaaa),
    Command("dns.add_srv", _add_srv),
    Command("dst_blocklist.view", _blocked, lists=True),
    Command("dst_blocklist.delete_all", _unblock),
    Command("dst_blocklist.add", _block),
)
