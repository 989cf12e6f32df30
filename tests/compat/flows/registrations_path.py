"""REGISTERs with Path, limits, addresses behind NAT, users of several domains."""

from __future__ import annotations

from tests.compat.registering import RegisteringNetwork, flow, script

NETWORK = RegisteringNetwork

SCRIPT = script(
    dict.fromkeys(
        ("alice", "bob", "carol", "dave"),
        'lookup("location"); L("lookup $rc ru=$ru du=$du bf=$bf pa=$(branch(path)[0])");'
        ' if (isbflagset(3)) L("natted"); sl_send_reply("480", "Looked");',
    ),
    parameters="""
modparam("usrloc", "use_domain", 1)
modparam("usrloc", "nat_bflag", 3)
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 2)
modparam("registrar", "path_use_received", 1)
modparam("registrar", "received_avp", "$avp(rcv)")
modparam("registrar", "min_expires", 100)
modparam("registrar", "min_expires_mode", 1)
modparam("registrar", "max_expires", 500)
modparam("registrar", "default_expires", 400)
modparam("registrar", "default_q", 500)
modparam("registrar", "max_contacts", 2)
modparam("registrar", "retry_after", 7)
modparam("registrar", "case_sensitive", 1)
modparam("registrar", "realm_prefix", "sip.")
modparam("registrar", "method_filtering", 1)
modparam("registrar", "append_branches", 0)
modparam("registrar", "xavp_cfg", "reg")
""",
    save='if ($hdr(Rcv) != $null) $avp(rcv) = "sip:192.0.2.7:77;transport=tcp";'
    " if ($hdr(Most) != $null) $xavp(reg=>max_contacts) = 1;"
    " if ($hdr(Long) != $null) $xavp(reg[0]=>expires) = 600;"
    " if ($hdr(Best) != $null) $xavp(reg=>q) = 900;"
    ' if ($hdr(Nat) != $null) setbflag(3); save("location")',
)

_ONE = "Contact: <sip:one@127.0.0.1:{alice}>"
_TWO = "Contact: <sip:two@127.0.0.1:{bob}>"
_PATH = "Path: <sip:p@192.0.2.4;lr>"

FLOWS = [
    flow(
        "path",
        "a Path that the phone supports, or does not",
        [
            ("REGISTER alice", _ONE, _PATH),
            ("REGISTER alice", _ONE, _PATH, "Path: <sip:q@192.0.2.5;lr>", "Supported: foo, path"),
            ("OPTIONS alice",),
            (
                "REGISTER alice",
                _ONE,
                "Path: <sip:p@192.0.2.4;lr;received=sip:192.0.2.9:9>",
                "Supported: path",
            ),
            ("OPTIONS alice",),
            ("REGISTER alice", _ONE),
            ("OPTIONS alice",),
        ],
    ),
    flow(
        "received",
        "where the phone is, by an AVP",
        [("REGISTER bob", _ONE, "Rcv: 1", "Nat: 1"), ("OPTIONS bob",)],
    ),
    flow(
        "limits",
        "expires and the number of contacts",
        [
            ("REGISTER carol", f"{_ONE};expires=50"),
            ("REGISTER carol", f"{_ONE};expires=1000"),
            ("REGISTER carol", _ONE),
            ("REGISTER carol", _ONE, _TWO, "Contact: <sip:c@x.example>"),
            ("REGISTER carol", _TWO),
            ("REGISTER carol", "Contact: <sip:c@x.example>"),
            ("REGISTER carol", "Contact: <sip:c@x.example>", f"{_TWO};expires=0"),
            ("REGISTER carol", f"{_ONE};expires=50", "Contact: <sip:c@x.example>;expires=0"),
        ],
    ),
    flow(
        "config",
        "what an xavp says for one REGISTER",
        [
            ("REGISTER erin", _ONE, "Long: 1", "Best: 1"),
            ("REGISTER erin", _TWO, "Most: 1"),
        ],
    ),
    flow(
        "domains",
        "users of domains",
        [
            ("REGISTER sip:Alice@sip.X.example", _ONE),
            ("REGISTER sip:alice@x.example", _TWO),
            ("REGISTER sip:x.example", _TWO),
            ("REGISTER tel:+123", _TWO),
        ],
    ),
    flow(
        "methods",
        "phones that do not allow the method are left out",
        [
            ("REGISTER dave", f'{_ONE};q=1;methods="INVITE"', f'{_TWO};methods="OPTIONS,BYE"'),
            ("OPTIONS dave",),
            ("MESSAGE dave",),
        ],
    ),
]
