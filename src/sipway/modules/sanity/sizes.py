"""How large a message and its parts may be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from sipway.core.context import Context
from sipway.core.module import Param
from sipway.core.variables.headers import single_values
from sipway.modules.sanity._module import Fault, mod
from sipway.sip import headers
from sipway.sip.message import Message
from sipway.sip.nameaddr import parse_name_addr

_Sizes = Callable[[Message], Iterator[int]]


def _of_uris(*kinds: int) -> _Sizes:
    def sizes(message: Message) -> Iterator[int]:
        for kind in kinds:
            for value in single_values(message, kind):
                yield len(parse_name_addr(value).uri)

    return sizes


def _of_named_uris(name: str) -> _Sizes:
    def sizes(message: Message) -> Iterator[int]:
        for index in message.indexes_named(name):
            yield len(parse_name_addr(message.text_value(index)).uri)

    return sizes


def _of_headers(message: Message) -> Iterator[int]:
    for index in range(message.header_count):
        start, end = message.line(index)
        yield end - start


_SIZED: Final[tuple[tuple[str, int, _Sizes, Fault], ...]] = (
    ("message", 16384, lambda m: iter((len(m.data),)), Fault(513, "Message Too Large")),
    (
        "headers",
        8192,
        lambda m: iter((m.headers_end - m.line_end,)),
        Fault(400, "Headers Too Large"),
    ),
    ("body", 8192, lambda m: iter((len(m.body),)), Fault(413, "Request Entity Too Large")),
    ("header", 2048, _of_headers, Fault(400, "Header Too Large")),
    ("method", 32, lambda m: iter((len(m.method),)), Fault(400, "Method Too Large")),
    (
        "ruri",
        256,
        lambda m: iter((len(m.uri) if m.is_request else 0,)),
        Fault(414, "Request-URI Too Long"),
    ),
    ("from_uri", 256, lambda m: iter((len(m.from_.uri),)), Fault(400, "From URI Too Large")),
    ("to_uri", 256, lambda m: iter((len(m.to.uri),)), Fault(400, "To URI Too Large")),
    ("contact_uri", 256, _of_uris(headers.CONTACT), Fault(400, "Contact URI Too Large")),
    (
        "route_uri",
        256,
        _of_uris(headers.ROUTE, headers.RECORD_ROUTE),
        Fault(400, "Route URI Too Large"),
    ),
    ("path_uri", 256, _of_named_uris("path"), Fault(400, "Path URI Too Large")),
    ("pai_uri", 256, _of_uris(headers.P_ASSERTED_IDENTITY), Fault(400, "PAI URI Too Large")),
)

_limits: Final[tuple[tuple[Param[int], _Sizes, Fault], ...]] = tuple(
    (
        mod.param(f"size_{name}", int, most, doc=f"bytes that {name} may have, 0: any number"),
        sizes,
        fault,
    )
    for name, most, sizes, fault in _SIZED
)


def check_sizes(ctx: Context) -> Fault | None:
    for limit, sizes, fault in _limits:
        most = limit(ctx.program)
        if most and any(size > most for size in sizes(ctx.message)):
            return fault
    return None
