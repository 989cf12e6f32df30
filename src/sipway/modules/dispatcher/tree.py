"""The order in which Kamailio lists and searches numbered sets.

It keeps them in a balanced binary tree (AVL) and visits what is below a node, the smaller numbers
first, before the node itself; so the order depends on that in which they came.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator


class _Node:
    __slots__ = ("height", "left", "number", "right")

    def __init__(self, number: int) -> None:
        self.number = number
        self.left: _Node | None = None
        self.right: _Node | None = None
        self.height = 1


def in_order_of_tree(numbers: Iterable[int]) -> list[int]:
    """The numbers, each once, in that order."""
    root: _Node | None = None
    for each in numbers:
        root = _with(root, each)
    return list(_visited(root))


def _visited(node: _Node | None) -> Iterator[int]:
    if node is not None:
        yield from _visited(node.left)
        yield from _visited(node.right)
        yield node.number


def _with(node: _Node | None, number: int) -> _Node:
    if node is None:
        return _Node(number)
    if number < node.number:
        node.left = _with(node.left, number)
    elif number > node.number:
        node.right = _with(node.right, number)
    return _balanced(node)


def _balanced(node: _Node) -> _Node:
    leaning = _height(node.left) - _height(node.right)
    if leaning > 1:
        assert node.left is not None
        if _height(node.left.left) < _height(node.left.right):
            node.left = _turned_left(node.left)
        return _turned_right(node)
    if leaning < -1:
        assert node.right is not None
        if _height(node.right.right) < _height(node.right.left):
            node.right = _turned_right(node.right)
        return _turned_left(node)
    return _measured(node)


def _turned_left(node: _Node) -> _Node:
    top = node.right
    assert top is not None
    node.right, top.left = top.left, node
    _measured(node)
    return _measured(top)


def _turned_right(node: _Node) -> _Node:
    top = node.left
    assert top is not None
    node.left, top.right = top.right, node
    _measured(node)
    return _measured(top)


def _measured(node: _Node) -> _Node:
    node.height = 1 + max(_height(node.left), _height(node.right))
    return node


def _height(node: _Node | None) -> int:
    return 0 if node is None else node.height
