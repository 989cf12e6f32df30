"""uri_db and group; what 5.6.3 does is held by the flows `users*` of `tests/compat`."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from sipway.core.authorized import authorize, right_user
from sipway.errors import ModuleError
from sipway.sip.headers import AUTHORIZATION
from tests.fakes import context as bare_context
from tests.fakes import request
from tests.kamailio_tables import tables
from tests.modules.running import context, load, mistakes
from tests.modules.with_database import Asked, ask

MODULES = ("uri_db", "group")
EXISTS = 'does_uri_exist(); xlog("$rc");'
IS_IN = 'is_user_in("From", "ld"); xlog("$rc");'
GROUPS = 'get_user_group("From", "$avp(g)"); xlog("$rc $(avp(g)[*])");'
RE = 'modparam("group", "re_table", "re_grp")'


def urls(path: str = "db") -> str:
    return f'modparam("uri_db|group", "db_url", "sqlite:///{{folder}}/{path}") {RE}'


def with_tables(
    folder: Path,
    code: str,
    parameters: str = "",
    data: bytes | None = None,
    versions: dict[str, int] | None = None,
    **rows: list[Any],
) -> Asked:
    tables(rows, versions=versions)(folder / "db")
    return ask(folder, code, modules=MODULES, parameters=f"{urls()} {parameters}", data=data)


# --- credentials ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameters", "user"),
    [
        ({"username": "alice", "realm": "r"}, ("alice", "r")),
        ({"username": "alice@d", "realm": "r"}, ("alice", "d")),
        ({"username": "sip:alice@d", "realm": "r"}, ("alice", "d")),
        ({"realm": "r"}, ("", "r")),
    ],
)
def test_who_has_shown_credentials(parameters: dict[str, str], user: tuple[str, str]) -> None:
    ctx = bare_context()
    assert right_user(ctx) is None
    authorize(ctx, AUTHORIZATION, b"", parameters)
    assert right_user(ctx) == user


def test_credentials_that_nobody_has_checked_are_none(tmp_path: Path) -> None:
    data = request(extra='Authorization: Digest username="alice", realm="caller.example"\r\n')
    code = 'check_from(); xlog("$rc"); is_user_in("Credentials", "ld"); xlog("$rc");'
    found = with_tables(tmp_path, code, data=data, grp=[("alice", "caller.example", "ld")])
    assert found.lines == ["-2", "-1"]
    assert found.said == [
        "check_from(): no credentials have been checked, such as by www_authorize()"
    ]


# --- tables --------------------------------------------------------------------------------------


def test_who_exists(tmp_path: Path) -> None:
    assert with_tables(tmp_path, EXISTS, subscriber=[("bob", "x")]).lines == ["1"]


def test_who_is_in_a_group(tmp_path: Path) -> None:
    assert with_tables(tmp_path, IS_IN, grp=[("alice", "x", "ld")]).lines == ["1"]


def test_the_name_of_a_group_may_have_variables(tmp_path: Path) -> None:
    code = '$var(g) = "l"; is_user_in("From", "$var(g)d"); xlog("$rc");'
    assert with_tables(tmp_path, code, grp=[("alice", "x", "ld")]).lines == ["1"]


@pytest.mark.parametrize(("use_uri_table", "code"), [(0, "-5"), (1, "1")])
def test_columns_have_the_names_that_parameters_give(
    tmp_path: Path, use_uri_table: int, code: str
) -> None:
    names: dict[str, dict[str, str | int]] = {
        "uri_db": {
            "db_table": "speed_dial",
            "user_column": "username",
            "domain_column": "sd_domain",
            "uriuser_column": "sd_username",
            "use_domain": 1,
            "use_uri_table": use_uri_table,
        },
        "group": {
            "table": "dbaliases",
            "user_column": "alias_username",
            "domain_column": "alias_domain",
            "group_column": "username",
            "use_domain": 1,
            "re_table": "domain_attrs",
            "re_exp_column": "value",
            "re_gid_column": "type",
        },
    }
    given = " ".join(
        f'modparam("{module}", "{key}", {json.dumps(value)})'
        for module, values in names.items()
        for key, value in values.items()
    )
    found = with_tables(
        tmp_path,
        EXISTS + IS_IN + GROUPS,
        given,
        versions={"speed_dial": 1 if use_uri_table else 7, "dbaliases": 2, "domain_attrs": 1},
        speed_dial=[("someone", "", "bob", "callee.example", "")],
        dbaliases=[("alice", "caller.example", "ld", "")],
        domain_attrs=[("", "", 9, "alice")],
    )
    assert found.lines == [code, "1", "1 9"]


@pytest.mark.parametrize(("many", "groups"), [(1, "2 1, 3"), (0, "1 3")])
def test_groups_by_expression(tmp_path: Path, many: int, groups: str) -> None:
    found = with_tables(
        tmp_path,
        GROUPS,
        f'modparam("group", "multiple_gid", {many})',
        re_grp=[("ALICE", 1), ("bob", 2), ("^sip:alice@caller.example$", 3)],
    )
    assert found.lines == [groups]


@pytest.mark.parametrize("row", [("(", 1), (None, 1), ("a", None), ("a", "x"), ("a", 2**31)])
def test_a_row_that_cannot_be_is_told(tmp_path: Path, row: Any) -> None:
    found = with_tables(tmp_path, GROUPS, re_grp=[("alice", 1), row])
    assert found.lines == ["-1 <null>"]
    assert len(found.said) == 1
    assert found.said[0].startswith("group: the table re_grp cannot be read: the table re_grp: ")
    assert "int()" not in found.said[0]


def test_without_a_table_of_expressions_there_are_none(tmp_path: Path) -> None:
    none = 'modparam("group", "re_table", "")'
    assert with_tables(tmp_path, GROUPS, none, re_grp=[("alice", 1)]).lines == ["-1 <null>"]


def test_an_expression_takes_no_time_out_of_proportion(tmp_path: Path) -> None:
    data = request(from_=f"<sip:{'a' * 30_000}@x>;tag=1")
    assert with_tables(tmp_path, GROUPS, data=data, re_grp=[("(a*)*(a*)*b$", 1)]).lines == [
        "-1 <null>"
    ]


@pytest.mark.parametrize("name", ["x'or'1'='1", "x';drop/**/table/**/grp;--", "%", "alic_"])
def test_names_stay_texts(tmp_path: Path, name: str) -> None:
    found = with_tables(
        tmp_path,
        EXISTS
        + IS_IN
        + 'is_user_in("$avp(a)", "ld"); $avp(a) = "sip:alice@x"; $var(g) = "\' or \'1\'=\'1";'
        'is_user_in("$avp(a)", "$var(g)"); xlog("$rc"); is_user_in("$avp(a)", "ld"); xlog("$rc");',
        data=request(uri=f"sip:{name}@x", from_=f"<sip:{name}@x>;tag=1"),
        subscriber=[("bob", "x")],
        grp=[("alice", "x", "ld")],
    )
    assert found.lines == ["-5", "-6", "-6", "1"]


@pytest.mark.parametrize("name", [b"\xff", b"b\xc3ob", b"\xed\xa0\x80"])
def test_what_is_no_text_is_in_no_table(tmp_path: Path, name: bytes) -> None:
    data = request(uri="sip:NAME@x", from_="<sip:NAME@x>;tag=1", extra="X: NAME\r\n")
    found = with_tables(
        tmp_path,
        EXISTS + IS_IN + 'is_user_in("To", "$hdr(X)"); xlog("$rc");',
        data=data.replace(b"NAME", name),
        subscriber=[("bob", "x")],
        grp=[("alice", "x", "ld")],
    )
    assert found.lines == ["-5", "-6", "-6"]
    assert found.said == []


@pytest.mark.parametrize(("table", "code"), [(0, "-2"), (1, "-2")])
def test_a_database_that_is_down(tmp_path: Path, table: int, code: str) -> None:
    given = f'modparam("uri_db", "use_uri_table", {table})'
    found = ask(
        tmp_path,
        EXISTS + IS_IN + GROUPS + 'check_from(); xlog("$rc");',
        modules=MODULES,
        parameters=f"{urls('none/db')} {given}",
    )
    assert found.lines == ["-4", "-5", "-1 <null>", code]
    assert any(each.startswith("does_uri_exist(): sqlite:") for each in found.said)
    assert any(each.startswith("is_user_in(): sqlite:") for each in found.said)


def test_tables_of_other_versions(tmp_path: Path) -> None:
    found = with_tables(tmp_path, EXISTS + IS_IN, versions={"subscriber": 6, "grp": 1})
    assert found.lines == ["-4", "-5"]
    assert "the table subscriber is of version 6, 7 is wanted" in found.said[0]
    assert "the table grp is of version 1, 2 is wanted" in found.said[1]


def test_without_a_database_nobody_exists(tmp_path: Path) -> None:
    none = 'modparam("uri_db", "db_url", "")'
    assert with_tables(tmp_path, EXISTS, none, subscriber=[("bob", "x")]).lines == ["-1"]


@pytest.mark.parametrize("module", MODULES)
def test_no_module_for_the_database(module: str) -> None:
    with pytest.raises(ModuleError, match=f"{module} is given a mysql:// URL, and db_mysql is not"):
        load("request_route { exit; }", modules=(module,))


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('is_user_in("x", "g");', "Request-URI, To, From, Credentials or an AVP is wanted"),
        ('is_user_in("$ru", "g");', '"$ru" is no AVP, such as $avp(name)'),
        ('is_user_in("$var(x)", "g");', '"$var(x)" is no AVP'),
        ('is_user_in("$avp(x)y", "g");', '"$avp(x)y" is no AVP'),
        ('is_user_in("From");', "takes 2 arguments, only 1 is given"),
        ('get_user_group("From", "$var(x)");', '"$var(x)" is no AVP'),
        ('get_user_group("From", "x");', "x"),
        ('get_user_group("$(avp(x){s.len})", "$avp(x)");', "is no AVP"),
        ("check_to(1);", "takes no arguments, 1 is given"),
        ("check_uri();", "takes 1 argument, only 0 are given"),
        ("does_uri_exist(1);", "takes no arguments, 1 is given"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}", modules=MODULES)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    "call", ["check_to()", 'check_uri("x")', "does_uri_exist()", 'is_user_in("To", "g")']
)
def test_they_are_for_requests(call: str) -> None:
    assert len(mistakes(f"onreply_route {{ {call}; }}", modules=MODULES)) == 1


def test_expressions_wait_for_nobody() -> None:
    assert mistakes('branch_route[B] { get_user_group("To", "$avp(x)"); }', modules=MODULES) == []


def test_names_that_look_alike_are_others(tmp_path: Path) -> None:
    """The Kelvin sign is a k to Unicode."""

    def is_his(user: str) -> list[str]:
        program, log, _ = load(
            f'request_route {{ $var(r) = check_uri("sip:{user}@h"); xlog("$var(r)"); }}',
            parameters=urls().replace("{folder}", str(tmp_path)),
            modules=("db_sqlite", *MODULES),
        )
        ctx = context(program)
        authorize(ctx, AUTHORIZATION, b"", {"username": "kate", "realm": "h"})
        assert program.request_route is not None
        asyncio.run(program.request_route(ctx))
        return [text.removeprefix("<script>: ") for _, text in log.written]

    assert is_his("Kate") == ["1"]
    assert is_his("\u212aate") == ["-10"]
