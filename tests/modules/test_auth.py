"""auth without a server: what the suites `auth*` of `tests/compat` cannot show."""

from __future__ import annotations

from typing import Any, Final

import pytest

from sipway.errors import StoreError
from sipway.stores.interface import Table
from sipway.stores.memory import MemoryStore
from tests.compat.authenticating import REALM, answer, challenges, ha1, hashed
from tests.modules.asking import PASSWORD, URI, Asking
from tests.modules.running import NOW, code_of, mistakes

_QOP: Final[dict[str, Any]] = {"qop": "auth"}
_COUNTED = 'modparam("auth", "nonce_count", 1) modparam("auth", "qop", "auth")'
_ONCE = 'modparam("auth", "one_time_nonce", 1)'
_MINE = 'modparam("auth", "secret", "a secret of the script")'


# --- who is meant before it is known who it is -----------------------------------------------

_DECOY: Final = 'Digest username="mallory", realm="{}", nonce="n", uri="sip:x", response="0"'


@pytest.mark.parametrize(
    "alter",
    [
        lambda line: f"Proxy-Authorization: {_DECOY.format('other.example')}\r\n{line}",
        lambda line: f"{line}Authorization: {_DECOY.format(REALM)}\r\n",
        lambda line: line.replace("\r\n", ", x.username=mallory\r\n"),
        lambda line: line.replace("\r\n", ", username=mallory\r\n"),
        lambda line: (
            f"Proxy-Authorization: {_DECOY.format('other.example')}\r\n"
            f"{line[:-2]}, opaque=1, opaque=2\r\n"
        ),
    ],
)
def test_nobody_gets_in_as_somebody_else_whose_password_they_lack(alter: Any) -> None:
    """A script looks the password up by `$au`: that has to be the user who is let in then."""
    server = Asking(f'pv_proxy_authenticate("{REALM}", "secret of $au", "0")')
    assert server.ask(server.answered(password="secret of alice")) == 1
    assert server.ask(alter(server.answered(password="secret of mallory"))) < 0


# --- nonces in time and across restarts ------------------------------------------------------


@pytest.mark.parametrize(("seconds", "code"), [(0, 1), (300, 1), (301, -4), (-3, 1), (-4, -4)])
def test_a_nonce_is_good_for_some_time(seconds: int, code: int) -> None:
    server = Asking()
    line = server.answered()
    assert server.ask(line, now=NOW + seconds) == code


def test_how_long_it_is_good_can_be_said() -> None:
    server = Asking(
        parameters='modparam("auth", "nonce_expire", 5) modparam("auth", "nonce_auth_max_drift", 1)'
    )
    line = server.answered()
    assert [server.ask(line, now=NOW + each) for each in (5, 6, -1, -2)] == [1, -4, 1, -4]


def test_a_challenge_says_that_the_nonce_was_all_that_was_wrong() -> None:
    server = Asking()
    line = server.answered()
    assert server.ask(line, now=NOW + 301) == -4
    assert [each.get("stale") for each in challenges(server.reply)] == ["true"]
    assert server.ask(server.answered(password="wrong")) == -2
    assert [each.get("stale") for each in challenges(server.reply)] == [None]


def test_stale_is_said_for_the_realm_of_the_credentials_alone() -> None:
    server = Asking(challenge='auth_challenge("other.example", 0)')
    found = {"realm": REALM, "nonce": server.challenged()[0]["nonce"]}
    assert server.ask(answer(found, "MESSAGE", URI), now=NOW + 301) == -4
    assert [each.get("stale") for each in challenges(server.reply)] == [None]


def test_nonces_outlive_the_server() -> None:
    store = MemoryStore()
    line = Asking(store=store).answered()
    assert Asking(store=store).ask(line) == 1
    assert Asking(store=MemoryStore()).ask(line) == -1


def test_servers_with_one_secret_take_each_others_nonces() -> None:
    line = Asking(parameters=_MINE).answered()
    assert Asking(parameters=_MINE).ask(line) == 1
    assert Asking(parameters='modparam("auth", "secret", "another one")').ask(line) == -1
    assert Asking().ask(line) == -1


@pytest.mark.parametrize("parameters", [_COUNTED, _ONCE])
def test_what_was_used_before_a_restart_is_used_after_it(parameters: str) -> None:
    store = MemoryStore()
    server = Asking(parameters=parameters, store=store)
    used, unused = server.answered(**_QOP), server.answered(**_QOP)
    assert server.ask(used) == 1
    again = Asking(parameters=parameters, store=store)
    assert again.ask(used) < -3
    assert again.ask(unused) == 1
    assert again.ask(unused) < -3
    assert again.ask(again.answered(**_QOP)) == 1


