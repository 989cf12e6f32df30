"""Remote-Party-ID from what an AVP has, set by a script or by what knows the caller."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.arguments import ConstantText
from sipway.core.context import Context
from sipway.core.variables.script import avp_name
from sipway.language.signatures import Routes
from sipway.modules.siputils._module import mod
from sipway.modules.siputils.questions import is_uri_user_e164
from sipway.sip.edits import Edit
from sipway.sip.nameaddr import parse_name_addr

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH
_AVP: Final = re.compile(r"\$avp\((.+)\)|\$\(avp\((.+)\)\)")


def _avp(text: str) -> str | None:
    """The name of the AVP that `$avp(name)` means; None for no text, which switches this off."""
    if not text:
        return None
    match = _AVP.fullmatch(text.strip())
    if match is None:
        raise ValueError(f'an AVP such as $avp(rpid) is wanted, not "{text}"')
    return avp_name(match[1] or match[2])


_rpid_avp = mod.param(
    "rpid_avp", str, "rpid", convert=_avp, doc="the AVP that has the URI of Remote-Party-ID"
)
_rpid_prefix = mod.param("rpid_prefix", str, "", doc="what stands before that URI")
_rpid_suffix = mod.param(
    "rpid_suffix",
    str,
    ";party=calling;id-type=subscriber;screen=yes",
    doc="what stands behind that URI",
)


def _rpid(ctx: Context) -> str | None:
    """The newest value of the AVP, if it is a text."""
    values = (ctx.avps or {}).get(_rpid_avp(ctx.program))
    value = values[0] if values else None
    return value if isinstance(value, str) and value else None


@mod.function("append_rpid_hf", routes=_ROUTES, arities=(0, 2))
def append_rpid_hf(
    ctx: Context, prefix: ConstantText | None = None, suffix: ConstantText | None = None
) -> int:
    """Add a Remote-Party-ID with the URI in the AVP `rpid_avp`, between a prefix and a suffix.

    Without arguments these are `rpid_prefix` and `rpid_suffix`. 1; -1 if the AVP has no text.
    """
    uri = _rpid(ctx)
    if uri is None:
        return -1
    before = _rpid_prefix(ctx.program) if prefix is None else prefix
    behind = _rpid_suffix(ctx.program) if suffix is None else suffix
    line = f"Remote-Party-ID: {before}{uri}{behind}\r\n".encode("utf-8", "surrogateescape")
    end = ctx.message.headers_end
    ctx.edits = [*(ctx.edits or ()), Edit(end, end, line)]
    return 1


@mod.function("is_rpid_user_e164", routes=Routes.REQUEST)
def is_rpid_user_e164(ctx: Context) -> int:
    """1 if the user part of the URI in the AVP `rpid_avp` is an E.164 number, else -1."""
    text = _rpid(ctx)
    return -1 if text is None else is_uri_user_e164(ctx, parse_name_addr(text).uri)
