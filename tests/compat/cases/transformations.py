"""Transformations applied to texts of many kinds: one case for each, a line for each text."""

from __future__ import annotations

import re
from typing import Final

from tests.compat.case import Case, request

# Texts to transform, by name.
_TEXTS: Final[dict[str, int | str]] = {
    "list": "12,34,56", "empty": "", "int": 1234, "letters": "abcdefcgh", "blanks": "  a b\t",
    "utf": "Äb€", "minus": "-12", "zeros": "007", "big": "99999999999", "quoted": "'al'",
    "escaped": "a%20b", "hex": "6162636", "base64": "YWJjZA==", "tabs": "a  b\tc",
    "angle": "<x>", "negative": -7, "brackets": "[x]", "double": '"al"',
    "strange": "a b@c:d;e,f?g/h&i=j%k+l#m.n-o_p!q~r*s(t)u\"v'w\\x", "phone": "(040)1234/567-89",
}  # fmt: skip
_NUMBERS: Final[dict[str, int | str]] = {
    "n0": "-5", "n1": "+5", "n2": " 5", "n3": "5 ", "n4": "0x1F", "n5": "2147483647",
    "n6": "2147483648", "n7": "-2147483648", "n8": "00000000000000000005", "n9": "5.7",
    "na": "1_000", "nb": "-", "nc": "-2147483649",
}  # fmt: skip
_URIS: Final[dict[str, int | str]] = {
    "u1": "sip:alice:pw@server.com:5060;nat=yes;transport=tcp;lr;r2=on;ttl=5;user=phone"
    ";maddr=1.1.1.1;method=INVITE;ob?X=y&Z=w",
    "u2": "sips:h.example", "u4": "junk", "u5": "sip:b@[::1]:70", "u6": "<sip:a@b>",
    "u7": "sip:h:5070;transport=UDP", "u8": "urn:service:sos", "u9": "sip:a%20b@h;p=%41",
    "ua": "SIP:A@H.COM", "ub": "sip:a;x=1@h", "uc": "sip:h;lr=on", "ud": "sip:a@h?X=y",
    "ue": "sip:1.2.3.4:5060;transport=tls", "uf": " sip:a@h", "ug": "sip:a@h;p=1;p=2",
    "uh": "sip:a@h;p", "ui": "tel:+12",
}  # fmt: skip
_ADDRESSES: Final[dict[str, int | str]] = {
    "a1": '"test" <sip:test@k.net>;x=y', "a2": "Test T <sip:test@k.net:5;q=1>;tag=abc;x=y",
    "a3": "sip:test@k.net;tag=1", "a4": "junk", "a5": "<sip:a@b>,<sip:c@d>",
    "a6": '"a,b" <sip:a@b>', "a7": '"unclosed <sip:a@b>', "a8": "<sip:a@b",
    "a9": '"q\\"r" <sip:a@b>;tag="t"', "aa": " <sip:a@b> ; tag = z ",
    "ab": "sip:a@b", "ac": "<sip:a@b>;tag=", "ad": "<tel:+1>;tag=4", "ae": "Test <sip:a@b>;x;tag=q",
}  # fmt: skip
_PARAMETERS: Final[dict[str, int | str]] = {
    "p1": "a=1;b=2;a=3", "p2": "a = 1 ; b = 2", "p3": ";a=1;;b=2;", "p4": 'd="x;y";e=1',
    "p5": "d='x;y';e=1", "p6": 'a=1;b="q,r";c=3', "p7": "a", "p8": "a=;b", "p9": "=1;b=2",
    "pa": "a b=1;c=2", "pb": "a=1&b=2&c", "pc": 'a=1;b="open', "pd": "A=1;b=x y z",
    "pf": "a=1,b=2", "pg": "a==1;b=2=3", "ph": " a=1", "pi": 'a="";b', "pj": "a=<x;y>;b=1",
    "pk": "a=1\r\nb=2", "pl": 'a="q"x;b=1', "pm": "a;b;c",
}  # fmt: skip
_LINES: Final[dict[str, int | str]] = {
    "l1": "l1\r\nl2\nab: x",
    "l2": "one",
    "l3": "a\r\nb\r\n",
    "l4": "\r\na",
}
_ALIASES: Final[dict[str, int | str]] = {
    "e1": "sip:127.0.0.1:5060;transport=udp", "e2": "sip:127.0.0.1", "e3": "sips:h",
    "e4": "sip:[::1];transport=tls", "e5": "sip:bob@h.example:77;transport=ws;x=y",
    "e6": "sip:h;transport=foo", "e7": "junk", "e8": "sip:h;transport=TLS",
}  # fmt: skip
_CODES: Final[dict[str, int | str]] = {
    "d1": "1.2.3.4~5060~0", "d2": "1.2.3.4~5060~1", "d3": "[::1]~5060~3", "d4": "1.2.3.4~5060~4",
    "d5": "1.2.3.4~5060~9", "d6": "1.2.3.4~5~x", "d7": "1.2.3.4~5~01", "d8": "1.2.3.4~x~1",
    "d9": "1.2.3.4~5~1~2",
}  # fmt: skip


