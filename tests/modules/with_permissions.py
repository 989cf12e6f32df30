"""Scripts that load permissions, and the tables that they ask."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.kamailio_tables import tables
from tests.modules.with_database import Asked, ask

MODULES = ("permissions",)
URL = 'modparam("permissions", "db_url", "sqlite:///{folder}/db")'
AVP = 'modparam("permissions", "peer_tag_avp", "$avp(tag)")'
ASK = 'allow_source_address(1); xlog("$rc $(avp(tag)[*])");'
TRUST = 'allow_trusted(); xlog("$rc $(avp(tag)[*])");'
OURS = (1, "192.0.2.1", 32, 0, "ours")
PEER = ("192.0.2.1", "any", None, None, "peer", 0)


def with_tables(
    folder: Path,
    code: str,
    *steps: Any,
    parameters: str = "",
    rows: dict[str, list[Any]] | None = None,
    versions: dict[str, int] | None = None,
    data: bytes | None = None,
) -> Asked:
    tables(rows or {}, versions=versions)(folder / "db")
    given = f"{URL} {AVP} {parameters}"
    return ask(folder, code, *steps, modules=MODULES, parameters=given, data=data)
