"""Where sipway does otherwise than Kamailio 5.6.3 on purpose: the one list of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Difference:
    """Why sipway differs, and its outcome of the case, written as `str(Outcome)`."""

    reason: str
    ours: str


_FROM_TO = """\
From: <sip:alice@caller.example>;tag=a1
To: <sip:bob@callee.example>"""
_END = """\
Call-ID: call-1
CSeq: 1 OPTIONS
"""
_LAST = """\
Server: SERVER
Content-Length: 0

"""
_FORWARDED = f"""\
Via: SIP/2.0/UDP 127.0.0.1:{{client}};branch=z9hG4bK-1
{_FROM_TO}
{_END}Max-Forwards: 70
Content-Length: 0

"""
_COMPOSED = """\
@@ 1
MESSAGE sip:{name}@compat.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{{server}};branch=BRANCH
Via: SIP/2.0/UDP 127.0.0.1:{{client}};branch=z9hG4bK-1
From: <sip:alice@caller.example>;tag=a1
To: <sip:bob@callee.example>
Call-ID: call-1
CSeq: 1 MESSAGE
Max-Forwards: 70
Content-Type: multipart/mixed;boundary="{boundary}"
Content-Length: {length}
Mime-Version: 1.0

--{boundary}
Content-Type: {part}
--{boundary}--
"""
_TWICE = f"""\
(to the other port)
OPTIONS sip:twice@compat.example SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{{server}};branch=BRANCH
{_FORWARDED}"""
_SDP_OF_PARTS = """\
v=0
o=bob 1 41 IN IP6 ::1
s=-
c=IN IP6 ::1
t=0 0
m=audio 0 RTP/AVP 0
a=candidate:1 1 UDP 2130706431 192.0.2.1 3478 typ host
"""
_PART_ENDS = (
    "the line end before a boundary belongs to the boundary (RFC 2046 section 5.1.1); Kamailio has "
    "it in the SDP"
)


def _through(case: str, *lines: str) -> str:
    """What is logged in a case of `Table.add_waiting`, and the answer to it."""
    logged = "".join(f"@@ {line}\n" for line in lines)
    return (
        f"{logged}SIP/2.0 200 OK\nVia: SIP/2.0/UDP 127.0.0.1:{{client}};branch=z9hG4bK-1\n"
        f"{_FROM_TO};tag=TAG\nCall-ID: {case}\nCSeq: 1 INVITE\n{_LAST}"
    )


def _refused(fault: str, cseq: str = "1 OPTIONS", status: int = 400) -> str:
    """A reply that names the fault, and nothing in the log: the script does not see the request."""
    return (
        f"SIP/2.0 {status} {fault}\nVia: SIP/2.0/UDP 127.0.0.1:{{client}};branch=z9hG4bK-1\n"
        f"{_FROM_TO};tag=TAG\nCall-ID: call-1\nCSeq: {cseq}\n{_LAST}"
    )


_KAMAILIO_ANSWERS = "a request that breaks the grammar gets 400 that says how; Kamailio serves it"
_KAMAILIO_IS_SILENT = "a request that breaks the grammar gets 400 that says how; Kamailio drops it"
_KAMAILIO_FAILS = (
    "a request that breaks the grammar gets 400 that says how; Kamailio runs the script on it, "
    "and then cannot answer"
)

_ENDS = (
    "the body that set_body_multipart() makes has an end (RFC 2046 section 5.1.1); Kamailio's has "
    "one only after msg_apply_changes()"
)
_EACH_CONTACT = "all Contacts count; Kamailio looks at the last one of the first line alone"
_UNREADABLE = "a Contact that cannot be read is an error, as the README of secfilter says"

DIFFERENCES: Final[dict[str, Difference]] = {
    **{
        f"permissions-star-{name}": Difference(
            "a * among other Contacts says nothing of them: they are looked at", "@@ * -1"
        )
        for name in ("before", "list")
    },
    "permissions_addresses-name-group": Difference(
        "the tag of what matched is added, whichever function found it", "@@ 50 v"
    ),
    "permissions_addresses-zeros": Difference(
        "an address with zeros in front is none: it might be octal", "@@ -1 <null>"
    ),
    "arguments-TWICE": Difference(
        "what an expression makes of the values of variables is not searched for variables, as it "
        "may be a caller's text; Kamailio does",
        "@@ returned 1\nSIP/2.0 404 x\nVia: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        f"{_FROM_TO};tag=TAG\nCall-ID: TWICE\nCSeq: 1 OPTIONS\nX-A: $rm\n{_LAST}",
    ),
    "odd-lower-version": Difference(
        "a reply begins with SIP/2.0 in capitals, however the request wrote it",
        "@@ OPTIONS bob 1 235\nSIP/2.0 200 OK\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        f"{_FROM_TO};tag=TAG\n{_END}{_LAST}",
    ),
    "odd-version": Difference(
        "a request of another version gets 505 (RFC 3261 section 21.5.6); Kamailio drops it",
        _refused("SIP version not supported", status=505),
    ),
    "odd-two-spaces": Difference(
        _KAMAILIO_IS_SILENT, _refused("The Request-URI has blanks or brackets in it")
    ),
    "odd-two-from": Difference(_KAMAILIO_IS_SILENT, _refused("More than one From header field")),
    "odd-two-call-id": Difference(
        _KAMAILIO_IS_SILENT, _refused("More than one Call-ID header field")
    ),
    "odd-cseq-method": Difference(
        _KAMAILIO_ANSWERS,
        _refused("CSeq method does not match the request method", "1 INVITE"),
    ),
    "odd-cseq-number": Difference(
        _KAMAILIO_ANSWERS, _refused("CSeq is not a number and a method", "x OPTIONS")
    ),
    "odd-cseq-large": Difference(
        _KAMAILIO_ANSWERS, _refused("CSeq number is too large", "4294967296 OPTIONS")
    ),
    "odd-no-colon": Difference(_KAMAILIO_FAILS, _refused("A header line has no name and colon")),
    "odd-no-end": Difference(_KAMAILIO_ANSWERS, _refused("The headers have no end")),
    "odd-cut": Difference(_KAMAILIO_FAILS, _refused("The headers have no end")),
    "odd-length-over": Difference(
        _KAMAILIO_ANSWERS, _refused("Content-Length is larger than the body")
    ),
    "odd-length-negative": Difference(_KAMAILIO_FAILS, _refused("Content-Length is not a number")),
    "odd-length-word": Difference(_KAMAILIO_FAILS, _refused("Content-Length is not a number")),
    "odd-two-lengths": Difference(
        _KAMAILIO_FAILS, _refused("More than one Content-Length header field")
    ),
    "odd-via-port": Difference(
        "without a Via that can be read nobody can be answered, and the script does not run; "
        "Kamailio runs it for nothing",
        "(nothing)",
    ),
    "forward-received-by": Difference(
        "the socket that set_recv_socket() chose is that which the request leaves by, as one that "
        "it came by is; Kamailio sends by the one that it really came by",
        "@@ 127.0.0.1 {second} 1\n"
        "@@ onsend OPTIONS sip:received-by@compat.example to 127.0.0.1:{other} by"
        " 127.0.0.1:{second} 1 rc 0\n"
        "@@ received-by: 1 du <null>\n(to the other port)\n(from the second socket)\n"
        "OPTIONS sip:received-by@compat.example SIP/2.0\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{second};branch=BRANCH\n"
        f"{_FORWARDED}",
    ),
    "forward-twice": Difference(
        "a second forward() sends the request as the first one did; Kamailio's has a second Via "
        "of ours, and received twice",
        "@@ onsend OPTIONS sip:twice@compat.example to 127.0.0.1:{other} by"
        " 127.0.0.1:{server} 1 rc 0\n" * 2 + "@@ twice: 1 du <null>\n" + f"{_TWICE}\n{_TWICE}",
    ),
    "operands-request-src_port__": Difference(
        "a port and a text are compared as numbers; in Kamailio neither == nor != is true",
        "@@ src_port == '{client}'\n@@ src_port != '5060'",
    ),
    "operands-request-proto__": Difference(
        "the name of a protocol may be a text; in Kamailio neither == nor != is true then",
        "@@ proto == 'UDP'\n@@ proto == 'udp'\n@@ proto != 'TCP'",
    ),
    "operands-request-status__": Difference(
        "the status of a request is empty; Kamailio compares with its Request-URI",
        "@@ status == ''",
    ),
    "replies-error": Difference(
        "without an error, sl_reply_error() sends default_code and default_reason, as the "
        "README of sl says; Kamailio has a phrase of its own",
        "@@ OPTIONS error\n@@ code 1\nSIP/2.0 500 Internal Server Error\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        f"{_FROM_TO};tag=TAG\n{_END}{_LAST}",
    ),
    "replies-maxfwd": Difference(
        "the last internal error is that of maxfwd, 483; Kamailio has a 500 of its own",
        "@@ OPTIONS maxfwd\n@@ code -1\nSIP/2.0 483 Too Many Hops\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        f"{_FROM_TO};tag=TAG\n{_END}{_LAST}",
    ),
    "replies-trying-timestamp": Difference(
        "a 100 has the Timestamp of its request (RFC 3261 section 8.2.6.1)",
        "@@ OPTIONS trying\nSIP/2.0 100 Trying\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        f"{_FROM_TO}\n{_END}Timestamp: 54\n{_LAST}",
    ),
    "replies-via-received-there": Difference(
        "a received that the client made up is replaced; Kamailio adds a second one",
        "@@ OPTIONS bob\n@@ code 1\nSIP/2.0 200 OK\n"
        "Via: SIP/2.0/UDP 192.0.2.9:{client};branch=z9hG4bK-1;received=127.0.0.1\n"
        f"{_FROM_TO};tag=TAG\n{_END}{_LAST}",
    ),
    "transformations_odd-LINES": Difference(
        "{s.fmtlines,n,m} makes lines of n characters with m blanks in front, as the cookbook "
        "says; Kamailio makes m lines of one character",
        "@@ 616263640d0a202065666768\n@@ returned 1",
    ),
    "transformations_odd-PERCENT": Difference(
        "a % without two hexadecimal digits stays as it is; Kamailio leaves the % out, or makes "
        "a byte of what is no digit",
        "@@ [a%4]\n@@ returned 1",
    ),
    "transformations_odd-BASE64": Difference(
        "what is no Base64 is null; Kamailio makes bytes of it", "@@ []\n@@ returned 1"
    ),
    "transformations_odd-NEGATIVE": Difference(
        "an argument from a variable may be a negative number as text; Kamailio takes negative "
        "ones as numbers only",
        "@@ [c] [c]\n@@ returned 1",
    ),
    "transformations_odd-NO_SEPTETS": Difference(
        "what is not hexadecimal is null; Kamailio makes characters of it",
        "@@ []\n@@ returned 1",
    ),
    "transformations_odd-TEL": Difference(
        "a tel URI has parameters; Kamailio shows none", "@@ [ext=4] [4]\n@@ returned 1"
    ),
    "transformations_odd-PORT": Difference(
        "the port 0 is none; Kamailio shows it", "@@ []\n@@ returned 1"
    ),
    "transformations_odd-NUMBERS": Difference(
        "a number is transformed with a number; in Kamailio both are written into one buffer, "
        "and the argument is transformed",
        "@@ [34]\n@@ returned 1",
    ),
    "transformations_odd-VIA": Difference(
        "@via[-2] is the last Via but one; Kamailio gives the last for every negative number",
        "@@ [<null>]\n@@ returned 1",
    ),
    "rr-mode-2": Difference(
        "bit 2 is about flow tokens, as the README of rr says; 5.6.3 takes any mode for bit 1",
        """\
