"""cfg_rpc: parameters of the script's own, `group.name = value`, read and set while it runs.

Source: README of Kamailio's module cfg_rpc; what it leaves open was tried on Kamailio 5.6.3. Of the
core's parameters `debug` can be set; of those of modules what `core.adjustable` has is read and
set, for what the others say is worked out when the server starts.
"""

from __future__ import annotations

import re
from typing import Any, Final, NamedTuple

from sipway.core.adjustable import Value, adjustables
from sipway.core.commands import CommandError
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.language import runtime
from sipway.language.signatures import CUSTOM_GROUPS

mod = Module("cfg_rpc")

_CORE: Final = "core"
_DEBUG: Final = "debug"
_GROUP: Final = re.compile(r"([^\[\]]+)(?:\[([0-9]{1,10})\])?", re.ASCII)
_NUMBER: Final = re.compile(r"\s*[+-]?[0-9]{1,18}\s*", re.ASCII)

_NOT_GOT: Final = (400, "Failed to get the variable")
_NOT_SET: Final = (400, "Failed to set the variable")
_SYNTAX: Final = (400, 'Wrong group syntax. Use "group[id]"')
_NOT_ADDED: Final = (400, "Failed to add the group instance")
_NOT_DELETED: Final = (400, "Failed to delete the group instance")


class _Key(NamedTuple):
    """`number`: of `group[number]`, None for the group itself."""

    group: str
    number: int | None
    name: str


class _Kept:
    """What the module keeps: values of the script as it began, and changes that wait."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, str], Value] = {}
        self.waiting: list[tuple[_Key, Value | None]] = []  # None: take the value back


def _kept(program: Program) -> _Kept:
    return program.shared.of_module(mod.name, _Kept)


@mod.on_start
def _start(program: Program) -> None:
    # What is changed is this server's, not the script's.
    _kept(program).first = dict(program.custom)
    groups = program.parameters.get(CUSTOM_GROUPS, {})
    program.parameters[CUSTOM_GROUPS] = {
        group: {number: dict(values) for number, values in numbered.items()}
        for group, numbered in groups.items()
    }


def _numbered(program: Program, group: str) -> dict[int, dict[str, Value]]:
    found: dict[int, dict[str, Value]] = program.parameters[CUSTOM_GROUPS].get(group, {})
    return found


def _group(text: str) -> tuple[str, int | None]:
    match = _GROUP.fullmatch(text)
    if match is None:
        raise CommandError(*_SYNTAX)
    return match[1], None if match[2] is None else int(match[2])


def _names(program: Program, group: str) -> list[str]:
    known = (*program.custom, *adjustables(program))
    return [name for each, name in known if each == group]


def _core(program: Program) -> dict[str, Value]:
    """The core's parameters that are numbers or texts."""
    found: dict[str, Value] = {_DEBUG: program.log.level}
    for name in sorted(type(program.settings).__annotations__):
        value = getattr(program.settings, name)
        if name != _DEBUG and isinstance(value, int | str):
            found[name] = int(value) if isinstance(value, bool) else value
    return found


def _read(program: Program, key: _Key) -> Value | None:
    if key.group == _CORE:
        return _core(program).get(key.name) if key.number is None else None
    if key.number is not None:
        values = _numbered(program, key.group).get(key.number)
        if values is None:
            return None
        if key.name in values:
            return values[key.name]
    adjustable = adjustables(program).get((key.group, key.name))
    if adjustable is not None:
        return adjustable.value if key.number is None else None
    found: Value | None = program.custom.get((key.group, key.name))
    return found


def _converted(program: Program, key: _Key, value: Value) -> Value:
    """The value in the type of the parameter. Raises CommandError."""
    old = _read(program, key)
    if old is None:
        raise CommandError(*_NOT_SET)
    if isinstance(old, str):
        return str(value)
    if isinstance(value, str) and _NUMBER.fullmatch(value) is None:
        raise CommandError(*_NOT_SET)
    return runtime.wrap(int(value))


def _write(program: Program, key: _Key, value: Value | None) -> None:
    if key.group == _CORE:
        if key.name != _DEBUG or not isinstance(value, int):
            raise CommandError(*_NOT_SET)
        program.log.level = value
    elif (key.group, key.name) in adjustables(program):
        if value is not None:
            _adjust(program, key, value)
    elif key.number is not None:
        values = _numbered(program, key.group).get(key.number)
        if values is None:
            raise CommandError(*_NOT_SET)
        if value is None:
            values.pop(key.name, None)
        else:
            values[key.name] = value
    elif value is not None:
        program.custom[key.group, key.name] = value


def _adjust(program: Program, key: _Key, value: Value) -> None:
    try:
        adjustables(program)[key.group, key.name].set(value)
    except ValueError:
        raise CommandError(*_NOT_SET) from None


# --- reading -----------------------------------------------------------------------------


@mod.rpc("cfg.get", usage=(500, "Failed to get the parameters"))
def get(program: Program, group: str, *names: str) -> Value | dict[str, Value]:
    """Says what a parameter is: group, name; without a name all of the group."""
    name, number = _group(group)
    if names:
        value = _read(program, _Key(name, number, names[0]))
        if value is None:
            raise CommandError(*_NOT_GOT)
        return value
    if name == _CORE:
        return _core(program)
    if number is not None and number not in _numbered(program, name):
        return {}
    found = {}
    for each in _names(program, name):
        value = _read(program, _Key(name, number, each))
        if value is not None:
            found[each] = value
    return found


