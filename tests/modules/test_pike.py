"""pike: which request of an address is the first to be blocked, and when it is free again."""

from __future__ import annotations

import asyncio
import ipaddress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.core.program import Program
from sipway.modules.pike import _module
from sipway.modules.pike.tree import BLOCKED, FREE, NEWLY_BLOCKED, Limits, Tree
from tests.fakes import LogInMemory, reply, request
from tests.modules.commanding import give
from tests.modules.running import NOW, context, load, mistakes

_HEAD = 'loadmodule "pike.so"\n'
_LIMITS = Limits(2, 16, 120)


def _tree(**given: Any) -> Tree:
    return Tree(lambda _: None, **given)


def _bytes(address: str) -> bytes:
    parsed = ipaddress.ip_address(address)
    return bytes((2 if parsed.version == 4 else 10,)) + parsed.packed


def _hits(tree: Tree, address: str, count: int, now: float = 0, limits: Limits = _LIMITS) -> str:
    shown = {FREE: "+", BLOCKED: "-", NEWLY_BLOCKED: "!"}
    return "".join(shown[tree.hit(_bytes(address), now, limits)] for _ in range(count))


@pytest.mark.parametrize(
    ("most", "first"),
    # As Kamailio 5.6.3 was seen to do: four bytes, each grown at a fourth of the limit.
    [(0, 5), (1, 5), (2, 6), (3, 7), (4, 8), (5, 9), (8, 12), (10, 14), (16, 22), (30, 39)],
)
def test_the_first_request_that_is_blocked(most: int, first: int) -> None:
    limits = Limits(2, most, 120)
    seen = _hits(_tree(), "192.0.2.1", first + 3, limits=limits)
    assert seen == "+" * (first - 1) + "!" + "---"


def test_an_address_beside_one_that_is_known_is_blocked_earlier() -> None:
    tree = _tree()
    _hits(tree, "192.0.2.1", 22)
    assert _hits(tree, "192.0.2.2", 18) == "+" * 16 + "!-"
    assert _hits(tree, "192.0.3.2", 19) == "+" * 17 + "!-"
    assert _hits(tree, "192.9.3.2", 20) == "+" * 18 + "!-"


def test_ipv6_has_more_bytes_to_grow() -> None:
    assert _hits(_tree(), "2001:db8::1", 34) == "+" * 33 + "!"


def test_ipv4_and_ipv6_with_the_same_first_bytes_are_apart() -> None:
    tree = _tree()
    assert _hits(tree, "2001:db8::1", 34)[-1] == "!"
    assert _hits(tree, "32.1.13.184", 21) == "+" * 21


def test_it_is_free_after_a_period_with_less() -> None:
    told: list[bytes] = []
    tree = Tree(told.append)
    assert _hits(tree, "192.0.2.1", 23, now=0.5)[-2:] == "!-"
    # The period before this one was too much: still blocked, whatever comes now.
    assert _hits(tree, "192.0.2.1", 3, now=2.1) == "---"
    assert told == []
    assert _hits(tree, "192.0.2.1", 16, now=4) == "+" * 15 + "!"
    assert told == [_bytes("192.0.2.1")]


def test_prefixes_forget_hits_after_two_periods() -> None:
    tree = _tree()
    _hits(tree, "192.0.2.1", 7, now=0)  # its four nodes, and one hit of its own
    assert len(tree) == 4
    _hits(tree, "192.0.2.2", 1, now=2)
    assert len(tree) == 5
    _hits(tree, "192.0.2.3", 3, now=6)
    assert len(tree) == 5
    _hits(tree, "192.0.2.3", 1, now=6)
    assert len(tree) == 6


def test_below_zero_none_is_blocked() -> None:
    tree = _tree()
    assert _hits(tree, "192.0.2.1", 200, limits=Limits(2, None, 120)) == "+" * 200
    assert len(tree) == 1


