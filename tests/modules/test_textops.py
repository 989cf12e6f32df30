"""textops on requests and replies; what `tests/compat/cases/textops.cfg` cannot show."""

from __future__ import annotations

import pytest

from sipway.core.arguments import to_regex
from tests.fakes import reply, request
from tests.modules.running import code_of, mistakes, run

SDP = (
    "v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0\r\n{line}"
)
MIXED = (
    "--b1\r\nContent-Type: text/plain\r\n\r\nhello\r\n"
    "--b1\r\ncontent-type : application/sdp;x=y\r\nX: 1\r\n\r\nv=0\r\n\r\n--b1--\r\n"
)


def with_body(body: str, media_type: str = "application/sdp") -> bytes:
    return request("INVITE", extra=f"Content-Type: {media_type}\r\n", body=body)


def lines(text: str, name: str) -> list[str]:
    return [each for each in text.split("\r\n") if each.startswith(name)]


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('is_method("INVITE")', 1),
        ('is_method("BYE|INVITE")', 1),
        ('is_method("BYE|DANCE")', -1),
        ('is_method("invite")', 1),
    ],
)
def test_is_method(call: str, code: int) -> None:
    assert code_of(call, request("INVITE")) == code
    taken = run(f'if ({call}) {{ xlog("then"); }} else {{ xlog("else"); }}', request("INVITE"))
    assert taken.lines == ["then" if code > 0 else "else"]


def test_is_method_of_replies_and_of_methods_that_nobody_knows() -> None:
    assert code_of('is_method("BYE")', reply(method="BYE")) == 1
    assert code_of('is_method("DANCE")', request("DANCE")) == 1
    assert code_of('is_method("SING|INVITE")', request("DANCE")) == -1
    assert run('if (is_method("DANCE")) { xlog("then"); }', request("DANCE")).lines == ["then"]


@pytest.mark.parametrize(
    ("call", "media_type", "code"),
    [
        ("has_body()", "text/plain", 1),
        ('has_body("application/sdp")', "application/sdp", 1),
        ('has_body("application/SDP")', "Application/sdp ; x=y", 1),
        ('has_body("application/*")', "application/sdp", 1),
        ('has_body("text/plain")', "application/sdp", -1),
    ],
)
def test_has_body(call: str, media_type: str, code: int) -> None:
    assert code_of(call, with_body("x", media_type)) == code
    assert code_of(call, request()) == -1


def test_has_body_without_a_content_type() -> None:
    assert code_of('has_body("text/plain")', request(body="x")) == -2


@pytest.mark.parametrize(
    ("address", "line", "code"),
    [
        ("192.0.2.1", "", -1),
        ("0.0.0.0", "", 1),
        ("192.0.2.1", "a=inactive\r\n", 2),
        ("192.0.2.1", "a=sendonly\r\n", 2),
        ("192.0.2.1", "a=sendrecv\r\n", -1),
        ("0.0.0.0", "c=IN IP4 192.0.2.1\r\n", -1),
    ],
)
def test_is_audio_on_hold(address: str, line: str, code: int) -> None:
    body = SDP.format(address=address, line=line)
    assert code_of("is_audio_on_hold()", with_body(body)) == code


@pytest.mark.parametrize(
    ("value", "code"), [("id", 1), ("user", 1), ("header", -1), ("ID", 1), ("none", -1)]
)
def test_is_privacy(value: str, code: int) -> None:
    assert code_of(f'is_privacy("{value}")', request(extra="Privacy: user;ID\r\n")) == code


@pytest.mark.parametrize(
    ("which", "wanted", "code"),
    [("a", "two", 1), ("f", "two", -1), ("l", "two", -1), ("l", "three", 1), ("f", "one", 1)],
)
def test_search_hf_looks_at_all_the_first_or_the_last(which: str, wanted: str, code: int) -> None:
    data = request(extra="X-A: one\r\nX-A: two\r\nX-A: three\r\n")
    assert code_of(f'search_hf("X-A", "{wanted}", "{which}")', data) == code


def test_the_body_is_searched_without_the_headers() -> None:
    data = with_body("v=0\r\nhello")
    assert code_of('search_body("HELLO")', data) == 1
    assert code_of('search_body("Call-ID")', data) == -1


