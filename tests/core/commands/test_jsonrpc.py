"""JSON-RPC 2.0: each kind of request, and of what is none."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sipway.core.commands import jsonrpc
from tests.modules.running import load

PROGRAM = load("")[0]


def _raw(text: bytes, pretty: bool = False) -> jsonrpc.Answer:
    return asyncio.run(jsonrpc.answer(PROGRAM, text, pretty))


def _ask(request: Any) -> Any:
    return json.loads(_raw(json.dumps(request).encode()).body)


def _call(method: str, *parameters: Any, **more: Any) -> Any:
    return {"jsonrpc": "2.0", "method": method, "params": list(parameters), "id": 1, **more}


def test_a_result() -> None:
    assert _ask(_call("core.echo", "a", 1)) == {"jsonrpc": "2.0", "result": ["a", "1"], "id": 1}


@pytest.mark.parametrize("number", [0, "text", 1.5, None])
def test_the_id_comes_back(number: Any) -> None:
    assert _ask(_call("core.echo", id=number))["id"] == number


def test_parameters_with_names_are_taken_in_their_order() -> None:
    assert _ask(_call("core.echo") | {"params": {"b": "x", "a": "y"}})["result"] == ["x", "y"]


def test_one_value_is_no_list_and_none_is_an_object() -> None:
    assert _ask(_call("core.version"))["result"].startswith("sipway ")
    assert _ask(_call("dns.delete_all"))["result"] == {}


def test_names_that_come_more_than_once_are_a_list_of_objects() -> None:
    found = _ask(_call("core.sockets_list"))["result"]
    assert [list(each) for each in found] == [["socket"]]


def test_a_notification_has_no_answer() -> None:
    request = _call("core.echo", "x")
    del request["id"]
    assert _raw(json.dumps(request).encode()).body == b""


def test_a_batch() -> None:
    note = _call("core.echo")
    del note["id"]
    found = _ask([_call("core.echo", "a"), note, 3, _call("none", id=2)])
    assert [each["id"] for each in found] == [1, None, 2]
    assert found[1]["error"]["code"] == jsonrpc.INVALID_REQUEST
    assert _raw(json.dumps([note]).encode()).body == b""


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ([], jsonrpc.INVALID_REQUEST),
        ([1] * 101, jsonrpc.INVALID_REQUEST),
        (3, jsonrpc.INVALID_REQUEST),
        ({"method": "core.echo", "id": 1}, jsonrpc.INVALID_REQUEST),
        (_call("core.echo") | {"method": 3}, jsonrpc.INVALID_REQUEST),
        (_call("core.echo") | {"params": "x"}, jsonrpc.INVALID_PARAMS),
        (_call("core.echo", {}), jsonrpc.INVALID_PARAMS),
        (_call("none.such"), jsonrpc.METHOD_NOT_FOUND),
        (_call("system.methodHelp"), 400),
    ],
)
def test_what_is_wrong_has_a_code(request_: Any, code: int) -> None:
    assert _ask(request_)["error"]["code"] == code


@pytest.mark.parametrize(
    "text", [b"", b"{", b"nonsense", b"\xff", b"[" * 100_000, b" " * 2_000_000]
)
def test_what_is_no_json(text: bytes) -> None:
    answer = _raw(text)
    assert answer.code == jsonrpc.PARSE_ERROR
    assert json.loads(answer.body)["id"] is None


def test_people_get_it_on_several_lines() -> None:
    text = json.dumps(_call("core.echo", "ä")).encode()
    assert "\n\t" in _raw(text, pretty=True).body.decode()
    assert "\n" not in _raw(text).body.decode()


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_no_bytes_do_harm(text: bytes) -> None:
    assert _raw(text).body
