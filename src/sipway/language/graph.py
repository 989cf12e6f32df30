"""Which routing block calls which: the call graph of a script, and what can be reached in it.

Made of the syntax tree alone, so that a script whose modules are not here has one as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from enum import Enum
from typing import Final

from sipway.language.nodes import (
    Binary,
    BlockKind,
    Call,
    Expression,
    ModParam,
    Name,
    Number,
    RouteCall,
    RoutingBlock,
    Script,
    String,
)
from sipway.language.record import Record, field
from sipway.language.source import Span
from sipway.language.visitor import walk


class EdgeKind(Enum):
    """How one block leads to another."""

    CALL = "call"  # route(NAME)
    HANDLER = "handler"  # t_on_failure("NAME") and the like: it runs later
    NAMED = "named"  # NAME is an argument of a function, which may run it
    DYNAMIC = "dynamic"  # route($var(x)): the name is made when the message is there


Key = tuple[BlockKind, str | None]

UNKNOWN: Final = "?"
"""The name of what a route() leads to whose target nobody can tell beforehand."""

_NAMES: Final = {
    "t_on_failure": (BlockKind.FAILURE, 0, "{}", "on failure"),
    "t_on_reply": (BlockKind.ONREPLY, 0, "{}", "on reply"),
    "t_on_branch": (BlockKind.BRANCH, 0, "{}", "for each branch"),
    "t_on_branch_failure": (BlockKind.EVENT, 0, "tm:branch-failure:{}", "on branch failure"),
    "async_route": (BlockKind.ROUTE, 0, "{}", "later"),
    "async_ms_route": (BlockKind.ROUTE, 0, "{}", "later"),
    "async_task_route": (BlockKind.ROUTE, 0, "{}", "in another process"),
    "async_task_group_route": (BlockKind.ROUTE, 0, "{}", "in another process"),
    "async_task_data": (BlockKind.ROUTE, 0, "{}", "in another process"),
    "async_task_group_data": (BlockKind.ROUTE, 0, "{}", "in another process"),
    "msg_changed_route": (BlockKind.ROUTE, 0, "{}", "on the changed message"),
    "http_async_query": (BlockKind.ROUTE, 1, "{}", "with the answer"),
    "t_continue": (BlockKind.ROUTE, 2, "{}", "on resuming"),
}
"""Functions that name a block to run later: its kind, which argument, the name, in words.

