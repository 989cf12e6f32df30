"""pv; its return codes are held by `tests/compat/cases/siputils.cfg` too."""

from __future__ import annotations

import pytest

from tests.fakes import request
from tests.modules.running import code_of, mistakes, run

BEFORE = '$var(i) = 5; $var(s) = "x"; $avp(e) = ""; $avp(i) = 0;'


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('pv_isset("$var(i)")', 1),
        ('pv_isset("$avp(e)")', 1),
        ('pv_isset("$avp(never)")', -1),
        ("pv_isset($ru)", 1),
        ('is_int("$var(i)")', 1),
        ('is_int("$var(s)")', -1),
        ('is_int("$avp(i)")', 1),
        ('is_int("$avp(never)")', -1),
        ('typeof("$var(i)", "int")', 1),
        ('typeof("$var(s)", "str")', 1),
        ('typeof("$avp(never)", "null")', 1),
        ('typeof("$var(s)", "int")', -1),
        ('not_empty("$var(s)")', 1),
        ('not_empty("$avp(e)")', -1),
        ('not_empty("$avp(never)")', -1),
        ('not_empty("$var(i)")', -1),
        ('pv_unset("$var(i)")', 1),
        ('pv_unset("$ft")', 1),
        ('pv_unset("$ru")', -1),
    ],
)
def test_codes(call: str, code: int) -> None:
    assert code_of(call, before=BEFORE) == code


def test_pv_unset_takes_the_value_away() -> None:
    unset = 'pv_unset("$avp(x)"); pv_unset("$var(y)");'
    ran = run(f'$avp(x) = 1; $var(y) = 2; {unset} xlog("$avp(x) $var(y)");')
    assert ran.lines == ["<null> 0"]


def test_varset_gives_variables_their_first_value() -> None:
    parameters = "\n".join(
        f'modparam("pv", "varset", "{each}")' for each in ("n=i:-7", "t=s:a=b:c", "none=i:1")
    )
    ran = run('xlog("$var(n) $var(t) $var(other)");', parameters=parameters)
    assert ran.lines == ["-7 a=b:c 0"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('modparam("pv", "varset", "n")', "name=i:NUMBER or name=s:TEXT is wanted"),
        ('modparam("pv", "varset", "n=i:x")', '"x" is not a number'),
        ('request_route { pv_isset("x"); }', "wants a variable"),
        ('request_route { typeof("$ru"); }', "takes 2 arguments"),
        ('modparam("pv", "nothing", 1)', "has no parameter nothing"),
    ],
)
def test_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    found = mistakes(
        code if "request_route" in code else "request_route { exit; }",
        parameters="" if "request_route" in code else code,
    )
    assert len(found) == 1
    assert message in found[0]


def test_shvset_gives_shared_variables_their_first_value() -> None:
    parameters = 'modparam("pv", "shvset", "n=i:5")\nmodparam("pv", "shvset", "t=s:x:y")'
    assert run('xlog("$shv(n) $shv(t) $shv(u)");', parameters=parameters).lines == ["5 x:y 0"]


def test_avp_aliases_are_other_names() -> None:
    parameters = 'modparam("pv", "avp_aliases", "mail=s:mail_of; no=i:7")'
    code = (
        '$avp(mail)="m"; $avp(no)=1; xlog("$avp(mail_of) $avp(i:7) $avp(s:mail) $cnt($avp(mail))");'
    )
    assert run(code, parameters=parameters).lines == ["m 1 <null> 1"]


# --- tables; what is the same on Kamailio is held by tests/compat/cases/pvmodule.cfg ---------

TABLE = '$xavp(a=>x)="old"; $xavp(a=>x)="new"; $xavp(a[0]=>n)=-1; $xavp(v)=5;'


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ('xavp_copy("a", 0, "b")', 1),
        ('xavp_copy("a", "-1", "b")', -1),
        ('xavp_copy("none", "0", "b")', -1),
        ('xavp_copy("a", "0", "b", "0")', -1),
        ('xavp_copy("a", "$hdr(X)", "b")', -1),
        ('xavp_lshift("a", "1")', 1),
        ('xavp_lshift("none", "1")', -1),
        ('xavp_params_explode("a=1;b", "x")', 1),
        ('xavp_params_explode("", "x")', -1),
        ('xavp_params_explode(";;", "x")', -1),
        ('xavp_params_explode("a=\\"b", "x")', -1),
        ('xavp_xparams_explode("a=1&b=2", "&", "x")', 1),
        ('xavp_xparams_explode("a=1;b=2", "&", "x")', 1),
        ('xavu_params_explode("=", "x")', -1),
        ('xavp_slist_explode("a", "", "t", "x")', -1),
        ('xavp_params_implode("none", "$var(x)")', -1),
        ('xavp_params_implode("v", "$var(x)")', -1),
        ('xavp_params_implode("a", "$mf")', -1),
        ('xavu_params_implode("none", "$var(x)")', -1),
        ('xavp_push_dst("v")', -1),
        ('xavp_rm("none")', 1),
        ('xavp_rm_all("none")', 1),
        ('xavi_rm_all("none")', 1),
        ('xavp_child_rm("v", "x")', 1),
        ('xavp_child_seti("a", "x", "$hdr(X)")', -1),
        ('pv_xavp_to_var("v")', -1),
        ('pv_evalx("$var(x)", "$$nothing")', -1),
        ('pv_evalx("$mf", "text")', -1),
        ("sbranch_append()", -1),
        ("sbranch_set_ruri()", -1),
        ("sbranch_reset()", 1),
    ],
)
def test_codes_of_functions_on_tables(call: str, code: int) -> None:
    assert code_of(call, before=TABLE) == code


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ('xavp_params_implode_qval("a", "$var(o)"); xlog("$var(o)");', 'n=4294967295;x="new";'),
        ('xavp_lshift("a", "-1"); xlog("$xavp(a=>x) $xavp(a[1]=>x)");', "old new"),
        ('xavp_lshift("a", "2"); xlog("$xavp(a=>x) $xavp(a[1]=>x)");', "new old"),
        ('xavp_rm_all("a"); xlog("$cnt($xavp(a)) $xavp(v)");', "0 5"),
        ('$xavi(I)=1; $xavi(i)=2; xavi_rm_all("I"); xlog("$xavi(i)");', "<null>"),
        ('xavp_xparams_explode("p=1 & q=2", "&", "z"); xlog("$xavp(z=>p)$xavp(z=>q)");', "12"),
        ('xavp_xparams_explode("p=a;b,q=2", ",", "z"); xlog("$xavp(z=>p)$xavp(z=>q)");', "a;b2"),
        ('xavp_params_explode("k=\\"a;b\\"", "z"); xlog("$xavp(z=>k)");', "a;b"),
        ('pv_xavp_to_var("a"); xlog("$var(x) $var(n) $var(o)");', "new -1 0"),
        ('$var(q)=7; pv_var_to_xavp("*", "w"); xlog("$xavp(w=>q)");', "7"),
    ],
)
def test_what_functions_do_to_tables(code: str, line: str) -> None:
    assert run(f"{TABLE} {code}").lines[-1] == line


