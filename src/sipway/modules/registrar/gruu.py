"""Addresses of single phones (RFC 5627), which lookup() finds the phone by."""

from __future__ import annotations

from sipway.modules.usrloc.contact import Contact
from sipway.sip.uri import Uri

_OPENING, _CLOSING = b"<", b">"


def public_gruu(user: Uri, contact: Contact) -> bytes:
    """The user's address with the instance of the phone."""
    instance = contact.instance.removeprefix(_OPENING).removesuffix(_CLOSING)
    return f"sip:{user.user}@{user.host};gr=".encode("utf-8", "surrogateescape") + instance


def temporary_gruu(user: Uri, contact: Contact) -> bytes:
    """An address that does not tell who the user is."""
    return b"sip:%b@%b;gr" % (contact.ruid, user.host.encode("utf-8", "surrogateescape"))
