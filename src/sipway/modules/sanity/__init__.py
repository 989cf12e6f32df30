"""sanity: what is wrong with a request, said to its sender.

Source: README of Kamailio's module sanity; codes and phrases as seen of 5.6.3, those of the checks
that came later from RFC 3261. Requests that lack a header they need, or whose CSeq is wrong, do not
reach a script here: they get a 400 before.
"""

from sipway.modules.sanity import functions, usual
from sipway.modules.sanity._module import mod

__all__ = ["functions", "mod", "usual"]