@@ 1: sip:bob@127.0.0.1:{other};x=1 du sip:127.0.0.1:{other};lr fs <null> \
rdir downstream 1 fti a1 tti b1
@@ downstream
(to the other port)
INVITE sip:bob@127.0.0.1:{other};x=1 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:{server};branch=BRANCH
Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1
From: <sip:alice@caller.example>;tag=a1
To: <sip:bob@callee.example>;tag=b1
Call-ID: mode-2
CSeq: 1 INVITE
Max-Forwards: 70
Route: <sip:127.0.0.1:{other};lr>
Content-Length: 0

""",
    ),
    "variables_of_server-LSOCK_INDEX": Difference(
        "$lsock(n/NAME/index) is the place of the socket among all, from 0; Kamailio gives 0 for "
        "each of them",
        "@@ 1\n@@ returned 1",
    ),
    "composed-multipart-set": Difference(
        _ENDS,
        _COMPOSED.format(
            name="multipart-set", boundary="delim", length=54, part="text/plain\n\ntext"
        ),
    ),
    "composed-multipart-convert": Difference(
        _ENDS,
        _COMPOSED.format(
            name="multipart-convert", boundary="unique-boundary-1", length=68, part="a/b\n\nx"
        ),
    ),
    "sanity-to-bad": Difference(
        "the phrase is spelt Invalid To Header",
        "@@ -1\n@@ 1\nSIP/2.0 400 Invalid To Header\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        "From: <sip:alice@caller.example>;tag=a1\nTo: <sip:>;tag=TAG\n"
        f"{_END}{_LAST}",
    ),
    "sdpops-get-mixed": Difference(_PART_ENDS, f"@@ 1 [{_SDP_OF_PARTS}]"),
    "sdpops-variables-mixed": Difference(_PART_ENDS, "\n".join([f"@@ 1 [{_SDP_OF_PARTS}] 41"] * 2)),
    "statistics-NO_NUMBERS": Difference(
        "a number from a variable that is none is a failure; Kamailio adds nothing and says 1",
        "@@ -1\n@@ -1\n@@ returned 1",
    ),
    "counts-sent": Difference(
        "the replies of sl are counted, as its README says; in 5.6.3 $stat of them stays at 0",
        "@@ rcv_requests 2\n@@ rcv_requests_options 2\n@@ sent_replies 1\n@@ 4xx_replies 1\n"
        "@@ 404_replies 1\nSIP/2.0 404 As asked\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        f"{_FROM_TO};tag=TAG\n{_END}{_LAST}",
    ),
    "ipops-broken_subnets": Difference(
        "a network whose length is no number is none; Kamailio takes 0 for it",
        "@@ 1.2.3.4 1.2.3.4/-1 -1\n@@ 1.2.3.4 1.2.3.4/x -1\n@@ 1.2.3.4 1.2.3.4/ -1",
    ),
    "textopsx-match-any-case": Difference(
        "the flag i of fnmatch() means what the README of textopsx says; in 5.6.3 it means nothing",
        "@@ 1\nOPTIONS sip:match-any-case@compat.example SIP/2.0\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{server};branch=BRANCH\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{client};branch=z9hG4bK-1\n"
        f"{_FROM_TO}\n{_END}Max-Forwards: 70\n"
        "X-L: a, b;q=1 ,c\nX-L: d\nSupported: path, timer\nContent-Type: a/b\n"
        "Content-Length: 17\n\none\ntwo\nthree\n",
    ),
    **{
        f"secfilter-{place}-bad-host": Difference("a host counts without a user too", "@@ -3")
        for place in ("from", "to", "contact")
    },
    "secfilter-contacts-first": Difference(_EACH_CONTACT, "@@ -2"),
    "secfilter-contacts-second-field": Difference(_EACH_CONTACT, "@@ -2"),
    "secfilter-all-contacts-first": Difference(_EACH_CONTACT, "(nothing)"),
    "secfilter-contacts-open": Difference(_UNREADABLE, "@@ -1"),
    "secfilter-contacts-none": Difference(_UNREADABLE, "@@ -1"),
    "avpops_database-delete-kinds": Difference(
        "avp_db_delete() of a kind of names leaves others alone, as its README says",
        _through("delete-kinds", "1 d4|||x|0|f, d4|||7|0|h"),
    ),
    "avpops_database-delete-names": Difference(
        "avp_db_delete() of a name that is text leaves the number of the same digits alone",
        _through("delete-names", "1 d6|||7|2|j"),
    ),
    "avpops_database-delete-fails": Difference(
        "what could not be deleted has not been deleted", _through("delete-fails", "-1")
    ),
    "avpops_database-load-numbers": Difference(
        "a negative number, as avp_db_store() stores it, can be loaded",
        _through("load-numbers", "1 -3", "-1 <null>"),
    ),
    "avpops_database-store-numbers": Difference(
        "a number is stored under its own name; 5.6.3 writes the value into the name",
        _through("store-numbers", "1", "1 n1|||78|3|6"),
    ),
    "avpops_database-query-escaped": Difference(
        "what a variable gives between quotes cannot end them, on any database",
        _through(
            "query-escaped",
            "1 1=<null> 2=<null> a=o'h b=<null>",
            "-2 1=<null> 2=<null> a=<null> b=<null>",
        ),
    ),
}
