"""$xavp, $xavi, $xavu, $vn, $shv in scripts; the values are those of Kamailio 5.6.3."""

from __future__ import annotations

import pytest

from tests.fakes import context, counted, read, request, write
from tests.modules.running import mistakes, run


def test_values_stack_and_fields_belong_to_the_newest() -> None:
    ctx = context()
    assert read(ctx, "xavp", "a") is None
    assert ctx.extras is None, "reading makes nothing"
    write(ctx, "xavp", 1, "p=>x")
    write(ctx, "xavp", 2, "p=>x")
    write(ctx, "xavp", "y", "p[1]=>y")
    assert [read(ctx, "xavp", f"p[{at}]=>x") for at in (0, 1, -1, 2)] == [2, 1, 1, None]
    assert read(ctx, "xavp", "p=>y") is None
    assert read(ctx, "xavp", "p[1]=>y") == "y"
    assert counted(ctx, "xavp", "p=>x") == counted(ctx, "xavp", "p") == 2
    assert counted(context(), "xavp", "p") == 0


def test_names_of_xavi_are_the_same_in_small_letters() -> None:
    ctx = context()
    write(ctx, "xavi", 1, "Big=>Name")
    assert read(ctx, "xavi", "bIG[0]=>nAME") == 1
    assert read(ctx, "xavp", "Big=>Name") is None


def test_xavu_has_one_value_for_a_name() -> None:
    ctx = context()
    write(ctx, "xavu", 1, "a=>b")
    write(ctx, "xavu", "two", "a=>b")
    assert read(ctx, "xavu", "a=>b") == "two"
    write(ctx, "xavu", None, "a")
    assert read(ctx, "xavu", "a=>b") is None


def test_indexes_and_names_from_variables() -> None:
    ran = run(
        '$xavp(a)="old"; $xavp(a)="new"; $var(i)=1; $var(n)="a"; $xavp(a[$var(i)])="older";'
        ' xlog("$xavp(a[$var(i)]) $xavp($var(n)) $cnt($xavp($var(n)[*])) $cnt($xavp(a[$var(i)]))");'
    )
    assert ran.lines == ["older new 2 1"]


def test_a_name_from_the_network_is_no_path() -> None:
    data = request(extra="X-Evil: 0]=>secret[0\r\n")
    ran = run(
        '$xavp(a=>secret)="s"; xlog("$xavp(a[$hdr(X-Evil)]=>other) $xavp($hdr(X-Evil))");', data
    )
    assert "s" not in ran.lines[-1].replace("<null>", "")


def test_a_wrong_assignment_is_logged_and_the_script_goes_on() -> None:
    ran = run('$xavp(a)=1; $xavp(a[3])=2; xlog("$xavp(a)");')
    assert ran.lines[-1] == "1"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("$xavp(a[x]) = 1;", "is not name=>name"),
        ("$xavp(=>b) = 1;", "is not name=>name"),
        ("$xavp(a[$var(i)x]) = 1;", "is not name=>name"),
        ("$xavu(a[0]) = 1;", "a $xavu has no index"),
        ('xlog("$xavi(a[)");', "is not name=>name"),
        ("$xavp() = 1;", "needs a name"),
        ("$var(x) = $cnt($ru);", "only the values of $avp(...) and $xavp(...)"),
        ("$var(x) = $cnt(avp(x));", "only the values of $avp(...) and $xavp(...)"),
        ("$var(x) = $cnt($(avp(x){s.len}));", "only the values of"),
        ("$cnt($avp(x)) = 1;", "cannot be assigned to"),
        ("$vn() = 1;", "needs a name"),
        ("$var(x) = $xavq(a);", "there is no variable $xavq"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(f"request_route {{ {code} }}")
    assert found
    assert message in found[0]


def test_vn_keeps_null() -> None:
    ctx = context()
    assert read(ctx, "vn", "x") is None
    write(ctx, "vn", 5, "x")
    assert read(ctx, "vn", "x") == 5
    write(ctx, "vn", None, "x")
    assert read(ctx, "vn", "x") is None


def test_shv_outlives_the_message() -> None:
    ctx = context()
    assert read(ctx, "shv", "x") == 0
    write(ctx, "shv", "text", "x")
    assert ctx.program.shared.get("x") == read(ctx, "shv", "x") == "text"
    write(ctx, "shv", None, "x")
    assert read(ctx, "shv", "x") == ""


def test_a_name_made_when_the_script_runs_may_be_wrong() -> None:
    ran = run('xlog("$avp($hdr(X-None)) $hdr($hdr(X-None)) $(hdr($var(e))[-1])"); xlog("on");')
    assert ran.lines[-2:] == ["<null> <null> <null>", "on"]
    ran = run('$avp($hdr(X-None)) = 1; xlog("on");')
    assert ran.lines[-1] == "on"


def test_a_format_of_time_from_the_network_may_be_wrong() -> None:
    data = request(extra="X-Format: a\0b\r\n")
    assert run('xlog("[$timef($hdr(X-Format))]");', data).lines[-1] == "[<null>]"


def test_avp_names_from_variables_are_numbers_or_texts() -> None:
    ran = run(
        '$avp(i:5)="n"; $avp(5)="t"; $var(n)=5; $var(t)="5"; xlog("$avp($var(n)) $avp($var(t))");'
    )
    assert ran.lines == ["n t"]
