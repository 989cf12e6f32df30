"""domain: which domains are ours, and the AVPs that lookup_domain() makes."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Files
from tests.compat.tables import Table
from tests.kamailio_tables import tables

_DOMAINS: Final = (
    ("a.org", "did-a"), ("b.org", None), ("C.org", "did-c"), ("c2.org", "did-c"),
    ("10.0.0.1", None), ("[::1]", "six"), ("d.org:5060", "port"), ("e.org ", "blank"),
    ("dup.org", "one"), ("dup.org", "two"), ("UPPER.ORG", None), ("sub.a.org", "did-a"),
)  # fmt: skip
_ATTRIBUTES: Final = (
    ("did-a", "color", 2, "red"), ("did-a", "size", 0, "5"), ("b.org", "name", 2, "bee"),
    ("did-c", "x", 2, "1"), ("did-c", "x", 2, "2"), ("none", "n", 2, "n"),
    ("did-a", "empty", 2, ""), ("UPPER.ORG", "u", 2, "u"), ("did-a", "neg", 0, "-3"),
    ("upper.org", "lu", 2, "l"),
)  # fmt: skip
_ASKED: Final = (
    "a.org", "A.ORG", "b.org", "c.org", "C.org", "c2.org", "10.0.0.1", "[::1]", "::1", "d.org",
    "d.org:5060", "e.org", "dup.org", "upper.org", "UPPER.ORG", "x.sub.a.org", "", "none", "a.org.",
    "$avp(none)", "$var(five)", "$fd", "$rd", "a.org' or '1'='1",
)  # fmt: skip
_NAMES: Final = ("did", "color", "size", "name", "x", "n", "empty", "u", "neg", "lu")
_MYSELF: Final = """
    if (uri == myself) L("uri"); if (from_uri == myself) L("from");
    is_myself("sip:b.org"); L("$rc"); is_myself("sip:b.org:5099"); L("$rc");
    is_myself("sip:B.ORG:5099;transport=tcp"); L("$rc"); is_myself("sip:none.org"); L("$rc");
    is_myself("sip:x@[::1]"); L("$rc");
"""


def _shown(prefix: str = "") -> str:
    return " ".join(f"{name}=$(avp({prefix}{name})[*])" for name in _NAMES)


_table = Table()
for _number, _domain in enumerate(_ASKED):
    _table.add(
        f"asked-{_number}",
        f"[{_domain}]",
        f'$var(five) = 5; is_domain_local("{_domain}"); L("$rc"); lookup_domain("{_domain}");'
        f' L("$rc {_shown()}"); if ($avp(size) > 4) L("a number");',
        uri="sip:bob@a.org",
        from_="<sip:alice@b.org>;tag=1",
    )
for _name, _prefix in {"text": "p_", "empty": "", "number": "$var(five)"}.items():
    _table.add(
        f"prefix-{_name}",
        "A prefix of the names of AVPs.",
        f'$var(five) = 5; lookup_domain("a.org", "{_prefix}"); L("$rc {_shown()}");'
        f' L("{_shown("p_")} $avp(5did)");',
    )
_table.add(
    "twice", "Once more.", f'lookup_domain("a.org"); lookup_domain("a.org"); L("{_shown()}");'
)
for _name, _uri, _from in (
    ("ours", "sip:a.org:5099", "<sip:alice@B.org>;tag=1"),
    ("others", "sip:bob@none.org", "<sip:alice@none.org>;tag=1"),
    ("six", "sip:bob@[::1]", "<sip:alice@[::1]:5>;tag=1"),
    ("tel", "tel:123", "<tel:123>;tag=1"),
    ("bad-from", "sip:a.org", "<nonsense>;tag=1"),
):
    _table.add(
        f"hosts-{_name}",
        "The hosts of Request-URI and From, and what is `myself`.",
        f'is_uri_host_local(); L("$rc"); is_from_local(); L("$rc"); {_MYSELF}',
        uri=_uri,
        from_=_from,
    )
_table.add("rewritten", "As it is now.", '$rd = "a.org"; is_uri_host_local(); L("$rc");')

FILES: Files = {"db": tables({"domain": _DOMAINS, "domain_attrs": _ATTRIBUTES})}
SCRIPT = (
    'loadmodule "db_sqlite.so"\nloadmodule "domain.so"\n'
    'modparam("domain", "db_url", "sqlite:///{folder}/db")\n'
    'modparam("domain", "register_myself", 1)\n' + _table.request_route
)
CASES = _table.cases
