"""A call graph as text: for reading, for Graphviz, for Mermaid, as JSON."""

from __future__ import annotations

import html
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from sipway.language.diagnostics import printable
from sipway.language.graph import EdgeKind, Graph, GraphEdge, GraphNode, Key
from sipway.language.nodes import BlockKind

_KINDS: Final = {
    # kind: (Graphviz shape, fill, Mermaid brackets, in words)
    BlockKind.REQUEST: ("box", "#fff3bf", ('["', '"]'), "requests"),
    BlockKind.ROUTE: ("box", "#ffffff", ('("', '")'), "route"),
    BlockKind.REPLY: ("hexagon", "#d0ebff", ('{{"', '"}}'), "replies"),
    BlockKind.ONREPLY: ("hexagon", "#d0ebff", ('{{"', '"}}'), "replies to a transaction"),
    BlockKind.FAILURE: ("octagon", "#ffe3e3", ('[/"', '"\\]'), "failure"),
    BlockKind.BRANCH: ("cds", "#e5dbff", ('[/"', '"/]'), "each branch"),
    BlockKind.ONSEND: ("parallelogram", "#f1f3f5", ('[\\"', '"\\]'), "before sending"),
    BlockKind.EVENT: ("ellipse", "#d3f9d8", ('(["', '"])'), "event"),
}
_ABSENT: Final = "#c92a2a"
_GREY: Final = "#868e96"
_STYLES: Final = {
    EdgeKind.CALL: "solid",
    EdgeKind.HANDLER: "dashed",
    EdgeKind.NAMED: "dashed",
    EdgeKind.DYNAMIC: "dotted",
}
_EDGE_WORDS: Final = {
    EdgeKind.CALL: "route(NAME)",
    EdgeKind.HANDLER: "runs later",
    EdgeKind.NAMED: "named in a call",
    EdgeKind.DYNAMIC: "name made at run time",
}


def _notes(node: GraphNode, graph: Graph) -> list[str]:
    """What there is to say of a block besides its name."""
    notes = []
    if node.place is None and not node.is_unknown:
        notes.append("not in this script")
    if node.place is not None and not node.reached:
        notes.append(
            "reached by no known name" if node.kind in graph.uncertain else "never reached"
        )
    if node.waits:
        notes.append("may wait" if node.waits == "itself" else "may wait (through others)")
    return notes


def _words(edge: GraphEdge) -> str:
    times = f"{edge.count}x" if edge.count > 1 else ""
    return " ".join(part for part in (edge.text, times) if part)


def _shown(text: str) -> str:
    text = printable(text).replace("\n", " ")
    return text if len(text) <= 60 else f"{text[:59]}…"


# --- for reading --------------------------------------------------------------------------


def as_text(graph: Graph, paint: Callable[..., str] = lambda text, *_: text) -> str:
    """Each block with its line and, below it, where it leads. `paint(text, colour)` colours."""
    lines = []
    for key, node in graph.nodes.items():
        if node.place is None:
            continue
        notes = [f"line {node.place.line}", *(["entry point"] if node.entry else [])]
        notes += _notes(node, graph)
        colour = "dim" if not node.reached else "bold"
        lines.append(f"{paint(_shown(node.label), colour)}  {paint(', '.join(notes), 'dim')}")
        for edge in graph.edges:
            if edge.source != key:
                continue
            target = graph.nodes[edge.target]
            arrow = "->" if edge.kind is EdgeKind.CALL else ".."
            label = _shown(target.label)
            if target.place is None:
                label = paint(label, "red")
                if not target.is_unknown:
                    label += f"  {paint('not in this script', 'red')}"
            words = f"  {paint(_shown(_words(edge)), 'cyan')}" if _words(edge) else ""
            lines.append(f"  {arrow} {label}{words}")
    return "\n".join(lines) + "\n" if lines else "no routing blocks\n"


# --- Graphviz -----------------------------------------------------------------------------


