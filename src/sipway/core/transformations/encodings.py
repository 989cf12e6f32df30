"""`{s.…}`: digests, encodings and escapes of text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from typing import Final
from urllib.parse import quote_from_bytes, unquote_to_bytes

from sipway.core.transformations.kinds import to_bytes, to_text, transformation

# --- digests ---------------------------------------------------------------------------


def _register_digest(name: str) -> None:
    def digest(text: str) -> str:
        return hashlib.new(name, to_bytes(text), usedforsecurity=False).hexdigest()

    digest.__doc__ = f"The {name.upper()} digest in hexadecimal digits."
    transformation(f"s.{name}")(digest)


for _name in ("md5", "sha1", "sha256", "sha384", "sha512"):
    _register_digest(_name)


@transformation("s.corehash")
def _core_hash(text: str, size: int = 0) -> str:
    """Kamailio's hash of 32 bits, as digits; with a size, the bits of it that `size - 1` has."""
    value = core_hash(to_bytes(text))
    return str(value & (size - 1) & 0xFFFFFFFF if size else value)


def core_hash(*texts: bytes) -> int:
    """Kamailio's hash of bytes: words of four, the rest as one more, then mixed down.

    A byte above 127 counts as a negative number. Of several texts each has words of its own.
    """
    total = 0
    for data in texts:
        for at in range(0, len(data), 4):
            word = 0
            for byte in data[at : at + 4]:
                word = (word << 8) + (byte - 256 if byte > 127 else byte)
            word &= 0xFFFFFFFF
            total = total + (word ^ word >> 3) & 0xFFFFFFFF
    return total + (total >> 11) + (total >> 13) + (total >> 23) & 0xFFFFFFFF


# --- encodings ---------------------------------------------------------------------------


@transformation("s.encode.hexa")
def _to_hexadecimal(text: str) -> str:
    """Each byte as two hexadecimal digits."""
    return to_bytes(text).hex()


