"""Functions that scripts call without `loadmodule`.

Source: core cookbooks 5.6 and 6.1, section core functions, and what Kamailio 5.6.3 takes besides.

`core` is the complete Module of what needs no `loadmodule`: importing it from here means that
the variables, transformations and parameters are registered too.
"""

from __future__ import annotations

from sipway.core import transformations, variables
from sipway.core.builtin import core
from sipway.core.functions import branches, flags, forwarding, groups, others, sending, uris
from sipway.core.parameters import PARAMETERS

__all__ = [
    "branches", "core", "flags", "forwarding", "groups", "others", "sending", "transformations",
    "uris", "variables",
]  # fmt: skip

for _parameter in PARAMETERS.values():
    core.add_parameter(_parameter)
