"""What an xavp or a header field tells save(), an answer that it has prepared, places in `$ulc`."""

from __future__ import annotations

from tests.compat.registering import RegisteringNetwork, flow, script

NETWORK = RegisteringNetwork

SCRIPT = script(
    {
        "alice": 'reg_fetch_contacts("location", "$ru", "p");'
        ' L("$(ulc(p=>addr)[-1]) $(ulc(p=>addr)[-2]) $(ulc(p=>addr)[-9]) $(ulc(p=>addr)[9])");'
        ' sl_send_reply("480", "Looked");',
    },
    parameters="""
modparam("registrar", "xavp_cfg", "reg")
modparam("registrar", "sock_flag", 3)
modparam("registrar", "sock_hdr_name", "Sock")
modparam("usrloc", "nat_bflag", 5)
modparam("registrar", "max_expires", 2000)
""",
    save="""
    if ($hdr(Q) != $null) { $xavp(reg=>q) = $(hdr(Q){s.int}); }
    if ($hdr(S) != $null) { $xavp(reg=>socket) = $hdr(S); }
    if ($hdr(E) != $null) { $xavp(reg=>expires) = $(hdr(E){s.int}); }
    if ($hdr(Sock) != $null) { setflag(3); }
    if ($tU == "prepared") { save("location", "0x12"); sl_send_reply("200", "Mine"); }
    else { save("location"); }
    """,
)

_ONE = "Contact: <sip:one@127.0.0.1:{alice}>"
_TWO = "Contact: <sip:two@127.0.0.1:{alice}>"

FLOWS = [
    flow(
        "q",
        "q values",
        [("REGISTER q", _ONE, f"Q: {each}") for each in ("0", "700", "1000", "1001", "-1")],
    ),
    flow(
        "expires",
        "times",
        [("REGISTER e", _ONE, f"E: {each}") for each in ("777", "1", "-7", "5000", "0")],
    ),
    flow(
        "sockets",
        "a socket that is ours, and others",
        [
            ("REGISTER s", _ONE, f"{name}: {each}")
            for name in ("S", "Sock")
            for each in (
                "udp:127.0.0.1:{server}", "UDP:127.0.0.1:{server}", "tcp:127.0.0.1:{server}",
                "udp:127.0.0.1:1", "udp:192.0.2.1:5060", "nonsense", "udp:127.0.0.1:99999",
            )
        ],
    ),
    flow(
        "prepared",
        "the answer is the script's",
        [("REGISTER prepared", _ONE), ("REGISTER prepared", f"{_ONE};q=7")],
    ),
    flow(
        "places",
        "places that there are not",
        [("REGISTER alice", f"{_ONE};q=0.5"), ("REGISTER alice", _TWO), ("PUBLISH alice",)],
    ),
]  # fmt: skip
