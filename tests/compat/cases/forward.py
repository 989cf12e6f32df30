"""Requests sent on without a transaction, and what else leaves."""

from __future__ import annotations

from tests.compat.case import Case, request

_SDP = "v=aa\r\n"


def _case(name: str, why: str, data: bytes | None = None) -> Case:
    return Case(name, why, (request(user=name) if data is None else data,))


def _via(name: str, why: str, via: str, user: str = "plain") -> Case:
    return Case(name, why, (request(user=user, via=via),))


_TO_US = "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1"

CASES = [
    _case("plain", "The next hop is $du; our Via on top, the rest byte for byte."),
    _case("by-uri", "Without $du the Request-URI says where."),
    _case("host-port", "A bare address and a port."),
    _case("host-port-text", "The same in quotes."),
    _case("uri-words", "uri:host and uri:port."),
    _case("host-before-du", "A host goes before $du."),
    _case("udp", "forward_udp() whatever the URI says."),
    _case("tcp", "No TCP: a code, nothing sent."),
    _case("by-tcp", "The same by forward_tcp()."),
    _case("by-tls", "The same by forward_tls()."),
    _case("sips", "sips is TLS."),
    _case("other-transport", "A transport that nobody knows is UDP."),
    _case("maddr", "maddr is not looked at."),
    _case("tel", "A tel URI names no host."),
    _case("no-uri", "What is no URI."),
    _case("bad-uri", "A URI that is broken."),
    _case("six", "To IPv6 by the socket of that family."),
    _case("six-forced", "A forced socket of another family does not count."),
    _case(
        "edits",
        "What the script changed: headers, body, Request-URI.",
        request(
            user="edits", extra="Subject: s\r\nContent-Type: application/sdp\r\n", body=_SDP
        ),
    ),
    _case("new-body", "A body where there was none."),
    _case("rport", "force_rport() shows behind host and port."),
    _case("bare-rport", "Without parentheses."),
    _case("local-rport", "rport in our own Via."),
    _case("server-id", "srvid in our own Via."),
    _case("xavp-params", "Parameters in our own Via."),
    _case("xavp-params-off", "None after all."),
    _case("xavp-params-none", "No table of parameters."),
    _case("socket", "force_send_socket()."),
    _case("socket-name", "A socket by its name."),
    _case("socket-none", "Sockets that are not there."),
    _case("shown", "What the socket advertises."),
    _case("shown-address", "Another host, the port that the socket advertises."),
    _case("shown-port", "Another port, the host that the socket advertises."),
    _case("advertised", "Both from the script."),
    _case("received-by", "The socket that the message came by is that which it leaves by."),
    _case("connections", "What is said of connections changes nothing for UDP."),
    _case("mtu", "udp_mtu_try_proto() without udp_mtu."),
    _case("answered", "A reply of ours besides."),
    _case("branches", "Branches are not for forward()."),
    _case("sent", "send_udp(): as it was received."),
    _case("sent-to", "send_udp() with a place."),
    _case("data", "send_data()."),
    _case("data-no-uri", "send_data() without a URI."),
    _case("data-by", "sendx()."),
    _case("data-by-none", "sendx() by a socket that is not there."),
    _case("twice", "Two requests of one."),
    _case("no-via", "The sender's Via taken out by the script."),
    _case("flags", "Flags with names."),
    _case("dropped", "drop in onsend_route."),
    _case("exited", "exit in onsend_route."),
    _via("via-rport", "rport filled in where it stands.", f"{_TO_US};rport;x=y\r\n"),
    _via("via-rport-first", "The same before the branch.",
         "Via: SIP/2.0/UDP 127.0.0.1:{client};rport;branch=z9hG4bK-1\r\n"),
    _via("via-rport-value", "An rport with a value.", f"{_TO_US};rport=5;x=y\r\n"),
    _via("via-rport-forced", "rport asked for and forced.", f"{_TO_US};rport\r\n", user="rport"),
    _via("via-name", "A host that is a name.",
         "Via: SIP/2.0/UDP foo.example:1;branch=z9hG4bK-1;x=y\r\n"),
    _via("via-received", "A received that is there, of another host.",
         "Via: SIP/2.0/UDP foo.example:1;branch=z9hG4bK-1;received=192.0.2.1;x=y\r\n"),
    _via("via-bare", "No parameters.", "Via: SIP/2.0/UDP 127.0.0.1:{client}\r\n"),
    _via("via-bare-forced", "No parameters, rport forced.",
         "Via: SIP/2.0/UDP 127.0.0.1:{client}\r\n", user="rport"),
    _via("via-name-forced", "A host that is a name, rport forced.",
         "Via: SIP/2.0/UDP foo.example:1;branch=z9hG4bK-1;x=y\r\n", user="rport"),
    _via("via-two-lines", "Two lines.", f"{_TO_US};rport\r\nv: SIP/2.0/TCP b.example\r\n"),
    _via("via-two-values", "Two values in a line.", f"{_TO_US};rport, SIP/2.0/TCP b.example\r\n"),
    _via("via-blanks", "Blanks and a fold.",
         "v :  SIP / 2.0 / UDP 127.0.0.1 : {client} ;\r\n branch=z9hG4bK-1\r\n"),
    _case("compact", "Compact forms, folds and blanks stay.",
          request(user="plain", extra="k: a\r\nX-Odd :  x\r\n y\r\n")),
    _case("no-length", "No Content-Length is added.",
          request(user="plain").replace(b"Content-Length: 0\r\n", b"")),
    _case("method", "A method that nobody knows.", request("FOO", user="plain")),
    _case("no-hops-left", "Max-Forwards is the script's business.",
          request(user="plain").replace(b"Max-Forwards: 70", b"Max-Forwards: 0")),
    _case("ack", "An ACK.", request("ACK", user="plain")),
    _case("empty-lines", "Empty lines before the request.", b"\r\n\r\n" + request(user="plain")),
]  # fmt: skip
