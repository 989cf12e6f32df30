"""What a client says of itself in Authorization or Proxy-Authorization (RFC 7616, RFC 3261 22)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from sipway.core.authorized import authorized, user_and_domain
from sipway.core.builtin import add_text
from sipway.core.context import Context
from sipway.sip import headers
from sipway.sip.digest import Fields, parse_fields

_KINDS: Final = (headers.PROXY_AUTHORIZATION, headers.AUTHORIZATION)
_SCHEME: Final = "digest"
_USERNAME: Final = "username"


def credentials_in(text: str) -> Mapping[str, str] | None:
    """The parameters of Digest credentials, names in small letters; None for another scheme.

    There are none where the grammar is broken, or a name comes twice: what a module would not take
    is not to be taken for anything here.
    """
    scheme = text.split(None, 1)[:1]
    if not scheme or scheme[0].lower() != _SCHEME:
        return None
    return _only(digests_in(text))


def digests_in(text: str) -> list[Fields]:
    """All Digest credentials in a header field's value, none if the grammar is broken."""
    try:
        return [each for each in parse_fields(text) if each.scheme == _SCHEME]
    except ValueError:
        return []


def _only(found: list[Fields]) -> Mapping[str, str]:
    """A header field holds the credentials for one realm (RFC 3261 section 7.3.1)."""
    return found[0].parameters if len(found) == 1 and not found[0].repeated else {}


def _digests(ctx: Context) -> Iterator[list[Fields]]:
    """Those of each header field, those for a proxy before the others."""
    message = ctx.message
    for kind in _KINDS:
        for index in message.indexes(kind):
            yield digests_in(message.text_value(index))


def _credentials(ctx: Context) -> Mapping[str, str] | None:
    """The parameters of the credentials that a module has found to be right.

    Before that, of the first Digest credentials, those for a proxy before the others.
    """
    right = authorized(ctx)
    if right:
        return right[0].parameters
    return next(filter(None, map(_only, _digests(ctx))), None)


def _username(ctx: Context) -> str | None:
    """Null before anybody is authorized where credentials name several people.

    Who looks a password up by this name must not let in another one with it.
    """
    right = authorized(ctx)
    if right:
        return right[0].username
    chosen: Mapping[str, str] | None = None
    names: set[str] = set()
    for found in _digests(ctx):
        chosen = chosen or _only(found) or None
        names.update(each.parameters.get(_USERNAME, "") for each in found)
    return None if chosen is None or len(names) > 1 else chosen.get(_USERNAME, "")


def _parameter(name: str, missing: str | None = "") -> Callable[[Context], str | None]:
    """A parameter of the credentials; `missing` where they lack it, null without credentials."""

    def value(ctx: Context) -> str | None:
        credentials = _credentials(ctx)
        return None if credentials is None else credentials.get(name, missing)

    return value


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
