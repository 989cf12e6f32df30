"""acc: which transactions are accounted, and when."""

from __future__ import annotations

import pytest

from sipway.errors import ModuleError
from sipway.modules.acc.acks import Acks
from sipway.sip.message import parse
from tests.core.stateful import BOB, MODULES, Proxy, answer, invite
from tests.fakes import LogInMemory, request

_TAGS = "from_tag=a1;to_tag=b1;call_id=call-1"
_ANSWERED = "transaction answered"

_SCRIPT = """
loadmodule "acc.so"
modparam("acc", "log_flag", 1)
modparam("acc", "log_missed_flag", 2)
modparam("acc", "failed_transaction_flag", 3)
{more}
request_route {{
    if (is_method("ACK")) {{ t_relay(); exit; }}
    if ($rU != "plain") {{ setflag(1); setflag(2); setflag(3); }}
    {code}
    $ru = "sip:bob@192.0.2.2";
    t_relay();
}}
"""


def _proxy(more: str = "", code: str = "") -> Proxy:
    return Proxy(_SCRIPT.format(more=more, code=code))


def _lines(proxy: Proxy) -> list[str]:
    assert isinstance(proxy.log, LogInMemory)
    return [text.rstrip("\n") for _, text in proxy.log.written]


def test_a_call() -> None:
    proxy = _proxy()
    (sent,) = proxy.invite()
    assert _lines(proxy) == []
    for _ in range(2):
        proxy.receive(answer(sent, 200), source=BOB)
    assert _lines(proxy) == [
        f"acc: ACC: {_ANSWERED}: timestamp=1000;method=INVITE;{_TAGS};code=200;reason=Because"
    ]
    assert proxy.ends()


def test_a_call_that_nobody_accounts() -> None:
    proxy = _proxy()
    (sent,) = proxy.invite("sip:plain@192.0.2.9")
    state = proxy.layer.transactions()[0].user
    assert state.watchers is None
    proxy.receive(answer(sent, 486), source=BOB)
    assert _lines(proxy) == []


def test_a_call_that_fails() -> None:
    proxy = _proxy()
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 486), source=BOB)
    record = (
        "timestamp=1000;method=INVITE;from_tag=a1;to_tag=b1;call_id=call-1;code=486;reason=Because"
    )
    assert _lines(proxy) == [
        f"acc: ACC: call missed: {record}",
        f"acc: ACC: transaction answered: {record}",
    ]


def test_our_own_answer_has_its_tag_and_the_phrase_of_its_status() -> None:
    proxy = _proxy(code='t_newtran(); t_reply("480", "Mine"); exit;')
    sent = proxy.receive(invite())
    tag = sent[-1].to.tag
    assert tag
    assert [line.partition(";from_tag")[2] for line in _lines(proxy)] == [
        f"=a1;to_tag={tag};call_id=call-1;code=480;reason=Temporarily Unavailable"
    ] * 2


def test_an_ack_is_accounted_once() -> None:
    proxy = _proxy('modparam("acc", "report_ack", 1)')
    (sent,) = proxy.invite()
    proxy.receive(answer(sent, 200), source=BOB)
    for number in range(2):
        ack = request(
            "ACK",
            "sip:bob@192.0.2.2",
            via=f"SIP/2.0/UDP 192.0.2.1:5070;branch=z9hG4bK-ack{number}",
            to="<sip:bob@callee.example>;tag=b1",
        )
        proxy.receive(ack)
    assert [line.partition(": timestamp")[0] for line in _lines(proxy)] == [
        "acc: ACC: transaction answered",
        "acc: ACC: request acknowledged",
    ]


def test_acks_that_never_come_are_forgotten() -> None:
    acks = Acks()
    proxy = _proxy()
    for number in range(3):
        (sent,) = proxy.invite(
            call_id=f"call-{number}", via=f"SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK{number}"
        )
        message = parse(answer(sent, 200))
        acks.expect(proxy.layer.transactions()[-1], message, 1000.0 + 30 * number)
    assert [key[0] for key in acks._expected] == [b"call-1", b"call-2"]


def test_a_folded_reason_is_one_line() -> None:
    proxy = _proxy('modparam("acc", "reason_from_hf", 1)')
    (sent,) = proxy.invite()
    data = answer(sent, 486).replace(b"CSeq", b"Reason: SIP;\r\n cause=1\r\nCSeq")
    proxy.receive(data, source=BOB)
    assert all(line.endswith(";reason=SIP;   cause=1") for line in _lines(proxy))
    assert len(_lines(proxy)) == 2


