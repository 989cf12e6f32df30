"""Commands to a server that is serving: every way in, and what they do to calls."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sipway.rpc import binrpc
from tests.ports import free_port
from tests.server_process import SIPWAY, ask, request, running, status_line

_SCRIPT = """
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "ctl.so"
loadmodule "jsonrpcs.so"
modparam("ctl", "binrpc", "tcp:127.0.0.1:{ctl}")
modparam("ctl", "binrpc", "udp:127.0.0.1:{ctl}")
modparam("ctl", "binrpc", "unix:ctl")
modparam("jsonrpcs", "transport", 0)
modparam("jsonrpcs", "tcp_socket", "tcp:127.0.0.1:{json}")
modparam("jsonrpcs", "fifo_reply_dir", "{folder}")
request_route {{
    if ($rm == "OPTIONS") {{ sl_send_reply("200", "OK"); exit; }}
    $du = "sip:127.0.0.1:{bob}";
    t_relay();
}}
"""


class _Server:
    """A server, a phone behind it, and ways to give commands."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.ctl, self.json = (free_port() for _ in range(3))
        self.bob = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.bob.bind(("127.0.0.1", 0))
        self.bob.settimeout(5)
        self.alice = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.alice.connect(("127.0.0.1", self.port))
        self.alice.settimeout(5)
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        script = self.folder / "script.cfg"
        names = {
            "ctl": self.ctl,
            "json": self.json,
            "folder": self.folder,
            "bob": self.bob.getsockname()[1],
        }
        script.write_text(_SCRIPT.format(**names))
        sockets = [f"--listen={each}:127.0.0.1:{self.port}" for each in ("udp", "tcp")]
        return [*SIPWAY, "run", str(script), *sockets, "--run-dir", str(self.folder)]

    def give(self, name: str, *parameters: str | int) -> list[Any]:
        """By binrpc over a Unix socket; a fault is a list of its code and reason."""
        with socket.socket(socket.AF_UNIX) as way:
            way.connect(str(self.folder / "ctl"))
            return self.converse(way, name, *parameters)[1]

    @staticmethod
    def converse(way: socket.socket, name: str, *parameters: str | int) -> tuple[bool, list[Any]]:
        way.settimeout(5)
        way.sendall(binrpc.request(name, parameters, b"\1\2"))
        data = b""
        while (size := binrpc.packet_size(data)) is None or len(data) < size:
            data += way.recv(65_536)
        return binrpc.read_reply(data)

    def hear(self, phone: socket.socket, start: str) -> str:
        """The next message that begins so."""
        ends = time.monotonic() + 5
        while time.monotonic() < ends:
            text, self.source = phone.recvfrom(65_536)
            if text.decode().startswith(start):
                return text.decode()
        raise AssertionError(f"no {start}")

    def invite(self) -> str:
        """A call from alice that rings at bob; its Call-ID."""
        text = request("INVITE", "sip:bob@127.0.0.1")
        self.alice.send(text.encode())
        self.ringing = self.hear(self.bob, "INVITE")
        self.answer(self.ringing, "180 Ringing")
        self.hear(self.alice, "SIP/2.0 180")
        return text.partition("Call-ID: ")[2].partition("\r\n")[0]

    def answer(self, text: str, status: str) -> None:
        """Have bob answer a request."""
        kept = [
            line if not line.startswith("To:") else f"{line};tag=bob"
            for line in text.split("\r\n")
            if line.startswith(("Via:", "From:", "To:", "Call-ID:", "CSeq:"))
        ]
        reply = "\r\n".join([f"SIP/2.0 {status}", *kept, "Content-Length: 0", "", ""])
        self.bob.sendto(reply.encode(), self.source)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Server]:
    found = _Server(tmp_path_factory.mktemp("rpc"))
    with running(found.command(), found.folder / "log") as process:
        found.process = process
        assert status_line(ask(found.port, request("OPTIONS", "sip:x"), process)) == "200 OK"
        yield found
    found.alice.close()
    found.bob.close()
    # The files that were made for it are gone with it.
    left = {each.name for each in found.folder.iterdir()}
    assert left == {"script.cfg", "log"}


def test_binrpc_over_each_transport(server: _Server) -> None:
    assert server.give("core.echo", "x") == ["x"]
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as way:
            way.connect(("127.0.0.1", server.ctl))
            assert server.converse(way, "core.echo", "x", 2) == (True, ["x", "2"])
            assert server.converse(way, "none.such") == (
                False,
                [500, "command none.such not found"],
            )


