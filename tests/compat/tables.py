"""Wire suites made of tables: a piece of script and a request for each case, told by Call-ID."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.compat.case import Case, request

TO_TAG = "<sip:bob@callee.example>;tag=b1"
OTHER = "<sip:127.0.0.1:{other};lr>"
OURS = "<sip:127.0.0.1:{server};lr>"

SOCKETS = """
listen=udp:127.0.0.2:{second} advertise 203.0.113.9:6060 name "shown"
listen=udp:127.0.0.1:{second} name "two"
listen=udp:[::1]:{second}
"""


def routes(*values: str) -> str:
    return "".join(f"Route: {each}\r\n" for each in values)


class Table:
    """Cases as they are added, and the `request_route` that runs the piece of each."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self._pieces: list[str] = []

    def add(self, name: str, why: str, piece: str, **of_request: Any) -> None:
        """`of_request`: arguments of `request`; it goes to `{other}` unless it says otherwise."""
        of_request = {"uri": "sip:bob@127.0.0.1:{other}", "method": "INVITE", **of_request}
        self.cases.append(Case(name, why, (request(call_id=name, **of_request),)))
        self._pieces.append(f'    if ($ci == "{name}") {{ {piece} exit; }}\n')

    def add_waiting(self, name: str, why: str, piece: str) -> None:
        """A piece that may wait for something; it is answered at its end."""
        self.add(name, why, f'{piece} sl_send_reply("200", "OK");')
        self.cases[-1] = replace(self.cases[-1], waits=True)

    @property
    def request_route(self) -> str:
        pieces = "".join(self._pieces)
        return f"request_route {{\n    route(COMPAT_END);\n{pieces}}}\n"
