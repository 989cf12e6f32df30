"""Parameters of the Vias."""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.modules.textops._module import edit, mod, wire
from sipway.sip.message import text


@mod.function("via_param_rm")
def via_param_rm(ctx: Context, name: str, index: int) -> int:
    """Take a parameter out of a Via, counted from 0, or from the last one with -1.

    1; -1 if there is no such Via, or it has no such parameter.
    """
    try:
        via = ctx.message.vias()[index]
    except IndexError:
        ctx.program.log.line(levels.ERR, f"via_param_rm(): there is no Via {index}")
        return -1
    # The host comes first, and parameters have no semicolons but in quotes (RFC 3261 25.1).
    start = at = via.start
    code = -1
    for piece in _pieces(text(ctx.message.data[via.start : via.end])):
        end = at + len(wire(piece))
        if at > start and piece[1:].partition("=")[0].strip().lower() == name.lower():
            edit(ctx, at, end - (len(piece) - len(piece.rstrip())), b"")
            code = 1
        at = end
    return code


def _pieces(value: str) -> list[str]:
    """A Via cut before each semicolon that is not in quotes."""
    found = [""]
    quoted = escaped = False
    for character in value:
        if character == ";" and not quoted:
            found.append("")
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and quoted and not escaped
        found[-1] += character
    return found
