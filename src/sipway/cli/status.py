"""What the exit status of ``sipway`` says."""

from __future__ import annotations

from typing import Final

OK: Final = 0
FAILED: Final = 1
"""The script has an error, a socket cannot be bound, or no answer came."""
USAGE: Final = 2
"""The command line itself cannot be understood."""
