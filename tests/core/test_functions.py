"""Functions of the core; what they do on the wire is held by `tests/compat/cases/forward.py`."""

from __future__ import annotations

import sys

import pytest

from sipway.core import log as levels
from sipway.core.branches import Branch
from sipway.core.extras import SendOption
from sipway.core.functions import core
from sipway.core.functions.others import MAX_COMMANDS
from sipway.core.parameters import PARAMETERS
from tests.fakes import call, context, logged, read
from tests.modules.running import code_of, mistakes, run

# --- flags -----------------------------------------------------------------------------------


def test_flags() -> None:
    ctx = context()
    assert call(ctx, "isflagset", 3) == -1
    assert call(ctx, "setflag", 3) == 1
    assert call(ctx, "setflag", 31) == 1
    assert (call(ctx, "isflagset", 3), call(ctx, "isflagset", 31)) == (1, 1)
    assert read(ctx, "mf") == 2147483656
    assert call(ctx, "resetflag", 31) == 1
    assert (call(ctx, "isflagset", 31), read(ctx, "mf")) == (-1, 8)


@pytest.mark.parametrize("flag", [32, -1])
def test_a_flag_out_of_range_is_refused(flag: int) -> None:
    with pytest.raises(ValueError, match="0 to 31"):
        call(context(), "setflag", flag)


@pytest.mark.parametrize(
    ("declared", "number"),
    [
        ("flags a", 0),
        ("flags b, a", 1),
        ("flags a:7", 7),
        ("flags b:0, a", 1),
        ("flags b:3\nflags c, a", 1),
        ("flags a:31, b", 31),
    ],
)
def test_flags_with_names(declared: str, number: int) -> None:
    ran = run('setflag(a); if (isflagset(a)) xlog("set"); resetflag("a");', parameters=declared)
    assert ran.lines == ["set"]
    assert ran.ctx.flags == 0
    assert run("setflag(a);", parameters=declared).ctx.flags == 1 << number


_WANTED = "setflag() wants a flag from 0 to 31, or the name of one"


@pytest.mark.parametrize(
    ("declared", "call_", "says"),
    [
        ("", "setflag(nope)", "there is no flag nope"),
        ("flags nape", "setflag(nope)", "there is no flag nope"),
        ("flags a:32", "setflag(a)", "a: a flag is a number from 0 to 31, not 32"),
        ("flags a, a", "setflag(a)", "there is a flag a already"),
        (
            "flags " + ", ".join(f"f{n}" for n in range(33)),
            "setflag(f1)",
            "f32: there are 32 flags, and all have names already",
        ),
        ("", "setflag(32)", f"{_WANTED}: a flag is a number from 0 to 31, not 32"),
        ("", "setflag($var(x))", _WANTED),
        ("", "setflag()", "setflag() takes 1 argument, only 0 are given"),
    ],
)  # fmt: skip
def test_flags_that_are_wrong_are_one_mistake(declared: str, call_: str, says: str) -> None:
    assert mistakes(f"request_route {{ {call_}; }}", declared) == [says]


# --- how a request leaves ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["force_rport", "add_rport"])
def test_force_rport(name: str) -> None:
    ctx = context()
    assert call(ctx, name) == 1
    assert ctx.force_rport


@pytest.mark.parametrize(
    "name",
    ["force_rport", "add_rport", "add_local_rport", "force_tcp_alias", "add_tcp_alias",
     "set_forward_no_connect", "set_forward_close", "set_reply_no_connect", "set_reply_close",
     "revert_uri"],
)  # fmt: skip
def test_some_functions_need_no_parentheses(name: str) -> None:
    assert mistakes(f"request_route {{ {name}; }}") == []


def test_options_for_connections_are_kept() -> None:
    ran = run("set_forward_close(); set_reply_close(); set_reply_no_connect(); force_tcp_alias(9);")
    extras = ran.ctx.extras
    assert extras is not None
    assert extras.forward_options == SendOption.CLOSE
    assert extras.reply_options == SendOption.CLOSE | SendOption.NO_CONNECT


def test_force_send_socket() -> None:
    ran = run('force_send_socket(udp:192.0.2.9:5060); xlog("$fs");')
    assert ran.lines == ["udp:192.0.2.9:5060"]
    ran = run('force_send_socket(192.0.2.8); force_send_socket("192.0.2.8"); xlog("$fs");')
    assert ran.log[0] == (
        levels.WARN, "<core>: force_send_socket(): there is no socket 192.0.2.8\n",
    )  # fmt: skip
    assert [text for _, text in ran.log[1:]] == ["<script>: <null>"], "said once"


