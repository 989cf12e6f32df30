"""Braces that do not match."""

from __future__ import annotations

from sipway.language.diagnostics import Diagnostics
from sipway.language.lexer import Token


def balance(tokens: list[Token], diagnostics: Diagnostics, quiet: bool = False) -> list[Token]:
    return tokens
