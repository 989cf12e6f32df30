"""Thousands of expressions are worth here what they are worth in Kamailio."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.compat.expressions import REFUSED, Difference, compare, generate

_SEEDS = (1, 2, 3, 4)
_COUNT = 1200

pytestmark = [pytest.mark.timeout(180), pytest.mark.usefixtures("kamailio")]


@pytest.fixture(scope="module")
def differences(tmp_path_factory: pytest.TempPathFactory) -> dict[int, list[Difference]]:
    return {
        seed: compare(generate(seed, _COUNT), tmp_path_factory.mktemp(f"seed-{seed}"))
        for seed in _SEEDS
    }


@pytest.mark.parametrize("seed", _SEEDS)
def test_expressions_are_worth_the_same(
    seed: int, differences: dict[int, list[Difference]]
) -> None:
    unknown = [str(each) for each in differences[seed] if not each.rules]
    assert unknown == []


def test_what_differs_is_little(
    differences: dict[int, list[Difference]],
) -> None:
    found = [each for seed in _SEEDS for each in differences[seed]]
    assert len(found) < _COUNT * len(_SEEDS) * 0.06
    # Nothing that Kamailio takes is refused.
    assert [str(each) for each in found if each.ours == REFUSED] == []


def test_a_seed_gives_the_same_expressions_each_time(tmp_path: Path) -> None:
    assert generate(7, 50) == generate(7, 50)
    assert len({each.text for each in generate(7, 50)}) == 50
