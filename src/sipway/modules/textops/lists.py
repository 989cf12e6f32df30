"""Lists in a text."""

from __future__ import annotations

from sipway.core.arguments import Character, VariableName
from sipway.core.context import Context
from sipway.language.regex import compile_pattern
from sipway.modules.textops._module import mod


@mod.function("in_list")
def in_list(ctx: Context, subject: str, members: str, separator: Character) -> int:
    """1 if the text is one of those in the list, else -1. Blanks around them do not count."""
    if not subject:
        return -1
    return 1 if subject in (each.strip() for each in members.split(separator)) else -1


@mod.function("in_list_prefix")
def in_list_prefix(ctx: Context, subject: str, members: str, separator: Character) -> int:
    """1 if the text begins with one of those in the list, else -1."""
    prefixes = (each.strip() for each in members.split(separator))
    return 1 if any(each and subject.startswith(each) for each in prefixes) else -1


@mod.function("regex_substring")
def regex_substring(
    ctx: Context, subject: str, pattern: str, index: int, count: int, result: VariableName
) -> int:
    """Put what the group of this number has matched (0: all of it) into a variable.

    `count` is how many groups the expression has at most. 1; -2 without a match or such a group.
    """
    try:
        compiled = compile_pattern(pattern, ignore_case=False)
    except ValueError:
        return -2
    match = compiled.search(subject)
    if match is None or result.set is None or not 0 <= index <= min(count, compiled.groups):
        return -2
    found = match[index]
    if found is None:
        return -2
    result.set(ctx, found)
    return 1
