"""textopsx; what 5.6.3 does too is held by `tests/compat/cases/textopsx.py`."""

from __future__ import annotations

import pytest

from tests.fakes import reply, request
from tests.modules.running import code_of, mistakes, run

AUTH = 'Digest username="a,b", realm="r",nonce=n'


def header(call: str, value: str = AUTH, name: str = "X") -> list[str]:
    """The lines of a header after a call."""
    edited = run(f"{call};", request(extra=f"{name}: {value}\r\n")).edited
    return [line for line in edited.split("\r\n") if line.lower().startswith(f"{name.lower()}:")]


# --- values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ('remove_hf_value2("X.realm")', ['X: Digest username="a,b",nonce=n']),
        ('remove_hf_value2("X.username")', ['X: Digest realm="r",nonce=n']),
        ('remove_hf_value2("X.nonce")', ['X: Digest username="a,b", realm="r"']),
        ('assign_hf_value2("X.realm", "\\"s\\"")', ['X: Digest username="a,b", realm="s",nonce=n']),
        ('assign_hf_value2("X.new", "1")', [f"X: {AUTH},new=1"]),
        ('assign_hf_value2("X[*].new", "")', [f"X: {AUTH},new"]),
        ('remove_hf_value2("X")', []),
    ],
)
def test_a_header_that_is_one_value(call: str, lines: list[str]) -> None:
    assert header(call) == lines


@pytest.mark.parametrize(
    ("call", "lines"),
    [
        ('remove_hf_value("X[*].q")', ['X: "a,1" <sip:a,b>;z, c;Q2=1, d']),
        ('assign_hf_value("X[*].q", "")', ['X: "a,1" <sip:a,b>;q;z, c;Q2=1;q, d;q']),
        ('remove_hf_value("X[1]")', ["X:  c;Q2=1;q=1, d;q"]),
        ('remove_hf_value("X[-2]")', ['X: "a,1" <sip:a,b>;q=2;z, d;q']),
        ('append_hf_value("X[-1]", "e")', ['X: "a,1" <sip:a,b>;q=2;z, c;Q2=1;q=1, d;q,e']),
        ('insert_hf_value("X[-1]", "e")', ['X: "a,1" <sip:a,b>;q=2;z, c;Q2=1;q=1, e,d;q']),
        ('append_hf_value("X[7]", "e")', ['X: "a,1" <sip:a,b>;q=2;z, c;Q2=1;q=1, d;q', "X: e"]),
        ('exclude_hf_value("X", "nothing")', ['X: "a,1" <sip:a,b>;q=2;z, c;Q2=1;q=1, d;q']),
    ],
)
def test_values_in_a_line(call: str, lines: list[str]) -> None:
    assert header(call, '"a,1" <sip:a,b>;q=2;z, c;Q2=1;q=1, d;q') == lines


def test_all_but_one_value_are_taken_out() -> None:
    assert header('exclude_hf_value("X", "a")', "a, b, A") == ["X:  b"]
    assert header('exclude_hf_value("X", "a")', "b, a, a") == ["X: b"]
    assert header('exclude_hf_value("X", "a")', "a, a") == []


@pytest.mark.parametrize(
    "call",
    [
        'remove_hf_value("X[0]")', 'remove_hf_value("X[a]")', 'remove_hf_value("")',
        'remove_hf_value("X[1")', 'append_hf_value("X[*]", "v")', 'append_hf_value("X.p", "v")',
        'insert_hf_value("X[*]", "v")', 'assign_hf_value("X[*]", "v")',
        'include_hf_value("X[1]", "v")',
        'exclude_hf_value("X.p", "v")', 'hf_value_exists("X[1]", "v")', 'remove_hf_value("$rm")',
    ],
)  # fmt: skip
def test_places_that_are_none(call: str) -> None:
    assert len(mistakes(f"request_route {{ {call}; }}")) == 1


def test_underscores_are_dashes_where_a_value_is_asked_for() -> None:
    data = request(extra="X-A: one, Two\r\n")
    assert code_of('hf_value_exists("X_a", "two")', data) == 1
    assert code_of('hf_value_exists("X_b", "two")', data) == -1
    assert code_of('remove_hf_value("X-A[3]")', data) == -1
    assert code_of('remove_hf_value("X-A.q")', data) == -1
    assert code_of('assign_hf_value("X-B", "v")', data) == -1


# --- walks ---------------------------------------------------------------------------------------


