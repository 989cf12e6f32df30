"""URIs that tables hold, and the domains that these are looked up by (alias_db, speeddial).

Whoever fills a table is not always whoever runs the server: what could be more than a URI, such as
a line end with a header behind it, is none.
"""

from __future__ import annotations

import re
from string import ascii_lowercase, ascii_uppercase
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context

_SMALL: Final = str.maketrans(ascii_uppercase, ascii_lowercase)
_ENDS_A_URI: Final = re.compile(r"[\x00-\x20\x7f]")


def usable(ctx: Context, function: str, uri: str) -> bool:
    """Whether a URI of a table can be one of a request; that it cannot is said once."""
    if _ENDS_A_URI.search(uri) is None:
        return True
    ctx.program.log.once(levels.ERR, f"{function}(): {uri[:60]!a} of the table is no URI")
    return False


def small(text: str) -> str:
    """A text in small letters: those of ASCII alone, as others look like what they are not."""
    return text.lower() if text.isascii() else text.translate(_SMALL)


def without_prefix(host: str, prefix: str) -> str:
    """A host as tables have it: without `domain_prefix`, whatever its case, taken off once."""
    if prefix and small(host).startswith(small(prefix)):
        return host[len(prefix) :]
    return host
