from __future__ import annotations

from sipway.language.nodes import Call, Node, RouteCall, Variable
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.language.visitor import Visitor, walk

TEXT = """
request_route {
    if (a($rU) && !b()) {
        c(d + e());
    } else {
        $var(x) = (int)f($rd);
    }
    switch (g()) {
        case 1: h();
        default: while (i()) return j();
    }
    route(k());
    exit;
}
"""


def tree() -> Node:
    result = parse(SourceFile("test.cfg", TEXT))
    assert not len(result.diagnostics)
    return result.script


def test_walk_is_in_the_order_of_the_script() -> None:
    assert [node.name for node in walk(tree()) if isinstance(node, Call)] == list("abcefghijk")


def test_walk_reaches_variables_that_are_assigned() -> None:
    found = [node.spec.text for node in walk(tree()) if isinstance(node, Variable)]
    assert found == ["$rU", "$var(x)", "$rd"]


def test_a_visitor_sees_what_it_asks_for() -> None:
    class Calls(Visitor):
        def __init__(self) -> None:
            super().__init__()
            self.names: list[str] = []

        def visit_Call(self, node: Call) -> None:  # noqa: N802 - named after the node
            self.names.append(node.name)
            self.generic_visit(node)

        def visit_RouteCall(self, node: RouteCall) -> None:  # noqa: N802
            """Not further down."""

    calls = Calls()
    calls.visit(tree())
    assert calls.names == list("abcefghij")
