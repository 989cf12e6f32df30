"""Kinds of arguments that module functions take, by the annotation of the Python parameter.

    @mod.function("is_method")
    def is_method(ctx: Context, methods: Methods) -> int: ...

A plain `int` or `str` is a kind too: a number, or a text in which variables are replaced.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, TypeAlias

from sipway.language.regex import Search, compile_posix
from sipway.language.signatures import ArgumentKind, Form, VariableReference
from sipway.language.substitution import Substitution
from sipway.sip.methods import OTHER, method_id

MAX_INT = 2**31 - 1
MIN_INT = -(2**31)


def _to_int(value: int | str) -> int:
    if isinstance(value, int):
        return value
    try:
        number = int(value.strip(), 0) if value.strip()[:2].lower() == "0x" else int(value)
    except ValueError:
        raise ValueError(f'"{value}" is not a number') from None
    if not MIN_INT <= number <= MAX_INT:
        raise ValueError(f"{value} is out of the range of a number ({MIN_INT} to {MAX_INT})")
    return number


class MethodSet(NamedTuple):
    """Methods of which some have no bit of their own, and their names in capitals."""

    mask: int
    names: frozenset[str]


def _to_methods(text: str) -> int | MethodSet:
    mask = 0
    names = set()
    for name in (each.strip().upper() for each in text.split("|")):
        if not name:
            raise ValueError(f'a method is missing in "{text}"')
        bit = method_id(name)
        if bit == OTHER:
            names.add(name)
        else:
            mask |= bit
    return MethodSet(mask, frozenset(names)) if names else mask


@lru_cache(maxsize=256)
def to_regex(pattern: str) -> Search:
    """An expression that may be made for each message is compiled once, and remembered."""
    return compile_posix(pattern)


_HEADER_NAME = re.compile(r"[\w.!%*+`'~-]+:?\Z", re.ASCII)


def to_header_name(name: str) -> str:
    """A name that a header field can have; scripts may write the colon too."""
    if not _HEADER_NAME.match(name):
        raise ValueError(f'no header field is called "{name}"')
    return name


def _one_character(text: str) -> str:
    if len(text) != 1:
        raise ValueError(f'one character is wanted, not "{text}"')
    return text


def _to_flag(value: int | str) -> int:
    flag = _to_int(value)
    if not 0 <= flag <= 31:
        raise ValueError(f"a flag is a number from 0 to 31, not {flag}")
    return flag


INTEGER = ArgumentKind("a number", base=None, convert=_to_int)
TEXT = ArgumentKind("a text", base=str)
CONSTANT_TEXT = ArgumentKind("a text without variables", base=str, dynamic=False)
FORMAT = ArgumentKind("a text, which may hold variables", base=str, form=Form.LAZY)
REGEX = ArgumentKind("a regular expression", base=str, convert=to_regex)
CONSTANT_REGEX = ArgumentKind(
    "a regular expression", base=str, dynamic=False, convert=compile_posix
)
# A text as an argument stands for itself here, a variable or an expression is computed.
COMPUTED_TEXT = ArgumentKind("a text", base=str, dynamic=False, computed=True)
COMPUTED_REGEX = ArgumentKind(
    "a regular expression", base=str, dynamic=False, computed=True, convert=to_regex
)
HEADER_NAME = ArgumentKind(
    "the name of a header field", base=str, dynamic=False, convert=to_header_name
)
COMPUTED_HEADER_NAME = ArgumentKind(
    "the name of a header field", base=str, dynamic=False, computed=True, convert=to_header_name
)
METHODS = ArgumentKind("a list of methods such as INVITE|BYE", base=str, convert=_to_methods)
CHARACTER = ArgumentKind("one character", base=str, convert=_one_character)
SUBSTITUTION = ArgumentKind(
    "a substitution such as /text/replacement/g", base=str, form=Form.SUBSTITUTION
)
FLAG = ArgumentKind("a flag from 0 to 31", base=None, convert=_to_flag)
MESSAGE_FLAG = ArgumentKind(
    "a flag from 0 to 31, or the name of one", base=None, form=Form.FLAG, convert=_to_flag
)
VARIABLE = ArgumentKind("a variable", base=None, form=Form.VARIABLE)
WRITABLE = ArgumentKind(
    "a variable that can be assigned to", base=None, form=Form.VARIABLE, writable=True
)

ConstantText: TypeAlias = Annotated[str, CONSTANT_TEXT]
Format: TypeAlias = Annotated[Callable[[Any], str], FORMAT]
Regex: TypeAlias = Annotated[Callable[[str], bool], REGEX]
ConstantRegex: TypeAlias = Annotated[Callable[[str], bool], CONSTANT_REGEX]
ComputedText: TypeAlias = Annotated[str, COMPUTED_TEXT]
ComputedRegex: TypeAlias = Annotated[Callable[[str], bool], COMPUTED_REGEX]
HeaderName: TypeAlias = Annotated[str, HEADER_NAME]
ComputedHeaderName: TypeAlias = Annotated[str, COMPUTED_HEADER_NAME]
Methods: TypeAlias = Annotated[int | MethodSet, METHODS]
Character: TypeAlias = Annotated[str, CHARACTER]
Subst: TypeAlias = Annotated[Substitution, SUBSTITUTION]
FlagNumber: TypeAlias = Annotated[int, FLAG]
MessageFlag: TypeAlias = Annotated[int, MESSAGE_FLAG]
VariableName: TypeAlias = Annotated[VariableReference, VARIABLE]
WritableName: TypeAlias = Annotated[VariableReference, WRITABLE]

BY_TYPE: dict[object, ArgumentKind] = {int: INTEGER, str: TEXT}
