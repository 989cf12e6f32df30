"""Parameters that name an AVP, such as `$avp(user)`."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.context import Context
from sipway.core.variables.script import avp_name

_VARIABLE: Final = re.compile(r"\$avp\(([^()]+)\)")


def avp_parameter(text: str) -> str:
    """The name by which the AVP is kept. Raises ValueError for what is no `$avp(name)`."""
    match = _VARIABLE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'an AVP is written $avp(name), not "{text}"')
    return avp_name(match[1])


def avp_text(ctx: Context, name: str | None) -> str | None:
    """The newest value as text, None if there is none."""
    values = (ctx.avps or {}).get(name) if name is not None else None
    return str(values[0]) if values else None


def set_avp(ctx: Context, name: str, value: str) -> None:
    """Put a value on top."""
    if ctx.avps is None:
        ctx.avps = {}
    ctx.avps.setdefault(name, []).insert(0, value)
