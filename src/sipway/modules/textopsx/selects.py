"""`@hf_value.NAME`, `@hf_value2.NAME`, `@hf_value_exists.NAME.VALUE`.

`@hf_value` is all values of the headers of a name with commas between, `[2]` one of them; of a
value `.uri`, `.name`, `.nameaddr` and, for a parameter, `.p.NAME` or `.param.NAME`. `@hf_value2`
takes each header as one value. As in 5.6.3 `.NAME` alone is no parameter, and `[*]` is refused.
Without a number parts are those of the first value, as the README has it; 5.6.3 gives them all.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sipway.core.context import Context
from sipway.core.selects.addresses import uri_parts
from sipway.core.selects.parts import Part, after
from sipway.modules.textopsx._module import mod
from sipway.modules.textopsx.values import header_values, value_exists
from sipway.sip.nameaddr import NameAddr, parse_name_addr
from sipway.sip.uri import Uri


def _parsed_uri(address: object) -> Uri | None:
    assert isinstance(address, NameAddr)
    return address.parsed


def _name(address: NameAddr) -> str:
    """The display name without its quotes."""
    shown = address.display
    return shown[1:-1] if _is_quoted(shown) else shown


def _is_quoted(text: str) -> bool:
    return len(text) > 1 and text[0] == text[-1] == '"'


def _of_name(name: str) -> Part:
    """A parameter without its quotes, empty without a value; `_` stands for `-` too."""
    names = (name.lower().replace("_", "-"), name.lower())

    def text(address: NameAddr) -> str | None:
        for each in names:
            if each in address.params:
                value = address.params[each] or ""
                return value[1:-1] if _is_quoted(value) else value
        return None

    return Part(text)


_parameter = Part(named=_of_name)
_uri = Part(lambda address: address.uri or None, parts=uri_parts(_parsed_uri))
_OF_VALUE: Final[dict[str, Part]] = {
    name: after(parse_name_addr, part)
    for name, part in {
        "uri": _uri,
        "name": Part(_name),
        "p": _parameter,
        "param": _parameter,
        "nameaddr": Part(
            parts={
                "uri": _uri,
                "name": Part(lambda address: address.display),
                "params": _parameter,
            }
        ),
    }.items()
}


def _numbered(values: Callable[[Context], list[str]], parts: dict[str, Part]) -> Part:
    """All values of a header with commas between, and each by its number."""

    def value(number: int) -> Part:
        index = number - 1 if number > 0 else number

        def find(ctx: Context) -> str | None:
            found = values(ctx)
            return found[index] if number and -len(found) <= index < len(found) else None

        return Part(lambda text: text, find, parts)

    def joined(ctx: Context) -> str | None:
        found = values(ctx)
        return ",".join(found) if found else None

    first = value(1)
    of_first = {name: after(first.step, part) for name, part in parts.items()}
    if "uri" in of_first:

        def uris(ctx: Context) -> str | None:
            return ",".join(parse_name_addr(each).uri for each in values(ctx)) or None

        of_first["uri"] = Part(
            uris, parts={name: after(_first_of(first), part) for name, part in _uri.parts.items()}
        )
    return Part(joined, parts=of_first, numbered=value)


def _first_of(first: Part) -> Callable[[Context], NameAddr | None]:
    def find(ctx: Context) -> NameAddr | None:
        text = first.step(ctx)
        return None if text is None else parse_name_addr(text)

    return find


def _values(name: str) -> Part:
    wanted = name.replace("_", "-")
    return _numbered(lambda ctx: header_values(ctx, wanted), _OF_VALUE)


def _lines(name: str) -> Part:
    """Each header as one value; the first one where no number says which."""
    wanted = name.replace("_", "-")

    def lines(ctx: Context) -> list[str]:
        return header_values(ctx, wanted, whole=True)

    part = _numbered(lines, {})
    return Part(part.numbered(1).step, numbered=part.numbered) if part.numbered else part


def _exists(name: str) -> Part:
    wanted = name.replace("_", "-")
    return Part(
        named=lambda value: Part(lambda ctx: str(int(value_exists(ctx, wanted, value)))),
    )


mod.selects.update(
    hf_value=Part(named=_values), hf_value2=Part(named=_lines), hf_value_exists=Part(named=_exists)
)
