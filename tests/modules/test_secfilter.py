"""secfilter: lists, and what is looked up in them."""

from __future__ import annotations

from typing import Any

import pytest

from sipway.modules.secfilter.lists import Prefixes, lists_of
from tests.fakes import LogInMemory
from tests.modules.commanding import give
from tests.modules.running import mistakes
from tests.modules.with_secfilter import KINDS, checks, code_of, program_of

# --- lists -------------------------------------------------------------------------------


def test_prefixes() -> None:
    found = Prefixes()
    for value in ("abc", "ABC", "x", "longer"):
        found.add(value)
    assert list(found) == ["abc", "x", "longer"]
    assert [found.begin(value) for value in ("abcd", "ABC", "ab", "xyz", "", "long")] == [
        *(True, True, False, True, False, False)
    ]
    assert [found.has(value) for value in ("abcd", "ABC", "x")] == [False, True, True]
    assert found.remove("Abc")
    assert not found.remove("abc")
    assert not found.begin("abcd")
    assert found.begin("x" + "y" * 1000)
    assert len(found) == 2


def test_rows() -> None:
    found, wrong = lists_of(
        [
            *((0, number, f"black{number}") for number in range(5)),
            *((1, number, f"white{number}") for number in range(5)),
            (2, 0, "555"),
            (3, 0, "x"),
            (0, 5, "x"),
            (0, -1, "x"),
            (0, None, "x"),
            (None, 0, "x"),
            (2, 1, "x"),
            (0, 0, ""),
            (0, 0, None),
            (0, 0, "x" * 256),
        ]
    )
    assert [list(each) for each in found.black] == [[f"black{number}"] for number in range(5)]
    assert [list(each) for each in found.white] == [[f"white{number}"] for number in range(5)]
    assert list(found.destinations) == ["555"]
    assert len(wrong) == 9


# --- functions ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "kind", "value", "of_request"),
    [
        ("secf_check_ip()", "ip", "192.0.2.", {}),
        ("secf_check_ua()", "ua", "scan", {"extra": "User-Agent: Scanner/1\r\n"}),
        ("secf_check_country('PS')", "country", "ps", {}),
        ("secf_check_country('$hdr(X)')", "country", "ps", {"extra": "X: PS\r\n"}),
        ("secf_check_username_from_hdr()", "user", "ali", {}),
        ("secf_check_username_to_hdr()", "user", "bo", {}),
        ("secf_check_username_contact_hdr()", "user", "eve", {"extra": "Contact: <sip:eve@x>\r\n"}),
        ("secf_check_name_from_hdr()", "user", "al", {"from_": '"Al B" <sip:x@y>;tag=1'}),
        ("secf_check_name_to_hdr()", "user", "al", {"to": "Al <sip:x@y>"}),
        ("secf_check_name_contact_hdr()", "user", "al", {"extra": 'Contact: "Al" <sip:x@y>\r\n'}),
        ("secf_check_domain_from_hdr()", "domain", "caller.", {}),
        ("secf_check_domain_to_hdr()", "domain", "callee.", {}),
        ("secf_check_domain_contact_hdr()", "domain", "y", {"extra": "Contact: <sip:x@y>\r\n"}),
    ],
)
def test_one_value(call: str, kind: str, value: str, of_request: dict[str, Any]) -> None:
    call = call.replace("'", '"')
    assert code_of(checks(call), **of_request) == 1
    assert code_of(checks(call, ("bl", kind, value)), **of_request) == -2
    assert code_of(checks(call, ("wl", kind, value)), **of_request) == 2
    both = checks(call, ("bl", kind, value), ("wl", kind, value))
    assert code_of(both, **of_request) == 2
    others = [("bl", each, value) for each in KINDS if each != kind]
    assert code_of(checks(call, *others), **of_request) == 1


@pytest.mark.parametrize("place", ["from", "to", "contact"])
@pytest.mark.parametrize(
    ("name", "user", "host", "code", "of_contact"),
    [
        ("joe", "joe", "x", 1, 1),
        ("saint", "evil", "bad", 4, -2),
        ("evil", "saint", "bad", 2, 2),
        ("evil", "evil", "good", -4, -2),
        ("joe", "evil", "good", -2, -2),
        ("joe", "joe", "good", 3, 3),
        ("evil", "joe", "good", -4, 3),
        ("joe", "joe", "bad", -3, -3),
        ("joe", "", "bad", -3, -3),
    ],
)
def test_addresses(place: str, name: str, user: str, host: str, code: int, of_contact: int) -> None:
    program = checks(
        f"secf_check_{place}_hdr()",
        ("bl", "user", "evil"),
        ("wl", "user", "saint"),
        ("bl", "domain", "bad"),
        ("wl", "domain", "good"),
    )
    address = f'"{name}" <sip:{user}{"@" if user else ""}{host}>'
    of_request = {
        "from": {"from_": f"{address};tag=1"},
        "to": {"to": address},
        "contact": {"extra": f"Contact: {address}\r\n"},
    }[place]
    assert code_of(program, **of_request) == (of_contact if place == "contact" else code)


