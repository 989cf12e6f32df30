"""siputils: questions about a message and about texts, URIs changed, contacts rewritten.

Source: README of Kamailio's module siputils. Left out: append_rpid_hf(), is_rpid_user_e164() and
their parameters, which speak of what a database knew; is_user(), which asks for credentials that
a module has checked; tel2sip2() and sip_p_charging_vector() with $pcv.
"""

from __future__ import annotations

from sipway.modules.siputils import contacts, options, questions, uris
from sipway.modules.siputils._module import mod

__all__ = ["contacts", "mod", "options", "questions", "uris"]
