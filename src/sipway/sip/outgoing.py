"""What a socket is given to send, and what more can be said of it on streams.

An entry is ``(bytes, raw sockaddr of the destination)``. For a stream it may be a ``Directed``: the
same two, with the connection to use and how. Whoever takes an entry apart sees two parts.
"""

from __future__ import annotations

from enum import IntFlag

__all__ = ["Directed", "SendOption"]


class SendOption(IntFlag):
    """What set_forward_close() and its like say of the connection to send by.

    NO_CONNECT  only by a connection that is open
    CLOSE       close it when the message has been written
    """

    NO_CONNECT = 1
    CLOSE = 2


class Directed(tuple[bytes, bytes]):  # noqa: SLOT001 - a tuple cannot have named slots
    """An entry for a stream.

    connection  number of the connection to use if it is open still and leads to the IP address of
                the destination; else, and with 0, the destination decides
    options     `SendOption`s, as bits
    """

    connection: int
    options: int

    @classmethod
    def to(cls, data: bytes, destination: bytes, connection: int, options: int = 0) -> Directed:
        made = cls((data, destination))
        made.connection = connection
        made.options = options
        return made
