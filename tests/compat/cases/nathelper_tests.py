"""nathelper: who is behind NAT."""

from __future__ import annotations

from typing import Any, Final

from tests.compat.natted import HEAD, TYPE, NatTable, contact, sdp

_table = NatTable()
_BITS: Final = (0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1023, 1024)


def _tests(name: str, why: str, before: str = "", **of: Any) -> None:
    calls = [f'nat_uac_test("{bit}")' for bit in _BITS]
    _table.codes(name, why, *calls, before=before, **of)


def _via(host: str, parameters: str = "") -> str:
    return f"Via: SIP/2.0/UDP {host};branch=z9hG4bK-1{parameters}\r\n"


# --- nat_uac_test() -------------------------------------------------------------------------------

_tests("plain", "A phone that shows where it is.", extra=contact("<sip:a@127.0.0.1:{client}>"))
_tests("none", "No Contact.")
for _name, _value in {
    "private": "<sip:a@10.1.2.3:{client}>",
    "private-172": "<sip:a@172.16.0.1>",
    "public-172": "<sip:a@172.32.0.1>",
    "private-192": "sip:a@192.168.0.1;expires=3",
    "carrier": "<sip:a@100.64.1.1>",
    "public-100": "<sip:a@100.128.1.1>",
    "protocols": "<sip:a@192.0.0.9>",
    "continuity": "<sip:a@192.0.0.1>",
    "link": "<sip:a@169.254.1.1>",
    "loopback": "<sip:a@127.9.9.9:{client}>",
    "name": "<sip:a@phone.example:{client}>",
    "six": "<sip:a@[fd00::1]>",
    "six-link": "<sip:a@[fe80::1]>",
    "several": "<sip:a@192.0.2.1>, <sip:a@10.0.0.1>",
    "several-public": "<sip:a@10.0.0.1>, <sip:a@192.0.2.1>",
    "tel": "<tel:+123>",
    "broken": "<sip:a@",
    "star": "*",
    "no-port": "<sip:a@127.0.0.1>",
    "default-port": "<sip:a@127.0.0.1:5060>",
    "ws": "<sip:a@127.0.0.1:{client};transport=ws>",
}.items():
    _tests(f"contact-{_name}", "What Contact says.", extra=contact(_value))
for _name, _host in {
    "other": "192.0.2.7:{client}",
    "other-port": "127.0.0.1:7777",
    "no-port": "127.0.0.1",
    "private": "10.1.1.1:{client}",
    "name": "phone.example:{client}",
    "localhost": "localhost:{client}",
    "six": "[::1]:{client}",
    "carrier": "100.64.0.1:{client}",
}.items():
    _tests(f"via-{_name}", "What the topmost Via says.", via=_via(_host))
_tests("via-received", "A Via with received.", via=_via("127.0.0.1:{client}", ";received=1.2.3.4"))
_tests("via-rport", "A Via with rport.", via=_via("127.0.0.1:7777", ";rport"))
_tests("via-rport-value", "A Via with rport.", via=_via("127.0.0.1:{client}", ";rport=99"))
_tests(
    "two-vias",
    "Two Vias.",
    via=_via("127.0.0.1:{client}") + _via("10.1.1.1"),
    extra=contact("<sip:a@127.0.0.1:{client}>"),
)
for _name, _before in {
    "private": '$du = "sip:10.1.1.1:99";',
    "same": '$ru = "sip:a@192.0.2.1:5070"; $du = "sip:192.0.2.1:5070";',
    "port": '$ru = "sip:a@192.0.2.1:5070"; $du = "sip:192.0.2.1:5071";',
    "host": '$ru = "sip:a@192.0.2.1:5070"; $du = "sip:192.0.2.2:5070";',
    "default": '$ru = "sip:a@192.0.2.1"; $du = "sip:192.0.2.1:5060";',
    "names": '$ru = "sip:a@Host.example"; $du = "sip:host.example";',
    "transport": '$ru = "sip:a@192.0.2.1:5070"; $du = "sip:192.0.2.1:5070;transport=tcp";',
    "ws": '$ru = "sip:a@192.0.2.1:5070;transport=ws"; $du = "sip:192.0.2.1:5070;transport=ws";',
    "ws-ruri": '$ru = "sip:a@192.0.2.1:5070;transport=ws";',
    "tel": '$ru = "tel:+1"; $du = "sip:192.0.2.1:5070";',
    "alias": '$ru = "sip:a@192.0.2.1:5070;alias=10.1.1.1~99~1";',
}.items():
    _tests(f"target-{_name}", "Where a request goes.", _before)
