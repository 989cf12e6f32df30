"""All that a server listens on for commands, as the modules ctl and jsonrpcs want it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any, Final

from sipway.core.program import Program
from sipway.errors import SipwayError
from sipway.modules import ctl, jsonrpcs
from sipway.rpc import control, json_sockets
from sipway.rpc.places import bind, make_fifo, read

logger = logging.getLogger("sipway.rpc")

_SWITCH: Final = 0.0005
"""Seconds; Python's own are ten times as many."""


class Listeners:
    """Bound when made, so that what is wrong is found at the start; they answer once served.

    `run_dir` is where paths begin that are not absolute. Of the places that a script does not name
    itself, one that cannot be had is logged, and the server does without. Raises TransportError,
    ConfigError for the others.
    """

    def __init__(self, program: Program, run_dir: Path | None) -> None:
        self._program = program
        self._run_dir = run_dir
        self._services: list[Callable[[], Coroutine[Any, Any, None]]] = []
        self._ends: list[Callable[[], object]] = []
        try:
            if "ctl" in program.modules:
                self._bind_ctl()
            if "jsonrpcs" in program.modules:
                self._bind_jsonrpcs()
        except BaseException:
            self.close()
            raise

    async def serve(self) -> None:
        """Answer until cancelled."""
        if self._services:
            # Long answers are made in a thread; a call waits for it so long each time.
            sys.setswitchinterval(_SWITCH)
            await asyncio.gather(*(each() for each in self._services))

    def close(self) -> None:
        """Give sockets and files back."""
        for end in reversed(self._ends):
            with contextlib.suppress(OSError):
                end()
        self._ends.clear()

    def _attempt(self, given: bool, listen: Callable[[], None]) -> None:
        try:
            listen()
        except SipwayError as error:
            if given:
                raise
            logger.warning("%s; -Y or rundir choose another directory", error)

    def _bind_ctl(self) -> None:
        program = self._program
        owner = (ctl.MODE(program), ctl.USER(program), ctl.GROUP(program))

        def listen(text: str) -> None:
            place = read(text, self._run_dir, "udp")
            bound = bind(place, *owner)
            self._ends.append(bound.close)
            if place.path:
                self._ends.append(partial(os.unlink, place.path))
            serve = control.serve_stream if place.style == "stream" else control.serve_datagrams
            self._services.append(partial(serve, program, place, bound))

        for text in ctl.BINRPC(program):
            self._attempt(True, partial(listen, text))
        if not ctl.BINRPC(program) and self._run_dir is not None:
            self._attempt(False, partial(listen, "unix:kamailio_ctl"))

    def _bind_jsonrpcs(self) -> None:
        program = self._program
        wanted = jsonrpcs.TRANSPORT(program) or jsonrpcs.FIFO | jsonrpcs.DATAGRAM | jsonrpcs.TCP
        for bit, parameter, listen in (
            (jsonrpcs.FIFO, jsonrpcs.FIFO_NAME, self._fifo),
            (jsonrpcs.DATAGRAM, jsonrpcs.SOCKET, self._datagrams),
            (jsonrpcs.TCP, jsonrpcs.TCP_SOCKET, self._stream),
        ):
            text = parameter(program)
            if not wanted & bit or not text:
                continue
            given = parameter.key in program.parameters
            if not given and self._run_dir is None:
                continue
            self._attempt(given, partial(listen, text))

    def _fifo(self, text: str) -> None:
        program = self._program
        owner = (
            jsonrpcs.FIFO_MODE(program),
            jsonrpcs.FIFO_USER(program),
            jsonrpcs.FIFO_GROUP(program),
        )
        path = Path(read(f"unix:{text}", self._run_dir, "udp").path)
        descriptor = make_fifo(path, *owner)
        self._ends.append(partial(os.close, descriptor))
        self._ends.append(path.unlink)
        self._services.append(partial(json_sockets.serve_fifo, program, descriptor))

    def _datagrams(self, text: str) -> None:
        program = self._program
        owner = (
            jsonrpcs.SOCKET_MODE(program),
            jsonrpcs.SOCKET_USER(program),
            jsonrpcs.SOCKET_GROUP(program),
        )
        place = read(text, self._run_dir, "udp")
        bound = bind(place._replace(style="dgram"), *owner)
        self._ends.append(bound.close)
        if place.path:
            self._ends.append(partial(os.unlink, place.path))
        self._services.append(partial(json_sockets.serve_datagrams, program, bound))

    def _stream(self, text: str) -> None:
        bound = bind(read(text, self._run_dir, "tcp"), 0, "", "")
        self._ends.append(bound.close)
        self._services.append(partial(json_sockets.serve_stream, self._program, bound))
