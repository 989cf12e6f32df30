"""speeddial: what short numbers stand for."""

from __future__ import annotations

from typing import Final

from tests.compat.asking import Asking
from tests.compat.case import Files
from tests.kamailio_tables import tables

_HOME: Final = "home.org"
_ROWS: Final = (
    ("alice", _HOME, "11", _HOME, "sip:bob@b.org"),
    ("alice", _HOME, "12", _HOME, "sip:carol@c.org;x=y"),
    ("alice", "other.org", "11", _HOME, "sip:other@o.org"),
    ("dave", _HOME, "11", _HOME, "sip:dave11@o.org"),
    ("alice", _HOME, "11", "x.org", "sip:x11@o.org"),
    ("alice", _HOME, "13", _HOME, "nonsense"), ("alice", _HOME, "14", _HOME, "x@y:5;a=b"),
    ("alice", _HOME, "16", _HOME, "sip:one@o"), ("alice", _HOME, "16", _HOME, "sip:two@o"),
    ("q'u", _HOME, "11", _HOME, "sip:quote@o"), ("", _HOME, "17", _HOME, "sip:nouser@o"),
)  # fmt: skip
_ALICE: Final = "sip:alice@home.org"
_ASKED: Final = (
    *((f"sip:{number}@home.org", _ALICE) for number in range(11, 20)), ("sip:11@x.org", _ALICE),
    ("sip:11@HOME.org", _ALICE), ("sip:home.org", _ALICE), ("tel:11", _ALICE),
    ("sip:11@home.org:5070;a=b", _ALICE), ("sip:11@home.org", "sip:alice@other.org"),
    ("sip:11@home.org", "sip:dave@home.org"), ("sip:11@home.org", "sip:q'u@home.org"),
    ("sip:11@home.org", "sip:x'or'1'='1@home.org"), ("sip:x'or'1'='1@home.org", _ALICE),
    ("sip:17@home.org", "sip:home.org"), ("sip:11@home.org", "tel:alice"),
    ("sip:11@home.org", "nonsense"), ("sip:11@home.org", "sip:alice@TEL.home.org"),
    ("sip:11@tel.home.org", "sip:alice@tel.home.org"), ("sips:11@home.org", "sips:alice@home.org"),
)  # fmt: skip
_OWNERS: Final = (
    _ALICE, "$fu", "sip:dave@home.org", "dave", "$avp(none)", "sip:home.org", "tel:alice",
    "sip:x' or '1'='1@home.org",
)  # fmt: skip


def asked() -> Asking:
    asking = Asking()
    for number, (uri, owner) in enumerate(_ASKED):
        asking.add(
            f"number-{number}",
            f"{owner} dials {uri}",
            '$du = "sip:hop"; $var(r) = sd_lookup("speed_dial"); L("$var(r) $ru $du");',
            uri=uri,
            from_=f"<{owner}>;tag=1",
        )
    for number, owner in enumerate(_OWNERS):
        asking.add(
            f"owner-{number}",
            owner,
            f'$var(r) = sd_lookup("speed_dial", "{owner}"); L("$var(r) $ru");',
            uri="sip:11@home.org",
            from_=f"<{_ALICE}>;tag=1",
        )
    asking.add(
        "tables",
        "Names of tables.",
        '$var(t) = "dial"; $var(r) = sd_lookup("none"); L("$var(r)");'
        ' $var(r) = sd_lookup("speed_$var(t)"); L("$var(r) $ru");',
        uri="sip:11@home.org",
        from_=f"<{_ALICE}>;tag=1",
    )
    return asking


FILES: Files = {"db": tables({"speed_dial": _ROWS})}
_asking = asked()
SCRIPT = _asking.script("speeddial", "")
CASES = _asking.cases
