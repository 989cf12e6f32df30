"""The default store is there again: after an end, a kill, a power failure and damage."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from sipway.errors import StoreError
from sipway.stores import directory as directories
from sipway.stores import embedded
from sipway.stores.embedded import EmbeddedStore


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def opened(tmp_path: Path, told: list[str]) -> Iterator[EmbeddedStore]:
    store = EmbeddedStore(tmp_path / "state", told.append)
    yield store
    store.close()


def _reopened(tmp_path: Path, told: list[str]) -> EmbeddedStore:
    return EmbeddedStore(tmp_path / "state", told.append)


def _all(store: EmbeddedStore, name: str = "location") -> dict[bytes, bytes]:
    return dict(store.table(name).after(b"", 1_000_000))


def _die(tmp_path: Path, code: str) -> None:
    """Run statements on a store in another process, which is killed at their end."""
    program = f"""
        import os, signal
        from pathlib import Path
        from sipway.stores.embedded import EmbeddedStore
        store = EmbeddedStore(Path({str(tmp_path / "state")!r}), print)
        table = store.table("location")
        {textwrap.dedent(code)}
        os.kill(os.getpid(), signal.SIGKILL)
    """
    lines = "\n".join(line.strip() for line in program.splitlines())
    done = subprocess.run([sys.executable, "-c", lines], timeout=50, check=False)
    assert done.returncode == -signal.SIGKILL


def _another_boot(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    boot = tmp_path / "boot_id"
    boot.write_text("another")
    monkeypatch.setattr(directories, "_BOOT_ID", boot)


def test_what_was_committed_is_there_after_an_orderly_end(tmp_path: Path, told: list[str]) -> None:
    store = _reopened(tmp_path, told)
    store.table("location").put(b"alice", b"1")
    store.close()
    store = _reopened(tmp_path, told)
    assert _all(store) == {b"alice": b"1"}
    store.close()
    assert told == []


def test_what_was_committed_is_there_after_a_kill(tmp_path: Path, told: list[str]) -> None:
    _die(tmp_path, 'table.put(b"alice", b"1"); store.commit(); table.put(b"bob", b"2")')
    store = _reopened(tmp_path, told)
    assert _all(store) == {b"alice": b"1"}
    store.close()
    assert told == []


def test_a_kill_at_any_moment_loses_nothing_that_was_committed(
    tmp_path: Path, told: list[str]
) -> None:
    code = f"""
import sys
from pathlib import Path
from sipway.stores.embedded import EmbeddedStore
store = EmbeddedStore(Path({str(tmp_path / "state")!r}), print)
table = store.table("location")
first = len(table)
for number in range(first, 10_000_000):
    table.put(b"user%08d" % number, b"x" * (number % 700))
    store.commit()
    sys.stdout.buffer.write(b"%d\\n" % number)
