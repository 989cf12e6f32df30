"""Phones that call each other through sipway see what they see through Kamailio."""

from __future__ import annotations

import pkgutil
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from fnmatch import fnmatchcase
from importlib import import_module
from pathlib import Path

import pytest

from tests.compat import flows
from tests.compat.ahead import Ahead
from tests.compat.flow import After, Flow, Network, play_all
from tests.compat.flow_differences import DIFFERENCES
from tests.compat.servers import StartError, sipway_commands

_MODULES = {
    info.name: import_module(f"tests.compat.flows.{info.name}")
    for info in pkgutil.iter_modules(flows.__path__)
}
_OBSERVED = Path(__file__).parents[2] / "docs" / "kamailio-observed.md"
_ALL: list[tuple[str, Flow]] = [
    (name, flow) for name, module in _MODULES.items() for flow in module.FLOWS
]


Transcripts = dict[str, str] | StartError
"""By flow, as one server played them."""


def _play(module: str, command: list[str], folder: Path) -> Transcripts:
    found = _MODULES[module]
    network = getattr(found, "NETWORK", Network)
    marks = getattr(found, "MARKS", ())
    after: After = getattr(found, "AFTER", lambda _: {})
    files = getattr(found, "FILES", {})
    try:
        return play_all(command, found.SCRIPT, found.FLOWS, folder, network, marks, after, files)
    except StartError as error:
        return error


@pytest.fixture(scope="module")
def transcripts(
    kamailio: list[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ahead[dict[str, Transcripts]]]:
    """By server, as they played a module's flows."""
    tmp_path_factory.getbasetemp()

    def play(module: str) -> dict[str, Transcripts]:
        def on(server: str, command: list[str]) -> Transcripts:
            return _play(module, command, tmp_path_factory.mktemp(f"{server}-{module}"))

        servers = {"kamailio": kamailio, **sipway_commands(module)}
        # At the same time: most of it is waiting.
        with ThreadPoolExecutor(len(servers)) as pool:
            return dict(zip(servers, pool.map(on, servers, servers.values()), strict=True))

    with Ahead(play) as ahead:
        yield ahead


@pytest.mark.parametrize(
    ("module", "flow"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in _ALL]
)
def test_same_as_kamailio(
    module: str,
    flow: Flow,
    kamailio: list[str],
    transcripts: Ahead[dict[str, Transcripts]],
    beside: list[str],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    seen = {}
    for name, found in transcripts.outcome(module, beside).items():
        if isinstance(found, StartError):
            pytest.fail(f"{name} does not start on flows/{module}.py:\n{found}")
        seen[name] = found[flow.name]
    theirs = seen.pop("kamailio")
    difference = DIFFERENCES.get(f"{module}-{flow.name}")
    if difference is None and any(ours != theirs for ours in seen.values()):
        # Its processes may have raced each other; sipway has none, and gets no second chance.
        again = _play(module, kamailio, tmp_path_factory.mktemp(f"again-{module}"))
        if not isinstance(again, StartError):
            theirs = again[flow.name]
    for build, ours in seen.items():
        if difference is None:
            assert ours == theirs, f"{build}: {flow.why}"
        else:
            assert ours != theirs, f"no difference any more, take it off the list: {difference}"


@pytest.mark.parametrize("module", _MODULES)
def test_no_port_is_fixed_on_which_a_server_listens(module: str) -> None:
    """Servers of several builds stand side by side, and other tests beside them."""
    fixed = r"(?m)^\s*listen\s*=\s*\S*:\d+(?![\d.])"
    assert re.findall(fixed, _MODULES[module].SCRIPT) == []


def test_each_difference_is_about_a_flow() -> None:
    assert set(DIFFERENCES) <= {f"{module}-{flow.name}" for module, flow in _ALL}


@pytest.mark.parametrize("name", DIFFERENCES)
def test_each_difference_is_told_in_the_table(name: str) -> None:
    """By its name, or by a pattern that stands for several."""
    table = _OBSERVED.read_text().partition("## What sipway does otherwise on purpose")[2]
    rows = [line for line in table.splitlines() if line.startswith("|")]
    told = [
        row for row in rows if any(fnmatchcase(name, each) for each in re.findall("`([^`]+)`", row))
    ]
    assert len(told) == 1


def test_each_flow_has_a_name_of_its_own_and_says_what_it_pins_down() -> None:
    names = [(module, flow.name) for module, flow in _ALL]
    assert len(names) == len(set(names))
    assert [name for name, (_, flow) in zip(names, _ALL, strict=True) if not flow.why] == []
