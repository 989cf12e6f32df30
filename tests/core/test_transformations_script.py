"""Transformations as scripts write them: what is read, what is refused; after Kamailio 5.6.3."""

from __future__ import annotations

import pytest

from sipway.core.loader import ModuleCatalog
from tests.modules.running import mistakes, run

# The headings of the cookbooks for 5.6 and 6.1.
COOKBOOK = {
    "s": "len int intv md5 sha1 sha256 sha384 sha512 substr select selectws encode.7bit "
    "decode.7bit encode.hexa decode.hexa encode.base58 decode.base58 encode.base64 decode.base64 "
    "encode.base64t decode.base64t encode.base64url decode.base64url encode.base64urlt "
    "decode.base64urlt escape.common unescape.common escape.user unescape.user escape.param "
    "unescape.param escape.csv numeric tolower toupper strip striptail prefixes prefixes.quoted "
    "replace ftime trim rtrim ltrim rm rmhdws rmhlws rmws corehash unquote unbracket count after "
    "rafter before rbefore fmtlines fmtlinet urlencode.param urldecode.param "
    "charat byteat",  # these two are newer
    "uri": "user host domain passwd port params param rmparam headers transport ttl uparam maddr "
    "method lr r2 scheme tosocket duri saor suri",
    "param": "value in valueat name count",
    "nameaddr": "name uri len",
    "tobody": "uri display tag user host params",
    "line": "count at sw",
    "re": "subst",
    "sock": "host port proto touri",
    "urialias": "encode decode",
    "val": "json n0 ne jsonqe",
    "num": "fdigit ldigit",
    "sql": "val val.int val.str",
    "msrpuri": "user host port session proto params userinfo",
    "url": "path querystring",
}


def test_all_of_the_cookbook_is_there() -> None:
    catalog = ModuleCatalog()
    textops = catalog.module("textops")
    assert textops is not None
    here = {*catalog.core.transformations, *textops.transformations}
    assert here == {f"{kind}.{name}" for kind, names in COOKBOOK.items() for name in names.split()}


def made(transformation: str, text: str = "12,34,56") -> str:
    """What a format shows of a transformed text."""
    ran = run(
        f'$var(x) = "{text}"; $var(one) = 1; $var(c) = ","; xlog("$(var(x){transformation})\\n");'
    )
    return ran.lines[0]


@pytest.mark.parametrize(
    ("transformation", "expected"),
    [
        ("{s.substr,$var(one),1}", "2"), ("{s.substr, 1 , 2 }", "2,"), ("{s.substr,- 1,1}", "6"),
        ("{s.select,$var(one) ,,}", "34"), ("{s.select,1,,}{s.len}", "2"),
        ("{s.replace,$var(c),;}", "12;34;56"), ("{s.replace,3,x$var(one)}", "12,x$var(one)4,56"),
        ("{s.replace, 3, x}", "12,x4,56"), ("{s.rm,$var(c)}", "123456"), ("{s.count,,}", "2"),
        ("{s.after,,}", "34,56"), ("{s.len }", "8"), ("{s. len}", "8"), ("{s.len} {s.len}", "1"),
        ("{s.replace,$(var(x){s.select,0,,}),Q}", "Q,34,56"), ("{s.substr,20,1}", ""),
        ("{s.strip,$rU}", ""), ("{s.replace,3,$avp(none)}", ""), ("{s.prefixes,$var(one)}", "1"),
        ("{re.subst,/,.*//}", "12"), ("{re.subst,/,/;/g}", "12;34;56"),
        ("{re.subst,/.*/<$rU>/}", "<bob>"), ("{re.subst,/3{1,2}/x/}", "12,x4,56"),
    ],
)  # fmt: skip
def test_arguments(transformation: str, expected: str) -> None:
    assert made(transformation) == expected


def test_separators() -> None:
    assert made("{s.select,1,\\\\t}", "a\\tb") == "b"
    assert made("{s.select,1,\\\\\\\\}", "a\\\\b") == "b"
    assert made("{s.select,0,}}", "a}b") == "a"
    assert made("{s.select,1,$}", "a$b") == "b"