"""
    choice = random.Random(5)
    last = -1
    for _ in range(5):
        with subprocess.Popen(
            [sys.executable, "-u", "-c", code], stdout=subprocess.PIPE
        ) as process:
            assert process.stdout is not None
            for _ in range(choice.randrange(1, 3000)):
                last = int(process.stdout.readline())
            process.kill()
            last = max([last, *(int(line) for line in process.stdout.read().split(b"\n")[:-1])])
    store = _reopened(tmp_path, told)
    found = _all(store)
    assert len(found) >= last + 1
    assert all(found[b"user%08d" % each] == b"x" * (each % 700) for each in range(last + 1))
    store.close()
    assert told == []


def test_after_a_power_failure_the_journal_says_what_was_there(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _die(
        tmp_path,
        """
        table.put(b"alice", b"1"); table.put(b"bob", b"2"); store.commit()
        store.begin_copy()()
        table.put(b"carol", b"3"); table.delete(b"bob"); store.commit()
        """,
    )
    # The pages that the kernel did not write in time are older ones, or nothing at all.
    data = tmp_path / "state" / "data" / "data.mdb"
    with data.open("r+b") as file:
        file.seek(8192)
        file.write(b"\0" * 65536)
    _another_boot(monkeypatch, tmp_path)
    store = _reopened(tmp_path, told)
    assert _all(store) == {b"alice": b"1", b"carol": b"3"}
    assert len(told) == 1
    assert "made anew with 2 entries" in told[0]
    store.close()


def test_a_journal_that_ends_in_the_middle_loses_that_frame_only(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _die(tmp_path, 'table.put(b"a", b"1"); store.commit(); table.put(b"b", b"2"); store.commit()')
    journal = tmp_path / "state" / "journal-1"
    os.truncate(journal, journal.stat().st_size - 1)
    _another_boot(monkeypatch, tmp_path)
    store = _reopened(tmp_path, told)
    assert _all(store) == {b"a": b"1"}
    # What is written from here on stands in a journal of its own.
    store.table("location").put(b"c", b"3")
    store.commit()
    store.sync_journal()
    monkeypatch.undo()
    store.close()
    (tmp_path / "state" / "session").write_text("damaged")
    store = _reopened(tmp_path, told)
    assert _all(store) == {b"a": b"1", b"c": b"3"}
    store.close()


def test_a_map_that_gets_full_while_the_journal_is_read_loses_nothing(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when it is the commit itself that finds no more room."""
    _die(
        tmp_path,
        """
        for number in range(30_000): table.put(b"user%08d" % number, b"x" * 100); store.commit()
        """,
    )
    monkeypatch.setattr(embedded, "_FIRST_SIZE", 1 << 20)
    monkeypatch.setattr(embedded, "_LARGEST_STEP", 1 << 20)
    _another_boot(monkeypatch, tmp_path)
    store = _reopened(tmp_path, told)
    assert {b"user%08d" % each for each in range(30_000)} - _all(store).keys() == set()
    store.close()
    assert "made anew with 30000 entries" in told[0]


