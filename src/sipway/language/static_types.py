"""What is known of an expression's type without running it, and what Kamailio refuses for it.

Only what is written decides: a constant, a cast, what an operator yields. The type of a variable
is not known. Source: what Kamailio 5.6.3 was seen to refuse, docs/kamailio-observed.md.
"""

from __future__ import annotations

from typing import Final

from sipway.language.nodes import Binary, Call, Expression, Name, Number, RouteCall, String, Unary
from sipway.language.operands import BOOLEANS

Type = type[int | str] | None

_OF_NUMBERS: Final = frozenset(
    ("-", "*", "/", "%", "&", "|", "^", "<<", ">>", "<", ">", "<=", ">=", "&&", "||", "ieq", "ine")
)
_OF_NUMBER: Final = frozenset(("!", "-", "~"))
_OF_TEXT: Final = frozenset(("strlen", "strempty", "defined"))
# Functions of the core whose value is not a return code.
VALUE_FUNCTIONS: Final = frozenset({"selval"})


def static_type(node: Expression) -> Type:
    """int, str, or None if it is known only at run time."""
    # A chain of + is as deep as it is long, so it is followed without recursion.
    while isinstance(node, Binary) and node.operator == "+":
        node = node.left
    if isinstance(node, String):
        return str
    if isinstance(node, Unary):
        return str if node.operator == "(str)" else int
    if isinstance(node, Number | Binary | RouteCall):
        return int
    if isinstance(node, Call):
        return None if node.name in VALUE_FUNCTIONS else int
    if isinstance(node, Name) and node.name in BOOLEANS:
        return int
    return None


def misfit(node: Unary | Binary) -> tuple[Expression, type[int | str]] | None:
    """The operand that can't be one of this operator, and the type that it would have to have."""
    operator = node.operator
    if isinstance(node, Unary):
        kind = static_type(node.operand)
        if operator in _OF_NUMBER and kind is str:
            return node.operand, int
        return (node.operand, str) if operator in _OF_TEXT and kind is int else None
    left, right = static_type(node.left), static_type(node.right)
    if operator in _OF_NUMBERS:
        if left is str:
            return node.left, int
        return (node.right, int) if right is str else None
    if operator in ("+", "==", "!="):
        return (node.right, int) if left is int and right is str else None
    if left is int:  # eq, ne, =~
        return node.left, str
    return (node.right, str) if operator == "=~" and isinstance(node.right, Number) else None
