"""JSON-RPC over a FIFO, datagrams and TCP (module jsonrpcs)."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import json
import logging
import os
import socket
import stat
from pathlib import Path
from typing import Any, Final

from sipway.core.commands import jsonrpc
from sipway.core.program import Program
from sipway.modules import jsonrpcs
from sipway.rpc import datagrams
from sipway.rpc.documents import Documents

logger = logging.getLogger("sipway.rpc")

_MOST: Final = 64
"""Requests, or connections, at a time."""

_CHUNK: Final = 65_536
_PATIENCE: Final = 5.0
"""Seconds for the rest of a request that has begun, and for a reader of an answer."""

_IDLE: Final = 3600.0
_STEP: Final = 0.01


async def _answer(program: Program, document: bytes, local: bool = True) -> jsonrpc.Answer:
    """`local`: whoever asks has access to this machine's files, so that one may be written."""
    answer = await jsonrpc.answer(program, document, bool(jsonrpcs.PRETTY(program)))
    await asyncio.sleep(0)  # whoever asks much at once does not hold up calls
    where = answer.request.get("store_path")
    if local and isinstance(where, str) and answer.body:
        return await asyncio.to_thread(_stored, answer, where)
    return answer


def _stored(answer: jsonrpc.Answer, where: str) -> jsonrpc.Answer:
    """Keep an answer in a file, as whoever asks wants it."""
    number = answer.request.get("id")
    try:
        Path(where).write_bytes(answer.body)
        body: dict[str, Any] = {"jsonrpc": "2.0", "result": {"stored": where}, "id": number}
    except OSError as error:
        said = {"code": 500, "message": f"not stored: {error.strerror}"}
        body = {"jsonrpc": "2.0", "error": said, "id": number}
    return jsonrpc.Answer(answer.code, answer.reason, json.dumps(body).encode(), answer.request)


# --- FIFO --------------------------------------------------------------------------------


class _Fifo:
    """Requests from a FIFO; each names the FIFO for its answer."""

    def __init__(self, program: Program, descriptor: int) -> None:
        self._program = program
        self._descriptor = descriptor
        self._documents = Documents()
        self._loop = asyncio.get_running_loop()
        self._since = 0.0
        self._tasks: set[asyncio.Task[None]] = set()

    def on_readable(self) -> None:
        try:
            data = os.read(self._descriptor, _CHUNK)
        except (BlockingIOError, InterruptedError):
            return
        now = self._loop.time()
        if self._documents.waits and now - self._since > _PATIENCE:
            self._documents.drop()  # whoever began that has gone
        self._since = now
        for document in self._documents.feed(data):
            if len(self._tasks) >= _MOST:
                logger.warning("a request of the FIFO is lost: %d are under way", _MOST)
                continue
            task = self._loop.create_task(self._carry_out(document))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _carry_out(self, document: bytes) -> None:
        answer = await _answer(self._program, document)
        name = answer.request.get("reply_name")
        if isinstance(name, str) and name and answer.body:
            await _write_to_fifo(Path(jsonrpcs.REPLY_DIR(self._program)), name, answer.body)
        elif answer.code not in (200, "200"):
            logger.warning("a request of the FIFO: %s", answer.reason)


async def _write_to_fifo(directory: Path, name: str, data: bytes) -> None:
    """Write an answer to the FIFO `name` of a directory, if somebody reads it in time."""
    if "/" in name or name in (".", ".."):
        logger.warning("no answer is written to %s: a name without / is wanted", name[:60])
        return
    end = asyncio.get_running_loop().time() + _PATIENCE
    descriptor = -1
    try:
        while descriptor < 0:
            try:
                flags = os.O_WRONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOFOLLOW
                descriptor = os.open(directory / name, flags)
            except OSError as error:
                if error.errno not in (errno.ENXIO, errno.ENOENT) or _is_late(end):
                    logger.warning("no answer is written to %s: %s", name[:60], error.strerror)
                    return
                await asyncio.sleep(_STEP)
        if not stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            logger.warning("no answer is written to %s: it is no FIFO", name[:60])
            return
        while data:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:
                if _is_late(end):
                    return
                await asyncio.sleep(_STEP)
    except OSError:
        pass  # whoever read has gone
    finally:
        if descriptor >= 0:
            os.close(descriptor)


def _is_late(end: float) -> bool:
    return asyncio.get_running_loop().time() > end


async def serve_fifo(program: Program, descriptor: int) -> None:
    """Answer what comes by a FIFO until cancelled."""
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, _Fifo(program, descriptor).on_readable)
    try:
        await loop.create_future()
    finally:
        loop.remove_reader(descriptor)


# --- datagrams ---------------------------------------------------------------------------


async def serve_datagrams(program: Program, bound: socket.socket) -> None:
    """Answer datagrams until cancelled."""
    local = bound.family == socket.AF_UNIX

    async def answer(data: bytes) -> bytes:
        return (await _answer(program, data, local)).body

    await datagrams.serve(bound, answer)


# --- TCP ---------------------------------------------------------------------------------


async def serve_stream(program: Program, bound: socket.socket) -> None:
    """Answer connections until cancelled; each may ask any number of times."""
    connected = 0

    async def on_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connected
        if connected >= _MOST:
            writer.close()
            return
        connected += 1
        try:
            with contextlib.suppress(OSError, TimeoutError):  # it has gone, and says no more
                await _converse(program, reader, writer)
        finally:
            connected -= 1
            writer.close()

    server = await asyncio.start_server(on_connection, sock=bound)
    async with server:
        await server.serve_forever()


async def _converse(
    program: Program, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    documents = Documents()
    while data := await asyncio.wait_for(reader.read(_CHUNK), _IDLE):
        for document in documents.feed(data):
            writer.write((await _answer(program, document, local=False)).body)
            await writer.drain()