def test_a_connection_may_ask_often_and_is_closed_at_nonsense(server: _Server) -> None:
    with socket.create_connection(("127.0.0.1", server.ctl)) as way:
        # Those of before may not have been seen to be gone yet.
        ends = time.monotonic() + 5
        while server.converse(way, "ctl.connections") != (True, [1]):
            assert time.monotonic() < ends
        who = server.converse(way, "ctl.who")[1]
        assert who[:2] == ["binrpc", "tcp"]
        way.sendall(b"nonsense")
        assert way.recv(65_536)[:2] == b"\xa1\x30"
        assert way.recv(65_536) == b""
    assert server.give("ctl.listen")[:2] == ["binrpc", "tcp"]


def _asked(name: str, **more: Any) -> bytes:
    return json.dumps({"jsonrpc": "2.0", "method": name, "params": [], "id": 1, **more}).encode()


def test_json_over_tcp(server: _Server) -> None:
    with socket.create_connection(("127.0.0.1", server.json), timeout=5) as way:
        for _ in range(2):
            # The file is not written: whoever is elsewhere has no business here.
            way.sendall(_asked("core.pwd", store_path=str(server.folder / "elsewhere")))
            assert json.loads(way.recv(65_536))["result"] == [str(Path.cwd())]


def test_json_by_datagrams_and_a_file(server: _Server) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
        way.bind(str(server.folder / "me"))
        way.settimeout(5)
        way.connect(str(server.folder / "kamailio_rpc.sock"))
        stored = server.folder / "stored"
        way.send(_asked("core.version", store_path=str(stored)))
        assert json.loads(way.recv(65_536))["result"] == {"stored": str(stored)}
        assert json.loads(stored.read_text())["result"].startswith("sipway ")
        stored.unlink()
        way.send(_asked("core.version", store_path=str(server.folder / "none" / "x")))
        assert json.loads(way.recv(65_536))["error"]["code"] == 500
    (server.folder / "me").unlink()


def test_json_by_fifo(server: _Server) -> None:
    reply = server.folder / "reply"
    os.mkfifo(reply)
    with (server.folder / "kamailio_rpc.fifo").open("wb") as fifo:
        fifo.write(b"nonsense")  # answered to nobody, and in nobody's way
        fifo.flush()
        fifo.write(_asked("core.version", reply_name="../reply"))
        fifo.write(_asked("core.version", reply_name="reply"))
    with reply.open("rb") as answer:
        assert json.loads(answer.read())["result"].startswith("sipway ")
    reply.unlink()


def test_a_call_that_is_answered_by_hand(server: _Server) -> None:
    call = server.invite()
    (found,) = [dict(each) for each in server.give("tm.list") if call in dict(each)["callid"]]
    assert (found["method"], found["uas_request"], found["outgoings"]) == ("INVITE", "yes", 1)
    assert server.give("tm.retransmit_reply_callid", call, "1 INVITE") == []
    server.hear(server.alice, "SIP/2.0 180")
    identity = f"{found['tindex']}:{found['tlabel']}"
    lines = "X-By: hand\r\n"
    assert server.give("tm.reply", 183, "Wait", identity, "mine", lines) == []
    text = server.hear(server.alice, "SIP/2.0 183 Wait")
    assert ";tag=mine\r\n" in text
    assert "X-By: hand\r\n" in text
    assert server.give("tm.retransmit_reply", identity) == []
    server.hear(server.alice, "SIP/2.0 183 Wait")
    assert server.give("tm.reply_callid", 486, "Busy", call, "1", "mine", ".") == []
    assert "486 Busy" in server.hear(server.alice, "SIP/2.0 486")
    again = server.give("tm.reply_callid", 486, "Busy", call, "1", "mine", ".")
    assert again == [500, "it has a final reply already"]
    assert dict(server.give("tm.stats")[0])["4xx"] == 1


def test_a_call_that_is_cancelled_by_hand(server: _Server) -> None:
    call = server.invite()
    assert server.give("tm.cancel", call, "1") == []
    server.answer(server.hear(server.bob, "CANCEL"), "200 OK")
    server.answer(server.ringing, "487 Terminated")
    server.hear(server.alice, "SIP/2.0 487")


