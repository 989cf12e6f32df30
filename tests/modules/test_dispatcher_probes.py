"""dispatcher: probes, and what their answers make of states."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from sipway.core.sockets import ListenSocket
from sipway.modules.dispatcher.latency import Latency
from sipway.modules.dispatcher.probing import send_probes
from tests.core.proxy.calls import Sent, whats
from tests.modules.commanding import give
from tests.modules.dispatching import (
    EVENTS,
    FAILOVER,
    NOTHING,
    ONE,
    Dispatching,
    dispatched,
    parameter,
)


class Probing(Dispatching):
    def probe(self) -> list[Sent]:
        """One round; what is sent."""
        asyncio.run(send_probes(self.board))
        return self._sent()

    def round(self, status: int) -> str:
        """One round, answered so by everybody (0: by nobody); the states after it."""
        for each in self.probe():
            if status:
                self.answer(each, status, "Foo bar")
        if not status:
            self.wait(40)
        self.now += 1
        return self.states


def probing(folder: Path, flags: int = 0, **parameters: int | str) -> Probing:
    text = FAILOVER + "".join(parameter(name, value) for name, value in parameters.items())
    return Probing(folder, ONE.format(flags=flags), NOTHING + EVENTS, text)


def test_a_probe(tmp_path: Path) -> None:
    (sent,) = probing(tmp_path, ds_probing_mode=1).probe()
    assert sent.to == "192.0.2.2"
    assert sent.text.startswith("OPTIONS sip:192.0.2.2 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060")
    assert "\r\nTo: <sip:192.0.2.2>\r\n" in sent.text
    assert (sent.header("From") or "").startswith("<sip:dispatcher@localhost>;tag=")
    assert sent.header("CSeq") == "10 OPTIONS"
    assert sent.header("Max-Forwards") == "70"


def test_a_probe_as_parameters_say(tmp_path: Path) -> None:
    found = probing(
        tmp_path,
        ds_probing_mode=1,
        ds_ping_method="INFO",
        ds_ping_from="sip:me@x.example",
        outbound_proxy="sip:192.0.2.7:5077",
    )
    (sent,) = found.probe()
    assert (sent.what, sent.to) == ("INFO", "192.0.2.7")
    assert sent.text.startswith("INFO sip:192.0.2.2 SIP/2.0\r\n")
    assert (sent.header("From") or "").startswith("<sip:me@x.example>;tag=")


def test_a_probe_as_attributes_say(tmp_path: Path) -> None:
    other = ListenSocket("udp", "192.0.2.8", 5060)
    text = (
        "1 sip:192.0.2.2 0 0 ping_from=sip:own@z;obproxy=sip:192.0.2.7;"
        "socket=udp:192.0.2.9:5060;ping_socket=udp:192.0.2.8:5060\n"
    )
    parameters = FAILOVER + parameter("ds_probing_mode", 1)
    calls = Probing(tmp_path, text, NOTHING, parameters, (other,))
    assert calls.probe() == []
    ((data, _),) = other.outgoing
    assert b"\r\nFrom: <sip:own@z>;tag=" in data


@pytest.mark.parametrize(
    ("mode", "flags", "answers", "states"),
    [
        (0, 0, [200], ["AX"]),  # nobody is asked
        (0, 8, [200, 500], ["AX", "AX"]),  # once
        (0, 8, [500, 200], ["IX", "IX"]),
        (0, 9, [200], ["AX"]),
        (1, 0, [200, 500, 200], ["AP", "IP", "AP"]),
        (1, 0, [0, 200], ["IP", "AP"]),
        (1, 1, [200], ["AP"]),
        (1, 2, [200], ["AP"]),
        (1, 4, [200], ["DX"]),
        (1, 32, [500], ["AX"]),
        (2, 8, [500], ["AP"]),
        (2, 9, [500, 200], ["IP", "AX"]),
        (3, 8, [200, 500, 200], ["AP", "IP", "AP"]),
        (3, 0, [500], ["AX"]),
    ],
)
def test_modes_of_probing(
    tmp_path: Path, mode: int, flags: int, answers: list[int], states: list[str]
) -> None:
    found = probing(tmp_path, flags, ds_probing_mode=mode)
    assert [found.round(each) for each in answers] == states


def test_thresholds(tmp_path: Path) -> None:
    found = probing(tmp_path, ds_probing_mode=1, ds_probing_threshold=3, ds_inactive_threshold=3)
    states = [found.round(each) for each in (200, 500, 500, 200, 500, 500, 500, 500)]
    assert states == ["AP", "TP", "TP", "AP", "TP", "TP", "IP", "IP"]
    states = [found.round(each) for each in (200, 200, 500, 200, 200, 200)]
    assert states == ["IP", "IP", "IP", "IP", "IP", "AP"]


@pytest.mark.parametrize(
    ("codes", "good", "bad"),
    [
        ("", [200], [202, 404, 500]),
        ("class=2;code=404", [200, 202, 404], [403, 500]),
        ("class=4;class=5", [200, 408, 503], [302, 603]),
    ],
)
def test_good_answers(tmp_path: Path, codes: str, good: list[int], bad: list[int]) -> None:
    found = probing(tmp_path, ds_probing_mode=1, ds_ping_reply_codes=codes)
    assert {found.round(each) for each in good} == {"AP"}
    assert {found.round(each) for each in bad} == {"IP"}


@pytest.mark.parametrize(
    ("mode", "answers", "states"),
    [
        (0, [200, 200, 200], ["IP", "AX", "AX"]),
        (0, [200, 500, 200], ["IP", "IX", "IX"]),
        (2, [200, 500, 200, 200], ["IP", "IP", "IP", "AX"]),
        (3, [200, 200, 500], ["IP", "AP", "IP"]),
    ],
)
def test_who_is_not_yet_back_is_asked_again(
    tmp_path: Path, mode: int, answers: list[int], states: list[str]
) -> None:
    """As seen on Kamailio 5.6.3."""
    found = probing(tmp_path, 9, ds_probing_mode=mode, ds_inactive_threshold=2)
    assert [found.round(each) for each in answers] == states


def test_thresholds_and_codes_that_operators_change(tmp_path: Path) -> None:
    """cfg.set_now_int dispatcher probing_threshold 3, as the README has it."""
    parameters = 'loadmodule "cfg_rpc.so"\n' + FAILOVER + parameter("ds_probing_mode", 1)
    parameters += parameter("ds_ping_reply_codes", "code=404")
    found = Probing(tmp_path, ONE.format(flags=0), NOTHING, parameters)
    program = found.program
    assert give(program, "cfg.get", "dispatcher") == {
        "probing_threshold": 1,
        "inactive_threshold": 1,
        "ping_reply_codes": "code=404",
    }
    assert give(program, "cfg.set_now_int", "dispatcher", "probing_threshold", 2) is None
    assert give(program, "cfg.set_now_int", "dispatcher", "inactive_threshold", 2) is None
    assert [found.round(each) for each in (404, 500, 500, 200, 200)] == [
        "AP", "TP", "IP", "IP", "AP",
    ]  # fmt: skip
    assert give(program, "cfg.set_now_string", "dispatcher", "ping_reply_codes", "class=5") is None
    assert [found.round(each) for each in (500, 404, 404)] == ["AP", "TP", "IP"]
    assert give(program, "cfg.get", "dispatcher", "ping_reply_codes") == "class=5"
    refused = (400, "Failed to set the variable")
    assert give(program, "cfg.seti", "dispatcher", "probing_threshold", 0) == refused
    assert give(program, "cfg.sets", "dispatcher", "ping_reply_codes", "x") == refused
    assert give(program, "cfg.set", "dispatcher", "probing_threshold", "x") == refused
    assert give(program, "cfg.seti", "dispatcher", "none", 1) == refused
    assert give(program, "cfg.seti", "dispatcher[1]", "probing_threshold", 1) == refused
    assert give(program, "cfg.set_delayed", "dispatcher", "probing_threshold", "5") is None
    assert give(program, "cfg.get", "dispatcher", "probing_threshold") == 2
    assert give(program, "cfg.commit") is None
    assert give(program, "cfg.get", "dispatcher", "probing_threshold") == 5
    assert give(program, "cfg.reset", "dispatcher", "probing_threshold") is None
    assert give(program, "cfg.list", "dispatcher") == [
        "dispatcher: probing_threshold",
        "dispatcher: inactive_threshold",
        "dispatcher: ping_reply_codes",
    ]
    assert give(program, "cfg.get", "dispatcher", "probing_threshold") == 1


def test_events_of_probes(tmp_path: Path) -> None:
    found = probing(tmp_path, ds_probing_mode=1)
    for status in (200, 500, 500, 200, 0):
        found.round(status)
    assert found.lines == [
        "down OPTIONS sip:192.0.2.2 <null> 500 Foo bar 1",
        "up OPTIONS sip:192.0.2.2 <null> 200 Foo bar 1",
        "down OPTIONS sip:192.0.2.2 <null> 408 <null> 0",
    ]


@pytest.mark.parametrize(
    ("mode", "first", "lines"),
    [(0, 200, []), (2, 200, ["up"]), (0, 500, ["down"]), (2, 500, ["down"])],
)
def test_an_event_of_the_first_answer(
    tmp_path: Path, mode: int, first: int, lines: list[str]
) -> None:
    found = probing(tmp_path, ds_probing_mode=1, event_callback_mode=mode)
    found.round(first)
    found.round(first)
    assert [line.split()[0] for line in found.lines] == lines
    give(found.program, "dispatcher.reload")
    found.round(200)
    assert len(found.lines) == (mode == 2)


def test_an_answer_to_who_was_disabled_meanwhile(tmp_path: Path) -> None:
    found = probing(tmp_path, ds_probing_mode=1)
    (sent,) = found.probe()
    give(found.program, "dispatcher.set_state", "d", 1, "sip:192.0.2.2")
    found.answer(sent, 200)
    assert found.states == "DX"
    assert found.probe() == []


def test_an_answer_to_who_was_removed_meanwhile(tmp_path: Path) -> None:
    found = probing(tmp_path, ds_probing_mode=1)
    (sent,) = found.probe()
    give(found.program, "dispatcher.remove", 1, "sip:192.0.2.2")
    found.answer(sent, 500)
    assert found.lines == []


def test_who_cannot_be_asked_is_down(tmp_path: Path) -> None:
    parameters = FAILOVER + parameter("ds_probing_mode", 1)
    calls = Probing(tmp_path, "1 sip:192.0.2.2;transport=tcp\n", NOTHING, parameters)
    assert calls.probe() == []
    assert calls.states == "IP"


@pytest.mark.parametrize(("value", "seconds"), [(0, 30), (10, 10), (99, 99), (2500, 2.5)])
def test_how_long_a_probe_waits(tmp_path: Path, value: int, seconds: float) -> None:
    found = probing(tmp_path, ds_probing_mode=1, ds_ping_fr_timer=value)
    found.probe()
    found.wait(seconds - 0.1)
    assert found.states == "AX"
    found.wait(0.2)
    assert found.states == "IP"


@pytest.mark.parametrize(("parameters", "estimate"), [({}, 100), ({"alpha": 100}, 900)])
def test_how_much_the_last_answer_counts(
    tmp_path: Path, parameters: dict[str, int], estimate: float
) -> None:
    """The parameter is the weight of the estimate as it was, 900 where nothing is said."""
    of_probes = {f"ds_latency_estimator_{name}": value for name, value in parameters.items()}
    found = probing(tmp_path, ds_probing_mode=1, ds_ping_latency_stats=1, **of_probes)
    (destination,) = found.board.sets.destinations()
    latency = destination.latency = Latency(1000)
    (sent,) = found.probe()
    found.now += 1e-6
    found.answer(sent, 200)
    assert 1000 - latency.estimate == pytest.approx(estimate)


def test_latency_is_kept(tmp_path: Path) -> None:
    found = probing(
        tmp_path, ds_probing_mode=1, ds_ping_latency_stats=1, ds_latency_estimator_alpha=500
    )
    for milliseconds in (10, 30):
        (sent,) = found.probe()
        found.now += milliseconds / 1000
        found.answer(sent, 200)
    found.round(0)
    records = give(found.program, "dispatcher.list")["RECORDS"]
    assert records[0][1]["TARGETS"][0][1]["LATENCY"] == {
        "AVG": 20.0, "STD": 14.142, "EST": 20.0, "MAX": 30, "TIMEOUT": 1,
    }  # fmt: skip


@pytest.mark.parametrize(("retains", "average"), [(0, 24.0), (1, 17.0)])
def test_latency_may_outlive_a_reload(tmp_path: Path, retains: int, average: float) -> None:
    text = FAILOVER + parameter("ds_retain_latency_stats", retains)
    found = dispatched(tmp_path, "1 sip:192.0.2.2 0 0 latency=24\n", parameters=text)
    found.destination("sip:192.0.2.2").latency.average = 17.0
    give(found.program, "dispatcher.reload")
    assert found.destination("sip:192.0.2.2").latency.average == average


def test_probes_by_a_socket_of_their_own(tmp_path: Path) -> None:
    other = ListenSocket("udp", "192.0.2.8", 5060)
    text = FAILOVER + parameter("ds_probing_mode", 1)
    text += parameter("ds_ping_socket", "udp:192.0.2.8:5060")
    calls = Probing(tmp_path, ONE.format(flags=0), NOTHING, text, (other,))
    assert calls.probe() == []
    assert len(other.outgoing) == 1


def test_many_are_asked(tmp_path: Path) -> None:
    text = "".join(f"1 sip:192.0.2.{number}\n" for number in range(10, 130))
    parameters = FAILOVER + parameter("ds_probing_mode", 1)
    assert len(Probing(tmp_path, text, NOTHING, parameters).probe()) == 120


def test_a_server_probes_by_itself(tmp_path: Path) -> None:
    found = probing(tmp_path, ds_probing_mode=1, ds_ping_interval=1)

    async def serve(seconds: float) -> list[Sent]:
        loop = asyncio.get_running_loop()
        found.program.spawn = loop.create_task
        tasks = [loop.create_task(each()) for each in found.program.services]
        seen: list[Sent] = []
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not seen:
                    await asyncio.sleep(0.01)
                    seen = found._sent()
        for each in tasks:
            each.cancel()
        return seen

    assert whats(asyncio.run(serve(5))) == ["OPTIONS"]
    give(found.program, "dispatcher.ping_active", 0)
    assert asyncio.run(serve(1.2)) == []
