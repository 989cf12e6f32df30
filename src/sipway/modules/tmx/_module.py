"""The Module of tmx that the files of this folder register with."""

from __future__ import annotations

from sipway.core.module import Module

mod = Module("tmx", after=("tm",))
