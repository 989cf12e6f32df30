"""uac with transactions: what the flows `uac_*` of `tests/compat` cannot show."""

from __future__ import annotations

import pytest

from sipway.core.sockets import ListenSocket
from sipway.errors import ModuleError
from tests.core.proxy.calls import ALICE, BOB, TO_BOB, Calls, check, only, whats
from tests.fakes import request

HEAD = 'loadmodule "textopsx.so" loadmodule "uac.so" modparam("uac", "restore_mode", "none")\n'
AVPS = """
modparam("uac", "auth_realm_avp", "$avp(realm)")
modparam("uac", "auth_username_avp", "$avp(user)")
modparam("uac", "auth_password_avp", "$avp(password)")
"""
CHALLENGE = 'WWW-Authenticate: Digest realm="r", nonce="n"\r\n'
RELAYS = f'request_route {{ {TO_BOB} t_on_failure("F"); t_relay(); }}\n'


def answering(call: str, parameters: str = "", before: str = "") -> Calls:
    """Whoever is challenged answers with what a call has made."""
    return Calls(
        f"{HEAD}{parameters}{RELAYS}"
        f'failure_route[F] {{ {before} $var(r) = {call}; xlog("$var(r) $ru $du\\n");'
        " if ($var(r) == 1) { t_relay(); } }"
    )


def challenged(calls: Calls, challenge: str = CHALLENGE, status: int = 401) -> str | None:
    """The answer to a challenge of bob."""
    sent = only(calls.invite("MESSAGE"), "MESSAGE")
    again = [each for each in calls.answer(sent, status, extra=challenge) if each.what == "MESSAGE"]
    return again[0].header("(?:Proxy-)?Authorization") if again else None


# --- uac_auth() ----------------------------------------------------------------------------------


def test_the_user_of_the_realm_answers() -> None:
    calls = answering(
        "uac_auth()",
        'modparam("uac", "credential", "a:other:x") modparam("uac", "credential", "u:r:p:q")',
    )
    found = challenged(calls)
    assert found is not None
    assert 'username="u", realm="r", nonce="n", uri="sip:bob@192.0.2.2"' in found
    assert 'response="6267703164744c64f3287f9dd5041877"' in found
    assert calls.lines == ["1 sip:bob@192.0.2.2 <null>"]


@pytest.mark.parametrize(
    ("avps", "user"),
    [
        ('$avp(user) = "a"; $avp(password) = "b"; $avp(realm) = "r";', "a"),
        ('$avp(user) = "a"; $avp(password) = "b";', "a"),
        ('$avp(user) = "a"; $avp(password) = "b"; $avp(realm) = "";', "a"),
        ('$avp(user) = "a"; $avp(password) = "b"; $avp(realm) = "x";', "u"),
        ('$avp(user) = "a"; $avp(realm) = "r";', "u"),
        ('$avp(user) = "a"; $avp(password) = ""; $avp(realm) = "r";', "u"),
        ('$avp(user) = 12; $avp(password) = 34; $avp(realm) = "r";', "12"),
    ],
)
def test_the_avps_come_first_where_they_fit(avps: str, user: str) -> None:
    parameters = f'{AVPS} modparam("uac", "credential", "u:r:p")\n'
    found = challenged(answering("uac_auth()", parameters, avps))
    assert found is not None
    assert f'username="{user}"' in found


def test_any_variable_may_hold_them() -> None:
    parameters = (
        'modparam("uac", "auth_realm_avp", "$xavp(who=>realm)")'
        ' modparam("uac", "auth_username_avp", "$rU")'
        ' modparam("uac", "auth_password_avp", "$(avp(p){s.trim})")'
    )
    found = challenged(answering("uac_auth()", parameters, '$avp(p) = " x ";'))
    assert found is not None
    assert 'username="bob"' in found


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("uac_auth(1)", 1),
        ('uac_auth("1")', 1),
        ("uac_auth_mode(1)", 1),
        ("uac_auth_mode(3)", 1),
        ('uac_auth("x$fU")', -1),
        ('uac_auth_mode("$null")', -1),
    ],
)
def test_modes(call: str, code: int) -> None:
    ha1 = "e2c0a6ab4b4ea1ae0e0d0a1e31f3bd5b"
    parameters = f'modparam("uac", "credential", "u:r:{ha1}")\n'
    calls = answering(call, parameters)
    assert (challenged(calls) is not None) is (code == 1)
    assert calls.lines == [f"{code} sip:bob@192.0.2.2 <null>"]


