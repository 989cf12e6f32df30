"""domain; what 5.6.3 does too is held by `tests/compat/cases/domains.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sipway.core.program import Program
from tests.fakes import request
from tests.kamailio_tables import rewrite, tables
from tests.modules.running import mistakes
from tests.modules.with_database import Asked, ask

MODULES = ("domain",)
URL = 'modparam("domain", "db_url", "sqlite:///{folder}/db")'
OURS = ("a.org", "did-a")
LOCAL = 'is_domain_local("a.org"); xlog("$rc"); is_domain_local("b.org"); xlog("$rc");'


def with_tables(
    folder: Path,
    code: str,
    *steps: Any,
    parameters: str = "",
    domains: list[Any] | None = None,
    attributes: list[Any] | None = None,
    versions: dict[str, int] | None = None,
    **of_request: Any,
) -> Asked:
    rows = {"domain": [OURS] if domains is None else domains, "domain_attrs": attributes or []}
    tables(rows, versions=versions)(folder / "db")
    data = request(**of_request)
    return ask(folder, code, *steps, modules=MODULES, parameters=f"{URL} {parameters}", data=data)


def test_attributes_become_avps(tmp_path: Path) -> None:
    found = with_tables(
        tmp_path,
        'lookup_domain("A.org", "x_"); xlog("$rc $avp(x_did) $avp(x_color) $avp(x_size)");'
        '$var(n) = $avp(x_size) + 1; xlog("$var(n)"); lookup_domain("none"); xlog("$rc");',
        attributes=[("DID-a", "color", 2, "red"), ("did-a", "size", 0, "5")],
    )
    assert found.lines == ["1 did-a red 5", "6", "-1"]


def test_tables_and_columns_have_the_names_that_parameters_give(tmp_path: Path) -> None:
    names = {
        "domain_table": "dbaliases",
        "domain_attrs_table": "speed_dial",
        "did_col": "domain",
        "domain_col": "alias_domain",
        "name_col": "username",
        "type_col": "sd_username",
        "value_col": "new_uri",
    }
    tables(
        {"dbaliases": [("", "a.org", "", "id")], "speed_dial": [("color", "id", "2", "", "red")]},
        versions={"dbaliases": 2, "speed_dial": 1},
    )(tmp_path / "db")
    given = " ".join(f'modparam("domain", "{key}", "{name}")' for key, name in names.items())
    found = ask(
        tmp_path,
        'lookup_domain("a.org"); xlog("$rc $avp(did) $avp(color)");',
        modules=MODULES,
        parameters=URL + given,
    )
    assert found.lines == ["1 id red"]


def test_letters_that_look_alike_are_others(tmp_path: Path) -> None:
    """The Kelvin sign is a k to Unicode."""
    tables({"domain": [("k.org", None), ("\u00c4.org", None)]})(tmp_path / "db")
    code = "".join(
        f'is_domain_local("{each}"); xlog("$rc"); lookup_domain("{each}"); xlog("$rc");'
        for each in ("K.org", "\u212a.org", "\u00c4.ORG", "\u00e4.org")
    )
    found = ask(tmp_path, code, modules=MODULES, parameters=URL)
    assert found.lines == ["1", "1", "-1", "-1", "1", "1", "-1", "-1"]


@pytest.mark.parametrize(("value", "number"), [("", "0"), ("+5", "5"), ("-007", "-7")])
def test_numbers_among_attributes(tmp_path: Path, value: str, number: str) -> None:
    tables({"domain": [("a.org", None)], "domain_attrs": [("a.org", "n", 0, value)]})(
        tmp_path / "db"
    )
    code = 'lookup_domain("a.org"); $var(n) = $avp(n) + 1; xlog("$avp(n) $var(n)");'
    found = ask(tmp_path, code, modules=MODULES, parameters=URL)
    assert found.lines == [f"{number} {int(number) + 1}"]


def test_a_reload_changes_all_at_once(tmp_path: Path) -> None:
    def change(_: Program) -> None:
        rewrite(tmp_path / "db", {"domain": [("b.org", None)]})

    found = with_tables(tmp_path, LOCAL, change, "domain.reload", "run")
    assert found.given == [None]
    assert found.lines == ["1", "-1", "-1", "1"]


@pytest.mark.parametrize(
    ("domain", "attribute", "reason"),
    [
        (("b.org", ""), None, "the id of b.org is empty"),
        ((None, "x"), None, "a row of the domains has no domain"),
        (OURS, ("did-a", "n", 1, "x"), "the type 1 of n of did-a is none: there are 0 and 2"),
        (OURS, ("did-a", "n", None, "x"), "the type  of n of did-a is none: there are 0 and 2"),
        (OURS, ("did-a", "n", 0, "x7"), 'n of did-a: "x7" is no number'),
        (OURS, ("did-a", "n", 0, "5_0"), 'n of did-a: "5_0" is no number'),
        (OURS, ("did-a", "n", 0, "2147483648"), 'n of did-a: "2147483648" is no number'),
        (OURS, ("did-a", "n", 0, None), "n of did-a: a number is missing"),
        (OURS, ("did-a", None, 2, "x"), 'an attribute of "did-a" has no id, or no name'),
    ],
)
def test_a_row_that_cannot_be_leaves_what_was_known(
    tmp_path: Path, domain: Any, attribute: Any, reason: str
) -> None:
    def spoil(_: Program) -> None:
        attributes = [] if attribute is None else [attribute]
        rewrite(tmp_path / "db", {"domain": [domain], "domain_attrs": attributes})

    found = with_tables(tmp_path, LOCAL, spoil, "domain.reload", "run")
    assert found.given == [(500, f"Domain table reload failed: {reason}")]
    assert found.lines == ["1", "-1", "1", "-1"]


def test_what_cannot_be_read_at_the_start_is_told(tmp_path: Path) -> None:
    found = with_tables(tmp_path, LOCAL, versions={"domain": 1})
    assert found.lines == ["-1", "-1"]
    assert found.said[0].startswith("domain: the tables domain and domain_attrs cannot be read:")
    assert "the table domain is of version 1, 2 is wanted" in found.said[0]


@pytest.mark.parametrize(("register", "ours"), [(0, ["-1", "-1"]), (1, ["1", "1"])])
def test_domains_are_myself(tmp_path: Path, register: int, ours: list[str]) -> None:
    found = with_tables(
        tmp_path,
        'is_myself("sip:A.org:5099"); xlog("$rc"); is_myself("sip:x@[::1]"); xlog("$rc");',
        parameters=f'modparam("domain", "register_myself", {register})',
        domains=[OURS, ("[::1]", None)],
    )
    assert found.lines == ours


def test_what_is_myself_changes_with_a_reload(tmp_path: Path) -> None:
    def change(_: Program) -> None:
        rewrite(tmp_path / "db", {"domain": [("b.org", None)]})

    def look(program: Program) -> None:
        seen.append((program.is_myself("a.org"), program.owns(b"a.org"), program.owns(b"b.org:7")))

    seen: list[tuple[bool, ...]] = []
    with_tables(
        tmp_path,
        LOCAL,
        look,
        change,
        "domain.reload",
        look,
        parameters='modparam("domain", "register_myself", 1)',
    )
    assert seen == [(True, True, False), (False, False, True)]


def test_what_is_there_is_listed(tmp_path: Path) -> None:
    found = with_tables(
        tmp_path,
        LOCAL,
        "domain.dump",
        domains=[OURS, ("B.org", None)],
        attributes=[("did-a", "x", 2, "1"), ("did-a", "y", 2, "1")],
    )
    assert found.given == [
        {
            "domains": [{"domain": "a.org", "did": "did-a"}, {"domain": "B.org", "did": "B.org"}],
            "attributes": [{"did": "did-a", "attrs": ["y", "x"]}],
        }
    ]


def test_a_database_that_is_down_makes_nothing_local(tmp_path: Path) -> None:
    found = ask(
        tmp_path, LOCAL, "domain.reload", modules=MODULES, parameters=URL.replace('db"', 'x/db"')
    )
    assert found.lines == ["-1", "-1"]
    assert found.given[0][0] == 500
    assert found.given[0][1].startswith("Domain table reload failed: sqlite:")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("request_route { is_domain_local(); }", "takes 1 argument, only 0 are given"),
        ("request_route { is_from_local(1); }", "takes no arguments, 1 is given"),
        ('request_route { lookup_domain("a", "b", "c"); }', "3 are given"),
        ('onreply_route { is_domain_local("x"); }', "is_domain_local"),
        ("onsend_route { is_uri_host_local(); }", "is_uri_host_local"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(code, modules=MODULES)
    assert len(found) == 1
    assert message in found[0]
