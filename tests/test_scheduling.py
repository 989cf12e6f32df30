"""Tests that share what is made for them run in one process, and what takes long begins first."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.scheduling import _LONG, _PARTS, group, in_order


def test_tests_of_a_file_are_one_group() -> None:
    assert group("tests/sip/test_uri.py::test_a[x-1]") == "tests/sip/test_uri.py"
    assert group("tests/sip/test_uri.py::TestA::test_b") == "tests/sip/test_uri.py"


@pytest.mark.parametrize("file", ["tests/compat/test_flows.py", "tests/compat/test_compat.py"])
def test_what_is_played_together_is_looked_at_together(file: str) -> None:
    names = [f"played{number}" for number in range(20)]
    groups = {
        name: {group(f"{file}::test_same_as_kamailio[{name}-{case}]") for case in ("a", "b-c", "]")}
        for name in names
    }
    assert all(len(found) == 1 for found in groups.values())
    # And not all of it by one process.
    assert len(set.union(*groups.values())) == 2


def test_files_that_take_long_are_there() -> None:
    root = Path(__file__).parents[1]
    assert [file for file in (*_LONG, *_PARTS) if not (root / file).is_file()] == []


def test_what_takes_long_begins_first_then_what_has_most_tests() -> None:
    groups = [
        ("tests/sip/test_a.py", 3),
        ("tests/compat/test_compat.py-1", 1),
        ("tests/sip/test_b.py", 5000),
        ("tests/compat/test_flows.py-0", 2),
    ]
    assert in_order(groups) == [
        "tests/compat/test_flows.py-0",
        "tests/compat/test_compat.py-1",
        "tests/sip/test_b.py",
        "tests/sip/test_a.py",
    ]