@mod.rpc("cfg.list", lists=True)
def list_all(program: Program, *group: str) -> list[str]:
    """Lists the parameters that can be read, of all groups or of one."""
    found = [f"{_CORE}: {name}" for name in _core(program)]
    found += [f"{each}: {name}" for each, name in (*program.custom, *adjustables(program))]
    return [line for line in found if not group or line.startswith(f"{group[0]}: ")]


@mod.rpc("cfg.help")
def describe(program: Program, group: str, name: str) -> str:
    """Says of what type a parameter is: group, name."""
    value = _read(program, _Key(*_group(group), name))
    if value is None:
        raise CommandError(400, "Failed to get the variable description")
    return f"(parameter type is {'integer' if isinstance(value, int) else 'string'})"


@mod.rpc("cfg.diff")
def list_waiting(program: Program) -> list[dict[str, Any]]:
    """Lists the changes that wait for cfg.commit."""
    found = []
    for key, value in _kept(program).waiting:
        shown: dict[str, Any] = {"group name": key.group}
        if key.number is not None:
            shown["group id"] = key.number
        shown["variable name"] = key.name
        shown["old value"] = _or_empty(_read(program, key))
        shown["new value"] = _or_empty(value)
        found.append(shown)
    return found


def _or_empty(value: Value | None) -> Value:
    return "" if value is None else value


# --- setting -----------------------------------------------------------------------------


def _set(program: Program, group: str, name: str, value: Value) -> None:
    key = _Key(*_group(group), name)
    _write(program, key, _converted(program, key, value))


def _set_later(program: Program, group: str, name: str, value: Value) -> None:
    key = _Key(*_group(group), name)
    converted = _converted(program, key, value)
    if key.group == _CORE and key.name != _DEBUG:
        raise CommandError(*_NOT_SET)
    _kept(program).waiting.append((key, converted))


@mod.rpc("cfg.set")
def set_any(program: Program, group: str, name: str, value: str) -> None:
    """Sets a parameter at once: group or group[number], name, value."""
    _set(program, group, name, value)


@mod.rpc("cfg.seti", "cfg.set_now_int")
def set_number(program: Program, group: str, name: str, value: int) -> None:
    """Sets a parameter that is a number at once: group or group[number], name, value."""
    _set(program, group, name, value)


@mod.rpc("cfg.sets", "cfg.set_now_string")
def set_text(program: Program, group: str, name: str, value: str) -> None:
    """Sets a parameter that is a text at once: group or group[number], name, value."""
    _set(program, group, name, value)


@mod.rpc("cfg.set_delayed", "cfg.set_delayed_string")
def set_any_later(program: Program, group: str, name: str, value: str) -> None:
    """Sets a parameter with the next cfg.commit: group or group[number], name, value."""
    _set_later(program, group, name, value)


@mod.rpc("cfg.set_delayed_int")
def set_number_later(program: Program, group: str, name: str, value: int) -> None:
    """Sets a parameter that is a number with the next cfg.commit."""
    _set_later(program, group, name, value)


@mod.rpc("cfg.commit")
def commit(program: Program) -> None:
    """Makes the changes that wait."""
    waiting = _kept(program).waiting
    _kept(program).waiting = []
    for key, value in waiting:
        _write(program, key, value)


@mod.rpc("cfg.rollback")
def roll_back(program: Program) -> None:
    """Drops the changes that wait."""
    _kept(program).waiting = []


@mod.rpc("cfg.reset")
def reset(program: Program, group: str, name: str) -> None:
    """Sets a parameter to what the script says: group, name."""
    key = _Key(*_group(group), name)
    if key.number is not None:
        if _read(program, key) is None:
            raise CommandError(*_NOT_SET)
        _write(program, key, None)
    elif key.group == _CORE:
        _write(program, key, program.log.started_level)
    elif (key.group, key.name) in adjustables(program):
        _adjust(program, key, adjustables(program)[key.group, key.name].first)
    elif (key.group, key.name) in _kept(program).first:
        _write(program, key, _kept(program).first[key.group, key.name])
    else:
        raise CommandError(*_NOT_SET)


# --- values for one number ---------------------------------------------------------------


def _with_number(text: str) -> tuple[str, int]:
    group, number = _group(text)
    if number is None:
        raise CommandError(*_SYNTAX)
    return group, number


@mod.rpc("cfg.add_group_inst")
def add_number(program: Program, group: str) -> None:
    """Lets group[number] have values of its own."""
    name, number = _with_number(group)
    groups = program.parameters[CUSTOM_GROUPS]
    if name not in groups:
        raise CommandError(*_NOT_ADDED)
    groups[name].setdefault(number, {})


@mod.rpc("cfg.del_group_inst")
def delete_number(program: Program, group: str) -> None:
    """Takes all values of group[number] back."""
    name, number = _with_number(group)
    if _numbered(program, name).pop(number, None) is None:
        raise CommandError(*_NOT_DELETED)


def _own_key(program: Program, group: str, name: str) -> _Key:
    key = _Key(*_with_number(group), name)
    if _read(program, key) is None:
        raise CommandError(400, "Failed to delete the value from the group instance")
    return key


@mod.rpc("cfg.del")
def delete(program: Program, group: str, name: str) -> None:
    """Takes a value of group[number] back at once: group[number], name."""
    _write(program, _own_key(program, group, name), None)


@mod.rpc("cfg.del_delayed")
def delete_later(program: Program, group: str, name: str) -> None:
    """Takes a value of group[number] back with the next cfg.commit: group[number], name."""
    _kept(program).waiting.append((_own_key(program, group, name), None))
