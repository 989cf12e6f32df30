"""Where the time of a call goes: an Engine is fed calls, without sockets and on a clock of its own.

    python bench/relay.py [--calls N] [--rate N] [--batch N] [--gc]
    python bench/relay.py --ringing N

It plays the phones of `calls.c` with `scripts/calls.cfg`, `batch` calls in step, and measures how
long `Engine.receive` takes with each of the six messages of a call. The clock goes on as if there
were `rate` calls a second, so that as many transactions wait for their end as would in a server.
Times are processor time. As in a busy server the garbage collector does not run; with `--gc` it
does, and what it takes is told apart from the message that it interrupts. What it finds in the end
are reference cycles, of which there should be none.

`--ringing` measures instead the memory of so many INVITEs that ring. It prints one JSON object.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sipway
from bench.workloads import HERE
from sipway.core.engine import Engine
from sipway.core.loader import load_program
from sipway.core.log import Log
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.server.checking import check
from sipway.server.options import Options
from sipway.sip.addresses import sockaddr

_PROXY: Final = "127.0.0.1:5060"
_CALLER: Final = "127.0.0.1:5071"
_CALLEE: Final = "127.0.0.1:5072"
_STAGES: Final = ("INVITE", "180", "200", "ACK", "BYE", "200 to BYE", "timers", "garbage collector")
_ALICE: Final = '"Alice" <sip:alice@example.com>;tag=a{id}'
_BOB: Final = '"Bob" <sip:bob@example.com>'
_SDP: Final = (
    "v=0\r\no={name} 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\n"
    "m=audio 4000 RTP/AVP 0 8 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
    "a=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n"
)
_COPIED: Final = re.compile(rb"(?m)^(?:Via|Record-Route|From|Call-ID|CSeq):[^\n]*\n")
_RECORD_ROUTE: Final = re.compile(rb"(?m)^Record-Route: ([^\r]*)\r\n")


def _request(method: str, number: int, *, cseq: int, branch: str, to: str, extra: str) -> str:
    name = f"{number:016x}"
    return (
        f"{method} sip:bob@{_CALLEE} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {_CALLER};branch=z9hG4bK{branch}{name};rport\r\n"
        f"Max-Forwards: 70\r\nFrom: {_ALICE.format(id=name)}\r\nTo: {to}\r\n"
        f"Call-ID: {name}@{_CALLER}\r\nCSeq: {cseq} {method}\r\n{extra}"
    )


def _invite(number: int) -> bytes:
    body = _SDP.format(name="alice")
    more = (
        f"Contact: <sip:alice@{_CALLER}>\r\nAllow: INVITE, ACK, BYE, CANCEL, OPTIONS\r\n"
        f"User-Agent: sipway-calls/1\r\nContent-Type: application/sdp\r\n"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    )
    return _request("INVITE", number, cseq=1, branch="i", to=_BOB, extra=more).encode()


def _within(method: str, number: int, ok: bytes) -> bytes:
    """ACK or BYE, by the route set of the 200."""
    routes = "".join(f"Route: {each.decode()}\r\n" for each in _RECORD_ROUTE.findall(ok)[::-1])
    cseq, branch = (1, "k") if method == "ACK" else (2, "y")
    to = f"{_BOB};tag=b{number:016x}"
    more = f"{routes}Content-Length: 0\r\n\r\n"
    return _request(method, number, cseq=cseq, branch=branch, to=to, extra=more).encode()


def _reply(request: bytes, number: int, status: str, body: str = "") -> bytes:
    copied = b"".join(_COPIED.findall(request)).decode()
    contact = f"Contact: <sip:bob@{_CALLEE}>\r\n" if request.startswith(b"INVITE") else ""
    kind = "Content-Type: application/sdp\r\n" if body else ""
    return (
        f"SIP/2.0 {status}\r\n{copied}To: {_BOB};tag=b{number:016x}\r\n{contact}{kind}"
        f"Content-Length: {len(body)}\r\n\r\n{body}"
    ).encode()


class Driver:
    """An Engine with the script, and nanoseconds by stage."""

    def __init__(self) -> None:
        result = check(Options(script=HERE / "scripts/calls.cfg", cache=False))
        assert result.compiled is not None
        self.socket = ListenSocket("udp", "127.0.0.1", 5060)
        settings = Settings.from_items(result.compiled.parameters)
        log = Log(0, to_stderr=True)
        program = load_program(result.compiled, result.catalog, settings, log, (self.socket,))
        self.engine = Engine(program)
        self.now = 1_795_483_209.0
        self.spent = dict.fromkeys(_STAGES, 0)
        self.most_waiting = 0
        self._caller, self._callee = sockaddr("127.0.0.1", 5071), sockaddr("127.0.0.1", 5072)
        self._collecting = self._collected = 0

    def calls(self, numbers: range, seconds: float) -> None:
        """Make calls, in step; they begin `seconds` after those before them."""
        answer = _SDP.format(name="bob")
        invites = self._feed("INVITE", [_invite(each) for each in numbers], self._caller, 2)[1::2]
        pairs = list(zip(invites, numbers, strict=True))
        ringing = [_reply(data, each, "180 Ringing") for data, each in pairs]
        self._feed("180", ringing, self._callee, 1)
        answers = [_reply(data, each, "200 OK", answer) for data, each in pairs]
        oks = self._feed("200", answers, self._callee, 1)
        pairs = list(zip(oks, numbers, strict=True))
        acks = [_within("ACK", each, data) for data, each in pairs]
        self._feed("ACK", acks, self._caller, 1)
        hang_ups = [_within("BYE", each, data) for data, each in pairs]
        byes = self._feed("BYE", hang_ups, self._caller, 1)
        ends = [_reply(data, each, "200 OK") for data, each in zip(byes, numbers, strict=True)]
        self._feed("200 to BYE", ends, self._callee, 1)
        self.now += seconds
        begin, collected = time.thread_time_ns(), self._collected
        self.engine.expire(self.now)
        self._count("timers", begin, collected)
        assert not self.socket.outgoing, "something was sent again"
        self.most_waiting = max(self.most_waiting, len(self.engine.layer))

    def ring(self, numbers: range) -> None:
        """Begin calls, and answer them with 180 and no more."""
        invites = self._feed("INVITE", [_invite(each) for each in numbers], self._caller, 2)[1::2]
        pairs = zip(invites, numbers, strict=True)
        self._feed(
            "180", [_reply(data, each, "180 Ringing") for data, each in pairs], self._callee, 1
        )

    def _feed(self, stage: str, messages: list[bytes], source: bytes, each: int) -> list[bytes]:
        """Receive them in one batch; what was sent, `each` datagrams for one."""
        batch = [(data, source) for data in messages]
        begin, collected = time.thread_time_ns(), self._collected
        self.engine.receive(batch, self.socket, self.now)
        self._count(stage, begin, collected)
        sent, self.socket.outgoing = self.socket.outgoing, []
        if len(sent) != each * len(messages):
            raise SystemExit(f"{stage}: {len(messages)} messages in, {len(sent)} out")
        return [data for data, _ in sent]

    def _count(self, stage: str, begin: int, collected: int) -> None:
        self.spent[stage] += time.thread_time_ns() - begin - (self._collected - collected)

    def on_collection(self, phase: str, _: dict[str, Any]) -> None:
        """For `gc.callbacks`."""
        if phase == "start":
            self._collecting = time.thread_time_ns()
        else:
            taken = time.thread_time_ns() - self._collecting
            self._collected += taken
            self.spent["garbage collector"] += taken


def _resident() -> int:
    """Bytes of memory in use: field 2 of proc_pid_statm(5)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _measure_ringing(driver: Driver, count: int, batch: int) -> None:
    driver.calls(range(batch), 0.0)
    before = _resident()
    for number in range(batch, batch + count, batch):
        driver.ring(range(number, number + batch))
    each = (_resident() - before) / count
    print(json.dumps({"compiled": sipway.BUILD.compiled, "ringing": count, "bytes": round(each)}))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure the messages of a call by stage.")
    parser.add_argument("--calls", type=int, default=60_000)
    parser.add_argument("--rate", type=float, default=5_000, help="calls a second, by its clock")
    parser.add_argument("--batch", type=int, default=16, help="calls in step")
    parser.add_argument("--gc", action="store_true", help="with the garbage collector")
    parser.add_argument("--ringing", type=int, metavar="N", help="measure memory instead")
    options = parser.parse_args()
    driver = Driver()
    gc.callbacks.append(driver.on_collection)
    gc.collect()
    gc.freeze()
    if not options.gc:
        gc.disable()
    if options.ringing:
        _measure_ringing(driver, options.ringing, options.batch)
        return
    for number in range(0, options.calls, options.batch):
        driver.calls(range(number, number + options.batch), options.batch / options.rate)
    done = -(-options.calls // options.batch) * options.batch
    build = "compiled" if sipway.BUILD.compiled else "uncompiled"
    print(f"{done:,} calls, {build}, at most {driver.most_waiting:,} transactions waiting")
    for stage, spent in driver.spent.items():  # before the last collection adds to it
        print(f"{stage:>18}  {spent / done / 1000:7.2f} us a call")
    print(f"{'in all':>18}  {sum(driver.spent.values()) / done / 1000:7.2f} us a call")
    print(f"{gc.collect():,} objects in reference cycles")


if __name__ == "__main__":
    main()
