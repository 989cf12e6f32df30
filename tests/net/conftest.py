"""Loopback, of whichever family this machine has."""

from __future__ import annotations

import socket

import pytest


@pytest.fixture(params=["127.0.0.1", "::1"])
def loopback(request: pytest.FixtureRequest) -> str:
    """The loopback address of either family; skips where there is no IPv6."""
    ip = str(request.param)
    try:
        with socket.socket(socket.AF_INET6 if ":" in ip else socket.AF_INET) as probe:
            probe.bind((ip, 0))
    except OSError:
        if ip == "::1":
            pytest.skip("no IPv6 on the loopback interface")
        raise
    return ip
