"""permissions: which record of the table of addresses is found."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Files
from tests.compat.tables import Table
from tests.kamailio_tables import tables

_ROWS: Final = (
    (1, "127.0.0.1", 32, 0, "local"), (1, "10.0.0.0", 8, 0, "ten"),
    (2, "10.1.0.0", 16, 5060, "tenone"), (2, "10.1.2.3", 32, 5062, None), (3, "::1", 128, 0, "six"),
    (3, "2001:db8::", 32, 0, "doc"), (4, "example.com", 32, 5060, "name"),
    (4, "Sip.Example.NET", 0, 0, "upper"), (5, "192.0.2.1", 0, 0, "zero"),
    (5, "192.0.2.77", 24, 0, "host bits"), (6, "192.0.2.5", 32, 0, "exact"),
    (7, "[2001:db8:1::1]", 128, 0, "brackets"), (9, "10.0.0.0", 8, 0, "nine"),
    (10, "2001:db8::1", 64, 0, "64"), (22, "10.9.9.9", 32, 0, "22"), (1, "10.9.9.9", 32, 0, "1"),
    (2, "10.9.9.9", 32, 0, "2"), (15, "8.8.8.8", 32, 70000, "port"), (16, "7.7.7.0", 24, 0, "a"),
    (16, "7.7.7.0", 24, 0, "b"), (17, "7.7.7.7", 32, 0, "c"), (17, "7.7.7.7", 32, 0, "d"),
    (30, "6.6.0.0", 16, 0, "16"), (29, "6.6.6.0", 24, 0, "24"), (31, "6.6.6.0", 24, 0, "24b"),
    (33, "6.6.6.0", 24, 0, "lower"), (32, "6.6.0.0", 16, 5, "lower"),
    (40, "5.5.5.5", 32, 5060, "x5060"), (40, "5.5.5.5", 32, 0, "x0"), (41, "5.5.5.5", 32, 5061, ""),
    (42, "4.4.4.4", 32, 0, "q0"), (42, "4.4.4.4", 32, 5060, "q5060"), (50, "a.example", 0, 0, "u"),
    (50, "a.example", 0, 0, "v"), (60, "128.0.0.0", 1, 0, "half"), (61, "1.2.3.4", 31, 0, "pair"),
    (62, "2001:db8:7::", 127, 7, "pair"), (63, "10.200.0.0/16", 16, 0, "slash"),
)  # fmt: skip
_ASKED: Final = (
    (1, "127.0.0.1", 5060), (1, "127.0.0.2", 5060), (1, "10.3.3.3", 0), (1, "10.1.3.3", 5060),
    (2, "10.1.3.3", 5060), (2, "10.1.3.3", 5061), (2, "10.1.3.3", 0), (2, "10.1.2.3", 5062),
    (2, "10.1.2.3", 5060), (2, "10.1.2.3", 0), (3, "::1", 1), (3, "[::1]", 1),
    (3, "0:0:0:0:0:0:0:1", 1), (3, "2001:db8:5::1", 1), (3, "2001:DB8::7", 1),
    (3, "2001:db9::1", 1), (10, "2001:db8::7", 1), (10, "2001:db8:0:1::7", 1),
    (4, "example.com", 5060), (4, "example.com", 5061), (4, "example.com", 0),
    (4, "EXAMPLE.com", 5060), (4, "sip.example.net", 1), (4, "Sip.Example.NET", 1),
    (4, "example.org", 5060), (5, "192.0.2.1", 1), (5, "192.0.2.99", 1), (6, "192.0.2.5", 1),
    (5, "192.0.2.5", 1), (7, "2001:db8:1::1", 1), (9, "10.0.0.1", 1), (22, "10.9.9.9", 1),
    (2, "10.9.9.9", 1), (15, "8.8.8.8", 4464), (15, "8.8.8.8", 70000), (16, "7.7.7.9", 1),
    (17, "7.7.7.7", 1), (40, "5.5.5.5", 5060), (40, "5.5.5.5", 7), (42, "4.4.4.4", 5060),
    (42, "4.4.4.4", 5), (50, "a.example", 1), (0, "127.0.0.1", 1), (-1, "127.0.0.1", 1),
    (99, "127.0.0.1", 1), (1, "", 1), (1, "127.0.0.1", -1), (1, "127.0.0.1", 65536),
    (1, " 127.0.0.1", 1), (1, "127.0.0.1 ", 1), (1, "::ffff:127.0.0.1", 1), (1, "127.1", 1),
    (60, "200.1.1.1", 1), (60, "100.1.1.1", 1), (61, "1.2.3.5", 1), (61, "1.2.3.6", 1),
    (62, "2001:db8:7::1", 7), (62, "2001:db8:7::1", 8), (62, "2001:db8:7::2", 7),
    (63, "10.200.0.0/16", 1), (63, "10.200.0.1", 1),
)  # fmt: skip
_IN_ANY: Final = (
    ("127.0.0.1", 1), ("10.9.9.9", 1), ("10.3.3.3", 1), ("10.1.3.3", 5060), ("10.1.3.3", 1),
    ("6.6.6.6", 1), ("6.6.7.1", 1), ("6.6.6.6", 5), ("7.7.7.7", 1), ("7.7.7.8", 1),
    ("192.0.2.5", 1), ("192.0.2.1", 1), ("5.5.5.5", 5060), ("5.5.5.5", 5061), ("5.5.5.5", 0),
    ("4.4.4.4", 0), ("example.com", 1), ("2001:db8::1", 1), ("::1", 1), ("1.1.1.1", 1), ("", 1),
    ("example.com", 0), ("10.1.2.3", 0), ("10.1.2.3", 5062),
)  # fmt: skip
_OTHER: Final = (
    "allow_source_address()", 'allow_source_address("1")', 'allow_source_address("2")',
    "allow_source_address(1)", 'allow_source_address("$var(one)")', "allow_source_address_group()",
    'allow_address("1", "$si", "$sp")', 'allow_address("$var(one)", "$var(a)", "$var(p)")',
    'allow_address("$avp(none)", "$si", "$sp")', 'allow_address("1", "$avp(none)", "$sp")',
    'allow_address("1", "$si", "$avp(none)")', 'allow_address("1", "$si", "$var(word)")',
    'allow_address("$var(word)", "$si", "1")', 'allow_address_group("$si", "$avp(none)")',
    'allow_address_group("$avp(none)", "1")', 'allow_source_address("$avp(none)")',
    'allow_source_address("0")', 'allow_address_group("127.0.0.1", 1)',
)  # fmt: skip


def _piece(call: str) -> str:
    return (
        '$var(one) = 1; $var(a) = "127.0.0.1"; $var(p) = 5; $var(word) = "word";'
        f' {call}; $var(r) = $rc; L("$var(r) $(avp(tag)[*])");'
    )


_table = Table()
for _number, (_group, _address, _port) in enumerate(_ASKED):
    _table.add(
        f"asked-{_number}",
        f"{_address} {_port} in {_group}.",
        _piece(f'allow_address("{_group}", "{_address}", "{_port}")'),
    )
for _number, (_address, _port) in enumerate(_IN_ANY):
    _table.add(
        f"any-{_number}",
        f"{_address} {_port} in any group.",
        _piece(f'allow_address_group("{_address}", "{_port}")'),
    )
for _number, _call in enumerate(_OTHER):
    _table.add(f"other-{_number}", "Other ways to ask.", _piece(_call))
_table.add(
    "name-group",
    "The tag of a name.",
    _piece('allow_address_group("a.example", "1")'),
)
_table.add("zeros", "A text that is no address.", _piece('allow_address(1, "127.000.000.001", 1)'))
_table.add(
    "adds",
    "Each tag goes on top of the others.",
    'allow_source_address("1"); allow_address("9", "10.1.1.1", "1"); L("$(avp(tag)[*])");',
)

FILES: Files = {"db": tables({"address": _ROWS})}
SCRIPT = (
    'loadmodule "db_sqlite.so"\nloadmodule "permissions.so"\n'
    'modparam("permissions", "db_url", "sqlite:///{folder}/db")\n'
    'modparam("permissions", "peer_tag_avp", "$avp(tag)")\n' + _table.request_route
)
CASES = _table.cases
