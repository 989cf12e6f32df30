"""options_reply(): what this server can do."""

from __future__ import annotations

from sipway.core import replies
from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.siputils._module import mod
from sipway.sip.methods import OPTIONS

_accept = mod.param("options_accept", str, "*/*", doc="Accept of the answer to OPTIONS")
_encoding = mod.param("options_accept_encoding", str, "", doc="Accept-Encoding of the answer")
_language = mod.param("options_accept_language", str, "en", doc="Accept-Language of the answer")
_support = mod.param("options_support", str, "", doc="Supported of the answer")


@mod.function("options_reply", routes=Routes.REQUEST, replies=True)
def options_reply(ctx: Context) -> int:
    """Answer an OPTIONS for this server itself, one without a user part, with 200.

    1; -1 for another method, or with a user part.
    """
    message = ctx.message
    if message.method_id != OPTIONS or ctx.uri_user is not None:
        return -1
    program = ctx.program
    lines = (
        f"Accept: {_accept(program)}\r\n"
        f"Accept-Encoding: {_encoding(program)}\r\n"
        f"Accept-Language: {_language(program)}\r\n"
        f"Supported: {_support(program)}\r\n"
    )
    replies.send_reply(ctx, 200, "OK", lines.encode("utf-8", "surrogateescape"))
    return 1
