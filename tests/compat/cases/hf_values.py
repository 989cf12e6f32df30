"""Selects of textopsx: values of headers, by number, and their parts."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Case

_GROUPS: Final[dict[str, str]] = {
    "values": "x_list x_list[1] x_list[2] x_list[-1] x_list[3] X_LIST[1] supported supported[2]"
    " supported[3] nosuch nosuch[1] subject call_id cseq max_forwards via[-1] via[1] x_empty"
    " x_empty[1]",
    "parts": "x_list.uri x_list[1].uri x_list.name x_list[1].name x_list[1].p.uri x_list[1].p.name"
    " x_list[1].param.uri x_list[1].p.none x_list[3].p.none",
    "addresses": "route route[1] route[2] route[-1] route.uri route[2].uri route[2].name route.name"
    " route[2].uri.host route[2].uri.port route[2].uri.user route[2].nameaddr.name"
    " route[2].nameaddr.uri route[1].nameaddr.name route[2].p.P route[2].p.p route[2].p.q"
    " route[3].uri route[4].uri route[4].name route[1].uri.params.lr from from.uri from.name"
    " from[1].uri.user from[1].p.tag contact contact.uri contact[1].uri contact[1].p.x"
    " session_expires session_expires.uri session_expires[1].uri",
}
_OTHERS: Final[dict[str, list[str]]] = {
    "lines": [
        f"hf_value2.{each}"
        for each in (
            "authorization authorization[1] authorization[2] authorization[-1] authorization[3]"
            " x_list subject nosuch nosuch[1]"
        ).split()
    ],
    "exists": [
        f"hf_value_exists.{each}"
        for each in "supported.path supported.PATH supported.timer supported.nope nosuch.x"
        " x_list.one x_list.two".split()
    ],
}
_PATHS: Final = {
    **{name: [f"hf_value.{each}" for each in paths.split()] for name, paths in _GROUPS.items()},
    **_OTHERS,
}


def _group(name: str, paths: list[str]) -> str:
    lines = [f'L("{path} [$sel({path})]");' for path in paths]
    return "\n    ".join([f"route[{name}] {{", *lines]) + "\n}\n"


SCRIPT: Final = "".join(
    [
        'loadmodule "textopsx.so"\n',
        *(_group(name, paths) for name, paths in _PATHS.items()),
        "request_route {\n    route(COMPAT_END);\n",
        *(f'    if ($hdr(X-Case) == "{name}") {{ route({name}); exit; }}\n' for name in _PATHS),
        "}\n",
    ]
)

_MESSAGE: Final = """\
OPTIONS sip:bob@compat.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1;x=y
Via: SIP/2.0/UDP 192.0.2.7:5061;branch=z9hG4bK-2, SIP/2.0/TCP 192.0.2.8;branch=b3
From: "Al" <sip:alice@a.example>;tag=a1
To: <sip:bob@b.example>
Call-ID: call-1
CSeq: 1 OPTIONS
Route: <sip:r1@h1;lr=on>;p=1, "N, n" <sip:r2@h2:5080;lr>;P=2;q
Route: <sip:r3@h3>
Supported: path, 100rel
Supported: timer
X-List: one;my_param=v1;uri=U;name="N x" , two;my_param="q v"
X-Empty:
Authorization: Digest username="u", realm="r, s", nonce=n1, integrity-protected=yes
Authorization: Digest username="u2",realm=r2
Session-Expires: 1800;refresher=uac
Subject: a, b
Contact: sip:plain@h;x=1
X-Case: CASE
Max-Forwards: 70
Content-Length: 0

"""

CASES: Final = [
    Case(name, f"@hf_value and its kin, {name}", (datagram.replace("\n", "\r\n").encode(),))
    for name in _PATHS
    for datagram in [_MESSAGE.replace("CASE", name)]
]
