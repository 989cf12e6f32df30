"""Requests with a Record-Route of ours, for scripts that differ in the parameters of rr."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from tests.compat.case import Case
from tests.compat.tables import SOCKETS, TO_TAG, Table, routes

_Add: TypeAlias = Callable[..., None]

_SECOND = "force_send_socket(udp:127.0.0.1:{second});"
_TO_HERE = "forward(127.0.0.1, {other});"
_TO_SIX = '$du = "sip:[::1]:{six}"; forward();'
_EXISTING = "X: 1\r\nRecord-Route: <sip:8.8.8.8;lr>, <sip:9.9.9.9;lr>\r\n"


def record_route_suite(parameters: str) -> tuple[str, list[Case]]:
    """The script with these parameters, and the cases."""
    table = Table()

    def case(name: str, why: str, piece: str, send: str = _TO_HERE, **more: str) -> None:
        table.add(name, why, f'{piece} L("$var(r)"); {send}', **more)

    _sockets(case)
    _parameters(case)
    _given(case)
    script = f'{SOCKETS}\nloadmodule "rr.so"\n{parameters}\n{table.request_route}'
    return script, table.cases


def _sockets(case: _Add) -> None:
    rr = "$var(r) = record_route();"
    case("plain", "The line comes first.", rr)
    case("existing", "Also before one that is there.", rr, extra=_EXISTING)
    case(
        "edits",
        "Among other edits in the order of the calls.",
        f'insert_hf("X-A: 1\\r\\n"); {rr} insert_hf("X-B: 1\\r\\n");',
    )
    case("second", "By another socket there are two.", f"{_SECOND} {rr}")
    case("second-later", "Which socket it is may be said later.", f"{rr} {_SECOND}")
    case(
        "shown", "What the socket advertises.", f"force_send_socket(udp:127.0.0.2:{{second}}); {rr}"
    )
    case("six", "By another family.", rr, _TO_SIX)
    case(
        "advertised",
        "set_advertised_address() is for the outgoing side.",
        f'set_advertised_address("1.1.1.1"); set_advertised_port(5080); {rr}',
    )
    case(
        "advertised-second",
        "There it shows.",
        f'set_advertised_address("1.1.1.1"); set_advertised_port(5080); {_SECOND} {rr}',
    )
    case("sips", "sips in the Request-URI.", rr, uri="sips:bob@127.0.0.1:{other}")
    case("sips-set", "sips as set by the script.", f'$ru = "sips:x@y"; {rr}')
    case("sips-later", "sips as set afterwards.", f'{rr} $ru = "sips:x@y";')
    case(
        "sips-second", "sips and two sockets.", f"{_SECOND} {rr}", uri="sips:bob@127.0.0.1:{other}"
    )
    case("no-user", "No user in the Request-URI.", rr, uri="sip:127.0.0.1:{other}")
    case("user-set", "A user set by the script.", f'$ru = "sip:joe:pw@1.1.1.1"; {rr}')
    case("custom-user", "The user from an AVP.", f'$avp(u) = "mo"; {rr}')
    case("custom-user-empty", "An empty one.", f'$avp(u) = ""; {rr}')
    case("no-tag", "No From-tag.", rr, from_="<sip:a@b>")
    case("cancel", "Of a CANCEL.", rr, method="CANCEL")
    case(
        "down",
        "In a dialog, from the caller.",
        f"loose_route(); {rr}",
        to=TO_TAG,
        extra=routes("<sip:127.0.0.1:{server};lr;ftag=a1>"),
    )
    case(
        "up",
        "From the callee: the tag stays that of the caller.",
        f"loose_route(); {rr}",
        to=TO_TAG,
        extra=routes("<sip:127.0.0.1:{server};lr;ftag=b1>"),
    )
    case(
        "up-unknown",
        "Without loose_route().",
        rr,
        to=TO_TAG,
        extra=routes("<sip:127.0.0.1:{server};lr;ftag=b1>"),
    )
    case(
        "double-again",
        "By the socket that the Route says.",
        f"loose_route(); {rr}",
        to=TO_TAG,
        extra=routes("<sip:127.0.0.1:{server};lr;r2=on>", "<sip:127.0.0.1:{second};lr;r2=on>"),
    )
    case(
        "named-route",
        "A socket by its name.",
        '$var(r) = loose_route(); L("$fs");',
        to=TO_TAG,
        extra=routes(
            "<sip:127.0.0.1:{server};lr;r2=on>", "<sip:127.0.0.1:{server};lr;r2=on;sn=two>"
        ),
    )
    for name, host in (
        ("single", "127.0.0.1:{second}"),
        ("single-shown", "203.0.113.9:6060"),
        ("single-foreign", "127.0.0.1:{other}"),
    ):
        case(
            f"socket-of-{name}",
            "The socket that a single Route says.",
            '$var(r) = loose_route(); L("$fs");',
            to=TO_TAG,
            extra=routes(f"<sip:{host};lr>"),
        )


def _parameters(case: _Add) -> None:
    rr = "$var(r) = record_route();"
    case("twice", "The second call does nothing.", f'{rr} L("$var(r)"); {rr}')
    case("param", "A parameter.", '$var(r) = record_route(";a=b");')
    case("param-variable", "One with variables.", '$var(r) = record_route(";a=$rm;b=$null");')
    case("param-glued", "One without its semicolon.", '$var(r) = record_route("a=b");')
    case("param-second", "One and two sockets.", f'{_SECOND} $var(r) = record_route(";a=b");')
    case(
        "add",
        "add_rr_param() before and after.",
        '$var(r) = add_rr_param(";n=1"); add_rr_param(";n=2");'
        ' record_route(";a=b"); add_rr_param(";n=3"); $var(r) = add_rr_param(";n=4$rm");',
    )
    case(
        "add-second",
        "The same and two sockets.",
        f'{_SECOND} add_rr_param(";n=1"); {rr} $var(r) = add_rr_param(";n=2");',
    )
    case("add-alone", "Without a Record-Route.", '$var(r) = add_rr_param(";n=1");')
    case(
        "remove-nothing",
        "It takes back nothing else.",
        "$var(r) = remove_record_route();",
        extra=_EXISTING,
    )


def _given(case: _Add) -> None:
    preset = '$var(r) = record_route_preset("1.2.3.4:5090");'
    case("preset", "As the script says.", preset)
    case("preset-existing", "Before one that is there.", preset, extra=_EXISTING)
    case(
        "preset-variable",
        "With variables and parameters.",
        '$var(r) = record_route_preset("$fd:5090;x=y");',
    )
    case(
        "preset-two",
        "Two.",
        '$var(r) = record_route_preset("1.2.3.4:5090;r2=on", "5.6.7.8:5090;r2=on");',
    )
    case(
        "preset-two-add",
        "Two and parameters.",
        'add_rr_param(";n=1"); $var(r) = record_route_preset("1.2.3.4;r2=on", "5.6.7.8;r2=on");'
        ' add_rr_param(";n=2");',
    )
    case(
        "preset-add", "One and parameters.", f'add_rr_param(";n=1"); {preset} add_rr_param(";n=2");'
    )
    case("preset-twice", "The second call does nothing.", f'{preset} L("$var(r)"); {preset}')
    case(
        "preset-after",
        "Nor does it after record_route().",
        f'record_route(); {preset} L("$var(r)"); $var(r) = record_route();',
    )
    case("preset-sips", "With sips.", preset, uri="sips:bob@127.0.0.1:{other}")
    case("preset-user", "With a user from an AVP.", f'$avp(u) = "mo"; {preset}')
    address = '$var(r) = record_route_advertised_address("1.2.3.4:5080");'
    case("address", "Another address.", address)
    case(
        "address-variable",
        "With variables and parameters.",
        '$var(r) = record_route_advertised_address("$fd;x=y");',
    )
    case(
        "address-add", "With parameters.", f'add_rr_param(";n=1"); {address} add_rr_param(";n=2");'
    )
    case("address-second", "By another socket.", f"{_SECOND} {address}")
    case("address-six", "By another family.", address, _TO_SIX)
    case("address-sips", "With sips.", address, uri="sips:bob@127.0.0.1:{other}")
    case("address-user", "With a user from an AVP.", f'$avp(u) = "mo"; {address}')
    case("address-twice", "The second call does nothing.", f'{address} L("$var(r)"); {address}')
