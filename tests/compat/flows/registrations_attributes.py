"""What an xavp says of each contact, through lookup(), t_load_contacts() and t_next_contacts()."""

from __future__ import annotations

from tests.compat.registering import RegisteringNetwork, flow, script

NETWORK = RegisteringNetwork

_SHOW = 'L("{} $ru [$xavp(ula[0]=>a)] [$xavp(ula[1]=>a)] [$xavp(ula[2]=>a)]");'
_NEXT = (
    f"$var(r) = t_next_contacts(); {_SHOW.format('next $var(r)')}"
    ' if ($var(r) > 0) { t_on_failure("F"); t_on_branch("B"); t_relay(); }'
)

SCRIPT = script(
    {
        "serial": f'lookup("location"); {_SHOW.format("lookup")} t_load_contacts();'
        f" {_SHOW.format('load')} {_NEXT}",
        "one": f'lookup("location"); {_SHOW.format("lookup")} t_load_contacts();'
        f' {_SHOW.format("load")} sl_send_reply("480", "x");',
        "asked": f'registered("location", "sip:serial@127.0.0.1", "0", "1");'
        f' {_SHOW.format("registered")} registered("location", "sip:one@127.0.0.1");'
        f' {_SHOW.format("registered")} sl_send_reply("480", "x");',
    },
    parameters="""
modparam("tm|usrloc", "xavp_contact", "ula")
modparam("tm", "contacts_avp", "tmc")
modparam("tm", "contact_flows_avp", "tmf")
modparam("tm", "fr_timer", 200)
""",
    save='if ($hdr(A) != $null) $xavp(ula=>a) = $hdr(A); save("location")',
    more=f"""
    branch_route[B] {{ {_SHOW.format("branch")} }}
    failure_route[F] {{ {_SHOW.format("failure")} {_NEXT} }}
    """,
)

_CONTACT = "Contact: <sip:{}@127.0.0.1:{{bob}}>;q={}"

FLOWS = [
    flow(
        "serial",
        "several contacts, some with attributes",
        [
            ("REGISTER serial", _CONTACT.format("one", "0.1"), "A: first"),
            ("REGISTER serial", _CONTACT.format("two", "0.9"), "A: second"),
            ("REGISTER serial", _CONTACT.format("three", "0.5")),
            ("REGISTER serial", _CONTACT.format("four", "0.5"), "A: fourth"),
            ("PUBLISH serial",),
        ],
    ),
    flow(
        "one",
        "one contact",
        [("REGISTER one", _CONTACT.format("one", "0.1"), "A: first"), ("PUBLISH one",)],
    ),
    flow("asked", "restored by registered()", [("PUBLISH asked",)]),
]
