"""permissions: who may go where by files of rules, and what of a URI the rules see."""

from __future__ import annotations

from typing import Final

from tests.compat.tables import Table

_SEEN: Final = (
    "^sip:bob@b.org$", "^sip:bob@b.org:5070$", "^sip:bob@b.org:5070;x=y", "^sip:b.org$", "^sips:",
    "^sip:@b.org$", "^tel:", "^sip:123@$", "^sip:bob:pw@", "^$", "^<", r"^sip:bob@\[::1\]", "%61",
    "^sip:", r"^\*", "^nonsense$", "^sip:service@sos$",
)  # fmt: skip
_FROM: Final = (
    "^sip:alice@a.org$", "^sip:alice@a.org:5061;x=y$", "^sip:a.org$", "^tel:123$", "^nonsense$",
)  # fmt: skip
_CALLS: Final = (
    'allow_routing("p")', 'allow_register("p")', "allow_routing()", 'allow_routing("x.a", "x.d")',
    'allow_register("x.a", "x.d")', 'allow_routing("none")', 'allow_register("none")',
    'allow_uri("none", "$avp(none)")', 'allow_uri("p", "$ru")', 'allow_uri("p", "$avp(none)")',
    'allow_uri("p", "$var(five)")', 'allow_uri("p", "$rt")', 'allow_uri("p", "$var(none)")',
)  # fmt: skip
_URIS: Final = {
    "plain": "sip:bob@b.org",
    "whole": "sip:bob@b.org:5070;x=y?h=v",
    "no-user": "sip:b.org",
    "sips": "sips:bob@b.org",
    "tel": "tel:123",
    "password": "sip:bob:pw@b.org",
    "six": "sip:bob@[::1]:5070",
    "escaped": "sip:b%61b@b.org",
    "upper": "SIP:bob@B.ORG",
    "none": "nonsense",
    "mailto": "mailto:bob@b.org",
    "http": "http://bob@b.org",
    "urn": "urn:service:sos",
}
_CONTACTS: Final = {
    "star": "Contact: *\r\n",
    "missing": "",
    "two": "Contact: <sip:bob@b.org>, <sip:eve@b.org>\r\n",
    "two-fields": "Contact: <sip:eve@b.org>\r\nContact: <sip:bob@b.org>\r\n",
    "bare": "Contact: sip:bob@b.org:5070;x=y\r\n",
    "open": "Contact: <sip:bob@b.org\r\n",
    "empty": "Contact:\r\n",
    "none": "Contact: <nonsense>\r\n",
}
_STARRED: Final = {
    "before": "Contact: *\r\nContact: <sip:eve@b.org>\r\n",
    "behind": "Contact: <sip:eve@b.org>\r\nContact: *\r\n",
    "list": "Contact: *, <sip:eve@b.org>\r\n",
    "list-behind": "Contact: <sip:eve@b.org>, *\r\n",
    "twice": "Contact: *\r\nContact: *\r\n",
}
_PAIRS: Final = (
    ("bob", "carol"), ("bob", "x"), ("x", "bob"), ("carol", "x"), ("x", "carol"), ("carol", "eve"),
    ("x", "eve"), ("x", "y"), ("eve", "bob"),
)  # fmt: skip

FILES: dict[str, str] = {
    "p.allow": "ALL : bob, carol\n",
    "p.deny": "ALL : bob, eve\n",
    "x.a": "ALL : bob\n",
    "x.d": "ALL : ALL\n",
    "permissions.allow": "ALL : bob\n",
    "permissions.deny": "ALL : dave\n",
}


def _result(shown: str) -> str:
    return f'$var(r) = $rc; L("{shown} $var(r)");\n'


def _of_patterns() -> str:
    """Which patterns are found in what the functions compare."""
    piece = ""
    rules = [f'ALL : "{each}"' for each in _SEEN] + [f'"{each}" : ALL' for each in _FROM]
    for number, rule in enumerate(rules):
        FILES[f"s{number}.allow"] = f"{rule}\n"
        FILES[f"s{number}.deny"] = "ALL : ALL\n"
        for call in ('allow_routing("{}")', 'allow_register("{}")', 'allow_uri("{}", "$ru")'):
            asked = call.format(f"s{number}")
            piece += f"{asked}; {_result(f'{asked[:9]} {number}')}"
    return piece


_table = Table()
_PIECE: Final = _of_patterns()
for _name, _uri in _URIS.items():
    _table.add(
        f"seen-{_name}",
        "What is seen of a Request-URI and a Contact.",
        _PIECE,
        uri=_uri,
        extra=f"Contact: <{_uri}>\r\n",
    )
for _name, _address in {
    "whole": "A <sip:alice@a.org:5061;x=y>;tag=1",
    "bare": "sip:alice@a.org;tag=1",
    "no-user": "<sip:a.org>;tag=1",
    "tel": "<tel:123>;tag=1",
    "none": "<nonsense>;tag=1",
}.items():
    _table.add(f"from-{_name}", "What is seen of From and To.", _PIECE, from_=_address, to=_address)
_ALL: Final = "$var(five) = 5; " + "".join(
    f"{each}; {_result(str(number))}" for number, each in enumerate(_CALLS)
)
for _name, _fields in _CONTACTS.items():
    _table.add(f"contact-{_name}", "Contacts.", _ALL, uri="sip:bob@b.org", extra=_fields)
for _name, _fields in _STARRED.items():
    _table.add(
        f"star-{_name}", "A * and others.", f'allow_register("p"); {_result("*")}', extra=_fields
    )
for _one, _two in _PAIRS:
    _table.add(
        f"pair-{_one}-{_two}",
        "Each branch and contact by itself: the allow file first, then the deny file.",
        f'append_branch("sip:{_two}@b.org"); {_ALL}',
        uri=f"sip:{_one}@b.org",
        extra=f"Contact: <sip:{_one}@b.org>, <sip:{_two}@b.org>\r\n",
    )
_table.add("no-user", "A branch without a user.", f'append_branch("sip:c.org"); {_ALL}')
_table.add("bad-branch", "A branch that is no URI.", f'append_branch("nonsense"); {_ALL}')
_table.add("rewritten", "The Request-URI as it is now.", f'$ru = "sip:eve@b.org"; {_ALL}')
_table.add("refer", "Any variable.", _ALL, extra="Refer-To: <sip:eve@b.org>\r\n")

SCRIPT = 'loadmodule "permissions.so"\n' + _table.request_route
CASES = _table.cases
