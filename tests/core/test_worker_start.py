"""event_route[core:worker-one-init]: once, when the server begins to serve."""

from __future__ import annotations

import asyncio

import pytest

from tests.modules.running import load, mistakes


@pytest.mark.parametrize("wait", ["", 'usleep("1"); '])
def test_it_runs_on_a_request_that_nobody_sent(wait: str) -> None:
    program, log, socket = load(
        "request_route { exit; }"
        f'event_route[core:worker-one-init] {{ {wait}$shv(x) = 5; xlog("$rm $shv(x)"); }}'
    )
    (service,) = program.services
    asyncio.run(service())
    assert [text for _, text in log.written] == ["<script>: OPTIONS 5"]
    assert socket.outgoing == []


def test_without_it_nothing_runs() -> None:
    assert load("request_route { exit; }")[0].services == []


@pytest.mark.parametrize("name", ["core:pre-route", "core:worker-one-innit", "sl:nope"])
def test_a_block_that_is_never_run_is_told(name: str) -> None:
    (found,) = mistakes(f"request_route {{ exit; }} event_route[{name}] {{ exit; }}")
    assert found == f"event_route[{name}] is never run here"


@pytest.mark.parametrize("name", ["sl:filtered-ack", "other:thing", "xhttp:request"])
def test_others_are_not(name: str) -> None:
    assert mistakes(f"request_route {{ exit; }} event_route[{name}] {{ exit; }}") == []
