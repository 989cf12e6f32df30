r"""POSIX extended regular expressions as scripts write them, read into a tree.

What is an expression and what it means is that of glibc in the C locale, as Kamailio 5.6.3 was
seen to have it: `a**`, an unmatched `)` and `{,2}` are fine, `*a`, `^*` and `a{` are not; behind a
backslash glibc knows `w W s S b B < >`, the two text ends and the numbers of groups, and without
regard to case a small letter that means nothing there, as in `\d`, matches nothing at all.

Without regard to case means what glibc makes of it: pattern and subject are put in capitals, so
that `[A-z]` is the letters alone. Characters above 127 have one case.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from sipway.language.record import Record

Ranges: TypeAlias = tuple[tuple[int, int], ...]
"""Characters: first and last code point of each range, in order, without gaps between two."""

_MAX_DEPTH: Final = 50
MAX_REPEAT: Final = 32767
LAST: Final = 0x10FFFF
_LINE_FEED: Final = ord("\n")

_CLASSES: Final = {
    "alnum": "09AZaz", "alpha": "AZaz", "blank": "\t\t  ", "cntrl": "\x00\x1f\x7f\x7f",
    "digit": "09", "graph": "!~", "lower": "az", "print": " ~", "punct": "!/:@[`{~",
    "space": "\t\r  ", "upper": "AZ", "xdigit": "09AFaf",
}  # fmt: skip
_WORD: Final = "09AZ__az"
# Classes of characters behind a backslash; a capital letter stands for all others.
_ESCAPED_CLASSES: Final = {"w": _WORD, "s": _CLASSES["space"]}


class Chars(Record):
    """One character out of these; an empty tuple matches nothing."""

    ranges: Ranges


class Anchor(Record):
    r"""`^ $`, or what follows the backslash of `\b \B \< \>` and of the two ends of the text."""

    kind: str


class Reference(Record):
    """What the group of this number matched, once more."""

    group: int


class Group(Record):
    """`(...)`, counted from 1."""

    number: int
    body: Tree


class Repeat(Record):
    """`most` is None where there is no limit."""

    body: Tree
    least: int
    most: int | None


class Sequence(Record):
    items: tuple[Tree, ...]


class Choice(Record):
    branches: tuple[Tree, ...]


Tree: TypeAlias = Chars | Anchor | Reference | Group | Repeat | Sequence | Choice


def parse(pattern: str, *, ignore_case: bool, lines: bool = False) -> Tree:
    """The tree of a pattern; ValueError with what is wrong.

    `lines`: a dot and `[^...]` match no line feed (what `^` and `$` match is up to the engine).
    """
    return _Reader(pattern, ignore_case, lines).whole()


def ranges_of(pairs: str) -> Ranges:
    """Ranges written as first and last characters side by side."""
    return tuple((ord(a), ord(b)) for a, b in zip(pairs[::2], pairs[1::2], strict=True))


def joined(ranges: list[tuple[int, int]]) -> Ranges:
    """In order, with those that touch made one."""
    result: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if result and first <= result[-1][1] + 1:
            result[-1] = (result[-1][0], max(last, result[-1][1]))
        else:
            result.append((first, last))
    return tuple(result)


def others(ranges: Ranges) -> Ranges:
    """All characters that are not in these ranges."""
    result = []
    start = 0
    for first, last in ranges:
        if start < first:
            result.append((start, first - 1))
        start = last + 1
    if start <= LAST:
        result.append((start, LAST))
    return tuple(result)


_SMALL: Final = (ord("a"), ord("z"))
_CAPITAL: Final = (ord("A"), ord("Z"))
_STEP: Final = _SMALL[0] - _CAPITAL[0]


def _overlap(first: int, last: int, limits: tuple[int, int]) -> tuple[int, int] | None:
    low, high = max(first, limits[0]), min(last, limits[1])
    return (low, high) if low <= high else None


def _both_cases(ranges: Ranges) -> Ranges:
    """With the small letters of the capital ones, and without those that have none there."""
    found: list[tuple[int, int]] = []
    for first, last in ranges:
        if first < _SMALL[0]:
            found.append((first, min(last, _SMALL[0] - 1)))
        if last > _SMALL[1]:
            found.append((max(first, _SMALL[1] + 1), last))
        capital = _overlap(first, last, _CAPITAL)
        if capital:
            found.append((capital[0] + _STEP, capital[1] + _STEP))
    return joined(found)


def _capital(code: int) -> int:
    return code - _STEP if _SMALL[0] <= code <= _SMALL[1] else code


class _Reader:
    def __init__(self, pattern: str, ignore_case: bool, lines: bool) -> None:
        self._pattern = pattern
        self._ignore_case = ignore_case
        self._lines = lines
        self._at = 0
        self._groups = 0
        self._depth = 0
        # The groups that are complete on the way to here.
        self._complete: frozenset[int] = frozenset()

    def whole(self) -> Tree:
        tree = self._choice()
        assert self._at == len(self._pattern)
        return tree

    def _choice(self) -> Tree:
        before = self._complete
        branches = [self._sequence()]
        complete = self._complete
        while self._next() == "|":
            self._at += 1
            self._complete = before
            branches.append(self._sequence())
            complete |= self._complete
        self._complete = complete
        return branches[0] if len(branches) == 1 else Choice(tuple(branches))

    def _next(self) -> str:
        return self._pattern[self._at : self._at + 1]

    def _sequence(self) -> Tree:
        items: list[Tree] = []
        while True:
            c = self._next()
            if not c or c == "|" or (c == ")" and self._depth):
                return items[0] if len(items) == 1 else Sequence(tuple(items))
            items.append(self._repeated(self._atom()))

    def _repeated(self, body: Tree) -> Tree:
        while True:
            c = self._next()
            if c not in ("*", "+", "?", "{") or not c:
                return body
            if isinstance(body, Anchor):
                raise ValueError(f"{c} has nothing that it could repeat")
            if c == "{":
                least, most = self._interval()
            else:
                self._at += 1
                least, most = (1 if c == "+" else 0), (1 if c == "?" else None)
            body = Repeat(body, least, most)

    def _interval(self) -> tuple[int, int | None]:
        end = self._pattern.find("}", self._at)
        text = self._pattern[self._at + 1 : end] if end > 0 else ""
        first, comma, second = text.partition(",")
        if not text or any(c not in "0123456789," for c in text) or "," in second:
            raise ValueError("{ is followed by a number of repetitions, as in {2} or {1,3}")
        least = int(first[:6] or 0)
        most = (int(second[:6]) if second else None) if comma else least
        if not first and not comma:
            raise ValueError("a number is missing between { and }")
        if max(least, most or 0) > MAX_REPEAT:
            raise ValueError(f"a repetition is limited to {MAX_REPEAT}")
        if most is not None and least > most:
            raise ValueError(f"{{{text}}} is the wrong way round")
        self._at = end + 1
        return least, most

    def _atom(self) -> Tree:
        c = self._next()
        if c == "(":
            return self._group()
        if c == "[":
            return self._bracket()
        if c == "\\":
            return self._escape()
        if c in ("*", "+", "?", "{"):
            raise ValueError(f"{c} has nothing that it could repeat")
        self._at += 1
        if c in ("^", "$"):
            return Anchor(c)
        if c == ".":
            return Chars(self._not_in((), dot=True))
        return self._literal(c)

    def _literal(self, c: str) -> Chars:
        code = ord(c)
        if not self._ignore_case:
            return Chars(((code, code),))
        code = _capital(code)
        return Chars(_both_cases(((code, code),)))

    def _not_in(self, ranges: Ranges, *, dot: bool = False) -> Ranges:
        """All other characters; in texts of lines a line feed is none of them."""
        if self._lines:
            ranges = joined([*ranges, (_LINE_FEED, _LINE_FEED)])
        result = others(ranges)
        return _both_cases(result) if self._ignore_case and not dot else result

    def _group(self) -> Group:
        if self._pattern.startswith("(?", self._at):
            raise ValueError('"(?" is not known to POSIX regular expressions')
        if self._depth >= _MAX_DEPTH:
            raise ValueError("the parentheses are nested too deep")
        self._at += 1
        self._groups += 1
        number = self._groups
        self._depth += 1
        body = self._choice()
        self._depth -= 1
        if self._next() != ")":
            raise ValueError("a ) is missing")
        self._at += 1
        self._complete |= {number}
        return Group(number, body)

    def _escape(self) -> Tree:
        c = self._pattern[self._at + 1 : self._at + 2]
        if not c:
            raise ValueError("the regular expression ends with a backslash")
        self._at += 2
        if c in "bB<>`'":
            return Anchor("\\" + c)
        if c.lower() in _ESCAPED_CLASSES and c.isascii():
            ranges = ranges_of(_ESCAPED_CLASSES[c.lower()])
            return Chars(ranges if c.islower() else others(ranges))
        if c in "123456789":
            if int(c) not in self._complete:
                raise ValueError(f"\\{c} stands for a group that is not there")
            return Reference(int(c))
        if self._ignore_case and "a" <= c <= "z":
            return Chars(())
        return self._literal(c)

    # --- brackets -------------------------------------------------------------------------

    def _bracket(self) -> Chars:
        self._at += 1
        negated = self._next() == "^"
        self._at += negated
        found: list[tuple[int, int]] = []
        first = True
        while first or self._next() != "]":
            start = self._element()
            if isinstance(start, tuple):
                found += start
            elif self._starts_range():
                self._at += 1
                found.append(self._range(start))
            else:
                found.append((start, start))
            if self._starts_range():
                raise ValueError("a range such as a-z begins and ends with one character")
            first = False
        self._at += 1
        if self._ignore_case:
            found = [(_capital(a), _capital(b)) if a == b else (a, b) for a, b in found]
        ranges = joined(found)
        if negated:
            return Chars(self._not_in(ranges))
        return Chars(_both_cases(ranges) if self._ignore_case else ranges)

    def _starts_range(self) -> bool:
        """Whether a `-` follows that is not the last of the bracket."""
        return self._next() == "-" and self._pattern[self._at + 1 : self._at + 2] not in ("]", "")

    def _range(self, start: int) -> tuple[int, int]:
        end = self._element(ends_range=True)
        if isinstance(end, tuple):
            raise ValueError("a range such as a-z ends with one character")
        if self._ignore_case:
            start, end = _capital(start), _capital(end)
        if start > end:
            raise ValueError(f"the range {chr(start)}-{chr(end)} is the wrong way round")
        return start, end

    def _element(self, *, ends_range: bool = False) -> int | Ranges:
        """A character, or the characters of a class."""
        c = self._next()
        if not c:
            raise ValueError("a bracket expression is not closed: a ] is missing")
        kind = self._pattern[self._at + 1 : self._at + 2]
        if c != "[" or kind not in (":", ".", "=") or not kind:
            self._at += 1
            return ord(c)
        end = self._pattern.find(kind + "]", self._at + 2)
        if end < 0:
            raise ValueError("a bracket expression is not closed: a ] is missing")
        name = self._pattern[self._at + 2 : end]
        self._at = end + 2
        if kind == ":":
            if name not in _CLASSES:
                raise ValueError(f"[:{name}:] is no class of characters")
            return self._class(name)
        if len(name) != 1:
            raise ValueError(f"[{kind}{name}{kind}] is no character")
        if kind == "=" and not ends_range:
            return ((ord(name), ord(name)),)
        return ord(name)

    def _class(self, name: str) -> Ranges:
        if self._ignore_case and name in ("lower", "upper"):
            name = "alpha"
        ranges = ranges_of(_CLASSES[name])
        if not self._ignore_case:
            return ranges
        # In capitals, as all the rest of the bracket.
        return joined([(_capital(a), _capital(b)) for a, b in ranges])
