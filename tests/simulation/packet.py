"""A datagram taken apart, with no help of sipway's own parser: enough for phones and watchers."""

from __future__ import annotations


class Packet:
    """One SIP message on its way.

    data        as it is sent
    status      of a reply, 0 of a request
    method      of the CSeq
    number      of the CSeq
    branch      of the topmost Via
    vias, routes   the values of Via, and of Record-Route, in order
    """

    __slots__ = (
        "branch", "call_id", "contact", "cseq", "data", "method", "number", "route", "routes",
        "sender", "status", "to", "to_tag", "uri", "verb", "vias",
    )  # fmt: skip

    def __init__(self, data: bytes) -> None:
        self.data = data
        head, _, _ = data.partition(b"\r\n\r\n")
        first, *lines = head.split(b"\r\n")
        self.vias: list[bytes] = []
        self.routes: list[bytes] = []
        self.route: list[bytes] = []
        self.contact = self.call_id = self.cseq = self.to = self.sender = b""
        for line in lines:
            name, _, value = line.partition(b": ")
            if name == b"Via":
                self.vias.append(value)
            elif name == b"To":
                self.to = value
            elif name == b"From":
                self.sender = value
            elif name == b"CSeq":
                self.cseq = value
            elif name == b"Call-ID":
                self.call_id = value
            elif name == b"Contact":
                self.contact = value
            elif name == b"Record-Route":
                self.routes += value.split(b", ")
            elif name == b"Route":
                self.route += value.split(b", ")
        if first.startswith(b"SIP/2.0 "):
            self.status = int(first[8:11])
            self.verb = self.uri = b""
        else:
            self.status = 0
            self.verb, self.uri, _ = first.split(b" ")
        self.number, _, self.method = self.cseq.partition(b" ")
        self.to_tag = self.to.partition(b";tag=")[2]
        self.branch = self.vias[0].partition(b";branch=")[2].partition(b";")[0]

    @property
    def what(self) -> str:
        """The status, or the method: for people to read."""
        return f"{self.status} {self.method.decode()}" if self.status else self.verb.decode()
