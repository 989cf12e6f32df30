"""Where a server keeps its state, and what keeps that on the disk while it serves."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sipway.errors import StoreError
from sipway.stores.interface import Store
from sipway.stores.memory import MemoryStore

if TYPE_CHECKING:
    from sipway.stores.embedded import EmbeddedStore

VARIABLE: Final = "SIPWAY_STATE_DIR"
"""The environment variable that names the state directory, where no option does."""

NOWHERE: Final = "none"
"""In place of a directory: keep nothing beyond the process."""

# How much of the journal a power failure may cost, in seconds.
_SYNC_SECONDS: Final = 1.0
# After a copy that failed, before the next is tried.
_RETRY_SECONDS: Final = 60.0


def state_directory(chosen: str | None) -> Path | None:
    """The directory for what outlives the server; None where nothing is to be kept.

    The option's word goes before the environment's; else it is `/var/lib/sipway` for root and
    `sipway` in `$XDG_STATE_HOME` (`~/.local/state`) for others.
    """
    said = chosen or os.environ.get(VARIABLE)
    if said:
        return None if said == NOWHERE else Path(said).absolute()
    if os.geteuid() == 0:
        return Path("/var/lib/sipway")
    home = os.environ.get("XDG_STATE_HOME", "")
    # The specification has relative paths ignored.
    base = Path(home) if home.startswith("/") else Path.home() / ".local" / "state"
    return base / "sipway"


class State:
    """The store of a server: opened when a module asks for it, kept on the disk from then on.

    store   the store, once somebody has asked for it
    """

    def __init__(self, directory: Path | None, tell: Callable[[str], None]) -> None:
        self._directory = directory
        self._tell = tell
        self.store: Store | None = None
        self._embedded: EmbeddedStore | None = None

    @property
    def is_embedded(self) -> bool:
        """Whether a directory is in use."""
        return self._embedded is not None

    def open(self) -> Store:
        """The store. Raises StoreError."""
        if self.store is None:
            if self._directory is None:
                self.store = MemoryStore()
            else:
                from sipway.stores.embedded import EmbeddedStore

                self.store = self._embedded = EmbeddedStore(self._directory, self._tell)
        return self.store

    def give_to(self, user: int, group: int) -> None:
        """Let a user have the files, whom the server is about to become. Raises StoreError."""
        if self._embedded is None or self._directory is None:
            return
        try:
            for path in (self._directory, *self._directory.rglob("*")):
                shutil.chown(path, user, group)
        except OSError as error:
            raise StoreError(f"cannot give {self._directory} away: {error.strerror}") from error

    async def keep(self) -> None:
        """Carry to the disk what is written, until cancelled."""
        store = self._embedded
        if store is None:
            return
        said = ""
        copy_at = 0.0
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_SYNC_SECONDS)
            try:
                await asyncio.to_thread(store.sync_journal)
                if store.wants_copy and loop.time() >= copy_at:
                    copy_at = loop.time() + _RETRY_SECONDS
                    await asyncio.to_thread(store.begin_copy())
                    copy_at = 0.0
                said = ""
            except StoreError as error:
                if error.message != said:  # once, not each second
                    said = error.message
                    self._tell(str(error))

    def close(self) -> None:
        """Commit and let go. Raises StoreError."""
        if self.store is not None:
            self.store.close()
            self.store = None