@pytest.mark.parametrize("expression", ["$(hdr(None){s.len})", "$(ru{s.substr,99,1})"])
def test_what_cannot_be_done_is_null_and_shows_as_nothing(expression: str) -> None:
    ran = run(
        f'$avp(x) = 1; $avp(x) = {expression}; if ({expression} == $null) xlog("null\\n");'
        f'xlog("[{expression}] [$avp(x)]\\n");'
    )
    assert ran.lines == ["null", "[] [<null>]"]


def test_a_number_keeps_the_text_that_it_was_made_of() -> None:
    ran = run(
        '$var(x) = "007"; $var(n) = $(var(x){s.int}); $var(t) = "n" + $(var(x){s.int});'
        ' if ($(var(x){s.int}) =~ "^007$" && $(var(x){s.int}) == 7)'
        ' xlog("$var(n) $var(t) $(var(x){s.int}) $(var(x){s.int}{s.len}) $(var(x){s.intv})\\n");'
    )
    assert ran.lines == ["7 n007 007 3 7"]


def refused(transformation: str) -> str:
    found = mistakes(f"request_route {{ $var(y) = $(rU{transformation}); }}", hints=True)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    "transformation",
    [
        "{s.substr,1,x}", "{s.substr,x,1}", "{s.substr,,2}", "{s.substr,1,}", "{s.substr,0x1,2}",
        "{s.substr,1,-1}", "{s.strip}", "{s.strip,}", "{s.strip,x}", "{s.prefixes,}",
        "{s.prefixes,x}", "{s.select,x,,}", "{s.select,1,}", "{s.select,1,,,}", "{s.select,0,cd}",
        "{s.select,1,$var(c)}", "{s.select,1}", "{s.rm,,}", "{s.rm,c,d}", "{s.replace,c}",
        "{s.replace,c,,}", "{s.replace,c,$var(c)x}", "{s.len,}", "{s.len,1}", "{s.count,c,d}",
        "{s.after,c,d}", "{s.corehash,x}", "{s.corehash,}", "{s.fmtlines,4}", "{s.fmtlines,x,1}",
        "{s.ftime,%H,%M}", "{param.value,a,&&}", "{param.value,a,,}", "{param.value,a,$var(c)}",
        "{param.count,}", "{param.name,x}", "{line.at,x}", "{line.at}", "{re.subst}",
        "{re.subst,}", "{re.subst,x}", "{re.subst,/a/b}", "{re.subst,/a/b/q}", "{re.subst,/(/b/}",
        "{uri.user,x}", "{uri.param}", "{S.LEN}", "{s}", "{}", "{s.}", "{ s.len}",
        "{s.strip,99999999999}",
    ],
)  # fmt: skip
def test_what_is_refused(transformation: str) -> None:
    assert refused(transformation)


@pytest.mark.parametrize(
    ("transformation", "message"),
    [
        ("{s.lenx}", "there is no transformation {s.lenx}: did you mean s.len?"),
        ("{s.strip,x}", "{s.strip}: a number is wanted, not 'x': None"),
        ("{s.strip}", "{s.strip} takes 1 argument, not 0: None"),
        ("{s.select,0,cd}", "{s.select}: one character separates, not 'cd': None"),
        ("{param.count,$var(c)}",
         "{param.count}: a separator is wanted, not the variable $var(c): None"),
    ],
)  # fmt: skip
def test_messages(transformation: str, message: str) -> None:
    assert refused(transformation) == message


@pytest.mark.parametrize(
    ("name", "arguments", "module"),
    [
        ("json.parse", ",a", "json"),
    ],
)
def test_those_of_other_modules(name: str, arguments: str, module: str) -> None:
    assert refused(f"{{{name}{arguments}}}") == (
        f"the transformation {{{name}}} belongs to the module {module}, which is not loaded: "
        f"sipway does not have the module {module} yet"
    )
