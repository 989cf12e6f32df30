"""Values with their checksums, and frames: the same whichever build has made them."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.stores._frame import Frame, opened, sealed

_BYTES = st.one_of(
    st.binary(max_size=300),
    st.integers(0, 1000).map(lambda size: bytes(range(250)) * 4 + b"x" * size),
)


@given(_BYTES)
def test_the_checksum_is_that_of_zlib(value: bytes) -> None:
    stored = sealed(value)
    assert stored == value + struct.pack("<I", zlib.crc32(value))
    assert opened(stored) == value


@given(_BYTES, st.data())
def test_damage_is_found(value: bytes, data: st.DataObject) -> None:
    stored = bytearray(sealed(value))
    stored[data.draw(st.integers(0, len(stored) - 1))] ^= data.draw(st.integers(1, 255))
    assert opened(bytes(stored)) is None


@pytest.mark.parametrize("size", range(4))
def test_what_is_too_short_is_damaged(size: int) -> None:
    assert opened(b"\0" * size) is None
    assert opened(b"\0" * 4) == b""


@given(
    st.lists(
        st.tuples(
            st.binary(min_size=1, max_size=255),
            st.binary(min_size=1, max_size=511),
            st.none() | _BYTES,
        ),
        max_size=6,
    )
)
def test_a_frame_has_its_length_and_checksum_and_is_empty_then(
    operations: list[tuple[bytes, bytes, bytes | None]],
) -> None:
    frame = Frame()
    wanted = b""
    for name, key, value in operations:
        frame.add(name, key, value)
        size = 0xFFFFFFFF if value is None else len(value)
        wanted += struct.pack("<BHI", len(name), len(key), size) + name + key + (value or b"")
        assert len(frame) == len(wanted)
    assert frame.operations() == wanted
    assert frame.take() == struct.pack("<II", len(wanted), zlib.crc32(wanted)) + wanted
    assert len(frame) == 0
    frame.add(b"t", b"k", b"v")
    frame.clear()
    assert frame.operations() == b""


def test_what_does_not_fit_into_a_frame() -> None:
    frame = Frame()
    for name, key in ((b"n" * 256, b"k"), (b"n", b"k" * 65_536)):
        with pytest.raises(ValueError, match="too long"):
            frame.add(name, key, b"")
    assert len(frame) == 0
