"""What holds for every test: the build under test, the folders that are live, skips."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Final

import hypothesis
import pytest

import sipway

_TESTS: Final = Path(__file__).parent
_ALLOWED_SKIPS: Final = _TESTS / "allowed_skips.txt"
_LIVE: Final = {
    "bench", "cli", "compat", "examples", "net", "packaging", "scenarios", "server"
}  # fmt: skip

# How long an example takes is a matter of what else the machine does.
hypothesis.settings.register_profile("sipway", deadline=None)
hypothesis.settings.load_profile("sipway")

_skips: Final = pytest.StashKey[list[tuple[str, str]]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("sipway")
    group.addoption(
        "--strict-skips",
        action="store_true",
        help="fail when a test is skipped for a reason that tests/allowed_skips.txt does not list",
    )
    group.addoption(
        "--allow-skip",
        action="append",
        default=[],
        metavar="PATTERN",
        help="with --strict-skips: allow this reason too",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_skips] = []
    # What a test compiles is compiled here and now, in the servers that it starts too.
    os.environ["SIPWAY_CACHE"] = "off"
    # Servers that run side by side keep nothing, unless a test gives them a place of their own.
    os.environ["SIPWAY_STATE_DIR"] = "none"
    os.environ["SIPWAY_RUNTIME_DIR"] = "none"
    compiled_wanted = os.environ.get("REQUIRE_COMPILED", "0") not in ("", "0")
    pure_wanted = os.environ.get("SIPWAY_PURE", "0") not in ("", "0")
    if compiled_wanted and not pure_wanted and not sipway.BUILD.compiled:
        raise pytest.UsageError(f"REQUIRE_COMPILED is set, but the build is {sipway.BUILD}")


def pytest_report_header() -> str:
    return f"sipway {sipway.__version__}: {sipway.BUILD}"


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    # When it is collected: what is chosen by `-m` is chosen before all else is changed.
    if item.path.is_relative_to(_TESTS) and item.path.relative_to(_TESTS).parts[0] in _LIVE:
        item.add_marker("live")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> object:
    from tests.scheduling import Scheduling

    return Scheduling(config, log) if config.getvalue("dist") == "loadgroup" else None


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """Why it was skipped, or None; an expected failure counts as run."""
    if not report.skipped or hasattr(report, "wasxfail"):
        return None
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)


class _SkipRecorder:
    def __init__(self, skips: list[tuple[str, str]]) -> None:
        self._skips = skips

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._note(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._note(report)

    def _note(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        reason = _reason(report)
        if reason is not None:
            self._skips.append((report.nodeid, reason))


def pytest_sessionstart(session: pytest.Session) -> None:
    session.config.pluginmanager.register(_SkipRecorder(session.config.stash[_skips]))


def _unlisted(config: pytest.Config) -> Iterator[tuple[str, str]]:
    if not config.getoption("--strict-skips"):
        return
    listed = [
        line.strip()
        for line in _ALLOWED_SKIPS.read_text().splitlines()
        if line.strip() and not line.startswith("#")
    ]
    patterns = [*listed, *config.getoption("--allow-skip")]
    for node, reason in config.stash[_skips]:
        if not any(fnmatchcase(reason.lower(), pattern.lower()) for pattern in patterns):
            yield node, reason


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if any(_unlisted(session.config)) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    unlisted = list(_unlisted(config))
    if unlisted:
        terminalreporter.section("skipped for a reason that is not listed", red=True)
        for node, reason in unlisted:
            terminalreporter.line(f"{node}: {reason}")
