"""A contact as a row of the table `location`, and back.

What the columns hold is what Kamailio 5.6.3 was seen to write and read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from sipway.language.record import Record
from sipway.modules.usrloc.contact import FOREVER, NO_Q, Contact
from sipway.stores.databases import Value, moment, seconds_of
from sipway.stores.databases.schema import TABLES

VERSION: Final = 9

COLUMNS: Final = (
    "username", "domain", "contact", "expires", "q", "callid", "cseq", "methods", "flags", "cflags",
    "user_agent", "received", "socket", "path", "ruid", "instance", "reg_id", "server_id",
    "connection_id", "keepalive", "partition",
)  # fmt: skip
"""What a row says. Each has a parameter, `ruid_column`, that says how the column is called."""

MODIFIED: Final = "last_modified"

_ALL_METHODS: Final = 0xFFFFFFFF
_NO_AGENT: Final = "n/a"
_NO_CONNECTION: Final = -1
_Q_UNIT: Final = 1000
_FOREVER_SAID: Final = 0
_MOST: Final = 0xFFFFFFFF
# As long as the columns are; the store keeps the whole.
_LONGEST: Final = {column.name: column.size for column in TABLES["location"].columns if column.size}
# What means the same when its end is missing; others would be another contact's.
_CUT: Final = ("user_agent", "callid")


class Layout(Record):
    """How the columns of a table are called, by the names in `COLUMNS`, and what they hold.

    seconds   expires and last_modified are numbers, not times (`expires_type`)
    domains   users are found by their domain too (`use_domain`)
    """

    columns: Mapping[str, str]
    seconds: bool
    domains: bool

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that `contact_of` wants, in its order."""
        return (*(self.columns[each] for each in COLUMNS), MODIFIED)

    def time(self, seconds: int) -> Value:
        """A time as the table has it."""
        return seconds if self.seconds else moment(seconds)


def user_of(aor: str, layout: Layout) -> tuple[str, str | None]:
    """User and domain of an address-of-record, as the columns have them."""
    if not layout.domains:
        return aor, None
    user, at, domain = aor.rpartition("@")
    return (user, domain) if at else (domain, None)


def row_of(aor: str, contact: Contact, layout: Layout) -> dict[str, Value]:
    """The row for a contact."""
    user, domain = user_of(aor, layout)
    values: tuple[Value, ...] = (
        user,
        domain,
        _text(contact.uri),
        layout.time(contact.expires),
        -1.0 if contact.q == NO_Q else contact.q / _Q_UNIT,
        _text(contact.call_id),
        contact.cseq,
        None if contact.methods == _ALL_METHODS else contact.methods,
        contact.flags,
        contact.cflags,
        contact.user_agent.decode("utf-8", "replace") or _NO_AGENT,
        _text(contact.received) or None,
        _text(contact.socket) or None,
        _text(contact.path) or None,
        _text(contact.ruid),
        _text(contact.instance) or None,
        contact.reg_id,
        contact.server_id,
        contact.connection or _NO_CONNECTION,
        contact.keepalive,
        0,
    )
    named = {
        layout.columns[name]: value[: _LONGEST[name]]
        if isinstance(value, str) and name in _CUT
        else value
        for name, value in zip(COLUMNS, values, strict=True)
    }
    return {**named, MODIFIED: layout.time(contact.modified)}


def contact_of(
    row: Sequence[Value], layout: Layout, of: str | None = None
) -> tuple[str, Contact] | None:
    """The address-of-record and the contact of a row as `Layout.read` has it.

    `of` is whose it is, where that is known. None for a row that no contact can be made of.
    """
    said = dict(zip((*COLUMNS, MODIFIED), row, strict=True))
    uri, ruid = _bytes(said["contact"]), _bytes(said["ruid"])
    expires = seconds_of(said["expires"])
    aor = _aor(said, layout) if of is None else of
    if aor is None or not uri or not ruid or expires is None:
        return None
    return aor, Contact(
        uri,
        FOREVER if expires <= _FOREVER_SAID else min(expires, _MOST),
        q=_q(said["q"]),
        call_id=_bytes(said["callid"]),
        cseq=_number(said["cseq"]),
        received=_bytes(said["received"]),
        path=_bytes(said["path"]),
        socket=_bytes(said["socket"]),
        user_agent=_bytes(said["user_agent"]),
        methods=_ALL_METHODS if said["methods"] is None else _number(said["methods"]),
        instance=_bytes(said["instance"]),
        reg_id=_number(said["reg_id"]),
        ruid=ruid,
        flags=_number(said["flags"]),
        cflags=_number(said["cflags"]),
        modified=max(seconds_of(said[MODIFIED]) or 0, 0),
        server_id=_number(said["server_id"]),
        connection=max(_signed(said["connection_id"]), 0),
        keepalive=_number(said["keepalive"]),
    )


def _aor(said: Mapping[str, Value], layout: Layout) -> str | None:
    user = _text(_bytes(said["username"]))
    if not user or not layout.domains:
        return user or None
    domain = _text(_bytes(said["domain"]))
    return f"{user}@{domain}" if domain else None


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _bytes(value: Value) -> bytes:
    if value is None:
        return b""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogateescape")


def _signed(value: Value) -> int:
    return int(value) if isinstance(value, (int, float)) else 0


def _number(value: Value) -> int:
    """A number as the store keeps it; nothing, and what is no number, is 0."""
    return min(max(_signed(value), 0), _MOST)


def _q(value: Value) -> int:
    if not isinstance(value, (int, float)) or value < 0:
        return NO_Q
    return min(round(value * _Q_UNIT), _Q_UNIT)
