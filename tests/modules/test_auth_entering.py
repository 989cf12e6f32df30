"""Nobody gets in through auth who does not belong, whatever is tried."""

from __future__ import annotations

import time
from typing import Any, Final

import pytest

from sipway.core.authorized import authorized
from sipway.sip.edits import edited
from tests.compat.authenticating import REALM, answer
from tests.modules.asking import URI, Asking


@pytest.mark.parametrize("text", ["$null", "$avp(unset)", "$fn", "x$avp(unset)"])
def test_what_is_not_set_is_nobodys_password(text: str) -> None:
    server = Asking(f'pv_proxy_authenticate("{REALM}", "{text}", "0")')
    found = server.challenged()[0]
    for password in ("", "<null>", "x<null>", "0"):
        assert server.ask(answer(found, "MESSAGE", URI, password=password)) == -1


@pytest.mark.parametrize("text", ["$fn", "$null", "$avp(unset)"])
def test_what_is_not_set_is_no_realm(text: str) -> None:
    assert Asking(f'pv_proxy_authenticate("{text}", "secret", "0")').ask() == -1
    server = Asking(challenge=f'auth_challenge("{text}", 0)')
    server.ask()
    assert server.reply.what == "500"


@pytest.mark.parametrize(
    "text", ['\\"x', "\\\\", "a\\r\\nX: 1", "a\\nb", "\\t", "a, algorithm=x\\r\\n"]
)
def test_a_realm_writes_no_header(text: str) -> None:
    server = Asking(then=f'$avp(r) = "{text}";', challenge='auth_challenge("$avp(r)", 0)')
    server.ask()
    assert server.reply.what == "500"
    assert "X: 1" not in server.reply.text


@pytest.mark.parametrize(
    "user", ["Alice", "ALICE", "alice ", " alice", "alice\\\\", "%61lice", "älice"]
)
def test_a_user_by_another_name_is_another(user: str) -> None:
    server = Asking(f'pv_auth_check("{REALM}", "secret", 0, 1)')
    assert server.ask(server.answered(user=user)) == -8
    assert server.ask(server.answered()) == 1
    assert server.ask(server.answered(user=user, shown={"username": "alice"})) == -2
    assert server.ask(server.answered(shown={"username": user})) == -2


def test_what_is_written_down_is_who_was_let_in() -> None:
    then = 'xlog("$au $aU $ar $Au $AU $adu $adn\\n");'
    server = Asking(then=then)
    found = server.challenged()[0]
    right = answer(found, "MESSAGE", URI, user="bob@there.example")
    forged = right.replace("bob", "admin").replace(REALM, "other.example")
    assert server.ask(forged + right) == 1
    wanted = f"bob bob@there.example {REALM} bob@there.example bob {URI} {found['nonce']}"
    assert server.lines[-1] == wanted
    assert server.ask(forged) == -5
    assert server.lines[-1].split()[3:5] == ["alice@caller.example", "alice"]
    assert authorized(server.ctx) == ()


def test_of_several_credentials_those_for_the_realm_are_taken() -> None:
    server = Asking(then="consume_credentials();")
    right = server.answered()
    others = "".join(right.replace(REALM, f"{number}.example") for number in range(5))
    odd = 'Proxy-Authorization: Digest "\r\nProxy-Authorization: Basic abc\r\n'
    assert server.ask(others + odd + right + others.replace(".ex", ".x")) == 1
    left = edited(server.ctx.message, server.ctx.edits or ()).decode()
    assert right not in left
    assert left.count("Proxy-Authorization: ") == 12
    assert server.ask(others * 4 + right) == -5  # so many header fields are not looked at


def test_what_is_taken_out_is_found_again_in_a_changed_message() -> None:
    then = (
        'remove_hf("X-A"); append_hf("X-B: 1\\r\\n"); msg_apply_changes(); consume_credentials();'
    )
    server = Asking(then=then)
    assert server.ask(f"X-A: 1\r\n{server.answered()}X-C: 1\r\n") == 1
    left = edited(server.ctx.message, server.ctx.edits or ()).decode()
    assert "Proxy-Authorization" not in left
    assert "X-B: 1\r\n" in left
    assert "X-C: 1\r\n" in left


def test_a_line_with_credentials_for_two_realms_is_none() -> None:
    server = Asking()
    right = server.answered()
    both = right.rstrip("\r\n") + ", " + right.partition(": ")[2].replace(REALM, "x")
    assert server.ask(both) == -1


_LONG = "a" * 60_000


