"""The best of two final responses: pairs of codes, in both orders."""

from __future__ import annotations

from collections.abc import Callable

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import BOB, CAROL, script

SCRIPT = script(
    {"fork": f't_on_failure("F"); $ru = "{BOB}"; append_branch("{CAROL}"); t_relay();'},
    more='failure_route[F] { L("$T_reply_code $rs $rr"); }',
)

CODES = (
    *(300, 302, 380, 400, 401, 403, 404, 407, 408, 415, 416, 420, 480, 484, 486, 487, 488, 491),
    *(500, 503, 504, 580, 600, 603, 606),
)


def _play(first: int, second: int) -> Callable[[Network], None]:
    """Bob answers first; which branch is his is the same in all flows."""

    def play(net: Network) -> None:
        net.alice.request("MESSAGE", "sip:fork@127.0.0.1")
        one, two = net.bob.wait("MESSAGE"), net.carol.wait("MESSAGE")
        net.bob.answer(one, first, "First", tag="one")
        net.carol.answer(two, second, "Second", tag="two")
        net.alice.wait(*map(str, CODES))

    return play


FLOWS = [
    Flow(f"{first}-{second}", f"{first} and then {second}", _play(first, second))
    for first in CODES
    for second in CODES
]
