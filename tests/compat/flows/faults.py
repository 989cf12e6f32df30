"""What goes wrong between phones: late, doubled and stray messages, and what lasts too long."""

from __future__ import annotations

from tests.compat.flow import Flow, Network

SCRIPT = """
debug=1
children=1
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "xlog.so"
loadmodule "pv.so"
loadmodule "corex.so"
modparam("tm", "fr_timer", 700)
modparam("tm", "fr_inv_timer", 1500)
modparam("tm", "max_inv_lifetime", 2300)
request_route {
    {end}
    if ($rm == "CANCEL") {
        if (t_check_trans()) {
            xlog("L_NOTICE", "@@ a CANCEL for something\\n");
            t_relay();
        } else {
            xlog("L_NOTICE", "@@ a CANCEL for nothing\\n");
        }
        exit;
    }
    if ($rm == "ACK") {
        if (t_check_trans()) {
            xlog("L_NOTICE", "@@ an ACK of something\\n");
            t_relay();
        }
        exit;
    }
    xlog("L_NOTICE", "@@ $rm $ru\\n");
    t_on_failure("AGAIN");
    t_on_reply("ANSWER");
    if ($rU == "fork") {
        $ru = "sip:bob@127.0.0.1:{bob}";
        append_branch("sip:carol@127.0.0.1:{carol}");
    }
    if ($rU == "endless") {
        $avp(next) = "sip:bob@127.0.0.1:{bob}";
        $ru = $avp(next);
    }
    if ($rU == "serial") {
        $avp(next) = "sip:carol@127.0.0.1:{carol}";
        $ru = "sip:bob@127.0.0.1:{bob}";
    }
    if ($rU == "many") {
        $ru = "sip:bob@127.0.0.1:{bob}";
        $var(i) = 0;
        while ($var(i) < 40) {
            append_branch("sip:carol@127.0.0.1:{carol}");
            $var(i) = $var(i) + 1;
        }
    }
    if (!t_relay()) {
        xlog("L_NOTICE", "@@ t_relay failed $retcode\\n");
        sl_reply_error();
    }
    exit;
}
onreply_route[ANSWER] {
    xlog("L_NOTICE", "@@ reply $rs $rm\\n");
}
failure_route[AGAIN] {
    xlog("L_NOTICE", "@@ failure $rm $ru\\n");
    if ($avp(next) != $null) {
        $ru = $avp(next);
        if ($(ru{uri.user}) == "carol") {
            $avp(next) = $null;
        }
        t_on_failure("AGAIN");
        if (t_relay()) {
            xlog("L_NOTICE", "@@ relayed again\\n");
        } else {
            xlog("L_NOTICE", "@@ not relayed again\\n");
        }
    }
}
"""

_BOB = "<sip:bob@callee.example>;tag=bob-tag"


def _fails(net: Network, status: str) -> None:
    """Alice gets a failure and acknowledges it."""
    net.alice.wait(status)
    net.alice.request("ACK", to=_BOB)


def _lifetime(net: Network) -> None:
    """The second phone rings for less than fr_inv_timer."""
    net.alice.request("INVITE", "sip:serial@127.0.0.1")
    net.bob.answer(net.bob.wait("INVITE"), 180, "Ringing")
    two = net.carol.wait("INVITE")
    net.carol.answer(two, 180, "Ringing")
    cancel = net.carol.wait("CANCEL")
    net.carol.answer(cancel, 200, "OK")
    net.carol.answer(two, 487, "Request Terminated")
    net.carol.wait("ACK")
    _fails(net, "408")


def _endless(net: Network) -> None:
    net.alice.request("INVITE", "sip:endless@127.0.0.1")
    for _ in range(12):
        it = net.bob.wait("INVITE")
        net.bob.answer(it, 486, "Busy Here")
    _fails(net, "486")


def _cancel_serial(net: Network) -> None:
    net.alice.request("INVITE", "sip:serial@127.0.0.1")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL")
    net.alice.wait("200")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(cancel, 200, "OK")
    net.bob.answer(invite, 487, "Request Terminated")
    net.bob.wait("ACK")
    _fails(net, "487")


