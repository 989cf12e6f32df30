"""Record-Route and Path: which of the addresses that the script advertises."""

from __future__ import annotations

from tests.compat.tables import OTHER, SOCKETS, TO_TAG, Table, routes

_TABLE = Table()
_SEND = "record_route(); add_path(); forward(127.0.0.1, {other});"
_SECOND = "force_send_socket(udp:127.0.0.1:{second});"
_SHOWN = "force_send_socket(udp:127.0.0.2:{second});"
_HOST = 'set_advertised_address("1.1.1.1");'
_PORT = "set_advertised_port(5080);"

_TABLE.add("one", "The side of arrival keeps its address.", _SEND)
_TABLE.add("two", "The outgoing side has that of the parameters.", f"{_SECOND} {_SEND}")
_TABLE.add("host", "Or the host set by the script.", f"{_HOST} {_SECOND} {_SEND}")
_TABLE.add("port", "Or the port.", f"{_PORT} {_SECOND} {_SEND}")
_TABLE.add("shown", "What the socket advertises goes before.", f"{_SHOWN} {_SEND}")
_TABLE.add("shown-set", "Also before the script.", f"{_HOST} {_PORT} {_SHOWN} {_SEND}")
_TABLE.add(
    "route",
    "Such an address in a Route is not ours.",
    '$var(r) = loose_route(); L("$var(r) $du"); forward(127.0.0.1, {other});',
    to=TO_TAG,
    extra=routes("<sip:9.9.9.9:7070;lr>", OTHER),
)

SCRIPT = f"""{SOCKETS}
advertised_address=9.9.9.9
advertised_port=7070
loadmodule "rr.so"
loadmodule "path.so"
{_TABLE.request_route}"""
CASES = _TABLE.cases