def test_nodes_leave_from_the_tips_to_the_root() -> None:
    tree = _tree()
    _hits(tree, "192.0.2.1", 7)
    counts = []
    for now in (120, 121, 240, 242, 362, 364, 485, 487):
        while tree.sweep(now, _LIMITS, 10):
            pass
        counts.append(len(tree))
    assert counts == [4, 3, 3, 2, 2, 1, 0, 0]


def test_a_clock_that_is_set_back_keeps_nothing_for_ever() -> None:
    tree = _tree()
    _hits(tree, "192.0.2.1", 22, now=1_000_000)
    assert _hits(tree, "192.0.2.9", 1, now=10) == "+"
    while tree.sweep(10, _LIMITS, 10):
        pass
    while tree.sweep(200, _LIMITS, 10):
        pass
    assert len(tree) < 4


def test_however_many_addresses_ask_the_nodes_are_few() -> None:
    tree = _tree(most_nodes=100)
    limits = Limits(2, 0, 120)  # each prefix grows at once
    for number in range(5_000):
        address = str(ipaddress.ip_address(0x0A00_0000 + number * 7919))
        _hits(tree, address, 6, now=number / 1000, limits=limits)
        assert len(tree) <= 100
    # Who goes on is not forgotten for those who come once.
    _hits(tree, "192.0.2.1", 8, now=5, limits=limits)
    for number in range(1_000):
        _hits(tree, str(ipaddress.ip_address(0x0B00_0000 + number * 7919)), 6, 5, limits)
        assert _hits(tree, "192.0.2.1", 1, 5, limits) == "-"


def test_no_hit_sweeps_for_long() -> None:
    tree = _tree()
    limits = Limits(2, 0, 10)
    for number in range(2_000):
        _hits(tree, str(ipaddress.ip_address(0x0A00_0000 + number)), 2, limits=limits)
    before = len(tree)
    _hits(tree, "192.0.2.1", 1, now=1_000, limits=limits)
    assert before - len(tree) <= 3


_ADDRESSES = [_bytes(f"10.{a}.{b}.{c}") for a in range(2) for b in range(2) for c in range(3)] + [
    _bytes(f"2001:db8::{a}") for a in range(3)
]


@given(
    st.lists(st.tuples(st.sampled_from(_ADDRESSES), st.sampled_from([0, 0, 0, 1, 3, 50, -9]))),
    st.sampled_from([0, 3, 8]),
    st.integers(20, 60),
)
def test_the_tree_stays_a_tree(hits: list[tuple[bytes, int]], most: int, nodes: int) -> None:
    freed: list[bytes] = []
    tree = Tree(freed.append, nodes)
    limits = Limits(2, most, 20)
    blocked: set[bytes] = set()
    now = 1000
    for address, passed in hits:
        now += passed
        for _ in range(3):
            code = tree.hit(address, now, limits)
            blocked -= set(freed)
            freed.clear()
            assert code != BLOCKED or address in blocked
            if code == NEWLY_BLOCKED:
                assert address not in blocked
                blocked.add(address)
        known = tree._nodes
        assert len(known) <= nodes
        for prefix, node in known.items():
            assert len(prefix) == 2 or prefix[:-1] in known
            children = [each for each in known if each[:-1] == prefix]
            assert node.children == len(children)
            assert (prefix in tree._tips) == (not children)
        assert set(tree._blocked) == {each for each in known if known[each].blocked} == blocked


# --- in scripts --------------------------------------------------------------------------


def _program(code: str, parameters: str = "") -> tuple[Program, LogInMemory]:
    program, log, _ = load(f"{_HEAD}{parameters}\n{code}")
    return program, log


def _codes(program: Program, log: LogInMemory, count: int, now: float = NOW) -> list[str]:
    log.written.clear()
    for _ in range(count):
        ctx = context(program)
        ctx.now = now
        assert program.request_route is not None
        program.request_route(ctx)
    return [text.removeprefix("<script>: ") for _, text in log.written]


