"""Pings to phones that are registered: what each phone gets, and by which socket of the server."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow
from tests.compat.flow_script import script as flow_script
from tests.compat.pinging import PingingNetwork

_MODULES: Final = "".join(
    f'loadmodule "{each}.so"\n' for each in ("textopsx", "usrloc", "registrar", "nathelper")
)
SCRIPT = flow_script(
    {},
    parameters="listen=udp:127.0.0.1:{second}\n"
    + _MODULES
    + """
modparam("usrloc", "nat_bflag", 6)
modparam("registrar", "received_avp", "$avp(RECEIVED)")
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 0)
modparam("nathelper", "received_avp", "$avp(RECEIVED)")
modparam("nathelper", "natping_interval", 1)
modparam("nathelper", "ping_nated_only", 1)
modparam("nathelper", "sipping_bflag", 7)
modparam("nathelper", "sipping_from", "sip:pinger@a.example")
modparam("nathelper", "natping_disable_bflag", 8)
modparam("nathelper", "keepalive_timeout", 60)
""",
    before="""
    if ($hdr(Nat) != $null) { fix_nated_register(); setbflag(6); }
    if ($hdr(Sip) != $null) setbflag(7);
    if ($hdr(Off) != $null) setbflag(8);
    if ($rm == "REGISTER") { save("location"); exit; }
""",
)


NETWORK = PingingNetwork


def _asked(net: PingingNetwork) -> None:
    contact = "<sip:alice@10.1.2.3:5099;x=y>"
    net.register("alice", contact, "Nat: 1", "Sip: 1")
    net.alice.answer(net.alice.wait("OPTIONS"), 200, "OK")
    net.alice.wait("OPTIONS")
    net.register("alice", contact, seconds=0)


def _empty(net: PingingNetwork) -> None:
    contact = "<sip:alice@10.1.2.3:5099>"
    net.register("alice", contact, "Nat: 1")
    net.phones["alice"].await_ping()
    net.register("alice", contact, seconds=0)


def _second(net: PingingNetwork) -> None:
    contact = "<sip:alice@127.0.0.1:{alice}>"
    net.register("alice", contact, "Nat: 1", "Sip: 1", second=True)
    net.alice.wait("OPTIONS")
    net.register("alice", contact, seconds=0)


def _path(net: PingingNetwork) -> None:
    contact = "<sip:alice@10.1.2.3:5099>"
    path = "Path: <sip:p@127.0.0.1:{alice};lr>,<sip:q@192.0.2.7;lr>"
    net.register("alice", contact, "Nat: 1", "Sip: 1", path)
    net.alice.wait("OPTIONS")
    net.register("alice", contact, seconds=0)


def _none(net: PingingNetwork) -> None:
    plain, off = "<sip:alice@127.0.0.1:{alice}>", "<sip:bob@127.0.0.1:{bob}>"
    net.register("alice", plain, "Sip: 1")
    net.register("bob", off, "Nat: 1", "Off: 1")
    net.phones["alice"].listen(1.5)
    net.phones["bob"].listen(1.0)
    net.register("alice", plain, seconds=0)
    net.register("bob", off, seconds=0)


FLOWS = [
    Flow("asked", "A phone is asked, again and again.", _asked),
    Flow("empty", "A phone gets four zero bytes.", _empty),
    Flow("second", "The socket that the phone came by.", _second),
    Flow("path", "A request goes along the Path.", _path),
    Flow("none", "A phone that is not behind NAT, and one that is not to be pinged.", _none),
]
