"""Where the time of a REGISTER goes: an Engine and its store are fed, without sockets.

    python bench/register.py [--requests N] [--users N] [--batch N] [--new] [--memory]
    python bench/register.py --password sqlite [...]
    python bench/register.py --instructions [...]
    python bench/register.py --profile FILE [...]

The script is `scripts/registrar.cfg`, the store the embedded one in a directory that is thrown
away. So many users register first; then each request refreshes the contact of the next one, or
with `--new` brings a new user. A batch is what a worker does with one: `Engine.receive` and the
commit. Processor time differs from run to run; `--instructions` counts instructions with valgrind
instead, only those within batches, and gives nearly the same number each time. `--profile` keeps
what callgrind has seen of them for `callgrind_annotate`. With `--password` each request has the
answer to a challenge, and a database the user's password.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Coroutine, Iterable
from pathlib import Path
from typing import Any, Final, Self

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import sipway
from bench import digest
from bench.workloads import HERE
from sipway.core.databases import finish
from sipway.core.engine import Engine
from sipway.core.loader import load_program
from sipway.core.log import Log
from sipway.core.settings import Settings
from sipway.core.sockets import ListenSocket
from sipway.server.checking import check
from sipway.server.options import Options
from sipway.sip.addresses import sockaddr
from sipway.stores.embedded import EmbeddedStore
from sipway.stores.interface import Store
from sipway.stores.memory import MemoryStore

# The function of Python that `@=` is made of: callgrind counts while it runs.
_MARK: Final = "PyNumber_InPlaceMatrixMultiply"
_SCRIPT: Final = HERE / "scripts/registrar.cfg"
_TARGET: Final = "127.0.0.1:5060"
_SOURCE: Final = sockaddr("127.0.0.1", 5071)
_TEMPLATE: Final = (HERE / "requests/register.sip").read_text().replace("\n", "\r\n")


def requests(numbers: Iterable[int], users: int, credentials: str = "") -> list[bytes]:
    """REGISTERs as `load.c` makes them; `credentials` is a line more."""
    made = []
    template = _TEMPLATE.replace("Expires:", f"{credentials}Expires:", 1)
    for number in numbers:
        values = {
            "{id}": f"{number << 16:016x}",
            "{cseq}": f"{100_000_000 + number}",
            "{user}": f"{100_000_000 + (number % users if users else number)}",
            "{local}": "127.0.0.1:5071",
            "{target}": _TARGET,
        }
        text = template
        for name, value in values.items():
            text = text.replace(name, value)
        made.append(text.encode())
    return made


class Driver:
    """An Engine with a script and a store; `credentials` is a line of each request."""

    def __init__(self, store: Store, script: Path = _SCRIPT, credentials: str = "") -> None:
        self.credentials = credentials
        self._loop = asyncio.new_event_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        result = check(Options(script=script, cache=False))
        assert result.compiled is not None
        self.socket = ListenSocket("udp", "127.0.0.1", 5060)
        self.store = store
        settings = Settings.from_items(result.compiled.parameters)
        log = Log(0, to_stderr=True)
        program = load_program(
            result.compiled,
            result.catalog,
            settings,
            log,
            (self.socket,),
            open_store=lambda: store,
        )
        self.now = time.time()
        self.engine = Engine(program, self._spawn, lambda: self.now)

    def _spawn(self, route: Coroutine[Any, Any, None]) -> None:
        self._tasks.add(self._loop.create_task(route))

    def batch(self, datagrams: list[tuple[bytes, bytes]]) -> None:
        """What a worker does with them."""
        self._loop.run_until_complete(self._handle(datagrams))

    async def _handle(self, datagrams: list[tuple[bytes, bytes]]) -> None:
        self.engine.receive(datagrams, self.socket, self.now)
        if self._tasks:  # they wait for a database
            await asyncio.gather(*self._tasks)
            self._tasks.clear()
        self.store.commit()

    def close(self) -> None:
        """Let go of the databases."""
        self._loop.run_until_complete(finish(self.engine.program))
        self._loop.close()

    def challenge(self) -> str:
        """What the server answers to a request without credentials."""
        self.batch([(requests(range(1), 1)[0], _SOURCE)])
        (answer, _), *_ = self.socket.outgoing
        self.socket.outgoing = []
        return answer.decode()

    def __imatmul__(self, datagrams: list[tuple[bytes, bytes]]) -> Self:
        """As `batch`, by a way that nobody else takes: see `_MARK`."""
        self.batch(datagrams)
        return self

    def feed(self, numbers: range, users: int, batch: int, marked: bool = False) -> float:
        """Returns seconds of processor time."""
        driver = self
        spent = 0.0
        for first in range(numbers.start, numbers.stop, batch):
            part = requests(range(first, min(first + batch, numbers.stop)), users, self.credentials)
            datagrams = [(data, _SOURCE) for data in part]
            begin = time.thread_time()
            if marked:
                driver @= datagrams
            else:
                self.batch(datagrams)
            spent += time.thread_time() - begin
            sent, self.socket.outgoing = self.socket.outgoing, []
            if len(sent) != len(part) or not all(b" 200 OK\r\n" in data[:20] for data, _ in sent):
                raise SystemExit(f"not all were answered with 200: {sent[:1]}")
        return spent


def _count(options: argparse.Namespace) -> None:
    """Run this program under callgrind, and say how many instructions a request has taken."""
    with tempfile.TemporaryDirectory(prefix="sipway-bench-") as scratch:
        seen = options.profile or f"{scratch}/seen"
        command = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={seen}"]
        command += [f"--toggle-collect={_MARK}", sys.executable, __file__, "--marked"]
        for name in ("requests", "users", "batch"):
            command += [f"--{name}", str(getattr(options, name))]
        command += ["--new"] * options.new + ["--memory"] * options.memory
        command += ["--password", options.password] if options.password else []
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONHASHSEED": "0", "PYTHONMALLOC": "pymalloc"},
        )
        found = re.search(r"Collected : (\d+)", done.stderr)
        if done.returncode or found is None:
            raise SystemExit(done.stderr[-2000:])
        print(f"{int(found[1]) / options.requests:,.0f} instructions a REGISTER")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure a REGISTER.")
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--new", action="store_true", help="each of a new user")
    parser.add_argument("--memory", action="store_true", help="with the store in memory")
    parser.add_argument("--password", choices=["sqlite", "mysql"], default="", help="in which")
    parser.add_argument("--instructions", action="store_true", help="count with valgrind")
    parser.add_argument("--profile", metavar="FILE", help="count, and keep callgrind's output")
    parser.add_argument("--marked", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.instructions or options.profile:
        _count(options)
        return
    with tempfile.TemporaryDirectory(prefix="sipway-bench-") as scratch:
        store: Store = (
            MemoryStore() if options.memory else EmbeddedStore(Path(scratch) / "state", print)
        )
        script = digest.script(options.password, Path(scratch)) if options.password else _SCRIPT
        driver = Driver(store, script)
        if options.password:
            driver.credentials = digest.credentials(driver.challenge(), _TARGET) + "\r\n"
        begin = options.users
        driver.feed(range(begin), begin, options.batch)
        gc.collect()
        gc.freeze()
        gc.disable()
        spent = driver.feed(
            range(begin, begin + options.requests),
            0 if options.new else options.users,
            options.batch,
            options.marked,
        )
        build = "compiled" if sipway.BUILD.compiled else "uncompiled"
        print(f"{build}: {spent / options.requests * 1e6:.2f} us a REGISTER")
        driver.close()
        store.close()


if __name__ == "__main__":
    main()