@pytest.mark.parametrize(
    ("contacts", "code"),
    [
        ("", 1),
        ("Contact: *\r\n", 1),
        ("Contact: <sip:evil@a>, <sip:saint@b>\r\n", -2),
        ("Contact: <sip:saint@a>\r\nm: <sip:evil@b>\r\n", -2),
        ("Contact: <sip:joe@a>, <sip:saint@b>\r\n", 2),
        ("Contact: <sip:joe@a>, <sip:evil\r\n", -1),
        ("Contact: <mailto:evil@a>\r\n", -1),
        ("Contact:\r\n", 1),
    ],
)
def test_contacts(contacts: str, code: int) -> None:
    program = checks("secf_check_contact_hdr()", ("bl", "user", "evil"), ("wl", "user", "saint"))
    assert code_of(program, extra=contacts) == code
    program = checks(
        "secf_check_username_contact_hdr()", ("bl", "user", "evil"), ("wl", "user", "saint")
    )
    assert code_of(program, extra=contacts) == code


def test_a_from_that_is_none_of_sip() -> None:
    program = checks("secf_check_from_hdr()", ("bl", "user", "evil"))
    assert code_of(program, from_="<mailto:evil@x>;tag=1") == -1


@pytest.mark.parametrize(
    ("exact", "number", "code"),
    [(1, "555", -2), (1, "5551", 1), (1, "55", 1), (0, "555", -2), (0, "5551", -2), (0, "55", 1)],
)
def test_destinations(exact: int, number: str, code: int) -> None:
    parameters = f'modparam("secfilter", "dst_exact_match", {exact})'
    program = checks('secf_check_dst("$hdr(X)")', parameters=parameters)
    give(program, "secfilter.add_dst", 555)
    assert code_of(program, extra=f"X: {number}\r\n") == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *((each, -1) for each in ("a'b", 'a"b', "a--b", "%24", "a%27", "%60")),
        *((each, 1) for each in ("abc", "a-b", "%22", "a;b", "%2527", "")),
    ],
)
def test_texts(text: str, code: int) -> None:
    assert code_of(checks('secf_check_sqli_hdr("$hdr(X)")'), extra=f"X: {text}\r\n") == code


@pytest.mark.parametrize(
    "of_request",
    [
        {"extra": "User-Agent: o'k\r\n"},
        {"from_": "<sip:a--b@x>;tag=1"},
        {"from_": '"a\'b" <sip:x@y>;tag=1'},
        {"from_": "<mailto:a--b@x>;tag=1"},
        {"to": "<sip:x@a--b>"},
        {"extra": "Contact: <sip:a'b@x>, <sip:y@z>\r\n"},
        {"extra": "Contact: <sip:a'b@x\r\n"},
    ],
)
def test_a_message_with_such_a_text_ends_the_script(of_request: dict[str, Any]) -> None:
    program = program_of('secf_check_sqli_all(); xlog("$rc");')
    assert code_of(program, **of_request) == 0
    assert isinstance(program.log, LogInMemory)
    assert give(program, "secfilter.stats")["Other"]["SQL-Injection"] == 1


def test_other_messages_go_on() -> None:
    program = program_of('secf_check_sqli_all(); xlog("$rc");')
    extra = "User-Agent: ok\r\nContact: \"a'b\" <sip:x@y>;z=--\r\nX: '\r\n"
    assert code_of(program, from_='"Al" <sip:x@y;z=a--b>;tag=a--b', extra=extra) == 1
    assert code_of(program) == 1


def test_in_all_kinds_of_blocks() -> None:
    calls = "secf_check_ip(); secf_check_from_hdr(); secf_check_sqli_all(); secf_check_dst($rU);"
    for block in ("reply_route", "failure_route[F]", "branch_route[B]", "onsend_route"):
        code = f'{block} {{ {calls} }} request_route {{ t_on_failure("F"); t_on_branch("B"); }}'
        found = mistakes(code, modules=("tm", "secfilter"))
        assert [each for each in found if "secf" in each] == []
