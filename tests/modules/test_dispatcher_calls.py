"""dispatcher: calls that are counted, and who has the fewest (algorithm 10)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sipway.core.context import Context
from tests.fakes import reply, request
from tests.modules.commanding import give
from tests.modules.dispatching import (
    FAILOVER,
    A,
    B,
    C,
    Dispatched,
    children,
    code_of,
    dispatched,
    listed,
    parameter,
    selecting,
)
from tests.modules.running import NOW, context

# --- calls that are counted ----------------------------------------------------------------------

COUNTED = FAILOVER + parameter("ds_hash_size", 4) + parameter("ds_hash_initexpire", 3)
COUNTED += parameter("ds_hash_expire", 5)
GATEWAYS = f"1 {A} 0 3 duid=a;maxload=1\n1 {B} 0 2 duid=b\n1 {C} 0 1 duid=c;maxload=2\n"
BY_LOAD = 'ds_select_dst("1", "10")'


def loads(found: Dispatched) -> list[int]:
    return [found.board.calls.load(each) for each in found.board.sets.destinations()]


def invite(found: Dispatched, call_id: str, method: str = "INVITE") -> Context:
    return found.run(request(method, call_id=call_id))


def test_the_one_with_the_fewest_calls(tmp_path: Path) -> None:
    found = selecting(tmp_path, BY_LOAD, GATEWAYS, COUNTED)
    seen = [invite(found, f"c{number}").dst_uri for number in range(6)]
    assert seen == [A, B, C, B, C, B]
    assert loads(found) == [1, 3, 2]
    shown = give(found.program, "dispatcher.list")["RECORDS"]
    assert [each[1]["RUNTIME"] for each in shown[0][1]["TARGETS"]] == [
        {"DLGLOAD": 1}, {"DLGLOAD": 3}, {"DLGLOAD": 2},
    ]  # fmt: skip


def test_who_is_full_is_not_in_the_list(tmp_path: Path) -> None:
    found = selecting(tmp_path, BY_LOAD, GATEWAYS, COUNTED)
    assert listed(invite(found, "1")) == ["11", "12", "13"]
    ctx = invite(found, "2")
    assert listed(ctx) == ["12", "13"]
    assert children(ctx)["dstid"] == "b"


def test_a_call_counts_once(tmp_path: Path) -> None:
    found = selecting(tmp_path, BY_LOAD, GATEWAYS, COUNTED)
    invite(found, "1")
    ctx = invite(found, "1")  # with credentials now, or a new branch
    assert loads(found) == [1, 0, 0]
    assert (listed(ctx), "dstid" in children(ctx)) == (["12", "13", "11"], False)


@pytest.mark.parametrize("method", ["OPTIONS", "REGISTER"])
def test_what_is_no_call_does_not_count(tmp_path: Path, method: str) -> None:
    found = selecting(tmp_path, BY_LOAD, GATEWAYS, COUNTED)
    assert invite(found, "1", method).dst_uri == A
    assert loads(found) == [0, 0, 0]


def test_a_reply_is_no_call(tmp_path: Path) -> None:
    more = 'reply_route { ds_select("1", "10"); ds_select("1", "12"); }'
    found = dispatched(tmp_path, GATEWAYS, ";", COUNTED, more)
    ctx = context(found.program, reply(200, method="INVITE"))
    assert found.program.reply_route is not None
    found.program.reply_route(ctx)
    assert (loads(found), ctx.branches) == ([0, 0, 0], None)


def test_when_all_are_full(tmp_path: Path) -> None:
    found = selecting(tmp_path, BY_LOAD, f"1 {A} 0 0 duid=a;maxload=1\n", COUNTED)
    assert invite(found, "1").dst_uri == A
    assert invite(found, "2").dst_uri is None


def test_who_has_no_duid_does_not_count(tmp_path: Path) -> None:
    text = f"1 {A} 0 9\n1 {B} 0 0 duid=b\n"
    found = selecting(tmp_path, BY_LOAD, text, COUNTED)
    assert listed(invite(found, "1")) == ["11", "12"]
    assert f"{A} of set 1 has no duid" in found.said()[-1]
    give(found.program, "dispatcher.set_state", "i", 1, A)
    assert listed(invite(found, "2")) == ["12"]
    assert loads(found) == [0, 1]


def test_the_next_one_gets_the_call(tmp_path: Path) -> None:
    found = selecting(tmp_path, f"{BY_LOAD}; ds_next_dst()", GATEWAYS, COUNTED)
    assert invite(found, "1").dst_uri == B
    assert loads(found) == [0, 1, 0]


def test_calls_end(tmp_path: Path) -> None:
    code = f'if ($rm == "INVITE") {{ {BY_LOAD}; }} else {{ ds_load_update(); }}'
    found = dispatched(tmp_path, GATEWAYS, code, COUNTED)
    for each in "1234":
        invite(found, each)
    assert loads(found) == [1, 2, 1]
    invite(found, "1", "BYE")
    invite(found, "2", "CANCEL")
    invite(found, "2", "CANCEL")  # once more
    invite(found, "none", "BYE")
    invite(found, "3", "OPTIONS")
    assert loads(found) == [0, 1, 1]


def test_calls_that_nobody_ends(tmp_path: Path) -> None:
    code = f"{BY_LOAD}; ds_load_update();"
    found = dispatched(tmp_path, GATEWAYS, code, COUNTED, "reply_route { ds_load_update(); }")
    for each in ("1", "2", "call-1"):
        invite(found, each)
    route = found.program.reply_route
    assert route is not None
    for status in (180, 200):
        route(context(found.program, reply(status, method="INVITE")))
    calls = found.board.calls
    assert (calls.expire(NOW + 2.9), calls.expire(NOW + 3), len(calls)) == (0, 2, 1)
    assert (calls.expire(NOW + 4.9), calls.expire(NOW + 5), len(calls)) == (0, 1, 0)
    assert loads(found) == [0, 0, 0]


@pytest.mark.parametrize(
    ("code", "method", "expected"),
    [
        ("ds_load_unset()", "OPTIONS", "1"),
        ("ds_load_unset()", "INVITE", "1"),
        (f"{BY_LOAD}; $var(r) = ds_load_unset()", "INVITE", "1"),
    ],
)
def test_ds_load_unset(tmp_path: Path, code: str, method: str, expected: str) -> None:
    found = dispatched(
        tmp_path,
        GATEWAYS,
        f'if ($hdr(X) == "first") {{ {BY_LOAD}; exit; }} $var(r) = {code}; xlog("$var(r)\\n");',
        COUNTED,
    )
    found.run(request("INVITE", call_id="1", extra="X: first\r\n"))
    assert found.lines(request(method, call_id="1")) == [expected]
    gone = method != "INVITE" or BY_LOAD in code
    assert loads(found)[0] == (0 if gone else 1)


def test_ds_load_unset_of_what_does_not_count(tmp_path: Path) -> None:
    assert code_of(tmp_path, GATEWAYS, "ds_load_unset()", COUNTED) == -1
    assert code_of(tmp_path, GATEWAYS, "ds_load_unset()") == -1
    assert code_of(tmp_path, GATEWAYS, "ds_load_update()") == 1


def test_a_long_call_id_is_a_call_too(tmp_path: Path) -> None:
    code = f'if ($rm == "INVITE") {{ {BY_LOAD}; }} else {{ ds_load_update(); }}'
    found = dispatched(tmp_path, GATEWAYS, code, COUNTED)
    one, other = ("x" * 2000 + end for end in "ab")
    invite(found, one)
    invite(found, one)
    invite(found, other)
    assert (loads(found), len(found.board.calls)) == ([1, 1, 0], 2)
    invite(found, one, "BYE")
    assert loads(found) == [0, 1, 0]


def test_a_server_forgets_calls_by_itself(tmp_path: Path) -> None:
    parameters = COUNTED + parameter("ds_hash_check_interval", 1)
    found = selecting(tmp_path, BY_LOAD, GATEWAYS, parameters)
    invite(found, "1")
    found.program.clock = lambda: NOW + 10

    async def serve() -> None:
        tasks = [asyncio.create_task(each()) for each in found.program.services]
        async with asyncio.timeout(5):
            while len(found.board.calls):
                await asyncio.sleep(0.01)
        for each in tasks:
            each.cancel()

    asyncio.run(serve())
    assert loads(found) == [0, 0, 0]
    assert found.said()[-1] == "1 calls were not ended in time and do not count any more"


def test_calls_outlive_a_reload(tmp_path: Path) -> None:
    found = selecting(tmp_path, BY_LOAD, GATEWAYS, COUNTED)
    invite(found, "1")
    give(found.program, "dispatcher.reload")
    assert loads(found) == [1, 0, 0]
