"""The modules that a script loads, what it sets in them, and its flags.

What they bring is asked for in `resolve`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sipway.language.catalog import Catalog, ForeignModule, ModuleSignature
from sipway.language.diagnostics import Diagnostics
from sipway.language.flags import DeclaredFlags
from sipway.language.near import nearest
from sipway.language.nodes import (
    FlagsDeclaration,
    Listen,
    LoadModule,
    ModParam,
    Parameter,
)
from sipway.language.regex import compile_posix
from sipway.language.signatures import Meaning, ParameterSignature
from sipway.language.source import Span

# In place of one more value of a parameter that can be given repeatedly, and that was wrong.
_WRONG: Final[Any] = object()


class Loaded:
    """The modules that a script has loaded so far."""

    def __init__(self, catalog: Catalog, diagnostics: Diagnostics) -> None:
        self._catalog = catalog
        self._diagnostics = diagnostics
        self.modules: dict[str, ModuleSignature] = {"core": catalog.core}
        # Modules that the script loads and sipway does not have.
        self.missing: dict[str, ForeignModule] = {}
        # By (module, name), when all are known.
        self.parameters: Mapping[tuple[str, str], Any] = {}
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
        self.parameters = parameters
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
            if value is _WRONG:
                continue
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
        if value is _WRONG:
            return None
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
        """The value; of a wrong one, which is reported, what `_instead` says."""
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
                return _instead(signature)
        if signature.convert is None:
            return value
        try:
            return signature.convert(value)
        except ValueError as error:
            self._diagnostics.error("wrong-value", str(error), span)
            return _instead(signature)

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

    def _report_not_loaded(
        self, what: str, owner: str, span: Span, reason: str | None = None
    ) -> None:
        """Say that something belongs to a module that is not loaded, or has it not yet."""
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


def _instead(signature: ParameterSignature) -> Any:
    """Of a wrong value: the default, which for a repeatable one is no value but all of them."""
    return _WRONG if signature.repeatable else signature.default
