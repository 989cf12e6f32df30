"""dispatcher: the file of destinations, what is wrong in it, and how it is read anew."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.errors import ModuleError
from sipway.modules.dispatcher.destinations import Destination, Line, read_attributes
from sipway.modules.dispatcher.list_file import read_text
from sipway.modules.dispatcher.loading import reload, with_states
from sipway.modules.dispatcher.sets import Sets
from sipway.modules.dispatcher.tree import in_order_of_tree
from tests.modules.commanding import give
from tests.modules.dispatching import FAILOVER, FOUR, dispatched, in_file, parameter
from tests.modules.running import load

RELOADS = FAILOVER + parameter("reload_delta", 0)


def uris(sets: Sets) -> list[str]:
    return [f"{each.group} {each.uri}" for each in sets.destinations()]


# --- lines ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "read"),
    [
        ("1 sip:a", Line(1, "sip:a")),
        ("0 sip:a", Line(0, "sip:a")),
        ("1 sip:a 8", Line(1, "sip:a", 8)),
        ("1 sip:a 0x0A", Line(1, "sip:a", 10)),
        ("1 sip:a 8 5", Line(1, "sip:a", 8, 5)),
        ("1 sip:a 8 5 a=b;c", Line(1, "sip:a", 8, 5, "a=b;c")),
        ("1 sip:a 8 a=b", Line(1, "sip:a", 8, 0, "a=b")),
        ("1 sip:a a=b", Line(1, "sip:a", 0, 0, "a=b")),
        ("\t1\t sip:a \t 8\r", Line(1, "sip:a", 8)),
        ("1 sip:a # more", Line(1, "sip:a")),
        ("1 sip:a 8 # more", Line(1, "sip:a", 8)),
        ("1 sip:a 8 5 a=b # more", Line(1, "sip:a", 8, 5, "a=b")),
        ("1 sip:a 8 5 a=b#c", Line(1, "sip:a", 8, 5, "a=b#c")),
        ("1 sip:a 8 99999999999", Line(1, "sip:a", 8, 0, "99999999999")),
    ],
)
def test_what_a_line_says(line: str, read: Line) -> None:
    found = read_text(f"# head\n\n{line}\n", "f")
    assert [each.line for each in found.entries] == [read]
    assert not found.wrong
    assert not found.broken


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  x sip:a", 'f:2:3: a line begins with the number of a set, not "x"'),
        ("-1 sip:a", 'f:2:1: a line begins with the number of a set, not "-1"'),
        ("2147483648 sip:a", 'f:2:1: a line begins with the number of a set, not "2147483648"'),
        ("// x", 'f:2:1: a line begins with the number of a set, not "//"'),
    ],
)
def test_a_wrong_line_is_left_out_and_told_with_its_place(line: str, said: str) -> None:
    found = read_text(f"1 sip:a\n{line}\n1 sip:b\n", "f")
    assert [each.line.uri for each in found.entries] == ["sip:a", "sip:b"]
    assert [str(each) for each in found.wrong] == [said]


def test_a_line_without_a_destination_makes_it_no_list() -> None:
    (broken,) = read_text("1 sip:a\n 12\n", "f").broken
    assert str(broken) == "f:2:4: the URI of a destination of set 12 is missing"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("1 sip:a x", 'f:1:9: "x" is taken for attributes, which are written name=value'),
        ("1 sip:a 8 -5", 'f:1:11: "-5" is taken for attributes, which are written name=value'),
        ("1 sip:a 8 5 a=b c d", 'f:1:17: "c" and what follows it is left aside'),
    ],
)
def test_an_odd_line_counts_and_is_told(line: str, said: str) -> None:
    found = read_text(line, "f")
    assert len(found.entries) == 1
    assert [str(each) for each in found.odd] == [said]


@given(st.text(max_size=200))
def test_no_text_is_too_strange(text: str) -> None:
    found = read_text(text, "f")
    lines = text.count("\n") + 1
    assert len(found.entries) + len(found.wrong) + len(found.broken) <= lines


# --- destinations --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("uri", "shown", "protocol", "port"),
    [
        ("sip:192.0.2.1", "sip:192.0.2.1", "udp", 0),
        ("sip:192.0.2.1:5070;transport=tcp", "sip:192.0.2.1:5070;transport=tcp", "tcp", 5070),
        ("sips:[2001:db8::1]", "sips:[2001:db8::1]", "tls", 0),
        ("192.0.2.1", "sip:192.0.2.1", "udp", 0),
        ("bob@host.example", "sip:bob@host.example", "udp", 0),
    ],
)
def test_a_destination_is_a_uri(uri: str, shown: str, protocol: str, port: int) -> None:
    found = Destination(Line(1, uri), read_attributes("")[0])
    assert (found.uri, found.target.protocol, found.port) == (shown, protocol, port)


@pytest.mark.parametrize("uri", ["tel:+123", "sip:192.0.2.1:99999", "sip:", "sip:@x", "a b"])
def test_what_is_no_uri_is_no_destination(uri: str) -> None:
    with pytest.raises(ValueError, match="is no URI of SIP"):
        Destination(Line(1, uri), read_attributes("")[0])


@pytest.mark.parametrize(
    ("flags", "letters"),
    [
        (0, "AX"), (1, "IX"), (2, "TX"), (4, "DX"), (8, "AP"), (9, "IP"), (10, "TP"), (12, "DP"),
        (16, "AX"), (32, "AX"), (7, "DX"), (3, "IX"),
    ],
)  # fmt: skip
def test_letters_of_a_state(flags: int, letters: str) -> None:
    found = Destination(Line(1, "sip:a", flags), read_attributes("")[0])
    assert found.letters == letters
    assert found.is_usable is (letters[0] in "AT")


# --- order ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("numbers", "order"),
    [
        ([], []),
        ([1, 2], [2, 1]),
        ([1, 7, 3, 9, 2, 20, 15, 4, 5], [2, 1, 4, 7, 5, 15, 20, 9, 3]),  # as seen on 5.6.3
        ([*range(1, 11)], [1, 3, 2, 5, 7, 6, 10, 9, 8, 4]),
    ],
)
def test_sets_stand_in_the_order_of_kamailio(numbers: list[int], order: list[int]) -> None:
    assert in_order_of_tree(numbers) == order


@given(st.lists(st.integers(0, 50)))
def test_each_set_stands_there_once(numbers: list[int]) -> None:
    assert sorted(in_order_of_tree(numbers)) == sorted(set(numbers))


def test_destinations_stand_by_priority_and_the_last_first(tmp_path: Path) -> None:
    text = "1 sip:a 0 5\n1 sip:b 0 9\n1 sip:c 0 5\n1 sip:d\n1 sip:e 0 9\n"
    sets = dispatched(tmp_path, text).board.sets
    assert uris(sets) == [f"1 sip:{each}" for each in "ebcad"]


# --- loaded --------------------------------------------------------------------------------------


def test_what_is_wrong_is_left_out(tmp_path: Path) -> None:
    text = "1 sip:a\nx y\n1 tel:1\n1 sip:b 0 0 socket=udp:198.51.100.1:1\n1 sip:c 0 0 sockname=s\n"
    text += "1 sip:d 0 0 socket=a:b:c\n1 sip:e 0 0 weight=900\n1 sip:f 0 0 x='\n2 sip:g\n"
    found = dispatched(tmp_path, text)
    assert uris(found.board.sets) == ["2 sip:g", "1 sip:e", "1 sip:a"]
    path = tmp_path / "dispatcher.list"
    left_out = ": the destination is left out"
    assert found.said() == [
        f"{path}:7:13: weight is a number from 1 to 100, not 900: ignored",
        f'{path}:2:1: a line begins with the number of a set, not "x"{left_out}',
        f"{path}:3:3: tel:1 is no URI of SIP{left_out}",
        f"{path}:4:13: none of our sockets is udp:198.51.100.1:1{left_out}",
        f"{path}:5:13: no socket of ours is called s{left_out}",
        f'{path}:6:13: a socket is written protocol:address:port, not "a:b:c"{left_out}',
        f"{path}:8:13: attributes are written name=value;..., not x='{left_out}",
    ]


def test_what_is_wrong_everywhere_is_told_a_few_times(tmp_path: Path) -> None:
    found = dispatched(tmp_path, "1 tel:1\n" * 30)
    assert len(found.said()) == 11
    assert found.said()[-1] == "and 20 more of this kind"


def test_with_ds_load_mode_1_nothing_may_be_wrong(tmp_path: Path) -> None:
    strict = FAILOVER + parameter("ds_load_mode", 1)
    with pytest.raises(ModuleError, match=r"dispatcher\.list:2:3: tel:1 is no URI of SIP"):
        dispatched(tmp_path, "1 sip:a\n1 tel:1\n", parameters=strict)


@pytest.mark.parametrize(
    ("text", "said"), [("1\n", r":1:2: the URI of a destination of set 1 is missing")]
)
def test_what_is_no_list_stops_the_start(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ModuleError, match=said):
        dispatched(tmp_path, text)


@pytest.mark.parametrize(
    ("name", "said"),
    [("/nowhere/list", "cannot be read: No such file"), ("", "list_file is empty")],
)
def test_a_list_that_is_not_there_stops_the_start(name: str, said: str) -> None:
    with pytest.raises(ModuleError, match=said):
        load(
            "request_route { ; }",
            parameters=parameter("list_file", name),
            modules=("tm", "dispatcher"),
        )


def test_an_empty_list_is_a_list(tmp_path: Path) -> None:
    found = dispatched(tmp_path, "# nothing\n")
    assert len(found.board.sets) == 0
    assert give(found.program, "dispatcher.list") == (500, "No Destination Sets")


def test_who_has_no_attributes_may_get_some(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("ds_attrs_none", 1)
    found = dispatched(tmp_path, "1 sip:a\n1 sip:b 0 0 x=y\n", parameters=parameters)
    bodies = [each.attributes.body for each in found.board.sets.destinations()]
    assert bodies == ["x=y", "none=yes"]


def test_default_sockets(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("ds_default_socket", "udp:192.0.2.9:5060")
    found = dispatched(tmp_path, "1 sip:a\n", parameters=parameters)
    assert found.destination("sip:a").socket is found.socket


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ds_default_socket", "udp:198.51.100.1:5060", "none of our sockets is udp:198.51.100.1"),
        ("ds_ping_socket", "udp:198.51.100.1:5060", "none of our sockets is udp:198.51.100.1"),
        ("ds_default_sockname", "nobody", "no socket of ours is called nobody"),
    ],
)
def test_default_sockets_must_be_ours(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(ModuleError, match=said):
        dispatched(tmp_path, "1 sip:a\n", parameters=parameter(name, value))


# --- read anew -----------------------------------------------------------------------------------


def test_a_reload_lets_others_go_first(tmp_path: Path) -> None:
    found = dispatched(tmp_path, FOUR, parameters=RELOADS)
    in_file(tmp_path, "".join(f"1 sip:10.0.{at // 250}.{at % 250}\n" for at in range(2000)))

    async def reloaded() -> int:
        turns = 0
        task = asyncio.create_task(reload(found.program, 1.0))
        while not task.done():
            turns += 1
            await asyncio.sleep(0)
        await task
        return turns

    assert asyncio.run(reloaded()) >= 20
    assert len(list(found.board.sets.destinations())) == 2000


def test_of_two_alike_the_better_is_meant(tmp_path: Path) -> None:
    found = dispatched(tmp_path, "1 sip:a 0 1 x=1\n1 SIP:A 0 3 x=2\n1 sip:a 0 2 x=3\n")
    chosen = found.board.sets.find(1, "sip:A")
    assert chosen is not None
    assert chosen.attributes.body == "x=2"


def test_a_reload_swaps_all_at_once(tmp_path: Path) -> None:
    found = dispatched(tmp_path, "1 sip:a\n1 sip:b\n", parameters=RELOADS)
    give(found.program, "dispatcher.set_state", "i", 1, "sip:a")
    in_file(tmp_path, "1 sip:a\n3 sip:c 8\n")
    assert give(found.program, "dispatcher.reload") == "Ok. Dispatcher successfully reloaded."
    assert uris(found.board.sets) == ["3 sip:c", "1 sip:a"]
    assert found.states == "AP AX"  # as the list says


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 sip:c\n1\n", ":2:2: the URI of a destination of set 1 is missing"),
        (None, "cannot be read: No such file or directory"),
    ],
)
def test_a_mistake_leaves_what_is_there(tmp_path: Path, text: str | None, said: str) -> None:
    found = dispatched(tmp_path, "1 sip:a\n", parameters=RELOADS)
    give(found.program, "dispatcher.set_state", "ip", 1, "sip:a")
    (tmp_path / "dispatcher.list").unlink()
    if text is not None:
        in_file(tmp_path, text)
    code, reason = give(found.program, "dispatcher.reload")
    assert code == 500
    assert said in reason
    assert said in found.said()[-1]
    assert (uris(found.board.sets), found.states) == (["1 sip:a"], "IP")


def test_with_ds_load_mode_1_a_reload_is_all_or_nothing(tmp_path: Path) -> None:
    parameters = RELOADS + parameter("ds_load_mode", 1)
    found = dispatched(tmp_path, "1 sip:a\n", parameters=parameters)
    in_file(tmp_path, "1 sip:b\n1 sip:c 0 0 sockname=x\n")
    code, reason = give(found.program, "dispatcher.reload")
    assert (code, reason.rpartition("/")[2]) == (
        500,
        "dispatcher.list:2:13: no socket of ours is called x",
    )
    assert uris(found.board.sets) == ["1 sip:a"]


def test_a_reload_is_refused_so_soon_after_another(tmp_path: Path) -> None:
    found = dispatched(tmp_path, "1 sip:a\n")
    now = 1000.0
    found.program.clock = lambda: now
    assert give(found.program, "dispatcher.reload") == "Ok. Dispatcher successfully reloaded."
    now = 1004.0
    for command in (("reload",), ("add", 1, "sip:b"), ("remove", 1, "sip:a")):
        refused = give(found.program, f"dispatcher.{command[0]}", *command[1:])
        assert refused == (
            500,
            "there was a reload just now, the next may be in 1 s (reload_delta)",
        )
    now = 1005.0
    assert give(found.program, "dispatcher.reload") == "Ok. Dispatcher successfully reloaded."


def test_ds_reload(tmp_path: Path) -> None:
    code = '$var(r) = ds_reload(); xlog("$var(r)\\n");'
    found = dispatched(tmp_path, "1 sip:a\n", code, RELOADS)
    in_file(tmp_path, "1 sip:b\n")
    assert found.lines() == ["1"]
    assert uris(found.board.sets) == ["1 sip:b"]
    in_file(tmp_path, "1\n")
    assert found.lines() == ["-1"]
    assert uris(found.board.sets) == ["1 sip:b"]


def test_a_changed_script_goes_on_with_the_states(tmp_path: Path) -> None:
    before = dispatched(tmp_path, FOUR)
    give(before.program, "dispatcher.set_state", "ip", 1, "sip:192.0.2.12")
    give(before.program, "dispatcher.set_state", "d", 1, "sip:192.0.2.13")
    changed = FOUR.replace("sip:192.0.2.13", "sip:192.0.2.13 8") + "1 sip:192.0.2.15\n"
    after = dispatched(tmp_path, changed)
    assert after.states == "AX AX AX AP AX"  # of another server
    destinations = with_states(list(after.board.sets.added), before.board.sets)
    shown = " ".join(each.letters for each in Sets(destinations).destinations())
    assert shown == "AX AX IP AP AX"  # one has got other flags
