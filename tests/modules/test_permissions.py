"""permissions, addresses of tables and files; what 5.6.3 does is held by `tests/compat/cases`."""

from __future__ import annotations

import random
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.modules.permissions.address_file import read_addresses
from sipway.modules.permissions.addresses import Addresses, AddressRecord
from tests.kamailio_tables import rewrite
from tests.modules.commanding import give
from tests.modules.running import load, mistakes
from tests.modules.with_database import ask
from tests.modules.with_permissions import ASK, MODULES, OURS, TRUST, URL, with_tables


def at(seconds: float) -> Callable[[Program], None]:
    def set_clock(program: Program) -> None:
        program.clock = lambda: seconds

    return set_clock


# --- addresses ---------------------------------------------------------------------------------


def test_the_table_is_read_before_the_first_message(tmp_path: Path) -> None:
    assert with_tables(tmp_path, ASK, rows={"address": [OURS]}).lines == ["1 ours"]


def test_columns_and_tables_have_the_names_that_parameters_give(tmp_path: Path) -> None:
    names = {
        "address_table": "trusted",
        "grp_col": "priority",
        "ip_addr_col": "src_ip",
        "mask_col": "proto",
        "port_col": "from_pattern",
        "tag_col": "ruri_pattern",
    }
    given = " ".join(f'modparam("permissions", "{key}", "{name}")' for key, name in names.items())
    only = 'modparam("permissions", "load_backends", 1)'
    row = ("192.0.2.1", "32", "5070", "there", "", 1)
    found = with_tables(tmp_path, ASK, parameters=given + only, rows={"trusted": [row]})
    assert found.lines == ["1 there"]


@pytest.mark.parametrize(
    "row",
    [
        (0, "192.0.2.1", 32, 0, None),
        (1, "192.0.2.1", 33, 0, None),
        (1, "2001:db8::", 129, 0, None),
        (1, "192.0.2.1", -1, 0, None),
        (None, "192.0.2.1", 32, 0, None),
        ("x", "192.0.2.1", 32, 0, None),
        (1, None, 32, 0, None),
        (1, "192.0.2.1", None, 0, None),
        (1, "192.0.2.1", 32, None, None),
        (1, "192.0.2.1", 32, "5_060", None),
    ],
)
def test_a_row_that_cannot_be_leaves_what_was_known(tmp_path: Path, row: Any) -> None:
    def spoil(_: Program) -> None:
        rewrite(tmp_path / "db", {"address": [OURS, row]})

    found = with_tables(
        tmp_path, ASK, spoil, "permissions.addressReload", "run", rows={"address": [OURS]}
    )
    code, reason = found.given[0]
    assert code == 500
    assert reason.startswith("Reload failed. the table address: ")
    assert "int()" not in reason
    assert found.lines == ["1 ours", "1 ours"]


def test_a_wrong_table_is_told_at_the_start(tmp_path: Path) -> None:
    found = with_tables(tmp_path, ASK, rows={"address": [(0, "192.0.2.1", 32, 0, None)]})
    assert found.lines == ["-1 <null>"]
    said = "the table address cannot be read: the table address: 0 is no group: they begin with 1"
    assert found.said == [f"permissions: {said}"]


def test_a_table_of_another_version_is_told(tmp_path: Path) -> None:
    found = with_tables(tmp_path, ASK, versions={"address": 5}, rows={"address": [OURS]})
    assert found.lines == ["-1 <null>"]
    assert "the table address is of version 5, 6 is wanted" in found.said[0]


def test_a_reload_changes_all_at_once(tmp_path: Path) -> None:
    def change(_: Program) -> None:
        rewrite(tmp_path / "db", {"address": [(1, "192.0.2.0", 24, 0, "new")]})

    found = with_tables(
        tmp_path, ASK, change, "permissions.addressReload", "run", rows={"address": [OURS]}
    )
    assert found.given == ["Reload OK"]
    assert found.lines == ["1 ours", "1 new"]


@pytest.mark.parametrize(("delta", "seconds"), [(None, 5.0), (5, 5.0), (1, 1.0), (0, 0.0)])
def test_reloads_are_not_too_often(tmp_path: Path, delta: int | None, seconds: float) -> None:
    found = with_tables(
        tmp_path,
        ASK,
        at(1000),
        "permissions.addressReload",
        at(999.5 + seconds),
        "permissions.addressReload",
        at(1000 + seconds),
        "permissions.addressReload",
        parameters="" if delta is None else f'modparam("permissions", "reload_delta", {delta})',
    )
    second = (500, "ongoing reload") if seconds else "Reload OK"
    assert found.given == ["Reload OK", second, "Reload OK"]


def test_what_is_not_there_cannot_be_listed() -> None:
    program, _, _ = load("request_route { exit; }", modules=MODULES)
    assert give(program, "permissions.addressDump") == (500, "No address table")
    assert give(program, "permissions.subnetDump") == (500, "No subnet table")
    assert give(program, "permissions.domainDump") == (500, "No domain list table")
    assert give(program, "permissions.trustedDump") == (500, "No trusted table")
    assert give(program, "permissions.addressReload") == (500, "Reload failed.")
    assert give(program, "permissions.trustedReload") == (500, "ongoing reload")


