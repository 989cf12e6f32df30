"""What expressions are made of: constants, variables, texts with variables, as Python `ast`.

Values are ints, texts and None (see `runtime`); what is known of a value's type when the
script is compiled chooses plain Python over a helper.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any, Final

from sipway.language import runtime
from sipway.language.catalog import Catalog
from sipway.language.compile_pieces import ctx_name, word
from sipway.language.compile_places import fill_places, locate
from sipway.language.diagnostics import Diagnostics
from sipway.language.near import nearest
from sipway.language.nodes import (
    Expression,
    MessageLength,
    Name,
    Network,
    Number,
    Regex,
    Select,
    String,
)
from sipway.language.record import Record
from sipway.language.resolve import Scope
from sipway.language.signatures import CUSTOM_GROUPS, Location, OperandType
from sipway.language.source import Span
from sipway.language.template import Template, parse_template

INT: Final = frozenset({int})
TEXT: Final = frozenset({str})
ANY: Final = frozenset({int, str, type(None)})

_SELECTED: Final = re.compile(r"cfg_selected\.(?P<group>\w+)", re.ASCII)
# A module with which operators set what a script reads as `cfg_get.group.name`.
_SETS: Final = "cfg_rpc"

_PARAMETER: Final = re.compile(r'cfg_get\.(?P<group>\w+)(?:\.|\[")(?P<name>\w+)(?:"\])?', re.ASCII)

WORDS: Final = {"yes": 1, "on": 1, "true": 1, "no": 0, "off": 0, "false": 0}


class Value(Record):
    """Python code for a value, and the Python types that it can have.

    `text` is code for what a text gets of it, where that is not simply the value as text.
    """

    code: ast.expr
    types: frozenset[type] = ANY
    text: ast.expr | None = None

    @property
    def constant(self) -> bool:
        return isinstance(self.code, ast.Constant)


class GlobalNames:
    """The names of a generated module's globals: each object has one for each stem."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, int], str] = {}
        self._numbers: dict[str, int] = {}

    def add(self, stem: str, value: object, space: dict[str, object]) -> str:
        """Put `value` into `space`, under `stem` or `stem_2`, `stem_3` ...; returns the name."""
        known = self._known.get((stem, id(value)))
        if known is not None:
            return known
        number = self._numbers.get(stem, 1)
        name = stem if number == 1 else f"{stem}_{number}"
        while name in space:
            number += 1
            name = f"{stem}_{number}"
        self._numbers[stem] = number
        self._known[stem, id(value)] = name
        space[name] = value
        return name


