"""REGISTER as save() takes it by default, and lookup() of what it has kept."""

from __future__ import annotations

from tests.compat.registering import RegisteringNetwork, flow, script

NETWORK = RegisteringNetwork

_LOOKUP = (
    '{call}; L("lookup $rc ru=$ru du=$du fs=$fs bf=$bf");'
    ' L("br=$branch(uri)|$(branch(uri)[1]) n=$branch(count)");'
    ' sl_send_reply("480", "Looked");'
)

BLOCKS = {
    **{
        user: _LOOKUP.format(call='lookup("location")')
        for user in ("two", "three", "nobody", "gone", "flagged")
    },
    "other": _LOOKUP.format(call='lookup("location", "sip:two@x.example")'),
    "dset": _LOOKUP.format(call='lookup_to_dset("location", "sip:two@x.example")'),
    "dsetnone": _LOOKUP.format(call='lookup_to_dset("location")'),
    "bad": _LOOKUP.format(call='lookup("location", "nonsense")'),
    "asked": 'if (registered("location")) L("is"); else L("is not");'
    ' if (registered("location", "sip:two@x.example")) L("is"); else L("is not");'
    ' if (registered("location", "nonsense")) L("is"); else L("is not");'
    ' sl_send_reply("480", "Asked");',
    "removed": 'unregister("location", "sip:gone@x.example"); L("unregister $rc");'
    ' unregister("location", "sip:gone@x.example"); L("unregister $rc");'
    ' unregister("location", "sip:two@x.example", "uloc-1-1-1"); L("unregister $rc");'
    ' unregister("location", "sip:unknown@x.example", "uloc-1-1-1"); L("unregister $rc");'
    ' unregister("location", "nonsense"); L("unregister $rc");'
    ' if (registered("location", "sip:gone@x.example")) L("is"); else L("is not");'
    ' sl_send_reply("480", "Removed");',
    "sock": 'add_sock_hdr("Sock-Info"); msg_apply_changes(); L("$hdr(Sock-Info)");'
    ' sl_send_reply("480", "Sock");',
    "free": 'reg_fetch_contacts("location", "sip:two@x.example", "p"); L("$rc");'
    ' L("$ulc(p=>addr) $(ulc(p=>addr)[1]) $(ulc(p=>addr)[2]) $ulc(q=>addr)");'
    ' reg_free_contacts("p"); L("$rc $ulc(p=>addr)");'
    ' reg_fetch_contacts("location", "sip:unknown@x.example", "p"); L("$rc");'
    ' sl_send_reply("480", "Freed");',
}
SCRIPT = script(BLOCKS)

_ONE = "Contact: <sip:one@127.0.0.1:{alice}>"
_TWO = "Contact: <sip:two@127.0.0.1:{bob}>"
_INSTANCE = '+sip.instance="<urn:uuid:00000000-0000-1000-8000-AABBCCDDEEFF>"'