@transformation("s.decode.hexa")
def _from_hexadecimal(text: str) -> str:
    """Bytes from hexadecimal digits; a single one at the end is left out."""
    return to_text(bytes.fromhex(text[: len(text) // 2 * 2]))


def _from_base64(text: str, altchars: bytes | None = None) -> str:
    try:
        return to_text(base64.b64decode(text.encode("ascii"), altchars, validate=True))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from None


def _padded(text: str) -> str:
    return text + "=" * (-len(text) % 4)


@transformation("s.encode.base64")
def _to_base64(text: str) -> str:
    """In Base64 (RFC 4648 section 4)."""
    return base64.b64encode(to_bytes(text)).decode()


@transformation("s.encode.base64t")
def _to_base64_bare(text: str) -> str:
    """In Base64 without the = at the end."""
    return _to_base64(text).rstrip("=")


@transformation("s.encode.base64url")
def _to_base64_url(text: str) -> str:
    """In Base64 for URLs (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(to_bytes(text)).decode()


@transformation("s.encode.base64urlt")
def _to_base64_url_bare(text: str) -> str:
    """In Base64 for URLs without the = at the end."""
    return _to_base64_url(text).rstrip("=")


@transformation("s.decode.base64")
def _plain_from_base64(text: str) -> str:
    """From Base64; null if the = at the end are missing."""
    return _from_base64(text)


@transformation("s.decode.base64t")
def _bare_from_base64(text: str) -> str:
    """From Base64, with or without the = at the end."""
    return _from_base64(_padded(text))


@transformation("s.decode.base64url")
def _plain_from_base64_url(text: str) -> str:
    """From Base64 for URLs, with or without the = at the end."""
    return _from_base64(_padded(text), b"-_")


@transformation("s.decode.base64urlt")
def _bare_from_base64_url(text: str) -> str:
    """From Base64 for URLs, with or without the = at the end."""
    return _from_base64(_padded(text), b"-_")


_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


# Base58 is arithmetic on one long number, whose cost grows with the square of its length.
_MAX_BASE58: Final = 2048


@transformation("s.encode.base58")
def _to_base58(text: str) -> str:
    """In Base58, a leading zero byte as 1; null for more than 2,048 bytes."""
    data = to_bytes(text)
    if len(data) > _MAX_BASE58:
        raise ValueError("too long")
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    digits = []
    while number:
        number, rest = divmod(number, 58)
        digits.append(_BASE58[rest])
    return "1" * zeros + "".join(reversed(digits))


@transformation("s.decode.base58")
def _from_base58(text: str) -> str:
    """From Base58; null for more than 2,048 digits."""
    if len(text) > _MAX_BASE58:
        raise ValueError("too long")
    number = 0
    for digit in text:
        number = number * 58 + _BASE58.index(digit)
    zeros = len(text) - len(text.lstrip("1"))
    return to_text(b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big"))


@transformation("s.encode.7bit")
def _to_septets(text: str) -> str:
    """Seven bits of each character packed into bytes, in hexadecimal (3GPP TS 23.038)."""
    data = to_bytes(text)
    packed = bytearray()
    for start in range(0, len(data), 8):
        part = data[start : start + 8]
        number = sum((byte & 0x7F) << 7 * place for place, byte in enumerate(part))
        packed += number.to_bytes((7 * len(part) + 7) // 8, "little")
    return packed.hex().upper()


@transformation("s.decode.7bit")
def _from_septets(text: str) -> str:
    """Characters from packed sevens of bits in hexadecimal digits."""
    data = bytes.fromhex(text)
    found = bytearray()
    for start in range(0, len(data), 7):
        part = data[start : start + 7]
        number = int.from_bytes(part, "little")
        found += bytes(number >> 7 * place & 0x7F for place in range(8 * len(part) // 7))
    return to_text(bytes(found))


# --- escapes -----------------------------------------------------------------------------

_COMMON: Final = {"'": "\\'", '"': '\\"', "\\": "\\\\", "\0": "\\0"}
_COMMON_BACK: Final = {escaped[1]: plain for plain, escaped in _COMMON.items()}
_ESCAPED: Final = re.compile(r"%([0-9A-Fa-f]{0,2})")
_ALWAYS_SAFE: Final = "-_.~"
# RFC 3261 section 25.1: what else may stand in a user part, and in a parameter.
_SAFE_IN_USER: Final = "!~*'()&=+$,;?"
_SAFE_IN_PARAMETER: Final = "!~*'()[]/:&+$"


@transformation("s.escape.common")
def _escape_common(text: str) -> str:
    """With a backslash before quotes, backslashes and zero bytes."""
    return re.sub("['\"\\\\\0]", lambda match: _COMMON[match[0]], text)


@transformation("s.unescape.common")
def _unescape_common(text: str) -> str:
    """The reverse of s.escape.common."""
    return re.sub(r"\\(['\"\\0])", lambda match: _COMMON_BACK[match[1]], text)


def _escape(text: str, safe: str) -> str:
    """`%41` for all that is not safe. Raises ValueError for what RFC 3261 has no place for."""
    data = to_bytes(text)
    if any(byte < 0x20 or byte > 0x7E for byte in data):
        raise ValueError("a byte that cannot be escaped")
    return _percent(data, safe)


def _percent(data: bytes, safe: str) -> str:
    quoted = quote_from_bytes(data, safe)
    return re.sub("%[0-9A-F]{2}", lambda match: match[0].lower(), quoted)


@transformation("s.escape.user")
def _escape_user(text: str) -> str:
    """With %41 for what may not stand in the user part of a SIP URI."""
    return _escape(text, _SAFE_IN_USER)


@transformation("s.escape.param")
def _escape_parameter(text: str) -> str:
    """With %41 for what may not stand in a parameter of a SIP URI."""
    return _escape(text, _SAFE_IN_PARAMETER)


def _unescape(text: str) -> str:
    """The characters for %41. Raises ValueError for a broken one and for one not printable."""
    for digits in _ESCAPED.findall(text):
        if len(digits) < 2 or not 0x20 <= int(digits, 16) < 0x7F:
            raise ValueError("a % without the digits of a character")
    return to_text(unquote_to_bytes(to_bytes(text)))


@transformation("s.unescape.user")
def _unescape_user(text: str) -> str:
    """The characters for %41; null for others than printable ones of ASCII."""
    return _unescape(text)


@transformation("s.unescape.param")
def _unescape_parameter(text: str) -> str:
    """The characters for %41; null for others than printable ones of ASCII."""
    return _unescape(text)


@transformation("s.escape.csv")
def _escape_csv(text: str) -> str:
    """As a field of CSV (RFC 4180): in double quotes, those inside doubled."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


@transformation("s.urlencode.param")
def _url_encode(text: str) -> str:
    """With %41 for all but letters, digits and - _ . ~"""
    return _percent(to_bytes(text), _ALWAYS_SAFE)


@transformation("s.urldecode.param")
def _url_decode(text: str) -> str:
    """The characters for %41, a blank for +."""
    return to_text(unquote_to_bytes(to_bytes(text.replace("+", " "))))