From the READMEs of tm, tmx, async, textopsx and http_async_client.
"""

_ENTRIES: Final = frozenset({BlockKind.REQUEST, BlockKind.REPLY, BlockKind.ONSEND, BlockKind.EVENT})
_ARMED: Final = "tm:branch-failure:"
"""An event that happens only once the script has asked for it."""


class GraphNode(Record, frozen=False):
    """A routing block. `place` is None for one that is called and not there.

    `entry`    messages, or events, get here by themselves
    `reached`  something leads here from an entry point
    `waits`    "itself" calls a function that may wait, "through" others does, "" neither
    """

    kind: BlockKind
    name: str | None
    place: Span | None
    entry: bool = False
    reached: bool = False
    waits: str = ""

    @property
    def is_unknown(self) -> bool:
        return self.name == UNKNOWN and self.place is None

    @property
    def label(self) -> str:
        """As the head of the block is written."""
        if self.is_unknown:
            return UNKNOWN
        return self.kind.value if self.name is None else f"{self.kind.value}[{self.name}]"


class GraphEdge(Record, frozen=False):
    """One block leads to another at each of `places`; `text` says how, "" for a plain call."""

    source: Key
    target: Key
    kind: EdgeKind
    text: str = ""
    places: list[Span] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(self.places)


class Graph(Record, frozen=False):
    """`uncertain`: the kinds of blocks that are reached by names which nobody can tell as well."""

    nodes: dict[Key, GraphNode]
    edges: list[GraphEdge]
    uncertain: frozenset[BlockKind] = frozenset()


def call_graph(script: Script, waits: Callable[[str], bool] = lambda _: False) -> Graph:
    """The call graph of `script`. `waits` tells whether a function may wait, by its name."""
    return _Builder(script, waits).graph()


class _Builder:
    def __init__(self, script: Script, waits: Callable[[str], bool]) -> None:
        self._blocks = [item for item in script.items if isinstance(item, RoutingBlock)]
        self._settings = [item for item in script.items if isinstance(item, ModParam)]
        self._waits = waits
        self._graph = Graph({}, [])
        self._edges: dict[tuple[Key, Key, EdgeKind, str], GraphEdge] = {}

    def graph(self) -> Graph:
        for block in self._blocks:
            key = (block.kind, block.name)
            if key not in self._graph.nodes:  # a second request_route goes on with the first
                node = GraphNode(block.kind, block.name, block.head, _is_entry(block))
                self._graph.nodes[key] = node
        for block in self._blocks:
            self._block(block)
        for setting in self._settings:
            self._setting(setting)
        self._graph.edges = list(self._edges.values())
        self._reach()
        self._propagate()
        return self._graph

    # --- edges ----------------------------------------------------------------------------

    def _block(self, block: RoutingBlock) -> None:
        key = (block.kind, block.name)
        for node in walk(block):
            if isinstance(node, RouteCall):
                self._route(key, node)
            elif isinstance(node, Call):
                if self._waits(node.name):
                    self._graph.nodes[key].waits = "itself"
                self._call(key, node)

    def _route(self, source: Key, node: RouteCall) -> None:
        exact, start = _name(node.target)
        if exact is not None:
            self._edge(source, (BlockKind.ROUTE, exact), EdgeKind.CALL, "", node.span)
            return
        text = node.span.text
        found = [key for key in self._routes() if start and str(key[1]).startswith(start)]
        for key in found or [(BlockKind.ROUTE, UNKNOWN)]:
            self._edge(source, key, EdgeKind.DYNAMIC, text, node.span)

    def _call(self, source: Key, node: Call) -> None:
        known = _NAMES.get(node.name)
        if known is not None:
            kind, number, pattern, text = known
            if number < len(node.arguments):
                name, start = _name(node.arguments[number])
                if name == "0" and kind is not BlockKind.ROUTE:
                    return  # takes back what was asked for
                if name is not None:
                    target = (kind, pattern.format(name))
                    self._edge(source, target, EdgeKind.HANDLER, text, node.span)
                elif start is not None:
                    unknown = (kind, UNKNOWN)
                    self._edge(source, unknown, EdgeKind.DYNAMIC, node.span.text, node.span)
            return
        for argument in node.arguments:
            if isinstance(argument, String) and (BlockKind.ROUTE, argument.value) in (
                self._graph.nodes
            ):
                target = (BlockKind.ROUTE, argument.value)
                self._edge(source, target, EdgeKind.NAMED, f"{node.name}()", node.span)

    def _setting(self, setting: ModParam) -> None:
        """`modparam("rtimer", "exec", "timer=t;route=NAME")`: the module starts the block."""
        if not isinstance(setting.value, str):
            return
        for part in setting.value.split(";"):
            word, _, value = part.strip().rpartition("=")
            node = self._graph.nodes.get((BlockKind.ROUTE, value.strip()))
            if node is not None and word in ("", "route"):
                node.entry = True
            if setting.name == "on_sl_reply" and (BlockKind.ONREPLY, value) in self._graph.nodes:
                self._graph.nodes[BlockKind.ONREPLY, value].entry = True

    def _edge(self, source: Key, target: Key, kind: EdgeKind, text: str, place: Span) -> None:
        self._graph.nodes.setdefault(target, GraphNode(target[0], target[1], None))
        edge = self._edges.setdefault(
            (source, target, kind, text), GraphEdge(source, target, kind, text)
        )
        edge.places.append(place)

    def _routes(self) -> Iterator[Key]:
        return (key for key in self._graph.nodes if key[0] is BlockKind.ROUTE and key[1])

    # --- what follows from them -----------------------------------------------------------

    def _reach(self) -> None:
        nodes = self._graph.nodes
        waiting = [key for key, node in nodes.items() if node.entry]
        while waiting:
            key = waiting.pop()
            node = nodes[key]
            if node.reached:
                continue
            node.reached = True
            waiting += [edge.target for edge in self._graph.edges if edge.source == key]
        self._graph.uncertain = frozenset(
            node.kind for node in nodes.values() if node.is_unknown and node.reached
        )

    def _propagate(self) -> None:
        """A block that calls one that may wait may wait; one that runs later is not waited for."""
        nodes = self._graph.nodes
        calls = [e for e in self._graph.edges if e.kind in (EdgeKind.CALL, EdgeKind.DYNAMIC)]
        grown = True
        while grown:
            grown = False
            for edge in calls:
                if nodes[edge.target].waits and not nodes[edge.source].waits:
                    nodes[edge.source].waits = "through"
                    grown = True


def _is_entry(block: RoutingBlock) -> bool:
    if block.kind is BlockKind.ONREPLY:
        return block.name is None
    if block.kind is BlockKind.EVENT:
        return not (block.name or "").startswith(_ARMED)
    return block.kind in _ENTRIES


def _name(target: Expression) -> tuple[str | None, str | None]:
    """The name that an argument gives, or else how the name begins ("" for anything)."""
    if isinstance(target, Name):
        return target.name, None
    if isinstance(target, Number):
        return str(target.value), None
    if isinstance(target, String):
        start, dollar, _ = target.value.partition("$")
        return (None, start) if dollar and not target.raw else (target.value, None)
    if isinstance(target, Binary) and target.operator == "+":
        name, begun = _name(target.left)
        return None, name if name is not None else begun
    return None, ""


def unreached(graph: Graph) -> Sequence[GraphNode]:
    """The blocks of the script that nothing leads to."""
    return [node for node in graph.nodes.values() if not node.reached and node.place is not None]
