"""ipops: questions about addresses; what asks DNS is in `tests/scenarios/test_dns_functions.py`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tests.compat.tables import Table

_ADDRESSES: Final = (
    "1.2.3.4", "1.2.3", "1.2.3.4.5", "256.1.1.1", "01.2.3.4", "1.2.3.4 ", " 1.2.3.4", "::1", "::",
    "1::2::3", "2001:DB8::8:800:200C:417A", "2001:DB8:0:0:8:800:200C:417A", "[2001:DB8::1]",
    "[1.2.3.4]", "[::1", "::ffff:1.2.3.4", "::1.2.3.4", "fe80::1%eth0", "", "nonsense",
    "1.2.3.4:5060", "[::1]:5060", "0x7f.1", "0.0.0.0", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9",
    "g::1", "12345::", "1:2:3:4:5:6:1.2.3.4", "1.2.3.004", "[]", "10.0.0.1", "172.16.0.1",
    "172.32.0.1", "192.168.255.255", "9.255.255.255",
)  # fmt: skip
_TYPES: Final = (
    "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.63.255.255", "100.64.0.1", "100.127.255.255",
    "100.128.0.0", "127.0.0.1", "128.0.0.1", "169.254.1.1", "172.15.0.1", "172.16.0.1",
    "172.31.255.255", "172.32.0.1", "192.0.0.1", "192.0.0.255", "192.0.1.1", "192.0.2.1",
    "192.88.99.1", "192.168.1.1", "198.18.0.1", "198.19.255.255", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.254", "255.255.255.255", "8.8.8.8",
    "::", "::1", "::2", "::ffff:1.2.3.4", "::1.2.3.4", "64:ff9b::1", "100::1", "100:0:0:1::1",
    "1000::1", "2000::1", "2001::1", "2001:1::1", "2001:2::1", "2001:2:0:1::1", "2001:2:1::1",
    "2001:10::1", "2001:1f::1", "2001:20::1", "2001:db8::1", "2001:db9::1", "2002::1", "3fff::1",
    "4000::1", "e000::1", "f800::1", "fc00::1", "fd00::1", "fe00::1", "fe80::1", "febf::1",
    "fec0::1", "ff00::1", "ffff::1", "[::1]", "[2001:db8::1]", "nonsense", "", "1.2.3",
)  # fmt: skip
_PAIRS: Final = (
    ("1.2.3.4", "1.2.3.4"), ("1.2.3.4", "1.2.3.5"), ("::1", "0:0:0:0:0:0:0:1"), ("::1", "[::1]"),
    ("[::1]", "[0::1]"), ("1080:0000:0000:0000:0008:0800:200C:417A", "[1080::8:800:200C:417A]"),
    ("::ffff:1.2.3.4", "1.2.3.4"), ("::FFFF:1.2.3.4", "::ffff:102:304"), ("nonsense", "nonsense"),
    ("", ""), ("1.2.3.4", "x"), ("x", "1.2.3.4"), ("[1.2.3.4]", "1.2.3.4"),
)  # fmt: skip
_SUBNETS: Final = (
    ("10.0.123.123", "10.0.123.1/24"), ("10.0.123.123", "10.0.0.0/16,192.168.0.0/24"),
    ("192.168.0.9", "10.0.0.0/16,192.168.0.0/24"), ("192.168.0.9", "10.0.0.0/16, 192.168.0.0/24"),
    ("192.168.0.9", "10.0.0.0/16 192.168.0.0/24"), ("1.2.3.4", "1.2.3.4"), ("1.2.3.4", "1.2.3.5"),
    ("1.2.3.4", "1.2.3.5,1.2.3.4"), ("1.2.3.4", "0.0.0.0/0"), ("1.2.3.4", "1.2.3.4/32"),
    ("1.2.3.4", "1.2.3.4/33"), ("1.2.3.4", "x/8"), ("1.2.3.4", "x/8,1.2.3.4"),
    ("1.2.3.4", "1.2.3.4/33,1.2.3.4"), ("1.2.3.4", ""), ("", ""), ("x", "1.2.3.4"),
    ("::1", "::/0"), ("::1", "::1"), ("::1", "[::1]"), ("[::1]", "::1"), ("::1", "::1/128"),
    ("::1", "::1/129"), ("2001:db8::1", "2001:db8::/32"), ("2001:db9::1", "2001:db8::/32"),
    ("2001:db9::1", "2001:db8::/31"), ("1.2.3.4", "::/0"), ("::1", "0.0.0.0/0"),
    ("::1", "0.0.0.0/0,::/0"), ("1.2.3.4", "1.0.0.0/255.0.0.0"), ("1.2.3.4", ",1.2.3.4"),
    ("1.2.3.4", "1.2.3.4,"), ("::ffff:1.2.3.4", "1.2.3.4"), ("2001:db8::1", "2001:db8::/33"),
    ("2001:db8:8000::1", "2001:db8::/33"), ("10.1.2.3", "10.1.2.0/23"), ("10.1.3.3", "10.1.2.0/23"),
    ("10.1.4.3", "10.1.2.0/23"),
)  # fmt: skip
_BROKEN: Final = (("1.2.3.4", "1.2.3.4/-1"), ("1.2.3.4", "1.2.3.4/x"), ("1.2.3.4", "1.2.3.4/"))
_RESULTS: Final = ("count", "ipv4", "ipv6", "type", "addr", "addr[0]", "addr[1]", "addr[-1]")


def _one(function: str, texts: Iterable[str], more: str = "", shown: str = "") -> str:
    return "".join(
        f'$var(a) = "{text}"; $var(r) = "-"; {function}("$var(a)"{more});'
        f' L("[{text}] $rc{shown}"); '
        for text in texts
    )


def _two(function: str, pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(
        f'$var(a) = "{one}"; $var(b) = "{two}"; {function}("$var(a)", "$var(b)");'
        f' L("{one} {two} $rc"); '
        for one, two in pairs
    )


_table = Table()
for _name in ("is_ip", "is_pure_ip", "is_ipv4", "is_ipv6", "is_ipv6_reference", "ip_type"):
    _table.add(_name, "What an address is.", _one(_name, _ADDRESSES))
_table.add("is_ip_rfc1918", "Private addresses.", _one("is_ip_rfc1918", _ADDRESSES))
for _name in ("detailed_ip_type", "detailed_ipv4_type", "detailed_ipv6_type"):
    _table.add(_name, "What a block is for.", _one(_name, _TYPES, ', "$var(r)"', " $var(r)"))
for _name in ("compare_ips", "compare_pure_ips"):
    _table.add(_name, "Two texts for one address.", _two(_name, _PAIRS))
_table.add("is_in_subnet", "Addresses in lists of networks.", _two("is_in_subnet", _SUBNETS))
_table.add("broken_subnets", "Lengths that are none.", _two("is_in_subnet", _BROKEN))
_table.add(
    "given",
    "Variables as arguments.",
    'is_ip($si); L("$rc"); is_ip("$si"); L("$rc"); $var(n) = 5; is_ip($var(n)); L("$rc");'
    ' is_ip("$avp(none)"); L("$rc"); is_ip($avp(none)); L("$rc");'
    ' detailed_ip_type("1.2.3.4", "$avp(t)"); L("$rc $avp(t)");'
    ' compare_ips($si, "127.0.0.1"); L("$rc"); is_in_subnet($si, "127.0.0.0/8"); L("$rc");',
)
_table.add(
    "literal",
    "Addresses in place of names.",
    "".join(
        f'$var(n) = "{name}"; dns_query("$var(n)", "x"); L("$rc");'
        + "".join(f' L("{each} $dns(x=>{each})");' for each in _RESULTS)
        for name in ("127.0.0.1", "::1", "[::1]", "")
    )
    + ' L("$dns(none=>count)"); dns_query("127.0.0.1", ""); L("$rc");'
    ' dns_sys_match_ip("127.0.0.1", "127.0.0.1"); L("$rc"); dns_sys_match_ip("::1", "[::1]");'
    ' L("$rc"); dns_sys_match_ip("127.0.0.1", "x"); L("$rc"); dns_sys_match_ip("127.0.0.1", "");'
    ' L("$rc"); dns_sys_match_ip("", "127.0.0.1"); L("$rc");'
    ' dns_int_match_ip("127.0.0.1", "127.0.0.1"); L("$rc"); dns_int_match_ip("127.0.0.1", "x");'
    ' L("$rc");',
)
_table.add(
    "empty",
    "Questions for nothing, and what was never asked.",
    'srv_query("", "s"); L("$rc"); srv_query("x", ""); L("$rc"); naptr_query("", "s"); L("$rc");'
    ' naptr_query("x", ""); L("$rc"); L("$srvquery(e=>count) $srvquery(e=>port[0])");'
    ' L("$naptrquery(e=>count) $naptrquery(e=>order[0])"); dns_set_local_ttl("7200"); L("$rc");'
    ' dns_set_local_ttl(0); L("$rc"); $var(i) = -5; dns_set_local_ttl("$var(i)"); L("$rc");'
    ' $var(i) = "x"; dns_set_local_ttl("$var(i)"); L("$rc"); dns_set_local_ttl("0");',
)
_table.add(
    "hostname",
    "Which parts of the name of the machine there are.",
    'if ($HN(n) != $null) L("n"); if ($HN(f) != $null) L("f"); if ($HN(i) != $null) L("i");'
    ' L("$HN(n) $HN(f)");',
)

SCRIPT = 'loadmodule "ipops.so"\n' + _table.request_route
CASES = _table.cases
