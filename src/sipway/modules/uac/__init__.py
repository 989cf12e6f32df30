"""uac: From and To replaced and restored.

Source: README of Kamailio's module uac. Not there yet: replies that show the sender what it wrote
(they need transactions), authentication, requests of our own and registrations elsewhere.
"""

from __future__ import annotations

from sipway.modules.uac import replacing
from sipway.modules.uac._module import mod

__all__ = ["mod", "replacing"]
