"""Variables in text: `$ru`, `$(hdr(X)[0]{s.len})`, and strings that hold them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from sipway.language.source import Span


@dataclass(frozen=True, slots=True)
class Transformation:
    """`{class.name,argument,...}`: `name` is `class.name`, e.g. `s.len`."""

    name: str
    arguments: tuple[Template, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """One variable as written.

    `inner` is the text in parentheses (itself a template: `$sht(t=>$ci::x)`), None if
    there are none. `index` is a number, "*" for all, a variable, or None.
    """

    text: str
    span: Span
    name: str
    inner: Template | None = None
    index: int | str | VariableSpec | None = None
    transformations: tuple[Transformation, ...] = ()


Template: TypeAlias = tuple["str | VariableSpec", ...]
