r"""The POSIX regular expressions of scripts, ready to search with.

As Kamailio uses them: without regard to case, not anchored, `.` matches a line feed, `^` and `$`
match only at the ends of the text. Text is compared character by character, not by the bytes of
UTF-8; a byte that is no UTF-8 is a character of its own.

No subject can stall a worker. Two engines work together:

- Python's `re` is the fastest on short texts, and takes time out of proportion for some patterns
  on long ones. `regex_cost` says how long a subject may be for it to make at most `_STEPS` steps.
- Beyond that RE2 searches, in time proportional to the length. Where it matters which of several
  matches is taken, as in substitutions, it always does: POSIX wants the longest one.

RE2 is compiled when the first long subject comes. A pattern that it does not have (`\1`, `\<`), and
any pattern where google-re2 is not installed, is searched in the first characters of a long
subject only, as many as `re` can look at in `_FALLBACK_STEPS` steps.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Final, Protocol

from sipway.language import posix
from sipway.language.record import Record
from sipway.language.regex_cost import cost
from sipway.language.regex_syntax import PYTHON, RE2, NotThereError, Writer
from sipway.language.remakable import remakable

logger = logging.getLogger("sipway.script")

# One step takes some 20 ns.
_STEPS: Final = 100_000
_FALLBACK_STEPS: Final = 1_000_000
# As many as a pattern without any bound gets.
_FALLBACK_LENGTH: Final = 10
_RE2_MEMORY: Final = 4 << 20

Search = Callable[[str], object]


def has_linear_engine() -> bool:
    """Whether google-re2 is installed."""
    return find_spec("re2") is not None


# --- searching --------------------------------------------------------------------------------


class Found(Protocol):
    """A match: `re.Match` is one. `found[0]` is all of it, `found[1]` its first group."""

    def start(self) -> int: ...

    def end(self) -> int: ...

    def __getitem__(self, group: int, /) -> str | Any: ...


class _Re2Match(Record):
    _text: str
    _spans: tuple[tuple[int, int], ...]

    def start(self) -> int:
        return self._spans[0][0]

    def end(self) -> int:
        return self._spans[0][1]

    def __getitem__(self, group: int, /) -> str | None:
        start, end = self._spans[group]
        return self._text[start:end] if start >= 0 else None


class Pattern:
    """A pattern in both engines; `finditer` and `search` as those of `re`, longest match first."""

    def __init__(self, pattern: str, tree: posix.Tree, *, ignore_case: bool, lines: bool) -> None:
        self.pattern = pattern
        self._tree = tree
        self._ignore_case = ignore_case
        self._lines = lines
        self._cost = cost(tree)
        flags = (re.IGNORECASE if ignore_case else 0) | re.ASCII
        flags |= 0 if lines else re.DOTALL
        self._quick = re.compile(Writer(PYTHON, lines=lines).write(tree), flags)
        self.groups = self._quick.groups
        # Made when they are wanted.
        self._linear: Any = None
        self._linear_longest: Any = None
        self._warned = False

    def __reduce__(self) -> tuple[Any, ...]:
        return _pattern, (self.pattern, self._ignore_case, self._lines)

    def searcher(self) -> Search:
        """A function that says whether its argument has a match, as fast as can be."""
        quick = self._quick.search
        if self._cost.is_linear:
            return quick
        limit = self._cost.longest(_STEPS)
        return lambda text: quick(text) is not None if len(text) <= limit else self._slow(text)

    def _slow(self, text: str) -> bool:
        linear = self._re2()
        if linear:
            encoded = _encoded(text)
            match = linear.Match(_unanchored(), encoded, 0, len(encoded))
            return bool(match[0][0] >= 0)
        return self._quick.search(self._cut(text)) is not None

    def search(self, text: str) -> Found | None:
        """The first match, None if there is none."""
        return next(self.finditer(text), None)

    def finditer(self, text: str) -> Iterator[Found]:
        """All matches that do not overlap."""
        linear = self._re2(longest=True)
        if linear:
            return _re2_matches(linear, text)
        return self._quick.finditer(self._cut(text))

    def _cut(self, text: str) -> str:
        limit = max(self._cost.longest(_FALLBACK_STEPS), _FALLBACK_LENGTH)
        if len(text) <= limit:
            return text
        if not self._warned:
            self._warned = True
            logger.warning(
                'only the first %d characters are searched for "%.60s": more can take forever',
                limit,
                self.pattern,
            )
        return text[:limit]

    def _re2(self, *, longest: bool = False) -> Any:
        """The pattern in RE2, False where that does not have it."""
        made = self._linear_longest if longest else self._linear
        if made is None:
            made = _compiled_re2(self._tree, lines=self._lines, longest=longest) or False
            if longest:
                self._linear_longest = made
            else:
                self._linear = made
        return made


@lru_cache(maxsize=1)
def linear_engine() -> Any:
    """google-re2, None where it is not installed.

    It is imported when a long subject comes; a process that will not see its files then asks for
    it before.
    """
    try:
        return import_module("re2")
    except ImportError:
        return None


@lru_cache(maxsize=1)
def _unanchored() -> Any:
    return linear_engine()._re2.RE2.Anchor.UNANCHORED


def _compiled_re2(tree: posix.Tree, *, lines: bool, longest: bool) -> Any:
    engine = linear_engine()
    if engine is None:
        return None
    try:
        written = Writer(RE2, lines=lines).write(tree)
    except NotThereError:
        return None
    options = engine.Options()
    options.max_mem = _RE2_MEMORY
    options.log_errors = False
    options.dot_nl = not lines
    options.longest_match = longest
    options.never_capture = not longest
    made = engine._re2.RE2(_encoded(written), options)
    return made if made.ok() else None


def _encoded(text: str) -> bytes:
    """Bytes that are no UTF-8 (surrogates in the text) become characters that RE2 takes."""
    return text.encode("utf-8", "surrogatepass")


def _re2_matches(linear: Any, text: str) -> Iterator[Found]:
    encoded = _encoded(text)
    length = len(encoded)
    plain = length == len(text)
    at, characters = 0, 0  # where the search goes on, in bytes and in characters
    while at <= length:
        spans = linear.Match(_unanchored(), encoded, at, length)
        first, last = spans[0]
        if first < 0:
            return
        if plain:
            yield _Re2Match(text, tuple(spans))
        else:
            yield _Re2Match(text, _in_characters(encoded, at, characters, spans))
        following = last
        if last == first:  # an empty match: one character further
            following = last + 1
            while following < length and encoded[following] & 0xC0 == 0x80:
                following += 1
        characters += len(encoded[at:following].decode("utf-8", "surrogatepass"))
        at = following


def _in_characters(
    encoded: bytes, at: int, characters: int, spans: list[tuple[int, int]]
) -> tuple[tuple[int, int], ...]:
    """Spans in bytes as spans in characters; `at` bytes are as many `characters`."""
    known = {-1: -1}
    for offset in sorted({each for span in spans for each in span} - {-1}):
        characters += len(encoded[at:offset].decode("utf-8", "surrogatepass"))
        known[offset], at = characters, offset
    return tuple((known[a], known[b]) for a, b in spans)


# --- what others use --------------------------------------------------------------------------


def compile_pattern(pattern: str, *, ignore_case: bool = True, lines: bool = False) -> Pattern:
    """A pattern whose matches can be looked at; ValueError with what is wrong."""
    try:
        tree = posix.parse(pattern, ignore_case=ignore_case, lines=lines)
        return Pattern(pattern, tree, ignore_case=ignore_case, lines=lines)
    except ValueError as error:
        raise ValueError(f'"{pattern}" is not a regular expression: {error}') from None
    except (OverflowError, RecursionError, re.error):
        raise ValueError(f'"{pattern}" is too large a regular expression') from None


def _pattern(pattern: str, ignore_case: bool, lines: bool) -> Pattern:
    return compile_pattern(pattern, ignore_case=ignore_case, lines=lines)


@remakable
def compile_posix(pattern: str, *, ignore_case: bool = True) -> Search:
    """A function that searches its argument and returns something true on a match."""
    return compile_pattern(pattern, ignore_case=ignore_case).searcher()
