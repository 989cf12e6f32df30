"""nathelper with its parameters set otherwise, and messages that it has changed."""

from __future__ import annotations

from typing import Final

from tests.compat.natted import HEAD, TYPE, NatTable, contact, sdp

_table = NatTable()

_table.codes(
    "private",
    "The private addresses alone.",
    *(f'is_rfc1918("{each}")' for each in ("192.0.0.7", "192.0.0.8", "100.64.0.1", "10.1.1.1")),
    *(f'nat_uac_test("{each}")' for each in (1, 4, 8, 32)),
    before='set_source_address("udp:192.0.0.8:5070");',
    via="Via: SIP/2.0/UDP 192.0.0.8;branch=z9hG4bK-1\r\n",
    extra=contact("<sip:a@192.0.0.8>") + TYPE,
    body=sdp("192.0.0.8"),
)
for _name, _call in {
    "add": "add_contact_alias()",
    "set": "set_contact_alias()",
    "trim": 'set_contact_alias("1")',
}.items():
    _table.goes_on(
        f"name-{_name}",
        "An alias of another name.",
        _call,
        extra=contact("<sip:a@10.1.2.3;saddr=10.9.9.9~77~1;alias=10.9.9.8~77~1>"),
    )
_table.codes(
    "name-handle",
    "An alias of another name.",
    "handle_ruri_alias()",
    "handle_ruri_alias()",
    before='$ru = "sip:a@b;alias=10.1.1.2~7~1;saddr=10.1.1.1~7~1";',
    after=" $ru $du",
)
_table.codes(
    "name-pv",
    "An alias of another name.",
    'set_alias_to_pv("$avp(a)")',
    after=" $avp(a)",
    extra=contact("<sip:a@10.1.2.3;saddr=10.9.9.9~77~1;alias=10.9.9.8~77~1>"),
)
for _flags in (1, 2, 4, 8, 15):
    _table.goes_on(
        f"sdp-{_flags}",
        "Another mark, and no old addresses.",
        f'fix_nated_sdp("{_flags}")',
        extra=TYPE,
        body=sdp(),
    )
    _table.goes_on(
        f"sdp-marked-{_flags}",
        "Another mark, which is there.",
        f'fix_nated_sdp("{_flags}")',
        extra=TYPE,
        body=sdp() + "a=x:y\r\n",
    )

for _name, _call in {
    "fix": "fix_nated_contact()",
    "set": "set_contact_alias()",
    "add": "add_contact_alias()",
    "nothing": "$var(x) = 1",
}.items():
    _table.codes(
        f"{_name}-seen",
        "What tests and variables say of a Contact that was changed.",
        _call,
        'nat_uac_test("1")',
        'nat_uac_test("128")',
        "is_first_hop()",
        'set_alias_to_pv("$avp(a)")',
        after=" $ct $(ct{tobody.uri}) $sel(contact.uri) $avp(a) $hdr(Contact)",
        extra=contact("<sip:a@10.1.2.3;x=y>"),
    )
for _name, _value in {
    "none": "<sip:a@127.0.0.1>",
    "udp": "<sip:a@127.0.0.1;transport=udp>",
    "port": "<sip:a@127.0.0.1:5060;transport=udp>",
    "other": "<sip:a@127.0.0.1:5061;transport=udp>",
    "sips": "<sips:a@127.0.0.1;transport=udp>",
    "tls": "<sip:a@127.0.0.1;transport=tls>",
}.items():
    _table.codes(
        f"default-port-{_name}",
        "A port that goes without saying.",
        "add_contact_alias()",
        *(f'nat_uac_test("{each}")' for each in (2, 16, 128)),
        before='set_source_address("udp:127.0.0.1:5060");',
        via="Via: SIP/2.0/UDP 127.0.0.1;branch=z9hG4bK-1\r\n",
        extra=contact(_value),
    )

CASES: Final = _table.cases
SCRIPT: Final = (
    HEAD.replace('modparam("nathelper", "received_avp", "$avp(rcv)")\n', "")
    + """
modparam("nathelper", "nat_addr_mode", 0)
modparam("nathelper", "alias_name", "saddr")
modparam("nathelper", "nortpproxy_str", "a=x:y")
modparam("nathelper", "append_sdp_oldmediaip", 0)
"""
    + _table.request_route
)