_CHECK = 'request_route { pike_check_req(); xlog("$rc"); }'
_FEW = 'modparam("pike", "reqs_density_per_unit", 2)\n'


def test_the_source_is_counted_and_told_once() -> None:
    program, log = _program(_CHECK, _FEW)
    seen = _codes(program, log, 8)
    assert seen[:5] == ["1"] * 5
    assert "192.0.2.1 sends too much: blocked" in seen[5]
    assert seen[6:] == ["-2", "-1", "-1"]
    assert _codes(program, log, 1, NOW + 10)[0].endswith("192.0.2.1 is no longer blocked\n")


def test_pike_log_level() -> None:
    program, log = _program(_CHECK, _FEW + 'modparam("pike", "pike_log_level", -1)')
    _codes(program, log, 8)
    assert [level for level, text in log.written if "192.0.2.1" in text] == [-1]


def test_sampling_time_unit_and_remove_latency() -> None:
    parameters = (
        _FEW + 'modparam("pike", "sampling_time_unit", 100)\nmodparam("pike", "remove_latency", 5)'
    )
    program, log = _program(_CHECK, parameters)
    start = NOW - NOW % 100
    assert _codes(program, log, 6, start)[-1] == "-2"
    assert _codes(program, log, 1, start + 5) == ["-1"]
    assert _codes(program, log, 1, start + 50)[-1] == "1"


def test_without_requests_the_end_of_blocking_is_told() -> None:
    program, log = _program(_CHECK, _FEW)
    _codes(program, log, 8)
    log.written.clear()
    program.clock = lambda: NOW + 1000
    asyncio.run(_module.look_around(program))
    assert [text for _, text in log.written] == ["<core>: pike: 192.0.2.1 is no longer blocked\n"]
    assert give(program, "pike.top", "ALL")["number_of_rows"] == 0


def test_each_period_is_looked_around(monkeypatch: pytest.MonkeyPatch) -> None:
    program, log = _program(_CHECK, _FEW + 'modparam("pike", "sampling_time_unit", 7)')
    _codes(program, log, 8)
    log.written.clear()
    waits: list[float] = []
    now = NOW

    async def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds
        waits.append(seconds)
        if len(waits) == 4:
            raise asyncio.CancelledError

    monkeypatch.setattr(asyncio, "sleep", sleep)
    program.clock = lambda: now
    (service,) = program.services
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(service())
    assert waits == [7, 7, 7, 7]
    assert [text for _, text in log.written] == ["<core>: pike: 192.0.2.1 is no longer blocked\n"]


def test_a_look_around_lets_others_have_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    program, log = _program('request_route { pike_check_ip("$hdr(X)"); }', _FEW)
    assert program.request_route is not None
    for number in range(500):
        ctx = context(program, request(extra=f"X: 10.0.{number // 250}.{number % 250}\r\n"))
        for _ in range(7):
            program.request_route(ctx)
    pauses = 0

    async def sleep(seconds: float) -> None:
        nonlocal pauses
        assert seconds < 0.01
        pauses += 1

    monkeypatch.setattr(asyncio, "sleep", sleep)
    program.clock = lambda: NOW + 1000
    asyncio.run(_module.look_around(program))
    assert pauses >= 4
    assert sum("no longer blocked" in text for _, text in log.written) == 500


def test_an_address_of_the_scripts_choice() -> None:
    code = 'request_route { pike_check_ip("$hdr(X)"); xlog("$rc"); }'
    program, log = _program(code, _FEW)
    for address in (*["203.0.113.7"] * 7, "2001:db8::7", "[2001:db8::7]", "a.example", "1.2.3.400"):
        assert program.request_route is not None
        program.request_route(context(program, request(extra=f"X: {address}\r\n")))
    seen = [text.removeprefix("<script>: ") for _, text in log.written]
    assert [each for each in seen if len(each) < 4] == [
        *("1", "1", "1", "1", "1", "-2", "-1", "1", "1", "-1", "-1")
    ]
    assert sum("is no IP address" in each for each in seen) == 2