# --- changes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "body"),
    [
        ('replace_body("a", "X")', "Xbc\r\naBc"),
        ('replace_body_all("a", "X")', "Xbc\r\nXBc"),
        ('replace_body_all("c$", "X")', "abc\r\naBX"),
        ('replace_body_atonce("^.*$", "")', ""),
        ('replace_body_str("bc", "X", "a")', "aX\r\naBc"),
        ('replace_body_str("a", "X", "f")', "Xbc\r\naBc"),
        ('search_append_body("ab", "+")', "ab+c\r\naBc"),
        ("subst_body('/b(c)/[\\1]/gi')", "a[c]\r\na[c]"),
        ("subst_body('/b(c)/[\\1]/')", "a[c]\r\naBc"),
        ("subst_body('#b.*a#X#s')", "aXBc"),
        ('set_body("new", "text/new")', "new"),
    ],
)
def test_bodies_are_changed_and_their_length_with_them(call: str, body: str) -> None:
    edited = run(f"{call};", with_body("abc\r\naBc")).edited
    head, _, got = edited.partition("\r\n\r\n")
    assert got == body
    assert lines(head, "Content-Length") == [f"Content-Length: {len(body)}"]


def test_a_body_where_there_was_none() -> None:
    data = request().replace(b"Content-Length: 0\r\n", b"")
    edited = run('set_body("$rm", "text/plain");', data).edited
    assert edited.endswith("Content-Type: text/plain\r\nContent-Length: 7\r\n\r\nOPTIONS")
    assert code_of('set_body("", "text/plain")') == -1
    assert code_of('set_body("x", "")') == -1


def test_a_body_for_the_reply() -> None:
    (sent,) = run('set_reply_body("hi $rm", "text/plain"); sl_send_reply("200", "OK");').sent
    assert sent.endswith(b"Content-Length: 10\r\n\r\nhi OPTIONS")
    assert b"\r\nContent-Type: text/plain\r\n" in sent
    assert code_of('set_reply_body("", "text/plain")') == -1


def test_text_that_is_not_ascii_keeps_its_place() -> None:
    data = request(extra="X-A: \u00e9\u00e8 one\r\nX-B: two\r\n", body="\u00e9 three")
    ran = run('replace("two", "TWO"); replace_body("three", "\u00fc");', data)
    assert "X-A: \u00e9\u00e8 one\r\nX-B: TWO\r\n" in ran.edited
    assert ran.edited.endswith("\u00e9 \u00fc")


def test_substitutions_in_header_fields() -> None:
    data = request(extra="X-A: a1\r\nX-A: a2\r\nX-A: a3\r\n")
    for which, expected in (
        ("a", ["b1", "b2", "b3"]),
        ("f", ["b1", "a2", "a3"]),
        ("l", ["a1", "a2", "b3"]),
    ):
        edited = run(f'subst_hf("X-A", "/a/b/", "{which}");', data).edited
        assert lines(edited, "X-A") == [f"X-A: {value}" for value in expected]


def test_subst_v() -> None:
    ran = run('subst_v("$rm", "/O(P)/$rU-\\1/", "$var(r)"); xlog("$var(r)");')
    assert ran.lines == ["bob-PTIONS"]
    assert code_of('subst_v("$rm", "/x/y/", "$var(x)")') == -1


def test_parts_of_a_body() -> None:
    data = with_body(MIXED, 'multipart/mixed; boundary="b1"')
    ran = run('get_body_part("application/sdp", "$var(p)"); xlog("[$var(p)]");', data)
    assert ran.lines == ["[v=0\r\n]"]
    ran = run('get_body_part_raw("application/sdp", "$var(p)"); xlog("[$var(p)]");', data)
    assert ran.lines == ["[content-type : application/sdp;x=y\r\nX: 1\r\n\r\nv=0\r\n]"]
    assert run('filter_body("text/plain");', data).edited.endswith("Length: 5\r\n\r\nhello")
    assert code_of('filter_body("image/png")', data) == -1
    assert code_of('get_body_part("image/png", "$var(x)")', data) == -1


@pytest.mark.parametrize(
    ("call", "left"),
    [
        ('remove_hf_idx("X-A", "0")', ["2", "3"]),
        ('remove_hf_idx("X-A", "-1")', ["1", "2"]),
        ('remove_hf_match("X-A", "eq", "2")', ["1", "3"]),
        ('remove_hf_match("X-A", "ne", "2")', ["2"]),
        ('remove_hf_match("X-A", "re", "[12]")', ["3"]),
        ('remove_hf_exp("^X-", "^X-B")', []),
        ('remove_hf_pv("x-a")', []),
    ],
)
def test_header_fields_taken_out(call: str, left: list[str]) -> None:
    data = request(extra="X-A: 1\r\nX-A: 2\r\nX-B: 0\r\nX-A: 3\r\n")
    edited = run(f"{call};", data).edited
    assert lines(edited, "X-A") == [f"X-A: {value}" for value in left]
    assert lines(edited, "X-B") == ["X-B: 0"]


def test_dates() -> None:
    ran = run('append_time(); append_time_to_request(); sl_send_reply("200", "OK");')
    line = "Date: Tue, 24 Nov 2026 01:20:09 GMT"
    assert lines(ran.edited, "Date") == [line]
    assert line.encode() in ran.sent[0]


