"""The bodies of many cases, so that the chosen one is found in few steps and nothing nests deep."""

from __future__ import annotations

import ast
from typing import Final

Body = tuple[int, list[ast.stmt]]
"""The number of a case and its statements."""

# So many runs are looked through one by one.
_LEAF: Final = 4


def dispatch(choice: str, runs: list[list[Body]]) -> list[ast.stmt]:
    """Statements that run the body with the number that is in the local name `choice`.

    The bodies of one run fall through to the next of the same run; the last one of a run that
    has several leaves, or ends the whole. Numbers ascend; one that is too high runs nothing.
    """
    if len(runs) <= _LEAF:
        return [made for run in runs for made in _run(choice, run)]
    middle = len(runs) // 2
    test = _compare(choice, ast.Lt(), runs[middle][0][0])
    return [ast.If(test, dispatch(choice, runs[:middle]), dispatch(choice, runs[middle:]))]


def _run(choice: str, run: list[Body]) -> list[ast.stmt]:
    if len(run) == 1:
        number, body = run[0]
        return [ast.If(_compare(choice, ast.Eq(), number), body, [])]
    first, last = run[0][0], run[-1][0]
    inside = [ast.If(_compare(choice, ast.LtE(), number), body, []) for number, body in run]
    within = ast.Compare(
        ast.Constant(first), [ast.LtE(), ast.LtE()], [_load(choice), ast.Constant(last)]
    )
    return [ast.If(within, list[ast.stmt](inside), [])]


def _compare(choice: str, operator: ast.cmpop, number: int) -> ast.expr:
    return ast.Compare(_load(choice), [operator], [ast.Constant(number)])


def _load(name: str) -> ast.expr:
    return ast.Name(name, ast.Load())