FLOWS = [
    flow("asks", "a REGISTER without Contact lists", [("REGISTER alice",)]),
    flow(
        "expires",
        "how long a contact lives",
        [
            ("REGISTER alice", _ONE),
            ("REGISTER alice", f"{_ONE};expires=100"),
            ("REGISTER alice", _ONE, "Expires: 200"),
            ("REGISTER alice", f"{_ONE};expires=300", "Expires: 200"),
            ("REGISTER alice", f"{_ONE};expires=30"),
            ("REGISTER alice", f"{_ONE};expires=abc"),
            ("REGISTER alice", f"{_ONE};expires=-5"),
            ("REGISTER alice", f"{_ONE};expires="),
            ("REGISTER alice", f"{_ONE};expires=99999999999"),
            ("REGISTER alice", _ONE, "Expires: abc"),
            ("REGISTER alice", f"{_ONE};expires=0"),
            ("REGISTER alice", f"{_ONE};expires=0"),
        ],
    ),
    flow(
        "several",
        "several contacts, in the order of their q values",
        [
            (
                "REGISTER bob",
                f"{_ONE};q=0.5",
                "Contact: <sip:two@x.example>;q=0.9, <sip:three@x.example>;q=0.5",
            ),
            ("REGISTER bob", f"{_ONE};expires=0", "Contact: <sip:four@x.example>;q=1"),
            ("REGISTER bob", "Contact: <sip:two@x.example>;expires=0"),
        ],
    ),
    flow(
        "fields",
        "several contacts in one header field, and in several",
        [
            ("REGISTER zoe", f"{_ONE}, <sip:two@x.example>, <sip:three@x.example>", _TWO),
            ("REGISTER zoe", f"{_ONE}, <sip:four@x.example>"),
            ("REGISTER zoe", "Contact: <sip:four@x.example>;expires=0, <sip:five@x.example>"),
            ("REGISTER zoe", "Contact: <sip:six@x.example>, <sip:five@x.example>;expires=0"),
        ],
    ),
    flow(
        "star",
        "all contacts removed, and what is not taken for that",
        [
            ("REGISTER carol", _ONE),
            ("REGISTER carol", "Contact: *"),
            ("REGISTER carol", "Contact: *", "Expires: 10"),
            ("REGISTER carol", "Contact: *", _ONE, "Expires: 0"),
            ("REGISTER carol", "Contact: *", "Expires: 0"),
            ("REGISTER carol", "Contact: *", "Expires: 0"),
        ],
    ),
    flow(
        "order",
        "CSeqs of one Call-ID, and another Call-ID",
        [
            ("REGISTER dave", _ONE, "cseq 5"),
            ("REGISTER dave", _ONE, "cseq 5"),
            ("REGISTER dave", f"{_ONE};expires=500", "cseq 4"),
            ("REGISTER dave", f"{_ONE};expires=500", "cseq 4", "call other-"),
        ],
    ),
    flow(
        "contacts",
        "what a Contact may be",
        [
            ("REGISTER erin", "Contact: sip:e@x.example;expires=200;x=y"),
            (
                "REGISTER erin",
                'Contact: "E, \\"<x>" <sip:f@x.example;transport=tcp?a=b>;expires=200',
            ),
            ("REGISTER erin", "Contact: <tel:+123>;expires=200"),
            ("REGISTER erin", "Contact: <sip:f@x.example"),
            ("REGISTER erin", "Contact: "),
            ("REGISTER erin", "Contact: <>"),
            ("REGISTER erin", "m: <sip:f@x.example;transport=tcp?a=b>;expires=0"),
            ("REGISTER erin", f"Contact: <sip:{'x' * 600}@x.example>"),
            ("REGISTER erin", "Contact: <sip:E@x.example>;expires=200"),
        ],
    ),
    flow(
        "q",
        "q values",
        [
            ("REGISTER frank", f"{_ONE};q=0.1234"),
            ("REGISTER frank", f"{_ONE};q=1"),
            ("REGISTER frank", f"{_ONE};q=0"),
            ("REGISTER frank", f"{_ONE};q="),
            ("REGISTER frank", f"{_ONE};q=00.5"),
            ("REGISTER frank", f"{_ONE};q=2"),
            ("REGISTER frank", f"{_ONE};q=1.001"),
            ("REGISTER frank", f"{_ONE};q=x"),
        ],
    ),
    flow(
        "details",
        "what else is kept of a REGISTER",
        [
            ("REGISTER grace", _ONE, "User-Agent: phone 1", "Allow: INVITE, ACK,BYE", "Allow: FOO"),
            ("REGISTER grace", f'{_ONE};methods="INVITE,OPTIONS"', "Allow: BYE"),
            ("REGISTER grace", f'{_TWO};received="sip:9.9.9.9:99"'),
            ("REGISTER grace", _ONE, "Path: <sip:p@192.0.2.4;lr>"),
        ],
    ),
    flow(
        "phones",
        "an instance, with and without reg-id",
        [
            ("REGISTER heidi", f"{_ONE};{_INSTANCE}", "Supported: gruu"),
            ("REGISTER heidi", f"{_TWO};{_INSTANCE};reg-id=1", "call other-"),
            (
                "REGISTER heidi",
                f"Contact: <sip:x@x.example>;{_INSTANCE};reg-id=1",
                "Supported: gruu",
                "call third-",
            ),
            ("REGISTER heidi", _TWO, "call third-"),
            ("REGISTER heidi", "Contact: <sip:y@x.example>;reg-id=2"),
        ],
    ),
    flow(
        "users",
        "who the user is",
        [
            ("REGISTER sip:IVAN%41@X.example", _ONE),
            ("REGISTER sip:ivana@other.example;x=y", _TWO),
            ("REGISTER sip:x.example", _ONE),
            ("REGISTER tel:+1-23", _ONE),
        ],
    ),
    flow(
        "atomic",
        "one contact of several is refused",
        [
            ("REGISTER judy", _ONE, "cseq 5"),
            ("REGISTER judy", "Contact: <sip:new@x.example>", _ONE, "cseq 4"),
        ],
    ),
    flow(
        "reorder",
        "a contact gets another q value",
        [
            ("REGISTER kate", f"{_ONE};q=0.1", f"{_TWO};q=0.5"),
            ("REGISTER kate", f"{_ONE};q=0.9"),
        ],
    ),
    flow(
        "old",
        "all contacts removed by an older request",
        [("REGISTER leo", _ONE, "cseq 5"), ("REGISTER leo", "Contact: *", "Expires: 0", "cseq 4")],
    ),
    flow("scheme", "the user's URI is none of SIP", [("REGISTER http:x", _ONE)]),
    flow("required", "outbound is not supported", [("REGISTER ivan", _ONE, "Require: outbound")]),
    flow(
        "lookups",
        "where a request goes",
        [
            ("REGISTER two", f"{_ONE};q=0.5", _TWO),
            ("REGISTER three", "Contact: <sip:a@x.example>;q=0.1, <sip:b@x.example>;q=0.2"),
            ("REGISTER three", "Contact: <sip:c@x.example>;q=0.3"),
            ("OPTIONS two",),
            ("OPTIONS three",),
            ("OPTIONS nobody",),
            ("OPTIONS other",),
            ("OPTIONS dset",),
            ("OPTIONS dsetnone",),
            ("OPTIONS bad",),
        ],
    ),
    flow(
        "questions",
        "who is registered, from where",
        [
            ("REGISTER two", f"{_ONE};q=0.5", _TWO),
            ("OPTIONS asked",),
            ("OPTIONS sock",),
            ("OPTIONS free",),
        ],
    ),
    flow(
        "unregister",
        "contacts removed by the script",
        [
            ("REGISTER gone", _ONE, _TWO),
            ("REGISTER two", _ONE),
            ("OPTIONS removed",),
            ("OPTIONS gone",),
        ],
    ),
]
