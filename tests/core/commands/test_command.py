"""Parameters of commands, and how one is carried out."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sipway.core.commands import Command, CommandError, carry_out
from sipway.core.program import Program
from sipway.errors import StoreError
from tests.modules.running import load


def _take(program: Program, number: int, text: str, share: float = 0.5, *rest: int) -> list[Any]:
    """Takes all kinds."""
    del program
    return [number, text, share, *rest]


TAKE = Command("take", _take)


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ((1, "a"), [1, "a"]),
        (("1", 2), [1, "2"]),
        ((" -7 ", "a", "0.25"), [-7, "a", 0.25]),
        ((1, "a", 1), [1, "a", 1]),
        ((1, "a", ".5", "3", 4), [1, "a", 0.5, 3, 4]),
    ],
)
def test_parameters_are_converted(given: tuple[Any, ...], taken: list[Any]) -> None:
    assert TAKE.arguments(given) == taken


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ((), "parameter 1 (number) is missing"),
        ((1,), "parameter 2 (text) is missing"),
        (("x", "a"), 'parameter 1 (number) is a number, not "x"'),
        ((1.5, "a"), 'parameter 1 (number) is a number, not "1.5"'),
        (("9" * 30, "a"), "is a number"),
        ((1, "a", "b"), "parameter 3 (share) is a number"),
        ((1, "a", 0.5, "c"), "parameter 4 (rest) is a number"),
    ],
)
def test_wrong_parameters(given: tuple[Any, ...], reason: str) -> None:
    with pytest.raises(CommandError) as raised:
        TAKE.arguments(given)
    assert raised.value.code == 400
    assert reason in raised.value.reason


def test_more_than_it_takes_is_left_out() -> None:
    assert Command("none", lambda _: None).arguments([1, 2]) == []


def test_a_command_may_say_itself_what_is_wrong() -> None:
    with pytest.raises(CommandError) as raised:
        Command("take", _take, usage=(500, "No parameters")).arguments([])
    assert (raised.value.code, raised.value.reason) == (500, "No parameters")


def _carry_out(run: Any) -> list[Any]:
    program, _, _ = load("")
    return asyncio.run(carry_out(program, Command("x", run), []))


async def _later(_: Program) -> int:
    await asyncio.sleep(0)
    return 7


@pytest.mark.parametrize(
    ("run", "values"),
    [
        (lambda _: None, []),
        (lambda _: 0, [0]),
        (lambda _: [1, 2], [1, 2]),
        (lambda _: {"a": 1}, [{"a": 1}]),
        (_later, [7]),
    ],
)
def test_what_comes_of_it(run: Any, values: list[Any]) -> None:
    assert _carry_out(run) == values


def _refuse(_: Program) -> None:
    raise CommandError(404, "not there")


def _fail(_: Program) -> None:
    raise StoreError("the disk is full")


def _break(_: Program) -> None:
    raise ZeroDivisionError


@pytest.mark.parametrize(
    ("run", "code", "reason"),
    [
        (_refuse, 404, "not there"),
        (_fail, 500, "the disk is full"),
        (_break, 500, "a fault of sipway's own; the log has it"),
    ],
)
def test_whatever_happens_it_has_a_code_and_a_reason(run: Any, code: int, reason: str) -> None:
    with pytest.raises(CommandError) as raised:
        _carry_out(run)
    assert (raised.value.code, raised.value.reason) == (code, reason)


def test_every_command_has_help_and_can_be_read() -> None:
    program, _, _ = load("")
    for name in program.commands.names():
        command = program.commands.find(name)
        assert command is not None
        assert command.doc.endswith("."), name
        assert command.parameters is not None
