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
        "fwd_replies": 1,
    }


def test_blocks_that_wait_count_too() -> None:
    code = 'request_route { if ($rm == "INFO") usleep("1"); $var(x) = $stat(rcv_requests); exit; }'
    assert counted(code, request()) == {"rcv_requests": 1, "rcv_requests_options": 1}


@pytest.mark.parametrize("code", ["request_route { exit; }", "reply_route { drop; }"])
def test_what_no_script_reads_is_not_counted(code: str) -> None:
    program, _, _ = load(code)
    found = counted(code, request(), reply())
    assert [name for name in found if name.startswith(("rcv_", "sent_"))] == []
    assert program.shared.count_reply is None
    assert program.events == {}


def test_what_goes_on_and_what_does_not() -> None:
    script = (
        'request_route { $du = "sip:192.0.2.77"; if ($rU == "relay") t_relay(); else forward();'
        " exit; } reply_route { if ($rs == 404) drop; }"
    )
    program, _, socket = load(script, parameters='loadmodule "tm.so" loadmodule "tmx.so"')
    engine = Engine(program)

    def receive(*messages: bytes) -> None:
        engine.receive([(data, SOURCE) for data in messages], socket, NOW)

    def values(*names: str) -> list[int]:
        found = [statistics(program).find(name) for name in names]
        return [each.value for each in found if each is not None]

    receive(request(), request(uri="sip:relay@x"))
    assert values("fwd_requests", "UAS_transactions", "inuse_transactions") == [1, 1, 1]
    assert values("active_transactions", "rpl_sent") == [1, 0]
    branch = socket.outgoing[-1][0]
    relayed = reply().replace(b"SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK-1", _via(branch))
    receive(relayed)
    assert values("fwd_replies", "rpl_received", "rpl_relayed", "rpl_sent") == [1, 1, 1, 1]
    assert values("rpl_generated", "rpl_absorbed", "2xx_transactions") == [0, 0, 1]
    assert values("active_transactions", "inuse_transactions") == [0, 1]
    receive(reply(404, "Not Found"), reply())
    assert values("drop_replies", "fwd_replies") == [1, 2]
    receive(request().replace(b"Call-ID: call-1\r\n", b""), b"SIP/2.0 200\r\nx: y\r\n\r\n")
    assert values("err_requests", "err_replies") == [1, 1]
    assert values("4xx_transactions", "failed_dns_request", "UAC_transactions") == [0, 0, 0]


def _via(data: bytes) -> bytes:
    """The topmost Via of what was sent."""
    return data.split(b"\r\n")[1].removeprefix(b"Via: ")


def test_what_is_no_uri_is_counted() -> None:
    code = "request_route { $var(x) = $stat(rcv_requests); exit; }"
    assert counted(code, request(uri="nonsense"), request())["bad_URIs_rcvd"] == 1


def test_a_name_inside_a_text_is_read_too() -> None:
    code = 'request_route { xlog("$stat(rcv_requests)"); }'
    assert counted(code, request())["rcv_requests"] == 1
