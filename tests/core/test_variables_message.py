"""Variables of message, headers and addresses; the values are those of Kamailio 5.6.3."""

from __future__ import annotations

import operator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.core.functions import core
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language.signatures import Inner, Routes
from tests.fakes import context, read, reply, request

FULL = request(
    "INVITE",
    "sips:carol:pw@[2001:db8::1]:5070;transport=tcp;lr?X=y",
    from_='"Alice \\"A\\" B" <sip:+alice:sec@caller.example:5080;user=phone>;tag=a1;x=y',
    to="Bob  B <tel:+1234>;tag=t1",
    extra=(
        "Contact: <sip:me@1.2.3.4>;expires=60, <sip:me2@1.2.3.4>\r\n"
        "User-Agent: UA/1.0\r\nContent-Type: text/plain\r\nSubject: hi there\r\n"
        "Diversion: <sip:div@d.example>;reason=busy;privacy=full;counter=2\r\n"
        'P-Asserted-Identity: "PA" <sip:pai@p.example>\r\n'
        'P-Preferred-Identity: "PP" <sip:ppi@p.example>\r\n'
        "Remote-Party-ID: <sip:rpid@r.example>;screen=yes\r\n"
        "Refer-To: <sip:refer@r.example>\r\nRoute: <sip:1.1.1.1;lr>, <sip:2.2.2.2;lr>\r\n"
        'Expires: 30\r\nAuthorization: Digest username="joe@dom",realm="rlm",nonce="n",'
        'uri="sip:x@y",response="r",algorithm=MD5\r\n'
    ),
    body="hello",
)

PLAIN_VALUES = {
    "rm": "OPTIONS", "rmid": 512, "mt": 1, "rs": None, "rr": None, "rv": "SIP/2.0",
    "ru": "sip:bob@callee.example", "rU": "bob", "rUl": 3, "rd": "callee.example",
    "rp": "5060", "rP": "UDP", "rz": "sip",
    "ou": "sip:bob@callee.example", "oU": "bob", "od": "callee.example", "op": "5060",
    "oP": "UDP", "oUl": 3, "du": None, "dd": None, "dp": None, "dP": None,
    "fu": "sip:alice@caller.example", "fU": "alice", "fUl": 5, "fd": "caller.example",
    "fn": None, "ft": "a1", "tu": "sip:bob@callee.example", "tU": "bob", "tUl": 3,
    "td": "callee.example", "tn": None, "tt": None,
    "ci": "call-1", "cs": "1", "csb": "1 OPTIONS", "cl": 0, "cT": None, "ct": None, "ua": None,
    "rb": "", "bs": 0, "di": None, "dir": None, "dip": None, "dic": None, "re": None,
    "rt": None, "ai": None, "pu": None, "pU": None, "pd": None, "pn": None,
    "au": None, "ad": None, "aU": None, "ar": None, "aa": None, "adu": None,
    "adn": None, "adc": None, "ado": None, "adr": None, "mts": "rq", "rsi": 0,
    "from": "sip:alice@caller.example", "to": "sip:bob@callee.example", "duri": None,
    "ouri": "sip:bob@callee.example", "src_ip": "192.0.2.1", "fsp": 0,
    "Ras": "udp:192.0.2.9:5060",
    "Au": "alice@caller.example", "AU": "alice", "route_uri": "", "conid": None, "sid": 0,
    "si": "192.0.2.1", "siz": "192.0.2.1", "sp": 5070, "su": "sip:192.0.2.1:5070",
    "sut": "sip:192.0.2.1:5070;transport=udp", "sas": "udp:192.0.2.1:5070",
    "Ri": "192.0.2.9", "Rp": 5060, "Ru": "sip:192.0.2.9:5060",
    "Rut": "sip:192.0.2.9:5060;transport=udp", "RAi": "192.0.2.9", "RAp": 5060,
    "RAu": "sip:192.0.2.9:5060", "RAut": "sip:192.0.2.9:5060;transport=udp", "Rn": None,
    "pr": "udp", "proto": "udp", "prid": 1, "mf": 0, "mF": "00000000", "rc": 0, "null": None,
}  # fmt: skip

