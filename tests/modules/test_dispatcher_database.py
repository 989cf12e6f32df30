"""dispatcher: sets from a database; what 5.6.3 does too is held by `flows/dispatcher_db.py`."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.modules.dispatcher.board import board
from tests.kamailio_tables import change, tables
from tests.modules.dispatching import parameter
from tests.modules.running import load
from tests.modules.with_database import Asked, ask

ROWS = [
    (1, "sip:192.0.2.1", 8, 5, "a=1", "one"),
    (1, "sip:192.0.2.2", 0, 9, "", ""),
    (2, "sip:192.0.2.3", 0, 0, None, None),
]
URL = parameter("db_url", "sqlite:///{folder}/db") + parameter("reload_delta", 0)
SHOWN = 'ds_select_dst("1", "8"); xlog("$du $xavp(_dsdst_=>attrs)\\n");'


def with_rows(
    folder: Path,
    *steps: Any,
    rows: list[Any] | None = None,
    parameters: str = "",
    versions: dict[str, int] | None = None,
    code: str = SHOWN,
) -> Asked:
    made = tables({"dispatcher": ROWS if rows is None else rows}, versions=versions)
    made(folder / "db")
    given = URL + parameter("flags", 2) + parameters
    return ask(folder, code, *steps, modules=("tm", "dispatcher"), parameters=given)


def listing(found: list[str]) -> Callable[[Program], None]:
    """A step that writes down what there is."""

    def step(program: Program) -> None:
        found.extend(
            f"{each.group} {each.uri} {each.letters} {each.attributes.body}".rstrip()
            for each in board(program).sets.destinations()
        )

    return step


def changing(folder: Path, rows: list[Any]) -> Callable[[Program], None]:
    """A step that has the table hold other rows."""

    def step(_: Program) -> None:
        with closing(sqlite3.connect(folder / "db")) as file, file:
            change(file, "dispatcher", rows)

    return step


def test_sets_are_there_before_the_first_message(tmp_path: Path) -> None:
    seen: list[str] = []
    found = with_rows(tmp_path, listing(seen))
    assert found.lines == ["sip:192.0.2.2 <null>"]
    assert seen == ["2 sip:192.0.2.3 AX", "1 sip:192.0.2.2 AX", "1 sip:192.0.2.1 AP a=1"]
    assert found.said == []


def test_table_and_columns_have_the_names_that_parameters_give(tmp_path: Path) -> None:
    names = {
        "table_name": "domain_attrs", "setid_col": "type", "destination_col": "did",
        "flags_col": "type", "priority_col": "type", "attrs_col": "value",
    }  # fmt: skip
    tables({"domain_attrs": [("sip:192.0.2.9", "x", 1, "a=b")]}, versions={"domain_attrs": 4})(
        tmp_path / "db"
    )
    given = URL + "".join(parameter(name, value) for name, value in names.items())
    seen: list[str] = []
    ask(tmp_path, ";", listing(seen), modules=("tm", "dispatcher"), parameters=given)
    assert seen == ["1 sip:192.0.2.9 IX a=b"]


def test_more_columns_are_attributes(tmp_path: Path) -> None:
    seen: list[str] = []
    extra = parameter("ds_db_extra_attrs", "about=description;set=setid;weight=priority")
    found = with_rows(tmp_path, listing(seen), parameters=extra)
    assert seen == [
        "2 sip:192.0.2.3 AX set=2;weight=0",
        "1 sip:192.0.2.2 AX set=1;weight=9",
        "1 sip:192.0.2.1 AP a=1;about=one;set=1;weight=5",
    ]
    (said,) = found.said
    row = "dispatcher: table dispatcher, row 3 (sip:192.0.2.3): "
    assert said == row + "weight is a number from 1 to 100, not 0: ignored"


def test_a_row_that_is_wrong_is_left_out_and_told(tmp_path: Path) -> None:
    rows: list[Any] = [
        *ROWS,
        (1, "tel:1", 0, 0, "", ""),
        (1, "sip:x", 0, 0, "'", ""),
        (-1, "sip:x", 0, 0, "", ""),
        (1, "", 0, 0, "", ""),
        ("x", "sip:y", 0, 0, "", ""),
    ]
    seen: list[str] = []
    found = with_rows(tmp_path, listing(seen), rows=rows)
    assert len(seen) == 3
    assert [each.removeprefix("dispatcher: table dispatcher, ") for each in found.said] == [
        "row 6 (sip:x): set, flags and priority are numbers: the destination is left out",
        "row 8 (sip:y): set, flags and priority are numbers: the destination is left out",
        "row 4 (tel:1): tel:1 is no URI of SIP: the destination is left out",
        "row 5 (sip:x): attributes are written name=value;..., not ': the destination is left out",
        "row 7 ():  is no URI of SIP: the destination is left out",
    ]


def test_a_reload(tmp_path: Path) -> None:
    seen: list[str] = []
    other = [(5, "sip:192.0.2.5", 0, 0, "", "")]
    found = with_rows(
        tmp_path, changing(tmp_path, other), "dispatcher.reload", listing(seen), "run"
    )
    assert found.given == ["Ok. Dispatcher successfully reloaded."]
    assert seen == ["5 sip:192.0.2.5 AX"]
    assert found.lines == ["sip:192.0.2.2 <null>", "<null> <null>"]


def test_a_reload_by_the_script(tmp_path: Path) -> None:
    code = '$var(r) = ds_reload(); xlog("$var(r)\\n");'
    assert with_rows(tmp_path, code=code).lines == ["1"]


def test_a_reload_that_fails_leaves_what_is_there(tmp_path: Path) -> None:
    def break_it(_: Program) -> None:
        with closing(sqlite3.connect(tmp_path / "db")) as file, file:
            file.execute("drop table dispatcher")

    seen: list[str] = []
    found = with_rows(tmp_path, break_it, "dispatcher.reload", listing(seen))
    ((code, reason),) = found.given
    assert code == 500
    assert "no such table: dispatcher" in reason
    assert len(seen) == 3


def test_with_ds_load_mode_1_a_reload_is_all_or_nothing(tmp_path: Path) -> None:
    wrong = [*ROWS, (1, "tel:1", 0, 0, "", "")]
    seen: list[str] = []
    found = with_rows(
        tmp_path,
        changing(tmp_path, wrong),
        "dispatcher.reload",
        listing(seen),
        parameters=parameter("ds_load_mode", 1),
    )
    assert found.given == [(500, "table dispatcher, row 4 (tel:1): tel:1 is no URI of SIP")]
    assert len(seen) == 3


@pytest.mark.parametrize(
    ("versions", "rows", "said"),
    [
        ({"dispatcher": 3}, None, "the table dispatcher is of version 3, 4 is wanted"),
        (None, [(1, "tel:1", 0, 0, "", "")], "row 1 (tel:1): tel:1 is no URI of SIP"),
    ],
)
def test_what_cannot_be_read_at_first_is_told(
    tmp_path: Path, versions: dict[str, int] | None, rows: list[Any] | None, said: str
) -> None:
    seen: list[str] = []
    strict = parameter("ds_load_mode", 1)
    found = with_rows(tmp_path, listing(seen), versions=versions, rows=rows, parameters=strict)
    assert seen == []
    assert found.said[0].startswith("the table dispatcher cannot be read: ")
    assert said in found.said[0]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("oracle://a:b@c/d", "dispatcher: there are no oracle:// databases"),
        ("mysql://a:b@c/d", "dispatcher is given a mysql:// URL, and db_mysql is not loaded"),
    ],
)
def test_there_must_be_such_a_database(url: str, said: str) -> None:
    with pytest.raises(ModuleError, match=said):
        load(
            "request_route { ; }",
            parameters=parameter("db_url", url),
            modules=("tm", "dispatcher"),
        )
