"""Credentials that have done their service: consume_credentials(), has_credentials().

Source: README of auth, sections 4.1 and 4.2.
"""

from __future__ import annotations

from sipway.core.authorized import authorized
from sipway.core.context import Context
from sipway.language.signatures import Routes
from sipway.modules.auth._module import mod
from sipway.modules.auth.attempts import ERROR, OK
from sipway.modules.auth.realms import PROXY, WWW, credentials
from sipway.sip.edits import edit


@mod.function("consume_credentials", routes=Routes.REQUEST)
def consume_credentials(ctx: Context) -> int:
    """Take the credentials out that were found to be right. Returns 1; -1 if there are none."""
    found = authorized(ctx)
    message = ctx.message
    for each in found:
        for index in message.indexes(each.kind):
            if message.raw_value(index) == each.value:
                start, end = message.line(index)
                made = edit(start, end, b"")
                if ctx.edits is None:
                    ctx.edits = []
                if made not in ctx.edits:
                    ctx.edits.append(made)
    return OK if found else ERROR


@mod.function("has_credentials", routes=Routes.REQUEST)
def has_credentials(ctx: Context, realm: str) -> int:
    """Whether there are Digest credentials for a realm, right or not: 1, else -1."""
    for side in (WWW, PROXY):
        for found in credentials(ctx, side):
            if found is not None and found.is_of(realm):
                return OK
    return ERROR