def as_dot(graph: Graph, title: str) -> str:
    """The graph in the language of Graphviz, with a legend of what occurs in it."""
    names = _identifiers(graph)
    lines = [
        f"digraph {_quoted(title)} {{",
        "  rankdir=LR; nodesep=0.25; ranksep=0.6;",
        '  node [fontname="Helvetica", fontsize=11, style=filled, margin="0.15,0.07"];',
        '  edge [fontname="Helvetica", fontsize=9, color="#495057"];',
    ]
    lines += [f"  {names[key]} [{_dot_node(node, graph)}];" for key, node in graph.nodes.items()]
    for edge in graph.edges:
        attributes = [f"style={_STYLES[edge.kind]}"]
        if words := _words(edge):
            attributes.append(f"label={_quoted(_shown(words))}")
        lines.append(f"  {names[edge.source]} -> {names[edge.target]} [{', '.join(attributes)}];")
    lines.append(f"  legend [shape=plaintext, style=solid, label=<{_dot_legend(graph)}>];")
    return "\n".join([*lines, "}"]) + "\n"


def _dot_node(node: GraphNode, graph: Graph) -> str:
    shape, fill, _, _ = _KINDS[node.kind]
    label = "\n".join([_shown(node.label), *_notes(node, graph)])
    style, colour, pen = ["filled"], "#343a40", 1.0
    if node.kind is BlockKind.ROUTE and node.place is not None:
        style.append("rounded")
    if node.place is None:
        style, colour, fill = ["dashed"], _ABSENT, "#ffffff"
        shape = "circle" if node.is_unknown else shape
    elif not node.reached:
        style, colour, fill = [*style, "dashed"], _GREY, "#f8f9fa"
    if node.entry:
        pen = 2.5
    attributes = [
        f"label={_quoted(label)}",
        f"shape={shape}",
        f'style="{",".join(style)}"',
        f'fillcolor="{fill}"',
        f'color="{colour}"',
        f"penwidth={pen}",
    ]
    if not node.reached or node.place is None:
        attributes.append(f'fontcolor="{colour}"')
    if node.waits:
        attributes.append("peripheries=2")
    return ", ".join(attributes)


def _dot_legend(graph: Graph) -> str:
    rows = []
    for kind in _used(graph):
        _, fill, _, words = _KINDS[kind]
        rows.append(f'<tr><td bgcolor="{fill}">{kind.value}</td><td>{words}</td></tr>')
    styles: dict[str, list[str]] = {}
    for kind_of_edge in _used_edges(graph):
        styles.setdefault(_STYLES[kind_of_edge], []).append(_EDGE_WORDS[kind_of_edge])
    for style, meanings in styles.items():
        rows.append(f"<tr><td>{style} arrow</td><td>{', or '.join(meanings)}</td></tr>")
    for mark, meaning in _marks(graph, "thick border", "double border", "grey, dashed", "red"):
        rows.append(f"<tr><td>{mark}</td><td>{html.escape(meaning)}</td></tr>")
    return (
        '<table border="0" cellborder="1" cellspacing="0" cellpadding="4" color="#adb5bd">'
        f"{''.join(rows)}</table>"
    )


def _marks(
    graph: Graph, entry: str, waits: str, unreached: str, absent: str
) -> Sequence[tuple[str, str]]:
    nodes = graph.nodes.values()
    found = []
    if any(node.entry for node in nodes):
        found.append((entry, "entry point"))
    if any(node.waits for node in nodes):
        found.append((waits, "may wait"))
    if any(not node.reached and node.place is not None for node in nodes):
        found.append((unreached, "not reached"))
    if any(node.place is None for node in nodes):
        found.append((absent, "called, and not in this script"))
    return found


def _quoted(text: str) -> str:
    text = printable(text, keep="\n").replace("\\", "\\\\").replace('"', '\\"')
    return '"' + text.replace("\n", "\\n") + '"'


# --- Mermaid ------------------------------------------------------------------------------

_MERMAID_ARROWS: Final = {
    EdgeKind.CALL: "-->",
    EdgeKind.HANDLER: "-.->",
    EdgeKind.NAMED: "-.->",
    EdgeKind.DYNAMIC: "-.->",
}
_MERMAID_ESCAPES: Final = {ord(c): f"#{ord(c)};" for c in '"#&<>;`\\'}


