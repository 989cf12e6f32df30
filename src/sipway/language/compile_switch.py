"""How a `switch` finds its case: by comparing one label after the other, or in a table."""

from __future__ import annotations

import ast
from typing import Final

from sipway.language.compile_expressions import ExpressionCompiler
from sipway.language.compile_pieces import assign
from sipway.language.compile_values import Value
from sipway.language.nodes import Expression, Regex, Switch
from sipway.language.regex import compile_posix
from sipway.language.source import Span
from sipway.language.static_types import Type

# Labels of a switch that are compared one by one; for more there is a dict.
_MAX_COMPARED: Final = 3


class SwitchCompiler(ExpressionCompiler):
    def _choose(self, node: Switch, subject: Value, choice: str) -> list[ast.stmt]:
        """Statements that find the number of the case; the number of cases if there is none."""
        default = next((i for i, case in enumerate(node.cases) if None in case.labels), None)
        other = ast.Constant(len(node.cases) if default is None else default)
        labels = [
            (number, label)
            for number, case in enumerate(node.cases)
            for label in case.labels
            if label is not None
        ]
        table = self._table(labels)
        if table is not None and len(table) > _MAX_COMPARED:
            convert = self.as_text if isinstance(next(iter(table)), str) else self.as_int
            get = ast.Attribute(self.bind("cases", table), "get", ast.Load())
            return [assign(choice, ast.Call(get, [convert(subject), other], []))]
        tests: list[ast.stmt] = []
        for number, label in labels:
            found = [assign(choice, ast.Constant(number)), ast.Break()]
            tests.append(ast.If(self._label(label, subject), found, []))
        tests += (assign(choice, other), ast.Break())
        return [ast.While(ast.Constant(True), tests, [])]

    def _table(self, labels: list[tuple[int, Expression]]) -> dict[int | str, int] | None:
        """The numbers of cases by their labels; None if these are not all constants of one type."""
        table: dict[int | str, int] = {}
        for number, label in labels:
            if isinstance(label, Regex):
                return None
            code = self.folded(self.value(label)).code
            if not isinstance(code, ast.Constant) or not isinstance(code.value, int | str):
                return None
            table.setdefault(code.value, number)
        return table if len({type(label) for label in table}) == 1 else None

    def _check_labels(self, node: Switch) -> None:
        """Labels are of one type, and each is there once."""
        first: dict[object, Span] = {}
        wanted: Type = None
        for case in node.cases:
            for label in case.labels:
                if isinstance(label, Regex):
                    wanted = self._check_label_type(label, str, wanted)
                    continue
                key: object = None
                if label is not None:
                    key = getattr(self.folded(self.value(label)).code, "value", label)
                    wanted = self._check_label_type(label, type(key), wanted)
                span = case.span if label is None else label.span
                if key in first:
                    what = "a default" if label is None else "such a case"
                    self._diagnostics.error(
                        "duplicate-case",
                        f"this switch has {what} already",
                        span,
                        related=((first[key], "here is the first one"),),
                    )
                first.setdefault(key, span)

    def _check_label_type(self, label: Expression, own: type, wanted: Type) -> Type:
        """The type that the labels behind this one have to have."""
        if own not in (int, str) or wanted is None:
            return own if own in (int, str) else wanted
        if own is not wanted:
            names = {int: "a number", str: "a text"}
            self.error(
                "wrong-type",
                f"this case is {names[own]}, it would have to be {names[wanted]}",
                label.span,
                "all cases of a switch are numbers, or all are texts",
            )
        return wanted

    def _label(self, label: Expression, read: Value) -> ast.expr:
        """Whether the subject is what a case names."""
        if isinstance(label, Regex):
            try:
                search = compile_posix(label.pattern, ignore_case=False)
            except ValueError as error:
                return self.error("wrong-regex", str(error), label.span).code
            return ast.Call(self.bind("re", search), [self.as_text(read)], [])
        wanted = self.folded(self.value(label))
        if not isinstance(wanted.code, ast.Constant):
            return self.error("constant-wanted", "a case is a constant", label.span).code
        convert = self.as_text if isinstance(wanted.code.value, str) else self.as_int
        return ast.Compare(convert(read), [ast.Eq()], [wanted.code])