def test_a_mode_for_a_hash_wants_a_hash() -> None:
    calls = answering("uac_auth(1)", 'modparam("uac", "credential", "u:r:p")\n')
    assert challenged(calls) is None
    assert "uac_auth(): that is no hash of MD5" in calls.log.written[0][1]


@pytest.mark.parametrize(
    ("challenge", "status", "said"),
    [
        ("", 401, "the response has no challenge"),
        (CHALLENGE, 407, "the response has no challenge"),
        (CHALLENGE, 486, "486 asks for no authentication"),
        ('WWW-Authenticate: "\r\n', 401, "a name is wanted"),
        (
            'WWW-Authenticate: Digest realm="x", nonce="n"\r\n',
            401,
            "nobody is known in the realm x",
        ),
        ('WWW-Authenticate: Digest realm="r", nonce="n", qop="odd"\r\n', 401, "odd is not known"),
        ("WWW-Authenticate: Digest\r\n" * 20 + CHALLENGE, 401, "needs a realm"),
    ],
)
def test_why_a_challenge_is_not_answered(challenge: str, status: int, said: str) -> None:
    calls = answering("uac_auth()", 'modparam("uac", "credential", "u:r:p")\n')
    assert challenged(calls, challenge, status) is None
    assert said in calls.log.written[0][1]
    assert calls.lines[-1:] == ["-1 sip:bob@192.0.2.2 <null>"]


def test_a_challenge_that_can_be_answered_is_found_among_others() -> None:
    calls = answering("uac_auth()", 'modparam("uac", "credential", "u:r:p")\n')
    others = 'WWW-Authenticate: Basic realm="r"\r\nWWW-Authenticate: "\r\n'
    assert challenged(calls, others + CHALLENGE) is not None


def test_a_timeout_asks_for_nothing() -> None:
    calls = answering("uac_auth()", 'modparam("tm", "fr_timer", 500)\n')
    calls.invite("MESSAGE")
    assert "408" in whats(calls.wait(2))
    assert "nobody has asked" in calls.log.written[0][1]


def test_a_uri_of_the_script_is_answered_for() -> None:
    calls = answering(
        "uac_auth()",
        'modparam("uac", "credential", "u:r:p")\n',
        before='$ru = "sip:else@192.0.2.3"; $du = "sip:192.0.2.4";',
    )
    found = challenged(calls)
    assert found is not None
    assert 'uri="sip:else@192.0.2.3"' in found
    assert calls.lines == ["1 sip:else@192.0.2.3 sip:192.0.2.4"]


def test_it_answers_for_one_branch() -> None:
    calls = Calls(
        f'{HEAD} modparam("uac", "credential", "u:r:p")\n'
        f'request_route {{ {TO_BOB} t_on_branch_failure("F"); t_relay(); }}'
        " event_route[tm:branch-failure:F] { if (uac_auth() == 1) { t_relay(); } }"
    )
    assert challenged(calls) is not None


def test_it_is_minus_one_where_there_is_no_response() -> None:
    calls = Calls(
        f'{HEAD} request_route {{ t_newtran(); t_reply("480", "x"); }}'
        ' event_route[tm:local-response] { $var(r) = uac_auth(); xlog("$var(r)\\n"); }'
    )
    calls.receive(request("MESSAGE"), ALICE)
    assert calls.lines == ["-1"]


@pytest.mark.parametrize(
    "script",
    [
        "request_route { uac_auth(); }",
        "request_route { uac_auth_mode(1); }",
        "request_route { exit; } failure_route[F] { uac_auth(1, 2); }",
        "request_route { exit; } failure_route[F] { uac_auth_mode(); }",
        'request_route { exit; } failure_route[F] { uac_auth("x"); }',
        "request_route { uac_req_send(1); }",
        "request_route { $uac_req(what) = 1; }",
        "request_route { $uac_req = 1; }",
    ],
)
def test_what_is_wrong_is_said_at_once(script: str) -> None:
    found = [
        each for each in check(HEAD + script) if "never" not in each and "not used" not in each
    ]
    assert len(found) == 1


