"""Both servers' outcomes of a suite, produced once for all its cases."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.compat.case import Suite
from tests.compat.servers import (
    Outcome,
    StartError,
    kamailio_command,
    run_suite,
    sipway_command,
)

Outcomes = dict[str, Outcome]
OutcomesOf = Callable[[Suite], Outcomes]


@pytest.fixture(scope="session")
def kamailio() -> list[str]:
    command = kamailio_command()
    if command is None:
        pytest.skip("kamailio is not installed")
    return command


@pytest.fixture(scope="session")
def kamailio_outcomes(kamailio: list[str], tmp_path_factory: pytest.TempPathFactory) -> OutcomesOf:
    return _runner("kamailio", kamailio, tmp_path_factory)


@pytest.fixture(scope="session")
def sipway_outcomes(tmp_path_factory: pytest.TempPathFactory) -> OutcomesOf:
    return _runner("sipway", sipway_command(), tmp_path_factory)


def _runner(name: str, command: list[str], tmp_path_factory: pytest.TempPathFactory) -> OutcomesOf:
    known: dict[str, Outcomes | StartError] = {}

    def outcomes(suite: Suite) -> Outcomes:
        if suite.name not in known:
            folder = tmp_path_factory.mktemp(f"{name}-{suite.name}")
            try:
                known[suite.name] = run_suite(command, suite, folder)
            except StartError as error:
                known[suite.name] = error
        result = known[suite.name]
        if isinstance(result, StartError):
            pytest.fail(f"{name} does not start on cases/{suite.name}.cfg:\n{result}")
        return result

    return outcomes