@pytest.mark.parametrize("parameters", [_COUNTED, _ONCE])
def test_a_store_that_is_lost_takes_all_nonces_with_it(parameters: str) -> None:
    parameters += _MINE
    line = Asking(parameters=parameters, store=MemoryStore()).answered(**_QOP)
    server = Asking(parameters=parameters, store=MemoryStore())
    server.challenged(now=NOW + 1)
    assert server.ask(line, now=NOW + 1) < -3
    assert server.ask(server.answered(**_QOP)) == 1


def test_a_nonce_without_a_number_is_none_where_they_are_counted() -> None:
    line = Asking(parameters=_MINE).answered(**_QOP)
    assert Asking(parameters=_MINE + _COUNTED).ask(line) == -4


def test_few_nonces_are_remembered_and_older_ones_are_used_up() -> None:
    server = Asking(parameters=f'{_COUNTED} modparam("auth", "nc_array_size", 3)')
    lines = [server.answered(**_QOP) for _ in range(3)]  # two slots: the first has the third's
    assert server.ask(lines[2]) == 1
    assert server.ask(lines[0]) == -4
    assert server.ask(lines[1]) == 1
    assert server.ask(lines[2]) == -4


class _Failing(MemoryStore):
    """A store whose tables cannot be read while it is broken."""

    is_broken = False

    def table(self, name: str) -> Table:
        made: Any = _FailingTable(self, super().table(name))
        return made  # type: ignore[no-any-return]


class _FailingTable:
    def __init__(self, store: _Failing, table: Table) -> None:
        self._store = store
        self._table = table

    def __getattr__(self, name: str) -> Any:
        if self._store.is_broken:
            raise StoreError("the disk is gone")
        return getattr(self._table, name)


@pytest.mark.parametrize("parameters", [_COUNTED, _ONCE])
def test_a_store_that_fails_lets_nobody_in(parameters: str) -> None:
    store = _Failing()
    server = Asking(parameters=parameters, store=store)
    line = server.answered(**_QOP)
    store.is_broken = True
    assert server.ask(line) == -1
    assert any("is gone" in each for each in server.lines)
    store.is_broken = False
    assert server.ask(line) == 1


def test_a_challenge_without_a_number_is_a_500() -> None:
    store = _Failing()
    server = Asking(parameters=_ONCE, store=store)  # it has taken no numbers yet
    store.is_broken = True
    assert server.ask() == -5
    assert server.reply.what == "500"
    store.is_broken = False
    assert server.ask(server.answered()) == 1


@pytest.mark.parametrize("parameters", ["", _COUNTED + _MINE])
def test_a_store_that_cannot_be_opened_keeps_the_server_from_starting(parameters: str) -> None:
    store = _Failing()
    store.table = _no_table  # type: ignore[method-assign]
    with pytest.raises(StoreError, match="no disk"):
        Asking(parameters=parameters, store=store)
    Asking(parameters=_MINE, store=store)  # it is not wanted


def _no_table(name: str) -> Table:
    raise StoreError(f"no disk for {name}")


# --- what a nonce is for ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("checks", "more", "code"),
    [
        (8, {"source": "192.0.2.2"}, -4),
        (7, {"source": "192.0.2.2"}, 1),
        (4, {"from_": "<sip:alice@caller.example>;tag=other"}, -4),
        (2, {"call_id": "other"}, -4),
        (1, {"uri": "sip:else@callee.example"}, -4),
        (14, {"uri": "sip:else@callee.example"}, 1),
        (0, {"source": "192.0.2.2", "call_id": "other"}, 1),
    ],
)
def test_a_nonce_is_for_parts_of_a_request(checks: int, more: dict[str, Any], code: int) -> None:
    server = Asking(parameters=f'modparam("auth", "auth_checks_no_dlg", {checks})')
    line = server.answered()
    assert server.ask(line) == 1
    assert server.ask(line, **more) == code


def test_parts_are_not_taken_for_each_other() -> None:
    server = Asking(parameters='modparam("auth", "auth_checks_no_dlg", 6)')
    found = server.challenged(call_id="ab", from_="<sip:alice@caller.example>;tag=c")[0]
    line = answer(found, "MESSAGE", URI)
    assert server.ask(line, call_id="a", from_="<sip:alice@caller.example>;tag=bc") == -4