def as_mermaid(graph: Graph) -> str:
    """A Mermaid flowchart: for Markdown on GitHub, GitLab and many wikis."""
    names = _identifiers(graph)
    lines = ["flowchart LR"]
    for key, node in graph.nodes.items():
        lines.append(f"  {names[key]}{_mermaid_node(node, graph)}:::{_class(node)}")
    for edge in graph.edges:
        words = _words(edge)
        label = f'|"{_mermaid(_shown(words))}"|' if words else ""
        arrow = _MERMAID_ARROWS[edge.kind]
        lines.append(f"  {names[edge.source]} {arrow}{label} {names[edge.target]}")
    lines += _mermaid_legend(graph)
    for kind in _used(graph):
        lines.append(f"  classDef {kind.value} fill:{_KINDS[kind][1]},stroke:#343a40,color:#212529")
    lines += [
        f"  classDef absent fill:#ffffff,stroke:{_ABSENT},color:{_ABSENT},stroke-dasharray:4",
        f"  classDef unreached fill:#f8f9fa,stroke:{_GREY},color:{_GREY},stroke-dasharray:4",
    ]
    for mark, style in (("entry", "stroke-width:4px"), ("waits", "stroke:#e67700")):
        marked = [names[k] for k, n in graph.nodes.items() if getattr(n, mark)]
        if marked:
            lines += [f"  classDef {mark} {style}", f"  class {','.join(marked)} {mark}"]
    return "\n".join(lines) + "\n"


def _mermaid_node(node: GraphNode, graph: Graph) -> str:
    opening, closing = _KINDS[node.kind][2]
    label = "<br/>".join(_mermaid(text) for text in (_shown(node.label), *_notes(node, graph)))
    return f"{opening}{label}{closing}"


def _mermaid_legend(graph: Graph) -> list[str]:
    lines = ['  subgraph legend ["Legend"]']
    for number, kind in enumerate(_used(graph)):
        opening, closing = _KINDS[kind][2]
        text = _mermaid(f"{kind.value}: {_KINDS[kind][3]}")
        lines.append(f"    l{number}{opening}{text}{closing}:::{kind.value}")
    marks = _marks(graph, "thick border", "orange border", "grey, dashed", "red, dashed")
    words = [f"{mark}: {meaning}" for mark, meaning in marks]
    if any(edge.kind is not EdgeKind.CALL for edge in graph.edges):
        words.append("dotted arrow: runs later, or by a name made at run time")
    if words:
        lines.append(f'    lm["{"<br/>".join(map(_mermaid, words))}"]')
    return [*lines, "  end"]


def _class(node: GraphNode) -> str:
    if node.place is None:
        return "absent"
    return node.kind.value if node.reached else "unreached"


def _mermaid(text: str) -> str:
    return text.translate(_MERMAID_ESCAPES)


# --- JSON ---------------------------------------------------------------------------------


def as_json(graph: Graph) -> str:
    """One object with these fields:

    - `nodes`: objects with `id`, `kind` (the keyword), `name` (text or null), `file` and `line`
      (null where the block is not in the script), `entry`, `reached`, `waits` ("itself",
      "through" others, or null);
    - `edges`: objects with `source` and `target` (ids), `kind` ("call", "handler", "named",
      "dynamic"), `text` and `lines` (one for each place);
    - `uncertain`: the kinds of which blocks are called by names that are not known beforehand.
    """
    names = _identifiers(graph)
    nodes: list[dict[str, Any]] = [
        {
            "id": names[key],
            "kind": node.kind.value,
            "name": node.name,
            "file": node.place.file.path if node.place else None,
            "line": node.place.line if node.place else None,
            "entry": node.entry,
            "reached": node.reached,
            "waits": node.waits or None,
        }
        for key, node in graph.nodes.items()
    ]
    edges = [
        {
            "source": names[edge.source],
            "target": names[edge.target],
            "kind": edge.kind.value,
            "text": edge.text,
            "lines": [place.line for place in edge.places],
        }
        for edge in graph.edges
    ]
    uncertain = sorted(kind.value for kind in graph.uncertain)
    return json.dumps({"nodes": nodes, "edges": edges, "uncertain": uncertain}, indent=2)


def _identifiers(graph: Graph) -> dict[Key, str]:
    return {key: f"n{number}" for number, key in enumerate(graph.nodes)}


def _used(graph: Graph) -> list[BlockKind]:
    found = {node.kind for node in graph.nodes.values()}
    return [kind for kind in BlockKind if kind in found]


def _used_edges(graph: Graph) -> list[EdgeKind]:
    found = {edge.kind for edge in graph.edges}
    return [kind for kind in EdgeKind if kind in found]
