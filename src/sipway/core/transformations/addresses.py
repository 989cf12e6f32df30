"""`{nameaddr.…}` and `{tobody.…}`: a name and an address, without and with parameters behind."""

from __future__ import annotations

import re
from typing import Final

from sipway.core.transformations.kinds import size_of, transformation
from sipway.core.variables.uris import uri_domain, uri_user
from sipway.sip.nameaddr import NameAddr, parse_name_addr

_SECOND: Final = re.compile(r">[^\"]*,")


def _cut(text: str) -> tuple[str, str, str]:
    """What stands before `<`, between `<` and `>`, and behind; all is address without them.

    Raises ValueError for an empty text, and a `<` that is not closed.
    """
    if not text:
        raise ValueError("no address")
    begin = 0
    if text.startswith('"'):
        begin = text.find('"', 1) + 1
        if not begin:
            return "", text, ""
    angle = text.find("<", begin)
    if angle < 0:
        return "", text, ""
    close = text.find(">", angle)
    if close < 0:
        raise ValueError("a < is not closed")
    return text[:angle], text[angle + 1 : close], text[close + 1 :]


@transformation("nameaddr.name")
def _name(text: str) -> str:
    """The display name as written, with the blank behind it."""
    return _cut(text)[0]


@transformation("nameaddr.uri")
def _uri(text: str) -> str:
    """The URI."""
    return _cut(text)[1]


@transformation("nameaddr.len")
def _length(text: str) -> int:
    """The number of bytes up to the end of the address."""
    return size_of(text) - size_of(_cut(text)[2])


def _address(text: str) -> NameAddr:
    """The address. Raises ValueError where there is none to route to, or more than one."""
    address = parse_name_addr(text)
    if address.parsed is None or _SECOND.search(text):
        raise ValueError("no address")
    return address


@transformation("tobody.uri")
def _body_uri(text: str) -> str:
    """The URI."""
    return _address(text).uri


@transformation("tobody.display")
def _body_display(text: str) -> str:
    """The display name as written."""
    return _address(text).display


@transformation("tobody.tag")
def _body_tag(text: str) -> str:
    """The tag."""
    return (_address(text).tag or "").strip('"')


@transformation("tobody.user")
def _body_user(text: str) -> str:
    """The user part of the URI."""
    return uri_user(_address(text).parsed) or ""


@transformation("tobody.host")
def _body_host(text: str) -> str:
    """The host of the URI."""
    return uri_domain(_address(text).parsed) or ""


@transformation("tobody.params")
def _body_parameters(text: str) -> str:
    """The parameters behind the address."""
    address = _address(text)
    behind = _cut(text)[2] if "<" in text else text.partition(address.uri)[2]
    return behind.lstrip().removeprefix(";").lstrip()
