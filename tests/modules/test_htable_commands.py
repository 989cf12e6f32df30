"""htable: commands; what 5.6.3 answers too is held by `tests/compat/test_commands.py`."""

from __future__ import annotations

import time
from typing import Any

import pytest

from sipway.core.program import Program
from sipway.modules.htable._module import tables
from tests.modules.commanding import give
from tests.modules.running import NOW
from tests.modules.test_htable import program_of

_SET = "Ok. Key set to new value."


@pytest.fixture
def program() -> Program:
    made, _ = program_of()
    made.clock = lambda: NOW
    tables(made)["t"].set("a", "text", NOW)
    tables(made)["e"].set("n", 5, NOW)
    return made


def test_an_item(program: Program) -> None:
    assert give(program, "htable.get", "t", "a") == {
        "item": {"name": "a", "value": "text", "flags": 2, "expire": "NEVER"}
    }
    until = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(NOW + 100))
    assert give(program, "htable.get", "e", "n") == {
        "item": {"name": "n", "value": 5, "flags": 0, "expire": until}
    }


@pytest.mark.parametrize(
    ("command", "answer", "table", "items"),
    [
        (("htable.sets", "t", "a", "x"), _SET, "t", {"a": "x"}),
        (("htable.sets", "t", "b", 5), _SET, "t", {"a": "text", "b": "5"}),
        (("htable.seti", "t", "a", 5), _SET, "t", {"a": 5}),
        (("htable.seti", "t", 7, "-5"), _SET, "t", {"a": "text", "7": -5}),
        (("htable.seti", "t", "a", 2**31), _SET, "t", {"a": -(2**31)}),
        (("htable.setxs", "e", "n", "x", 5), _SET, "e", {"n": "x"}),
        (("htable.setxi", "e", "m", 6, 5), _SET, "e", {"n": 5, "m": 6}),
        (("htable.setex", "e", "none", 5), "Ok", "e", {"n": 5}),
        (("htable.delete", "t", "a"), "Ok. Key deleted.", "t", {}),
        (("htable.flush", "t"), "Ok. Htable flushed.", "t", {}),
        (("htable.delete", "t", "b"), (404, "Key not found in htable."), "t", {"a": "text"}),
        (("htable.get", "t", "b"), (500, "Key name doesn't exist in htable."), "t", {"a": "text"}),
    ],
)
def test_items_are_changed(
    program: Program, command: tuple[Any, ...], answer: object, table: str, items: object
) -> None:
    assert give(program, *command) == answer
    assert tables(program)[table].values == items


@pytest.mark.parametrize(
    ("command", "left"),
    [
        (("htable.setex", "e", "n", 10), 10),
        (("htable.setex", "e", "n", 0), None),
        (("htable.setxs", "e", "n", "x", 20), 20),
        (("htable.setxi", "e", "n", 1, -1), 100),
        (("htable.seti", "e", "n", 1), 100),
    ],
)
def test_how_long_items_live(program: Program, command: tuple[Any, ...], left: int | None) -> None:
    give(program, *command)
    assert tables(program)["e"].left("n", NOW) == left


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (("htable.get", "tt", "a"), "No such htable"),
        (("htable.delete", "tt", "a"), "No such htable"),
        (("htable.sets", "tt", "a", "x"), "No such htable"),
        (("htable.seti", "tt", "a", 1), "No such htable"),
        (("htable.setex", "tt", "a", 1), "No such htable"),
        (("htable.setxs", "tt", "a", "x", 1), "Failed to set the item"),
        (("htable.setxi", "tt", "a", 1, 1), "Failed to set the item"),
        (("htable.dump", "tt"), "No such htable"),
        (("htable.flush", "tt"), "No such htable"),
        (("htable.get", "t"), "Not enough parameters (htable name and key name)"),
        (("htable.delete", "t"), "Not enough parameters (htable name & key name"),
        (("htable.sets", "t", "a"), "Not enough parameters (htable name, key name and value)"),
        (("htable.seti", "t", "a", "x"), "Not enough parameters (htable name, key name and value)"),
        (("htable.setex", "t", "a"), "Not enough parameters (htable name, item name and expire)"),
        (
            ("htable.setxi", "t", "a", "x", 5),
            "Not enough parameters (htable name, key name, value and expire)",
        ),
        (("htable.dump",), "No htable name given"),
        (("htable.flush",), "No htable name given"),
        (("htable.reload", "t"), "No htable db_url"),
        (("htable.store",), "No htable db_url"),
    ],
)
def test_what_cannot_be_done(program: Program, command: tuple[Any, ...], reason: str) -> None:
    assert give(program, *command) == (500, reason)


def test_what_has_expired_is_not_there(program: Program) -> None:
    program.clock = lambda: NOW + 200
    assert give(program, "htable.get", "e", "n") == (500, "Key name doesn't exist in htable.")
    assert give(program, "htable.delete", "e", "n") == (404, "Key not found in htable.")
    assert give(program, "htable.dump", "e") == []


def test_dump(program: Program) -> None:
    table = tables(program)["t"]
    table.clear()
    for key in ("a", "q", "b"):
        table.set(key, 1 if key == "b" else "x", NOW)
    found = give(program, "htable.dump", "t")
    assert [(each["entry"], each["size"]) for each in found] == [(109, 1), (110, 1), (127, 1)]
    assert found[1]["slot"] == [{"name": "b", "value": 1, "type": "int"}]
    assert found[0]["slot"] == [{"name": "a", "value": "x", "type": "str"}]


def test_tables_and_how_full_they_are(program: Program) -> None:
    found = give(program, "htable.listTables")
    assert [each["name"] for each in found] == ["k", "e", "i", "t"]
    assert found[0] == {
        "name": "k",
        "dbtable": "",
        "dbmode": 0,
        "expire": 100,
        "updateexpire": 0,
        "size": 256,
        "dmqreplicate": 0,
    }
    assert give(program, "htable.stats")[-1] == {
        "name": "t", "slots": 256, "all": 1, "min": 0, "max": 1,
    }  # fmt: skip


def test_every_slot_has_something(program: Program) -> None:
    table = tables(program)["t"]
    for number in range(5000):
        table.set(str(number), number, NOW)
    found = give(program, "htable.stats")[-1]
    assert found["all"] == 5001
    assert 0 < found["min"] < 5001 / 256 < found["max"]


@pytest.mark.parametrize(
    "command",
    [
        ("htable.sets", "t", "new", "x"),
        ("htable.seti", "t", "new", 1),
        ("htable.setxs", "e", "new", "x", 1),
        ("htable.setxi", "e", "new", 1, 1),
    ],
)
def test_no_more_memory(program: Program, command: tuple[Any, ...]) -> None:
    tables(program).memory.most = 0
    code, reason = give(program, *command)
    assert code == 500
    assert "get no more" in reason
    assert "new" not in tables(program)[command[1]].values
