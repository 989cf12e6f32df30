"""sl: replies without a transaction. What they look like on the wire: tests/compat, tests/sip."""

from __future__ import annotations

import pytest

from tests.core.test_engine import Server
from tests.fakes import reply, request
from tests.modules.running import code_of, mistakes, run


@pytest.mark.parametrize("name", ["sl_send_reply", "sl_reply", "send_reply"])
@pytest.mark.parametrize(
    ("code", "reason"), [("200", "OK"), ("486", "Busy Here"), ("603", "Decline"), ("100", "Trying")]
)
def test_replies(name: str, code: str, reason: str) -> None:
    call = f'{name}("{code}", "{reason}")'
    ran = run(f"{call};")
    assert [each.partition(b"\r\n")[0].decode() for each in ran.sent] == [
        f"SIP/2.0 {code} {reason}"
    ]
    assert (b";tag=" in ran.sent[0].partition(b"\r\nTo: ")[2].partition(b"\r\n")[0]) == (
        code != "100"
    )
    assert code_of(call) == 1


def test_arguments_from_variables() -> None:
    ran = run('$var(c) = 404; $var(r) = "Gone"; sl_send_reply("$var(c)", "$var(r) for $rU");')
    assert ran.sent[0].startswith(b"SIP/2.0 404 Gone for bob\r\n")
    assert run('$var(c) = 99; sl_send_reply("$var(c)", "x");').sent == []
    assert code_of('sl_send_reply("$var(c)", "x")', before="$var(c) = 99;") == -1


@pytest.mark.parametrize("call", ['sl_send_reply("200", "OK")', "sl_reply_error()"])
def test_an_ack_is_never_answered(call: str) -> None:
    assert run(f"{call};", request("ACK")).sent == []
    assert code_of(call, request("ACK")) == -1


def test_the_error_of_last_resort() -> None:
    assert run("sl_reply_error();").sent[0].startswith(b"SIP/2.0 500 Internal Server Error\r\n")
    parameters = 'modparam("sl", "default_code", 505)\nmodparam("sl", "default_reason", "No")'
    assert (
        run("send_reply_error();", parameters=parameters).sent[0].startswith(b"SIP/2.0 505 No\r\n")
    )


def test_the_last_internal_error() -> None:
    data = request().replace(b"Max-Forwards: 70", b"Max-Forwards: 0")
    ran = run('mf_process_maxfwd_header("10"); sl_reply_error();', data)
    assert ran.sent[0].startswith(b"SIP/2.0 483 Too Many Hops\r\n")


@pytest.mark.parametrize(
    ("before", "code", "contact"),
    [
        ('$rU = "carol";', "302", b"Contact: <sip:carol@callee.example>\r\n"),
        ('$ru = "sip:a@b";', "399", b"Contact: <sip:a@b>\r\n"),
        ('$br = "sip:b@x";', "302", b"Contact: <sip:b@x>\r\n"),
        ('$ru = "sip:a@b"; $br = "sip:c";', "302", b"Contact: <sip:a@b>, <sip:c>\r\n"),
        ('$ru = "sip:a@b";', "404", None),
        ("", "302", None),
    ],
)
def test_a_redirection_says_where_to(before: str, code: str, contact: bytes | None) -> None:
    (sent,) = run(f'{before} sl_send_reply("{code}", "Moved");').sent
    assert (b"Contact:" in sent) == (contact is not None)
    assert contact is None or contact in sent


def test_send_reply_mode() -> None:
    assert run('send_reply_mode("200", "OK", "1");').sent[0].startswith(b"SIP/2.0 200 OK\r\n")
    assert len(mistakes('request_route { send_reply_mode("200", "OK"); }')) == 1


@pytest.mark.parametrize(
    "call",
    ['send_reply("430", "Gone")', 'send_reply_mode("430", "Gone", "1")', "send_reply_error()"],
)
def test_a_reply_is_not_answered(call: str) -> None:
    assert code_of(call, reply()) == -1
    assert run(f"{call}; drop;", reply()).sent == []
    assert mistakes(f"failure_route[F] {{ {call}; }}") == []