# --- algorithms ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["MD5", "SHA-256", "SHA-512-256", "SHA-512"])
@pytest.mark.parametrize("qop", [None, "auth", "auth-int"])
def test_algorithms(name: str, qop: str | None) -> None:
    server = Asking(parameters=f'modparam("auth", "algorithm", "{name}")')
    line = server.answered(qop=qop, body="body")
    assert f"algorithm={name}" in line
    assert server.ask(line, body="body") == 1
    assert server.ask(line, body="other") == (-2 if qop == "auth-int" else 1)


def test_several_algorithms_are_offered_side_by_side() -> None:
    server = Asking(parameters='modparam("auth", "algorithm", "SHA-512-256, SHA-256,MD5")')
    found = server.challenged()
    assert [each["algorithm"] for each in found] == ["SHA-512-256", "SHA-256", "MD5"]
    assert len({each["nonce"] for each in found}) == 1
    assert [server.ask(answer(each, "MESSAGE", URI)) for each in found] == [1, 1, 1]
    unnamed = {name: value for name, value in found[2].items() if name != "algorithm"}
    assert server.ask(answer(unnamed, "MESSAGE", URI)) == 1  # MD5, as RFC 7616 says
    best, worst = found[0], found[2]
    assert server.ask(answer(best, "MESSAGE", URI) + answer(worst, "MESSAGE", URI)) == 1


@pytest.mark.parametrize("function", ["www_challenge", "proxy_challenge", "auth_challenge"])
def test_a_challenge_may_name_its_algorithms(function: str) -> None:
    call = 'pv_auth_check("r.example", "secret", 0, 0)'
    challenge = f'{function}("r.example", 1, "SHA-256,MD5")'
    method = "REGISTER" if function == "www_challenge" else "MESSAGE"
    server = Asking(call, challenge=challenge)
    found = server.challenged(method)
    assert [each["algorithm"] for each in found] == ["SHA-256", "MD5"]
    header = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
    for each in found:
        assert server.ask(answer(each, method, URI, header=header, **_QOP), method) == 1


def test_nobody_gets_in_by_an_algorithm_that_was_not_offered() -> None:
    server = Asking(parameters='modparam("auth", "algorithm", "SHA-256")')
    found = server.challenged()[0]
    for name in ("MD5", "SHA-512", "MD5-sess", "SHA-256-sess", "x"):
        assert server.ask(answer(found | {"algorithm": name}, "MESSAGE", URI)) == -1


def test_auth_algorithm_is_for_one_request() -> None:
    server = Asking(more='route[X] { auth_algorithm("$fU"); }', challenge='auth_challenge("x", 0)')
    then = Asking('auth_algorithm("SHA-256")')
    assert then.ask() == 1
    chosen = Asking(then='if ($fU == "sha") auth_algorithm("SHA-512-256");')
    found = chosen.challenged(from_="<sip:sha@x>;tag=1")
    assert [each["algorithm"] for each in found] == ["SHA-512-256"]
    assert chosen.ask(answer(found[0], "MESSAGE", URI)) == 1
    assert "algorithm" not in chosen.challenged()[0]
    assert server.challenged()[0].get("algorithm") is None


# --- answers ---------------------------------------------------------------------------------


@pytest.mark.parametrize("qop", ["auth", "auth-int"])
def test_authentication_info_proves_that_we_know_the_password(qop: str) -> None:
    server = Asking(parameters='modparam("auth", "add_authinfo_hdr", 1)')
    found = server.challenged()[0]
    assert server.ask(answer(found, "MESSAGE", URI, qop=qop, nc=7)) == 1
    two = hashed("MD5", f":{URI}" + (f":{hashed('MD5', '')}" if qop == "auth-int" else ""))
    one = ha1("alice", REALM, "secret")
    proof = hashed("MD5", f"{one}:{found['nonce']}:00000007:0a4f113b:{qop}:{two}")
    assert server.reply.value("Authentication-Info") == (
        f'nextnonce="{found["nonce"]}", qop={qop}, rspauth="{proof}", cnonce="0a4f113b",'
        " nc=00000007"
    )


def test_the_next_nonce_of_one_time_nonces_is_a_new_one() -> None:
    server = Asking(parameters=f'{_ONCE} modparam("auth", "add_authinfo_hdr", 1)')
    found = server.challenged()[0]
    assert server.ask(answer(found, "MESSAGE", URI)) == 1
    following = server.reply.value("Authentication-Info").split('"')[1]
    assert following != found["nonce"]
    assert server.ask(answer(found | {"nonce": following}, "MESSAGE", URI)) == 1


