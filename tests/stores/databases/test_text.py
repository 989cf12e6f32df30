"""Text files as a database: what other programs write is read, what is written others read."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.errors import DatabaseDownError, DatabaseError
from sipway.stores.databases import Condition, Database
from sipway.stores.databases.guard import Guard
from sipway.stores.databases.text import TextDatabase
from sipway.stores.databases.text_file import Column, read_table, write_table

_SAMPLE = (
    "id(int,auto) name(str) flag(double) desc(str,null)\n"
    "1:nick:0.34:a\\tgood\\: friend\n"
    "2:cole:-3.75:colleague\n"
    "3:bob:2.50:\n"
)


def _run(directory: Path, work: Callable[[Database], Awaitable[Any]], **options: Any) -> None:
    async def whole() -> None:
        opened = TextDatabase(str(directory), "text", Guard("text", 5, lambda *_: None), **options)
        try:
            await work(opened)
        finally:
            await opened.close()

    asyncio.run(whole())


def test_a_file_of_all_types(tmp_path: Path) -> None:
    (tmp_path / "friends").write_text(_SAMPLE)

    async def work(opened: Database) -> None:
        assert await opened.select("friends", ["name", "flag", "desc"], order="id") == [
            ("nick", 0.34, "a\tgood: friend"),
            ("cole", -3.75, "colleague"),
            ("bob", 2.5, None),
        ]

    _run(tmp_path, work)


def test_what_is_written_is_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "friends"
    path.write_text(_SAMPLE)
    path.chmod(0o640)

    async def work(opened: Database) -> None:
        await opened.insert("friends", {"name": "a:b\\\n", "flag": 1.0})
        assert path.read_text() == _SAMPLE + "4:a\\:b\\\\\\n:1.00:\n"
        await opened.delete("friends", [Condition("id", 4)])
        assert path.read_text() == _SAMPLE

    _run(tmp_path, work)
    assert path.stat().st_mode & 0o777 == 0o640
    assert [each.name for each in tmp_path.iterdir()] == ["friends"]


def test_a_file_that_changes_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "friends"
    path.write_text("name(str)\nann\n")

    async def work(opened: Database) -> None:
        assert await opened.select("friends", ["name"]) == [("ann",)]
        path.write_text("name(str)\nbob\ncy\n")
        assert await opened.select("friends", ["name"], order="name") == [("bob",), ("cy",)]
        path.unlink()
        with pytest.raises(DatabaseError, match="friends"):
            await opened.select("friends", ["name"])

    _run(tmp_path, work)


def test_another_delimiter_and_empty_texts(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("a(str) b(str,null)\nx:y|\n|z\\|\n")

    async def work(opened: Database) -> None:
        assert await opened.select("t", ["a", "b"]) == [("x:y", ""), ("", "z|")]

    _run(tmp_path, work, delimiter="|", empty_is_text=True)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "t:1 names no columns"),
        ("a b\n", 't:1: "a" is no column'),
        ("a(float)\n", 't:1: "a(float)" is no column'),
        ("a(int,maybe)\n", 't:1: "a(int,maybe)" is no column'),
        ("a(int) b(str)\n1:x\n2\n", "t:3 has 1 fields for 2 columns"),
        ("a(int)\nx\n", 't:2: a is a number, not "x"'),
        ("a(int)\n1\n2\n3\n4\n", "has 4 rows, 3 are the most"),
    ],
)
def test_a_file_that_is_wrong_is_named_with_its_line(
    tmp_path: Path, text: str, reason: str
) -> None:
    (tmp_path / "t").write_text(text)

    async def work(opened: Database) -> None:
        with pytest.raises(DatabaseError) as caught:
            await opened.select("t", ["a"])
        assert reason in str(caught.value)

    _run(tmp_path, work, most_rows=3)


def test_a_null_where_there_may_be_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("a(str) b(str,null)\n")

    async def work(opened: Database) -> None:
        with pytest.raises(DatabaseError):
            await opened.insert("t", {"a": None, "b": "x"})

    _run(tmp_path, work)


@pytest.mark.parametrize("wrong", ["a(int) b(str)\n:x\n", f"a(int)\n{2**70}\n"])
def test_a_file_that_was_wrong_is_read_when_it_is_mended(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "t"
    path.write_text("a(int)\n1\n")

    async def work(opened: Database) -> None:
        assert await opened.select("t", ["a"]) == [(1,)]
        path.write_text(wrong)
        for _ in range(2):
            with pytest.raises(DatabaseError) as caught:
                await opened.select("t", ["a"])
            assert "transaction" not in str(caught.value)
        path.write_text("a(int)\n2\n3\n")
        assert await opened.select("t", ["a"], order="a") == [(2,), (3,)]
        await opened.insert("t", {"a": 4})
        assert path.read_text() == "a(int)\n2\n3\n4\n"

    _run(tmp_path, work)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere: not root")
def test_a_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "t").write_text("a(str)\n")
    tmp_path.chmod(0o500)

    async def work(opened: Database) -> None:
        with pytest.raises(DatabaseDownError, match="cannot be written"):
            await opened.insert("t", {"a": "x"})
        assert await opened.select("t", ["a"]) == []

    try:
        _run(tmp_path, work)
    finally:
        tmp_path.chmod(0o700)


_FIELD = st.one_of(
    st.none(), st.text(min_size=1, alphabet=st.characters(exclude_categories=["Cs"]))
)


@given(rows=st.lists(st.tuples(_FIELD, st.none() | st.integers(-(2**63), 2**63 - 1)), max_size=8))
def test_every_row_survives(rows: list[tuple[str | None, int | None]]) -> None:
    columns = (Column("a", "str", "null"), Column("b", "int", "null"))
    text = write_table(columns, rows, ":")
    kept = [row for row in rows if row != (None, None)]
    read = read_table(text, "t", ":", empty_is_text=False)
    assert [row for row in read.rows if row != (None, None)] == kept
