"""Flows in which sipway does something else than Kamailio 5.6.3, each with the reason."""

from __future__ import annotations

from typing import Final

_NOBODY_WAITS: Final = (
    "a failure of a branch that has ended is acknowledged, but it runs no onreply_route:"
    " nothing comes of it any more"
)

DIFFERENCES: Final[dict[str, str]] = {
    "cancels-twice": "a CANCEL sent again is absorbed before the script",
    **{
        f"failing-{way}-{then}-{method}": "one final answer, not one of tm and one of the script"
        for way in ("badnexthop", "tcp", "six", "dropped")
        for then in ("error", "sl")
        for method in ("invite", "message")
    },
    **{
        f"failing-{way}-quiet-message": "t_set_disable_internal_reply() holds for all requests"
        for way in ("badnexthop", "tcp", "six", "dropped")
    },
    "forms-toflags-invite": "t_relay_to(1) sends no 100; 5.6.3 sends it where no proxy is given",
    "replying-variables-message": "t_reply() takes a reason with variables; 5.6.3 shows $rm",
    "replying-badcode-message": "a code that is none is a mistake: -1, where 5.6.3 sends 500",
    "uac-invite-200": "an ACK to a 2xx has Max-Forwards, as RFC 3261 8.1.1 asks for",
    **{
        f"other_settings-half-silent-{code}": "faked_reply_prio holds for the last timeout too"
        for code in (486, 500)
    },
    "cancels-branches-this": "t_cancel_branches(this) cancels this branch; 5.6.3 the others too",
    **{
        f"streams-{name}": "connections are opened after t_relay() has returned: the branch fails"
        for name in ("no-connect", "refused")
    },
    "streams_kept-nobody": "connections are opened after t_relay() has returned: the branch fails",
    "streams-no-connect-sl": "whether there is a connection is seen after forward() has returned",
    "streams-ping-between": "pongs go out before the answers to what came in the same segment",
    **{
        f"streams-{name}": "a reply whose connection has gone goes to sent-by also with rport"
        for name in ("gone-rport", "gone-sl-rport")
    },
    "contact_flows-shown": "$ru behind t_next_contact_flow() is the contact, as its README says",
    "faults-failure-after-success": _NOBODY_WAITS,
    "faults-failure-after-silence": _NOBODY_WAITS,
    "faults-ringing-after-timeout": _NOBODY_WAITS,
}
