"""Selects read on messages of several kinds: a case for each group of them and each message."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Case

_URI: Final = (
    ".host .hostport .params .params.nosuch .params.transport .params.a .port .pwd .type .user "
    ".transport"
).split()
_VIA: Final = (
    ".name .version .transport .host .port .comment .params.x .branch .received .rport .i .alias"
).split()
_CREDENTIALS: Final = (
    ".username .username.user .username.domain .realm .nonce .uri .cnonce .nc .response .opaque "
    ".algorithm .qop"
).split()


def _below(root: str, parts: list[str]) -> list[str]:
    return [root, *(f"{root}{part}" for part in parts)]


def _address(root: str, *more: str) -> list[str]:
    return _below(root, [".name", ".uri", ".params.x", ".params.q", *more]) + [
        f"{root}.uri{part}" for part in _URI
    ]


_GROUPS: Final[dict[str, list[str]]] = {
    "ruri": [each for each in _below("ruri", _URI) if each != "ruri.params"],
    "dst_uri": _below("dst_uri", _URI),
    "next_hop": [each for each in _below("next_hop", _URI) if each != "next_hop.params"],
    "from": [*_address("from", ".tag"), "f", "f.tag", "From", "FROM.tag", "from.uri.HOST"],
    "to": [*_address("to", ".tag"), "t", "t.uri.host", 'to.params["tag"]'],
    "contact": [
        *_address("contact", ".q", ".expires", ".methods", ".received", ".instance", ".params.z"),
        "m.uri",
        "m.expires",
    ],
    "record_route": [*_address("record_route", ".params.p"), "rr", "rr.uri", "rr.uri.params.lr"],
    "rpid": [*_address("rpid", ".tag", ".params.party"), "remote_party_id.uri.user"],
    "refer_to": _address("refer_to", ".tag"),
    "via": [*_below("via", _VIA), *_below("v", _VIA)],
    "via_1": _below("via[1]", _VIA),
    "via_2": _below("via[2]", _VIA),
    "via_3": _below("via[3]", _VIA)[1:],
    "via_last": _below("via[-1]", [".version", ".transport", ".host", ".branch", ".rport"]),
    "via_none": _below("via[0]", _VIA) + _below("via[9]", _VIA),
    "headers": (
        "call_id content_length content_type date expires identity identity_info max_forwards "
        "min_se organization priority reason session_expires sip_if_match subject user_agent "
        "event method version cseq cseq.num cseq.method"
    ).split(),
    "authorization": [
        *_below('authorization["real m"]', _CREDENTIALS),
        *_below('authorization["other"]', _CREDENTIALS),
        "authorization.realm",
        *_below('authorization["none"]', _CREDENTIALS),
    ],
    "proxy_authorization": [
        *_below('proxy_authorization["prox"]', _CREDENTIALS),
        *_below("proxy_authorization.prox", [".username", ".realm"]),
    ],
    "msg": [
        "msg.type", "msg.len", "msg.first_line", "msg.flags", "msg.body", "msg.body.sdp",
        "msg.header.subject", 'msg.header["Subject"]', 'msg.header["X-Foo"]', "msg.header.x_foo",
        'msg.header["i"]', 'msg.header["Call-ID"]', "msg.header.nosuch",
        "msg.header.P_Asserted_Identity",
    ],
    "addresses": (
        "src.ip src.port src.ip_port dst.ip dst.port dst.ip_port received.ip received.port "
        "received.ip_port received.proto received.proto_ip_port"
    ).split(),
    "parameters": [
        "cfg_get.custom.num", "cfg_get.custom.txt", 'cfg_get.custom["num"]', "cfg_get.other.flag",
        "cfg_get.other.hex", "cfg_get.other.octal", "cfg_get.other.large", "cfg_get.other.joined",
        "cfg_get.other.empty", "cfg_get.core.debug", "cfg_get.core.max_while_loops",
        "cfg_get.core.force_rport",
    ],
}  # fmt: skip

_PARAMETERS: Final = """\
custom.num = 5 desc "a number"
custom.txt = "text here" descr "a text"
other.flag = yes
other.hex = 0x1F;
other.octal = 010 description "eight"
other.large = 4294967295
other.joined = "a" "b"
other.empty = ""
"""

_CONDITIONS: Final = (
    '@to.tag == ""', "@to.tag == $null", "@to.tag == 0", "defined @to.tag", '@from.tag == "a1"',
    "@from.tag == $ft", "@cseq.num == 17", '@from.tag =~ "^a"', "strempty(@to.tag)",
    "@cfg_get.custom.num == 5", "$sel(to.tag) == $null", '$sel(to.tag) == ""',
    '@via[1].branch == "z9hG4bK-1"', "@via.branch == @via[1].branch", "@ruri.user == $rU",
    '@cfg_get.custom.txt == "text here"', '@method == "INVITE"',
    '@msg.header["Subject"] =~ "Hello"', '@cseq.num == "17"', '@event == "presence"',
    "strlen(@event) == 8", "(int)@cseq.num == 17", "$sel(cfg_get.custom.num) > 4",
)  # fmt: skip
_VALUES: Final = (
    '@to.tag + "x"', '@from.tag + "x"', '"x" + @to.tag', "$sel(to.tag)", "$sel(from.tag)",
    "@cfg_get.custom.num + 1", "$sel(cfg_get.custom.num) + 1", "@cseq.num + 1",
    "$(sel(from.tag){s.len})", "$sel(@from.tag)",
)  # fmt: skip


def _group(name: str, paths: list[str]) -> str:
    lines = []
    for number, path in enumerate(paths):
        escaped = path.replace('"', '\\"')
        lines.append(f'$var(y) = @{path}; L("{number} [$var(y)] [$sel({escaped})]");')
    return "\n    ".join([f"route[{name}] {{", *lines]) + "\n}\n"


def _expressions() -> str:
    lines = ["route[expressions] {"]
    lines += [
        f'if ({each}) {{ L("{number} then"); }} else {{ L("{number} else"); }}'
        for number, each in enumerate(_CONDITIONS)
    ]
    lines += [
        f'$var(y) = {each}; $avp(y) = {each}; L("value {number} [$var(y)] [$avp(y)]");'
        for number, each in enumerate(_VALUES)
    ]
    return "\n    ".join(lines) + "\n}\n"


_NAMES: Final = [*_GROUPS, "expressions"]
SCRIPT: Final = "".join(
    [
        _PARAMETERS,
        *(_group(name, paths) for name, paths in _GROUPS.items()),
        _expressions(),
        "request_route {\n    route(COMPAT_END);\n",
        *(f'    if ($hdr(X-Case) == "{name}") {{ route({name}); exit; }}\n' for name in _NAMES),
        "}\n",
    ]
)

_FULL: Final = """\
INVITE sip:bob:pw@compat.example:5070;transport=udp;user=phone?X=y&Z=w SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1;rport;i=7;alias;x=y
Via: SIP/2.0/TCP 192.0.2.7;branch=z9hG4bK-2;received=192.0.2.8;rport=5
v: SIP/2.0/UDP h.example:77;branch=z9hG4bK-3, SIP/2.0/TLS [::1]:5061;branch=z9hG4bK-4
Route: <sip:r1.example;lr;ftag=q>, <sip:r2.example:5062;lr>
Record-Route: <sip:rr1.example;lr>;p=1,<sip:rr2.example>
From: "Alice A" <sip:alice:fpw@caller.example:5063;a=b>;tag=a1;x="q z"
To: Bob <sips:bob@callee.example>
Call-ID: call-1
CSeq: 17 INVITE
Max-Forwards: 70
Contact: "C" <sip:c@ct.example:5064;transport=tcp>;expires=300;z=1, <sip:c2@ct2.example>;q=0.5;\
expires=9;methods="INVITE,BYE";received="sip:1.2.3.4";+sip.instance="<urn:uuid:1>"
Event: presence;id=5
Expires: 3600
Session-Expires: 1800;refresher=uac
Supported: timer, 100rel
User-Agent: UA/1.0
Subject: Hello there
X-Foo: a, b;p=1, "c" <sip:d@e>;q=2
X-Foo: d
Authorization: Digest username="alice@dom.example", realm="real m", nonce="no", uri="sip:u", \
response="rr", algorithm=MD5, cnonce="cn", opaque="op", qop=auth, nc=00000001
Authorization: Digest username="x", realm="other", nonce="n2", uri="sip:u2", response="r2"
Proxy-Authorization: Digest username="pal@pdom", realm="prox", nonce="n3", uri="sip:u3", \
response="r3"
P-Asserted-Identity: "P" <sip:pai@h>, <tel:+1>
Remote-Party-ID: "RP" <sip:rp@h>;party=calling;screen=yes
Content-Type: application/sdp
X-Case: CASE
Content-Length: 3

