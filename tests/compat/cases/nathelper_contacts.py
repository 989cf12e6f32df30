"""nathelper: what becomes of Contact."""

from __future__ import annotations

from typing import Final

from tests.compat.natted import CONTACTS, HEAD, NatTable, contact

_table = NatTable()
# --- fix_nated_contact() --------------------------------------------------------------------------

_CHANGES: Final = {
    "fix": "fix_nated_contact()",
    "receive": "add_rcv_param()",
    "receive-0": 'add_rcv_param("0")',
    "receive-1": 'add_rcv_param("1")',
    "add": "add_contact_alias()",
    "add-three": 'add_contact_alias("10.7.7.7", "77", "tcp")',
    "set": "set_contact_alias()",
    "set-trim": 'set_contact_alias("1")',
    "set-0": 'set_contact_alias("0")',
}
for _name, _value in CONTACTS.items():
    for _kind, _call in _CHANGES.items():
        _table.goes_on(
            f"{_kind}-{_name}", "What goes on after a call.", _call, extra=contact(_value)
        )
for _kind, _call in _CHANGES.items():
    _table.goes_on(f"{_kind}-none", "No Contact.", _call)
    _table.goes_on(
        f"{_kind}-lines",
        "Several header fields.",
        _call,
        extra=contact("<sip:a@10.1.2.3:5070>") + contact("<sip:b@10.1.2.4:5070>;q=1"),
    )
    _table.goes_on(
        f"{_kind}-twice", "A call again.", f"{_call}; {_call}", extra=contact("<sip:a@10.1.2.3>")
    )
for _name, _call in {
    "fix-seen": "fix_nated_contact()",
    "add-seen": "add_contact_alias()",
    "set-seen": "set_contact_alias()",
}.items():
    _table.codes(
        _name,
        "What variables say after it.",
        _call,
        "msg_apply_changes()",
        after=" $ct",
        extra=contact("<sip:a@10.1.2.3>"),
    )
_table.codes(
    "add-forms",
    "Arguments that are none.",
    'add_contact_alias("x", "77", "tcp")',
    'add_contact_alias("10.7.7.7", "x", "tcp")',
    'add_contact_alias("10.7.7.7", "77", "x")',
    'add_contact_alias("10.7.7.7", "77777", "tcp")',
    'add_contact_alias("", "77", "tcp")',
    'add_contact_alias("::1", "77", "tcp")',
    'add_contact_alias("[::1]", "77", "tcp")',
    'add_contact_alias("10.7.7.7", "0", "tcp")',
    'add_contact_alias("10.7.7.7", "77", "TCP")',
    extra=contact("<sip:a@10.1.2.3>"),
)
for _protocol in ("udp", "tcp", "tls", "sctp", "ws", "wss"):
    _table.goes_on(
        f"add-{_protocol}",
        "An alias by a protocol.",
        f'add_contact_alias("10.7.7.7", "77", "{_protocol}")',
        extra=contact("<sip:a@10.1.2.3>"),
    )
_table.goes_on(
    "add-variables",
    "An alias of variables.",
    '$var(i) = "10.7.7.8"; $var(p) = 78; add_contact_alias("$var(i)", "$var(p)", "udp")',
    extra=contact("<sip:a@10.1.2.3>"),
)
for _name, _ip in (("six", "[fd00::1]"), ("six-bare", "fd00::1"), ("capitals", "[FD00::1]")):
    _table.goes_on(
        f"add-ip-{_name}",
        "An alias of an IPv6 address.",
        f'add_contact_alias("{_ip}", "77", "TCP")',
        extra=contact("<sip:a@10.1.2.3>"),
    )
for _name, _value in {
    "maddr-first": "<sip:a@10.1.2.3:5070;maddr=10.2.2.2;x=y>",
    "maddr-last": "<sip:a@10.1.2.3:5070;x=y;maddr=10.2.2.2?h=1>",
    "maddr-bare": "sip:a@10.1.2.3:5070;maddr=10.2.2.2;x=y",
    "maddr-two": "<sip:a@10.1.2.3;maddr=10.2.2.2;maddr=10.2.2.3>",
    "maddr-capitals": "<sip:a@10.1.2.3;MADDR=10.2.2.2>",
    "received": "<sip:a@10.1.2.3;received=10.2.2.2>",
}.items():
    _table.goes_on(
        f"fix-{_name}-uri",
        "What fix_nated_contact() takes out.",
        "fix_nated_contact()",
        extra=contact(_value),
    )
for _name, _value in {
    "odd-behind": "<sip:a@10.1.2.3;alias=10.9.9.9~77~2;alias=x>",
    "odd-before": "<sip:a@10.1.2.3;alias=x;alias=10.9.9.9~77~2>",
    "three": "<sip:a@10.1.2.3;alias=1~2~3;alias=1~2~3;alias=1~2~3>",
    "empty": "<sip:a@10.1.2.3;alias=>",
    "bare": "<sip:a@10.1.2.3;alias>",
    "port": "<sip:a@10.1.2.3;alias=10.9.9.9~77>",
    "more": "<sip:a@10.1.2.3;alias=10.9.9.9~77~2~3>",
    "name": "<sip:a@10.1.2.3;alias=10.9.9.9~77~udp>",
    "capitals": "<sip:a@10.1.2.3;Alias=10.9.9.9~77~2>",
    "like": "<sip:a@10.1.2.3;xalias=10.9.9.9~77~2>",
    "headers": "<sip:a@10.1.2.3;alias=10.9.9.9~77~2?x=y>",
    "unquoted": "sip:a@10.1.2.3;alias=10.9.9.9~77~2;expires=7",
    "in-user": "<sip:a;alias=10.9.9.9~77~2@10.1.2.3>",
}.items():
    _table.goes_on(
        f"set-trim-{_name}-uri",
        "What set_contact_alias() takes out.",
        'set_contact_alias("1")',
        extra=contact(_value),
    )
_EACH: Final = ("fix", "receive", "receive-1", "add", "set")
for _first in _EACH:
    for _second in _EACH:
        if _first != _second:
            _table.goes_on(
                f"{_first}-then-{_second}",
                "Two calls.",
                f'{_CHANGES[_first]}; L("$rc"); {_CHANGES[_second]}',
                extra=contact("<sip:a@10.1.2.3;x=y>;q=1"),
            )

CASES: Final = _table.cases
SCRIPT: Final = HEAD + _table.request_route
