"""secfilter: who is in which list, of all headers, and texts that are made for databases."""

from __future__ import annotations

from itertools import product
from typing import Final

from tests.compat.case import Files
from tests.compat.tables import Table
from tests.kamailio_tables import tables

_ROWS: Final = (
    (0, 0, "friendly"), (0, 0, "Both"), (1, 0, "both-good"), (0, 1, "ps"), (1, 1, "es"),
    (0, 2, "bad.example"), (1, 2, "good.example"), (0, 4, "evil"), (1, 4, "saint"),
    (1, 3, "127.0.0.1"), (0, 3, "127."), (2, 0, "555"), (2, 0, "abC"),
)  # fmt: skip


FILES: Files = {"db": tables({"secfilter": _ROWS})}
LOAD: Final = """
loadmodule "db_sqlite.so"
loadmodule "secfilter.so"
modparam("secfilter", "db_url", "sqlite:///{folder}/db")
"""

_NAMES: Final = {"none": "Joe", "white": "Saint", "black": "evil"}
_USERS: Final = {"none": "joe", "white": "saint2", "black": "EVIL"}
_HOSTS: Final = {"none": "x.example", "white": "good.example", "black": "bad.example.com"}
_ADDRESSES: Final = {
    "bare": "sip:evil@x.example",
    "sips": "<sips:evil@x.example>",
    "tel": "<tel:evil>",
    "password": "<sip:evil:pw@x.example>",
    "escaped": "<sip:%65vil@x.example>",
    "no-user": "<sip:evil.example>",
    "bad-host": "<sip:bad.example>",
    "sub-host": "<sip:x@sub.bad.example>",
    "token-name": "evil <sip:x@x.example>",
    "inner-name": '"the evil" <sip:x@x.example>',
    "empty-name": '"" <sip:x@x.example>',
    "port": "<sip:x@bad.example:5070>",
    "parameter": "<sip:x@x.example;y=evil>",
}
_AGENTS: Final = {
    "none": "", "black": "User-Agent: friendly-scanner\r\n", "capitals": "User-Agent: FRIENDLY\r\n",
    "inner": "User-Agent: unfriendly\r\n", "white": "User-Agent: both-good/2\r\n",
    "both": "User-Agent: both\r\n", "empty": "User-Agent:\r\n", "server": "Server: friendly\r\n",
}  # fmt: skip
_TEXTS: Final = (
    "abc", "a'b", 'a\\"b', "a--b", "a-b", "a%27b", "a%24b", "a%60b", "a%22b", "a;b", "a=b", "a#b",
    "a`b", "a%2d%2db", "1=1", "union select", "/* */", "%", "%2", "",
)  # fmt: skip
_IN_ADDRESSES: Final = {
    "user": "<sip:a'l@x.example>",
    "name": '"a\'l" <sip:al@x.example>',
    "plain": '"al" <sip:al@x.example>',
    "host": "<sip:al@x--y.example>",
    "parameter": "<sip:al@x.example;y=a--b>",
    "password": "<sip:al:a--b@x.example>",
    "escaped": "<sip:al%27@x.example>",
    "tel": "<tel:12--3>",
}

_SHOWS: Final = 'L("$rc");'
_ALL: Final = f"secf_check_sqli_all(); {_SHOWS}"


def _tables() -> Table:
    table = Table()
    for name, user, host in product(_NAMES, _USERS, _HOSTS):
        address = f'"{_NAMES[name]}" <sip:{_USERS[user]}@{_HOSTS[host]}>'
        _add_address(table, f"{name}-{user}-{host}", address)
    for label, address in _ADDRESSES.items():
        _add_address(table, label, address)
    for label, agent in _AGENTS.items():
        table.add(f"agent-{label}", "User-Agent", f"secf_check_ua(); {_SHOWS}", extra=agent)
        table.add(f"all-agent-{label}", "User-Agent", _ALL, extra=agent)
    for agent in ("o'k", "o--k", "%24", "ok"):
        table.add(f"all-{agent}", "a text in it", _ALL, extra=f"User-Agent: {agent}\r\n")
    table.add("ip", "the source", f"secf_check_ip(); {_SHOWS}")
    for value in ("ps", "PS", "psx", "es", "de", "p", ""):
        piece = f'$var(c) = "{value}"; secf_check_country($var(c)); {_SHOWS}'
        table.add(f"country-{value}", "a country", piece)
    for value in ("555", "5551", "55", "abc", "ABC", "abcd", ""):
        piece = f'$var(c) = "{value}"; secf_check_dst($var(c)); {_SHOWS}'
        table.add(f"dst-{value}", "a number", piece)
    for number, text in enumerate(_TEXTS):
        piece = f'$var(c) = "{text}"; secf_check_sqli_hdr($var(c)); {_SHOWS}'
        table.add(f"text-{number}", "a text", piece)
    for call in ("country", "dst", "sqli_hdr"):
        piece = f'secf_check_{call}($avp(none)); {_SHOWS} secf_check_{call}("555"); {_SHOWS}'
        table.add(f"constant-{call}", "null, and a constant", piece)
    for label, address in _IN_ADDRESSES.items():
        table.add(f"all-from-{label}", "From", _ALL, from_=f"{address};tag=1")
        table.add(f"all-to-{label}", "To", _ALL, to=address)
        table.add(f"all-contact-{label}", "Contact", _ALL, extra=f"Contact: {address}\r\n")
    table.add("all-nothing", "no header with such", _ALL)
    for label, contact in {
        "missing": "",
        "star": "Contact: *\r\n",
        "first": "Contact: <sip:evil@a>, <sip:al@b>\r\n",
        "last": "Contact: <sip:al@a>, <sip:bo@b>, <sip:evil@b>\r\n",
        "second-field": "Contact: <sip:al@a>\r\nContact: <sip:evil@b>\r\n",
        "open": "Contact: <sip:evil@a\r\n",
        "none": "Contact: evil\r\n",
    }.items():
        piece = f"secf_check_contact_hdr(); {_SHOWS}"
        table.add(f"contacts-{label}", "Contacts", piece, extra=contact)
    table.add("all-contacts-first", "Contacts", _ALL, extra="Contact: <sip:a'l@a>, <sip:x@b>\r\n")
    return table


def _add_address(table: Table, label: str, address: str) -> None:
    piece = f"secf_check_from_hdr(); {_SHOWS}"
    table.add(f"from-{label}", "an address in From", piece, from_=f"{address};tag=1")
    table.add(f"to-{label}", "an address in To", f"secf_check_to_hdr(); {_SHOWS}", to=address)
    piece = f"secf_check_contact_hdr(); {_SHOWS}"
    extra = f"Contact: {address}\r\n"
    table.add(f"contact-{label}", "an address in Contact", piece, extra=extra)


_TABLE: Final = _tables()
CASES = _TABLE.cases
SCRIPT: Final = LOAD + _TABLE.request_route