FULL_VALUES = {
    "rm": "INVITE", "rmid": 1, "ru": "sips:carol:pw@[2001:db8::1]:5070;transport=tcp;lr?X=y",
    "rU": "carol", "rd": "[2001:db8::1]", "rp": "5070", "rP": "tcp", "rz": "sips",
    "fu": "sip:+alice:sec@caller.example:5080;user=phone", "fU": "+alice", "fUl": 6,
    "fd": "caller.example", "fn": '"Alice \\"A\\" B"', "ft": "a1",
    "tu": "tel:+1234", "tU": "+1234", "td": None, "tn": "Bob  B", "tt": "t1",
    "csb": "1 INVITE", "cl": 5, "cT": "text/plain", "ua": "UA/1.0",
    "ct": "<sip:me@1.2.3.4>;expires=60, <sip:me2@1.2.3.4>", "rb": "hello", "bs": 5,
    "di": "sip:div@d.example", "dir": "busy", "dip": "full", "dic": "2",
    "re": "sip:rpid@r.example", "rt": "sip:refer@r.example", "ai": "sip:pai@p.example",
    "pu": "sip:ppi@p.example", "pU": "ppi", "pd": "p.example", "pn": '"PP"',
    "au": "joe", "ad": "dom", "aU": "joe@dom", "ar": "rlm", "aa": "MD5", "adu": "sip:x@y",
    "Au": "+alice@caller.example", "AU": "+alice", "route_uri": "sip:1.1.1.1;lr",
}  # fmt: skip

REPLY_VALUES = {
    "rm": "INVITE", "rmid": 1, "mt": 2, "rs": 180, "rr": "Ringing Now", "ru": None, "rU": None,
    "rd": None, "rp": None, "rP": None, "rz": None, "rUl": None, "ou": None, "oU": None,
    "op": None, "tt": "b1", "fU": "alice", "ua": "uu", "ct": "<sip:x@y>",
}  # fmt: skip


@pytest.mark.parametrize(("name", "value"), PLAIN_VALUES.items())
def test_of_a_plain_request(name: str, value: object) -> None:
    assert read(context(), name) == value


@pytest.mark.parametrize(("name", "value"), FULL_VALUES.items())
def test_of_a_request_with_everything(name: str, value: object) -> None:
    assert read(context(FULL), name) == value


@pytest.mark.parametrize(("name", "value"), REPLY_VALUES.items())
def test_of_a_reply(name: str, value: object) -> None:
    data = reply(
        180,
        "Ringing Now",
        method="INVITE",
        extra="Contact: <sip:x@y>\r\nServer: S1\r\nUser-Agent: uu\r\n",
    )
    assert read(context(data), name) == value


PLAIN_NAMES = sorted(
    name for name, each in core.signature.variables.items() if each.inner is Inner.NONE
)


@pytest.mark.parametrize("data", [request(), FULL, reply()], ids=["plain", "full", "reply"])
@pytest.mark.parametrize("name", PLAIN_NAMES)
def test_signatures_tell_the_truth(name: str, data: bytes) -> None:
    """The compiler chooses code by these promises."""
    signature = core.signature.variables[name]
    ctx = context(data)
    value = signature.get(ctx)
    assert isinstance(value, signature.values) or (value is None and signature.nullable)
    if signature.attribute is not None:
        assert operator.attrgetter(signature.attribute)(ctx) == value


