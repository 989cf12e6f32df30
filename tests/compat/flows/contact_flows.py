"""Several ways to one phone: t_next_contact_flow() in event_route[tm:branch-failure]."""

from __future__ import annotations

from collections.abc import Sequence

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, DAVE, script

_NEXT = """
    $var(r) = t_next_contacts(); L("next $var(r) $ru br=$bR");
    if ($var(r) > 0) {{ t_on_branch_failure("{event}"); t_on_failure("NEXT"); t_relay(); }}
"""


def _contacts(*instances: str, event: str = "FLOW") -> str:
    """Carol and Dave with these instances and the same q value; Bob has none, and comes last."""
    return (
        f'$ru = "{BOB}"; append_branch("{DAVE}", "1.0"); append_branch("{CAROL}", "1.0");'
        " t_load_contacts();"
        + "".join(
            f' $xavp(tm_contacts[{number}]=>instance) = "<{instance}>";'
            for number, instance in enumerate(instances)
        )
        + _NEXT.format(event=event)
    )


SCRIPT = script(
    {
        "same": _contacts("a", "a"),
        "all": _contacts("a", "a", "a"),
        "other": _contacts("a", "b"),
        "some": _contacts("a"),
        "unnamed": _contacts(),
        "shown": _contacts("a", "a", event="SHOWN"),
    },
    parameters='modparam("tm", "contacts_avp", "tm_contacts")\n'
    'modparam("tm", "contact_flows_avp", "tm_flows")\n',
    more=f"""
    event_route[tm:branch-failure:FLOW] {{
        L("branch failed $T_reply_code $ru");
        $var(f) = t_next_contact_flow(); L("flow $var(f)");
        if ($var(f) > 0) {{ t_on_branch_failure("FLOW"); t_relay(); }}
    }}
    event_route[tm:branch-failure:SHOWN] {{
        $var(f) = t_next_contact_flow(); L("flow $var(f) $ru");
        if ($var(f) > 0) {{ t_relay(); }}
    }}
    failure_route[NEXT] {{ L("failure $T_reply_code"); {_NEXT.format(event="FLOW")} }}
    """,
)


def _flow(user: str, why: str, *order: Sequence[str]) -> Flow:
    """The phones fail in this order; those of one step get the request at the same time."""

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", f"sip:{user}@127.0.0.1")
        for number, names in enumerate(order):
            asked = [(net.phones[name], net.phones[name].wait("MESSAGE")) for name in names]
            for phone, message in asked:
                phone.answer(message, 480 + number, f"Of {phone.name}")
        net.alice.wait("480", "481", "482", "408")

    return Flow(user, why, play)


FLOWS = [
    _flow("same", "a second way is tried when the first has failed", ["carol"], ["dave"], ["bob"]),
    _flow("all", "one of a lower q value is no other way", ["carol"], ["dave"], ["bob"]),
    _flow("other", "the way to another phone is none", ["carol", "dave"], ["bob"]),
    _flow("some", "nor is one without an instance", ["carol", "dave"], ["bob"]),
    _flow(
        "unnamed", "contacts without an instance are all tried at once", ["carol", "dave"], ["bob"]
    ),
    _flow("shown", "the Request-URI is that of the way", ["carol"], ["dave"], ["bob"]),
]
