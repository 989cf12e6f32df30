"""nathelper: what its functions do where Kamailio does something else, or cannot be asked.

The rest is in `tests/compat/cases/nathelper_*.py` and `tests/compat/flows/nat.py`.
"""

from __future__ import annotations

import pytest

from sipway.core.context import Context
from sipway.modules import nathelper, usrloc
from sipway.sip.addresses import sockaddr
from sipway.sip.edits import edited
from tests.fakes import context, request
from tests.modules.commanding import give
from tests.modules.natted import SDP, TYPE, contact_line, leaves, log_of, message_of
from tests.modules.running import context as of_program
from tests.modules.running import load, mistakes

# --- nat_uac_test(), is_rfc1918() -------------------------------------------------------------


def _passed(ctx: Context) -> set[int]:
    bits = [1 << number for number in range(10)]
    return {bit for bit in bits if nathelper.questions.nat_uac_test(ctx, bit) == 1}


def test_an_ipv6_phone_that_says_where_it_is_is_not_behind_nat() -> None:
    body = SDP.replace("IP4 10.1.2.3", "IP6 2001:db8:0::1")
    ctx = message_of(
        contact_line("<sip:a@[2001:DB8::1]:5070>") + TYPE,
        body,
        via="SIP/2.0/UDP [2001:db8:0:0::1]:5070;branch=z9hG4bK-1",
        source=("2001:db8::1", 5070),
    )
    assert _passed(ctx) == set()


def test_an_ipv6_phone_elsewhere() -> None:
    body = SDP.replace("IP4 10.1.2.3", "IP6 fd00::1")
    ctx = message_of(contact_line("<sip:a@[fd00::1]>") + TYPE, body, source=("2001:db8::1", 5071))
    assert _passed(ctx) == {2, 16, 128, 256}


@pytest.mark.parametrize("protocol", ["ws", "wss"])
def test_a_web_socket_is_one(protocol: str) -> None:
    ctx = message_of(contact_line("<sip:a@192.0.2.1:5070>"))
    ctx.socket.protocol = protocol
    assert _passed(ctx) == {64}


def test_a_via_over_a_web_socket_is_told_of_replies() -> None:
    data = (
        b"SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK-1\r\n"
        b"Via: SIP/2.0/WSS 192.0.2.1:5070;branch=z9hG4bK-2\r\n"
        b"From: <sip:a@b>;tag=1\r\nTo: <sip:a@b>;tag=2\r\nCall-ID: 1\r\nCSeq: 1 BYE\r\n\r\n"
    )
    assert nathelper.questions.nat_uac_test(context(data), 512) == 1
    other = data.replace(b"WSS", b"UDP").replace(b"192.0.2.9", b"192.0.2.1:5070")
    assert nathelper.questions.nat_uac_test(context(other), 512) == -1


@pytest.mark.parametrize("text", ["10.1.1", "10", "", "x", "[10.1.1.1]", "1e1.1.1.1", "::10.1.1.1"])
def test_what_is_no_ipv4_address_is_not_private(text: str) -> None:
    assert nathelper.questions.is_rfc1918(message_of(), text) == -1


# --- aliases ------------------------------------------------------------------------------------

_BROKEN = [
    "10.1.1.1",
    "10.1.1.1~77",
    "10.1.1.1~~1",
    "10.1.1.1~x~1",
    "10.1.1.1~77777~1",
    "10.1.1.1~²~1",
    "10.1.1.1~77~0",
    "10.1.1.1~77~7",
    "10.1.1.1~77~11",
    "10.1.1.1~77~udp",
    "10.1.1.1~77~1~2",
    "~77~1",
    "10.1.1.1~99999999999999999999~1",
]


@pytest.mark.parametrize("alias", _BROKEN)
@pytest.mark.parametrize("mode", [0, 1])
def test_a_broken_alias_changes_nothing(alias: str, mode: int) -> None:
    ctx = message_of(uri=f"sip:a@192.0.2.1;alias={alias};ob")
    assert nathelper.aliases.handle_ruri_alias(ctx, mode) == -1
    assert (ctx.ruri, ctx.dst_uri) == (None, None)
    assert "is no alias" in log_of(ctx)


@pytest.mark.parametrize("alias", _BROKEN)
def test_a_broken_alias_of_contact_is_not_given_away(alias: str) -> None:
    program, log, _ = load(
        'request_route { set_alias_to_pv("$avp(a)"); xlog("$rc $avp(a)\\n"); }',
        modules=("nathelper",),
    )
    data = request(extra=contact_line(f"<sip:a@192.0.2.1;alias={alias}>"))
    ctx = context(data)
    route = program.request_route
    assert route is not None
    ctx.program = program
    route(ctx)
    assert log.written[-1][1] == "<script>: -1 <null>\n"


