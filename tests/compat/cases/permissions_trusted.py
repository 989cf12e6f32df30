"""permissions: which rule of the table of trusted peers is about a request."""

from __future__ import annotations

from typing import Final

from tests.compat.case import Case, Files, request
from tests.kamailio_tables import tables

_ROWS: Final = (
    ("127.0.0.1", "udp", "^sip:alice@", None, "alice", 0),
    ("127.0.0.1", "any", "^sip:bob@", None, "bob", 0), ("10.0.0.1", "any", None, None, "ten", 0),
    ("10.0.0.2", "tcp", None, None, "two-tcp", 0), ("10.0.0.2", "udp", None, None, "two-udp", 0),
    ("10.0.0.3", "any", None, "^sip:x@", "three-x", 0), ("10.0.0.3", "any", None, "asked", None, 0),
    ("10.0.0.4", "any", None, None, "low", 1), ("10.0.0.4", "any", None, None, "high", 9),
    ("10.0.0.4", "any", None, None, "mid", 5), ("10.0.0.5", "any", "", "", "empty", 0),
    ("10.0.0.6", "ANY", None, None, "ANY", 0), ("10.0.0.7", "UDP", None, None, "UDP", 0),
    ("10.0.0.8", "any", None, None, None, 0), ("10.0.0.8", "any", None, None, "second", 0),
    ("host.example", "any", None, None, "host", 0), ("2001:db8::1", "any", None, None, "six", 0),
    ("10.0.0.9", "tls", None, None, "tls", 0), ("10.0.0.9", "ws", None, None, "ws", 0),
    ("10.0.0.9", "wss", None, None, "wss", 0), ("10.0.0.9", "sctp", None, None, "sctp", 0),
    ("10.0.0.10", "none", None, None, "none", 0), ("10.0.0.12", "any", "^sip:a", "^sip:b", "1", 0),
    ("10.0.0.12", "any", "^sip:q", "^sip:a", "2", 0),
)  # fmt: skip
_PATTERNS: Final = (
    "CALLER", "caller", "(alice)", r"\(alice\)", r"\(x\|alice\)", "a+lice", r"al\+ice", "al*ice",
    "^*sip", "*sip", "sip^", "^sip", "$x", "example$", "ex$ample", r"al\{1\}ice", "al{1}ice",
    r"al\?ice", "[[:alpha:]]ice", r"\.example", "a.ice", r"\(^sip\)", r"\(example$\)", "a|b",
    "x$|alice", "(", r"\<alice\>", r"^\(sip\):\1", r"\(*s\)", r"s\(*\)", r"x\|^sip", "^^sip",
    "example$$", r"\w", r"a\\", "[)]", r"[\(]alice", "[]x]", "[^]x]", "sip:[a]lice@[^x]*example$",
)  # fmt: skip
_PLACES: Final = (
    ("127.0.0.1", "udp"), ("127.0.0.1", "tcp"), ("10.0.0.1", "udp"), ("10.0.0.1", "UDP"),
    ("10.0.0.1", "any"), ("10.0.0.1", "none"), ("10.0.0.1", "xyz"), ("10.0.0.1", ""),
    ("10.0.0.2", "udp"), ("10.0.0.2", "tcp"), ("10.0.0.2", "tls"), ("10.0.0.2", "any"),
    ("10.0.0.3", "udp"), ("10.0.0.4", "udp"), ("10.0.0.5", "udp"), ("10.0.0.6", "udp"),
    ("10.0.0.7", "udp"), ("10.0.0.8", "udp"), ("host.example", "udp"), ("HOST.example", "udp"),
    ("2001:db8::1", "udp"), ("2001:db8:0::1", "udp"), ("[2001:db8::1]", "udp"),
    ("10.0.0.9", "tls"), ("10.0.0.9", "ws"), ("10.0.0.9", "wss"), ("10.0.0.9", "sctp"),
    ("10.0.0.10", "udp"), ("10.0.0.12", "udp"), ("10.0.0.99", "udp"), ("", "udp"),
    ("$avp(none)", "udp"), ("127.0.0.1", "$avp(none)"), ("$si", "$proto"),
    ("127.0.0.1' or '1'='1", "udp"), ("x' or src_ip like '%", "any"),
)  # fmt: skip
_URIS: Final = (
    "sip:alice@x", "sip:bob@x", "alice", "", "sip:carol@x", "$fu", "$avp(none)", "sip:q",
)  # fmt: skip


def calls() -> list[str]:
    """All ways in which it is asked."""
    return [
        "allow_trusted()",
        *(f'allow_trusted("{source}", "{protocol}")' for source, protocol in _PLACES),
        *(f'allow_trusted("127.0.0.1", "udp", "{uri}")' for uri in _URIS),
        *(f'allow_trusted("10.0.0.12", "udp", "{uri}")' for uri in _URIS),
        *(f'allow_trusted("10.1.0.{number}", "udp")' for number in range(len(_PATTERNS))),
    ]


def script(parameters: str) -> str:
    """A script that answers with 299 after the call whose number is the user."""
    pieces = "".join(
        f'    if ($rU == "asked-{number}") {{ {call}; $var(r) = $rc; }}\n'
        for number, call in enumerate(calls())
    )
    return (
        'loadmodule "db_sqlite.so"\nloadmodule "permissions.so"\n'
        'modparam("permissions", "db_url", "sqlite:///{folder}/db")\n'
        f'modparam("permissions", "peer_tag_avp", "$avp(tag)")\n{parameters}\n'
        f"request_route {{\n    route(COMPAT_END);\n{pieces}"
        '    L("$var(r) $(avp(tag)[*])"); sl_send_reply("299", "Asked");\n}\n'
    )


FILES: Files = {
    "db": tables(
        {
            "trusted": [
                *_ROWS,
                *(
                    (f"10.1.0.{number}", "any", pattern, None, "t", 0)
                    for number, pattern in enumerate(_PATTERNS)
                ),
            ]
        }
    )
}
SCRIPT = script('modparam("permissions", "peer_tag_mode", 1)')
CASES = [
    Case(f"asked-{number}", call, (request(user=f"asked-{number}"),), waits=True)
    for number, call in enumerate(calls())
]
