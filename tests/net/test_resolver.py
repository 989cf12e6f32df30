"""dnspython against a server that answers, errs, lies and is silent."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sipway.core.resolving import Names
from sipway.core.settings import Settings
from sipway.net.resolver import DnsResolver
from tests.dns_server import DnsServer, Question, dns_server

_ZONE = """
a.example 60 A 192.0.2.1
a.example 60 A 192.0.2.2
a.example 30 AAAA 2001:db8::1
only4.example 60 A 192.0.2.1
_sip._udp.a.example 20 SRV 10 60 5070 h1.example.
_sip._udp.a.example 20 SRV 20 0 5071 .
a.example 10 NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.a.example.
alias.example 5 CNAME alias2.example.
alias2.example 60 CNAME a.example.
loop1.example 60 CNAME loop2.example.
loop2.example 60 CNAME loop1.example.
dangling.example 60 CNAME nowhere.example.
servfail.example 60 SERVFAIL
refused.example 60 REFUSED
silent.example 60 SILENT
garbage.example 60 GARBAGE
forged.example 60 FORGED
forged.example 60 A 192.0.2.1
large.example 60 TRUNCATED
large.example 60 A 192.0.2.1
zero.example 0 A 192.0.2.1
printer.lan.example 60 A 192.0.2.5
"""


@pytest.fixture(name="server")
def _server() -> Iterator[DnsServer]:
    with dns_server(_ZONE) as server:
        yield server


def resolver(
    server: DnsServer, tmp_path: Path, conf: str = "", hosts: str = "", **options: Any
) -> DnsResolver:
    """One that asks the server, reads hosts and resolv.conf from the folder, and gives up soon."""
    (tmp_path / "resolv.conf").write_text(conf or "nameserver 127.0.0.1\n")
    (tmp_path / "hosts").write_text(hosts)
    options = {"timeout": 0.3, "attempts": 1, **options}
    return DnsResolver(
        resolv_conf=tmp_path / "resolv.conf",
        hosts=tmp_path / "hosts",
        port=server.port,
        **options,
    )


def ask(dns: DnsResolver, name: str, kind: str = "A") -> tuple[list[Any], float]:
    records, ttl = asyncio.run(dns.query(name, kind))
    return sorted(records), ttl


@pytest.mark.parametrize(
    ("name", "kind", "records", "ttl"),
    [
        ("a.example", "A", ["192.0.2.1", "192.0.2.2"], 60),
        ("A.EXAMPLE", "AAAA", ["2001:db8::1"], 30),
        ("_sip._udp.a.example", "SRV", [(10, 60, 5070, "h1.example"), (20, 0, 5071, "")], 20),
        ("a.example", "NAPTR", [(10, 20, "s", "SIP+D2U", "", "_sip._udp.a.example")], 10),
        ("alias.example", "A", ["192.0.2.1", "192.0.2.2"], 5),
        ("zero.example", "A", ["192.0.2.1"], 0),
        ("forged.example", "A", ["192.0.2.1"], 60),
    ],
)
def test_answers(
    server: DnsServer, tmp_path: Path, name: str, kind: str, records: list[Any], ttl: float
) -> None:
    assert ask(resolver(server, tmp_path), name, kind) == (records, ttl)


@pytest.mark.parametrize(
    "name",
    [
        "nowhere.example",
        "loop1.example",
        "dangling.example",
        "servfail.example",
        "refused.example",
        "silent.example",
        "garbage.example",
        "a..b",
        "a" * 64,
        "\udcff.example",
    ],
)
def test_no_answer_is_an_answer_without_records(
    server: DnsServer, tmp_path: Path, name: str
) -> None:
    assert ask(resolver(server, tmp_path), name)[0] == []


def test_a_name_without_records_of_the_kind(server: DnsServer, tmp_path: Path) -> None:
    assert ask(resolver(server, tmp_path), "only4.example", "AAAA")[0] == []


def test_what_does_not_fit_in_a_datagram_comes_over_tcp(server: DnsServer, tmp_path: Path) -> None:
    assert ask(resolver(server, tmp_path), "large.example") == (["192.0.2.1"], 60)
    assert [each.protocol for each in server.questions] == ["udp", "tcp"]


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_silent_server_is_asked_as_often_as_wanted(
    server: DnsServer, tmp_path: Path, attempts: int
) -> None:
    started = time.monotonic()
    ask(resolver(server, tmp_path, attempts=attempts), "silent.example")
    assert server.questions == [Question("silent.example", "A")] * attempts
    assert time.monotonic() - started >= 0.3 * attempts


def test_timeouts_of_resolv_conf_hold_where_the_script_says_nothing(
    server: DnsServer, tmp_path: Path
) -> None:
    conf = "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n"
    started = time.monotonic()
    ask(resolver(server, tmp_path, conf, timeout=None, attempts=None), "silent.example")
    assert server.questions == [Question("silent.example", "A")]
    assert time.monotonic() - started >= 1


@pytest.mark.parametrize(("servers", "records"), [(None, 2), (2, 2), (1, 0)])
def test_the_next_server_is_asked_where_one_is_silent(
    server: DnsServer, tmp_path: Path, servers: int | None, records: int
) -> None:
    # Nobody listens on the first address, so the system says at once that there is nobody.
    conf = "nameserver 127.0.0.77\nnameserver 127.0.0.1\n"
    found, _ = ask(resolver(server, tmp_path, conf, servers=servers), "a.example")
    assert len(found) == records


def test_the_search_list(server: DnsServer, tmp_path: Path) -> None:
    conf = "nameserver 127.0.0.1\nsearch other.example lan.example\n"
    assert ask(resolver(server, tmp_path, conf), "printer") == (["192.0.2.5"], 60)
    assert ask(resolver(server, tmp_path, conf, search=False), "printer")[0] == []
    assert server.asked() == ["printer.other.example A", "printer.lan.example A", "printer A"]


def test_names_in_hosts_are_not_asked_for(server: DnsServer, tmp_path: Path) -> None:
    hosts = "127.0.0.5 one.example Two # three\n\n::5 two\nnonsense four\n# 127.0.0.6 five\n"
    hosts += "fe80::1%lo six\n"
    dns = resolver(server, tmp_path, hosts=hosts)
    assert ask(dns, "one.example")[0] == ["127.0.0.5"]
    assert ask(dns, "TWO")[0] == ["127.0.0.5"]
    assert ask(dns, "two", "AAAA")[0] == ["::5"]
    assert server.questions == []
    for name in ("three", "four", "five"):
        assert ask(dns, name)[0] == []
    assert ask(dns, "six", "AAAA")[0] == []


def test_changed_files_are_read_again(server: DnsServer, tmp_path: Path) -> None:
    dns = resolver(server, tmp_path, conf="nameserver 127.0.0.77\n")
    assert ask(dns, "a.example")[0] == []
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\n")
    assert len(ask(dns, "a.example")[0]) == 2
    (tmp_path / "hosts").write_text("127.0.0.9 a.example\n")
    assert ask(dns, "a.example")[0] == ["127.0.0.9"]
    (tmp_path / "hosts").unlink()
    assert len(ask(dns, "a.example")[0]) == 2


@pytest.mark.parametrize("conf", ["# nothing\n", "nameserver nonsense\n", "\0\xff"])
def test_without_a_server_that_of_this_machine_is_asked(
    server: DnsServer, tmp_path: Path, conf: str
) -> None:
    assert len(ask(resolver(server, tmp_path, conf), "a.example")[0]) == 2


def test_the_library_is_imported_with_the_first_question() -> None:
    code = "import sys, sipway.server.run, sipway.net.resolver; print('dns' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    assert done.stdout == "False\n"


def test_a_silent_name_holds_up_nobody_else(server: DnsServer, tmp_path: Path) -> None:
    """Other names are found while one is waited for, and 200 that nobody knows take no longer."""
    names = Names(resolver(server, tmp_path, timeout=30), Settings(), time.monotonic)

    async def run() -> None:
        silent = asyncio.ensure_future(names.query("silent.example", "A"))
        for number in range(200):
            assert await names.query(f"{number}.example", "A") == ()
        assert len(await names.query("a.example", "A")) == 2
        assert not silent.done()
        silent.cancel()

    asyncio.run(run())
