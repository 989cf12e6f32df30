"""Addresses in headers: RFC 3261 section 20.10."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.sip.nameaddr import parse_name_addr


@pytest.mark.parametrize(
    ("text", "uri", "display", "params"),
    [
        ("sip:a@h", "sip:a@h", "", {}),
        ("sip:a@h;tag=1", "sip:a@h", "", {"tag": "1"}),
        ("<sip:a@h;lr>;TAG=1;x", "sip:a@h;lr", "", {"tag": "1", "x": None}),
        ("Alice  B <sip:a@h>", "sip:a@h", "Alice  B", {}),
        ('"A \\" <b>;tag=9" <sip:a@h> ; tag = 1 ', "sip:a@h", '"A \\" <b>;tag=9"', {"tag": "1"}),
        ('<sip:a@h>;x="1;2,3";tag=1', "sip:a@h", "", {"x": '"1;2,3"', "tag": "1"}),
        ("<sip:a@h>;tag=1, <sip:b@h>;tag=2", "sip:a@h", "", {"tag": "1"}),
        ("<sip:a@h>, <sip:b@h>;tag=2", "sip:a@h", "", {}),
        ("sip:a@h, sip:b@h;tag=2", "sip:a@h", "", {}),
        ("<sip:a@h>;tag=1;tag=2;;", "sip:a@h", "", {"tag": "1"}),
        ("<sip:a@h", "", "", {}),
        ('"open <sip:a@h>', "", "", {}),
        ("", "", "", {}),
        ("*", "*", "", {}),
        ("<>", "", "", {}),
    ],
)
def test_parts(text: str, uri: str, display: str, params: dict[str, str | None]) -> None:
    address = parse_name_addr(text)
    if text.startswith('"open'):  # a quote that is not closed hides everything behind it
        assert (address.tag, address.params) == (None, {})
        return
    assert (address.uri, address.display, address.params) == (uri, display, params)
    assert address.tag == params.get("tag")


def test_the_uri_taken_apart() -> None:
    parsed = parse_name_addr("<sip:a@h:99>").parsed
    assert parsed is not None
    assert (parsed.user, parsed.host, parsed.port) == ("a", "h", 99)
    assert parse_name_addr("nonsense").parsed is None


@given(st.text(max_size=80))
def test_noise_raises_nothing(text: str) -> None:
    address = parse_name_addr(text)
    _ = address.uri, address.display, address.params, address.tag, address.parsed
