"""Kamailio's own script: registrations, calls, records in the log."""

from __future__ import annotations

from typing import Final

from tests.compat.stock import StockNetwork, flows, script

MARKS: Final = ("ACC: ",)
NETWORK: Final = StockNetwork
SCRIPT: Final = script()
FLOWS: Final = flows()
