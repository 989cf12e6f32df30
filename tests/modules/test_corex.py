"""corex; what it sends is held by `tests/compat/cases/forward.py`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sipway.core import log as levels
from sipway.modules.corex.branches import _q
from sipway.sip.addresses import sockaddr
from tests.fakes import reply
from tests.modules.running import code_of, mistakes, run

OURS = "udp:192.0.2.9:5060"


# --- append_branch() -------------------------------------------------------------------------


def test_a_branch_takes_what_the_request_uri_has_now() -> None:
    ran = run(
        f'$du = "sip:192.0.2.5"; setbflag(3); $fs = "{OURS}"; append_branch("sip:a@x", "0.5");'
    )
    (branch,) = ran.ctx.branches or []
    assert branch.socket is not None
    assert (branch.uri, branch.q, branch.dst_uri, branch.flags, branch.socket.text) == (
        "sip:a@x", 500, "sip:192.0.2.5", 8, OURS,
    )  # fmt: skip
    assert (ran.ctx.dst_uri, ran.ctx.branch_flags) == ("sip:192.0.2.5", 8)
    assert ran.ctx.send_socket is not None


@pytest.mark.parametrize("call", ["append_branch()", 'append_branch("")'])
def test_without_a_uri_it_takes_them_away(call: str) -> None:
    ran = run(f'$du = "sip:192.0.2.5"; setbflag(3); $fs = "{OURS}"; {call};')
    (branch,) = ran.ctx.branches or []
    assert (branch.uri, branch.dst_uri, branch.flags) == (
        "sip:bob@callee.example", "sip:192.0.2.5", 8,
    )  # fmt: skip
    assert (ran.ctx.dst_uri, ran.ctx.branch_flags, ran.ctx.send_socket) == (None, 0, None)


@pytest.mark.parametrize(
    ("text", "q"),
    [("", -1), ("0", 0), ("1", 1000), ("0.5", 500), (".5", 500), ("0.25", 250), ("0.1239", 123),
     ("1.0", 1000), ("1.", 1000), ("0.", 0)],
)  # fmt: skip
def test_q_values(text: str, q: int) -> None:
    assert _q(text) == q


@pytest.mark.parametrize("text", ["2", "1.001", "-1", "x", ".", "0.x", "00", "0.5.5"])
def test_q_values_that_are_none(text: str) -> None:
    with pytest.raises(ValueError, match="is no q value"):
        _q(text)
    ran = run(f'if (!append_branch("sip:a@x", "{text}")) xlog("false");')
    assert ran.lines[-1] == "false"
    assert ran.ctx.branches is None
    assert ran.log[0][0] == levels.ERR


def test_there_is_an_end_to_branches() -> None:
    ran = run('while ($var(i) < 20) { $var(r) = append_branch("sip:a"); $var(i) = $var(i) + 1; }'
              ' xlog("$var(r)");')  # fmt: skip
    assert ran.lines[-1] == "-1"
    assert len(ran.ctx.branches or ()) == 11


# --- sockets ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call", ['set_send_socket("udp:192.0.2.1:5")', 'set_send_socket("a b")',
             'set_send_socket_name("nope")', 'set_recv_socket("udp:192.0.2.1:5")',
             'set_recv_socket_name("$var(x)")'],
)  # fmt: skip
def test_a_socket_that_is_not_there_changes_nothing(call: str) -> None:
    ran = run(f'$fs = "{OURS}"; $var(r) = {call}; xlog("$var(r) $fs $Ri");')
    assert ran.lines[-1] == f"1 {OURS} 192.0.2.9"
    assert ran.log[0][0] == levels.WARN


def test_send_socket() -> None:
    assert run(f'set_send_socket("{OURS}"); xlog("$fs");').lines == [OURS]
    assert code_of('is_socket_name("nope")') == -1


def test_source_address() -> None:
    ran = run('xlog("$si"); set_source_address("udp:192.0.2.44:99"); xlog("$si $sp");'
              'sl_send_reply("200", "OK");')  # fmt: skip
    assert ran.lines == ["192.0.2.1", "192.0.2.44 99"]
    assert ran.ctx.source == sockaddr("192.0.2.44", 99)


@pytest.mark.parametrize(
    "text", ["", "nonsense", "udp:", "udp:192.0.2.1", "udp:name:5060", "udp:192.0.2.1:x",
             "udp:192.0.2.1:70000", "udp:192.0.2.1:"],
)  # fmt: skip
def test_source_addresses_that_are_none(text: str) -> None:
    assert code_of(f'set_source_address("{text}")') == -1
    assert run(f'set_source_address("{text}"); xlog("$si $sp");').lines[-1] == "192.0.2.1 5070"


# --- flags -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "reset", "asked", "most", "no"),
    [
        ("setxflag", "resetxflag", "isxflagset", 63, -1),
        ("msg_iflag_set", "msg_iflag_reset", "msg_iflag_is_set", 63, -2),
        ("msg_vbflag_set", "msg_vbflag_reset", "msg_vbflag_is_set", 31, -1),
    ],
)
def test_flags(one: str, reset: str, asked: str, most: int, no: int) -> None:
    assert code_of(f'{asked}("{most}")') == no
    assert code_of(f'{asked}("{most}")', before=f'{one}("{most}");') == 1
    assert code_of(f'{asked}("0")', before=f'{one}("{most}");') == no
    assert code_of(f'{asked}("{most}")', before=f'{one}("{most}"); {reset}("{most}");') == no
    assert len(mistakes(f'request_route {{ {one}("{most + 1}"); }}')) == 1
    assert len(mistakes(f'request_route {{ {one}("x"); }}')) == 1
    assert code_of(f'{one}("$var(x)")', before="$var(x) = -1;") == -1


def test_internal_flags_have_names() -> None:
    assert code_of('msg_iflag_is_set("UAC_AUTH")', before='msg_iflag_set("UAC_AUTH");') == 1


# --- files -----------------------------------------------------------------------------------


def test_files(tmp_path: Path) -> None:
    path = tmp_path / "text"
    assert code_of(f'file_write("{path}", "a $rm\\xff")') == 1
    assert run(f'file_read("{path}", "$var(x)"); xlog("[$var(x)]");').lines == ["[a OPTIONS\udcff]"]


def test_files_that_cannot_be_read_or_written(tmp_path: Path) -> None:
    assert code_of(f'file_read("{tmp_path}/none", "$var(x)")') == -1
    assert code_of(f'file_read("{tmp_path}", "$var(x)")') == -1
    assert code_of('file_read("/dev/zero", "$var(x)")') == -1
    assert code_of(f'file_write("{tmp_path}", "x")') == -1
    assert code_of('file_write("/dev/full", "x")') == -1
    (tmp_path / "long").write_bytes(b"x" * ((1 << 20) + 1))
    assert code_of(f'file_read("{tmp_path}/long", "$var(x)")') == -1
    assert len(mistakes('request_route { file_read("/x", "$ft"); }')) == 1


# --- what is sent ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call", ['send_udp("192.0.2.1:x")', 'send_udp("a b")', 'send_udp("192.0.2.1:0")',
             'send_udp("192.0.2.1:70000")', 'send_udp("sip:192.0.2.1:5060:1")',
             'send_tcp("192.0.2.1")', 'send_data("192.0.2.1", "x")', 'send_data("", "x")',
             'send_data("tel:1", "x")', 'sendx("nonsense", "udp:192.0.2.9:5060", "x")',
             'forward_uac_uri("nonsense")', 'send_data("sip:192.0.2.1;transport=tcp", "x")'],
)  # fmt: skip
def test_what_cannot_be_sent(call: str) -> None:
    ran = run(f'if (!{call}) xlog("false");')
    assert ran.lines[-1] == "false"
    assert ran.sent == []


def test_forward_uac_leaves_the_other_vias_out() -> None:
    ran = run('forward_uac_uri("sip:192.0.2.4:99"); $du = "sip:192.0.2.5"; forward_uac("1");')
    assert [data.count(b"Via: ") for data in ran.sent] == [1, 1]
    assert all(b"Via: SIP/2.0/UDP 192.0.2.9:5060;branch=" in data for data in ran.sent)


def test_forward_reply() -> None:
    ran = run('if (forward_reply()) xlog("true");', reply())
    assert ran.lines == ["true"]
    assert len(ran.sent) == 1
    assert b"192.0.2.9:5060" not in ran.sent[0]


def test_questions() -> None:
    assert code_of("is_faked_msg()") == -1
    assert code_of('add_tcp_alias("5060")') == 1


# --- variables -------------------------------------------------------------------------------


def test_the_place_in_the_script() -> None:
    ran = run('xlog("$cfg(line)");\n\nxlog("$cfg(line) $cfg(name) $cfg(file) $cfg(route)");')
    first, second = ran.lines
    assert second == f"{int(first) + 2} test.cfg test.cfg DEFAULT_ROUTE"
    assert run('xlog("$cfg(route)");', reply()).lines == ["DEFAULT_ONREPLY"]


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("l/udp:192.0.2.9:5060/listen", OURS),
        ("l/udp:192.0.2.9:5060/index", "0"),
        ("l/udp:192.0.2.9:5060/name", ""),
        ("l/udp:192.0.2.9:5060/advertise", ""),
        ("l/192.0.2.9:5060/listen", "<null>"),
        ("l/udp:192.0.2.8:5060/listen", "<null>"),
        ("n/nobody/listen", "<null>"),
    ],
)
def test_listen_sockets(expression: str, value: str) -> None:
    ran = run(f'xlog("$lsock({expression})");')
    assert ran.lines == [value]


@pytest.mark.parametrize(
    "expression", ["x", "n/a", "n/a/", "n/a/l", "n/a/zz", "x/a/name", "l/udp:a b/name"]
)
def test_expressions_for_sockets_that_are_none(expression: str) -> None:
    ran = run(f'$var(e) = "{expression}"; xlog("[$lsock($var(e))]");')
    assert ran.lines[-1] == "[]"


def test_names_of_variables_that_are_none() -> None:
    assert mistakes('request_route { xlog("$cfg(x) $cfg($rU) $atkv(x)"); }') == [
        "$cfg(x): $cfg takes line, name, file, route, not x",
        "$cfg takes a constant name",
        "$atkv(x): $atkv takes type, key, val or gname, not x",
    ]
    assert run('xlog("$atkv(type)");').lines == ["<null>"]


# --- parameters ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "ours"),
    [
        ("sip:example.org", True),
        ("sip:a.example.org:99", True),
        ("sip:b.a.Example.ORG", True),
        ("sip:notexample.org", False),
        ("sip:example.org.evil.example", False),
        ("sip:x.ports.example:5070", True),
        ("sip:x.ports.example:5071", False),
        ("sip:x.ports.example", False),
    ],
)
def test_alias_subdomains(uri: str, ours: bool) -> None:
    parameters = (
        'modparam("corex", "alias_subdomains", "example.org")\n'
        'modparam("corex", "alias_subdomains", "udp:ports.example:5070")'
    )
    ran = run(f'$ru = "{uri}"; if (uri == myself) xlog("ours");', parameters=parameters)
    assert ran.lines == (["ours"] if ours else [])


@pytest.mark.parametrize(
    ("parameter", "says"),
    [
        ('"alias_subdomains", ""', "is no name of a host"),
        ('"alias_subdomains", "a:x"', "is no name of a host"),
        ('"nio_min_msg_len", -1', "a length is not negative, as -1 is"),
        ('"nio_msg_avp", "msg"', "an AVP is written $avp(name)"),
        ('"nope", 1', "has no parameter nope"),
    ],
)
def test_parameters_that_are_wrong(parameter: str, says: str) -> None:
    (found,) = mistakes("request_route { exit; }", f'modparam("corex", {parameter})')
    assert says in found
