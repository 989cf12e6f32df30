"""Run inside a network namespace of its own: a suite of `tests.compat` beside a DNS server.

    unshare --mount --net python -m tests.scenarios.suite_namespace < JSON

The JSON has `name` and `script` of a suite of blocks, `zone`, and `commands` of the servers; what
is printed is a JSON list with what each server made of the cases: their names, and the outcomes as
text.

Only there may a test say what is in /etc/resolv.conf, and listen on port 53.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.compat.case import block_suite
from tests.compat.servers import run_suite
from tests.dns_server import dns_server
from tests.scenarios.dns_namespace import loopback_up


def main() -> None:
    wanted = json.load(sys.stdin)
    suite = block_suite(wanted["name"], wanted["script"], waits=True)
    loopback_up()
    with tempfile.TemporaryDirectory() as folder, dns_server(wanted["zone"], port=53):
        conf = Path(folder) / "resolv.conf"
        conf.write_text("nameserver 127.0.0.1\n")
        subprocess.run(["mount", "--bind", str(conf), "/etc/resolv.conf"], check=True)
        made = []
        for command in wanted["commands"]:
            outcomes = run_suite(command, suite, Path(folder))
            made.append({name: str(outcome) for name, outcome in outcomes.items()})
    sys.stdout.write(json.dumps(made))


if __name__ == "__main__":
    main()
