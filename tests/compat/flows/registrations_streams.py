"""Contacts and the TCP connections that they came by: each goes with the other."""

from __future__ import annotations

import re
import socket
import time

from tests.compat.flow import Flow
from tests.compat.flow_script import script as flow_script
from tests.compat.lines import Line, StreamNetwork
from tests.compat.speaker import SECONDS, Missing
from tests.ports import HOST


class AskedNetwork(StreamNetwork):
    """Without what differs from one request of the server to the next (see `pinging`)."""

    def plain(self, text: str, flow: str = "") -> str:
        text = super().plain(text, flow)
        text = re.sub(
            r"(?m)^Call-ID: (?:ksrulka-\S+|[0-9a-f]{24}@\S+|CALL-ID)$", "Call-ID: ID", text
        )
        text = re.sub(r";tag=uloc-[0-9a-f.-]+", ";tag=ULOC", text)
        text = re.sub(r";branch=z9hG4bKx[0-9.]+", ";branch=BRANCH", text)
        text = re.sub(r";expires=\d+", ";expires=SECONDS", text)
        return text.replace("CSeq: 80 OPTIONS\nMax-Forwards: 70\n", "CSeq: 80 OPTIONS\n")

    def wait_until_told(self) -> None:
        """Until the event has run that a contact has gone; asked by a socket that no phone has."""
        deadline = time.monotonic() + 2 * SECONDS
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            asking.settimeout(SECONDS)
            asking.bind((HOST, 0))
            port = asking.getsockname()[1]
            number = 0
            while time.monotonic() < deadline:
                number += 1
                text = (
                    f"OPTIONS sip:told@127.0.0.1 SIP/2.0\r\n"
                    f"Via: SIP/2.0/UDP 127.0.0.1:{port};branch=z9hG4bK-told-{number}\r\n"
                    f"From: <sip:x@y>;tag=1\r\nTo: <sip:x@y>\r\nCall-ID: told-{number}\r\n"
                    "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
                )
                asking.sendto(text.encode(), (HOST, self.ports["server"]))
                if asking.recv(65535).startswith(b"SIP/2.0 404"):
                    return
                time.sleep(0.05)
        raise Missing("nobody has gone")


NETWORK = AskedNetwork

SCRIPT = flow_script(
    {},
    parameters="""
listen=tcp:127.0.0.1:{server}
tcp_children=1
loadmodule "textopsx.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("pv", "shvset", "told=i:0")
modparam("usrloc", "timer_interval", 1)
modparam("usrloc", "handle_lost_tcp", 1)
modparam("usrloc", "close_expired_tcp", 1)
modparam("usrloc", "nat_bflag", 6)
modparam("usrloc", "ka_mode", 2)
modparam("registrar", "min_expires", 1)
""",
    before="""
    if ($hdr(Nat) != $null) setbflag(6);
    if ($rm == "REGISTER") { save("location"); exit; }
    if ($rU == "told") {
        if ($shv(told) == 1) sl_send_reply("404", "Gone"); else sl_send_reply("200", "Here");
        exit;
    }
    lookup("location"); L("lookup $rc"); sl_send_reply("480", "Seen"); exit;
""",
    more='event_route[usrloc:contact-expired] { L("expired $ulc(exp=>aor) $ulc(exp=>addr)");'
    " $shv(told) = 1; }",
)


def _register(line: Line, user: str, seconds: int, *, number: int = 1, extra: str = "") -> None:
    text = line.compose(
        "REGISTER", "sip:127.0.0.1", number=number, to=f"<sip:{user}@a.example>", extra=extra
    )
    contact = f"<sip:{user}@10.1.2.3:5060;transport=tcp>;expires={seconds}"
    line.send(text.replace(f"<{line.contact}>", contact))
    line.wait("200")


def _lost(net: AskedNetwork) -> None:
    alice, bob = net.alice.dial(), net.bob.dial()
    _register(alice, "lost", 60)
    _register(bob, "kept", 60)
    bob.request("OPTIONS", "sip:lost@127.0.0.1", number=9)
    bob.wait("480")
    alice.close()
    net.wait_until_told()
    for number, user in ((2, "lost"), (3, "kept")):
        bob.request("OPTIONS", f"sip:{user}@127.0.0.1", number=number)
        bob.wait("480")
    _register(bob, "kept", 0, number=4)


def _expired(net: AskedNetwork) -> None:
    alice, bob = net.alice.dial(), net.bob.dial()
    _register(alice, "expired", 1)
    _register(bob, "returned", 60)
    _register(bob, "returned", 0, number=2)
    alice.wait_closed(2 * SECONDS)
    _register(bob, "returned", 0, number=3)


def _asked(net: AskedNetwork) -> None:
    alice = net.alice.dial()
    _register(alice, "asked", 60, extra="Nat: 1\r\n")
    alice.answer(alice.wait("OPTIONS"), 200, "OK")
    _register(alice, "asked", 0, number=2)


FLOWS = [
    Flow("lost", "A contact goes with its connection.", _lost),
    Flow("expired", "A connection goes when its contact expires, and not before.", _expired),
    Flow("asked", "A contact is asked by its connection.", _asked),
]
