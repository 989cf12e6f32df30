"""Changes of the Request-URI, by assignment and by function; as Kamailio 5.6.3 makes them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.core.ruri import cut
from sipway.errors import SipParseError
from tests.fakes import call, context, read, reply, request, write

SHORT = "sip:bob@h.com"
LONG = "sip:bob:pw@h.com:5070;transport=udp;x=y?H=v"
HOST = "sip:h.com"
TEL = "tel:+1234;a=b"
IPV6 = "sip:bob;p=1@[::1]:5;user=ip"

ASSIGNMENTS = [
    ("rU", "new", SHORT, "sip:new@h.com"),
    ("rU", "new", LONG, "sip:new:pw@h.com:5070;transport=udp;x=y?H=v"),
    ("rU", "new", HOST, "sip:new@h.com"),
    ("rU", "new", TEL, "tel:new;a=b"),
    ("rU", "new", IPV6, "sip:new@[::1]:5;user=ip"),
    ("rU", "", LONG, "sip:h.com:5070;transport=udp;x=y?H=v"),
    ("rU", None, SHORT, "sip:h.com"),
    ("rU", None, TEL, "tel:;a=b"),
    ("rd", "new.com", SHORT, "sip:bob@new.com"),
    ("rd", "new.com", LONG, "sip:bob:pw@new.com:5070;transport=udp;x=y?H=v"),
    ("rd", "new.com", HOST, "sip:new.com"),
    ("rd", "new.com", TEL, "sip:+1234;a=b@new.com;user=phone"),
    ("rd", "new.com", IPV6, "sip:bob;p=1@new.com:5;user=ip"),
    ("rd", "new.com:99", SHORT, "sip:bob@new.com:99"),
    ("rp", "7", SHORT, "sip:bob@h.com:7"),
    ("rp", 7, LONG, "sip:bob:pw@h.com:7;transport=udp;x=y?H=v"),
    ("rp", 7, IPV6, "sip:bob;p=1@[::1]:7;user=ip"),
    ("rp", "", LONG, "sip:bob:pw@h.com;transport=udp;x=y?H=v"),
    ("rp", None, IPV6, "sip:bob;p=1@[::1];user=ip"),
    ("rp", 0, SHORT, "sip:bob@h.com:0"),
    ("ru", "sip:n@n", LONG, "sip:n@n"),
]


@pytest.mark.parametrize(("name", "value", "before", "after"), ASSIGNMENTS)
def test_assignment(name: str, value: int | str | None, before: str, after: str) -> None:
    ctx = context(request(uri=before))
    write(ctx, name, value)
    assert ctx.uri == after
    assert read(ctx, "ou") == before


@pytest.mark.parametrize(
    ("name", "value", "uri"),
    [("rU", 5, SHORT), ("rd", 5, SHORT), ("rd", None, SHORT), ("ru", 5, SHORT),
     ("ru", None, SHORT), ("rp", "7", TEL), ("du", 5, SHORT)],
)  # fmt: skip
def test_an_assignment_that_fails_changes_nothing(
    name: str, value: int | str | None, uri: str
) -> None:
    ctx = context(request(uri=uri))
    with pytest.raises(ValueError, match=r"\w \w"):
        write(ctx, name, value)
    assert ctx.uri == uri
    assert ctx.dst_uri is None


@pytest.mark.parametrize(
    ("name", "value"),
    [("ru", "junk"), ("ru", ""), ("rd", ""), ("rp", "x"), ("rp", 99999), ("rp", -1)],
)
def test_nonsense_is_taken_and_makes_the_uri_null(name: str, value: int | str) -> None:
    ctx = context()
    write(ctx, name, value)
    assert [read(ctx, each) for each in ("ru", "rU", "rd", "rp", "rP", "rz")] == [None] * 6


def test_what_is_no_uri_cannot_be_changed_in_part() -> None:
    ctx = context()
    ctx.ruri = "junk"
    with pytest.raises(ValueError, match="junk"):
        write(ctx, "rU", "x")


def test_a_reply_has_no_uri_to_change() -> None:
    with pytest.raises(ValueError, match="reply"):
        write(context(reply()), "rU", "x")


FUNCTIONS: list[tuple[str, tuple[int | str, ...], str, str]] = [
    ("rewriteuri", ("sip:n@n:1",), LONG, "sip:n@n:1"),
    ("seturi", ("sip:q",), TEL, "sip:q"),
    ("rewritehost", ("n.com",), LONG, "sip:bob:pw@n.com:5070;transport=udp;x=y?H=v"),
    ("seth", ("n.com",), SHORT, "sip:bob@n.com"),
    ("rewritehostport", ("n.com:99",), LONG, "sip:bob:pw@n.com:99;transport=udp;x=y?H=v"),
    ("sethp", ("n.com",), IPV6, "sip:bob;p=1@n.com;user=ip"),
    ("sethostport", ("n.com:99",), TEL, "sip:+1234;a=b@n.com:99;user=phone"),
    (
        "rewritehostporttrans",
        ("n.com:99;transport=tcp",),
        LONG,
        "sip:bob:pw@n.com:99;transport=tcp;x=y?H=v",
    ),
    ("sethpt", ("n.com",), LONG, "sip:bob:pw@n.com;x=y?H=v"),
    ("rewriteport", ("99",), SHORT, "sip:bob@h.com:99"),
    ("setp", ("",), LONG, "sip:bob:pw@h.com;transport=udp;x=y?H=v"),
    ("rewriteuser", ("nu",), LONG, "sip:nu:pw@h.com:5070;transport=udp;x=y?H=v"),
    ("setu", ("",), LONG, "sip:h.com:5070;transport=udp;x=y?H=v"),
    ("rewriteuser", ("$fU",), SHORT, "sip:$fU@h.com"),
    ("rewriteuserpass", ("np",), LONG, "sip:np@h.com:5070;transport=udp;x=y?H=v"),
    ("strip", (1,), LONG, "sip:ob:pw@h.com:5070;transport=udp;x=y?H=v"),
    ("strip", (3,), LONG, "sip:h.com:5070;transport=udp;x=y?H=v"),
    ("strip", (50,), SHORT, "sip:h.com"),
    ("strip", (0,), SHORT, SHORT),
    ("strip", (1,), HOST, HOST),
    ("strip", (3,), TEL, "tel:34;a=b"),
    ("strip_tail", (1,), LONG, "sip:bo:pw@h.com:5070;transport=udp;x=y?H=v"),
    ("strip_tail", (50,), SHORT, "sip:h.com"),
    ("strip_tail", (0,), SHORT, SHORT),
    ("strip_tail", (1,), IPV6, "sip:bob;p=@[::1]:5;user=ip"),
    ("prefix", ("00",), LONG, "sip:00bob:pw@h.com:5070;transport=udp;x=y?H=v"),
    ("prefix", ("00",), HOST, "sip:00@h.com"),
    ("prefix", ("00",), TEL, "tel:00+1234;a=b"),
    ("userphone", (), LONG, "sip:bob:pw@h.com:5070;transport=udp;x=y;user=phone?H=v"),
    ("userphone", (), SHORT, "sip:bob@h.com;user=phone"),
    ("userphone", (), TEL, TEL),
]


@pytest.mark.parametrize(("name", "arguments", "before", "after"), FUNCTIONS)
def test_function(name: str, arguments: tuple[int | str, ...], before: str, after: str) -> None:
    ctx = context(request(uri=before))
    assert call(ctx, name, *arguments) == 1
    assert ctx.uri == after


def test_revert_uri() -> None:
    ctx = context()
    write(ctx, "ru", "sip:new@h")
    assert call(ctx, "revert_uri") == 1
    assert ctx.uri == "sip:bob@callee.example"


@pytest.mark.parametrize(
    ("name", "argument"), [("strip", -1), ("rewriteport", "x"), ("setport", "99999")]
)
def test_arguments_that_make_no_sense_are_refused(name: str, argument: int | str) -> None:
    with pytest.raises(ValueError, match=r"\w \w"):
        call(context(), name, argument)


_URI = st.text(st.sampled_from("ab:@;=?&[]%1/."), max_size=25)


@settings(max_examples=200)
@given(st.sampled_from(["sip:", "sips:", "SIP:", "tel:"]), _URI)
def test_cutting_loses_nothing(scheme: str, rest: str) -> None:
    try:
        parts = cut(scheme + rest)
    except SipParseError:
        return
    if parts.user != "" or parts.is_telephone:  # `sip:@h`: the empty user goes
        assert str(parts) == scheme + rest
