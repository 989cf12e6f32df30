"""Where a server keeps its state, and that it keeps it."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from sipway.errors import StoreError
from sipway.server import state
from sipway.server.state import State, state_directory
from sipway.stores.embedded import EmbeddedStore
from sipway.stores.memory import MemoryStore


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SIPWAY_STATE_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", "/home/alice")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    return monkeypatch


def test_the_directory_is_where_people_look_for_it(environment: pytest.MonkeyPatch) -> None:
    assert state_directory(None) == Path("/home/alice/.local/state/sipway")
    environment.setenv("XDG_STATE_HOME", "/home/alice/state")
    assert state_directory(None) == Path("/home/alice/state/sipway")
    environment.setenv("XDG_STATE_HOME", "relative/is/ignored")
    assert state_directory(None) == Path("/home/alice/.local/state/sipway")
    environment.setattr(os, "geteuid", lambda: 0)
    assert state_directory(None) == Path("/var/lib/sipway")


def test_the_option_goes_before_the_environment(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SIPWAY_STATE_DIR", "/srv/sip")
    assert state_directory(None) == Path("/srv/sip")
    assert state_directory("/srv/other") == Path("/srv/other")
    assert state_directory("here") == Path.cwd() / "here"
    assert state_directory("none") is None
    environment.setenv("SIPWAY_STATE_DIR", "none")
    assert state_directory(None) is None


def test_nothing_is_made_before_somebody_asks(tmp_path: Path) -> None:
    kept = State(tmp_path / "state", pytest.fail)
    kept.close()
    assert not (tmp_path / "state").exists()
    opened = kept.open()
    assert isinstance(opened, EmbeddedStore)
    assert kept.open() is opened
    kept.close()


def test_nowhere_is_memory() -> None:
    kept = State(None, pytest.fail)
    assert isinstance(kept.open(), MemoryStore)
    kept.close()


def test_what_is_written_is_carried_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(state, "_SYNC_SECONDS", 0.001)
    synced: list[int] = []
    said: list[str] = []
    kept = State(tmp_path / "state", said.append)
    store = kept.open()
    assert isinstance(store, EmbeddedStore)
    monkeypatch.setattr(os, "fdatasync", synced.append)

    async def serve() -> None:
        task = asyncio.create_task(kept.keep())
        store.table("location").put(b"alice", b"1")
        store.commit()
        while not synced:
            await asyncio.sleep(0.001)
        # A copy that fails is told of once, and not tried without end.
        monkeypatch.setattr(EmbeddedStore, "wants_copy", True)
        tries: list[int] = []

        def fail() -> None:
            tries.append(1)
            raise StoreError("no space")

        monkeypatch.setattr(store, "begin_copy", lambda: fail)
        while not said:
            await asyncio.sleep(0.001)
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert len(tries) == 1
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(serve())
    assert said == ["no space"]
    monkeypatch.undo()
    kept.close()
