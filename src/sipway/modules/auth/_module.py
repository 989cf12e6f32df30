"""The Module object of auth and its parameters."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, TypeAlias

from sipway.core.avps import avp_parameter
from sipway.core.module import Module
from sipway.core.parameters.conversions import token
from sipway.core.program import Program
from sipway.language.signatures import ArgumentKind, Meaning

mod: Final = Module("auth", after=("sl", "tm"))

ALGORITHMS: Final = ("MD5", "SHA-256", "SHA-512-256", "SHA-512")
"""Those that can be offered; a nonce says by their places which were."""
_QOPS: Final = ("", "auth", "auth-int")
_to_name: Final = token('no header field is called "{}"')
_OLD_AVP: Final = re.compile(r"^\$(\w+)$")
_ALL_CHECKS: Final = 15
_LARGEST_ORDER: Final = 30


def to_algorithms(text: str) -> tuple[str, ...]:
    """A list such as `SHA-256,MD5`, the best first; empty for MD5 that is not named."""
    names = tuple(each.strip() for each in text.split(",")) if text.strip() else ()
    for each in names:
        if each not in ALGORITHMS:
            raise ValueError(f'an algorithm is one of {", ".join(ALGORITHMS)}, not "{each}"')
    if len(set(names)) != len(names):
        raise ValueError(f'"{text}" names an algorithm twice')
    return names


def _to_qop(text: str) -> str:
    if text not in _QOPS:
        raise ValueError(f'qop is auth, auth-int or empty, not "{text}"')
    return text


def _to_avp(text: str) -> str:
    """An AVP, also as it was written once: `$name`."""
    return avp_parameter(_OLD_AVP.sub(r"$avp(\1)", text.strip()))


def _to_checks(value: int) -> int:
    if not 0 <= value <= _ALL_CHECKS:
        raise ValueError(f"checks are a sum of 1, 2, 4 and 8, not {value}")
    return value


def _to_size(value: int) -> int:
    """Rounded down to a power of two."""
    if value < 1:
        raise ValueError(f"at least one nonce is to be remembered, not {value}")
    return 1 << min(value.bit_length() - 1, _LARGEST_ORDER)


def _to_order(value: int) -> int:
    if not 0 <= value <= _LARGEST_ORDER:
        raise ValueError(f"a power of two from 0 to {_LARGEST_ORDER} is wanted, not {value}")
    return value


def _no_contacts(value: int) -> int:
    if value:
        raise ValueError("nonces do not protect contacts")
    return value


# --- what a nonce is good for ------------------------------------------------------------------

secret = mod.param("secret", str, "", doc="what nonces are signed with; random if it is empty")
nonce_expire = mod.param("nonce_expire", int, 300, doc="seconds for which a nonce is good")
max_drift = mod.param(
    "nonce_auth_max_drift", int, 3, doc="seconds by which a nonce may be of the future"
)
checks_register = mod.param(
    "auth_checks_register",
    int,
    0,
    convert=_to_checks,
    doc="what of a REGISTER its nonce is for: 1 URI, 2 Call-ID, 4 From-tag, 8 source address",
)
checks_no_dlg = mod.param(
    "auth_checks_no_dlg", int, 0, convert=_to_checks, doc="likewise of requests without a To-tag"
)
checks_in_dlg = mod.param(
    "auth_checks_in_dlg", int, 0, convert=_to_checks, doc="likewise of requests with a To-tag"
)
nonce_count = mod.param("nonce_count", int, 0, doc="each nc of a nonce is accepted once")
one_time_nonce = mod.param("one_time_nonce", int, 0, doc="each nonce is accepted once")

_SIZE: Final = 1 << 20
_UNSET: Final = -1
_nc_size = mod.param(
    "nc_array_size", int, _SIZE, convert=_to_size, doc="so many nonces are counted at most"
)
_nc_order = mod.param(
    "nc_array_order", int, _UNSET, convert=_to_order, doc="its logarithm, in place of it"
)
_otn_size = mod.param(
    "otn_in_flight_no", int, _SIZE, convert=_to_size, doc="so many used nonces are remembered"
)
_otn_order = mod.param(
    "otn_in_flight_order", int, _UNSET, convert=_to_order, doc="its logarithm, in place of it"
)
mod.param(
    "nid_pool_no",
    int,
    1,
    meaning=Meaning.IGNORED,
    doc="the table of nonces is not divided among processes",
)
mod.param(
    "protect_contacts",
    int,
    0,
    convert=_no_contacts,
    meaning=Meaning.LATER,
    doc="nonces are for one Contact",
)


def counted(program: Program) -> int:
    """How many nonces are counted."""
    order = _nc_order(program)
    return _nc_size(program) if order == _UNSET else 1 << order


def remembered(program: Program) -> int:
    """How many used nonces are remembered."""
    order = _otn_order(program)
    return _otn_size(program) if order == _UNSET else 1 << order


# --- challenges --------------------------------------------------------------------------------

_NO_ALGORITHMS: Final[tuple[str, ...]] = ()
algorithm = mod.param(
    "algorithm",
    str,
    _NO_ALGORITHMS,
    convert=to_algorithms,
    doc="what answers are reckoned with, or a list, the best first",
)
qop = mod.param(
    "qop", str, "", convert=_to_qop, doc="what phones are to protect; challenges say it by flags"
)
realm_prefix = mod.param("realm_prefix", str, "", doc="what realms are shortened by")
use_domain = mod.param("use_domain", int, 0, doc="pv_auth_check() compares domains too")
force_stateless_reply = mod.param(
    "force_stateless_reply", int, 0, doc="challenges are sent without the transaction"
)
add_authinfo_hdr = mod.param(
    "add_authinfo_hdr", int, 0, doc="answers have Authentication-Info (RFC 7616 section 3.5)"
)
challenge_avp = mod.param(
    "challenge_attr",
    str,
    "digest_challenge",
    convert=_to_avp,
    doc="the AVP for challenges that the script sends itself",
)
www_header = mod.param(
    "www_challenge_header",
    str,
    "WWW-Authenticate",
    convert=_to_name,
    doc="name of the header field of a 401",
)
proxy_header = mod.param(
    "proxy_challenge_header",
    str,
    "Proxy-Authenticate",
    convert=_to_name,
    doc="name of the header field of a 407",
)


def _not_empty(text: str, parameters: Mapping[tuple[str, str], Any]) -> None:
    del parameters
    if not text:
        raise ValueError("a realm must not be empty")


Realm: TypeAlias = Annotated[str, ArgumentKind("a realm", base=str, check=_not_empty)]
