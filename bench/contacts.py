"""A registrar with many contacts: memory, start, lookups, the sweep. Prints one JSON object.

    python bench/contacts.py [--contacts N]

The store is the embedded one in a directory that is thrown away. It is filled, closed in order and
opened again in a process of its own, as a server does that starts: `start_s` is the time until the
tables can be read, checks included. Memory is what the process has after all contacts have been
looked at, less what it had before: pages of the store that the process has mapped are the kernel's
and count too. A lookup is that of one user among all, a commit for each 64. A sweep looks at a few
hundred entries at a time; a request waits for one such slice at most. One user in twenty has
expired by then. Lookups and slices are told in processor time, which others on the machine do not
make longer; `start_s` is by the clock, `start_cpu_s` the processor time in it, helpers included.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

# Run as a script, this folder's parent is where `bench` and `sipway` are looked for.
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sipway
from sipway.modules.usrloc.contact import Contact
from sipway.modules.usrloc.locations import Location, Locations
from sipway.stores.embedded import EmbeddedStore

_NOW: Final = 1_795_483_209
_BATCH: Final = 64
_LOOKUPS: Final = 100_000
_EXPIRED: Final = 20


def _contact(number: int) -> Contact:
    """As a phone of today says it."""
    return Contact(
        b"sip:user%d@192.0.2.1:5060;transport=udp" % number,
        _NOW if number % _EXPIRED else _NOW - 3600,
        call_id=b"%032x@192.0.2.1" % number,
        cseq=number,
        socket=b"udp:192.0.2.9:5060",
        user_agent=b"Phone/1.2.3 (build 4567)",
        methods=0x1FFF,
        ruid=b"uloc-6b04a8c9-1a2b-%x" % number,
        modified=_NOW - 3600,
    )


def _opened(state: Path) -> tuple[EmbeddedStore, Location]:
    store = EmbeddedStore(state, print)
    return store, Locations(store, newest_first=False).table("location")


def _resident(kind: str) -> int:
    """Bytes of memory by a line of proc_pid_status(5)."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) * 1024
    return 0


def _worked() -> float:
    """Seconds of processor time, of helpers that have ended too."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def fill(state: Path, contacts: int) -> float:
    """Returns microseconds a contact, by the clock."""
    store, location = _opened(state)
    numbers = list(range(contacts))
    random.Random(1).shuffle(numbers)  # users do not come in the order of their names
    begin = time.perf_counter()
    for at, number in enumerate(numbers):
        location.put(f"user{number}", [_contact(number)], 0)
        if at % _BATCH == 0:
            store.commit()
    store.commit()
    spent = time.perf_counter() - begin
    store.close()
    return spent / contacts * 1e6


def measure(state: Path, contacts: int) -> dict[str, float]:
    """Of a store that has been filled."""
    before = {kind: _resident(kind) for kind in ("VmRSS", "RssAnon")}
    begin, worked = time.perf_counter(), _worked()
    store, location = _opened(state)
    found: dict[str, float] = {
        "start_s": round(time.perf_counter() - begin, 2),
        "start_cpu_s": round(_worked() - worked, 2),
    }
    users = [f"user{random.Random(number).randrange(contacts)}" for number in range(_LOOKUPS)]
    for each in range(contacts):  # have all pages here
        location.get(f"user{each}")
        if each % _BATCH == 0:
            store.commit()
    start = time.thread_time()
    for at, user in enumerate(users):
        location.get(user)
        if at % _BATCH == 0:
            store.commit()
    found["lookup_us"] = round((time.thread_time() - start) / _LOOKUPS * 1e6, 2)
    found["bytes"] = round((_resident("VmRSS") - before["VmRSS"]) / contacts)
    found["own_bytes"] = round((_resident("RssAnon") - before["RssAnon"]) / contacts)
    slices = []
    more = True
    while more:
        start = time.thread_time()
        more = location.sweep(_NOW - 1, lambda *_: None)
        store.commit()
        slices.append((time.thread_time() - start) * 1000)
    slices.sort()
    found["sweep_ms"] = round(slices[-1], 2)
    found["sweep_p99_ms"] = round(slices[len(slices) * 99 // 100], 2)
    found["left"] = location.contacts
    store.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a registrar with many contacts.")
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--filled", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.filled is not None:
        print(json.dumps(measure(options.filled, options.contacts)))
        return
    with tempfile.TemporaryDirectory(prefix="sipway-bench-") as scratch:
        state = Path(scratch) / "state"
        result: dict[str, Any] = {"compiled": sipway.BUILD.compiled, "contacts": options.contacts}
        result["fill_us"] = round(fill(state, options.contacts), 2)
        command = [sys.executable, __file__, "--contacts", str(options.contacts)]
        done = subprocess.run(
            [*command, "--filled", str(state)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(done.stderr)
        print(json.dumps(result | json.loads(done.stdout)))


if __name__ == "__main__":
    main()
