"""Digest: the examples of the RFCs, and values that nobody should send."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.sip.digest import (
    Challenge,
    Credentials,
    Response,
    answer,
    challenge_of,
    hashed,
    is_known,
    parse_fields,
    plain_credentials,
    response,
    response_of,
    secret,
)

RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int",'
    ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)
NONCE_7616 = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE_7616 = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def challenge(text: str) -> Challenge:
    (fields,) = parse_fields(text)
    return challenge_of(fields)


def test_the_example_of_rfc_2617() -> None:
    value = answer(
        challenge(RFC_2617),
        Credentials("Mufasa", "Circle Of Life"),
        "GET",
        "/dir/index.html",
        "0a4f113b",
    )
    assert value == (
        'Digest username="Mufasa", realm="testrealm@host.com",'
        ' nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", uri="/dir/index.html",'
        ' opaque="5ccc069c403ebaf9f0171e9517f40e41", qop=auth, nc=00000001, cnonce="0a4f113b",'
        ' response="6629fae49393a05397450978507c4ef1", algorithm=MD5'
    )


@pytest.mark.parametrize(
    ("algorithm", "expected"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_examples_of_rfc_7616(algorithm: str, expected: str) -> None:
    ha1 = secret(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life")
    found = response(
        algorithm, ha1, NONCE_7616, "GET", "/dir/index.html", qop="auth", cnonce=CNONCE_7616
    )
    assert found == expected


def md5(text: str) -> str:
    return hashlib.md5(text.encode()).hexdigest()


def test_what_a_session_and_integrity_add() -> None:
    ha1 = md5(f"{md5('u:r:p')}:n:c")
    ha2 = md5(f"MESSAGE:sip:a:{md5('hello')}")
    expected = md5(f"{ha1}:n:00000001:c:auth-int:{ha2}")
    found = response(
        "MD5-SESS",
        md5("u:r:p"),
        "n",
        "MESSAGE",
        "sip:a",
        qop="auth-int",
        cnonce="c",
        body=b"hello",
    )
    assert found == expected


def test_without_qop_the_rules_of_rfc_2069_hold() -> None:
    value = answer(
        challenge('Digest realm="r", nonce="n"'), Credentials("u", "p"), "INVITE", "sip:a", "c"
    )
    assert "qop" not in value
    assert "cnonce" not in value
    assert f'response="{md5(md5("u:r:p") + ":n:" + md5("INVITE:sip:a"))}"' in value


def test_a_session_without_qop_has_a_cnonce() -> None:
    asked = challenge('Digest realm="r", nonce="n", algorithm=MD5-sess')
    value = answer(asked, Credentials("u", "p"), "INVITE", "sip:a", "c")
    assert 'cnonce="c"' in value
    assert value.endswith("algorithm=MD5-sess")


@pytest.mark.parametrize("algorithm", ["MD5", "SHA-256", "SHA-512-256"])
def test_a_hash_in_place_of_the_password(algorithm: str) -> None:
    if not is_known(algorithm):
        pytest.skip("this Python does not know it")
    asked = challenge(f'Digest realm="r", nonce="n", algorithm={algorithm}')
    plain = answer(asked, Credentials("u", "p"), "INVITE", "sip:a", "c")
    ha1 = secret(algorithm, "u", "r", "p")
    assert answer(asked, Credentials("u", ha1.upper(), True), "INVITE", "sip:a", "c") == plain


def test_a_hash_of_another_algorithm_is_refused() -> None:
    asked = challenge('Digest realm="r", nonce="n", algorithm=SHA-256')
    with pytest.raises(ValueError, match="no hash of SHA-256"):
        answer(asked, Credentials("u", md5("u:r:p"), True), "INVITE", "sip:a", "c")


@pytest.mark.parametrize(
    ("user", "uri"),
    [("a\r\nX: 1", "sip:a"), ("a\0", "sip:a"), ("a", 'sip:"'), ("a", "sip:\r\n"), ("a", "\\")],
)
def test_what_cannot_stand_in_a_header(user: str, uri: str) -> None:
    with pytest.raises(ValueError, match="cannot stand"):
        answer(challenge(RFC_2617), Credentials(user, "p"), "INVITE", uri, "c")


def test_quotes_in_a_name_are_escaped() -> None:
    value = answer(challenge(RFC_2617), Credentials('a"\\b', "p"), "INVITE", "sip:a", "c")
    assert value.startswith('Digest username="a\\"\\\\b", ')


@pytest.mark.parametrize(
    "text",
    [
        'Digest realm="r", nonce="n", opaque="o", stale=TRUE',
        'digest REALM = "r" , NONCE="n",opaque = "o", Stale="true"',
        'Digest realm="r",,nonce="n", opaque="o", stale=true,',
        'Digest\r\n realm="r",\r\n\tnonce="n", opaque="o", stale=true, foo=bar, realm="x"',
    ],
)
def test_the_same_challenge_in_other_forms(text: str) -> None:
    assert challenge(text) == Challenge("r", "n", "o", "MD5", None, (), True)


@pytest.mark.parametrize(
    ("qop", "found"),
    [
        ('"auth"', ("auth",)),
        ("auth", ("auth",)),
        ('"auth-int, AUTH"', ("auth", "auth-int")),
        ('"auth-int,other"', ("auth-int",)),
    ],
)
def test_what_may_be_protected(qop: str, found: tuple[str, ...]) -> None:
    assert challenge(f'Digest realm="r", nonce="n", qop={qop}').qop == found


def test_several_schemes_in_one_line() -> None:
    found = parse_fields('Basic realm="b", Digest realm="d", nonce="n", NTLM')
    assert [(each.scheme, each.parameters.get("realm")) for each in found] == [
        ("basic", "b"),
        ("digest", "d"),
        ("ntlm", None),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no scheme"),
        (", ,", "no scheme"),
        ('realm="r"', "no scheme"),
        ("Digest realm=", "realm has no value"),
        ('Digest realm="r', "realm has no value"),
        ('Digest realm="r\r\nX: 1"', "realm has no value"),
        ('Digest realm="r" nonce="n"', "a comma is wanted"),
        ('Digest "r"', "a name is wanted"),
        ("Digest " + "a=b," * 65, "too many"),
        ("Digest " + "a" * 9000, "too long"),
    ],
)
def test_what_breaks_the_grammar(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_fields(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('Basic realm="r"', "is not Digest"),
        ("Digest", "needs a realm"),
        ('Digest nonce="n"', "needs a realm"),
        ('Digest realm="", nonce="n"', "needs a realm"),
        ('Digest realm="r"', "needs a nonce"),
        ('Digest realm="r", nonce=""', "needs a nonce"),
        ("Digest realm=r, nonce=n", "needs a realm, in quotes"),
        ('Digest realm="r", nonce="n", algorithm=ODD', "ODD is not known"),
        ('Digest realm="r", nonce="n", qop="odd"', "odd is not known"),
        ('Digest realm="r", nonce="n", qop=""', "is not known"),
    ],
)
def test_what_is_no_challenge(text: str, said: str) -> None:
    (fields,) = parse_fields(text)
    with pytest.raises(ValueError, match=said):
        challenge_of(fields)


@given(st.text(alphabet='Digestrlmnoc ="\\,;\t\r\n\0é\udc80', max_size=200))
def test_anything_is_read_or_refused(text: str) -> None:
    try:
        for fields in parse_fields(text):
            challenge_of(fields)
    except ValueError:
        pass


@given(st.text(max_size=50), st.text(max_size=50), st.text(max_size=50))
def test_any_password_makes_one_line(user: str, password: str, uri: str) -> None:
    try:
        value = answer(challenge(RFC_2617), Credentials(user, password), "INVITE", uri, "c")
    except ValueError:
        return
    assert not set(value) & set("\r\n\0")
    (fields,) = parse_fields(value)
    assert fields.parameters["response"] in value


def test_a_hash_of_bytes() -> None:
    assert hashed("MD5", b"") == "d41d8cd98f00b204e9800998ecf8427e"


_ANSWER = 'Digest username="u", realm="r", nonce="n", uri="sip:x", response="00"'


def _answered(text: str) -> Response:
    fields = parse_fields(text)[0]
    return response_of(dict(fields.parameters), fields.repeated)


def test_usual_credentials_are_read_at_once() -> None:
    assert plain_credentials(_ANSWER.encode()) == parse_fields(_ANSWER)[0].parameters
    assert plain_credentials(_ANSWER.encode().replace(b"Digest", b"DIGEST")) is not None
    for uncommon in (b"Basic abc=x", b"Digest", b"Digest ", b"Digest\ta=b", b"Digest  a = b"):
        assert plain_credentials(uncommon) is None
    assert plain_credentials(b"Digest a=" + b"b" * 8192) is None


def test_what_has_been_answered() -> None:
    found = _answered(_ANSWER)
    assert (found.user, found.realm, found.nonce, found.uri) == ("u", "r", "n", "sip:x")
    assert (found.response, found.algorithm) == ("00", None)
    assert (found.qop, found.nc, found.cnonce) == ("", "", "")
    found = _answered(f'{_ANSWER}, qop=auth, nc=00000001, cnonce="c", algorithm=sha-256')
    assert (found.algorithm, found.qop) == ("SHA-256", "auth")
    assert (found.nc, found.cnonce) == ("00000001", "c")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        *(
            (_ANSWER.replace(f"{name}=", "x="), f"no {name}")
            for name in ("username", "uri", "nonce")
        ),
        (f"{_ANSWER}, qop=auth, nc=1", "no cnonce"),
        (f"{_ANSWER}, qop=auth, cnonce=1", "no nc"),
        (f"{_ANSWER}, username=x", "more than one username"),
        (f"{_ANSWER}, Algorithm=MD5, algorithm=MD5", "more than one algorithm"),
    ],
)
def test_what_is_no_answer(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        _answered(text)
