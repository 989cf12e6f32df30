"""The answer to a REGISTER: all contacts of the user, or why it was refused.

Compiled (see `answering.pxd`); the same file runs uncompiled.
"""

from __future__ import annotations

from sipway.core.branches import q_text
from sipway.modules.registrar.failures import Refused
from sipway.modules.registrar.gruu import public_gruu, temporary_gruu
from sipway.modules.registrar.settings import Settings
from sipway.modules.registrar.updating import is_valid
from sipway.modules.usrloc.contact import FOREVER, Contact
from sipway.sip.uri import routable_uri

# What a contact that does not expire says, as Kamailio does.
_LONG = 3600


def contact_line(contacts: list[Contact], of: Settings, now: int, gruu_of: str | None) -> bytes:
    """The Contact with all that are valid; b"" if none is.

    `gruu_of` is the URI of the user for phones that want addresses of their own (RFC 5627).
    """
    parts = []
    for each in contacts:
        if not is_valid(each, now):
            continue
        seconds = _LONG if each.expires == FOREVER else each.expires - now
        if each.q < 0:
            text = b"<%b>;expires=%d" % (each.uri, seconds)
        else:
            text = b"<%b>;q=%b;expires=%d" % (each.uri, q_text(each.q).encode(), seconds)
        if each.received and of.received_param:
            text += b';%b="%b"' % (of.received_param, each.received)
        if each.instance:
            if gruu_of is not None and of.gruu_enabled:
                text += _gruus(each, gruu_of)
            text += b';+sip.instance="%b"' % each.instance
        if each.reg_id:
            text += b";reg-id=%d" % each.reg_id
        parts.append(text)
    return b"Contact: " + b", ".join(parts) + b"\r\n" if parts else b""


def _gruus(contact: Contact, uri: str) -> bytes:
    parsed = routable_uri(uri)
    if parsed is None:
        return b""
    public = public_gruu(parsed, contact)
    temporary = temporary_gruu(parsed, contact)
    return b';pub-gruu="%b";temp-gruu="%b"' % (public, temporary)


def refusal_lines(refused: Refused, of: Settings) -> bytes:
    """What the answer to a refused REGISTER says besides the contacts that there are."""
    lines = refused.lines + f"P-Registrar-Error: {refused.why}\r\n".encode()
    if of.retry_after and refused.code >= 500:
        lines += b"Retry-After: %d\r\n" % of.retry_after
    return lines
