"""What is measured, as data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Workload:
    """A script, the requests it gets, the reply each must get, and the ratio to reach."""

    name: str
    title: str
    script: Path
    request: Path
    status: int
    target: float
    """How many times Kamailio's replies a second sipway must reach."""
    users: int = 0
    """So many users send in turn, after each has sent one request; 0: each request has its own."""
    database: str = ""
    """The kind of database that is asked for the password of each request."""


WORKLOADS: Final = (
    Workload(
        "reply480",
        "INVITE, one statement: `sl_send_reply` 480",
        HERE / "scripts/reply480.cfg",
        HERE / "requests/invite.sip",
        status=480,
        target=1.2,
    ),
    Workload(
        "reply501",
        "OPTIONS, 501 from a routing block",
        HERE / "scripts/reply501.cfg",
        HERE / "requests/options.sip",
        status=501,
        target=1.2,
    ),
    Workload(
        "forty",
        "INVITE, 40 statements before the 480",
        HERE / "scripts/forty.cfg",
        HERE / "requests/invite.sip",
        status=480,
        target=1.0,
    ),
    Workload(
        "refresh",
        "REGISTER that refreshes the contact of one of 10,000 users; sipway keeps it on the disk",
        HERE / "scripts/registrar.cfg",
        HERE / "requests/register.sip",
        status=200,
        target=0.9,
        users=10_000,
    ),
    Workload(
        "contact",
        "REGISTER with a new contact of a new user; sipway keeps it on the disk",
        HERE / "scripts/registrar.cfg",
        HERE / "requests/register.sip",
        status=200,
        target=1.0,
    ),
    Workload(
        "sqlite",
        "REGISTER with a password, refreshes, users in SQLite",
        HERE / "scripts/registrar.cfg",
        HERE / "requests/register.sip",
        status=200,
        target=1.5,
        users=10_000,
        database="sqlite",
    ),
    Workload(
        "mysql",
        "REGISTER with a password, refreshes, users in MariaDB",
        HERE / "scripts/registrar.cfg",
        HERE / "requests/register.sip",
        status=200,
        target=1.5,
        users=10_000,
        database="mysql",
    ),
)

PARSE_TARGET_NS: Final = 1500
"""Parsing a 500-byte INVITE, compiled."""

RINGING: Final = 100_000
RINGING_TARGET_BYTES: Final = 10_240
"""So many INVITEs with transactions at a time, and the memory of each."""

CONTACTS: Final = 1_000_000
CONTACT_TARGETS: Final = {
    "bytes": (700, "bytes of memory a contact"),
    "start_s": (10, "seconds to start"),
    "lookup_us": (5, "us a lookup"),
    "sweep_ms": (5, "ms for the longest slice of a sweep"),
}
"""What a registrar with so many contacts may take at most."""

CHECK_TARGET_MS: Final = 300
"""`sipway check` of the stock script, the whole process, without the cache."""

CACHED_TARGET_MS: Final = 30
"""The stock script from the cache, within a process."""

LARGE_TARGET_MS: Final = 5_000
LARGE_TARGET_MIB: Final = 300
"""`sipway check` of a script of 20,000 lines, the whole process, without the cache."""

START_TARGET_MS: Final = 500
"""From the start of the process to its first reply, compiled code cached."""
