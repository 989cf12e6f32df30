from __future__ import annotations

import functools
from typing import Any

import pytest

from sipway.core.annotations import parameters
from sipway.core.arguments import FORMAT, INTEGER, METHODS, Format, Methods
from sipway.core.module import Module
from sipway.core.program import Program
from sipway.core.settings import Settings
from sipway.language.signatures import Form, Routes
from tests.fakes import LogInMemory


def make() -> Module:
    return Module("made_up")


def test_annotations_give_number_kind_and_options_of_arguments() -> None:
    mod = make()

    @mod.function("f", "g", routes=Routes.REQUEST)
    def f(ctx: Any, methods: Methods, text: Format, count: int = 1) -> int:
        """What it does."""
        return 1

    signature = mod.signature.functions["f"]
    assert [a.kind for a in signature.arguments] == [METHODS, FORMAT, INTEGER]
    assert [a.optional for a in signature.arguments] == [False, False, True]
    assert (signature.least, signature.most) == (2, 3)
    assert signature.arguments[1].kind.form is Form.LAZY
    assert signature.doc == "What it does."
    assert mod.signature.functions["g"].target is f


def test_an_argument_that_may_be_none_keeps_its_kind() -> None:
    mod = make()

    @mod.function("f")
    def f(ctx: Any, methods: Methods | None = None) -> int:
        return 1

    assert mod.signature.functions["f"].arguments[0].kind is METHODS


def test_a_variadic_function_has_no_most() -> None:
    mod = make()

    @mod.function("f")
    def f(ctx: Any, *names: str) -> int:
        return 1

    signature = mod.signature.functions["f"]
    assert (signature.least, signature.most) == (0, None)


def test_an_unknown_annotation_is_refused_when_the_module_is_written() -> None:
    mod = make()
    with pytest.raises(TypeError, match="no kind of argument"):

        @mod.function("f")
        def f(ctx: Any, things: dict[bytes, bytes]) -> int:
            return 1


def test_a_parameter_is_read_from_the_program() -> None:
    mod = make()
    limit = mod.param("limit", int, 70)

    def program(values: dict[tuple[str, str], Any]) -> Program:
        return Program("test.cfg", Settings(), LogInMemory(), (), parameters=values)

    assert limit(program({("made_up", "limit"): 5})) == 5
    assert limit(program({})) == 70


@pytest.mark.parametrize(("given", "wanted"), [(5, 5), ("5", 5), ("-7", -7), ("0x1F", 31)])
def test_numbers_are_taken_as_numbers_or_text(given: int | str, wanted: int) -> None:
    assert INTEGER.convert is not None
    assert INTEGER.convert(given) == wanted


@pytest.mark.parametrize("given", ["", "x", "5x", str(2**31)])
def test_what_is_no_number_is_refused_in_words(given: str) -> None:
    assert INTEGER.convert is not None
    with pytest.raises(ValueError, match=r"not a number|out of the range"):
        INTEGER.convert(given)


def test_parameters_are_those_of_the_function_that_a_decorator_wraps() -> None:
    def plain(first: int, second: str | None = None, *rest: str, named: int = 1) -> None: ...

    @functools.wraps(plain)
    def wrapped(*args: Any, **kwargs: Any) -> None: ...

    expected = [
        ("first", int, False, False),
        ("second", str | None, True, False),
        ("rest", str, True, True),
    ]
    assert list(parameters(plain)) == list(parameters(wrapped)) == expected
    assert list(parameters(plain, skip=1)) == expected[1:]