@pytest.mark.parametrize("forced", [0, 1])
def test_a_challenge_goes_with_the_transaction_unless_it_must_not(forced: int) -> None:
    server = Asking(
        "t_newtran()",
        f'modparam("auth", "force_stateless_reply", {forced})',
        then='$var(c) = auth_challenge("r.example", 0); xlog("$var(c)\\n"); exit;',
    )
    assert server.ask() == 1
    assert server.reply.what == "407"
    assert server.lines[-1] == "1"
    transaction = server.ctx.transaction
    assert transaction is not None
    assert transaction.server is not None
    assert transaction.server.status == (0 if forced else 407)


def test_a_challenge_leaves_nothing_to_later_answers() -> None:
    server = Asking(then='auth_challenge("x", 0);', challenge="exit")
    server.ask()
    assert server.ctx.reply_lines is None


# --- parameters and arguments ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"qop", "foo"', "qop is auth, auth-int or empty"),
        ('"algorithm", "md5"', 'not "md5"'),
        ('"algorithm", "MD5,"', 'not ""'),
        ('"algorithm", "MD5,MD5"', "twice"),
        ('"auth_checks_register", 16', "not 16"),
        ('"auth_checks_in_dlg", -1', "not -1"),
        ('"nc_array_size", 0', "not 0"),
        ('"nc_array_order", 31', "not 31"),
        ('"otn_in_flight_order", -2', "not -2"),
        ('"challenge_attr", "x"', "$avp(name)"),
        ('"www_challenge_header", "a b"', "no header field"),
        ('"protect_contacts", 1', "do not protect contacts"),
        ('"xkey", "x"', "xkey"),
    ],
)
def test_parameters_that_are_none(parameter: str, said: str) -> None:
    found = mistakes("request_route { exit; }", f'modparam("auth", {parameter})', modules=("auth",))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize(
    "parameter",
    [
        '"qop", ""',
        '"nid_pool_no", 64',
        '"protect_contacts", 0',
        '"nc_array_order", 20',
        '"otn_in_flight_order", 20',
        '"otn_in_flight_no", 8388608',
        '"algorithm", ""',
        '"challenge_attr", "$digest_challenge"',
    ],
)
def test_parameters(parameter: str) -> None:
    server = Asking(parameters=f'modparam("auth", {parameter})')
    assert server.ask(server.answered()) == 1


def test_that_phones_will_not_count_is_said_at_start() -> None:
    server = Asking(parameters='modparam("auth", "nonce_count", 1)')
    assert server.lines == ["<core>: auth: nonce_count is set, and qop is not"]
    assert Asking(parameters=_COUNTED).log.written == []


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('www_challenge("", "0")', "must not be empty"),
        ('pv_auth_check("", "x", 0, 0)', "must not be empty"),
        ('auth_get_www_authenticate("", 0, "$var(x)")', "must not be empty"),
        ('auth_get_www_authenticate("x", 0, "x")', "variable"),
        ('auth_get_www_authenticate("x", 0, "$ci")', "assigned"),
        ('www_challenge("x", "a")', "not a number"),
        ('www_challenge("x")', "argument"),
        ('www_challenge("x", 0, "MD4")', 'not "MD4"'),
        ('auth_algorithm("sha")', 'not "sha"'),
        ("consume_credentials(1)", "argument"),
    ],
)
def test_arguments_that_are_none(call: str, said: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}", modules=("auth",))
    assert len(found) == 1
    assert said in found[0]


@pytest.mark.parametrize("call", [PASSWORD, "consume_credentials()", 'has_credentials("x")'])
def test_they_are_for_requests(call: str) -> None:
    assert mistakes(f"reply_route {{ {call}; }}", modules=("auth",))


def test_auth_get_www_authenticate_gives_a_line_for_each_algorithm() -> None:
    server = Asking(
        'auth_get_www_authenticate("x", 17, "$var(x)")',
        'modparam("auth", "algorithm", "SHA-256,MD5")',
        then='xlog("$var(x)"); exit;',
    )
    assert server.ask() == 1
    assert [line.partition("algorithm=")[2] for line in server.lines[-1].splitlines()][:2] == [
        "SHA-256",
        "MD5",
    ]
    assert server.lines[-1].count("stale=true") == 2


def test_is_user_needs_credentials() -> None:
    assert code_of('is_user("alice")') == -1