# --- parameters ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"credential", "user"', "a credential is written user:realm:password"),
        ('"credential", "user:realm"', "a credential is written user:realm:password"),
        ('"credential", ":realm:p"', "a credential is written user:realm:password"),
        ('"credential", "u::p"', "a credential is written user:realm:password"),
        ('"auth_realm_avp", "realm"', "a variable such as $avp(name) is wanted"),
        ('"auth_username_avp", "$var(x) y"', "a variable such as $avp(name) is wanted"),
        ('"auth_password_avp", ""', "a variable such as $avp(name) is wanted"),
        ('"auth_password_avp", "$nothing"', "there is no variable $nothing"),
        ('"default_socket", "what ever"', "a socket is written protocol:address:port"),
        ('"restore_dlg", 1', "restoring by dialogs needs the module dialog"),
        ('"reg_db_url", "mysql://x"', "registrations elsewhere come with databases"),
        ('"reg_timer_interval", "x"', "reg_timer_interval"),
    ],
)
def test_parameters_that_are_wrong(parameter: str, said: str) -> None:
    found = check(f'{HEAD} modparam("uac", {parameter}) request_route {{ exit; }}')
    assert any(said in each for each in found)


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"default_socket", "udp:192.0.2.7:5060"', "none of our sockets is udp:192.0.2.7:5060"),
        ('"auth_realm_avp", "$avp(r)"', "need each other"),
    ],
)
def test_parameters_that_cannot_work(parameter: str, said: str) -> None:
    with pytest.raises(ModuleError, match=said):
        Calls(f'{HEAD} modparam("uac", {parameter}) request_route {{ exit; }}')


@pytest.mark.parametrize(
    "parameter",
    [
        '"reg_timer_interval", 60', '"reg_retry_interval", 300', '"reg_random_delay", 3',
        '"reg_hash_size", 10', '"reg_db_table", "uacreg"', '"reg_contact_addr", "192.0.2.1"',
        '"reg_keep_callid", 1', '"reg_active", 0', '"reg_gc_interval", 60',
        '"reg_use_domain", 1', '"reload_delta", 20', '"event_callback", "f"',
    ],
)  # fmt: skip
def test_parameters_of_registrations_are_known(parameter: str) -> None:
    name = parameter.split('"')[1]
    found = check(f'{HEAD} modparam("uac", {parameter}) request_route {{ exit; }}')
    assert all(each.startswith(f"{name} has no effect yet") for each in found)


@pytest.mark.parametrize(
    "call",
    [
        'uac_reg_lookup("$rU", "$ru")', 'uac_reg_lookup_uri("$ru", "$ru")', 'uac_reg_status("a")',
        'uac_reg_request_to("a", 0)', 'uac_reg_enable("l_uuid", "a")',
        'uac_reg_disable("l_uuid", "a")', 'uac_reg_refresh("a")',
        'uac_reg_send_register("l_uuid", "a")', 'uac_reg_send_unregister("l_uuid", "a")',
    ],
)  # fmt: skip
def test_registrations_say_what_they_wait_for(call: str) -> None:
    (found,) = check(f"{HEAD} request_route {{ {call}; }}", hints=True)
    assert "of Kamailio's module uac is not part of sipway yet" in found
    assert "registrations elsewhere come with databases" in found


# --- $uac_req and uac_req_send() -----------------------------------------------------------------

WANTED = '$uac_req(method) = "OPTIONS"; $uac_req(ruri) = "sip:bob@192.0.2.2";'
SEND = '$var(r) = uac_req_send(); xlog("$var(r)\\n");'
EVENT = 'event_route[uac:reply] { xlog("$uac_req(evcode) $uac_req(evtype) $uac_req(evparam)\\n"); }'


def sending(settings: str, more: str = "", parameters: str = "") -> Calls:
    return Calls(f"{HEAD}{parameters} request_route {{ {WANTED} {settings} {SEND} }} {more}")


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("$uac_req(method) = $null;", "method and ruri are wanted"),
        ("$uac_req(ruri) = $null;", "method and ruri are wanted"),
        ('$uac_req(method) = "A B";', '"A B" is no method'),
        ('$uac_req(ruri) = "nothing";', '"nothing" is no URI'),
        ('$uac_req(ouri) = "nothing";', '"nothing" is no URI'),
        ('$uac_req(furi) = "sip:a@b\\r\\nX: 1";', "a line ends inside of a value"),
        ('$uac_req(turi) = "sip:a@b\\r\\nX: 1";', "a line ends inside of a value"),
        ('$uac_req(callid) = "a\\r\\nX: 1";', "a line ends inside of a value"),
    ],
)
def test_what_is_no_request(settings: str, said: str) -> None:
    calls = sending(settings)
    assert calls.invite() == []
    assert said in calls.log.written[0][1]
    assert calls.lines == ["-1"]


