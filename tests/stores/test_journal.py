"""What was appended to a journal is read back, up to the first damage."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.errors import StoreError
from sipway.stores._frame import Frame
from sipway.stores.journal import Journal, Operation, read

_OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["location", "secrets", "ü"]),
        st.binary(min_size=1, max_size=511),
        st.none() | st.binary(max_size=300),
    ),
    min_size=1,
    max_size=5,
)


def _frame(operations: list[Operation]) -> bytes:
    frame = Frame()
    for name, key, value in operations:
        frame.add(name.encode(), key, value)
    return frame.take()


def _write(path: Path, frames: list[list[Operation]]) -> list[int]:
    """The length of the file after each frame."""
    journal = Journal(path)
    sizes = []
    for frame in frames:
        journal.append(_frame(frame))
        sizes.append(journal.size)
    journal.close()
    return sizes


@given(st.lists(_OPERATIONS, max_size=5))
def test_frames_come_back_as_they_were_written(
    tmp_path_factory: pytest.TempPathFactory, frames: list[list[Operation]]
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal-1"
    _write(path, frames)
    assert list(read(path)) == frames


@given(st.lists(_OPERATIONS, min_size=1, max_size=4), st.data())
def test_what_is_cut_off_or_changed_ends_the_reading_at_the_frame_before(
    tmp_path_factory: pytest.TempPathFactory, frames: list[list[Operation]], data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("journal") / "journal-1"
    sizes = [8, *_write(path, frames)]
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(8, len(content) - 1))
    if data.draw(st.booleans()):
        del content[at:]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    whole = sum(size <= at for size in sizes) - 1
    assert list(read(path)) == frames[:whole]


def test_a_journal_goes_on_where_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "journal-1"
    _write(path, [[("a", b"1", b"x")]])
    _write(path, [[("a", b"1", None)]])
    assert list(read(path)) == [[("a", b"1", b"x")], [("a", b"1", None)]]


@pytest.mark.parametrize("content", [b"", b"SIPW", b"something else altogether"])
def test_what_is_no_journal_has_no_frames(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "journal-1"
    path.write_bytes(content)
    assert list(read(path)) == []


def test_a_journal_that_cannot_be_opened_says_so(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot write"):
        Journal(tmp_path / "nowhere" / "journal-1")
    with pytest.raises(StoreError, match="cannot read"):
        list(read(tmp_path / "nowhere"))


def test_what_does_not_fit_is_an_error_and_leaves_the_frames_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal-1"
    journal = Journal(path)
    journal.append(_frame([("a", b"1", b"x")]))
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:5]))
    with pytest.raises(StoreError, match="no space left"):
        journal.append(_frame([("a", b"2", b"y")]))
    monkeypatch.undo()
    journal.append(_frame([("a", b"3", b"z")]))
    journal.close()
    assert list(read(path)) == [[("a", b"1", b"x")], [("a", b"3", b"z")]]
