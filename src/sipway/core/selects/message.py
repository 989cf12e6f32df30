"""The message in selects: its headers, its Vias, its credentials, its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sipway.core.context import Context
from sipway.core.selects.parts import Part, after, named_values
from sipway.core.variables.auth import credentials_in, digests_in
from sipway.core.variables.message import message_number
from sipway.sip import headers as kinds
from sipway.sip.message import Message, text
from sipway.sip.via import Via

# --- headers whose value is all there is -------------------------------------------------------

_HEADERS: Final = (
    "call_id",
    "content_length",
    "content_type",
    "date",
    "expires",
    "identity",
    "identity_info",
    "max_forwards",
    "min_se",
    "organization",
    "priority",
    "reason",
    "session_expires",
    "sip_if_match",
    "subject",
    "user_agent",
)


def header(name: str) -> Part:
    """The value of the first header of a name, in which `_` stands for `-` too."""
    wanted = name.replace("_", "-")
    return Part(lambda value: value, lambda ctx: ctx.message.named(wanted))


def _cseq(ctx: Context) -> list[str] | None:
    value = ctx.message.value(kinds.CSEQ)
    return None if value is None else value.split()


def _event(value: str) -> str:
    """The package alone, without parameters."""
    return value.partition(";")[0].strip()


# --- Via -----------------------------------------------------------------------------------------


def _via_text(via: Via) -> str:
    return text(via.data[via.start : via.end])


_parameter: Final = named_values(lambda via: via.params)
_VIA_PARTS: Final[dict[str, Part]] = {
    "name": Part(lambda via: _via_text(via).partition("/")[0].strip()),
    "version": Part(lambda via: _via_text(via).split("/")[1].strip()),
    "transport": Part(lambda via: via.protocol),
    "host": Part(lambda via: via.host),
    "port": Part(lambda via: str(via.port) if via.port else None),
    "comment": Part(lambda _: None),
    "branch": _parameter("branch"),
    "received": _parameter("received"),
    "rport": _parameter("rport"),
    "i": _parameter("i"),
    "alias": _parameter("alias"),
    "params": Part(named=_parameter),
}


def _via_of(number: int) -> Callable[[Context], Via | None]:
    """What finds the Via with this number: 1 is the topmost, -1 the last."""
    index = number - 1 if number > 0 else number

    def find(ctx: Context) -> Via | None:
        found = ctx.message.vias()
        return found[index] if number and -len(found) <= index < len(found) else None

    return find


_topmost = _via_of(1)


def _topmost_text(ctx: Context) -> str | None:
    via = _topmost(ctx)
    return None if via is None else _via_text(via)


_vias: Final = Part(
    _topmost_text,
    parts={name: after(_topmost, part) for name, part in _VIA_PARTS.items()},
    numbered=lambda number: Part(_via_text, _via_of(number), _VIA_PARTS),
)


# --- credentials --------------------------------------------------------------------------------

_CREDENTIALS: Final = (
    "realm",
    "nonce",
    "uri",
    "cnonce",
    "nc",
    "response",
    "opaque",
    "algorithm",
    "qop",
)


def _user(name: str) -> str:
    return name.removeprefix("sip:").removeprefix("sips:").partition("@")[0]


def _domain(name: str) -> str | None:
    return name.removeprefix("sip:").removeprefix("sips:").partition("@")[2] or None


def _known_credentials(value: str) -> Mapping[str, str]:
    return credentials_in(value) or {}


_CREDENTIAL_PARTS: Final[dict[str, Part]] = {
    **{name: named_values(_known_credentials)(name) for name in _CREDENTIALS},
    "username": Part(
        lambda name: name,
        lambda value: _known_credentials(value).get("username"),
        {"user": Part(_user), "domain": Part(_domain)},
    ),
}


def _credentials(name: str) -> Part:
    """The credentials for a realm in the headers of a name; null if they name several users.

    A module may take others than the first for it, and a realm in another case.
    """

    def realm(wanted: str) -> Part:
        def step(ctx: Context) -> str | None:
            chosen: str | None = None
            names: set[str] = set()
            for value in ctx.message.named_values(name):
                for found in digests_in(value):
                    if found.parameters.get("realm", "").lower() == wanted.lower():
                        names.add(found.parameters.get("username", ""))
                if chosen is None and (credentials_in(value) or {}).get("realm") == wanted:
                    chosen = value
            return None if len(names) > 1 else chosen

        return Part(lambda value: value, step, _CREDENTIAL_PARTS)

    return Part(named=realm)


# --- the message as a whole ----


def _of_message(part: Callable[[Message], str | None]) -> Part:
    return Part(part, lambda ctx: ctx.message)


def _body(message: Message) -> str:
    return text(message.body)


def _headers(message: Message) -> str:
    return text(message.data[message.line_end : message.body_offset])


_sdp: Final = _of_message(
    lambda message: (
        _body(message)
        if (message.value(kinds.CONTENT_TYPE) or "").lower().startswith("application/sdp")
        else None
    )
)

PARTS: Final[dict[str, Part]] = {
    **{name: header(name) for name in _HEADERS},
    "method": Part(lambda ctx: ctx.method),
    "version": Part(lambda ctx: ctx.message.version),
    "cseq": Part(
        " ".join,
        _cseq,
        {
            "num": Part(lambda words: words[0] if words else None),
            "method": Part(lambda words: words[1] if len(words) > 1 else None),
        },
    ),
    "event": Part(_event, lambda ctx: ctx.message.named("event")),
    "via": _vias,
    "v": _vias,
    "authorization": _credentials("authorization"),
    "proxy_authorization": _credentials("proxy-authorization"),
    "msg": Part(
        lambda ctx: text(ctx.message.data),
        parts={
            "len": _of_message(lambda message: str(len(message.data))),
            "id": Part(
                lambda ctx: str(message_number(ctx)),
                parts={"hex": Part(lambda ctx: f"{message_number(ctx):08x}")},
            ),
            "type": _of_message(lambda message: "1" if message.is_request else "2"),
            "body": Part(lambda ctx: _body(ctx.message), parts={"sdp": _sdp}),
            "header": Part(
                lambda ctx: _headers(ctx.message),
                named=header,
            ),
            "first_line": _of_message(
                lambda message: text(message.data[: message.line_end]).strip("\r\n")
            ),
            "flags": Part(lambda ctx: str(ctx.flags)),
        },
    ),
}
