"""From and To written, the socket to send by, and what is known while something leaves."""

from __future__ import annotations

import pytest

from sipway.core.send_socket import find_socket, named_socket
from sipway.core.sockets import ListenSocket
from sipway.sip.addresses import sockaddr
from tests.fakes import context, logged, read, reply, request, write
from tests.modules.running import mistakes, run

_SOCKETS = (
    ListenSocket("udp", "192.0.2.9", 5060, name="first"),
    ListenSocket("udp", "2001:db8::1", 5062, advertised=("proxy.example", 5090)),
    ListenSocket("tcp", "192.0.2.9", 5060),
)


@pytest.mark.parametrize(
    ("from_", "code", "line"),
    [
        ('"A B" <sip:a:pw@c:5070;x=y>;tag=t', '$fu = "sip:n@n";', '"A B" <sip:n@n>;tag=t'),
        ('"A B" <sip:a:pw@c:5070;x=y>;tag=t', '$fU = "u";', '"A B" <sip:u:pw@c:5070;x=y>;tag=t'),
        ('"A B" <sip:a:pw@c:5070;x=y>;tag=t', "$fU = $null;", '"A B" <sip:c:5070;x=y>;tag=t'),
        ('"A B" <sip:a@c>;tag=t', '$fd = "d";', '"A B" <sip:a@d>;tag=t'),
        ('"A B" <sip:a@c>;tag=t', '$fn = "N";', "N <sip:a@c>;tag=t"),
        ('"A B" <sip:a@c>;tag=t', "$fn = $null;", "<sip:a@c>;tag=t"),
        ("sip:a@c;tag=t", '$fn = "N";', "N <sip:a@c>;tag=t"),
        ("sip:a@c;tag=t", '$fu = "sip:n@n";', "sip:n@n;tag=t"),
        ("<tel:+12;x=y>;tag=t", '$fU = "u"; $fd = "d";', "<tel:u;x=y>;tag=t"),
        ("<sip:a@c>;tag=t", '$fu = "sip:1@1"; $fu = "sip:2@2";', "<sip:2@2>;tag=t"),
        ("<sip:a@c>;tag=t", '$fu = "sip:1@1"; $fU = "u"; $fn = "N";', "N <sip:u@1>;tag=t"),
        ("<sip:a@c>;tag=t", '$fn = "é";', "é <sip:a@c>;tag=t"),
        ('"é" <sip:a@c>;tag=t', '$fd = "d";', '"é" <sip:a@d>;tag=t'),
        ("<sip:a@c>;tag=t", "$fu = $null; $fd = $null;", "<sip:a@c>;tag=t"),
        ("<sip:a@c>;tag=t", "$fu = 5; $fU = 5; $fd = 5; $fn = 5;", "<sip:a@c>;tag=t"),
        ("garbage;tag=t", '$fU = "u";', "garbage;tag=t"),
    ],
)
def test_an_address_is_changed_in_what_leaves(from_: str, code: str, line: str) -> None:
    data = request(from_=from_)
    ran = run(code, data)
    assert f"\r\nFrom: {line}\r\n" in ran.edited
    assert run(f'{code} xlog("$fu");', data).lines[-1] == run('xlog("$fu");', data).lines[-1]


def test_to_is_written_as_from() -> None:
    ran = run('$tu = "sip:n@n"; $tn = "T"; $tU = "u"; $td = "d";')
    assert "\r\nTo: T <sip:u@d>\r\n" in ran.edited


def test_a_change_counts_once_in_the_message() -> None:
    ran = run('$fU = "one"; $fU = "two"; $tU = "three";')
    assert ran.ctx.edits is not None
    assert len(ran.ctx.edits) == 2


# --- the socket to send by ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("udp:192.0.2.9:5060", 0),
        ("UDP:192.0.2.9", 0),
        ("192.0.2.9", 0),
        ("tcp:192.0.2.9:5060", 2),
        ("udp:[2001:db8::1]:5062", 1),
        ("udp:[2001:DB8::1]", 1),
        ("proxy.example:5090", 1),
        ("proxy.example:5062", None),
        ("udp:192.0.2.9:5061", None),
        ("tls:192.0.2.9", None),
        ("192.0.2.1", None),
    ],
)
def test_a_socket_is_found_by_what_is_said_of_it(text: str, found: int | None) -> None:
    assert find_socket(_SOCKETS, text) is (None if found is None else _SOCKETS[found])


@pytest.mark.parametrize(
    "text", ["", "any:1.2.3.4:5", "udp:1.2.3.4:x", "udp:1.2.3.4:70000", "a:b:c:d"]
)
def test_what_names_no_socket(text: str) -> None:
    with pytest.raises(ValueError, match="protocol:address:port"):
        find_socket(_SOCKETS, text)


def test_sockets_by_name() -> None:
    assert named_socket(_SOCKETS, "first") is _SOCKETS[0]
    assert named_socket(_SOCKETS, "second") is None


