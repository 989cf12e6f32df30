"""alias_db: what stands for an alias."""

from __future__ import annotations

from typing import Final

from tests.compat.asking import Asking
from tests.compat.case import Files
from tests.kamailio_tables import tables

_ROWS: Final = (
    ("one", "a.org", "alice", "home.org"), ("two", "a.org", "bob", "home.org"),
    ("two", "a.org", "carol", "home2.org"), ("one", "b.org", "dave", "home.org"),
    ("same", "a.org", "same", "a.org"), ("UP", "a.org", "up", "home.org"),
    ("q'uote", "a.org", "quote", "home.org"), ("three", "x.org", "t1", "h"),
    ("three", "y.org", "t2", "h"), ("chain", "a.org", "one", "a.org"),
)  # fmt: skip
_URIS: Final = (
    "sip:one@a.org", "sip:two@a.org", "sip:ONE@a.org", "sip:one@A.ORG", "sip:one@b.org",
    "sip:one@c.org", "sip:none@a.org", "sip:a.org", "tel:one", "sips:one@a.org",
    "sip:one:pw@a.org:5070;transport=tcp?h=v", "sip:same@a.org", "sip:UP@a.org", "sip:up@a.org",
    "sip:q'uote@a.org", "sip:x'or'1'='1@a.org", "sip:three@x.org", "sip:alice@home.org",
    "sip:bob@home.org", "sip:chain@a.org", "sip:one@sip.a.org", "sip:one@SIP.a.org",
    "sip:one@sip.sip.a.org", "sip:o%6ee@a.org", "sip:alice@sip.home.org",
)  # fmt: skip
_FLAGS: Final = ("", "d", "u", "r", "ru", "rd", "ud", "du")
_SHOWN: Final = 'L("$var(r) $ru $(branch(uri)[0]) $(branch(uri)[1]) $du");'


def asked() -> Asking:
    asking = Asking()
    for number, uri in enumerate(_URIS):
        piece = "".join(
            f'$ru = $ou; clear_branches(); $var(r) = alias_db_lookup("dbaliases", "{flags}");'
            f" {_SHOWN} "
            for flags in _FLAGS
        )
        asking.add(
            f"uri-{number}",
            uri,
            f'$du = "sip:hop"; $var(r) = alias_db_lookup("dbaliases"); {_SHOWN} {piece}',
            uri=uri,
        )
    for number, uri in enumerate((*_URIS, "one@a.org", "<sip:one@a.org>", "$fu", "$avp(none)")):
        piece = "".join(
            f'$var(o) = "-"; $var(r) = alias_db_find("dbaliases", "$var(i)", "$var(o)", "{flags}");'
            ' L("$var(r) $var(o) $ru");'
            for flags in _FLAGS
        )
        asking.add(
            f"find-{number}",
            uri,
            f'$var(i) = "{uri}"; alias_db_find("dbaliases", "$var(i)", "$avp(o)");'
            f' L("$rc $(avp(o)[*])"); {piece}',
        )
    asking.add(
        "tables",
        "Names of tables with variables, and what is no table.",
        '$var(t) = "aliases"; $var(i) = "sip:one@a.org"; $ru = $var(i);'
        ' $var(r) = alias_db_find("db$var(t)", "$var(i)", "$avp(o)"); L("$var(r) $avp(o)");'
        ' $var(r) = alias_db_find("none", "$var(i)", "$avp(o)"); L("$var(r)");'
        ' $var(r) = alias_db_lookup("none"); L("$var(r)");'
        " $var(t) = \"dbaliases where '1'='1' --\"; $var(r) = alias_db_lookup(\"$var(t)\");"
        ' L("$var(r) $ru");',
    )
    return asking


FILES: Files = {"db": tables({"dbaliases": _ROWS})}
_asking = asked()
SCRIPT = _asking.script("alias_db", "")
CASES = _asking.cases
