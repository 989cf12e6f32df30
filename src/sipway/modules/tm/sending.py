"""Requests of the server's own: t_uac_send(), and what events tell of.

Source: README of tm, sections 4.48, 4.56 and 6; newer releases have t_set_no_auto_ack().
"""

from __future__ import annotations

import re
from typing import Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.proxy import requesting
from sipway.core.send_socket import find_socket
from sipway.modules.tm._module import mod
from sipway.sip.uri import routable_uri

_TOKEN: Final = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")

for _event in ("tm:local-request", "tm:local-response", "tm:local-ack-sent"):
    mod.event(_event)


@mod.function("t_set_no_auto_ack")
def t_set_no_auto_ack(ctx: Context, leaves: int) -> int:
    """Whether the 2xx to this INVITE of our own is left to t_uac_ack_local() to acknowledge.

    For event_route[tm:local-request]. Returns 1.
    """
    requesting.leave_unacknowledged(ctx, leaves=leaves != 0)
    return 1


@mod.function("t_uac_send")
def t_uac_send(
    ctx: Context, method: str, ruri: str, nexthop: str, socket: str, headers: str, body: str
) -> int:
    """Send a request of our own; its responses go nowhere, a 2xx to an INVITE is acknowledged.

    With a dot behind the method it is not: then that is for somebody else to do.
    `nexthop`, `socket` and `body` may be empty. From and To must be among the headers; Call-ID,
    CSeq and the From-tag are made where they are missing. Returns 1; -1 if that is no request, or
    there is no socket for it.
    """
    name = method.removesuffix(".")
    try:
        if _TOKEN.fullmatch(name) is None:
            raise ValueError(f'"{method:.60}" is no method')
        for uri in (ruri, nexthop):
            if not ruri or (uri and routable_uri(uri) is None):
                raise ValueError(f'"{uri:.100}" is no URI')
        chosen = find_socket(ctx.program.sockets, socket) if socket else None
        request = requesting.Request(
            name, ruri, nexthop, headers, body, chosen, acknowledged=name == method
        )
        return requesting.send_request(ctx, request)
    except ValueError as error:
        ctx.program.log.line(levels.ERR, f"t_uac_send(): {error}")
        return -1
