"""Whether a request is its user's own: nobody is to register, publish or call as somebody else.

Source: READMEs of auth, section 4.8, and auth_db, section 4.5.
"""

from __future__ import annotations

from sipway.core.authorized import user_and_domain
from sipway.core.context import Context
from sipway.modules.auth._module import realm_prefix
from sipway.sip.uri import routable_uri


def is_own(ctx: Context, username: str, realm: str, *, domains: bool) -> bool:
    """Whether the user of credentials is the one in From; for a REGISTER in To too, for a PUBLISH
    in the Request-URI too.

    With `domains` these are to have one domain, which is that of the user name, or if it has none
    the realm: a name alone says nothing of whose it is.
    """
    message = ctx.message
    user, named = user_and_domain(username)
    uris = [message.from_.parsed]
    if message.method == "REGISTER":
        uris.append(message.to.parsed)
    elif message.method == "PUBLISH":
        uris.append(routable_uri(message.uri))
    if not user or any(each is None or each.user != user for each in uris):
        return False
    if not domains:
        return True
    prefix = realm_prefix(ctx.program)
    hosts = {(each.host or "").lower().removeprefix(prefix) for each in uris if each is not None}
    return hosts == {(named or realm).lower().removeprefix(prefix)}
