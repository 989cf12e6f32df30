"""Digest authentication: challenges and answers read, answers computed.

Source: RFC 2617, RFC 7616 and RFC 8760; how SIP uses it: RFC 3261 section 22. Whoever asks and
whoever answers need the same functions. All values are hostile and bounded; texts may hold any byte
(surrogateescape). What stands in quotes is kept as written, backslashes included: that is what both
sides put into the hash.

Compiled (see `digest.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from importlib import import_module
from typing import Any, Final, NamedTuple

from sipway.sip._bytes import plain_parameters

_LONGEST: Final = 8192
_MOST_PARAMETERS: Final = 64

_TOKEN: Final = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_SPACE: Final = re.compile(r"[ \t\r\n]*")
_EQUALS: Final = re.compile(r"[ \t\r\n]*=[ \t\r\n]*")
# What an unquoted value may hold is wider than a token: URIs and Base64 are met.
_BARE: Final = re.compile(r"[^ \t\r\n,;\"\0]+")
_QUOTED: Final = re.compile(r'"((?:[^"\\\r\n\0]|\\[^\r\n\0])*)"')
# A parameter that nothing is wrong with, the commas before it included: read in one go.
_PARAMETER: Final = re.compile(
    r"[ \t\r\n,]*+([A-Za-z0-9!#$%&'*+.^_`|~-]++)[ \t\r\n]*+=[ \t\r\n]*+"
    r'(?:"([^"\\\r\n\0]*+(?:\\[^\r\n\0][^"\\\r\n\0]*+)*+)"|([^ \t\r\n,;"\0]++))'
    r"[ \t\r\n]*+(?=,|\Z)"
)
_UNFIT: Final = re.compile(r"[\0-\x08\x0a-\x1f\x7f]")
# Quotes and backslashes would end the text, or keep it from ending, where the URI does.
_UNFIT_IN_URI: Final = re.compile(r'[\0-\x1f\x7f"\\]')


def _md5() -> Callable[[bytes], Any]:
    try:
        # CPython's own takes half as long: OpenSSL looks for the algorithm each time.
        own: Callable[[bytes], Any] = import_module("_md5").md5
    except ImportError:
        return partial(hashlib.md5, usedforsecurity=False)
    return own


_HASHES: Final[dict[str, Callable[[bytes], Any]]] = {
    "MD5": _md5(),
    "SHA-256": hashlib.sha256,
    "SHA-512": hashlib.sha512,  # of no RFC, but of Kamailio's
}
if "sha512_256" in hashlib.algorithms_available:
    _HASHES["SHA-512-256"] = lambda data: hashlib.new("sha512_256", data)

_SIZES: Final[dict[str, int]] = {name: 2 * make(b"").digest_size for name, make in _HASHES.items()}
_SESSION: Final = "-SESS"


class Fields(NamedTuple):
    """A header's value: its scheme, in small letters, and its parameters.

    parameters  names in small letters; of a name that comes twice the first
    quoted      the names whose values stood in quotes
    repeated    the names that came more than once
    """

    scheme: str
    parameters: Mapping[str, str]
    quoted: frozenset[str]
    repeated: frozenset[str]


class Challenge(NamedTuple):
    """Who is asked to identify itself, and how.

    algorithm  as in `is_known`
    shown      the algorithm as the challenge writes it, or None
    qop        what may be protected: `auth`, `auth-int`; empty for the rules of RFC 2069
    stale      the answer before was right but for its nonce
    """

    realm: str
    nonce: str
    opaque: str | None
    algorithm: str
    shown: str | None
    qop: tuple[str, ...]
    stale: bool


class Credentials(NamedTuple):
    """`hashed`: instead of the password there is `secret(...)`, in hexadecimal (HA1)."""

    user: str
    password: str
    hashed: bool = False


class Response:
    """What somebody who was challenged has answered (RFC 7616 section 3.4); texts as written.

    algorithm  in capitals, or None
    qop, nc, cnonce
               empty for the rules of RFC 2069
    """

    def __init__(
        self,
        user: str,
        realm: str,
        nonce: str,
        uri: str,
        response: str,
        algorithm: str | None,
        qop: str,
        nc: str,
        cnonce: str,
    ) -> None:
        self.user = user
        self.realm = realm
        self.nonce = nonce
        self.uri = uri
        self.response = response
        self.algorithm = algorithm
        self.qop = qop
        self.nc = nc
        self.cnonce = cnonce


# --- read --------------------------------------------------------------------------------------


def parse_fields(value: str) -> list[Fields]:
    """The challenges, or the credentials, that a header's value holds; mostly it is one.

    Raises ValueError for what breaks the grammar.
    """
    if len(value) > _LONGEST:
        raise ValueError(f"a challenge of {len(value)} characters is too long")
    found: list[Fields] = []
    scheme: str | None = None
    parameters: dict[str, str] = {}
    quoted: set[str] = set()
    repeated: set[str] = set()
    at, count = 0, 0
    while True:
        parameter = None if scheme is None else _PARAMETER.match(value, at)
        if parameter is not None:
            count += 1
            if count > _MOST_PARAMETERS:
                raise ValueError("a challenge has too many parameters")
            at = parameter.end()
            name, text, bare = parameter.groups()
            name = name.lower()
            if name in parameters:
                repeated.add(name)
            elif text is None:
                parameters[name] = bare
            else:
                parameters[name] = text
                quoted.add(name)
            continue
        at = _skip(value, at, commas=True)
        if at == len(value):
            break
        token = _TOKEN.match(value, at)
        if token is None:
            raise ValueError(f"a name is wanted at {value[at : at + 20]!r}")
        equals = _EQUALS.match(value, token.end())
        if equals is not None:
            fault = _fault_of(value, token[0], equals.end())
            raise ValueError("there is no scheme" if scheme is None else fault)
        if scheme is not None:
            found.append(Fields(scheme, parameters, frozenset(quoted), frozenset(repeated)))
        scheme, parameters, quoted, repeated = token[0].lower(), {}, set(), set()
        at = token.end()
    if scheme is None:
        raise ValueError("there is no scheme")
    found.append(Fields(scheme, parameters, frozenset(quoted), frozenset(repeated)))
    return found


_DIGEST: Final = b"digest "
_DIGEST_SIZE: Final = len(_DIGEST)


def plain_credentials(value: bytes) -> dict[str, str] | None:
    """The parameters of credentials as phones write them, names in small letters.

    None for what is uncommon, which is left to `parse_fields`. No name is there twice.
    """
    if len(value) > _LONGEST or value[:_DIGEST_SIZE].lower() != _DIGEST:
        return None
    return plain_parameters(value, _DIGEST_SIZE, len(value))


def _fault_of(value: str, name: str, at: int) -> str:
    """What is wrong with a parameter whose value would begin here."""
    content = _QUOTED.match(value, at) or _BARE.match(value, at)
    if content is None:
        return f"{name} has no value"
    end = _skip(value, content.end())
    return f"a comma is wanted at {value[end : end + 20]!r}"


def _skip(value: str, at: int, *, commas: bool = False) -> int:
    """Where the next thing begins; elements of a list may be empty (RFC 2616 section 2.1)."""
    while True:
        match = _SPACE.match(value, at)
        assert match is not None
        at = match.end()
        if not commas or at == len(value) or value[at] != ",":
            return at
        at += 1


def challenge_of(fields: Fields) -> Challenge:
    """The challenge of scheme Digest that fields are. Raises ValueError if they are none."""
    if fields.scheme != "digest":
        raise ValueError(f"the scheme {fields.scheme:.20} is not Digest")
    given = fields.parameters
    for name in ("realm", "nonce"):
        if not given.get(name) or name not in fields.quoted:
            raise ValueError(f"a challenge needs a {name}, in quotes")
    shown = given.get("algorithm")
    algorithm = (shown or "MD5").upper()
    if not is_known(algorithm):
        raise ValueError(f"the algorithm {shown:.20} is not known")
    wanted = given.get("qop")
    qop: tuple[str, ...] = ()
    if wanted is not None:
        offered = [each.strip().lower() for each in wanted.split(",")]
        qop = tuple(each for each in ("auth", "auth-int") if each in offered)
        if not qop:
            raise ValueError(f"the qop {wanted:.20} is not known")
    return Challenge(
        given["realm"],
        given["nonce"],
        given.get("opaque"),
        algorithm,
        shown,
        qop,
        given.get("stale", "").lower() == "true",
    )


_NEEDED: Final = ("username", "realm", "nonce", "uri", "response")
_NEEDED_WITH_QOP: Final = (*_NEEDED, "nc", "cnonce")


_NOTHING: Final[frozenset[str]] = frozenset()


def response_of(given: dict[str, str], repeated: frozenset[str] = _NOTHING) -> Response:
    """The answer that the parameters of Digest credentials are, some of them `repeated`.

    Raises ValueError if something is missing.
    """
    qop = given.get("qop", "")
    for name in _NEEDED_WITH_QOP if qop else _NEEDED:
        if name not in given:
            raise ValueError(f"the credentials have no {name}")
    if repeated:
        for name in (*_NEEDED_WITH_QOP, "qop", "algorithm"):
            if name in repeated:
                raise ValueError(f"the credentials have more than one {name}")
    algorithm = given.get("algorithm")
    return Response(
        given["username"],
        given["realm"],
        given["nonce"],
        given["uri"],
        given["response"],
        None if algorithm is None else algorithm.upper(),
        qop,
        given["nc"] if qop else "",
        given["cnonce"] if qop else "",
    )


# --- computed ----------------------------------------------------------------------------------


def is_known(algorithm: str) -> bool:
    """Whether it is MD5, SHA-256, SHA-512 or SHA-512-256, also with -SESS, in capitals."""
    return algorithm.removesuffix(_SESSION) in _HASHES


def size_of(algorithm: str) -> int:
    """How many digits such a hash has."""
    return _SIZES.get(algorithm) or _SIZES[algorithm.removesuffix(_SESSION)]


def hashed(algorithm: str, data: bytes) -> str:
    """The hash in hexadecimal, small letters."""
    make = _HASHES.get(algorithm) or _HASHES[algorithm.removesuffix(_SESSION)]
    return str(make(data).hexdigest())


def secret(algorithm: str, user: str, realm: str, password: str) -> str:
    """HA1 without what a session adds: what may be kept in place of a password."""
    return hashed(algorithm, _bytes(f"{user}:{realm}:{password}"))


def response(
    algorithm: str,
    ha1: str,
    nonce: str,
    method: str,
    uri: str,
    *,
    qop: str = "",
    count: str = "00000001",
    cnonce: str = "",
    body: bytes = b"",
) -> str:
    """The response (RFC 7616 section 3.4.1). `ha1` is of `secret`, `count` the nc as written.

    Without a `qop` the rules of RFC 2069 hold. `body` matters for auth-int alone.
    """
    if algorithm.endswith(_SESSION):
        ha1 = hashed(algorithm, _bytes(f"{ha1}:{nonce}:{cnonce}"))
    if qop == "auth-int":
        ha2 = hashed(algorithm, _bytes(f"{method}:{uri}:{hashed(algorithm, body)}"))
    else:
        ha2 = _ha2(algorithm, method, uri)
    middle = f"{nonce}:{count}:{cnonce}:{qop}" if qop else nonce
    return hashed(algorithm, _bytes(f"{ha1}:{middle}:{ha2}"))


@lru_cache(maxsize=256)
def _ha2(algorithm: str, method: str, uri: str) -> str:
    """The same for all phones that register with one URI, that of their domain."""
    return hashed(algorithm, _bytes(f"{method}:{uri}"))


def answer(
    challenge: Challenge,
    credentials: Credentials,
    method: str,
    uri: str,
    cnonce: str,
    body: bytes = b"",
) -> str:
    """The value of the Authorization, or Proxy-Authorization, that answers a challenge.

    A nonce is used once, so the count is 1. `auth` is chosen before `auth-int`. Raises ValueError
    for credentials that cannot be written, and for a hash of another algorithm's length.
    """
    user = credentials.user
    if _UNFIT.search(user) or _UNFIT_IN_URI.search(uri):
        raise ValueError("the user or the URI cannot stand in a header")
    user = user.replace("\\", "\\\\").replace('"', '\\"')
    algorithm = challenge.algorithm
    if credentials.hashed:
        ha1 = credentials.password.lower()
        if len(ha1) != size_of(algorithm):
            raise ValueError(f"that is no hash of {algorithm}")
    else:
        ha1 = secret(algorithm, user, challenge.realm, credentials.password)
    qop = challenge.qop[0] if challenge.qop else ""
    digest = response(
        algorithm, ha1, challenge.nonce, method, uri, qop=qop, cnonce=cnonce, body=body
    )
    parts = [
        f'Digest username="{user}"',
        f'realm="{challenge.realm}"',
        f'nonce="{challenge.nonce}"',
        f'uri="{uri}"',
    ]
    if challenge.opaque is not None:
        parts.append(f'opaque="{challenge.opaque}"')
    if qop:
        parts += [f"qop={qop}", "nc=00000001"]
    if qop or algorithm.endswith(_SESSION):
        parts.append(f'cnonce="{cnonce}"')
    parts.append(f'response="{digest}"')
    parts.append(f"algorithm={algorithm.replace(_SESSION, '-sess')}")
    return ", ".join(parts)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
