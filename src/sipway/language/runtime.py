"""How values of a script behave, for the generated code.

A value is an int (32 bits, signed, wrapping), a str or None (`$null`). The left operand
decides the type of `==`, `!=` and `+`; ordering and the other arithmetic are always of
integers. Source: what Kamailio 5.6.3 was seen to do, docs/kamailio-observed.md.

Compiled (see `runtime.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, Final, TypeAlias

from sipway.language.regex import compile_posix
from sipway.language.remakable import remakable

Value: TypeAlias = int | str | None

logger = logging.getLogger("sipway.script")


BROKEN_OFF: Final = -(1 << 40)
"""The code of a block that ended with `break`: the script sees 0, and yet it goes on."""


class ScriptFault(Exception):  # noqa: N818 - a fault of the script, not an error of ours
    """A statement that cannot be carried out (division by zero ...): logged, then skipped."""


def wrap(number: int) -> int:
    """To 32 bits, signed."""
    return number if -0x80000000 <= number <= 0x7FFFFFFF else _wrapped(number)


def _wrapped(number: int) -> int:
    number &= 0xFFFFFFFF
    return number - 0x100000000 if number & 0x80000000 else number


def to_int(value: Value) -> int:
    """Null is 0; text is its number if all of it is one, else 0 (and a warning)."""
    if type(value) is int:
        return value
    if not value:
        return 0
    assert isinstance(value, str)
    number = text_number(value)
    if number is None:
        logger.warning('"%.60s" is not a number, 0 is taken', value)
        return 0
    return number


def text_number(text: str) -> int | None:
    """The number that all of a text is, or None."""
    digits = text[1:] if text[:1] in "+-" else text
    if not digits.isascii() or len(digits) > 12:
        return None
    if digits.isdigit():
        number = int(text)
    elif digits[:2] in ("0x", "0X"):
        try:
            number = int(text, 16)
        except ValueError:
            return None
    else:
        return None
    return number if -0x80000000 <= number <= 0x7FFFFFFF else None


def to_str(value: Value) -> str:
    """Null is the empty text."""
    if type(value) is str:
        return value
    return "" if value is None else str(value)


def not_null(value: Value) -> int | str:
    """Null as the empty text, everything else as it is."""
    return "" if value is None else value


def shown(value: Value) -> str:
    """As in a format string, where null shows."""
    if type(value) is str:
        return value
    return "<null>" if value is None else str(value)


def equal(left: Value, right: Value) -> bool:
    if type(left) is str:
        return left == to_str(right)
    if type(left) is int:
        return left == to_int(right)
    if right is None:
        return True
    return right == ("" if isinstance(right, str) else 0)


def all_equal(constant: int | str) -> tuple[Value, ...]:
    """All left operands for which `==` with this constant is true.

    The empty text as a constant asks whether a text is empty, which no number is.
    """
    if constant == "":
        return ("", None)
    if isinstance(constant, str):
        return (constant, text_number(constant) or 0)
    return (0, "0", None) if constant == 0 else (constant, str(constant))


def add(left: Value, right: Value) -> int | str:
    """A null on the left side is an empty text."""
    if type(left) is int:
        return wrap(left + to_int(right))
    return to_str(left) + to_str(right)


def divide(left: int, right: int) -> int:
    """Truncates towards zero; raises ScriptFault for a division by zero."""
    if right == 0:
        raise ScriptFault("division by zero")
    quotient = abs(left) // abs(right)
    return wrap(quotient if (left < 0) == (right < 0) else -quotient)


def remainder(left: int, right: int) -> int:
    """With the sign of the dividend; raises ScriptFault for a division by zero."""
    if right == 0:
        raise ScriptFault("division by zero")
    rest = abs(left) % abs(right)
    return -rest if left < 0 else rest


def shift_left(left: int, right: int) -> int:
    return wrap(left << (right & 31))


def shift_right(left: int, right: int) -> int:
    return left >> (right & 31)


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> Callable[[str], object]:
    return compile_posix(pattern)


def matches(subject: str, pattern: str) -> bool:
    """`=~` with a pattern known only at run time; raises ScriptFault for a bad one."""
    try:
        return bool(_compiled(pattern)(subject))
    except ValueError as error:
        raise ScriptFault(str(error)) from None


def call(target: Callable[..., int], ctx: Any, name: str, *given: Any) -> int:
    """Call with arguments that must be converted first: pairs of converter and value.

    A value that cannot be converted is logged, and the call counts as -1.
    """
    arguments = _converted(name, given)
    return -1 if arguments is None else target(ctx, *arguments)


async def call_waiting(
    target: Callable[..., Awaitable[int]], ctx: Any, name: str, *given: Any
) -> int:
    """As `call`, for a function that may wait."""
    arguments = _converted(name, given)
    return -1 if arguments is None else await target(ctx, *arguments)


def _converted(name: str, given: tuple[Any, ...]) -> list[Any] | None:
    """The arguments of a call, or None when that has been logged."""
    try:
        return [
            value if convert is None else convert(value)
            for convert, value in zip(given[::2], given[1::2], strict=True)
        ]
    except ValueError as error:
        logger.error("%s(): %s", name, error)
        return None


def named(
    get: Callable[..., Value], ctx: Any, prepare: Callable[[Any], Any], name: Any, *index: Any
) -> Value:
    """A variable whose name in parentheses is made when the script runs; null for a wrong one."""
    try:
        prepared = prepare(name)
    except ValueError as error:
        logger.warning("%s", error)
        return None
    return get(ctx, prepared, *index)


def fault(place: str, error: Exception) -> int:
    """Log a statement that could not be carried out; its code."""
    logger.error("%s: %s", place, error)
    return -1


def noted(ctx: Any, code: int) -> int:
    """Keep a code as `$rc`."""
    ctx.retcode = code_shown(code)
    return code


def lower(value: str | None) -> str | None:
    """In small letters; null stays null."""
    return None if value is None else value.lower()


def code_shown(code: int) -> int:
    """A code as the script sees it."""
    return 0 if code == BROKEN_OFF else code


@remakable
def network_test(text: str) -> Callable[[str], bool]:
    """A function that tells whether an address is in a network; ValueError if it is none."""
    network = ipaddress.ip_network(text.replace("[", "").replace("]", ""), strict=False)
    if network.num_addresses == 1:
        only = str(network.network_address)
        return lambda address: address == only

    @lru_cache(maxsize=1024)
    def contains(address: str) -> bool:
        try:
            return ipaddress.ip_address(address) in network
        except ValueError:
            return False

    return contains


def runaway(place: str, limit: int) -> int:
    """Log a `while` that ran too often; its code."""
    logger.error("%s: while ran more than %d times, it is left", place, limit)
    return -1


def nested(ctx: Any, route: Callable[[Any], int], limit: int) -> int:
    """Call a route that can reach itself: at most `limit` deep, then -1."""
    if ctx.depth >= limit:
        logger.error("routes call each other more than %d deep, the call is left out", limit)
        return -1
    ctx.depth += 1
    code = route(ctx)
    ctx.depth -= 1
    return code


async def nested_waiting(ctx: Any, route: Callable[[Any], Awaitable[int]], limit: int) -> int:
    """The same with a route that waits."""
    if ctx.depth >= limit:
        logger.error("routes call each other more than %d deep, the call is left out", limit)
        return -1
    ctx.depth += 1
    code = await route(ctx)
    ctx.depth -= 1
    return code


def computed_route(
    ctx: Any, routes: Mapping[str, Callable[[Any], int]], name: str, limit: int
) -> int:
    """route() with a name made at run time; -10 if there is no such route.

    It notes the code as `$rc`, but for a route that is not there.
    """
    route = routes.get(name)
    if route is None:
        logger.error("there is no route[%s]", name)
        return -10
    return noted(ctx, nested(ctx, route, limit))
