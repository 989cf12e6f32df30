"""Datagrams for `replies.cfg`."""

from __future__ import annotations

from tests.compat.case import Case, request

_VIA = "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\r\n"


def _via(text: str) -> str:
    return f"Via: SIP/2.0/UDP {text}\r\n"


def _reply(
    status: str = "200 OK",
    first: str = "127.0.0.1:{server}",
    second: str | None = "127.0.0.1:{other}",
    extra: str = "",
) -> bytes:
    vias = [each for each in (first, second) if each is not None]
    lines = "".join(
        f"Via: SIP/2.0/UDP {each};branch=z9hG4bK-{n}\r\n" for n, each in enumerate(vias)
    )
    return (
        f"SIP/2.0 {status}\r\n{lines}From: <sip:a@caller.example>;tag=a1\r\n"
        f"To: <sip:b@callee.example>;tag=b1\r\nCall-ID: reply\r\nCSeq: 1 INVITE\r\n"
        f"{extra}Content-Length: 0\r\n\r\n"
    ).encode()


_OTHER_ORDER = (
    b"OPTIONS sip:bob@compat.example SIP/2.0\r\nCSeq: 1 OPTIONS\r\nCall-ID: order\r\n"
    b"To: <sip:b@c>\r\nVia: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\r\n"
    b"From: <sip:a@c>;tag=a1\r\nContent-Length: 0\r\n\r\n"
)

