"""The expressions of `#!ifexp`: defined names, numbers, texts and operators."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_MAX_DEPTH: Final = 50
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+)|(?P<name>[A-Za-z_]\w*)|(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<operator>&&|\|\||==|!=|<=|>=|=~|[-+*/%!<>()])|(?P<end>\Z)|(?P<other>.))",
    re.ASCII,
)

_Value = int | str


class IfexpError(ValueError):
    """Why an expression can't be evaluated, as a sentence for the user."""


def _divide(a: int, b: int) -> int:
    if b == 0:
        raise IfexpError("division by zero")
    return a // b


_LEVELS: Final[tuple[dict[str, Callable[[_Value, _Value], _Value]], ...]] = (
    {"||": lambda a, b: int(bool(a) or bool(b))},
    {"&&": lambda a, b: int(bool(a) and bool(b))},
    {
        "==": lambda a, b: int(_alike(a, b)),
        "!=": lambda a, b: int(not _alike(a, b)),
        "<": lambda a, b: int(_number(a) < _number(b)),
        ">": lambda a, b: int(_number(a) > _number(b)),
        "<=": lambda a, b: int(_number(a) <= _number(b)),
        ">=": lambda a, b: int(_number(a) >= _number(b)),
    },
    {
        "+": lambda a, b: a + b if isinstance(a, str) and isinstance(b, str)
        else _number(a) + _number(b),
        "-": lambda a, b: _number(a) - _number(b),
    },
    {
        "*": lambda a, b: _number(a) * _number(b),
        "/": lambda a, b: _divide(_number(a), _number(b)),
    },
)  # fmt: skip


def evaluate_ifexp(text: str, defines: Mapping[str, str | None]) -> bool:
    """Whether the expression is true. A name stands for its value, 0 if it is not defined.

    Raises IfexpError.
    """
    parser = _Parser(text, defines)
    value = parser.binary(0, 0)
    parser.expect_end()
    return bool(value)


class _Parser:
    def __init__(self, text: str, defines: Mapping[str, str | None]) -> None:
        self._pieces = [
            (match.lastgroup or "", match[match.lastgroup or 0]) for match in _TOKEN.finditer(text)
        ]
        self._at = 0
        self._defines = defines

    def binary(self, level: int, depth: int) -> _Value:
        if level == len(_LEVELS):
            return self._unary(depth)
        value = self.binary(level + 1, depth)
        while (operation := _LEVELS[level].get(self._peek())) is not None:
            self._at += 1
            value = operation(value, self.binary(level + 1, depth))
        return value

    def expect_end(self) -> None:
        kind, text = self._pieces[min(self._at, len(self._pieces) - 1)]
        if kind != "end":
            raise IfexpError(f"{text} can't stand here in an #!ifexp")

    def _peek(self) -> str:
        kind, text = self._pieces[min(self._at, len(self._pieces) - 1)]
        return text if kind == "operator" else ""

    def _unary(self, depth: int) -> _Value:
        if depth > _MAX_DEPTH:
            raise IfexpError("this #!ifexp is nested too deep")
        kind, text = self._pieces[min(self._at, len(self._pieces) - 1)]
        self._at += 1
        if text == "!" and kind == "operator":
            return int(not self._unary(depth + 1))
        if text == "-" and kind == "operator":
            return -_number(self._unary(depth + 1))
        if text == "(" and kind == "operator":
            value = self.binary(0, depth + 1)
            if self._peek() != ")":
                raise IfexpError("a closing parenthesis is missing in this #!ifexp")
            self._at += 1
            return value
        if kind == "number":
            return int(text[-18:])
        if kind == "string":
            return text[1:-1]
        if kind == "name":
            return _defined(self._defines, text)
        if kind == "end":
            raise IfexpError("this #!ifexp ends where a value should follow")
        raise IfexpError(f"{text} can't stand here in an #!ifexp")


def _defined(defines: Mapping[str, str | None], name: str) -> _Value:
    if name not in defines:
        return 0
    value = defines[name]
    if value is None:
        return 1
    if re.fullmatch(r"-?\d{1,18}", value):
        return int(value)
    return value[1:-1] if value[:1] in ('"', "'") and value[:1] == value[-1:] else value


def _number(value: _Value) -> int:
    if isinstance(value, int):
        return value
    return int(value) if re.fullmatch(r"-?\d{1,18}", value) else 0


def _alike(a: _Value, b: _Value) -> bool:
    return str(a) == str(b) if isinstance(a, str) or isinstance(b, str) else a == b
