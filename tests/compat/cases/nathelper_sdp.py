"""nathelper: what becomes of SDP."""

from __future__ import annotations

from typing import Any, Final

from tests.compat.natted import HEAD, TYPE, NatTable, sdp

_table = NatTable()
_SDP: Final[dict[str, Any]] = {"extra": TYPE, "body": sdp()}

# --- fix_nated_sdp() ------------------------------------------------------------------------------

_BODIES: Final = {
    "plain": sdp(),
    "media": sdp(media="c=IN IP4 10.1.1.1\r\n"),
    "hold": sdp("0.0.0.0"),
    "hold-media": sdp(media="c=IN IP4 0.0.0.0\r\n"),
    "rtcp": sdp(media="a=rtcp:4001 IN IP4 10.1.2.3\r\n"),
    "rtcp-port": sdp(media="a=rtcp:4001\r\n"),
    "session-rtcp": sdp(session="a=rtcp:4001 IN IP4 10.1.2.3\r\n"),
    "name": sdp("phone.example", owner="phone.example"),
    "same": sdp("127.0.0.1", owner="127.0.0.1"),
    "two": sdp() + "m=video 5000 RTP/AVP 31\r\nc=IN IP4 10.1.1.9\r\n",
    "two-plain": sdp() + "m=video 5000 RTP/AVP 31\r\n",
    "no-c": sdp().replace("c=IN IP4 10.1.2.3\r\n", ""),
    "marked": sdp() + "a=nortpproxy:yes\r\n",
    "old": sdp() + "a=oldmediaip:10.1.2.3\r\n",
    "active": sdp() + "a=direction:active\r\n",
    "lf": sdp().replace("\r\n", "\n"),
    "no-end": sdp().removesuffix("\r\n"),
    "multicast": sdp("224.2.1.1/127"),
    "blanks": sdp().replace("c=IN IP4 10", "c=IN  IP4  10"),
    "rtcp-other": sdp(media="a=rtcp:4001 IN IP4 10.9.9.9\r\nc=IN IP4 10.1.1.1\r\n")
    + "m=video 5000 RTP/AVP 31\r\na=rtcp:4003 IN IP4 10.9.9.8\r\n",
    "rtcp-blanks": sdp(media="a=rtcp: 4001  IN  IP4  10.9.9.9 \r\n"),
    "rtcp-hold": sdp(media="a=rtcp:4001 IN IP4 0.0.0.0\r\n"),
    "owner-hold": sdp(owner="0.0.0.0"),
    "hold-six": sdp().replace("IP4 10.1.2.3", "IP6 ::"),
    "two-owners": sdp() + "v=0\r\no=b 1 1 IN IP4 10.4.4.4\r\n",
    "c-more": sdp().replace("c=IN IP4 10.1.2.3", "c=IN IP4 10.1.2.3 x"),
    "two-c": sdp().replace("t=0 0", "c=IN IP4 10.5.5.5\r\nt=0 0"),
    "two-no-end": (sdp() + "m=video 5000 RTP/AVP 31\r\na=x").replace("a=sendrecv\r\n", ""),
    "no-m": sdp().partition("m=")[0],
    "empty-line": sdp() + "\r\n",
    "empty": "",
    "broken": "v=0\r\n",
    "nonsense": "hello\r\n",
}
for _name, _body in _BODIES.items():
    for _call in (
        'fix_nated_sdp("0")',
        'fix_nated_sdp("1")',
        'fix_nated_sdp("2")',
        'fix_nated_sdp("4")',
        'fix_nated_sdp("8")',
        'fix_nated_sdp("15")',
        'fix_nated_sdp("10", "203.0.113.5")',
    ):
        _table.goes_on(
            f"sdp-{_name}-{_call[15:].partition(chr(34))[0]}",
            "The SDP that goes on.",
            _call,
            extra=TYPE,
            body=_body,
        )
for _name, _call in {
    "forms": "fix_nated_sdp(2)",
    "16": 'fix_nated_sdp("16")',
    "30": 'fix_nated_sdp("30")',
    "variable": '$var(f) = 2; fix_nated_sdp("$var(f)")',
    "ip-variable": '$avp(i) = "203.0.113.6"; fix_nated_sdp("2", "$avp(i)")',
    "ip-name": 'fix_nated_sdp("2", "host.example")',
    "ip-odd": 'fix_nated_sdp("2", "1.2.3")',
    "ip-1": 'fix_nated_sdp("1", "203.0.113.5")',
    "twice": 'fix_nated_sdp("2"); fix_nated_sdp("8")',
    "twice-1": 'fix_nated_sdp("1"); fix_nated_sdp("1")',
    "applied": 'fix_nated_sdp("10"); msg_apply_changes(); fix_nated_sdp("10", "203.0.113.5")',
}.items():
    _table.goes_on(f"sdp-call-{_name}", "The SDP that goes on.", _call, **_SDP)
_table.goes_on(
    "sdp-text",
    "A body that is no SDP.",
    'fix_nated_sdp("2")',
    extra="Content-Type: text/plain\r\n",
    body=sdp(),
)
_table.goes_on("sdp-no-type", "A body without a type.", 'fix_nated_sdp("2")', body=sdp())
_table.goes_on("sdp-nothing", "No body.", 'fix_nated_sdp("2")')
_table.goes_on(
    "sdp-mixed",
    "SDP as one of several parts.",
    'fix_nated_sdp("15")',
    extra="Content-Type: multipart/mixed;boundary=b1\r\n",
    body="--b1\r\nContent-Type: application/sdp\r\n\r\n"
    + sdp()
    + "\r\n--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1--\r\n",
)

CASES: Final = _table.cases
SCRIPT: Final = HEAD + _table.request_route
