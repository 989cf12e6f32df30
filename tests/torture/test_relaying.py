"""The 49 messages of RFC 4475 through a script that relays all requests to one next hop."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from sipway.errors import SipParseError
from sipway.sip.addresses import sockaddr
from sipway.sip.message import Message, parse
from tests.core.stateful import CALLER, Proxy

_MESSAGES: Final = Path(__file__).parent / "messages"
_NEXT: Final = sockaddr("192.0.2.2", 5060)
_SCRIPT: Final = """
request_route {
    if (!mf_process_maxfwd_header("10")) {
        sl_send_reply("483", "Too Many Hops");
        exit;
    }
    $du = "sip:192.0.2.2:5060";
    if (!t_relay()) sl_reply_error();
}
"""

# What is sent on as it is, and (INVITEs) answered with 100 first.
INVITES: Final = (
    "baddate", "esc01", "escruri", "inv2543", "invut", "longreq", "quotbal", "sdp01", "wsinv",
)  # fmt: skip
OTHERS: Final = {
    "badaspec": "OPTIONS",
    "badbranch": "OPTIONS",
    "baddn": "OPTIONS",
    "bext01": "OPTIONS",
    "cparam01": "REGISTER",
    "cparam02": "REGISTER",
    "dblreq": "REGISTER",
    "esc02": "RE%47IST%45R",
    "escnull": "REGISTER",
    "intmeth": "!interesting-Method0123456789_*+`.%indeed'~",
    "lwsdisp": "OPTIONS",
    "mpart01": "MESSAGE",
    "regaut01": "REGISTER",
    "regbadct": "REGISTER",
    "regescrt": "REGISTER",
    "semiuri": "OPTIONS",
    "transports": "OPTIONS",
    "unksm2": "REGISTER",
}
# What is refused; the schemes of the Request-URI that nobody knows how to route are Kamailio's 500.
REFUSED: Final = {
    "badinv01": 400, "badvers": 505, "clerr": 400, "ltgtruri": 400, "lwsruri": 400,
    "lwsstart": 400, "mcl01": 400, "mismatch01": 400, "mismatch02": 400, "multi01": 400,
    "ncl": 400, "novelsc": 500, "scalar02": 400, "trws": 400, "unkscm": 500, "zeromf": 483,
}  # fmt: skip
# Replies that belong to nothing and go nowhere, and a request that says too little to be answered.
DROPPED: Final = ("bigcode", "insuf", "noreason", "scalarlg", "unreason")
# A reply with a second Via: passed on, as on Kamailio.
PASSED_ON: Final = ("bcast",)


def _relay(name: str) -> tuple[list[tuple[bytes, bytes]], Proxy]:
    proxy = Proxy(_SCRIPT)
    data = (_MESSAGES / f"{name}.dat").read_bytes()
    proxy.engine.receive([(data, CALLER)], proxy.socket, proxy.now)
    sent, proxy.socket.outgoing = proxy.socket.outgoing, []
    return sent, proxy


def test_each_message_has_its_place() -> None:
    names = [*INVITES, *OTHERS, *REFUSED, *DROPPED, *PASSED_ON]
    assert sorted(names) == sorted(path.stem for path in _MESSAGES.iterdir())


@pytest.mark.parametrize("name", [*INVITES, *OTHERS])
def test_relayed(name: str) -> None:
    """With one more Via, one hop less, and all else byte for byte."""
    sent, proxy = _relay(name)
    if name in INVITES:
        trying = parse(sent.pop(0)[0])
        assert trying.status == 100
    ((data, destination),) = sent
    assert destination == _NEXT
    before = parse((_MESSAGES / f"{name}.dat").read_bytes())
    after = parse(data)
    assert after.method == OTHERS.get(name, "INVITE")
    assert after.uri == before.uri
    assert after.via_count == before.via_count + 1
    assert _others(after) == _others(before)
    # Also what stands behind the body (dblreq): RFC 3261 section 18.3 lets whoever reads it drop
    # it; Kamailio sends it on too.
    assert after.data[after.body_offset :] == before.data[before.body_offset :]
    assert proxy.ends()


def _others(message: Message) -> list[bytes]:
    """The lines of all header fields but those that change at each hop."""
    changing = ("via", "v", "max-forwards")
    return [
        message.data[each.start : each.end]
        for each in message.headers()
        if each.name.lower() not in changing
    ]


@pytest.mark.parametrize(("name", "status"), REFUSED.items())
def test_refused(name: str, status: int) -> None:
    sent, proxy = _relay(name)
    ((data, destination),) = sent
    assert data.startswith(b"SIP/2.0 %d " % status)
    assert destination[4:8] == CALLER[4:8]
    assert proxy.ends()


@pytest.mark.parametrize("name", DROPPED)
def test_dropped(name: str) -> None:
    sent, proxy = _relay(name)
    assert sent == []
    assert proxy.is_empty()


@pytest.mark.parametrize("name", PASSED_ON)
def test_passed_on(name: str) -> None:
    ((data, _),), proxy = _relay(name)
    assert data.startswith(b"SIP/2.0 200 ")
    assert proxy.is_empty()


@pytest.mark.parametrize("name", ["badinv01", "scalar02"])
def test_an_answer_copies_what_could_not_be_read(name: str) -> None:
    """So it cannot be read either; RFC 3261 section 8.2.6.2 has it copied all the same."""
    ((data, _),), _ = _relay(name)
    with pytest.raises(SipParseError):
        parse(data)
