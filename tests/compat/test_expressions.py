"""Thousands of expressions are worth here what they are worth in Kamailio."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.expressions import REFUSED, Difference, compare, generate

_SEEDS = (1, 2, 3, 4)
_COUNT = 1200

pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures("kamailio")]


@pytest.fixture(scope="module", params=_SEEDS, ids="seed-{}".format)
def differences(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> list[Difference]:
    seed: int = request.param
    return compare(generate(seed, _COUNT), tmp_path_factory.mktemp(f"seed-{seed}"))


def test_expressions_are_worth_the_same(differences: list[Difference]) -> None:
    unknown = [str(each) for each in differences if not each.rules]
    assert unknown == []


def test_what_differs_is_little(differences: list[Difference]) -> None:
    assert len({each.expression for each in differences}) < _COUNT * 0.06
    # Nothing that Kamailio takes is refused.
    assert [str(each) for each in differences if each.ours == REFUSED] == []


def test_a_seed_gives_the_same_expressions_each_time(tmp_path: Path) -> None:
    assert generate(7, 50) == generate(7, 50)
    assert len({each.text for each in generate(7, 50)}) == 50
