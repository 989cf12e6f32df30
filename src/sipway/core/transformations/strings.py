"""`{s.…}`: strings."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
import time
from collections.abc import Callable
from functools import wraps
from typing import Final, TypeVar
from urllib.parse import quote_from_bytes, unquote_to_bytes

from sipway.core.builtin import core

Value = int | str | None
_WHITE: Final = " \t\r\n"
_MAX_INT: Final = 2**31 - 1


def to_bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def to_text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


Apply = TypeVar("Apply", bound=Callable[..., Value])


def transformation(name: str, *, least: int = 0, most: int = 0) -> Callable[[Apply], Apply]:
    """Register a function of text as the transformation `{name}`, with so many arguments.

    It is spared null, which stays null, and a number comes as its digits. ValueError of it
    becomes null.
    """

    def register(apply: Apply) -> Apply:
        @wraps(apply)
        def transform(value: Value, *arguments: str) -> Value:
            if value is None:
                return None
            try:
                return apply(value if isinstance(value, str) else str(value), *arguments)
            except ValueError:
                return None

        core.transformation(name, least=least, most=most)(transform)
        return apply

    return register


def _string(name: str, *, least: int = 0, most: int = 0) -> Callable[[Apply], Apply]:
    return transformation(f"s.{name}", least=least, most=most)


# --- numbers and sizes ----------------------------------------------------------------


@_string("len")
def _length(text: str) -> int:
    """The number of bytes."""
    return len(text) if text.isascii() else len(to_bytes(text))


@_string("int")
def _integer(text: str) -> int | None:
    """The number that the text is, 0 for none, null where the text is something else."""
    if not text:
        return 0
    if text != text.strip():
        return None
    number = int(text)
    return number if -_MAX_INT <= number <= _MAX_INT else None


@_string("count", least=1, most=1)
def _count(text: str, letter: str) -> int:
    """How often a character occurs."""
    return text.count(letter[0]) if letter else 0


@_string("numeric")
def _numeric(text: str) -> str:
    """The digits alone."""
    return re.sub(r"[^0-9]+", "", text)


# --- parts -----------------------------------------------------------------------------


@_string("substr", least=2, most=2)
def _substring(text: str, offset: str, length: str) -> str | None:
    """`length` bytes from `offset` on, which counts from the end if negative; 0: all the rest."""
    data: str | bytes = text if text.isascii() else to_bytes(text)
    start, size = int(offset), int(length)
    if start < 0:
        start += len(data)
    if size < 0 or not 0 <= start < len(data):
        return None
    part = data[start : start + size] if size else data[start:]
    return part if isinstance(part, str) else to_text(part)


@_string("select", least=2, most=2)
def _select(text: str, index: str, separator: str) -> str:
    """The field with this number, from the end if negative; empty if there is none."""
    try:
        return text.split(separator[:1])[int(index)]
    except IndexError:
        return ""


@_string("strip", least=1, most=1)
def _strip(text: str, count: str) -> str:
    """Without so many bytes in front."""
    return to_text(to_bytes(text)[max(int(count), 0) :])


@_string("striptail", least=1, most=1)
def _strip_tail(text: str, count: str) -> str:
    """Without so many bytes at the end."""
    data = to_bytes(text)
    return to_text(data[: max(len(data) - max(int(count), 0), 0)])


@_string("after", least=1, most=1)
def _after(text: str, letter: str) -> str:
    """What stands behind the first such character; empty if there is none."""
    return text.partition(letter[0])[2] if letter else ""


@_string("rafter", least=1, most=1)
def _after_last(text: str, letter: str) -> str:
    """What stands behind the last such character; empty if there is none."""
    _, found, rest = text.rpartition(letter[0]) if letter else ("", "", "")
    return rest if found else ""


@_string("before", least=1, most=1)
def _before(text: str, letter: str) -> str:
    """What stands before the first such character; all if there is none."""
    return text.partition(letter[0])[0] if letter else text


@_string("rbefore", least=1, most=1)
def _before_last(text: str, letter: str) -> str:
    """What stands before the last such character; all if there is none."""
    head, found, _ = text.rpartition(letter[0]) if letter else (text, "x", "")
    return head if found else text


def _prefixes(text: str, longest: str, quote: str) -> str:
    limit = int(longest)
    if limit <= 0 or limit > len(text):
        limit = len(text)
    return ",".join(f"{quote}{text[:size]}{quote}" for size in range(1, limit + 1))


@_string("prefixes", most=1)
def _plain_prefixes(text: str, longest: str = "0") -> str:
    """All beginnings with commas between: `1,12,123`, up to a length if one is given."""
    return _prefixes(text, longest, "")


@_string("prefixes.quoted", most=1)
def _quoted_prefixes(text: str, longest: str = "0") -> str:
    """All beginnings in single quotes with commas between, up to a length if one is given."""
    return _prefixes(text, longest, "'")


# --- changes ---------------------------------------------------------------------------

_ASCII_LOWER: Final = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
_ASCII_UPPER: Final = {lower: upper for upper, lower in _ASCII_LOWER.items()}


@_string("tolower")
def _lower(text: str) -> str:
    """With small letters; only those of ASCII change."""
    return text.translate(_ASCII_LOWER)


@_string("toupper")
def _upper(text: str) -> str:
    """With capital letters; only those of ASCII change."""
    return text.translate(_ASCII_UPPER)


@_string("trim")
def _trim(text: str) -> str:
    """Without blanks, tabs and line ends around it."""
    return text.strip(_WHITE)


@_string("ltrim")
def _trim_left(text: str) -> str:
    """Without blanks, tabs and line ends in front."""
    return text.lstrip(_WHITE)


@_string("rtrim")
def _trim_right(text: str) -> str:
    """Without blanks, tabs and line ends behind."""
    return text.rstrip(_WHITE)


@_string("rmws")
def _without_white(text: str) -> str:
    """Without any blanks, tabs and line ends."""
    return re.sub(r"[ \t\r\n]+", "", text)


@_string("rm", least=1, most=1)
def _remove(text: str, what: str) -> str:
    """Without every occurrence of a text."""
    return text.replace(what, "") if what else text


@_string("replace", least=2, most=2)
def _replace(text: str, what: str, by: str) -> str:
    """With every occurrence of a text replaced by another."""
    return text.replace(what, by) if what else text


@_string("unquote")
def _unquote(text: str) -> str:
    """Without the quotes around it, single or double."""
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text


_BRACKETS: Final = frozenset(("()", "[]", "{}", "<>"))


@_string("unbracket")
def _unbracket(text: str) -> str:
    """Without the brackets around it, of any kind."""
    return text[1:-1] if len(text) > 1 and text[0] + text[-1] in _BRACKETS else text


def _lines(text: str, width: str, indent: str) -> str:
    size = int(width)
    if size <= 0:
        return text
    pieces = [text[start : start + size] for start in range(0, len(text), size)]
    return f"\r\n{indent}".join(pieces)


@_string("fmtlines", least=2, most=2)
def _lines_with_blanks(text: str, width: str, indent: str) -> str:
    """In lines of a width, each but the first with so many blanks in front."""
    return _lines(text, width, " " * int(indent))


@_string("fmtlinet", least=2, most=2)
def _lines_with_tabs(text: str, width: str, indent: str) -> str:
    """In lines of a width, each but the first with so many tabs in front."""
    return _lines(text, width, "\t" * int(indent))


@_string("ftime", least=1, most=1)
def _format_time(text: str, format: str) -> str:  # noqa: A002
    """Seconds since 1970 as local time in a format of strftime(3)."""
    return time.strftime(format, time.localtime(int(text)))


# --- digests ---------------------------------------------------------------------------


def _register_digests() -> None:
    for name in ("md5", "sha256", "sha384", "sha512"):

        def digest(text: str, name: str = name) -> str:
            return hashlib.new(name, to_bytes(text), usedforsecurity=False).hexdigest()

        digest.__doc__ = f"The {name.upper()} digest in hexadecimal digits."
        _string(name)(digest)


_register_digests()


# --- encodings ---------------------------------------------------------------------------


@_string("encode.hexa")
def _to_hexadecimal(text: str) -> str:
    """Each byte as two hexadecimal digits."""
    return to_bytes(text).hex()


@_string("decode.hexa")
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


@_string("encode.base64")
def _to_base64(text: str) -> str:
    """In Base64 (RFC 4648 section 4)."""
    return base64.b64encode(to_bytes(text)).decode()


@_string("encode.base64t")
def _to_base64_bare(text: str) -> str:
    """In Base64 without the = at the end."""
    return _to_base64(text).rstrip("=")


@_string("encode.base64url")
def _to_base64_url(text: str) -> str:
    """In Base64 for URLs (RFC 4648 section 5)."""
    return base64.urlsafe_b64encode(to_bytes(text)).decode()


@_string("encode.base64urlt")
def _to_base64_url_bare(text: str) -> str:
    """In Base64 for URLs without the = at the end."""
    return _to_base64_url(text).rstrip("=")


@_string("decode.base64")
def _plain_from_base64(text: str) -> str:
    """From Base64; null if the = at the end are missing."""
    return _from_base64(text)


@_string("decode.base64t")
def _bare_from_base64(text: str) -> str:
    """From Base64, with or without the = at the end."""
    return _from_base64(_padded(text))


@_string("decode.base64url")
def _plain_from_base64_url(text: str) -> str:
    """From Base64 for URLs, with or without the = at the end."""
    return _from_base64(_padded(text), b"-_")


@_string("decode.base64urlt")
def _bare_from_base64_url(text: str) -> str:
    """From Base64 for URLs, with or without the = at the end."""
    return _from_base64(_padded(text), b"-_")


_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"


@_string("encode.base58")
def _to_base58(text: str) -> str:
    """In Base58, a leading zero byte as 1."""
    data = to_bytes(text)
    zeros = len(data) - len(data.lstrip(b"\0"))
    number = int.from_bytes(data, "big")
    digits = ""
    while number:
        number, rest = divmod(number, 58)
        digits = _BASE58[rest] + digits
    return "1" * zeros + digits


@_string("decode.base58")
def _from_base58(text: str) -> str:
    """From Base58."""
    number = 0
    for digit in text:
        number = number * 58 + _BASE58.index(digit)
    zeros = len(text) - len(text.lstrip("1"))
    return to_text(b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big"))


@_string("encode.7bit")
def _to_septets(text: str) -> str:
    """Seven bits of each character packed into bytes, in hexadecimal (3GPP TS 23.038)."""
    number = 0
    data = to_bytes(text)
    for place, byte in enumerate(data):
        number |= (byte & 0x7F) << 7 * place
    return number.to_bytes((7 * len(data) + 7) // 8, "little").hex().upper()


@_string("decode.7bit")
def _from_septets(text: str) -> str:
    """Characters from packed sevens of bits in hexadecimal digits."""
    data = bytes.fromhex(text)
    number = int.from_bytes(data, "little")
    return to_text(bytes(number >> 7 * place & 0x7F for place in range(8 * len(data) // 7)))


# --- escapes -----------------------------------------------------------------------------

_COMMON: Final = {"'": "\\'", '"': '\\"', "\\": "\\\\", "\0": "\\0"}
_COMMON_BACK: Final = {escaped[1]: plain for plain, escaped in _COMMON.items()}
_ALWAYS_SAFE: Final = "-_.~"
# RFC 3261 section 25.1: what else may stand in a user part, and in a parameter.
_SAFE_IN_USER: Final = "!~*'()&=+$,;?"
_SAFE_IN_PARAMETER: Final = "!~*'()[]/:&+$"


@_string("escape.common")
def _escape_common(text: str) -> str:
    """With a backslash before quotes, backslashes and zero bytes."""
    return re.sub("['\"\\\\\0]", lambda match: _COMMON[match[0]], text)


@_string("unescape.common")
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


@_string("escape.user")
def _escape_user(text: str) -> str:
    """With %41 for what may not stand in the user part of a SIP URI."""
    return _escape(text, _SAFE_IN_USER)


@_string("escape.param")
def _escape_parameter(text: str) -> str:
    """With %41 for what may not stand in a parameter of a SIP URI."""
    return _escape(text, _SAFE_IN_PARAMETER)


def _unescape(text: str) -> str:
    if re.search("%(?![0-9A-Fa-f]{2})", text):
        raise ValueError("a % without two hexadecimal digits")
    return to_text(unquote_to_bytes(to_bytes(text)))


@_string("unescape.user")
def _unescape_user(text: str) -> str:
    """The characters for %41; null if something else stands behind a %."""
    return _unescape(text)


@_string("unescape.param")
def _unescape_parameter(text: str) -> str:
    """The characters for %41; null if something else stands behind a %."""
    return _unescape(text)


@_string("escape.csv")
def _escape_csv(text: str) -> str:
    """As a field of CSV (RFC 4180): in double quotes, those inside doubled."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"'


@_string("urlencode.param")
def _url_encode(text: str) -> str:
    """With %41 for all but letters, digits and - _ . ~"""
    return _percent(to_bytes(text), _ALWAYS_SAFE)


@_string("urldecode.param")
def _url_decode(text: str) -> str:
    """The characters for %41, a blank for +."""
    return to_text(unquote_to_bytes(to_bytes(text.replace("+", " "))))
