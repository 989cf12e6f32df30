"""How operators reach the running server: kamcmd's protocol, and JSON-RPC."""

from __future__ import annotations

from sipway.rpc.listeners import Listeners
from sipway.rpc.places import run_directory

__all__ = ["Listeners", "run_directory"]
