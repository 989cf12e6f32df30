"""t_uac_ack_local(): the ACK to an INVITE of our own that nobody has acknowledged yet.

Source: README of tmx of newer releases, section 4.4.
"""

from __future__ import annotations

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.proxy import requesting
from sipway.errors import SipParseError
from sipway.modules.tmx._module import mod
from sipway.sip.message import parse

_PROBE = (
    b"ACK sip:x SIP/2.0\r\nVia: SIP/2.0/UDP x\r\nFrom: <sip:x>\r\nTo: <sip:x>\r\nCall-ID: x\r\n"
)


@mod.function("t_uac_ack_local")
def t_uac_ack_local(ctx: Context, callid: str, cseq: int, headers: str = "", body: str = "") -> int:
    """Acknowledge the INVITE of our own with this Call-ID and CSeq, which had a 2xx.

    `headers` are complete lines that the ACK has besides. Returns 1; -1 if there is no such INVITE
    or `headers` are none.
    """
    lines = "".join(f"{each}\r\n" for each in headers.splitlines() if each.strip())
    try:
        parse(_PROBE + b"CSeq: 1 ACK\r\n" + lines.encode("utf-8", "surrogateescape") + b"\r\n")
    except SipParseError as error:
        ctx.program.log.line(levels.ERR, f"t_uac_ack_local(): {error.reason}")
        return -1
    call_id = callid.encode("utf-8", "surrogateescape")
    return 1 if requesting.acknowledge_call(ctx, call_id, cseq, headers, body) else -1
