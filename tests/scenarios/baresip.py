"""baresip, a phone without a screen: told what to do, and asked what it heard, over a TCP port."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import subprocess
import time
import wave
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

_PATIENCE: Final = 20.0

# A phone whose microphone hears a tone. What comes from its speaker goes nowhere (aubridge), but
# is written down on the way (sndfile).
_CONFIG: Final = """
poll_method poll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
audio_source ausine,{hertz}
ausrc_srate 48000
ausrc_channels 2
audio_player aubridge,nobody
audio_alert aubridge,nobody
auplay_channels 1
ringback_disabled yes
rtp_stats yes
snd_path {folder}
module_path /usr/lib/baresip/modules
module g711.so
module ausine.so
module aubridge.so
module sndfile.so
module_tmp account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""
_ACCOUNT: Final = (
    '<sip:{name}@127.0.0.1:{proxy}>;regint={registers}{secret};outbound="sip:127.0.0.1:{proxy};transport={transport}"'
    ";audio_codecs=PCMU;answermode={answer}\n"
)


@dataclass(slots=True)
class Phone:
    """A running baresip; `port` is where it listens for SIP."""

    name: str
    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    control: socket.socket
    _buffer: bytes = b""
    _events: list[dict[str, Any]] = field(default_factory=list)

    def command(self, command: str, what: str = "") -> None:
        """Have it do something; AssertionError if it does not want to."""
        text = json.dumps({"command": command, "params": what, "token": command})
        self.control.sendall(f"{len(text)}:{text},".encode())
        answer = self._wait(lambda said: said.get("token") == command, command)
        assert answer["ok"], answer

    def wait_for(self, event: str) -> dict[str, Any]:
        """The next event of this type that it tells of."""
        return self._wait(lambda said: said.get("type") == event, event)

    def wait_until_said(self, text: str) -> None:
        """Wait until it has said this to whoever looks at its terminal."""
        ends = time.monotonic() + _PATIENCE
        while text not in self.output():
            assert time.monotonic() < ends, f"{self.name} does not say {text}\n{self.output()}"
            time.sleep(0.02)  # until the next look at what it has said

    def wait_until_heard(self, seconds: float) -> None:
        """Wait until so much sound has arrived."""
        ends = time.monotonic() + _PATIENCE
        while sum(each.stat().st_size for each in self._heard()) < seconds * 8000 * 2:
            assert time.monotonic() < ends, f"{self.name} hears nothing\n{self.output()}"
            time.sleep(0.02)  # until the next look at how the file has grown

    def hertz(self) -> float:
        """How high the tone is that it has heard for the longest time, by its zero crossings."""
        path = max(self._heard(), key=lambda each: each.stat().st_size)
        with wave.open(str(path)) as sound:
            assert (sound.getsampwidth(), sound.getnchannels()) == (2, 1)
            samples: array[int] = array("h", sound.readframes(sound.getnframes()))
            # The first and the last moments may be silent.
            middle = samples[len(samples) // 4 : -len(samples) // 4]
            rises: int = sum(a < 0 <= b for a, b in pairwise(middle))
            rate: int = sound.getframerate()
        return rises * rate / len(middle)

    def packets(self) -> tuple[int, int]:
        """How many packets of sound it has sent and got, as it says at the end of a call."""
        found = re.search(r"packets: +(\d+) +(\d+)", self.output())
        assert found is not None, self.output()
        return int(found[1]), int(found[2])

    def output(self) -> str:
        return (self.folder / "output").read_text("utf-8", "replace")

    def _heard(self) -> list[Path]:
        return list(self.folder.glob("dump-*-dec.wav"))

    def _wait(self, wanted: Any, name: str) -> dict[str, Any]:
        """The first of what it has said and says that is wanted; that is then taken off."""
        ends = time.monotonic() + _PATIENCE
        while True:
            for index, said in enumerate(self._events):
                if wanted(said):
                    return self._events.pop(index)
            self.control.settimeout(max(0.01, ends - time.monotonic()))
            try:
                data = self.control.recv(65_536)
            except TimeoutError:
                data = b""
            if not data:
                raise AssertionError(f"{self.name} says nothing of {name}\n{self.output()}")
            self._buffer += data
            self._take_netstrings()

    def _take_netstrings(self) -> None:
        """Netstrings, as `5:hello,`: what is complete becomes events."""
        while match := re.match(rb"(\d+):", self._buffer):
            begin = match.end()
            end = begin + int(match[1])
            if len(self._buffer) <= end:
                return
            self._events.append(json.loads(self._buffer[begin:end]))
            self._buffer = self._buffer[end + 1 :]


@contextlib.contextmanager
def phone(
    name: str,
    folder: Path,
    proxy: int,
    *,
    port: int,
    hertz: int,
    transport: str = "udp",
    answers: bool = False,
    registers: int = 0,
    password: str | None = None,
) -> Iterator[Phone]:
    """A phone behind the proxy at a port of the loopback interface; it is ended at the end.

    `transport` is what it calls by. It registers for `registers` seconds, if that is not 0.
    """
    folder = folder / name
    folder.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as probe:
        control = probe.getsockname()[1]
    config = _CONFIG.format(port=port, hertz=hertz, folder=folder, control=control)
    (folder / "config").write_text(config.lstrip())
    answer = "auto" if answers else "manual"
    secret = "" if password is None else f";auth_user={name};auth_pass={password}"
    account = _ACCOUNT.format(
        name=name,
        proxy=proxy,
        transport=transport,
        answer=answer,
        registers=registers,
        secret=secret,
    )
    (folder / "accounts").write_text(account)
    with (folder / "output").open("wb") as output:
        process = subprocess.Popen(
            ["baresip", "-4", "-f", str(folder)],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        with _connected(process, control, folder) as connection:
            yield Phone(name, port, folder, process, connection)
    finally:
        process.kill()
        process.wait()


def _connected(process: subprocess.Popen[bytes], port: int, folder: Path) -> socket.socket:
    ends = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < ends:
        try:
            return socket.create_connection(("127.0.0.1", port))
        except ConnectionRefusedError:
            time.sleep(0.02)  # nobody listens yet; a closed port tells no more than that
    raise AssertionError(f"baresip does not start\n{(folder / 'output').read_text()}")
