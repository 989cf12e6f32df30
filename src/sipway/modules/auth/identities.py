"""Whether a request is its user's own: nobody is to register, publish or call as somebody else.

Source: READMEs of auth, section 4.8, and auth_db, section 4.5.
"""

from __future__ import annotations

from enum import Enum, auto

from sipway.core.authorized import user_and_domain
from sipway.core.context import Context
from sipway.modules.auth._module import realm_prefix
from sipway.sip.uri import routable_uri


class Domains(Enum):
    """What besides the user is compared."""

    NONE = auto()
    ONE = auto()  # all URIs have the same
    REALM = auto()  # all URIs have the realm's


def is_own(ctx: Context, username: str, realm: str, domains: Domains) -> bool:
    """Whether the user of credentials is the one in From; for a REGISTER in To too, for a PUBLISH
    in the Request-URI too. A domain in the user name is to be the realm's, or the URIs'.
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
    if domains is Domains.NONE:
        return True
    prefix, realm = realm_prefix(ctx.program), realm.lower()
    hosts = {(each.host or "").lower().removeprefix(prefix) for each in uris if each is not None}
    if len(hosts) != 1 or (domains is Domains.REALM and hosts != {realm}):
        return False
    return not named or named.lower().removeprefix(prefix) in (realm, *hosts)
