"""Routes that rtimer runs, in a server that runs."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.ports import free_port
from tests.server_process import running, sipway_command

SCRIPT = """
loadmodule "rtimer.so"
loadmodule "xlog.so"
loadmodule "corex.so"
modparam("rtimer", "timer", "name=t;interval=10000u;mode=1")
modparam("rtimer", "exec", "timer=t;route=TICK")
request_route {{ exit; }}
route[TICK] {{ xlog("tick\\n"); send_udp("127.0.0.1:{port}"); }}
"""


def test_what_a_timer_sends_and_logs_goes_out_each_time(tmp_path: Path) -> None:
    script, log = tmp_path / "test.cfg", tmp_path / "log"
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(15)
        script.write_text(SCRIPT.format(port=peer.getsockname()[1]))
        with running(sipway_command(script, free_port()), log):
            received = [peer.recv(1000) for _ in range(3)]
    assert all(each.startswith(b"OPTIONS sip:you@kamailio.org ") for each in received)
    assert log.read_text().count("tick\n") >= 2
