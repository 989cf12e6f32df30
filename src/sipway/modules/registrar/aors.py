"""The address-of-record that a URI means, as contacts are kept under it.

Compiled (see `aors.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from urllib.parse import unquote

from sipway.modules.registrar.settings import Settings
from sipway.sip.uri import routable_uri


def aor_of(uri: str, of: Settings) -> str | None:
    """`user`, or `user@domain` with `use_domain`; None if it is no URI to route by.

    Escapes of the user are undone. The domain is in small letters, the user too unless
    `case_sensitive` is set; what `realm_prefix` says is taken off the domain.
    """
    parsed = routable_uri(uri)
    if parsed is None:
        return None
    user = parsed.user or ""
    if "%" in user:
        user = unquote(user, errors="surrogateescape")
    if not of.case_sensitive:
        user = user.lower()
    if not of.use_domain:
        return user
    domain = parsed.host.lower()
    prefix = of.realm_prefix
    if prefix and domain.startswith(prefix):
        domain = domain[len(prefix) :]
    return f"{user}@{domain}" if user else domain