def test_xavp_push_dst_sends_elsewhere_or_changes_nothing() -> None:
    where = '$xavp(d=>uri)="sip:u@x"; $xavp(d[0]=>dsturi)="sip:next";'
    shown = 'xavp_push_dst("d"); xlog("$rc $ru $du $fs");'
    good = f'{where} $xavp(d[0]=>socket)="udp:192.0.2.9:5060"; {shown}'
    assert run(good).lines == ["1 sip:u@x sip:next udp:192.0.2.9:5060"]
    for socket in ("udp:192.0.2.1:5060", "any:1:2:3"):
        bad = run(f'{where} $xavp(d[0]=>socket)="{socket}"; {shown}')
        assert bad.lines[-1] == "-1 sip:bob@callee.example <null> <null>"
    number = run(f"{where} $xavp(d[0]=>uri)=5; {shown}")
    assert number.lines[-1] == "-1 sip:bob@callee.example <null> <null>"


def test_tables_are_logged_a_value_a_line() -> None:
    more = '$xavu(u=>w)="x"; $xavi(I)=1;'
    ran = run(f"{TABLE} {more} pv_xavp_print(); pv_xavu_print(); pv_xavi_print();")
    assert [line.removeprefix("<core>: ") for line in ran.lines] == [
        "$xavp(v[0]) = 5",
        "$xavp(a[0]=>n[0]) = -1",
        '$xavp(a[0]=>x[0]) = "new"',
        '$xavp(a[1]=>x[0]) = "old"',
        '$xavu(u=>w) = "x"',
        "$xavi(i[0]) = 1",
    ]


def test_a_static_branch_is_appended_and_becomes_the_request_uri() -> None:
    ran = run(
        '$sbranch(uri)="sip:s@x"; $sbranch(q)=500; $sbranch(dst_uri)="sip:d"; sbranch_append();'
        ' $sbranch(uri)="sip:t@x"; sbranch_set_ruri(); xlog("$ds $du $branch(dst_uri)");'
        ' sbranch_reset(); xlog("$sbranch(uri)");'
    )
    assert ran.lines == ["Contact: <sip:t@x>;q=0.5, <sip:s@x>;q=0.5 sip:d sip:d", "<null>"]


def test_evalx_reads_what_comes_out() -> None:
    ran = run(
        '$var(q)="$$rm"; $var(p)="$rm"; pv_evalx("$var(z)", "$var(p) $$rm"); xlog("$var(z)");'
    )
    assert ran.lines == ["OPTIONS OPTIONS"]
    long = run(
        '$var(z)="kept"; pv_evalx("$var(z)", "$rb"); xlog("$var(z)");', request(body="x" * 5000)
    )
    assert long.lines[-1] == "kept"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('modparam("pv", "shvset", "n")', "name=i:NUMBER or name=s:TEXT is wanted"),
        ('modparam("pv", "avp_aliases", "n")', "name=s:AVP or name=i:NUMBER is wanted"),
        ('modparam("pv", "avp_aliases", "n=i:x")', '"x" is not a number'),
        ('modparam("pv", "avp_aliases", "n=q:x")', "name=s:AVP or name=i:NUMBER is wanted"),
        ('request_route { xavp_params_implode("x", "$rm"); }', "$rm cannot be assigned to"),
        ('request_route { xavp_params_implode("x", "x"); }', "wants a variable that can be"),
        ('request_route { pv_evalx("$(var(x){s.len})", "x"); }', "cannot be assigned to"),
        ('request_route { xavp_copy("a", "x", "b"); }', '"x" is not a number'),
        ('request_route { xavp_xparams_explode("a", "ab", "b"); }', "one character is wanted"),
        ('request_route { xavp_child_seti("a", "b"); }', "takes 3 arguments"),
        ("reply_route { sbranch_append(); }", "sbranch_append()"),
    ],
)
def test_more_mistakes_are_found_before_the_script_runs(code: str, message: str) -> None:
    is_code = "_route" in code
    found = mistakes(
        code if is_code else "request_route { exit; }", parameters="" if is_code else code
    )
    assert len(found) == 1
    assert message in found[0]
