"""Phones that call each other through sipway see what they see through Kamailio."""

from __future__ import annotations

import pkgutil
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from pathlib import Path

import pytest

from tests.compat import flows
from tests.compat.flow import Flow, play_all
from tests.compat.flow_differences import DIFFERENCES
from tests.compat.servers import StartError, sipway_command

_MODULES = {
    info.name: import_module(f"tests.compat.flows.{info.name}")
    for info in pkgutil.iter_modules(flows.__path__)
}
_ALL: list[tuple[str, Flow]] = [
    (name, flow) for name, module in _MODULES.items() for flow in module.FLOWS
]


Transcripts = dict[str, str] | StartError


@pytest.fixture(scope="module")
def transcripts(kamailio: list[str]) -> dict[str, list[Transcripts]]:
    """What became of each module's flows on both servers: filled by the tests as they come."""
    del kamailio
    return {}


def _play(module: str, command: list[str], folder: Path) -> Transcripts:
    try:
        return play_all(command, _MODULES[module].SCRIPT, _MODULES[module].FLOWS, folder)
    except StartError as error:
        return error


@pytest.mark.parametrize(
    ("module", "flow"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in _ALL]
)
def test_same_as_kamailio(
    module: str,
    flow: Flow,
    kamailio: list[str],
    transcripts: dict[str, list[Transcripts]],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    servers = {"kamailio": kamailio, "sipway": sipway_command()}
    if module not in transcripts:
        # At the same time: most of it is waiting.
        with ThreadPoolExecutor(len(servers)) as pool:
            played = [
                pool.submit(_play, module, command, tmp_path_factory.mktemp(f"{name}-{module}"))
                for name, command in servers.items()
            ]
            transcripts[module] = [each.result() for each in played]
    seen = []
    for name, found in zip(servers, transcripts[module], strict=True):
        if isinstance(found, StartError):
            pytest.fail(f"{name} does not start on flows/{module}.py:\n{found}")
        seen.append(found[flow.name])
    theirs, ours = seen
    difference = DIFFERENCES.get(f"{module}-{flow.name}")
    if difference is None:
        assert ours == theirs, flow.why
    else:
        assert ours != theirs, f"no difference any more, take it off the list: {difference}"


def test_each_difference_is_about_a_flow() -> None:
    assert set(DIFFERENCES) <= {f"{module}-{flow.name}" for module, flow in _ALL}


def test_each_flow_has_a_name_of_its_own_and_says_what_it_pins_down() -> None:
    names = [(module, flow.name) for module, flow in _ALL]
    assert len(names) == len(set(names))
    assert [name for name, (_, flow) in zip(names, _ALL, strict=True) if not flow.why] == []
