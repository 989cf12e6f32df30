"""allow_routing(), allow_register() and allow_uri(): pairs of URIs looked up in files of rules.

Source: README of Kamailio's module permissions; what it leaves open was tried on 5.6.3. A pair that
is in the allow file is good, else one that is in the deny file is not, else it is good. Files are
read when the script is, and with each reload of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from sipway.core import log as levels
from sipway.core.arguments import VariableName
from sipway.core.commands import CommandError
from sipway.core.context import Context
from sipway.core.module import Param
from sipway.core.prepared import Prepared
from sipway.core.program import Program
from sipway.errors import SipParseError
from sipway.language.signatures import ArgumentKind, Routes
from sipway.modules.permissions._module import (
    ALLOW_FILE,
    DENY_FILE,
    allow_suffix,
    check_all_branches,
    default_allow_file,
    default_deny_file,
    deny_suffix,
    load_backends,
    mod,
    path_of,
)
from sipway.modules.permissions.rules import NONE, Rules, read_rules
from sipway.sip import headers
from sipway.sip.contacts import ContactValue, parse_contacts
from sipway.sip.uri import routable_uri

_USAGE: Final = (500, "Not enough parameters (basename, URI and contact)")


class _Pair(NamedTuple):
    allow: Rules
    deny: Rules

    def allows(self, left: str, right: str) -> bool:
        return self.allow.has(left, right) or not self.deny.has(left, right)

    @property
    def is_empty(self) -> bool:
        return not (self.allow.rules or self.deny.rules)


class _Files:
    """What a Program has read: by path, and by the names that its script gives."""

    def __init__(self) -> None:
        self.by_path: dict[Path, Rules] = {}
        self.by_name: dict[str, Rules] = {}
        self.pairs: dict[str, _Pair] = {}
        self.default = _Pair(NONE, NONE)

    def read(self, program: Program, name: str) -> Rules:
        """The rules of a file, none if there is no such file. Raises ModuleError."""
        path = path_of(program, name)
        found = self.by_path.get(path)
        if found is None:
            found = read_rules(path)
            if found is None:
                program.log.line(levels.INFO, f"permissions: there is no file {path}: no rules")
                found = NONE
            self.by_path[path] = found
        self.by_name[name] = found
        return found


_files: Final[Param[_Files]] = Param(mod.name, "", _Files())


@mod.on_start
def _read_default_files(program: Program) -> None:
    files = program.parameters[_files.key] = _Files()
    wanted = load_backends(program)
    files.default = _Pair(
        files.read(program, default_allow_file(program)) if wanted & ALLOW_FILE else NONE,
        files.read(program, default_deny_file(program)) if wanted & DENY_FILE else NONE,
    )


class Basename(Prepared):
    """The name of an allow file and a deny file, without what they end in."""

    name: str

    def prepare(self, program: Program) -> None:
        files = _files(program)
        files.pairs[self.name] = _Pair(
            files.read(program, self.name + allow_suffix(program)),
            files.read(program, self.name + deny_suffix(program)),
        )


class RuleFile(Prepared):
    """The name of a file of rules."""

    name: str

    def prepare(self, program: Program) -> None:
        _files(program).read(program, self.name)


def _basename(text: str) -> Basename:
    return Basename(_not_empty(text))


def _rule_file(text: str) -> RuleFile:
    return RuleFile(_not_empty(text))


def _not_empty(text: str) -> str:
    if not text:
        raise ValueError("the name of a file is missing")
    return text


_BASENAME: Final = ArgumentKind(
    "the name of two files without what they end in", base=str, dynamic=False, convert=_basename
)
_FILE: Final = ArgumentKind("the name of a file", base=str, dynamic=False, convert=_rule_file)


# --- what is compared ----------------------------------------------------------------------------


def _plain(text: str, empty_user: str, *, port: bool = False) -> str | None:
    """A URI without scheme, password and parameters; None for what no request is routed by."""
    uri = routable_uri(text)
    if uri is None:
        return None
    behind = f":{uri.port}" if port and uri.port else ""
    before = f"{uri.user}@" if uri.user else empty_user
    return f"sip:{before}{uri.host}{behind}"


def _all_allowed(pair: _Pair, left: str, rights: Iterable[str | None]) -> int:
    return 1 if all(each is not None and pair.allows(left, each) for each in rights) else -1


def _routing(ctx: Context, pair: _Pair) -> int:
    if pair.is_empty:
        return 1
    sender = ctx.message.from_uri
    if sender is None:
        return -1
    wanted = [ctx.uri or ""]
    if check_all_branches(ctx.program):
        wanted += [each.uri for each in ctx.branches or ()]
    return _all_allowed(pair, sender, (_plain(each, "@") for each in wanted))


def _register(ctx: Context, pair: _Pair, *, ports: bool = False) -> int:
    if pair.is_empty:
        return 1
    user = ctx.message.to_uri
    if user is None:
        return -1
    found: list[ContactValue] = []
    try:
        for value in ctx.message.values(headers.CONTACT):
            # A * alone registers nothing; beside others it says nothing of them.
            parse_contacts(value.encode("utf-8", "surrogateescape"), found)
    except SipParseError:
        return -1
    uris = (each.uri.decode("utf-8", "surrogateescape") for each in found)
    return _all_allowed(pair, user, (_plain(each, "", port=ports) for each in uris))


# --- functions ---------------------------------------------------------------------------------


def _pair_of(ctx: Context, name: Basename) -> _Pair:
    return _files(ctx.program).pairs[name.name]


def _pair_of_files(ctx: Context, allow: RuleFile, deny: RuleFile) -> _Pair:
    by_name = _files(ctx.program).by_name
    return _Pair(by_name[allow.name], by_name[deny.name])


@mod.function("allow_routing")
def allow_routing(ctx: Context) -> int:
    """1 if From may go to the Request-URI and to all branches, says the default files; else -1."""
    return _routing(ctx, _files(ctx.program).default)


@mod.function("allow_routing")
def allow_routing_by_name(ctx: Context, name: Annotated[Basename, _BASENAME]) -> int:
    """As allow_routing(), with the files `name` with allow_suffix and deny_suffix."""
    return _routing(ctx, _pair_of(ctx, name))


@mod.function("allow_routing")
def allow_routing_by_files(
    ctx: Context, allow: Annotated[RuleFile, _FILE], deny: Annotated[RuleFile, _FILE]
) -> int:
    """As allow_routing(), with these two files."""
    return _routing(ctx, _pair_of_files(ctx, allow, deny))


@mod.function("allow_register")
def allow_register(ctx: Context, name: Annotated[Basename, _BASENAME]) -> int:
    """1 if the user in To may register all of these contacts, looked at without ports; else -1."""
    return _register(ctx, _pair_of(ctx, name))


@mod.function("allow_register")
def allow_register_by_files(
    ctx: Context, allow: Annotated[RuleFile, _FILE], deny: Annotated[RuleFile, _FILE]
) -> int:
    """As allow_register(), with these two files."""
    return _register(ctx, _pair_of_files(ctx, allow, deny))


@mod.function("allow_register_include_port")
def allow_register_include_port(ctx: Context, name: Annotated[Basename, _BASENAME]) -> int:
    """As allow_register(), with the ports that the contacts have."""
    return _register(ctx, _pair_of(ctx, name), ports=True)


@mod.function("allow_register_include_port")
def allow_register_include_port_by_files(
    ctx: Context, allow: Annotated[RuleFile, _FILE], deny: Annotated[RuleFile, _FILE]
) -> int:
    """As allow_register(), with the ports that the contacts have."""
    return _register(ctx, _pair_of_files(ctx, allow, deny), ports=True)


@mod.function("allow_uri", routes=Routes.REQUEST | Routes.FAILURE | Routes.EVENT)
def allow_uri(ctx: Context, name: Annotated[Basename, _BASENAME], uri: VariableName) -> int:
    """1 if From may go to the URI in the variable, as a whole; else, or without a value, -1."""
    pair = _pair_of(ctx, name)
    if pair.is_empty:
        return 1
    sender = ctx.message.from_uri
    value = uri.get(ctx)
    if sender is None or value is None or value == "":
        return -1
    return 1 if pair.allows(sender, str(value)) else -1


# --- commands ----------------------------------------------------------------------------------


@mod.rpc("permissions.testUri", "permissions.allowUri", usage=_USAGE)
def test_uri(program: Program, basename: str, uri: str, contact: str) -> str:
    """Says whether a pair of URIs is allowed by files that the script names."""
    if not (basename and uri and contact):
        raise CommandError(*_USAGE)
    by_path = _files(program).by_path
    allow = by_path.get(path_of(program, basename + allow_suffix(program)))
    deny = by_path.get(path_of(program, basename + deny_suffix(program)))
    if allow is None or deny is None:
        return "Denied"
    return "Allowed" if _Pair(allow, deny).allows(uri, contact) else "Denied"
