"""The Module object of kex."""

from __future__ import annotations

from typing import Final

from sipway.core.module import Module

mod: Final = Module("kex")
