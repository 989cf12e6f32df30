r"""The files of rules: pairs of URIs that are allowed, or denied.

    # from whom          :  to whom
    ALL                  :  "^sip:1[0-9]*@" EXCEPT "^sip:19", "^sip:118"
    "@trusted\.example"  :  ALL

A line is a rule: two lists of regular expressions, with a colon between them that is outside of
quotes. A URI is in a list if one of its expressions is found in it, and none of those behind
EXCEPT. Source: README of Kamailio's module permissions ("Register File Format"); what it leaves
open was tried on 5.6.3: the last colon counts, `ALL` is a word of its own only where it is the
whole list before EXCEPT, and ` EXCEPT ` counts in quotes too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sipway.errors import ModuleError
from sipway.language.record import Record
from sipway.language.regex import Search, compile_posix

_ALL: Final = "ALL"
_EXCEPT: Final = " EXCEPT "
_BLANKS: Final = " \t\r\v\f"
_COMMENT: Final = re.compile(r'((?:[^"#]|"[^"]*(?:"|$))*)#.*', re.DOTALL)
_COLON: Final = re.compile(r'((?:[^"]|"[^"]*")*):((?:[^":]|"[^"]*(?:"|$))*)', re.DOTALL)
_EXPRESSION: Final = re.compile(r'(?:[^",]|"[^"]*(?:"|$))*')


class UriList(Record):
    """One side of a rule; `wanted` is None for ALL."""

    wanted: tuple[Search, ...] | None
    unwanted: tuple[Search, ...]

    def has(self, uri: str) -> bool:
        if self.wanted is not None and not any(search(uri) for search in self.wanted):
            return False
        return not any(search(uri) for search in self.unwanted)


class Rule(Record):
    left: UriList
    right: UriList


class Rules(Record):
    """A file; without any rule nothing is found."""

    rules: tuple[Rule, ...] = ()

    def has(self, left: str, right: str) -> bool:
        """Whether a rule is about these two URIs."""
        return any(each.left.has(left) and each.right.has(right) for each in self.rules)


NONE: Final = Rules()


def read_rules(path: Path) -> Rules | None:
    """The rules of a file, None if there is no such file.

    Raises ModuleError with the line that is wrong: a rule left out would let in, or lock out.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ModuleError(f"permissions: {path} cannot be read: {error.strerror}") from error
    return parse_rules(data.decode("utf-8", "surrogateescape"), str(path))


def parse_rules(text: str, path: str) -> Rules:
    """The rules of a text; `path` is for messages. Raises ModuleError."""
    return Rules(tuple(_rules(text, path)))


def _rules(text: str, path: str) -> Iterator[Rule]:
    for number, line in enumerate(text.split("\n"), 1):
        comment = _COMMENT.fullmatch(line)
        written = (comment[1] if comment else line).strip(_BLANKS)
        if not written:
            continue
        try:
            yield _rule(written)
        except ValueError as error:
            raise ModuleError(
                f"permissions: {path}:{number}: {error}",
                hint='a rule is written from_list : uri_list, as in ALL : "^sip:1[0-9]*@"',
            ) from None


def _rule(line: str) -> Rule:
    sides = _COLON.fullmatch(line)
    if sides is None:
        raise ValueError("there is no colon outside of quotes")
    return Rule(_list(sides[1]), _list(sides[2]))


def _list(text: str) -> UriList:
    wanted, mark, unwanted = f"{text} ".partition(_EXCEPT)
    return UriList(
        None if wanted.strip(_BLANKS) == _ALL else _expressions(wanted),
        _expressions(unwanted) if mark else (),
    )


def _expressions(text: str) -> tuple[Search, ...]:
    found = []
    at = 0
    while True:
        match = _EXPRESSION.match(text, at)
        assert match is not None  # it matches nothing at all too
        found.append(compile_posix(_unquoted(match[0].strip(_BLANKS))))
        at = match.end() + 1
        if match.end() == len(text):
            return tuple(found)


def _unquoted(text: str) -> str:
    text = text.removeprefix('"').removesuffix('"')
    if not text:
        raise ValueError("an expression is missing")
    return text
