"""Variables in text. What counts as malformed was settled with Kamailio 5.6.3."""

from __future__ import annotations

import pytest

from sipway.language.diagnostics import Diagnostics
from sipway.language.source import SourceFile, Span
from sipway.language.template import Template, VariableSpec, parse_template, parse_variable


def template(text: str) -> tuple[Template, Diagnostics]:
    diagnostics = Diagnostics()
    source = SourceFile("test.cfg", f'"{text}"')
    return parse_template(text, Span(source, 0, len(text) + 2), diagnostics), diagnostics


def variable(text: str) -> VariableSpec:
    diagnostics = Diagnostics()
    found = parse_variable(text, Span(SourceFile("test.cfg", text), 0, len(text)), diagnostics)
    assert found is not None, [item.message for item in diagnostics]
    assert not len(diagnostics)
    return found


def show(found: Template) -> list[str]:
    return [piece if isinstance(piece, str) else f"<{piece.text}>" for piece in found]


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("", []),
        ("plain % text", ["plain % text"]),
        ("$ru", ["<$ru>"]),
        ("a $rU@$rd b", ["a ", "<$rU>", "@", "<$rd>", " b"]),
        ("$$ and $$5", ["$ and $5"]),
        ("$(rm)x[$rm]", ["<$(rm)>", "x[", "<$rm>", "]"]),
        ("$rm.", ["<$rm.>"]),
        ("$hdr(X-A)(b)", ["<$hdr(X-A)>", "(b)"]),
        ("$?", ["<$?>"]),
        ("$var(x)$var(y)", ["<$var(x)>", "<$var(y)>"]),
        ("{$mt $hdr(CSeq) $ci} ", ["{", "<$mt>", " ", "<$hdr(CSeq)>", " ", "<$ci>", "} "]),
    ],
)
def test_templates(text: str, pieces: list[str]) -> None:
    found, diagnostics = template(text)
    assert show(found) == pieces
    assert not len(diagnostics)


def test_parts_of_a_variable() -> None:
    found = variable("$(hdr(X-A)[-1]{s.substr,0,$var(n)}{s.len})")
    assert found.name == "hdr"
    assert found.inner == ("X-A",)
    assert found.index == -1
    first, second = found.transformations
    assert first.name == "s.substr"
    assert [show(argument) for argument in first.arguments] == [["0"], ["<$var(n)>"]]
    assert second.name == "s.len"
    assert second.arguments == ()


def test_inner_names_may_hold_variables() -> None:
    found = variable("$sht(t=>$ci::x)")
    assert found.inner is not None
    assert show(found.inner) == ["t=>", "<$ci>", "::x"]
    assert variable("$xavp(a[0]=>b[1])").inner == ("a[0]=>b[1]",)
    nested = variable("$T_req($(hdr(X){s.len}))").inner
    assert nested is not None
    assert show(nested) == ["<$(hdr(X){s.len})>"]
    assert variable("$avp((a))").inner == ("(a)",)
    assert variable("$var()").inner == ()


def test_indexes() -> None:
    assert variable("$(avp(x)[*])").index == "*"
    assert variable("$(avp(x)[2])").index == 2
    index = variable("$(avp(x)[$var(i)])").index
    assert isinstance(index, VariableSpec)
    assert index.text == "$var(i)"
    spaced = variable("$(avp(x)[$var(i)  ])").index
    assert isinstance(spaced, VariableSpec)
    assert spaced.text == "$var(i)"
    assert variable("$(avp(x))").index is None


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("{s.select,1,,}", ["1", ","]),
        ("{s.select,-2,:}", ["-2", ":"]),
        ("{s.rm, b}", ["b"]),
        ("{re.subst,/a{1,2},b/c/g}", ["/a{1,2},b/c/g"]),
        ("{s.replace,a,b}", ["a", "b"]),
        ("{uri.user}", []),
        ("{param.value,q,;}", ["q", ";"]),
    ],
)
def test_arguments_of_transformations(text: str, arguments: list[str]) -> None:
    (found,) = variable(f"$(var(x){text})").transformations
    assert ["".join(show(argument)) for argument in found.arguments] == arguments


@pytest.mark.parametrize(
    "text",
    [
        "a$", "$ x", "$(rm", "$(rm{s.len}", "$( rm)", "$(rm )", "$-a", "$hdr(x", "$(avp(x)[ 1 ])",
        "$(avp(x)[a])", "$(rm{})", "$(rm{s len})", "$", "$(var(x)[$ru)", "$()",
    ],
)  # fmt: skip
def test_malformed_variables_are_one_error(text: str) -> None:
    _, diagnostics = template(text)
    (error,) = diagnostics.errors
    assert error.code == "bad-variable"


def test_places_inside_a_literal() -> None:
    source = SourceFile("test.cfg", 'xlog("to $ru and $hdr(X)");')
    span = Span(source, 5, 25)
    found = parse_template("to $ru and $hdr(X)", span, Diagnostics())
    assert [piece.span.text for piece in found if not isinstance(piece, str)] == [
        "$ru",
        "$hdr(X)",
    ]


def test_places_behind_an_escape_are_the_literal() -> None:
    source = SourceFile("test.cfg", r'xlog("$ru\n$rd");')
    span = Span(source, 5, 15)
    first, _, second = parse_template("$ru\n$rd", span, Diagnostics())
    assert isinstance(first, VariableSpec)
    assert isinstance(second, VariableSpec)
    assert first.span.text == "$ru"
    assert second.span is span


def test_deep_nesting_is_an_error() -> None:
    _, diagnostics = template("$var(" * 1000 + "x" + ")" * 1000)
    assert len(diagnostics.errors) == 1
