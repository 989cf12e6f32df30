"""Contacts that usrloc asks whether they are there (`ka_mode`)."""

from __future__ import annotations

from tests.compat.flow import Flow
from tests.compat.flow_script import script as flow_script
from tests.compat.pinging import PingingNetwork

NETWORK = PingingNetwork

SCRIPT = flow_script(
    {},
    parameters="""
listen=udp:127.0.0.1:{second}
loadmodule "textopsx.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
modparam("usrloc", "nat_bflag", 6)
modparam("usrloc", "timer_interval", 1)
modparam("usrloc", "ka_mode", 2)
modparam("usrloc", "ka_timeout", 60)
modparam("usrloc", "ka_from", "sip:us@a.example")
modparam("usrloc", "ka_domain", "b.example")
modparam("registrar", "use_path", 1)
modparam("registrar", "path_mode", 0)
""",
    before="""
    if ($hdr(Nat) != $null) setbflag(6);
    if ($rm == "REGISTER") { save("location"); exit; }
""",
)

_CONTACT = "<sip:alice@127.0.0.1:{alice};x=y>"


def _asked(net: PingingNetwork) -> None:
    net.register("alice", _CONTACT, "Nat: 1")
    net.alice.answer(net.alice.wait("OPTIONS"), 200, "OK")
    net.alice.wait("OPTIONS")
    net.register("alice", _CONTACT, seconds=0)


def _second(net: PingingNetwork) -> None:
    net.register("alice", _CONTACT, "Nat: 1", second=True)
    net.alice.wait("OPTIONS")
    net.register("alice", _CONTACT, seconds=0)


def _path(net: PingingNetwork) -> None:
    path = "Path: <sip:p@127.0.0.1:{alice};lr>,<sip:q@192.0.2.7;lr>"
    net.register("alice", "<sip:alice@10.1.2.3:5099>", "Nat: 1", path)
    net.alice.wait("OPTIONS")
    net.register("alice", "<sip:alice@10.1.2.3:5099>", seconds=0)


def _none(net: PingingNetwork) -> None:
    net.register("alice", _CONTACT)
    net.phones["alice"].listen(2.5)
    net.register("alice", _CONTACT, seconds=0)


FLOWS = [
    Flow("asked", "A phone is asked, again and again.", _asked),
    Flow("second", "The socket that the phone came by.", _second),
    Flow("path", "Along the Path.", _path),
    Flow("none", "A phone that is not behind NAT.", _none),
]