def test_append_to_reply_keeps_the_order() -> None:
    ran = run(
        'append_to_reply("A: 1\\r\\n"); append_to_reply("B: $rm\\r\\n"); sl_reply("200", "O");'
    )
    assert b"\r\nA: 1\r\nB: OPTIONS\r\n" in ran.sent[0]


# --- what is computed for each message -------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        "search($var(p))", "search_body($var(p))", 'search_append($var(p), "x")',
        'search_append_body($var(p), "x")', 'replace($var(p), "x")', 'replace_body($var(p), "x")',
        'replace_hdrs("F" + $var(f), "x")', 'replace_all($var(p), "x")',
        'replace_body_all($var(p), "x")', 'replace_body_atonce($var(p), "x")',
        "is_present_hf_re($var(f))", "remove_hf_re($var(f))", 'remove_hf_exp($var(f), "x")',
        'remove_hf_exp("^F", $var(p))', 'is_present_hf("F" + $var(f))', 'remove_hf("F" + $var(f))',
    ],
)  # fmt: skip
def test_a_variable_or_an_expression_is_a_pattern_or_a_name(call: str) -> None:
    data = request("MESSAGE", body="a body")
    code = f'$var(p) = "B(O)DY"; $var(f) = "rom"; {call}; xlog("$rc");'
    assert run(code, data).lines == ["1"]


@pytest.mark.parametrize(
    "call",
    ['search("$var(p)")', 'replace("$var(p)", "x")', 'is_present_hf_re("$var(f)")',
     'remove_hf_re("$var(f)")'],
)  # fmt: skip
def test_a_variable_inside_a_text_is_no_pattern(call: str) -> None:
    code = f'$var(p) = "From"; $var(f) = "From"; {call}; xlog("$rc");'
    assert run(code).lines == ["-1"]


def test_what_replaces_is_the_text_as_written_or_the_value_of_an_expression() -> None:
    data = request("MESSAGE", body="a body")
    code = '$var(x) = "one"; replace_body("body", {});'
    for argument, body in (
        ('"$var(x)"', "a $var(x)"),
        ("$var(x)", "a one"),
        ('"<" + $var(x) + ">"', "a <one>"),
    ):
        assert run(code.format(argument), data).edited.endswith(f"\r\n\r\n{body}")


def test_a_computed_pattern_that_is_wrong_is_logged() -> None:
    assert run('$var(p) = "("; search($var(p)); xlog("$rc");').lines[-1] == "-1"


def test_computed_patterns_are_remembered_up_to_a_bound() -> None:
    before = to_regex.cache_info()
    code = (
        '$var(i) = 0; while ($var(i) < 99) { search("n" + $var(i)); $var(i) = $var(i) + 1; }'
        ' search("n" + 7);'
    )
    run(code * 2)
    after = to_regex.cache_info()
    assert after.hits - before.hits >= 100
    assert after.maxsize == 256


# --- what the check says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('is_method("INVITE|")', "a method is missing"),
        ("is_method()", "is_method() takes 1 argument"),
        ('search("a(")', "not a regular expression"),
        ('search_hf("From", $var(p), "a")', "known when the script is read"),
        ('is_present_hf("$var(n)")', 'no header field is called "$var(n)"'),
        ('remove_hf("")', 'no header field is called ""'),
        ('append_hf("A: b\\r\\n", "X A")', 'no header field is called "X A"'),
        ('search_hf("From", "a", "x")', "a (all), f (the first) or l (the last) is wanted"),
        ('replace_str("a", "b", "x")', "a (all) or f (the first) is wanted"),
        ('subst("/a/b")', "a substitution has three /, this one has 2"),
        ('subst("/a/b/x")', "there is no flag x"),
        ('subst("abc")', "a substitution has three a, this one has 1"),
        ('subst("/a(/b/")', "not a regular expression"),
        ('subst("/a/$nothing/")', "there is no variable $nothing"),
        ('is_privacy("nothing")', "a privacy value is one of"),
        ('in_list("a", "b", ",,")', "one character is wanted"),
        ('remove_hf_match("A", "gt", "1")', "one of eq, ne, in, re is wanted"),
        ('remove_hf_idx("A", "x")', '"x" is not a number'),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}")
    assert len(found) == 1
    assert message in found[0]


# --- bodies of several parts, put together ---------------------------------------------------


def mixed() -> bytes:
    return with_body(MIXED, "multipart/mixed;boundary=b1")


