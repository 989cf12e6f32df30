"""dispatcher: destinations whose host is a name, and what ds_is_from_list() makes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from sipway.core.resolving import Srv
from sipway.modules.dispatcher.names import look_up_all
from sipway.modules.dispatcher.questions import ds_is_from_list
from tests.fake_names import FakeNames
from tests.modules.commanding import give
from tests.modules.dispatching import FAILOVER, Dispatched, dispatched, in_file, parameter
from tests.modules.running import context

LIST = "1 sip:gw.example:5070\n1 sip:none.example\n1 sip:gw.example:5071 16\n1 sip:192.0.2.77\n"


def named(folder: Path, mode: int = 1, **records: Any) -> tuple[Dispatched, FakeNames]:
    known: dict[str, Any] = {"gw.example A": ("192.0.2.1",)}
    names = FakeNames({**known, **records})
    parameters = FAILOVER + parameter("ds_dns_mode", mode) + parameter("reload_delta", 0)
    return dispatched(folder, LIST, parameters=parameters, names=names), names


def addresses(found: Dispatched) -> list[list[str]]:
    return [sorted(each.addresses) for each in found.board.sets.destinations()]


def asked_for(found: Dispatched, work: Coroutine[Any, Any, None]) -> None:
    """Run it where there is something to look names up on."""

    async def run() -> None:
        loop = asyncio.get_running_loop()
        started: list[asyncio.Task[Any]] = []
        found.program.spawn = lambda each: started.append(loop.create_task(each))
        await work
        await asyncio.gather(*started)
        found.program.spawn = None

    asyncio.run(run())


def services(found: Dispatched) -> None:
    async def run() -> None:
        for each in found.program.services:
            await each()

    asked_for(found, run())


def test_names_are_looked_up_when_the_server_starts(tmp_path: Path) -> None:
    found, names = named(tmp_path)
    assert addresses(found) == [["192.0.2.77"], [], [], []]
    services(found)
    assert addresses(found) == [["192.0.2.77"], [], [], ["192.0.2.1"]]
    assert "gw.example A" in names.source.asked
    assert ds_is_from_list(context(found.program)) == 1
    assert ds_is_from_list(context(found.program), 1, 2, "sip:192.0.2.1:5071") == -1  # flag 16


def test_a_name_that_is_not_known_yet_is_a_destination_all_the_same(tmp_path: Path) -> None:
    found, _ = named(tmp_path)
    assert len(list(found.board.sets.destinations())) == 4
    assert ds_is_from_list(context(found.program)) == -1
    assert ds_is_from_list(context(found.program), 1, 2, "sip:GW.example:5070") == 1


@pytest.mark.parametrize(("mode", "looked_up"), [(0, False), (1, True), (2, False), (4, True)])
def test_names_are_looked_up_with_a_reload(tmp_path: Path, mode: int, looked_up: bool) -> None:
    found, _ = named(tmp_path, mode)

    async def reload() -> None:
        command = found.program.commands.find("dispatcher.reload")
        assert command is not None
        await command.run(found.program)

    asked_for(found, reload())
    assert (["192.0.2.1"] in addresses(found)) is looked_up


def test_names_are_looked_up_with_each_match(tmp_path: Path) -> None:
    found, names = named(tmp_path, 2)

    async def ask() -> None:
        assert ds_is_from_list(context(found.program)) == -1  # and goes on with what is known
        assert ds_is_from_list(context(found.program)) == -1

    asked_for(found, ask())
    assert ds_is_from_list(context(found.program)) == 1
    assert names.source.asked.count("gw.example A") == 1  # in a second


def test_a_failure_leaves_what_was_known(tmp_path: Path) -> None:
    found, names = named(tmp_path)
    services(found)
    names.source.records.clear()
    names.now += 1000
    asked_for(found, look_up_all(found.program, found.board.sets.destinations()))
    assert ["192.0.2.1"] in addresses(found)
    names.source.records["gw.example A"] = ("192.0.2.8", "192.0.2.9")
    names.now += 1000
    asked_for(found, look_up_all(found.program, found.board.sets.destinations()))
    assert ["192.0.2.8", "192.0.2.9"] in addresses(found)


def test_by_srv(tmp_path: Path) -> None:
    records = {
        "_sip._udp.none.example SRV": (Srv(1, 1, 5062, "a.example"),),
        "a.example A": ("192.0.2.5",),
    }
    found, _ = named(tmp_path, 1 + 8, **records)
    services(found)
    assert ["192.0.2.5"] in addresses(found)
    found, _ = named(tmp_path, 1, **records)
    services(found)
    assert ["192.0.2.5"] not in addresses(found)


def test_addresses_outlive_what_is_added(tmp_path: Path) -> None:
    found, _ = named(tmp_path)
    services(found)
    give(found.program, "dispatcher.add", 1, "sip:192.0.2.6")
    assert ["192.0.2.1"] in addresses(found)
    in_file(tmp_path, "1 sip:192.0.2.6\n")
    give(found.program, "dispatcher.reload")
    assert addresses(found) == [["192.0.2.6"]]