v=0"""
_SIPS: Final = """\
OPTIONS sips:compat.example;a;b=2 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1;received=127.0.0.1
From: sip:plain@h;tag=x
To: "a" <tel:+1>;tag=t
Call-ID: call-1
CSeq: 17 OPTIONS
Contact: *
Contact: <sip:second@h>
Refer-To: "RT" <sip:rt@h;a=1>;early-only;x=y
P-Asserted-Identity: <sip:p@h>
Remote-Party-ID: sip:x@y;party=called
Record-Route: <sip:a@rr;lr=on>
Date: Sat, 13 Nov 2010 23:29:00 GMT
Priority: urgent
Organization: An organization
Min-SE: 90
X-Case: CASE
Content-Length: 0

"""
_TEL: Final = """\
MESSAGE tel:+12;ext=5 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1
From: <sip:f@[::1]:5060>;tag=x
To: <sip:t@callee.example>
i: call-2
CSeq: 3 MESSAGE
m: <sip:c@h>;expires=5
c: text/plain
s: short forms
X-Case: CASE
l: 5

hello"""


def _datagram(message: str, name: str) -> bytes:
    return message.replace("CASE", name).replace("\n", "\r\n").encode()


CASES: Final = [
    Case(f"{kind}_{name}", f"@{name} on a message of kind {kind}", (_datagram(message, name),))
    for kind, message in (("full", _FULL), ("sips", _SIPS), ("tel", _TEL))
    for name in _NAMES
]
