"""The cache of compiled scripts: when an entry is used, and when it is not."""

from __future__ import annotations

import logging
import os
import re
import stat
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from sipway import language
from sipway.core.loader import ModuleCatalog
from sipway.language import cache as cache_module
from sipway.language import compile_file, storing
from sipway.language.cache import MAX_ENTRIES, ScriptCache, default_directory
from sipway.language.inputs import Inputs
from sipway.language.nodes import BlockKind
from sipway.language.record import replace
from sipway.language.storing import NotStorable, Outcome
from tests.fakes import context

_ROOT = Path(__file__).resolve().parents[2]
_SCRIPT = """\
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "textops.so"
#!ifdef WITH_MORE
debug=3
#!endif
request_route {
    $var(n) = 5;
    if ($rU =~ "^[0-9]+$" && src_ip == 10.0.0.0/8) $var(n) = $var(n) + 1;
    subst('/^From:(.*)$/From:\\1;n=$var(n)/i');
    switch ($rm) { case /"^INV": $var(n) = 2; break; default: route(OTHER); }
    sl_send_reply("404", "Not $var(n)");
    exit;
    $var(never) = 1;
}
route[OTHER] { return; }
"""


class Cached:
    """A script in a folder, and a cache beside it; counts how often it is compiled."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "main.cfg"
        self.path.write_text(_SCRIPT)
        self.directory = folder / "cache"
        self.version = "1"
        self.compiled = 0

    def __call__(self, **defines: str | None) -> Outcome:
        cache = ScriptCache(self.directory, self.version)
        return Outcome(*compile_file(self.path, ModuleCatalog(), defines, cache))

    @property
    def entries(self) -> list[Path]:
        return sorted(self.directory.iterdir())

    def is_hit(self, **defines: str | None) -> bool:
        before = self.compiled
        self(**defines)
        return self.compiled == before


@pytest.fixture
def cached(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Cached:
    made = Cached(tmp_path)
    real = language._compile

    def counting(*arguments: Any) -> Any:
        made.compiled += 1
        return real(*arguments)

    monkeypatch.setattr("sipway.language._compile", counting)
    return made


def test_the_second_time_it_is_not_compiled(cached: Cached) -> None:
    first, second = cached(), cached()
    assert cached.compiled == 1
    assert first.compiled is not None
    assert second.compiled is not None
    assert second.compiled.codes == first.compiled.codes
    assert second.compiled.modules == first.compiled.modules
    assert second.compiled.variable_slots == first.compiled.variable_slots
    # What is said of it is the same, to the letter.
    said = [
        [(d.code, d.message, d.span.line, d.span.file.text, d.hint) for d in outcome.diagnostics]
        for outcome in (first, second)
    ]
    assert said[0] == said[1]
    assert said[0][0][0] == "unreachable-code"


def test_code_from_the_cache_runs(cached: Cached) -> None:
    cached()
    compiled = cached().compiled
    assert compiled is not None
    assert cached.compiled == 1
    ctx = context()
    ctx.vars = [0] * len(compiled.variable_slots)
    assert compiled.load()[BlockKind.REQUEST, None](ctx) == 0
    assert ctx.vars[compiled.variable_slots.index("n")] == 5
    assert ctx.socket.outgoing[0][0].startswith(b"SIP/2.0 404 Not 5\r\n")


def test_errors_are_kept_too(cached: Cached) -> None:
    cached.path.write_text('loadmodule "dialog.so"\nrequest_route { nothing_like_it(); }\n')
    first, second = cached(), cached()
    assert cached.compiled == 1
    assert second.compiled is None
    assert [d.message for d in second.diagnostics] == [d.message for d in first.diagnostics]


# --- what the outcome depends on ------------------------------------------------------------


def test_another_text(cached: Cached) -> None:
    cached()
    cached.path.write_text(_SCRIPT.replace("404", "405"))
    assert not cached.is_hit()
    assert cached.is_hit()


def test_the_same_text_written_anew(cached: Cached) -> None:
    cached()
    os.utime(cached.path, (1, 1))
    assert cached.is_hit()


def test_defines_of_the_command_line(cached: Cached) -> None:
    cached()
    assert not cached.is_hit(WITH_MORE=None)
    assert not cached.is_hit(WITH_MORE="1")
    assert cached.is_hit(WITH_MORE=None)
    assert cached.is_hit()


def test_an_included_file(cached: Cached) -> None:
    included = cached.path.with_name("more.cfg")
    included.write_text("debug=1\n")
    cached.path.write_text('include_file "more.cfg"\n' + _SCRIPT)
    cached()
    assert cached.is_hit()
    included.write_text("debug=2\n")
    assert not cached.is_hit()
    included.unlink()
    assert [d.code for d in cached().diagnostics] == ["include-not-found"]
    assert cached.is_hit()
    included.write_text("debug=2\n")
    assert not cached.is_hit()


def test_a_file_that_was_not_there(cached: Cached) -> None:
    cached.path.write_text('import_file "local.cfg"\n' + _SCRIPT)
    cached()
    assert cached.is_hit()
    cached.path.with_name("local.cfg").write_text("#!define WITH_MORE\n")
    assert not cached.is_hit()
    assert cached.is_hit()


def test_files_that_match_a_pattern(cached: Cached) -> None:
    cached.path.write_text('import_files "parts/*.cfg"\n' + _SCRIPT)
    cached()
    assert cached.is_hit()
    folder = cached.path.with_name("parts")
    folder.mkdir()
    (folder / "one.cfg").write_text("debug=1\n")
    assert not cached.is_hit()
    assert cached.is_hit()
    (folder / "other.txt").write_text("debug=1\n")
    assert cached.is_hit()
    (folder / "two.cfg").write_text("debug=1\n")
    assert not cached.is_hit()
    (folder / "one.cfg").write_text("debug=2\n")
    assert not cached.is_hit()
    (folder / "one.cfg").unlink()
    assert not cached.is_hit()


def test_a_variable_of_the_environment(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    cached.path.write_text("#!trydefenv CACHED_LEVEL\n" + _SCRIPT)
    cached()
    assert cached.is_hit()
    monkeypatch.setenv("CACHED_LEVEL", "3")
    assert not cached.is_hit()
    assert cached.is_hit()
    monkeypatch.setenv("CACHED_LEVEL", "4")
    assert not cached.is_hit()
    monkeypatch.setenv("CACHED_OTHER", "4")
    assert cached.is_hit()


def test_the_version_of_sipway(cached: Cached) -> None:
    cached()
    cached.version = "2"
    assert not cached.is_hit()


def test_the_version_of_python(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    cached()
    monkeypatch.setattr(sys, "version", "3.99")
    assert not cached.is_hit()


def test_the_current_directory(
    cached: Cached, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert not cached.is_hit()  # names of included files are looked for there first


def test_nothing_else_is_asked_of_the_machine() -> None:
    """What the language reads it reads through `Inputs`, or the cache would not notice."""
    asks = re.compile(
        r"\bos\.(environ|getenv|listdir|scandir)|\.(read_text|read_bytes|exists|is_file|r?glob)\("
    )
    folder = _ROOT / "src" / "sipway" / "language"
    asking = {path.name for path in folder.rglob("*.py") if asks.search(path.read_text())}
    assert asking == {"inputs.py", "cache.py"}


# --- entries that cannot be used --------------------------------------------------------------


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:0],
        lambda data: data[:-1],
        lambda data: data[: len(data) // 2],
        lambda data: data[:40] + bytes([data[40] ^ 1]) + data[41:],
        lambda data: data[:-1] + bytes([data[-1] ^ 1]),
        lambda data: b"something else" + data,
        lambda data: data.replace(b"sipway script 1", b"sipway script 0"),
    ],
)
def test_a_damaged_entry(cached: Cached, damage: Any, caplog: pytest.LogCaptureFixture) -> None:
    cached()
    (entry,) = cached.entries
    whole = entry.read_bytes()
    entry.write_bytes(damage(whole))
    with caplog.at_level(logging.DEBUG, "sipway.cache"):
        assert not cached.is_hit()
    assert [record.levelname for record in caplog.records] == ["DEBUG"]
    assert entry.read_bytes() == whole
    assert cached.is_hit()


def test_an_entry_that_names_what_is_not_ours(cached: Cached) -> None:
    """A body that is whole and yet not ours, such as `os.system`, is not carried out."""
    import pickle

    cached()
    (entry,) = cached.entries
    marker = cached.path.with_name("marker")

    class Evil:
        def __reduce__(self) -> Any:
            return os.system, (f"touch {marker}",)

    state = Inputs()
    state.read(cached.path)
    entry.write_bytes(cache_module._packed(state, pickle.dumps(Evil())))
    assert not cached.is_hit()
    assert not marker.exists()


def test_an_entry_for_a_module_that_is_not_there_now(cached: Cached) -> None:
    cached()

    class Less(ModuleCatalog):
        def load(self, name: str) -> Any:
            return None if name == "textops" else super().load(name)

    cache = ScriptCache(cached.directory, cached.version)
    assert cache.find(cached.path, {}, Less()) is None


def test_an_entry_that_others_may_write(cached: Cached) -> None:
    cached()
    (entry,) = cached.entries
    entry.chmod(0o620)
    assert not cached.is_hit()
    assert stat.S_IMODE(entry.stat().st_mode) == 0o600  # it has been written anew


def test_an_entry_that_is_a_link(cached: Cached) -> None:
    cached()
    (entry,) = cached.entries
    entry.rename(cached.path.with_name("moved"))
    entry.symlink_to(cached.path.with_name("moved"))
    assert not cached.is_hit()
    assert not entry.is_symlink()


# --- the directory ------------------------------------------------------------------------------


def test_the_directory_is_closed_to_others(cached: Cached) -> None:
    cached()
    assert stat.S_IMODE(cached.directory.stat().st_mode) == 0o700
    assert [stat.S_IMODE(entry.stat().st_mode) for entry in cached.entries] == [0o600]


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o755, 0o711])
def test_a_directory_that_others_may_use(
    cached: Cached, mode: int, caplog: pytest.LogCaptureFixture
) -> None:
    cached()
    cached.directory.chmod(mode)
    with caplog.at_level(logging.DEBUG, "sipway.cache"):
        assert not cached.is_hit()
    assert "others may use" in caplog.text


def test_a_directory_of_somebody_else(
    cached: Cached, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cached()
    mine = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: mine + 1)
    with caplog.at_level(logging.DEBUG, "sipway.cache"):
        assert not cached.is_hit()
    assert "belongs to somebody else" in caplog.text


def test_a_directory_that_is_a_link(cached: Cached) -> None:
    cached()
    cached.directory.rename(cached.path.with_name("moved"))
    cached.directory.symlink_to(cached.path.with_name("moved"))
    assert not cached.is_hit()


def test_a_directory_that_cannot_be_written(
    cached: Cached, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a read-only file system (root may write whatever the mode says)."""
    cached()
    real = os.open

    def read_only(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        if flags & (os.O_WRONLY | os.O_CREAT):
            raise OSError(30, "Read-only file system")
        return real(path, flags, *rest, **named)

    def refused(*_: Any, **__: Any) -> None:
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr(os, "open", read_only)
    monkeypatch.setattr(os, "utime", refused)
    assert cached.is_hit()
    assert not cached.is_hit(WITH_MORE=None)
    assert len(cached.entries) == 1


def test_a_place_where_no_directory_can_be(cached: Cached) -> None:
    cached.directory = cached.path / "cache"  # below a file
    assert cached().compiled is not None
    assert not cached.is_hit()


def test_no_more_entries_than_the_limit(cached: Cached) -> None:
    for number in range(MAX_ENTRIES + 5):
        cached.version = f"{number}"
        cached()
    assert len(cached.entries) == MAX_ENTRIES
    assert cached.is_hit()


def test_what_was_used_last_stays(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache_module, "MAX_ENTRIES", 2)
    names: dict[str, Path] = {}
    for version, time in (("a", 100), ("b", 200)):
        cached.version = version
        cached()
        (names[version],) = [entry for entry in cached.entries if entry not in names.values()]
        os.utime(names[version], (time, time))
    cached.version = "a"
    assert cached.is_hit()  # now the youngest
    cached.version = "c"
    cached()
    assert names["a"].exists()
    assert not names["b"].exists()


def test_no_more_bytes_than_the_limit(cached: Cached, monkeypatch: pytest.MonkeyPatch) -> None:
    cached()
    size = cached.entries[0].stat().st_size
    monkeypatch.setattr(cache_module, "MAX_BYTES", 5 * size)
    for number in range(8):
        cached.version = f"v{number}"
        cached()
    assert sum(entry.stat().st_size for entry in cached.entries) <= 5 * size
    monkeypatch.setattr(cache_module, "MAX_BYTES", 2 * size)
    cached.version = "too large for a quarter of that"
    assert not cached.is_hit()
    assert not cached.is_hit()


def test_what_a_writer_left_behind(cached: Cached) -> None:
    cached()
    (entry,) = cached.entries
    left = cached.directory / f".{entry.name}.0123456789abcdef"
    left.write_bytes(b"half")
    other = cached.directory / "not-ours"
    other.write_bytes(b"")
    for path in (left, other):
        os.utime(path, (1, 1))
    assert not cached.is_hit(WITH_MORE=None)
    assert not left.exists()
    assert other.exists()


def test_many_writers_at_once(cached: Cached) -> None:
    faults: list[BaseException] = []

    def work() -> None:
        try:
            for number in range(10):
                assert cached(WITH_MORE=f"{number % 3}").compiled is not None
        except BaseException as fault:  # noqa: BLE001 - told below
            faults.append(fault)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert len(cached.entries) == 3
    assert all(cached.is_hit(WITH_MORE=f"{number}") for number in range(3))


# --- where it lies ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environment", "user", "expected"),
    [
        ({"SIPWAY_CACHE": "off"}, 1000, None),
        ({"SIPWAY_CACHE": "OFF"}, 0, None),
        ({"SIPWAY_CACHE": "/somewhere"}, 0, "/somewhere"),
        ({"HOME": "/home/a"}, 1000, "/home/a/.cache/sipway"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "/xdg"}, 1000, "/xdg/sipway"),
        ({"HOME": "/home/a", "XDG_CACHE_HOME": "relative"}, 1000, "/home/a/.cache/sipway"),
        ({"HOME": "/root", "XDG_CACHE_HOME": "/xdg"}, 0, "/var/cache/sipway"),
        ({}, 1000, None),
        ({"HOME": "not/absolute"}, 1000, None),
    ],
)
def test_the_directory(
    environment: dict[str, str],
    user: int,
    expected: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("SIPWAY_CACHE", "HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "geteuid", lambda: user)
    assert default_directory() == (None if expected is None else Path(expected))


# --- what can be stored ---------------------------------------------------------------------------


def _scripts() -> list[Path]:
    folders = ("examples", "bench", "tests", "src")
    return sorted(path for name in folders for path in (_ROOT / name).rglob("*.cfg"))


@pytest.mark.parametrize("path", _scripts(), ids=lambda path: str(path.relative_to(_ROOT)))
def test_every_script_here_can_be_stored(path: Path) -> None:
    catalog, inputs = ModuleCatalog(), Inputs()
    outcome = Outcome(*compile_file(path, catalog))
    found = storing.load(storing.store(outcome, catalog, inputs), catalog, inputs)
    assert len(found.diagnostics) == len(outcome.diagnostics)
    assert (found.compiled is None) == (outcome.compiled is None)
    if found.compiled is not None and outcome.compiled is not None:
        assert found.compiled.codes == outcome.compiled.codes
        assert found.compiled.bindings.keys() == outcome.compiled.bindings.keys() - {"__builtins__"}


def test_what_cannot_be_stored_is_compiled_each_time(
    cached: Cached, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> bytes:
        raise NotStorable("a lock")

    monkeypatch.setattr(storing, "store", refuse)
    with caplog.at_level(logging.DEBUG, "sipway.cache"):
        assert cached().compiled is not None
    assert "is not kept in the cache: a lock" in caplog.text
    assert not cached.is_hit()


def test_an_object_of_an_unknown_kind_is_not_stored(cached: Cached) -> None:
    catalog, inputs = ModuleCatalog(), Inputs()
    outcome = Outcome(*compile_file(cached.path, catalog))
    assert outcome.compiled is not None
    for thing in (threading.Lock(), iter([1]).__next__, sys._getframe(), language):
        bindings = {**outcome.compiled.bindings, "thing": thing}
        changed = replace(outcome.compiled, bindings=bindings)
        with pytest.raises(NotStorable):
            storing.store(Outcome(changed, []), catalog, inputs)
