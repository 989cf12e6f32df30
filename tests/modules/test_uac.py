"""uac without a server: what the suites `uac*` of `tests/compat` cannot show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.core.late_edits import edits_for
from sipway.core.loader import ModuleCatalog, load_program
from sipway.core.settings import Settings
from sipway.errors import ModuleError
from sipway.language import compile_script
from sipway.language.diagnostics import Diagnostics
from sipway.language.parser import parse
from sipway.language.source import SourceFile
from sipway.modules.uac.hiding import found_with, hide, is_hidden
from sipway.sip.edits import edited
from tests.fakes import LogInMemory, request
from tests.modules.running import Ran, code_of, mistakes, run

MANUAL = 'modparam("uac", "restore_mode", "manual")'
ALICE = "sip:alice@caller.example"
URIS = st.text(st.characters(min_codepoint=33, exclude_characters='"<>\x7f'), min_size=1).filter(
    lambda text: text.isprintable()
)


def sent(ran: Ran, name: str) -> str:
    """A header line of the message as it leaves."""
    data = edited(ran.ctx.message, edits_for(ran.ctx, ran.ctx.socket)).decode()
    return next(each for each in data.split("\r\n") if each.startswith(f"{name}: "))


def hidden(ran: Ran) -> str:
    return sent(ran, "Record-Route").partition(";vsf=")[2].rstrip(">")


def following(value: str, tag: str = "a1", **more: str) -> bytes:
    line = f"Route: <sip:192.0.2.9;lr;ftag={tag};vsf={value}>\r\n"
    return request("BYE", **{"to": "<sip:bob@callee.example>;tag=b1", "extra": line, **more})


@given(URIS, URIS, st.text(max_size=20))
def test_who_has_one_uri_finds_the_other(one: str, other: str, password: str) -> None:
    value = hide(one, other, password)
    assert is_hidden(value)
    assert not set(value) & set(";=<> ")
    assert found_with(one, value, password) == other
    assert found_with(other, value, password) == one


@pytest.mark.parametrize("value", ["", "%%%", "A", "AAAA", hide("sip:a@b", "sip:c@d", "x")])
def test_what_does_not_belong_to_the_uri(value: str) -> None:
    assert found_with("sip:a@b.example", value, "") is None


@pytest.mark.parametrize("other", ["sip:a b", "sip:a\r\nX: 1", 'sip:"', "sip:a>;x=y", "sip:\0a"])
def test_a_forged_value_writes_no_header(other: str) -> None:
    ran = run("loose_route();", following(hide(ALICE, other, "")))
    assert sent(ran, "From") == f"From: <{ALICE}>;tag=a1"


@pytest.mark.parametrize(
    ("from_", "call", "after"),
    [
        (f'"Al" <{ALICE}>;tag=a1', '"", "sip:n@n"', "<sip:n@n>;tag=a1"),
        (f'"Al" <{ALICE}>;tag=a1', '"", ""', f"<{ALICE}>;tag=a1"),
        (f"Al  <{ALICE}> ;tag=a1", '"", "sip:n@n"', "<sip:n@n> ;tag=a1"),
        (f"<{ALICE}>;tag=a1", '"", ""', f"<{ALICE}>;tag=a1"),
    ],
)
def test_the_display_name_is_taken_out(from_: str, call: str, after: str) -> None:
    ran = run(f"uac_replace_from({call});", request("INVITE", from_=from_))
    assert sent(ran, "From") == f"From: {after}"


def test_it_is_one_edit_with_what_the_script_writes_itself() -> None:
    ran = run('$fu = "sip:x@y"; $fn = "X"; uac_replace_from("sip:n@n");', request("INVITE"))
    assert sent(ran, "From") == "From: X <sip:n@n>;tag=a1"


def test_restoring_twice_is_restoring_once() -> None:
    value = hide(ALICE, "sip:n@n", "")
    ran = run("loose_route(); uac_restore_from(); uac_restore_from();", following(value))
    assert sent(ran, "From") == "From: <sip:n@n>;tag=a1"


def test_by_hand() -> None:
    first = run('record_route(); uac_replace_from("sip:n@n");', parameters=MANUAL)
    data = following(hidden(first))
    assert sent(run("loose_route();", data, parameters=MANUAL), "From").startswith(
        f"From: <{ALICE}>"
    )
    assert code_of("uac_restore_from()", data, before="loose_route();", parameters=MANUAL) == 1
    assert code_of("uac_restore_to()", data, before="loose_route();", parameters=MANUAL) == -1


def test_mode_none_keeps_nothing() -> None:
    parameters = 'modparam("uac", "restore_mode", "none")'
    ran = run('record_route(); uac_replace_from("sip:n@n");', parameters=parameters)
    assert sent(ran, "From") == "From: <sip:n@n>;tag=a1"
    assert sent(ran, "Record-Route") == "Record-Route: <sip:192.0.2.9;lr;ftag=a1>"
    ran = run("loose_route();", following(hide(ALICE, "sip:n@n", "")), parameters=parameters)
    assert sent(ran, "From") == f"From: <{ALICE}>;tag=a1"


def test_why_nothing_was_replaced_is_logged() -> None:
    ran = run('uac_replace_from("sip:n@n"); uac_replace_from("sip:m@m");')
    assert ran.lines == ["<core>: uac_replace_from(): it has been replaced already"]
    ran = run('uac_replace_to("sip:n@n");', request(to="<sip:a@b>;tag=b1"))
    assert ran.lines == [
        "<core>: uac_replace_to(): in a dialog loose_route() does it, in the mode auto"
    ]


def test_the_avps_after_restoring() -> None:
    parameters = 'modparam("uac", "restore_from_avp", "$avp(f)")'
    data = following(hide(ALICE, "sip:n@n", ""))
    ran = run('loose_route(); xlog("$avp(f)\\n");', data, parameters=parameters)
    assert ran.lines == [f"<{ALICE}>"]


@pytest.mark.parametrize(
    ("parameter", "said"),
    [
        ('"restore_mode", "often"', 'a mode is one of none, manual, auto, not "often"'),
        ('"restore_dlg", 1', "restoring by dialogs needs the module dialog"),
        ('"rr_from_store_param", "a;b"', '"a;b" is no name of a parameter'),
        ('"restore_to_avp", "$var(x)"', 'an AVP is written $avp(name), not "$var(x)"'),
    ],
)
def test_parameters_that_are_wrong(parameter: str, said: str) -> None:
    found = mistakes("request_route { exit; }", f'modparam("uac", {parameter})')
    assert any(said in each for each in found)


@pytest.mark.parametrize(
    "code",
    [
        "request_route { uac_auth(); }",
        'request_route { uac_reg_lookup("a", "$ru"); }',
        "request_route { exit; } reply_route { uac_replace_from('a'); }".replace("'", '"'),
        'request_route { uac_replace_from("a", "b", "c"); }',
    ],
)
def test_what_is_not_there_or_not_allowed_is_said(code: str) -> None:
    assert mistakes(code)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ('loadmodule "uac.so"', "the mode auto needs the module rr"),
        (
            'loadmodule "rr.so" loadmodule "uac.so" modparam("rr", "append_fromtag", 0)',
            "needs rr to add the From-tag",
        ),
    ],
)
def test_what_the_mode_auto_needs(head: str, said: str) -> None:
    diagnostics, catalog = Diagnostics(), ModuleCatalog()
    parsed = parse(SourceFile("test.cfg", f"{head}\nrequest_route {{ exit; }}\n"))
    compiled = compile_script(parsed, catalog, diagnostics)
    assert compiled is not None
    with pytest.raises(ModuleError, match=said):
        load_program(compiled, catalog, Settings(), LogInMemory(), ())
