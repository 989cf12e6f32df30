"""The attributes of a contact (`xavp_contact`) as rows of the table `location_attrs`, and back.

The table is called as that of the contacts, with `_attrs` behind it. What the columns hold is what
Kamailio 5.6.3 was seen to write and read; it has no place for a value that is an $xavp itself.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final

from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.rows import Layout, user_of
from sipway.stores.databases import Value

SUFFIX: Final = "_attrs"
READ: Final = ("ruid", "aname", "atype", "avalue")
"""The columns that `attributes_of` wants, in its order."""

_TEXT: Final = 0
_NUMBER: Final = 1


def attribute_rows_of(aor: str, contact: Contact, layout: Layout) -> list[dict[str, Value]]:
    """The rows for what is kept with a contact, in its order."""
    if not contact.attributes:
        return []
    user, domain = user_of(aor, layout)
    of_contact: dict[str, Value] = {
        "ruid": contact.ruid.decode("utf-8", "surrogateescape"),
        "username": user,
        "domain": domain,
        "last_modified": layout.time(contact.modified),
    }
    return [
        {
            **of_contact,
            "aname": name,
            "atype": _NUMBER if isinstance(value, int) else _TEXT,
            "avalue": str(value),
        }
        for name, value in json.loads(contact.attributes.decode("utf-8", "surrogateescape"))
        if isinstance(value, int | str)
    ]


def attributes_of(rows: Sequence[Sequence[Value]]) -> Mapping[bytes, bytes]:
    """What is kept with contacts, by the ids of these, of rows as `READ` has them."""
    found: dict[str, list[list[int | str]]] = {}
    for ruid, name, kind, value in rows:
        text = _text(value)
        found.setdefault(_text(ruid), []).append(
            [_text(name), _number(text) if kind == _NUMBER else text]
        )
    return {
        ruid.encode("utf-8", "surrogateescape"): json.dumps(
            values, separators=(",", ":"), ensure_ascii=False
        ).encode("utf-8", "surrogateescape")
        for ruid, values in found.items()
    }


def _text(value: Value) -> str:
    if value is None:
        return ""
    return value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0
