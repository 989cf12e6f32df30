"""Expressions on which sipway differs from Kamailio 5.6.3 on purpose, by what they have in them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sipway.language.nodes import (
    Binary,
    Call,
    Expression,
    MessageLength,
    Name,
    Node,
    RouteCall,
    String,
    Switch,
    Unary,
    Variable,
)
from sipway.language.operands import BOOLEANS
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.language.static_types import static_type
from sipway.language.visitor import walk


@dataclass(frozen=True, slots=True)
class Rule:
    """Why sipway differs, and whether a node of an expression is what it differs on."""

    name: str
    reason: str
    applies: Callable[[Node], bool]


def _is_constant(node: Expression) -> bool:
    return not any(isinstance(each, Variable | Call | RouteCall) for each in walk(node))


def _constant_side(node: Node) -> bool:
    return (
        isinstance(node, Binary)
        and node.operator in ("&&", "||")
        and (_is_constant(node.left) or _is_constant(node.right))
    )


def _neutral_number(node: Node) -> bool:
    return (
        isinstance(node, Binary)
        and node.operator in ("+", "-", "*", "/", "&", "|", "^", "<<", ">>")
        and any(
            isinstance(a, Call | RouteCall | Binary | Unary) and _is_constant(b)
            for a, b in ((node.left, node.right), (node.right, node.left))
        )
        and any(isinstance(each, Call | RouteCall) for each in walk(node))
    )


def _keyword(node: Node) -> bool:
    return isinstance(node, MessageLength) or (isinstance(node, Name) and node.name not in BOOLEANS)


def _number_and_null(node: Node) -> bool:
    return (
        isinstance(node, Binary)
        and node.operator in ("==", "!=")
        and static_type(node.left) is int
        and isinstance(node.right, Variable)
        and node.right.spec.name == "null"
    )


def _named_number(node: Node) -> bool:
    return isinstance(node, Variable) and node.spec.name == "rm"


def _default_before_texts(node: Node) -> bool:
    return (
        isinstance(node, Switch)
        and node.cases[0].labels[0] is None
        and any(isinstance(label, String) for case in node.cases for label in case.labels)
    )


RULES: Final = (
    Rule(
        "default-first",
        "default may stand in front of cases that are texts; Kamailio refuses it",
        _default_before_texts,
    ),
    Rule(
        "constant-side",
        "a constant beside && or || counts as any other value; Kamailio takes it away before, "
        "and what is left is no 1 or 0, and false when it is below 0",
        _constant_side,
    ),
    Rule(
        "neutral-number",
        "a call is 1 or 0 in a sum, whatever is added; Kamailio takes a neutral number away "
        "before, and the call has its code",
        _neutral_number,
    ),
    Rule(
        "keyword",
        "a keyword such as src_ip has a value everywhere; Kamailio takes it in some comparisons",
        _keyword,
    ),
    Rule(
        "number-and-null",
        "a number may be compared with $null, and is none; Kamailio refuses it",
        _number_and_null,
    ),
    Rule(
        "named-number",
        "$rm is a text, and no number; Kamailio has a number for it as well",
        _named_number,
    ),
)


def rules_of(line: str) -> list[Rule]:
    """The rules that apply to the statements of a line."""
    parsed = parse(SourceFile("line.cfg", f"route {{\n{line}\n}}"))
    nodes = list(walk(parsed.script))
    return [rule for rule in RULES if any(rule.applies(node) for node in nodes)]