def test_what_is_there_is_listed(tmp_path: Path) -> None:
    rows = [(2, "10.0.0.0", 8, 0, None), OURS, (3, "[::1]", 0, 5, ""), (4, "a.example", 0, 1, "n")]
    found = with_tables(
        tmp_path,
        ASK,
        "permissions.addressDump",
        "permissions.subnetDump",
        "permissions.domainDump",
        rows={"address": rows},
    )
    assert found.given == [
        [
            {"table": 0, "group": 1, "item": {"ip": "192.0.2.1", "port": 0, "tag": "ours"}},
            {"table": 1, "group": 3, "item": {"ip": "::1", "port": 5, "tag": "NULL"}},
        ],
        [{"id": 0, "group": 2, "item": {"ip": "10.0.0.0", "mask": 8, "port": 0, "tag": ""}}],
        [
            ("table", 0),
            ("group", 4),
            ("item", {"domain_name": "a.example", "port": 1, "tag": "n"}),
        ],
    ]


def test_no_more_networks_than_max_subnets(tmp_path: Path) -> None:
    rows = [(1, f"10.{number}.0.0", 16, 0, None) for number in range(4)]
    found = with_tables(
        tmp_path,
        'allow_address(1, "10.1.0.1", 1); xlog("$rc"); allow_address(1, "10.2.0.1", 1);'
        'xlog("$rc");',
        parameters='modparam("permissions", "max_subnets", 2)',
        rows={"address": rows},
    )
    assert found.lines == ["1", "-1"]
    assert found.said == ["permissions: 2 networks are left out: max_subnets is 2"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("10.0.0.0/8", True),
        ("192.0.2.300", True),
        ("a b", True),
        ("", True),
        ("gw.example.org", False),
        ("gw_1.example.org.", False),
        ("localhost", False),
        ("m\u00fcller.example", False),
        ("3com.example", False),
    ],
)
def test_what_is_neither_address_nor_name_is_told(tmp_path: Path, address: str, told: bool) -> None:
    rows = [OURS, (1, address, 32, 0, None), (1, address, 32, 0, None)]
    found = with_tables(tmp_path, ASK, rows={"address": rows})
    assert found.lines == ["1 ours"]
    assert ["neither an address nor a name, and 1 others" in each for each in found.said] == (
        [True] if told else []
    )


@pytest.mark.parametrize(("mode", "tag"), [(0, "first"), (1, "longest")])
def test_of_several_networks(tmp_path: Path, mode: int, tag: str) -> None:
    rows = [
        (1, "192.0.0.0", 16, 0, "first"),
        (1, "192.0.2.0", 24, 0, "longest"),
        (2, "192.0.2.0", 30, 0, "longest"),
    ]
    given = f'modparam("permissions", "subnet_match_mode", {mode})'
    found = with_tables(
        tmp_path,
        'allow_source_address_group(); xlog("$rc $avp(tag)"); ' + ASK,
        parameters=given,
        rows={"address": rows},
    )
    assert found.lines[0] == f"{2 if mode else 1} {tag}"
    assert found.lines[1].startswith(f"1 {tag}")