class ValueCompiler:
    """Compiles the expressions of one block.

    `defines` are the names defined at the end of the script, for `$def(NAME)`,
    `module_parameters` what the script sets with `modparam`, `custom` its parameters of its
    own, for `@cfg_get.group.name`; `names` are those of the globals, the same for all blocks.
    `bindings` collects the globals that the code needs, `prelude` functions made for
    formats, `codes` the local names that hold codes of calls in the expression at hand, `before`
    those of them that are to be asked before another call, as one may have ended the script, and
    `risky` says that it may raise `ScriptFault`. `texts_are_formats`: variables in the texts
    of the expression at hand count.
    """

    def __init__(
        self,
        scope: Scope,
        catalog: Catalog,
        diagnostics: Diagnostics,
        bindings: dict[str, object],
        slots: dict[str, int],
        waiting: frozenset[str],
        uses_retcode: bool,
    ) -> None:
        self._scope = scope
        self._catalog = catalog
        self._diagnostics = diagnostics
        self._bindings = bindings
        self._slots = slots
        self._waiting = waiting
        self._uses_retcode = uses_retcode
        self._block = ""
        self.defines: Mapping[str, str | None] = {}
        self.module_parameters: Mapping[tuple[str, str], Any] = {}
        self.names = GlobalNames()
        self.custom: Mapping[tuple[str, str], int | str] = {}
        self._temporaries = 0
        self.codes: list[str] = []
        self.before: list[str] = []
        self.risky = False
        self.texts_are_formats = False

    # --- small pieces -----------------------------------------------------------

    def bind(self, name: str, value: object) -> ast.expr:
        """A global of the generated module with this value."""
        return ast.Name(self.names.add(name, value, self._bindings), ast.Load())

    def located(self, span: Span) -> ast.expr:
        """The place in the script that a span begins at, for what is called with it."""
        location = Location(span.file.path, span.line, self._block)
        return self.bind(f"at_{span.line}", location)

    def helper(self, name: str, *arguments: ast.expr) -> ast.expr:
        """A call of a function of `runtime`."""
        return ast.Call(self.bind(f"_{name}", getattr(runtime, name)), list(arguments), [])

    def temporary(self) -> str:
        self._temporaries += 1
        return f"_t{self._temporaries}"

    def error(self, code: str, message: str, span: Span, hint: str | None = None) -> Value:
        self._diagnostics.error(code, message, span, hint=hint)
        return Value(ast.Constant(0), INT)

    def folded(self, value: Value) -> Value:
        """A constant for an expression of constants; any other as it is."""
        names = {node.id for node in ast.walk(value.code) if isinstance(node, ast.Name)}
        if self.risky or not all(getattr(runtime, name[1:], None) for name in names):
            return value
        expression = ast.Expression(value.code)
        fill_places(expression)
        result = eval(compile(expression, "<constant>", "eval"), self._bindings)
        return Value(ast.Constant(result), value.types)

    def as_int(self, value: Value) -> ast.expr:
        if value.types == INT:
            return value.code
        if isinstance(value.code, ast.Constant):
            return ast.Constant(_constant_number(value.code.value))
        return self.helper("to_int", value.code)

    def as_text(self, value: Value) -> ast.expr:
        if value.text is not None:
            return self.helper("to_str", value.text)
        if value.types == TEXT:
            return value.code
        if isinstance(value.code, ast.Constant):
            return ast.Constant(runtime.to_str(value.code.value))  # type: ignore[arg-type]
        return self.helper("to_str", value.code)

    # --- values -----------------------------------------------------------------

    def value(self, node: Expression) -> Value:
        """The value of an expression; of a call that stands alone its code."""
        method = getattr(self, f"_value_{type(node).__name__.lower()}")
        result: Value = method(node)
        locate(result.code, node.span)
        return result

    def _value_number(self, node: Number) -> Value:
        return Value(ast.Constant(runtime.wrap(node.value)), INT)

    def _value_string(self, node: String) -> Value:
        if self.texts_are_formats and "$" in node.value:
            return self.template(parse_template(node.value, node.span, self._diagnostics))
        return Value(ast.Constant(node.value), TEXT)

    def _value_regex(self, node: Regex) -> Value:
        return self.error(
            "misplaced-regex", "a /pattern/ can only be a case of a switch", node.span
        )

    def _value_network(self, node: Network) -> Value:
        return Value(ast.Constant(node.text), TEXT)

    def _value_messagelength(self, _: MessageLength) -> Value:
        return self._operand("msg:len")

    def _value_select(self, node: Select) -> Value:
        value = self._select(node.path, node.span)
        return Value(self.as_text(value), TEXT)

    def _select(self, path: str, span: Span) -> Value:
        """What reads a select: a text, null where there is none."""
        parameter = _PARAMETER.fullmatch(path)
        if parameter and parameter["group"] != "core":
            return self._custom_parameter(parameter["group"], parameter["name"], span)
        selected = _SELECTED.fullmatch(path)
        if selected:
            self._check_group(selected["group"], span)
        signature = self._scope.select(path, span)
        if signature is None:
            return Value(ast.Constant(None))
        reader = self.bind(f"x_{word(path)}", signature.get)
        return Value(ast.Call(reader, [ctx_name()], []), frozenset({str, type(None)}))

    def _custom_parameter(self, group: str, name: str, span: Span) -> Value:
        """A parameter that the script has made, as text."""
        if (group, name) not in self.custom:
            return self.error(
                "unknown-parameter",
                f"there is no parameter {group}.{name}",
                span,
                nearest(f"{group}.{name}", map(".".join, self.custom))
                or f'{group}.{name} = VALUE desc "what it is for" makes one',
            )
        if self.module_parameters.get(CUSTOM_GROUPS, {}).get(group) or _SETS in self._scope.modules:
            # There are values for numbers, `group[2].name`: the message knows whose it reads. Or
            # somebody may set them while the script runs.
            get = self._catalog.core.variables["ccp"].get
            key = ast.Tuple([ast.Constant(group), ast.Constant(name)], ast.Load())
            value = ast.Call(self.bind("ccp", get), [ctx_name(), key], [])
            kind = TEXT if isinstance(self.custom[group, name], str) else INT
            return Value(self.as_text(Value(value, kind)), TEXT)
        text = self.bind(f"cfg_{word(group)}_{word(name)}", str(self.custom[group, name]))
        return Value(text, TEXT)

    def _check_group(self, group: str, span: Span) -> None:
        groups = self.module_parameters.get(CUSTOM_GROUPS, {})
        if group not in groups:
            self.error(
                "unknown-parameter",
                f"there is no group of parameters {group}",
                span,
                nearest(group, groups) or f"{group}.NAME = VALUE makes one",
            )

    def template(self, template: Template) -> Value:
        """Text with variables in it, null shown as <null>."""
        raise NotImplementedError

    def _value_name(self, node: Name) -> Value:
        if node.name in WORDS:
            return Value(ast.Constant(WORDS[node.name]), INT)
        if node.name in self._catalog.operands:
            return self._operand(node.name)
        if node.name == "myself":
            return self.error(
                "misplaced-myself",
                "myself can only be compared with a URI or an address",
                node.span,
                "write uri==myself, or src_ip==myself",
            )
        if node.name == "max_len":
            return Value(ast.Constant(65535), INT)
        return Value(ast.Constant(node.name), TEXT)

    def _operand(self, name: str) -> Value:
        signature = self._catalog.operands[name]
        number = signature.type in (
            OperandType.NUMBER,
            OperandType.PORT,
            OperandType.PROTOCOL,
            OperandType.FAMILY,
        )
        code = ast.Call(self.bind(f"o_{word(name)}", signature.get), [ctx_name()], [])
        return Value(code, INT if number else frozenset({str, type(None)}))


def _constant_number(value: object) -> int:
    if isinstance(value, str):
        return runtime.text_number(value) or 0
    return value if isinstance(value, int) else 0
