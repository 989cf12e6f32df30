"""pv: what works on variables; the variables themselves need no module here.

Source: README of Kamailio's module pv. Left out are its RPC commands pv.shvSet and pv.shvGet.
"""

from sipway.modules.pv import asking, branches, copying, parameters, statistics, tables, texts
from sipway.modules.pv._module import mod

__all__ = ["asking", "branches", "copying", "mod", "parameters", "statistics", "tables", "texts"]
