"""`{uri.…}`: parts of a URI, empty where it has them not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.transformations.kinds import Value, transformation
from sipway.core.transformations.lists import parameters
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.core.variables.uris import parsed
from sipway.sip.uri import Uri


def _parameter(name: str) -> Callable[[Uri], str]:
    return lambda uri: uri.param(name) or ""


def _with_transport(uri: Uri, text: str) -> str:
    transport = uri.param("transport")
    return f"{text};transport={transport}" if transport else text


def _login(uri: Uri) -> str:
    return f"{uri.user}@" if uri.user and uri.host else uri.user or ""


def _socket(uri: Uri) -> str:
    """`udp:host:port`; empty where the URI names no transport that there is."""
    transport = (uri.param("transport") or "").lower()
    if transport not in PROTOCOL_IDS or not uri.host:
        return ""
    return f"{transport}:{uri.host}:{uri.port or 5060}"


_PARTS: Final[tuple[tuple[str, Callable[[Uri], Value], str], ...]] = (
    ("user", lambda uri: uri.user or "", "The user part."),
    ("host", lambda uri: uri.host, "The host."),
    ("domain", lambda uri: uri.host, "The host."),
    ("passwd", lambda uri: uri.password or "", "The password."),
    ("port", lambda uri: uri.port or "", "The port."),
    ("params", lambda uri: uri.params, "All parameters."),
    ("headers", lambda uri: uri.headers, "All headers."),
    ("transport", _parameter("transport"), "The parameter transport."),
    ("ttl", _parameter("ttl"), "The parameter ttl."),
    ("uparam", _parameter("user"), "The parameter user."),
    ("maddr", _parameter("maddr"), "The parameter maddr."),
    ("method", _parameter("method"), "The parameter method."),
    ("lr", _parameter("lr"), "The parameter lr."),
    ("r2", _parameter("r2"), "The parameter r2."),
    ("tosocket", _socket, "As `udp:host:port`, empty for one without transport."),
    (
        "duri",
        lambda uri: _with_transport(uri, f"{uri.scheme}:{uri.host_port}"),
        "Scheme, host, port and transport: what it takes to send there.",
    ),
    ("saor", lambda uri: f"{uri.scheme}:{_login(uri)}{uri.host}", "Scheme, user and host."),
    (
        "suri",
        lambda uri: _with_transport(uri, f"{uri.scheme}:{_login(uri)}{uri.host_port}"),
        "Scheme, user, host, port and transport.",
    ),
)


def _register(name: str, part: Callable[[Uri], Value], doc: str) -> None:
    def apply(text: str) -> Value:
        uri = parsed(text)
        return None if uri is None else part(uri)

    apply.__doc__ = doc
    transformation(f"uri.{name}")(apply)


for _name, _part, _doc in _PARTS:
    _register(_name, _part, _doc)


@transformation("uri.scheme")
def _scheme(text: str) -> str | None:
    """The scheme as written."""
    return None if parsed(text) is None else text.partition(":")[0]


@transformation("uri.param")
def _uri_parameter(text: str, name: str) -> str | None:
    """The parameter of this name, empty if it is not there or has no value."""
    uri = parsed(text)
    if uri is None:
        return None
    wanted = name.lower()
    found = parameters(uri.params) if uri.params else []
    return next((value for known, value in reversed(found) if known.lower() == wanted), "")


@transformation("uri.rmparam")
def _without_parameter(text: str, name: str) -> str | None:
    """The URI without the parameters of this name."""
    uri = parsed(text)
    if uri is None:
        return None
    if not uri.params:
        return text
    wanted = name.lower()
    kept = [
        each for each in uri.params.split(";") if each.partition("=")[0].strip().lower() != wanted
    ]
    begin = text.rindex(f";{uri.params}")
    behind = text[begin + 1 + len(uri.params) :]
    return text[:begin] + "".join(f";{each}" for each in kept) + behind
