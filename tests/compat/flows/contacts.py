"""Serial forking by q values: t_load_contacts() and t_next_contacts()."""

from __future__ import annotations

from tests.compat.flow import Flow, Network, Phone
from tests.compat.flow_script import BOB, CAROL, DAVE, script

_NEXT = """
    $var(r) = t_next_contacts(); L("next $var(r) $ru br=$bR du=$du $xavp(tm_contacts=>uri)");
    if ($var(r) > 0) { t_on_failure("NEXT"); t_relay(); }
    else { $var(x) = 0; }
"""
_LOAD = '$var(r) = t_load_contacts(); L("load $var(r) $ru br=$bR");'

SCRIPT = script(
    {
        "single": f'$ru = "{BOB}"; {_LOAD} {_NEXT} if ($var(r) < 0) t_relay();',
        "equal": f'$ru = "{BOB}"; append_branch("{CAROL}"); {_LOAD} {_NEXT}',
        "order": f'$ru = "{BOB}"; append_branch("{CAROL}", "0.5"); '
        f'append_branch("{DAVE}", "1.0"); {_LOAD} {_NEXT}',
        "mixed": f'$ru = "{BOB}"; append_branch("{CAROL}", "0.5"); '
        f'append_branch("{DAVE}", "0.5"); {_LOAD} {_NEXT}',
        "flags": f'$ru = "{BOB}"; setbflag(3); append_branch("{CAROL}", "0.5"); resetbflag(3);'
        f" setbflag(4); {_LOAD} {_NEXT}",
        "nexthop": f'$ru = "{BOB}"; $du = "sip:127.0.0.1:{{dave}}"; '
        f'append_branch("sip:x@y.example", "0.5"); $du = $null; {_LOAD} {_NEXT}',
        "empty": f'$ru = "{BOB}"; {_NEXT} t_reply("480", "x"); sl_send_reply("480", "Nobody");',
        "twice": f'$ru = "{BOB}"; append_branch("{CAROL}", "0.5"); {_LOAD} {_LOAD} {_NEXT}',
    },
    parameters='modparam("tm", "contacts_avp", "tm_contacts")\n'
    'modparam("tm", "contact_flows_avp", "tm_flows")\n'
    'modparam("tm", "fr_timer", 400)',
    more=f"""
    failure_route[NEXT] {{
        L("failure $T_reply_code");
        if (isbflagset(3)) L("flag 3"); if (isbflagset(4)) L("flag 4");
        {_NEXT}
    }}
    """,
)


def _answer(phone: Phone, code: int) -> None:
    phone.answer(phone.wait("MESSAGE", seconds=0.5), code, f"Of {phone.name}")


def _flow(user: str, *names: str) -> Flow:
    """The phones fail in this order."""

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1")
        for number, name in enumerate(names):
            _answer(net.phones[name], 480 + number)
        net.alice.wait("480", "481", "482", "408")

    return Flow(user, f"contacts: {user}", play)


FLOWS = [
    _flow("single", "bob"),
    _flow("equal", "bob", "carol"),
    _flow("order", "dave", "carol", "bob"),
    _flow("mixed", "dave", "carol", "bob"),
    _flow("flags", "carol", "bob"),
    _flow("nexthop", "dave", "bob"),
    _flow("empty"),
    _flow("twice", "carol", "bob"),
]
