"""What scripts can use without `loadmodule`: the Module that its makers register with.

`core.functions` completes it; import `core` from there.
"""

from __future__ import annotations

from sipway.core.module import Module

core = Module("core")
