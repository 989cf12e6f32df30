"""domain and permissions in branch_route and failure_route."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Files
from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script
from tests.kamailio_tables import tables

FILES: Files = {
    "p.allow": 'ALL : "^sip:ours@"\n',
    "p.deny": "ALL : ALL\n",
    "db": tables(
        {
            "domain": [("a.org", "did-a")],
            "domain_attrs": [("did-a", "color", 2, "red")],
            "address": [(3, "127.0.0.0", 8, 0, "loop")],
            "trusted": [("127.0.0.1", "udp", "^sip:alice@", "ours", "peer", 0)],
        }
    ),
}
_ASKED: Final = """
    is_uri_host_local(); L("host $rc $ru"); is_domain_local("$rd"); L("domain $rc");
    is_from_local(); L("from $rc"); lookup_domain("$rd"); L("looked up $rc $avp(did) $avp(color)");
    allow_routing("p"); L("routing $rc"); allow_source_address("3"); L("source $rc $avp(tag)");
    allow_source_address_group(); L("group $rc");
"""
_CALL: Final = """
    t_on_branch("ASKED"); t_on_failure("FAILED"); $rd = "{host}"; $du = "sip:127.0.0.1:{bob}";
    t_relay();
"""
_USERS: Final = ("ours", "others")
SCRIPT = script(
    {
        "ours": _CALL.replace("{host}", "a.org"),
        "others": _CALL.replace("{host}", "b.org"),
    },
    parameters='loadmodule "db_sqlite.so"\nloadmodule "domain.so"\nloadmodule "permissions.so"\n'
    'modparam("domain|permissions", "db_url", "sqlite:///{folder}/db")\n'
    'modparam("permissions", "db_mode", 1)\n'
    'modparam("permissions", "peer_tag_avp", "$avp(tag)")',
    more=f"""
    branch_route[ASKED] {{ {_ASKED} }}
    failure_route[FAILED] {{
        {_ASKED}
        allow_trusted(); L("trusted $rc $avp(tag)");
        allow_uri("p", "$ru"); L("uri $rc");
        t_reply("404", "Asked");
    }}
    """,
)


def _flow(user: str, method: str) -> Flow:
    def play(net: Network) -> None:
        net.alice.request(method, f"sip:{user}@127.0.0.1")
        asked = net.bob.wait(method)
        net.bob.answer(asked, 486, "Busy")
        net.alice.wait("404")

    return Flow(f"{user}-{method.lower()}", f"{user}: {method}", play)


FLOWS = [_flow(user, method) for user in _USERS for method in ("INVITE", "MESSAGE")]
