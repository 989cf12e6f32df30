"""permissions: what a line in a file of rules means; all that are in none are denied."""

from __future__ import annotations

from typing import Final

from tests.compat.tables import Table

_RULES: Final = (
    "ALL : ALL", "ALL:ALL", "  ALL\t:  ALL  # comment", "# comment", "", "All : ALL", "ALL : aLL",
    '"^sip:al" : "^sip:b"', '"^SIP:AL" : ALL', '^sip:al : "^sip:b"', '"^sip:al" : ^sip:b',
    '"^sip:x", "^sip:al" : ALL', '"^sip:x" , "^sip:al" : ALL', '"^sip:x""^sip:al" : ALL',
    'ALL EXCEPT "alice" : ALL', 'ALL EXCEPT "QQ" : ALL', 'ALL except "QQ" : ALL',
    'ALL : ALL EXCEPT "bob"', 'ALL : ALL EXCEPT "QQ", "bob"', 'ALL : bob EXCEPT QQ, "WW"',
    "ALL EXCEPT ALL : ALL", "ALL : ALL EXCEPT ALL", "ALL : QQ, ALL", "ALL, QQ : ALL",
    "ALL : x:ALL", '"alice" : ALL : ALL', '"a:b" : ALL', '"alice" : "x:y"', 'ALL : "ALL"',
    '"QQ,alice" : ALL', '"alice|#" : ALL', '"alice#" : ALL', '"alice" "x" : ALL', "alice : ALL",
    'EXCEPT "x" : ALL', 'ALL EXCEPT "QQ" EXCEPT "alice" : ALL', '"QQ EXCEPT alice" : ALL',
    'ALL EXCEPT"x" : ALL', "ALL\tEXCEPT\tQQ : ALL", '"alice" : "bob', '"alice" : bob"',
    '"alice" : b"o"b', '"alice" : bob # "x', '"alice" : bob # x : y', 'ALL : "QQ,bob',
    'ALL : QQ,"bob', "ALLX : ALL", "ALL ALL : ALL", '" alice" : ALL', "'alice' : ALL",
    '"alice" : "a\\"|bob"', '"x" : ALL\n"alice" : ALL', '"alice" : ALL\n"x" : ALL',
    '"alice" : ALL\r\n"x" : ALL', '"a.*e" : "b{1}ob"', '"[[:alpha:]]" : ALL', '"a(l)+i" : "bob|x"',
    '"^sip:alice@a\\.org$" : "^sip:bob@b\\.org$"', "x:y\n\n# z : z\nalice:bob",
)  # fmt: skip

# Kamailio remembers 64 files at most, and takes the wrong one where two calls name one.
FILES: dict[str, str] = {}
_table = Table()
for _number, _rule in enumerate(_RULES):
    FILES[f"{_number}.a"] = f"{_rule}\n"
    FILES[f"{_number}.d"] = "ALL : ALL\n"
    _table.add(
        f"rule-{_number}",
        _rule or "An empty line.",
        f'allow_routing("{_number}.a", "{_number}.d"); $var(r) = $rc; L("$var(r)");',
        uri="sip:bob@b.org",
        from_="<sip:alice@a.org>;tag=1",
    )

SCRIPT = 'loadmodule "permissions.so"\n' + _table.request_route
CASES = _table.cases
