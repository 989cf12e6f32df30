"""nathelper: aliases read, and what else there is."""

from __future__ import annotations

from typing import Final

from tests.compat.natted import CONTACTS, HEAD, NatTable, contact

_table = NatTable()
# --- handle_ruri_alias(), set_alias_to_pv() -------------------------------------------------------

_ALIASES: Final = {
    "none": "sip:a@192.0.2.1:5070",
    "udp": "sip:a@192.0.2.1:5070;alias=10.1.1.1~77~1",
    "tcp": "sip:a@192.0.2.1:5070;alias=10.1.1.1~77~2",
    "tls": "sip:a@192.0.2.1:5070;alias=10.1.1.1~77~3",
    "sctp": "sip:a@192.0.2.1:5070;alias=10.1.1.1~77~4",
    "ws": "sip:a@192.0.2.1:5070;alias=10.1.1.1~77~5",
    "wss": "sip:a@192.0.2.1:5070;alias=10.1.1.1~77~6",
    "first": "sip:a@192.0.2.1;alias=10.1.1.1~77~1;ob;x=y",
    "last": "sip:a@192.0.2.1;ob;x=y;alias=10.1.1.1~77~1",
    "middle": "sip:a@192.0.2.1;ob;alias=10.1.1.1~77~1;x=y",
    "two": "sip:a@192.0.2.1;alias=10.1.1.1~77~1;ob;alias=10.1.1.2~78~2",
    "headers": "sip:a@192.0.2.1;alias=10.1.1.1~77~1?X=y",
    "no-user": "sip:192.0.2.1;alias=10.1.1.1~77~1",
    "capitals": "sip:a@192.0.2.1;Alias=10.1.1.1~77~1",
    "six": "sip:a@192.0.2.1;alias=[fd00::1]~77~1",
    "host": "sip:a@192.0.2.1;alias=phone.example~77~1",
    "like": "sip:a@192.0.2.1;aliased=10.1.1.1~77~1",
    "like-before": "sip:a@192.0.2.1;xalias=10.1.1.1~77~1",
    "empty": "sip:a@192.0.2.1;alias=",
    "bare": "sip:a@192.0.2.1;alias",
    "no-port": "sip:a@192.0.2.1;alias=10.1.1.1",
    "tel": "tel:+123;alias=10.1.1.1~77~1",
    "sips": "sips:a@192.0.2.1;alias=10.1.1.1~77~1",
    "long": "sip:a@192.0.2.1;alias=" + "h" * 300 + "~77~1",
}
for _name, _uri in _ALIASES.items():
    _table.codes(
        f"handle-{_name}",
        "The alias of the Request-URI.",
        "handle_ruri_alias()",
        before=f'$ru = "{_uri}"; ',
        after=" $ru $du",
    )
    _table.codes(
        f"alias-{_name}",
        "The alias of Contact.",
        'set_alias_to_pv("$avp(a)")',
        after=" $avp(a)",
        extra=contact(f"<{_uri}>"),
    )
_table.codes(
    "handle-0",
    "The first.",
    'handle_ruri_alias("0")',
    before='$ru = "sip:a@b;alias=10.1.1.1~7~1;alias=10.1.1.2~7~1";',
    after=" $ru $du",
)
_table.codes(
    "handle-du",
    "A next hop that is there.",
    "handle_ruri_alias()",
    before='$ru = "sip:a@b;alias=10.1.1.1~7~1"; $du = "sip:x";',
    after=" $ru $du",
)
_table.codes(
    "handle-received",
    "Of the request as it came.",
    "handle_ruri_alias()",
    "handle_ruri_alias()",
    after=" $ru $du",
    uri="sip:a@192.0.2.1;alias=10.1.1.1~77~1",
)
_table.codes("alias-no-contact", "No Contact.", 'set_alias_to_pv("$avp(a)")', after=" $avp(a)")
_table.codes(
    "alias-var",
    "Another variable.",
    'set_alias_to_pv("$var(a)")',
    after=" $var(a)",
    extra=contact("<sip:a@b;alias=10.1.1.1~77~1>"),
)
_table.codes(
    "alias-two-contacts",
    "Several.",
    'set_alias_to_pv("$avp(a)")',
    after=" $avp(a)",
    extra=contact("<sip:a@b>, <sip:a@b;alias=10.1.1.1~77~1>"),
)

