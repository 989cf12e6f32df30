"""Kamailio's own script is checked without an error (tests/compat/flows/stock*.py run it)."""

from __future__ import annotations

import pytest

from sipway.cli.main import main
from tests.compat.stock import STOCK


@pytest.mark.skipif(not STOCK.exists(), reason="Kamailio's own script is not installed")
@pytest.mark.parametrize(
    "features", [[], ["MYSQL"], ["MYSQL", "ACCDB"]], ids=["plain", "mysql", "accdb"]
)
def test_the_stock_script(features: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    defines = [part for name in features for part in ("-A", f"WITH_{name}")]
    assert main(["check", "--strict", *defines, str(STOCK)]) == 0, capsys.readouterr().out
