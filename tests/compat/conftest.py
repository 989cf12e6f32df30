"""All servers' outcomes of a suite, produced once for all its cases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.compat.case import Suite
from tests.compat.servers import (
    Outcome,
    StartError,
    kamailio_command,
    run_suite,
    sipway_commands,
)

Outcomes = dict[str, Outcome]
OutcomesOf = Callable[[Suite], dict[str, Outcomes]]
"""By server: Kamailio, and each build of sipway."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is played once for many tests is played in one process."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        given = {} if callspec is None else callspec.params
        played = given.get("module") or getattr(
            given.get("suite"), "name", given.get("differences")
        )
        if played is not None:
            item.add_marker(pytest.mark.xdist_group(f"{item.path.name}-{played}"))


@pytest.fixture(scope="session")
def kamailio() -> list[str]:
    command = kamailio_command()
    if command is None:
        pytest.skip("kamailio is not installed")
    return command


@pytest.fixture(scope="session")
def outcomes(kamailio: list[str], tmp_path_factory: pytest.TempPathFactory) -> OutcomesOf:
    known: dict[str, dict[str, Outcomes | StartError]] = {}

    def outcomes_of(suite: Suite) -> dict[str, Outcomes]:
        if suite.name not in known:
            servers = {"kamailio": kamailio, **sipway_commands(suite.name)}
            # At the same time: some of it is waiting.
            with ThreadPoolExecutor(len(servers)) as pool:
                running = {
                    name: pool.submit(
                        _run, command, suite, tmp_path_factory.mktemp(f"{name}-{suite.name}")
                    )
                    for name, command in servers.items()
                }
                known[suite.name] = {name: each.result() for name, each in running.items()}
        found = {}
        for name, result in known[suite.name].items():
            if isinstance(result, StartError):
                pytest.fail(f"{name} does not start on cases/{suite.name}.cfg:\n{result}")
            found[name] = result
        return found

    return outcomes_of


def _run(command: list[str], suite: Suite, folder: Path) -> Outcomes | StartError:
    try:
        return run_suite(command, suite, folder)
    except StartError as error:
        return error
