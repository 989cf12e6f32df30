"""uac: From and To replaced and restored, answers to challenges, and requests of our own.

Source: README of Kamailio's module uac; what it leaves open was tried on Kamailio 5.6.3. Not there
yet: registrations elsewhere, which come from a database, and restoring with the help of dialogs.
"""

from __future__ import annotations

from sipway.modules.uac import authenticating, replacing, requests
from sipway.modules.uac._module import mod

__all__ = ["authenticating", "mod", "replacing", "requests"]
