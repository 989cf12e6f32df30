"""acc: who called whom, in the log and in a database.

Source: README of Kamailio's module acc; what it leaves open was tried on Kamailio 5.6.3. Not there
yet: records of whole calls (`cdr_enable`), which come from dialogs.
"""

from __future__ import annotations

from sipway.modules.acc import accounting, requests
from sipway.modules.acc._module import mod

__all__ = ["accounting", "mod", "requests"]
