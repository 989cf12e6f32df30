"""Cases of scripts that ask a database: each is answered when it is through."""

from __future__ import annotations

from typing import Any

from tests.compat.case import Case, request


class Asking:
    """Cases as they are added, and the `request_route` that runs the piece of each."""

    def __init__(self) -> None:
        self.cases: list[Case] = []
        self._pieces: list[str] = []

    def add(self, name: str, why: str, piece: str, **of_request: Any) -> None:
        """A piece of script, and arguments of `request`."""
        self.cases.append(Case(name, why, (request(call_id=name, **of_request),), waits=True))
        self._pieces.append(f'    if ($ci == "{name}") {{ {piece} }}\n')

    def script(self, module: str, parameters: str) -> str:
        """The whole script; the database is the file `db` beside it."""
        pieces = "".join(self._pieces)
        return (
            f'loadmodule "db_sqlite.so"\nloadmodule "{module}.so"\n'
            f'modparam("{module}", "db_url", "sqlite:///{{folder}}/db")\n{parameters}\n'
            f"request_route {{\n    route(COMPAT_END);\n{pieces}"
            '    sl_send_reply("299", "Asked");\n}\n'
        )
