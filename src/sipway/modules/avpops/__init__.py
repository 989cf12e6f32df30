"""avpops: AVPs asked for, copied, changed, and written into the Request-URI.

Source: README of Kamailio's module avpops; what it leaves open was tried on Kamailio 5.6.3. Left
out: script flags of AVPs, which nothing sets. avp_printf() is pv_printf() of kex.
"""

from __future__ import annotations

from sipway.modules.avpops import asking, changing, pushing, querying, reckoning, settings, stored
from sipway.modules.avpops._module import mod

__all__ = ["asking", "changing", "mod", "pushing", "querying", "reckoning", "settings", "stored"]
