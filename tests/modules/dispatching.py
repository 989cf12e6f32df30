"""Scripts with dispatcher and a list of destinations, without a server."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.core.resolving import Names
from sipway.core.sockets import ListenSocket
from sipway.modules.dispatcher.board import Board, board
from sipway.modules.dispatcher.destinations import Destination
from tests.core.proxy.calls import Calls
from tests.fakes import LogInMemory, request
from tests.modules.running import context, load

FAILOVER = 'modparam("dispatcher", "flags", 2)\n'
FOUR = "".join(f"1 sip:192.0.2.{number}\n" for number in (14, 13, 12, 11))
"""Listed, and tried, from 192.0.2.11 to 192.0.2.14."""
MODULES = ("tm", "dispatcher")

EVENTS = "".join(
    f"event_route[dispatcher:dst-{name}] {{"
    f' xlog("{name} $rm $ru $du $dsv(code) $dsv(reason) $dsv(flags)\\n"); }}\n'
    for name in ("down", "up")
)
NOTHING = "request_route { ; }\n"
ONE = "1 sip:192.0.2.2 {flags} 5 duid=x\n"


def parameter(name: str, value: int | str) -> str:
    shown = value if isinstance(value, int) else f'"{value}"'
    return f'modparam("dispatcher", "{name}", {shown})\n'


def in_file(folder: Path, text: str) -> str:
    """The parameter for a file with this text."""
    path = folder / "dispatcher.list"
    path.write_text(text, errors="surrogateescape")
    return parameter("list_file", str(path))


@dataclass
class Dispatched:
    """A script with destinations; `run` runs its request_route on a request."""

    program: Program
    log: LogInMemory
    socket: ListenSocket

    @property
    def board(self) -> Board:
        return board(self.program)

    def destination(self, uri: str, group: int = 1) -> Destination:
        found = self.board.sets.find(group, uri)
        assert found is not None
        return found

    @property
    def states(self) -> str:
        """Of all destinations, as listed."""
        return " ".join(each.letters for each in self.board.sets.destinations())

    def run(self, data: bytes | None = None, **more: str) -> Context:
        ctx = context(self.program, request(**more) if data is None else data)
        route = self.program.request_route
        assert route is not None
        waits = route(ctx)
        if waits is not None and not isinstance(waits, int):
            asyncio.run(waits)
        return ctx

    def lines(self, data: bytes | None = None, **more: str) -> list[str]:
        """What the script writes when it runs."""
        self.log.written.clear()
        self.run(data, **more)
        return [
            text.removeprefix("<script>: ").rstrip("\n")
            for _, text in self.log.written
            if text.startswith("<script>: ")
        ]

    def said(self) -> list[str]:
        """What the module has logged so far."""
        return [
            text.removeprefix("<core>: ").removeprefix("dispatcher: ").rstrip("\n")
            for _, text in self.log.written
            if not text.startswith("<script>: ")
        ]


def dispatched(
    folder: Path,
    text: str,
    code: str = "",
    parameters: str = FAILOVER,
    more: str = "",
    names: Names | None = None,
) -> Dispatched:
    program, log, socket = load(
        f"request_route {{ {code} ; }} {more}",
        parameters=in_file(folder, text) + parameters,
        modules=MODULES,
        names=names,
    )
    return Dispatched(program, log, socket)


def code_of(folder: Path, text: str, call: str, parameters: str = FAILOVER) -> int:
    """What a call returns."""
    shown = f'$var(r) = {call}; xlog("$var(r)\\n");'
    return int(dispatched(folder, text, shown, parameters).lines()[-1])


class Dispatching(Calls):
    """Calls through a server with destinations; the time of its module is that of the calls."""

    def __init__(
        self,
        folder: Path,
        text: str,
        script: str,
        parameters: str = FAILOVER,
        others: tuple[ListenSocket, ...] = (),
    ) -> None:
        head = f'loadmodule "dispatcher.so"\n{in_file(folder, text)}{parameters}'
        super().__init__(head + script, others)
        self.program.clock = lambda: self.now

    @property
    def board(self) -> Board:
        return board(self.program)

    @property
    def states(self) -> str:
        return " ".join(each.letters for each in self.board.sets.destinations())


A, B, C, D = (f"sip:192.0.2.{number}" for number in (11, 12, 13, 14))


def selecting(folder: Path, call: str, text: str = FOUR, parameters: str = FAILOVER) -> Dispatched:
    return dispatched(folder, text, f'{call}; xlog("$du\\n");', parameters)


def listed(ctx: Context) -> list[str]:
    """What stands in the list of what was chosen, by the last number of each address."""
    found = []
    for each in extras(ctx).xavps:
        if each.name == "_dsdst_" and isinstance(each.value, list):
            (uri,) = [child.value for child in each.value if child.name == "uri"]
            found.append(str(uri).rpartition(".")[2])
    return found


def children(ctx: Context) -> dict[str, object]:
    """Of the destination in use."""
    first = next(each for each in extras(ctx).xavps if each.name == "_dsdst_")
    assert isinstance(first.value, list)
    return {each.name: each.value for each in first.value}