def test_tables_that_were_written_at_once_come_back_at_once(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _die(
        tmp_path,
        """
        other = store.table("dialogs")
        table.put(b"alice", b"1"); other.put(b"call", b"2"); store.commit()
        """,
    )
    _another_boot(monkeypatch, tmp_path)
    store = _reopened(tmp_path, told)
    assert (_all(store), _all(store, "dialogs")) == ({b"alice": b"1"}, {b"call": b"2"})
    store.close()


def test_a_copy_makes_older_journals_superfluous(opened: EmbeddedStore, tmp_path: Path) -> None:
    table = opened.table("location")
    table.put(b"alice", b"1")
    make = opened.begin_copy()
    table.put(b"bob", b"2")
    opened.commit()
    make()
    names = sorted(path.name for path in (tmp_path / "state").iterdir() if "-" in path.name)
    assert names == ["copy-2", "journal-2"]
    assert not opened.wants_copy


def test_a_copy_is_wanted_when_the_journal_has_grown(
    opened: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_JOURNAL_SIZE", 1000)
    table = opened.table("location")
    assert not opened.wants_copy
    for _ in range(400):
        table.put(b"alice", b"x" * 1000)
        opened.commit()
    assert (opened.wants_copy, opened.begin_copy()(), opened.wants_copy) == (True, None, False)


def test_starts_that_write_nothing_leave_nothing_behind(
    tmp_path: Path, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(6):
        store = _reopened(tmp_path, told)
        if number == 2:
            store.table("location").put(b"alice", b"1")
        store.close()
    assert len(list((tmp_path / "state").glob("journal-*"))) == 2, (
        "the one with alice, and the last"
    )
    _another_boot(monkeypatch, tmp_path)
    (tmp_path / "state" / "session").write_text("open before\n")
    store = _reopened(tmp_path, told)
    assert _all(store) == {b"alice": b"1"}, "it is made anew of what is left"
    store.close()


@pytest.mark.parametrize("what", ["value", "cut", "emptied", "no LMDB", "page"])
def test_damage_is_found_at_the_start_and_mended(
    tmp_path: Path, told: list[str], what: str
) -> None:
    store = _reopened(tmp_path, told)
    table = store.table("location")
    wanted = {b"user%04d" % each: b"contact%04d" % each * 9 for each in range(3000)}
    for key, value in wanted.items():
        table.put(key, value)
    store.commit()
    store.begin_copy()()
    store.close()
    data = tmp_path / "state" / "data" / "data.mdb"
    content = bytearray(data.read_bytes())
    if what == "value":
        content[content.index(b"contact1234") + 3] ^= 1
    elif what == "cut":
        del content[len(content) // 2 :]
    elif what == "emptied":
        content.clear()
    elif what == "no LMDB":
        content[:4096] = b"?" * 4096
    else:
        at = content.index(b"contact1234") // 4096 * 4096
        content[at : at + 4096] = bytes(4096)
    data.write_bytes(content)
    store = _reopened(tmp_path, told)
    assert _all(store) == wanted
    store.close()
    assert len(told) == 1
    assert "made anew with 3000 entries" in told[-1]
    assert (tmp_path / "state" / "damaged" / "data.mdb").exists()


def test_damage_while_the_server_runs_is_not_served(
    tmp_path: Path, told: list[str], opened: EmbeddedStore
) -> None:
    table = opened.table("location")
    table.put(b"alice", b"contact1" * 5)
    table.put(b"bob", b"contact2" * 5)
    opened.commit()
    data = tmp_path / "state" / "data" / "data.mdb"
    with data.open("r+b") as file:
        file.seek(data.read_bytes().index(b"contact1contact1"))
        file.write(b"C")
    with pytest.raises(StoreError, match="damaged"):
        table.get(b"alice")
    assert table.get(b"bob") == b"contact2" * 5
    with pytest.raises(StoreError, match="damaged"):
        table.put(b"carol", b"")
    assert len(told) == 1
    assert "restart" in told[0]


def test_a_second_server_is_refused(tmp_path: Path, opened: EmbeddedStore) -> None:
    opened.table("location").put(b"alice", b"1")
    opened.commit()
    with pytest.raises(StoreError, match=f"in use by process {os.getpid()}") as caught:
        EmbeddedStore(tmp_path / "state", pytest.fail)
    assert "--state-dir" in str(caught.value)
    assert _all(opened) == {b"alice": b"1"}


def test_what_another_version_wrote_is_refused(tmp_path: Path, told: list[str]) -> None:
    _reopened(tmp_path, told).close()
    (tmp_path / "state" / "format").write_text("2\n")
    with pytest.raises(StoreError, match="has format 2, this sipway knows 1"):
        _reopened(tmp_path, told)


def test_a_place_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="cannot use the state directory"):
        EmbeddedStore(tmp_path / "file" / "state", pytest.fail)


def test_the_store_grows_with_what_is_in_it(tmp_path: Path, told: list[str]) -> None:
    store = _reopened(tmp_path, told)
    table = store.table("location")
    for number in range(30_000):  # in one transaction, which is begun anew when it does not fit
        table.put(b"user%06d" % number, b"%d" % number * 150)
    store.commit()
    assert len(table) == 30_000
    store.close()
    store = _reopened(tmp_path, told)
    assert store.table("location").get(b"user000007") == b"7" * 150
    assert len(_all(store)) == 30_000
    store.close()
    assert told == []


def test_a_full_disk_is_an_error_of_the_write_and_loses_nothing(
    opened: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = opened.table("location")
    table.put(b"alice", b"1")
    opened.commit()

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    kept = 0

    def fill() -> None:
        nonlocal kept
        while True:
            for each in range(50):
                table.put(b"user%06d" % (kept + each), b"x" * 1000)
            opened.commit()
            kept += 50

    with pytest.raises(StoreError, match="No space left on device"):
        fill()
    with contextlib.suppress(StoreError):  # whichever of the two it was that failed
        opened.commit()
    assert table.get(b"alice") == b"1"
    assert len(table) == kept + 1
    monkeypatch.undo()
    table.put(b"bob", b"2")
    opened.commit()
    assert table.get(b"bob") == b"2"


def test_a_journal_that_cannot_be_written_is_told_once_and_a_copy_wanted(
    opened: EmbeddedStore, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    table = opened.table("location")
    monkeypatch.setattr(os, "write", full)
    for each in (b"1", b"2"):
        table.put(b"alice", each)
        opened.commit()
    monkeypatch.undo()
    assert table.get(b"alice") == b"2"
    assert len(told) == 1
    assert "power failure" in told[0]
    assert opened.wants_copy
