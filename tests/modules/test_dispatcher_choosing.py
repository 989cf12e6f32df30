"""dispatcher: the hash, the algorithms, and when there is nobody to choose."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from sipway.modules.dispatcher.choosing import adjusted_priority, relative_weights
from sipway.modules.dispatcher.destinations import Destination, Line, read_attributes
from sipway.modules.dispatcher.hashing import hash_of, hash_of_uri
from sipway.modules.dispatcher.latency import Latency
from sipway.modules.dispatcher.sets import DestinationSet
from tests.fakes import request
from tests.modules.commanding import give
from tests.modules.dispatching import (
    FAILOVER,
    FOUR,
    A,
    B,
    C,
    D,
    code_of,
    dispatched,
    listed,
    parameter,
    selecting,
)

# --- the hash ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "number"),
    [
        (("a",), 109),
        (("abc",), 7167810),
        (("abcd",), 1834959896),
        (("alice",), 1834153949),
        (("abcdefghijklmnopq",), 2621180532),
        (("alice", "server.com"), 1412806172),
        (("abcd", "efgh"), 3610933276),
        (("joe", "example.org:5070"), 2129045748),
        (("",), 1),
        (("", ""), 1),
    ],
)
def test_the_hash_is_that_of_kamailio(texts: tuple[str, ...], number: int) -> None:
    assert hash_of(*texts) == number


@pytest.mark.parametrize(
    ("uri", "texts"),
    [
        ("sip:alice@caller.example", ("alice", "caller.example")),
        ("sip:alice@caller.example:5060;x=y", ("alice", "caller.example")),
        ("sip:alice@caller.example:5062", ("alice", "caller.example:5062")),
        ("sip:alice@caller.example:05062", ("alice", "caller.example:05062")),
        ("sips:alice@caller.example:5061", ("alice", "caller.example")),
        ("sips:alice@caller.example:5060", ("alice", "caller.example:5060")),
        ("sip:Alice:pw@CALLER.example", ("Alice", "CALLER.example")),
        ("sip:caller.example", ("", "caller.example")),
        ("sip:alice@[::1]:5070", ("alice", "[::1]:5070")),
        ("tel:+1234", ("+1234", "")),
    ],
)
def test_what_of_a_uri_is_hashed(uri: str, texts: tuple[str, ...]) -> None:
    assert hash_of_uri(uri, user_only=False) == hash_of(*texts)
    assert hash_of_uri(uri, user_only=True) == hash_of(texts[0])


# --- algorithms ----------------------------------------------------------------------------------

FIELDS = {"call_id": "joe", "from_": "<sip:joe@x>;tag=1", "to": "<sip:joe@x>", "uri": "sip:joe@x"}


@pytest.mark.parametrize(
    ("algorithm", "hashed"),
    [(0, hash_of("joe")), *((each, hash_of("joe", "x")) for each in (1, 2, 3))],
)
def test_hashes_choose(tmp_path: Path, algorithm: int, hashed: int) -> None:
    found = selecting(tmp_path, f'ds_select_dst("1", "{algorithm}")')
    ctx = found.run(request(**FIELDS))
    at = hashed % 4
    assert ctx.dst_uri == (A, B, C, D)[at]
    assert listed(ctx) == [f"1{(at + each) % 4 + 1}" for each in range(4)]


@pytest.mark.parametrize("algorithm", [1, 2, 3])
def test_hashes_of_users_alone(tmp_path: Path, algorithm: int) -> None:
    call = f'ds_select_dst("1", "{algorithm}")'
    found = selecting(tmp_path, call, parameters=parameter("flags", 1))
    assert found.run(request(**FIELDS)).dst_uri == (A, B, C, D)[hash_of("joe") % 4]


def test_a_uri_that_cannot_be_hashed_chooses_nobody(tmp_path: Path) -> None:
    found = selecting(tmp_path, '$ru = "nonsense"; ds_select_dst("1", "3")')
    assert found.run().dst_uri is None
    assert "algorithm 3: nonsense cannot be hashed" in found.said()[-1]


def test_round_robin(tmp_path: Path) -> None:
    found = selecting(tmp_path, 'ds_select_dst("1", "4")')
    assert [found.run().dst_uri for _ in range(5)] == [A, B, C, D, A]


def test_round_robin_passes_by_who_is_down(tmp_path: Path) -> None:
    found = selecting(tmp_path, 'ds_select_dst("1", "4")')
    give(found.program, "dispatcher.set_state", "i", 1, B)
    assert [found.run().dst_uri for _ in range(4)] == [A, C, D, A]


def test_users_by_their_credentials_others_in_turn(tmp_path: Path) -> None:
    found = selecting(tmp_path, 'ds_select_dst("1", "5")')
    who = 'Digest username="joe@x", realm="r", nonce="n", uri="sip:x", response="0"'
    expected = (A, B, C, D)[hash_of("joe") % 4]
    for name in ("Authorization", "Proxy-Authorization"):
        assert found.run(extra=f"{name}: {who}\r\n").dst_uri == expected
    for extra in ("", "Authorization: Basic abc\r\n"):
        assert found.run(extra=extra).dst_uri in (A, B)
    assert found.run(extra=f"Authorization: {who}\r\n").dst_uri == expected
    assert found.run().dst_uri == C


def test_at_random(tmp_path: Path) -> None:
    found = selecting(tmp_path, 'ds_select_dst("1", "6")')
    seen = Counter(found.run().dst_uri for _ in range(200))
    assert sorted(str(each) for each in seen) == [A, B, C, D]


def test_by_variables(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("hash_pvar", "x$fU@$ci")
    found = selecting(tmp_path, 'ds_select_dst("1", "7")', parameters=parameters)
    assert found.run().dst_uri == (A, B, C, D)[hash_of("xalice@call-1") % 4]


def test_by_variables_that_are_not_set(tmp_path: Path) -> None:
    found = selecting(tmp_path, 'ds_select_dst("1", "7")')
    assert found.run().dst_uri is None
    assert found.said()[-1] == "algorithm 7: hash_pvar is not set"


@pytest.mark.parametrize("algorithm", [8, 10, 99, -1])
def test_the_first_one(tmp_path: Path, algorithm: int) -> None:
    text = f"1 {A} 0 1\n1 {B} 0 7\n1 {C} 0 3\n"
    found = selecting(tmp_path, f'ds_select_dst("1", "{algorithm}")', text)
    ctx = found.run()
    assert (ctx.dst_uri, listed(ctx)) == (B, ["12", "13", "11"])
    unknown = f"there is no algorithm {algorithm}: the first destination is taken"
    assert (found.said()[-1:] == [unknown]) is (algorithm in (99, -1))


@pytest.mark.parametrize(
    ("attributes", "down", "counts"),
    [
        (("weight=50", "weight=30", "weight=20"), "", {A: 50, B: 30, C: 20}),
        (("weight=50", "weight=30", "weight=20"), B, {A: 50, C: 50}),  # the next one in its place
        (("weight=20", "weight=90", "weight=30"), "", {A: 20, B: 80}),  # no more than a hundred
        (("weight=20", "weight=80", "weight=30"), "", {A: 20, B: 80}),
        (("weight=100", "weight=80", "weight=30"), "", {A: 100}),
        (("weight=20", "weight=30", "x=y"), "", {A: 20, B: 30, C: 50}),  # the last gets the rest
        (("x=y", "x=y", "x=y"), "", {A: 100}),
    ],
)
def test_by_weight(
    tmp_path: Path, attributes: tuple[str, ...], down: str, counts: dict[str, int]
) -> None:
    text = "".join(f"1 {uri} 0 {3 - at} {attributes[at]}\n" for at, uri in enumerate((A, B, C)))
    found = selecting(tmp_path, 'ds_select_dst("1", "9")', text)
    if down:
        give(found.program, "dispatcher.set_state", "i", 1, down)
    seen = Counter(found.run().dst_uri for _ in range(100))
    assert seen == counts


@pytest.mark.parametrize(
    ("weights", "down", "counts"),
    [
        ((50, 25, 25), "", {A: 50, B: 25, C: 25}),
        ((1, 2, 1), "", {A: 25, B: 50, C: 25}),
        ((50, 25, 25), B, {A: 66, C: 34}),
        ((1, 1, 1), "", {A: 33, B: 33, C: 34}),
    ],
)
def test_by_relative_weight(
    tmp_path: Path, weights: tuple[int, ...], down: str, counts: dict[str, int]
) -> None:
    text = "".join(
        f"1 {uri} 0 {3 - at} rweight={weights[at]}\n" for at, uri in enumerate((A, B, C))
    )
    found = selecting(tmp_path, 'ds_select_dst("1", "11")', text)
    if down:
        give(found.program, "dispatcher.set_state", "i", 1, down)
    assert Counter(found.run().dst_uri for _ in range(100)) == counts


def of_attributes(text: str, priority: int = 0) -> Destination:
    return Destination(Line(1, "sip:a", 0, priority), read_attributes(text)[0])


def congested(text: str, milliseconds: float) -> Destination:
    found = of_attributes(text)
    found.latency.average, found.latency.estimate = 10.0, 10.0 + milliseconds
    return found


@pytest.mark.parametrize(
    ("of", "percent"),
    [
        # what is taken off is taken off `weight`
        ([("rweight=60;weight=50;cc=1", 0), ("rweight=20;weight=50;cc=1", 28.9)], [69, 31]),
        ([("weight=50;cc=1", -9), ("weight=50;rweight=50;cc=1", 0)], [50, 50]),
        ([("weight=30;rweight=9;cc=1", 28.9), ("weight=29;rweight=9;cc=1", 28.9)], [66, 34]),
        ([("weight=28;rweight=9;cc=1", 28), ("weight=29;rweight=9;cc=1", 28)], [0, 100]),
        ([("rweight=50;cc=1", 29), ("rweight=50;weight=50;cc=1", 19)], [61, 39]),
        # all are above what they may: the less congested get the more
        ([("weight=5;cc=1", 49.2), ("weight=5;cc=1", 19.4)], [27, 73]),
        ([(f"weight=5;rweight={each};cc=1", each) for each in (69, 42, 18)], [15, 25, 60]),
        ([("cc=1", 19), ("rweight=50;weight=5;cc=1", 19)], [0, 100]),
        # one without `cc` is enough
        ([("rweight=50;weight=50;cc=1", 30), ("rweight=50;weight=50", 30)], [50, 50]),
        ([("weight=50;cc=1", 0), ("rweight=5", 0)], [0, 100]),
        ([("rweight=0", 0), ("cc=1", 0)], None),
    ],
)
def test_congestion_takes_calls_away(
    of: list[tuple[str, float]], percent: list[int] | None
) -> None:
    """As Kamailio 5.6.3 shared a hundred calls."""
    every = [congested(*each) for each in of]
    slots = DestinationSet(1, reversed(every)).shares(11, relative_weights(every))
    if percent is None:
        assert not slots
        return
    seen = Counter(slots.turn() for _ in range(100))
    assert [seen[place] for place in range(len(every))] == percent


def test_who_is_down_gets_nothing_of_congested_sets() -> None:
    first, second, third = (congested("weight=5;cc=1", each) for each in (19, 39, 10))
    third.flags = 1
    first_share, second_share, third_share = relative_weights([first, second, third])
    assert third_share == 0
    assert first_share * 19 == pytest.approx(second_share * 39)
    second.flags = 1
    assert relative_weights([first, second, third])[1:] == [0, 0]


@pytest.mark.parametrize(
    ("latency", "adjusted"),
    [(0, 30), (21, 30), (30, 30), (32, 29), (61, 28), (91, 27), (201, 24), (900, 1), (9999, 1)],
)
def test_latency_lowers_a_priority(latency: int, adjusted: int) -> None:
    assert adjusted_priority(of_attributes(f"latency={latency}", 30)) == adjusted


def test_with_cc_congestion_alone_lowers_it() -> None:
    found = of_attributes("latency=90;cc=1", 30)
    assert adjusted_priority(found) == 30
    found.latency.estimate = 151.0
    assert adjusted_priority(found) == 28
    assert adjusted_priority(of_attributes("latency=90")) == 0


def test_in_turn_among_the_fastest(tmp_path: Path) -> None:
    text = f"1 {A} 0 30\n1 {B} 0 30\n1 {C} 0 30 latency=50\n1 {D} 0 20\n1 sip:192.0.2.15 1 90\n"
    found = selecting(tmp_path, 'ds_select_dst("1", "13")', text)
    assert [listed(found.run()) for _ in range(3)] == [
        ["12", "11", "13", "14"],
        ["11", "12", "13", "14"],
        ["12", "11", "13", "14"],
    ]


@pytest.mark.parametrize(
    ("rows", "algorithms", "order"),
    [
        (((0, 10), (0, 10), (0, 5), (0, 4), (1, 4)), "DRDRRDDRDDDRRRDR", "2121321321213421"),
        (((0, 10), (0, 10), (0, 10), (1, 10), (0, 1)), "DRDRRDDRDDDR", "321532153215"),
        (((1, 20), (0, 10), (0, 10), (0, 1)), "DRDRRDDRDD", "3232432432"),
    ],
)
def test_algorithms_share_one_turn(
    tmp_path: Path, rows: tuple[tuple[int, int], ...], algorithms: str, order: str
) -> None:
    text = "".join(
        f"1 sip:192.0.2.{number} {flags} {priority}\n"
        for number, (flags, priority) in enumerate(rows, 1)
    )
    found = selecting(tmp_path, 'ds_select_dst("1", "$hdr(X)")', text)
    numbers = {"D": 13, "R": 4}
    seen = [found.run(request(extra=f"X: {numbers[each]}\r\n")).dst_uri for each in algorithms]
    assert "".join(str(each)[-1] for each in seen) == order


def test_latency() -> None:
    """As Kamailio 5.6.3 showed it after answers in no time."""
    found = Latency(24)
    seen = []
    for _ in range(3):
        found.add(0, 0.9)
        seen.append((round(found.average, 4), round(found.estimate, 3), f"{found.deviation:.4f}"))
    assert seen == [
        (23.9976, 21.6, "0.2400"),
        (23.9952, 19.44, "0.3394"),
        (23.9928, 17.496, "0.4156"),
    ]
    assert found.maximum == 24
    fresh = Latency()
    fresh.add(10, 0.9)
    fresh.add(20, 0.9)
    assert (fresh.average, fresh.estimate, fresh.maximum) == (15, 15, 20)
    assert fresh.deviation == pytest.approx(7.0711, abs=1e-4)


def test_of_few_answers_the_mean_is_the_estimate() -> None:
    """As Kamailio 5.6.3 showed it of 0, 40, 0, 40 ... milliseconds with an alpha of 500."""
    found = Latency()
    seen = []
    for number in range(12):
        found.add(number % 2 * 40, 0.5)
        seen.append((round(found.average, 3), round(found.estimate, 3)))
    assert all(average == estimate for average, estimate in seen[:9])
    assert seen[9:] == [(20, 28.889), (18.182, 14.444), (20, 27.222)]


def test_latency_forgets_what_is_long_ago() -> None:
    found = Latency()
    for _ in range(30_000):
        found.add(10, 0.9)
    for _ in range(100_000):
        found.add(20, 0.9)
    assert found.average == pytest.approx(20, abs=0.01)
    assert found.deviation < 1


def test_to_all_at_once(tmp_path: Path) -> None:
    found = selecting(tmp_path, 'ds_select_dst("1", "12")')
    give(found.program, "dispatcher.set_state", "i", 1, B)
    ctx = found.run()
    assert ctx.dst_uri == A
    assert [each.dst_uri for each in ctx.branches or ()] == [C, D]
    assert {each.uri for each in ctx.branches or ()} == {"sip:bob@callee.example"}
    assert listed(ctx) == []


def test_to_all_at_once_by_their_domains(tmp_path: Path) -> None:
    ctx = selecting(tmp_path, 'ds_select_domain("1", "12")').run()
    assert ctx.ruri == "sip:bob@192.0.2.11"
    assert [each.uri for each in ctx.branches or ()] == [
        f"sip:bob@192.0.2.{number}" for number in (12, 13, 14)
    ]


def test_to_no_more_than_there_may_be(tmp_path: Path) -> None:
    text = "".join(f"1 sip:192.0.2.{number}\n" for number in range(1, 31))
    found = selecting(tmp_path, '$var(r) = ds_select("1", "12"); xlog("$var(r)")', text)
    ctx = found.run()
    assert len(ctx.branches or ()) == 11
    assert found.said()[-1] == "a request has no more than 12 branches"


# --- nobody, and the last resort -----------------------------------------------------------------


@pytest.mark.parametrize("algorithm", [*range(16), 64])
def test_nobody_to_choose(tmp_path: Path, algorithm: int) -> None:
    parameters = FAILOVER + parameter("hash_pvar", "$ci") + parameter("ds_hash_size", 4)
    text = f"1 {A} 1\n1 {B} 4\n"
    code = f'$du = "sip:x"; $var(r) = ds_select_dst("1", "{algorithm}"); xlog("$var(r) $du\\n");'
    found = dispatched(tmp_path, text, code, parameters)
    assert found.lines(request("INVITE")) == ["-1 sip:x"]


def test_no_such_set(tmp_path: Path) -> None:
    assert code_of(tmp_path, FOUR, 'ds_select_dst("7", "4")') == -1


@pytest.mark.parametrize("algorithm", [0, 4, 8, 9, 10, 11, 13, 14, 15, 64])
def test_the_last_one_is_for_when_all_others_fail(tmp_path: Path, algorithm: int) -> None:
    parameters = FAILOVER + parameter("use_default", 1)
    found = selecting(tmp_path, f'ds_select_dst("1", "{algorithm}")', parameters=parameters)
    assert [listed(found.run())[-1] for _ in range(8)] == ["14"] * 8
    for state in ("i", "d"):
        give(found.program, "dispatcher.set_state", state, 1, D)
        assert [sorted(listed(found.run())) for _ in range(8)] == [["11", "12", "13"]] * 8
    give(found.program, "dispatcher.set_state", "a", 1, D)
    assert D not in {found.run().dst_uri for _ in range(8)}
    for each in (A, B, C):
        give(found.program, "dispatcher.set_state", "i", 1, each)
    assert found.run().dst_uri == D
    give(found.program, "dispatcher.set_state", "i", 1, D)
    assert found.run().dst_uri is None


def test_of_one_alone_none_is_the_last(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("use_default", 1)
    found = selecting(tmp_path, 'ds_select_dst("1", "4")', f"1 {A}\n", parameters)
    assert listed(found.run()) == ["11"]
