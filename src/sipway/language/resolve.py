"""What the names of a script mean: functions, variables, transformations, selects.

One `Scope` for a script. Each lookup that fails is one diagnostic on the exact word, with
the nearest known name where one is near.
"""

from __future__ import annotations

from collections.abc import Iterator

from sipway.language.catalog import Catalog
from sipway.language.diagnostics import Diagnostics
from sipway.language.loaded import Loaded
from sipway.language.near import nearest
from sipway.language.signatures import (
    FunctionSignature,
    Inner,
    SelectSignature,
    TransformationSignature,
    UnknownSelect,
    VariableSignature,
)
from sipway.language.source import Span
from sipway.language.template import Transformation, VariableSpec


class Scope(Loaded):
    """The names that a script can use, growing with each `loadmodule`."""

    def __init__(self, catalog: Catalog, diagnostics: Diagnostics) -> None:
        super().__init__(catalog, diagnostics)
        self._reported: set[tuple[str, str]] = set()

    # --- functions --------------------------------------------------------------

    def function(self, name: str, span: Span) -> FunctionSignature | None:
        for module in self.modules.values():
            signature = module.functions.get(name)
            if signature is not None:
                return signature
        if any(name in module.functions for module in self.missing.values()):
            return None  # the module's absence has been reported
        if ("function", name) not in self._reported:
            self._reported.add(("function", name))
            self._report_function(name, span)
        return None

    def _report_function(self, name: str, span: Span) -> None:
        owner = self._owner(name)
        if owner is not None:
            loaded = self.modules.get(owner)
            reason = None if loaded is None else loaded.later.get(name)
            self._report_not_loaded(f"{name}()", owner, span, reason)
            return
        self._diagnostics.error(
            "unknown-function",
            f"there is no function {name}()",
            span,
            hint=nearest(name, self._function_names()) or self._unlisted("functions"),
        )

    def _owner(self, name: str) -> str | None:
        """The module, not loaded, that a function belongs to."""
        for module in self._catalog.module_names():
            if module not in self.modules:
                signature = self._catalog.module(module)
                if signature is not None and name in signature.functions:
                    return module
        owners = [each.name for each in self._catalog.foreign.values() if name in each.functions]
        # What several modules have, such as lookup(), is known by the one with the plain name.
        return min(owners, key=len, default=None)

    def _unlisted(self, kind: str) -> str | None:
        """A hint at loaded modules of which nobody knows here what they export."""
        names = [name for name, module in self.missing.items() if not getattr(module, kind)]
        if not names:
            return None
        return f"it may belong to a module that sipway does not have: {', '.join(names)}"

    def _function_names(self) -> Iterator[str]:
        for module in self.modules.values():
            yield from module.functions
        for foreign in self.missing.values():
            yield from foreign.functions
        yield from ("route", "if", "exit", "drop", "return")

    # --- variables --------------------------------------------------------------

    def variable(self, spec: VariableSpec) -> VariableSignature | None:
        for module in self.modules.values():
            signature = module.variables.get(spec.name)
            if signature is not None:
                return signature if self._inner_fits(spec, signature) else None
        if any(spec.name in module.variables for module in self.missing.values()):
            return None  # the module's absence has been reported
        if ("variable", spec.name) not in self._reported:
            self._reported.add(("variable", spec.name))
            self._report_variable(spec)
        return None

    def _report_variable(self, spec: VariableSpec) -> None:
        foreign = self._catalog.foreign.values()
        owner = next((each.name for each in foreign if spec.name in each.variables), None)
        if owner is not None:
            self._report_not_loaded(f"${spec.name}", owner, spec.span)
            return
        names = [name for module in self.modules.values() for name in module.variables]
        self._diagnostics.error(
            "unknown-variable",
            f"there is no variable ${spec.name}",
            spec.span,
            hint=nearest(spec.name, names, "$") or self._unlisted("variables"),
        )

    def _inner_fits(self, spec: VariableSpec, signature: VariableSignature) -> bool:
        if signature.inner is Inner.REQUIRED and not spec.inner:
            self._diagnostics.error(
                "missing-name",
                f"${spec.name} needs a name in parentheses",
                spec.span,
                hint=f"write ${spec.name}(name)",
            )
            return False
        if signature.inner is Inner.NONE and spec.inner is not None:
            self._diagnostics.error(
                "no-name-wanted", f"${spec.name} takes nothing in parentheses", spec.span
            )
            return False
        if spec.index is not None and not signature.indexed:
            self._diagnostics.error(
                "no-index-wanted",
                f"${spec.name} takes no index in brackets behind it",
                spec.span,
                hint=f"write ${spec.name}(name[index])" if signature.holes else None,
            )
            return False
        return True

    def transformation(self, node: Transformation) -> TransformationSignature | None:
        for module in self.modules.values():
            signature = module.transformations.get(node.name)
            if signature is None:
                continue
            if not signature.least <= len(node.arguments) <= signature.most:
                self._diagnostics.error(
                    "wrong-arguments",
                    f"{{{node.name}}} takes {_count(signature.least, signature.most)}, "
                    f"not {len(node.arguments)}",
                    node.span,
                )
                return None
            return signature
        if ("transformation", node.name) not in self._reported:
            self._reported.add(("transformation", node.name))
            self._report_transformation(node)
        return None

    def _report_transformation(self, node: Transformation) -> None:
        kind = node.name.partition(".")[0]
        for foreign in self._catalog.foreign.values():
            if kind not in foreign.transformations:
                continue
            if foreign.name not in self.missing:  # else the module's absence has been reported
                what = f"the transformation {{{node.name}}}"
                self._report_not_loaded(what, foreign.name, node.span)
            return
        for name in self._catalog.module_names():
            module = self._catalog.module(name) if name not in self.modules else None
            if module is not None and node.name in module.transformations:
                self._report_not_loaded(f"the transformation {{{node.name}}}", name, node.span)
                return
        names = [name for module in self.modules.values() for name in module.transformations]
        self._diagnostics.error(
            "unknown-transformation",
            f"there is no transformation {{{node.name}}}",
            node.span,
            hint=nearest(node.name, names),
        )

    # --- selects ----------------------------------------------------------------

    def select(self, path: str, span: Span) -> SelectSignature | None:
        """What reads a select; its path is written without the `@`."""
        try:
            found = self._catalog.select(path)
        except UnknownSelect as error:
            self._diagnostics.error("unknown-select", str(error), span, hint=error.hint)
            return None
        if isinstance(found, SelectSignature):
            if not found.module or found.module in self.modules:
                return found
            found = found.module
        if found not in self.modules:
            if found not in self.missing:
                self._report_not_loaded(f"the select @{path}", found, span)
            return None
        self._diagnostics.error(
            "not-here",
            f"the select @{path} of Kamailio's module {found} is not part of sipway yet",
            span,
        )
        return None


def _count(least: int, most: int | None) -> str:
    if most is None:
        return f"at least {least} argument{'s' if least != 1 else ''}"
    if least == most:
        return f"{least} argument{'s' if least != 1 else ''}" if least else "no arguments"
    return f"{least} to {most} arguments"


def expected_arguments(signature: FunctionSignature) -> str:
    """How many arguments a function takes, in words."""
    if signature.arities is not None:
        return " or ".join(map(str, signature.arities)) + " arguments"
    return _count(signature.least, signature.most)
