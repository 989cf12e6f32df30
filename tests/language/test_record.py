"""Records behave as frozen dataclasses with slots do."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from sipway.language.record import Record, field, fields, replace


class Place(Record):
    line: int


class Word(Place):
    text: str
    known: bool = False
    notes: list[str] = field(default_factory=list)

    @property
    def loud(self) -> str:
        return self.text.upper()


class Other(Place):
    text: str


class Counter(Record, frozen=False):
    name: str
    count: int = 0


class Nothing(Record):
    pass


def test_fields_are_those_above_and_then_its_own_with_defaults() -> None:
    word = Word(3, text="route")
    assert (word.line, word.text, word.known, word.notes) == (3, "route", False, [])
    assert word.loud == "ROUTE"
    assert list(fields(Word)) == ["line", "text", "known", "notes"]
    assert fields(Word)["notes"] == "list[str]"
    assert repr(word) == "Word(line=3, text='route', known=False, notes=[])"
    assert repr(Nothing()) == "Nothing()"


def test_an_object_of_the_class_above_comes_first_or_last() -> None:
    """Each class has an `__init__` of its own, whichever is used first."""
    assert Place(1).line == 1
    assert Other(2, "x").text == "x"
    assert Place(3).line == 3


def test_a_made_default_is_not_shared() -> None:
    first, second = Word(1, "a"), Word(1, "a")
    first.notes.append("seen")
    assert second.notes == []


def test_same_fields_and_same_kind_are_equal() -> None:
    assert Other(1, "a") == Other(1, "a")
    assert Other(1, "a") != Other(2, "a")
    assert Other(1, "a") != Word(1, "a")
    assert Other(1, "a") != (1, "a")
    assert len({Other(1, "a"), Other(1, "a"), Other(1, "b")}) == 2


@pytest.mark.parametrize(
    "change",
    [
        lambda word: setattr(word, "text", "b"),
        lambda word: setattr(word, "unknown", "b"),
        lambda word: delattr(word, "text"),
    ],
)
def test_nothing_of_it_can_be_changed(change: Callable[[Any], None]) -> None:
    word = Word(1, "a")
    with pytest.raises(AttributeError, match=r"Word\.\w+ cannot be changed"):
        change(word)
    assert word == Word(1, "a")
    assert not hasattr(word, "__dict__")


def test_one_that_is_not_frozen_changes_and_has_no_hash() -> None:
    counter = Counter("calls")
    counter.count += 1
    assert counter == Counter("calls", 1)
    with pytest.raises(TypeError, match="unhashable"):
        hash(counter)
    with pytest.raises(AttributeError):
        counter.unknown = 1  # type: ignore[attr-defined]


def test_replace_makes_another_one() -> None:
    word = Word(1, "a", notes=["x"])
    assert replace(word, known=True) == Word(1, "a", True, ["x"])
    assert word == Word(1, "a", notes=["x"])
    with pytest.raises(TypeError, match="unknown"):
        replace(word, unknown=1)


@pytest.mark.parametrize("arguments", [(), (1,), (1, "a", True, [], 5)])
def test_wrong_numbers_of_arguments_are_refused_by_name(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(TypeError, match=r"^Word\.__init__\(\)"):
        Word(*arguments)


@pytest.mark.parametrize("record", [Word(1, "a"), Counter("calls", 2), Nothing()])
def test_pickle_and_copy_keep_it(record: Record) -> None:
    assert pickle.loads(pickle.dumps(record)) == record
    assert copy.copy(record) == record


def test_match_takes_fields_by_place() -> None:
    match Other(7, "a"):
        case Other(line, text):
            assert (line, text) == (7, "a")
