from __future__ import annotations

from types import ModuleType

import pytest

from sipway.core.loader import ModuleCatalog
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics, Severity
from sipway.language.lint import RULES
from sipway.language.parser import parse
from sipway.language.source import SourceFile


def warnings(text: str) -> list[tuple[str, int]]:
    """Code and line of each warning about a script that has no errors."""
    diagnostics = Diagnostics()
    result = compile_script(parse(SourceFile("test.cfg", text)), ModuleCatalog(), diagnostics)
    assert result is not None, [d.message for d in diagnostics]
    assert all(d.severity is Severity.WARNING for d in diagnostics)
    return [(d.code, d.span.line) for d in diagnostics]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.CODE)
def test_each_rule_warns_once_about_its_example(rule: ModuleType) -> None:
    assert [code for code, _ in warnings(rule.EXAMPLE)] == [rule.CODE]
    assert rule.WHY


SL = 'loadmodule "sl.so"\n'
TM = 'loadmodule "tm.so"\n'
ASYNC = 'loadmodule "tm.so"\nloadmodule "tmx.so"\nloadmodule "async.so"\n'
RTIMER = 'loadmodule "rtimer.so"\nmodparam("rtimer", "timer", "name=T")\n'
DNS = 'loadmodule "ipops.so"\n'
HANDLED = 'request_route { t_on_branch_failure("X"); }'
OK = 'sl_send_reply("200", "OK");'
NO = 'sl_send_reply("404", "Not Found");'


@pytest.mark.parametrize(
    "text",
    [
        'request_route { if ($rm == "A") { exit; } $var(x) = 1; }',
        "request_route { switch (1) { case 1: exit; break; } }",
        "request_route { route(A); } route[A] { exit; }",
        TM + 'request_route { t_on_failure("0"); t_on_reply("$rU"); }',
        TM + "request_route { t_on_branch(1); } branch_route[1] { exit; }",
        TM + HANDLED + " event_route[tm:branch-failure:X] { exit; }",
        ASYNC
        + 'request_route { async_route("A", 1); async_task_route("$rU"); } route[A] { exit; }',
        RTIMER + 'modparam("rtimer", "exec", "timer=T;route=A")\n'
        "request_route { exit; } route[A] { exit; }",
        'request_route { route("A"); } route[A] { exit; }',
        'request_route { route("A_" + $rm); } route[A_INVITE] { exit; }',
        SL + 'request_route { if ($rm == "A") { ' + OK + " exit; } " + NO + " }",
        SL + 'request_route { sl_send_reply("100", "Trying"); ' + NO + " }",
        "request_route { $var(x) = 1; if ($var(x) > 0) exit; }",
        DNS + 'request_route { dns_query("a", "b"); } onsend_route { exit; }',
        DNS + 'request_route { exit; } onreply_route { dns_query("a", "b"); }',
        TM + 'request_route { t_on_branch("A"); } branch_route[A] { exit; }',
    ],
)
def test_no_rule_warns_about_what_is_fine(text: str) -> None:
    assert warnings(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ASYNC + 'request_route { async_route("B", 1); }', 4),
        (ASYNC + 'request_route { exit; }\nroute[A] { async_task_data("B", "x"); }', 5),
        (RTIMER + 'modparam("rtimer", "exec", "timer=T; route=B")\nrequest_route { exit; }', 3),
    ],
)
def test_routes_that_run_later_and_are_not_there(text: str, line: int) -> None:
    assert ("missing-handler", line) in warnings(text)


@pytest.mark.parametrize(
    ("sockets", "argument", "found"),
    [
        ("", '"nonsense"', True),
        ("", "udp:nonsense:5060", True),
        ("listen=udp:192.0.2.1:5060", '"nonsense"', True),
        ('listen=udp:192.0.2.1:5060 name "out"', "out", True),
        ("listen=udp:sip.example.org:5060", '"udp:SIP.example.org:5060"', False),
        ("listen=udp:192.0.2.1:5060 advertise proxy.example:5060", '"proxy.example"', False),
        ("listen=udp:192.0.2.1:5060", "udp:192.0.2.1:5060", False),
        ("", '"udp:[2001:db8::1]:5060"', False),
        ("", "192.0.2.2", False),
    ],
)
def test_sockets_that_are_not_there(sockets: str, argument: str, found: bool) -> None:
    text = f"{sockets}\nrequest_route {{\n force_send_socket({argument}); }}"
    assert warnings(text) == ([("missing-socket", 3)] if found else [])


def test_a_socket_s_name_is_said_to_be_one() -> None:
    diagnostics = Diagnostics()
    text = 'listen=udp:192.0.2.1:5060 name "out"\nrequest_route { force_send_socket("out"); }'
    compile_script(parse(SourceFile("test.cfg", text)), ModuleCatalog(), diagnostics)
    (found,) = diagnostics
    assert found.hint == 'out is a name: set_send_socket_name("out") of corex takes it'


def test_a_block_that_cannot_wait_reaches_what_waits_by_others() -> None:
    found = warnings(
        TM
        + DNS
        + """
        request_route { t_on_branch("B"); route(TWO); }
        branch_route[B] { route(ONE); }
        onsend_route { route(ONE); }
        route[ONE] { route(TWO); route(ONE); }
        route[TWO] { dns_query("a", "b"); }
        """
    )
    assert found == [("cannot-wait", 8)]