def test_a_reply_is_counted_too() -> None:
    program, log = _program('reply_route { pike_check_req(); xlog("$rc"); }', _FEW)
    for _ in range(6):
        assert program.reply_route is not None
        program.reply_route(context(program, reply()))
    assert log.written[-1][1] == "<script>: -2"


@pytest.mark.parametrize(
    ("code", "parameters"),
    [
        ("pike_check_req(1);", ""),
        ("pike_check_ip();", ""),
        ("", 'modparam("pike", "sampling_time_unit", 0)'),
        ("", 'modparam("pike", "sampling_time_unit", -1)'),
        ("", 'modparam("pike", "remove_latency", -1)'),
        ("", 'modparam("pike", "remove_latency", "x")'),
        ("", 'modparam("pike", "reqs_density_per_unit", "many")'),
        ("", 'modparam("pike", "pike_log_level", "x")'),
        ("", 'modparam("pike", "none", 1)'),
    ],
)
def test_mistakes(code: str, parameters: str) -> None:
    assert mistakes(f"request_route {{ {code} }}", parameters, modules=("pike",)) != []


def test_where_it_may_not_be_called() -> None:
    block = "failure_route[F] { pike_check_req(); } request_route { t_on_failure('F'); }"
    assert mistakes(block, modules=("tm", "pike")) != []


def test_top() -> None:
    program, log = _program(_CHECK, 'modparam("pike", "reqs_density_per_unit", 5)')
    program.clock = lambda: NOW + 8
    _codes(program, log, 10, NOW + 7)
    row = {
        "ip_addr": "192.0.2.1",
        "leaf_hits_prev": 0,
        "leaf_hits_curr": 6,
        "expires": 119,
        "status": "HOT",
    }
    shown = {"max_hits": 5, "list": [row], "number_of_rows": 1}
    for asked in ((), ("HOT",), ("hot",), ("ALL",)):
        assert give(program, "pike.top", *asked) == shown
    assert give(program, "pike.list") == shown
    assert give(program, "pike.top", "WARM") == {"max_hits": 5, "list": [], "number_of_rows": 0}
    assert give(program, "pike.top", "x") == (500, "Bad argument. Select: ALL, HOT or WARM")
    program.clock = lambda: NOW + 11
    assert give(program, "pike.top", "HOT")["number_of_rows"] == 0
    assert give(program, "pike.top", "ALL")["list"][0]["status"] == ""


def test_top_of_many_addresses_lets_others_have_their_turn() -> None:
    program, _ = _program('request_route { pike_check_ip("$hdr(X)"); }', _FEW)
    program.clock = lambda: NOW
    assert program.request_route is not None
    for number in range(450):
        ctx = context(program, request(extra=f"X: 10.0.{number // 225}.{number % 225}\r\n"))
        for _ in range(7):
            program.request_route(ctx)
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async def ask() -> dict[str, Any]:
        task = asyncio.ensure_future(others())
        found = await _module.top(program, "ALL")
        task.cancel()
        return found

    assert asyncio.run(ask())["number_of_rows"] == 450
    assert turns >= 2


def test_top_of_warm_addresses() -> None:
    code = 'request_route { pike_check_ip("$hdr(X)"); }'
    program, _ = _program(code, 'modparam("pike", "reqs_density_per_unit", 16)')
    program.clock = lambda: NOW
    assert program.request_route is not None
    for address in [*["203.0.113.7"] * 7, *["203.0.113.8"] * 2]:
        program.request_route(context(program, request(extra=f"X: {address}\r\n")))
    shown = give(program, "pike.top", "WARM")["list"]
    assert [each["ip_addr"] for each in shown] == ["203.0.113.8"]
    assert len(give(program, "pike.top", "ALL")["list"]) == 2