def test_no_more_than_four_walks_at_a_time() -> None:
    starts = "".join(f'hf_iterator_start("{each}");' for each in "abcd")
    assert code_of('hf_iterator_start("e")', before=starts) == -1
    assert code_of('hf_iterator_start("a")', before=starts) == 1
    assert code_of('hf_iterator_start("e")', before=f'{starts} hf_iterator_end("a");') == 1
    assert code_of('bl_iterator_start("e")', before=starts) == 1
    assert code_of('hf_iterator_start("")') == -1


@pytest.mark.parametrize("kind", ["hf", "bl"])
def test_a_walk_that_was_not_started(kind: str) -> None:
    for call in ("end", "next", "rm"):
        assert code_of(f'{kind}_iterator_{call}("x")') == -1
    for call in ("append", "insert"):
        assert code_of(f'{kind}_iterator_{call}("x", "a")') == -1
        before = f'{kind}_iterator_start("x");'
        assert code_of(f'{kind}_iterator_{call}("x", "a")', before=before) == -1
    assert run('xlog("$hfitname(x) $hfitbody(x) $blitval(x)");').lines[-1] == "<null> <null> <null>"


def test_a_walk_ends_when_the_message_is_another_one() -> None:
    ran = run(
        'hf_iterator_start("x"); hf_iterator_next("x"); xlog("$hfitname(x)");'
        'append_hf("X: 1\\r\\n"); msg_apply_changes(); xlog("$hfitname(x)");'
    )
    assert (ran.lines[0], ran.lines[-1]) == ("Via", "<null>")


def test_a_body_without_lines() -> None:
    assert code_of('bl_iterator_next("b")', before='bl_iterator_start("b");') == -1


# --- the message ---------------------------------------------------------------------------------


def test_changes_are_made_now() -> None:
    ran = run(
        'append_hf("X: 1\\r\\n"); $ru = "sip:new@x"; msg_apply_changes(); xlog("$hdr(X) $ou");'
    )
    assert ran.lines == ["1 sip:new@x"]
    assert (ran.ctx.edits, ran.ctx.ruri) == (None, None)
    assert code_of("msg_apply_changes()") == 1


def test_changes_that_leave_no_message_are_not_made() -> None:
    ran = run('remove_hf("CSeq"); append_hf("no colon\\r\\n\\r\\n"); $var(r) = msg_apply_changes();'
              ' xlog("$var(r) $hdr(CSeq)");')  # fmt: skip
    assert ran.lines[-1].startswith(("-1 1 OPTIONS", "1 "))
    bad = run('$ru = "a b\\r\\nc"; $var(r) = msg_apply_changes(); xlog("$var(r) $rm");')
    assert bad.lines[-1] == "-1 OPTIONS"


def test_another_message() -> None:
    lines = (
        "INFO sip:x SIP/2.0", "Via: SIP/2.0/UDP a;branch=z9hG4bK1", "From: <sip:a>;tag=1",
        "To: <sip:b>", "Call-ID: 1", "CSeq: 1 INFO", "Content-Length: 0",
    )  # fmt: skip
    other = "".join(f"{line}\\r\\n" for line in (*lines, ""))
    ran = run(f'append_hf("X: 1\\r\\n"); msg_set_buffer("{other}"); xlog("$rm $ru");')
    assert ran.lines == ["INFO sip:x"]
    assert ran.edited.startswith("INFO sip:x")
    assert "X: 1" not in ran.edited
    assert code_of('msg_set_buffer("abc")') == -1
    assert code_of('msg_set_buffer("SIP/2.0 200 OK\\r\\n\\r\\n")') == -1
    assert code_of(f'msg_set_buffer("{other}")', reply()) == -1


@pytest.mark.parametrize(
    ("status", "code", "made"),
    [(404, 603, True), (603, 404, True), (200, 299, True), (183, 180, True),
     (200, 400, False), (404, 200, False), (183, 200, False), (404, 183, False)],
)  # fmt: skip
def test_change_reply_status(status: int, code: int, made: bool) -> None:
    data = reply(status)
    ran = run(
        f'append_hf("X: 1\\r\\n"); $var(r) = change_reply_status("{code}", "A longer phrase $rs");'
        ' xlog("$var(r) $rs $rr");', data
    )  # fmt: skip
    if made:
        assert ran.lines[-1] == f"1 {code} A longer phrase {status}"
        assert ran.edited.startswith(f"SIP/2.0 {code} A longer phrase {status}\r\n")
        assert "\r\nX: 1\r\n\r\n" in ran.edited
    else:
        assert ran.lines[-1].startswith(f"-1 {status} ")


