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
        ("is_first_hop()", reply(), 1),
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


def test_the_first_hop_by_a_name_of_ours() -> None:
    data = reply(extra="Record-Route: <sip:ours.example;lr>\r\n")
    alias = 'alias="ours.example"'
    assert code_of("is_first_hop()", data, parameters=alias) == -1
    assert code_of('is_first_hop("1")', data, parameters=alias) == 1


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


# --- Remote-Party-ID ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "parameters", "value"),
    [
        ("append_rpid_hf()", "", "sip:+1@x;party=calling;id-type=subscriber;screen=yes"),
        ('append_rpid_hf("<", ">;a")', "", "<sip:+1@x>;a"),
        ("append_rpid_hf()",
         'modparam("siputils", "rpid_prefix", "<")\nmodparam("siputils", "rpid_suffix", ">")',
         "<sip:+1@x>"),
        ('append_rpid_hf("", "")', 'modparam("siputils", "rpid_avp", "$avp(s:rpid)")', "sip:+1@x"),
    ],
)  # fmt: skip
def test_append_rpid_hf(call: str, parameters: str, value: str) -> None:
    ran = run(f'$avp(rpid) = "sip:+1@x"; {call};', parameters=parameters)
    assert f"Remote-Party-ID: {value}\r\n" in ran.edited


def test_without_a_value_there_is_no_rpid() -> None:
    off = 'modparam("siputils", "rpid_avp", "")'
    assert code_of("append_rpid_hf()") == -1
    assert code_of("is_rpid_user_e164()") == -1
    assert code_of("append_rpid_hf()", before='$avp(rpid) = "sip:+1@x";', parameters=off) == -1
    assert len(mistakes("request_route { exit; }", 'modparam("siputils", "rpid_avp", "rpid")')) == 1
    assert len(mistakes('request_route { append_rpid_hf("x"); }')) == 1


@pytest.mark.parametrize(
    ("value", "code"),
    [("sip:+12@x", 1), ("<sip:+12@x>;a=b", 1), ("sip:12@x", -1), ("+12", -1), ("", -1)],
)
def test_is_rpid_user_e164(value: str, code: int) -> None:
    assert code_of("is_rpid_user_e164()", before=f'$avp(rpid) = "{value}";') == code


# --- P-Charging-Vector ---------------------------------------------------------------------------

PCV = 'icid-value="v1";icid-generated-at=192.0.2.1; orig-ioi=o;Term-IOI=t'


def charged(value: str = PCV) -> bytes:
    return request(extra=f"P-Charging-Vector: {value}\r\n")


def test_the_charging_vector_is_read() -> None:
    ran = run('xlog("$pcv(value)|$pcv(genaddr)|$pcv(orig)|$pcv(term)|$pcv(status)|$pcv(all)");',
              charged())  # fmt: skip
    assert ran.lines == [f'"v1"|192.0.2.1|o|t|1|{PCV}']
    assert run('xlog("$pcv(value) $pcv(status)");', charged("x=y")).lines == ["<null> 2"]
    assert run('xlog("$pcv(value) $pcv(all) $pcv(status)");').lines == ["<null> <null> 0"]
    assert len(mistakes('request_route { xlog("$pcv(x)"); }')) == 1


@pytest.mark.parametrize(
    ("modes", "present", "codes", "status", "count"),
    [
        ("r", True, [4], 4, 0), ("r", False, [1], 0, 0),
        ("g", True, [1], 1, 1), ("g", False, [3], 3, 1),
        ("f", True, [5], 3, 1), ("f", False, [3], 3, 1),
        ("rg", True, [4, 5], 3, 1), ("rf", True, [4, 5], 3, 1), ("rr", True, [4, 1], 4, 0),
        ("gr", False, [3, 1], 3, 1), ("gf", False, [3, 1], 3, 1),
    ],
)  # fmt: skip
def test_sip_p_charging_vector(
    modes: str, present: bool, codes: list[int], status: int, count: int
) -> None:
    calls = "".join(f'$var(r) = sip_p_charging_vector("{m}"); xlog("$var(r)");' for m in modes)
    ran = run(f'{calls} xlog("$pcv(status)");', charged() if present else None)
    assert [int(each) for each in ran.lines] == [*codes, status]
    assert ran.edited.count("P-Charging-Vector: icid-value=") == count
    if status == 3:
        assert ";icid-generated-at=192.0.2.9\r\n" in ran.edited


def test_ways_to_charge_that_are_none() -> None:
    assert len(mistakes('request_route { sip_p_charging_vector("x"); }')) == 1
    assert code_of('sip_p_charging_vector("$rm")') == -1


# --- of releases after 5.6 -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "made"),
    [
        ("tel:+(34)-999-888", "sip:+34999888@h;user=phone"),
        (
            "tel:+12-(34);Z=1;Ext=200;A=2;ISUB=+1-2",
            "sip:+1234;isub=+1-2;ext=200;a=2;z=1@h;user=phone",
        ),
        ("tel:12;phone-context=+1-(9).8", "sip:12;phone-context=+198@h;user=phone"),
        ("tel:12;phone-context=example.com", "sip:12@h;user=phone"),
    ],
)
def test_tel2sip2(uri: str, made: str) -> None:
    ran = run(f'$var(r) = tel2sip2("{uri}", "h", "$var(u)"); xlog("$var(r) $var(u)");')
    assert ran.lines == [f"1 {made}"]


def test_tel2sip2_of_other_uris() -> None:
    assert code_of('tel2sip2("sip:a@b", "h", "$var(u)")') == 2
    assert code_of('tel2sip2("tel:1", "h", "$ft")') == -1


def test_a_contact_is_hidden_with_where_it_came_from() -> None:
    hidden = contact_after('contact_param_encode_alias("ksu", "sip:1.2.3.4")', "<sip:a@b;x>")
    assert hidden.startswith("<sip:1.2.3.4;ksu=")
    assert (
        contact_after('contact_param_decode("ksu")', hidden) == "<sip:a@b;x;alias=192.0.2.1~5070~1>"
    )
    assert code_of('contact_param_encode_alias("a", "sip:b")') == -1


def test_what_a_message_is() -> None:
    assert [code_of(f"{each}()") for each in ("is_sip", "is_http", "sip_parse_headers")] == [
        1,
        -1,
        1,
    ]
