"""Datagrams for `messages.cfg`: messages of many kinds, on each of which all variables are read."""

from __future__ import annotations

from tests.compat.case import Case, request

_SDP = (
    "v=0\r\no=- 1 1 IN IP4 1.2.3.4\r\ns=-\r\nc=IN IP4 1.2.3.4\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8\r\na=rtpmap:0 PCMU/8000\r\n"
)
_VIA = "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\r\n"
_REPLY_VIAS = (
    "Via: SIP/2.0/UDP 127.0.0.1:{server};branch=z9hG4bK-0\r\n"
    "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1;received=127.0.0.1;rport={client}\r\n"
)

_INVITE = request(
    "INVITE",
    uri="sips:carol:pw@[2001:db8::1]:5070;transport=tcp;lr?X=y",
    from_='"Alice \\"A\\" B" <sip:+alice:sec@caller.example:5080;user=phone>;tag=a1;x=y',
    to="Bob  B <tel:+1234>;tag=t1",
    via="Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1;rport;oc\r\n"
    "v: SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK-2;received=10.0.0.2;i=5, "
    "SIP/2.0/TLS [::1]:99;branch=z9hG4bK-3\r\n",
    extra=(
        'Contact: "C" <sip:me@1.2.3.4>;expires=60, <sip:me2@1.2.3.4>\r\n'
        "Contact: <sip:third@x>;expires=10\r\nUser-Agent: UA/1.0\r\n"
        "Content-Type: application/sdp\r\nSubject: hi there\r\n"
        "Diversion: <sip:div@d.example>;reason=busy;privacy=full;counter=2\r\n"
        'Diversion: "Dx" <sip:d2@d.example>;reason="no-answer"\r\n'
        'P-Asserted-Identity: "PA" <sip:pai@p.example>\r\n'
        'P-Preferred-Identity: "PP" <sip:ppi@p.example:5>\r\n'
        'Remote-Party-ID: "R" <sip:rpid@r.example>;screen=yes\r\n'
        "Refer-To: <sip:refer@r.example?Replaces=x>\r\n"
        "Route: <sip:1.1.1.1;lr>, <sip:2.2.2.2;lr>\r\nRecord-Route: <sip:3.3.3.3;lr>\r\n"
        "Expires: 30\r\nX-Several: one\r\nX-Several: two, three\r\nX-Several:\r\n"
        "Supported: timer\r\nk: path\r\n"
    ),
    body=_SDP,
)

_REGISTER = request(
    "REGISTER",
    uri="sip:registrar.example",
    from_="<sip:joe@registrar.example>;tag=456248",
    to="<sip:joe@registrar.example>",
    cseq="1826 REGISTER",
    extra=(
        "Contact: <sip:joe@192.0.2.4:5066;transport=udp>;q=0.5;expires=7200\r\n"
        'Authorization: Digest username="joe@dom.example",realm="registrar.example",'
        'nonce="abc",uri="sip:registrar.example",response="0123456789abcdef0123456789abcdef",'
        'algorithm=MD5,cnonce="x",qop=auth,nc=00000001\r\n'
        "Expires: 3600\r\nUser-Agent: Phone 2 (x; y)\r\nSubject: \r\n"
    ),
)

_PROXY_AUTHORIZED = request(
    "SUBSCRIBE",
    uri="sip:carol@[2001:db8::9]",
    from_="sip:joe@a.example;tag=1",
    to="<sip:carol@b.example:5090;transport=TLS>",
    extra=(
        'Proxy-Authorization: Digest username="joe",realm="r",nonce="n",uri="sip:x",response="0"'
        "\r\nContact: sip:joe@192.0.2.4;expires=5\r\nRoute: <sip:p.example;lr;ftag=1>\r\n"
    ),
)

_COMPACT = (
    b"MESSAGE tel:+4930123;phone-context=de SIP/2.0\r\n"
    b"v: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\r\n"
    b"f: <sip:1@x>;tag=q\r\nt: sip:2@y\r\ni: abc@def\r\nCSeq: 00017  MESSAGE\r\n"
    b"m: *\r\nc: text/plain\r\ns: short\r\nl: 2\r\n\r\nhi"
)

_FOLDED = request(
    "INFO",
    uri="sip:1.2.3.4:65535;user=phone",
    from_='"A" <sip:a@b>\r\n ;tag=f1',
    to="\t<sip:c@d>",
    extra="Subject: one\r\n two\r\n\tthree\r\nX-Several:   wide\r\nUser-Agent: \r\nExpires: 0\r\n",
)

_URN = request("INVITE", uri="urn:service:sos.fire", extra="Max-Breadth: 60\r\n")

_NO_PARAMETERS = request(
    "FOO",
    uri="sip:h.example;transport=ws",
    from_="Nobody <sip:anonymous.invalid>",
    to="<sips:[::1]:6>",
)


def _reply(status: str, method: str = "INVITE", extra: str = "", body: str = "") -> bytes:
    return (
        f"SIP/2.0 {status}\r\n{_REPLY_VIAS}From: <sip:alice@caller.example>;tag=a1\r\n"
        f'To: "B" <sip:bob@callee.example>;tag=b1\r\nCall-ID: call-1\r\nCSeq: 7 {method}\r\n'
        f"{extra}Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


CASES = [
    Case("invite", "An INVITE with SDP and many headers.", (_INVITE,)),
    Case("register", "A REGISTER with credentials.", (_REGISTER,)),
    Case("subscribe", "Credentials for a proxy, addresses without brackets.", (_PROXY_AUTHORIZED,)),
    Case("options", "As little as a request can have.", (request(),)),
    Case("compact", "A MESSAGE to a telephone number, in compact forms.", (_COMPACT,)),
    Case("folded", "Folded lines, blanks, headers without a value.", (_FOLDED,)),
    Case("urn", "A Request-URI that is a urn.", (_URN,)),
    Case("unknown-method", "A method of no RFC, addresses without users.", (_NO_PARAMETERS,)),
    Case(
        "http-methods",
        "Methods of HTTP, which have numbers of their own.",
        tuple(request(method) for method in ("GET", "POST", "PUT", "DELETE", "KDMQ")),
    ),
    Case("ack", "An ACK.", (request("ACK", to="<sip:b@c>;tag=x"),)),
    Case("ringing", "A reply.", (_reply("180 Ringing Now", extra="Contact: <sip:c@1.2.3.4>\r\n"),)),
    Case(
        "answer",
        "A reply with SDP.",
        (
            _reply(
                "200 OK",
                extra="Contact: <sip:c@1.2.3.4>\r\nX-Several: a\r\nServer: s\r\n"
                "Content-Type: application/sdp\r\nRecord-Route: <sip:3.3.3.3;lr>\r\n",
                body=_SDP,
            ),
        ),
    ),
    Case("refused", "A reply without a phrase.", (_reply("404 ", "OPTIONS"),)),
]
