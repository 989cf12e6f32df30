"""Where requests go by name: sipway and Kamailio 5.6.3 with one DNS server, on the wire.

Both run in a network namespace of their own, for the sake of /etc/resolv.conf.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from tests.server_process import SIPWAY, needs_kamailio

_ROOT: Final = Path(__file__).parents[2]

needs_root = pytest.mark.skipif(
    os.geteuid() != 0 or shutil.which("unshare") is None,
    reason="not root, or no unshare: there is no network namespace to be had",
)

_SCRIPT: Final = """
disable_tcp=yes
{parameters}
loadmodule "sl.so"
loadmodule "pv.so"
request_route {{
    if ($ru != "sip:ready") {{
        forward();
    }}
    sl_send_reply("299", "Done");
}}
"""

_ZONE: Final = """
a.example 60 A 127.0.0.2
a2.example 60 A 127.0.0.3
a2.example 60 A 127.0.0.2
six.example 60 AAAA ::1
both.example 60 A 127.0.0.2
both.example 60 AAAA ::1
_sip._udp.srv.example 60 SRV 20 10 5071 h2.example.
_sip._udp.srv.example 60 SRV 10 10 5070 h1.example.
srv.example 60 A 127.0.0.4
_sip._udp.lb.example 60 SRV 10 10 5070 h1.example.
_sip._udp.lb.example 60 SRV 10 60 5071 h3.example.
_sip._udp.lb.example 60 SRV 10 30 5071 h2.example.
_sip._udp.dead.example 60 SRV 10 10 5070 nothere.example.
_sip._udp.dead.example 60 SRV 20 10 5071 h2.example.
_sip._udp.none.example 60 SRV 0 0 0 .
none.example 60 A 127.0.0.2
h1.example 60 A 127.0.0.2
h2.example 60 A 127.0.0.3
h3.example 60 A 127.0.0.4
alias.example 60 CNAME a.example.
loop1.example 60 CNAME loop2.example.
loop2.example 60 CNAME loop1.example.
zero.example 0 A 127.0.0.2
servfail.example 60 SERVFAIL
np.example 60 NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.third.example.
np.example 60 NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.second.example.
np.example 60 NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.gone.example.
np.example 60 NAPTR 5 10 "s" "SIP+D2T" "" _sip._tcp.np.example.
np.example 60 A 127.0.0.2
_sip._udp.second.example 60 SRV 10 10 5070 h2.example.
_sip._udp.third.example 60 SRV 10 10 5070 h3.example.
npa.example 60 NAPTR 10 10 "a" "SIP+D2U" "" h2.example.
npa.example 60 A 127.0.0.4
printer.lan.example 60 A 127.0.0.2
"""


def _run(command: list[str], tmp_path: Path, parameters: str, **wanted: Any) -> list[Any]:
    script = tmp_path / "test.cfg"
    script.write_text(_SCRIPT.format(parameters=parameters))
    given = {
        "command": [each.replace("SCRIPT", str(script)) for each in command],
        "resolv_conf": "nameserver 127.0.0.1\n",
        "zone": _ZONE,
        **wanted,
    }
    done = subprocess.run(
        # Whatever ends this ends all that runs in there.
        [
            *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"),
            *(sys.executable, "-m", "tests.scenarios.dns_namespace"),
        ],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=_ROOT,
        timeout=25,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def _sipway(tmp_path: Path, parameters: str, *more: str, **wanted: Any) -> list[Any]:
    command = [*SIPWAY, "run", "SCRIPT", "--no-cache", "-l", "udp:127.0.0.1:5080", *more]
    return _run(command, tmp_path, parameters, **wanted)


def _kamailio(tmp_path: Path, parameters: str, *more: str, **wanted: Any) -> list[Any]:
    folder = tmp_path / "run"
    folder.mkdir(exist_ok=True)
    command = ["kamailio", "-f", "SCRIPT", "-l", "udp:127.0.0.1:5080", *more]
    command += ["-DD", "-E", "-n", "1", "-X", "tlsf", "-x", "tlsf"]
    command += ["-Y", str(folder), "-P", str(folder / "pid")]
    return _run(command, tmp_path, parameters, **wanted)


_HOSTS: Final = "a a2 srv srv.example:5061 lb dead none alias loop1 gone zero servfail"
_SIX: Final = ("-l", "udp:[::1]:5080")


def _uris(hosts: str) -> list[str]:
    return [f"sip:{each}" if "." in each else f"sip:{each}.example" for each in hosts.split()]


@needs_root
@needs_kamailio
@pytest.mark.parametrize(
    ("parameters", "more", "uris"),
    [
        ("", (), [*_uris(_HOSTS), "sip:srv.example;transport=udp"]),
        ("use_dns_cache=no", (), _uris("srv srv a")),
        ("", _SIX, _uris("six both")),
        ("dns_try_ipv6=no", _SIX, _uris("six both")),
        ("dns_try_ipv6=yes dns_cache_flags=4", _SIX, _uris("six both a")),
        ("dns_try_ipv6=yes dns_cache_flags=2", _SIX, _uris("six both a")),
        ("dns_cache_flags=1", _SIX, _uris("six both")),
        ("dns_try_naptr=yes", (), _uris("np npa srv a np.example;transport=udp")),
        ("dns_try_naptr=yes dns_naptr_ignore_rfc=no", (), _uris("np")),
        ("use_dns_failover=yes", (), _uris("srv lb a2 dead")),
        ("dns_srv_lb=yes", (), _uris("lb")),
        ("dns_cache_negative_ttl=0", (), _uris("gone gone")),
        ("dns_cache_min_ttl=5", (), _uris("zero zero")),
        ("dns_cache_max_ttl=0", (), _uris("a a")),
    ],
)
def test_requests_go_where_kamailio_sends_them(
    tmp_path: Path, parameters: str, more: tuple[str, ...], uris: list[str]
) -> None:
    parameters = parameters.replace(" ", "\n")
    ours = _sipway(tmp_path, parameters, *more, uris=uris)
    theirs = _kamailio(tmp_path, parameters, *more, uris=uris)
    assert [each[:2] for each in ours] == [each[:2] for each in theirs]
    assert len(ours) == len(uris)
    if "failover" in parameters:
        return  # sipway asks for all addresses then, Kamailio for the next one when it needs it
    for (uri, _, asked), (_, _, they_asked) in zip(ours, theirs, strict=True):
        assert sorted(set(asked)) == sorted(set(they_asked)), uri


@needs_root
@needs_kamailio
@pytest.mark.parametrize("parameters", ["", "dns_use_search_list=no"])
def test_the_search_list_is_used_as_by_kamailio(tmp_path: Path, parameters: str) -> None:
    wanted = {
        "resolv_conf": "nameserver 127.0.0.1\nsearch lan.example\n",
        "uris": ["sip:printer:5060", "sip:gone.example:5060"],
    }
    ours = _sipway(tmp_path, parameters, **wanted)
    assert ours == _kamailio(tmp_path, parameters, **wanted)
    assert ours[0][1] == (None if parameters else "udp:127.0.0.2:5060")


@needs_root
def test_a_request_to_a_dead_name_delays_no_other(tmp_path: Path) -> None:
    """Ten that nobody answers for, sent before those that are known or addresses."""
    dead = [f"sip:{n}.silent.example:5060" for n in range(10)]
    zone = _ZONE + "".join(f"{n}.silent.example 60 SILENT\n" for n in range(10))
    others = ["sip:127.0.0.2", "sip:a.example", "sip:srv.example"]
    parameters = "dns_retr_time=2\ndns_retr_no=1\n"
    (order,) = _sipway(tmp_path, parameters, zone=zone, order=[*dead, *others])
    assert sorted(order[:3]) == sorted(others)
    assert sorted(order[3:]) == sorted(dead)
