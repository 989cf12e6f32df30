"""siputils: questions about a message and about texts, URIs changed, contacts rewritten.

Source: README of Kamailio's module siputils. Left out: is_user(), which asks for credentials that
a module has checked, until there is one that does.
"""

from __future__ import annotations

from sipway.modules.siputils import charging, contacts, options, questions, rpid, uris
from sipway.modules.siputils._module import mod

__all__ = ["charging", "contacts", "mod", "options", "questions", "rpid", "uris"]
