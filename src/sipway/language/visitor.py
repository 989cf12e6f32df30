"""Walking over the syntax tree."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sipway.language import nodes
from sipway.language.nodes import Node
from sipway.language.record import fields

# Fields that hold no nodes, by name: looking at them would cost time for nothing.
_LEAVES = frozenset({"span", "name_span", "operator_span", "modules_span", "value_span", "head"})


def _child_fields(kind: type[Node]) -> tuple[str, ...]:
    names = []
    for name, annotation in fields(kind).items():
        if name not in _LEAVES and any(word in annotation for word in _NODE_WORDS):
            names.append(name)
    return tuple(names)


# How the annotations of fields that hold nodes are written in `nodes`.
_NODE_WORDS = (
    "Expression", "Statement", "Block", "Case", "TopLevel", "Variable", "Select",
)  # fmt: skip
_CHILDREN: dict[type[Node], tuple[str, ...]] = {
    kind: _child_fields(kind)
    for kind in vars(nodes).values()
    if isinstance(kind, type) and issubclass(kind, Node)
}

_CHILDREN_BACKWARDS = {kind: names[::-1] for kind, names in _CHILDREN.items()}


def children(node: Node) -> Iterator[Node]:
    """The nodes directly below `node`, in the order of the script."""
    for name in _CHILDREN[type(node)]:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


def walk(node: Node) -> Iterator[Node]:
    """`node` and all below it, each before its children, in the order of the script.

    Without recursion, so any depth will do.
    """
    pending = [node]
    while pending:
        current = pending.pop()
        yield current
        # As `children`, backwards; written out, since rules walk all of a script.
        for name in _CHILDREN_BACKWARDS[type(current)]:
            value = getattr(current, name)
            if value.__class__ is tuple:
                pending += [item for item in reversed(value) if isinstance(item, Node)]
            elif isinstance(value, Node):
                pending.append(value)


class Visitor:
    """Calls `visit_<Kind>` for a node, e.g. `visit_RouteCall`, else `generic_visit`.

    `generic_visit` visits what is below the node; a method of one's own that wants that too
    calls it.
    """

    def __init__(self) -> None:
        self._methods: dict[type[Node], Callable[[Any], Any]] = {}

    def visit(self, node: Node) -> Any:
        kind = type(node)
        if kind not in self._methods:
            self._methods[kind] = getattr(self, f"visit_{kind.__name__}", self.generic_visit)
        return self._methods[kind](node)

    def generic_visit(self, node: Node) -> None:
        for child in children(node):
            self.visit(child)
