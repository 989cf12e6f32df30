"""siputils on requests and replies; what `tests/compat/cases/siputils.cfg` cannot show."""

from __future__ import annotations

import pytest

from tests.fakes import reply, request
from tests.modules.running import code_of, mistakes, run


def contact(value: str) -> bytes:
    return request("INVITE", extra=f"Contact: {value}\r\n")


def contact_after(call: str, value: str, parameters: str = "") -> str:
    edited = run(f"{call};", contact(value), parameters=parameters).edited
    (line,) = [each for each in edited.split("\r\n") if each.startswith("Contact: ")]
    return line.removeprefix("Contact: ")


@pytest.mark.parametrize(
    ("call", "data", "code"),
    [
        ("has_totag()", request(), -1),
        ("has_totag()", request(to="<sip:b@c>;tag=1"), 1),
        ("is_request()", request(), 1),
        ("is_request()", reply(), -1),
        ("is_reply()", request(), -1),
        ("is_reply()", reply(), 1),
        ("is_first_hop()", request(), 1),
        ("is_first_hop()", request(via="SIP/2.0/UDP a, SIP/2.0/UDP b"), -1),
        ("is_first_hop()", reply(), -1),
        ("is_first_hop()", reply(extra="Record-Route: <sip:192.0.2.9;lr>\r\n"), 1),
        ("is_first_hop()", reply(extra="Record-Route: <sip:192.0.2.8;lr>\r\n"), -1),
        ('is_supported("path")', request(extra="Supported: timer, Path\r\n"), 1),
        ('is_supported("gruu")', request(extra="k: timer, path\r\n"), -1),
        ("is_gruu()", request(uri="sip:b@c;gr"), 2),
        ("is_gruu()", request(uri="sip:b@c;gr=x"), 1),
    ],
)
def test_questions(call: str, data: bytes, code: int) -> None:
    assert code_of(call, data) == code
    block = f'if ({call}) {{ xlog("then"); }} else {{ xlog("else"); }}'
    assert run(block, data).lines == ["then" if code > 0 else "else"]


@pytest.mark.parametrize(
    ("date", "code"),
    [
        ("Tue, 24 Nov 2026 01:20:05 GMT", 1),
        ("Tue, 24 Nov 2026 01:19:00 GMT", -1),
        ("yesterday", -1),
    ],
)
def test_hdr_date_check(date: str, code: int) -> None:
    assert code_of('hdr_date_check("10")', request(extra=f"Date: {date}\r\n")) == code


@pytest.mark.parametrize(("length", "code"), [(3, -1), (4, 1)])
def test_e164_max_len(length: int, code: int) -> None:
    parameters = f'modparam("siputils", "e164_max_len", {length})'
    assert code_of('is_e164("+1234")', parameters=parameters) == code


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("<sip:bob@192.0.2.1:5070;transport=tcp>;q=1", "<sip:p*bob**192.0.2.1*5070*tcp@h>;q=1"),
        ('"B, <o>" <sip:b:pw@c>', '"B, <o>" <sip:p*b*pw*c**@h>'),
        ("sip:b@c;expires=5", "sip:p*b**c**@h;expires=5"),
        ("<sip:b@c>, <sip:d@e>;x", "<sip:p*b**c**@h>, <sip:p*d**e**@h>;x"),
    ],
)
def test_contacts_encoded(text: str, made: str) -> None:
    assert contact_after('encode_contact("p", "h")', text) == made


def test_contacts_decoded_and_the_separator() -> None:
    assert contact_after("decode_contact_header()", "<sip:p*b*pw*c*99*tcp@h>;x") == (
        "<sip:b:pw@c:99;transport=tcp>;x"
    )
    separator = 'modparam("siputils", "contact_flds_separator", "-")'
    assert contact_after('encode_contact("p", "h")', "<sip:b@c>", separator) == "<sip:p-b--c--@h>"
    assert code_of("decode_contact_header()", contact("<sip:b@c>")) == -1
    assert code_of('encode_contact("p", "h")', contact("*")) == -1


def test_contacts_hidden_in_a_parameter_and_back() -> None:
    hidden = contact_after('contact_param_encode("k", "sip:h:5060")', "<sip:b@c;x=y>;q=1")
    assert hidden == "<sip:h:5060;k=c2lwOmJAYzt4PXk>;q=1"
    assert contact_after('contact_param_decode("k")', hidden) == "<sip:b@c;x=y>;q=1"
    ran = run('contact_param_decode_uri("k"); xlog("$ru");', request(uri=hidden[1:-5]))
    assert ran.lines == ["sip:b@c;x=y"]
    assert code_of('contact_param_decode("k")', contact("<sip:b@c;k=!!>")) == -1
    assert code_of('contact_param_check("k")', contact(hidden)) == 1
    assert contact_after('contact_param_rm("X")', "<sip:b@c;x=y;z>") == "<sip:b@c;z>"


def test_options_reply() -> None:
    parameters = 'modparam("siputils", "options_support", "path")'
    ran = run("options_reply();", request(uri="sip:callee.example"), parameters=parameters)
    assert ran.sent[0].startswith(b"SIP/2.0 200 OK\r\n")
    expected = b"Accept: */*\r\nAccept-Encoding: \r\nAccept-Language: en\r\nSupported: path\r\n"
    assert expected in ran.sent[0]
    assert code_of("options_reply()", request("INVITE", "sip:callee.example")) == -1
    assert code_of("options_reply()", request()) == -1


def test_parameters_are_added_before_headers() -> None:
    assert run('add_uri_param("x=1"); xlog("$ru");', request(uri="sip:b@c?H=1")).lines == [
        "sip:b@c;x=1?H=1"
    ]
    assert code_of('add_uri_param("x")', request(uri="nonsense")) == -1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('is_supported("nothing")', "the known options are"),
        ("uri_param()", "takes 1 or 2 arguments"),
        ('get_uri_param("x", "y")', "wants a variable"),
        ('hdr_date_check("soon")', '"soon" is not a number'),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}")
    assert len(found) == 1
    assert message in found[0]
