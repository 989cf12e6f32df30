"""dispatcher: what is newer than Kamailio 5.6.3: `$dsg`, algorithms 14, 15 and 64, overload."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from sipway.modules.dispatcher.destinations import read_attributes
from sipway.modules.dispatcher.overload import Overload, read_sequence
from tests.fakes import request
from tests.modules.commanding import give
from tests.modules.dispatching import (
    FAILOVER,
    FOUR,
    A,
    B,
    C,
    D,
    Dispatched,
    code_of,
    dispatched,
    listed,
    parameter,
    selecting,
)
from tests.modules.running import mistakes

# --- $dsg ----------------------------------------------------------------------------------------

MIXED = "1 sip:192.0.2.1 0 9\n1 sip:192.0.2.2 1 8\n1 sip:192.0.2.3 2 7\n3 sip:192.0.2.9 4\n"
_ALL = "$dsg(count) $dsg(active) $dsg(inactive) $dsg(pactive) $dsg(pinactive)"


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("$var(r) = 0;", "0 <null> <null> <null> <null> <null>"),
        ('$var(r) = ds_dsg_fetch("1");', "1 3 2 1 66 33"),
        ('$var(n) = 3; $var(r) = ds_dsg_fetch("$var(n)");', "1 1 0 1 0 100"),
        ("$var(r) = ds_dsg_fetch(2);", "-1 <null> <null> <null> <null> <null>"),
        ('ds_dsg_fetch("3"); $var(r) = ds_dsg_fetch("2");', "-1 1 0 1 0 100"),
        ('$var(r) = ds_dsg_fetch_uri("1", "sip:192.0.2.2");', "1 3 2 1 66 33"),
        (
            '$var(r) = ds_dsg_fetch_uri("1", "sip:192.0.2.8");',
            "-1 <null> <null> <null> <null> <null>",
        ),
        ('$var(r) = ds_dsg_fetch_uri("1", "");', "-1 <null> <null> <null> <null> <null>"),
    ],
)
def test_what_a_set_has(tmp_path: Path, code: str, seen: str) -> None:
    assert dispatched(tmp_path, MIXED, f'{code} xlog("$var(r) {_ALL}\\n");').lines() == [seen]


def test_the_set_is_gone_meanwhile(tmp_path: Path) -> None:
    code = 'ds_dsg_fetch("3"); ds_reload(); xlog("$dsg(count)\\n");'
    found = dispatched(tmp_path, MIXED, code)
    (tmp_path / "dispatcher.list").write_text("1 sip:192.0.2.1\n")
    assert found.lines() == ["<null>"]


def test_no_such_key() -> None:
    (found,) = mistakes('request_route { xlog("$dsg(none)"); }', modules=("dispatcher",))
    assert "$dsg takes one of count, active" in found


# --- algorithms ----------------------------------------------------------------------------------


def first_ones(found: Dispatched, times: int) -> Counter[str | None]:
    return Counter(found.run(request(call_id=str(each))).dst_uri for each in range(times))


def with_priorities(*priorities: int, more: str = "") -> str:
    return "".join(
        f"1 sip:192.0.2.{11 + at} 0 {each} {more}\n" for at, each in enumerate(priorities)
    )


@pytest.mark.parametrize(
    ("priorities", "order"),
    [((3, 3, 3), [C, B, A, C]), ((0, 0, 0), [C] * 4), ((3, 4, 3), [B] * 4), ((5,), [A] * 4)],
)
def test_14_takes_turns_among_equals(
    tmp_path: Path, priorities: tuple[int, ...], order: list[str]
) -> None:
    text = with_priorities(*priorities)
    found = dispatched(tmp_path, text, 'ds_select_dst("1", "14");')
    assert [found.run().dst_uri for _ in range(4)] == order


def test_15_takes_the_lowest_priority(tmp_path: Path) -> None:
    text = (
        f"1 {A} 0 10 weight=70\n1 {B} 0 10 weight=30\n1 {C} 0 20 weight=50\n1 {D} 0 20 weight=50\n"
    )
    found = dispatched(tmp_path, text, 'ds_select_dst("1", "15");')
    assert first_ones(found, 300) == {A: 210, B: 90}
    for each in (A, B):
        give(found.program, "dispatcher.set_state", "i", 1, each)
    assert first_ones(found, 100) == {C: 50, D: 50}
    give(found.program, "dispatcher.set_state", "a", 1, B)
    assert first_ones(found, 10) == {B: 10}
    assert listed(found.run())[0] == "12"
    assert sorted(listed(found.run())[1:]) == ["13", "14"]
    for each in (B, C, D):
        give(found.program, "dispatcher.set_state", "i", 1, each)
    assert found.run().dst_uri is None


def test_15_without_weights(tmp_path: Path) -> None:
    text = with_priorities(7, 7, 9)
    found = dispatched(tmp_path, text, 'ds_select_dst("1", "15");')
    assert first_ones(found, 100) == {A: 50, B: 50}
    assert listed(found.run())[2] == "13"


def test_15_keeps_the_default_for_the_end(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("use_default", 1)
    found = dispatched(tmp_path, with_priorities(9, 8, 7), 'ds_select_dst("1", "15");', parameters)
    assert listed(found.run()) == ["12", "11", "13"]


# --- overload ------------------------------------------------------------------------------------


def test_64_takes_turns(tmp_path: Path) -> None:
    found = selecting(tmp_path, 'ds_select_dst("1", "64")')
    assert [found.run().dst_uri for _ in range(5)] == [A, B, C, D, A]
    give(found.program, "dispatcher.set_state", "i", 1, C)
    assert [found.run().dst_uri for _ in range(4)] == [B, D, A, B]
    assert listed(found.run()) == ["14", "11", "12"]


def test_64_passes_by_who_has_too_much(tmp_path: Path) -> None:
    text = f"1 {A} 0 2\n1 {B} 0 1 ocrate=40\n"
    found = dispatched(tmp_path, text, 'ds_select_dst("1", "64");')
    seen = first_ones(found, 160)
    assert seen == {A: 114, B: 46} or abs(seen[B] - 46) < 3


def test_64_with_nobody_left(tmp_path: Path) -> None:
    code = '$var(r) = ds_select_dst("1", "64"); xlog("$var(r)\\n");'
    text = f"1 {A} 0 0 ocrate=0;ocmin=25\n"
    found = dispatched(tmp_path, text, code)
    lines = [found.lines()[0] for _ in range(100)]
    assert Counter(lines) == {"-1": 75, "1": 25}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (f'"1", "{A}", "30", "1000", "1"', 1),
        (f"1, {A!r}, 30, 1000, 1".replace("'", '"'), 1),
        (f'"1", "{A}", "30", "0", "1282321615.782"', 1),
        (f'"1", "{A}", "0", "1000", "1"', -1),
        (f'"1", "{A}", "101", "1000", "1"', -1),
        (f'"1", "{A}", "30", "1000", "0"', -2),
        (f'"1", "{A}", "30", "1000", "-1"', -1),
        (f'"1", "{A}", "30", "1000", "x"', -1),
        ('"1", "sip:192.0.2.99", "30", "1000", "1"', -2),
        (f'"9", "{A}", "30", "1000", "1"', -2),
    ],
)
def test_what_is_set(tmp_path: Path, arguments: str, code: int) -> None:
    assert code_of(tmp_path, FOUR, f"ds_oc_set_attrs({arguments})") == code


def test_an_older_number_changes_nothing(tmp_path: Path) -> None:
    calls = "".join(
        f'$var(r) = ds_oc_set_attrs("1", "{A}", "{rate}", "1000", "{number}"); xlog("$var(r)\\n");'
        for rate, number in ((30, "5"), (40, "5"), (50, "4.99999"), (60, "5.00001"))
    )
    shown = f'ds_dsg_fetch_uri("1", "{A}"); xlog("$dsg(ocrate) $dsg(ocseq)\\n");'
    found = dispatched(tmp_path, FOUR, f"{calls} {shown}")
    assert found.lines() == ["1", "-2", "-2", "1", "60 5.00001"]


def test_what_is_told_of_overload(tmp_path: Path) -> None:
    code = (
        f'ds_dsg_fetch_uri("1", "{B}"); xlog("$dsg(ocrate) $dsg(ocseq) $dsg(octime_sec)\\n");'
        f'ds_oc_set_attrs("1", "{A}", 20, 1000, 17); ds_dsg_fetch_uri("1", "{A}");'
        f' xlog("$dsg(ocrate) $dsg(ocseq) $dsg(octime_usec)\\n"); ds_dsg_fetch("1");'
        f' xlog("$dsg(ocrate)\\n");'
    )
    found = dispatched(tmp_path, f"1 {A}\n1 {B} 0 0 ocmin=3\n", code)
    assert found.lines()[0] == "100 0 0"
    assert found.lines()[1].startswith("20 17 ")
    assert found.lines()[2] == "<null>"
    listed_ = give(found.program, "dispatcher.oclist", 1)
    (_, second), (_, first) = listed_["TARGETS"]
    assert listed_["ID"] == 1
    assert second["URI"] == B
    assert {name: second[name] for name in ("OCRATE", "OCMIN", "OCSEQ", "OCTIME_SEC")} == {
        "OCRATE": 100, "OCMIN": 3, "OCSEQ": "0", "OCTIME_SEC": 0,
    }  # fmt: skip
    assert (first["OCRATE"], first["OCMIN"], first["OCSEQ"]) == (20, 10, "17")
    assert give(found.program, "dispatcher.oclist", 9) == (404, "Group not found")
    assert give(found.program, "dispatcher.oclist") == (500, "Invalid Parameters")


def share(of: Overload, now: float) -> int:
    """How many of a hundred selections it gets."""
    return sum(not of.passes_by(now) for _ in range(100))


def test_a_rate_holds_for_a_while() -> None:
    of = Overload(100, 10)
    assert share(of, 50.0) == 100
    assert of.set(30, 2000, "1", 50.0)
    assert share(of, 51.9) == 70
    assert share(of, 52.0) == 100
    assert of.set(100, -5, "2", 60.0)
    assert share(of, 60.4) == 10
    assert share(of, 60.5) == 100


def test_a_rate_outlives_a_changed_script() -> None:
    before, after = Overload(100, 10), Overload(100, 20)
    before.set(95, 60_000, "7", 50.0)
    after.go_on_from(before)
    assert (after.rate, after.sequence, share(after, 51.0)) == (95, "7", 20)


@pytest.mark.parametrize("text", ["", "x", "-1", "1.", ".5", "1.123456", "1234567890123", "１"])
def test_no_sequence_numbers(text: str) -> None:
    with pytest.raises(ValueError, match="a sequence number is written"):
        read_sequence(text)


def test_attributes_of_overload() -> None:
    attributes, odd = read_attributes("ocrate=0;ocmin=100")
    assert (attributes.ocrate, attributes.ocmin, odd) == (0, 100, [])
    attributes, odd = read_attributes("ocrate=101;ocmin=x")
    assert (attributes.ocrate, attributes.ocmin) == (100, 10)
    assert odd == [
        "ocrate is a number from 0 to 100, not 101: ignored",
        "ocmin is a number from 0 to 100, not x: ignored",
    ]
