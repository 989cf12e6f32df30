"""rr without a server: what the suites `rr*` of `tests/compat` cannot show."""

from __future__ import annotations

import time

import pytest

from sipway.core.late_edits import LateEdit, edits_for
from sipway.core.sockets import ListenSocket
from sipway.modules.rr.routes import MAX_ROUTES
from sipway.sip.edits import edited
from tests.fakes import logged, reply, request
from tests.modules.running import Ran, code_of, mistakes, run

OURS = "<sip:192.0.2.9;lr>"
TO = "<sip:bob@callee.example>;tag=b1"


def in_dialog(*routes: str, uri: str = "sip:bob@callee.example") -> bytes:
    lines = "".join(f"Route: {each}\r\n" for each in routes)
    return request("BYE", uri, to=TO, extra=lines)


def record_routes(ran: Ran, socket: ListenSocket | None = None) -> list[str]:
    """What a request says that leaves by a socket."""
    ctx = ran.ctx
    data = edited(ctx.message, edits_for(ctx, socket or ctx.socket)).decode()
    return [each for each in data.split("\r\n") if each.startswith("Record-Route: ")]


@pytest.mark.parametrize(
    ("routes", "code", "next_hop"),
    [
        ((), -1, None),
        ((OURS,), 1, None),
        ((OURS, "<sip:192.0.2.5;lr>"), 1, "sip:192.0.2.5;lr"),
        (("<sip:192.0.2.5;lr>",), 1, "sip:192.0.2.5;lr"),
        ((OURS, "nonsense"), -1, None),
    ],
)
def test_loose_route(routes: tuple[str, ...], code: int, next_hop: str | None) -> None:
    ran = run('$var(r) = loose_route(); xlog("$var(r)\\n");', in_dialog(*routes))
    assert ran.lines[-1] == str(code)
    assert ran.ctx.dst_uri == next_hop
    assert OURS not in ran.edited


def test_our_only_route_outside_of_a_dialog_is_minus_three() -> None:
    data = request("INVITE", extra=f"Route: {OURS}\r\n")
    assert code_of("loose_route()", data) == -3
    assert code_of("loose_route_preloaded()", data) == 1


def test_a_broken_route_is_logged_with_the_function() -> None:
    ran = run("loose_route_mode(1);", in_dialog("nonsense"))
    assert ran.lines == [
        "<core>: loose_route_mode(): a Route header field has no URI in angle brackets"
    ]


def test_the_parameter_loose_route_mode_is_that_of_loose_route() -> None:
    data = in_dialog("<sip:192.0.2.5;lr>", "<sip:joe@192.0.2.6>", uri="sip:192.0.2.9")
    assert run("loose_route();", data).ctx.uri == "sip:joe@192.0.2.6"
    ran = run("loose_route();", data, parameters='modparam("rr", "loose_route_mode", 1)')
    assert ran.ctx.uri == "sip:192.0.2.9"


@pytest.mark.parametrize("uri", ["sip:a SIP/2.0\r\n X: 1", "sip:a b", "sip:a<b", 'sip:a"b"', "a"])
@pytest.mark.parametrize("last_hop", ["sip:bob@callee.example", "sip:192.0.2.9;lr"])
def test_no_uri_of_a_route_breaks_the_request_line(uri: str, last_hop: str) -> None:
    for routes in ((f"<{uri}>",), (OURS, f"<{uri}>"), (OURS, f"<{uri};lr>")):
        ran = run("loose_route();", in_dialog(*routes, uri=last_hop))
        assert ran.ctx.uri in (last_hop, "sip:192.0.2.9;lr")
        assert ran.ctx.dst_uri is None or uri not in ran.ctx.dst_uri


def test_a_route_set_longer_than_any_path() -> None:
    most = ", ".join([OURS, *["<sip:192.0.2.5;lr>"] * (MAX_ROUTES - 1)])
    assert run("loose_route();", in_dialog(most)).ctx.dst_uri == "sip:192.0.2.5;lr"
    ran = run("loose_route();", in_dialog(f"{most}, {OURS}"))
    assert ran.ctx.dst_uri is None
    assert ran.lines == ["<core>: loose_route(): a request has more than 100 Routes"]
    data = in_dialog(*["<sip:joe@192.0.2.5;lr>"] * (MAX_ROUTES + 1), uri="sip:192.0.2.9")
    assert run("loose_route();", data).ctx.ruri is None


@pytest.mark.parametrize(
    "value", ['"' * 60000, '"" ' * 20000, '"\\' * 20000, "<" * 60000, "<>;" * 20000, "a," * 30000]
)
def test_a_line_takes_time_in_proportion_to_its_length(value: str) -> None:
    data = in_dialog(value)
    start = time.process_time()
    run("loose_route();", data)
    assert time.process_time() - start < 1.0


def test_a_request_that_leaves_by_the_socket_it_came_by() -> None:
    assert record_routes(run("record_route();")) == ["Record-Route: <sip:192.0.2.9;lr;ftag=a1>"]


