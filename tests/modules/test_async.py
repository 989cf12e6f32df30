"""async; what 5.6.3 does too is held by `tests/compat/flows/delays.py`."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from tests.fakes import request
from tests.modules.running import context, load, mistakes

ASYNC = 'loadmodule "tm.so"\nloadmodule "async.so"\nmodparam("async", "ms_timer", 1)\n'
ROUTES = 'route[NEXT] { xlog("next $rm $avp(a)"); t_reply("480", "Later"); }'


def served(
    code: str, *, more: str = ROUTES, parameters: str = ASYNC, data: bytes | None = None
) -> tuple[list[str], list[str]]:
    """What a request makes a server with these statements log, and the status lines it sends."""
    program, log, socket = load(f"request_route {{ {code} }} {more}", parameters=parameters)

    async def serve() -> None:
        tasks: set[asyncio.Task[Any]] = set()

        def spawn(coroutine: Coroutine[Any, Any, Any]) -> None:
            tasks.add(asyncio.ensure_future(coroutine))

        program.spawn = spawn
        assert program.request_route is not None
        waits = program.request_route(context(program, data))
        if program.request_route in program.waiting:
            await waits
        while any(not task.done() for task in tasks):
            await asyncio.gather(*tasks)

    asyncio.run(serve())
    lines = [text.removeprefix("<script>: ").rstrip("\n") for _, text in log.written]
    return lines, [sent.partition(b"\r\n")[0].decode() for sent, _ in socket.outgoing]


LATER = [
    'async_route("NEXT", 0)',
    'async_ms_route("NEXT", 1)',
    'async_task_route("NEXT")',
    'async_task_group_route("NEXT", "any")',
]


@pytest.mark.parametrize("call", LATER)
def test_a_request_goes_on_in_a_route(call: str) -> None:
    lines, sent = served(f'$avp(a) = "kept"; {call}; xlog("not here");')
    assert lines == ["next OPTIONS kept"]
    assert sent == ["SIP/2.0 480 Later"]


def test_an_invite_is_told_that_it_takes_longer() -> None:
    _, sent = served('async_task_route("NEXT");', data=request("INVITE"))
    assert [line[:11] for line in sent] == ["SIP/2.0 100", "SIP/2.0 480"]


def test_the_code_of_what_goes_on_later() -> None:
    parameters = ASYNC + 'modparam("async", "return", 2)'
    lines, _ = served('async_task_route("NEXT"); xlog("$rc");', parameters=parameters)
    assert lines == ["2", "next OPTIONS <null>"]


@pytest.mark.parametrize("call", ["async_sleep(0)", "async_ms_sleep(1)"])
def test_a_request_goes_on_behind_a_pause(call: str) -> None:
    code = f'xlog("before"); {call}; xlog("after $rc"); t_reply("480", "Later");'
    assert served(code) == (["before", "after 1"], ["SIP/2.0 480 Later"])


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ('async_route("NEXT", 101)', "it waits from 0 to 100, not 101"),
        ('async_route("NEXT", -1)', "it waits from 0 to 100, not -1"),
        ('async_ms_route("NEXT", 30001)', "it waits from 0 to 30000, not 30001"),
        ("async_sleep(101)", "it waits from 0 to 100, not 101"),
        ("async_ms_sleep(30001)", "it waits from 0 to 30000, not 30001"),
        ('async_route("NOPE", 1)', "there is no route[NOPE]"),
        ('async_task_route("NOPE")', "there is no route[NOPE]"),
        ('async_task_data("NOPE", "x")', "there is no route[NOPE]"),
    ],
)
def test_what_cannot_be_done(call: str, reason: str) -> None:
    lines, sent = served(f'{call}; xlog("$rc");')
    assert lines == [f"<core>: {call.partition('(')[0]}(): {reason}", "-1"]
    assert sent == []


@pytest.mark.parametrize("call", ['async_ms_route("NEXT", 1)', "async_ms_sleep(1)"])
def test_milliseconds_have_to_be_asked_for(call: str) -> None:
    lines, _ = served(f'{call}; xlog("$rc");', parameters=ASYNC.replace(", 1)", ", 0)"))
    assert lines == [f"<core>: {call.partition('(')[0]}(): ms_timer is 0", "-1"]


@pytest.mark.parametrize("call", [LATER[2], "async_sleep(0)"])
def test_an_ack_does_not_go_on(call: str) -> None:
    lines, _ = served(f'{call}; xlog("$rc");', data=request("ACK"))
    assert lines[-1] == "-1"


@pytest.mark.parametrize("call", [LATER[2], "async_sleep(0)"])
def test_nothing_goes_on_without_tm(call: str) -> None:
    parameters = 'loadmodule "async.so"'
    more = 'route[NEXT] { xlog("next"); }'
    lines, _ = served(f'{call}; xlog("$rc");', more=more, parameters=parameters)
    assert lines == [f"<core>: {call.partition('(')[0]}(): tm is not loaded", "-1"]


@pytest.mark.parametrize(
    "call", ['async_task_data("TASK", "of $fU")', 'async_task_group_data("TASK", "g", "of $fU")']
)
def test_a_task_beside_the_request(call: str) -> None:
    more = 'route[TASK] { xlog("$async(data) $ci"); }'
    lines, _ = served(f'{call}; xlog("$rc $async(data)");', more=more)
    assert lines == ["1 <null>", "of alice 123"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ('async_route("NEXT", "x");', '"x" is not a number'),
        ('async_route("NEXT");', "takes 2 arguments"),
        ("async_task_route();", "takes 1 argument"),
        ("$var(x) = $async(x);", "$async takes data, not x"),
        ('async_tkv_emit("x", "a", "b");', '"x" is not a number'),
        ('async_tkv_emit("1", "a");', "takes 3 arguments"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call} }} {ROUTES}", ASYNC)
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize("call", LATER)
def test_only_requests_go_on_later(call: str) -> None:
    found = mistakes(f"reply_route {{ {call}; }} {ROUTES}", ASYNC)
    assert [each for each in found if "cannot be called here" in each]
