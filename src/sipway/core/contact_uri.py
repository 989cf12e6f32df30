"""The URI of Contact that a script has replaced, for those who read the Contact after that.

Functions such as fix_nated_contact() change the message that leaves, as others do, and what
Kamailio has parsed of Contact besides: save() keeps, and `@contact.uri` says, what was put there,
while `$ct` and the like go on to say what came.
"""

from __future__ import annotations

from typing import Final

from sipway.core.context import Context
from sipway.core.extras import extras
from sipway.sip.edits import Edit

_KEY: Final = "core:contact_uri"


def replace_uri(ctx: Context, edit: Edit) -> None:
    """Make an edit that puts another URI in the place of one in a Contact."""
    ctx.edits = [*(ctx.edits or ()), edit]
    extras(ctx).of_modules = {**extras(ctx).of_modules, _KEY: edit}


def replaced_uri(ctx: Context) -> Edit | None:
    """What `replace_uri` was given last for the message as it is now, or None."""
    if ctx.extras is None or ctx.edits is None:
        return None
    edit: Edit | None = ctx.extras.of_modules.get(_KEY)
    return edit if edit is not None and any(each is edit for each in ctx.edits) else None


def contact_value(ctx: Context, index: int) -> bytes:
    """The value of a Contact field with the URI that was put there."""
    message = ctx.message
    start, end = message.value_start(index), message.value_end(index)
    edit = replaced_uri(ctx)
    if edit is None or not start <= edit.start <= edit.end <= end:
        return message.data[start:end]
    return message.data[start : edit.start] + edit.replacement + message.data[edit.end : end]
