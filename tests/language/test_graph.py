"""The call graph: what leads where, what is reached, what may wait; and its text forms."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest

from sipway.language.graph import Graph, call_graph, unreached
from sipway.language.graph_text import as_dot, as_json, as_mermaid, as_text
from sipway.language.parser import parse
from sipway.language.source import SourceFile

WAITING = frozenset({"sql_query"})


def graph(text: str) -> Graph:
    parsed = parse(SourceFile("test.cfg", text))
    assert not parsed.diagnostics.errors
    return call_graph(parsed.script, WAITING.__contains__)


def main(statements: str, rest: str = "") -> Graph:
    return graph(f"request_route {{ {statements} }}\n{rest}")


def edges(found: Graph) -> list[tuple[str, str, str, int]]:
    """(from, to, kind, how often)"""
    nodes = found.nodes
    return [
        (nodes[e.source].label, nodes[e.target].label, e.kind.value, e.count) for e in found.edges
    ]


# --- edges --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call", ["route(A);", 'route("A");', "if (route(A)) exit;", "$var(x) = route(A);"]
)
def test_a_call_by_name(call: str) -> None:
    found = main(call, "route[A] { exit; }")
    assert edges(found) == [("request_route", "route[A]", "call", 1)]
    assert not unreached(found)


def test_calls_of_the_same_block_are_counted() -> None:
    found = main("route(A);\nroute(B);\nroute(A);", "route[A] { exit; }\nroute[B] { route(A); }")
    assert edges(found) == [
        ("request_route", "route[A]", "call", 2),
        ("request_route", "route[B]", "call", 1),
        ("route[B]", "route[A]", "call", 1),
    ]
    assert [place.line for place in found.edges[0].places] == [1, 3]


def test_a_numbered_block() -> None:
    assert edges(main("route(1);", "route[1] { exit; }")) == [
        ("request_route", "route[1]", "call", 1)
    ]


@pytest.mark.parametrize(
    ("call", "target"),
    [
        ('t_on_failure("F");', "failure_route[F]"),
        ('t_on_reply("F");', "onreply_route[F]"),
        ('t_on_branch("F");', "branch_route[F]"),
        ('t_on_branch_failure("F");', "event_route[tm:branch-failure:F]"),
        ('async_route("F", "5");', "route[F]"),
        ('http_async_query("http://a", "F");', "route[F]"),
        ('t_continue("1", "2", "F");', "route[F]"),
    ],
)
def test_what_runs_later(call: str, target: str) -> None:
    found = main(call, f"{target} {{ exit; }}")
    assert edges(found) == [("request_route", target, "handler", 1)]
    assert not unreached(found)


def test_a_handler_that_is_taken_back_leads_nowhere() -> None:
    assert edges(main('t_on_failure("0");')) == []


def test_a_call_with_too_few_arguments_is_no_edge() -> None:
    assert edges(main("t_on_failure();")) == []


@pytest.mark.parametrize("call", ['route("A_$rm");', 'route("A_" + $rm);'])
def test_a_name_of_which_the_beginning_is_known(call: str) -> None:
    found = main(call, "route[A_X] { exit; }\nroute[A_Y] { exit; }\nroute[B] { exit; }")
    assert edges(found) == [
        ("request_route", "route[A_X]", "dynamic", 1),
        ("request_route", "route[A_Y]", "dynamic", 1),
    ]
    assert [node.label for node in unreached(found)] == ["route[B]"]
    assert not found.uncertain


def test_a_name_that_nobody_knows() -> None:
    found = main("route($var(x));", "route[A] { exit; }\nfailure_route[F] { exit; }")
    assert edges(found) == [("request_route", "?", "dynamic", 1)]
    text = as_text(found)
    assert "route[A]  line 2, reached by no known name" in text
    assert "failure_route[F]  line 3, never reached" in text


def test_a_name_among_the_arguments_of_any_function() -> None:
    found = main('foo("A"); foo("B");', "route[A] { exit; }")
    assert edges(found) == [("request_route", "route[A]", "named", 1)]


def test_a_block_that_is_not_there() -> None:
    found = main('route(A); t_on_failure("F");')
    assert [node.label for node in found.nodes.values() if node.place is None] == [
        "route[A]",
        "failure_route[F]",
    ]
    assert not unreached(found)


# --- nodes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("head", "entry"),
    [
        ("request_route", True),
        ("route", True),
        ("reply_route", True),
        ("onreply_route", True),
        ("onsend_route", True),
        ("event_route[tm:local-request]", True),
        ("event_route[tm:branch-failure:X]", False),
        ("route[A]", False),
        ("onreply_route[A]", False),
        ("failure_route[A]", False),
        ("branch_route[A]", False),
    ],
)
def test_entry_points(head: str, entry: bool) -> None:
    found = graph(f"{head} {{ exit; }}")
    assert [node.entry for node in found.nodes.values()] == [entry]
    assert [node.reached for node in found.nodes.values()] == [entry]


def test_a_module_starts_a_block_by_a_parameter() -> None:
    found = graph(
        'modparam("rtimer", "exec", "timer=ta;route=TIMED")\nmodparam("x", "y", 1)\n'
        "route[TIMED] { exit; }\nroute[ta] { exit; }"
    )
    assert [node.entry for node in found.nodes.values()] == [True, False]


def test_what_is_called_from_what_is_not_reached_is_not_reached() -> None:
    found = main("exit;", "route[A] { route(B); }\nroute[B] { route(A); }")
    assert [node.label for node in unreached(found)] == ["route[A]", "route[B]"]


def test_what_may_wait() -> None:
    found = main(
        'route(A); t_on_failure("F");',
        "route[A] { route(B); }\nroute[B] { sql_query(1); route(A); }\nroute[C] { exit; }\n"
        "failure_route[F] { sql_query(1); }\n reply_route { exit; }",
    )
    assert {node.label: node.waits for node in found.nodes.values()} == {
        "request_route": "through",
        "route[A]": "through",
        "route[B]": "itself",
        "route[C]": "",
        "failure_route[F]": "itself",
        "reply_route": "",
    }


def test_one_waits_not_for_what_runs_later() -> None:
    found = main('t_on_failure("F");', "failure_route[F] { sql_query(1); }")
    assert [node.waits for node in found.nodes.values()] == ["", "itself"]


# --- text ---------------------------------------------------------------------------------

EVERYTHING = """request_route {
\troute("A_$rm"); route($var(x)); route(MISSING); route(A_X); route(A_X);
\tfoo("q \\"uoted\\" #;<b>`\\\\"); t_on_failure("F"); sql_query("a");
}
route["q \\"uoted\\" #;<b>`\\\\"] { exit; }
route[A_X] { exit; }
route[LONELY] { exit; }
failure_route[F] { exit; }
branch_route[B] { exit; }
event_route[tm:branch-failure:BF] { exit; }
onsend_route { exit; }
onreply_route { exit; }
reply_route { exit; }
"""


def test_text() -> None:
    assert as_text(main("route(A); route(A); route(B);", "route[A] { sql_query(1); }")) == (
        "request_route  line 1, entry point, may wait (through others)\n"
        "  -> route[A]  2x\n"
        "  -> route[B]  not in this script\n"
        "route[A]  line 2, may wait\n"
    )
    assert as_text(graph("debug=1")) == "no routing blocks\n"


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
def test_graphviz_takes_it() -> None:
    dot = as_dot(graph(EVERYTHING), 'a "b" \\ c.cfg')
    done = subprocess.run(
        ["dot", "-Tplain"], input=dot.encode(), capture_output=True, timeout=30, check=False
    )
    assert done.stderr == b""
    assert done.returncode == 0
    assert b"never reached" not in done.stdout.partition(b"LONELY")[0]
    assert done.stdout.count(b"\nedge ") == len(graph(EVERYTHING).edges)


def test_dot_marks_what_is_special() -> None:
    lines = as_dot(graph(EVERYTHING), "a.cfg").splitlines()

    def line(label: str) -> str:
        return next(each for each in lines if f'label="{label}' in each)

    assert "penwidth=2.5" in line("request_route")
    assert "peripheries=2" in line("request_route")
    assert 'style="filled,rounded,dashed"' in line("route[LONELY]")
    assert 'style="dashed"' in line("route[MISSING]")
    assert "shape=circle" in line("?")
    assert "shape=octagon" in line("failure_route[F]")
    assert "style=dashed" in line("on failure")
    assert "style=dotted" in line("route($var(x))")
    legend = next(each for each in lines if each.startswith("  legend "))
    for word in ("entry point", "may wait", "not reached", "runs later", "failure_route"):
        assert word in legend
    assert "may wait" not in as_dot(main("exit;"), "a.cfg")


def test_mermaid() -> None:
    text = as_mermaid(graph(EVERYTHING))
    assert text.startswith("flowchart LR\n")
    node = r'  n\d+(?:\["|\("|\{\{"|\[/"|\[\\"|\(\[")[^"]+(?:"\]|"\)|"\}\}|"/\]|"\\\]|"\]\)):::\w+'
    edge = r'  n\d+ (?:-->|-\.->)(?:\|"[^"|]+"\|)? n\d+'
    other = r"  (?:subgraph legend .*|  l\w+.*|end|classDef \w+ .*|class [\w,]+ \w+)"
    for line in text.splitlines()[1:]:
        assert re.fullmatch(f"{node}|{edge}|{other}", line), line
    # What means something to Mermaid stands there by its number.
    assert "route[q #34;uoted#34; #35;#59;#60;b#62;#96;#92;]" in text


def test_json() -> None:
    found = json.loads(as_json(main("route(A);\nroute($var(x));", "route[A] { sql_query(1); }")))
    assert found["nodes"][1] == {
        "id": "n1",
        "kind": "route",
        "name": "A",
        "file": "test.cfg",
        "line": 3,
        "entry": False,
        "reached": True,
        "waits": "itself",
    }
    assert found["nodes"][2]["line"] is None
    assert found["edges"][0] == {
        "source": "n0",
        "target": "n1",
        "kind": "call",
        "text": "",
        "lines": [1],
    }
    assert found["uncertain"] == ["route"]


def test_long_names_are_cut_and_control_characters_left_out() -> None:
    found = main("exit;", f'route["{"x" * 200}"] {{ exit; }}\nroute["a\x1b[31m"] {{ exit; }}')
    for text in (as_text(found), as_dot(found, "\x1b"), as_mermaid(found)):
        assert "x" * 61 not in text
        assert "\x1b" not in text
