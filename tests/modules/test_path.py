"""path without a server: what the suites `path*` of `tests/compat` cannot show."""

from __future__ import annotations

import pytest

from sipway.core.context import Context
from sipway.core.late_edits import edits_for
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.errors import ModuleError
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.modules.path import add_path_received
from sipway.sip.edits import edited
from tests.fakes import LogInMemory, context, request
from tests.modules.running import mistakes, run

USE = 'modparam("path", "use_received", 1)'


def paths(ctx: Context, socket: ListenSocket | None = None) -> list[str]:
    data = edited(ctx.message, edits_for(ctx, socket or ctx.socket)).decode()
    return [each for each in data.split("\r\n") if each.startswith("Path: ")]


def route(params: str) -> bytes:
    return request("INVITE", extra=f"Route: <sip:192.0.2.9;lr;{params}>\r\n")


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ('add_path_advertised_address("p.example:5080")', "sip:p.example:5080;lr"),
        ('add_path_advertised_address("p.example", "lb")', "sip:lb@p.example;lr"),
        ('add_path_advertised_address("$fd", "lb", "a=b")', "sip:lb@caller.example;lr;a=b"),
        (
            'add_path_received_advertised_address("p.example", "lb", "a=b")',
            "sip:lb@p.example;lr;received=sip:192.0.2.1:5070;a=b",
        ),
    ],
)
def test_an_advertised_address(call: str, path: str) -> None:
    assert paths(run(f"{call};").ctx, ListenSocket("udp", "10.0.0.1", 5070)) == [f"Path: <{path}>"]
    both = paths(run(f"{call};", parameters='modparam("path", "enable_r2", 1)').ctx)
    assert both == [f"Path: <{path};r2=on>"] * 2


@pytest.mark.parametrize(
    ("protocol", "source", "received"),
    [
        ("udp", "192.0.2.1", "sip:192.0.2.1:5070"),
        ("tcp", "192.0.2.1", "sip:192.0.2.1:5070%3btransport%3dtcp"),
        ("udp", "2001:db8::1", "sip:[2001:db8::1]:5070"),
    ],
)
def test_received(protocol: str, source: str, received: str) -> None:
    ctx = context(socket=ListenSocket(protocol, "192.0.2.9", 5060), source=(source, 5070))
    assert add_path_received(ctx) == 1
    assert paths(ctx)[0].endswith(f";lr;received={received}>")


def test_received_comes_back_as_the_next_hop() -> None:
    data = route("received=sip:192.0.2.1:5070%3btransport%3dtcp")
    assert run("loose_route();", data, parameters=USE).ctx.dst_uri == (
        "sip:192.0.2.1:5070;transport=tcp"
    )
    assert run("loose_route();", data).ctx.dst_uri is None


@pytest.mark.parametrize("value", ["sip:a%0d%0aX:1", "sip:a%20b", "%00"])
def test_what_is_no_uri_is_logged(value: str) -> None:
    ran = run("loose_route();", route(f"received={value}"), parameters=USE)
    assert ran.ctx.dst_uri is None
    assert f'"{value}" in our Route is no address' in ran.lines[0]


@pytest.mark.parametrize("value", ["sip:1.2.3.4", "1.2.3.4~5", "1.2.3.4~5~9", "~5~1"])
def test_what_is_not_in_the_other_form_is_logged(value: str) -> None:
    parameters = f'{USE}\nmodparam("path", "received_format", 1)'
    ran = run("loose_route();", route(f"received={value}"), parameters=parameters)
    assert ran.ctx.dst_uri is None
    assert "in our Route is no address" in ran.lines[0]


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"received_format", 2', "a format is 0 for a URI or 1 for ip~port~protocol, not 2"),
        ('"received_name", "a b"', '"a b" is no name of a parameter'),
    ],
)
def test_parameters_that_are_wrong(parameter: str, said: str) -> None:
    found = mistakes("request_route { exit; }", f'modparam("path", {parameter})')
    assert any(said in each for each in found)


def test_use_received_without_rr() -> None:
    diagnostics = Diagnostics()
    text = f'loadmodule "path.so"\n{USE}\nrequest_route {{ exit; }}\n'
    catalog = ModuleCatalog()
    compiled = compile_script(parse(SourceFile("test.cfg", text)), catalog, diagnostics)
    assert compiled is not None
    with pytest.raises(ModuleError, match="use_received needs the module rr"):
        load_program(compiled, catalog, Settings(), LogInMemory(), ())
