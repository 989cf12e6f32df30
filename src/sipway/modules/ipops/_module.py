"""The module itself."""

from __future__ import annotations

from sipway.core.module import Module

mod = Module("ipops")