@pytest.mark.parametrize(
    ("socket", "outgoing"),
    [
        (ListenSocket("udp", "192.0.2.9", 5070), "192.0.2.9:5070"),
        (ListenSocket("tcp", "192.0.2.9", 5060), "192.0.2.9;transport=tcp"),
        (ListenSocket("tls", "192.0.2.9", 5061), "192.0.2.9;transport=tls"),
        (ListenSocket("tls", "192.0.2.9", 5060), "192.0.2.9:5060;transport=tls"),
        (ListenSocket("udp", "2001:db8::1", 5060), "[2001:db8::1]"),
        (ListenSocket("udp", "10.0.0.1", 5060, advertised=("p.example", 5080)), "p.example:5080"),
    ],
)
def test_a_request_that_leaves_by_another_socket(socket: ListenSocket, outgoing: str) -> None:
    assert record_routes(run("record_route();"), socket) == [
        f"Record-Route: <sip:{outgoing};r2=on;lr;ftag=a1>",
        "Record-Route: <sip:192.0.2.9;r2=on;lr;ftag=a1>",
    ]


def test_the_changed_message_shows_it_for_the_socket_known_so_far() -> None:
    ran = run('record_route(); xlog("$mbu");')
    assert "\r\nRecord-Route: <sip:192.0.2.9;lr;ftag=a1>\r\nVia: " in ran.log[0][1]


def test_an_advertised_address_is_doubled_where_the_transport_changes() -> None:
    ran = run('record_route_advertised_address("p.example");')
    assert record_routes(ran, ListenSocket("tcp", "192.0.2.9", 5060)) == [
        "Record-Route: <sip:p.example;transport=tcp;r2=on;ftag=a1;lr>",
        "Record-Route: <sip:p.example;transport=udp;r2=on;ftag=a1;lr>",
    ]
    assert len(record_routes(ran, ListenSocket("udp", "192.0.2.1", 5070))) == 1


def test_remove_record_route() -> None:
    ran = run('add_rr_param(";n=1"); record_route(";a=b"); $var(r) = remove_record_route();')
    assert record_routes(ran) == []
    again = run("record_route(); remove_record_route(); record_route();")
    assert len(record_routes(again)) == 1


def test_remove_record_route_leaves_what_others_have_added() -> None:
    ran = run('append_hf("X: 1\\r\\n"); record_route(); remove_record_route();')
    assert "\r\nX: 1\r\n" in ran.edited


def test_a_parameter_that_is_added_later_does_not_show_in_copies_made_before() -> None:
    ran = run('record_route(); add_rr_param(";n=1");')
    before = run("record_route();").ctx
    copy = list(before.edits or ())
    assert isinstance(copy[0], LateEdit)
    assert record_routes(ran) == ["Record-Route: <sip:192.0.2.9;lr;ftag=a1;n=1>"]
    assert copy[0].make(before, before.socket) == b"Record-Route: <sip:192.0.2.9;lr;ftag=a1>\r\n"


@pytest.mark.parametrize(
    ("call", "warning"),
    [
        ('record_route_preset("1.2.3.4:5090;x=y")', True),
        ('record_route_preset("[2001:db8::1]:5090")', True),
        ('record_route_preset("192.0.2.9:5060")', False),
        ('record_route_preset("192.0.2.9;r2=on", "1.2.3.4;r2=on")', True),
    ],
)
def test_a_preset_that_is_not_our_address_is_warned_of(call: str, warning: bool) -> None:
    assert bool(logged(run(f"{call};").ctx)) == warning
    off = 'modparam("rr", "enable_socket_mismatch_warning", 0)'
    assert logged(run(f"{call};", parameters=off).ctx) == []


@pytest.mark.parametrize("method", ["down", "up"])
def test_direction(method: str) -> None:
    tag = "a1" if method == "down" else "b1"
    ran = run(
        'loose_route(); xlog("$rdir(name) $rdir(id) $fti $tti\\n");',
        in_dialog(f"<sip:192.0.2.9;lr;ftag={tag}>"),
    )
    assert ran.lines == ["downstream 1 a1 b1" if method == "down" else "upstream 2 b1 a1"]


def test_variables_on_replies() -> None:
    assert run('xlog("$rdir(name) $fti $tti\\n");', reply()).lines == ["downstream a1 b1"]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('is_direction("sideways");', 'a direction is upstream or downstream, not "sideways"'),
        ("loose_route_mode(9);", 'a mode is a number from 0 to 3, not "9"'),
        ('loose_route_mode("x");', 'a mode is a number from 0 to 3, not "x"'),
        ('check_route_param("(");', "regular expression"),
        ("$var(x) = $rdir(x);", '$rdir(id) or $rdir(name) is wanted, not "x"'),
        ("add_rr_param();", "add_rr_param"),
        ('record_route_preset("a", "b", "c");', "record_route_preset"),
    ],
)
def test_mistakes(call: str, said: str) -> None:
    assert any(said in each for each in mistakes(f"request_route {{ {call} }}"))


def test_parameters_that_are_wrong() -> None:
    found = mistakes("request_route { exit; }", 'modparam("rr", "custom_user_avp", "u")')
    assert any('an AVP is written $avp(name), not "u"' in each for each in found)


@pytest.mark.parametrize(
    "call",
    ["loose_route()", "is_direction('upstream')", 'check_route_param("a")', "record_route()"],
)
def test_routes_they_are_not_for(call: str) -> None:
    call = call.replace("'", '"')
    assert mistakes(f"request_route {{ exit; }} reply_route {{ {call}; }}")