def _cancel_answered(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL")
    net.alice.wait("200")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(invite, 200, "OK")
    net.alice.wait("200")
    net.bob.answer(cancel, 481, "No Such Transaction")
    net.alice.request("ACK", branch="z9hG4bK-ack", to=_BOB)


def _cancel_after_success(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 200, "OK")
    net.alice.wait("200")
    net.alice.request("CANCEL")
    net.alice.wait("200")


def _cancel_after_failure(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 486, "Busy Here")
    net.bob.wait("ACK")
    _fails(net, "486")
    net.alice.request("CANCEL")
    net.alice.wait("200")


def _success_after_failure(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 486, "Busy Here")
    net.bob.wait("ACK")
    _fails(net, "486")
    net.bob.answer(invite, 200, "OK")


def _failure_after_success(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 200, "OK")
    net.alice.wait("200")
    net.bob.answer(invite, 486, "Busy Here")


def _two_tags(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 200, "OK")
    net.alice.wait("200")
    net.bob.answer(invite, 200, "OK", tag="another")


def _two_successes(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one = net.bob.wait("INVITE")
    two = net.carol.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.carol.answer(two, 200, "OK")
    net.alice.wait("200")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(one, 200, "OK")
    net.alice.wait("200")
    net.bob.answer(cancel, 481, "Too Late")


def _failure_then_success(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one = net.bob.wait("INVITE")
    two = net.carol.wait("INVITE")
    net.bob.answer(one, 486, "Busy Here")
    net.bob.wait("ACK")
    net.carol.answer(two, 200, "OK")
    net.alice.wait("200")


def _success_after_timeout(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 180, "Ringing")
    cancel = net.bob.wait("CANCEL")
    _fails(net, "408")
    net.bob.answer(invite, 200, "OK")
    net.bob.answer(cancel, 481, "Too Late")


def _ringing_after_timeout(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    _fails(net, "408")
    net.bob.answer(invite, 180, "Ringing")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(invite, 487, "Request Terminated")
    net.bob.wait("ACK")


def _success_after_silence(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    _fails(net, "408")
    net.bob.answer(invite, 200, "OK")


def _failure_after_silence(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    _fails(net, "408")
    net.bob.answer(invite, 486, "Busy Here")


def _foreign_via(net: Network) -> None:
    """A reply to a request that the server never sent: not passed on to where its Vias say."""
    net.bob.send(
        "SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP 192.0.2.77:5060;branch=z9hG4bK-foreign\r\n"
        "Via: SIP/2.0/UDP 127.0.0.1:{carol};branch=z9hG4bK-carol\r\n"
        f"From: <sip:a@a.example>;tag=a\r\nTo: <sip:b@b.example>;tag=b\r\nCall-ID: {net.call}\r\n"
        "CSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    )


def _forged_branch(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    via = invite.headers("Via")[0]
    branch = via.partition("branch=")[2]
    forged = type(invite)(invite.text.replace(branch, branch[:-3] + "x.0"))
    net.bob.answer(forged, 180, "Forged")
    net.bob.answer(invite, 404, "Not Found")
    _fails(net, "404")


def _acks(net: Network) -> None:
    for _ in range(5):
        net.alice.request("ACK", to=_BOB)


def _many(net: Network) -> None:
    net.alice.request("INVITE", "sip:many@127.0.0.1")
    one = net.bob.wait("INVITE")
    others = [net.carol.wait("INVITE") for _ in range(11)]
    net.bob.answer(one, 603, "Decline")
    net.bob.wait("ACK")
    for each in others:
        net.carol.answer(each, 404, "Not Found")
        net.carol.wait("ACK")
    _fails(net, "603")


FLOWS = [
    Flow("lifetime", "max_inv_lifetime ends what fr_inv_timer would not yet", _lifetime),
    Flow("endless", "failure_route goes on until there are max_branches branches", _endless),
    Flow("cancel-serial", "after a CANCEL failure_route relays no more", _cancel_serial),
    Flow("cancel-answered", "a CANCEL and a 200 pass each other", _cancel_answered),
    Flow("cancel-after-success", "a CANCEL after a 200", _cancel_after_success),
    Flow("cancel-after-failure", "a CANCEL after a 486 and its ACK", _cancel_after_failure),
    Flow("success-after-failure", "a phone answers 486, then 200", _success_after_failure),
    Flow("failure-after-success", "a phone answers 200, then 486", _failure_after_success),
    Flow("two-tags", "a phone answers 200 twice, with two tags", _two_tags),
    Flow("two-successes", "two branches answer 200", _two_successes),
    Flow("failure-then-success", "one branch is busy, the other answers", _failure_then_success),
    Flow("success-after-timeout", "a 200 comes after the 408 was sent", _success_after_timeout),
    Flow("ringing-after-timeout", "what rings too late is cancelled", _ringing_after_timeout),
    Flow("success-after-silence", "a 200 long after the 408 was sent", _success_after_silence),
    Flow("failure-after-silence", "a 486 long after the 408 was sent", _failure_after_silence),
    Flow("foreign-via", "a reply whose topmost Via is not ours", _foreign_via),
    Flow("forged-branch", "a reply with a branch that was not sent", _forged_branch),
    Flow("acks", "ACKs for nothing", _acks),
    Flow("many", "more branches than there may be", _many),
]
