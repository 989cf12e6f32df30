"""JSON documents in a stream, however it is cut."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sipway.core.commands.jsonrpc import LONGEST
from sipway.rpc.documents import Documents

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
).map(lambda value: {"value": value})


@given(st.lists(_JSON, max_size=4), st.integers(1, 7))
def test_documents_come_out_whatever_the_pieces(values: list[Any], step: int) -> None:
    data = " \n".join(json.dumps(each, ensure_ascii=False) for each in values).encode()
    documents = Documents()
    found = []
    for at in range(0, len(data), step):
        found += documents.feed(data[at : at + step])
    assert [json.loads(each) for each in found] == values
    assert not documents.waits


def test_what_is_no_json_is_given_once_and_is_in_nobodys_way() -> None:
    documents = Documents()
    found = documents.feed(b'{"a": 1} nonsense {"b": 2} 3')
    assert found == [b'{"a": 1}', b"nonsense", b'{"b": 2}', b"3"]
    assert documents.feed(b'{"c": 3}') == [b'{"c": 3}']
    assert documents.feed(b'{"c": ]} 5') == [b'{"c": ]', b"} 5"]


def test_what_never_ends_does_not_grow_for_ever() -> None:
    documents = Documents()
    assert documents.feed(b'{"a": "' + b"x" * 1000) == []
    assert documents.waits
    found = documents.feed(b"x" * (LONGEST + 10))
    assert len(found) == 1
    assert not documents.waits


def test_the_beginning_of_one_can_be_dropped() -> None:
    documents = Documents()
    documents.feed(b'{"a": ')
    documents.drop()
    assert documents.feed(b"[1]") == [b"[1]"]
