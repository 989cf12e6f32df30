"""The event routes of the core, beside those of test_interception.py and test_worker_start.py."""

from __future__ import annotations

import asyncio

import pytest

from sipway.core.engine import Engine
from sipway.sip.addresses import sockaddr
from tests.fakes import reply, request
from tests.modules.running import NOW, load

_SOURCE = sockaddr("192.0.2.1", 5070)
_ROUTES = (
    'request_route { xlog("request $rU $avp(a) $mf\\n"); sl_send_reply("200", "OK"); }'
    ' reply_route { xlog("reply $rs\\n"); }'
)


def _ran(code: str, *messages: bytes, parameters: str = "") -> tuple[list[str], list[bytes]]:
    """What a script said of messages, and what was sent."""
    program, log, socket = load(code, parameters=parameters)

    async def serve() -> None:
        tasks: list[asyncio.Task[object]] = []
        engine = Engine(program, lambda route: tasks.append(asyncio.ensure_future(route)))
        engine.receive([(data, _SOURCE) for data in messages], socket, NOW)
        await asyncio.gather(*tasks)

    asyncio.run(serve())
    said = [text.rstrip("\n").partition(": ") for _, text in log.written]
    lines = [text for _, _, text in said]
    return lines, [data for data, _ in socket.outgoing]


_PRE = (
    'event_route[core:pre-routing] { xlog("pre $rm\\n"); $avp(a) = "q"; setflag(3);'
    ' if ($rU == "dropped" || $rs == 404) drop; if ($rU == "exited") exit; if ($rU == "none")'
    " return 0; }"
)


@pytest.mark.parametrize("waits", ["", 'if ($rU == "never") usleep("1");'])
@pytest.mark.parametrize("user", ["bob", "exited", "none"])
def test_a_block_runs_before_request_route(user: str, waits: str) -> None:
    code = f"{_ROUTES.replace('request_route {', 'request_route { ' + waits)} {_PRE}"
    lines, sent = _ran(code, request(uri=f"sip:{user}@x"))
    assert lines == ["pre OPTIONS", f"request {user} q 8"]
    assert len(sent) == 1


@pytest.mark.parametrize("waits", ["", 'if ($rU == "never") usleep("1");'])
def test_what_it_drops_goes_no_further(waits: str) -> None:
    code = f"{_ROUTES.replace('request_route {', 'request_route { ' + waits)} {_PRE}"
    lines, sent = _ran(code, request(uri="sip:dropped@x"), reply(404, "Not Found"))
    assert lines == ["pre OPTIONS", "pre OPTIONS"]
    assert sent == []


def test_it_runs_before_reply_route_too_also_where_there_is_none() -> None:
    lines, sent = _ran(f"{_ROUTES} {_PRE}", reply())
    assert lines == ["pre OPTIONS", "reply 200"]
    assert len(sent) == 1
    lines, sent = _ran(f"request_route {{ exit; }} {_PRE}", reply(), reply(404, "Not Found"))
    assert lines == ["pre OPTIONS", "pre OPTIONS"]
    assert [data.split(b" ")[1] for data in sent] == [b"200"]


def test_it_cannot_wait() -> None:
    code = f'{_ROUTES} event_route[core:pre-routing] {{ usleep("1"); xlog("never\\n"); }}'
    lines, sent = _ran(code, request())
    assert "cannot wait" in lines[0]
    assert len(sent) == 1


def test_a_block_is_told_what_is_broken() -> None:
    code = (
        f"{_ROUTES} event_route[core:receive-parse-error] {{"
        ' xlog("$si:$sp $Ri $pr $ml $(mb{s.substr,0,7})\\n"); }'
    )
    data = b"garbage garbage garbage"
    lines, sent = _ran(code, data, request(cseq="x OPTIONS"), b"\r\n\r\n")
    told = [line for line in lines if line.startswith("192.")]
    assert told[0] == f"192.0.2.1:5070 192.0.2.9 udp {len(data)} garbage"
    assert told[1].endswith(" OPTIONS")
    assert len(told) == 2
    assert [each[:12] for each in sent] == [b"SIP/2.0 400 "]


def test_a_fault_in_it_does_not_stop_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    program, _, socket = load(f"{_ROUTES} event_route[core:receive-parse-error] {{ $var(x) = 1; }}")

    def fail(_: object) -> int:
        raise RuntimeError("a fault")

    program.events["core:receive-parse-error"] = fail  # type: ignore[index]
    engine = Engine(program)
    engine.receive([(b"garbage garbage garbage", _SOURCE), (request(), _SOURCE)], socket, NOW)
    assert engine.counters.script_errors == 1
    assert len(socket.outgoing) == 1


def test_a_block_runs_before_the_modules_start() -> None:
    code = f'{_ROUTES} event_route[core:modinit-before] {{ $shv(x) = 7; xlog("$rm\\n"); }}'
    program, log, _ = load(code)
    assert [text for _, text in log.written] == ["<script>: OPTIONS\n"]
    assert program.shared.get("x") == 7


_TOLD = 'xlog("$atkv(type) $atkv(key) $atkv(val) $atkv(gname)\\n");'


@pytest.mark.parametrize(
    ("parameters", "name"),
    [("", "core:tkv"), ('async_tkv_evcb="my:events" async_tkv_gname="tkv"', "my:events")],
)
def test_an_event_with_a_value_is_told_beside_the_message(parameters: str, name: str) -> None:
    code = (
        'request_route { async_tkv_emit("8000", "call", "from $fU"); xlog("$rc\\n");'
        f' sl_send_reply("200", "OK"); }} event_route[{name}] {{ {_TOLD} }}'
    )
    lines, _ = _ran(
        code, request(), parameters=f'loadmodule "tm.so" loadmodule "async.so"\n{parameters}\n'
    )
    assert lines == ["1", f"8000 call from alice {'tkv' if parameters else ''}"]


def test_without_a_block_nobody_is_told() -> None:
    code = 'request_route { async_tkv_emit("8000", "call", "x"); xlog("$rc\\n"); }'
    lines, _ = _ran(code, request(), parameters='loadmodule "tm.so" loadmodule "async.so"\n')
    assert lines == ["async_tkv_emit(): there is no event_route[core:tkv]", "-1"]
