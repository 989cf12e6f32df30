"""The Vias: `$via0(host)` of the first, `$via1(...)` of the second, `$viaZ(...)` of the last."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.builtin import core
from sipway.core.context import Context
from sipway.core.variables.network import PROTOCOL_IDS
from sipway.errors import SipParseError
from sipway.language.signatures import Inner, VariableSignature
from sipway.sip.message import text
from sipway.sip.via import Via

Value = int | str | None

_SIP_PORT: Final = 5060
_OTHER_PROTOCOL: Final = 7


def _presence(via: Via, name: str) -> int:
    """0 for a parameter that is not there, 1 without a value, 2 with one."""
    params = via.params
    return 0 if name not in params else 1 if params[name] is None else 2


def _unquoted(via: Via, name: str) -> str | None:
    value = via.params.get(name)
    return None if value is None else value.strip('"')


_PARTS: Final[dict[str, Callable[[Via], Value]]] = {
    "host": lambda via: via.host,
    "port": lambda via: via.port or _SIP_PORT,
    "proto": lambda via: via.protocol,
    "protoid": lambda via: PROTOCOL_IDS.get(via.protocol.lower(), _OTHER_PROTOCOL),
    "branch": lambda via: via.branch,
    "rport": lambda via: via.params.get("rport"),
    "received": lambda via: via.received,
    "i": lambda via: via.params.get("i"),
    "params": lambda via: text(via.data[via.params_at + 1 : via.end]) or None,
    "oc": lambda via: _presence(via, "oc"),
    "ocval": lambda via: _unquoted(via, "oc"),
    "ocalgo": lambda via: _unquoted(via, "oc-algo"),
    "ocvalidity": lambda via: _unquoted(via, "oc-validity"),
    "ocseq": lambda via: _unquoted(via, "oc-seq"),
}


def _part(name: str) -> str:
    if name not in _PARTS:
        raise ValueError(f"{', '.join(_PARTS)} are there of a Via, not {name}")
    return name


def _of_via(index: int) -> Callable[[Context, str], Value]:
    def value(ctx: Context, part: str) -> Value:
        try:
            via = ctx.message.via if index == 0 else ctx.message.vias()[index]
        except (IndexError, SipParseError):
            return None
        return _PARTS[part](via)

    return value


for _name, _index, _which in (("via0", 0, "first"), ("via1", 1, "second"), ("viaZ", -1, "last")):
    core.add_variable(
        VariableSignature(
            _name,
            core.name,
            _of_via(_index),
            inner=Inner.REQUIRED,
            prepare=_part,
            doc=f"A part of the {_which} Via: {', '.join(_PARTS)}.",
        )
    )
