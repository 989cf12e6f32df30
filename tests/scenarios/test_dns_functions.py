"""ipops: what its functions make of what DNS says; sipway and Kamailio 5.6.3 with one DNS server.

Both run in a network namespace of their own, for the sake of /etc/resolv.conf.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.compat.servers import kamailio_command, sipway_command
from tests.scenarios.test_dns import needs_root
from tests.server_process import needs_kamailio

_ROOT: Final = Path(__file__).parents[2]
_SCRIPT: Final = Path(__file__).with_name("dns_functions.cfg").read_text()
_ZONE: Final = """
a.example 60 A 127.0.0.2
both.example 60 A 127.0.0.2
both.example 60 A 127.0.0.3
both.example 60 AAAA ::1
six.example 60 AAAA ::1
alias.example 60 CNAME a.example.
srv.example 60 A 127.0.0.4
_sip._udp.srvonly.example 60 SRV 10 10 5070 a.example.
_sip._udp.srv.example 60 SRV 20 10 5071 h2.example.
_sip._udp.srv.example 60 SRV 10 0 5070 h1.example.
_sip._udp.srv.example 60 SRV 15 10 5072 h3.example.
_sip._udp.srv.example 60 SRV 5 60 5073 h4.example.
_sip._udp.dot.example 60 SRV 0 0 0 .
_sip._udp.fail.example 60 SERVFAIL
np.example 60 NAPTR 20 10 "s" "SIP+D2U" "" _sip._udp.third.example.
np.example 60 NAPTR 10 20 "s" "SIP+D2U" "" _sip._udp.second.example.
np.example 60 NAPTR 10 10 "u" "E2U+sip" "!^.*$!sip:a@b!" .
"""

# Of a name Kamailio's own resolver looks for the IPv4 addresses alone.
_DIFFERENT: Final = {"MATCH_SIX": ["@@ 1", "@@ 1", "@@ -1", "@@ 1", "@@ returned 1"]}


@needs_root
@needs_kamailio
def test_same_as_kamailio() -> None:
    given = {
        "name": "dns_functions",
        "script": _SCRIPT,
        "zone": _ZONE,
        "commands": [kamailio_command(), sipway_command()],
    }
    done = subprocess.run(
        # Whatever ends this ends all that runs in there.
        [
            *("unshare", "--mount", "--net", "--pid", "--fork", "--kill-child"),
            *(sys.executable, "-m", "tests.scenarios.suite_namespace"),
        ],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        cwd=_ROOT,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    theirs, ours = json.loads(done.stdout)
    for name, outcome in ours.items():
        if name in _DIFFERENT:
            assert outcome.split("\n")[:5] == _DIFFERENT[name]
            assert theirs[name] != outcome, "no difference any more"
        else:
            assert outcome == theirs[name], name
    assert set(_DIFFERENT) < set(theirs)
