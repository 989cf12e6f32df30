"""ul.*; that their answers look like Kamailio's, `tests/compat` holds."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.core.commands import Named
from sipway.core.program import Program
from tests.modules.commanding import give
from tests.modules.running import load


@pytest.fixture
def program() -> Program:
    return load("", parameters='loadmodule "usrloc.so"\nloadmodule "registrar.so"\n')[0]


def _contacts(program: Program, aor: str) -> list[dict[str, Any]]:
    found = give(program, "ul.lookup", "location", aor)
    return [each for _, each in found["Contacts"]]


def test_contacts_are_added_found_and_removed(program: Program) -> None:
    add = ("ul.add", "location", "joe")
    assert give(program, *add, "sip:joe@192.0.2.1", 3600, "0.5", "<sip:p;lr>", 1, 2, 3) is None
    assert give(program, *add, "sip:joe@192.0.2.2", "0", 1) is None
    first, second = _contacts(program, "joe")
    assert (first["Address"], first["Expires"], first["Q"]) == ("sip:joe@192.0.2.2", "permanent", 1)
    assert second["Address"] == "sip:joe@192.0.2.1"
    assert 3595 <= second["Expires"] <= 3600
    assert second["Q"] == 0.5
    assert second["Path"] == "<sip:p;lr>"
    assert (second["Flags"], second["CFlags"], second["Methods"]) == (1, 2, 3)
    assert first["Ruid"] != second["Ruid"]
    # The same again takes the place of the first.
    assert give(program, *add, "sip:joe@192.0.2.2", 60, 1) is None
    assert len(_contacts(program, "joe")) == 2
    remove = ("ul.rm_contact", "location", "joe")
    assert give(program, *remove, "sip:joe@192.0.2.2") is None
    assert give(program, *remove, "sip:joe@192.0.2.2") == (404, "Contact not found")
    assert len(_contacts(program, "joe")) == 1
    assert give(program, "ul.rm", "location", "joe") is None
    not_there = (500, "AOR not found in location table")
    assert give(program, "ul.lookup", "location", "joe") == not_there
    assert give(program, "ul.flush") is None


def test_all_are_listed(program: Program) -> None:
    for user in ("ann", "bob"):
        give(program, "ul.add", "location", user, f"sip:{user}@192.0.2.1", 3600, 1)
    ((name, table),) = give(program, "ul.dump")["Domains"]
    assert name == "Domain"
    assert [each["AoR"] for _, each in table["AoRs"]] == ["ann", "bob"]
    assert table["Stats"]["Records"] == 2
    ((_, table),) = give(program, "ul.dump", "brief")["Domains"]
    assert table["AoRs"] == Named([("AoR", "ann"), ("AoR", "bob")])


@pytest.mark.parametrize(
    "given", [("location",), ("location", "a", "sip:a@b", "x", 1), ("t", "a", "sip:a@b", 1, 2)]
)
def test_what_cannot_be_added(program: Program, given: tuple[Any, ...]) -> None:
    wrong = (500, "Not enough parameters or wrong format")
    assert give(program, "ul.add", *given) == wrong
