"""usrloc: how contacts are kept, and what becomes of those that expire."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.errors import StoreError
from sipway.modules.usrloc import FOREVER, Contact, Location, Locations
from sipway.modules.usrloc.encoding import decode, encode
from sipway.modules.usrloc.locations import SLICE
from sipway.stores.memory import MemoryStore
from tests.modules.running import load, mistakes

_FIELDS = (
    "uri", "expires", "q", "call_id", "cseq", "received", "path", "socket", "user_agent",
    "methods", "instance", "reg_id", "ruid", "flags", "cflags", "modified", "server_id",
    "connection", "keepalive", "attributes",
)  # fmt: skip

_ANOTHER_VERSION = "a registration in the store is of another version"
_NUMBER = st.integers(0, 0xFFFFFFFF)
_TEXT = st.binary(max_size=300)
_SHORT = st.binary(max_size=255)
_CONTACTS = st.lists(
    st.builds(
        Contact,
        uri=_TEXT,
        expires=_NUMBER,
        q=st.integers(-1, 1000),
        call_id=_TEXT,
        cseq=_NUMBER,
        received=_TEXT,
        path=_TEXT,
        socket=_SHORT,
        user_agent=_TEXT,
        methods=_NUMBER,
        instance=_TEXT,
        reg_id=_NUMBER,
        ruid=_SHORT,
        flags=_NUMBER,
        cflags=_NUMBER,
        modified=_NUMBER,
        server_id=st.integers(-(2**31), 2**31 - 1),
        connection=_NUMBER,
        keepalive=st.integers(0, 0xFFFF),
        attributes=_TEXT,
    ),
    max_size=4,
)


def _shown(contacts: list[Contact]) -> list[tuple[object, ...]]:
    return [tuple(getattr(each, name) for name in _FIELDS) for each in contacts]


@given(_CONTACTS)
def test_contacts_come_back_as_they_were(contacts: list[Contact]) -> None:
    assert _shown(decode(encode(contacts))) == _shown(contacts)


@given(_CONTACTS, st.data())
def test_a_value_that_is_cut_off_or_strange_is_an_error(
    contacts: list[Contact], data: st.DataObject
) -> None:
    value = encode(contacts)
    cut = value[: data.draw(st.integers(0, len(value) - 1))]
    try:
        found = decode(cut)
    except StoreError:
        return
    assert len(found) < len(contacts)  # it was cut between two of them


def test_a_value_of_another_version_is_an_error() -> None:
    with pytest.raises(StoreError, match="another version"):
        decode(b"\2")
    with pytest.raises(StoreError, match="another version"):
        decode(b"")


def test_what_does_not_fit_is_an_error() -> None:
    with pytest.raises(StoreError, match="cannot be kept"):
        encode([Contact(b"x" * 70_000, 1)])


def _location(*, newest_first: bool = False) -> Location:
    return Locations(MemoryStore(), newest_first).table("location")


def test_a_user_has_contacts_or_is_not_there() -> None:
    location = _location()
    assert location.get("alice") == []
    location.put("alice", [Contact(b"sip:a@b", 5)], 0)
    assert _shown(location.get("alice")) == _shown([Contact(b"sip:a@b", 5)])
    assert (len(location), location.contacts) == (1, 1)
    location.put("alice", [], 1)
    assert location.get("alice") == []
    assert (len(location), location.contacts) == (0, 0)


@pytest.mark.parametrize("aor", ["", "a" * 600, "a" * 510, "ü" * 400, "\udcff@x", "\0"])
def test_any_name_of_a_user_will_do(aor: str) -> None:
    location = _location()
    location.put(aor, [Contact(b"sip:a@b", 5)], 0)
    location.put(aor + "b", [Contact(b"sip:b@b", 5)], 0)
    assert [each.uri for each in location.get(aor)] == [b"sip:a@b"]
    assert [each.uri for each in location.get(aor + "b")] == [b"sip:b@b"]


def test_tables_are_there_again_with_the_store() -> None:
    store = MemoryStore()
    Locations(store, newest_first=False).table("location").put("a", [Contact(b"sip:a@b", 5)], 0)
    again = Locations(store, newest_first=False)
    assert [each.name for each in again] == ["location"]
    assert len(again.table("location").get("a")) == 1


def test_the_best_contact_comes_first() -> None:
    contacts = [Contact(b"1", 9, q=1), Contact(b"2", 9), Contact(b"3", 9, q=500)]
    contacts.append(Contact(b"4", 9, q=500))
    assert [each.uri for each in _location().ordered(contacts)] == [b"3", b"4", b"1", b"2"]
    in_time = _location(newest_first=True)
    assert in_time.ordered(contacts) == contacts


def test_a_sweep_removes_what_has_expired_and_tells_of_it() -> None:
    location = _location()
    location.put("alice", [Contact(b"old", 10), Contact(b"new", 30)], 0)
    location.put("bob", [Contact(b"old", 10, instance=b"<x>", ruid=b"id")], 0)
    location.put("carol", [Contact(b"ever", FOREVER)], 0)
    location.remember(b"id", "bob")
    told: list[tuple[bytes, bytes]] = []
    assert not location.sweep(10, lambda key, contact: told.append((key, contact.uri)))
    assert told == [(b"alice", b"old"), (b"bob", b"old")]
    assert [each.uri for each in location.get("alice")] == [b"new"]
    assert location.get("bob") == []
    assert location.owner_of(b"id") is None
    assert [each.uri for each in location.get("carol")] == [b"ever"]
    assert (location.expired, location.contacts, len(location)) == (2, 2, 2)


def test_a_sweep_takes_some_at_a_time_and_counts_what_changes_meanwhile() -> None:
    store = MemoryStore()
    before = Locations(store, newest_first=False).table("location")
    for number in range(SLICE + 10):
        before.put(f"user{number:04}", [Contact(b"a", 50)], 0)
    location = Locations(store, newest_first=False).table("location")
    assert location.contacts == 0  # nobody has counted yet
    assert location.sweep(10, lambda *_: None)
    location.put("user0000", [Contact(b"a", 50), Contact(b"b", 50)], 1)  # behind the sweep
    location.put("user0260", [], 1)  # before it
    location.put("zoe", [Contact(b"a", 50)], 0)
    assert not location.sweep(10, lambda *_: None)
    assert location.contacts == SLICE + 11
    assert location.sweep(10, lambda *_: None)
    assert not location.sweep(10, lambda *_: None)
    assert location.contacts == SLICE + 11


def test_an_entry_that_cannot_be_read_is_left_out_and_told_of_once() -> None:
    store = MemoryStore()
    location = Locations(store, newest_first=False).table("location")
    for user in ("alice", "carol"):
        location.put(user, [Contact(b"old", 10), Contact(b"new", 30)], 0)
    store.table("usrloc:location").put(b"bob", b"\2 of another version")
    told: list[bytes] = []
    assert not location.sweep(10, lambda key, _: told.append(key))
    assert told == [b"alice", b"carol"], "what comes behind it is swept"
    assert location.take_troubles() == [
        "the contacts of bob in the table location are left out: " + _ANOTHER_VERSION
    ]
    assert not location.sweep(10, lambda *_: None)
    assert location.take_troubles() == []
    assert location.contacts == 2
    # Whoever walks over all goes on behind it too.
    assert [key for key, _ in location.entries()] == [b"alice", b"carol"]
    assert [(key, len(found)) for key, found in location.after(b"", 9)] == [
        (b"alice", 1),
        (b"bob", 0),
        (b"carol", 1),
    ]
    with pytest.raises(StoreError):
        location.get("bob")
    location.remove("bob")
    assert location.get("bob") == []
    location.remove("bob")


def test_many_entries_that_cannot_be_read_are_told_of_in_part() -> None:
    store = MemoryStore()
    location = Locations(store, newest_first=False).table("location")
    for number in range(1200):
        store.table("usrloc:location").put(b"user%d" % number, b"")
    while location.sweep(10, lambda *_: None):
        pass
    assert len(location.take_troubles()) == 1000


def test_the_server_says_what_it_leaves_out() -> None:
    text = 'modparam("usrloc", "preload", "location")'
    program, log, _ = load("request_route { exit; }", parameters=text, modules=("usrloc",))
    program.clock = lambda: 20.0
    from sipway.modules import usrloc
    from sipway.modules.usrloc import _module

    table = usrloc.locations(program).table("location")
    program.shared.store.table("usrloc:location").put(b"bob", b"")
    for _ in range(2):
        asyncio.run(_module._sweep_table(program, table))
    said = "usrloc: the contacts of bob in the table location are left out"
    assert [text for _, text in log.written] == [f"<core>: {said}: {_ANOTHER_VERSION}\n"]


def test_ids_say_whose_contact_it_is() -> None:
    location = _location()
    location.remember(b"uloc-1", "alice@x")
    assert location.owner_of(b"uloc-1") == "alice@x"
    for strange in (b"", b"x" * 600, b"uloc-2"):
        assert location.owner_of(strange) is None


def test_the_server_sweeps_and_runs_the_event_route() -> None:
    code = (
        "request_route { exit; } event_route[usrloc:contact-expired] {"
        ' xlog("$ulc(exp=>aor) $ulc(exp=>addr) $ulc(exp=>domain) $ulc(exp=>count)\\n"); }'
    )
    program, log, _ = load(
        code,
        parameters='modparam("usrloc", "preload", "location")',
        modules=("usrloc", "registrar"),
    )
    from sipway.modules import usrloc

    table = usrloc.locations(program).table("location")
    table.put("alice", [Contact(b"sip:old@b", 10), Contact(b"sip:new@b", 30)], 0)
    program.clock = lambda: 20.0

    async def serve() -> None:
        tasks = [asyncio.create_task(each()) for each in program.services]
        while table.expired == 0:
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(serve())
    assert [text for _, text in log.written] == ["<script>: alice sip:old@b location 1\n"]


def test_the_sweep_outlives_a_store_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """And says so once, and again when the store fails again later."""
    from sipway.modules import usrloc
    from sipway.modules.usrloc import _module

    text = "".join(f'modparam("usrloc", "preload", "{each}")\n' for each in ("one", "two"))
    program, log, _ = load("request_route { exit; }", parameters=text, modules=("usrloc",))
    program.clock = lambda: 20.0
    store = program.shared.store
    table = usrloc.locations(program).table("two")
    fails = [True, True, False, True]
    rounds = 0

    def commit() -> None:
        if fails[rounds]:
            raise StoreError("the disk is full")

    async def pause(_: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == len(fails):
            raise asyncio.CancelledError
        table.put("alice", [Contact(b"sip:old@b", 10)], len(table.get("alice")))

    monkeypatch.setattr(store, "commit", commit)
    monkeypatch.setattr(asyncio, "sleep", pause)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(_module._sweep(program))
    assert table.expired == 3
    assert [text for _, text in log.written] == ["<core>: usrloc: the disk is full\n"] * 2


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"nat_bflag", 32', "a number from -1 to 31 is wanted, not 32"),
        ('"matching_mode", 4', "a number from 0 to 3 is wanted, not 4"),
        ('"timer_interval", 0', "a number from 1 to 86400 is wanted, not 0"),
        ('"cseq_delay", -1', "a number from 0 to 86400 is wanted, not -1"),
        ('"use_domain", "yes"', "use_domain"),
        ('"hash_sise", 10', "hash_sise"),
    ],
)
def test_bad_parameters_are_named(parameter: str, said: str) -> None:
    found = mistakes(
        "request_route { exit; }", f'modparam("usrloc", {parameter})', modules=("usrloc",)
    )
    assert len(found) == 1
    assert said in found[0]