# user, host, port, transport, scheme of a URI, null for what is no URI
URIS = [
    ("sip:bob@h", "bob", "h", "5060", "UDP", "sip"),
    ("sip:h", None, "h", "5060", "UDP", "sip"),
    ("sip:h:5061", None, "h", "5061", "UDP", "sip"),
    ("sips:bob@h", "bob", "h", "5060", "UDP", "sips"),
    ("sip:bob@h;transport=TLS", "bob", "h", "5061", "TLS", "sip"),
    ("sip:bob@h;transport=ws", "bob", "h", "5060", "ws", "sip"),
    ("sip:bob@h;transport=foo", "bob", "h", "5060", "foo", "sip"),
    ("sip:bob:pw@h:70;a=b?H=v", "bob", "h", "70", "UDP", "sip"),
    ("tel:+123;phone-context=x.com", "+123", None, "5060", "UDP", "tel"),
    ("urn:service:sos.fire", "service", "sos.fire", "5060", "UDP", "urn"),
    ("urn:x", None, "x", "5060", "UDP", "urn"),
    ("http://x.y/z", None, None, None, None, None),
    ("sip:bob%20x@h", "bob%20x", "h", "5060", "UDP", "sip"),
    ("sip:b@[::1]", "b", "[::1]", "5060", "UDP", "sip"),
    ("sip:", None, None, None, None, None),
    ("foo", None, None, None, None, None),
    ("sip:b@h:99999", None, None, None, None, None),
    ("SIP:Bob@H.Com", "Bob", "H.Com", "5060", "UDP", "sip"),
    ("sip:+123@h;user=phone", "+123", "h", "5060", "UDP", "tel"),
    ("sip:x;y=z@h", "x;y=z", "h", "5060", "UDP", "sip"),
    ("sip:b@h:5070;", "b", "h", "5070", "UDP", "sip"),
]


@pytest.mark.parametrize(("uri", "user", "host", "port", "transport", "scheme"), URIS)
def test_parts_of_the_request_uri(
    uri: str,
    user: str | None,
    host: str | None,
    port: str | None,
    transport: str | None,
    scheme: str | None,
) -> None:
    ctx = context()
    ctx.ruri = uri
    assert read(ctx, "ru") == (uri if scheme else None)
    found = tuple(read(ctx, name) for name in ("rU", "rd", "rp", "rP", "rz"))
    assert found == (user, host, port, transport, scheme)


def test_without_phone2tel_the_scheme_is_as_written() -> None:
    ctx = context(settings=Settings(phone2tel=False))
    ctx.ruri = "sip:+123@h;user=phone"
    assert read(ctx, "rz") == "sip"


FROMS = [
    ("sip:a@b;tag=x", "sip:a@b", None, "x"),
    ('"A B" <sip:a@b>', "sip:a@b", '"A B"', None),
    ('A B <sip:a@b>;tag="q"', "sip:a@b", "A B", "q"),
    ('"" <sip:a@b>;TAG=T', "sip:a@b", '""', "T"),
    ("<sip:a@b>;tag=", "sip:a@b", None, None),
    ("<sip:a@b> ; x ; tag = s", "sip:a@b", None, "s"),
    ('"A, <B>" <sip:a@b>;tag=1', "sip:a@b", '"A, <B>"', "1"),
    ("sip:a@b:5070;transport=tcp;tag=1", "sip:a@b:5070", None, "1"),
    ("<sip:a@b;tag=in>", "sip:a@b;tag=in", None, None),
    ("José <sip:a@b>", "sip:a@b", "José", None),
]


@pytest.mark.parametrize(("value", "uri", "display", "tag"), FROMS)
def test_from(value: str, uri: str, display: str | None, tag: str | None) -> None:
    ctx = context(request(from_=value))
    assert (read(ctx, "fu"), read(ctx, "fn"), read(ctx, "ft")) == (uri, display, tag)


MANY = request(
    extra=(
        "X-A: one\r\nX-B: two, three\r\nx-a: ONE2\r\nX-E:\r\n"
        "Contact: <sip:a@b>, <sip:c@d>\r\nm: <sip:e@f>\r\nk: path\r\nSupported: 100rel\r\n"
        "Record-Route: <sip:r1>, <sip:r2>\r\nRecord-Route: <sip:r3>\r\n"
        "Route: <sip:q1>,<sip:q2>\r\n"
        "Via: SIP/2.0/UDP 1.1.1.1, SIP/2.0/TCP 2.2.2.2:5;branch=q;rport=6;received=9.9.9.9;i=4\r\n"
        'X-Q: "a,b" <x,y>, c\r\nx-A: last\r\n'
    ),
    body="v=0\r\nx",
)

