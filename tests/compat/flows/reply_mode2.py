"""The same with `failure_reply_mode` 2."""

from __future__ import annotations

from tests.compat.flows.reply_mode import FLOWS, script_for

__all__ = ["FLOWS", "SCRIPT"]

SCRIPT = script_for(2)
