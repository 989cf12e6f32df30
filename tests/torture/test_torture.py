"""The 49 messages of RFC 4475, byte for byte as in its archive (`messages/`).

A row says what the parser makes of a message and what a script gets to answer that answers
everything with 200. Where the RFC asks for something else than we do, the row says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from sipway.errors import SipParseError
from sipway.sip.message import Message, parse
from tests.core.test_engine import Server

_MESSAGES = Path(__file__).parent / "messages"
_OK = "200 OK"


@dataclass(frozen=True, slots=True)
class Row:
    """A message by its name in the RFC.

    reply    status and reason of the answer, None for none
    fault    what the parser says is wrong, None if nothing
    fields   attributes of the parsed Message and what they are
    note     where we do otherwise than the RFC would have it, or what is left to the script
    """

    name: str
    reply: str | None = _OK
    fault: str | None = None
    fields: dict[str, Any] = field(default_factory=dict)
    note: str = ""


def _refused(name: str, fault: str, note: str = "", status: int = 400) -> Row:
    return Row(name, f"{status} {fault}", fault, note=note)


ROWS = [
    # --- 3.1.1 valid messages
    Row(
        "wsinv",
        fields={
            "method": "INVITE",
            "uri": "sip:vivekg@chair-dnrc.example.com;unknownparam",
            "from_.tag": "98asjd8",
            "from_.uri": "sip:jdrosen@example.com",
            "to.tag": "1918181833n",
            "to.uri": "sip:vivekg@chair-dnrc.example.com",
            "call_id": "wsinv.ndaksdj@192.0.2.1",
            "cseq_number": 9,
            "via_count": 3,
            "via.host": "192.0.2.2",
            "via.branch": "390skdjuw",
            "content_length": 150,
        },
    ),
    Row(
        "intmeth",
        fields={
            "method": "!interesting-Method0123456789_*+`.%indeed'~",
            "from_.tag": "_token~1'+`*%!-.",
            "from_user": "mundane",
            "cseq_number": 139122385,
            "via.branch": "z9hG4bK-.!%66*_+`'~",
            "call_id": "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
        },
    ),
    Row(
        "esc01",
        fields={
            "uri": "sip:sips%3Auser%40example.com@example.net",
            "to_user": "%75se%72",
            "from_user": "I%20have%20spaces",
        },
    ),
    Row("escnull", fields={"to_user": "null-%00-null", "method": "REGISTER"}),
    Row("esc02", fields={"method": "RE%47IST%45R", "cseq_method": "RE%47IST%45R"}),
    Row("lwsdisp", fields={"from_.display": "caller", "from_.uri": "sip:caller@example.com"}),
    Row("longreq", fields={"via_count": 34, "method": "INVITE", "body_length": 150}),
    Row("dblreq", fields={"method": "REGISTER", "body_length": 0}),
    Row("semiuri", fields={"uri": "sip:user;par=u%40example.net@example.com"}),
    Row("transports", fields={"via_count": 5, "via.protocol": "UDP"}),
    Row("mpart01", fields={"method": "MESSAGE", "content_length": 553}),
    Row(
        "unreason",
        None,
        fields={"status": 200, "reason": "= 2**3 * 5**2 но сто девяносто девять - простое"},
    ),
    Row("noreason", None, fields={"status": 100, "reason": ""}),
    # --- 3.1.2 invalid messages
    _refused("badinv01", "Via does not begin with SIP/2.0"),
    _refused("clerr", "Content-Length is larger than the body"),
    _refused("ncl", "Content-Length is not a number"),
    _refused("scalar02", "CSeq number is too large"),
    Row("scalarlg", None, "CSeq number is too large", note="a reply: nobody is told"),
    Row("quotbal", note="To is copied and not read: whether to refuse it is left to the script"),
    _refused("ltgtruri", "The Request-URI has blanks or brackets in it"),
    _refused("lwsruri", "The Request-URI has blanks or brackets in it"),
    _refused("lwsstart", "The Request-URI has blanks or brackets in it"),
    _refused("trws", "The first line has blanks at its end"),
    Row("escruri", note="headers in a Request-URI are left to the script, as on Kamailio"),
    Row("baddate", note="Date is left to the script"),
    Row("regbadct", note="Contact is left to who registers it"),
    Row("badaspec", fields={"to.uri": " sip:t.watson@example.org "}, note="read generously"),
    Row("baddn", fields={"from_.tag": None}, note="From is copied; what it means is left open"),
    _refused("badvers", "SIP version not supported", status=505),
    _refused("mismatch01", "CSeq method does not match the request method"),
    _refused("mismatch02", "CSeq method does not match the request method"),
    Row("bigcode", None, "The status code is not a number of three digits"),
    # --- 3.2 to 3.4
    Row("badbranch", fields={"via.branch": "z9hG4bK"}),
    Row(
        "insuf",
        None,
        "Missing From header field",
        note="a reply needs what is missing; Kamailio is silent too",
    ),
    Row("unkscm", note="416 is the script's to say", fields={"method": "OPTIONS"}),
    Row(
        "novelsc", note="416 is the script's to say", fields={"uri": "soap.beep://192.0.2.103:3002"}
    ),
    Row("unksm2", fields={"to.uri": "isbn:2983792873"}),
    Row("bext01", note="420 is the script's to say: Require is for whoever ends the request"),
    Row("invut", note="415 is the script's to say"),
    Row("regaut01", note="credentials are for whoever asks for them"),
    _refused("multi01", "More than one From header field"),
    _refused("mcl01", "More than one Content-Length header field"),
    Row(
        "bcast",
        _OK,
        fields={"status": 200, "via_count": 2},
        note="passed on to the second Via unless check_via=yes, as on Kamailio; the kernel "
        "refuses to send to a broadcast address",
    ),
    Row("zeromf", note="Max-Forwards is for mf_process_maxfwd_header()"),
    Row("cparam01", fields={"method": "REGISTER"}),
    Row("cparam02", fields={"method": "REGISTER"}),
    Row("regescrt", fields={"method": "REGISTER"}),
    Row("sdp01", fields={"method": "INVITE", "body_length": 150}),
    Row("inv2543", fields={"from_.tag": None, "content_length": -1, "body_length": 105}),
]


def test_all_49_messages_have_a_row() -> None:
    assert sorted(row.name for row in ROWS) == sorted(path.stem for path in _MESSAGES.iterdir())
    assert len(ROWS) == 49


def _read(name: str) -> bytes:
    return (_MESSAGES / f"{name}.dat").read_bytes()


def _attribute(message: Message, path: str) -> Any:
    value: Any = message
    for name in path.split("."):
        value = getattr(value, name)
    return value


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_what_the_parser_says(row: Row) -> None:
    if row.fault is not None:
        with pytest.raises(SipParseError) as caught:
            parse(_read(row.name))
        assert caught.value.reason == row.fault
        return
    message = parse(_read(row.name))
    assert {path: _attribute(message, path) for path in row.fields} == row.fields


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_what_is_answered(row: Row) -> None:
    server = Server('request_route { sl_send_reply("200", "OK"); }')
    replies = server.replies(_read(row.name))
    assert replies == ([] if row.reply is None else [f"SIP/2.0 {row.reply}"])


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_every_field_can_be_read(row: Row) -> None:
    """Whatever stands in them, and they are kept byte for byte."""
    data = _read(row.name)
    try:
        message = parse(data)
    except SipParseError as error:
        if error.request is None:
            return
        message = error.request
    for header in message.headers():
        assert data[header.start : header.end].startswith(header.name.encode())
        assert (
            data[header.value_start : header.value_end].decode("utf-8", "surrogateescape")
            == header.value
        )
    lines = b"".join(data[each.start : each.end] for each in message.headers())
    assert lines == data[message.line_end : message.headers_end]
