"""siputils: questions about a message and about texts, URIs changed, contacts rewritten.

Source: README of Kamailio's module siputils.
"""

from __future__ import annotations

from sipway.modules.siputils import charging, contacts, options, questions, rpid, uris
from sipway.modules.siputils._module import mod

__all__ = ["charging", "contacts", "mod", "options", "questions", "rpid", "uris"]
