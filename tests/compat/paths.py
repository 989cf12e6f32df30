"""Requests with a Path of ours, and with a Route that came of one, for parameters of path."""

from __future__ import annotations

from tests.compat.case import Case
from tests.compat.tables import OURS, SOCKETS, TO_TAG, Table, routes

_SECOND = "force_send_socket(udp:127.0.0.1:{second});"
_SHOWN = "force_send_socket(udp:127.0.0.2:{second});"
_ADVERTISED = 'set_advertised_address("1.1.1.1"); set_advertised_port(5080);'
_TO_HERE = "forward(127.0.0.1, {other});"
_TO_SIX = '$du = "sip:[::1]:{six}"; forward();'
_URI = "sip:1.2.3.4:5"


def path_suite(
    parameters: str, *, name: str = "received", alias: bool = False
) -> tuple[str, list[Case]]:
    """The script with these parameters, and the cases; `alias`: `received` is ip~port~protocol."""
    table = Table()
    for function in ("add_path", "add_path_received"):
        _added(table, function)
    values = ("1.2.3.4~5~1", "1.2.3.4~5~2", "[::1]~5~1") if alias else (_URI, f"{_URI}%3bx%3dy")
    for number, value in enumerate(values):
        _route(table, f"received-{number}", "Where it came from.", f";{name}={value}")
    _route(table, "received-empty", "An empty one.", f";{name}=")
    _route(table, "received-bare", "One without a value.", f";{name}")
    _route(table, "received-other", "A parameter of another name.", ";other=sip:1.2.3.4:5")
    given = f"<sip:127.0.0.1:{{server}};lr;{name}={values[0]}>"
    _routes(table, "received-tag", "In a dialog.", given, to=TO_TAG)
    _routes(table, "received-next", "It goes before the next Route.", given, "<sip:5.5.5.5;lr>")
    _routes(table, "received-below", "One in another's Route.", OURS, f"<sip:5.5.5.5;lr;{name}=x>")
    script = f'{SOCKETS}\nloadmodule "rr.so"\nloadmodule "path.so"\n{parameters}\n'
    return script + table.request_route, table.cases


def _added(table: Table, function: str) -> None:
    call = f"$var(r) = {function}();"

    def case(name: str, why: str, piece: str, send: str = _TO_HERE, **more: str) -> None:
        more = {"method": "REGISTER", **more}
        table.add(f"{function}-{name}", why, f'{piece} L("$var(r)"); {send}', **more)

    case("plain", "Behind all header fields.", call)
    case("user", "With a user.", f'$var(r) = {function}("lb");')
    case("params", "And parameters.", f'$var(r) = {function}("lb", "ob;x=y");')
    case("variables", "Of variables.", f'$var(r) = {function}("$fU", "x=$rm");')
    case("empty-user", "An empty user.", f'$var(x) = ""; $var(r) = {function}("$var(x)", "x=y");')
    case(
        "empty", "And no parameters.", f'$var(x) = ""; $var(r) = {function}("$var(x)", "$var(x)");'
    )
    case("second", "By another socket.", f"{_SECOND} {call}")
    case("later", "Which may be said later.", f"{call} {_SECOND}")
    case("shown", "One that is advertised.", f"{_SHOWN} {call}")
    case("six", "One of another family.", call, _TO_SIX)
    case("advertised", "With the address of the Via.", f"{_ADVERTISED} {call}")
    case("advertised-second", "By another socket, with that.", f"{_ADVERTISED} {_SECOND} {call}")
    case("twice", "Each call adds one.", f'{call} $var(r) = {function}("b");')
    case(
        "existing",
        "Before one that is there.",
        call,
        extra="X: 1\r\nPath: <sip:9.9.9.9;lr>\r\nPath: <sip:8.8.8.8;lr>\r\nY: 1\r\n",
    )
    case(
        "edits",
        "Among other edits in the order of the calls.",
        f'append_hf("B: 1\\r\\n"); {call} append_hf("C: 1\\r\\n");',
    )
    case("sips", "Never with sips.", call, uri="sips:x@y")
    case(
        "invite", "With any method, and a Record-Route.", f"record_route(); {call}", method="INVITE"
    )


def _route(table: Table, name: str, why: str, params: str) -> None:
    _routes(table, name, why, f"<sip:127.0.0.1:{{server}};lr{params}>")


def _routes(table: Table, name: str, why: str, *values: str, **more: str) -> None:
    piece = '$var(r) = loose_route(); L("$var(r) $du");'
    table.add(name, why, piece, extra=routes(*values), **more)
