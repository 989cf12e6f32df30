"""avpops with a database where domains count, and with columns of other names."""

from __future__ import annotations

from tests.compat.case import Files
from tests.compat.preferences import loading, make, rows, script, storing
from tests.compat.tables import Table

_URI = '$ru = "sip:alice@a.org"; '
_table = Table()
_add = _table.add_waiting

_add(
    "load",
    "Whose AVPs.",
    _URI
    + loading(
        ("$ru", "$avp(color)"), ("$ru/uri", "$avp(color)"), ("$ru/username", "$avp(color)"),
        ("$ru/domain", "$avp(color)"), ("sip:alice@b.org/uri", "a"), ("u1", "$avp(color)"),
        ("$ru", "$avp(x)/$number"), ("$ru/username", "$avp(x)/$number"),
    ),
)  # fmt: skip
_add(
    "store",
    "What is stored for whom.",
    storing(
        ("$ru", "i"), ("$ru/username", "i"), ("$ru/domain", "i"), ("$ru/uuid", "i"), ("$fu", "i"),
        ("$tu", "i"), ("$fU", "i"), ("sip:x@y/uri", "i"), ("sip:x@y/username", "i"),
        ("sip:x@y/domain", "i"), ("sip:y/domain", "i"), ("sip:y/uri", "i"), ("x/uri", "i"),
        before=f'{_URI} $avp(i:8) = "eight";',
    )
    + rows("usr_preferences", "attribute = '8'"),
)  # fmt: skip
_add(
    "delete",
    "A user at a domain.",
    f'{_URI} avp_db_delete("$ru", "$avp(color)/gone"); L("$rc"); '
    + rows("gone", "uuid = 'd2'")
    + 'avp_db_delete("$ru/domain", "a/gone"); L("$rc"); '
    + rows("gone", "1"),
)

FILES: Files = {"db": make}
SCRIPT = script(_table, ['modparam("avpops", "use_domain", 1)\n'])
CASES = _table.cases