CASES = [
    # --- the reply itself
    Case("plain", "A reply has Via, From, To with a tag, Call-ID, CSeq.", (request(),)),
    Case("unanswered", "What the script does not answer gets nothing.", (request(user="none"),)),
    Case("to-tag", "A tag in To stays.", (request(to="<sip:bob@callee.example>;tag=b7"),)),
    Case(
        "to-tag-quoted",
        "A tag within quotes is none.",
        (request(to='"x;tag=1" <sip:bob@callee.example;tag=2>'),),
    ),
    Case("to-tag-spaces", "Blanks around the tag.", (request(to="<sip:b@c> ; tag = x1"),)),
    Case("to-bare", "To without angle brackets.", (request(to="sip:bob@callee.example"),)),
    Case(
        "compact",
        "Compact forms are copied as they are.",
        (
            request(via="v: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\r\n")
            .replace(b"From:", b"f:")
            .replace(b"To:", b"t:"),
        ),
    ),
    Case(
        "folded",
        "Folded lines are copied as they are.",
        (request(to="<sip:bob@callee.example>\r\n ;x=y"),),
    ),
    Case(
        "spelling",
        "Spelling and blanks of what is copied stay.",
        (request(from_="Alice  <sip:a@c>;TAG=a1").replace(b"From:", b"FROM :"),),
    ),
    Case(
        "header-order",
        "Order of copied headers.",
        (_OTHER_ORDER,),
    ),
    Case("error", "sl_reply_error without an error.", (request(user="error"),)),
    Case("variables", "Arguments with variables.", (request(user="variables"),)),
    Case("extra", "append_to_reply in order.", (request(user="extra"),)),
    Case("twice", "Two replies, as the script says.", (request(user="twice"),)),
    Case("trying", "A 100 has no tag.", (request(user="trying"),)),
    Case(
        "trying-timestamp",
        "Timestamp in a 100.",
        (request(user="trying", extra="Timestamp: 54\r\n"),),
    ),
    Case("timestamp", "No Timestamp in others.", (request(extra="Timestamp: 54\r\n"),)),
    Case("redirect", "302", (request(user="redirect"),)),
    Case("moved", "302 after the Request-URI was changed.", (request(user="moved"),)),
    Case("moved-user", "301 after its user was changed.", (request(user="moved-user"),)),
    Case("moved-more", "The order of Contact and lines added.", (request(user="moved-more"),)),
    Case("moved-404", "404 after it was changed.", (request(user="moved-404"),)),
    Case("moved-next", "302 with a next hop.", (request(user="moved-next"),)),
    Case("moved-branch", "302 with a branch.", (request(user="moved-branch"),)),
    Case("moved-branches", "302 with branches, changed.", (request(user="moved-branches"),)),
    Case("decline", "603", (request(user="decline"),)),
    Case("send_reply", "send_reply()", (request(user="send_reply"),)),
    Case("sl_reply", "sl_reply()", (request(user="sl_reply"),)),
    Case("invite", "An INVITE.", (request("INVITE"),)),
    Case("unknown-method", "A method that nobody knows.", (request("DANCE"),)),
    Case(
        "record-route",
        "Record-Route in a 200.",
        (request("INVITE", extra="Record-Route: <sip:p1;lr>\r\nRecord-Route: <sip:p2;lr>\r\n"),),
    ),
    Case(
        "record-route-404",
        "Record-Route in a 404.",
        (request("INVITE", "sl_reply", extra="Record-Route: <sip:p1;lr>\r\n"),),
    ),
    Case(
        "maxfwd",
        "sl_reply_error after Max-Forwards reached 0.",
        (request(user="maxfwd").replace(b"Max-Forwards: 70", b"Max-Forwards: 0"),),
    ),
    # --- Via
    Case(
        "via-two-lines", "Two Via lines.", (request(via=_VIA + _via("p.example;branch=z9hG4bK-2")),)
    ),
    Case(
        "via-one-line",
        "Two Vias in one line.",
        (
            request(
                via="Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK, SIP/2.0/TCP p.example\r\n"
            ),
        ),
    ),
    Case(
        "via-other-host",
        "received is added when the host differs.",
        (request(via=_via("pc.example:{client};branch=z9hG4bK-1")),),
    ),
    Case(
        "via-other-address",
        "received is added when the address differs.",
        (request(via=_via("192.0.2.9:{client};branch=z9hG4bK-1")),),
    ),
    Case(
        "via-received-there",
        "A received of the client.",
        (request(via=_via("192.0.2.9:{client};received=192.0.2.7;branch=z9hG4bK-1")),),
    ),
    Case(
        "via-port",
        "The reply goes to the Via's port.",
        (request(via=_via("127.0.0.1:{other};branch=z9hG4bK-1")),),
    ),
    Case(
        "via-rport",
        "rport is filled in, and the reply goes to the source port.",
        (request(via=_via("127.0.0.1:{other};rport;branch=z9hG4bK-1")),),
    ),
    Case(
        "via-rport-value",
        "An rport with a value.",
        (request(via=_via("127.0.0.1:{other};rport=99;branch=z9hG4bK-1")),),
    ),
    Case(
        "via-rport-last",
        "rport as the last parameter.",
        (request(via=_via("127.0.0.1:{client};branch=z9hG4bK-1;rport")),),
    ),
    Case(
        "force-rport",
        "force_rport()",
        (request(user="rport", via=_via("127.0.0.1:{other};branch=z9hG4bK-1")),),
    ),
    Case("via-no-branch", "A Via without a branch.", (request(via=_via("127.0.0.1:{client}")),)),
    Case(
        "via-spaces",
        "Blanks in the Via.",
        (request(via="Via: SIP / 2.0 / UDP  127.0.0.1:{client} ;branch=z9hG4bK-1\r\n"),),
    ),
    Case(
        "via-lower-case",
        "The protocol in small letters.",
        (request(via="via: sip/2.0/udp 127.0.0.1:{client};branch=z9hG4bK-1\r\n"),),
    ),
    Case(
        "via-tcp",
        "Another transport in the Via.",
        (request(via="Via: SIP/2.0/TCP 127.0.0.1:{client};branch=z9hG4bK-1\r\n"),),
    ),
    Case(
        "via-ipv6",
        "IPv6 in the Via.",
        (request(via=_via("[2001:db8::1]:{client};branch=z9hG4bK-1")),),
    ),
    Case(
        "via-maddr",
        "maddr",
        (request(via=_via("127.0.0.1:{client};maddr=192.0.2.1;branch=z9hG4bK-1")),),
    ),
    # --- ACK
    Case("ack", "An ACK is never answered.", (request("ACK"),)),
    Case("ack-send_reply", "Nor by send_reply().", (request("ACK", "send_reply"),)),
    Case(
        "ack-tag",
        "An ACK with somebody's tag reaches the script.",
        (request("ACK", to="<sip:b@c>;tag=x"),),
    ),
    # --- replies of others
    Case("forward", "A reply goes on to the second Via.", (_reply(),)),
    Case(
        "forward-one-line",
        "Both Vias in one line.",
        (_reply(first="127.0.0.1:{server}, SIP/2.0/UDP 127.0.0.1:{other}", second=None),),
    ),
    Case(
        "forward-received",
        "received and rport of the second Via.",
        (_reply(second="192.0.2.7:9;received=127.0.0.1;rport={other}"),),
    ),
    Case(
        "forward-headers", "Everything else stays.", (_reply(extra="X-A:  1\r\nx-b: 2\r\n 3\r\n"),)
    ),
    Case("forward-dropped", "A dropped reply goes nowhere.", (_reply("486 Busy Here"),)),
    Case("forward-exit", "exit does not drop it.", (_reply("487 Request Terminated"),)),
    Case(
        "forward-changed",
        "Changes of the script.",
        (_reply("488 Not Acceptable Here", extra="X-Gone: 1\r\n"),),
    ),
    Case("reply-one-via", "A reply with our Via alone goes nowhere.", (_reply(second=None),)),
    Case(
        "reply-not-ours", "A reply whose first Via is not ours.", (_reply(first="192.0.2.1:5060"),)
    ),
]
