"""A DNS server for tests: answers from a zone given as text, and misbehaves on request."""

from __future__ import annotations

import select
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

_FAULTS: Final = frozenset(("SILENT", "SERVFAIL", "REFUSED", "GARBAGE", "TRUNCATED", "FORGED"))
_MAX_CHAIN: Final = 20


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    type: str
    protocol: str = "udp"


@dataclass(slots=True)
class DnsServer:
    """`zone`: a line for each record, `name ttl type data`, names without the dot at the end.

    Instead of a type a fault may stand there: SILENT (no answer), SERVFAIL, REFUSED, GARBAGE,
    TRUNCATED (over UDP; the records come over TCP), FORGED (another id first, then the answer).
    `*` stands for every name that is not in the zone.
    """

    port: int
    records: dict[tuple[str, str], list[tuple[int, str]]] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)
    questions: list[Question] = field(default_factory=list)

    def load(self, zone: str) -> None:
        """Replace the zone."""
        self.records.clear()
        self.faults.clear()
        for line in zone.split("\n"):
            if not line.strip():
                continue
            name, ttl, kind, data = (*line.split(maxsplit=3), "")[:4]
            if kind in _FAULTS:
                self.faults[name] = kind
            else:
                self.records.setdefault((name, kind), []).append((int(ttl), data))

    def asked(self) -> list[str]:
        """What was asked so far, `name type`, in order."""
        return [f"{each.name} {each.type}" for each in self.questions]

    def replies(self, wire: bytes, protocol: str) -> list[bytes]:
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.questions.append(Question(name, kind, protocol))
        fault = self.faults.get(name)
        if fault == "SILENT":
            return []
        if fault == "GARBAGE":
            return [wire[:2] + b"\xff" * 40]
        reply = dns.message.make_response(query, recursion_available=True)
        if fault in ("SERVFAIL", "REFUSED"):
            reply.set_rcode(dns.rcode.from_text(fault))
            return [reply.to_wire()]
        if fault == "TRUNCATED" and protocol == "udp":
            reply.flags |= dns.flags.TC
            return [reply.to_wire()]
        self._answer(reply, name, kind)
        answer = reply.to_wire(max_size=65535, want_shuffle=False)
        if fault == "FORGED":
            return [bytes((answer[0] ^ 0xFF,)) + answer[1:], answer]
        return [answer]

    def _answer(self, reply: dns.message.Message, name: str, kind: str) -> None:
        known = {each for each, _ in self.records}
        for _ in range(_MAX_CHAIN):
            source = name if name in known else "*"
            found = self.records.get((source, kind))
            if found:
                reply.answer.append(_rrset(name, kind, found))
                return
            alias = self.records.get((source, "CNAME"))
            if not alias:
                break
            reply.answer.append(_rrset(name, "CNAME", alias))
            name = alias[0][1].rstrip(".")
        if name not in known and "*" not in known and not reply.answer:
            reply.set_rcode(dns.rcode.NXDOMAIN)


def _rrset(name: str, kind: str, found: list[tuple[int, str]]) -> dns.rrset.RRset:
    absolute = dns.name.from_text(name)
    rdtype = dns.rdatatype.from_text(kind)
    rrset = dns.rrset.RRset(absolute, dns.rdataclass.IN, rdtype)
    for ttl, data in found:
        rrset.add(dns.rdata.from_text(dns.rdataclass.IN, rdtype, data, relativize=False), ttl)
    return rrset


@contextmanager
def dns_server(zone: str, address: str = "127.0.0.1", port: int = 0) -> Iterator[DnsServer]:
    """A server on UDP and TCP of one port, which runs in a thread until the end of the block."""
    with (
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
    ):
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((address, port))
        tcp.listen()
        udp.bind((address, tcp.getsockname()[1]))
        server = DnsServer(tcp.getsockname()[1])
        server.load(zone)
        stop, stopped = socket.socketpair()
        thread = threading.Thread(target=_serve, args=(server, udp, tcp, stopped))
        thread.start()
        try:
            yield server
        finally:
            stop.close()
            thread.join()
            stopped.close()


def _serve(server: DnsServer, udp: socket.socket, tcp: socket.socket, stop: socket.socket) -> None:
    while True:
        ready, _, _ = select.select([udp, tcp, stop], [], [])
        if stop in ready:
            return
        if udp in ready:
            wire, peer = udp.recvfrom(65535)
            for reply in server.replies(wire, "udp"):
                udp.sendto(reply, peer)
        if tcp in ready:
            connection, _ = tcp.accept()
            with connection:
                connection.settimeout(5)
                (size,) = struct.unpack("!H", connection.recv(2, socket.MSG_WAITALL))
                wire = connection.recv(size, socket.MSG_WAITALL)
                for reply in server.replies(wire, "tcp"):
                    connection.sendall(struct.pack("!H", len(reply)) + reply)
