"""AVPs of users in a database: loaded, stored, deleted there (`usr_preferences` and its like).

What an AVP is in a row: `attribute` its name, `value`, and `type`, whose bits say whether the value
(1) and the name (2) are numbers. A row belongs to a uuid, or to a user, a domain or both.

Source: README of avpops; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from sipway.core import log as levels
from sipway.core.context import Context
from sipway.core.databases import database, text_of
from sipway.core.extras import extras
from sipway.core.program import Program
from sipway.errors import DatabaseError
from sipway.language.record import Record
from sipway.language.runtime import to_str, wrap
from sipway.language.signatures import ArgumentKind, Form, Reader, VariableReference
from sipway.modules.avpops._module import Avp, Value, mod, put, read_avp
from sipway.modules.avpops.settings import (
    Scheme,
    attribute_column,
    avp_table,
    db_scheme,
    db_url,
    domain_column,
    type_column,
    use_domain,
    username_column,
    uuid_column,
    value_column,
    wants_database,
)
from sipway.sip.uri import routable_uri
from sipway.stores.databases import Condition, Row
from sipway.stores.databases import Value as Stored

_NUMBER_VALUE: Final = 1
_NUMBER_NAME: Final = 2
_OF_URIS: Final = ("ru", "fu", "tu", "ou")
_PARTS: Final = ("uri", "username", "domain", "uuid")
_PLAIN: Final = Scheme("")

# --- arguments -----------------------------------------------------------------------------------


class _Source(Record):
    """Whose AVPs: a text or a variable, and what of it counts (`_PARTS`)."""

    value: str | VariableReference
    part: str


class _Wanted(Record):
    """Which AVPs: `avp`, or None for all whose names are of a kind (`a` any, `i` numbers, `s`
    texts); `table` and `scheme` are empty where the parameters say it.
    """

    avp: Avp | None
    kind: str
    table: str
    scheme: str


def _read_source(text: str, read: Reader) -> _Source:
    value: str | VariableReference
    if text[:1] == "$":
        value, rest = read(text)
        part = "uri" if value.variable in _OF_URIS else "uuid"
    else:
        value, slash, rest = text.partition("/")
        part, rest = "uuid", slash + rest
    if not rest:
        return _Source(value, part)
    if rest[0] != "/" or rest[1:].lower() not in _PARTS:
        raise ValueError(f'"{rest}" is none of {", ".join(f"/{each}" for each in _PARTS)}')
    return _Source(value, rest[1:].lower())


def _read_wanted(text: str, read: Reader) -> _Wanted:
    avp, kind, rest = None, "", text
    if text[:1] == "$":
        avp, rest = read_avp(text, read)
    else:
        named, slash, rest = text.partition("/")
        kind, rest = named[:1].lower(), slash + rest
        if kind not in ("*", "a", "i", "s") or not kind:
            raise ValueError(f'$avp(name), *, a, i or s is wanted, not "{named}"')
        if named[1:]:
            raise ValueError(f'AVPs have no script flags, "{named}" means none')
        kind = "a" if kind == "*" else kind
    if not rest:
        return _Wanted(avp, kind, "", "")
    place = rest[1:]
    if rest[0] != "/" or place in ("", "$"):
        raise ValueError(f'"{rest}" is not / and a table, nor /$ and a scheme')
    if place[0] != "$":
        return _Wanted(avp, kind, place, "")
    if avp is None:
        raise ValueError(f'{place} wants an AVP to load into, not "{kind}"')
    return _Wanted(avp, kind, "", place[1:])


def _check_scheme(wanted: _Wanted, parameters: Mapping[tuple[str, str], Any]) -> None:
    wants_database(parameters)
    known = [each.name for each in parameters.get((mod.name, "db_scheme"), ())]
    if wanted.scheme and wanted.scheme not in known:
        names = f"there are {', '.join(known)}" if known else "there are none"
        raise ValueError(f'no db_scheme is called "{wanted.scheme}": {names}')


def _check_table(wanted: _Wanted, parameters: Mapping[tuple[str, str], Any]) -> None:
    wants_database(parameters)
    if wanted.scheme:
        raise ValueError("a scheme is for loading only, a table is wanted")


_FORM: Final = "an AVP such as $avp(x) or $avp(x)/table, or a kind of them"
_SOURCE: Final = ArgumentKind(
    "whose AVPs, such as $fu or $avp(id)/uuid", base=str, form=Form.READ, convert=_read_source
)
_LOADED: Final = ArgumentKind(
    _FORM, base=str, form=Form.READ, convert=_read_wanted, check=_check_scheme
)
_STORED: Final = ArgumentKind(
    _FORM, base=str, form=Form.READ, convert=_read_wanted, check=_check_table
)

# --- whose they are ------------------------------------------------------------------------------


class _Owner(Record):
    """Whose rows are meant; None where it does not count."""

    uuid: str | None = None
    user: str | None = None
    domain: str | None = None

    def conditions(self, program: Program, scheme: Scheme) -> list[Condition]:
        columns = (
            (scheme.uuid_column or uuid_column(program), self.uuid),
            (scheme.username_column or username_column(program), self.user),
            (scheme.domain_column or domain_column(program), self.domain),
        )
        return [Condition(column, value) for column, value in columns if value is not None]


def _owner(ctx: Context, source: _Source, function: str) -> _Owner | None:
    """None, which is logged, if the message does not say who that is."""
    text = source.value
    if not isinstance(text, str):
        found = text.get(ctx)
        if found is None:
            _failed(ctx, function, f"{text.text} has no value")
            return None
        text = to_str(found)
    if source.part == "uuid":
        return _Owner(uuid=text)
    uri = routable_uri(text)
    if uri is None or not uri.user or not uri.host:
        _failed(ctx, function, f"{text!a:.100} is no URI of a user")
        return None
    if source.part == "domain":
        return _Owner(domain=uri.host)
    if source.part == "uri" and use_domain(ctx.program):
        return _Owner(user=uri.user, domain=uri.host)
    return _Owner(user=uri.user)


def _failed(ctx: Context, function: str, reason: str) -> int:
    ctx.program.log.line(levels.ERR, f"{function}(): {reason}")
    return -1


# --- what is in the database already -------------------------------------------------------------


class _Known:
    """Which values have come from a database, or gone there: those are not stored again.

    A value is known by its list and its place in it, counted from the oldest one.
    """

    def __init__(self) -> None:
        self._values: dict[str, tuple[list[Value], dict[int, Value]]] = {}

    def add(self, name: str, values: list[Value], place: int, value: Value) -> None:
        """Take note of a value of the AVP `name`; the place of the oldest one is 1."""
        known, places = self._values.get(name, (None, {}))
        if known is not values:
            places = {}
            self._values[name] = values, places
        places[place] = value

    def has(self, name: str, values: list[Value], place: int, value: Value) -> bool:
        known, places = self._values.get(name, (None, {}))
        return known is values and places.get(place) is value


def _known(ctx: Context) -> _Known:
    of_modules = extras(ctx).of_modules
    found: _Known | None = of_modules.get(mod.name)
    if found is None:
        found = of_modules[mod.name] = _Known()
    return found


# --- the functions -------------------------------------------------------------------------------


@mod.function("avp_db_load", may_wait=True)
async def avp_db_load(
    ctx: Context, source: Annotated[_Source, _SOURCE], wanted: Annotated[_Wanted, _LOADED]
) -> int:
    """Load AVPs of a user from the database, each on top of what is there, the last row last.

    Returns 1; -1 if there are none, or the database cannot be asked.
    """
    program = ctx.program
    owner = _owner(ctx, source, "avp_db_load")
    name = None if wanted.avp is None else wanted.avp.name(ctx)
    if owner is None or (wanted.avp is not None and name is None):
        return -1
    schemes = {each.name: each for each in db_scheme(program)}
    scheme = schemes[wanted.scheme] if wanted.scheme else _PLAIN
    where = owner.conditions(program, scheme)
    columns = [scheme.value_column or value_column(program)]
    if not wanted.scheme:
        columns += [type_column(program), attribute_column(program)]
        if name is not None:
            where.append(Condition(attribute_column(program), name.removeprefix("i:")))
    table = wanted.table or scheme.table or avp_table(program)
    try:
        rows = await database(program, db_url(program), mod.name).select(table, columns, where)
    except DatabaseError as error:
        return _failed(ctx, "avp_db_load", error.message)
    found, wrong = [], []
    for row in rows:
        try:
            one = (name or "", _value(row[0], scheme.is_number)) if wanted.scheme else _avp(row)
        except ValueError as error:
            wrong.append(error)
        else:
            if one[0] == name or (name is None and _is_of_kind(one[0], wanted.kind)):
                found.append(one)
    if wrong:
        _failed(ctx, "avp_db_load", f"{len(wrong)} rows of {table} are no AVPs: {wrong[0]}")
    for each, value in found:
        put(ctx, each, value)
        values = (ctx.avps or {})[each]
        _known(ctx).add(each, values, len(values), value)
    return 1 if found else -1


def _avp(row: Row) -> tuple[str, Value]:
    """Name and value. Raises ValueError for what is none."""
    value, kind, attribute = row
    bits = int(text_of(kind) or 0)
    name = text_of(attribute) or ""
    if bits & _NUMBER_NAME:
        if not (name.isascii() and name.isdecimal()):
            raise ValueError(f"the name {name!a:.40} is not a number")
        name = f"i:{int(name)}"
    return name, _value(value, bool(bits & _NUMBER_VALUE))


def _value(value: Stored, is_number: bool) -> Value:
    """What a row has, as a script has it. Raises ValueError for what cannot be an AVP."""
    if value is None or isinstance(value, float):
        raise ValueError("it has no value" if value is None else f"{value} is a fraction")
    text = text_of(value) or ""
    if not is_number:
        return text
    digits = text[1:] if text[:1] == "-" else text
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > 10:
        raise ValueError(f"the value {text!a:.40} is not a number")
    number = int(text)
    if number != wrap(number):
        raise ValueError(f"{number} is more than 32 bits hold")
    return number


def _is_of_kind(name: str, kind: str) -> bool:
    return kind == "a" or name.startswith("i:") == (kind == "i")


@mod.function("avp_db_store", may_wait=True)
async def avp_db_store(
    ctx: Context, source: Annotated[_Source, _SOURCE], wanted: Annotated[_Wanted, _STORED]
) -> int:
    """Store AVPs for a user, all their values, the newest first; all of them or none.

    What was loaded from the database, or stored before, is there already and not stored again.
    Returns 1; -1 if there is nothing to store, or the database cannot be asked.
    """
    program = ctx.program
    owner = _owner(ctx, source, "avp_db_store")
    if owner is None:
        return -1
    known = _known(ctx)
    new: list[tuple[str, list[Value], int, Value]] = []
    for name in _names(ctx, wanted):
        values = (ctx.avps or {}).get(name, [])
        for number, value in enumerate(values):
            place = len(values) - number
            if not known.has(name, values, place, value):
                new.append((name, values, place, value))
    if not new:
        return -1
    rows = [_row(program, owner, name, value) for name, _, _, value in new]
    table = wanted.table or avp_table(program)
    try:
        await database(program, db_url(program), mod.name).insert(table, *rows)
    except DatabaseError as error:
        return _failed(ctx, "avp_db_store", error.message)
    for each in new:
        known.add(*each)
    return 1


def _names(ctx: Context, wanted: _Wanted) -> Sequence[str]:
    if wanted.avp is not None:
        name = wanted.avp.name(ctx)
        return () if name is None else (name,)
    return [each for each in reversed(ctx.avps or {}) if _is_of_kind(each, wanted.kind)]


def _row(program: Program, owner: _Owner, name: str, value: Value) -> dict[str, Stored]:
    kind = _NUMBER_VALUE if isinstance(value, int) else 0
    if name.startswith("i:"):
        kind |= _NUMBER_NAME
    return {
        uuid_column(program): owner.uuid or "",
        username_column(program): owner.user or "",
        domain_column(program): owner.domain or "",
        attribute_column(program): name.removeprefix("i:"),
        type_column(program): kind,
        value_column(program): str(value),
    }


@mod.function("avp_db_delete", may_wait=True)
async def avp_db_delete(
    ctx: Context, source: Annotated[_Source, _SOURCE], wanted: Annotated[_Wanted, _STORED]
) -> int:
    """Delete AVPs of a user in the database; those of the message stay.

    Returns 1, also if there were none; -1 if the database cannot be asked.
    """
    program = ctx.program
    owner = _owner(ctx, source, "avp_db_delete")
    name = None if wanted.avp is None else wanted.avp.name(ctx)
    if owner is None or (wanted.avp is not None and name is None):
        return -1
    where = owner.conditions(program, _PLAIN)
    kind = wanted.kind
    if name is not None:
        where.append(Condition(attribute_column(program), name.removeprefix("i:")))
        kind = "i" if name.startswith("i:") else "s"
    if kind != "a":
        where.append(Condition(type_column(program), _NUMBER_NAME, ">=" if kind == "i" else "<"))
    table = wanted.table or avp_table(program)
    try:
        await database(program, db_url(program), mod.name).delete(table, where)
    except DatabaseError as error:
        return _failed(ctx, "avp_db_delete", error.message)
    return 1
