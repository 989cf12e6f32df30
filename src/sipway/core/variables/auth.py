"""What a client says of itself in Authorization or Proxy-Authorization (RFC 7616, RFC 3261 22)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from sipway.core.authorized import authorized, user_and_domain
from sipway.core.builtin import add_text
from sipway.core.context import Context

_HEADERS: Final = ("proxy-authorization", "authorization")
_SCHEME: Final = "digest"
_LONGEST: Final = 8192
# Whatever the text is, each of its characters is looked at a few times only.
_PARAMETER: Final = re.compile(
    r'(?<![\w-])([\w-]++)\s*+=\s*+(?:"((?:[^"\\]|\\.?)*+)("?)|([^\s,"]++))', re.ASCII
)


def credentials_in(text: str) -> Mapping[str, str] | None:
    """The parameters of Digest credentials, names in small letters; None for another scheme.

    What is no parameter is left out.
    """
    scheme, _, rest = text.strip().partition(" ")
    if scheme.lower() != _SCHEME:
        return None
    return {
        match[1].lower(): match[4] if match[2] is None else match[2]
        for match in _PARAMETER.finditer(rest, 0, _LONGEST)
        if match[2] is None or match[3]
    }


def _credentials(ctx: Context) -> Mapping[str, str] | None:
    """The parameters of the credentials that a module has found to be right.

    Before that, of the first Digest credentials, those for a proxy before the others.
    """
    right = authorized(ctx)
    if right:
        return right[0].parameters
    for header in _HEADERS:
        text = ctx.message.named(header, 0)
        found = None if text is None else credentials_in(text)
        if found is not None:
            return found
    return None


def _parameter(name: str, missing: str | None = "") -> Callable[[Context], str | None]:
    """A parameter of the credentials; `missing` where they lack it, null without credentials."""

    def value(ctx: Context) -> str | None:
        credentials = _credentials(ctx)
        return None if credentials is None else credentials.get(name, missing)

    return value


_username = _parameter("username")


def _user_and_domain(ctx: Context) -> tuple[str, str] | None:
    whole = _username(ctx)
    return None if whole is None else user_and_domain(whole)


def user_of_credentials(ctx: Context) -> str | None:
    """The user name in the credentials up to its @; None without credentials."""
    found = _user_and_domain(ctx)
    return None if found is None else found[0]


def _domain(ctx: Context) -> str | None:
    found = _user_and_domain(ctx)
    return None if found is None else found[1]


add_text("aU", _username, "The user name in the credentials, whole.")
add_text("au", user_of_credentials, "The user name in the credentials up to its @.")
add_text("ad", _domain, "The user name in the credentials behind its @.")
add_text("ar", _parameter("realm"), "The realm in the credentials.")
add_text("aa", _parameter("algorithm"), "The algorithm in the credentials.")
add_text("adn", _parameter("nonce"), "The nonce in the credentials.")
add_text("adc", _parameter("cnonce"), "The cnonce in the credentials.")
add_text("ado", _parameter("opaque"), "The opaque in the credentials.")
add_text("adr", _parameter("response"), "The response in the credentials.")
add_text("adu", _parameter("uri", None), "The URI in the credentials.")