def test_change_reply_status_code() -> None:
    ran = run('change_reply_status_code("299"); xlog("$rs $rr");', reply(200))
    assert ran.lines == ["299 OK"]
    assert code_of('change_reply_status("$var(x)", "a")', reply(200)) == -1
    for wrong in ('"99", "x"', '"x", "x"', '700, "x"'):
        assert len(mistakes(f"reply_route {{ change_reply_status({wrong}); }}")) == 1
    assert len(mistakes('request_route { change_reply_status("404", "x"); }')) == 1


def test_keep_hf_without_a_pattern() -> None:
    data = request(extra="X: 1\r\nContact: <sip:a>\r\nUser-Agent: x\r\n")
    edited = run("keep_hf();", data).edited
    assert "X: 1" not in edited
    assert "User-Agent" not in edited
    assert "Contact: <sip:a>" in edited
    assert len(mistakes('request_route { keep_hf("("); }')) == 1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('fnmatch("abc", "A*", "i")', 1), ('fnmatch("abc", "A*", "")', -1),
        ('fnmatch("a*", "a\\\\*")', 1), ('fnmatch("ab", "a\\\\*")', -1),
        ('fnmatch("$rm", "OPT*")', 1), ('fnmatch("abc", "$rm")', -1),
    ],
)  # fmt: skip
def test_fnmatch(call: str, code: int) -> None:
    assert code_of(call) == code


def test_flags_of_fnmatch_that_are_none() -> None:
    assert len(mistakes('request_route { fnmatch("a", "b", "x"); }')) == 1


def test_without_a_body_there_is_nothing_to_remove() -> None:
    assert code_of("remove_body()") == 1
    assert run("remove_body();").ctx.edits is None


def test_what_waits_for_the_socket_is_made_by_the_one_that_is_known() -> None:
    ran = run('record_route(); msg_apply_changes(); xlog("$hdr(Record-Route)");')
    assert ran.lines == ["<sip:192.0.2.9;lr;ftag=a1>"]
    assert ran.edited.count("Record-Route:") == 1


# --- selects --------------------------------------------------------------------------------

LIST = request(extra='X-List: one;my_param=v1;a-b=c, "N" <sip:u@h>;my_param="q v"\r\n')


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("hf_value.x_list.p.my_param", "v1"),
        ("hf_value.x_list.p.a_b", "c"),
        ("hf_value.x_list[2].p.MY_PARAM", "q v"),
        ("hf_value.x_list.uri", "one,sip:u@h"),
        ("hf_value.x_list[-1].uri.host", "h"),
        ("hf_value.x_list[0]", "<null>"),
        ("hf_value2.x_list[2]", "<null>"),
    ],
)
def test_values_of_headers_as_selects(path: str, value: str) -> None:
    assert run(f'xlog("$sel({path})");', LIST).lines == [value]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("hf_value.x_list.my_param", "@hf_value.x_list has no part my_param"),
        ("hf_value", "something has to follow @hf_value"),
        ("hf_value_exists.x_list", "something has to follow @hf_value_exists.x_list"),
        ("hf_value2.x_list.p", "@hf_value2.x_list has no part p"),
    ],
)
def test_selects_that_there_are_not(path: str, message: str) -> None:
    assert mistakes(f'request_route {{ xlog("$sel({path})"); }}') == [message]


# --- the message as it would be -------------------------------------------------------------


def test_a_route_sees_the_changed_message_and_the_message_stays() -> None:
    ran = run(
        'append_hf("X-New: yes\\r\\n"); $ru = "sip:new@h"; $var(r) = msg_changed_route("C");'
        'xlog("$hdr(X-New) $avp(a) $var(v) $var(r)");',
        more='route[C] { $avp(a) = $hdr(X-New); $var(v) = 5; xlog("$hdr(X-New) $ou"); return 3; }',
    )
    assert ran.lines == ["yes sip:new@h", "<null> yes 5 1"]
    assert "X-New: yes" in ran.edited


def test_a_route_of_the_changed_message_may_wait_and_may_end_the_script() -> None:
    ran = run(
        'msg_changed_route("C"); xlog("after");',
        more='route[C] { usleep("1"); xlog("in"); exit; }',
    )
    assert ran.lines == ["in", "after"]


def test_a_route_that_there_is_not() -> None:
    ran = run('$var(r) = msg_changed_route("NONE"); xlog("$var(r)");')
    assert ran.lines == ["<core>: msg_changed_route(): there is no route[NONE]", "-1"]
