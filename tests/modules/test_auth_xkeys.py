"""auth_xkeys without a server: what the suite `auth_xkeys` of `tests/compat` cannot show."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from tests.fakes import request
from tests.modules.running import context, load, mistakes

_KEYS = (
    'modparam("auth_xkeys", "xkey", "id=a;name=x;value=k=1")'
    ' modparam("auth_xkeys", "xkey", "id=a; name=y; value=k2;")'
)


def _lines(code: str, extra: str = "") -> list[str]:
    program, log, _ = load(f"request_route {{ {code} }}", parameters=_KEYS, modules=("auth_xkeys",))
    assert program.request_route is not None
    program.request_route(context(program, request(extra=extra)))
    return [text.removeprefix("<script>: ").rstrip("\n") for _, text in log.written]


def test_signatures() -> None:
    check = '$var(r) = auth_xkeys_check("X-K", "a", "hmac-sha256", "$ci"); xlog("$var(r)\\n");'
    for key, code in ((b"k2", "1"), (b"k=1", "1"), (b"k3", "-1")):
        value = hmac.new(key, b"call-1", "sha256").hexdigest()
        assert _lines(check, f"X-K: {value}\r\n") == [code]
    added = 'auth_xkeys_add("X-K", "a", "hmac-sha256", "$ci"); msg_apply_changes();'
    value = hmac.new(b"k2", b"call-1", "sha256").hexdigest()
    assert _lines(f'{added} xlog("$hdr(X-K)\\n"); {check}') == [value, "1"]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("id=g;name=n;value='a;b c'", "a;b c"),
        ('ID=g; Name=\\"n\\";VALUE=\\"a\'b\\";expires=\'5\'', "a'b"),
        ("id=g;name=n;value=a'b=c", "a'b=c"),
    ],
)
def test_how_a_key_is_written(written: str, key: str) -> None:
    value = hashlib.sha256(f"{key}:x".encode()).hexdigest()
    code = '$var(r) = auth_xkeys_check("X-K", "g", "sha256", "x"); xlog("$var(r)\\n");'
    keys = f'modparam("auth_xkeys", "xkey", "{written}")'
    program, log, _ = load(f"request_route {{ {code} }}", parameters=keys, modules=("auth_xkeys",))
    assert program.request_route is not None
    program.request_route(context(program, request(extra=f"X-K: {value}\r\n")))
    assert [text for _, text in log.written] == ["<script>: 1\n"]


@pytest.mark.parametrize("name", ["X:", "X Y", "X\\r\\nY", "", "\u00e9"])
def test_what_is_no_header_field(name: str) -> None:
    for function in ("add", "check"):
        call = f'$var(r) = auth_xkeys_{function}("$avp(n)", "a", "sha256", "x");'
        assert _lines(f'$avp(n) = "{name}"; {call} xlog("$var(r)\\n");')[-1] == "-1"


def test_data_writes_no_header() -> None:
    code = 'auth_xkeys_add("X-K", "a", "sha256", "a\\r\\nX-Evil: 1"); msg_apply_changes();'
    assert _lines(f'{code} xlog("$hdr(X-Evil)\\n");') == ["<null>"]


def test_that_there_is_no_key_is_said() -> None:
    lines = _lines('auth_xkeys_add("X-K", "b", "sha256", "x");')
    assert len(lines) == 1
    assert 'no key is of the group "b"' in lines[0]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "a key is written"),
        ("id=a", "there is no name"),
        ("id=a;name=b", "there is no value"),
        ("name=a;value=b", "there is no id"),
        ("id=a;name=b;value=", "there is no value"),
        ("id=a;name=b;value=c;expires=x", "no number of seconds"),
        ("id=a;name=b;value=c;foo=x", "a key is written"),
        ("id=a;id=b;name=b;value=c", "a key is written"),
        ("id=a;name=b;value='c", "a key is written"),
        ("id=a;name=b;value=c d", "a key is written"),
        ("id=a;name=b;value=''", "there is no value"),
        ("id=a;name=b;value=c;;", "a key is written"),
    ],
)
def test_what_is_no_key(key: str, said: str) -> None:
    found = mistakes(
        "request_route { exit; }",
        f'modparam("auth_xkeys", "xkey", "{key}")',
        modules=("auth_xkeys",),
    )
    assert len(found) == 1
    assert said in found[0]


def test_what_is_no_algorithm() -> None:
    code = 'request_route { auth_xkeys_add("X", "a", "md5", "x"); }'
    found = mistakes(
        code, 'modparam("auth_xkeys", "hmac_engine", "gcrypt")', modules=("auth_xkeys",)
    )
    assert len(found) == 1
    assert "sha256, sha384, sha512, hmac-sha256" in found[0]