def test_a_request_and_its_response(server: _Server) -> None:
    target = f"sip:bob@127.0.0.1:{server.bob.getsockname()[1]}"
    fields = "From: <sip:a@b>\r\nTo: <sip:c@d>\r\nContent-Type: text/plain\r\n"
    assert server.give("tm.t_uac_start", "MESSAGE", target, ".", ".", fields, "hello") == []
    text = server.hear(server.bob, "MESSAGE")
    assert text.endswith("\r\n\r\nhello")
    server.answer(text, "200 OK")
    with socket.create_connection(("127.0.0.1", server.ctl)) as way:
        name = "tm.t_uac_wait_block_hex"
        way.sendall(binrpc.request(name, ["INFO", target, ".", ".", fields, "68 69"], b"\1"))
        text = server.hear(server.bob, "INFO")
        assert text.endswith("\r\n\r\nhi")
        server.answer(text, "404 Gone")
        way.settimeout(5)
        assert binrpc.read_reply(way.recv(65_536)) == (True, [[("code", 404), ("text", "Gone")]])
        mode = "mode=wait;cbflags=noack"
        way.sendall(
            binrpc.request("tm.t_uac_attrs", [mode, "OPTIONS", target, ".", ".", fields], b"\1")
        )
        server.answer(server.hear(server.bob, "OPTIONS"), "200 Fine")
        assert binrpc.read_reply(way.recv(65_536)) == (True, [[("code", 200), ("text", "Fine")]])


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("tm.reply", 200, "OK", "1:2", "t", "."), "Transaction not found"),
        (("tm.reply", 200, "OK", "x", "t", "."), "Invalid transaction ID"),
        (("tm.reply", 200, "OK", "1:2"), "Transaction not found"),
        (("tm.reply_callid", 200, "OK", "x", "y", "t", "."), "CSeq expected"),
        (("tm.cancel", "x", "1"), "Transaction not found"),
        (("tm.retransmit_reply", "1:2"), "Transaction not found"),
        (("tm.t_uac_attrs", "mode=x", "OPTIONS"), 'Invalid attribute "mode=x"'),
        (("tm.t_uac_start_hex", "A", "sip:a@b", ".", ".", "To: x", "zz"), "hexadecimal digits"),
        (("tm.t_uac_start", "A B", "sip:a@b", ".", ".", "To: x"), 'Invalid method "A B"'),
        (("tm.t_uac_start", "A", "sip:a@b", ".", ".", "To: <sip:x@y>"), "needs a From field"),
    ],
)
def test_what_cannot_be_done_has_a_reason(
    server: _Server, given: tuple[Any, ...], reason: str
) -> None:
    code, said = server.give(*given)
    assert code == 400
    assert reason in said


def test_connections_are_listed(server: _Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as phone:
        phone.sendall(request("OPTIONS", "sip:x").replace("SIP/2.0/UDP", "SIP/2.0/TCP").encode())
        assert phone.recv(65_536).startswith(b"SIP/2.0 200")
        here = phone.getsockname()[1]
        rows = [dict(each) for each in server.give("core.tcp_list")]
        (found,) = [each for each in rows if each["src_port"] == here]
        assert (found["src_port"], found["dst_port"]) == (here, server.port)
        assert (found["type"], found["state"]) == ("TCP", "CONN_OK")
        assert dict(server.give("core.tcp_info")[0])["opened_connections"] >= 1


def test_a_second_server_in_the_same_place_says_so(server: _Server) -> None:
    command = [each for each in server.command() if not each.startswith("--listen")]
    command += ["-l", f"udp:127.0.0.1:{free_port()}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    assert done.returncode != 0
    assert "cannot listen for commands on" in done.stderr
    assert "in use" in done.stderr


def test_a_place_that_nobody_has_named_is_done_without(tmp_path: Path) -> None:
    script = tmp_path / "script.cfg"
    script.write_text(
        'loadmodule "ctl.so"\nloadmodule "sl.so"\nrequest_route { sl_reply("200", "OK"); }'
    )
    port = free_port()
    blocked = tmp_path / "file"
    blocked.write_text("")
    command = [*SIPWAY, "run", str(script), "-l", f"udp:127.0.0.1:{port}", "--run-dir"]
    with running([*command, str(blocked / "below")], tmp_path / "log") as process:
        assert status_line(ask(port, request("OPTIONS", "sip:x"), process)) == "200 OK"
    assert "-Y or rundir choose another directory" in (tmp_path / "log").read_text()