@pytest.mark.parametrize(
    ("uri", "left", "hop"),
    [
        ("sip:a@b;alias=10.1.1.1~7~1", "sip:a@b", "sip:10.1.1.1:7"),
        (
            "sip:a@b;alias=1~1~1;alias=10.1.1.1~7~2",
            "sip:a@b;alias=1~1~1",
            "sip:10.1.1.1:7;transport=tcp",
        ),
        ("sip:a@b;alias=10.1.1.1~7~6;ob?X=y", "sip:a@b;ob?X=y", "sip:10.1.1.1:7;transport=ws"),
    ],
)
def test_with_a_mode_the_last_alias_counts(uri: str, left: str, hop: str) -> None:
    ctx = message_of(uri=uri)
    assert nathelper.aliases.handle_ruri_alias(ctx, 1) == 1
    assert (ctx.ruri, ctx.dst_uri) == (left, hop)


def test_what_stands_in_the_user_part_is_no_alias() -> None:
    ctx = message_of(contact_line("<sip:a;alias=10.1.1.1~7~1@b>"), uri="sip:a;alias=10.1.1.1~7~1@b")
    assert nathelper.aliases.handle_ruri_alias(ctx) == 2


def test_a_request_uri_that_is_none() -> None:
    ctx = message_of()
    ctx.ruri = "nonsense"
    assert nathelper.aliases.handle_ruri_alias(ctx) == -1


# --- Contact -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value", ['"a', "<sip:a@b", "sip:", "", ",", '"a\\', "<>", "<sip:a@b>, <sip:c"]
)
def test_a_contact_that_cannot_be_read_stays(value: str) -> None:
    ctx = message_of(contact_line(value))
    before = leaves(ctx)
    assert nathelper.contacts.fix_nated_contact(ctx) == -1
    assert nathelper.contacts.set_contact_alias(ctx) == -1
    assert nathelper.contacts.add_contact_alias(ctx) == -1
    assert leaves(ctx) == before


def test_more_contacts_than_a_phone_has_are_not_read() -> None:
    ctx = message_of(contact_line(",".join(["<sip:a@10.1.2.3>"] * 65)))
    assert nathelper.questions.nat_uac_test(ctx, 1) == -1
    assert nathelper.contacts.add_rcv_param(ctx) == -1
    ctx = message_of(contact_line(",".join(["<sip:a@10.1.2.3>"] * 64)))
    assert nathelper.questions.nat_uac_test(ctx, 1) == 1


def test_an_ipv6_source_is_written_in_brackets() -> None:
    ctx = message_of(contact_line("<sip:a@10.1.2.3>"), source=("2001:db8::1", 5070))
    assert nathelper.contacts.set_contact_alias(ctx) == 1
    assert "<sip:a@10.1.2.3;alias=[2001:db8::1]~5070~1>" in leaves(ctx)
    ctx = message_of(contact_line("<sip:a@10.1.2.3>"), source=("2001:db8::1", 5070))
    assert nathelper.contacts.fix_nated_contact(ctx) == 1
    assert "<sip:a@[2001:db8::1]:5070>" in leaves(ctx)


@pytest.mark.parametrize("value", ["sip:a@10.1.2.3;q=1", "<sip:a@10.1.2.3>;q=1"])
@pytest.mark.parametrize("second", ["add_contact_alias", "set_contact_alias"])
def test_two_aliases_stand_in_one_pair_of_brackets(value: str, second: str) -> None:
    ctx = message_of(contact_line(value))
    assert nathelper.contacts.add_contact_alias(ctx) == 1
    assert getattr(nathelper.contacts, second)(ctx) == 1
    alias = ";alias=192.0.2.1~5070~1"
    assert f"\r\nContact: <sip:a@10.1.2.3{alias}{alias}>;q=1\r\n" in leaves(ctx)


def test_a_user_of_any_bytes_is_kept() -> None:
    data = request(extra="Contact: <sip:a%C3\xfc\udcff@10.1.2.3>\r\n")
    ctx = context(data)
    assert nathelper.contacts.add_contact_alias(ctx) == 1
    made = edited(ctx.message, ctx.edits or ())
    assert b"<sip:a%C3\xc3\xbc\xff@10.1.2.3;alias=192.0.2.1~5070~1>" in made


def test_the_register_needs_an_avp() -> None:
    ctx = message_of()
    assert nathelper.contacts.fix_nated_register(ctx) == -1
    assert "received_avp is not set" in log_of(ctx)


