"""The binary protocol of kamcmd: packets in pieces, all kinds of values, and what is none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.core.commands import Named
from sipway.rpc import binrpc

_TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=300)
_NUMBERS = st.integers(-(2**31), 2**31 - 1)
_SCALARS = _TEXTS | _NUMBERS
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(st.tuples(_TEXTS, inner), max_size=4).map(Named)
    ),
    max_leaves=12,
)


@given(_TEXTS, st.lists(_SCALARS, max_size=5), st.binary(min_size=1, max_size=4))
def test_a_request_comes_out_as_it_went_in(
    method: str, parameters: list[int | str], cookie: bytes
) -> None:
    data = binrpc.request(method, parameters, cookie)
    assert binrpc.packet_size(data) == len(data)
    found = binrpc.read_request(data)
    assert (found.method, found.cookie) == (method, cookie)
    assert [_unsigned(each) for each in found.parameters] == [_unsigned(e) for e in parameters]


def _unsigned(value: Any) -> Any:
    """As short as numbers are written, a small negative one does not keep its sign."""
    return value % 2**32 if isinstance(value, int) else value


@given(st.lists(_VALUES, max_size=5))
def test_a_reply_comes_out_as_it_went_in(values: list[Any]) -> None:
    fine, found = binrpc.read_reply(binrpc.reply(values, b"\1\2"))
    assert fine
    assert _plain(found) == _plain(values)


def _plain(value: Any) -> Any:
    if isinstance(value, Named):
        return [(name, _plain(each)) for name, each in value]
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return _unsigned(value)


def test_a_mapping_is_a_struct_and_a_float_has_three_digits() -> None:
    fine, found = binrpc.read_reply(binrpc.reply([{"q": 0.5, "n": -1}], b"\0"))
    assert fine
    assert found == [Named([("q", 0.5), ("n", -1)])]


def test_what_is_not_there_is_shown_as_kamailio_shows_it() -> None:
    (found,) = binrpc.read_reply(binrpc.reply([{"a": None}], b"\1"))[1]
    assert found == [("a", "<null string>")]


def test_what_kamailio_sends_for_a_half() -> None:
    assert b"\x22\x01\xf4" in binrpc.reply([0.5], b"\0")


def test_a_fault_has_a_code_and_a_reason() -> None:
    fine, found = binrpc.read_reply(binrpc.fault(500, "command x not found", b"\7"))
    assert not fine
    assert found == [500, "command x not found"]


def test_the_size_is_not_known_before_the_head_is_there() -> None:
    data = binrpc.request("core.uptime", [], b"abcd")
    sizes = [binrpc.packet_size(data[:length]) for length in range(len(data))]
    assert sizes[0] is None
    assert set(sizes[3:]) == {len(data)}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"GET / HTTP/1.1\r\n", "begins with 0xa1"),
        (b"\xa1\x0c\xff\xff\xff\xff\0", "too long"),
    ],
)
def test_what_is_no_packet_is_refused_at_its_head(data: bytes, reason: str) -> None:
    with pytest.raises(binrpc.BinrpcError, match=reason):
        binrpc.packet_size(data)


def _body(body: bytes) -> bytes:
    return bytes([0xA1, 0x00, len(body), 0x07]) + body


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "bad request method"),
        (b"\x10\x05", "bad request method"),  # a number
        (b"\x21ab", "no end"),  # a text without its zero
        (b"\x71ab", "cut off"),
        (b"\x21a\0\x04", "no end"),  # an array
        (b"\x21a\0\x84", "has not begun"),
        (b"\x21a\0\x07", "no records of kind 7"),
        (b"\x21a\0\x04\x84", "texts and numbers"),
        (b"\x21a\0\x03\x25b\0\x83", "names and values"),
        (b"\x04" * 60, "too deeply"),
    ],
)
def test_a_broken_request_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(binrpc.BinrpcError, match=reason):
        binrpc.read_request(_body(body))


@given(st.binary(max_size=80))
def test_no_bytes_do_harm(body: bytes) -> None:
    try:
        binrpc.read_request(_body(body))
    except binrpc.BinrpcError:
        return
