"""uac in the mode manual: From and To on the way back."""

from __future__ import annotations

from tests.compat.flows import uac_replies

SCRIPT = uac_replies.script_of('modparam("uac", "restore_mode", "manual")\n')
FLOWS = [
    each
    for each in uac_replies.FLOWS
    if each.name.startswith(("from-", "both-", "fromname-", "applied-", "named-both", "forked"))
]