def test_a_contact_changed_before_the_message_was_rebuilt_is_not_known_any_more() -> None:
    from sipway.core.applying import changed, take
    from sipway.core.contact_uri import replaced_uri

    ctx = message_of(contact_line("<sip:a@10.1.2.3>"))
    nathelper.contacts.fix_nated_contact(ctx)
    assert replaced_uri(ctx) is not None
    take(ctx, changed(ctx))
    assert replaced_uri(ctx) is None
    assert nathelper.contacts.fix_nated_contact(ctx) == 1


@pytest.mark.parametrize(
    ("call", "kept"),
    [
        ("fix_nated_contact()", b"sip:a@192.0.2.1:5070"),
        ("set_contact_alias()", b"sip:a@10.1.2.3;alias=192.0.2.1~5070~1"),
        ("add_contact_alias()", b"sip:a@10.1.2.3"),
    ],
)
@pytest.mark.parametrize("parameters", ["", 'modparam("registrar", "received_avp", "$avp(r)")'])
def test_save_keeps_the_contact_that_was_put_there(call: str, kept: bytes, parameters: str) -> None:
    program, _, _ = load(
        f'request_route {{ {call}; save("location"); }}',
        parameters=parameters,
        modules=("usrloc", "registrar", "nathelper"),
    )
    ctx = of_program(program, request("REGISTER", extra=contact_line("<sip:a@10.1.2.3>")))
    assert program.request_route is not None
    program.request_route(ctx)
    table = usrloc.locations(program).table("location")
    assert [each.uri for each in table.get("bob")] == [kept]


# --- $rr_count ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        ("Record-Route: <sip:1.1.1.1;lr\r\n", "<null> <null>"),
        ("Record-Route: sip:1.1.1.1;lr\r\n", "<null> <null>"),
        ("Record-Route: <sip:1.1.1.1;lr>,\r\n", "1 1"),
    ],
)
def test_record_routes_that_are_broken(lines: str, shown: str) -> None:
    program, log, _ = load(
        'request_route { xlog("$rr_count $rr_top_count\\n"); }', modules=("nathelper",)
    )
    ctx = context(request(extra=lines))
    ctx.program = program
    assert program.request_route is not None
    program.request_route(ctx)
    assert log.written[-1][1] == f"<script>: {shown}\n"


# --- parameters and commands ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"nat_addr_mode", 2', "a number from 0 to 1 is wanted, not 2"),
        ('"alias_name", "a;b"', "is no name"),
        ('"received_avp", "x"', "an AVP is written $avp(name)"),
        ('"natping_interval", -1', "a number from 0 to 86400"),
        ('"natping_processes", 0', "a number from 1 to 64"),
        ('"force_socket", "a b"', "a socket is written"),
        ('"natping_socket", "host"', "an IPv4 address is wanted"),
        ('"natping_socket", "192.0.2.1:99999"', "port 99999"),
        ('"sipping_bflag", 32', "a number from -1 to 31"),
        ('"sipping_method", "A B"', "is no method"),
        ('"keepalive_timeout", -1', "a number from 0"),
        ('"natping_disable_bflag", 99', "a number from -1 to 31"),
        ('"rtpproxy_disable", 1', "rtpproxy_disable"),
    ],
)
def test_bad_parameters_are_named(parameter: str, said: str) -> None:
    found = mistakes(
        "request_route { exit; }", f'modparam("nathelper", {parameter})', modules=("nathelper",)
    )
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    "call",
    [
        'nat_uac_test("x")',
        "nat_uac_test()",
        'add_contact_alias("1.2.3.4")',
        'set_alias_to_pv("text")',
        'fix_nated_sdp("x")',
        "is_rfc1918()",
        'handle_ruri_alias("x")',
        'fix_nated_contact("1")',
    ],
)
def test_bad_arguments_are_mistakes(call: str) -> None:
    assert len(mistakes(f"request_route {{ {call}; }}", modules=("nathelper",))) == 1


def test_enable_ping_needs_pings() -> None:
    program, _, _ = load("request_route { exit; }", modules=("usrloc", "nathelper"))
    assert give(program, "nathelper.enable_ping", 1) == (500, "NATping disabled")
    assert give(program, "nathelper.enable_ping") == (500, "No parameter")
    assert give(program, "nathelper.enable_ping", "x") == (500, "No parameter")


def test_the_source_of_an_alias_is_the_one_that_the_script_has_set() -> None:
    ctx = message_of(contact_line("<sip:a@10.1.2.3>"))
    ctx.change_source(sockaddr("203.0.113.7", 99))
    nathelper.contacts.set_contact_alias(ctx)
    assert ";alias=203.0.113.7~99~1>" in leaves(ctx)
