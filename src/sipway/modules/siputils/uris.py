"""Parameters of the Request-URI, and URIs in variables."""

from __future__ import annotations

import re
from typing import Final

from sipway.core import ruri
from sipway.core.arguments import VariableName
from sipway.core.context import Context
from sipway.errors import SipParseError
from sipway.language.signatures import Routes
from sipway.modules.siputils._module import mod
from sipway.sip.uri import Uri, parse_uri, routable_uri

_REQUEST = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH | Routes.EVENT


def _current(ctx: Context) -> Uri | None:
    return routable_uri(ctx.uri or "")


@mod.function("uri_param")
def uri_param(ctx: Context, name: str) -> int:
    """1 if the Request-URI has the parameter without a value, else -1."""
    uri = _current(ctx)
    return 1 if uri is not None and uri.param(name) == "" else -1


@mod.function("uri_param")
def uri_param_with_value(ctx: Context, name: str, value: str) -> int:
    """1 if the Request-URI has the parameter with this value, else -1."""
    uri = _current(ctx)
    return 1 if uri is not None and uri.param(name) == value else -1


@mod.function("uri_param_any")
def uri_param_any(ctx: Context, name: str) -> int:
    """1 if the Request-URI has the parameter, with or without a value; else -1."""
    uri = _current(ctx)
    return 1 if uri is not None and uri.param(name) is not None else -1


@mod.function("add_uri_param", routes=_REQUEST)
def add_uri_param(ctx: Context, parameter: str) -> int:
    """Add a parameter, `name=value`, to the Request-URI. 1; -1 if that is no URI."""
    if not parameter:
        return 1
    text = ctx.uri or ""
    if _current(ctx) is None:
        return -1
    head, mark, behind = text.partition("?")
    ruri.set_uri(ctx, f"{head};{parameter}{mark}{behind}")
    return 1


@mod.function("get_uri_param")
def get_uri_param(ctx: Context, name: str, result: VariableName) -> int:
    """Put the value of a parameter of the Request-URI into a variable; -1 if it is not there."""
    uri = _current(ctx)
    value = None if uri is None else uri.param(name)
    if value is None or result.set is None:
        return -1
    result.set(ctx, value)
    return 1


@mod.function("uri_param_rm", routes=_REQUEST)
def uri_param_rm(ctx: Context, name: str) -> int:
    """Take a parameter out of the Request-URI. 1, also if it is not there; -1 without a URI."""
    text = ctx.uri or ""
    if routable_uri(text) is None:
        return -1
    changed = without_parameter(text, name)
    if changed != text:
        ruri.set_uri(ctx, changed)
    return 1


def without_parameter(text: str, name: str) -> str:
    """A URI without one of its parameters."""
    head, mark, behind = text.partition("?")
    at = head.find("@") + 1
    first, *parameters = head[at:].split(";")
    kept = [each for each in parameters if each.partition("=")[0].strip().lower() != name.lower()]
    return head[:at] + ";".join((first, *kept)) + mark + behind


@mod.function("tel2sip")
def tel2sip(ctx: Context, text: str, host: str, result: VariableName) -> int:
    """Make a SIP URI of a tel URI (RFC 3261 section 19.1.6) and put it into a variable.

    1; 2 if it is no tel URI, -1 if it cannot be done.
    """
    if not text.lower().startswith("tel:"):
        return 2
    try:
        uri = parse_uri(text)
    except SipParseError:
        return -1
    if result.set is None:
        return -1
    number = re.sub(r"[-.()]", "", uri.user or "")
    parameters = f";{uri.params.lower()}" if uri.params else ""
    result.set(ctx, f"sip:{number}{parameters}@{host};user=phone")
    return 1


def _tel_parameter(text: str) -> tuple[tuple[int, str], str] | None:
    """A tel parameter as a SIP URI has it, with what to sort it by; None: it is left out."""
    name, mark, value = text.lower().partition("=")
    if name == "phone-context":
        if not value.startswith("+"):
            return None
        value = _VISUAL.sub("", value)
    return (_FIRST.get(name, len(_FIRST)), name), f"{name}{mark}{value}"


_VISUAL: Final = re.compile(r"[-.()]")
_FIRST: Final = {"isub": 0, "postd": 1, "ext": 1}


@mod.function("tel2sip2")
def tel2sip2(ctx: Context, text: str, host: str, result: VariableName) -> int:
    """As tel2sip(), with the parameters in the order of RFC 3261 section 19.1.6.

    `isub` and `ext` come first. A phone-context is left out if it is a domain, and loses its
    visual separators if it is a number.
    """
    if not text.lower().startswith("tel:"):
        return 2
    try:
        uri = parse_uri(text)
    except SipParseError:
        return -1
    if result.set is None:
        return -1
    found = [_tel_parameter(each.strip()) for each in (uri.params or "").split(";") if each.strip()]
    sorted_ = sorted(each for each in found if each is not None)
    parameters = "".join(f";{parameter}" for _, parameter in sorted_)
    result.set(ctx, f"sip:{_VISUAL.sub('', uri.user or '')}{parameters}@{host};user=phone")
    return 1


@mod.function("set_uri_user")
def set_uri_user(ctx: Context, variable: VariableName, user: str) -> int:
    """Give the URI in a variable another user part; none if it is empty. 1, or -1."""
    return _changed(ctx, variable, user=user)


@mod.function("set_uri_host")
def set_uri_host(ctx: Context, variable: VariableName, host: str) -> int:
    """Give the URI in a variable another host. 1, or -1."""
    return _changed(ctx, variable, host=host) if host else -1


def _changed(
    ctx: Context, variable: VariableName, *, user: str | None = None, host: str | None = None
) -> int:
    text = variable.get(ctx)
    try:
        parts = ruri.cut(text if isinstance(text, str) else "")
    except SipParseError:
        return -1
    if variable.set is None:
        return -1
    if user is not None:
        parts.user = user
    if host is not None:
        parts.host = host
    variable.set(ctx, str(parts))
    return 1