@pytest.mark.parametrize(
    "value",
    [
        "Digest " + _LONG,
        f'Digest username="{_LONG}"',
        f'Digest username="{_LONG}',
        "Digest " + 'a="' * 20_000,
        "Digest " + "a=" * 30_000,
        "Digest " + '\\"' * 30_000,
        "Digest " + 'username="' + "\\" * 60_000,
        "Digest " + "," * 60_000,
        "Digest " + "a=b," * 15_000,
        "Digest" + " " * 60_000 + "=",
        "Digest " + "=" * 60_000,
        "a " * 30_000,
        "Digest \x00\x01\xff",
        "Digest realm",
        "Digest",
        "",
        '"',
    ],
)
def test_whatever_comes_in_is_looked_at_once(value: str) -> None:
    server = Asking(then='xlog("$au $aU $ad $ar $aa $adn $adc $ado $adr $adu\\n");')
    began = time.process_time()
    assert server.ask(f"Proxy-Authorization: {value}\r\n") in (-1, -5)
    assert time.process_time() - began < 0.5
    assert server.reply.what == "407"


@pytest.mark.parametrize(
    "nonce",
    ["", "A", "AAAA", "=", "====", "A" * 10_000, "é" * 28, "+" * 28, "\\" * 28, " " * 28, "A" * 28],
)
def test_odd_nonces(nonce: str) -> None:
    server = Asking()
    found = server.challenged()[0]
    assert server.ask(answer(found | {"nonce": nonce}, "MESSAGE", URI)) == -1


def test_a_nonce_is_no_good_with_any_of_it_changed() -> None:
    server = Asking()
    found = server.challenged()[0]
    nonce = found["nonce"]
    for at in range(len(nonce)):
        other = "A" if nonce[at] != "A" else "B"
        changed = nonce[:at] + other + nonce[at + 1 :]
        assert server.ask(answer(found | {"nonce": changed}, "MESSAGE", URI)) == -1
    for changed in (nonce + "=", nonce + "A", nonce[:-1], nonce.lower(), "A" + nonce):
        assert server.ask(answer(found | {"nonce": changed}, "MESSAGE", URI)) == -1


def test_a_digest_of_another_method_or_uri_is_wrong() -> None:
    server = Asking()
    found = server.challenged()[0]
    assert server.ask(answer(found, "REGISTER", URI)) == -2
    other = answer(found, "MESSAGE", "sip:else@x")
    assert server.ask(other.replace("sip:else@x", URI)) == -2


# --- with domains ------------------------------------------------------------------------------

_DOMAINS: Final = 'modparam("auth", "use_domain", 1)'
_AT: Final = "<sip:alice@{}>"


@pytest.mark.parametrize("method", ["REGISTER", "MESSAGE"])
def test_with_domains_a_user_is_of_the_realm_or_the_domain_named(method: str) -> None:
    """alice of one domain is not alice of another, whatever realm the script has."""
    server = Asking(f'pv_auth_check("{REALM}", "secret", 0, 1)', _DOMAINS)
    header = "Authorization" if method == "REGISTER" else "Proxy-Authorization"

    def tried(host: str, user: str = "alice") -> int:
        line = server.answered(method, user=user, header=header)
        at = _AT.format(host)
        return server.ask(line, method, to=at, from_=f"{at};tag=1")

    assert [tried(host) for host in (REALM, REALM.upper(), "c.example")] == [1, 1, -8]
    named = "alice@c.example"
    assert [tried(host, named) for host in ("c.example", "C.EXAMPLE", REALM)] == [1, 1, -8]
    assert tried("c.example", f"alice@{REALM}") == -8


@pytest.mark.parametrize("prefix", ["", "sip."])
@pytest.mark.parametrize("method", ["REGISTER", "MESSAGE"])
@pytest.mark.parametrize("realm", ["$fd", "$td"])
@pytest.mark.parametrize("host", ["a.example", "sip.a.example", "A.example"])
def test_with_domains_the_realm_may_be_that_of_the_request(
    realm: str, method: str, host: str, prefix: str
) -> None:
    parameters = f'{_DOMAINS} modparam("auth", "realm_prefix", "{prefix}")'
    server = Asking(
        f'pv_auth_check("{realm}", "secret", 0, 1)',
        parameters,
        challenge=f'auth_challenge("{realm}", 0)',
    )
    at = _AT.format(host)
    asked: dict[str, Any] = {"to": at, "from_": f"{at};tag=1"}
    found = server.challenged(method, **asked)[0]
    header = "Authorization" if method == "REGISTER" else "Proxy-Authorization"
    assert server.ask(answer(found, method, URI, header=header), method, **asked) == 1
