"""A registered contact.

Compiled (see `contact.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from typing import Final

NO_Q: Final = -1
"""The q value of a contact that has none."""

FOREVER: Final = 0
"""`expires` of a contact that does not expire."""

# Bits of `flags`.
MEMORY_ONLY: Final = 1


class Contact:
    """Where one user can be reached.

    uri         as the phone has written it, without brackets
    expires     when it ends, in seconds since the epoch; `FOREVER`: never
    q           0 to 1000 for 0 to 1, or `NO_Q`
    call_id, cseq
                of the REGISTER that it comes from
    received    the URI of where that came from, or b""
    path        the values of its Path, or b""
    socket      the socket of ours that it came by, as `udp:192.0.2.1:5060`
    user_agent  its User-Agent
    methods     bits of the methods that the phone allows (`sip.methods`), all when it did not say
    instance    its +sip.instance with the angle brackets, or b""
    reg_id      its reg-id (RFC 5626), 0 for none
    ruid        the unique id of this contact
    flags       of usrloc: `MEMORY_ONLY`
    cflags      the branch flags
    modified    when it was last changed, in seconds since the epoch
    server_id   of the server that it came by
    connection  the number of the connection that it came by, 0 for none
    keepalive   1 if it had the flag `nat_bflag` when it first registered, as in Kamailio
    attributes  the values of `xavp_contact`, as `registrar` writes them, or b""
    """

    def __init__(
        self,
        uri: bytes,
        expires: int,
        *,
        q: int = NO_Q,
        call_id: bytes = b"",
        cseq: int = 0,
        received: bytes = b"",
        path: bytes = b"",
        socket: bytes = b"",
        user_agent: bytes = b"",
        methods: int = 0xFFFFFFFF,
        instance: bytes = b"",
        reg_id: int = 0,
        ruid: bytes = b"",
        flags: int = 0,
        cflags: int = 0,
        modified: int = 0,
        server_id: int = 0,
        connection: int = 0,
        keepalive: int = 0,
        attributes: bytes = b"",
    ) -> None:
        self.uri = uri
        self.expires = expires
        self.q = q
        self.call_id = call_id
        self.cseq = cseq
        self.received = received
        self.path = path
        self.socket = socket
        self.user_agent = user_agent
        self.methods = methods
        self.instance = instance
        self.reg_id = reg_id
        self.ruid = ruid
        self.flags = flags
        self.cflags = cflags
        self.modified = modified
        self.server_id = server_id
        self.connection = connection
        self.keepalive = keepalive
        self.attributes = attributes

    def is_valid(self, now: int) -> bool:
        """Whether it has not expired."""
        return self.expires == FOREVER or self.expires > now
