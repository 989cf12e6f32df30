"""The expressions of `#!ifexp`, `#!defexp` and `#!defexps`.

Source: Kamailio's core cookbook 6.1, section ifexp. A name stands for its value, always a
text; for 1 if it was defined without one, for 0 if it was not defined. Of two operands of
different types the right one takes the type of the left one. A number is true unless it is
0, a text unless it is empty.

Loosest first: `,` `=` `||` `&&` `^` `|` `&` `== !=` `< > <= >=` `<< >>` `+ -` `* / %` `**`, then
`!`, `-` and `^` in front of an operand.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

_MAX_DEPTH: Final = 50
# What is beyond these is no number that a script needs; Python would go on for minutes.
_MAX_EXPONENT: Final = 1000
_MAX_NUMBER: Final = 1 << 64
_MAX_TEXT: Final = 65_536
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<string>\"[^\"]*\"|'[^']*')"
    r"|(?P<operator>&&|\|\||\*\*|==|!=|<=|>=|<<|>>|=~|[-+*/%!<>()&|^=,])"
    r"|(?P<end>#.*\Z|\Z)|(?P<other>.))",
    re.ASCII | re.DOTALL,
)
_NUMBER = re.compile(r"\s*[-+]?\d{1,18}(?:\.\d{1,18})?", re.ASCII)

_Value = int | float | str


class IfexpError(ValueError):
    """Why an expression can't be evaluated, as a sentence for the user."""


def _number(value: _Value) -> int | float:
    """A number; of a text the one that it begins with, else 0."""
    if not isinstance(value, str):
        return value
    match = _NUMBER.match(value)
    return 0 if match is None else _bounded(float(match[0]))


def _bounded(value: float) -> int | float:
    if not abs(value) < _MAX_NUMBER:
        raise IfexpError("a number in this expression is too large")
    return int(value) if value == int(value) else value


def _text(value: _Value) -> str:
    return value if isinstance(value, str) else f"{value:.12g}" if value % 1 else str(int(value))


def _add(a: _Value, b: _Value) -> _Value:
    if not isinstance(a, str):
        return a + _number(b)
    text = a + _text(b)
    if len(text) > _MAX_TEXT:
        raise IfexpError("a text in this expression is too long")
    return text


def _divide(a: _Value, b: _Value) -> _Value:
    divisor = _number(b)
    if divisor == 0:
        raise IfexpError("division by zero")
    return _number(a) / divisor


def _remainder(a: _Value, b: _Value) -> _Value:
    divisor = _number(b)
    if divisor == 0:
        raise IfexpError("division by zero")
    left = _number(a)
    rest = abs(left) % abs(divisor)
    return -rest if left < 0 else rest


def _power(a: _Value, b: _Value) -> _Value:
    base, exponent = _number(a), _number(b)
    if abs(exponent) > _MAX_EXPONENT:
        raise IfexpError("an exponent in this expression is too large")
    try:
        result = float(base) ** exponent
    except (OverflowError, ZeroDivisionError):
        raise IfexpError("a number in this expression is too large") from None
    if isinstance(result, complex):
        raise IfexpError("a negative number has no such power")
    return result


def _shift(left: _Value, by: _Value, sign: int) -> _Value:
    places = int(_number(by))
    if not 0 <= places < 64:
        raise IfexpError("a number can be shifted by 0 to 63 places")
    number = int(_number(left))
    return number << places if sign > 0 else number >> places


def _alike(a: _Value, b: _Value) -> bool:
    return a == _text(b) if isinstance(a, str) else a == _number(b)


def _before(a: _Value, b: _Value) -> bool:
    return a < _text(b) if isinstance(a, str) else a < _number(b)


_LEVELS: Final[tuple[dict[str, Callable[[_Value, _Value], _Value]], ...]] = (
    {"||": lambda a, b: int(bool(a) or bool(b))},
    {"&&": lambda a, b: int(bool(a) and bool(b))},
    {"^": lambda a, b: int(_number(a)) ^ int(_number(b))},
    {"|": lambda a, b: int(_number(a)) | int(_number(b))},
    {"&": lambda a, b: int(_number(a)) & int(_number(b))},
    {"==": lambda a, b: int(_alike(a, b)), "!=": lambda a, b: int(not _alike(a, b))},
    {
        "<": lambda a, b: int(_before(a, b)),
        ">": lambda a, b: int(not _before(a, b) and not _alike(a, b)),
        "<=": lambda a, b: int(_before(a, b) or _alike(a, b)),
        ">=": lambda a, b: int(not _before(a, b)),
    },
    {"<<": lambda a, b: _shift(a, b, 1), ">>": lambda a, b: _shift(a, b, -1)},
    {"+": _add, "-": lambda a, b: _number(a) - _number(b)},
    {"*": lambda a, b: _number(a) * _number(b), "/": _divide, "%": _remainder},
    {"**": _power},
)


