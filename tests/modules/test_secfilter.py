"""secfilter: lists, what is looked up in them, and the commands that change them."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from sipway.core.commands import CommandError, carry_out
from sipway.core.databases import finish, prepare
from sipway.core.program import Program
from sipway.errors import ModuleError
from sipway.modules.secfilter.lists import Prefixes, lists_of
from tests.fakes import LogInMemory, request
from tests.kamailio_tables import rewrite, tables
from tests.modules.commanding import give
from tests.modules.running import NOW, context, load, mistakes

_LOAD = 'loadmodule "secfilter.so"\n'
_KINDS = ("ua", "country", "domain", "ip", "user")


def _program(code: str = "exit;", parameters: str = "") -> Program:
    program = load(f"{_LOAD}{parameters}\nrequest_route {{ {code} }}")[0]
    program.clock = lambda: NOW
    return program


def _code(program: Program, **of_request: Any) -> int:
    assert program.request_route is not None
    code = program.request_route(context(program, request(**of_request)))
    assert isinstance(program.log, LogInMemory)
    said = [text.removeprefix("<script>: ") for _, text in program.log.written]
    program.log.written.clear()
    return int(said[-1]) if said else code


def _shown(program: Program, name: str, which: str = "Blacklisted") -> list[str]:
    (found,) = give(program, "secfilter.print", name).values()
    return [value for _, value in found[which]]


def _checks(call: str, *lists: tuple[str, str, str], parameters: str = "") -> Program:
    """A program that calls it; `lists` are (bl or wl, type, value)."""
    program = _program(f'{call}; xlog("$rc");', parameters)
    for which, kind, value in lists:
        give(program, f"secfilter.add_{which}", kind, value)
    return program


# --- lists -------------------------------------------------------------------------------


def test_prefixes() -> None:
    found = Prefixes()
    for value in ("abc", "ABC", "x", "longer"):
        found.add(value)
    assert list(found) == ["abc", "x", "longer"]
    assert [found.begin(value) for value in ("abcd", "ABC", "ab", "xyz", "", "long")] == [
        *(True, True, False, True, False, False)
    ]
    assert [found.has(value) for value in ("abcd", "ABC", "x")] == [False, True, True]
    assert found.remove("Abc")
    assert not found.remove("abc")
    assert not found.begin("abcd")
    assert found.begin("x" + "y" * 1000)
    assert len(found) == 2


def test_rows() -> None:
    found, wrong = lists_of(
        [
            *((0, number, f"black{number}") for number in range(5)),
            *((1, number, f"white{number}") for number in range(5)),
            (2, 0, "555"),
            (3, 0, "x"),
            (0, 5, "x"),
            (0, -1, "x"),
            (0, None, "x"),
            (None, 0, "x"),
            (2, 1, "x"),
            (0, 0, ""),
            (0, 0, None),
            (0, 0, "x" * 256),
        ]
    )
    assert [list(each) for each in found.black] == [[f"black{number}"] for number in range(5)]
    assert [list(each) for each in found.white] == [[f"white{number}"] for number in range(5)]
    assert list(found.destinations) == ["555"]
    assert len(wrong) == 9


# --- functions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "kind", "value", "of_request"),
    [
        ("secf_check_ip()", "ip", "192.0.2.", {}),
        ("secf_check_ua()", "ua", "scan", {"extra": "User-Agent: Scanner/1\r\n"}),
        ("secf_check_country('PS')", "country", "ps", {}),
        ("secf_check_country('$hdr(X)')", "country", "ps", {"extra": "X: PS\r\n"}),
        ("secf_check_username_from_hdr()", "user", "ali", {}),
        ("secf_check_username_to_hdr()", "user", "bo", {}),
        ("secf_check_username_contact_hdr()", "user", "eve", {"extra": "Contact: <sip:eve@x>\r\n"}),
        ("secf_check_name_from_hdr()", "user", "al", {"from_": '"Al B" <sip:x@y>;tag=1'}),
        ("secf_check_name_to_hdr()", "user", "al", {"to": "Al <sip:x@y>"}),
        ("secf_check_name_contact_hdr()", "user", "al", {"extra": 'Contact: "Al" <sip:x@y>\r\n'}),
        ("secf_check_domain_from_hdr()", "domain", "caller.", {}),
        ("secf_check_domain_to_hdr()", "domain", "callee.", {}),
        ("secf_check_domain_contact_hdr()", "domain", "y", {"extra": "Contact: <sip:x@y>\r\n"}),
    ],
)
def test_one_value(call: str, kind: str, value: str, of_request: dict[str, Any]) -> None:
    call = call.replace("'", '"')
    assert _code(_checks(call), **of_request) == 1
    assert _code(_checks(call, ("bl", kind, value)), **of_request) == -2
    assert _code(_checks(call, ("wl", kind, value)), **of_request) == 2
    both = _checks(call, ("bl", kind, value), ("wl", kind, value))
    assert _code(both, **of_request) == 2
    others = [("bl", each, value) for each in _KINDS if each != kind]
    assert _code(_checks(call, *others), **of_request) == 1


@pytest.mark.parametrize("place", ["from", "to", "contact"])
@pytest.mark.parametrize(
    ("name", "user", "host", "code", "of_contact"),
    [
        ("joe", "joe", "x", 1, 1),
        ("saint", "evil", "bad", 4, -2),
        ("evil", "saint", "bad", 2, 2),
        ("evil", "evil", "good", -4, -2),
        ("joe", "evil", "good", -2, -2),
        ("joe", "joe", "good", 3, 3),
        ("evil", "joe", "good", -4, 3),
        ("joe", "joe", "bad", -3, -3),
        ("joe", "", "bad", -3, -3),
    ],
)
def test_addresses(place: str, name: str, user: str, host: str, code: int, of_contact: int) -> None:
    program = _checks(
        f"secf_check_{place}_hdr()",
        ("bl", "user", "evil"),
        ("wl", "user", "saint"),
        ("bl", "domain", "bad"),
        ("wl", "domain", "good"),
    )
    address = f'"{name}" <sip:{user}{"@" if user else ""}{host}>'
    of_request = {
        "from": {"from_": f"{address};tag=1"},
        "to": {"to": address},
        "contact": {"extra": f"Contact: {address}\r\n"},
    }[place]
    assert _code(program, **of_request) == (of_contact if place == "contact" else code)


@pytest.mark.parametrize(
    ("contacts", "code"),
    [
        ("", 1),
        ("Contact: *\r\n", 1),
        ("Contact: <sip:evil@a>, <sip:saint@b>\r\n", -2),
        ("Contact: <sip:saint@a>\r\nm: <sip:evil@b>\r\n", -2),
        ("Contact: <sip:joe@a>, <sip:saint@b>\r\n", 2),
        ("Contact: <sip:joe@a>, <sip:evil\r\n", -1),
        ("Contact: <mailto:evil@a>\r\n", -1),
        ("Contact:\r\n", 1),
    ],
)
def test_contacts(contacts: str, code: int) -> None:
    program = _checks("secf_check_contact_hdr()", ("bl", "user", "evil"), ("wl", "user", "saint"))
    assert _code(program, extra=contacts) == code
    program = _checks(
        "secf_check_username_contact_hdr()", ("bl", "user", "evil"), ("wl", "user", "saint")
    )
    assert _code(program, extra=contacts) == code


def test_a_from_that_is_none_of_sip() -> None:
    program = _checks("secf_check_from_hdr()", ("bl", "user", "evil"))
    assert _code(program, from_="<mailto:evil@x>;tag=1") == -1


@pytest.mark.parametrize(
    ("exact", "number", "code"),
    [(1, "555", -2), (1, "5551", 1), (1, "55", 1), (0, "555", -2), (0, "5551", -2), (0, "55", 1)],
)
def test_destinations(exact: int, number: str, code: int) -> None:
    parameters = f'modparam("secfilter", "dst_exact_match", {exact})'
    program = _checks('secf_check_dst("$hdr(X)")', parameters=parameters)
    give(program, "secfilter.add_dst", 555)
    assert _code(program, extra=f"X: {number}\r\n") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((each, -1) for each in ("a'b", 'a"b', "a--b", "%24", "a%27", "%60")),
        *((each, 1) for each in ("abc", "a-b", "%22", "a;b", "%2527", "")),
    ],
)
def test_texts(text: str, code: int) -> None:
    assert _code(_checks('secf_check_sqli_hdr("$hdr(X)")'), extra=f"X: {text}\r\n") == code


@pytest.mark.parametrize(
    "of_request",
    [
        {"extra": "User-Agent: o'k\r\n"},
        {"from_": "<sip:a--b@x>;tag=1"},
        {"from_": '"a\'b" <sip:x@y>;tag=1'},
        {"from_": "<mailto:a--b@x>;tag=1"},
        {"to": "<sip:x@a--b>"},
        {"extra": "Contact: <sip:a'b@x>, <sip:y@z>\r\n"},
        {"extra": "Contact: <sip:a'b@x\r\n"},
    ],
)
def test_a_message_with_such_a_text_ends_the_script(of_request: dict[str, Any]) -> None:
    program = _program('secf_check_sqli_all(); xlog("$rc");')
    assert _code(program, **of_request) == 0
    assert isinstance(program.log, LogInMemory)
    assert give(program, "secfilter.stats")["Other"]["SQL-Injection"] == 1


def test_other_messages_go_on() -> None:
    program = _program('secf_check_sqli_all(); xlog("$rc");')
    extra = "User-Agent: ok\r\nContact: \"a'b\" <sip:x@y>;z=--\r\nX: '\r\n"
    assert _code(program, from_='"Al" <sip:x@y;z=a--b>;tag=a--b', extra=extra) == 1
    assert _code(program) == 1


def test_in_all_kinds_of_blocks() -> None:
    calls = "secf_check_ip(); secf_check_from_hdr(); secf_check_sqli_all(); secf_check_dst($rU);"
    for block in ("reply_route", "failure_route[F]", "branch_route[B]", "onsend_route"):
        code = f'{block} {{ {calls} }} request_route {{ t_on_failure("F"); t_on_branch("B"); }}'
        found = mistakes(code, modules=("tm", "secfilter"))
        assert [each for each in found if "secf" in each] == []


# --- the database ------------------------------------------------------------------------

_ROWS = [(0, 0, "scan"), (1, 4, "saint"), (2, 0, "555")]


def _of_database(path: Path, more: str = "") -> Program:
    return _program(
        parameters=f'loadmodule "db_sqlite.so"\n'
        f'modparam("secfilter", "db_url", "sqlite://{path}")\n{more}'
    )


def _serve(program: Program) -> None:
    async def start() -> None:
        await prepare(program)
        await finish(program)

    asyncio.run(start())


def _told(program: Program) -> list[str]:
    assert isinstance(program.log, LogInMemory)
    return [text for _, text in program.log.written]


def test_lists_of_the_database(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert _shown(program, "ua") == ["scan"]
    assert _shown(program, "user", "Whitelisted") == ["saint"]
    assert _shown(program, "dst") == ["555"]


def test_rows_that_are_wrong_are_told(tmp_path: Path) -> None:
    wrong = [(9, 0, f"x{number}") for number in range(30)]
    tables({"secfilter": [*_ROWS, *wrong]})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert _shown(program, "ua") == ["scan"]
    told = [each for each in _told(program) if "left out" in each]
    assert len(told) == 21
    assert "30 rows" in told[-1]


def test_names_of_table_and_columns(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "db")) as database, database:
        database.executescript(
            """
            create table version (table_name text, table_version integer);
            insert into version values ('mine', 1);
            create table mine (a integer, b integer, c text);
            insert into mine values (1, 4, 'saint');
            """
        )
    names = {"table_name": "mine", "action_col": "a", "type_col": "b", "data_col": "c"}
    more = "".join(f'modparam("secfilter", "{x}", "{y}")\n' for x, y in names.items())
    program = _of_database(tmp_path / "db", more)
    _serve(program)
    assert _shown(program, "user", "Whitelisted") == ["saint"]
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert any("the table secfilter cannot be read" in each for each in _told(program))


def test_another_version(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS}, versions={"secfilter": 2})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    assert _shown(program, "ua") == []
    assert any("version 2" in each for each in _told(program))


def test_without_its_driver() -> None:
    with pytest.raises(ModuleError, match="db_sqlite is not loaded"):
        _program(parameters='modparam("secfilter", "db_url", "sqlite:///x")')


def _reloads(program: Program, *times: float) -> list[Any]:
    """What comes of secfilter.reload at these times."""
    command = program.commands.find("secfilter.reload")
    assert command is not None

    async def run() -> list[Any]:
        found: list[Any] = []
        for now in times:
            program.clock = lambda now=now: now
            try:
                found += await carry_out(program, command, [])
            except CommandError as error:
                found.append(error.reason)
        await finish(program)
        return found

    return asyncio.run(run())


_DONE = "Data reloaded"
_EARLY = "the last reload was less than 5 seconds ago"


def test_reload(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    give(program, "secfilter.add_bl", "ua", "more")
    rewrite(tmp_path / "db", {"secfilter": [(0, 0, "other")]})
    assert _reloads(program, NOW) == [_DONE]
    assert _shown(program, "ua") == ["other"]


def test_reload_delta(tmp_path: Path) -> None:
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    times = (NOW, NOW + 4, NOW + 5, NOW - 1000)  # the last one: somebody has set the clock
    assert _reloads(program, *times) == [_DONE, _EARLY, _DONE, _DONE]
    program = _of_database(tmp_path / "db", 'modparam("secfilter", "reload_delta", 0)')
    assert _reloads(program, NOW, NOW) == [_DONE, _DONE]


def test_a_reload_that_fails_leaves_the_lists(tmp_path: Path) -> None:
    assert give(_program(), "secfilter.reload") == (500, "there is no db_url")
    tables({"secfilter": _ROWS})(tmp_path / "db")
    program = _of_database(tmp_path / "db")
    _serve(program)
    (tmp_path / "db").write_bytes(b"no database at all, whatever is read of it" * 100)
    code, _ = give(program, "secfilter.reload")
    assert code == 500
    assert _shown(program, "ua") == ["scan"]


# --- commands ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", _KINDS)
def test_values_are_added_and_removed(kind: str) -> None:
    program = _program()
    said = f"({kind}, some)"
    assert give(program, "secfilter.add_bl", kind, "some") == (
        f"Values {said} inserted into blacklist"
    )
    assert give(program, "secfilter.add_wl", kind, "some") == (
        f"Values {said} inserted into whitelist"
    )
    assert _shown(program, kind) == ["some"]
    assert _shown(program, kind, "Whitelisted") == ["some"]
    assert give(program, "secfilter.del_bl", kind, "some") == (
        f"Values {said} removed from blacklist"
    )
    assert give(program, "secfilter.del_wl", kind, "some") == (
        f"Values {said} removed from whitelist"
    )
    assert _shown(program, kind) == _shown(program, kind, "Whitelisted") == []


def test_numbers_are_added_and_removed() -> None:
    program = _program()
    assert give(program, "secfilter.add_dst", 555) == (
        "Values (555) inserted into blacklist destinations"
    )
    assert _shown(program, "dst") == ["555"]
    assert give(program, "secfilter.del_dst", 555) == (
        "Values (555) removed from blacklist destinations"
    )
    assert _shown(program, "dst") == []


def _usage(name: str, parameters: str) -> str:
    return f"Invalid Parameters. Usage: secfilter.{name} {parameters}"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("secfilter.print", "x"), "Invalid type"),
        (("secfilter.add_bl",), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "ua"), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "ua", ""), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "ua", "x" * 256), _usage("add_bl", "type value")),
        (("secfilter.add_bl", "UA", "x"), "Error inserting values in the blacklist"),
        (("secfilter.add_wl", "ua"), _usage("add_wl", "type value")),
        (("secfilter.add_wl", "ua", ""), _usage("add_wl", "type value")),
        (("secfilter.add_wl", "x", "x"), "Error insert values in the whitelist"),
        (("secfilter.add_dst",), _usage("add_dst", "number")),
        (("secfilter.add_dst", ""), _usage("add_dst", "number")),
        (("secfilter.del_bl", "ua"), _usage("del_bl", "type value")),
        (("secfilter.del_bl", "x", "x"), "Invalid type"),
        (("secfilter.del_bl", "ua", "none"), "none is not in that list"),
        (("secfilter.del_wl", "ua"), _usage("del_wl", "type value")),
        (("secfilter.del_wl", "ua", "none"), "none is not in that list"),
        (("secfilter.del_dst",), _usage("del_dst", "number")),
        (("secfilter.del_dst", "none"), "none is not in that list"),
    ],
)
def test_commands_that_are_wrong(given: tuple[Any, ...], reason: str) -> None:
    program = _program()
    before = give(program, "secfilter.print")
    assert give(program, *given) == (500, reason)
    assert give(program, "secfilter.print") == before


def test_all_lists_are_shown() -> None:
    found = give(_program(), "secfilter.print")
    assert list(found) == ["User-Agent", "Country", "Domain", "IP-Address", "User", "Destination"]


def test_what_is_counted() -> None:
    program = _checks(
        'secf_check_from_hdr(); secf_check_ip(); secf_check_dst("5"); xlog("$rc")',
        ("bl", "user", "ali"),
        ("wl", "ip", "192."),
    )
    give(program, "secfilter.add_dst", 5)
    for _ in range(2):
        _code(program)
    found = give(program, "secfilter.stats")
    assert {name: value for name, value in found["Blacklist"].items() if value} == {"From-User": 2}
    assert {name: value for name, value in found["Whitelist"].items() if value} == {"IP-Address": 2}
    assert found["Other"] == {"Destination": 2, "SQL-Injection": 0}
    assert list(found["Blacklist"]) == list(found["Whitelist"])
    assert len(found["Blacklist"]) == 12
    assert give(program, "secfilter.stats_reset") == "The statistics has been reset"
    again = give(program, "secfilter.stats")
    assert not any(value for each in again.values() for value in each.values())


@pytest.mark.parametrize(
    "parameter",
    ['"reload_delta", -1', '"cleanup_interval", -1', '"dst_exact_match", "x"', '"none", 1'],
)
def test_parameters_that_are_wrong(parameter: str) -> None:
    parameters = f'modparam("secfilter", {parameter})'
    assert mistakes("request_route { exit; }", parameters, modules=("secfilter",)) != []


@pytest.mark.parametrize(
    "call",
    [
        'secf_check_ip("x")',
        "secf_check_country()",
        "secf_check_dst()",
        'secf_check_dst("a", "b")',
        "secf_check_sqli_hdr()",
        "secf_check_sqli_all(1)",
        'secf_check_name_from_hdr("x")',
    ],
)
def test_arguments_that_are_wrong(call: str) -> None:
    assert mistakes(f"request_route {{ {call}; }}", modules=("secfilter",)) != []
