"""What is no script of Kamailio is told in one message."""

from __future__ import annotations

import time

import pytest

from sipway.language.parser import parse
from sipway.language.source import SourceFile

_BODY = "request_route { exit; }\n"


def found(text: str) -> list[tuple[str, int]]:
    """The codes and lines of what is said of a script."""
    diagnostics = parse(SourceFile("test.cfg", text)).diagnostics
    return [(each.code, each.span.line) for each in diagnostics]


@pytest.mark.parametrize(
    "line",
    ["listen=<ip>", "listen=udp:<YOUR_IP>:5060", "listen=udp:{{ ip }}:5060", "listen=${IP}",
     "listen=udp:%IP%:5060", "alias=<domain>", "listen=<ip>\nlisten=<ip>:5070\nalias=<name>",
     "listen=udp:127.0.0.1:5060 advertise <public ip>:5060", "listen=@IP@", "listen={{ ip }}",
     "listen=udp:@IP@:5060", "listen=@IP@\nlisten=@IP6@\nport=@PORT@", "listen=%%IP%%",
     "listen=<%= ip %>:5060", "port={{ port }}", "children=@N@;  # a comment",
     "{% if tls %}\nlisten=tls:{{ ip }}:5061\n{% endif %}", "listen=udp:{{ ip }}:{{ port }}",
     "{%- for ip in ips %}\nlisten={{ ip }}\n{% endfor %}",
     "<% if a %>\nport=<%= b %>\n<% end %>"],
)  # fmt: skip
def test_an_unfilled_template_is_one_message_and_the_rest_is_checked(line: str) -> None:
    assert found(f"{line}\n{_BODY}") == [("unfilled-template", 1)]
    more = found(f"{line}\nrequest_route {{ $var(x) = ; }}\n")
    assert [code for code, _ in more] == ["unfilled-template", "missing-value"]


@pytest.mark.parametrize(
    ("socket", "line"),
    [("socket = { bind = {{ ip }}; }", 1), ("socket = {\n  bind = {{ ip }};\n  workers = 2;\n}", 2),
     ("socket={ bind=udp:${IP}:5060; name='x' };", 1), ("socket={\nbind=<ip>\nname=@N@\n}", 2),
     ("socket={\n# <ip>\nbind=udp:{{ ip }}:{{ port }}\n}\nlisten={{ ip }}", 3)],
)  # fmt: skip
def test_an_unfilled_socket_is_one_message(socket: str, line: int) -> None:
    assert found(f"{socket}\n{_BODY}") == [("unfilled-template", line)]


def test_what_stands_in_a_comment_or_in_quotes_of_a_socket_is_no_hole() -> None:
    socket = 'socket = {\n bind = lo; # the <public> one\n name = "<n>"; }'
    assert found(f"{socket}\n{_BODY}") == []
    start = time.monotonic()
    found("socket = {\n" + " bind = lo;\n" * 20_000 + _BODY)
    found("socket = { bind = {{ ip }}; " + "<x> " * 20_000 + _BODY)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("value", ["$IP", "[IP]", "#IP#", "!IP!", "{ip}", "-IP-", "udp:?:5060"])
def test_a_listen_without_an_address_is_one_message(value: str) -> None:
    assert len(found(f"listen={value}\n{_BODY}")) == 1


def test_many_holes_are_found_at_once() -> None:
    start = time.monotonic()
    assert found("alias=@A@\n" * 20_000 + _BODY) == [("unfilled-template", 1)]
    assert time.monotonic() - start < 10


def test_what_does_not_count_may_have_holes() -> None:
    assert found(f"#!ifdef NEVER\nlisten=<ip>\n#!endif\n#listen=<ip>\n{_BODY}") == []
    assert found(f'alias="<x>"\n{_BODY}') == []


def test_an_unfinished_merge_is_one_message() -> None:
    text = "request_route {\n<<<<<<< HEAD\n  exit;\n=======\n  drop;\n>>>>>>> branch\n}\n"
    assert found(text) == [("merge-markers", 2)]


@pytest.mark.parametrize("load", ['loadmodule "proto_udp.so"', 'loadmodule("a/signaling.so")'])
def test_a_script_for_opensips_is_one_message(load: str) -> None:
    text = f"log_level=3\nsocket=udp:1.2.3.4:5060\n{load}\nroute {{ $var(x) += 1; $avp(x) := 2; }}"
    assert found(text) == [("opensips-script", 3)]


@pytest.mark.parametrize("head", ["#!KAMALIO", "# !KAMAILIO", "#! KAMAILIO", "#!KAMAILO"])
def test_a_misspelt_head_is_told(head: str) -> None:
    assert found(f"{head}\n{_BODY}") == [("unknown-directive", 1)]


@pytest.mark.parametrize("head", ["#!KAMAILIO", "#!OPENSER", "#!ALL", "# NOTE", "#!/bin/sh"])
def test_other_heads_are_not(head: str) -> None:
    assert found(f"{head}\n{_BODY}") == []