def evaluate_ifexp(text: str, defines: Mapping[str, str | None]) -> bool:
    """Whether the expression is true. Raises IfexpError."""
    return bool(_Parser(text, defines).value())


def evaluate_text(text: str, defines: Mapping[str, str | None]) -> str:
    """The value of the expression as `#!defexp` gives it to a name. Raises IfexpError."""
    return _text(_Parser(text, defines).value())


class _Parser:
    def __init__(self, text: str, defines: Mapping[str, str | None]) -> None:
        self._pieces = [
            (match.lastgroup or "", match[match.lastgroup or 0]) for match in _TOKEN.finditer(text)
        ]
        self._at = 0
        self._defines = defines
        self._assigned: dict[str, _Value] = {}

    def value(self) -> _Value:
        """The value of the whole text: of several expressions the last one's."""
        value = self._sequence(0)
        kind, text = self._current()
        if kind != "end":
            raise IfexpError(f"{text} can't stand here in this expression")
        return value

    def _current(self) -> tuple[str, str]:
        return self._pieces[min(self._at, len(self._pieces) - 1)]

    def _peek(self) -> str:
        kind, text = self._current()
        return text if kind == "operator" else ""

    def _sequence(self, depth: int) -> _Value:
        value = self._assignment(depth)
        while self._peek() == ",":
            self._at += 1
            value = self._assignment(depth)
        return value

    def _assignment(self, depth: int) -> _Value:
        kind, name = self._current()
        following = self._pieces[min(self._at + 1, len(self._pieces) - 1)]
        if kind != "name" or following != ("operator", "="):
            return self._binary(0, depth)
        if depth > _MAX_DEPTH:
            raise IfexpError("this expression is nested too deep")
        self._at += 2
        value = self._assigned[name] = self._assignment(depth + 1)
        return value

    def _binary(self, level: int, depth: int) -> _Value:
        if level == len(_LEVELS):
            return self._unary(depth)
        value = self._binary(level + 1, depth)
        while (operation := _LEVELS[level].get(self._peek())) is not None:
            self._at += 1
            value = operation(value, self._binary(level + 1, depth))
            if not isinstance(value, str):
                value = _bounded(value)
        return value

    def _unary(self, depth: int) -> _Value:
        if depth > _MAX_DEPTH:
            raise IfexpError("this expression is nested too deep")
        kind, text = self._current()
        self._at += 1
        if kind == "operator":
            return self._operator(text, depth)
        if kind == "number":
            return _bounded(float(text))
        if kind == "string":
            return text[1:-1]
        if kind == "name":
            if self._peek() == "(":
                raise IfexpError(
                    f"there is no function {text}(): a name alone asks whether it is defined"
                )
            return self._assigned[text] if text in self._assigned else self._defined(text)
        if kind == "end":
            raise IfexpError("this expression ends where a value should follow")
        raise IfexpError(f"{text} can't stand here in this expression")

    def _operator(self, text: str, depth: int) -> _Value:
        if text == "!":
            return int(not self._unary(depth + 1))
        if text == "-":
            return -_number(self._unary(depth + 1))
        if text == "^":
            return ~int(_number(self._unary(depth + 1)))
        if text == "(":
            value = self._sequence(depth + 1)
            if self._peek() != ")":
                raise IfexpError("a closing parenthesis is missing in this expression")
            self._at += 1
            return value
        raise IfexpError(f"{text} can't stand here in this expression")

    def _defined(self, name: str) -> _Value:
        if name not in self._defines:
            return 0
        value = (self._defines[name] or "").strip()
        if not value:
            return 1
        quoted = value[:1] in ('"', "'") and value[:1] == value[-1:] and len(value) > 1
        return value[1:-1] if quoted else value