HEADERS = [
    ("X-A", None, "one"), ("x-a", 0, "one"), ("X-A", 1, "ONE2"), ("X-A", 2, "last"),
    ("X-A", 3, None), ("X-A", -1, "last"), ("X-A", -3, "one"), ("X-A", -4, None),
    ("X-A", "*", "one,ONE2,last"), ("X-B", None, "two, three"), ("X-E", None, ""),
    ("Contact", None, "<sip:a@b>, <sip:c@d>"), ("m", 1, "<sip:e@f>"), ("k", None, "path"),
    ("Supported", -1, "100rel"), ("k", "*", "path,100rel"), ("Nope", None, None),
    ("Nope", "*", None), ("Nope", 1, None), ("Content-Length", None, "6"), ("l", None, "6"),
    ("Via", None, "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1"), ("v", 2, None),
    ("*", None, "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1"), ("*", -1, "6"),
    ("*", 1, "<sip:alice@caller.example>;tag=a1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "index", "value"), HEADERS)
def test_headers_by_name(name: str, index: int | str | None, value: str | None) -> None:
    assert read(context(MANY), "hdr", name, index) == value


VALUES = [
    ("Via", None, "SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1"),
    ("Via", 1, "SIP/2.0/UDP 1.1.1.1"), ("Via", 3, None),
    ("Via", -1, "SIP/2.0/TCP 2.2.2.2:5;branch=q;rport=6;received=9.9.9.9;i=4"),
    ("Contact", None, "<sip:a@b>"), ("Contact", 2, "<sip:e@f>"), ("Record-Route", 1, "<sip:r2>"),
    ("Record-Route", 2, "<sip:r3>"), ("Route", 1, "<sip:q2>"), ("X-B", None, "two, three"),
    ("X-A", 1, "ONE2"), ("X-A", "*", "one,ONE2,last"), ("Nope", None, None),
]  # fmt: skip


@pytest.mark.parametrize(("name", "index", "value"), VALUES)
def test_single_values_of_headers(name: str, index: int | str | None, value: str | None) -> None:
    assert read(context(MANY), "hfl", name, index) == value


@pytest.mark.parametrize(
    ("name", "lines", "values"),
    [("Via", 2, 3), ("X-A", 3, 3), ("Contact", 2, 3), ("m", 2, 3), ("Nope", 0, 0),
     ("Record-Route", 2, 3), ("Route", 1, 2), ("X-B", 1, 1)],
)  # fmt: skip
def test_counting_headers(name: str, lines: int, values: int) -> None:
    ctx = context(MANY)
    assert (read(ctx, "hdrc", name), read(ctx, "hflc", name)) == (lines, values)


@pytest.mark.parametrize(
    ("name", "part", "value"),
    [("via0", "host", "192.0.2.1"), ("via0", "port", 5070), ("via0", "proto", "UDP"),
     ("via0", "protoid", 1), ("via0", "branch", "z9hG4bK-1"), ("via0", "rport", None),
     ("via0", "received", None), ("via1", "host", "1.1.1.1"), ("via1", "port", 5060),
     ("viaZ", "host", "2.2.2.2"), ("viaZ", "port", 5), ("viaZ", "proto", "TCP"),
     ("viaZ", "protoid", 2), ("viaZ", "branch", "q"), ("viaZ", "rport", "6"),
     ("viaZ", "received", "9.9.9.9"), ("viaZ", "i", "4")],
)  # fmt: skip
def test_vias(name: str, part: str, value: object) -> None:
    assert read(context(MANY), name, part) == value


def test_there_is_no_second_via() -> None:
    assert read(context(), "via1", "host") is None


@pytest.mark.parametrize(
    ("extra", "least", "most"),
    [
        ("Expires: 10\r\nContact: <sip:a@b>", 10, 10),
        ("Expires: 10\r\nContact: <sip:a@b>;expires=20", 20, 20),
        ("Contact: <sip:a@b>;expires=5\r\nContact: <sip:c@d>;expires=50", 5, 50),
        ("Contact: <sip:a@b>;expires=5, <sip:c@d>\r\nExpires: 100", 5, 100),
        ("Contact: <sip:a@b>;expires=5, <sip:c@d>", 5, 5),
        ("Contact: *\r\nExpires: 0", 0, 0),
        ("Contact: *", None, None),
        ("Contact: <sip:a@b>;expires=abc\r\nExpires: 7", None, None),
        ('Contact: <sip:a@b>;expires="9"', 9, 9),
        ("Expires: 5x", 5, 5),
        ("X: y", None, None),
    ],
)
def test_expires(extra: str, least: int | None, most: int | None) -> None:
    ctx = context(request("REGISTER", extra=extra + "\r\n"))
    assert (read(ctx, "expires", "min"), read(ctx, "expires", "max")) == (least, most)


DIGEST = 'Digest username="{}", realm="r", nonce="n", uri="sip:x", response="0"'


@pytest.mark.parametrize(
    ("extra", "values"),
    [
        (f"Authorization: {DIGEST.format('joe')}", ("joe", "", "joe", "r", "", "sip:x")),
        (f"Authorization: {DIGEST.format('a@b@c')}", ("a", "b@c", "a@b@c", "r", "", "sip:x")),
        (f"Authorization: {DIGEST.format('sip:joe@dom')}",
         ("joe", "dom", "sip:joe@dom", "r", "", "sip:x")),
        (f"Authorization: {DIGEST.format('joe')}\r\nProxy-Authorization: {DIGEST.format('joe')}",
         ("joe", "", "joe", "r", "", "sip:x")),
        (f"Authorization: Basic a\r\nAuthorization: {DIGEST.format('joe')}",
         ("joe", "", "joe", "r", "", "sip:x")),
        # Several people: whom a module would let in is not known yet.
        (f"Authorization: {DIGEST.format('joe')}\r\nProxy-Authorization: {DIGEST.format('px')}",
         (None, None, None, "r", "", "sip:x")),
        (f"Authorization: {DIGEST.format('joe')}\r\nAuthorization: {DIGEST.format('px')}",
         (None, None, None, "r", "", "sip:x")),
        (f"Authorization: {DIGEST.format('joe')}\r\nAuthorization: {DIGEST.format('joe@dom')}",
         (None, None, None, "r", "", "sip:x")),
        ((f"Authorization: {DIGEST.format('joe')}\r\n"
          f"Authorization: {DIGEST.format('px')}, nc=1, nc=2"),
         (None, None, None, "r", "", "sip:x")),
        # What is not read as a module reads it.
        (f"Authorization: {DIGEST.format('joe')}, x.username=px",
         ("joe", "", "joe", "r", "", "sip:x")),
        (f"Authorization: {DIGEST.format('joe')}, username=px",
         (None, None, None, None, None, None)),
        (f"Authorization: {DIGEST.format('joe')}; username=px",
         (None, None, None, None, None, None)),
        (f"Authorization: {DIGEST.format('joe')}, {DIGEST.format('joe')}",
         (None, None, None, None, None, None)),
        ("Authorization: DIGEST USERNAME=joe,realm=r,nonce=n,uri=sip:x,algorithm=SHA-256",
         ("joe", "", "joe", "r", "SHA-256", "sip:x")),
        ('Authorization: Digest realm="r"', ("", "", "", "r", "", None)),
        ("Authorization: Basic abc", (None, None, None, None, None, None)),
    ],
)  # fmt: skip
def test_credentials(extra: str, values: tuple[str | None, ...]) -> None:
    ctx = context(request("REGISTER", extra=extra + "\r\n"))
    assert tuple(read(ctx, name) for name in ("au", "ad", "aU", "ar", "aa", "adu")) == values


def test_parts_of_the_message() -> None:
    ctx = context(MANY)
    first = str(read(ctx, "msg", "fline"))
    rest = str(read(ctx, "msg", "lpart"))
    assert first == "OPTIONS sip:bob@callee.example SIP/2.0"
    assert f"{first}\r\n{rest}" == read(ctx, "msg", "buf") == read(ctx, "mb") == MANY.decode()
    assert rest == f"{read(ctx, 'msg', 'hdrs')}\r\n\r\n{read(ctx, 'msg', 'body')}"
    assert read(ctx, "msg", "fpart") == f"{first}\r\n{read(ctx, 'msg', 'hdrs')}"
    assert read(ctx, "msg", "body_len") == read(ctx, "bs")
    assert read(ctx, "msg", "len") == read(ctx, "ml") == len(MANY)


def test_message_with_changes() -> None:
    ctx = context()
    assert read(ctx, "mbu") == read(ctx, "mb")
    ctx.ruri = "sip:n@n"
    assert str(read(ctx, "mbu")).startswith("OPTIONS sip:n@n SIP/2.0\r\nVia: ")


def test_next_hop() -> None:
    ctx = context()
    parts = "uUdpP"
    assert [read(ctx, "nh", part) for part in parts] == [
        "sip:bob@callee.example", "bob", "callee.example", "5060", "UDP",
    ]  # fmt: skip
    ctx.dst_uri = "sips:h;transport=tls"
    assert [read(ctx, "nh", part) for part in parts] == [
        "sips:h;transport=tls", None, "h", "5061", "tls",
    ]  # fmt: skip
    ctx = context(reply())
    assert [read(ctx, "nh", part) for part in parts] == [
        "sip:192.0.2.7:5077;transport=udp", None, "192.0.2.7", "5077", "udp",
    ]  # fmt: skip


def test_ipv6() -> None:
    socket = ListenSocket("udp", "::1", 5060)
    ctx = context(socket=socket, source=("2001:db8::2", 5070))
    expected = {
        "si": "2001:db8::2", "siz": "[2001:db8::2]", "su": "sip:[2001:db8::2]:5070",
        "sas": "udp:[2001:db8::2]:5070", "Ri": "::1", "Ru": "sip:[::1]:5060", "RAi": "::1",
        "RAut": "sip:[::1]:5060;transport=udp",
    }  # fmt: skip
    assert {name: read(ctx, name) for name in expected} == expected


def test_advertised_address_and_name() -> None:
    socket = ListenSocket("udp", "127.0.0.1", 5060, "s1", ("1.2.3.4", 5099))
    ctx = context(socket=socket)
    expected = {
        "Rn": "s1", "Ri": "127.0.0.1", "Rp": 5060, "RAi": "1.2.3.4", "RAp": 5099,
        "RAu": "sip:1.2.3.4:5099", "RAut": "sip:1.2.3.4:5099;transport=udp",
    }  # fmt: skip
    assert {name: read(ctx, name) for name in expected} == expected


_TEXT = st.text(st.characters(exclude_characters="\r\n\0", codec="utf-8"), max_size=30)


@settings(max_examples=60)
@given(_TEXT, _TEXT, _TEXT)
def test_no_header_makes_a_variable_raise(address: str, credentials: str, uri: str) -> None:
    data = request(
        from_=address, to=address,
        extra=f"Contact: {address}\r\nRoute: {address}\r\nExpires: {credentials}\r\n"
        f"Authorization: Digest {credentials}\r\nDiversion: {address}\r\n",
    )  # fmt: skip
    ctx = context(data)
    ctx.ruri = ctx.dst_uri = uri
    for name in PLAIN_NAMES:
        assert isinstance(read(ctx, name), (int, str, type(None)))
    for name in ("hdr", "hfl"):
        assert isinstance(read(ctx, name, "Contact", -1), (str, type(None)))


# --- names that no cookbook has, and 5.6.3 knows -------------------------------------------


def test_the_type_and_status_of_a_reply() -> None:
    ctx = context(reply(180, "Ringing"))
    assert [read(ctx, name) for name in ("mts", "rsi", "rs")] == ["rp", 180, 180]


def test_the_rest_of_credentials() -> None:
    digest = 'Digest username="a",nonce="N",cnonce="C",opaque="O",response="R"'
    ctx = context(request(extra=f"Authorization: {digest}\r\n"))
    assert [read(ctx, name) for name in ("adn", "adc", "ado", "adr")] == ["N", "C", "O", "R"]
    ctx = context(request(extra='Authorization: Digest username="a"\r\n'))
    assert [read(ctx, name) for name in ("adn", "adc", "ado", "adr")] == ["", "", "", ""]


# --- those of newer releases, which 5.6.3 cannot be asked about ------------------------------


def test_what_newer_releases_read_of_headers() -> None:
    ctx = context(request(extra='Contact: "C" <sip:c@x;y>;q=1\r\n', to="<sip:b@c>;tag=t"))
    assert [read(ctx, name) for name in ("ctu", "cts", "tts")] == ["sip:c@x;y", 0, 1]
    ctx = context(request("REGISTER", extra="Contact: *\r\n"))
    assert [read(ctx, name) for name in ("cts", "tts")] == [1, 0]
    assert [read(context(), name) for name in ("ctu", "cts")] == [None, 0]


def test_overload_parameters_of_a_via() -> None:
    via = 'SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-1;oc=20;oc-algo="loss";oc-seq=5.2'
    ctx = context(request(via=via))
    parts = ("oc", "ocval", "ocalgo", "ocvalidity", "ocseq", "params")
    assert [read(ctx, "via0", part) for part in parts] == [
        2, "20", "loss", None, "5.2", via.partition(";")[2],
    ]  # fmt: skip
    ctx = context(request(via="SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK-1;oc"))
    assert [read(ctx, "via0", part) for part in ("oc", "ocval")] == [1, None]
    ctx = context(request(via="SIP/2.0/UDP 192.0.2.1"))
    assert [read(ctx, "via0", part) for part in ("oc", "params")] == [0, None]


def test_numbers_of_messages_and_ids_are_not_given_twice() -> None:
    first, second = context(), context()
    assert read(first, "mi") == read(first, "mi") != read(second, "mi")
    assert read(first, "sruid") != read(first, "sruid")


def test_the_local_tag_is_that_of_replies() -> None:
    ctx = context()
    assert read(ctx, "ltt", "s") == read(ctx, "ltt", "x")
    assert read(ctx, "ltt", "t") is None


def test_characters_of_the_message() -> None:
    ctx = context()
    assert [read(ctx, "msgbuf", at) for at in ("0", "6", "99999")] == ["O", "S", None]


def test_what_was_received_is_told_in_event_routes() -> None:
    parts = ("buf", "len", "srcip", "srcport", "rcvip", "rcvport", "proto", "sproto", "af")
    assert {read(context(), "rcv", part) for part in parts} == {None}
    ctx = context(kind=Routes.EVENT)
    assert [read(ctx, "rcv", part) for part in parts] == [
        request().decode(), len(request()), "192.0.2.1", 5070, "192.0.2.9", 5060, 1, "udp", 2,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "character"),
    [("Eb", "\\"), ("En", "\n"), ("Er", "\r"), ("Et", "\t"), ("Es", " "), ("Ec", ","), ("Eq", '"'),
     ("Ek", "'"), ("Ei", ":"), ("Ej", ";"), ("Ev", "`"), ("true", 1)],
)  # fmt: skip
def test_characters(name: str, character: str | int) -> None:
    assert read(context(), name) == character


def test_numbers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIPWAY_TEST_NUMBER", "-12")
    monkeypatch.setenv("SIPWAY_TEST_TEXT", "x")
    monkeypatch.delenv("SIPWAY_TEST_NONE", raising=False)
    names = ("SIPWAY_TEST_NUMBER", "SIPWAY_TEST_TEXT", "SIPWAY_TEST_NONE")
    assert [read(context(), "envn", name) for name in names] == [-12, 0, None]