def _what(proxy: Proxy) -> list[str]:
    """Of each record what it is about, and its code."""
    return [
        f"{line.removeprefix('acc: ACC: ').partition(':')[0]} {line.partition(';code=')[2][:3]}"
        for line in _lines(proxy)
    ]


def _called(proxy: Proxy, *codes: int, uri: str = "sip:bob@192.0.2.2") -> list[str]:
    """What is accounted of a call that is answered so."""
    (sent,) = proxy.invite(uri)
    for code in codes:
        proxy.receive(answer(sent, code), source=BOB)
    return _what(proxy)


def test_the_filter_of_failures() -> None:
    more = 'modparam("acc", "failed_filter", "404,486")'
    assert _called(_proxy(more), 486) == ["call missed 486"]
    assert _called(_proxy(more), 480) == ["call missed 480", "transaction answered 480"]


def test_failures_need_their_flag() -> None:
    assert _called(_proxy(code="resetflag(3);"), 486) == ["call missed 486"]
    assert _called(_proxy(code="resetflag(2);"), 486) == ["transaction answered 486"]


def test_early_media() -> None:
    for more, found in (("", []), ('modparam("acc", "early_media", 1)', ["answered 183"])):
        proxy = _proxy(more)
        (sent,) = proxy.invite()
        proxy.receive(answer(sent, 180), source=BOB)
        data = answer(sent, 183).replace(
            b"Content-Length: 0\r\n\r\n", b"Content-Length: 1\r\n\r\nv"
        )
        proxy.receive(data, source=BOB)
        assert _what(proxy) == [f"transaction {each}" for each in found]


def test_cancels() -> None:
    code = 'if (is_method("CANCEL")) { t_relay(); exit; }'
    for more, found in (("", []), ('modparam("acc", "report_cancels", 1)', ["200"])):
        proxy = _proxy(more, code)
        (sent,) = proxy.invite()
        proxy.receive(answer(sent, 180), source=BOB)
        proxy.receive(invite().replace(b"INVITE", b"CANCEL"))
        assert _what(proxy) == [f"transaction answered {each}" for each in found]
        proxy.receive(answer(sent, 487), source=BOB)
        assert _what(proxy)[len(found) :] == ["call missed 487", "transaction answered 487"]


@pytest.mark.parametrize(
    ("more", "flag", "found"),
    [
        ("", "", []),
        ("", "setflag(5);", []),
        ('modparam("acc", "acc_prepare_flag", 5)', "", []),
        ('modparam("acc", "acc_prepare_flag", 5)', "setflag(5);", ["200"]),
        ('modparam("acc", "acc_prepare_always", 1)', "", ["200"]),
    ],
)
def test_marked_after_it_began(more: str, flag: str, found: list[str]) -> None:
    code = f'resetflag(1); resetflag(2); {flag} t_on_reply("MARKS");'
    script = _SCRIPT.format(more=more, code=code) + "onreply_route[MARKS] { setflag(1); }"
    proxy = Proxy(script)
    assert _called(proxy, 200) == [f"transaction answered {each}" for each in found]


@pytest.mark.parametrize(("more", "tags"), [("", "b1 a1"), ("1", "a1 b1")])
def test_directions(more: str, tags: str) -> None:
    parameter = f'modparam("acc", "detect_direction", {more})' if more else ""
    proxy = _proxy(parameter, "loose_route();")
    bye = request(
        "BYE",
        "sip:alice@192.0.2.1",
        from_="<sip:bob@callee.example>;tag=b1",
        to="<sip:alice@caller.example>;tag=a1",
        extra="Route: <sip:192.0.2.9;lr;ftag=a1>\r\n",
    )
    (sent,) = proxy.receive(bye, source=BOB)
    back = answer(sent, 200).replace(
        b"To: <sip:bob@callee.example>;tag=b1", b"To: <sip:alice@caller.example>;tag=a1"
    )
    proxy.receive(back)
    (line,) = _lines(proxy)
    first, second = tags.split()
    assert f";from_tag={first};to_tag={second};" in line


def test_a_direction_needs_rr() -> None:
    with pytest.raises(ModuleError, match="detect_direction needs the module rr"):
        Proxy(
            'loadmodule "acc.so"\nmodparam("acc", "detect_direction", 1)\nrequest_route { ; }',
            modules=tuple(each for each in MODULES if each != "rr"),
        )


def test_a_replica_is_not_accounted() -> None:
    proxy = _proxy(code='t_replicate("sip:192.0.2.3"); t_reply("200", "Fine"); exit;')
    proxy.receive(invite())
    assert _lines(proxy) == []
