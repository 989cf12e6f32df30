"""permissions, trusted peers; what 5.6.3 does is held by `tests/compat/cases`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sipway.core.program import Program
from sipway.modules.permissions import trusted
from sipway.modules.permissions.basic import extended
from sipway.modules.permissions.trusted import Peers, TrustedRow
from tests.fakes import request
from tests.kamailio_tables import rewrite
from tests.modules.with_database import ask
from tests.modules.with_permissions import AVP, MODULES, PEER, TRUST, with_tables


@pytest.mark.parametrize("mode", [0, 1])
def test_trusted_peers(tmp_path: Path, mode: int) -> None:
    found = with_tables(
        tmp_path,
        TRUST,
        parameters=f'modparam("permissions", "db_mode", {mode})',
        rows={"trusted": [PEER]},
    )
    assert found.lines == ["1 peer"]


@pytest.mark.parametrize("mode", [0, 1])
def test_trusted_columns_have_the_names_that_parameters_give(tmp_path: Path, mode: int) -> None:
    names = {
        "trusted_table": "address",
        "source_col": "ip_addr",
        "proto_col": "tag",
        "from_col": "port",
        "ruri_col": "mask",
        "tag_col": "grp",
        "priority_col": "id",
    }
    given = " ".join(f'modparam("permissions", "{key}", "{name}")' for key, name in names.items())
    only = f'modparam("permissions", "load_backends", 2) modparam("permissions", "db_mode", {mode})'
    row = (17, "192.0.2.1", "bob", "alice", "any")
    found = with_tables(tmp_path, TRUST, parameters=given + only, rows={"address": [row]})
    assert found.lines == ["1 17"]


@pytest.mark.parametrize(("mode", "count"), [(0, "1 peer"), (1, "2 two, peer")])
def test_tags_of_all_that_match(tmp_path: Path, mode: int, count: str) -> None:
    found = with_tables(
        tmp_path,
        TRUST,
        parameters=f'modparam("permissions", "peer_tag_mode", {mode})',
        rows={"trusted": [PEER, ("192.0.2.1", "any", None, None, "two", 1)]},
    )
    assert found.lines == [count]


@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("row", [("x", None), ("any", r"\("), ("any", "[")])
def test_rules_that_cannot_be(tmp_path: Path, mode: int, row: tuple[str, str | None]) -> None:
    found = with_tables(
        tmp_path,
        TRUST,
        parameters=f'modparam("permissions", "db_mode", {mode})',
        rows={"trusted": [("192.0.2.1", *row, None, "t", 0)]},
    )
    assert found.lines == ["-1 <null>"]
    assert len(found.said) == 1
    assert "the table trusted: " in found.said[0]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((None, "any", None, None, "t", 0), "a source is missing"),
        (("192.0.2.1", None, None, None, "t", 0), "the protocol of 192.0.2.1 is missing"),
        (("192.0.2.1", "any", None, None, "t", "x"), '"x" is no number'),
    ],
)
def test_a_rule_without_what_it_needs(tmp_path: Path, row: Any, reason: str) -> None:
    """An empty source that somebody asks for is nobody's."""
    found = with_tables(
        tmp_path,
        'allow_trusted("$avp(none)", "udp"); xlog("$rc");' + TRUST,
        parameters='modparam("permissions", "db_mode", 1)',
        rows={"trusted": [row]},
    )
    assert found.lines == ["-1", "-1 <null>"]
    assert found.said == [
        f"permissions: the table trusted cannot be read: the table trusted: {reason}"
    ]


def test_a_rule_without_a_priority_has_that_of_0(tmp_path: Path) -> None:
    found = with_tables(
        tmp_path,
        TRUST,
        parameters='modparam("permissions", "db_mode", 1)',
        rows={"trusted": [(*PEER[:5], None), ("192.0.2.1", "any", None, None, "first", 1)]},
    )
    assert found.lines == ["1 first"]


def test_what_is_no_text_is_in_no_table(tmp_path: Path) -> None:
    data = request(extra="X: NAME\r\n").replace(b"NAME", b"\xff")
    code = 'allow_trusted("$hdr(X)", "udp"); xlog("$rc");'
    found = with_tables(tmp_path, code, data=data, rows={"trusted": [PEER]})
    assert (found.lines, found.said) == (["-1"], [])


def test_none_never_matches(tmp_path: Path) -> None:
    found = with_tables(
        tmp_path,
        'allow_trusted("192.0.2.1", "any"); xlog("$rc");',
        rows={"trusted": [("192.0.2.1", "none", None, None, None, 0)]},
    )
    assert found.lines == ["-1"]


def test_a_source_stays_a_text(tmp_path: Path) -> None:
    found = with_tables(
        tmp_path,
        '$var(x) = "\' or \'1\'=\'1"; allow_trusted("$var(x)", "udp"); xlog("$rc");'
        '$var(x) = "\'; drop table trusted; --"; allow_trusted("$var(x)", "udp");' + TRUST,
        rows={"trusted": [PEER]},
    )
    assert found.lines == ["-1", "1 peer"]


def test_peers_are_listed_and_read_again(tmp_path: Path) -> None:
    def change(_: Program) -> None:
        new = ("192.0.2.1", "tls", "^sip:", "bob", None, 3)
        rewrite(tmp_path / "db", {"trusted": [PEER, new]})

    found = with_tables(
        tmp_path,
        TRUST,
        change,
        "permissions.trustedReload",
        "permissions.trustedDump",
        parameters='modparam("permissions", "db_mode", 1)',
        rows={"trusted": [PEER]},
    )
    item = {"ip": "192.0.2.1", "ruri_pattern": "NULL", "pattern": "NULL", "priority": 0}
    assert found.given == [
        "Reload OK",
        [
            ("table", 0),
            (
                "item",
                item
                | {
                    "proto": 3,
                    "pattern": "^sip:",
                    "ruri_pattern": "bob",
                    "tag": "NULL",
                    "priority": 3,
                },
            ),
            ("table", 0),
            ("item", item | {"proto": 0, "tag": "peer"}),
        ],
    ]


def test_without_a_database_nobody_is_trusted(tmp_path: Path) -> None:
    assert ask(tmp_path, TRUST, modules=MODULES, parameters=AVP).lines == ["-1 <null>"]


@pytest.mark.parametrize(
    ("basic", "made"),
    [
        (r"\(a\|b\)\{1,2\}\+\?", "(a|b){1,2}+?"),
        ("(a|b){1}+?", r"\(a\|b\)\{1\}\+\?"),
        ("*a*", r"\*a*"),
        ("^*a", r"^\*a"),
        (r"\(*a\)", r"(\*a)"),
        ("a^b$c$", r"a\^b\$c$"),
        (r"\(^a$\)\|^b", "(^a$)|^b"),
        ("[(]*[]^$*]", "[(]*[]^$*]"),
        (r"[[:alpha:]]\.\\(", r"[[:alpha:]]\.\\\("),
        ("", ""),
        ("\\", "\\"),
    ],
)
def test_basic_expressions(basic: str, made: str) -> None:
    assert extended(basic) == made


def test_equal_expressions_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def count(pattern: str, *, ignore_case: bool) -> Any:
        made.append(pattern)
        return lambda _: True

    monkeypatch.setattr(trusted, "compile_posix", count)
    rows = [
        TrustedRow(f"s{number}", "any", f"f{number % 500}", "r", None, 0) for number in range(2000)
    ]
    assert len(Peers(rows).by_source) == 2000
    assert len(made) == 501