def _literal(value: int | str) -> str:
    """A value as a script writes it."""
    if isinstance(value, int):
        return str(value)
    for letter, escaped in (
        ("\\", "\\\\"),
        ('"', '\\"'),
        ("\r", "\\r"),
        ("\n", "\\n"),
        ("\t", "\\t"),
    ):
        value = value.replace(letter, escaped)
    return f'"{value}"'


_ARGUMENTS: Final = '$var(two) = 2; $var(comma) = ","; $var(last) = -1; $var(name) = "nat";'


_OF_TEXT: Final = (
    "len md5 sha256 sha384 sha512 numeric tolower toupper trim rtrim ltrim rmws unquote unbracket "
    "encode.hexa encode.base58 encode.base64 encode.base64t encode.base64url encode.base64urlt "
    "escape.common unescape.common escape.user escape.param escape.csv urlencode.param corehash "
    "corehash,16 corehash,0 corehash,10 substr,1,0 substr,-2,1 substr,0,3 substr,9,1 substr,-20,1 "
    "substr,1,99 substr,0,0 substr,-1,0 substr,01,2 select,1,, select,-2,, select,0,, select,5,, "
    "select,-5,, select,0,c select,+1,, strip,2 strip,0 strip,99 strip,-1 striptail,2 striptail,0 "
    "striptail,99 striptail,-1 prefixes prefixes,2 prefixes,0 prefixes,99 prefixes.quoted "
    "prefixes.quoted,2 replace,a,XY replace,c, replace,cd,x replace,3,$rU rm,a rm,cd rm,$rm "
    "count,c count,2 count,$rU count,, after,c before,c after,x before,x after,2 before,3 after,, "
    "before,$rU replace,$var(comma),; rm,$var(comma) count,$var(comma) after,$var(comma) "
    "strip,$rU strip,$avp(no) substr,$rU,1 replace,$avp(no),x replace,c,$avp(no) rm,$avp(no) "
    "count,$avp(no) after,$avp(no) before,$avp(no) corehash,$rU prefixes,$rU"
).split()
# Numbers as texts and numbers from variables share a buffer of Kamailio's: only of texts.
_WITH_NUMBERS: Final = (
    "substr,$var(two),1 substr,1,$var(two) substr,$var(last),1 substr,0,$var(last) "
    "select,$var(two),, select,$var(last),, strip,$var(two) strip,$var(last) striptail,$var(two) "
    "prefixes,$var(two) corehash,$var(two)"
).split()
_OF_URI: Final = (
    "user host domain passwd port params headers scheme transport ttl uparam maddr method lr r2 "
    "tosocket param,nat param,$var(name) param,lr param,p"
).split()
_OF_PARAMETERS: Final = (
    "value,a value,b value,d value,e value,A count name,0 name,1 name,-1 name,-2 valueat,0 "
    "valueat,-1 valueat,$var(two) in,a in,b value,b,& count,& name,0,& valueat,1,& in,c,&"
).split()


_OF_ADDRESS: Final = (
    "nameaddr.name nameaddr.uri nameaddr.len tobody.uri tobody.display tobody.tag tobody.user "
    "tobody.host tobody.params"
).split()
_OF_LINES: Final = ("count at,0 at,-1 at,1 at,9 at,-9 at,$var(two) sw,ab sw,l sw,zz sw,$rU").split()
_GROUPS: Final[dict[str, dict[str, int | str]]] = {
    "TEXTS": _TEXTS,
    "ONLY_TEXTS": {name: each for name, each in _TEXTS.items() if isinstance(each, str)},
    "ASCII": {name: each for name, each in _TEXTS.items() if str(each).isascii()},
    "NUMBERS": {**_TEXTS, **_NUMBERS},
    "URIS": {**_URIS, "empty": "", "int": 1234},
    "ADDRESSES": {**_ADDRESSES, "empty": "", "int": 1234},
    "PARAMETERS": {**_PARAMETERS, "empty": "", "int": 1234},
    "LINES": {**_LINES, "empty": "", "letters": "abcdefcgh"},
    "ALIASES": {**_ALIASES},
    "CODES": {**_CODES},
}


