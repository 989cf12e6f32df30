"""A programmable SIP server that runs Kamailio's routing scripts."""

from sipway import _build

__all__ = ["BUILD", "__version__"]

__version__ = "0.1.0"

BUILD = _build.select()
"""Which build of the hot files runs in this process. Decided before any of them is imported."""