ROUTES = """
request_route { sl_send_reply("200", "OK"); xlog("request $rm"); }
event_route[sl:filtered-ack] { xlog("filtered $rm"); }
event_route[sl:local-response] { xlog("sent"); }
"""


def test_an_ack_to_our_own_reply_is_filtered_and_others_are_not() -> None:
    server = Server(ROUTES)
    ((sent, _),) = server.receive(request("INVITE"))
    tag = sent.partition(b"\r\nTo: ")[2].partition(b";tag=")[2].partition(b"\r\n")[0].decode()
    server.log.written.clear()
    assert server.receive(request("ACK", to=f"<sip:bob@callee.example>;tag={tag}")) == []
    assert server.receive(request("ACK", to="<sip:bob@callee.example>;tag=other")) == []
    assert server.receive(request("ACK")) == []
    assert [text.removeprefix("<script>: ") for _, text in server.log.written] == [
        "filtered ACK",
        "request ACK",
        "request ACK",
    ]
    assert server.engine.counters.filtered == 1


def test_the_event_of_a_reply_sent() -> None:
    server = Server(ROUTES)
    server.receive(request())
    assert [text.removeprefix("<script>: ") for _, text in server.log.written] == [
        "sent",
        "request OPTIONS",
    ]


@pytest.mark.parametrize(
    ("call", "first_line"),
    [
        ("sl_forward_reply()", b"SIP/2.0 200 OK"),
        ('sl_forward_reply("202")', b"SIP/2.0 202 OK"),
        ('sl_forward_reply("202", "Accepted")', b"SIP/2.0 202 Accepted"),
    ],
)
def test_forwarded_replies(call: str, first_line: bytes) -> None:
    ran = run(f"{call};", reply())
    assert [each.partition(b"\r\n")[0] for each in ran.sent] == [first_line]
    assert code_of(call, reply()) == 1


def test_a_forwarded_reply_keeps_its_class() -> None:
    assert code_of('sl_forward_reply("404")', reply()) == -1


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('request_route { sl_send_reply("abc", "x"); }', '"abc" is not a status code'),
        ('request_route { sl_send_reply("99", "x"); }', "a status code is 100 to 699, not 99"),
        ('request_route { sl_send_reply("700", "x"); }', "a status code is 100 to 699, not 700"),
        ('request_route { sl_send_reply("200"); }', "takes 2 arguments, only 1 is given"),
        ('request_route { sl_reply_error("x"); }', "takes no arguments"),
        ('reply_route { sl_send_reply("200", "OK"); }', "cannot be called here"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(code)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("rich", "contact"),
    [
        (0, "<sip:n@x>, <sip:a@x?h=v>"),
        (1, "<sip:n@x>;flags=4, <sip:a@x?h=v>;flags=5"),
        (2, "<sip:n@x>, <sip:a@x?h=v&Route=%3csip:p%3blr%3e>"),
        (3, "<sip:n@x>;flags=4, <sip:a@x?h=v&Route=%3csip:p%3blr%3e>;flags=5"),
    ],
)
def test_rich_redirect(rich: int, contact: str) -> None:
    ran = run(
        'setbflag(2); $ru = "sip:n@x"; append_branch("sip:a@x?h=v"); $(branch(flags)[0]) = 5;'
        '$(branch(path)[0]) = "<sip:p;lr>"; sl_send_reply("302", "Moved");',
        parameters=f'modparam("sl", "rich_redirect", {rich})',
    )
    assert f"\r\nContact: {contact}\r\n".encode() in ran.sent[0]


def test_rich_redirect_has_two_bits() -> None:
    for value in (-1, 4):
        found = mistakes("request_route { exit; }", f'modparam("sl", "rich_redirect", {value})')
        assert found == [f"rich_redirect is 0 to 3, not {value}"]
