"""The newest contact first, contacts told apart by URI and Call-ID, one for each user."""

from __future__ import annotations

from tests.compat.registering import RegisteringNetwork, flow, script

NETWORK = RegisteringNetwork

SCRIPT = script(
    parameters="""
modparam("usrloc", "desc_time_order", 1)
modparam("usrloc", "matching_mode", 1)
modparam("usrloc", "cseq_delay", 0)
modparam("registrar", "gruu_enabled", 0)
modparam("registrar", "received_param", "")
modparam("registrar", "outbound_mode", 1)
modparam("registrar", "flow_timer", 20)
""",
    save='if ($hdr(One) != $null) save("location", "0x04"); else if ($hdr(Later) != $null) {'
    ' save("location", "0x02"); L("$rc"); reg_send_reply(); } else if ($hdr(Quiet) != $null) {'
    ' save("location", "0x12"); L("$rc"); sl_send_reply("200", "Own"); }'
    ' else if ($hdr(For) != $null) save("location", "0", "sip:$hdr(For)@x.example");'
    ' else save("location")',
)

_A, _B, _C = (f"Contact: <sip:{each}@x.example>" for each in "abc")
_INSTANCE = '+sip.instance="<urn:uuid:1>"'

FLOWS = [
    flow(
        "newest",
        "each in front of those before",
        [
            ("REGISTER alice", _A, _B),
            ("REGISTER alice", _C, "call other-"),
            ("REGISTER alice", _A),
            ("REGISTER alice", _A, "call other-"),
            ("REGISTER alice", _A, "cseq 3"),
        ],
    ),
    flow(
        "one",
        "one contact for each user",
        [
            ("REGISTER bob", _A),
            ("REGISTER bob", _B, "One: 1", "call other-"),
            ("REGISTER bob", _B, "One: 1", "call other-"),
            ("REGISTER bob", f"{_A};expires=0", _C, "One: 1"),
            ("REGISTER bob", f"{_C};expires=0", "One: 1"),
        ],
    ),
    flow(
        "answers",
        "the answer sent later, or by the script",
        [("REGISTER carol", _A, "Later: 1"), ("REGISTER carol", _B, "Quiet: 1")],
    ),
    flow("named", "for another user", [("REGISTER dave", _A, "For: erin"), ("REGISTER erin",)]),
    flow(
        "outbound",
        "connections kept by phones",
        [
            ("REGISTER frank", f"{_A};{_INSTANCE};reg-id=1", "Supported: path, outbound"),
            ("REGISTER frank", f"{_B};{_INSTANCE};reg-id=1", "Supported: outbound"),
            ("REGISTER frank", f"{_C};{_INSTANCE};reg-id=2"),
            ("REGISTER frank", _C, "Require: outbound"),
        ],
    ),
]
