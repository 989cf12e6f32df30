"""A database that takes its time holds up whoever asks it, and nobody else."""

from __future__ import annotations

import socket
from pathlib import Path

from tests.databases import new_url, remove
from tests.ports import HOST, free_port
from tests.server_process import SIPWAY, ask, request, running

_SCRIPT = """
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "db_mysql.so"
loadmodule "sqlops.so"
modparam("sqlops", "sqlcon", "c=>{url}")
request_route {{
    if ($rU == "slow") {{
        sql_query("c", "select sleep(2)", "r");
    }}
    sl_send_reply("200", "$rU");
}}
"""
_SLOW = 50
_OTHERS = 500


def test_all_others_are_answered_meanwhile(tmp_path: Path) -> None:
    url = new_url("mysql", tmp_path, "slow_server")
    script = tmp_path / "script.cfg"
    script.write_text(_SCRIPT.format(url=url))
    port = free_port()
    command = [*SIPWAY, "run", str(script), "-l", f"udp:{HOST}:{port}"]
    try:
        with (
            running(command, tmp_path / "log") as server,
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone,
        ):
            ask(port, request("OPTIONS", "sip:up@x"), server)
            phone.bind((HOST, 0))
            phone.settimeout(20)
            phone.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
            mine = f"Via: SIP/2.0/UDP {HOST}:{phone.getsockname()[1]}"

            def send(user: str) -> None:
                text = request("OPTIONS", f"sip:{user}@x")
                phone.sendto(
                    text.replace("Via: SIP/2.0/UDP 127.0.0.1:9", mine).encode(), (HOST, port)
                )

            answers: list[str] = []
            for number in range(_OTHERS):
                if number % 10 == 0:
                    send("slow")
                send("quick")
                if number % 50 == 49:  # so that no buffer of the system overflows
                    answers += [_name(phone.recv(65535)) for _ in range(50)]
            assert answers == ["quick"] * _OTHERS
            # Sixteen connections: the last of them waits for its turn, and gets it or a failure.
            slow = [_name(phone.recv(65535)) for _ in range(_SLOW)]
            assert slow == ["slow"] * _SLOW
    finally:
        remove(url)


def _name(answer: bytes) -> str:
    return answer.split(b"\r\n", 1)[0].decode().split()[2]