# --- fix_nated_register() -------------------------------------------------------------------------

_table.codes(
    "register",
    "The AVP.",
    "fix_nated_register()",
    "fix_nated_register()",
    after=" $avp(rcv) $(avp(rcv)[1])",
)

# --- $rr_count, $rr_top_count ---------------------------------------------------------------------

for _name, _lines in {
    "none": "",
    "one": "Record-Route: <sip:1.1.1.1;lr>\r\n",
    "two": "Record-Route: <sip:1.1.1.1;lr>, <sip:1.1.1.2;lr>\r\n",
    "lines": "Record-Route: <sip:1.1.1.1;lr>\r\nRecord-Route: <sip:1.1.1.2;lr>\r\n",
    "double": "Record-Route: <sip:1.1.1.1;r2=on;lr>\r\nRecord-Route: <sip:1.1.1.2;r2=on;lr>\r\n",
    "double-line": "Record-Route: <sip:1.1.1.1;r2=on;lr>,<sip:1.1.1.2;r2=on;lr>,<sip:2.1;lr>\r\n",
    "double-below": "Record-Route: <sip:2.1;lr>,<sip:1.1.1.1;r2=on;lr>,<sip:1.1.1.2;r2=on;lr>\r\n",
    "double-one": "Record-Route: <sip:1.1.1.1;r2=on;lr>\r\n",
    "double-off": "Record-Route: <sip:1.1.1.1;r2=off;lr>\r\n",
    "quoted": 'Record-Route: "r2=on, x" <sip:1.1.1.1;lr>\r\n',
}.items():
    _table.add(f"routes-{_name}", "Record-Routes.", 'L("$rr_count $rr_top_count");', extra=_lines)

# --- @nathelper.rewrite_contact -------------------------------------------------------------------

for _name, _value in CONTACTS.items():
    _table.add(
        f"select-{_name}",
        "The select.",
        "; ".join(
            f'$var(s) = @nathelper.rewrite_contact[{each}]; L("$var(s)")' for each in ("1", "2")
        )
        + '; $var(s) = @nathelper.rewrite_contact[1].nameaddr.uri; L("$var(s)");',
        extra=contact(_value),
    )

_table.add(
    "select-lines",
    "The select.",
    "; ".join(
        f'$var(s) = @nathelper.rewrite_contact[{each}]; L("$var(s)")'
        for each in ("1", "2", "3", "4")
    )
    + ";",
    extra=contact("<sip:a@10.1.2.3>, <sip:b@10.1.2.3>, <sip:c@10.1.2.3>")
    + contact("<sip:d@10.1.2.3>"),
)
for _name, _value in {
    "two-contacts": "<sip:a@b;alias=10.1.1.1~77~1>, <sip:a@b>",
    "two-aliases": "<sip:a@b;alias=10.1.1.1~77~1>, <sip:a@b;alias=10.1.1.2~77~1>",
    "header": "<sip:a@b>;alias=10.1.1.1~77~1",
    "uri": "sip:a@b;alias=10.1.1.1~77~1",
    "display": '"alias=10.1.1.3~77~1" <sip:a@b;alias=10.1.1.1~77~1>',
    "star": "*",
}.items():
    _table.codes(
        f"alias-of-{_name}",
        "Whose.",
        'set_alias_to_pv("$avp(a)")',
        after=" $avp(a)",
        extra=contact(_value),
    )
_table.codes(
    "alias-of-lines",
    "Whose.",
    'set_alias_to_pv("$avp(a)")',
    after=" $avp(a)",
    extra=contact("<sip:a@b>") + contact("<sip:a@b;alias=10.1.1.1~77~1>"),
)
_table.codes(
    "alias-of-set",
    "Of what was set.",
    "set_contact_alias()",
    'set_alias_to_pv("$avp(a)")',
    after=" $avp(a)",
    extra=contact("<sip:a@b>"),
)
_table.codes(
    "alias-to-ru",
    "Another variable.",
    'set_alias_to_pv("$du")',
    after=" $du",
    extra=contact("<sip:a@b;alias=10.1.1.1~77~1>"),
)

CASES: Final = _table.cases
SCRIPT: Final = HEAD + _table.request_route