@pytest.mark.parametrize(
    ("call_", "says"),
    [
        ('force_send_socket("a b")', "a socket is written"),
        ("force_send_socket($fs)", "known when the script is read"),
        ("set_advertised_port(0)", "0 is no port"),
        ("set_advertised_port(65536)", "65536 is no port"),
        ('set_advertised_port("x")', "wants a port here"),
        ("set_advertised_address($var(x))", "known when the script is read"),
        ("udp_mtu_try_proto(WS)", "WS is none of UDP, TCP, TLS, SCTP"),
        ('force_tcp_alias("x")', '"x" is not a number'),
        ("forward($du)", "known when the script is read"),
        ('forward("$du")', '"$du" is no host'),
        ('forward("")', '"" is no host'),
        ("forward(192.0.2.1, 0)", "0 is no port"),
        ('forward("192.0.2.1", "x")', "x is no port"),
        ("forward_udp()", "takes 1 to 2 arguments"),
        ("forward(a, 1, 2)", "takes 0 or 1 or 2 arguments"),
        ("remove_branch($var(x))", "known when the script is read"),
        ("clear_branches(1)", "takes no arguments"),
        ('error("a")', "takes 2 arguments"),
        ("exec($var(x))", "known when the script is read"),
        ("exec()", "takes 1 argument"),
    ],
)
def test_wrong_arguments_are_one_mistake(call_: str, says: str) -> None:
    (found,) = mistakes(f"request_route {{ {call_}; }}")
    assert says in found


@pytest.mark.parametrize("call_", ["forward()", 'exec("true")'])
def test_what_waits_is_refused_where_nobody_can_wait(call_: str) -> None:
    (found,) = mistakes(f"request_route {{ exit; }} onsend_route {{ {call_}; }}")
    assert call_.partition("(")[0] in found


# --- branches ----------------------------------------------------------------------------------


def test_branches_are_removed() -> None:
    ctx = context()
    ctx.branches = [Branch("sip:a@x"), Branch("sip:b@x"), Branch("sip:c@x")]
    assert call(ctx, "remove_branch", 1) == 1
    assert call(ctx, "remove_branch", 7) == 1
    assert [each.uri for each in ctx.branches] == ["sip:a@x", "sip:c@x"]
    assert call(ctx, "remove_branch") == 1
    assert [each.uri for each in ctx.branches] == ["sip:c@x"]
    assert call(ctx, "clear_branches") == 1
    assert ctx.branches is None or not ctx.branches
    assert call(ctx, "remove_branch") == 1


# --- others ------------------------------------------------------------------------------------


def test_log() -> None:
    ctx = context()
    assert call(ctx, "log", "plain $rU\n") == 1
    assert call(ctx, "log", 1, "one\n") == 1
    assert logged(ctx) == [
        (levels.DBG, "<script>: plain $rU\n"), (levels.NOTICE, "<script>: one\n"),
    ]  # fmt: skip


def test_error_only_logs() -> None:
    ctx = context()
    assert call(ctx, "error", "one", "two") == 1
    assert logged(ctx) == [(levels.NOTICE, "<core>: error(one, two)\n")]


def test_exec_waits_for_the_command() -> None:
    program = f"{sys.executable} -c 'import sys; sys.exit(bool(sys.stdin.read()))'"
    assert code_of(f'exec("{program}")') == 1


@pytest.mark.parametrize("command", ["exit 3", "false", "no-such-command-here 2>/dev/null"])
def test_exec_is_true_whatever_the_command_says(command: str) -> None:
    ran = run(f'if (exec("{command}")) xlog("true");')
    assert ran.lines[-1] == "true"
    assert ran.log[0][0] == levels.NOTICE
    assert f"exec() of {command} ended with" in ran.log[0][1]


def test_exec_runs_only_so_many_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sipway.core.functions.others._running", MAX_COMMANDS)
    ran = run('if (!exec("true")) xlog("false");')
    assert ran.lines[-1] == "false"
    assert ran.log[0] == (levels.ERR, "<core>: exec(): 64 commands are running already\n")


# --- the module --------------------------------------------------------------------------------


def test_the_core_is_complete() -> None:
    signature = core.signature
    assert signature.parameters == PARAMETERS
    assert {"ru", "avp", "hdr"} <= signature.variables.keys()
    assert {"s.len", "uri.user", "param.value", "tobody.uri"} <= signature.transformations.keys()


def test_everything_is_documented() -> None:
    signature = core.signature
    for group in (signature.functions, signature.variables, signature.transformations,
                  signature.parameters):  # fmt: skip
        assert [name for name, each in group.items() if not each.doc.strip()] == []
