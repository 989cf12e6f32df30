"""Phones that call each other through sipway see what they see through Kamailio."""

from __future__ import annotations

import pkgutil
from importlib import import_module

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


@pytest.fixture(scope="module")
def transcripts(
    kamailio: list[str], tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, str], dict[str, str] | StartError]:
    """What became of each module's flows on each server: filled by the tests as they come."""
    del kamailio, tmp_path_factory
    return {}


@pytest.mark.parametrize(
    ("module", "flow"), [pytest.param(*each, id=f"{each[0]}-{each[1].name}") for each in _ALL]
)
def test_same_as_kamailio(
    module: str,
    flow: Flow,
    kamailio: list[str],
    transcripts: dict[tuple[str, str], dict[str, str] | StartError],
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    seen = []
    for server, command in (("kamailio", kamailio), ("sipway", sipway_command())):
        if (server, module) not in transcripts:
            folder = tmp_path_factory.mktemp(f"{server}-{module}")
            it = _MODULES[module]
            try:
                transcripts[server, module] = play_all(command, it.SCRIPT, it.FLOWS, folder)
            except StartError as error:
                transcripts[server, module] = error
        found = transcripts[server, module]
        if isinstance(found, StartError):
            pytest.fail(f"{server} does not start on flows/{module}.py:\n{found}")
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
