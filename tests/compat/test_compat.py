"""sipway does with a script and a datagram what Kamailio does with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.case import Case, Suite, suites
from tests.compat.conftest import OutcomesOf
from tests.compat.differences import DIFFERENCES
from tests.compat.expression_differences import RULES

_OBSERVED = Path(__file__).parents[2] / "docs" / "kamailio-observed.md"

_ALL = [(suite, case) for suite in suites() for case in suite.cases]


@pytest.mark.parametrize(
    ("suite", "case"),
    [pytest.param(suite, case, id=f"{suite.name}-{case.name}") for suite, case in _ALL],
)
def test_same_as_kamailio(suite: Suite, case: Case, outcomes: OutcomesOf) -> None:
    seen = {server: str(cases[case.name]) for server, cases in outcomes(suite).items()}
    theirs = seen.pop("kamailio")
    difference = DIFFERENCES.get(f"{suite.name}-{case.name}")
    for build, ours in seen.items():
        if difference is None:
            assert ours == theirs, f"{build}: {case.why}"
        else:
            assert ours == difference.ours, f"{build}: {difference.reason}"
            assert theirs != difference.ours, "no difference any more: take it off the list"


def test_each_difference_is_about_a_case() -> None:
    assert set(DIFFERENCES) <= {f"{suite.name}-{case.name}" for suite, case in _ALL}


def test_each_case_has_a_name_of_its_own_and_says_what_it_pins_down() -> None:
    names = [f"{suite.name}-{case.name}" for suite, case in _ALL]
    assert len(names) == len(set(names))
    assert [name for name, (_, case) in zip(names, _ALL, strict=True) if not case.why] == []


@pytest.mark.parametrize("name", [*DIFFERENCES, *(rule.name for rule in RULES)])
def test_each_difference_is_told_in_the_table(name: str) -> None:
    table = _OBSERVED.read_text().partition("## What sipway does otherwise on purpose")[2]
    rows = [line for line in table.splitlines() if line.startswith("|") and f"`{name}`" in line]
    assert len(rows) == 1
