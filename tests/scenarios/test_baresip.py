"""Two phones with sound call each other through sipway."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

import pytest

from tests.ports import free_port
from tests.scenarios.baresip import phone
from tests.scenarios.complaints import complaints
from tests.server_process import SIPWAY, ask, request, running

pytestmark = pytest.mark.skipif(shutil.which("baresip") is None, reason="baresip is not installed")

_SCRIPT: Final = Path(__file__).parent / "exchange.cfg"
_HALF_A_SECOND: Final = 25  # packets, of 20 ms each


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_two_phones_hear_each_other(transport: str, tmp_path: Path) -> None:
    """Alice calls, by UDP or TCP; both put the call on hold and take it back; Bob hangs up."""
    alice_port = bob_port = free_port(with_next=True)
    while abs(alice_port - bob_port) < 2:
        bob_port = free_port(with_next=True)
    proxy = free_port()
    while proxy in (alice_port, alice_port + 1, bob_port, bob_port + 1):
        proxy = free_port()
    command = [*SIPWAY, "run", str(_SCRIPT), "-l", f"udp:127.0.0.1:{proxy}"]
    command += ["-l", f"tcp:127.0.0.1:{proxy}"]
    command += ["-A", f"ALICE_PORT={alice_port}", "-A", f"BOB_PORT={bob_port}"]
    log = tmp_path / "log"
    with (
        running(command, log) as server,
        phone("alice", tmp_path, proxy, port=alice_port, hertz=440, transport=transport) as alice,
        phone("bob", tmp_path, proxy, port=bob_port, hertz=700, answers=True) as bob,
    ):
        ask(proxy, request("OPTIONS", "sip:ready@127.0.0.1"), server)
        alice.command("dial", f"sip:bob@127.0.0.1:{proxy}")
        for each in (alice, bob):
            each.wait_for("CALL_ESTABLISHED")
            each.wait_for("CALL_RTPESTAB")
        for each in (alice, bob):
            each.wait_until_heard(seconds=1)
        assert bob.wait_for("CALL_REMOTE_SDP")["param"] == "offer"
        assert alice.wait_for("CALL_REMOTE_SDP")["param"] == "answer"
        for each, other in ((alice, bob), (bob, alice)):
            for order in ("hold", "resume"):
                each.command(order)
                assert other.wait_for("CALL_REMOTE_SDP")["param"] == "offer"
                assert each.wait_for("CALL_REMOTE_SDP")["param"] == "answer"
        bob.command("hangup")
        for each in (alice, bob):
            each.wait_for("CALL_CLOSED")
            each.command("quit")
            assert each.process.wait(10) == 0

        for each in (alice, bob):
            sent, got = each.packets()
            assert min(sent, got) >= _HALF_A_SECOND
        assert alice.hertz() == pytest.approx(700, rel=0.02)
        assert bob.hertz() == pytest.approx(440, rel=0.02)
    assert complaints(log.read_text("utf-8", "replace")) == []
