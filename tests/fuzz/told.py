"""All that this build says of a message, as text; run as a program, digests of many.

    python -m tests.fuzz.told FIRST_SEED CHUNKS SIZE     one digest a line
    python -m tests.fuzz.told --whole SEED SIZE          what it says of each message

The first line says which build it is.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

import sipway
from sipway.errors import SipParseError
from sipway.sip.message import Message, parse
from sipway.sip.uri import Uri
from tests.core.test_engine import Server
from tests.fuzz.mutator import messages

# A reply costs the uncompiled build more than all the rest.
_ANSWERED_EVERY = 8

_FIELDS: tuple[Callable[[Message], Any], ...] = (
    lambda m: (m.is_request, m.method, m.method_id, m.status, m.uri, m.reason),
    lambda m: (m.header_count, m.headers_end, m.body_offset, m.content_length, m.cseq_number),
    lambda m: [tuple(header) for header in m.headers()],
    lambda m: [(v.protocol, v.host, v.port, v.branch, v.params) for v in m.vias()],
    lambda m: (m.via.start, m.via.end, m.via.rport_start, m.via.rport_end, m.via.received_start),
    lambda m: (m.call_id, m.cseq_method, m.body, m.fingerprint(), m.user_agent),
    lambda m: (m.from_.uri, m.from_.display, m.from_.params, _uri(m.from_.parsed)),
    lambda m: (m.to.uri, m.to.display, m.to.params, _uri(m.to.parsed), m.to_user, m.from_host),
    lambda m: None if m.contact is None else (m.contact.uri, m.contact.params),
)


def _uri(uri: Uri | None) -> object:
    return None if uri is None else (repr(uri), uri.param("transport"), uri.host_port)


def _of(message: Message) -> Iterator[str]:
    for read in _FIELDS:
        try:
            yield repr(read(message))
        except SipParseError as error:
            yield repr(error)


def _server() -> Server:
    server = Server('request_route { sl_send_reply("200", "OK"); }')
    program = server.engine.program
    # The prefix of the tags is a secret of each start.
    server.engine.program = type(program)(
        program.path,
        program.settings,
        program.log,
        program.sockets,
        request_route=program.request_route,
        filters=program.filters,
        server_line=program.server_line,
        tag_prefix=b"fuzz.",
    )
    return server


def told(seed: int, size: int) -> Iterator[str]:
    """What is said of each message of a chunk."""
    server = _server()
    for number, data in enumerate(messages(seed, size)):
        try:
            said = "\n".join(_of(parse(data)))
        except SipParseError as error:
            said = f"{error!r} {error.status}"
            if error.request is not None:
                said = "\n".join((said, *_of(error.request)))
        if number % _ANSWERED_EVERY == 0:
            said += f"\n{server.receive(data)!r}"
        yield said


def digest(seed: int, size: int) -> str:
    found = hashlib.blake2b(digest_size=16)
    for said in told(seed, size):
        found.update(said.encode("utf-8", "surrogatepass"))
    return found.hexdigest()


def _lines(arguments: list[str]) -> Iterator[str]:
    yield "compiled" if sipway.BUILD.compiled else "plain"
    if arguments[0] == "--whole":
        yield from map(repr, told(int(arguments[1]), int(arguments[2])))
        return
    first, chunks, size = map(int, arguments)
    for seed in range(first, first + chunks):
        yield digest(seed, size)


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in _lines(sys.argv[1:]))
