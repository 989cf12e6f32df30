"""pike: which request of which address is blocked, while nobody forgets anything."""

from __future__ import annotations

from typing import Final

from tests.compat.flow import Flow, Network
from tests.compat.flow_script import script

_MOST: Final = 13

SCRIPT: Final = script(
    {
        "req": 'pike_check_req(); L("$rc"); sl_send_reply("200", "OK");',
        "ip": """
        $var(left) = $(hdr(N){s.int}); $var(codes) = "";
        while ($var(left) > 0) {
            pike_check_ip("$hdr(X)"); $var(codes) = $var(codes) + " " + $rc;
            $var(left) = $var(left) - 1;
        }
        L("$hdr(X)$var(codes)"); sl_send_reply("200", "OK");
        """,
    },
    parameters=f"""
    loadmodule "pike.so"
    modparam("pike", "sampling_time_unit", 600)
    modparam("pike", "reqs_density_per_unit", {_MOST})
    """,
)


def _addresses(name: str, why: str, *hits: tuple[str, int]) -> Flow:
    """Each address so many times, one after the other."""

    def play(net: Network) -> None:
        for number, (address, count) in enumerate(hits, 1):
            extra = f"X: {address}\r\nN: {count}\r\n"
            net.alice.request("OPTIONS", "sip:ip@127.0.0.1", number=number, extra=extra)
            net.alice.wait("200")

    return Flow(name, why, play)


def _source(net: Network) -> None:
    for number in range(1, _MOST + 9):
        net.alice.request("OPTIONS", "sip:req@127.0.0.1", number=number)
        net.alice.wait("200")
    for number in range(50, 53):  # another port of the same address
        net.bob.request("OPTIONS", "sip:req@127.0.0.1", number=number)
        net.bob.wait("200")


FLOWS = [
    Flow("source", "the source of requests", _source),
    _addresses("one", "one address", ("10.1.1.1", 30)),
    _addresses(
        "near",
        "addresses that have some bytes in common",
        *(("11.1.1.1", 20), ("11.1.1.2", 20), ("11.1.2.2", 20), ("11.2.2.2", 20)),
    ),
    _addresses(
        "mixed",
        "addresses in turn",
        *((f"12.{x % 2}.{x % 3}.{x % 5}", 1 + x % 4) for x in range(60)),
    ),
    _addresses("spread", "many addresses once", *((f"13.{x}.0.1", 1) for x in range(20))),
    _addresses("back", "an address after others", ("13.9.9.9", 8), ("13.9.0.1", 20)),
    _addresses("none", "no addresses", ("a.example", 2), ("1.2.3", 1), ("", 1)),
    _addresses("ipv6", "addresses of IPv6", ("2001:db8::1", 9), ("[2001:db8::1]", 40)),
    _addresses("large", "an address with a number that is too large", ("1.2.3.400", 2)),
]
