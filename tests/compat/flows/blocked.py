"""use_dst_blocklist: who did not answer is left alone."""

from __future__ import annotations

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

SCRIPT = script(
    {
        "silent": f'$ru = "{BOB}"; t_on_failure("F"); t_relay(); L("$rc");',
        "busy": f'$ru = "{CAROL}"; t_on_failure("F"); t_relay(); L("$rc");',
    },
    parameters="""
use_dst_blocklist = on
modparam("tm", "fr_timer", 300)
modparam("tm", "blst_503", 1)
modparam("tm", "blst_503_def_timeout", 60)
""",
    more='failure_route[F] { L("failure $T(reply_code)"); }',
)


def _silent(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:silent@127.0.0.1")
    net.alice.wait("408")
    net.alice.request("MESSAGE", "sip:silent@127.0.0.1", number=2)  # only an INVITE counts
    net.alice.wait("408")
    net.alice.request("INVITE", "sip:silent@127.0.0.1", number=3)
    net.alice.wait("408")
    for number, method in ((4, "INVITE"), (5, "MESSAGE")):
        net.alice.request(method, "sip:silent@127.0.0.1", number=number)
        net.alice.wait("477", "408")


def _busy(net: Network) -> None:
    net.alice.request("MESSAGE", "sip:busy@127.0.0.1")
    net.carol.answer(net.carol.wait("MESSAGE"), 503, "Busy")
    net.alice.wait("500", "503")
    net.alice.request("MESSAGE", "sip:busy@127.0.0.1", number=2)
    net.alice.wait("477", "408")


FLOWS = [
    Flow("silent", "an INVITE that nobody answers", _silent),
    Flow("busy", "a 503", _busy),
]
