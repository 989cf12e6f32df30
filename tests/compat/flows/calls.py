"""Calls with all routes set: what each phone sees, and in which blocks the script runs."""

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
modparam("tm", "fr_inv_timer", 1200)
request_route {
    {end}
    if ($rm == "CANCEL") {
        if (t_check_trans()) {
            xlog("L_NOTICE", "@@ a CANCEL for something\\n");
            t_relay();
        }
        exit;
    }
    t_check_trans();
    xlog("L_NOTICE", "@@ $rm $ru\\n");
    $avp(who) = "first";
    t_on_failure("AGAIN");
    t_on_reply("ANSWER");
    t_on_branch("LEG");
    if ($rU == "fork") {
        $ru = "sip:bob@127.0.0.1:{bob}";
        append_branch("sip:carol@127.0.0.1:{carol}");
    }
    if ($rU == "serial") {
        $avp(next) = "sip:carol@127.0.0.1:{carol}";
        $ru = "sip:bob@127.0.0.1:{bob}";
    }
    if (!t_relay()) {
        xlog("L_NOTICE", "@@ t_relay failed $retcode\\n");
        sl_reply_error();
    }
    exit;
}
branch_route[LEG] {
    xlog("L_NOTICE", "@@ branch $ru $avp(who)\\n");
}
onreply_route[ANSWER] {
    xlog("L_NOTICE", "@@ reply $rs $rm $avp(who)\\n");
    $avp(who) = "answered";
}
failure_route[AGAIN] {
    xlog("L_NOTICE", "@@ failure $rm $ru $avp(who)\\n");
    if ($avp(next) != $null) {
        $ru = $avp(next);
        $avp(next) = $null;
        t_on_failure("AGAIN");
        t_relay();
    }
}
"""


def _call(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.alice.wait("100")
    net.bob.answer(invite, 180, "Ringing")
    net.alice.wait("180")
    net.bob.answer(invite, 200, "OK")
    net.alice.wait("200")
    net.alice.request("ACK", branch="z9hG4bK-ack", to="<sip:bob@callee.example>;tag=bob-tag")
    net.bob.wait("ACK")
    net.alice.request("BYE", number=2, to="<sip:bob@callee.example>;tag=bob-tag")
    net.bob.answer(net.bob.wait("BYE"), 200, "OK")
    net.alice.wait("200")


def _busy(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 486, "Busy Here")
    net.bob.wait("ACK")
    net.alice.wait("486")
    net.alice.request("ACK", to="<sip:bob@callee.example>;tag=bob-tag")


def _cancel(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 180, "Ringing")
    net.alice.wait("180")
    net.alice.request("CANCEL")
    net.alice.wait("200")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(cancel, 200, "OK")
    net.bob.answer(invite, 487, "Request Terminated")
    net.bob.wait("ACK")
    net.alice.wait("487")
    net.alice.request("ACK", to="<sip:bob@callee.example>;tag=bob-tag")


def _cancel_early(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.alice.request("CANCEL")
    net.alice.wait("200")
    net.bob.answer(invite, 180, "Ringing")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(cancel, 200, "OK")
    net.bob.answer(invite, 487, "Request Terminated")
    net.bob.wait("ACK")
    net.alice.wait("487")


def _cancel_of_nothing(net: Network) -> None:
    net.alice.request("CANCEL")


def _message(net: Network) -> None:
    net.alice.request("MESSAGE", body="hello")
    net.bob.answer(net.bob.wait("MESSAGE"), 202, "Accepted")
    net.alice.wait("202")


def _fork(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one = net.bob.wait("INVITE")
    two = net.carol.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.carol.answer(two, 183, "Progress")
    net.alice.wait("183")
    net.carol.answer(two, 200, "OK")
    net.alice.wait("200")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(one, 487, "Request Terminated")
    net.bob.wait("ACK")


def _fork_all_fail(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one = net.bob.wait("INVITE")
    two = net.carol.wait("INVITE")
    net.bob.answer(one, 486, "Busy Here")
    net.bob.wait("ACK")
    net.carol.answer(two, 404, "Not Found")
    net.carol.wait("ACK")
    net.alice.wait("404", "486")


def _fork_challenged(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one = net.bob.wait("INVITE")
    two = net.carol.wait("INVITE")
    net.bob.answer(one, 401, "Unauthorized", extra='WWW-Authenticate: Digest realm="b"\r\n')
    net.bob.wait("ACK")
    net.carol.answer(two, 407, "Proxy", extra='Proxy-Authenticate: Digest realm="c"\r\n')
    net.carol.wait("ACK")
    net.alice.wait("401", "407")


def _fork_declined(net: Network) -> None:
    net.alice.request("INVITE", "sip:fork@127.0.0.1")
    one = net.bob.wait("INVITE")
    two = net.carol.wait("INVITE")
    net.bob.answer(one, 180, "Ringing")
    net.alice.wait("180")
    net.carol.answer(two, 603, "Decline")
    net.carol.wait("ACK")
    net.bob.answer(net.bob.wait("CANCEL"), 200, "OK")
    net.bob.answer(one, 487, "Request Terminated")
    net.bob.wait("ACK")
    net.alice.wait("603")


def _serial(net: Network) -> None:
    net.alice.request("INVITE", "sip:serial@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 486, "Busy Here")
    net.bob.wait("ACK")
    two = net.carol.wait("INVITE")
    net.carol.answer(two, 200, "OK")
    net.alice.wait("200")


def _serial_fails(net: Network) -> None:
    net.alice.request("INVITE", "sip:serial@127.0.0.1")
    one = net.bob.wait("INVITE")
    net.bob.answer(one, 404, "Not Found")
    net.bob.wait("ACK")
    two = net.carol.wait("INVITE")
    net.carol.answer(two, 500, "Oops")
    net.carol.wait("ACK")
    net.alice.wait("500", "404")


def _no_answer(net: Network) -> None:
    net.alice.request("INVITE")
    invite = net.bob.wait("INVITE")
    net.bob.answer(invite, 180, "Ringing")
    net.alice.wait("180")
    cancel = net.bob.wait("CANCEL")
    net.bob.answer(cancel, 200, "OK")
    net.bob.answer(invite, 487, "Request Terminated")
    net.bob.wait("ACK")
    net.alice.wait("408")


def _nobody_there(net: Network) -> None:
    net.alice.request("INVITE")
    net.bob.wait("INVITE")
    net.alice.wait("408")


def _unavailable(net: Network) -> None:
    net.alice.request("INVITE")
    net.bob.answer(net.bob.wait("INVITE"), 503, "Service Unavailable")
    net.bob.wait("ACK")
    net.alice.wait("503", "500")


FLOWS = [
    Flow("call", "INVITE, 180, 200, ACK, BYE", _call),
    Flow("busy", "a failure is acknowledged and goes back", _busy),
    Flow("cancel", "a CANCEL of the caller goes on to a phone that rings", _cancel),
    Flow("cancel-early", "a CANCEL before any response waits for one", _cancel_early),
    Flow("cancel-of-nothing", "a CANCEL that matches nothing", _cancel_of_nothing),
    Flow("message", "a request that is no INVITE", _message),
    Flow("fork", "the second of two phones answers, the first is cancelled", _fork),
    Flow("fork-all-fail", "the best of two failures of one class", _fork_all_fail),
    Flow("fork-challenged", "the challenges of two branches go back together", _fork_challenged),
    Flow("fork-declined", "a 6xx cancels the other branches and wins", _fork_declined),
    Flow("serial", "failure_route sends to the next", _serial),
    Flow("serial-fails", "the response of the last leg wins", _serial_fails),
    Flow("no-answer", "a phone that rings too long is cancelled: 408", _no_answer),
    Flow("nobody-there", "no response at all: 408", _nobody_there),
    Flow("unavailable", "a 503 goes back", _unavailable),
]
