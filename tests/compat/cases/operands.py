"""Keyword operands, each in all comparisons that Kamailio takes, in three kinds of blocks.

A case is one operand in one kind of block; the log has each comparison that was true. `!~` is
refused by both, and so is `=~` with a number on its left.
"""

from __future__ import annotations

from typing import Final

from tests.compat.case import Case, request

_TEXTS: Final = ("==", "!=", "=~")
_NUMBERS: Final = ("==", "!=", "<", ">=")
_ADDRESSES: Final = (
    "127.0.0.1",
    '"127.0.0.1"',
    "127.0.0.0/8",
    "127.0.0.0/255.0.0.0",
    "10.0.0.0/8",
    '"10.0.0.1"',
    "10.0.0.1",
)

_OPERANDS: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "method": (_TEXTS, ('"OPTIONS"', "OPTIONS", '"options"', '"^opt"', "INVITE", '"X"', "$rm")),
    "uri": (
        _TEXTS,
        ('"sip:{case}@compat.example"', '"sip:"', '"COMPAT"', '"sip:{case}@COMPAT.example"', "$ru"),
    ),
    "from_uri": (_TEXTS, ('"sip:alice@caller.example"', '"ALICE"', '"^sip:alice$"', "$fu")),
    "to_uri": (_TEXTS, ('"sip:bob@callee.example"', '"BOB"', '"^sip:bob$"', "$tu")),
    "status": (_TEXTS, ('"200"', '"^2"', '"OPTIONS"')),
    "src_ip": (("==", "!="), (*_ADDRESSES, "myself", "$si")),
    "dst_ip": (("==", "!="), (*_ADDRESSES, "myself", "$Ri")),
    "src_port": (_NUMBERS, ("5060", "{client}", "$sp")),
    "dst_port": (_NUMBERS, ("5060", "{server}", "$Rp")),
    "proto": (("==", "!="), ("UDP", "TCP", "TLS", "SCTP", "1")),
    "af": (("==", "!="), ("INET", "INET6", "2", "10")),
    "msg:len": (_NUMBERS, ("100", "4096", "$ml")),
    "uri_": (("==", "!="), ("myself",)),
    "from_uri_": (("==", "!="), ("myself",)),
    "to_uri_": (("==", "!="), ("myself",)),
    "src_ip_": (("=~",), ('"^127"', '"^10"')),
    "dst_ip_": (("=~",), ('"^127"', '"^10"')),
}
# Of what is another type, and so odd in Kamailio; see `DIFFERENCES`.
_ODD: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "src_port__": (("==", "!="), ('"5060"', '"{client}"')),
    "proto__": (("==", "!="), ('"UDP"', '"udp"', '"TCP"')),
    "status__": (("==", "!="), ('""',)),
}
_OF_ONSEND: Final[dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    "snd_ip": (("==", "!="), ("127.0.0.1", '"127.0.0.1"', '"10.0.0.1"')),
    "snd_ip__": (("=~",), ('"^127"', '"^10"')),
    "to_ip__": (("=~",), ('"^127"', '"^10"')),
    "snd_ip_": (("==", "!="), ("127.0.0.0/8", "10.0.0.0/8", "myself")),
    "to_ip": (("==", "!="), ("127.0.0.1", '"127.0.0.1"', '"10.0.0.1"')),
    "to_ip_": (("==", "!="), ("127.0.0.0/8", "10.0.0.0/8", "myself")),
    "snd_port": (_NUMBERS, ("5060", "{server}")),
    "to_port": (_NUMBERS, ("5060", "{other}")),
    "snd_proto": (("==", "!="), ("UDP", "TCP")),
    "snd_af": (("==", "!="), ("INET", "INET6")),
}


def _tests(name: str, operators: tuple[str, ...], values: tuple[str, ...]) -> str:
    lines = []
    for operator in operators:
        if operator in ("<", ">=") and name not in _OF_NUMBERS:
            continue
        for value in values:
            if operator in ("<", ">=") and value.startswith('"'):
                continue
            test = f"{name.rstrip('_')} {operator} {value.replace('{case}', name)}"
            shown = test.replace('"', "'").replace("$", "$$")
            lines.append(f'        if ({test}) {{ L("{shown}"); }}')
    return "\n".join(lines)


_OF_NUMBERS: Final = frozenset({"src_port", "dst_port", "msg:len", "snd_port", "to_port"})


def _block(table: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]) -> str:
    return "\n".join(
        f'    if ($hdr(X-Case) == "{name}") {{\n{_tests(name, *row)}\n    }}'
        for name, row in table.items()
    )


SCRIPT: Final = f"""
request_route {{
    route(COMPAT_END);
    if ($hdr(X-Block) == "onsend") {{
        $du = "sip:127.0.0.1:{{other}}";
        forward();
        exit;
    }}
{_block({**_OPERANDS, **_ODD})}
    exit;
}}
onsend_route {{
    if ($hdr(X-Block) == "onsend") {{
{_block({**_OPERANDS, **_OF_ONSEND})}
    }}
}}
reply_route {{
{_block(_OPERANDS)}
    drop;
}}
"""


def _reply(name: str) -> bytes:
    return (
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 127.0.0.1:{server};branch=z9hG4bK-1\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-0\r\n"
        "From: <sip:alice@caller.example>;tag=a1\r\nTo: <sip:bob@callee.example>;tag=b1\r\n"
        f"Call-ID: call-1\r\nCSeq: 1 OPTIONS\r\nX-Case: {name}\r\nContent-Length: 0\r\n\r\n"
    ).encode()


def _request(name: str, block: str) -> bytes:
    return request(user=name, extra=f"X-Case: {name}\r\nX-Block: {block}\r\n")


CASES: Final = [
    *(
        Case(f"request-{n}", f"{n} in request_route", (_request(n, "request"),))
        for n in (*_OPERANDS, *_ODD)
    ),
    *(
        Case(f"onsend-{n}", f"{n} in onsend_route", (_request(n, "onsend"),))
        for n in (*_OPERANDS, *_OF_ONSEND)
    ),
    *(Case(f"reply-{n}", f"{n} in reply_route", (_reply(n),)) for n in _OPERANDS),
]