for _name, _body in {
    "private": sdp(),
    "public": sdp("192.0.2.1"),
    "source": sdp("127.0.0.1"),
    "media": sdp("127.0.0.1", media="c=IN IP4 10.1.1.1\r\n"),
    "media-other": sdp("127.0.0.1", media="c=IN IP4 192.0.2.9\r\n"),
    "hold": sdp("0.0.0.0"),
    "name": sdp("phone.example"),
    "six": sdp().replace("IP4 10.1.2.3", "IP6 fd00::1"),
    "carrier": sdp("100.64.0.1"),
    "media-only": sdp(media="c=IN IP4 10.1.1.1\r\n").replace("c=IN IP4 10.1.2.3\r\n", ""),
    "no-c": sdp().replace("c=IN IP4 10.1.2.3\r\n", ""),
    "multicast": sdp("224.2.1.1/127"),
    "spaces": sdp().replace("c=IN IP4 10", "c=IN  IP4  10"),
    "broken": "v=0\r\n",
    "session-only-other": sdp("192.0.2.1", media="c=IN IP4 127.0.0.1\r\n"),
    "private-under-public": sdp("192.0.2.1", media="c=IN IP4 10.1.1.1\r\n"),
    "public-under-private": sdp(media="c=IN IP4 192.0.2.1\r\n"),
    "second": sdp("127.0.0.1") + "m=video 5 RTP/AVP 31\r\nc=IN IP4 10.1.1.1\r\n",
    "second-other": sdp("127.0.0.1", media="c=IN IP4 127.0.0.1\r\n")
    + "m=video 5 RTP/AVP 31\r\nc=IN IP4 192.0.2.1\r\n",
    "first-of-two": sdp("127.0.0.1", media="c=IN IP4 10.1.1.1\r\n")
    + "m=video 5 RTP/AVP 31\r\nc=IN IP4 127.0.0.1\r\n",
    "no-port": sdp().replace("m=audio 4000", "m=audio 0"),
    "lf": sdp().replace("\r\n", "\n"),
    "no-end": sdp().removesuffix("\r\n"),
    "no-m": sdp().partition("m=")[0],
    "two-session": sdp("127.0.0.1").replace("t=0 0", "c=IN IP4 10.1.1.1\r\nt=0 0"),
    "blanks": sdp().replace("c=IN IP4 10.1.2.3", "c=IN IP4 10.1.2.3 "),
}.items():
    _tests(f"sdp-{_name}", "What the SDP says.", extra=TYPE, body=_body)
_tests("sdp-other", "A body that is no SDP.", extra="Content-Type: text/plain\r\n", body=sdp())
_tests(
    "sdp-mixed",
    "SDP as one of several parts.",
    extra="Content-Type: multipart/mixed;boundary=b1\r\n",
    body="--b1\r\nContent-Type: application/sdp\r\n\r\n"
    + sdp()
    + "\r\n--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n--b1--\r\n",
)
_table.codes(
    "test-forms",
    "Forms of the argument.",
    "nat_uac_test(1)",
    'nat_uac_test("$var(f)")',
    "nat_uac_test($var(f))",
    before="$var(f) = 1;",
    extra=contact("<sip:a@10.1.1.1>"),
)

# --- is_rfc1918() ---------------------------------------------------------------------------------

for _source in ("10.1.1.1", "100.64.1.1", "192.0.0.8", "169.254.1.1", "203.0.113.1"):
    _tests(
        f"source-{_source}",
        "Where it comes from.",
        f'set_source_address("udp:{_source}:5070");',
        extra=contact("<sip:a@203.0.113.1:5070>"),
        via=_via("203.0.113.1:5070"),
    )
_table.codes(
    "rfc1918",
    "Addresses.",
    *(
        f'is_rfc1918("{each}")'
        for each in (
            "10.0.0.0", "10.255.255.255", "11.0.0.1", "172.15.0.1", "172.16.0.1", "172.31.1.1",
            "172.32.1.1", "192.168.1.1", "192.169.1.1", "100.64.0.1", "100.127.1.1", "100.128.0.1",
            "192.0.0.1", "192.0.0.7", "192.0.0.8", "192.0.0.200", "192.0.1.1", "127.0.0.1",
            "169.254.0.1", "0.0.0.0", "fd00::1", "[fd00::1]", "fe80::1", "::ffff:10.0.0.1",
            "phone.example", "10.1.1.1.1", " 10.1.1.1", "10.1.1.1:5060", "010.1.1.1",
            "$si", "$rd", "$var(none)",
        )
    ),
    uri="sip:bob@10.1.1.1",
)  # fmt: skip

CASES: Final = _table.cases
SCRIPT: Final = HEAD + _table.request_route
