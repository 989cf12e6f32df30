"""textopsx: the message with its changes made, values in headers, lists walked through.

Source: README of Kamailio's module textopsx. Left out: msg_changed_route(), and the selects
@hf_value, @hf_value2 and @hf_value_exists.
"""

from __future__ import annotations

from sipway.modules.textopsx import iterators, messages, values
from sipway.modules.textopsx._module import mod

__all__ = ["iterators", "messages", "mod", "values"]
