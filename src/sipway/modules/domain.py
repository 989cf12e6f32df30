"""domain: the domains that this server is responsible for, with what is kept of each.

Source: README of Kamailio's module domain; what it leaves open was tried on Kamailio 5.6.3. Both
tables are read before the first message comes, and by `domain.reload`: all of them before what was
known is replaced, so there is no gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final, NamedTuple

from sipway.core.commands import CommandError
from sipway.core.context import Context
from sipway.core.databases import USUAL_URL, Table, at_first, number_of, text_of
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.stored_uris import small
from sipway.errors import DatabaseError
from sipway.language.signatures import Routes
from sipway.sip.uri import routable_uri
from sipway.stores.databases import Row, Value

mod = Module("domain")

_ROUTES: Final = Routes.REQUEST | Routes.FAILURE | Routes.BRANCH | Routes.EVENT
_BAD_FROM: Final = -2
_NUMBER: Final = 0
_TEXT: Final = 2
_DOMAIN_VERSION: Final = 2
_ATTRS_VERSION: Final = 1

_db_url = mod.param(
    "db_url",
    str,
    USUAL_URL,
    doc="database of the domains",
)
_domain_table = mod.param("domain_table", str, "domain", doc="table of the domains")
_attrs_table = mod.param("domain_attrs_table", str, "domain_attrs", doc="table of attributes")
_did_col = mod.param("did_col", str, "did", doc="column with the id of a domain, in both tables")
_domain_col = mod.param("domain_col", str, "domain", doc="column with a domain")
_name_col = mod.param("name_col", str, "name", doc="column with the name of an attribute")
_type_col = mod.param("type_col", str, "type", doc="column with its type: 0 number, 2 text")
_value_col = mod.param("value_col", str, "value", doc="column with its value")
_register_myself = mod.param("register_myself", int, 0, doc="1: these domains are `myself`")


class _Domain(NamedTuple):
    name: str
    did: str


class _Attribute(NamedTuple):
    did: str
    name: str
    value: int | str


class Domains:
    """What both tables hold; case means nothing, and the last of equal domains counts."""

    def __init__(self, domains: Iterable[_Domain], attributes: Iterable[_Attribute]) -> None:
        self.domains = list(domains)
        self.by_name = {small(each.name): each.did for each in self.domains}
        self.attributes: dict[str, list[_Attribute]] = {}
        for each in attributes:
            self.attributes.setdefault(small(each.did), []).append(each)


class _State:
    """What is known; `__contains__` is for `myself`."""

    def __init__(self) -> None:
        self.domains = Domains((), ())
        self.load: Callable[[], Awaitable[None]] | None = None

    def __contains__(self, host: object) -> bool:
        names = self.domains.by_name
        return host in names or f"[{host}]" in names


def _state(program: Program) -> _State:
    return program.shared.of_module(mod.name, _State)


@mod.on_start
def _start(program: Program) -> None:
    known = _state(program)
    url = _db_url(program)
    domains = Table(program, url, _domain_table(program), _DOMAIN_VERSION, module=mod.name)
    attributes = Table(program, url, _attrs_table(program), _ATTRS_VERSION, module=mod.name)
    if _register_myself(program):
        program.own_hosts.append(known)

    async def load() -> None:
        columns = [_did_col(program), _name_col(program), _type_col(program), _value_col(program)]
        rows = await domains.select([_domain_col(program), _did_col(program)])
        more = await attributes.select(columns)
        try:
            known.domains = await asyncio.to_thread(_made, rows, more)
        except ValueError as error:
            raise DatabaseError(str(error)) from None

    known.load = load
    at_first(program, load, f"domain: the tables {domains.name} and {attributes.name}")


def _made(domains: list[Row], attributes: list[Row]) -> Domains:
    return Domains(map(_domain, domains), map(_attribute, attributes))


def _domain(row: Row) -> _Domain:
    """Raises ValueError for a row that cannot be, as `_attribute` does."""
    name = _text(row[0])
    if not name:
        raise ValueError("a row of the domains has no domain")
    if row[1] is None:
        return _Domain(name, name)
    did = _text(row[1])
    if not did:
        raise ValueError(f"the id of {name} is empty")
    return _Domain(name, did)


def _attribute(row: Row) -> _Attribute:
    did, name = _text(row[0]), _text(row[1])
    if not did or not name:
        raise ValueError(f'an attribute of "{did}" has no id, or no name')
    kind = _text(row[2])
    value = row[3]
    if kind == str(_TEXT):
        return _Attribute(did, name, _text(value))
    if kind != str(_NUMBER):
        raise ValueError(f"the type {kind} of {name} of {did} is none: there are 0 and 2")
    try:
        return _Attribute(did, name, 0 if value in ("", b"") else number_of(value))
    except ValueError as error:
        raise ValueError(f"{name} of {did}: {error}") from None


def _text(value: Value) -> str:
    return text_of(value) or ""


# --- functions ---------------------------------------------------------------------------------


def _is_local(ctx: Context, domain: str | None) -> bool:
    return domain is not None and small(domain) in _state(ctx.program).domains.by_name


@mod.function("is_from_local", routes=_ROUTES)
def is_from_local(ctx: Context) -> int:
    """1 if the host of From is one of the domains, -1 if not, -2 if From is no URI."""
    uri = routable_uri(ctx.message.from_uri or "")
    if uri is None:
        return _BAD_FROM
    return 1 if _is_local(ctx, uri.host) else -1


@mod.function("is_uri_host_local", routes=_ROUTES)
def is_uri_host_local(ctx: Context) -> int:
    """1 if the host of the Request-URI, in branch_route that of the branch, is one; else -1."""
    return 1 if _is_local(ctx, ctx.uri_host) else -1


@mod.function("is_domain_local", routes=_ROUTES)
def is_domain_local(ctx: Context, domain: str) -> int:
    """1 if this is one of the domains; else -1."""
    return 1 if _is_local(ctx, domain) else -1


@mod.function("lookup_domain", routes=_ROUTES)
def lookup_domain(ctx: Context, domain: str, prefix: str = "") -> int:
    """1 if this is one of the domains, else -1. Its id and attributes are added to AVPs.

    The AVPs are called as the attributes are, and `did`, with the prefix before the name.
    """
    known = _state(ctx.program).domains
    did = known.by_name.get(small(domain))
    if did is None:
        return -1
    if ctx.avps is None:
        ctx.avps = {}
    for each in reversed(known.attributes.get(small(did), ())):
        ctx.avps.setdefault(prefix + each.name, []).insert(0, each.value)
    ctx.avps.setdefault(f"{prefix}did", []).insert(0, did)
    return 1


# --- commands ----------------------------------------------------------------------------------


@mod.rpc("domain.reload")
async def reload(program: Program) -> None:
    """Reads both tables again."""
    load = _state(program).load
    if load is None:
        raise CommandError(500, "Domain table reload failed")
    try:
        await load()
    except DatabaseError as error:
        raise CommandError(500, f"Domain table reload failed: {error}") from error


@mod.rpc("domain.dump", large=True)
def dump(program: Program) -> dict[str, Any]:
    """Lists the domains, and the names of their attributes."""
    known = _state(program).domains
    return {
        "domains": [{"domain": each.name, "did": each.did} for each in known.domains],
        "attributes": [
            {"did": did, "attrs": [each.name for each in reversed(attributes)]}
            for did, attributes in known.attributes.items()
        ],
    }
