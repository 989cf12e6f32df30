"""Flows in which sipway does something else than Kamailio 5.6.3, each with the reason."""

from __future__ import annotations

from typing import Final

_NOBODY_WAITS: Final = (
    "a failure of a branch that has ended is acknowledged, but it runs no onreply_route:"
    " nothing comes of it any more"
)
_OFFERED: Final = "credentials are reckoned with the algorithm that they name, if it was offered"
_READ: Final = "each header field with credentials is looked at, and read as RFC 7616 says"
_BODY: Final = "auth-int covers the body; 5.6.3 never finds it right"
_FIT: Final = "a realm that cannot stand in quotes is none"
_INSIDE: Final = (
    "a nonce that is bound to a request is not good for another kind: -4, as for others"
)
_HOPS: Final = "an ACK to a 2xx has Max-Forwards, as RFC 3261 8.1.1 asks for"
_AS_WRITTEN: Final = "From and To of t_uac_send() go out as written; 5.6.3 keeps URI and tag"
_INTEGRITY: Final = "auth is taken where it is offered, else auth-int; 5.6.3 mixes them up"
_HASHES: Final = "SHA-256, SHA-512-256 and sessions of RFC 7616 and RFC 8760"

DIFFERENCES: Final[dict[str, str]] = {
    **{
        f"domains-ours-{method}": "in failure_route is_uri_host_local() reads the Request-URI"
        for method in ("invite", "message")
    },
    "registrations-atomic": "a REGISTER that is refused changes nothing (RFC 3261 section 10.3)",
    "registrations-reorder": "the best contact is the first, whenever it got its q value",
    "registrations-old": "an older request with * removes nothing (RFC 3261 section 10.3)",
    "registrations-scheme": "a user whose URI is none of SIP is refused; 5.6.3 says 200",
    "registrations_path-path": "a Path that the phone does not support: 420, and nothing is kept",
    "accounting-asks-invite": "a request without an answer has no To-tag; 5.6.3 has another one's",
    "accounting_tables-asksboth-invite": "acc_request() writes a row; 5.6.3 garbles its table",
    "accounting_tables-asksnone-invite": "a row is written later: acc_db_request() is 1 till then",
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
    **{f"auth-p-{name}": _OFFERED for name in ("sha", "session", "odd-algorithm")},
    "auth_hash-p-named-md5": _OFFERED,
    **{f"auth-p-{name}": _BODY for name in ("qop-int", "int-body")},
    **{
        f"auth-p-{name}": _READ
        for name in ("last-comma", "empty-element", "two-basic-first", "two-odd-first")
    },
    "auth-p-twice-user": "credentials that say who it is twice are none",
    "auth-p-two-realms": "$au and $ar are of the credentials that were found to be right",
    "auth-p-two-people": "$au is of nobody while credentials name several people",
    **{
        f"auth-p-{name}": "$au and its like are null of credentials that cannot be read"
        for name in ("semicolon", "unterminated")
    },
    "auth-isuser-wrong": "is_user() wants credentials that are right, not just looked at",
    "auth-both-both": "consume_credentials() takes out all that are right",
    "auth-quiet": "with flag 4 no 500 is sent, as the README says",
    **{f"auth-quoted-{name}": _FIT for name in ("quote", "folded")},
    "auth-f20-wrong": "with flag 16 the challenge says stale=true, as the README says",
    "auth_counts-f36-kept": "with flag 32 wrong credentials use up no nc, as the README says",
    **{f"auth_checks_outside-p-{name}": _INSIDE for name in ("into-dialog", "out-of-dialog")},
    "auth_expired-told-challenged": "a challenge says stale=true where the nonce was no good",
    "auth_info-p-no-qop": "without qop Authentication-Info has nextnonce alone",
    "auth_names-c1-case": "domains are the same in any case",
    **{
        f"auth_names-c1-{name}": "with use_domain the domain of the user name counts too"
        for name in ("other-user", "message-user", "realm")
    },
    "auth_db-c1-prack-outside": "a PRACK is let in without credentials in a dialog alone",
    **{
        f"auth_names-c1-{name}": "with use_domain the realm is the domain of who names none"
        for name in ("own", "message-from")
    },
    **{
        f"auth_db_domain-c1-{name}": "with use_domain the domain of the user name counts too"
        for name in ("message-as-other", "register-there-domain", "register-here-as-there")
    },
    **{
        f"auth_db_domain-c1-{name}": "with use_domain the realm is the domain of who names none"
        for name in ("message-there", "register-there")
    },
    **{
        f"auth_db_bare-s{flags}-{uri}": "is_subscriber() needs no load_credentials"
        for flags in (0, 1)
        for uri in ("sip:alice@r.example", "sip:x@y")
    },
    "auth_db_domain-c1-register-case": "domains are the same in any case",
    "auth_db_plain-p-no-password": "who has no password cannot get in with an empty one",
    "uac-invite-200": _HOPS,
    "uac_requests-invite-200-180": _HOPS,
    "uac_requests-inviteauth-challenged": _HOPS,
    "uac_requests-authevent-challenged-int": _INTEGRITY,
    "uac_requests-authevent-challenged-sha": _HASHES,
    "uac_auth-plain-qop-other-way": _INTEGRITY,
    "uac_auth-plain-qop-int": _INTEGRITY,
    "uac_auth-plain-int": _INTEGRITY,
    "uac_sending-named-200": _AS_WRITTEN,
    "uac_sending-bare-200": _AS_WRITTEN,
    "uac_sending-length-200": "one Content-Length, that of the body",
    "uac_sending-duri": "$du in event_route[tm:local-request] holds, as the README of tm says",
    **{f"uac_auth-plain-{name}": _HASHES for name in ("sha", "sha-qop", "sha512", "sess", "two")},
    "uac_auth-plain-odd": "an algorithm that is not known is not answered; 5.6.3 answers with MD5",
    "uac_auth-plain-escaped": "a quoted string may hold an escaped quote, as RFC 3261 says",
    "uac_auth-plain-commas": "elements of a list may be empty, as RFC 2616 section 2.1 says",
    "uac_auth-plain-two-realms": "of several challenges one that can be answered is",
    "uac_auth-twice-simple": "a second uac_auth() takes the place of the first",
    "uac_replies-changed-200": "$fu in onreply_route holds; 5.6.3 writes both addresses",
    "uac_replies-again": "one replaced already stays as it is; 5.6.3 writes both URIs",
    **{
        f"uac_replies_manual-applied-{name}": "replies are restored without an AVP too"
        for name in ("200", "200-far", "message")
    },
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
    "dispatcher_calls-disabled": "who was disabled by an operator stays so, but for a mark with a",
    "dispatcher_db-reload": "ds_reload() is 1 though a row was left out, as with the file",
    "pike-ipv6": "pike_check_ip() takes addresses of IPv6",
    "pike-large": "an address with a number above 255 is none",
    "tables-forever": "$shtex of an item that stays is 0; 5.6.3 takes the time of day off 2^32",
    "tables-timetext": "$shtex takes a text that is a number; 5.6.3 lets such an item stay",
    "tables-setxi": "sht_setxi() returns 1; in 5.6.3 it returns 0, which ends the script",
    "faults-failure-after-success": _NOBODY_WAITS,
    "faults-failure-after-silence": _NOBODY_WAITS,
    "faults-ringing-after-timeout": _NOBODY_WAITS,
}
