"""auth_xkeys: peers that know a key say so in a header field, without being asked.

Source: README of Kamailio's module auth_xkeys; what it leaves open was tried on Kamailio 5.6.3. The
field holds a hash of the key and of what both sides have agreed on, in hexadecimal. As there keys
do not expire, whatever `expires` says.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from typing import Annotated, Final, TypeAlias

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.module import Module
from sipway.language.record import Record
from sipway.language.signatures import ArgumentKind, Meaning
from sipway.sip.edits import edit

mod = Module("auth_xkeys")

_FIELDS: Final = ("id", "name", "value", "expires")
_NEEDED: Final = ("id", "name", "value")

_PART: Final = re.compile(
    r"""\s*(?P<name>\w+)\s*=\s*
    (?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'|(?P<bare>[^;\s"'][^;\s]*)?)\s*(?:;|$)""",
    re.ASCII | re.VERBOSE,
)

_Hash = Callable[[bytes, bytes], str]


class Key(Record):
    """A secret that both sides know."""

    group: str
    name: str
    value: str


def _to_key(text: str) -> Key:
    """`id=group;name=name;value=secret;expires=seconds`; as in Kamailio no key expires.

    A value in quotes may hold blanks and semicolons.
    """
    found: dict[str, str] = {}
    rest = text.strip()
    while rest or not found:
        part = _PART.match(rest)
        name = "" if part is None else part["name"].lower()
        if part is None or name not in _FIELDS or name in found:
            raise ValueError(f"a key is written {';'.join(f'{each}=...' for each in _FIELDS)}")
        found[name] = part["double"] or part["single"] or part["bare"] or ""
        rest = rest[part.end() :]
    for name in _NEEDED:
        if not found.get(name):
            raise ValueError(f"a key needs {', '.join(_NEEDED)}; there is no {name}")
    lasts = found.get("expires", "0")
    if not lasts.isdecimal():
        raise ValueError(f'"{lasts}" is no number of seconds')
    return Key(found["id"], found["name"], found["value"])


_NO_KEYS: Final[list[Key]] = []
_keys = mod.param(
    "xkey",
    str,
    _NO_KEYS,
    convert=_to_key,
    repeatable=True,
    doc="id=group;name=name;value=secret;expires=seconds",
)
mod.param(
    "hmac_engine", str, "", meaning=Meaning.IGNORED, doc="signatures need no other module here"
)


def _hashing(name: str) -> _Hash:
    def hashed(key: bytes, data: bytes) -> str:
        return hashlib.new(name, key + b":" + data).hexdigest()

    return hashed


def _signed(key: bytes, data: bytes) -> str:
    return hmac.digest(key, data, "sha256").hex()


_ALGORITHMS: Final[dict[str, _Hash]] = {
    "sha256": _hashing("sha256"),
    "sha384": _hashing("sha384"),
    "sha512": _hashing("sha512"),
    "hmac-sha256": _signed,
}


def _to_algorithm(text: str) -> _Hash:
    found = _ALGORITHMS.get(text.lower())
    if found is None:
        raise ValueError(f'an algorithm is one of {", ".join(_ALGORITHMS)}, not "{text}"')
    return found


Algorithm: TypeAlias = Annotated[
    _Hash, ArgumentKind("an algorithm such as sha256", base=str, convert=_to_algorithm)
]


def _keys_of(ctx: Context, function: str, group: str) -> list[Key]:
    """The keys of a group, the newest first; that there are none is logged."""
    found = [each for each in reversed(_keys(ctx.program)) if each.group == group]
    if not found:
        ctx.program.log.line(levels.ERR, f'{function}(): no key is of the group "{group:.60}"')
    return found


def _wire(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


@mod.function("auth_xkeys_add")
def auth_xkeys_add(ctx: Context, hdr: str, kid: str, alg: Algorithm, data: str) -> int:
    """Add a header field with a hash of the newest key of a group and of data.

    Returns 1; -1 if there is no key.
    """
    keys = _keys_of(ctx, "auth_xkeys_add", kid)
    if not keys or not _is_name(hdr):
        return -1
    message = ctx.message
    at = message.headers_end
    line = f"{hdr}: {alg(_wire(keys[0].value), _wire(data))}\r\n"
    if ctx.edits is None:
        ctx.edits = []
    ctx.edits.append(edit(at, at, _wire(line)))
    return 1


@mod.function("auth_xkeys_check")
def auth_xkeys_check(ctx: Context, hdr: str, kid: str, alg: Algorithm, data: str) -> int:
    """Whether the first header field of a name holds a hash of any key of a group and of data.

    1; -1 if not.
    """
    given = ctx.message.named(hdr) if _is_name(hdr) else None
    if not given:
        return -1
    said = _wire(given.lower())
    right = False
    for each in _keys_of(ctx, "auth_xkeys_check", kid):
        # All are tried, so that nothing can be told from the time.
        right |= hmac.compare_digest(said, _wire(alg(_wire(each.value), _wire(data))))
    return 1 if right else -1


def _is_name(name: str) -> bool:
    return bool(name) and all(c.isascii() and (c.isalnum() or c in "-.!%*_+`'~") for c in name)