def _rows() -> list[tuple[str, str | dict[str, int | str]]]:
    """Transformations, and the group of texts or the texts that each is applied to."""

    def some(*names: str) -> dict[str, int | str]:
        return {name: _TEXTS[name] for name in names}

    rows: list[tuple[str, str | dict[str, int | str]]] = [
        *((f"{{s.{each}}}", "TEXTS") for each in _OF_TEXT),
        *((f"{{s.{each}}}", "ONLY_TEXTS") for each in _WITH_NUMBERS),
        ("{s.int}", "NUMBERS"),
        ("{s.int}{s.len}", "NUMBERS"),
        ("{s.len}{s.len}", "TEXTS"),
        ("{s.select,1,,}{s.int}", "TEXTS"),
        ("{s.trim}{s.toupper}{s.md5}", "TEXTS"),
        (r"{s.select,1,\t}", some("tabs", "blanks", "list")),
        (r"{s.select,1,\\}", some("strange", "list")),
        ("{s.select,0, }", some("tabs", "blanks")),
        ("{s.replace, c, x}", some("letters")),
        ("{s.rm, c}", some("letters")),
        ("{s.rm,c }", some("letters")),
        ("{s. len}", some("letters")),
        ("{s.len }", some("letters")),
        ("{s.len} {s.len}", some("letters")),
        ("{s.replace,c,x$var(two)}", some("letters")),
        ("{s.replace,$(var(x){s.select,0,,}),Q}", some("list")),
        ("{s.strip,$(var(x){s.select,9,,})}", some("list")),
        ("{s.decode.hexa}", some("hex", "empty", "strange")),
        ("{s.decode.base58}", some("strange", "blanks")),
        ("{s.decode.base64}", some("base64", "empty")),
        ("{s.decode.base64t}", some("base64", "empty")),
        ("{s.decode.base64url}", some("base64", "empty")),
        ("{s.unescape.user}", some("escaped", "list", "letters", "strange")),
        ("{s.unescape.param}", some("escaped", "list", "letters", "strange")),
        ("{s.urldecode.param}", some("escaped", "list", "letters", "utf")),
        ("{s.ftime,%Y-%m-%d %H:%M:%S}", some("zeros", "int", "letters", "minus", "empty")),
        ("{re.subst,/c/X/g}", "TEXTS"),
        (r"{re.subst,/([a-c])(.)/\2\1/g}", "ASCII"),
        ("{re.subst,/B/x/i}", "TEXTS"),
        ("{re.subst,/.*/<$rU>/}", "TEXTS"),
        ("{re.subst,/[0-9]{2}/#/g}", "TEXTS"),
        ("{re.subst,#,#/#g}", "TEXTS"),
        ("{re.subst,/^.//}", "ASCII"),
        *((f"{{uri.{each}}}", "URIS") for each in _OF_URI),
        *((f"{{{each}}}", "ADDRESSES") for each in _OF_ADDRESS),
        *((f"{{param.{each}}}", "PARAMETERS") for each in _OF_PARAMETERS),
        *((f"{{line.{each}}}", "LINES") for each in _OF_LINES),
        ("{urialias.encode}", "ALIASES"),
        ("{urialias.decode}", "CODES"),
    ]
    return rows


# A block for each text would be more than Kamailio's memory holds: the texts are set in routes
# of their own, by number.


def _setting(group: str, texts: dict[str, int | str]) -> str:
    cases = "".join(
        f"    case {number}: $var(n) = {_literal(name)}; $var(x) = {_literal(text)}; break;\n"
        for number, (name, text) in enumerate(texts.items())
    )
    return f"route[SET_{group}] {{\n    switch ($var(i)) {{\n{cases}    }}\n    return;\n}}\n"


def _block(name: str, transformation: str, texts: str | dict[str, int | str]) -> str:
    """A route that logs what the transformation makes of each text, and of null."""
    written = transformation.replace("\\", "\\\\")
    null = f'    L("null [$(avp(no){written})]");\n'
    if isinstance(texts, str):
        loop = (
            f"    $var(i) = 0;\n    while ($var(i) < {len(_GROUPS[texts])}) {{\n"
            f'        route(SET_{texts});\n        L("$var(n) [$(var(x){written})]");\n'
            "        $var(i) = $var(i) + 1;\n    }\n"
        )
        return f"route[{name}] {{\n{loop}{null}}}\n"
    lines = "".join(
        f'    $var(x) = {_literal(text)}; L("{each} [$(var(x){written})]");\n'
        for each, text in texts.items()
    )
    return f"route[{name}] {{\n{lines}{null}}}\n"


_ROWS: Final = list(enumerate(_rows()))
_CALLS: Final = "".join(
    f'    if ($rU == "T{number}") {{ $rU = "c"; route(T{number}); exit; }}\n' for number, _ in _ROWS
)
SCRIPT: Final = "".join(
    [
        *(_setting(group, texts) for group, texts in _GROUPS.items()),
        *(_block(f"T{number}", *row) for number, row in _ROWS),
        f"request_route {{\n    route(COMPAT_END);\n    {_ARGUMENTS}\n{_CALLS}}}\n",
    ]
)
CASES: Final = [
    Case(
        f"{number}{re.sub(r'[^a-z0-9]+', '_', text).rstrip('_')}",
        text,
        (request(user=f"T{number}", call_id=f"T{number}"),),
    )
    for number, (text, _) in _ROWS
]
