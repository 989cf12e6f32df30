"""``sipway check --explain-parameters``: what the core parameters mean here."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from sipway.cli import findings, status, terminal
from sipway.core.parameters import PARAMETERS, SYNONYMS
from sipway.language.diagnostics import Diagnostic
from sipway.language.nodes import Parameter
from sipway.language.parser import parse_file
from sipway.language.record import Record
from sipway.language.signatures import Meaning, ParameterSignature

_CLASSES: Final = {
    Meaning.EFFECTIVE: ("effective", "They do what they say."),
    Meaning.LATER: ("later", "Accepted; without effect until sipway does what they are about."),
    Meaning.IGNORED: (
        "ignored",
        "Accepted; they tune what Kamailio alone has: processes, memory, locks, other ways.",
    ),
}
_NAME_WIDTH: Final = 28
_DEFAULT_WIDTH: Final = 12


class _Row(Record):
    name: str
    meaning: Meaning
    type: str
    default: str
    doc: str

    @property
    def kind(self) -> str:
        return _CLASSES[self.meaning][0]


def explain(
    scripts: Sequence[str], defines: Mapping[str, str | None], *, as_json: bool = False
) -> int:
    """Print the core parameters, or of those only what the scripts set; the exit status.

    What cannot be read in a script goes to standard error; what could be read is printed.
    """
    names, problems = _set_by(scripts, defines)
    rows = [_row(each) for each in _known(names if scripts else None)]
    if as_json:
        print(json.dumps([_as_dict(row) for row in rows], indent=2))
    elif terminal.is_for_people(sys.stdout):
        _show_tables(rows)
    else:
        for row in rows:
            print(f"{row.name}\t{row.kind}\t{row.type}\t{row.default}\t{row.doc}")
    findings.show(problems, sys.stderr)
    return status.FAILED if problems else status.OK


def _set_by(
    scripts: Iterable[str], defines: Mapping[str, str | None]
) -> tuple[set[str], list[Diagnostic]]:
    """The parameters that scripts set, under the names that the tables have, and errors."""
    found = set()
    problems: list[Diagnostic] = []
    for script in scripts:
        parsed = parse_file(Path(script), defines)
        problems += parsed.diagnostics.errors
        for item in parsed.script.items:
            if isinstance(item, Parameter):
                found.add(SYNONYMS.get(item.name, item.name))
    return found, problems


def _known(names: set[str] | None) -> list[ParameterSignature]:
    order = list(_CLASSES)
    found = [
        each
        for name, each in PARAMETERS.items()
        if name not in SYNONYMS and (names is None or name in names)
    ]
    return sorted(found, key=lambda each: (order.index(each.meaning), each.name))


def _row(signature: ParameterSignature) -> _Row:
    kinds = {int: "number", str: "text", None: "number or text"}
    default = signature.default
    shown = str(int(default)) if isinstance(default, bool) else str(default)
    return _Row(
        signature.name,
        signature.meaning,
        kinds[signature.type],
        "" if default is None else shown,
        signature.doc,
    )


def _as_dict(row: _Row) -> dict[str, str]:
    return {
        "name": row.name,
        "class": row.kind,
        "type": row.type,
        "default": row.default,
        "meaning": row.doc,
    }


def _show_tables(rows: Sequence[_Row]) -> None:
    # As for findings: only a terminal needs it.
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    colour = terminal.wants_colour(sys.stdout)
    console = Console(
        width=terminal.width(),
        force_terminal=colour,
        color_system="standard" if colour else None,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for meaning, (kind, what) in _CLASSES.items():
        members = [row for row in rows if row.meaning is meaning]
        if not members:
            continue
        console.print(Text.assemble((kind, "bold"), f"  {what}"))
        table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column(style="cyan", min_width=_NAME_WIDTH, no_wrap=True)
        table.add_column(max_width=_DEFAULT_WIDTH, overflow="fold")
        table.add_column()
        for row in members:
            table.add_row(Text(row.name), Text(row.default), Text(row.doc))
        console.print(table)
        console.print()
