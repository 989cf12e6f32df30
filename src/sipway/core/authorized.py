"""Which credentials of a request have been found to be right, for all who ask later.

A module that checks credentials says so with `authorize`; `$au` and its like, `$Au`, is_user() and
consume_credentials() then mean these, whatever other credentials the request has.

Compiled (see `authorized.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sipway.core.context import Context
from sipway.core.extras import extras

_KEY: Final = "authorized"
_SCHEMES: Final = ("sip:", "sips:")


class Authorized:
    """Credentials that are right.

    kind        of the header field, as in `sip.headers`
    value       what it holds
    parameters  what that says, names in small letters
    """

    def __init__(self, kind: int, value: bytes, parameters: Mapping[str, str]) -> None:
        self.kind = kind
        self.value = value
        self.parameters = parameters

    @property
    def username(self) -> str:
        """As written."""
        return self.parameters.get("username", "")


def authorized(ctx: Context) -> tuple[Authorized, ...]:
    """Those that are right, the newest first."""
    if ctx.extras is None:
        return ()
    found: tuple[Authorized, ...] = ctx.extras.of_modules.get(_KEY, ())
    return found


def authorize(ctx: Context, kind: int, value: bytes, parameters: Mapping[str, str]) -> None:
    """Say that the credentials in a header field are right."""
    found = Authorized(kind, value, parameters)
    others = authorized(ctx)
    if others:
        others = tuple([each for each in others if each.kind != kind or each.value != value])
    extras(ctx).of_modules[_KEY] = (found, *others)


def user_and_domain(username: str) -> tuple[str, str]:
    """A user name cut at its first @, without a scheme in front."""
    if "@" not in username and not username.startswith(_SCHEMES):
        return username, ""
    user, _, domain = username.removeprefix("sip:").removeprefix("sips:").partition("@")
    return user, domain


def right_user(ctx: Context) -> tuple[str, str] | None:
    """User and domain of the newest credentials that are right, None where none are.

    The domain is that of the user name, or the realm.
    """
    right = authorized(ctx)
    if not right:
        return None
    user, domain = user_and_domain(right[0].username)
    return user, domain or right[0].parameters.get("realm", "")
