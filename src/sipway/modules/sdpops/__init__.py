"""sdpops: questions about SDP bodies (RFC 4566), codecs and media taken out, lines walked through.

Source: README of Kamailio's module sdpops; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.sdpops import changing, codecs, iterators, questions
from sipway.modules.sdpops._module import mod

__all__ = ["changing", "codecs", "iterators", "mod", "questions"]
