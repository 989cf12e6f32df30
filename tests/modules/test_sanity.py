"""sanity; the codes and phrases of 5.6.3 are held by `tests/compat/cases/sanity.py`."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.errors import SipParseError
from sipway.modules.sanity.checks import fault_of
from sipway.modules.sanity.usual import is_usual
from sipway.sip.message import parse
from tests.fakes import reply, request
from tests.modules.running import Ran, code_of, context, load, mistakes, run

GOOD = request()
BAD = request(extra="Expires: x\r\n")


def parameters(**values: int | str) -> str:
    shown = {name: f'"{v}"' if isinstance(v, str) else v for name, v in values.items()}
    return "".join(f'modparam("sanity", "{name}", {v})\n' for name, v in shown.items())


def checked(call: str, data: bytes, **values: int | str) -> Ran:
    return run(f'$var(r) = {call}; xlog("$var(r)");', data, parameters=parameters(**values))


def status(ran: Ran) -> str:
    """Code and phrase of the one reply."""
    (sent,) = ran.sent
    return sent.partition(b"\r\n")[0].decode().removeprefix("SIP/2.0 ")


def test_a_good_request() -> None:
    ran = checked("sanity_check()", GOOD)
    assert (ran.lines, ran.sent) == (["1"], [])


def test_a_fault_is_answered_and_ends_the_script() -> None:
    ran = checked("sanity_check()", BAD)
    assert ran.lines == []
    assert status(ran) == "400 Expires value is illegal"


def test_without_autodrop_the_script_goes_on() -> None:
    ran = checked("sanity_check()", BAD, autodrop=0)
    assert ran.lines == ["-1"]
    assert status(ran) == "400 Expires value is illegal"


def test_sanity_reply_sends_what_was_kept_back_once() -> None:
    code = 'sanity_check(); xlog("$rc"); sanity_reply(); sanity_reply();'
    ran = run(code, BAD, parameters=parameters(autodrop=0, noreply=1))
    assert ran.lines == ["-1"]
    assert status(ran) == "400 Expires value is illegal"
    kept = run("sanity_check();", BAD, parameters=parameters(autodrop=0, noreply=1))
    assert kept.sent == []
    assert code_of("sanity_reply()") == 1
    assert run("sanity_reply();").sent == []


def test_default_checks_and_those_of_the_call() -> None:
    assert checked("sanity_check()", BAD, default_checks=512).lines == ["1"]
    assert checked("sanity_check(512)", BAD).lines == ["1"]
    assert checked('sanity_check("512")', BAD).lines == ["1"]
    assert checked("sanity_check(256)", BAD, default_checks=512, autodrop=0).lines == ["-1"]
    assert checked("sanity_check(0)", GOOD, autodrop=0).lines == ["-1"]
    assert checked("sanity_check(0)", GOOD).sent == []
    assert run('sanity_check($var(x) + 512); xlog("on");', BAD).lines == ["on"]


@pytest.mark.parametrize(
    ("uris", "code"), [(1, 1), (2, -1), (4, 1), (6, -1), (8, 1)],
)  # fmt: skip
def test_which_uris(uris: int, code: int) -> None:
    data = request(from_="<nonsense>;tag=1")
    assert checked(f"sanity_check(1024, {uris})", data, autodrop=0).lines == [str(code)]
    assert checked("sanity_check(1024)", data, autodrop=0, uri_checks=uris).lines == [str(code)]


@pytest.mark.parametrize(
    ("wanted", "said"),
    [("foo", None), ("FOO , bar", None), ("bar, zz", b"zz"), ("zz, yy", b"zz"), ("", None)],
)
def test_proxy_require(wanted: str, said: bytes | None) -> None:
    data = request(extra=f"Proxy-Require: {wanted}\r\n")
    ran = checked("sanity_check(512)", data, proxy_require=" foo,bar ")
    if said is None:
        assert ran.lines == ["1"]
    else:
        assert status(ran) == "420 Bad Proxy Require Extension"
        assert b"Unsupported: " + said + b"\r\n" in ran.sent[0]


@pytest.mark.parametrize(
    ("checks", "data", "said"),
    [
        (16384, request(via="SIP/2.0/UDP a"), "400 Bad Via Header"),
        (16384, GOOD, None),
        (32768, request(via="SIP/2.0/UDP a;branch=1"), "400 Bad Via Branch"),
        (32768, request(extra="Route: <sip:a;lr>, <sip:b>\r\n"), "400 Bad Route Header"),
        (32768, request(extra="Record-Route: <sip:b>\r\n"), "400 Bad Record-Route Header"),
        (32768, request(extra="Route: <sip:a;lr>\r\n"), None),
        (2048, request(extra="Authorization: Digest x\r\n"), "400 Bad Auth Header"),
        (8192, request(extra="Authorization: Digest x\r\n"), "400 Bad Auth Header"),
        (8192, request(extra="Authorization: Basic x\r\n"), None),
        (31, GOOD, None),
    ],
)
def test_single_checks(checks: int, data: bytes, said: str | None) -> None:
    ran = checked(f"sanity_check({checks})", data, autodrop=0)
    assert ran.lines == ["1" if said is None else "-1"]
    assert ran.sent == [] if said is None else status(ran) == said


def test_another_scheme_than_digest_fails_the_check_of_digests() -> None:
    data = request(extra="Authorization: Basic x\r\n")
    ran = checked("sanity_check(2048)", data, autodrop=0)
    assert (ran.lines, ran.sent) == (["-1"], [])


LONG = "u" * 40


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("message", GOOD, "513 Message Too Large"),
        ("headers", GOOD, "400 Headers Too Large"),
        ("body", request(body=LONG), "413 Request Entity Too Large"),
        ("header", GOOD, "400 Header Too Large"),
        ("method", request("DANCING" * 6), "400 Method Too Large"),
        ("ruri", request(uri=f"sip:{LONG}@c"), "414 Request-URI Too Long"),
        ("from_uri", request(from_=f"<sip:{LONG}@c>;tag=1"), "400 From URI Too Large"),
        ("to_uri", request(to=f"<sip:{LONG}@c>"), "400 To URI Too Large"),
        ("contact_uri", request(extra=f"Contact: <sip:a>, <sip:{LONG}@c>\r\n"),
         "400 Contact URI Too Large"),
        ("route_uri", request(extra=f"Route: <sip:{LONG}@c>\r\n"), "400 Route URI Too Large"),
        ("route_uri", request(extra=f"Record-Route: <sip:{LONG}@c>\r\n"),
         "400 Route URI Too Large"),
        ("path_uri", request(extra=f"Path: <sip:{LONG}@c>\r\n"), "400 Path URI Too Large"),
        ("pai_uri", request(extra=f"P-Asserted-Identity: <sip:{LONG}@c>\r\n"),
         "400 PAI URI Too Large"),
    ],
)  # fmt: skip
def test_sizes(name: str, data: bytes, said: str) -> None:
    small: dict[str, int | str] = {f"size_{name}": 30, "autodrop": 0}
    assert status(checked("sanity_check(65536)", data, **small)) == said
    assert status(checked("sanity_check(1)", data, **small, size_checks=1)) == said
    assert checked("sanity_check(1)", data, **small).lines == ["1"]
    unlimited: dict[str, int | str] = {**small, f"size_{name}": 0}
    assert checked("sanity_check(65536)", data, **unlimited).lines == ["1"]


def test_nobody_answers_an_ack_or_a_reply() -> None:
    ack = request("ACK", extra="Expires: x\r\n")
    assert (checked("sanity_check()", ack, autodrop=0).sent) == []
    ran = checked("sanity_check(256)", reply(extra="Expires: x\r\n"), autodrop=0)
    assert (ran.lines, ran.sent) == (["-1"], [])
    assert checked("sanity_check()", reply(), autodrop=0).lines == ["1"]


def test_arguments_that_are_wrong() -> None:
    assert len(mistakes('request_route { sanity_check("x"); }')) == 1
    assert len(mistakes("request_route { sanity_check(1, 2, 3); }")) == 1
    assert len(mistakes("request_route { exit; }", parameters(default_checks="x"))) == 1
    assert len(mistakes("request_route { exit; }", parameters(nope=1))) == 1


_PIECES = st.sampled_from(
    ["sip:a@b.example", "sip:b.example", "sips:a@b", "tel:+49", "sip:", "x", "sip:a@b:99999", "",
     "sip:a%20@b", "sip:a@[::1]", "http:x", "sip:a b@c", "sip:a@b;x=y", "SIP:a@b"]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    uri=_PIECES,
    from_=st.builds("{}<{}>".format, st.sampled_from(["", "A ", '"A, b" ', "a,"]), _PIECES),
    to=st.one_of(_PIECES, st.builds("<{}>;tag=1".format, _PIECES)),
    cseq=st.sampled_from(["1", "0000000001", "00000000001", "4294967295"]),
    extra=st.sampled_from(
        ["", "Expires: 5\r\n", "Expires: x\r\n", "Expires: 5 6\r\n", "Expires:\r\n",
         "Expires: 99999999999\r\n", "Expires: 5\r\n 6\r\n", "Content-Length: 0\r\n"]
    ),
    branch=st.sampled_from([";branch=z9hG4bK1", ";branch=x", "", ";branch="]),
    behind=st.sampled_from(["", "x"]),
    checks=st.sampled_from([17895, 3047, 1024, 2, 64, 256, 128, 16384, 65535]),
    uris=st.sampled_from([7, 0, 1, 2, 4, 15]),
)  # fmt: skip
def test_what_is_usual_has_no_fault(
    uri: str, from_: str, to: str, cseq: str, extra: str, branch: str, behind: str,
    checks: int, uris: int,
) -> None:  # fmt: skip
    data = (
        f"MESSAGE {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1{branch}\r\nFrom: {from_}\r\n"
        f"To: {to}\r\nCall-ID: 1\r\nCSeq: {cseq} MESSAGE\r\n{extra}\r\n{behind}"
    ).encode()
    try:
        message = parse(data)
    except SipParseError:
        return
    ctx = context(load("request_route { }")[0], message.data)
    if is_usual(ctx, checks, uris):
        assert fault_of(ctx, checks, uris) is None
