"""permissions, files of rules; what 5.6.3 does is held by `tests/compat/cases/permissions*.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipway.core.context import Context
from sipway.errors import ModuleError
from sipway.modules.permissions.rules import parse_rules
from tests.fakes import request
from tests.modules.commanding import give
from tests.modules.running import context, load, mistakes

MODULES = ("permissions",)


def script(folder: Path, call: str, parameters: str = "", **files: str) -> tuple[int, list[str]]:
    """What a call returns for a request of alice to bob, and what was logged."""
    return registered(folder, request(), call, parameters, **files)


def registered(
    folder: Path, data: bytes, call: str, parameters: str = "", **files: str
) -> tuple[int, list[str]]:
    for name, content in files.items():
        (folder / name.replace("_", ".")).write_text(content)
    program, log, _ = load(
        f'request_route {{ $var(r) = {call}; xlog("$var(r)"); }}',
        parameters=parameters,
        modules=MODULES,
        path=str(folder / "test.cfg"),
        level=4,
    )
    assert program.request_route is not None
    ctx: Context = context(program, data)
    program.request_route(ctx)
    return int(log.written[-1][1].removeprefix("<script>: ")), [text for _, text in log.written]


@pytest.mark.parametrize(
    ("allow", "deny", "code"),
    [
        ("ALL : bob", "ALL : ALL", 1),
        ("ALL : carol", "ALL : ALL", -1),
        ("ALL : carol", "ALL : carol", 1),
        ("", "alice : bob", -1),
        ("", "", 1),
    ],
)
def test_the_allow_file_is_read_first(tmp_path: Path, allow: str, deny: str, code: int) -> None:
    assert script(tmp_path, 'allow_routing("x")', x_allow=allow, x_deny=deny)[0] == code


def test_files_have_the_names_that_parameters_give(tmp_path: Path) -> None:
    names = (
        'modparam("permissions", "allow_suffix", ".a") modparam("permissions", "deny_suffix", ".d")'
        f'modparam("permissions", "default_allow_file", "{tmp_path}/one.x")'
        'modparam("permissions", "default_deny_file", "two.x")'
    )
    denied = {"x_a": "ALL : eve", "x_d": "ALL : ALL"}
    assert script(tmp_path, 'allow_routing("x")', names, **denied)[0] == -1
    assert script(tmp_path, "allow_routing()", names, two_x="ALL : ALL")[0] == -1
    assert script(tmp_path, "allow_routing()", names, one_x="ALL : bob")[0] == 1


def test_default_files_are_read_only_where_they_are_wanted(tmp_path: Path) -> None:
    only = 'modparam("permissions", "load_backends", {})'
    (tmp_path / "permissions.deny").write_text("ALL : ALL")
    (tmp_path / "permissions.allow").write_text("ALL : bob")
    assert script(tmp_path, "allow_routing()", only.format(12))[0] == 1
    assert script(tmp_path, "allow_routing()", only.format(8))[0] == -1
    assert script(tmp_path, "allow_routing()", only.format(4))[0] == 1
    assert script(tmp_path, "allow_routing()", only.format(3))[0] == 1


@pytest.mark.parametrize(("all_branches", "code"), [(1, -1), (0, 1)])
def test_branches_are_looked_at_too(tmp_path: Path, all_branches: int, code: int) -> None:
    parameters = f'modparam("permissions", "check_all_branches", {all_branches})'
    (tmp_path / "x.deny").write_text("ALL : eve")
    program, log, _ = load(
        'request_route { append_branch("sip:eve@x"); $var(r) = allow_routing("x");'
        ' xlog("$var(r)"); }',
        parameters=parameters,
        modules=MODULES,
        path=str(tmp_path / "test.cfg"),
    )
    assert program.request_route is not None
    program.request_route(context(program))
    assert log.written[-1][1] == f"<script>: {code}"


@pytest.mark.parametrize(
    ("contact", "function", "code"),
    [
        ("<sip:bob@b.example:5062>", "allow_register", 1),
        ("<sip:bob@b.example:5062;x=y>", "allow_register_include_port", -1),
        ("<sip:bob@b.example:5063>", "allow_register_include_port", 1),
        ("<sip:bob@b.example>", "allow_register_include_port", 1),
        ("*", "allow_register_include_port", 1),
        ("*\r\nContact: *", "allow_register_include_port", 1),
        ("*, <sip:bob@b.example:5062>", "allow_register_include_port", -1),
        ("<sip:bob@b.example:5062>, *", "allow_register_include_port", -1),
        ("*\r\nContact: <sip:bob@b.example:5062>", "allow_register_include_port", -1),
        ("<sip:bob@b.example:5062>\r\nContact: *", "allow_register_include_port", -1),
        ("*\r\nContact: <sip:bob@b.example", "allow_register_include_port", -1),
        ("*, <sip:bob@b.example:5063>", "allow_register_include_port", 1),
        ("<sip:a@x>, <sip:bob@b.example:5062>", "allow_register_include_port", -1),
    ],
)
@pytest.mark.parametrize("arguments", ['"x"', '"x.allow", "x.deny"'])
def test_contacts(tmp_path: Path, contact: str, function: str, code: int, arguments: str) -> None:
    data = request("REGISTER", extra=f"Contact: {contact}\r\n")
    call = f"{function}({arguments})"
    assert registered(tmp_path, data, call, x_deny='ALL : "b.example:5062$"')[0] == code


def test_as_many_contacts_as_are_read_are_looked_at(tmp_path: Path) -> None:
    many = ", ".join(f"<sip:u{number}@x>" for number in range(65))
    data = request("REGISTER", extra=f"Contact: {many}\r\n")
    assert registered(tmp_path, data, 'allow_register("x")', x_deny="ALL : eve")[0] == -1


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("ALL : ALL\nALL\n", ":2: there is no colon outside of quotes"),
        ('"a : b"', ":1: there is no colon outside of quotes"),
        ("\n\nALL : ", ":3: an expression is missing"),
        (": ALL", ":1: an expression is missing"),
        ("ALL : a,, b", ":1: an expression is missing"),
        ('ALL : ""', ":1: an expression is missing"),
        ("ALL EXCEPT : ALL", ":1: an expression is missing"),
        ('ALL : "("', ':1: "(" is not a regular expression'),
        ('"*" : ALL', ':1: "*" is not a regular expression'),
    ],
)
def test_a_line_that_is_wrong_is_named(rules: str, message: str) -> None:
    with pytest.raises(ModuleError) as raised:
        parse_rules(rules, "/etc/x.deny")
    assert raised.value.message.startswith(f"permissions: /etc/x.deny{message}")


@pytest.mark.parametrize("name", ["x.deny", "permissions.allow"])
def test_a_file_that_is_wrong_keeps_the_server_from_starting(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("ALL : ALL\nnonsense")
    with pytest.raises(ModuleError, match=f"{name}:2: there is no colon"):
        script(tmp_path, 'allow_routing("x")')


def test_a_file_that_cannot_be_read_keeps_the_server_from_starting(tmp_path: Path) -> None:
    (tmp_path / "x.deny").mkdir()
    with pytest.raises(ModuleError, match=r"x.deny cannot be read: Is a directory"):
        script(tmp_path, 'allow_routing("x")')


def test_a_file_that_is_not_there_has_no_rules(tmp_path: Path) -> None:
    code, logged = script(tmp_path, 'allow_routing("x")')
    assert code == 1
    assert f"<core>: permissions: there is no file {tmp_path}/x.deny: no rules\n" in logged


def test_an_expression_takes_no_time_out_of_proportion(tmp_path: Path) -> None:
    data = request(uri="sip:" + "a" * 30_000 + "@x", from_="<sip:" + "a" * 30_000 + "@x>;tag=1")
    rules = '"^sip:(a*)*(a*)*b" : ALL'
    assert registered(tmp_path, data, 'allow_routing("x")', x_deny=rules)[0] == 1


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("x", "sip:alice@a", "sip:bob@b:5060"), "Allowed"),
        (("x", "sip:alice@a", "sip:eve@b"), "Denied"),
        (("none", "sip:alice@a", "sip:bob@b"), "Denied"),
        (("permissions", "a", "b"), "Allowed"),
        (("x", "a"), (500, "Not enough parameters (basename, URI and contact)")),
        (("x", "", ""), (500, "Not enough parameters (basename, URI and contact)")),
    ],
)
@pytest.mark.parametrize("command", ["permissions.testUri", "permissions.allowUri"])
def test_whether_a_pair_is_allowed(
    tmp_path: Path, command: str, asked: tuple[str, ...], said: object
) -> None:
    (tmp_path / "x.allow").write_text('ALL : "bob@b:5060$"')
    (tmp_path / "x.deny").write_text("ALL : ALL")
    program, _, _ = load(
        'request_route { allow_register("x"); }',
        modules=MODULES,
        path=str(tmp_path / "test.cfg"),
    )
    assert give(program, command, *asked) == said


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('allow_routing("$var(x)x", "b", "c");', "takes 0 or 1 or 2 arguments, 3 are given"),
        ('allow_routing("");', "the name of a file is missing"),
        ('allow_register("a", "");', "the name of a file is missing"),
        ("allow_register();", "takes 1 or 2 arguments, only 0 are given"),
        ("allow_routing($var(x));", "known when the script is read"),
        ('allow_uri("x");', "takes 2 arguments, only 1 is given"),
        ('allow_uri("x", "sip:a@b");', "wants a variable"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}", modules=MODULES)
    assert len(found) == 1
    assert message in found[0]


def test_allow_uri_is_for_requests() -> None:
    found = mistakes('onreply_route { allow_uri("x", "$fu"); }', modules=MODULES)
    assert len(found) == 1
