"""What a transaction costs in memory, and whether it is given back. Prints one JSON object.

    python bench/transactions.py                       1,000,000 calls, then 100,000 INVITEs at once
    python bench/transactions.py --at-once 1000 --calls 0

No socket and no clock: an Engine on a script with record_route, t_relay and all routes set. First
so many calls run from INVITE to the 200 of BYE, a thousand at a time, and the size of the process
is noted on the way: after ten thousand calls it must not grow any more. Then so many INVITEs ring
at the same time; their bytes are what the process grew by, by each.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from pathlib import Path

# Run as a script, this folder's parent is where `bench` and `sipway` are looked for.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sipway
from sipway.core.engine import Engine
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.log import ERR, Log
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.sip.addresses import sockaddr

SCRIPT = """
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "pv.so"
request_route {
    if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }
    if (has_totag()) {
        if (loose_route()) t_relay();
        exit;
    }
    t_check_trans();
    record_route();
    t_on_branch("LEG");
    t_on_reply("ANSWER");
    t_on_failure("FAILED");
    if (!t_relay()) sl_reply_error();
}
branch_route[LEG] { $avp(leg) = 1; }
onreply_route[ANSWER] { $avp(last) = $rs; }
failure_route[FAILED] { $avp(failed) = 1; }
"""

_CALLER = sockaddr("192.0.2.1", 5060)
_CALLEE = sockaddr("192.0.2.2", 5060)
_BODY = (
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    b"m=audio 40000 RTP/AVP 8 0 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\n"
    b"a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)


def _request(method: bytes, call: int, number: int, extra: bytes = b"", body: bytes = b"") -> bytes:
    return (
        b"%b sip:bob@192.0.2.2:5060 SIP/2.0\r\n"
        b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK-%d-%d;rport\r\nMax-Forwards: 70\r\n"
        b'From: "Alice" <sip:alice@caller.example>;tag=a%d\r\nTo: <sip:bob@callee.example>%b\r\n'
        b"Call-ID: %032d@192.0.2.1\r\nCSeq: %d %b\r\nContact: <sip:alice@192.0.2.1:5060>\r\n"
        b"User-Agent: bench\r\nAllow: INVITE, ACK, CANCEL, BYE, OPTIONS\r\n%b"
        b"Content-Length: %d\r\n\r\n%b"
        % (
            method, call, number, call, b"" if method == b"INVITE" else b";tag=b", call, number,
            method, extra, len(body), body,
        )
    )  # fmt: skip


def _reply(request: bytes, status: bytes) -> bytes:
    lines = request.partition(b"\r\n\r\n")[0].split(b"\r\n")
    kept = [each for each in lines if each.startswith((b"Via:", b"From:", b"Call-ID:", b"CSeq:",
                                                       b"Record-Route:"))]  # fmt: skip
    to = next(each for each in lines if each.startswith(b"To:"))
    if b";tag=" not in to:
        to += b";tag=b"
    return (
        b"SIP/2.0 %b\r\n%b\r\n%b\r\nContact: <sip:bob@192.0.2.2>\r\nContent-Length: 0\r\n\r\n"
        % (
            status,
            b"\r\n".join(kept),
            to,
        )
    )


class Bench:
    """An Engine, and phones that answer at once."""

    def __init__(self) -> None:
        diagnostics = Diagnostics()
        parsed = parse(SourceFile("bench.cfg", SCRIPT))
        catalog = ModuleCatalog()
        compiled = compile_script(parsed, catalog, diagnostics)
        if compiled is None:
            raise SystemExit([each.message for each in diagnostics.sorted()])
        self.socket = ListenSocket("udp", "192.0.2.9", 5060)
        settings = Settings.from_items(compiled.parameters)
        self.engine = Engine(load_program(compiled, catalog, settings, Log(ERR), (self.socket,)))
        self.now = 1_795_483_209.1
        self.calls = 0

    def _feed(self, data: bytes, source: bytes) -> list[bytes]:
        self.engine.receive([(data, source)], self.socket, self.now)
        sent, self.socket.outgoing = self.socket.outgoing, []
        return [each for each, destination in sent if destination == _CALLEE]

    def ring(self) -> tuple[int, bytes]:
        """One more call that rings: its number, and the INVITE as the phone got it."""
        self.calls += 1
        (invite,) = self._feed(_request(b"INVITE", self.calls, 1, body=_BODY), _CALLER)
        self._feed(_reply(invite, b"180 Ringing"), _CALLEE)
        return self.calls, invite

    def talk(self, call: int, invite: bytes) -> None:
        """The rest of a call."""
        self._feed(_reply(invite, b"200 OK"), _CALLEE)
        route = b"Route: <sip:192.0.2.9;lr>\r\n"
        self._feed(_request(b"ACK", call, 1, route).replace(b"-1;rport", b"-a;rport"), _CALLER)
        (bye,) = self._feed(_request(b"BYE", call, 2, route), _CALLER)
        self._feed(_reply(bye, b"200 OK"), _CALLEE)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while (due := self.engine.next_deadline()) <= end:
            self.now = max(self.now, due)
            self.engine.expire(self.now)
            self.socket.outgoing = []
        self.now = end


def resident() -> int:
    """How much memory the process has, in bytes."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def at_once(number: int) -> dict[str, float]:
    """So many INVITEs ring at the same time: bytes for each, and what is left afterwards."""
    bench = Bench()
    for call in [bench.ring() for _ in range(100)]:
        bench.talk(*call)
    bench.wait(10.0)
    gc.collect()
    before = resident()
    # What the phones know is not the server's: the INVITEs are not kept here.
    for _ in range(number):
        bench.ring()
    held = resident() - before
    transactions = len(bench.engine.layer)
    bench.wait(400.0)
    return {
        "transactions": transactions,
        "bytes_each": round(held / number),
        "left": len(bench.engine.layer),
    }


def one_after_another(number: int, at_a_time: int = 1000) -> dict[str, object]:
    """So many calls, so many at a time: how large the process is on the way."""
    bench = Bench()
    gc.collect()
    sizes: dict[int, int] = {}
    marks = {10_000, number // 10, number // 2, number}
    began = time.process_time()
    gc.disable()
    try:
        while bench.calls < number:
            for call in [bench.ring() for _ in range(min(at_a_time, number - bench.calls))]:
                bench.talk(*call)
            bench.wait(10.0)
            if any(bench.calls - at_a_time < mark <= bench.calls for mark in marks):
                sizes[bench.calls] = resident()
        garbage = gc.collect()
    finally:
        gc.enable()
    return {
        "calls": bench.calls,
        "us_each": round((time.process_time() - began) / number * 1e6, 1),
        "resident": sizes,
        "left": len(bench.engine.layer),
        "garbage": garbage,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--at-once", type=int, default=100_000, metavar="N")
    parser.add_argument("--calls", type=int, default=1_000_000, metavar="N")
    options = parser.parse_args()
    result: dict[str, object] = {"compiled": sipway.BUILD.compiled}
    # In this order: what 100,000 transactions leave to the process would hide what grows.
    if options.calls:
        result["one_after_another"] = one_after_another(options.calls)
    if options.at_once:
        result["at_once"] = at_once(options.at_once)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