@pytest.mark.parametrize(
    ("key", "value"),
    [("method", "5"), ("evroute", '"1"'), ("flags", '"1"'), ("evparam", "7"), ("evcode", '"a"')],
)
def test_a_value_of_the_wrong_type_is_not_kept(key: str, value: str) -> None:
    calls = Calls(
        f'{HEAD} request_route {{ $uac_req({key}) = {value}; xlog("$uac_req({key})\\n"); }}'
    )
    calls.invite()
    assert calls.lines in (["<null>"], ["0"])
    assert len(calls.log.written) == 0


def test_it_belongs_to_the_message() -> None:
    calls = Calls(
        f'{HEAD} request_route {{ xlog("$uac_req(method)\\n"); $uac_req(method) = "INFO"; }}'
    )
    calls.invite()
    calls.invite()
    assert calls.lines == ["<null>", "<null>"]


def test_null_to_all_leaves_user_password_and_socket() -> None:
    calls = Calls(
        f'{HEAD} request_route {{ {WANTED} $uac_req(auser) = "u"; $uac_req(apasswd) = "p";'
        ' $uac_req(sock) = "udp:192.0.2.9"; $uac_req(flags) = 1; $uac_req(all) = 1;'
        ' xlog("$uac_req(method) $uac_req(flags) $uac_req(all)\\n"); $uac_req(all) = $null;'
        ' xlog("$uac_req(method) $uac_req(flags) $uac_req(auser) $uac_req(apasswd)'
        ' $uac_req(sock)\\n"); }'
    )
    calls.invite()
    assert calls.lines == ["OPTIONS 1 <null>", "<null> 0 u p udp:192.0.2.9"]


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        ('$uac_req(sock) = "udp:192.0.2.8:5060";', ""),
        ("", 'modparam("uac", "default_socket", "udp:192.0.2.8:5060")'),
        (
            '$uac_req(sock) = "udp:192.0.2.8:5060";',
            'modparam("uac", "default_socket", "udp:192.0.2.9:5060")',
        ),
    ],
)
def test_the_socket_that_is_asked_for(settings: str, parameters: str) -> None:
    other = ListenSocket("udp", "192.0.2.8", 5060)
    script = f"{HEAD}{parameters} request_route {{ {WANTED} {settings} {SEND} }}"
    calls = Calls(script, others=(other,))
    assert calls.invite() == []
    ((data, _),) = other.outgoing
    assert data.startswith(b"OPTIONS ")


@pytest.mark.parametrize("socket", ["udp:192.0.2.7:5060", "what ever"])
def test_a_socket_that_is_not_ours_is_logged(socket: str) -> None:
    calls = sending(f'$uac_req(sock) = "{socket}";')
    assert whats(calls.invite()) == ["OPTIONS"]
    assert f"none of our sockets is {socket}" in calls.log.written[0][1]


def test_the_event_comes_once() -> None:
    calls = sending('$uac_req(evroute) = 1; $uac_req(evparam) = "x";', EVENT)
    (sent,) = calls.invite()
    calls.answer(sent, 100)
    calls.answer(sent, 200)
    calls.answer(sent, 200)
    assert calls.lines == ["1", "200 1 x"]
    calls.wait(60)
    assert len(calls.program.layer) == 0


def test_a_200_to_an_invite_that_comes_again_is_told_of_once() -> None:
    calls = sending('$uac_req(method) = "INVITE"; $uac_req(evroute) = 1;', EVENT)
    (sent,) = calls.invite()
    contact = "Contact: <sip:there@192.0.2.5>\r\n"
    assert whats(calls.answer(sent, 200, extra=contact)) == ["ACK"]
    assert whats(calls.answer(sent, 200, extra=contact)) == ["ACK"]
    assert calls.lines == ["1", "200 1 <null>"]


