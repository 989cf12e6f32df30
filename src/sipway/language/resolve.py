"""What the names of a script mean: modules, functions, variables, parameters, blocks.

One `Scope` for a script. Each lookup that fails is one diagnostic on the exact word, with
the nearest known name where one is near.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sipway.language.diagnostics import Diagnostics
from sipway.language.flags import DeclaredFlags
from sipway.language.nodes import (
    FlagsDeclaration,
    Listen,
    LoadModule,
    ModParam,
    Parameter,
)
from sipway.language.regex import compile_posix
from sipway.language.signatures import (
    Catalog,
    ForeignModule,
    FunctionSignature,
    Inner,
    Meaning,
    ModuleSignature,
    ParameterSignature,
    SelectSignature,
    TransformationSignature,
    UnknownSelect,
    VariableSignature,
)
from sipway.language.source import Span
from sipway.language.template import Transformation, VariableSpec


def nearest(name: str, known: Iterable[str], prefix: str = "") -> str | None:
    """A hint with the known name that is most like this one, None if none is near."""
    found = difflib.get_close_matches(name, list(known), n=1, cutoff=0.7)
    return f"did you mean {prefix}{found[0]}?" if found else None


class Scope:
    """The names that a script can use, growing with each `loadmodule`."""

    def __init__(self, catalog: Catalog, diagnostics: Diagnostics) -> None:
        self._catalog = catalog
        self._diagnostics = diagnostics
        self.modules: dict[str, ModuleSignature] = {"core": catalog.core}
        # Modules that the script loads and sipway does not have.
        self.missing: dict[str, ForeignModule] = {}
        self._reported: set[tuple[str, str]] = set()
        self._loaded: dict[str, Span] = {}
        self.flags = DeclaredFlags(diagnostics)
        self.avp_flags = DeclaredFlags(diagnostics)

    # --- modules and parameters -------------------------------------------------

    def load(self, node: LoadModule) -> None:
        """Take in a module's names."""
        name = node.name
        first = self._loaded.setdefault(name, node.span)
        if first is not node.span and "o" not in node.options.lower():
            self._diagnostics.warning(
                "loaded-twice",
                f"the module {name} is loaded already; Kamailio refuses that",
                node.span,
                related=((first, "here"),),
            )
        signature = self._catalog.module(name)
        if signature is not None:
            self.modules[name] = signature
            return
        if name in self.missing:
            return
        foreign = self._catalog.foreign.get(name)
        self.missing[name] = foreign or ForeignModule(name)
        if foreign is not None:
            self._diagnostics.error(
                "module-not-here",
                f"the module {name} of Kamailio is not part of sipway yet",
                node.span,
                subject=name,
            )
            return
        self._diagnostics.error(
            "unknown-module",
            f"there is no module {name}",
            node.span,
            hint=nearest(name, {*self._catalog.module_names(), *self._catalog.foreign}),
        )

    def set_parameters(self, parameters: Mapping[tuple[str, str], Any]) -> None:
        """Take the functions as they are with these parameters, now that all are known."""
        for name, module in self.modules.items():
            self.modules[name] = module.given(parameters)

    def module_parameter(self, node: ModParam) -> list[tuple[str, ParameterSignature, Any]]:
        """The (module, parameter, converted value) that a `modparam` sets."""
        names = [node.modules] if node.modules in self.modules else self._matching(node)
        found = []
        for name in names:
            signature = self.modules[name].parameters.get(node.name)
            if signature is None:
                self._report_parameter(node, name)
                continue
            value = self._converted(signature, node.value, node.value_span)
            self._warn_of_later(signature, value, node.name_span)
            found.append((name, signature, value))
        return found

    def _matching(self, node: ModParam) -> list[str]:
        """The loaded modules that `modparam("a|b", ...)` means and that have the parameter."""
        try:
            compile_posix(node.modules)  # so that a fault is told of what the script says
            matches = compile_posix(f"^({node.modules})$")
        except ValueError as error:
            self._diagnostics.error("wrong-value", str(error), node.modules_span)
            return []
        loaded = [name for name in self.modules if name != "core" and matches(name)]
        names = [name for name in loaded if node.name in self.modules[name].parameters]
        if names:
            return names
        absent = [foreign for name, foreign in self.missing.items() if matches(name)]
        if absent:
            self._foreign_parameter(node, absent)
        elif loaded:
            return loaded[:1]  # whose lack of the parameter is reported
        else:
            known = self._catalog.module(node.modules) is not None
            self._diagnostics.error(
                "module-not-loaded",
                f"the module {node.modules} is not loaded",
                node.modules_span,
                hint=f'add loadmodule "{node.modules}.so" above this line'
                if known
                else nearest(node.modules, self.modules),
            )
        return []

    def _report_parameter(self, node: ModParam, module: str) -> None:
        foreign = self._catalog.foreign.get(module)
        if foreign is not None and node.name in foreign.parameters:
            self._report_not_loaded(f"the parameter {node.name}", module, node.name_span)
            return
        self._diagnostics.error(
            "unknown-parameter",
            f"the module {module} has no parameter {node.name}",
            node.name_span,
            hint=nearest(node.name, self.modules[module].parameters),
        )

    def _foreign_parameter(self, node: ModParam, modules: list[ForeignModule]) -> None:
        """Report a parameter that none of these modules is known to have."""
        if any(not module.parameters or node.name in module.parameters for module in modules):
            return
        known = {name for module in modules for name in module.parameters}
        self._diagnostics.error(
            "unknown-parameter",
            f"the module {' or '.join(module.name for module in modules)} of Kamailio has no"
            f" parameter {node.name}",
            node.name_span,
            hint=nearest(node.name, known),
        )

    def parameter(self, node: Parameter) -> tuple[ParameterSignature, Any] | None:
        """The signature and converted value of a core parameter; None if it means nothing here."""
        signature = self._catalog.core.parameters.get(node.name)
        if signature is None:
            self._diagnostics.error(
                "unknown-parameter",
                f"there is no core parameter {node.name}",
                node.name_span,
                hint=nearest(node.name, self._catalog.core.parameters),
            )
            return None
        value = self._converted(signature, node.value, node.value_span)
        self._warn_of_later(signature, value, node.name_span)
        return None if signature.meaning is Meaning.IGNORED else (signature, value)

    def _warn_of_later(self, signature: ParameterSignature, value: Any, span: Span) -> None:
        """Say of a parameter that does nothing yet that it does nothing."""
        if signature.meaning is Meaning.LATER and value != signature.default:
            about = f" ({signature.doc})" if signature.doc else ""
            self._diagnostics.warning(
                "no-effect-yet", f"{signature.name} has no effect yet{about}", span
            )

    def _converted(self, signature: ParameterSignature, value: int | str, span: Span) -> Any:
        wanted = signature.type
        if wanted is not None and not isinstance(value, wanted):
            if wanted is int and isinstance(value, str) and value.lstrip("-").isdigit():
                value = int(value)
            elif wanted is str:
                value = str(value)
            else:
                self._diagnostics.error(
                    "wrong-type",
                    f"{signature.name} takes a number, not a text",
                    span,
                    hint="write the number without quotes",
                )
                return signature.default
        if signature.convert is None:
            return value
        try:
            return signature.convert(value)
        except ValueError as error:
            self._diagnostics.error("wrong-value", str(error), span)
            return signature.default

    # --- other declarations -----------------------------------------------------

    def socket(self, node: Listen) -> None:
        """Report what a socket asks for and sipway does not have."""
        if node.vrf is not None:
            self._diagnostics.error(
                "not-here", "binding a socket to a VRF is not part of sipway yet", node.span
            )

    # --- flags with names --------------------------------------------------------

    def declare_flags(self, node: FlagsDeclaration) -> None:
        """Take in what `flags` or `avpflags` declares."""
        (self.avp_flags if node.of_avps else self.flags).declare(node)

    def flag(self, name: str, span: Span) -> int:
        """The number of a flag with a name; 0 for one that is not declared, once reported."""
        known = self.flags.numbers
        if name not in known:
            self._diagnostics.error(
                "unknown-flag",
                f"there is no flag {name}",
                span,
                hint=nearest(name, known)
                or f"declare it at the top level: flags {name}; or #!define {name} with a number",
            )
            return 0
        return known[name]

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

    def _report_not_loaded(
        self, what: str, owner: str, span: Span, reason: str | None = None
    ) -> None:
        if owner in self.modules:
            self._diagnostics.error(
                "not-here",
                f"{what} of Kamailio's module {owner} is not part of sipway yet",
                span,
                hint=reason,
            )
            return
        here = self._catalog.module(owner) is not None
        self._diagnostics.error(
            "module-not-loaded",
            f"{what} belongs to the module {owner}, which is not loaded",
            span,
            hint=f'add loadmodule "{owner}.so" to the script'
            if here
            else f"sipway does not have the module {owner} yet",
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
