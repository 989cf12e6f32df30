"""Records for names that corex is given: dns_cache and dns_file."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sipway.core.resolving import Kind, Names, Srv
from sipway.core.settings import Settings
from sipway.errors import ModuleError
from tests.fake_names import FakeSource
from tests.modules.running import load, mistakes

_ROUTE = "request_route { exit; }"


class _Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def _names(*records: str, files: tuple[Path, ...] = ()) -> tuple[Names, FakeSource, _Clock]:
    source, clock = FakeSource(), _Clock()
    names = Names(source, Settings(), clock)
    parameters = [f'modparam("corex", "dns_cache", "{each}")' for each in records]
    parameters += [f'modparam("corex", "dns_file", "{each}")' for each in files]
    load(_ROUTE, parameters="\n".join(parameters), names=names)
    return names, source, clock


def _asked(names: Names, name: str, kind: Kind) -> tuple[object, ...]:
    return asyncio.run(names.query(name, kind))


def test_addresses_are_known_for_a_while() -> None:
    names, _, clock = _names(
        "type=A;name=x.example;addr=192.0.2.1;ttl=60;flags=0",
        "type=A;name=X.example.;addr=192.0.2.2;ttl=60",
        "type=AAAA;name=x.example;addr=2001:db8::1;ttl=60",
    )
    assert _asked(names, "x.example", "A") == ("192.0.2.1", "192.0.2.2")
    assert _asked(names, "x.EXAMPLE", "AAAA") == ("2001:db8::1",)
    clock.now += 61
    assert _asked(names, "x.example", "A") == ()


def test_some_hold_always_and_some_say_no() -> None:
    names, _, clock = _names(
        "type=A;name=x.example;addr=192.0.2.1;flags=2",
        "type=A;name=none.example;flags=3",
        "type=SRV;name=_sip._udp.x.example;addr=a.example;priority=1;weight=2;port=5070;flags=2",
    )
    clock.now += 1e9
    assert _asked(names, "x.example", "A") == ("192.0.2.1",)
    assert _asked(names, "none.example", "A") == ()
    assert _asked(names, "_sip._udp.x.example", "SRV") == (Srv(1, 2, 5070, "a.example"),)


def test_a_file_has_one_in_a_line(tmp_path: Path) -> None:
    path = tmp_path / "names"
    path.write_text("# comment\n\ntype=A;name=x.example;addr=192.0.2.1;flags=2\n")
    names, _, _ = _names(files=(path,))
    assert _asked(names, "x.example", "A") == ("192.0.2.1",)


def test_a_file_that_is_wrong_says_where(tmp_path: Path) -> None:
    path = tmp_path / "names"
    path.write_text("\ntype=A;name=x.example;addr=nowhere;flags=2\n")
    with pytest.raises(ModuleError, match=r"names:2: "):
        _names(files=(path,))
    with pytest.raises(ModuleError, match="cannot read"):
        _names(files=(tmp_path / "none",))


@pytest.mark.parametrize(
    ("record", "message"),
    [
        ("name=x;addr=192.0.2.1", "type= is missing"),
        ("type=A;addr=192.0.2.1", "name= is missing"),
        ("type=MX;name=x", "a record is of type A, AAAA or SRV, not MX"),
        ("type=A;name=x;addr=::1", "is no address of type A"),
        ("type=AAAA;name=x;addr=1.2.3.4", "is no address of type AAAA"),
        ("type=SRV;name=x", "addr= is missing"),
        ("type=A;name=x;addr=1.2.3.4;ttl=soon", 'ttl is a number from 0 on, not "soon"'),
        ("type=A;colour=x", '"colour=x" is none of'),
    ],
)
def test_bad_records_are_named(record: str, message: str) -> None:
    found = mistakes(_ROUTE, f'modparam("corex", "dns_cache", "{record}")')
    assert len(found) == 1
    assert message in found[0]
