"""Selects: paths that there are and are not; the values are compared with Kamailio in compat."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sipway.core.selects import addresses, message, server
from sipway.core.selects.parts import Part
from sipway.core.selects.tree import find_select
from sipway.core.settings import Settings
from sipway.language.signatures import SelectSignature, UnknownSelect
from tests.fakes import context, reply, request
from tests.modules.running import mistakes, run

OPTIONS = request(
    uri="sip:bob@callee.example:5070;transport=tcp",
    from_='"Alice" <sip:alice@caller.example>;tag=a1;x="q z"',
    extra='Contact: <sip:a@h>, "B" <sip:b@h>;q=0.5\r\nX-Foo: one\r\nX-Foo: two\r\n',
    body="abc",
)


def value(path: str, data: bytes = OPTIONS, **settings: object) -> str | None:
    found = find_select(path)
    assert isinstance(found, SelectSignature)
    return found.get(context(data, settings=Settings(**settings)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("ruri", "sip:bob@callee.example:5070;transport=tcp"),
        ("ruri.hostport", "callee.example:5070"),
        ('ruri.params["transport"]', "tcp"),
        ("ruri.params.none", None),
        ("RURI.User", "bob"),
        ("dst_uri", None),
        ("next_hop.host", "callee.example"),
        ("from.params.x", "q z"),
        ("f.tag", "a1"),
        ("to.tag", None),
        ("contact.uri", "sip:b@h"),
        ("contact.q", "0.5"),
        ("via.branch", "z9hG4bK-1"),
        ("via[1].port", "5070"),
        ("via[-1].transport", "UDP"),
        ("via[0]", None),
        ("via[2].host", None),
        ("via[999999999].host", None),
        ("msg.header.x_foo", "one"),
        ('msg.header["X-Foo"]', "one"),
        ("msg.header.none", None),
        ("msg.body", "abc"),
        ("msg.body.sdp", None),
        ("cseq.num", "1"),
        ("src.ip_port", "192.0.2.1:5070"),
        ("dst.ip", "192.0.2.9"),
        ("received.proto_ip_port", "udp:192.0.2.9:5060"),
        ("sys.now", "1795483209"),
        ("sys.now.utc", "Tue Nov 24 01:20:09 2026"),
        ('authorization["here"].nonce', None),
    ],
)
def test_values(path: str, expected: str | None) -> None:
    assert value(path) == expected


_WHO = 'Authorization: Digest username="{}", realm="{}", nonce="n"{}\r\n'
_JOE = _WHO.format("joe", "r", "")


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (_JOE, "joe"),
        (_JOE + _JOE, "joe"),
        (_WHO.format("eve", "other", "") + _JOE, "joe"),
        # Which of them a module takes for the realm, whose case does not matter, is not known.
        (_WHO.format("eve", "r", "") + _JOE, None),
        (_JOE + _WHO.format("eve", "R", ""), None),
        (_WHO.format("eve", "r", ", opaque=1, opaque=2") + _JOE, None),
        (_WHO.format("joe", "r", ", username=eve"), None),
    ],
)
def test_credentials_are_of_one_user(extra: str, expected: str | None) -> None:
    assert value('authorization["r"].username', request(extra=extra)) == expected


def test_a_reply_has_no_request_uri() -> None:
    assert (value("ruri", reply()), value("ruri.user", reply()), value("msg.type", reply())) == (
        None,
        None,
        "2",
    )


def test_parameters_of_the_core() -> None:
    assert value("cfg_get.core.debug", debug=3) == "3"
    assert value("cfg_get.core.force_rport", force_rport=True) == "1"


def test_what_is_unique_differs() -> None:
    assert value("sys.unique") != value("sys.unique")


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("hf_value.subject", "textopsx"),
        ("hf_value_exists.supported.timer", "textopsx"),
        ("rr.dialog_cookie", "rr"),
        ("tls.peer.verified", "tls"),
        ("db.fetch[1].count", "db_ops"),
        ("eval.uuid", "eval"),
        ("cnxcc.channels[1].count", "cnxcc"),
    ],
)
def test_selects_of_modules(path: str, module: str) -> None:
    assert find_select(path) == module


@pytest.mark.parametrize(
    ("path", "sentence", "hint"),
    [
        ("", "something has to follow @", None),
        ("form.tag", "there is no select @form.tag", "did you mean @from?"),
        ("from.tga", "@from has no part tga", "did you mean @from.tag?"),
        ("ruri.foo", "@ruri has no part foo", None),
        ("msg.subject", "@msg has no part subject", "write @msg.header.subject for a header"),
        ("from[0]", "@from takes no number in brackets", None),
        ("src", "something has to follow @src", "as in @src.ip"),
        ("from.params", "something has to follow @from.params", "as in @from.params.NAME"),
        ("from.params[x]", "@from.params[x] is no select", None),
        ("via[1]host", "@via[1]host is no select", None),
        ("cfg_get.core", "@cfg_get.core is no parameter", "as in @cfg_get.GROUP.NAME"),
        ("cfg_get.core.memlog", "the core parameter memlog has no effect here", None),
        ("cfg_get.core.none", "there is no parameter core.none", None),
    ],
)  # fmt: skip
def test_paths_that_there_are_not(path: str, sentence: str, hint: str | None) -> None:
    with pytest.raises(UnknownSelect) as error:
        find_select(path)
    assert str(error.value).startswith(sentence)
    if hint is not None:
        assert error.value.hint == hint


def test_at_gives_an_empty_text_where_sel_gives_null() -> None:
    ran = run('$var(a) = @to.tag; $avp(a) = $sel(to.tag); xlog("[$var(a)] [$avp(a)]\\n");')
    assert ran.lines == ["[] [<null>]"]


def test_a_select_is_text() -> None:
    ran = run(
        '$var(a) = @cseq.num + 1; if (@cseq.num == 1 && @from.tag == $ft) xlog("$var(a)\\n");'
    )
    assert ran.lines == ["11"]


def test_transformed_and_in_formats() -> None:
    assert run('xlog("$(sel(from.uri){uri.host}) $sel(via[1].host)\\n");').lines == [
        "caller.example 192.0.2.1"
    ]


def test_parameters_of_the_script() -> None:
    ran = run(
        "$var(a) = @cfg_get.my.number + 1; $var(b) = $sel(cfg_get.my.text);"
        ' if (@cfg_get.my["number"] == 5) xlog("$var(a) $var(b) @cfg_get.my.text\\n");',
        parameters='my.number = 5 desc "a number"\nmy.text = "a text"\n',
    )
    assert ran.lines == ["51 a text @cfg_get.my.text"]
    assert ran.ctx.program.custom == {("my", "number"): 5, ("my", "text"): "a text"}


def test_a_large_number_wraps() -> None:
    assert run('xlog("$sel(cfg_get.a.b)\\n");', parameters="a.b = 4294967295").lines == ["-1"]


NOT_HERE = "the select @rr.next_route of Kamailio's module rr is not part of sipway yet: None"


@pytest.mark.parametrize(
    ("code", "parameters", "expected"),
    [
        ("$var(a) = @cfg_get.my.nunber;", "my.number = 5",
         "there is no parameter my.nunber: did you mean my.number?"),
        ("$var(a) = $sel(cfg_get.a.b);", "",
         'there is no parameter a.b: a.b = VALUE desc "what it is for" makes one'),
        ("exit;", "a.b = 1\na.b = 2", "there is a parameter a.b already: None"),
        ("exit;", "core.b = 1",
         "the group core is Kamailio's own: take another name for the group, such as my.b"),
        ("$var(a) = @from.tga;", "", "@from has no part tga: did you mean @from.tag?"),
        ("$var(a) = $sel(from.tga);", "", "@from has no part tga: did you mean @from.tag?"),
        ("$var(a) = $sel($var(b));", "", None),
        ("$var(a) = @rr.next_route;", "",
         NOT_HERE),
    ],
)  # fmt: skip
def test_what_is_refused(code: str, parameters: str, expected: str | None) -> None:
    if expected is None:
        found = mistakes(f"request_route {{ {code} }}", hints=True)
        assert found[0].startswith("$sel takes the path of a select")
    else:
        assert mistakes(f"request_route {{ {code} }}", parameters, hints=True) == [expected]


def test_a_select_cannot_be_assigned_to() -> None:
    assert mistakes("request_route { @from.tag = 1; }") != []


# --- none raises, whatever the message -----------------------------------------------------

_ROOTS: dict[str, Part] = {**addresses.PARTS, **message.PARTS, **server.PARTS}


def _paths(parts: dict[str, Part], before: str = "", depth: int = 0) -> Iterator[str]:
    """All paths with a text, `x` for any name, 1 and -1 for numbers."""
    for name, part in parts.items():
        path = f"{before}.{name}" if before else name
        if part.text is not None:
            yield path
        if depth > 4:
            continue
        yield from _paths(dict(part.parts), path, depth + 1)
        if part.named is not None:
            named = part.named("x")
            yield from _paths({"x": named}, path, depth + 1)
        if part.numbered is not None:
            for number in (1, -1):
                numbered = part.numbered(number)
                if numbered.text is not None:
                    yield f"{path}[{number}]"
                yield from _paths(dict(numbered.parts), f"{path}[{number}]", depth + 1)


ALL = sorted(set(_paths(_ROOTS)))


def test_all_paths_can_be_found() -> None:
    assert len(ALL) > 250
    assert all(isinstance(find_select(path), SelectSignature) for path in ALL)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(codec="latin-1", exclude_characters="\r\n"), max_size=40))
def test_no_header_makes_one_raise(odd: str) -> None:
    names = ("Contact", "Record-Route", "Remote-Party-ID", "Refer-To", "Event", "Authorization",
             "Proxy-Authorization", "Content-Type", "Date", "Expires", "Reason")  # fmt: skip
    data = request(from_=odd, to=odd, extra="".join(f"{name}: {odd}\r\n" for name in names))
    ctx = context(data)
    for path in ALL:
        found = find_select(path)
        assert isinstance(found, SelectSignature)
        assert isinstance(found.get(ctx), str | None)
