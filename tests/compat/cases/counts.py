"""What the server counts: `$stat` of the core and of sl, after each message that one case sends."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Case, request

_NAMES: Final = (
    "rcv_requests rcv_requests_options rcv_requests_message rcv_requests_invite rcv_requests_ack"
    " unsupported_methods rcv_replies rcv_replies_18x rcv_replies_1xx rcv_replies_1xx_invite"
    " rcv_replies_2xx rcv_replies_2xx_reg rcv_replies_4xx rcv_replies_404 rcv_replies_486"
    " rcv_replies_4xx_invite rcv_replies_6xx sent_replies 1xx_replies 200_replies 202_replies"
    " 2xx_replies 3xx_replies 302_replies 4xx_replies 404_replies 5xx_replies 500_replies"
    " 6xx_replies xxx_replies sent_err_replies"
).split()


def _show() -> str:
    """Differences to what each was when the case began: the client has asked before."""
    return "".join(
        f'    $var(n) = $stat({name}) - $shv({name});\n    if ($var(n) != 0) L("{name} $var(n)");\n'
        for name in _NAMES
    )


SCRIPT: Final = (
    "".join(f'modparam("pv", "shvset", "{name}=i:0")\n' for name in _NAMES)
    + "route[SHOW] {\n"
    + _show()
    + "}\nroute[BEGIN] {\n"
    + "".join(f"    $shv({name}) = $stat({name});\n" for name in _NAMES)
    + "}\nreply_route { drop; }\n"
    + """request_route {
    route(COMPAT_END);
    if ($rU == "begin") { route(BEGIN); exit; }
    if ($rU == "show") { route(SHOW); exit; }
    if ($rU == "404") sl_send_reply("404", "As asked");
}
"""
)


def _reply(status: int, method: str) -> bytes:
    return (
        (
            f"SIP/2.0 {status} Reply\r\nVia: SIP/2.0/UDP 127.0.0.1:{{server}};branch=z9hG4bK-9\r\n"
            "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-8\r\nFrom: <sip:a@h>;tag=1\r\n"
            f"To: <sip:b@h>;tag=2\r\nCall-ID: reply-{status}\r\nCSeq: 1 {method}\r\n"
            "Content-Length: 0\r\n\r\n"
        )
        .replace("\\\\r\\\\n", "\r\n")
        .encode()
    )


def _case(name: str, why: str, *messages: bytes) -> Case:
    begin, show = request(user="begin", call_id="b"), request(user="show", call_id="s")
    return Case(name, why, (begin, *messages, show))


CASES: Final = [
    _case(
        "requests",
        "requests by method; of a name of no method's own",
        request(user="a"),
        request("MESSAGE", user="a"),
        request("MESSAGE", user="a", call_id="c2"),
        request("INVITE", user="a"),
        request("ACK", user="a"),
        request("FOO", user="a"),
    ),
    _case(
        "replies",
        "replies by class, status and method",
        _reply(180, "INVITE"),
        _reply(183, "INVITE"),
        _reply(100, "INVITE"),
        _reply(200, "REGISTER"),
        _reply(404, "INVITE"),
        _reply(486, "INVITE"),
        _reply(488, "OPTIONS"),
        _reply(603, "INVITE"),
    ),
    _case(
        "sent",
        "replies that were made, which 5.6.3 does not count for $stat",
        request(user="404"),
    ),
]
