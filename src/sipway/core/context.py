"""The Context: all that belongs to one message while the script runs on it.

The compiled routes and the functions of the modules get it as their first argument. It
is made for each message and thrown away after it; what must live longer belongs to a
transaction or a store.

Compiled (see `context.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sipway.sip.addresses import ip_text
from sipway.sip.addresses import port as port_of
from sipway.sip.uri import routable_uri

if TYPE_CHECKING:
    from sipway.core.branches import Branch
    from sipway.core.extras import Extras
    from sipway.core.program import Block, Program
    from sipway.core.sockets import ListenSocket
    from sipway.sip.message import Message
    from sipway.sip.uri import Uri
    from sipway.tx.transaction import Transaction


class Context:
    """One message and what the script has made of it so far.

    message     the message as received, immutable
    program     the Program that this message began with
    socket      the socket that it came in on; answers leave by `send`
    source      raw sockaddr of the sender
    now         seconds since the epoch, one value for a whole batch of messages
    kind        `Routes` value of the block that runs (`signatures.Routes`), as int
    vars        the script's `$var`s, a slot each, 0 at first
    avps        `$avp`: name -> values, the newest first; None until one is set
    flags       message flags 0 to 31 as bits
    script_flags, branch_flags  as setsflag() and setbflag() set them
    ruri        Request-URI if rewritten, else None (then the message's own holds)
    dst_uri     `$du`, next hop set by the script, or None
    branches    destinations besides the Request-URI (`append_branch()`, `$br`), or None
    send_socket the socket to send by (`$fs`), None to let the destination decide
    sending     what is about to be sent, while onsend_route runs, or None
    extras      what few scripts use (`$xavp`, `$sbranch` ...), None until one does
    edits       header and body edits, applied when the message is built; or None
    reply_lines header lines for local replies (`append_to_reply`); or None
    reply_body  (media type, body) for local replies (`set_reply_body`); or None
    force_rport answer to the source port whatever the Via says (`force_rport()`)
    retcode     `$rc`; kept only for scripts that read it
    dropped     `drop` was executed
    depth       nesting of route() calls, counted only where routes are recursive
    error       (code, reason) of the last internal error, for `sl_reply_error()`
    transaction the Transaction that the message belongs to, as far as is known; or None
    branch      number of the branch that the block runs for, -1 where there is none
    on_failure, on_reply, on_branch
                the blocks that are to run later, or None (`t_on_failure()` ...)
    on_branch_failure
                name of the event route tm:branch-failure to run later, or None
    """

    def __init__(
        self,
        message: Message,
        program: Program,
        socket: ListenSocket,
        source: bytes,
        now: float,
        kind: int,
    ) -> None:
        self._begin(message, program, socket, source, now, kind)

    def _begin(
        self,
        message: Message,
        program: Program,
        socket: ListenSocket,
        source: bytes,
        now: float,
        kind: int,
    ) -> None:
        self.message = message
        self.program = program
        self.socket = socket
        self.source = source
        self.now = now
        self.kind = kind
        self.vars: list[Any] = program.fresh_vars[:]
        self.avps: dict[str, list[int | str]] | None = None
        self.flags = 0
        self.script_flags = 0
        self.branch_flags = 0
        self.ruri: str | None = None
        self.dst_uri: str | None = None
        self.branches: list[Branch] | None = None
        self.send_socket: ListenSocket | None = None
        self.sending: tuple[bytes, bytes, ListenSocket] | None = None
        self.extras: Extras | None = None
        self.edits: list[Any] | None = None
        self.reply_lines: list[bytes] | None = None
        self.reply_body: tuple[bytes, bytes] | None = None
        self.force_rport = program.force_rport
        self.retcode = 0
        self.dropped = False
        self.depth = 0
        self.error: tuple[int, str] | None = None
        self.transaction: Transaction | None = None
        self.branch = -1
        self.on_failure: Block | None = None
        self.on_reply: Block | None = None
        self.on_branch: Block | None = None
        self.on_branch_failure: str | None = None
        self._source_ip: str | None = None

    def send(self, data: bytes, destination: bytes) -> None:
        """Queue bytes for `destination` (a raw sockaddr) on the socket that the message came by."""
        self.socket.outgoing.append((data, destination))

    @property
    def method_id(self) -> int:
        """Bit of the method (`sip.methods`); of a reply that of its CSeq."""
        return self.message.method_id

    @property
    def to_tag(self) -> str | None:
        return self.message._read_to()._read_tag()

    @property
    def method(self) -> str:
        """The request's method; of a reply the CSeq method."""
        return self.message.method

    @property
    def uri(self) -> str | None:
        """The Request-URI as the script has left it; None for a reply."""
        if self.ruri is not None:
            return self.ruri
        return self.message.uri if self.message.is_request else None

    @property
    def uri_user(self) -> str | None:
        """The user part of the Request-URI, None if it has none or is no URI to route by."""
        uri = self._read_uri()
        return None if uri is None else uri.user or None

    @property
    def uri_host(self) -> str | None:
        """The host of the Request-URI; None where `uri_user` is for want of a URI."""
        uri = self._read_uri()
        return None if uri is None else uri.host or None

    def _read_uri(self) -> Uri | None:
        text = self.ruri
        if text is None:
            if not self.message.is_request:
                return None
            text = self.message._read_uri()
        return routable_uri(text)

    def change_source(self, source: bytes) -> None:
        """Go on as if the message had come from another raw sockaddr."""
        self.source = source
        self._source_ip = None

    @property
    def source_ip(self) -> str:
        """The sender's address as text; IPv6 without brackets."""
        if self._source_ip is None:
            self._source_ip = ip_text(self.source)
        return self._source_ip

    @property
    def source_port(self) -> int:
        return port_of(self.source)