def test_many_networks_are_found_as_one_would_look_for_them() -> None:
    chance = random.Random(7)
    records = []
    for number in range(600):
        six = chance.random() < 0.5
        bits = 128 if six else 32
        length = chance.randint(1, bits)
        value = (0x20010DB8 << 96 if six else 0) + chance.getrandbits(10) * (1 << (bits - 16))
        group, port = chance.randint(1, 9), chance.choice((0, 0, 5060))
        address = ip_address(value.to_bytes(bits // 8, "big"))
        records.append(AddressRecord(group, str(address), length, port, str(number)))
    known = Addresses(records, 1000)
    for _ in range(2000):
        wanted = ip_address(chance.choice(records).address) + chance.randint(0, 3)
        any_group = chance.choice((None, 1, 5))
        port = chance.choice((5060, 1))
        found = known.find(any_group, wanted.packed, port)
        assert (found and found.tag) == _slowly(records, any_group, str(wanted), port)


def _slowly(records: list[AddressRecord], group: int | None, address: str, port: int) -> str | None:
    wanted = ip_address(address)
    fitting = [
        each
        for each in records
        if group in (None, each.group)
        and each.port in (0, port)
        and wanted in ip_network(f"{each.address}/{each.mask}", strict=False)
    ]
    exact = [each for each in fitting if each.mask == wanted.max_prefixlen]
    if exact:
        return exact[-1].tag
    return min(fitting, key=lambda each: each.group).tag if fitting else None


# --- a file ------------------------------------------------------------------------------------


def test_a_file_goes_before_the_table(tmp_path: Path) -> None:
    (tmp_path / "list").write_text("3 192.0.2.1 32 0 file # of ours\n\n# 4 x\n")
    found = with_tables(
        tmp_path,
        'allow_source_address_group(); xlog("$rc $avp(tag)");',
        lambda _: (tmp_path / "list").write_text("4 192.0.2.1\n") and None,
        "permissions.addressReload",
        "run",
        lambda _: (tmp_path / "list").write_text("x\n") and None,
        at(9e9),
        "permissions.addressReload",
        "run",
        parameters='modparam("permissions", "address_file", "list")',
        rows={"address": [OURS]},
    )
    assert found.lines == ["3 file", "4 <null>", "4 <null>"]
    assert found.given[0] == "Reload OK"
    assert found.given[1][1].startswith("Reload failed. permissions: ")
    assert ':1: "x" is no group' in found.given[1][1]


def test_a_file_is_read_as_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "list"
    file.write_text(
        "1 127.0.0.1 32 0 tag1\n1 10.0.0.10\n\n# c\n2 192.168.1.0 24 0 a,b=c;d# x\n"
        "  3 [1:5ee::900d:c0de]\r\n4 a.example 0 5060 dom\n5\t10.0.0.0\t8\n6 1.2.3.4 tag\n"
        "6 1.2.3.4 24 tag\n"
    )
    assert [tuple(each) for each in read_addresses(file)] == [
        (1, "127.0.0.1", 32, 0, "tag1"),
        (1, "10.0.0.10", 0, 0, None),
        (2, "192.168.1.0", 24, 0, "a,b=c;d"),
        (3, "[1:5ee::900d:c0de]", 0, 0, None),
        (4, "a.example", 0, 5060, "dom"),
        (5, "10.0.0.0", 8, 0, None),
        (6, "1.2.3.4", 0, 0, "tag"),
        (6, "1.2.3.4", 24, 0, "tag"),
    ]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("x 1.2.3.4", '"x" is no group'),
        ("-1 1.2.3.4", '"-1" is no group'),
        ("0 1.2.3.4", "0 is no group"),
        ("4294967297 1.2.3.4", '"4294967297" is no group'),
        ("1", "the address is missing"),
        ("1 1.2.3.4 33", "33 is no length of a prefix of 1.2.3.4"),
        ("1 ::1 129", "129 is no length"),
        ("1 1.2.3.4 24 0 a b", 'there is more behind the tag "a"'),
    ],
)
def test_a_line_that_is_wrong_is_named(tmp_path: Path, line: str, message: str) -> None:
    (tmp_path / "list").write_text(f"1 1.2.3.4\n{line}\n")
    with pytest.raises(ModuleError) as raised:
        read_addresses(tmp_path / "list")
    assert f"list:2: {message}" in raised.value.message


def test_a_file_that_is_not_there_keeps_the_server_from_starting(tmp_path: Path) -> None:
    with pytest.raises(ModuleError, match="none cannot be read: No such file"):
        with_tables(tmp_path, ASK, parameters='modparam("permissions", "address_file", "none")')


# --- both ---------------------------------------------------------------------------------------


def test_a_database_that_is_down_lets_nobody_in(tmp_path: Path) -> None:
    found = ask(
        tmp_path,
        ASK + TRUST,
        modules=MODULES,
        parameters=URL.replace("/db", "/none/db"),
    )
    assert [line.split()[0] for line in found.lines] == ["-1", "-1"]
    assert any("the table address cannot be read" in each for each in found.said)
    assert any(each.startswith("allow_trusted(): ") for each in found.said)


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('allow_address("x", "$si", "1");', '"x" is not a number'),
        ('allow_address("1", "$si", "");', '"" is not a number'),
        ('allow_address("1", "$si");', "takes 3 arguments, only 2 are given"),
        ('allow_source_address("x");', '"x" is not a number'),
        ('allow_source_address("1", "2");', "takes 0 to 1 arguments"),
        ("allow_source_address_group(1);", "takes no arguments, 1 is given"),
        ('allow_address_group("$si");', "takes 2 arguments, only 1 is given"),
        ('allow_trusted("$si");', "takes 0 or 2 or 3 arguments, 1 is given"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}", modules=MODULES)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("peer_tag_avp", '"$var(x)"', "an AVP is written $avp(name)"),
        ("load_backends", "0", "0 has nothing read"),
        ("load_backends", "16", "16 has nothing read"),
        ("reload_delta", "-1", "a number that is not negative is wanted"),
        ("max_subnets", "-1", "a number that is not negative is wanted"),
    ],
)
def test_parameters_that_cannot_be(name: str, value: str, message: str) -> None:
    found = mistakes("", f'modparam("permissions", "{name}", {value})', modules=MODULES)
    assert len(found) == 1
    assert message in found[0]


def test_no_module_for_the_database() -> None:
    with pytest.raises(ModuleError, match="mysql:// URL, and db_mysql is not loaded"):
        load(
            "request_route { exit; }",
            parameters='modparam("permissions", "db_url", "mysql://u:p@h/d")',
            modules=MODULES,
        )
