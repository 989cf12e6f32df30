"""Calls over TCP: which connections are used, opened and closed, and when one has gone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tests.compat.flow import Flow
from tests.compat.flow_script import script
from tests.compat.lines import LINE_END, Line, StreamNetwork

NETWORK: Final = StreamNetwork

PARAMETERS: Final = """
listen=tcp:127.0.0.1:{server}
tcp_children=1
modparam("tm", "fr_timer", 1500)
modparam("tm", "fr_inv_timer", 3000)
modparam("tm", "wt_timer", 1000)
"""
ALIAS: Final = 'force_tcp_alias(); sl_send_reply("200", "OK");'
_BACK: Final = """
onreply_route[BACK] { L("reply $rs $proto"); }
failure_route[FAILED] { L("failed $T_reply_code"); }
"""
SCRIPT = script(
    {
        "call": 't_on_reply("BACK"); t_on_failure("FAILED"); L("$rm $proto $conid");'
        " if (!t_relay()) { sl_reply_error(); }",
        "sl": 'forward(); L("forwarded");',
        "answer": 'sl_send_reply("200", "OK");',
        "reply": 't_newtran(); t_reply("200", "OK");',
        "close": 'set_reply_close(); sl_send_reply("200", "OK");',
        "close_reply": 't_newtran(); set_reply_close(); t_reply("200", "OK");',
        "close_before": 'set_reply_close(); t_newtran(); t_reply("200", "OK");',
        "no_connect": "set_forward_no_connect(); if (!t_relay()) { sl_reply_error(); }",
        "no_connect_sl": 'set_forward_no_connect(); if (!forward()) { L("not sent"); }',
        "close_forward": "set_forward_close(); t_relay();",
        "quiet": "set_reply_no_connect(); t_relay();",
        "alias": ALIAS,
        "alias_port": 'force_tcp_alias({spare}); sl_send_reply("200", "OK");',
        "add": 'add_tcp_alias({spare}); sl_send_reply("200", "OK");',
    },
    parameters=PARAMETERS,
    more=_BACK,
).replace("$proto $conid", "$proto")
Play = Callable[[StreamNetwork], None]


def uri(user: str, transport: str = "tcp", phone: str = "bob") -> str:
    return f"sip:{user}@127.0.0.1:{{{phone}}};transport={transport}"


def _tag(name: str = "bob") -> str:
    return f"<sip:bob@callee.example>;tag={name}-tag"


def _answered(alice: Line, net: StreamNetwork, to: str = "") -> Line:
    alice.request("INVITE", to or uri("call"))
    bob = net.bob.accept()
    invite = bob.wait("INVITE")
    alice.wait("100")
    bob.answer(invite, 180, "Ringing")
    alice.wait("180")
    bob.answer(invite, 200, "OK")
    alice.wait("200")
    return bob


def _call(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    bob = _answered(alice, net)
    alice.request("ACK", uri("call"), branch="z9hG4bK-ack", to=_tag())
    bob.wait("ACK")
    alice.request("BYE", uri("call"), number=2, to=_tag())
    bob.answer(bob.wait("BYE"), 200, "OK")
    alice.wait("200")


def _from_udp(net: StreamNetwork) -> None:
    net.alice.request("INVITE", uri("call"))
    bob = net.bob.accept()
    bob.answer(bob.wait("INVITE"), 200, "OK")
    net.alice.wait("200")
    net.alice.request("ACK", uri("call"), branch="z9hG4bK-ack", to=_tag())
    bob.wait("ACK")


def _to_udp(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("INVITE", uri("call", "udp"))
    net.bob.answer(net.bob.wait("INVITE"), 200, "OK")
    alice.wait("200")
    alice.request("ACK", uri("call", "udp"), branch="z9hG4bK-ack", to=_tag())
    net.bob.wait("ACK")


def _busy(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("INVITE", uri("call"))
    bob = net.bob.accept()
    bob.answer(bob.wait("INVITE"), 486, "Busy Here")
    bob.wait("ACK")
    alice.wait("486")
    alice.request("ACK", uri("call"), to=_tag())


def _cancel(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("INVITE", uri("call"))
    bob = net.bob.accept()
    invite = bob.wait("INVITE")
    bob.answer(invite, 180, "Ringing")
    alice.wait("180")
    alice.request("CANCEL", uri("call"))
    bob.answer(bob.wait("CANCEL"), 200, "OK")
    bob.answer(invite, 487, "Request Terminated")
    bob.wait("ACK")
    alice.wait("487")


def _stateless(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("sl"))
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    alice.wait("200")


def _again(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("call"))
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    alice.wait("200")
    net.carol.dial().request("MESSAGE", uri("call"), number=2)
    bob.answer(bob.wait("MESSAGE"), 200, "OK")


def _from_callee(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    bob = _answered(alice, net)
    bob.request("BYE", uri("call", phone="alice-1"), number=5, to="<sip:alice@caller.example>")
    alice.answer(alice.wait("BYE"), 200, "OK")
    bob.wait("200")


def _other_line(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("INVITE", uri("call"))
    invite = net.bob.accept().wait("INVITE")
    net.bob.dial().answer(invite, 200, "OK")
    alice.wait("200")


def _other_transport(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("INVITE", uri("call"))
    net.bob.answer(net.bob.accept().wait("INVITE"), 200, "OK")
    alice.wait("200")


def _alices_two_lines(net: StreamNetwork) -> None:
    """The second one may not take what belongs to the first."""
    first, second = net.alice.dial(), net.alice.dial()
    first.request("MESSAGE", uri("call"), number=1)
    bob = net.bob.accept()
    one = bob.wait("MESSAGE")
    second.request("MESSAGE", uri("call"), number=2)
    two = bob.wait("MESSAGE")
    bob.answer(two, 202, "Second")
    second.wait("202")
    bob.answer(one, 200, "First")
    first.wait("200")


# --- how messages stand in the stream ------------------------------------------------------------


def _in_one(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.send("".join(alice.compose("OPTIONS", uri("answer"), number=each) for each in (1, 2, 3)))
    for _ in range(3):
        alice.wait("200")


def _in_pieces(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.send_pieces(alice.compose("MESSAGE", uri("answer"), body="x" * 90), 7)
    alice.wait("200")


def _one_and_a_half(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    texts = [alice.compose("MESSAGE", uri("answer"), number=each, body="y" * 50) for each in (1, 2)]
    alice.send(texts[0] + texts[1][:200])
    alice.wait("200")
    alice.send(texts[1][200:])
    alice.wait("200")


def _pings(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("OPTIONS", uri("answer"))
    alice.wait("200")
    alice.send("\r\n\r\n")
    alice.wait_for(LINE_END)
    alice.send("\r\n\r\n\r\n\r\n")
    alice.wait_for(LINE_END)
    alice.wait_for(LINE_END)
    alice.send("\r\n")
    alice.request("OPTIONS", uri("answer"), number=2)
    alice.wait("200")


def _ping_between(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    one, two = (alice.compose("OPTIONS", uri("answer"), number=each) for each in (1, 2))
    alice.send(f"{one}\r\n\r\n{two}")
    alice.wait("200")
    alice.wait("200")


def _no_length(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.send(alice.compose("OPTIONS", uri("answer")).replace("Content-Length: 0\r\n", ""))
    alice.wait_closed()


def _no_length_behind_another(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    text = alice.compose("OPTIONS", uri("answer"))
    alice.request("OPTIONS", uri("answer"), number=2)
    alice.wait("200")
    alice.send(text.replace("Content-Length: 0\r\n", ""))
    alice.wait_closed()


def _bad_length(net: StreamNetwork) -> None:
    for value in ("-1", "x", ""):
        alice = net.alice.dial()
        text = alice.compose("OPTIONS", uri("answer"))
        alice.send(text.replace("Content-Length: 0", f"Content-Length: {value}"))
        alice.wait_closed()


def _short_name(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    text = alice.compose("MESSAGE", uri("answer"), body="abc")
    alice.send(text.replace("Content-Length: 3", "l  :   3"))
    alice.wait("200")


def _too_long(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("answer"), body="z" * 70_000)
    alice.wait_closed()
    bob = net.bob.dial()
    bob.request("MESSAGE", uri("answer"))
    bob.wait("200")


def _long(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("call"), body="z" * 12_000)
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK", body="w" * 12_000)
    alice.wait("200")


def _from_udp_without_length(net: StreamNetwork) -> None:
    """A datagram ends where it ends; in a stream that has to be said."""
    text = net.alice.compose("MESSAGE", uri("call"), body="abc")
    net.alice.send(text.replace("Content-Length: 3\r\n", ""))
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    net.alice.wait("200")


def _answer_from_udp_without_length(user: str) -> Play:
    def play(net: StreamNetwork) -> None:
        alice = net.alice.dial()
        alice.request("MESSAGE", uri(user, "udp"))
        message = net.bob.wait("MESSAGE")
        net.bob.answer(message, 200, "OK", without_length=True)
        alice.wait("200")

    return play


# --- which connection ----------------------------------------------------------------------------


def _aliased(user: str, to: str = "spare") -> Play:
    def play(net: StreamNetwork) -> None:
        alice = net.alice.dial()
        alice.request("OPTIONS", uri(user))
        alice.wait("200")
        net.bob.request("MESSAGE", uri("call", phone=to))
        alice.answer(alice.wait("MESSAGE"), 200, "OK")
        net.bob.wait("200")

    return play


def _alias_of_the_via(net: StreamNetwork) -> None:
    """Without tcp_accept_aliases the parameter of the Via means nothing."""
    alice = net.alice.dial()
    alice.request("OPTIONS", uri("answer"), via=";alias")
    alice.wait("200")
    net.bob.request("MESSAGE", uri("call", phone="alice"))
    called = net.alice.accept()
    called.answer(called.wait("MESSAGE"), 200, "OK")
    net.bob.wait("200")


def _newest_alias(net: StreamNetwork) -> None:
    for number in (1, 2):
        line = net.alice.dial()
        line.request("OPTIONS", uri("alias"), number=number)
        line.wait("200")
    net.bob.request("MESSAGE", uri("call", phone="alice"))
    line.answer(line.wait("MESSAGE"), 200, "OK")
    net.bob.wait("200")


def _no_connect(user: str) -> Play:
    def play(net: StreamNetwork) -> None:
        alice = net.alice.dial()
        alice.request("MESSAGE", uri(user))
        if user == "no_connect":
            alice.wait("477", "478", "500", "503")
        net.through()

    return play


def _no_connect_there_is_one(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("call"))
    bob = net.bob.accept()
    bob.answer(bob.wait("MESSAGE"), 200, "OK")
    alice.wait("200")
    alice.request("MESSAGE", uri("no_connect"), number=2)
    bob.answer(bob.wait("MESSAGE"), 202, "OK")
    alice.wait("202")


def _closes(user: str) -> Play:
    def play(net: StreamNetwork) -> None:
        alice = net.alice.dial()
        alice.request("OPTIONS", uri(user))
        alice.wait("200")
        alice.wait_closed(1.0)

    return play


def _closes_forward(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("close_forward"))
    bob = net.bob.accept()
    message = bob.wait("MESSAGE")
    bob.wait_closed()
    net.bob.dial().answer(message, 200, "OK")
    alice.wait("200")


def _refused(net: StreamNetwork) -> None:
    net.bob.deaf()
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("call"))
    alice.wait("477", "408", "500", "503")


# --- a connection that has gone ------------------------------------------------------------------


def _gone(
    user: str = "call",
    method: str = "MESSAGE",
    via: str = "",
    status: int = 200,
    reset: bool = False,
) -> Play:
    def play(net: StreamNetwork) -> None:
        alice = net.alice.dial()
        alice.request(method, uri(user), via=via)
        bob = net.bob.accept()
        request = bob.wait(method)
        if method == "INVITE":
            alice.wait("100")
        (alice.reset if reset else alice.close)()
        net.through()
        bob.answer(request, status, "Late")
        back = net.alice.accept(2.0)
        back.wait(str(status))

    return play


def _gone_before_two(net: StreamNetwork) -> None:
    """A ringing and an answer: both by the connection that the first one opened."""
    alice = net.alice.dial()
    alice.request("INVITE", uri("call"))
    bob = net.bob.accept()
    invite = bob.wait("INVITE")
    alice.wait("100")
    alice.close()
    net.through()
    bob.answer(invite, 180, "Ringing")
    back = net.alice.accept(2.0)
    back.wait("180")
    bob.answer(invite, 200, "OK")
    back.wait("200")


def _gone_and_dialled_again(net: StreamNetwork) -> None:
    """A new connection of the same phone is not known by the port of its Via."""
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("call"))
    bob = net.bob.accept()
    request = bob.wait("MESSAGE")
    alice.close()
    again = net.alice.dial()
    again.request("OPTIONS", uri("answer"), number=7)
    again.wait("200")
    bob.answer(request, 200, "Late")
    net.alice.accept(2.0).wait("200")


def _gone_and_timeout(net: StreamNetwork) -> None:
    """An answer of the server's own."""
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("call"))
    net.bob.accept().wait("MESSAGE")
    alice.close()
    net.through()
    net.alice.accept(4.0).wait("408")


