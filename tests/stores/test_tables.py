"""Every store does with its tables what a sorted dictionary does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sipway.errors import StoreError
from sipway.stores.embedded import EmbeddedStore
from sipway.stores.interface import LONGEST_KEY, Store
from sipway.stores.memory import MemoryStore

Make = Callable[[], Store]


@pytest.fixture(params=["memory", "embedded"])
def make(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Make]:
    made: list[Store] = []

    def make() -> Store:
        if request.param == "memory":
            made.append(MemoryStore())
        else:
            made.append(EmbeddedStore(tmp_path_factory.mktemp("store"), pytest.fail))
        return made[-1]

    yield make
    for store in made:
        store.close()


_KEYS = st.sampled_from([b"a", b"ab", b"b", b"\0", b"\xff", b"k" * LONGEST_KEY])
_STEPS = st.lists(
    st.tuples(st.just("put"), _KEYS, st.binary(max_size=9000))
    | st.tuples(st.just("delete"), _KEYS, st.just(b""))
    | st.tuples(st.just("commit"), st.just(b""), st.just(b"")),
    max_size=30,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=_STEPS, start=st.just(b"") | _KEYS, count=st.integers(0, 4))
def test_a_table_is_a_sorted_dictionary(
    make: Make, steps: list[tuple[str, bytes, bytes]], start: bytes, count: int
) -> None:
    store = make()
    table = store.table("location")
    model: dict[bytes, bytes] = {}
    for step, key, value in steps:
        if step == "put":
            table.put(key, value)
            model[key] = value
        elif step == "delete":
            assert table.delete(key) == (key in model)
            model.pop(key, None)
        else:
            store.commit()
        assert table.get(key or b"a") == model.get(key or b"a")
    assert len(table) == len(model)
    behind = sorted(item for item in model.items() if item[0] > start or not start)
    assert table.after(start, count) == behind[:count]


def test_tables_do_not_share_keys(make: Make) -> None:
    store = make()
    store.table("a").put(b"k", b"1")
    assert store.table("b").get(b"k") is None
    assert store.table("a").get(b"k") == b"1"


def test_the_key_has_its_limits(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path, pytest.fail)
    table = store.table("location")
    for key in (b"", b"k" * (LONGEST_KEY + 1)):
        with pytest.raises(StoreError, match="1 to 511 bytes"):
            table.put(key, b"")
        assert table.get(key) is None
        assert not table.delete(key)
    table.put(b"k", b"v")
    assert table.get(b"k") == b"v"
    store.close()
