"""The REGISTERs that are fed to an Engine to see where their time goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from bench import contacts, digest
from bench.register import Driver, requests
from sipway.stores.embedded import EmbeddedStore
from sipway.stores.memory import MemoryStore

Closed = Callable[[Driver], Driver]


@pytest.fixture
def closed() -> Iterator[Closed]:
    """Closes a driver at the end."""
    with ExitStack() as stack:

        def close(driver: Driver) -> Driver:
            stack.callback(driver.close)
            return driver

        yield close


def test_users_register_and_refresh(tmp_path: Path, closed: Closed) -> None:
    store = EmbeddedStore(tmp_path / "state", print)
    driver = closed(Driver(store))
    driver.feed(range(10), 10, 4)
    assert len(store.table("usrloc:location")) == 10
    driver.feed(range(10, 30), 10, 4, marked=True)
    assert len(store.table("usrloc:location")) == 10
    driver.feed(range(30, 35), 0, 4)
    assert len(store.table("usrloc:location")) == 15
    store.close()


def test_users_have_passwords(tmp_path: Path, closed: Closed) -> None:
    driver = closed(Driver(MemoryStore(), digest.script("sqlite", tmp_path)))
    answer = driver.challenge()
    assert answer.startswith("SIP/2.0 401 ")
    driver.credentials = digest.credentials(answer, "127.0.0.1:5060") + "\r\n"
    driver.feed(range(20), 10, 4)
    driver.credentials = driver.credentials.replace('response="', 'response="0')
    with pytest.raises(SystemExit, match="not all were answered with 200"):
        driver.feed(range(20, 30), 10, 4)


def test_what_is_refused_ends_the_measurement(closed: Closed) -> None:
    driver = closed(Driver(MemoryStore()))
    driver.feed(range(10, 20), 10, 64)
    with pytest.raises(SystemExit, match="not all were answered with 200"):
        driver.feed(range(10), 10, 64)  # older than what was there


def test_each_request_is_one_of_its_own() -> None:
    first, second, third = requests([1, 2, 3], 2)
    assert b"To: <sip:100000001@" in first
    assert b"To: <sip:100000000@" in second
    assert first.partition(b"Call-ID:")[2][:20] == third.partition(b"Call-ID:")[2][:20]
    assert b"CSeq: 100000003 REGISTER\r\n" in third
    assert b"{" not in first + second + third


def test_many_contacts_are_found_again_and_swept(tmp_path: Path) -> None:
    assert contacts.fill(tmp_path / "state", 1000) > 0
    found = contacts.measure(tmp_path / "state", 1000)
    assert found["left"] == 950
    assert all(found[each] >= 0 for each in ("start_s", "lookup_us", "sweep_ms"))
