"""Tables of values: paths, and what reading and writing does to a list of values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.core import xavps
from sipway.core.xavps import Xavp, Xavps, xavi_path, xavp_path, xavu_path
from sipway.language.signatures import HOLE


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", ("a", None, None, None)),
        ("a[0]", ("a", 0, None, None)),
        ("a[-1]=>b", ("a", -1, "b", None)),
        ("a[*]=>b[*]", ("a", "*", "b", "*")),
        (" a => b[2] ", ("a", None, "b", 2)),
        ("a=>b=>c", ("a", None, "b", None)),
        ("A-b.c", ("A-b.c", None, None, None)),
    ],
)
def test_a_path(text: str, parts: tuple[object, ...]) -> None:
    path = xavp_path(text)
    assert (path.root, path.root_index, path.child, path.child_index) == parts


@pytest.mark.parametrize("text", ["", "=>b", "a=>", "a[", "a[]", "a[x]", "a[1][2]", "a]b", "a[1]b"])
def test_what_is_no_path(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not name=>name"):
        xavp_path(text)


@pytest.mark.parametrize("text", ["", "a=>", "a[0]", "=>".join("abcdefghijklmnopq")])
def test_what_is_no_path_of_a_xavu(text: str) -> None:
    with pytest.raises(ValueError, match=r"\$xavu"):
        xavu_path(text)


def test_values_of_variables_fill_the_holes_and_are_not_read_as_paths() -> None:
    path = xavp_path(f"a{HOLE}[{HOLE}]=>b[{HOLE}]").fill("0]=>secret[0", "7", None)
    assert (path.root, path.root_index) == ("a0]=>secret[0", 7)
    assert (path.child, path.child_index) == ("b", 0)
    assert xavu_path(f"a=>{HOLE}").fill("b=>c").names == ("a", "b=>c")
    assert xavi_path(f"A{HOLE}").fill("Bc").root == "abc"


def test_a_table_is_read_as_a_mark() -> None:
    values: Xavps = [Xavp("a", [Xavp("b", 1)])]
    assert xavps.read(values, xavp_path("a")) == "<<xavp:a>>"
    assert xavps.read(values, xavp_path("a=>b")) == 1
    assert xavps.read(values, xavp_path("a=>none")) is None


def test_writing_where_nothing_is_says_so() -> None:
    values: Xavps = []
    with pytest.raises(ValueError, match=r"no value a\[0\]"):
        xavps.write(values, xavp_path("a[0]"), 1)
    xavps.write(values, xavp_path("a"), 1)
    with pytest.raises(ValueError, match="holds a value"):
        xavps.write(values, xavp_path("a[0]=>b"), 1)
    xavps.write(values, xavp_path("a[0]=>b"), None)
    assert values == [Xavp("a", 1)]


def test_a_copy_shares_nothing() -> None:
    inner: Xavps = [Xavp("b", 1)]
    copy = xavps.copied(inner)
    assert copy == inner
    inner[0].value = 2
    assert copy == [Xavp("b", 1)]


def test_xavus_are_tables_in_tables() -> None:
    tree: xavps.XavuTree = {}
    xavps.write_xavu(tree, ("a", "b", "c"), 1)
    assert xavps.read_xavu(tree, ("a", "b", "c")) == 1
    assert xavps.read_xavu(tree, ("a", "b")) is None
    assert xavps.read_xavu(tree, ("a",)) == "<<xavp:a>>"
    assert xavps.read_xavu(tree, ("a", "b", "c", "d")) is None
    xavps.write_xavu(tree, ("x", "y"), None)
    xavps.write_xavu(tree, ("a", "b"), None)
    assert tree == {"a": {}}


_names = st.sampled_from(["a", "b"])
_writes = st.lists(st.tuples(_names, st.one_of(st.none(), st.integers(0, 9))), max_size=15)


@given(_writes)
def test_values_of_each_name_are_a_stack(writes: list[tuple[str, int | None]]) -> None:
    values: Xavps = []
    model: dict[str, list[int]] = {"a": [], "b": []}
    for name, value in writes:
        xavps.write(values, xavp_path(name), value)
        if value is None:
            del model[name][:1]
        else:
            model[name].insert(0, value)
    for name, stack in model.items():
        size = len(stack)
        read = [xavps.read(values, xavp_path(f"{name}[{at}]")) for at in range(-size, size + 1)]
        assert read == [*stack, *stack, None]
        assert xavps.count(values, xavp_path(name)) == size