def test_without_the_event_nothing_happens() -> None:
    calls = sending("$uac_req(evroute) = 1;")
    (sent,) = calls.invite()
    assert calls.answer(sent, 200) == []


def test_nobody_answers() -> None:
    calls = sending("$uac_req(evroute) = 1;", EVENT, 'modparam("tm", "fr_timer", 500)')
    calls.invite()
    calls.wait(2)
    assert calls.lines == ["1", "408 2 <null>"]


def test_it_could_not_be_sent() -> None:
    calls = sending("$uac_req(evroute) = 1;", EVENT)
    (sent,) = calls.invite()
    calls.engine.send_failed(sent.text.encode(), calls.now)
    assert calls.lines == ["1", "477 2 <null>"]


@pytest.mark.parametrize(("enabled", "told"), [(0, []), (1, ["404 1 <null>"])])
def test_failures_are_told_of_if_tm_says_so(enabled: int, told: list[str]) -> None:
    parameters = f'modparam("tm", "enable_uac_fr", {enabled})'
    for status, lines in ((404, told), (200, [])):
        calls = sending("$uac_req(evroute) = 2;", EVENT, parameters)
        (sent,) = calls.invite()
        calls.answer(sent, status)
        assert calls.lines == ["1", *lines]


def test_a_challenge_is_answered_once() -> None:
    calls = sending('$uac_req(auser) = "u"; $uac_req(apasswd) = "p"; $uac_req(evroute) = 1;', EVENT)
    (sent,) = calls.invite()
    (again,) = calls.answer(sent, 401, extra=CHALLENGE)
    assert again.header("CSeq") == "11 OPTIONS"
    for name in ("From", "To", "Call-ID"):
        assert again.header(name) == sent.header(name)
    assert 'username="u", realm="r"' in (again.header("Authorization") or "")
    assert calls.answer(again, 401, extra=CHALLENGE) == []
    assert calls.lines == ["1", "401 1 <null>", "401 1 <null>"]


@pytest.mark.parametrize(
    "settings",
    ['$uac_req(auser) = "u";', '$uac_req(apasswd) = "p";', ""],
)
def test_without_a_user_or_password_no_challenge_is_answered(settings: str) -> None:
    calls = sending(settings)
    (sent,) = calls.invite()
    assert calls.answer(sent, 401, extra=CHALLENGE) == []


def test_a_challenge_that_cannot_be_answered_is_logged() -> None:
    calls = sending('$uac_req(auser) = "u"; $uac_req(apasswd) = "p"; $uac_req(flags) = 1;')
    (sent,) = calls.invite()
    assert calls.answer(sent, 401, extra=CHALLENGE) == []
    assert "uac_req_send(): that is no hash of MD5" in calls.log.written[-1][1]


# --- replies -------------------------------------------------------------------------------------

RESTORING = 'loadmodule "rr.so" loadmodule "textopsx.so" loadmodule "uac.so"\n'


def test_a_reply_without_from_goes_on() -> None:
    calls = Calls(f'{RESTORING} request_route {{ {TO_BOB} uac_replace_to("sip:n@n"); t_relay(); }}')
    sent = only(calls.invite("MESSAGE"), "MESSAGE")
    data = (
        f"SIP/2.0 200 OK\r\nVia: {sent.header('Via')}\r\nVia: SIP/2.0/UDP 192.0.2.1:5070;"
        f"branch=z9hG4bK-x\r\nCall-ID: {sent.header('Call-ID')}\r\nCSeq: {sent.header('CSeq')}\r\n"
        "Content-Length: 0\r\n\r\n"
    )
    calls.receive(data, BOB)
    assert len(calls.log.written) == 0


def test_onreply_route_reads_what_came_in() -> None:
    calls = Calls(
        f"{RESTORING} request_route {{ {TO_BOB}"
        ' uac_replace_from("sip:n@n"); t_on_reply("R"); t_relay(); }'
        ' onreply_route[R] { xlog("$fu\\n"); }'
    )
    sent = only(calls.invite("MESSAGE"), "MESSAGE")
    assert sent.header("From") == "<sip:n@n>;tag=a1"
    (reply,) = calls.answer(sent, 200)
    assert reply.header("From") == "<sip:alice@caller.example>;tag=a1"
    assert calls.lines == ["sip:n@n"]