def _gone_quiet(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("quiet"))
    bob = net.bob.accept()
    request = bob.wait("MESSAGE")
    alice.close()
    net.through()
    bob.answer(request, 200, "Late")
    net.through()


def _callee_gone(net: StreamNetwork) -> None:
    """A callee that hangs up its line may answer by another."""
    alice = net.alice.dial()
    alice.request("INVITE", uri("call"))
    bob = net.bob.accept()
    invite = bob.wait("INVITE")
    bob.close()
    net.through()
    net.bob.dial().answer(invite, 200, "OK")
    alice.wait("200")


def _callee_gone_silent(net: StreamNetwork) -> None:
    alice = net.alice.dial()
    alice.request("MESSAGE", uri("call"))
    bob = net.bob.accept()
    bob.wait("MESSAGE")
    bob.close()
    alice.wait("408", "477", "500", "503")


def _called_again(net: StreamNetwork) -> None:
    """The next request after the callee has hung up opens a connection."""
    alice = net.alice.dial()
    for number in (1, 2):
        alice.request("MESSAGE", uri("call"), number=number)
        bob = net.bob.accept()
        bob.answer(bob.wait("MESSAGE"), 200, "OK")
        alice.wait("200")
        bob.close()
        net.through()


FLOWS: list[Flow] = [
    Flow("call", "INVITE, 180, 200, ACK and BYE by one connection on each side", _call),
    Flow("from-udp", "UDP to TCP and back", _from_udp),
    Flow("to-udp", "TCP to UDP and back", _to_udp),
    Flow("busy", "a failure is acknowledged by the connection of the INVITE", _busy),
    Flow("cancel", "a CANCEL goes by the connection of the INVITE", _cancel),
    Flow("stateless", "forward() there, the reply back by its connection", _stateless),
    Flow("again", "another caller's request goes by the connection that there is", _again),
    Flow(
        "from-callee", "the callee's requests come by the line of the server's call", _from_callee
    ),
    Flow("other-line", "an answer may come by another connection", _other_line),
    Flow("other-transport", "an answer to a request over TCP may come over UDP", _other_transport),
    Flow("two-lines", "each of two connections of a phone gets its own answers", _alices_two_lines),
    Flow("in-one", "three messages in one segment", _in_one),
    Flow("in-pieces", "a message in segments of seven bytes", _in_pieces),
    Flow("one-and-a-half", "a message and the half of another in one segment", _one_and_a_half),
    Flow("pings", "CRLF CRLF between messages is answered with CRLF", _pings),
    Flow("ping-between", "CRLF CRLF between two messages of one segment", _ping_between),
    Flow("no-length", "a message without Content-Length ends the connection", _no_length),
    Flow("no-length-later", "also behind one that is well", _no_length_behind_another),
    Flow("bad-length", "a Content-Length that is no number ends the connection", _bad_length),
    Flow("short-name", "the short name of Content-Length, with blanks", _short_name),
    Flow("long", "12,000 bytes there and back", _long),
    Flow("udp-no-length", "a datagram without Content-Length goes on", _from_udp_without_length),
    Flow(
        "answer-no-length", "an answer without goes back", _answer_from_udp_without_length("call")
    ),
    Flow("answer-no-length-sl", "without transaction", _answer_from_udp_without_length("sl")),
    Flow("too-long", "a message over the limit ends the connection", _too_long),
    Flow(
        "alias",
        "force_tcp_alias(): the port of the Via leads to the connection",
        _aliased("alias", "alice"),
    ),
    Flow("alias-port", "force_tcp_alias(port)", _aliased("alias_port")),
    Flow("add", "add_tcp_alias(port)", _aliased("add")),
    Flow("alias-via", ";alias in the Via, without tcp_accept_aliases", _alias_of_the_via),
    Flow("alias-newest", "of two connections with one alias the newest", _newest_alias),
    Flow("no-connect", "set_forward_no_connect(), t_relay()", _no_connect("no_connect")),
    Flow("no-connect-sl", "set_forward_no_connect(), forward()", _no_connect("no_connect_sl")),
    Flow("no-connect-open", "it goes by a connection that is open", _no_connect_there_is_one),
    Flow("close", "set_reply_close(), a stateless reply", _closes("close")),
    Flow("close-reply", "set_reply_close() after t_newtran() is too late", _closes("close_reply")),
    Flow("close-before", "set_reply_close() before it", _closes("close_before")),
    Flow("close-forward", "set_forward_close(): the answer comes by another", _closes_forward),
    Flow("refused", "nobody listens where a request goes", _refused),
    Flow("gone", "the caller's connection has gone: to sent-by", _gone()),
    Flow("gone-reset", "it was broken off", _gone(reset=True)),
    Flow("gone-invite", "the same with an INVITE that succeeds", _gone(method="INVITE")),
    Flow("gone-busy", "the same with an INVITE that fails", _gone(method="INVITE", status=486)),
    Flow("gone-rport", "with rport in the Via: to the port that is no more", _gone(via=";rport")),
    Flow("gone-sl", "the same without a transaction", _gone("sl")),
    Flow("gone-sl-rport", "the same without a transaction, with rport", _gone("sl", via=";rport")),
    Flow("gone-two", "a ringing and an answer after it has gone", _gone_before_two),
    Flow("gone-again", "the phone has dialled again", _gone_and_dialled_again),
    Flow("gone-timeout", "an answer of the server's own", _gone_and_timeout),
    Flow("gone-quiet", "set_reply_no_connect(): nothing is opened", _gone_quiet),
    Flow("callee-gone", "a callee that hung up answers by another line", _callee_gone),
    Flow("callee-silent", "a callee that hung up does not answer", _callee_gone_silent),
    Flow("called-again", "the next request opens another connection", _called_again),
]
