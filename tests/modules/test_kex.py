"""kex; its return codes are held by `tests/compat/cases/siputils.cfg` too."""

from __future__ import annotations

import pytest

from tests.modules.running import code_of, mistakes, run


@pytest.mark.parametrize("kind", ["s", "b"])
def test_flags(kind: str) -> None:
    before = f"set{kind}flag(0); set{kind}flag(31);"
    assert code_of(f"is{kind}flagset(31)", before=before) == 1
    assert code_of(f"is{kind}flagset(30)", before=before) == -1
    assert code_of(f"is{kind}flagset(0)", before=f"{before} reset{kind}flag(0);") == -1


def test_flags_of_the_script_of_the_branch_and_of_the_message_are_not_the_same() -> None:
    for call in ("issflagset(1)", "isbflagset(1)"):
        assert code_of(call, before="setflag(1);") == -1


def test_branch_flags_of_the_first_branch() -> None:
    assert code_of("isbflagset(1, 0)", before="setbflag(1, 0);") == 1
    assert run('resetbflag(1, 0); xlog("$rc");', level=3).lines == ["1"]


def test_branch_flags_of_branches_that_were_added() -> None:
    added = 'append_branch("sip:a@x"); append_branch("sip:b@x");'
    before = f"{added} setbflag(5, 2);"
    assert code_of("isbflagset(5, 2)", before=before) == 1
    assert code_of("isbflagset(5, 1)", before=before) == -1
    assert code_of("isbflagset(5)", before=before) == -1
    assert code_of("isbflagset(5, 2)", before=f"{before} resetbflag(5, 2);") == -1


@pytest.mark.parametrize("call", ["setbflag(1, 1)", "resetbflag(1, 9)", "isbflagset(1, 3)",
                                  'setbflag(1, "$var(x)")'])  # fmt: skip
def test_branches_that_are_not_there(call: str) -> None:
    assert code_of(call, before="$var(x) = -1;") == -1


def test_the_next_hop() -> None:
    ran = run('setdsturi("sip:192.0.2.1:99"); xlog("$du"); resetdsturi(); xlog("$du");')
    assert ran.lines == ["sip:192.0.2.1:99", "<null>"]
    assert code_of("isdsturiset()") == -1
    assert code_of("isdsturiset()", before='$du = "sip:a";') == 1
    assert code_of('setdsturi("nonsense")') == -1


def test_pv_printf() -> None:
    assert run('pv_printf("$var(x)", "[$rm] $avp(none)"); xlog("$var(x)");').lines == [
        "[OPTIONS] <null>"
    ]
    assert code_of('pv_printf("$ft", "x")') == -1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sip:bob@192.0.2.9", 1),
        ("sip:192.0.2.9:5060", 1),
        ("sip:192.0.2.9:5061", -1),
        ("192.0.2.9", 1),
        ("sip:bob@other.example", -1),
    ],
)
def test_is_myself(text: str, code: int) -> None:
    assert code_of(f'is_myself("{text}")') == code


def test_the_log_level_for_a_while() -> None:
    ran = run('setdebug(-1); xlog("L_NOTICE", "no"); resetdebug(); xlog("L_NOTICE", "yes");')
    assert ran.lines == ["yes"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("setsflag(32)", "a flag is a number from 0 to 31"),
        ('setbflag(1, "x")', '"x" is not a number'),
        ('setbflag("x")', "is not a number"),
        ('pv_printf("x", "y")', "wants a variable"),
        ("isdsturiset(1)", "takes no arguments"),
    ],
)
def test_wrong_arguments_are_found_before_the_script_runs(call: str, message: str) -> None:
    found = mistakes(f"request_route {{ {call}; }}")
    assert len(found) == 1
    assert message in found[0]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("sip:bob@192.0.2.9", 1),
        ("sip:192.0.2.9:9999;transport=tls", 1),
        ("192.0.2.9", 1),
        ("sip:bob@192.0.2.8", -1),
        ("192.0.2.8", -1),
        ("nonsense", -1),
        ("", -1),
    ],
)
def test_is_myhost(text: str, code: int) -> None:
    assert code_of(f'is_myhost("{text}")') == code
