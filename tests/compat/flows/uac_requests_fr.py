"""uac_req_send() with `enable_uac_fr`: failures run event_route[uac:reply]."""

from __future__ import annotations

from tests.compat.flows import uac_requests

SCRIPT = uac_requests.script_of('modparam("tm", "enable_uac_fr", 1)')
FLOWS = uac_requests.FAILURES
