"""Datagrams for `odd.cfg`."""

from __future__ import annotations

from tests.compat.case import Case, request

_PLAIN = request()
_HEAD, _, _BODY = _PLAIN.partition(b"\r\n\r\n")


def _without(name: bytes) -> bytes:
    return b"\r\n".join(line for line in _PLAIN.split(b"\r\n") if not line.startswith(name))


def _with(old: bytes, new: bytes) -> bytes:
    assert old in _PLAIN
    return _PLAIN.replace(old, new)


CASES = [
    # --- keepalives and noise
    Case("crlf", "A single line end.", (b"\r\n",)),
    Case("crlf-crlf", "RFC 5626's ping: not answered over UDP by Kamailio.", (b"\r\n\r\n",)),
    Case("nul", "A zero byte.", (b"\0",)),
    Case("nuls", "Four zero bytes.", (b"\0\0\0\0",)),
    Case("spaces", "Blanks.", (b"    ",)),
    Case("one-letter", "A letter.", (b"x",)),
    Case("noise", "Something else.", (b"\xff\xfe\xfd" * 20,)),
    Case("http", "Another protocol.", (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",)),
    Case("leading-crlf", "Empty lines before the request.", (b"\r\n\r\n" + _PLAIN,)),
    # --- the first line
    Case("version", "SIP/3.0", (_with(b"SIP/2.0\r\nVia", b"SIP/3.0\r\nVia"),)),
    Case("lower-version", "sip/2.0", (_with(b"SIP/2.0\r\nVia", b"sip/2.0\r\nVia"),)),
    Case("no-version", "No version.", (_with(b" SIP/2.0\r\nVia", b"\r\nVia"),)),
    Case("lower-method", "A method in small letters.", (_PLAIN.replace(b"OPTIONS", b"options"),)),
    Case("two-spaces", "Two blanks before the URI.", (_with(b"OPTIONS sip:", b"OPTIONS  sip:"),)),
    Case("bare-lf", "Lines that end with LF alone.", (_PLAIN.replace(b"\r\n", b"\n"),)),
    # --- headers missing, doubled, wrong
    Case("no-via", "No Via: nobody to answer.", (_without(b"Via"),)),
    Case("no-from", "No From.", (_without(b"From"),)),
    Case("no-to", "No To.", (_without(b"To"),)),
    Case("no-call-id", "No Call-ID.", (_without(b"Call-ID"),)),
    Case("no-cseq", "No CSeq.", (_without(b"CSeq"),)),
    Case("no-max-forwards", "No Max-Forwards.", (_without(b"Max-Forwards"),)),
    Case("two-from", "Two From.", (_with(b"To:", b"From: <sip:x@y>;tag=2\r\nTo:"),)),
    Case("two-call-id", "Two Call-IDs.", (_with(b"CSeq:", b"Call-ID: 2\r\nCSeq:"),)),
    Case("cseq-method", "CSeq with another method.", (_with(b"1 OPTIONS", b"1 INVITE"),)),
    Case("cseq-number", "CSeq without a number.", (_with(b"1 OPTIONS", b"x OPTIONS"),)),
    Case("cseq-large", "A CSeq beyond 32 bits.", (_with(b"1 OPTIONS", b"4294967296 OPTIONS"),)),
    Case(
        "no-colon",
        "A header line without a colon.",
        (_with(b"Max-Forwards:", b"X-Odd\r\nMax-Forwards:"),),
    ),
    Case(
        "empty-header",
        "A header without a value.",
        (_with(b"Max-Forwards:", b"X-Odd:\r\nMax-Forwards:"),),
    ),
    Case("space-before-colon", "Blanks before the colon.", (_with(b"Call-ID:", b"Call-ID  :"),)),
    Case(
        "nul-in-header",
        "A zero byte in a header.",
        (_with(b"Max-Forwards:", b"X: a\0b\r\nMax-Forwards:"),),
    ),
    Case(
        "utf-8", "UTF-8 in a display name.", (_with(b"<sip:alice", '"Zoë ☎" <sip:alice'.encode()),)
    ),
    Case("latin-1", "Bytes that are no UTF-8.", (_with(b"<sip:alice", b'"Zo\xeb" <sip:alice'),)),
    # --- the end
    Case("no-end", "No end of the headers.", (_HEAD + b"\r\n",)),
    Case("cut", "Cut within a header.", (_PLAIN[:-30],)),
    Case("length-over", "Content-Length larger than the body.", (request(body="abc", length=10),)),
    Case(
        "length-under", "Content-Length smaller than the body.", (request(body="abcdef", length=3),)
    ),
    Case("length-negative", "A negative Content-Length.", (request(length=-1),)),
    Case("length-word", "A Content-Length that is none.", (request(length="x"),)),
    Case("no-length", "No Content-Length.", (_without(b"Content-Length"),)),
    Case(
        "two-lengths",
        "Two Content-Lengths.",
        (_with(b"Content-Length", b"Content-Length: 0\r\nContent-Length"),),
    ),
    # --- Via
    Case("via-garbage", "A Via that is none.", (request(via="Via: garbage\r\n"),)),
    Case("via-empty", "An empty Via.", (request(via="Via:\r\n"),)),
    Case(
        "via-port",
        "A port that is none.",
        (request(via="Via: SIP/2.0/UDP 127.0.0.1:99999;branch=x\r\n"),),
    ),
    # --- URIs
    Case("uri-none", "A Request-URI that is none.", (request(uri="nonsense"),)),
    Case("uri-tel", "A tel URI.", (request(uri="tel:+358-555-1234567"),)),
    Case("uri-empty-user", "An empty user part.", (request(uri="sip:@compat.example"),)),
    Case("uri-params", "Parameters and headers.", (request(uri="sip:bob@compat.example;a=b?c=d"),)),
    Case("from-none", "A From that is none.", (request(from_="nonsense"),)),
    Case("to-none", "A To that is none.", (request(to="nonsense"),)),
    # --- sizes
    Case("many-headers", "A hundred headers.", (request(extra="X-Many: 1\r\n" * 100),)),
    Case(
        "long-header",
        "A header of 10,000 bytes.",
        (request(extra="X-Long: " + "a" * 10_000 + "\r\n"),),
    ),
    Case("long-call-id", "A Call-ID of 4,000 bytes.", (request(call_id="c" * 4_000),)),
]
