"""What the server counts for scripts that read it."""

from __future__ import annotations

import pytest

from sipway.core.engine import Engine
from sipway.core.statistics import statistics
from sipway.sip.addresses import sockaddr
from tests.fakes import reply, request
from tests.modules.running import NOW, load

SOURCE = sockaddr("192.0.2.1", 5070)


def counted(code: str, *messages: bytes) -> dict[str, int]:
    """What a script that runs for some messages has counted, without zeros."""
    program, _, socket = load(code)
    Engine(program).receive([(data, SOURCE) for data in messages], socket, NOW)
    kept = statistics(program)
    return {name: each.value for name, each in kept._by_name.items() if each.value}


READS = 'request_route { $var(x) = $stat(rcv_requests); sl_send_reply("404", "x"); }'


def test_requests_replies_and_what_is_answered() -> None:
    assert counted(READS, request(), request(method="FOO"), reply()) == {
        "rcv_requests": 2,
        "rcv_requests_options": 1,
        "unsupported_methods": 1,
        "sent_replies": 2,
        "404_replies": 2,
        "4xx_replies": 2,
        "rcv_replies": 1,
        "rcv_replies_2xx": 1,
    }


def test_blocks_that_wait_count_too() -> None:
    code = 'request_route { if ($rm == "INFO") usleep("1"); $var(x) = $stat(rcv_requests); exit; }'
    assert counted(code, request()) == {"rcv_requests": 1, "rcv_requests_options": 1}


@pytest.mark.parametrize("code", ["request_route { exit; }", "reply_route { drop; }"])
def test_what_no_script_reads_is_not_counted(code: str) -> None:
    program, _, _ = load(code)
    assert counted(code, request(), reply()) == {}
    assert program.shared.count_reply is None
    assert program.events == {}


def test_a_name_inside_a_text_is_read_too() -> None:
    code = 'request_route { xlog("$stat(rcv_requests)"); }'
    assert counted(code, request())["rcv_requests"] == 1
