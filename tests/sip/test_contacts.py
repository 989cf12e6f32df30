"""Contacts of REGISTERs: what is read of them, and that nothing strange gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.errors import SipParseError
from sipway.sip.contacts import MOST, ContactValue, parse_contacts


def _parsed(text: str) -> tuple[list[ContactValue], bool]:
    found: list[ContactValue] = []
    star = parse_contacts(text.encode("utf-8", "surrogateescape"), found)
    return found, star


def _shown(value: ContactValue) -> dict[str, bytes]:
    names = ("uri", "expires", "q", "instance", "reg_id", "received", "methods")
    return {name: got for name in names if (got := getattr(value, name)) is not None}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("<sip:a@b>", [{"uri": b"sip:a@b"}]),
        ("sip:a@b", [{"uri": b"sip:a@b"}]),
        ("sip:a@b;expires=5", [{"uri": b"sip:a@b", "expires": b"5"}]),
        (" < sip:a@b > ; expires = 5 ", [{"uri": b"sip:a@b", "expires": b"5"}]),
        ("<sip:a@b;expires=7>;EXPIRES=5", [{"uri": b"sip:a@b;expires=7", "expires": b"5"}]),
        ('"A, <x> \\" b" <sip:a@b>;q=0.5', [{"uri": b"sip:a@b", "q": b"0.5"}]),
        ("A B <sip:a@b>;Q=1", [{"uri": b"sip:a@b", "q": b"1"}]),
        ("<sip:a@b>, <sip:c@d>;q=0", [{"uri": b"sip:a@b"}, {"uri": b"sip:c@d", "q": b"0"}]),
        ("sip:a@b,sip:c@d", [{"uri": b"sip:a@b"}, {"uri": b"sip:c@d"}]),
        ("<sip:a@b>;expires;x;q=", [{"uri": b"sip:a@b", "expires": b"", "q": b""}]),
        (
            '<sip:a@b>;+sip.instance="<urn:uuid:1>";reg-id=2;methods="INVITE,BYE"',
            [
                {
                    "uri": b"sip:a@b",
                    "instance": b"<urn:uuid:1>",
                    "reg_id": b"2",
                    "methods": b"INVITE,BYE",
                }
            ],
        ),
        ('<sip:a@b>;received="sip:c;x"', [{"uri": b"sip:a@b", "received": b"sip:c;x"}]),
        ("<sip:a@b,c>;expires=1", [{"uri": b"sip:a@b,c", "expires": b"1"}]),
    ],
)
def test_addresses_and_their_parameters(text: str, wanted: list[dict[str, bytes]]) -> None:
    found, star = _parsed(text)
    assert [_shown(each) for each in found] == wanted
    assert not star


@pytest.mark.parametrize(("text", "count"), [("*", 0), (" * ", 0), ("*, <sip:a@b>", 1)])
def test_a_star(text: str, count: int) -> None:
    found, star = _parsed(text)
    assert (len(found), star) == (count, True)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ",", "<sip:a@b>,", "<sip:a@b", "<>", '"a <sip:a@b>', "<sip:a@b> x", ";expires=1",
        '<sip:a@b>;x="y', '<sip:a@b>;x="y"z', "<sip:a@b>;x=y z",
    ],
)  # fmt: skip
def test_what_is_none_is_refused(text: str) -> None:
    with pytest.raises(SipParseError):
        _parsed(text)


def test_there_is_an_end_to_how_many() -> None:
    assert len(_parsed(",".join(["<sip:a@b>"] * MOST))[0]) == MOST
    with pytest.raises(SipParseError, match="too many"):
        _parsed(",".join(["<sip:a@b>"] * (MOST + 1)))


@given(st.text(alphabet='<>";,=\\*sipq: \t@a', max_size=60) | st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found, _ = _parsed(text)
    except (SipParseError, UnicodeEncodeError):
        return
    for each in found:
        assert each.uri
        assert each.uri.strip() == each.uri or not each.uri.isascii()