@pytest.mark.parametrize(
    ("call", "part"),
    [
        ('append_body_part("new", "a/c")', "Content-Type: a/c\r\n\r\nnew"),
        ('append_body_part("$rm", "a/c", "x;y")',
         "Content-Type: a/c\r\nContent-Disposition: x;y\r\n\r\nINVITE"),
        ('append_body_part_hex("6B 61 6d", "a/c")', "Content-Type: a/c\r\n\r\nkam"),
    ],
)  # fmt: skip
def test_a_part_comes_behind_the_others(call: str, part: str) -> None:
    body = run(f"{call};", mixed()).edited.partition("\r\n\r\n")[2]
    assert body == MIXED.replace("--b1--", f"--b1\r\n{part}\r\n--b1--")


def test_a_body_without_an_end_gets_one() -> None:
    body = MIXED.replace("--b1--\r\n", "")
    data = with_body(body, "multipart/mixed;boundary=b1")
    edited = run('append_body_part("new", "a/c");', data).edited
    assert edited.endswith(body + "--b1\r\nContent-Type: a/c\r\n\r\nnew\r\n--b1--\r\n")
    ran = run('append_body_part("a", "a/c"); if (!append_body_part("b", "a/c")) xlog("no");', data)
    assert ran.lines[-1] == "no"


@pytest.mark.parametrize(
    "call",
    [
        'append_body_part("", "a/c")', 'append_body_part("x", "")',
        'append_body_part_hex("6", "a/c")', 'append_body_part_hex("xx", "a/c")',
        'remove_body_part("a/none")',
    ],
)  # fmt: skip
def test_parts_that_cannot_be_added_or_removed(call: str) -> None:
    assert code_of(call, mixed()) == -1
    assert run(f"{call};", mixed()).ctx.edits is None
    assert code_of(call, with_body("v=0")) == -1


def test_a_part_is_removed() -> None:
    edited = run('remove_body_part("Text/Plain");', mixed()).edited
    assert edited.endswith("\r\n\r\n" + MIXED.partition("hello\r\n")[2])
    assert (
        f"Content-Length: {len(MIXED.partition(chr(104) + 'ello' + chr(13) + chr(10))[2])}"
        in edited
    )


def test_set_body_multipart() -> None:
    edited = run('set_body_multipart("$rm", "a/b", "x$rm");', with_body("v=0")).edited
    assert lines(edited, "Content-Type")[0] == 'Content-Type: multipart/mixed;boundary="xINVITE"'
    assert lines(edited, "Mime-Version") == ["Mime-Version: 1.0"]
    assert edited.endswith(
        "\r\n\r\n--xINVITE\r\nContent-Type: a/b\r\n\r\nINVITE\r\n--xINVITE--\r\n"
    )
    assert code_of("set_body_multipart()") == -1
    assert code_of('set_body_multipart("x", "")') == -1
    assert code_of('set_body_multipart("x", "a/b", "")') == -1


@pytest.mark.parametrize("name", ["set_body", "set_reply_body"])
def test_bodies_in_hexadecimal_digits(name: str) -> None:
    ran = run(f'{name}_hex("6b 61 ff", "a/b");', with_body("v=0"))
    found = ran.edited if name == "set_body" else repr(ran.ctx.reply_body)
    assert ("ka\udcff" if name == "set_body" else r"(b'a/b', b'ka\xff')") in found
    for wrong in ('"6", "a/b"', '"6x", "a/b"', '"", "a/b"', '"66", ""'):
        assert code_of(f"{name}_hex({wrong})") == -1


# --- parameters of the Vias ----------------------------------------------------------------------

VIAS = 'SIP/2.0/UDP a;branch=1 ;p="x;y";P1 = b ;z, SIP/2.0/UDP b;branch=2;p1=c'


@pytest.mark.parametrize(
    ("call", "vias"),
    [
        ('via_param_rm("p1", "0")', VIAS.replace(";P1 = b ", " ")),
        ('via_param_rm("p", 0)', VIAS.replace(';p="x;y"', "")),
        ('via_param_rm("P1", "-1")', VIAS.replace(";p1=c", "")),
        ('via_param_rm("p1", 1)', VIAS.replace(";p1=c", "")),
    ],
)
def test_a_parameter_of_a_via_is_removed(call: str, vias: str) -> None:
    assert lines(run(f"{call};", request(via=VIAS)).edited, "Via") == [f"Via: {vias}"]


def test_parameters_of_a_via_that_are_not_there() -> None:
    assert code_of('via_param_rm("p2", 0)', request(via=VIAS)) == -1
    assert code_of('via_param_rm("p1", 2)', request(via=VIAS)) == -1
    assert code_of('via_param_rm("p1", "$rm")', request(via=VIAS)) == -1


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('str_any_in("abc", "xc")', 1),
        ('str_any_in("abc", "xy")', -1),
        ('str_any_in("abc", "")', -1),
        ('str_all_in("abc", "ca")', 1),
        ('str_all_in("abc", "xc")', -1),
        ('str_all_in("abc", "")', -1),
    ],
)
def test_characters_of_a_text(call: str, code: int) -> None:
    assert code_of(call) == code