def test_the_send_socket() -> None:
    ctx = context(socket=_SOCKETS[0])
    assert (read(ctx, "fs"), read(ctx, "fsn")) == (None, None)
    write(ctx, "fs", "192.0.2.9")
    assert (read(ctx, "fs"), read(ctx, "fsn")) == ("udp:192.0.2.9:5060", "first")
    assert read(ctx, "fsp") == 5060
    write(ctx, "fs", "udp:192.0.2.1:5060")
    write(ctx, "fsn", "second")
    assert read(ctx, "fs") == "udp:192.0.2.9:5060"
    assert [text for _, text in logged(ctx)] == [
        "<core>: $fs: there is no socket udp:192.0.2.1:5060\n",
        "<core>: $fsn: there is no socket second\n",
    ]
    write(ctx, "fsn", None)
    assert ctx.send_socket is None
    write(ctx, "fsn", "first")
    write(ctx, "fs", None)
    assert ctx.send_socket is None
    for name in ("fs", "fsn"):
        for value in (5, ""):
            with pytest.raises(ValueError, match="is set from text"):
                write(ctx, name, value)


# --- what leaves ------------------------------------------------------------------------------


def test_what_is_sent_is_known_while_it_leaves() -> None:
    ctx = context()
    parts = ("ip", "port", "af", "proto", "sproto", "buf", "len")
    assert {read(ctx, name, part) for name in ("snd", "sndto", "sndfrom") for part in parts} == {
        None
    }
    ctx.sending = (b"data", sockaddr("192.0.2.7", 5071), _SOCKETS[0])
    assert [read(ctx, "sndto", part) for part in parts] == [
        "192.0.2.7", 5071, 2, 1, "udp", "data", 4,
    ]  # fmt: skip
    assert [read(ctx, "sndfrom", part) for part in parts] == [
        "192.0.2.9", 5060, 2, 1, "udp", "data", 4,
    ]  # fmt: skip
    assert read(ctx, "snd", "ip") == "192.0.2.7"


def test_where_a_reply_goes() -> None:
    parts = ("duri", "dhost", "dport", "dproto", "dprotoid", "cntvia")
    assert {read(context(), "rpl", part) for part in parts} == {None}
    assert [read(context(reply()), "rpl", part) for part in parts] == [
        "sip:192.0.2.7:5077;transport=udp", "192.0.2.7", 5077, "udp", 1, 2,
    ]  # fmt: skip
    one = reply().replace(b"Via: SIP/2.0/UDP 192.0.2.7:5077;branch=z9hG4bK-2\r\n", b"")
    assert read(context(one), "rpl", "duri") is None


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('xlog("$sndto(x)");', "ip, port"),
        ('xlog("$rpl(x)");', "duri, dhost"),
        ('xlog("$rcv(x)");', "buf, len"),
        ('xlog("$ltt(y)");', "s, t or x"),
        ('xlog("$msgbuf(x)");', "a number from 0"),
        ('xlog("$msg(x)");', "body_len"),
        ('$ft = "x";', "cannot be assigned to"),
        ('$rP = "tcp";', "cannot be assigned to"),
        ('$hdr(X) = "x";', "cannot be assigned to"),
        ('$sruit = "x";', "did you mean $sruid?"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}", hints=True)
    assert len(found) == 1
    assert message in found[0]


# --- $msgbuf --------------------------------------------------------------------------------


def test_a_byte_of_the_message_is_changed() -> None:
    ran = run(
        '$msgbuf(13) = "O"; xlog("$ru $rU $msgbuf(13)"); $msgbuf(12) = "é"; xlog("$(ru{s.len})");'
    )
    assert ran.lines == ["sip:bOb@callee.example bOb O", "22"]
    assert ran.edited.startswith("OPTIONS sip:\udcc3Ob@")


def test_a_change_before_it_stays() -> None:
    ran = run('remove_hf("Call-ID"); $msgbuf(13) = "O"; append_hf("X: y\\r\\n");')
    assert "bOb" in ran.edited
    assert "Call-ID" not in ran.edited
    assert "X: y" in ran.edited


@pytest.mark.parametrize(
    ("assignment", "fault"),
    [
        ('$msgbuf(13) = ""', "a character is wanted"),
        ("$msgbuf(13) = 65", "a character is wanted"),
        ('$msgbuf(60000) = "x"', "has no byte 60000"),
        ('$msgbuf(7) = "x"', "it is no SIP message"),
    ],
)
def test_what_cannot_be_a_byte_of_it(
    assignment: str, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    ran = run(f'{assignment}; xlog("$ru");')
    assert ran.lines[-1] == "sip:bob@callee.example"
    assert fault in caplog.text


def test_null_changes_nothing() -> None:
    assert run('$msgbuf(13) = $null; xlog("$ru");').lines == ["sip:bob@callee.example"]


def test_other_names_of_what_can_be_written() -> None:
    ctx = context()
    write(ctx, "duri", "sip:192.0.2.7:5090")
    assert read(ctx, "du") == read(ctx, "duri") == "sip:192.0.2.7:5090"
    write(ctx, "duri", None)
    assert read(ctx, "du") is None
    ran = run('$from = "sip:f@f"; $to = "sip:t@t";')
    assert "\r\nFrom: <sip:f@f>" in ran.edited
    assert "\r\nTo: <sip:t@t>" in ran.edited
