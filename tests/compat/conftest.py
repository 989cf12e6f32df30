"""What is played on all servers, once for all tests that ask of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import pytest

from tests.compat.ahead import Ahead
from tests.compat.case import Suite, suites
from tests.compat.servers import (
    Outcome,
    StartError,
    kamailio_command,
    run_suite,
    sipway_commands,
)
from tests.scheduling import group

Outcomes = dict[str, Outcome]
OutcomesOf = Callable[[Suite], dict[str, Outcomes]]
"""By server: Kamailio, and each build of sipway."""

_beside: Final = pytest.StashKey[dict[str, dict[str, None]]]()


def _played(item: pytest.Item) -> str:
    """What is played for this test and others: a suite, or a module of flows."""
    given = item.callspec.params  # type: ignore[attr-defined]
    return str(given["module"] if "module" in given else given["suite"].name)


def pytest_collection_finish(session: pytest.Session) -> None:
    found: dict[str, dict[str, None]] = {}
    for item in session.items:
        if "beside" in getattr(item, "fixturenames", ()):
            found.setdefault(group(item.nodeid), {})[_played(item)] = None
    session.config.stash[_beside] = found


@pytest.fixture
def beside(request: pytest.FixtureRequest) -> list[str]:
    """What is played for the tests of the same group, by name, in their order."""
    return list(request.config.stash[_beside][group(request.node.nodeid)])


@pytest.fixture(scope="session")
def kamailio() -> list[str]:
    command = kamailio_command()
    if command is None:
        pytest.skip("kamailio is not installed")
    return command


@pytest.fixture(scope="session")
def _suites_ahead(
    kamailio: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ahead[dict[str, Outcomes | StartError]]]:
    by_name = {suite.name: suite for suite in suites()}
    tmp_path_factory.getbasetemp()

    def play(name: str) -> dict[str, Outcomes | StartError]:
        def on(server: str, command: list[str]) -> Outcomes | StartError:
            try:
                folder = tmp_path_factory.mktemp(f"{server}-{name}")
                return run_suite(command, by_name[name], folder)
            except StartError as error:
                return error

        servers = {"kamailio": kamailio, **sipway_commands(name)}
        # At the same time: some of it is waiting.
        with ThreadPoolExecutor(len(servers)) as pool:
            return dict(zip(servers, pool.map(on, servers, servers.values()), strict=True))

    with Ahead(play) as ahead:
        yield ahead


@pytest.fixture
def outcomes(
    _suites_ahead: Ahead[dict[str, Outcomes | StartError]], beside: list[str]
) -> OutcomesOf:
    def outcomes_of(suite: Suite) -> dict[str, Outcomes]:
        found = {}
        for name, result in _suites_ahead.outcome(suite.name, beside).items():
            if isinstance(result, StartError):
                pytest.fail(f"{name} does not start on cases/{suite.name}.cfg:\n{result}")
            found[name] = result
        return found

    return outcomes_of
